//! A phone inside the demo's process: the real state machine of osteon-sync-core, and the server's real use cases in the
//! place of the network. What it sends is what a phone would send; only the clock is not today's.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, bail};
use aws_lc_rs::{
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_proto::{
    identity as pb, meta,
    split::split_body,
    sync,
    table::table,
    wire::device::{TableSchemas, answers, asking, lanes_of, pages, writing},
};
use osteon_sync_core::{
    Author, Change, Edit, Note, PartId, PartWrite, Put, RecordId, Replica, Role, content,
    device::{Confirmed, Device, InMemory, Request, Save, Step, Ticket},
    ledger::{Mac, Macs},
    lifecycle::State,
};

use crate::{
    access::Caller,
    app::{App, enrol, hello, pull, push, reads, secrets::sha256, stream},
    ids::{Ids, OsIds, random, uuid_v7_at},
    store::{AccountNo, CircleNo},
};

/// Steps of one sync; a phone that needs more is stuck.
const MAX_STEPS: usize = 10_000;

/// MACs under the chain keys of one device.
#[derive(Clone, Default)]
struct Chains(Arc<BTreeMap<Replica, hmac::Key>>);

impl Macs for Chains {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac> {
        let tag = hmac::sign(self.0.get(&replica)?, &content(change));
        tag.as_ref().first_chunk::<16>().copied()
    }
}

/// Who is invited where.
#[derive(Clone, Copy)]
pub(super) struct Invited<'a> {
    pub(super) circle: CircleNo,
    pub(super) short_id: &'a str,
    pub(super) account: AccountNo,
    pub(super) role: meta::Role,
    pub(super) clinic: u64,
}

/// One enrolled device of the demo.
pub(super) struct DemoDevice {
    pub(super) caller: Caller,
    device: Device,
    confirmed: BTreeMap<CircleNo, InMemory>,
    roles: BTreeMap<CircleNo, meta::Role>,
    macs: Chains,
    /// Numbers, contents and jitter come from a seed.
    ids: Arc<dyn Ids>,
}

impl DemoDevice {
    /// Invites the account, and enrols a device for it, as a person would.
    pub(super) async fn enrol(
        app: &Arc<App>,
        ids: Arc<dyn Ids>,
        invited: Invited<'_>,
        name: &str,
    ) -> anyhow::Result<Self> {
        let Invited { circle, short_id, account, role, clinic } = invited;
        let number = u8::try_from(role as i32)?;
        let invite = enrol::invite(app, circle, short_id, account, number).await?;
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().context("a device key")?;
        let public = pair.public_key().as_ref().to_vec();
        let begun = enrol::begin(
            app,
            &pb::BeginEnrolmentRequest {
                code: invite.typed.clone(),
                short_id: short_id.to_owned(),
                device_key: public.clone().into(),
            },
        )
        .await?;
        let signature = pair.sign(OsIds::new().source(), &begun.challenge).ok().context("a signature")?;
        let enrolled = enrol::finish(
            app,
            &pb::FinishEnrolmentRequest {
                code: invite.typed,
                short_id: short_id.to_owned(),
                device_key: public.into(),
                challenge: begun.challenge,
                signature: signature.as_ref().to_vec().into(),
                device_name: name.to_owned(),
            },
        )
        .await?;
        let lanes = lanes_of(&enrolled.lanes).context("no lanes")?;
        let chain = |l: &sync::LaneKey| {
            (Replica { epoch: l.epoch, n: l.replica }, hmac::Key::new(hmac::HMAC_SHA256, &l.chain_key))
        };
        let caller = Caller { account, device: enrolled.device, clinic, family: 0, leaving: false };
        Ok(Self {
            caller,
            device: Device::new(account, enrolled.epoch, lanes),
            confirmed: BTreeMap::new(),
            roles: BTreeMap::new(),
            macs: Chains(Arc::new(enrolled.lanes.iter().map(chain).collect())),
            ids,
        })
    }

    fn author(&self, circle: CircleNo) -> anyhow::Result<Author> {
        let role = *self.roles.get(&circle).context("not a member of that circle")?;
        Ok(Author { account: self.caller.account, role: Role(u8::try_from(role as i32)?) })
    }

    /// Starts a record on the phone.
    pub(super) fn create(
        &mut self,
        circle: CircleNo,
        body: &[u8],
        choice: u32,
        now_ms: u64,
    ) -> anyhow::Result<RecordId> {
        let fresh = RecordId(uuid_v7_at(now_ms, &*self.ids));
        let (record, parts) = writing::creation(circle, self.author(circle)?, body, choice, fresh, sha256)?;
        self.save(circle, parts, "", now_ms)?;
        Ok(record)
    }

    /// Opens the record as this phone sees it and writes what `body` sets.
    pub(super) fn edit(
        &mut self,
        circle: CircleNo,
        record: RecordId,
        body: &[u8],
        reason: &str,
        now_ms: u64,
    ) -> anyhow::Result<()> {
        let (number, kind, split) = split_body(body)?;
        let kind = kind.context("a record type of the contracts")?;
        let mut edits: BTreeMap<u64, Vec<Edit>> = BTreeMap::new();
        for chunk in split.chunks() {
            let label = kind.label_of(chunk.number, 0, self.caller.account).ok().context("a label")?;
            let edit = Edit { field: chunk.field(), put: Some(Put::Value(chunk.bytes.into())), resolves: false };
            edits.entry(label.0).or_default().push(edit);
        }
        let empty = InMemory::default();
        let mut parts = Vec::new();
        for (label, edits) in edits {
            let id = PartId { record, label };
            let confirmed = self.confirmed.get(&circle).unwrap_or(&empty);
            let form = self.device.open(circle, confirmed, id, number, kind, |_| None).context("no such circle")?;
            parts.push(form.edit(edits));
        }
        self.save(circle, parts, reason, now_ms)
    }

    /// Marks a record as a mistake, or deletes it.
    pub(super) fn end(
        &mut self,
        circle: CircleNo,
        record: RecordId,
        state: State,
        reason: &str,
        now_ms: u64,
    ) -> anyhow::Result<()> {
        let empty = InMemory::default();
        let confirmed = self.confirmed.get(&circle).unwrap_or(&empty);
        let mut parts = Vec::new();
        for id in confirmed.of_record(record) {
            let number = confirmed.get(id).map_or(0, |p| p.type_number);
            let kind = table().get(number).context("a record type of the contracts")?;
            let form = self.device.open(circle, confirmed, id, number, kind, |_| None).context("no such circle")?;
            parts.push(PartWrite { part: id, type_number: number, writes: vec![form.form.end(state, [])] });
        }
        self.save(circle, parts, reason, now_ms)
    }

    fn save(&mut self, circle: CircleNo, parts: Vec<PartWrite>, reason: &str, now_ms: u64) -> anyhow::Result<()> {
        let number = parts.first().context("nothing to save")?.type_number;
        let lane = writing::lane_of(number, &parts);
        let form = self.device.new_form();
        let note = Note { reason: reason.into(), resolves: false };
        self.device.save(circle, Save { lane, form, parts, note }, now_ms).context("no such circle")?;
        Ok(())
    }

    /// Sends and receives until there is nothing more. Every change of the demo MUST be accepted.
    pub(super) async fn sync(&mut self, app: &Arc<App>) -> anyhow::Result<()> {
        self.exchange(app).await?;
        self.all_accepted()
    }

    /// The same, where the server holds what was written until a person decides.
    pub(super) async fn sync_held(&mut self, app: &Arc<App>) -> anyhow::Result<()> {
        self.exchange(app).await?;
        anyhow::ensure!(self.device.circles().any(|(_, c)| !c.quarantined().is_empty()), "nothing is held");
        Ok(())
    }

    async fn exchange(&mut self, app: &Arc<App>) -> anyhow::Result<()> {
        self.device.hello_first();
        let mut confirmed = false;
        for _ in 0..MAX_STEPS {
            let random = u64::from_le_bytes(random(&*self.ids));
            match self.device.next(app.now_ms(), random, &self.macs.clone()) {
                Step::Send(ticket, Request::Pull(request)) => {
                    let pulled = self.pull(app, ticket, asking::pull(&request, asking::Until::Head)).await?;
                    self.device.pull_ended(ticket);
                    let over = pulled.at_head && self.device.circles().all(|(_, c)| c.outbox().next().is_none());
                    // As a real phone: what was brought is confirmed by a pull that comes back with the cursor.
                    if over && (confirmed || !pulled.brought) {
                        return Ok(());
                    }
                    confirmed = over;
                }
                Step::Send(ticket, request) => self.ask(app, ticket, request).await?,
                Step::Cancel(_) => {}
                Step::Wait { .. } => bail!("a phone of the demo waits"),
            }
        }
        bail!("a phone of the demo does not come to an end")
    }

    fn all_accepted(&self) -> anyhow::Result<()> {
        for (_, circle) in self.device.circles() {
            if let Some(draft) = circle.drafts().first() {
                let path = draft.violations.first().map_or("", |v| v.path.as_str());
                bail!("the demo wrote what the server refuses: {} at {path}", draft.reason);
            }
            if let Some(held) = circle.quarantined().first() {
                bail!("the demo wrote what the server holds: {}", held.reason);
            }
        }
        Ok(())
    }

    async fn ask(&mut self, app: &Arc<App>, ticket: Ticket, request: Request) -> anyhow::Result<()> {
        let now_ms = app.now_ms();
        match request {
            Request::Hello(request) => {
                let request = asking::hello(&request, sync::DeviceHealth::default(), "osteon-demo");
                let answer = hello::hello(app, &self.caller, request).await?;
                for said in &answer.circles {
                    self.roles.insert(said.circle, said.role());
                    self.device.join(said.circle, self.author(said.circle)?);
                }
                self.device.hello_answer(ticket, answers::hello(&answer)?, now_ms);
            }
            Request::Push(request) => {
                let answer = push::push(app, &self.caller, asking::push(&request), 0).await?;
                self.device.push_answer(ticket, answers::push(&answer)?, now_ms, &self.macs.clone());
            }
            Request::Rebase(_) => bail!("a phone of the demo was forked"),
            Request::Offer(_) => bail!("the server of the demo was restored"),
            Request::Pull(_) => {}
        }
        Ok(())
    }

    /// Pages of every circle, until the head. The server is asked as a stream asks it: it notes that the device has come, and
    /// how far it has read.
    async fn pull(&mut self, app: &Arc<App>, ticket: Ticket, request: sync::PullRequest) -> anyhow::Result<Pulled> {
        let mut pulled = Pulled { at_head: true, brought: false };
        for mut position in stream::asked(app, &self.caller, request).await?.positions {
            loop {
                let turned = pull::turn(app, &self.caller, &position).await?;
                pulled.brought |= turned.page.cursor != position.cursor && !turned.page.cells.is_empty();
                let mut page = pages::page(&turned.page, app.epoch(), std::mem::take(&mut position.cursor))?;
                position.cursor = turned.page.cursor.to_vec();
                position.dropped.clear();
                let confirmed = self.confirmed.entry(position.circle).or_default();
                if page.granted.is_empty() {
                    page.granted.extend(confirmed.cells());
                }
                let macs = self.macs.clone();
                self.device.page(ticket, page, confirmed, app.now_ms(), &macs, &TableSchemas);
                pulled.at_head &= turned.at_head;
                if turned.at_head {
                    break;
                }
            }
        }
        // As a server does a moment later: under a clock that walks each day is noted by itself.
        reads::write(app).await?;
        Ok(pulled)
    }
}

/// What a pull came to.
struct Pulled {
    at_head: bool,
    /// Something that the server does not know to be here.
    brought: bool,
}

//! The reader's phone: the state machine of osteon-sync-core, one step at a time, so that a test can lose an answer, kill
//! the program, clone it or bring it back from a backup between any two. Every call goes through the token.

use std::{collections::BTreeMap, sync::Arc};

use aws_lc_rs::hmac;
use osteon_proto::{
    meta,
    split::split_body,
    sync,
    table::table,
    wire::device::{TableSchemas, answers, asking, pages, writing},
};
use osteon_server::{
    access::{Caller, authenticate},
    app::{hello, pull, push, secrets::sha256, stream},
    error::Reason,
};
use osteon_sync_core::{
    Author, Change, Edit, Note, PartId, PartWrite, Put, RecordId, Replica, Role, content,
    device::{Confirmed, Depth, Device, InMemory, Lanes, Received, Request, Save, Step, Ticket},
    ledger::{Mac, Macs},
    lifecycle::State,
};

use crate::exits::asked;
use crate::fixture::{self, Kit};

/// Parts of a page: few, so that a journal is several.
const PAGE: u32 = 2;
const MAX_STEPS: usize = 500;

#[derive(Clone)]
struct Chains(Arc<BTreeMap<Replica, hmac::Key>>);

impl Macs for Chains {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac> {
        let tag = hmac::sign(self.0.get(&replica)?, &content(change));
        tag.as_ref().first_chunk::<16>().copied()
    }
}

/// A phone, with everything that it keeps: cloning it is cloning the phone.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) token: String,
    pub(crate) circle: u64,
    account: u64,
    role: meta::Role,
    device: Device,
    confirmed: InMemory,
    macs: Chains,
    random: u64,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Something was asked and answered.
    On,
    /// At the head, with an empty outbox.
    Done,
}

/// A page that was made and has not arrived: with the ticket and the cursor that it was asked with.
pub(crate) struct Late {
    ticket: Ticket,
    asked: Vec<u8>,
    page: sync::Page,
}

impl Phone {
    pub(crate) async fn new(kit: &Kit, enrolled: &fixture::Device, circle: u64) -> Self {
        let [ordinary, urgent] = [0, 1].map(|i| enrolled.lanes[i].replica);
        let keys = enrolled.lanes.iter().map(|lane| (lane.replica, lane.key.clone())).collect();
        let account = enrolled.caller.account;
        let mut device = Device::new(account, kit.app.epoch(), Lanes { urgent, ordinary });
        device.join(circle, author(account, enrolled.role));
        Self {
            token: enrolled.tokens.access_token.clone(),
            circle,
            account,
            role: enrolled.role,
            device,
            confirmed: InMemory::default(),
            macs: Chains(Arc::new(keys)),
            random: 7,
        }
    }

    pub(crate) async fn caller(&self, kit: &Kit) -> Result<Caller, Reason> {
        authenticate(&kit.app, &self.token).await
    }

    pub(crate) async fn cursor(&self) -> Vec<u8> {
        self.device.circle(self.circle).map(|c| c.cursor().to_vec()).unwrap_or_default()
    }

    /// How much of the circle it asks for.
    pub(crate) async fn depth(&self) -> sync::Depth {
        asked(self.device.circle(self.circle).expect("joined").depth())
    }

    /// How much of the circle it asks for from now on.
    pub(crate) fn set_depth(&mut self, depth: Depth) {
        self.device.set_depth(self.circle, depth);
    }

    /// The type of each part that it holds.
    pub(crate) fn types(&self) -> Vec<u32> {
        self.confirmed.parts.values().map(|held| held.type_number).collect()
    }

    /// Another phone with the same in it: a clone, or a backup.
    pub(crate) async fn copy(&self) -> Self {
        self.clone()
    }

    /// Saves what today's checks would not let through: an older app has none for it.
    pub(crate) async fn create_unchecked(&mut self, kit: &Kit, body: &[u8]) {
        self.create(kit, body).await;
    }

    /// The program dies: what was kept is read again.
    pub(crate) async fn restart(&mut self) {
        self.device = Device::decode(&self.device.encode()).expect("what was kept can be read");
        self.device.hello_first();
    }

    /// Whether any layer holds these bytes: confirmed, outbox, kept own changes, drafts.
    pub(crate) async fn holds(&self, marked: &[u8]) -> bool {
        let parts = self.confirmed.parts.values().map(|held| held.part.encode()).chain([self.device.encode()]);
        parts.into_iter().any(|bytes| contains(&bytes, marked))
    }

    /// Whether the person sees these bytes.
    pub(crate) async fn shows(&self, marked: &[u8]) -> bool {
        let circle = self.device.circle(self.circle).expect("joined");
        let mut ids = circle.written_parts();
        ids.extend(self.confirmed.parts.keys());
        let visible = ids.into_iter().filter_map(|id| self.device.visible(self.circle, &self.confirmed, id));
        visible.into_iter().any(|part| contains(&part.encode(), marked))
    }

    /// (outbox, drafts, quarantined).
    pub(crate) async fn waiting(&self) -> (usize, usize, Vec<String>) {
        let circle = self.device.circle(self.circle).expect("joined");
        let held = circle.quarantined().iter().map(|q| q.reason.to_string()).collect();
        (circle.outbox().count(), circle.drafts().len(), held)
    }

    pub(crate) async fn create(&mut self, kit: &Kit, body: &[u8]) -> RecordId {
        let fresh = RecordId(kit.id());
        let me = author(self.account, self.role);
        let (record, parts) = writing::creation(self.circle, me, body, 0, fresh, sha256).expect("a body");
        self.save(kit, parts);
        record
    }

    /// Opens the record as this phone shows it, and writes what the body sets.
    pub(crate) async fn edit(&mut self, kit: &Kit, record: RecordId, body: &[u8]) {
        let (number, kind, split) = split_body(body).expect("a body");
        let kind = kind.expect("a known type");
        let mut edits: BTreeMap<u64, Vec<Edit>> = BTreeMap::new();
        for chunk in split.chunks() {
            let label = kind.label_of(chunk.number, 0, self.account).expect("a label");
            let edit = Edit { field: chunk.field(), put: Some(Put::Value(chunk.bytes.into())), resolves: false };
            edits.entry(label.0).or_default().push(edit);
        }
        let mut parts = Vec::new();
        for (label, edits) in edits {
            let id = PartId { record, label };
            let form = self.device.open(self.circle, &self.confirmed, id, number, kind, |_| None).expect("joined");
            parts.push(form.edit(edits));
        }
        self.save(kit, parts);
    }

    /// Marks a record that this phone holds as a mistake.
    pub(crate) async fn end(&mut self, kit: &Kit, record: RecordId) {
        let mut parts = Vec::new();
        for id in self.confirmed.of_record(record) {
            let number = self.confirmed.get(id).map_or(0, |part| part.type_number);
            let kind = table().get(number).expect("a known type");
            let form = self.device.open(self.circle, &self.confirmed, id, number, kind, |_| None).expect("joined");
            let writes = vec![form.form.end(State::EnteredInError, [])];
            parts.push(PartWrite { part: id, type_number: number, writes });
        }
        assert!(!parts.is_empty(), "the phone holds it");
        self.save(kit, parts);
    }

    fn save(&mut self, kit: &Kit, parts: Vec<PartWrite>) {
        let lane = writing::lane_of(parts[0].type_number, &parts);
        let form = self.device.new_form();
        let save = Save { lane, form, parts, note: Note::default() };
        self.device.save(self.circle, save, kit.app.now_ms()).expect("joined");
    }

    /// One question and its answer; `lost`: the server answered and nobody heard it.
    pub(crate) async fn step(&mut self, kit: &Kit, lost: bool) -> Result<Stepped, Reason> {
        let now_ms = kit.app.now_ms();
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.device.retry_now();
        let (ticket, request) = match self.device.next(now_ms, self.random, &self.macs.clone()) {
            Step::Send(ticket, request) => (ticket, request),
            Step::Cancel(_) => return Ok(Stepped::On),
            Step::Wait { .. } => panic!("the phone waits for what was never asked"),
        };
        let caller = match self.caller(kit).await {
            Ok(caller) => caller,
            Err(reason) => {
                self.device.failed(ticket, now_ms, 0, 0);
                return Err(reason);
            }
        };
        match request {
            Request::Hello(request) => {
                let request = asking::hello(&request, sync::DeviceHealth::default(), "test");
                let answer = hello::hello(&kit.app, &caller, request).await.map_err(|e| e.reason())?;
                if lost {
                    self.device.failed(ticket, now_ms, 0, 0);
                    return Ok(Stepped::On);
                }
                self.device.hello_answer(ticket, answers::hello(&answer).expect("answer"), now_ms);
            }
            Request::Push(request) => {
                let answer = push::push(&kit.app, &caller, asking::push(&request), 0).await.map_err(|e| e.reason())?;
                if lost {
                    self.device.failed(ticket, now_ms, 0, 0);
                    return Ok(Stepped::On);
                }
                self.device.push_answer(ticket, answers::push(&answer).expect("answer"), now_ms, &self.macs.clone());
            }
            Request::Rebase(_) => panic!("nobody used this phone's numbers"),
            Request::Offer(_) => panic!("the server has lost nothing"),
            Request::Pull(request) => {
                let late = self.ask_page(kit, &caller, ticket, request).await?;
                if lost {
                    self.device.failed(ticket, now_ms, 0, 0);
                    return Ok(Stepped::On);
                }
                let at_head = late.page.at_head;
                assert_eq!(self.arrive(kit, late).await, Received::Applied);
                self.device.pull_ended(ticket);
                let (outbox, ..) = self.waiting().await;
                if at_head && outbox == 0 {
                    return Ok(Stepped::Done);
                }
            }
        }
        Ok(Stepped::On)
    }

    async fn ask_page(
        &self,
        kit: &Kit,
        caller: &Caller,
        ticket: Ticket,
        request: osteon_sync_core::device::PullRequest,
    ) -> Result<Late, Reason> {
        let request = sync::PullRequest { page_size: PAGE, ..asking::pull(&request, asking::Until::Head) };
        let asked = stream::asked(&kit.app, caller, request).await.map_err(|e| e.reason())?;
        let position = asked.positions.into_iter().next().expect("one circle");
        let asked = position.cursor.clone();
        let page = pull::turn(&kit.app, caller, &position).await.map_err(|e| e.reason())?.page;
        Ok(Late { ticket, asked, page })
    }

    /// Asks for a page and does not get it yet.
    pub(crate) async fn ask_late(&mut self, kit: &Kit) -> Result<Late, Reason> {
        for _ in 0..MAX_STEPS {
            let mut ahead = self.clone();
            match ahead.device.next(kit.app.now_ms(), 1, &ahead.macs.clone()) {
                Step::Send(ticket, Request::Pull(request)) => {
                    let late = self.ask_page(kit, &self.caller(kit).await?, ticket, request).await?;
                    *self = ahead;
                    self.device.failed(ticket, kit.app.now_ms(), 0, 0);
                    return Ok(late);
                }
                _ => self.step(kit, false).await?,
            };
        }
        panic!("the phone does not pull")
    }

    /// A page arrives.
    pub(crate) async fn arrive(&mut self, kit: &Kit, late: Late) -> Received {
        let page = pages::page(&late.page, kit.app.epoch(), late.asked).expect("a page");
        let macs = self.macs.clone();
        self.device.page(late.ticket, page, &mut self.confirmed, kit.app.now_ms(), &macs, &TableSchemas)
    }

    /// Until the head, with nothing left to send.
    pub(crate) async fn sync(&mut self, kit: &Kit) -> Result<(), Reason> {
        self.device.hello_first();
        for _ in 0..MAX_STEPS {
            if self.step(kit, false).await? == Stepped::Done {
                return Ok(());
            }
        }
        panic!("the phone does not come to an end")
    }
}

fn author(account: u64, role: meta::Role) -> Author {
    Author { account, role: Role(role as u8) }
}

pub(crate) fn contains(bytes: &[u8], marked: &[u8]) -> bool {
    bytes.windows(marked.len()).any(|window| window == marked)
}

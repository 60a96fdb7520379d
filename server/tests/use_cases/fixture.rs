//! A clinic with one circle, its people and their phones, over a store of choice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_proto::{
    identity, meta, record, split, sync,
    table::FIELD_TABLE_VERSION,
    wire::{self, change::From},
};
use osteon_server::{
    access::Caller,
    app::{App, Parts, commit, enrol, members, pull, push, records, views},
    clock::{Clock, SetClock},
    error::{Error, Reason},
    ids::{Ids, SeededIds, uuid_v7_at},
    live::Hub,
    seal::{FileKey, Vault},
    store::{MemoryStore, Options, Store, open},
};
use osteon_sync_core::{Author, Dot, Replica, Role};
use prost::{Message, bytes::Bytes};

use crate::postgres::Postgres;

pub(crate) const NOW: u64 = 1_764_000_000_000;
pub(crate) const DAY: u64 = 86_400_000;

pub(crate) struct Kit {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) clinic: u64,
    _folder: Option<tempfile::TempDir>,
}

/// A circle and the accounts of its people, in the order of their roles.
pub(crate) struct Circle {
    pub(crate) no: u64,
    pub(crate) people: Vec<u64>,
}

pub(crate) struct Lane {
    pub(crate) replica: Replica,
    pub(crate) key: aws_lc_rs::hmac::Key,
    #[allow(dead_code, reason = "phones of other targets take it over")]
    pub(crate) chain_key: Bytes,
    pub(crate) next: u64,
}

/// A phone: its caller, its device key, its ordinary and its urgent lane.
pub(crate) struct Device {
    pub(crate) caller: Caller,
    pub(crate) role: meta::Role,
    pub(crate) key: EcdsaKeyPair,
    pub(crate) tokens: identity::TokenPair,
    pub(crate) lanes: [Lane; 2],
}

fn vault(ids: &Arc<dyn Ids>) -> Vault {
    let key = FileKey::from_bytes(&[3; 32], Arc::clone(ids)).expect("key");
    Vault::new(Arc::new(key), Arc::clone(ids))
}

impl Kit {
    async fn open(ids: Arc<dyn Ids>, vault: Vault, store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let clock = Arc::new(SetClock::at(NOW));
        let as_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let parts = Parts { store, clock: as_clock, ids: Arc::clone(&ids), hub: Hub::new(), vault };
        let app = App::open(parts).await.expect("app");
        // Not the first one: nothing may take it for granted.
        app.store.create_clinic("c0").await.expect("clinic");
        let clinic = app.store.create_clinic("c1").await.expect("clinic");
        Self { app, clock, ids, clinic, _folder: folder }
    }

    pub(crate) async fn memory() -> Self {
        Self::memory_as(|store| store).await
    }

    /// `wrap` puts something around the store.
    pub(crate) async fn memory_as(wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let vault = vault(&ids);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(vault.clone()));
        Self::open(ids, vault, wrap(store), None).await
    }

    /// Jobs are committed one by one as they come, but for those that wait while `hold` is set.
    pub(crate) async fn stepped(hold: Arc<AtomicBool>) -> (Self, Arc<MemoryStore>) {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let vault = vault(&ids);
        let store = Arc::new(MemoryStore::stepped(vault.clone()));
        let steps = Arc::clone(&store);
        tokio::spawn(async move {
            loop {
                if !hold.load(Ordering::Relaxed) {
                    steps.step(1);
                }
                tokio::task::yield_now().await;
            }
        });
        (Self::open(ids, vault, Arc::clone(&store) as Arc<dyn Store>, None).await, store)
    }

    pub(crate) async fn sqlite() -> Self {
        Self::sqlite_as(|store| store).await
    }

    pub(crate) async fn sqlite_as(wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let vault = vault(&ids);
        let folder = tempfile::tempdir().expect("folder");
        let url = format!("sqlite:{}", folder.path().join("osteon.db").display());
        let store = open(&Options::new(url), vault.clone()).await.expect("store");
        Self::open(ids, vault, wrap(store), Some(folder)).await
    }

    /// On a database that may be used already, by the same server.
    pub(crate) async fn at(url: &str) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(100);
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(SEED.fetch_add(1, Ordering::Relaxed)));
        let vault = vault(&ids);
        let store = open(&Options::new(url), vault.clone()).await.expect("store");
        if let Some(clinic) = store.clinic_by_short_id("c1").await.expect("clinic") {
            let clock = Arc::new(SetClock::at(NOW + DAY));
            let as_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
            let parts = Parts { store, clock: as_clock, ids: Arc::clone(&ids), hub: Hub::new(), vault };
            return Self { app: App::open(parts).await.expect("app"), clock, ids, clinic, _folder: None };
        }
        Self::open(ids, vault, store, None).await
    }

    pub(crate) async fn postgres(cluster: &Postgres, case: &str) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let vault = vault(&ids);
        let store = open(&Options::new(cluster.url(case)), vault.clone()).await.expect("store");
        Self::open(ids, vault, store, None).await
    }

    pub(crate) async fn circle(&self, short_id: &str, roles: &[meta::Role]) -> Circle {
        let mut people = Vec::new();
        for _ in roles {
            people.push(self.app.store.create_account(self.clinic, members::PERSON).await.expect("account"));
        }
        let named: Vec<_> = people.iter().copied().zip(roles.iter().copied()).collect();
        let no = members::found(&self.app, self.clinic, short_id, &named).await.expect("circle");
        Circle { no, people }
    }

    /// An online caller without a device.
    pub(crate) fn person(&self, account: u64) -> Caller {
        Caller { account, device: 0, clinic: self.clinic, family: account, leaving: false }
    }

    pub(crate) async fn phone(&self, circle: &Circle, at: usize, role: meta::Role) -> Device {
        let short_id = self.app.store.snapshot(circle.no).await.expect("circle").circle().short_id.clone();
        let invite = enrol::invite(&self.app, circle.no, &short_id, circle.people[at], role as u8).await;
        let code = invite.expect("invite").typed;
        let (done, key) = self.enrol(&code, &short_id).await;
        self.device(role, done.expect("enrolled"), key)
    }

    fn device(&self, role: meta::Role, done: identity::FinishEnrolmentResponse, key: EcdsaKeyPair) -> Device {
        let lane = |lane: &sync::LaneKey| Lane {
            replica: Replica { epoch: lane.epoch, n: lane.replica },
            key: aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &lane.chain_key),
            chain_key: lane.chain_key.clone(),
            next: 1,
        };
        let caller = Caller {
            account: done.account,
            device: done.device,
            clinic: self.clinic,
            family: done.device,
            leaving: false,
        };
        let lanes = [lane(&done.lanes[0]), lane(&done.lanes[1])];
        Device { caller, role, key, tokens: done.tokens.expect("tokens"), lanes }
    }

    pub(crate) async fn enrol(
        &self,
        code: &str,
        short_id: &str,
    ) -> (Result<identity::FinishEnrolmentResponse, Error>, EcdsaKeyPair) {
        let key = fresh_key();
        (self.enrol_with(&key, code, short_id).await, key)
    }

    pub(crate) async fn enrol_with(
        &self,
        key: &EcdsaKeyPair,
        code: &str,
        short_id: &str,
    ) -> Result<identity::FinishEnrolmentResponse, Error> {
        let device_key: Bytes = key.public_key().as_ref().to_vec().into();
        let begin = identity::BeginEnrolmentRequest {
            code: code.into(),
            short_id: short_id.into(),
            device_key: device_key.clone(),
        };
        let challenge = enrol::begin(&self.app, &begin).await.expect("challenge").challenge;
        let finish = identity::FinishEnrolmentRequest {
            code: code.into(),
            short_id: short_id.into(),
            device_key,
            signature: sign(key, &challenge),
            challenge,
            device_name: "phone".into(),
        };
        enrol::finish(&self.app, &finish).await
    }

    pub(crate) fn id(&self) -> [u8; 16] {
        uuid_v7_at(self.clock.advance(10), &*self.ids)
    }

    pub(crate) fn change(&self, writes: Vec<sync::RecordWrite>) -> sync::Change {
        sync::Change { clock_ms: self.clock.now_ms(), writes, ..Default::default() }
    }

    /// A push of one lane as it stands, without moving the lane.
    pub(crate) fn request(
        &self,
        device: &Device,
        circle: u64,
        lane: usize,
        changes: Vec<sync::Change>,
    ) -> sync::PushRequest {
        sync::PushRequest {
            circle,
            epoch: self.app.epoch(),
            replica: device.lanes[lane].replica.n,
            first_counter: device.lanes[lane].next,
            changes,
            field_table_version: FIELD_TABLE_VERSION,
            ..Default::default()
        }
    }

    pub(crate) async fn send(&self, device: &Device, request: sync::PushRequest) -> Vec<sync::Verdict> {
        push::push(&self.app, &device.caller, request, 1).await.expect("push").verdicts
    }

    /// One change of the ordinary lane, sent twice.
    pub(crate) async fn push(&self, device: &mut Device, circle: u64, change: sync::Change) -> sync::Verdict {
        let request = self.request(device, circle, 0, vec![change]);
        let verdicts = self.send(device, request.clone()).await;
        assert_eq!(self.send(device, request).await, verdicts, "the same change gets the same verdict");
        device.lanes[0].next += 1;
        verdicts[0].clone()
    }

    pub(crate) async fn write(&self, device: &mut Device, circle: u64, write: sync::RecordWrite) -> sync::Verdict {
        let change = self.change(vec![write]);
        self.push(device, circle, change).await
    }

    /// The MAC that the device has of its own change.
    pub(crate) fn mac(&self, device: &Device, lane: usize, counter: u64, change: &sync::Change) -> Bytes {
        let author = Author { account: device.caller.account, role: Role(device.role as u8) };
        let dot = Dot { replica: device.lanes[lane].replica, counter };
        let core = wire::change::to_core(change, From { dot, author, base: 0 }).expect("change");
        commit::mac(&device.lanes[lane].key, &core).to_vec().into()
    }

    /// One page.
    pub(crate) async fn page(&self, caller: &Caller, circle: u64, cursor: &[u8]) -> Result<sync::Page, Error> {
        let position = pull::Position { circle, cursor: cursor.to_vec(), page_size: 200, ..Default::default() };
        Ok(pull::turn(&self.app, caller, &position).await?.page)
    }

    pub(crate) async fn get(&self, caller: &Caller, circle: u64, id: [u8; 16]) -> Result<record::RecordView, Error> {
        let request = record::GetRecordRequest { circle, record_id: text(id) };
        Ok(records::get(&self.app, caller, &request).await?.record.expect("record"))
    }

    /// Creates a record online.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        circle: u64,
        number: u32,
        record: &impl Message,
    ) -> Result<record::RecordView, Error> {
        self.create_under(caller, circle, number, 0, record).await
    }

    /// The same under one of the type's labels.
    pub(crate) async fn create_under(
        &self,
        caller: &Caller,
        circle: u64,
        number: u32,
        label_choice: u32,
        record: &impl Message,
    ) -> Result<record::RecordView, Error> {
        let body = Some(body(number, record));
        let request = record::CreateRecordRequest { circle, body, label_choice, ..Default::default() };
        Ok(records::create(&self.app, caller, &request).await?.record.expect("record"))
    }

    /// Another node on the same store, under the same clock.
    pub(crate) async fn node(&self) -> Self {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let (store, ids) = (Arc::clone(&self.app.store), Arc::clone(&self.ids));
        let parts = Parts { store, clock, ids, hub: Hub::new(), vault: vault(&self.ids) };
        let app = App::open(parts).await.expect("another node");
        let (clock, ids) = (Arc::clone(&self.clock), Arc::clone(&self.ids));
        Self { app, clock, ids, clinic: self.clinic, _folder: None }
    }
}

pub(crate) fn fresh_key() -> EcdsaKeyPair {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("key");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("key")
}

pub(crate) fn sign(key: &EcdsaKeyPair, message: &[u8]) -> Bytes {
    key.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec().into()
}

pub(crate) fn text(id: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(id).to_string()
}

pub(crate) fn id_of(view: &record::RecordView) -> [u8; 16] {
    views::record_id(&view.record_id).expect("id").0
}

pub(crate) fn body(number: u32, record: &impl Message) -> Bytes {
    split::close(number, &record.encode_to_vec()).into()
}

pub(crate) fn open_body<M: Message + Default>(view: &record::RecordView) -> M {
    let (_, inner) = split::open(view.body.as_ref().expect("body")).expect("body");
    M::decode(inner).expect("record")
}

pub(crate) fn create(id: [u8; 16], number: u32, record: &impl Message) -> sync::RecordWrite {
    sync::RecordWrite {
        record: id.to_vec().into(),
        body: Some(body(number, record)),
        create: true,
        ..Default::default()
    }
}

/// An edit of one field that names versions.
pub(crate) fn edit(
    id: [u8; 16],
    number: u32,
    record: &impl Message,
    field: u32,
    replaces: Vec<sync::Dot>,
) -> sync::RecordWrite {
    sync::RecordWrite {
        record: id.to_vec().into(),
        body: Some(body(number, record)),
        fields: vec![sync::FieldWrite { field, replaces, ..Default::default() }],
        ..Default::default()
    }
}

pub(crate) fn field<'v>(view: &'v record::RecordView, name: &str) -> &'v record::FieldView {
    view.fields.iter().find(|f| f.name == name).expect("field")
}

pub(crate) fn dots(view: &record::RecordView, name: &str) -> Vec<sync::Dot> {
    field(view, name).versions.iter().filter_map(|v| v.dot).collect()
}

pub(crate) fn wire_dot(device: &Device, lane: usize, counter: u64) -> sync::Dot {
    wire::to_dot(Dot { replica: device.lanes[lane].replica, counter })
}

pub(crate) fn sequence(verdict: &sync::Verdict) -> u64 {
    match &verdict.verdict {
        Some(sync::verdict::Verdict::Accepted(accepted)) => accepted.sequence,
        _ => panic!("not accepted: {}", said(verdict)),
    }
}

/// A verdict in one line: its kind and reason, then the first path.
pub(crate) fn said(verdict: &sync::Verdict) -> String {
    use sync::verdict::Verdict;
    match verdict.verdict.as_ref().expect("verdict") {
        Verdict::Accepted(_) => "accepted".into(),
        Verdict::Refused(r) => {
            let path = r.violations.first().map(|v| v.field.as_str()).unwrap_or_default();
            format!("{} {path}", r.reason).trim_end().to_owned()
        }
        Verdict::Quarantined(q) => format!("quarantined {}", q.reason),
        Verdict::Skipped(_) => "skipped".into(),
        Verdict::Later(l) => format!("later {}", l.reason),
        Verdict::Gap(gap) => format!("gap {}", gap.resend_from),
        Verdict::Forked(forked) => format!("forked {}", forked.counter),
    }
}

/// The reason of an answer that must be a refusal.
#[track_caller]
pub(crate) fn reason<T>(answer: Result<T, Error>) -> Reason {
    match answer {
        Ok(_) => panic!("was not refused"),
        Err(error) => error.reason(),
    }
}

/// Every part on a page, with its cell's label.
pub(crate) fn parts(page: &sync::Page) -> Vec<(u64, &sync::Part)> {
    let label = |cell: &sync::CellParts| cell.cell.as_ref().map_or(0, |cell| cell.label_id);
    page.cells.iter().flat_map(|cell| cell.parts.iter().map(move |part| (label(cell), part))).collect()
}

pub(crate) fn holds(page: &sync::Page, id: [u8; 16]) -> bool {
    parts(page).iter().any(|(_, part)| part.record.as_ref() == id)
}

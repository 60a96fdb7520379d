//! A store that counts which of its methods are called.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use osteon_server::{
    access::Proof,
    seal::CircleKeys,
    store::{
        attachments::{AttachmentRow, Begun, Name, NewUpload, UploadRow},
        audit::{AuditHead, AuditQuery, AuditSeal, ChainNo, Unsealed},
        browser::*,
        devices::*,
        identity::*,
        wakes::{WakeEndpointRow, WakeRow},
        *,
    },
};
use osteon_sync_core::{Dot, RecordId, ledger::Ask};

#[derive(Default)]
pub(crate) struct Calls(Mutex<BTreeMap<&'static str, u64>>);

impl Calls {
    fn note(&self, method: &'static str) {
        *self.0.lock().unwrap().entry(method).or_default() += 1;
    }

    /// How often each method was called since this was asked last.
    pub(crate) fn taken(&self) -> BTreeMap<&'static str, u64> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

pub(crate) struct Counted {
    store: Arc<dyn Store>,
    calls: Arc<Calls>,
}

struct CountedSnapshot {
    snapshot: Box<dyn Snapshot>,
    /// What its rows were asked for with.
    proof: Option<Proof>,
    calls: Arc<Calls>,
}

impl CountedSnapshot {
    fn proven(&mut self) -> Answer<&mut dyn Rows> {
        self.snapshot.rows(self.proof.expect("rows are had by a proof"))
    }
}

impl Counted {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, calls: Arc::default() }
    }

    /// What it was asked, also after it was given away.
    pub(crate) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    pub(crate) fn never_called(&self) -> Vec<&'static str> {
        let calls = self.calls.0.lock().unwrap();
        let stores = STORE
            .iter()
            .chain(CUSTODY)
            .chain(IDENTITY)
            .chain(DEVICES)
            .chain(AUDIT)
            .chain(TEAMS)
            .chain(CLINICS)
            .chain(ATTACHMENTS)
            .chain(WAKES)
            .chain(BROWSER);
        let all = stores.chain(SNAPSHOT).chain(ROWS).chain(&[
            "rows",
            "submit",
            "snapshot",
            "snapshot_of",
            "access_moved",
            "alone",
            "last_committed",
            "recent",
            "on_commit",
            "kind",
        ]);
        all.copied().filter(|method| !calls.contains_key(method)).collect()
    }
}

/// Async methods that go to the store behind, with a list of their names. A method that is new in the trait does not
/// compile until it stands here.
macro_rules! delegate {
    ($list:ident, $trait:ident for $type:ident.$field:ident, shared { $($extra:tt)* }
     $(fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        const $list: &[&str] = &[$(stringify!($name)),*];

        #[async_trait]
        impl $trait for $type {
            $($extra)*
            $(async fn $name(&self, $($arg: $ty),*) -> $ret {
                self.calls.note(stringify!($name));
                self.$field.$name($($arg),*).await
            })*
        }
    };
    ($list:ident, $trait:ident for $type:ident.$field:ident, unique { $($extra:tt)* }
     $(fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        const $list: &[&str] = &[$(stringify!($name)),*];

        #[async_trait]
        impl $trait for $type {
            $($extra)*
            $(async fn $name(&mut self, $($arg: $ty),*) -> $ret {
                self.calls.note(stringify!($name));
                self.$field.$name($($arg),*).await
            })*
        }
    };
    ($list:ident, $trait:ident for $type:ident.$way:ident, proven {}
     $(fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        const $list: &[&str] = &[$(stringify!($name)),*];

        #[async_trait]
        impl $trait for $type {
            $(async fn $name(&mut self, $($arg: $ty),*) -> $ret {
                self.calls.note(stringify!($name));
                self.$way()?.$name($($arg),*).await
            })*
        }
    };
}

type Answer<T> = Result<T, StoreError>;

delegate! {
    STORE, Store for Counted.store, shared {
        fn submit(&self, job: Job) -> Answer<()> {
            self.calls.note("submit");
            self.store.submit(job)
        }
        async fn snapshot(&self, circle: CircleNo) -> Answer<Box<dyn Snapshot>> {
            self.calls.note("snapshot");
            let snapshot = self.store.snapshot(circle).await?;
            Ok(Box::new(CountedSnapshot { snapshot, proof: None, calls: Arc::clone(&self.calls) }))
        }
        fn access_moved(&self, circle: CircleNo, generation: u64) -> bool {
            self.calls.note("access_moved");
            self.store.access_moved(circle, generation)
        }
        fn last_committed(&self, circle: CircleNo) -> Option<u64> {
            self.calls.note("last_committed");
            self.store.last_committed(circle)
        }
        fn alone(&self) -> bool {
            self.calls.note("alone");
            self.store.alone()
        }
        fn recent(&self, circle: CircleNo, after: u64) -> Option<Box<dyn Snapshot>> {
            self.calls.note("recent");
            let snapshot = self.store.recent(circle, after)?;
            Some(Box::new(CountedSnapshot { snapshot, proof: None, calls: Arc::clone(&self.calls) }))
        }
        async fn snapshot_of(&self, circles: &[CircleNo]) -> Answer<Box<dyn Snapshot>> {
            self.calls.note("snapshot_of");
            let snapshot = self.store.snapshot_of(circles).await?;
            Ok(Box::new(CountedSnapshot { snapshot, proof: None, calls: Arc::clone(&self.calls) }))
        }
        fn on_commit(&self, listener: Listener) {
            self.calls.note("on_commit");
            self.store.on_commit(listener);
        }
        fn kind(&self) -> &'static str {
            self.calls.note("kind");
            self.store.kind()
        }
    }
    fn standing(circles: &[CircleNo]) -> Answer<Vec<Arc<CircleRow>>>;
    fn heads(circles: &[CircleNo]) -> Answer<Vec<(CircleNo, u64)>>;
    fn audit(rows: Vec<AuditRow>) -> Answer<()>;
    fn audit_after(circle: CircleNo, after: u64, limit: u32) -> Answer<Vec<AuditEntry>>;
    fn grant_ends_due(now_ms: UnixMs, limit: u32) -> Answer<Vec<CircleNo>>;
        fn rules_due(now_ms: UnixMs, limit: u32) -> Answer<Vec<CircleNo>>;
        fn rules_all_due(at_ms: UnixMs) -> Answer<()>;
        fn rules_due_of(circle: CircleNo) -> Answer<Option<osteon_server::store::RulesDue>>;
    fn rules_late(account: AccountNo) -> Answer<Vec<(CircleNo, UnixMs)>>;
    fn put_reads(rows: Vec<osteon_server::store::ReadRow>) -> Answer<()>;
    fn reached_of(circle: CircleNo, device: DeviceNo, limit: u32) -> Answer<Vec<(u64, UnixMs)>>;
    fn heard_of(circle: CircleNo, limit: u32) -> Answer<Vec<(UnixMs, UnixMs)>>;
    fn reads_of(circle: CircleNo) -> Answer<Vec<osteon_server::store::ReadRow>>;
    fn put_erasure(row: ErasureRow) -> Answer<()>;
    fn confirm_erasures(circle: CircleNo, device: DeviceNo, upto: u64, now_ms: UnixMs) -> Answer<()>;
    fn erasures_of(circle: CircleNo, limit: u32) -> Answer<Vec<ErasureRow>>;
    fn sweep(now_ms: UnixMs) -> Answer<u64>;
    fn ping() -> Answer<()>;
    fn close() -> ();
}

delegate! {
    CUSTODY, Custody for Counted.store, shared {
        fn deny_to(&self, log: Arc<dyn osteon_server::deny::DenyLog>) {
            self.store.deny_to(log);
        }
    }
    fn wrapped_keys(other_than: u8, limit: u32) -> Answer<Vec<custody::WrappedKey>>;
    fn rewrap(keys: Vec<(custody::WrappedKey, Vec<u8>)>) -> Answer<u64>;
    fn denied() -> Answer<u64>;
    fn raise_epoch(epoch: u32) -> Answer<()>;
    fn forget_lost_tail(numbers: u64) -> Answer<()>;
    fn erase_circle(circle: CircleNo, at_ms: UnixMs, members: Vec<AccountNo>) -> Answer<bool>;
    fn erased_member(circle: CircleNo, account: AccountNo) -> Answer<bool>;
}

delegate! {
    IDENTITY, IdentityStore for Counted.store, shared {}
    fn init_server(row: ServerRow) -> Answer<ServerRow>;
    fn bump_epoch() -> Answer<u32>;
    fn create_clinic(short_id: &str) -> Answer<u64>;
    fn clinic_by_short_id(short_id: &str) -> Answer<Option<u64>>;
    fn create_circle(circle: NewCircle) -> Answer<CircleNo>;
    fn circle_by_short_id(clinic: u64, short_id: &str) -> Answer<Option<CircleNo>>;
    fn circles_of_clinic(clinic: u64) -> Answer<Vec<(CircleNo, String)>>;
    fn create_account(clinic: u64, kind: u8) -> Answer<AccountNo>;
    fn account(account: AccountNo) -> Answer<Option<(u64, u8)>>;
    fn circles_of(account: AccountNo) -> Answer<Vec<(CircleNo, u8)>>;
    fn put_invite(invite: InviteRow) -> Answer<bool>;
    fn invite(code_mac: [u8; 32]) -> Answer<Option<InviteRow>>;
    fn invites_of(circle: CircleNo, limit: u32) -> Answer<Vec<InviteRow>>;
    fn invite_by_id(circle: CircleNo, id: [u8; 16]) -> Answer<Option<InviteRow>>;
    fn open_invite(code_mac: [u8; 32], now_ms: UnixMs) -> Answer<()>;
    fn revoke_invite(circle: CircleNo, id: [u8; 16], by: AccountNo, now_ms: UnixMs) -> Answer<Option<InviteRow>>;
    fn redeem_invite(code: InviteCode, now_ms: UnixMs, device: NewDevice) -> Answer<InviteOutcome>;
    fn device(device: DeviceNo) -> Answer<Option<DeviceRow>>;
    fn device_by_key(key: &[u8]) -> Answer<Option<DeviceRow>>;
    fn devices_of(account: AccountNo) -> Answer<Vec<DeviceRow>>;
    fn revoke_device(device: DeviceNo) -> Answer<()>;
    fn replica(epoch: u32, n: u32) -> Answer<Option<ReplicaRow>>;
    fn replicas_of(device: DeviceNo) -> Answer<Vec<ReplicaRow>>;
    fn add_replicas(device: DeviceNo, epoch: u32, keys: [Vec<u8>; 2], retire: bool, request: [u8; 16])
        -> Answer<Vec<ReplicaRow>>;
    fn put_health(health: HealthRow) -> Answer<()>;
    fn device_forked(device: DeviceNo, at_ms: UnixMs) -> Answer<()>;
    fn phones_of(circle: CircleNo) -> Answer<Vec<PhoneRow>>;
    fn phones_around(account: AccountNo) -> Answer<Vec<PhoneRow>>;
    fn health_of(devices: &[DeviceNo]) -> Answer<Vec<HealthRow>>;
    fn put_session(session: SessionRow) -> Answer<()>;
    fn session_by_access(access_hash: [u8; 32]) -> Answer<Option<SessionRow>>;
    fn session_by_refresh(refresh_hash: [u8; 32]) -> Answer<Option<SessionRow>>;
    fn rotate_session(expected: [u8; 32], session: SessionRow) -> Answer<bool>;
    fn revoke_family(family: u64) -> Answer<()>;
    fn session_open(family: u64) -> Answer<bool>;
}

delegate! {
    DEVICES, DeviceStore for Counted.store, shared {
        fn announce_ended(&self, families: &[u64]) {
            self.calls.note("announce_ended");
            self.store.announce_ended(families);
        }
        fn on_ended(&self, listener: EndedListener) {
            self.calls.note("on_ended");
            self.store.on_ended(listener);
        }
    }
    fn device_standing(device: DeviceNo) -> Answer<StandingRow>;
    fn device_seen(device: DeviceNo, at_ms: UnixMs) -> Answer<()>;
    fn rename_device(device: DeviceNo, name: &[u8]) -> Answer<()>;
    fn open_session(session: SessionRow, now_ms: UnixMs) -> Answer<Option<Ending>>;
    fn session_of(family: u64) -> Answer<Option<SessionRow>>;
    fn order_device(order: OrderRow) -> Answer<Option<Vec<u64>>>;
    fn order_told(device: DeviceNo, at_ms: UnixMs) -> Answer<()>;
    fn device_left(device: DeviceNo, at_ms: UnixMs) -> Answer<()>;
    fn ordered_since(after_ms: UnixMs) -> Answer<Vec<u64>>;
    fn put_code(code: CodeRow) -> Answer<()>;
    fn use_code(device: DeviceNo, code_mac: [u8; 32], now_ms: UnixMs) -> Answer<bool>;
    fn put_notice(notice: NewNotice) -> Answer<()>;
    fn end_replayed(family: u64, notice: NewNotice) -> Answer<bool>;
    fn notices(query: NoticesQuery) -> Answer<Vec<NoticeRow>>;
    fn acknowledge(account: AccountNo, up_to: u64, at_ms: UnixMs) -> Answer<()>;
    fn notices_open(account: AccountNo) -> Answer<u32>;
    fn attempt_invite(short_id: &str, code: InviteCode, now_ms: UnixMs) -> Answer<Option<InviteRow>>;
    fn forged_invite(code_mac: [u8; 32], now_ms: UnixMs) -> Answer<()>;
}

delegate! {
    AUDIT, AuditStore for Counted.store, shared {}
    fn unsealed(limit: u32) -> Answer<Unsealed>;
    fn put_seals(head: AuditHead, seals: Vec<AuditSeal>) -> Answer<bool>;
    fn audit_before(query: AuditQuery) -> Answer<Vec<AuditEntry>>;
    fn seals_after(chain: ChainNo, after: u64, limit: u32) -> Answer<Vec<AuditSeal>>;
    fn seals_by_head(after: (u64, ChainNo), limit: u32) -> Answer<Vec<AuditSeal>>;
    fn heads_after(after: u64, limit: u32) -> Answer<Vec<AuditHead>>;
    fn last_head() -> Answer<Option<AuditHead>>;
    fn audit_chains() -> Answer<Vec<ChainNo>>;
    fn audit_strays() -> Answer<Vec<ChainNo>>;
}

delegate! {
    BROWSER, BrowserStore for Counted.store, shared {}
    fn add_browser(browser: NewBrowser) -> Answer<Option<DeviceNo>>;
    fn put_web_session(session: WebSessionRow) -> Answer<()>;
    fn web_session(token_hash: [u8; 32]) -> Answer<Option<WebSessionRow>>;
    fn web_session_seen(token_hash: [u8; 32], seen_ms: UnixMs) -> Answer<()>;
    fn passkey(credential: &[u8]) -> Answer<Option<PasskeyRow>>;
    fn passkeys_of(account: AccountNo) -> Answer<Vec<PasskeyRow>>;
    fn passkey_used(credential: &[u8], expected: &[u8], content: &[u8], used_ms: UnixMs) -> Answer<bool>;
    fn hospital_account(subject: [u8; 32]) -> Answer<Option<HospitalRow>>;
    fn put_challenge(id: [u8; 32], expires_ms: UnixMs, sealed: Vec<u8>) -> Answer<()>;
    fn take_challenge(id: [u8; 32]) -> Answer<Option<(UnixMs, Vec<u8>)>>;
}

delegate! {
    SNAPSHOT, Snapshot for CountedSnapshot.snapshot, unique {
        fn circle(&self) -> &Arc<CircleRow> {
            self.snapshot.circle()
        }
        fn keys(&self) -> &CircleKeys {
            self.snapshot.keys()
        }
        fn rows(&mut self, proof: Proof) -> Answer<&mut dyn Rows> {
            self.calls.note("rows");
            self.proof = Some(proof);
            self.snapshot.rows(proof)?;
            Ok(self)
        }
    }
    fn turn_to(circle: CircleNo) -> Answer<()>;
    fn access() -> Answer<AccessRow>;
}

delegate! {
    ROWS, Rows for CountedSnapshot.proven, proven {}
    fn parts_in(ask: Ask) -> Answer<(Vec<PartRow>, bool)>;
    fn count_before(class: u8, before: u64, upto: u64) -> Answer<u64>;
    fn parts_of(records: &[RecordId]) -> Answer<Vec<PartRow>>;
    fn children_of(parents: &[RecordId]) -> Answer<Vec<PartRow>>;
    fn list(query: ListQuery) -> Answer<Vec<PartRow>>;
    fn log_of(dots: &[Dot]) -> Answer<Vec<LogRow>>;
    fn log_after(after: u64, limit: u32) -> Answer<Vec<LogRow>>;
    fn tombstones_after(after: u64) -> Answer<Vec<TombstoneRow>>;
    fn quarantine() -> Answer<Vec<QuarantineRow>>;
}

delegate! {
    ATTACHMENTS, AttachmentStore for Counted.store, shared {}
    fn begin_upload(new: NewUpload, room: u64, open: usize) -> Answer<Begun>;
    fn upload(circle: CircleNo, upload: [u8; 16]) -> Answer<Option<UploadRow>>;
    fn put_chunk(circle: CircleNo, upload: [u8; 16], at: u64, data: Vec<u8>) -> Answer<Option<u64>>;
    fn chunks(circle: CircleNo, chunks: [u8; 16], from: u64, to: u64) -> Answer<Vec<(u64, Vec<u8>)>>;
    fn finish_upload(circle: CircleNo, upload: [u8; 16], look_ms: UnixMs) -> Answer<bool>;
    fn drop_upload(circle: CircleNo, upload: [u8; 16]) -> Answer<bool>;
    fn uploads_before(before_ms: UnixMs, limit: u32) -> Answer<Vec<(CircleNo, [u8; 16])>>;
    fn attachment(circle: CircleNo, records: &[RecordId], name: Name) -> Answer<Option<AttachmentRow>>;
    fn rebind_attachments(circle: CircleNo, from: RecordId, to: RecordId) -> Answer<()>;
    fn attachments_due(now_ms: UnixMs, limit: u32) -> Answer<Vec<CircleNo>>;
    fn look_at_attachments(circle: CircleNo, now_ms: UnixMs, next_ms: UnixMs) -> Answer<Vec<AttachmentRow>>;
    fn loosen_attachment(circle: CircleNo, name: Name, loose_ms: Option<UnixMs>) -> Answer<()>;
    fn doom_attachments(circle: CircleNo, record: RecordId) -> Answer<()>;
    fn remove_attachment(circle: CircleNo, name: Name, loose_ms: UnixMs) -> Answer<bool>;
    fn attachment_bytes(clinic: u64) -> Answer<u64>;
}

delegate! {
    WAKES, WakeStore for Counted.store, shared {}
    fn put_wake_endpoint(row: WakeEndpointRow) -> Answer<()>;
    fn drop_wake_endpoint(device: DeviceNo) -> Answer<()>;
    fn wake_endpoint(device: DeviceNo) -> Answer<Option<WakeEndpointRow>>;
    fn lease_wakes(now_ms: UnixMs, until_ms: UnixMs, limit: u32) -> Answer<Vec<WakeRow>>;
    fn woken(rows: Vec<WakeRow>, now_ms: UnixMs) -> Answer<()>;
    fn wake_given_up(rows: Vec<WakeRow>) -> Answer<()>;
    fn wake_later(rows: Vec<WakeRow>, due_ms: UnixMs) -> Answer<()>;
}

delegate! {
    CLINICS, ClinicStore for Counted.store, shared {}
    fn clinics() -> Answer<Vec<(u64, String)>>;
    fn clinic_circle(clinic: u64) -> Answer<Option<CircleNo>>;
    fn create_clinic_circle(circle: NewCircle) -> Answer<CircleNo>;
    fn staff_of(clinic: u64) -> Answer<Vec<(AccountNo, u8)>>;
}

delegate! {
    TEAMS, TeamStore for Counted.store, shared {}
    fn put_team_change(change: teams::NewTeamChange) -> Answer<teams::TeamChangeRow>;
    fn team_change(job: u64) -> Answer<Option<teams::TeamChangeRow>>;
    fn team_changes_waiting(account: AccountNo) -> Answer<u64>;
    fn lease_team_change(now_ms: UnixMs, until_ms: UnixMs) -> Answer<Option<teams::TeamChangeRow>>;
    fn move_team_change(job: u64, done: u32, refused: &[(u32, String)], finished: bool, until_ms: UnixMs)
        -> Answer<bool>;
}

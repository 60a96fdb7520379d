//! One circle with a marked text in it, a reader who has it, and the ways to take it back and give it again.

use osteon_proto::{care, meta::Role, record, sync};
use osteon_server::{
    access::Caller,
    app::{ends, enrol::timestamp, moves, push, records},
};
use osteon_sync_core::RecordId;

use crate::all::All;
use crate::{
    What,
    access::{C06, decide, derived as derived_id, grant, grant_id, parent, remove, take_back, write},
    derived,
    fixture::{self, Circle, Kit, body, dots, edit, field, id_of, said, text},
    phone::Phone,
};

/// The text that must not leave.
pub(crate) const CANARY: &str = "CANARY 7f3a91";
pub(crate) const PAIN: u32 = 101;
const RESULT: u32 = 120;
const GRANT: u32 = 263;
const URGENT: usize = 1;
/// A minute: within the life of an access token.
const MINUTE: u64 = 60_000;
/// Choices of a result's label: the physiotherapist reads imaging, not the laboratory.
const LABORATORY: u32 = 1;
const IMAGING: u32 = 2;

pub(crate) struct World<'k> {
    pub(crate) kit: &'k Kit,
    pub(crate) what: What,
    pub(crate) circle: Circle,
    pub(crate) reader: Phone,
    /// The records that hold the text now, and all that ever did.
    pub(crate) marked: Vec<RecordId>,
    pub(crate) ever: Vec<RecordId>,
    /// An entry of the reader's own, if there is one.
    pub(crate) own: Option<RecordId>,
    at: usize,
    enrolled: fixture::Device,
    patient_phone: fixture::Device,
}

pub(crate) fn pain(worst: u32, site: &str) -> care::PainEntry {
    let at = care::Moment { at: Some(timestamp(fixture::NOW)), utc_offset_min: Some(120), zone: None };
    care::PainEntry { worst_24h: Some(worst), site: vec![site.into()], effective_start: Some(at), ..Default::default() }
}

impl<'k> World<'k> {
    pub(crate) async fn new(kit: &'k Kit, n: usize, what: What) -> Self {
        let roles = [Role::Patient, Role::Caregiver, Role::Nurse, Role::Physiotherapist, Role::Physician];
        let circle = kit.circle(&format!("r{n:04}"), &roles).await;
        let at = match what {
            What::Role | What::Record => 3,
            What::Device => 2,
            _ => 1,
        };
        let patient_phone = kit.phone(&circle, 0, Role::Patient).await;
        let enrolled = kit.phone(&circle, at, roles[at]).await;
        let reader = Phone::new(kit, &enrolled, circle.no).await;
        let (marked, ever) = (Vec::new(), Vec::new());
        let mut world = Self { kit, what, circle, reader, marked, ever, own: None, at, enrolled, patient_phone };
        if at == 1 {
            world.grant().await;
        }
        if what == What::Record {
            world.results().await
        } else {
            world.pains().await
        }
        world.reader.sync(kit).await.expect("the reader may");
        if what != What::Record {
            let own = world.reader.create(kit, &body(PAIN, &pain(4, CANARY))).await;
            world.reader.sync(kit).await.expect("the reader may");
            world.own = Some(own);
            world.marked.push(own);
            world.ever.push(own);
        }
        assert!(world.reader.holds(CANARY.as_bytes()).await && world.reader.shows(CANARY.as_bytes()).await);
        derived::told(&world, &world.reader).await;
        world
    }

    /// Another phone of the reader, just enrolled.
    pub(crate) async fn second_phone(&self) -> Phone {
        let enrolled = self.kit.phone(&self.circle, self.at, self.enrolled.role).await;
        Phone::new(self.kit, &enrolled, self.circle.no).await
    }

    fn person(&self, at: usize) -> Caller {
        self.kit.person(self.circle.people[at])
    }

    fn patient(&self) -> Caller {
        self.person(0)
    }

    /// The caregiver's grant, which every caregiver here has by name.
    async fn grant(&mut self) {
        let given = grant(self.circle.no, self.circle.people[1], care::Decision::Allow);
        let given = care::Grant { not_after: Some(timestamp(self.kit.app.now_ms() + MINUTE)), ..given };
        let given = match self.what {
            What::Expiry | What::ExpiryUnsaid => given,
            _ => grant(self.circle.no, self.circle.people[1], care::Decision::Allow),
        };
        self.kit.create(&self.patient(), self.circle.no, GRANT, &given).await.expect("granted");
    }

    async fn pains(&mut self) {
        for worst in 1..=6 {
            let made =
                self.kit.create(&self.patient(), self.circle.no, PAIN, &pain(worst, CANARY)).await.expect("made");
            self.mark(RecordId(id_of(&made)));
        }
        // Twice without having seen the other: there is a review, and a history.
        let first = text(self.marked[0].0);
        for worst in [8, 2] {
            let request = record::WriteRecordRequest {
                circle: self.circle.no,
                record_id: first.clone(),
                body: Some(body(PAIN, &care::PainEntry { worst_24h: Some(worst), ..Default::default() })),
                ..Default::default()
            };
            records::write(&self.kit.app, &self.patient(), &request).await.expect("written");
        }
    }

    async fn results(&mut self) {
        for value in 1..=4 {
            let result = care::LaboratoryResult {
                analyte: Some("osteon:t-score".into()),
                unit: Some(CANARY.into()),
                value: Some(value),
                ..Default::default()
            };
            let request = record::CreateRecordRequest {
                circle: self.circle.no,
                body: Some(body(RESULT, &result)),
                label_choice: IMAGING,
                ..Default::default()
            };
            let made = records::create(&self.kit.app, &self.person(4), &request).await.expect("made");
            self.mark(RecordId(id_of(&made.record.expect("record"))));
        }
    }

    fn mark(&mut self, record: RecordId) {
        self.marked.push(record);
        self.ever.push(record);
    }

    /// Takes it back. Returns the sequence from which on nothing may leave.
    pub(crate) async fn revoke(&mut self) -> u64 {
        let (kit, circle, patient) = (self.kit, self.circle.no, self.patient());
        match self.what {
            What::Role => self.narrow(care::Decision::Deny).await,
            What::Category => decide(kit, &patient, circle, self.circle.people[1], care::Decision::Deny).await,
            What::CategoryOffline => self.deny_offline().await,
            What::Record => self.moves(LABORATORY).await,
            What::Member => remove(kit, &patient, circle, self.circle.people[1], Role::Caregiver).await,
            What::Device => {
                for device in kit.app.store.devices_of(self.enrolled.caller.account).await.expect("devices") {
                    kit.app.store.revoke_device(device.device).await.expect("revoked");
                }
                kit.app.access.forget_sessions();
                kit.app.hub.revoke_account(self.enrolled.caller.account);
            }
            What::Expiry | What::ExpiryUnsaid => {
                kit.clock.advance(MINUTE);
                if self.what == What::Expiry {
                    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 1, "said once");
                }
            }
        }
        self.head().await
    }

    pub(crate) async fn head(&self) -> u64 {
        self.kit.app.store.heads(&[self.circle.no]).await.expect("heads")[0].1
    }

    /// Whoever waits for the circle looks again, as after each commit.
    pub(crate) async fn wake(&self) {
        let heads = self.kit.app.store.heads(&[self.circle.no]).await.expect("heads");
        heads.iter().for_each(|(circle, head)| self.kit.app.hub.force(*circle, *head));
    }

    /// Gives it again.
    pub(crate) async fn grant_again(&mut self) {
        let (kit, circle, patient) = (self.kit, self.circle.no, self.patient());
        match self.what {
            What::Role => self.narrow(care::Decision::Allow).await,
            What::Category | What::CategoryOffline => {
                decide(kit, &patient, circle, self.circle.people[1], care::Decision::Allow).await;
            }
            What::Record => self.moves(IMAGING).await,
            What::Member => take_back(kit, &patient, circle, self.circle.people[1], Role::Caregiver).await,
            What::Device => {
                self.enrolled = kit.phone(&self.circle, 2, Role::Nurse).await;
                self.reader = Phone::new(kit, &self.enrolled, circle).await;
            }
            What::Expiry | What::ExpiryUnsaid => {
                let view = kit.get(&patient, circle, grant_id(circle, self.circle.people[1])).await.expect("grant");
                let until = Some(timestamp(kit.app.now_ms() + MINUTE));
                let longer = care::Grant { not_after: until, ..Default::default() };
                write(kit, &patient, circle, &view, "not_after", &longer).await;
            }
        }
    }

    async fn narrow(&self, decision: care::Decision) {
        let (kit, circle, patient) = (self.kit, self.circle.no, self.patient());
        let grantee = care::Grantee { role: Some(Role::Physiotherapist.into()), account: None };
        let record = care::Grant {
            parent: Some(parent(circle)),
            grantee: Some(grantee),
            category: Some(C06.into()),
            decision: Some(decision.into()),
            ..Default::default()
        };
        let id = derived_id(circle, GRANT, &record).record.as_ref().try_into().expect("id");
        match kit.get(&patient, circle, id).await {
            Ok(view) => {
                let record = care::Grant { decision: Some(decision.into()), ..Default::default() };
                write(kit, &patient, circle, &view, "decision", &record).await;
            }
            Err(_) => drop(kit.create(&patient, circle, GRANT, &record).await.expect("narrowed")),
        }
    }

    /// A DENY beside the ALLOW, from a phone that was offline: it names what it was shown, which is not all.
    async fn deny_offline(&mut self) {
        let (kit, circle) = (self.kit, self.circle.no);
        let id = grant_id(circle, self.circle.people[1]);
        let view = kit.get(&self.patient_phone.caller, circle, id).await.expect("grant");
        let deny = care::Grant { decision: Some(care::Decision::Deny.into()), ..Default::default() };
        let shown = dots(&view, "decision");
        let denied = edit(id, GRANT, &deny, field(&view, "decision").field, shown);
        let change = kit.change(vec![denied]);
        let request = kit.request(&self.patient_phone, circle, URGENT, vec![change]);
        let verdicts = push::push(&kit.app, &self.patient_phone.caller, request, 1).await.expect("push").verdicts;
        self.patient_phone.lanes[URGENT].next += 1;
        assert_eq!(said(&verdicts[0]), "accepted");
    }

    async fn moves(&mut self, choice: u32) {
        for record in std::mem::take(&mut self.marked) {
            let request = record::MoveRecordRequest {
                circle: self.circle.no,
                record_id: text(record.0),
                label_choice: choice,
                reason: "filed where it belongs".into(),
                ..Default::default()
            };
            let moved = moves::run(&self.kit.app, &self.person(4), &request).await.expect("moved");
            self.mark(RecordId(id_of(&moved.record.expect("the physician reads both"))));
        }
    }

    /// Whoever was told to erase has said that it did, as far as it has come back.
    pub(crate) async fn receipts(&self) {
        let told = self.kit.app.store.erasures_of(self.circle.no, 100).await.expect("erasures");
        // A moved entry goes by its tombstone: the cell stays.
        assert!(!told.is_empty() || self.what == What::Record, "the patient sees that it was told");
        let latest = told.first().filter(|row| row.device == self.enrolled.caller.device);
        let done = latest.is_none_or(|row| row.confirmed_ms.is_some());
        assert!(done, "and that it was done: {told:?}");
    }

    /// Changes of the circle that wait for a person: their reasons.
    pub(crate) async fn quarantine(&self) -> Vec<String> {
        let mut snapshot = self.kit.app.store.snapshot(self.circle.no).await.expect("circle");
        snapshot.all().quarantine().await.expect("quarantine").into_iter().map(|row| row.reason).collect()
    }

    /// A position of the reader, for calls that are not the phone's.
    pub(crate) fn at(&self, cursor: &[u8]) -> sync::CirclePosition {
        sync::CirclePosition { circle: self.circle.no, cursor: cursor.to_vec().into(), ..Default::default() }
    }
}

//! The use cases over the memory store, without a network: enrol, push, pull, dispute, resolve.

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

use std::sync::Arc;

use osteon_proto::{care, meta, record, review, split, sync};
use osteon_server::{
    access::Caller,
    app::{App, Parts, enrol, members, pull, push, records, reviews},
    clock::{Clock, SetClock},
    error::Reason,
    ids::{Ids, SeededIds, uuid_v7_at},
    live::Hub,
    seal::{FileKey, Vault},
    store::{MemoryStore, Store},
};
use osteon_sync_core::Replica;
use prost::Message;

const NOW: u64 = 1_764_000_000_000;

struct Clinic {
    app: Arc<App>,
    circle: u64,
    clock: Arc<SetClock>,
    ids: Arc<dyn Ids>,
}

struct Device {
    caller: Caller,
    replica: Replica,
    next: u64,
}

async fn clinic(roles: &[meta::Role]) -> (Clinic, Vec<u64>) {
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
    let clock = Arc::new(SetClock::at(NOW));
    let key = FileKey::from_bytes(&[3; 32], Arc::clone(&ids)).expect("key");
    let vault = Vault::new(Arc::new(key), Arc::clone(&ids));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(vault.clone()));
    let as_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let parts = Parts { store, clock: as_clock, ids: Arc::clone(&ids), hub: Hub::new(), vault };
    let app = App::open(parts).await.expect("app");
    let clinic = app.store.create_clinic("c1").await.expect("clinic");
    let mut accounts = Vec::new();
    for _ in roles {
        accounts.push(app.store.create_account(clinic, members::PERSON).await.expect("account"));
    }
    let named: Vec<_> = accounts.iter().copied().zip(roles.iter().copied()).collect();
    let circle = members::found(&app, clinic, "d0001", &named).await.expect("circle");
    (Clinic { app, circle, clock, ids }, accounts)
}

impl Clinic {
    async fn device(&self, account: u64) -> Device {
        use aws_lc_rs::{
            rand::SystemRandom,
            signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
        };
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("key");
        let device_key = pair.public_key().as_ref().to_vec();
        let invite = enrol::invite(&self.app, self.circle, "d0001", account, 1).await.expect("invite");
        let begin = osteon_proto::identity::BeginEnrolmentRequest {
            code: invite.typed.clone(),
            short_id: "d0001".into(),
            device_key: device_key.clone().into(),
        };
        let challenge = enrol::begin(&self.app, &begin).expect("challenge").challenge;
        let signature = pair.sign(&SystemRandom::new(), &challenge).expect("signed").as_ref().to_vec();
        let finish = osteon_proto::identity::FinishEnrolmentRequest {
            code: invite.typed,
            short_id: "d0001".into(),
            device_key: device_key.into(),
            challenge,
            signature: signature.into(),
            device_name: "phone".into(),
        };
        let done = enrol::finish(&self.app, &finish).await.expect("enrolled");
        assert!(enrol::finish(&self.app, &finish).await.is_err(), "a code works once");
        let caller = Caller { account, device: done.device, clinic: 1, family: 1 };
        Device { caller, replica: Replica { epoch: done.epoch, n: done.lanes[0].replica }, next: 1 }
    }

    async fn push(&self, device: &mut Device, writes: Vec<sync::RecordWrite>, reason: &str) -> sync::Verdict {
        let change =
            sync::Change { clock_ms: self.clock.now_ms(), writes, reason: reason.into(), ..Default::default() };
        let request = sync::PushRequest {
            circle: self.circle,
            epoch: 1,
            replica: device.replica.n,
            first_counter: device.next,
            changes: vec![change],
            field_table_version: osteon_proto::table::FIELD_TABLE_VERSION,
            ..Default::default()
        };
        let answer = push::push(&self.app, &device.caller, request.clone(), 1).await.expect("push");
        let again = push::push(&self.app, &device.caller, request, 2).await.expect("push");
        assert_eq!(answer.verdicts, again.verdicts, "the same change gets the same verdict");
        device.next += 1;
        answer.verdicts[0].clone()
    }

    fn id(&self) -> [u8; 16] {
        uuid_v7_at(self.clock.advance(10), &*self.ids)
    }

    async fn pull(&self, caller: &Caller, cursor: Vec<u8>) -> sync::Page {
        let position = pull::Position { circle: self.circle, cursor, page_size: 200, ..Default::default() };
        pull::turn(&self.app, caller, &position).await.expect("page").page
    }
}

fn body(number: u32, record: &impl Message) -> prost::bytes::Bytes {
    split::close(number, &record.encode_to_vec()).into()
}

fn create(id: [u8; 16], number: u32, record: &impl Message) -> sync::RecordWrite {
    sync::RecordWrite {
        record: id.to_vec().into(),
        body: Some(body(number, record)),
        create: true,
        ..Default::default()
    }
}

fn sequence(verdict: &sync::Verdict) -> u64 {
    match &verdict.verdict {
        Some(sync::verdict::Verdict::Accepted(accepted)) => accepted.sequence,
        other => panic!("not accepted: {:?}", other.as_ref().map(reason_of)),
    }
}

fn reason_of(verdict: &sync::verdict::Verdict) -> String {
    match verdict {
        sync::verdict::Verdict::Refused(refused) => {
            let paths: Vec<_> = refused.violations.iter().map(|v| format!("{}: {}", v.field, v.reason)).collect();
            format!("{} {paths:?}", refused.reason)
        }
        sync::verdict::Verdict::Quarantined(q) => q.reason.clone(),
        _ => "not final".into(),
    }
}

#[tokio::test]
async fn a_pain_entry_goes_from_the_phone_to_the_nurse() {
    let (clinic, accounts) = clinic(&[meta::Role::Patient, meta::Role::Nurse, meta::Role::ClinicAdmin]).await;
    let mut phone = clinic.device(accounts[0]).await;
    let nurse = clinic.device(accounts[1]).await;
    let admin = clinic.device(accounts[2]).await;
    let id = clinic.id();
    let pain = care::PainEntry { worst_24h: Some(7), ..Default::default() };
    let verdict = clinic.push(&mut phone, vec![create(id, 101, &pain)], "").await;
    assert!(sequence(&verdict) > 1);
    let page = clinic.pull(&nurse.caller, Vec::new()).await;
    assert!(page.at_head);
    let part = page.cells.iter().flat_map(|cell| &cell.parts).find(|part| part.record.as_ref() == id);
    assert_eq!(part.and_then(|part| part.body.clone()), Some(body(101, &pain)));
    let hidden = clinic.pull(&admin.caller, Vec::new()).await;
    assert!(hidden.cells.iter().flat_map(|cell| &cell.parts).all(|part| part.record.as_ref() != id));
    let nothing = clinic.pull(&nurse.caller, page.cursor.to_vec()).await;
    assert!(nothing.cells.is_empty() && nothing.at_head);

    let out_of_range = care::PainEntry { worst_24h: Some(11), ..Default::default() };
    let verdict = clinic.push(&mut phone, vec![create(clinic.id(), 101, &out_of_range)], "").await;
    let Some(sync::verdict::Verdict::Refused(refused)) = verdict.verdict else { panic!("accepted") };
    assert_eq!(refused.reason, "OUT_OF_RANGE");
    assert_eq!(refused.violations[0].field, "writes[0].body.pain_entry.worst_24h");
}

#[tokio::test]
async fn two_limits_apart_leave_the_smaller_in_force_until_somebody_decides() {
    let roles = [meta::Role::Patient, meta::Role::Physiotherapist, meta::Role::Physiotherapist];
    let (clinic, accounts) = clinic(&roles).await;
    let mut a = clinic.device(accounts[1]).await;
    let mut b = clinic.device(accounts[2]).await;
    let patient = Caller { account: accounts[0], device: 0, clinic: 1, family: 0 };
    let plan = care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() };
    let request = record::CreateRecordRequest {
        circle: clinic.circle,
        body: Some(body(201, &plan)),
        request_id: "0190f7a2-7c3b-7000-8000-000000000001".into(),
        ..Default::default()
    };
    let made = records::create(&clinic.app, &a.caller, &request).await.expect("created");
    let again = records::create(&clinic.app, &a.caller, &request).await.expect("the same again");
    assert_eq!(made.record.as_ref().map(|r| &r.record_id), again.record.as_ref().map(|r| &r.record_id));
    assert!(records::create(&clinic.app, &patient, &request).await.is_err(), "the patient does not write the plan");
    let view = made.record.expect("record");
    let field = view.fields.iter().find(|f| f.name == "lift_max_kg").expect("field");
    let shown = field.versions[0].dot;
    let id = osteon_server::app::views::record_id(&view.record_id).expect("id").0;
    let edit = |kg: u32| {
        let plan = care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
        sync::RecordWrite {
            record: id.to_vec().into(),
            body: Some(body(201, &plan)),
            fields: vec![sync::FieldWrite {
                field: field.field,
                replaces: shown.into_iter().collect(),
                ..Default::default()
            }],
            ..Default::default()
        }
    };
    sequence(&clinic.push(&mut a, vec![edit(30)], "").await);
    let bare = clinic.push(&mut b, vec![edit(100)], "").await;
    let Some(sync::verdict::Verdict::Refused(refused)) = bare.verdict else { panic!("a relaxation needs a reason") };
    assert_eq!(refused.reason, Reason::ReasonRequired.as_str());
    sequence(&clinic.push(&mut b, vec![edit(100)], "strong enough at the last visit").await);

    let get = record::GetRecordRequest { circle: clinic.circle, record_id: view.record_id.clone() };
    let now = records::get(&clinic.app, &patient, &get).await.expect("read").record.expect("record");
    let field = now.fields.iter().find(|f| f.name == "lift_max_kg").expect("field");
    assert!(field.needs_review);
    let (_, inner) = split::open(now.body.as_ref().expect("body")).expect("body");
    assert_eq!(care::ExercisePlan::decode(inner).expect("plan").lift_max_kg, Some(30));

    let ask = review::ListReviewsRequest { circle: clinic.circle, mine: true, ..Default::default() };
    let open = reviews::list(&clinic.app, &a.caller, &ask).await.expect("reviews").reviews;
    assert_eq!(open.len(), 1);
    let decided = care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() };
    let resolve = review::ResolveReviewRequest {
        review_id: open[0].review_id.clone(),
        shown: open[0].shown.clone(),
        value: Some(body(201, &decided)),
        ..Default::default()
    };
    let resolved = reviews::resolve(&clinic.app, &a.caller, &resolve).await.expect("resolved");
    assert_eq!(resolved.effect(), record::Effect::Applied);
    let ask = review::ListReviewsRequest { circle: clinic.circle, ..Default::default() };
    assert!(reviews::list(&clinic.app, &b.caller, &ask).await.expect("reviews").reviews.is_empty());
}

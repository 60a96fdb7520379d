//! What somebody would say in another's place: who made a record, who takes part, that a plan is over. Every way that a member
//! of the circle was found to have.

use osteon_proto::{care, meta::Role, record as pb, sync, thread};
use osteon_server::{
    access::Caller,
    app::{records, threads},
    error::{Error, Reason},
};
use prost::Message;

use crate::{access, fixture::*};

const MEMBER: u32 = 262;
const PAIN: u32 = 101;
const EXERCISE_PLAN: u32 = 201;
const WEIGHT_BEARING: u32 = 213;
const TRIAL: u32 = 391;
const PARTICIPANT: u32 = 442;
const MESSAGE: u32 = 443;

/// A write of one field, without a word, and with what is shown of it or without.
async fn put(
    kit: &Kit,
    who: &Caller,
    view: &pb::RecordView,
    (circle, name, shown): (u64, &str, bool),
    record: &impl Message,
) -> Result<(), Error> {
    let seen = view.fields.iter().find(|field| field.name == name).filter(|_| shown);
    let shown = seen.map(|f| pb::FieldShown { field: f.field, shown: f.shown.clone(), ..Default::default() });
    let request = pb::WriteRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        body: Some(body(view.r#type, record)),
        update_mask: Some(prost_types::FieldMask { paths: vec![name.to_owned()] }),
        shown: shown.into_iter().collect(),
        ..Default::default()
    };
    records::write(&kit.app, who, &request).await.map(|_| ())
}

async fn end(kit: &Kit, who: &Caller, circle: u64, view: &pb::RecordView) -> Result<(), Error> {
    let request = pb::EndRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown.clone(),
        reason: "a mistake".into(),
        ..Default::default()
    };
    records::end(&kit.app, who, &request).await.map(|_| ())
}

async fn restore(kit: &Kit, who: &Caller, circle: u64, id: [u8; 16]) {
    let view = kit.get(who, circle, id).await.expect("there");
    let request = pb::RestoreRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        shown: view.shown.clone(),
        reason: "no mistake".into(),
        ..Default::default()
    };
    records::restore(&kit.app, who, &request).await.expect("restored");
}

/// A membership that is neither yes nor no is a no: nobody writes one for whom they may not take out, and least the patient.
pub(crate) async fn nobody_throws_the_patient_out(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physician]).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    let made = access::member(circle.no, patient.account, Role::Patient);
    let id = access::derived(circle.no, MEMBER, &made).record.as_ref().try_into().expect("an id");
    for who in [&nurse, &physician, &patient] {
        let view = kit.get(who, circle.no, id).await.expect("the patient's own membership");
        for membership in [0, 77, care::Decision::Deny.into()] {
            for shown in [true, false] {
                let record = care::CircleMember { membership: Some(membership), ..Default::default() };
                let said = put(&kit, who, &view, (circle.no, "membership", shown), &record).await;
                assert_eq!(reason(said), Reason::FieldNotWritable, "{membership}");
            }
        }
        put(&kit, who, &view, (circle.no, "membership", true), &care::CircleMember::default())
            .await
            .expect_err("cleared");
    }
    kit.get(&patient, circle.no, id).await.expect("still there");
}

/// Who made a record is who wrote what a creation alone writes, whoever ended it and brought it back.
pub(crate) async fn an_entry_stays_its_author_s(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|at| kit.person(circle.people[at]));
    let entry = care::PainEntry {
        source: Some(care::Source::Manual.into()),
        worst_24h: Some(4),
        site: vec!["hip".into()],
        ..Default::default()
    };
    let made = kit.create(&patient, circle.no, PAIN, &entry).await.expect("made");
    let id = id_of(&made);
    let seen = kit.get(&nurse, circle.no, id).await.expect("there");
    end(&kit, &nurse, circle.no, &seen).await.expect("marked as a mistake");
    restore(&kit, &nurse, circle.no, id).await;
    let worst = care::PainEntry { worst_24h: Some(5), ..Default::default() };
    let view = kit.get(&nurse, circle.no, id).await.expect("there");
    let said = put(&kit, &nurse, &view, (circle.no, "worst_24h", true), &worst).await;
    assert_eq!(reason(said), Reason::FieldNotWritable, "it is the patient's");
    let view = kit.get(&patient, circle.no, id).await.expect("there");
    assert!(field(&view, "worst_24h").may_write);
    put(&kit, &patient, &view, (circle.no, "worst_24h", true), &worst).await.expect("one's own");
}

/// Whoever takes part is taken out by the starter or by themselves; a thread and its messages are ended by their authors alone.
pub(crate) async fn a_thread_is_its_starter_s(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physician, Role::Nurse]).await;
    let [_, physio, physician, nurse] = [0, 1, 2, 3].map(|at| kit.person(circle.people[at]));
    let request = thread::OpenThreadRequest {
        circle: circle.no,
        accounts: vec![physio.account, physician.account],
        text: "take one tablet".into(),
        ..Default::default()
    };
    let opened = threads::open(&kit.app, &nurse, &request).await.expect("opened").thread.expect("a thread");
    let list = async |number| {
        let request = pb::ListRecordsRequest { circle: circle.no, r#type: number, ..Default::default() };
        osteon_server::app::lists::list(&kit.app, &physio, &request).await.expect("listed").records
    };
    let told = list(PARTICIPANT).await;
    let of = |account| {
        let is = |view: &&pb::RecordView| open_body::<care::ThreadParticipant>(view).account == Some(account);
        told.iter().find(is).expect("a participant").clone()
    };
    let other = of(physician.account);
    for participation in [Some(care::Decision::Deny.into()), Some(77), None] {
        let record = care::ThreadParticipant { participation, ..Default::default() };
        for shown in [true, false] {
            let said = put(&kit, &physio, &other, (circle.no, "participation", shown), &record).await;
            assert!(said.is_err() || participation.is_none() && !shown, "{participation:?} {shown}");
        }
    }
    let get = thread::GetThreadRequest { circle: circle.no, record_id: opened.record_id.clone(), ..Default::default() };
    let read = threads::get(&kit.app, &physician, &get).await.expect("takes part");
    // Neither the thread, nor a place in it, nor a message of another.
    let message = list(MESSAGE).await.remove(0);
    for view in [&list(441).await[0], &other, &message] {
        let said = reason(end(&kit, &physio, circle.no, view).await);
        assert!(matches!(said, Reason::FieldNotWritable | Reason::ImmutableField), "{said:?} of {}", view.r#type);
    }
    // Nobody corrects what another said.
    let forged = care::Message {
        parent: Some(id_of(&list(441).await[0]).to_vec().into()),
        thread: open_body::<care::Message>(&message).thread,
        text: Some("take fifty".into()),
        supersedes: Some(id_of(&message).to_vec().into()),
        ..Default::default()
    };
    let forged = pb::CreateRecordRequest {
        circle: circle.no,
        body: Some(body(MESSAGE, &forged)),
        label_choice: 1,
        ..Default::default()
    };
    assert!(records::create(&kit.app, &physio, &forged).await.is_err());
    let own = kit.get(&nurse, circle.no, id_of(&message)).await.expect("one's own");
    end(&kit, &nurse, circle.no, &own).await.expect("one's own");
    restore(&kit, &nurse, circle.no, id_of(&own)).await;
    assert_eq!(read.messages[0].account, nurse.account);
    let after = threads::get(&kit.app, &physician, &get).await.expect("takes part");
    assert_eq!((after.messages[0].account, after.messages[0].written), (nurse.account, read.messages[0].written));
}

/// A plan or a trial is over with a word, whether its status was written before or not.
pub(crate) async fn what_restricts_is_over_with_a_word(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physician]).await;
    let [_, physio, physician] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    let plan = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Hold.into()),
        lift_max_kg: Some(120),
        ..Default::default()
    };
    let made = kit.create(&physician, circle.no, EXERCISE_PLAN, &plan).await.expect("made");
    let ended = care::ExercisePlan { status: Some(care::ExercisePlanStatus::Ended.into()), ..Default::default() };
    let view = kit.get(&physio, circle.no, id_of(&made)).await.expect("there");
    for shown in [true, false] {
        let said = put(&kit, &physio, &view, (circle.no, "status", shown), &ended).await;
        assert_eq!(reason(said), Reason::ReasonRequired);
    }
    let trial = care::TrialParticipation {
        status: Some(care::TrialStatus::Enrolled.into()),
        prohibited: vec!["st_johns_wort".into()],
        ..Default::default()
    };
    let made = kit.create(&physician, circle.no, TRIAL, &trial).await.expect("made");
    put(&kit, &physician, &made, (circle.no, "status", true), &care::TrialParticipation::default())
        .await
        .expect("cleared");
    let view = kit.get(&physician, circle.no, id_of(&made)).await.expect("there");
    let over = care::TrialParticipation { status: Some(care::TrialStatus::Ended.into()), ..Default::default() };
    assert_eq!(reason(put(&kit, &physician, &view, (circle.no, "status", true), &over).await), Reason::ReasonRequired);
    // "Unspecified" is no value beside which a hold is the looser one.
    let view =
        kit.get(&physio, circle.no, id_of(&kit.create(&physio, circle.no, EXERCISE_PLAN, &plan).await.expect("made")));
    let view = view.await.expect("there");
    let none = care::ExercisePlan { clearance: Some(0), ..Default::default() };
    let said = put(&kit, &physio, &view, (circle.no, "clearance", true), &none).await;
    assert_eq!(reason(said), Reason::ArgumentInvalid);
    assert_eq!(reason(kit.create(&physio, circle.no, EXERCISE_PLAN, &none).await), Reason::ArgumentInvalid);
    let limb = care::WeightBearing { level: Some(0), ..Default::default() };
    assert!(kit.create(&physio, circle.no, WEIGHT_BEARING, &limb).await.is_err());
}

//! A patient asks to be erased: who learns of it, who answers, and who alone can take it back.

use osteon_proto::{
    care::{self, ErasureDecision},
    meta::Role,
    record as pb, sync,
    worklist::{self, WorkReason, WorkReasonKind},
};
use osteon_server::{
    access::Caller,
    app::{erasures, records},
    error::{Error, Reason},
};

use crate::{access, fixture::*};

const ERASURE_REQUEST: u32 = 265;
const DAY_MS: u64 = 86_400_000;

fn asked() -> care::ErasureRequest {
    care::ErasureRequest { asked_on: Some("2026-01-01".into()), ..Default::default() }
}

/// What the work list of somebody says of it.
async fn reason_for(kit: &Kit, who: &Caller) -> Option<WorkReason> {
    let request = worklist::ListWorkRequest::default();
    let told = osteon_server::app::worklist::list(&kit.app, who, &request).await.expect("list");
    let mut reasons = told.rows.into_iter().flat_map(|row| row.reasons);
    reasons.find(|one| one.kind() == WorkReasonKind::ErasureRequest)
}

async fn answer(kit: &Kit, who: &Caller, circle: u64, id: [u8; 16], answer: care::ErasureAnswer) -> Result<(), Error> {
    let view = kit.get(who, circle, id).await?;
    let seen = view.fields.iter().find(|field| field.name == "answer");
    let shown = seen.map(|f| pb::FieldShown { field: f.field, shown: f.shown.clone(), ..Default::default() });
    let record = care::ErasureRequest { answer: Some(answer), ..Default::default() };
    let request = pb::WriteRecordRequest {
        circle,
        record_id: view.record_id,
        body: Some(body(ERASURE_REQUEST, &record)),
        update_mask: Some(prost_types::FieldMask { paths: vec!["answer".into()] }),
        shown: shown.into_iter().collect(),
        ..Default::default()
    };
    records::write(&kit.app, who, &request).await.map(drop)
}

fn says(decision: ErasureDecision, by: Option<&str>) -> care::ErasureAnswer {
    let text = Some("The law obliges us to keep it for ten years".into());
    care::ErasureAnswer { decision: Some(decision.into()), by: by.map(str::to_owned), text }
}

async fn end(kit: &Kit, who: &Caller, circle: u64, id: [u8; 16]) -> Result<(), Error> {
    let view = kit.get(who, circle, id).await?;
    let request = pb::EndRecordRequest {
        circle,
        record_id: view.record_id,
        state: sync::Lifecycle::Deleted.into(),
        shown: view.shown,
        reason: "away with it".into(),
        ..Default::default()
    };
    records::end(&kit.app, who, &request).await.map(drop)
}

fn ms_of(at: Option<prost_types::Timestamp>) -> u64 {
    u64::try_from(at.expect("a time").seconds).expect("after 1970") * 1_000
}

pub(crate) async fn whoever_owes_an_answer_sees_it(kit: Kit) {
    let team = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist, Role::Dietitian, Role::Caregiver];
    let circle = kit.circle("d0001", &team).await;
    let [patient, nurse, physician, physio, dietitian, carer] =
        [0, 1, 2, 3, 4, 5].map(|at| kit.person(circle.people[at]));
    assert!(reason_for(&kit, &nurse).await.is_none());
    for (who, name) in [(&nurse, "nurse"), (&physician, "physician"), (&carer, "caregiver")] {
        let made = kit.create(who, circle.no, ERASURE_REQUEST, &asked()).await;
        assert!(made.is_err(), "{name}: only the patient asks");
    }
    let made = kit.create(&patient, circle.no, ERASURE_REQUEST, &asked()).await.expect("asked");
    let id = id_of(&made);
    for (who, sees) in [(&nurse, true), (&physician, true), (&physio, false), (&dietitian, false)] {
        assert_eq!(reason_for(&kit, who).await.is_some(), sees, "{}", who.account);
    }
    let told = reason_for(&kit, &nurse).await.expect("told");
    assert_eq!((told.record_id.as_str(), told.r#type), (made.record_id.as_str(), ERASURE_REQUEST));
    let days = (ms_of(told.deadline) - ms_of(told.received)) / DAY_MS;
    assert!((28..=31).contains(&days), "a month: {days}");
    // It cannot be made to go away but by whoever asked.
    for who in [&nurse, &physician] {
        assert_eq!(reason(end(&kit, who, circle.no, id).await), Reason::FieldNotWritable);
    }
    assert!(answer(&kit, &physician, circle.no, id, says(ErasureDecision::Declined, None)).await.is_err());
    assert!(answer(&kit, &patient, circle.no, id, says(ErasureDecision::WillBeDone, None)).await.is_err());

    let empty = care::ErasureAnswer::default();
    assert_eq!(reason(answer(&kit, &nurse, circle.no, id, empty).await), Reason::AnswerIncomplete);
    let no_day = says(ErasureDecision::WillBeDone, None);
    assert_eq!(reason(answer(&kit, &nurse, circle.no, id, no_day).await), Reason::AnswerIncomplete);
    answer(&kit, &nurse, circle.no, id, says(ErasureDecision::WillBeDone, Some("2026-03-01"))).await.expect("promised");
    let told = reason_for(&kit, &nurse).await.expect("until it is done");
    assert_eq!(ms_of(told.deadline), 20_513 * DAY_MS, "2026-03-01");
    let clinic = erasures::of_clinic(&kit.app, kit.clinic).await.expect("listed");
    let [(_, short_id, one)] = clinic.as_slice() else { panic!("one of one circle") };
    assert_eq!((short_id.as_str(), one.record.0, one.due_ms), ("d0001", id, 20_513 * DAY_MS));

    answer(&kit, &nurse, circle.no, id, says(ErasureDecision::Declined, None)).await.expect("declined");
    assert!(reason_for(&kit, &nurse).await.is_none(), "nothing is owed");
    assert!(erasures::of_clinic(&kit.app, kit.clinic).await.expect("listed").is_empty());
    end(&kit, &patient, circle.no, id).await.expect("taken back");
    kit.create(&patient, circle.no, ERASURE_REQUEST, &asked()).await.expect("asked again");
    assert!(reason_for(&kit, &nurse).await.is_some(), "the old answer is of the old request");
}

pub(crate) async fn a_proxy_asks_and_many_requests_are_one_reason_each(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Caregiver]).await;
    let [patient, nurse, carer] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    let of = |category: care::GrantCategory| care::Grant {
        category: Some(category.into()),
        ..access::grant(circle.no, carer.account, care::Decision::Allow)
    };
    for category in [care::GrantCategory::C01Identity, care::GrantCategory::Proxy] {
        kit.create(&patient, circle.no, 263, &of(category)).await.expect("granted");
    }
    kit.create(&carer, circle.no, ERASURE_REQUEST, &asked()).await.expect("asked for the patient");
    for _ in 0..40 {
        kit.create(&patient, circle.no, ERASURE_REQUEST, &asked()).await.expect("asked");
    }
    assert!(reason_for(&kit, &nurse).await.is_some(), "however many there are, the list is there");
}

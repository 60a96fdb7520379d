//! Consent over time: grants that cannot be, who sees what, what moves and what is derived.

use osteon_proto::{care, consent as pb, meta::Role, record, review, sync};
use osteon_server::{
    access::Caller,
    app::{enrol::timestamp, hello, lists, moves, pull, quarantine, records, reviews, whosees},
    error::Reason,
};

use crate::{access::*, fixture::*};

pub(crate) const GRANT: u32 = 263;
const HOUR: u64 = 3_600_000;

pub(crate) fn until(grant: care::Grant, end_ms: u64) -> care::Grant {
    care::Grant { not_after: Some(timestamp(end_ms)), ..grant }
}

pub(crate) fn pain(n: u32) -> care::PainEntry {
    care::PainEntry { worst_24h: Some(n), ..Default::default() }
}

pub(crate) async fn grants_that_cannot_be(kit: Kit) {
    let roles = [Role::Patient, Role::Caregiver, Role::Nurse, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let (patient, carer, nurse) = (kit.person(circle.people[0]), circle.people[1], circle.people[2]);
    let allow = |account| grant(circle.no, account, care::Decision::Allow);
    let to_role = |role: Role| care::Grantee { role: Some(role.into()), account: None };
    let of = |category: care::GrantCategory, base: care::Grant| care::Grant { category: Some(category.into()), ..base };
    let cases = [
        (nurse, allow(carer), Reason::NotYourConsent, "not by a nurse"),
        (carer, allow(carer), Reason::NotYourConsent, "not by who would get it"),
        (patient.account, until(allow(carer), NOW - 1), Reason::GrantInPast, "over"),
        (
            patient.account,
            care::Grant { not_before: Some(timestamp(NOW + 5 * DAY)), ..until(allow(carer), NOW + 5 * DAY) },
            Reason::GrantEndsBeforeStart,
            "ends where it starts",
        ),
        (
            patient.account,
            care::Grant { not_after: None, ..allow(carer) },
            Reason::GrantNeedsEnd,
            "a caregiver, for ever",
        ),
        (
            patient.account,
            care::Grant { grantee: Some(to_role(Role::Caregiver)), ..allow(carer) },
            Reason::GrantByName,
            "all caregivers",
        ),
        (
            patient.account,
            of(care::GrantCategory::C20PrivateNotes, allow(nurse)),
            Reason::GrantWithoutEffect,
            "private notes, to a nurse",
        ),
        (
            patient.account,
            of(care::GrantCategory::C12Reproductive, allow(carer)),
            Reason::GrantWithoutEffect,
            "never a caregiver's",
        ),
        (patient.account, allow(999_999), Reason::GrantWithoutEffect, "an account that nobody has yet"),
        (
            patient.account,
            of(care::GrantCategory::Proxy, allow(nurse)),
            Reason::GrantWithoutEffect,
            "a nurse is no proxy",
        ),
        (
            patient.account,
            care::Grant { grantee: Some(care::Grantee::default()), ..allow(carer) },
            Reason::GrantWithoutEffect,
            "to nobody",
        ),
    ];
    let before = kit.app.store.audit_after(circle.no, 0, 1000).await.expect("audit").len();
    for (who, grant, expected, what) in &cases {
        let refused = reason(kit.create(&kit.person(*who), circle.no, GRANT, grant).await);
        assert_eq!(refused, *expected, "{what}");
    }
    let rows = kit.app.store.audit_after(circle.no, 0, 1000).await.expect("audit");
    let told: Vec<_> = rows[before..].iter().map(|row| (row.account, row.outcome.clone())).collect();
    let expected: Vec<_> = cases.iter().map(|(who, _, reason, _)| (*who, reason.as_str().to_owned())).collect();
    assert_eq!(told, expected, "each attempt is on record");

    // The patient's own switches: one a category, to a role or by name.
    for (category, who) in [
        (care::GrantCategory::C10SleepMood, to_role(Role::Physiotherapist)),
        (care::GrantCategory::C12Reproductive, to_role(Role::Nurse)),
        (care::GrantCategory::C15EndOfLife, care::Grantee { account: Some(nurse), role: None }),
    ] {
        let base = care::Grant { grantee: Some(who), not_after: None, ..allow(nurse) };
        kit.create(&patient, circle.no, GRANT, &of(category, base)).await.expect("granted");
    }
}

fn of(answer: &pb::ExplainAccessResponse, category: i32, action: pb::AccessAction) -> (bool, pb::AccessReason) {
    let found = answer.categories.iter().find(|c| c.category == category).expect("category");
    let action = found.actions.iter().find(|a| a.action() == action).expect("action");
    (action.allowed, action.reason())
}

pub(crate) async fn who_sees_what(kit: Kit) {
    use pb::{AccessAction as A, AccessReason as R};
    let roles = [Role::Patient, Role::Caregiver, Role::Nurse, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, carer, nurse, physio] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let ask = async |who: &Caller, account| {
        let request = pb::ExplainAccessRequest { circle: circle.no, account };
        whosees::explain(&kit.app, who, &request).await
    };
    let (c06, c10, c19, c20) = (6, 10, 19, 20);
    let told = ask(&patient, physio.account).await.expect("the patient looks through another's eyes");
    assert_eq!(told.role, i32::from(Role::Physiotherapist as u8));
    assert_eq!(told.categories.len(), 22);
    assert_eq!(of(&told, c06, A::Read), (true, R::Role));
    assert_eq!(of(&told, c06, A::Edit), (false, R::NotInMatrix));
    assert_eq!(of(&told, c10, A::Read), (false, R::NotGranted));
    assert_eq!(of(&told, c19, A::Read), (false, R::OwnOnly));
    assert_eq!(of(&told, c20, A::Read), (false, R::NotInMatrix));
    assert_eq!(of(&told, 1, A::ReadSummary), (true, R::Role));
    // Oneself, and nobody else.
    assert_eq!(ask(&nurse, 0).await.expect("oneself").account, nurse.account);
    for account in [physio.account, patient.account, 4711] {
        assert_eq!(reason(ask(&nurse, account).await), Reason::NotFound);
    }
    assert_eq!(reason(ask(&patient, 4711).await), Reason::NotFound);

    let base = grant(circle.no, carer.account, care::Decision::Allow);
    let window = care::Grant { not_before: Some(timestamp(NOW + HOUR)), ..until(base, NOW + 2 * HOUR) };
    kit.create(&patient, circle.no, GRANT, &window).await.expect("granted");
    decide(&kit, &patient, circle.no, physio.account, care::Decision::Deny).await;
    let carer_c06 = async || of(&ask(&patient, carer.account).await.expect("told"), c06, A::Read);
    assert_eq!(carer_c06().await, (false, R::NotYet));
    kit.clock.set(NOW + HOUR);
    assert_eq!(carer_c06().await, (true, R::Granted));
    let told = ask(&patient, carer.account).await.expect("told");
    let said = told.categories.iter().find(|c| c.category == c06).and_then(|c| c.actions[0].until);
    assert_eq!(said, Some(timestamp(NOW + 2 * HOUR)));
    kit.clock.set(NOW + 2 * HOUR);
    assert_eq!(carer_c06().await, (false, R::Ended));
    let told = ask(&physio, 0).await.expect("told");
    assert_eq!(of(&told, c06, A::Read), (false, R::Narrowed));

    // A proxy asks as the patient does, while it lasts.
    assert_eq!(reason(ask(&carer, nurse.account).await), Reason::NotFound);
    let base = grant(circle.no, carer.account, care::Decision::Allow);
    let proxy = care::Grant { category: Some(care::GrantCategory::Proxy.into()), ..until(base, NOW + 3 * HOUR) };
    kit.create(&patient, circle.no, GRANT, &proxy).await.expect("granted");
    assert!(ask(&carer, 0).await.expect("told").proxy);
    assert_eq!(ask(&carer, nurse.account).await.expect("told").account, nurse.account);
    // A proxy grants within limits: to others, never to itself.
    let to = |account| care::Grant {
        not_after: Some(timestamp(NOW + 9 * DAY)),
        ..grant(circle.no, account, care::Decision::Allow)
    };
    let c07 = |base: care::Grant| care::Grant { category: Some(care::GrantCategory::C07Nutrition.into()), ..base };
    assert_eq!(reason(kit.create(&carer, circle.no, GRANT, &c07(to(carer.account))).await), Reason::NotYourConsent);
    kit.create(&carer, circle.no, GRANT, &c07(to(nurse.account))).await.expect("on behalf of the patient");
    kit.clock.set(NOW + 3 * HOUR);
    assert_eq!(reason(ask(&carer, nurse.account).await), Reason::NotFound);
}

pub(crate) async fn an_entry_moves(kit: Kit) {
    const RESULT: u32 = 120;
    let roles = [Role::Patient, Role::Physician, Role::Physiotherapist, Role::Nurse];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, physician, nurse] = [0, 1, 3].map(|i| kit.person(circle.people[i]));
    let mut physio = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let (laboratory, imaging) = (1, 2);
    let result = care::LaboratoryResult {
        analyte: Some("1751-7".into()),
        value: Some(410_000),
        unit: Some("g/L".into()),
        ..Default::default()
    };
    let request = record::CreateRecordRequest {
        circle: circle.no,
        body: Some(body(RESULT, &result)),
        label_choice: imaging,
        ..Default::default()
    };
    let made = records::create(&kit.app, &physician, &request).await.expect("made").record.expect("record");
    let old = id_of(&made);
    let held = kit.page(&physio.caller, circle.no, &[]).await.expect("page");
    assert!(holds(&held, old));
    let base = held.head;
    let ask = |choice| record::MoveRecordRequest {
        circle: circle.no,
        record_id: made.record_id.clone(),
        label_choice: choice,
        reason: "not for everybody".into(),
        request_id: text([7; 16]),
        validate_only: false,
    };
    for (who, choice, expected) in [
        (&physio.caller, laboratory, Reason::FieldNotWritable),
        (&physician, imaging, Reason::NotMovable),
        (&physician, 3, Reason::LabelChoiceInvalid),
        (&physician, 0, Reason::LabelChoiceInvalid),
    ] {
        let request = record::MoveRecordRequest { request_id: String::new(), ..ask(choice) };
        let refused = moves::run(&kit.app, who, &request).await;
        assert_eq!(reason(refused), expected);
    }
    let try_it = record::MoveRecordRequest { validate_only: true, request_id: String::new(), ..ask(laboratory) };
    assert_eq!(moves::run(&kit.app, &nurse, &try_it).await.expect("could").effect(), record::Effect::Validated);
    assert!(kit.get(&nurse, circle.no, old).await.is_ok(), "nothing has moved");
    let moved = moves::run(&kit.app, &nurse, &ask(laboratory)).await.expect("moved").record.expect("record");
    let again = moves::run(&kit.app, &nurse, &ask(laboratory)).await.expect("moved").record.expect("record");
    assert_eq!((&moved.record_id, &moved.moved_from), (&again.record_id, &made.record_id), "one effect");
    assert_eq!(open_body::<care::LaboratoryResult>(&moved), result);
    let version = &field(&moved, "value").versions[0];
    assert_eq!(version.account, physician.account, "on behalf of who wrote it");

    let page = kit.page(&physio.caller, circle.no, &held.cursor).await.expect("page");
    assert!(page.tombstones.iter().any(|t| t.record.as_ref() == old && t.dot.is_none()));
    assert!(!holds(&page, id_of(&moved)) && page.cells.is_empty());
    for id in [old, id_of(&moved)] {
        assert_eq!(reason(kit.get(&physio.caller, circle.no, id).await), Reason::NotFound);
    }
    assert_eq!(reason(kit.get(&patient, circle.no, old).await), Reason::NotFound);
    assert!(kit.get(&patient, circle.no, id_of(&moved)).await.is_ok());
    let feed = sync::ListFeedRequest { circle: circle.no, ..Default::default() };
    let told = hello::feed(&kit.app, &physio.caller, &feed).await.expect("feed").entries;
    assert!(told.iter().all(|e| e.record.as_ref() != old && e.record.as_ref() != id_of(&moved)));
    // The digests are those of what stands.
    let anew = kit.page(&patient, circle.no, &[]).await.expect("page");
    let empty = anew.digests.iter().filter(|d| d.digest.iter().all(|byte| *byte == 0)).count();
    assert_eq!(empty, 1, "nothing is left under the old label");
    // What still writes to it waits for a person.
    let mut change = kit.change(vec![create(old, RESULT, &result)]);
    (change.writes[0].label_choice, change.base) = (imaging, Some(base));
    assert_eq!(said(&kit.push(&mut physio, circle.no, change).await), "quarantined MOVED_RECORD");
    // It is as hidden as the record is now: from its own author, who may not read where it went.
    let waits = review::ListQuarantinedRequest { circle: circle.no, ..Default::default() };
    for (who, count) in [(&patient, 1), (&physician, 1), (&nurse, 1), (&physio.caller, 0)] {
        let listed = quarantine::list(&kit.app, who, &waits).await.expect("list").changes;
        assert_eq!(listed.len(), count, "account {}", who.account);
    }
    let one = review::GetQuarantinedRequest { circle: circle.no, id: 1 };
    assert_eq!(reason(quarantine::get(&kit.app, &physio.caller, &one).await), Reason::NotFound);
    assert!(quarantine::get(&kit.app, &nurse, &one).await.is_ok());
    // An ended entry stays where it is.
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: moved.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: moved.shown.clone(),
        ..Default::default()
    };
    records::end(&kit.app, &nurse, &end).await.expect("ended");
    let back = record::MoveRecordRequest { record_id: moved.record_id, request_id: String::new(), ..ask(imaging) };
    assert_eq!(reason(moves::run(&kit.app, &nurse, &back).await), Reason::NotMovable);
}

pub(crate) async fn a_device_holds_less_than_it_may(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    // An entry of long ago, one of today; both arrive today.
    let old = osteon_server::ids::uuid_v7_at(NOW - 200 * DAY, &*kit.ids);
    sequence(&kit.write(&mut phone, circle.no, create(old, 101, &pain(1))).await);
    let new = id_of(&kit.create(&patient, circle.no, 101, &pain(2)).await.expect("made"));
    let turn = async |cursor: &[u8], depth| {
        let position =
            pull::Position { circle: circle.no, cursor: cursor.to_vec(), page_size: 200, depth, ..Default::default() };
        pull::turn(&kit.app, &nurse, &position).await.expect("page").page
    };
    use sync::Depth;
    let list = turn(&[], Depth::List).await;
    assert!(list.at_head && !holds(&list, old) && !holds(&list, new));
    assert!(list.cells.iter().chain([]).all(|c| c.cell.as_ref().is_some_and(|c| c.priority_class == 1)));
    assert!(list.granted.iter().all(|cell| cell.priority_class == 1));
    // Opened: the plan and the last days, without asking for what is there already.
    let plan = turn(&list.cursor, Depth::Plan).await;
    assert!(plan.erased.is_empty() && holds(&plan, new) && !holds(&plan, old));
    let journal =
        |page: &sync::Page| page.digests.iter().any(|d| d.cell.as_ref().is_some_and(|c| c.priority_class == 3));
    assert!(!journal(&plan) && !plan.complete.contains(&3), "what is held in part is compared with nothing");
    // Later entries come; old ones that are edited do not, also when the months have gone by.
    kit.clock.advance(100 * DAY);
    let later = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let number = field(&kit.get(&patient, circle.no, old).await.expect("read"), "worst_24h").field;
    for id in [old, new] {
        sequence(&kit.write(&mut phone, circle.no, edit(id, 101, &pain(9), number, vec![])).await);
    }
    let page = turn(&plan.cursor, Depth::Plan).await;
    assert!(page.erased.is_empty() && holds(&page, later) && holds(&page, new) && !holds(&page, old));
    // All of it: erased, sent anew, whole.
    let full = turn(&page.cursor, Depth::Full).await;
    assert!(!full.erased.is_empty() && holds(&full, old) && holds(&full, new) && journal(&full));
    // And narrower again.
    let list = turn(&full.cursor, Depth::List).await;
    assert!(list.erased.iter().any(|c| c.priority_class == 3) && list.cells.is_empty());
}

pub(crate) async fn an_erasure_has_its_receipt(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse]).await;
    let [patient, nurse] = [0, 2].map(|i| kit.person(circle.people[i]));
    let carer = kit.phone(&circle, 1, Role::Caregiver).await;
    decide(&kit, &patient, circle.no, carer.caller.account, care::Decision::Allow).await;
    kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made");
    let held = kit.page(&carer.caller, circle.no, &[]).await.expect("page");
    decide(&kit, &patient, circle.no, carer.caller.account, care::Decision::Deny).await;
    let told = async |who: &Caller| {
        let request = pb::ListErasuresRequest { circle: circle.no };
        whosees::erasures(&kit.app, who, &request).await.expect("told").erasures
    };
    assert!(told(&patient).await.is_empty(), "the device has not come by");
    let erasing = kit.page(&carer.caller, circle.no, &held.cursor).await.expect("page");
    for who in [&patient, &nurse, &carer.caller] {
        let rows = told(who).await;
        assert_eq!((rows.len(), rows[0].device, rows[0].confirmed), (1, carer.caller.device, None));
    }
    // The page was lost: asked again, told again. Then it comes back with the cursor behind it.
    kit.page(&carer.caller, circle.no, &held.cursor).await.expect("page");
    assert_eq!(told(&patient).await[0].confirmed, None);
    let after = kit.page(&carer.caller, circle.no, &erasing.cursor).await.expect("page");
    assert!(told(&patient).await[0].confirmed.is_some());
    assert_ne!(after.cursor, erasing.cursor);
    // A device that comes back from a backup is told anew, and owes another receipt.
    kit.clock.advance(1000);
    kit.create(&patient, circle.no, 101, &pain(4)).await.expect("made");
    kit.page(&carer.caller, circle.no, &held.cursor).await.expect("page");
    let rows = told(&patient).await;
    assert_eq!((rows.len(), rows[0].confirmed.is_some(), rows[1].confirmed.is_some()), (2, false, true));
    let other = kit.phone(&circle, 2, Role::Nurse).await;
    assert_eq!(other.caller.account, nurse.account);
}

pub(crate) async fn the_safety_minimum(kit: Kit) {
    const SAFETY: u32 = 321;
    let roles = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist, Role::Dietitian];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, dietitian] = [0, 3].map(|i| kit.person(circle.people[i]));
    let mut a = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let mut b = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let request = record::ListRecordsRequest { circle: circle.no, r#type: SAFETY, ..Default::default() };
    let listed = async |who: &Caller| lists::list(&kit.app, who, &request).await.expect("list").records;
    assert!(listed(&dietitian).await.is_empty(), "nothing is known that would have to be");
    let plan = |kg, forbidden: &[&str]| care::ExercisePlan {
        lift_max_kg: Some(kg),
        clearance: Some(care::ExerciseClearance::SupervisedOnly.into()),
        forbidden_movements: forbidden.iter().map(|s| (*s).to_owned()).collect(),
        patient_enjoys: None,
        ..Default::default()
    };
    let held = kit.page(&dietitian, circle.no, &[]).await.expect("page");
    let made = kit.create(&a.caller, circle.no, 201, &plan(10, &["deep squat"])).await.expect("made");
    let plan_id = id_of(&made);
    // Whoever has only the safety right gets this of the plan, in the same commit, and nothing else.
    let page = kit.page(&dietitian, circle.no, &held.cursor).await.expect("page");
    let minimum = listed(&dietitian).await.remove(0);
    assert!(holds(&page, id_of(&minimum)) && !holds(&page, plan_id));
    assert_eq!(reason(kit.get(&dietitian, circle.no, plan_id).await), Reason::NotFound);
    let body_of = |view: &record::RecordView| open_body::<care::SafetyMinimum>(view);
    let told = body_of(&minimum);
    assert_eq!((told.lift_max_kg, told.clearance), (Some(10), Some(care::ExerciseClearance::SupervisedOnly.into())));
    assert_eq!(told.forbidden_movements, ["deep squat"]);
    let inputs: Vec<_> = told.inputs.iter().map(|input| input[..16].to_vec()).collect();
    assert!(!inputs.is_empty() && inputs.iter().all(|record| *record == plan_id), "it names what it was made of");
    // Two limits apart: the safer one is in force here too. The record stays one.
    let (number, shown) = (field(&made, "lift_max_kg").field, dots(&made, "lift_max_kg"));
    for (phone, kg) in [(&mut a, 8), (&mut b, 5)] {
        let edit = edit(
            plan_id,
            201,
            &care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() },
            number,
            shown.clone(),
        );
        sequence(&kit.write(phone, circle.no, edit).await);
    }
    let now = listed(&patient).await;
    assert_eq!((now.len(), id_of(&now[0])), (1, id_of(&minimum)));
    assert_eq!(body_of(&now[0]).lift_max_kg, Some(5));
    // Whoever may not read the plan is told that people disagree over it.
    assert_eq!(body_of(&listed(&dietitian).await[0]).disputed, ["lift_max_kg"]);
    assert!(now[0].fields.iter().all(|f| f.versions.len() == 1 && !f.may_write));
    // What moves nothing of it writes nothing.
    let before = kit.app.store.heads(&[circle.no]).await.expect("heads")[0].1;
    let enjoys = care::ExercisePlan { patient_enjoys: Some("the garden".into()), ..Default::default() };
    let view = kit.get(&patient, circle.no, plan_id).await.expect("plan");
    write(&kit, &patient, circle.no, &view, "lift_max_kg", &enjoys).await;
    assert_eq!(kit.app.store.heads(&[circle.no]).await.expect("heads")[0].1, before + 1);
    // Nobody writes it.
    let mine = care::SafetyMinimum { lift_max_kg: Some(99), ..Default::default() };
    assert_eq!(reason(kit.create(&patient, circle.no, SAFETY, &mine).await), Reason::RecordNotCreatable);
    let number = field(&now[0], "lift_max_kg").field;
    let edit = edit(id_of(&now[0]), SAFETY, &mine, number, dots(&now[0], "lift_max_kg"));
    assert!(said(&kit.write(&mut a, circle.no, edit).await).starts_with("DERIVED_FIELD"));
    // A second plan beside it: of both the stricter holds. Once it is over it restricts no longer.
    let stricter = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Hold.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        ..plan(80, &["running"])
    };
    let second = kit.create(&a.caller, circle.no, 201, &stricter).await.expect("made");
    let told = body_of(&listed(&dietitian).await[0]);
    assert_eq!((told.lift_max_kg, told.clearance), (Some(5), Some(care::ExerciseClearance::Hold.into())));
    assert_eq!(told.forbidden_movements, ["deep squat", "running"]);
    let over = care::ExercisePlan { status: Some(care::ExercisePlanStatus::Ended.into()), ..Default::default() };
    write(&kit, &a.caller, circle.no, &second, "status", &over).await;
    // Settled: the word is gone.
    let asked = review::ListReviewsRequest { circle: circle.no, ..Default::default() };
    let open = reviews::list(&kit.app, &a.caller, &asked).await.expect("reviews").reviews;
    let dispute = open.iter().find(|one| one.kind() == review::ReviewKind::Dispute).expect("the dispute");
    let settled = review::ResolveReviewRequest {
        review_id: dispute.review_id.clone(),
        shown: dispute.shown.clone(),
        value: Some(body(201, &care::ExercisePlan { lift_max_kg: Some(5), ..Default::default() })),
        ..Default::default()
    };
    reviews::resolve(&kit.app, &a.caller, &settled).await.expect("settled");
    let told = body_of(&listed(&dietitian).await[0]);
    assert!(told.disputed.is_empty(), "{:?}", told.disputed);
    assert_eq!((told.lift_max_kg, told.clearance), (Some(5), Some(care::ExerciseClearance::SupervisedOnly.into())));
    assert_eq!(told.forbidden_movements, ["deep squat"]);
    // The plan was a mistake: what it said is cleared.
    let view = kit.get(&a.caller, circle.no, plan_id).await.expect("plan");
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown.clone(),
        reason: "of another patient".into(),
        ..Default::default()
    };
    records::end(&kit.app, &a.caller, &end).await.expect("ended");
    assert_eq!(body_of(&listed(&dietitian).await[0]), care::SafetyMinimum::default());
}

/// What restricts is never left out: of more than 64 movements the last by letter were.
pub(crate) async fn the_safety_minimum_is_whole(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Dietitian]).await;
    let [physiotherapist, dietitian] = [1, 2].map(|i| kit.person(circle.people[i]));
    let plan = |movements: Vec<String>| care::ExercisePlan { forbidden_movements: movements, ..Default::default() };
    let first = plan(vec!["spine_flexion".into(), "spine_rotation".into()]);
    let made = kit.create(&physiotherapist, circle.no, 201, &first).await.expect("made");
    for n in 0..2 {
        let request = record::WriteRecordRequest {
            circle: circle.no,
            record_id: made.record_id.clone(),
            body: Some(body(201, &plan((0..40).map(|i| format!("m_{n}_{i}")).collect()))),
            ..Default::default()
        };
        records::write(&kit.app, &physiotherapist, &request).await.expect("written");
    }
    let request = record::ListRecordsRequest { circle: circle.no, r#type: 321, ..Default::default() };
    let told = lists::list(&kit.app, &dietitian, &request).await.expect("list").records.remove(0);
    let told = open_body::<care::SafetyMinimum>(&told).forbidden_movements;
    for movement in ["spine_flexion", "spine_rotation"] {
        assert!(told.iter().any(|one| one == movement), "{movement} of {}", told.len());
    }
}

/// What is to be cleared first holds a dose, whatever the plan's status says; a plan that was stopped hides none that goes on.
pub(crate) async fn the_safety_minimum_of_a_bone_drug(kit: Kit) {
    use care::BoneDrugStatus::{Active, Held, Stopped};
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physician]).await;
    let physician = kit.person(circle.people[1]);
    let plan = |agent: &str, status: care::BoneDrugStatus, next: &str, holds: &[&str]| care::BoneDrugPlan {
        agent: Some(agent.into()),
        status: Some(status.into()),
        planned_next: Some(next.into()),
        hold_reasons: holds.iter().map(|s| (*s).to_owned()).collect(),
        ..Default::default()
    };
    let request = record::ListRecordsRequest { circle: circle.no, r#type: 321, ..Default::default() };
    let told = async || {
        let all = lists::list(&kit.app, &physician, &request).await.expect("list").records;
        open_body::<care::SafetyMinimum>(&all[0])
    };
    kit.create(&physician, circle.no, 231, &plan("zoledronate", Stopped, "2026-04-01", &[])).await.expect("made");
    assert_eq!(told().await.bone_drug_status, Some(Stopped.into()));
    kit.create(&physician, circle.no, 231, &plan("denosumab", Active, "2026-06-01", &[])).await.expect("made");
    let seen = told().await;
    assert_eq!((seen.bone_drug_status, seen.bone_drug_next.as_deref()), (Some(Active.into()), Some("2026-06-01")));
    assert_eq!(seen.bone_drug, ["denosumab"]);
    let held = plan("pamidronate", Active, "2026-05-01", &["dental"]);
    kit.create(&physician, circle.no, 231, &held).await.expect("made");
    let seen = told().await;
    assert_eq!((seen.bone_drug_status, seen.bone_drug_next.as_deref()), (Some(Held.into()), Some("2026-05-01")));
}

/// M4, M5 and M15 for whoever is told the safety minimum alone: giving is blocked, lateness counts, the earlier day reminds, the
/// later one allows, and that people disagree stands beside it.
pub(crate) async fn the_safety_minimum_of_a_disputed_bone_drug(kit: Kit) {
    use care::BoneDrugStatus::{Active, Held};
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physician, Role::Physician, Role::Physiotherapist]).await;
    let physiotherapist = kit.person(circle.people[3]);
    let mut one = kit.phone(&circle, 1, Role::Physician).await;
    let mut other = kit.phone(&circle, 2, Role::Physician).await;
    let plan = |status: care::BoneDrugStatus, next: &str| care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        status: Some(status.into()),
        planned_next: Some(next.into()),
        ..Default::default()
    };
    let made = kit.create(&one.caller, circle.no, 231, &plan(Active, "2026-06-10")).await.expect("made");
    let request = record::ListRecordsRequest { circle: circle.no, r#type: 321, ..Default::default() };
    let told = async || lists::list(&kit.app, &physiotherapist, &request).await.expect("list").records.remove(0);
    let said = |view: &record::RecordView, name: &str| -> Vec<(String, String)> {
        field(view, name).readings.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
    };
    let pairs = |all: [(&str, &str); 2]| all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let view = told().await;
    assert_eq!(said(&view, "bone_drug_status"), pairs([("giving", "allowed"), ("overdue_clock", "runs")]));
    for (phone, plan) in [(&mut one, plan(Held, "2026-06-15")), (&mut other, plan(Active, "2026-06-01"))] {
        for name in ["status", "planned_next"] {
            let (number, shown) = (field(&made, name).field, dots(&made, name));
            let mut change = kit.change(vec![edit(id_of(&made), 231, &plan, number, shown)]);
            change.reason = "as she is now".into();
            sequence(&kit.push(phone, circle.no, change).await);
        }
    }
    let view = told().await;
    let minimum = open_body::<care::SafetyMinimum>(&view);
    assert_eq!(minimum.disputed, ["bone_drug_next", "bone_drug_status"]);
    assert_eq!(said(&view, "bone_drug_status"), pairs([("giving", "blocked"), ("overdue_clock", "runs")]));
    assert_eq!(said(&view, "bone_drug_next"), pairs([("remind_on", "2026-06-01"), ("not_before", "2026-06-15")]));
}

//! RecordService over one circle: reading, creating, writing from a form, ending and restoring, explaining.

use osteon_proto::{care, meta::Role, record as pb, sync};
use osteon_server::{
    app::{explain, records},
    error::{Error, Reason},
};
use prost::Message;

use crate::fixture::*;

const TEAM: [Role; 4] = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist, Role::Nurse];

fn write_of(circle: u64, view: &pb::RecordView, record: &impl Message) -> pb::WriteRecordRequest {
    pb::WriteRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        body: Some(body(view.r#type, record)),
        ..Default::default()
    }
}

fn shown(view: &pb::RecordView, name: &str) -> pb::FieldShown {
    let field = field(view, name);
    pb::FieldShown { field: field.field, element: field.element.clone(), shown: field.shown.clone() }
}

pub(crate) async fn a_pain_entry_goes_from_the_phone_to_the_nurse(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (nurse, admin) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let id = kit.id();
    let pain = care::PainEntry { worst_24h: Some(7), ..Default::default() };
    assert!(sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain)).await) > 1);
    let page = kit.page(&nurse, circle.no, &[]).await.expect("page");
    assert!(page.at_head);
    let sent = parts(&page).into_iter().find(|(_, part)| part.record.as_ref() == id);
    assert_eq!(sent.and_then(|(_, part)| part.body.clone()), Some(body(101, &pain)));
    assert!(!holds(&kit.page(&admin, circle.no, &[]).await.expect("page"), id));
    let nothing = kit.page(&nurse, circle.no, &page.cursor).await.expect("page");
    assert!(nothing.cells.is_empty() && nothing.at_head);
    assert_eq!(open_body::<care::PainEntry>(&kit.get(&nurse, circle.no, id).await.expect("read")), pain);
    let hidden = kit.get(&admin, circle.no, id).await.expect_err("hidden");
    let absent = kit.get(&admin, circle.no, kit.id()).await.expect_err("absent");
    let bytes = |error: Error| {
        let status = error.into_status();
        (status.code(), status.message().to_owned(), status.details().to_vec())
    };
    assert_eq!(bytes(hidden), bytes(absent), "forbidden is absent");
}

pub(crate) async fn a_request_id_has_one_effect(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let patient = kit.person(circle.people[0]);
    let pain = care::PainEntry { worst_24h: Some(7), ..Default::default() };
    let request = pb::CreateRecordRequest {
        circle: circle.no,
        body: Some(body(101, &pain)),
        request_id: "0190f7a2-7c3b-7000-8000-000000000001".into(),
        ..Default::default()
    };
    let first = records::create(&kit.app, &patient, &request).await.expect("created");
    let again = records::create(&kit.app, &patient, &request).await.expect("the same again");
    let id = |answer: &pb::CreateRecordResponse| answer.record.as_ref().map(|r| r.record_id.clone());
    assert_eq!(id(&first), id(&again));
    let other = pb::CreateRecordRequest { reason: "another".into(), ..request.clone() };
    assert_eq!(reason(records::create(&kit.app, &patient, &other).await), Reason::RequestIdReused);
    let nurse = kit.person(circle.people[3]);
    let theirs = records::create(&kit.app, &nurse, &request).await.expect("a request id is of one account");
    assert_ne!(id(&first), id(&theirs));
    let nonsense = pb::CreateRecordRequest { request_id: "7".into(), ..request.clone() };
    assert_eq!(reason(records::create(&kit.app, &patient, &nonsense).await), Reason::RequestIdInvalid);
    let unnamed = pb::CreateRecordRequest { request_id: String::new(), ..request };
    assert_ne!(id(&first), id(&records::create(&kit.app, &patient, &unnamed).await.expect("one more")));
}

pub(crate) async fn validate_only_writes_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let patient = kit.person(circle.people[0]);
    let head = kit.app.store.heads(&[circle.no]).await.expect("heads");
    let mut request = pb::CreateRecordRequest {
        circle: circle.no,
        body: Some(body(101, &care::PainEntry { worst_24h: Some(7), ..Default::default() })),
        request_id: "0190f7a2-7c3b-7000-8000-000000000002".into(),
        validate_only: true,
        ..Default::default()
    };
    let said = records::create(&kit.app, &patient, &request).await.expect("valid");
    assert_eq!((said.effect(), said.record.is_none()), (pb::Effect::Validated, true));
    assert_eq!(kit.app.store.heads(&[circle.no]).await.expect("heads"), head);
    request.body = Some(body(101, &care::PainEntry { worst_24h: Some(11), ..Default::default() }));
    assert_eq!(reason(records::create(&kit.app, &patient, &request).await), Reason::OutOfRange);
    assert_eq!(kit.app.store.heads(&[circle.no]).await.expect("heads"), head);
}

pub(crate) async fn one_plan_that_two_people_start(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian, Role::Dietitian]).await;
    let (a, b) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let plan = |g: u32| care::NutritionPlan { protein_g_kg_d_min: Some(g), ..Default::default() };
    let first = kit.create(&a, circle.no, 221, &plan(10)).await.expect("started");
    let second = kit.create(&b, circle.no, 221, &plan(12)).await.expect("started too");
    assert_eq!(first.record_id, second.record_id, "one record");
    assert_eq!(field(&second, "protein_g_kg_d_min").versions.len(), 2, "two versions");
    let elsewhere = pb::CreateRecordRequest {
        circle: circle.no,
        body: Some(body(221, &plan(11))),
        record_id: text(kit.id()),
        ..Default::default()
    };
    assert_eq!(reason(records::create(&kit.app, &a, &elsewhere).await), Reason::RecordIdInvalid);
}

pub(crate) async fn masks_sets_and_clearing(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let physio = kit.person(circle.people[1]);
    let plan = care::ExercisePlan {
        lift_max_kg: Some(50),
        max_rpe: Some(5),
        orthoses: vec!["brace".into(), "collar".into()],
        ..Default::default()
    };
    let made = kit.create(&physio, circle.no, 201, &plan).await.expect("created");
    // Only what is masked is written; the other field of the body is not.
    let next = care::ExercisePlan {
        lift_max_kg: Some(40),
        max_rpe: Some(1),
        orthoses: vec!["sling".into()],
        ..Default::default()
    };
    let mut write = write_of(circle.no, &made, &next);
    let paths = vec!["lift_max_kg".into(), "orthoses".into()];
    write.update_mask = Some(prost_types::FieldMask { paths });
    write.shown = vec![shown(&made, "lift_max_kg")];
    let brace = made.fields.iter().find(|f| f.name == "orthoses" && f.element.ends_with(b"brace")).expect("element");
    write.remove =
        vec![pb::FieldShown { field: brace.field, element: brace.element.clone(), shown: brace.shown.clone() }];
    // A brace restricts: who takes it away says why.
    assert_eq!(reason(records::write(&kit.app, &physio, &write).await), Reason::ReasonRequired);
    write.reason = "it sits wrong".into();
    let written = records::write(&kit.app, &physio, &write).await.expect("written");
    assert_eq!(written.effect(), pb::Effect::Applied);
    let view = written.record.expect("record");
    let now: care::ExercisePlan = open_body(&view);
    assert_eq!((now.lift_max_kg, now.max_rpe), (Some(40), Some(5)));
    let mut orthoses = now.orthoses;
    orthoses.sort();
    assert_eq!(orthoses, ["collar", "sling"]);
    // A masked field that the body does not have is cleared.
    let mut clear = write_of(circle.no, &view, &care::ExercisePlan::default());
    clear.body = None;
    clear.update_mask = Some(prost_types::FieldMask { paths: vec!["max_rpe".into()] });
    clear.shown = vec![shown(&view, "max_rpe")];
    for empty in ["", "\u{200b} "] {
        clear.reason = empty.into();
        assert_eq!(reason(records::write(&kit.app, &physio, &clear).await), Reason::ReasonRequired);
    }
    clear.reason = "strong enough".into();
    let view = records::write(&kit.app, &physio, &clear).await.expect("cleared").record.expect("record");
    assert_eq!(open_body::<care::ExercisePlan>(&view).max_rpe, None);
    assert!(field(&view, "max_rpe").versions[0].absent);
    let mut unknown = clear.clone();
    unknown.update_mask = Some(prost_types::FieldMask { paths: vec!["no_such_field".into()] });
    assert_eq!(reason(records::write(&kit.app, &physio, &unknown).await), Reason::ArgumentInvalid);
    let mut empty = write_of(circle.no, &view, &care::ExercisePlan::default());
    empty.body = None;
    assert_eq!(reason(records::write(&kit.app, &physio, &empty).await), Reason::EmptyChange);
    let other = pb::WriteRecordRequest { body: Some(body(101, &care::PainEntry::default())), ..empty };
    assert_eq!(reason(records::write(&kit.app, &physio, &other).await), Reason::WrongRecordType);
}

pub(crate) async fn tokens_are_of_one_reader_field_and_circle(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let mut people = vec![(circle.people[1], osteon_proto::meta::Role::Physiotherapist)];
    people.push((circle.people[0], Role::Patient));
    let other = osteon_server::app::members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    let (a, b) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let plan = care::ExercisePlan { lift_max_kg: Some(50), max_rpe: Some(5), ..Default::default() };
    let mine = kit.create(&a, circle.no, 201, &plan).await.expect("created");
    let theirs = kit.create(&a, other, 201, &plan).await.expect("created");
    let as_b = kit.get(&b, circle.no, id_of(&mine)).await.expect("read");
    let good = shown(&mine, "lift_max_kg");
    let of_field = pb::FieldShown { field: good.field, ..shown(&mine, "max_rpe") };
    let mut damaged = good.clone();
    let mut bytes = damaged.shown.to_vec();
    bytes[20] ^= 1;
    damaged.shown = bytes.into();
    let next = care::ExercisePlan { lift_max_kg: Some(40), ..Default::default() };
    for (what, token) in [
        ("another reader", shown(&as_b, "lift_max_kg")),
        ("another field", of_field),
        ("another circle", shown(&theirs, "lift_max_kg")),
        ("damaged", damaged),
        ("a record token", pb::FieldShown { shown: mine.shown.clone(), ..good.clone() }),
    ] {
        let mut write = write_of(circle.no, &mine, &next);
        write.shown = vec![token];
        assert_eq!(reason(records::write(&kit.app, &a, &write).await), Reason::ShownTokenInvalid, "{what}");
    }
    let mut write = write_of(circle.no, &mine, &next);
    write.shown = vec![good; 300];
    assert_eq!(reason(records::write(&kit.app, &a, &write).await), Reason::LimitExceeded);
}

pub(crate) async fn a_stale_token_is_a_concurrent_write(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let (a, b) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let limit = |kg| care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
    let made = kit.create(&a, circle.no, 201, &limit(50)).await.expect("created");
    let seen_by_b = kit.get(&b, circle.no, id_of(&made)).await.expect("read");
    let mut first = write_of(circle.no, &made, &limit(30));
    first.shown = vec![shown(&made, "lift_max_kg")];
    assert_eq!(records::write(&kit.app, &a, &first).await.expect("written").effect(), pb::Effect::Applied);
    let mut second = write_of(circle.no, &seen_by_b, &limit(40));
    second.shown = vec![shown(&seen_by_b, "lift_max_kg")];
    let written = records::write(&kit.app, &b, &second).await.expect("written");
    assert_eq!(written.effect(), pb::Effect::Disputed);
    let view = written.record.expect("record");
    assert_eq!(field(&view, "lift_max_kg").versions.len(), 2);
    assert_eq!(open_body::<care::ExercisePlan>(&view).lift_max_kg, Some(30), "the safer limit holds");
}

fn end_of(circle: u64, view: &pb::RecordView) -> pb::EndRecordRequest {
    pb::EndRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown.clone(),
        ..Default::default()
    }
}

pub(crate) async fn ending_and_restoring(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let patient = kit.person(circle.people[0]);
    let pain = care::PainEntry { worst_24h: Some(7), ..Default::default() };
    let made = kit.create(&patient, circle.no, 101, &pain).await.expect("created");
    let request = end_of(circle.no, &made);
    let other = pb::EndRecordRequest { shown: Default::default(), ..request.clone() };
    assert_eq!(reason(records::end(&kit.app, &patient, &other).await), Reason::ShownTokenInvalid);
    let active = pb::EndRecordRequest { state: sync::Lifecycle::Active.into(), ..request.clone() };
    assert_eq!(reason(records::end(&kit.app, &patient, &active).await), Reason::ArgumentInvalid);
    let ended = records::end(&kit.app, &patient, &request).await.expect("ended").record.expect("record");
    assert_eq!((ended.lifecycle(), ended.lifecycle_review), (sync::Lifecycle::EnteredInError, false));
    let restore = pb::RestoreRecordRequest {
        circle: circle.no,
        record_id: ended.record_id.clone(),
        shown: ended.shown.clone(),
        ..Default::default()
    };
    let back = records::restore(&kit.app, &patient, &restore).await.expect("restored").record.expect("record");
    assert_eq!(back.lifecycle(), sync::Lifecycle::Active);
    assert_eq!(open_body::<care::PainEntry>(&back), pain);
    // Somebody who may not end it is told so, and nothing moves.
    let physio = kit.person(circle.people[1]);
    let seen = kit.get(&physio, circle.no, id_of(&back)).await.expect("read");
    assert_eq!(reason(records::end(&kit.app, &physio, &end_of(circle.no, &seen)).await), Reason::FieldNotWritable);
}

pub(crate) async fn an_ending_covers_the_children(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let patient = kit.person(circle.people[0]);
    let goal = care::SharedGoal { statement: Some("walk".into()), ..Default::default() };
    let goal = kit.create(&patient, circle.no, 241, &goal).await.expect("goal");
    let parent = Some(id_of(&goal).to_vec().into());
    let step = care::Milestone { parent: parent.clone(), text: Some("to the shop".into()), ..Default::default() };
    kit.create(&patient, circle.no, 242, &step).await.expect("milestone");
    let seen = kit.get(&patient, circle.no, id_of(&goal)).await.expect("read");
    let step = care::Milestone { parent, text: Some("to the park".into()), ..Default::default() };
    kit.create(&patient, circle.no, 242, &step).await.expect("milestone");
    // What was on the screen did not have the second child.
    let stale = records::end(&kit.app, &patient, &end_of(circle.no, &seen)).await.expect("ended").record.expect("goal");
    assert_eq!((stale.lifecycle(), stale.lifecycle_review), (sync::Lifecycle::Active, true));
    let whole =
        records::end(&kit.app, &patient, &end_of(circle.no, &stale)).await.expect("ended").record.expect("goal");
    assert_eq!((whole.lifecycle(), whole.lifecycle_review), (sync::Lifecycle::EnteredInError, false));
}

pub(crate) async fn an_edit_meets_an_ending(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let patient = kit.person(circle.people[0]);
    let worst = |n| care::PainEntry { worst_24h: Some(n), ..Default::default() };
    let made = kit.create(&patient, circle.no, 101, &worst(7)).await.expect("created");
    let number = field(&made, "worst_24h").field;
    let offline = edit(id_of(&made), 101, &worst(8), number, dots(&made, "worst_24h"));
    records::end(&kit.app, &patient, &end_of(circle.no, &made)).await.expect("ended");
    sequence(&kit.write(&mut phone, circle.no, offline).await);
    let view = kit.get(&patient, circle.no, id_of(&made)).await.expect("read");
    assert_eq!((view.lifecycle(), view.lifecycle_review), (sync::Lifecycle::Active, true));
    let ask = osteon_proto::review::ListReviewsRequest { circle: circle.no, ..Default::default() };
    let open = osteon_server::app::reviews::list(&kit.app, &patient, &ask).await.expect("reviews").reviews;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].kind(), osteon_proto::review::ReviewKind::Ending);
    assert!(open[0].may_resolve);
    let resolve = osteon_proto::review::ResolveReviewRequest {
        review_id: open[0].review_id.clone(),
        shown: open[0].shown.clone(),
        end: true,
        ..Default::default()
    };
    let resolved = osteon_server::app::reviews::resolve(&kit.app, &patient, &resolve).await.expect("resolved");
    let view = resolved.record.expect("record");
    assert_eq!((view.lifecycle(), view.lifecycle_review), (sync::Lifecycle::EnteredInError, false));
    assert!(osteon_server::app::reviews::list(&kit.app, &patient, &ask).await.expect("reviews").reviews.is_empty());
}

pub(crate) async fn an_older_version_comes_back(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let physio = kit.person(circle.people[1]);
    let limit = |kg| care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
    let made = kit.create(&physio, circle.no, 201, &limit(50)).await.expect("created");
    let mut write = write_of(circle.no, &made, &limit(30));
    write.shown = vec![shown(&made, "lift_max_kg")];
    let view = records::write(&kit.app, &physio, &write).await.expect("written").record.expect("record");
    let mut restore = pb::RestoreRecordRequest {
        circle: circle.no,
        record_id: view.record_id.clone(),
        version: Some(dots(&made, "lift_max_kg")[0]),
        field: field(&view, "lift_max_kg").field,
        field_shown: field(&view, "lift_max_kg").shown.clone(),
        ..Default::default()
    };
    assert_eq!(reason(records::restore(&kit.app, &physio, &restore).await), Reason::ReasonRequired);
    restore.reason = "it went well".into();
    let back = records::restore(&kit.app, &physio, &restore).await.expect("restored").record.expect("record");
    assert_eq!(open_body::<care::ExercisePlan>(&back).lift_max_kg, Some(50));
    assert_eq!(field(&back, "lift_max_kg").versions.len(), 1);
    restore.version = Some(sync::Dot { epoch: 1, replica: 0, counter: 999 });
    assert_eq!(reason(records::restore(&kit.app, &physio, &restore).await), Reason::NotFound);
}

pub(crate) async fn to_end_a_restriction_says_why(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let physio = kit.person(circle.people[1]);
    let patient = kit.person(circle.people[0]);
    let plan = kit.create(&physio, circle.no, 201, &care::ExercisePlan::default()).await.expect("a plan");
    let pain = kit.create(&patient, circle.no, 101, &care::PainEntry::default()).await.expect("an entry");
    for (who, view, restricts) in [(&patient, pain, false), (&physio, plan, true)] {
        let mut end = pb::EndRecordRequest {
            circle: circle.no,
            record_id: view.record_id.clone(),
            state: sync::Lifecycle::Deleted.into(),
            shown: view.shown.clone(),
            ..Default::default()
        };
        let said = records::end(&kit.app, who, &end).await;
        if restricts {
            assert_eq!(reason(said), Reason::ReasonRequired);
            end.reason = "a new plan takes its place".into();
            records::end(&kit.app, who, &end).await.expect("ended");
        } else {
            said.expect("ended");
        }
    }
}

pub(crate) async fn explain_says_why(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let mut a = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let mut b = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let text_of = |s: &str| care::ExercisePlan { readiness_check: vec![s.into()], ..Default::default() };
    let made = kit.create(&a.caller, circle.no, 201, &text_of("first")).await.expect("created");
    let (id, old) = (id_of(&made), dots(&made, "readiness_check"));
    let number = field(&made, "readiness_check").field;
    sequence(&kit.write(&mut a, circle.no, edit(id, 201, &text_of("second"), number, old.clone())).await);
    sequence(&kit.write(&mut b, circle.no, edit(id, 201, &text_of("third"), number, old.clone())).await);
    let request = pb::ExplainRecordRequest { circle: circle.no, record_id: text(id), fields: vec![number] };
    let told = explain::explain(&kit.app, &a.caller, &request).await.expect("explained");
    assert_eq!(told.fields.len(), 1);
    let one = &told.fields[0];
    assert_eq!(one.history.len(), 3);
    assert!(one.history.iter().map(|v| v.sequence).is_sorted());
    assert_eq!(one.history[1].replaces, old);
    let view = one.view.as_ref().expect("view");
    assert!(view.needs_review && one.why.contains("agreed"), "{}", one.why);
    assert_eq!(view.agreed, Some(old[0]), "what both descend from");
    assert_eq!(open_body::<care::ExercisePlan>(told.record.as_ref().expect("record")).readiness_check, ["first"]);
    assert!(!one.why.contains("first") && !one.why.contains("second"), "no value in the reason");
    let many = pb::ExplainRecordRequest { fields: vec![1; 1000], ..request };
    assert_eq!(reason(explain::explain(&kit.app, &a.caller, &many).await), Reason::LimitExceeded);
}

pub(crate) async fn unknown_content_survives(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let mut nurse = kit.phone(&circle, 3, Role::Nurse).await;
    let physio = kit.person(circle.people[1]);
    // Field 1999 of a known type, and type 1999: from a newer app.
    const NEW_FIELD: &[u8] = &[0xfa, 0x7c, 0x03, b'n', b'e', b'w'];
    let mut inner = care::PainEntry { worst_24h: Some(7), ..Default::default() }.encode_to_vec();
    inner.extend_from_slice(NEW_FIELD);
    let (known, unknown) = (kit.id(), kit.id());
    let mut write = create(known, 101, &care::PainEntry::default());
    write.body = Some(osteon_proto::split::close(101, &inner).into());
    sequence(&kit.write(&mut nurse, circle.no, write).await);
    let mut write = create(unknown, 101, &care::PainEntry::default());
    write.body = Some(osteon_proto::split::close(1999, NEW_FIELD).into());
    sequence(&kit.write(&mut phone, circle.no, write).await);
    let sent = |page: &sync::Page, id: [u8; 16]| -> Vec<u8> {
        let theirs = parts(page).into_iter().filter(|(_, part)| part.record.as_ref() == id);
        theirs.flat_map(|(_, part)| part.body.clone().unwrap_or_default().to_vec()).collect()
    };
    let contains = |bytes: &[u8]| bytes.windows(NEW_FIELD.len()).any(|w| w == NEW_FIELD);
    for (who, sees_field, sees_type) in
        [(&nurse.caller, true, false), (&phone.caller, true, true), (&physio, false, false)]
    {
        let page = kit.page(who, circle.no, &[]).await.expect("page");
        assert_eq!(contains(&sent(&page, known)), sees_field, "author and patient only");
        assert_eq!(contains(&sent(&page, unknown)), sees_type, "author and patient only");
    }
    let view = kit.get(&phone.caller, circle.no, known).await.expect("read");
    assert_eq!(view.unknown_field_count, 1);
    assert!(!contains(view.body.as_ref().expect("body")), "counted, not shown");
    // Writing the record from a form leaves what the form does not know.
    let mut request = write_of(circle.no, &view, &care::PainEntry { worst_24h: Some(6), ..Default::default() });
    request.shown = vec![shown(&kit.get(&nurse.caller, circle.no, known).await.expect("read"), "worst_24h")];
    records::write(&kit.app, &nurse.caller, &request).await.expect("written");
    let page = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    assert!(contains(&sent(&page, known)));
    // A record of an unknown type is written by devices alone.
    let view = kit.get(&phone.caller, circle.no, unknown).await.expect("read");
    assert_eq!(reason(records::end(&kit.app, &phone.caller, &end_of(circle.no, &view)).await), Reason::NotFound);
}

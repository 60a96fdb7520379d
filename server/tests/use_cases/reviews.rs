//! The inbox of open disputes, and deciding them.

use osteon_proto::{care, meta::Role, record, review as pb, split};
use osteon_server::{
    app::{records, reviews},
    error::Reason,
};

use prost::Message as _;

use crate::fixture::*;

pub(crate) async fn two_limits_apart(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physiotherapist]).await;
    let mut a = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let mut b = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let patient = kit.person(circle.people[0]);
    let limit = |kg| care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
    let made = kit.create(&a.caller, circle.no, 201, &limit(50)).await.expect("created");
    assert_eq!(reason(kit.create(&patient, circle.no, 201, &limit(10)).await), Reason::FieldNotWritable);
    let (id, number, shown) = (id_of(&made), field(&made, "lift_max_kg").field, dots(&made, "lift_max_kg"));
    sequence(&kit.write(&mut a, circle.no, edit(id, 201, &limit(30), number, shown.clone())).await);
    let wider = edit(id, 201, &limit(100), number, shown);
    let bare = kit.write(&mut b, circle.no, wider.clone()).await;
    assert_eq!(said(&bare), "REASON_REQUIRED writes[0].body.exercise_plan.lift_max_kg");
    let mut change = kit.change(vec![wider]);
    change.reason = "strong enough at the last visit".into();
    sequence(&kit.push(&mut b, circle.no, change).await);

    let now = kit.get(&patient, circle.no, id).await.expect("read");
    assert!(field(&now, "lift_max_kg").needs_review);
    assert_eq!(open_body::<care::ExercisePlan>(&now).lift_max_kg, Some(30));
    let mine = pb::ListReviewsRequest { circle: circle.no, mine: true, ..Default::default() };
    assert!(reviews::list(&kit.app, &patient, &mine).await.expect("reviews").reviews.is_empty(), "not the owner");
    let disputes = |answer: pb::ListReviewsResponse| -> Vec<pb::Review> {
        answer.reviews.into_iter().filter(|one| one.kind() == pb::ReviewKind::Dispute).collect()
    };
    let open = disputes(reviews::list(&kit.app, &a.caller, &mine).await.expect("reviews"));
    assert_eq!(open.len(), 1);
    what_each_asks_for_beside_what_it_was(&open[0], &made);
    let resolve = pb::ResolveReviewRequest {
        review_id: open[0].review_id.clone(),
        shown: open[0].shown.clone(),
        value: Some(body(201, &limit(30))),
        ..Default::default()
    };
    assert_eq!(reason(reviews::resolve(&kit.app, &b.caller, &resolve).await), Reason::ShownTokenInvalid);
    let two = care::ExercisePlan { lift_max_kg: Some(30), max_rpe: Some(3), ..Default::default() };
    let two = pb::ResolveReviewRequest { value: Some(body(201, &two)), ..resolve.clone() };
    assert_eq!(reason(reviews::resolve(&kit.app, &a.caller, &two).await), Reason::ArgumentInvalid);
    let resolved = reviews::resolve(&kit.app, &a.caller, &resolve).await.expect("resolved");
    assert_eq!(resolved.effect(), record::Effect::Applied);
    let all = pb::ListReviewsRequest { circle: circle.no, ..Default::default() };
    assert!(disputes(reviews::list(&kit.app, &b.caller, &all).await.expect("reviews")).is_empty());
    settled_without_the_other(&kit, &circle, [&patient, &a.caller, &b.caller], &made).await;
}

/// Whoever had a version and did not decide is told what was decided, by whom; nobody else is.
async fn settled_without_the_other(
    kit: &Kit,
    circle: &Circle,
    [patient, a, b]: [&osteon_server::access::Caller; 3],
    made: &record::RecordView,
) {
    let list = async |who: &osteon_server::access::Caller, request: pb::ListSettledRequest| {
        reviews::settled(&kit.app, who, &request).await.expect("listed").settled
    };
    let all = pb::ListSettledRequest::default();
    let here = pb::ListSettledRequest { circle: circle.no, ..all.clone() };
    for asked in [&all, &here] {
        assert!(list(a, asked.clone()).await.is_empty() && list(patient, asked.clone()).await.is_empty());
        let settled = list(b, asked.clone()).await;
        let [one] = settled.as_slice() else { panic!("{}", settled.len()) };
        assert_eq!((one.record_id.as_str(), one.name.as_str()), (made.record_id.as_str(), "lift_max_kg"));
        assert_eq!((one.versions.len(), one.yours, one.stands), (2, false, true));
        assert!(one.versions.iter().any(|version| version.account == b.account));
        assert_eq!(one.decision.as_ref().map(|decision| decision.account), Some(a.account));
    }
    let later =
        pb::ListSettledRequest { since: Some(osteon_server::app::enrol::timestamp(NOW + 90 * DAY)), ..all.clone() };
    assert!(list(b, later).await.is_empty());
    // Written again since: it is told, and that it stands no more.
    let plan = care::ExercisePlan { lift_max_kg: Some(20), ..Default::default() };
    let seen = kit.get(a, circle.no, id_of(made)).await.expect("read");
    crate::access::write(kit, a, circle.no, &seen, "lift_max_kg", &plan).await;
    assert!(!list(b, here.clone()).await[0].stands);
    let rows = kit.app.store.audit_after(circle.no, 0, 500).await.expect("audit");
    assert!(
        rows.iter().any(|row| row.action == "review.settled" && row.account == b.account && row.categories == 1 << 8)
    );
    // What they may not read any more is not told.
    crate::access::remove(kit, patient, circle.no, b.account, Role::Physiotherapist).await;
    assert!(list(b, all).await.is_empty());
    assert_eq!(reason(reviews::settled(&kit.app, b, &here).await), Reason::NotFound);
}

/// 3 kg and 10 kg in the place of 5: what it was, whose and since when; which of the two loosens what.
fn what_each_asks_for_beside_what_it_was(review: &pb::Review, made: &record::RecordView) {
    let kg = |version: &record::VersionView| {
        let (_, inner) = split::open(version.value.as_deref().expect("a value")).expect("a body");
        care::ExercisePlan::decode(inner).expect("a plan").lift_max_kg
    };
    let versions = &review.field.as_ref().expect("a field").versions;
    let first = &field(made, "lift_max_kg").versions[0];
    assert_eq!(review.choices.len(), 2);
    for (choice, version) in review.choices.iter().zip(versions) {
        assert_eq!(choice.version, version.dot);
        assert!(!choice.before_cut);
        let [before] = choice.before.as_slice() else { panic!("{:?}", choice.before) };
        assert_eq!(
            (kg(before), before.role(), before.in_force, before.live),
            (Some(50), Role::Physiotherapist, true, false)
        );
        assert_eq!((before.dot, before.written), (first.dot, first.written));
        assert!(before.received.is_some());
        let other = versions.iter().find(|other| other.dot != version.dot).and_then(|other| other.dot);
        if kg(version) == Some(100) {
            assert_eq!(version.reason, "strong enough at the last visit");
            assert_eq!(
                (choice.lifts.as_slice(), choice.relaxes.as_slice()),
                ([first.dot.unwrap()].as_slice(), [other.unwrap()].as_slice())
            );
        } else {
            assert!(choice.lifts.is_empty() && choice.relaxes.is_empty(), "it is stricter");
        }
    }
}

/// More disputes in one part than a page holds, over several circles.
pub(crate) async fn an_inbox_of_many_disputes(kit: Kit) {
    let roles = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let people: Vec<_> = circle.people.iter().copied().zip(roles).collect();
    let other = osteon_server::app::members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    let (a, b) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    for no in [circle.no, other] {
        let plan = |n| care::ExercisePlan {
            lift_max_kg: Some(n),
            max_rpe: Some(n),
            max_minutes_session: Some(n * 10),
            ..Default::default()
        };
        let made = kit.create(&a, no, 201, &plan(1)).await.expect("created");
        // Nothing shown, nothing replaced.
        let write = record::WriteRecordRequest {
            circle: no,
            record_id: made.record_id,
            body: Some(body(201, &plan(2))),
            ..Default::default()
        };
        records::write(&kit.app, &b, &write).await.expect("written");
    }
    let mut request = pb::ListReviewsRequest { page_size: 1, ..Default::default() };
    let mut found = Vec::new();
    for _ in 0..8 {
        let page = reviews::list(&kit.app, &a, &request).await.expect("reviews");
        found.extend(page.reviews.iter().map(|r| (r.circle, r.field.as_ref().map(|f| f.field))));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert!(request.page_token.is_empty());
    assert_eq!(found.len(), 6);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 6, "each once");
    request.page_token = "00".into();
    assert_eq!(reason(reviews::list(&kit.app, &a, &request).await), Reason::PageTokenInvalid);
}

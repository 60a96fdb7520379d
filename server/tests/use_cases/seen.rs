//! Who has seen what: a mark is a person's, and only grows.

use osteon_proto::{care, meta::Role, reasons::Reason, seen as pb, summary};
use osteon_server::{
    access::Caller,
    app::{changes, lists, seen},
};

use crate::{access::remove, circle_view::opened, fixture::*, summaries::deny};

const TEAM: [Role; 3] = [Role::Patient, Role::Nurse, Role::Physician];
const SEEN_MARK: u32 = 451;

async fn list(kit: &Kit, who: &Caller, circle: u64) -> pb::ListSeenResponse {
    seen::list(&kit.app, who, &pb::ListSeenRequest { circle }).await.expect("list")
}

pub(crate) async fn say(kit: &Kit, who: &Caller, circle: u64, sequence: u64) -> pb::SeenBy {
    let request = pb::MarkSeenRequest { circle, sequence, request_id: String::new() };
    seen::mark(&kit.app, who, &request).await.expect("marked").seen.expect("a mark")
}

fn sequences(all: &pb::ListSeenResponse) -> Vec<(u64, u64, bool)> {
    all.seen.iter().map(|one| (one.account, one.sequence, one.left)).collect()
}

pub(crate) async fn a_mark_is_a_person_s_and_only_grows(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    kit.create(&patient, circle.no, 101, &care::PainEntry { now: Some(2), ..Default::default() }).await.expect("made");
    let none = list(&kit, &patient, circle.no).await;
    let people = &circle.people;
    assert_eq!(sequences(&none), [(people[0], 0, false), (people[1], 0, false), (people[2], 0, false)], "not yet");
    let head = none.sequence;
    let first = say(&kit, &nurse, circle.no, head).await;
    assert_eq!((first.account, first.sequence, first.role()), (nurse.account, head, Role::Nurse));
    assert!(first.at.is_some());
    // A lower one changes nothing, a higher one grows, and it is one record.
    assert_eq!(say(&kit, &nurse, circle.no, head - 1).await, first);
    assert_eq!(list(&kit, &nurse, circle.no).await.sequence, head + 1, "one commit");
    kit.create(&patient, circle.no, 101, &care::PainEntry { now: Some(3), ..Default::default() }).await.expect("made");
    kit.clock.advance(60_000);
    let second = say(&kit, &nurse, circle.no, head + 2).await;
    assert_eq!(second.sequence, head + 2);
    assert_ne!(second.at, first.at);
    let all = list(&kit, &physician, circle.no).await;
    assert_eq!(sequences(&all), [(people[0], 0, false), (people[1], head + 2, false), (people[2], 0, false)]);
    // What is not there yet nobody has seen.
    for wrong in [0, all.sequence + 1, u64::MAX] {
        let request = pb::MarkSeenRequest { circle: circle.no, sequence: wrong, request_id: String::new() };
        let error = seen::mark(&kit.app, &nurse, &request).await.expect_err("refused");
        assert_eq!((error.reason(), error.violations()[0].field.as_str()), (Reason::ArgumentInvalid, "sequence"));
    }
    // Whoever leaves has seen what they have seen.
    remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    let left = list(&kit, &physician, circle.no).await;
    assert_eq!(sequences(&left), [(people[0], 0, false), (people[2], 0, false), (people[1], head + 2, true)]);
    assert_eq!(left.seen[2].role(), Role::Nurse);
    // Whoever is no member is told what they are told of a circle that never was.
    for (who, no) in [(&nurse, circle.no), (&kit.person(987), circle.no), (&physician, 987)] {
        assert_eq!(reason(seen::list(&kit.app, who, &pb::ListSeenRequest { circle: no }).await), Reason::NotFound);
        let request = pb::MarkSeenRequest { circle: no, sequence: 1, request_id: String::new() };
        assert_eq!(reason(seen::mark(&kit.app, who, &request).await), Reason::NotFound);
    }
}

/// A device may say what it likes: nobody has seen what was written after they said so.
pub(crate) async fn a_mark_counts_no_further_than_what_had_come(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let patient = kit.person(circle.people[0]);
    let mut phone = kit.phone(&circle, 1, Role::Nurse).await;
    let mark = care::SeenMark { account: Some(phone.caller.account), sequence: Some(1_000_000) };
    let write = crate::access::derived(circle.no, SEEN_MARK, &mark);
    let at = sequence(&kit.write(&mut phone, circle.no, write).await);
    kit.create(&patient, circle.no, 101, &care::PainEntry { now: Some(3), ..Default::default() }).await.expect("made");
    let all = list(&kit, &patient, circle.no).await;
    assert_eq!(all.seen[1].sequence, at);
    assert!(all.sequence > at);
}

pub(crate) async fn the_same_request_marks_once(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let head = list(&kit, &nurse, circle.no).await.sequence;
    let request = pb::MarkSeenRequest { circle: circle.no, sequence: head, request_id: text(kit.id()) };
    let first = seen::mark(&kit.app, &nurse, &request).await.expect("marked");
    assert_eq!(seen::mark(&kit.app, &nurse, &request).await.expect("marked"), first);
    assert_eq!(list(&kit, &nurse, circle.no).await.sequence, head + 1);
    let other = pb::MarkSeenRequest { sequence: head + 1, ..request };
    assert_eq!(reason(seen::mark(&kit.app, &nurse, &other).await), Reason::RequestIdReused);
}

/// What came after a sequence, with what stood then: an edit of something old, a new entry; page by page the same; and nothing of
/// what the reader may not read.
pub(crate) async fn what_came_after_a_sequence(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    let pain = |now| care::PainEntry { now: Some(now), ..Default::default() };
    let plan = |days| care::BoneDrugPlan { interval_days: Some(days), ..Default::default() };
    let old = kit.create(&patient, circle.no, 101, &pain(2)).await.expect("made");
    let drug = kit.create(&physician, circle.no, 231, &plan(28)).await.expect("made");
    let since = list(&kit, &nurse, circle.no).await.sequence;
    let ask = |page_size, page_token: &str| summary::ListChangesRequest {
        circle: circle.no,
        since_sequence: since,
        page_size,
        page_token: page_token.to_owned(),
    };
    let told = async |who: &Caller, page_size: i32| {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let page = changes::list(&kit.app, who, &ask(page_size, &token)).await.expect("changes");
            assert!(page.changes.len() <= usize::try_from(page_size).expect("small"));
            all.extend(page.changes);
            token = page.next_page_token;
            if token.is_empty() {
                return all;
            }
        }
    };
    assert!(told(&nurse, 9).await.is_empty(), "nothing came since");
    crate::access::write(&kit, &physician, circle.no, &drug, "interval_days", &plan(84)).await;
    let new = kit.create(&patient, circle.no, 101, &pain(7)).await.expect("made");
    crate::access::write(&kit, &patient, circle.no, &old, "now", &pain(3)).await;
    // A mark is nothing that came.
    say(&kit, &nurse, circle.no, since).await;
    let all = told(&nurse, 9).await;
    let ids: Vec<&str> = all.iter().map(|one| one.record_id.as_str()).collect();
    assert_eq!(ids, [&old.record_id, &new.record_id, &drug.record_id], "the newest arrival first");
    assert_eq!(all.iter().map(|one| one.is_new).collect::<Vec<_>>(), [false, true, false]);
    let before: care::BoneDrugPlan = opened(all[2].fields[0].before[0].value.as_ref().expect("a value"));
    let now = all[2].fields[0].now.as_ref().expect("now");
    let after: care::BoneDrugPlan = opened(now.versions[0].value.as_ref().expect("a value"));
    assert_eq!((before.interval_days, after.interval_days), (Some(28), Some(84)));
    assert_eq!((now.versions[0].account, now.versions[0].reason.as_str()), (physician.account, "decided"));
    assert!(now.shown.is_empty(), "a write wants the record read");
    assert_eq!(told(&nurse, 1).await, all);
    // A token belongs to its question, and to whoever asked.
    let page = changes::list(&kit.app, &nurse, &ask(1, "")).await.expect("changes");
    let other = summary::ListChangesRequest { since_sequence: since - 1, ..ask(1, &page.next_page_token) };
    assert_eq!(reason(changes::list(&kit.app, &nurse, &other).await), Reason::PageTokenInvalid);
    let theirs = ask(1, &page.next_page_token);
    assert_eq!(reason(changes::list(&kit.app, &physician, &theirs).await), Reason::PageTokenInvalid);
    // Nor to another list that asks with the same bytes.
    let records = osteon_proto::record::ListRecordsRequest { circle: circle.no, page_size: 1, ..Default::default() };
    let next = lists::list(&kit.app, &nurse, &records).await.expect("list").next_page_token;
    let asked = summary::ListChangesRequest { circle: circle.no, page_token: next, ..Default::default() };
    assert_eq!(reason(changes::list(&kit.app, &nurse, &asked).await), Reason::PageTokenInvalid);
    // What is not shared any more did not come.
    deny(&kit, &patient, circle.no, nurse.account, care::GrantCategory::C04Medicines).await;
    let left = told(&nurse, 9).await;
    assert!(left.iter().all(|one| one.r#type != 231) && left.iter().any(|one| one.r#type == 101), "{left:?}");
    assert_eq!(reason(changes::list(&kit.app, &kit.person(987), &ask(1, "")).await), Reason::NotFound);
}

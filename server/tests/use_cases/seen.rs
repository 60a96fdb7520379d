//! Who has seen what: a mark is a person's, and only grows.

use osteon_proto::{care, meta::Role, reasons::Reason, seen as pb};
use osteon_server::{access::Caller, app::seen};

use crate::{access::remove, fixture::*};

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

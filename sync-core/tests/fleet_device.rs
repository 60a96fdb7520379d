//! The device, rule by rule: what it asks next, what an answer means, what it keeps.

#[path = "fleet/schemas.rs"]
mod schemas;

use osteon_sync_core::{
    Author, Dot, Field, FieldWrite, Note, PartId, PartWrite, Put, RecordId, Replica, Role,
    device::{
        Depth, Device, Fate, HelloAnswer, HelloCircle, InMemory, Lane, Lanes, Page, PushAnswer, PushRequest,
        RebaseAnswer, Received, Request, Save, Stage, Step, Ticket,
    },
    ledger::{Cell, ChainPoint, Item, LaneState, Verdict},
};
use proptest::prelude::*;
use schemas::{TestMacs, TestSchemas, test_mac};

const LABEL: u64 = 1 << 24;
const NOW: u64 = 1_000_000;

fn lanes(first: u32) -> Lanes {
    Lanes { urgent: Replica { epoch: 1, n: first }, ordinary: Replica { epoch: 1, n: first + 1 } }
}

fn device() -> Device {
    let mut device = Device::new(7, 1, lanes(1));
    for circle in [1, 2] {
        device.join(circle, Author { account: 7, role: Role(1) });
    }
    device
}

fn write(device: &mut Device, circle: u64, lane: Lane, record: u8, replaces: &[Dot]) -> Dot {
    let form = device.new_form();
    write_by(device, circle, lane, record, replaces, form)
}

fn write_by(device: &mut Device, circle: u64, lane: Lane, record: u8, replaces: &[Dot], form: u64) -> Dot {
    let field = Field::register(1);
    let w = FieldWrite { field, put: Some(Put::Value([record].into())), replaces: replaces.to_vec(), covers: vec![] };
    let part = PartId { record: RecordId([record; 16]), label: LABEL };
    let parts = vec![PartWrite { part, type_number: 10, writes: vec![w] }];
    device.save(circle, Save { lane, form, parts, note: Note::default() }, NOW).expect("a circle of this device")
}

fn ask(device: &mut Device) -> Option<(Ticket, Request)> {
    match device.next(NOW, 3, &TestMacs) {
        Step::Send(ticket, request) => Some((ticket, request)),
        _ => None,
    }
}

fn say_hello(device: &mut Device, circles: Vec<HelloCircle>) {
    let Some((ticket, Request::Hello(_))) = ask(device) else { panic!("Hello comes first") };
    device.hello_answer(ticket, HelloAnswer { epoch: 1, server_ms: NOW, circles, lanes: None }, NOW);
}

fn pushes(device: &mut Device) -> Vec<(Ticket, PushRequest)> {
    let mut pushes = vec![];
    while let Some((ticket, Request::Push(push))) = ask(device) {
        pushes.push((ticket, push));
    }
    pushes
}

fn accepted(sequence: u64) -> Verdict {
    Verdict::Accepted { sequence, clock_lowered: false, out_of_range: false }
}

#[test]
fn hello_comes_first_then_one_push_a_lane_the_urgent_one_before() {
    let mut device = device();
    write(&mut device, 1, Lane::Ordinary, 1, &[]);
    write(&mut device, 1, Lane::Urgent, 2, &[]);
    say_hello(&mut device, vec![]);
    let pushed: Vec<Replica> = pushes(&mut device).iter().map(|(_, p)| p.replica).collect();
    assert_eq!(pushed, [lanes(1).urgent, lanes(1).ordinary]);
    write(&mut device, 1, Lane::Urgent, 3, &[]);
    assert!(pushes(&mut device).is_empty(), "one push in flight per lane");
}

#[test]
fn what_an_urgent_change_builds_on_goes_first() {
    let mut device = device();
    let base = write(&mut device, 1, Lane::Ordinary, 1, &[]);
    write(&mut device, 1, Lane::Urgent, 1, &[base]);
    say_hello(&mut device, vec![]);
    let first = pushes(&mut device);
    assert_eq!(first.iter().map(|(_, p)| p.replica).collect::<Vec<_>>(), [lanes(1).ordinary]);
    device.push_answer(first[0].0, PushAnswer { epoch: 1, verdicts: vec![accepted(1)] }, NOW, &TestMacs);
    let second = pushes(&mut device);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].1.builds_on.iter().map(|(dot, _)| *dot).collect::<Vec<_>>(), [base]);
}

#[test]
fn edits_of_a_form_are_one_change_until_it_is_sent() {
    let mut device = device();
    let form = device.new_form();
    let first = write_by(&mut device, 1, Lane::Ordinary, 1, &[], form);
    assert_eq!(write_by(&mut device, 1, Lane::Ordinary, 1, &[], form), first);
    say_hello(&mut device, vec![]);
    assert_eq!(pushes(&mut device).len(), 1);
    assert_ne!(write_by(&mut device, 1, Lane::Ordinary, 1, &[], form), first, "it may have been seen");
}

#[test]
fn asking_for_another_depth_ends_the_open_pull() {
    let mut device = device();
    say_hello(&mut device, vec![]);
    let Some((open, Request::Pull(first))) = ask(&mut device) else { panic!("a pull") };
    assert!(first.positions.iter().all(|at| at.depth == Depth::Full), "as much as there is, unless somebody asks");
    assert_eq!(device.next(NOW, 3, &TestMacs), Step::Wait { until_ms: None });
    device.set_depth(2, Depth::List);
    assert_eq!(device.next(NOW, 3, &TestMacs), Step::Cancel(open));
    // The program may end between the two: it is kept.
    let mut device = Device::decode(&device.encode()).expect("what was kept");
    say_hello(&mut device, vec![]);
    let Some((_, Request::Pull(second))) = ask(&mut device) else { panic!("a pull") };
    let depths: Vec<_> = second.positions.iter().map(|at| (at.circle, at.depth)).collect();
    assert_eq!(depths, [(1, Depth::Full), (2, Depth::List)]);
    assert_eq!(device.next(NOW, 3, &TestMacs), Step::Wait { until_ms: None }, "once");
}

#[test]
fn a_verdict_leaves_the_change_on_the_screen_until_a_page_holds_it() {
    let mut device = device();
    let (mut confirmed, schemas) = (InMemory::default(), TestSchemas);
    let dot = write(&mut device, 1, Lane::Ordinary, 1, &[]);
    say_hello(&mut device, vec![]);
    let part = PartId { record: RecordId([1; 16]), label: LABEL };
    let (push, pull) = (ask(&mut device).expect("a push").0, ask(&mut device).expect("a pull").0);
    device.push_answer(push, PushAnswer { epoch: 1, verdicts: vec![accepted(1)] }, NOW, &TestMacs);
    assert!(device.visible(1, &confirmed, part).is_some());
    let granted = vec![Cell { label: LABEL, class: 2 }];
    let page =
        Page { circle: 1, epoch: 1, cursor: vec![1], granted: granted.clone(), at_head: true, ..Page::default() };
    let mac = test_mac(dot.replica, &device.circle(1).expect("a circle").own()[0].change);
    let before = device.page(pull, page.clone(), &mut confirmed, NOW, &TestMacs, &schemas);
    assert_eq!(before, Received::Applied);
    assert!(device.visible(1, &confirmed, part).is_some(), "this page was read before it was processed");
    let void = device.page(pull, page.clone(), &mut confirmed, NOW, &TestMacs, &schemas);
    assert_eq!(void, Received::Void, "asked with another cursor");
    let holds = Page { asked: vec![1], cursor: vec![2], processed: vec![(dot, mac)], ..page.clone() };
    assert_eq!(device.page(pull, holds, &mut confirmed, NOW, &TestMacs, &schemas), Received::Applied);
    assert_eq!(device.circle(1).expect("a circle").own()[0].stage, Stage::Passed { sequence: 1 });
    let twin = Page { asked: vec![2], processed: vec![(Dot { counter: 2, ..dot }, [1; 16])], ..page };
    assert_eq!(device.page(pull, twin, &mut confirmed, NOW, &TestMacs, &schemas), Received::HelloFirst);
}

#[test]
fn a_fork_in_one_circle_numbers_all_circles_again_and_keeps_the_earlier_numbers() {
    let mut device = device();
    let forked = write(&mut device, 1, Lane::Ordinary, 1, &[]);
    let elsewhere = write(&mut device, 2, Lane::Ordinary, 2, &[]);
    let builds = write(&mut device, 1, Lane::Urgent, 1, &[forked]);
    let chain = ChainPoint { counter: 1, mac: [9; 16] };
    let state = LaneState { replica: lanes(1).ordinary, chain, forked: Some(1) };
    say_hello(&mut device, vec![HelloCircle { circle: 1, lanes: vec![state], ..HelloCircle::default() }]);
    let Some((ticket, Request::Rebase(_))) = ask(&mut device) else { panic!("new numbers are asked for") };
    device.rebase_answer(ticket, RebaseAnswer { epoch: 1, lanes: lanes(5) });
    let own = device.circle(1).expect("a circle").own();
    assert_eq!((own[0].dot(), &own[0].change.earlier), (Dot::new(1, 6, 1), &vec![forked]));
    assert_eq!((own[1].dot(), &own[1].change.earlier), (Dot::new(1, 5, 1), &vec![builds]));
    assert_eq!(own[1].change.parts[0].writes[0].replaces, [Dot::new(1, 6, 1)]);
    let other = &device.circle(2).expect("a circle").own()[0];
    assert_eq!((other.dot(), &other.change.earlier), (Dot::new(1, 6, 1), &vec![elsewhere]));
}

#[test]
fn after_a_restore_what_was_lost_goes_again_under_its_old_number_and_holes_are_said() {
    let mut device = device();
    let first = write(&mut device, 1, Lane::Ordinary, 1, &[]);
    write(&mut device, 1, Lane::Ordinary, 2, &[]);
    say_hello(&mut device, vec![]);
    let push = pushes(&mut device)[0].0;
    let refused = Verdict::Refused { reason: "NOT_ALLOWED".into(), violations: vec![] };
    device.push_answer(push, PushAnswer { epoch: 1, verdicts: vec![accepted(1), refused] }, NOW, &TestMacs);
    assert_eq!(device.circle(1).expect("a circle").drafts().len(), 1);
    device.hello_first();
    let Some((ticket, Request::Hello(_))) = ask(&mut device) else { panic!("Hello comes first") };
    let circle = HelloCircle { circle: 1, ..HelloCircle::default() };
    let new = Lanes { urgent: Replica { epoch: 2, n: 1 }, ordinary: Replica { epoch: 2, n: 2 } };
    device.hello_answer(ticket, HelloAnswer { epoch: 2, server_ms: NOW, circles: vec![circle], lanes: Some(new) }, NOW);
    let fresh = write(&mut device, 1, Lane::Ordinary, 3, &[]);
    assert_eq!(fresh, Dot::new(2, 2, 1));
    let again = pushes(&mut device);
    assert_eq!(again.len(), 1, "new work waits behind");
    let items: Vec<Dot> = again[0].1.items.iter().map(Item::dot).collect();
    assert_eq!(items, [first, Dot { counter: 2, ..first }]);
    assert!(matches!(again[0].1.items[1], Item::Skip(_)));
}

/// The restored server does not name a circle that this device was taken out of: its cursor is of the old epoch like the
/// others', and what it holds goes when it is told to keep nothing.
#[test]
fn a_new_epoch_ends_the_cursor_of_a_circle_that_is_not_named() {
    let mut device = device();
    let (mut confirmed, schemas) = (InMemory::default(), TestSchemas);
    say_hello(&mut device, vec![]);
    let pull = ask(&mut device).expect("a pull").0;
    let cell = Cell { label: LABEL, class: 2 };
    let page = Page { circle: 1, epoch: 1, cursor: vec![1], granted: vec![cell], at_head: true, ..Page::default() };
    assert_eq!(device.page(pull, page, &mut confirmed, NOW, &TestMacs, &schemas), Received::Applied);
    assert_eq!(device.circle(1).expect("a circle").cursor(), [1]);
    device.hello_first();
    let Some((ticket, Request::Hello(_))) = ask(&mut device) else { panic!("Hello comes first") };
    let new = Lanes { urgent: Replica { epoch: 2, n: 1 }, ordinary: Replica { epoch: 2, n: 2 } };
    device.hello_answer(ticket, HelloAnswer { epoch: 2, server_ms: NOW, circles: vec![], lanes: Some(new) }, NOW);
    assert!(device.circle(1).expect("a circle").cursor().is_empty(), "asked from the beginning");
}

/// The content of an own change was destroyed at the server: the device keeps its number and its MAC, and has nothing to give
/// back to a restored server.
#[test]
fn of_a_redacted_change_the_device_keeps_the_number_alone() {
    let mut device = device();
    let (mut confirmed, schemas) = (InMemory::default(), TestSchemas);
    let dot = write(&mut device, 1, Lane::Ordinary, 1, &[]);
    let other = write(&mut device, 1, Lane::Ordinary, 2, &[]);
    say_hello(&mut device, vec![]);
    let (push, pull) = (ask(&mut device).expect("a push").0, ask(&mut device).expect("a pull").0);
    let verdicts = vec![accepted(1), accepted(2)];
    device.push_answer(push, PushAnswer { epoch: 1, verdicts }, NOW, &TestMacs);
    let part = PartId { record: RecordId([1; 16]), label: LABEL };
    assert!(device.visible(1, &confirmed, part).is_some());
    let granted = vec![Cell { label: LABEL, class: 2 }];
    let redacted = vec![(part.record, dot), (part.record, other)];
    let page = Page { circle: 1, epoch: 1, cursor: vec![1], granted, redacted, ..Page::default() };
    assert_eq!(device.page(pull, page, &mut confirmed, NOW, &TestMacs, &schemas), Received::Applied);
    assert!(device.visible(1, &confirmed, part).is_none(), "gone from the screen");
    let mut device = Device::decode(&device.encode()).expect("as it was");
    let own: Vec<Dot> = device.circle(1).expect("a circle").own().iter().map(|own| own.dot()).collect();
    assert_eq!(own, [other], "another record of another change is none of it");
    // A restored server that lost both gets the one back, and a hole for the other.
    device.hello_first();
    let Some((ticket, Request::Hello(_))) = ask(&mut device) else { panic!("Hello comes first") };
    let circle = HelloCircle { circle: 1, ..HelloCircle::default() };
    let new = Lanes { urgent: Replica { epoch: 2, n: 1 }, ordinary: Replica { epoch: 2, n: 2 } };
    device.hello_answer(ticket, HelloAnswer { epoch: 2, server_ms: NOW, circles: vec![circle], lanes: Some(new) }, NOW);
    let items = &pushes(&mut device)[0].1.items;
    assert!(matches!(items[0], Item::Skip(at) if at == dot), "its content is nowhere");
    assert!(matches!(&items[1], Item::Change(change) if change.dot == other));
}

/// One change of circle 1 that the server quarantined.
fn waits(device: &mut Device, reason: &'static str) -> Dot {
    let dot = write(device, 1, Lane::Ordinary, 1, &[]);
    say_hello(device, vec![]);
    let push = pushes(device)[0].0;
    let verdict = Verdict::Quarantined { id: 7, reason: reason.into() };
    device.push_answer(push, PushAnswer { epoch: 1, verdicts: vec![verdict] }, NOW, &TestMacs);
    dot
}

fn asks_after(device: &mut Device) -> (Ticket, Vec<(u64, Vec<Dot>)>) {
    device.hello_first();
    let Some((ticket, Request::Hello(request))) = ask(device) else { panic!("Hello comes first") };
    (ticket, request.quarantined)
}

fn is_told(device: &mut Device, ticket: Ticket, fate: Fate) {
    let circle = HelloCircle { circle: 1, fates: vec![fate], ..HelloCircle::default() };
    device.hello_answer(ticket, HelloAnswer { epoch: 1, server_ms: NOW, circles: vec![circle], lanes: None }, NOW);
}

#[test]
fn a_rejected_change_becomes_a_draft_with_the_words_of_whoever_rejected_it() {
    let mut device = device();
    let dot = waits(&mut device, "MOVED_RECORD");
    let mut device = Device::decode(&device.encode()).expect("as it was");
    let (ticket, asked) = asks_after(&mut device);
    assert_eq!(asked, [(1, vec![dot])]);
    is_told(&mut device, ticket, Fate { dot, rejected: Some("we spoke about it".into()) });
    let device = Device::decode(&device.encode()).expect("as it was");
    let circle = device.circle(1).expect("a circle");
    assert!(circle.quarantined().is_empty());
    let draft = &circle.drafts()[0];
    assert_eq!((draft.change.dot, &*draft.reason), (dot, "QUARANTINE_REJECTED"));
    assert_eq!(&*draft.words, "we spoke about it");
    assert_eq!(draft.change.parts[0].writes.len(), 1, "what it says is still the author's to know");
}

#[test]
fn of_a_lost_right_the_device_keeps_no_content_and_an_accepted_change_leaves_no_draft() {
    let mut device = device();
    let dot = waits(&mut device, "LOST_RIGHT");
    let waiting = &device.circle(1).expect("a circle").quarantined()[0];
    assert!(waiting.change.parts.iter().all(|part| part.writes.is_empty()), "the content is gone");
    let (ticket, _) = asks_after(&mut device);
    is_told(&mut device, ticket, Fate { dot: Dot { counter: 99, ..dot }, rejected: None });
    assert_eq!(device.circle(1).expect("a circle").quarantined().len(), 1, "another change's fate is none of this one");
    let (ticket, _) = asks_after(&mut device);
    is_told(&mut device, ticket, Fate { dot, rejected: None });
    let circle = device.circle(1).expect("a circle");
    assert!(circle.quarantined().is_empty() && circle.drafts().is_empty());
    let (_, asked) = asks_after(&mut device);
    assert_eq!(asked, [], "nothing waits any more");
}

proptest! {
    #[test]
    fn a_damaged_state_is_refused_and_never_panics(at in 0usize..400, bit in 0u8..8, cut in 0usize..400) {
        let mut device = device();
        let base = write(&mut device, 1, Lane::Ordinary, 1, &[]);
        write(&mut device, 2, Lane::Urgent, 2, &[base]);
        let mut bytes = device.encode();
        prop_assert_eq!(Device::decode(&bytes).map(|d| d.encode()), Ok(bytes.clone()));
        let len = bytes.len();
        bytes[at % len] ^= 1 << bit;
        let _ = Device::decode(&bytes);
        prop_assert!(Device::decode(&device.encode()[..cut % len]).is_err());
    }
}

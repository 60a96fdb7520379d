//! The ledger, rule by rule: chains, verdicts that are kept, forks, aliases, named dots, pages.

#[path = "fleet/memory.rs"]
mod memory;
#[path = "fleet/schemas.rs"]
mod schemas;

use memory::Memory;
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldWrite, Note, PartId, PartWrite, Put, RecordId, Replica, Role,
    ledger::{
        Cell, Context, Cursor, Decision, Generation, Granted, Item, LanePosition, Owner, PushItem, Verdict, hello,
        page::{At, PagePlan, Room, StaleCursor},
        process, push, reason,
    },
};

use schemas::{TestMacs, TestSchemas, test_mac};

const MINE: Replica = Replica { epoch: 1, n: 1 };
const MY_URGENT: Replica = Replica { epoch: 1, n: 2 };
const OTHER: Replica = Replica { epoch: 1, n: 3 };
const NOW: u64 = 1_000_000_000;

fn circle() -> Memory {
    let mut store = Memory::default();
    for (replica, installation) in [(MINE, 1), (MY_URGENT, 1), (OTHER, 2), (Replica { epoch: 1, n: 5 }, 1)] {
        store.owners.insert(replica, Owner { account: installation, installation, retired: false });
    }
    store
}

fn ctx() -> Context {
    Context { now_ms: NOW, epoch: 1, retry_after_ms: 500, ..Context::default() }
}

fn part(record: u8) -> PartId {
    PartId { record: RecordId([record; 16]), label: 1 << 24 }
}

fn change(replica: Replica, counter: u64, record: u8, value: &str, replaces: &[Dot]) -> Change {
    let write = |number, value: &[u8], replaces: &[Dot]| FieldWrite {
        field: Field::register(number),
        put: Some(Put::Value(value.into())),
        replaces: replaces.to_vec(),
        covers: vec![],
    };
    let mut writes = vec![write(1, value.as_bytes(), replaces)];
    if replaces.is_empty() {
        writes.push(write(Field::LIFECYCLE, &[1], &[]));
    }
    Change {
        dot: Dot { replica, counter },
        clock: Clock { ms: NOW, logical: 0 },
        author: Author { account: u64::from(replica.n), role: Role(1) },
        base: 0,
        earlier: vec![],
        parts: vec![PartWrite { part: part(record), type_number: 10, writes }],
        note: Note::default(),
    }
}

fn send(store: &mut Memory, change: &Change) -> Verdict {
    send_checked(store, change, Decision::Accept { out_of_range: false })
}

fn send_checked(store: &mut Memory, change: &Change, decision: Decision) -> Verdict {
    let mac = test_mac(change.dot.replica, change);
    let mut change = change.clone();
    process(store, &mut change, mac, &ctx(), &TestMacs, &TestSchemas, &mut |_, _| decision.clone()).verdict
}

fn accepted(sequence: u64) -> Verdict {
    Verdict::Accepted { sequence, clock_lowered: false, out_of_range: false }
}

fn refusal() -> Decision {
    Decision::Refuse { reason: "ROLE_MAY_NOT_WRITE".into(), violations: vec![] }
}

#[test]
fn the_same_change_gets_the_same_verdict_and_has_one_effect() {
    let mut store = circle();
    let first = change(MINE, 1, 1, "a", &[]);
    assert_eq!(send(&mut store, &first), accepted(1));
    assert_eq!(send(&mut store, &first), accepted(1));
    let refused = change(MINE, 2, 1, "b", &[first.dot]);
    let verdict = send_checked(&mut store, &refused, refusal());
    assert!(matches!(verdict, Verdict::Refused { .. }));
    assert_eq!(send(&mut store, &refused), verdict, "the second asking meets the kept verdict, not the rules");
    assert_eq!(store.head, 1);
}

#[test]
fn a_gap_and_a_fork_process_nothing() {
    let mut store = circle();
    assert_eq!(send(&mut store, &change(MINE, 2, 1, "a", &[])), Verdict::Gap { resend_from: 1 });
    send(&mut store, &change(MINE, 1, 1, "a", &[]));
    assert_eq!(send(&mut store, &change(MINE, 1, 1, "other", &[])), Verdict::Forked { counter: 1 });
    let position =
        LanePosition { replica: MINE, last: 1, changes: vec![(1, test_mac(MINE, &change(MINE, 1, 1, "other", &[])))] };
    assert_eq!(hello::compare(&store, &position).forked, Some(1));
    let behind = LanePosition { replica: MINE, last: 0, changes: vec![] };
    assert_eq!(hello::compare(&store, &behind).forked, Some(1));
}

#[test]
fn two_clones_that_number_the_same_change_again_have_one_effect() {
    let mut store = circle();
    send(&mut store, &change(MINE, 1, 1, "foreign", &[]));
    let mut renumbered = change(OTHER, 1, 2, "mine", &[]);
    renumbered.earlier = vec![Dot { replica: MINE, counter: 1 }];
    assert_eq!(send(&mut store, &renumbered), accepted(2));
    let mut clone = renumbered.clone();
    clone.dot.replica = Replica { epoch: 1, n: 5 };
    assert_eq!(send(&mut store, &clone), accepted(2), "the same content once");
    let edit = change(Replica { epoch: 1, n: 5 }, 2, 2, "edited", &[clone.dot]);
    assert_eq!(send(&mut store, &edit), accepted(3));
    let live: Vec<Dot> = store.parts[&part(2)].part.versions(&Field::register(1)).map(|v| v.dot).collect();
    assert_eq!(live, [edit.dot], "the clone's number names what was applied under the other");
}

#[test]
fn a_number_that_became_an_alias_is_not_taken_for_other_content() {
    let mut store = circle();
    let mut renumbered = change(OTHER, 1, 2, "mine", &[]);
    renumbered.earlier = vec![Dot { replica: MINE, counter: 1 }];
    send(&mut store, &renumbered);
    assert_eq!(send(&mut store, &change(MINE, 1, 1, "foreign", &[])), Verdict::Forked { counter: 1 });
}

#[test]
fn named_dots_are_known_or_waited_for() {
    let mut store = circle();
    send(&mut store, &change(OTHER, 1, 1, "a", &[]));
    let unknown = |verdict| matches!(verdict, Verdict::Refused { ref reason, .. } if reason == reason::UNKNOWN_DOT);
    let mut names = |counter, dot| send(&mut store, &change(MINE, counter, 1, "b", &[dot]));
    assert!(unknown(names(1, Dot { replica: OTHER, counter: 2 })), "the future of somebody else");
    assert!(unknown(names(2, Dot::new(1, 77, 1))), "no replica of this circle");
    assert!(unknown(names(3, Dot { replica: MINE, counter: 9 })), "one's own future");
    let waits = names(4, Dot { replica: MY_URGENT, counter: 1 });
    assert!(matches!(waits, Verdict::Later { .. }), "one's own other lane is waited for");
}

#[test]
fn an_edit_waits_for_no_creation_but_falls_with_a_refused_one() {
    let mut store = circle();
    store.owners.insert(Replica { epoch: 0, n: 9 }, Owner { account: 9, installation: 9, retired: false });
    let early = change(MINE, 1, 1, "edit", &[Dot::new(0, 9, 4)]);
    assert_eq!(send(&mut store, &early), accepted(1), "a restored server lost the creation; it comes back");
    send_checked(&mut store, &change(MINE, 2, 2, "a", &[]), refusal());
    let depends = change(MINE, 3, 2, "b", &[Dot { replica: MINE, counter: 2 }]);
    assert!(
        matches!(send(&mut store, &depends), Verdict::Refused { reason, .. } if reason == reason::DEPENDS_ON_REFUSED)
    );
}

#[test]
fn append_only_types_take_one_write_and_a_field_thirty_two_versions() {
    let mut store = circle();
    let mut drink = change(MINE, 1, 1, "water", &[]);
    drink.parts[0].type_number = 30;
    send(&mut store, &drink);
    let mut again = change(MINE, 2, 1, "tea", &[drink.dot]);
    again.parts[0].type_number = 30;
    assert!(matches!(send(&mut store, &again), Verdict::Refused { reason, .. } if reason == reason::APPEND_ONLY));
    for counter in 1..=32 {
        send(&mut store, &change(OTHER, counter, 2, "x", &[]));
    }
    let one_more = send(&mut store, &change(MINE, 3, 2, "y", &[]));
    assert!(matches!(one_more, Verdict::Refused { reason, .. } if reason == reason::TOO_MANY_VERSIONS));
}

#[test]
fn a_clock_six_minutes_ahead_is_lowered() {
    let mut store = circle();
    let mut fast = change(MINE, 1, 1, "a", &[]);
    fast.clock.ms = NOW + 6 * 60 * 1000;
    assert!(matches!(send(&mut store, &fast), Verdict::Accepted { clock_lowered: true, .. }));
    let lowered = store.parts[&part(1)].part.versions(&Field::register(1)).next().map(|v| v.clock.ms);
    assert_eq!(lowered, Some(NOW));
}

#[test]
fn what_builds_on_the_other_lane_waits_for_it() {
    let mut store = circle();
    let base = change(MINE, 1, 1, "a", &[]);
    let mac = test_mac(MINE, &base);
    let urgent = change(MY_URGENT, 1, 1, "b", &[base.dot]);
    let items = [PushItem { mac: test_mac(MY_URGENT, &urgent), item: Item::Change(urgent) }];
    let go = |store: &mut Memory, mac| {
        let mut accept = |_: &Change, _: &Memory| Decision::Accept { out_of_range: false };
        let mut items = items.clone();
        let out = push(store, &mut items, &[(base.dot, mac)], &ctx(), &TestMacs, &TestSchemas, &mut accept);
        out.into_iter().map(|o| o.verdict).collect::<Vec<_>>()
    };
    assert!(matches!(go(&mut store, mac)[..], [Verdict::Later { .. }]));
    send(&mut store, &base);
    assert_eq!(go(&mut store, [9; 16]), [Verdict::Forked { counter: 1 }], "a twin's number");
    assert_eq!(go(&mut store, mac), [accepted(2)]);
}

/// Reads pages to the head; returns the records in the order of sending, and the cursor.
fn pull(store: &Memory, cursor: Option<Cursor>, granted: &Granted, room: Room) -> (Vec<u8>, Vec<Cell>, Cursor) {
    let (mut sent, mut erased, mut cursor) = (Vec::new(), Vec::new(), cursor);
    for _ in 0..100 {
        let at = At {
            epoch: 1,
            head: store.head,
            head_mark: store.mark(store.head),
            cursor_mark: cursor.as_ref().map_or(0, |c| store.mark(c.sequence)),
        };
        let faults = ctx().faults;
        let mut plan = PagePlan::open(cursor.take(), &[], granted, at, room, faults).expect("a cursor of this history");
        while let Some(ask) = plan.ask() {
            let (rows, more) = store.rows(ask);
            plan.rows(rows, more);
        }
        let mark = store.mark(plan.sequence());
        let page = plan.finish(mark);
        sent.extend(page.rows.iter().map(|r| r.payload.0.record.0[0]));
        erased.extend(page.erased);
        if page.at_head {
            return (sent, erased, page.cursor);
        }
        cursor = Some(page.cursor);
    }
    panic!("the head was never reached");
}

#[test]
fn pages_send_each_part_once_the_newest_first_and_then_what_is_committed_later() {
    let mut store = circle();
    for counter in 1..=9 {
        send(&mut store, &change(MINE, counter, counter as u8, "a", &[]));
    }
    let cell = Cell { label: 1 << 24, class: 2 };
    let granted = Granted::from([(cell, Generation { epoch: 1, n: 1 })]);
    let (sent, _, cursor) = pull(&store, None, &granted, Room::parts(2));
    assert_eq!(sent, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    for bytes in [1, 100, 101, 350] {
        let (sent, _, _) = pull(&store, None, &granted, Room { parts: 200, bytes });
        assert_eq!(sent, [9, 8, 7, 6, 5, 4, 3, 2, 1], "pages of {bytes} bytes");
    }
    send(&mut store, &change(MINE, 10, 3, "b", &[Dot { replica: MINE, counter: 3 }]));
    let (sent, _, cursor) = pull(&store, Some(cursor), &granted, Room::parts(2));
    assert_eq!(sent, [3]);
    let again = Granted::from([(cell, Generation { epoch: 1, n: 2 })]);
    let (sent, erased, cursor) = pull(&store, Some(cursor), &again, Room::parts(4));
    assert_eq!((sent.len(), erased), (9, vec![cell]), "a new generation erases and begins again");
    let (sent, erased, cursor) = pull(&store, Some(cursor), &Granted::new(), Room::parts(4));
    assert_eq!((sent.len(), erased), (0, vec![cell]));
    let elsewhere = At { epoch: 2, head: store.head, head_mark: 0, cursor_mark: 0 };
    let stale = PagePlan::<()>::open(Some(cursor), &[], &again, elsewhere, Room::parts(4), ctx().faults).map(|_| ());
    assert_eq!(stale, Err(StaleCursor));
}

//! What was put in ahead of its commit: it stays where the commit is durable, and is gone for whoever asks where it is not.

use osteon_proto::{care, split};
use osteon_sync_core::{Author, Clock, Dot, Field, FieldWrite, Origin, Put, Replica, Role, lifecycle::State};
use prost::Message;

use super::*;
use crate::app::look::AllKnown;

const PAIN: u32 = 101;
const NOW_MS: u64 = 1_795_680_000_000;

/// A pain entry, as a commit leaves it.
fn left(n: u8, worst: u32) -> Left {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let body = split::close(PAIN, &entry.encode_to_vec());
    let (_, _, split) = split::split_body(&body).expect("a body");
    let dot = Dot { replica: Replica { epoch: 1, n: 1 }, counter: u64::from(n) };
    let author = Author { account: 1, role: Role(1) };
    let origin = Origin { dot, clock: Clock { ms: NOW_MS, logical: 0 }, author, earlier: &[] };
    let write = |field: Field, bytes: &[u8]| FieldWrite {
        field,
        put: Some(Put::Value(bytes.into())),
        replaces: Vec::new(),
        covers: Vec::new(),
    };
    let born = write(Field::register(Field::LIFECYCLE), &State::Active.chunk());
    let fields = split.chunks().map(|chunk| write(chunk.field(), chunk.bytes));
    let writes: Vec<FieldWrite> = std::iter::once(born).chain(fields).collect();
    let mut part = Part::new();
    part.merge(origin, &writes, &AllKnown);
    Left { record: RecordId([n; 16]), type_number: PAIN, label: 1, part: Some(part), time_ms: NOW_MS, in_range: false }
}

fn delta(from: u64, upto: u64, left: Vec<Left>) -> Delta {
    Delta { from, upto, now_ms: NOW_MS, left, ahead: None, due_ms: None }
}

/// Pain entries that whoever asks sees, and the sequence that they stand at.
fn stands(of: &Mutex<OfCircle>) -> (usize, u64) {
    let held = lock(of);
    (held.gathered.facts().pains.len(), held.upto)
}

#[test]
fn what_was_asked_ahead_stays_where_its_commit_is_durable_and_only_there() {
    let of = Mutex::new(OfCircle::default());
    take_in(&of, delta(0, 1, vec![left(1, 3)]));
    assert_eq!(stands(&of), (1, 1));

    // Asked, and the commit fails: whoever asks next does not see it, nor does a commit that takes its place.
    let mut failed = delta(1, 2, vec![left(2, 8)]);
    let seen = lock(&of).ask(&mut failed, |gathered, _, _| gathered.facts().pains.len());
    assert_eq!(seen, 2, "the rules see what the commit is about to leave");
    assert_eq!(stands(&of), (1, 1));

    // Asked, and durable: it is there once, as if it had been put in afterwards.
    let mut durable = delta(1, 2, vec![left(3, 5)]);
    lock(&of).ask(&mut durable, |_, _, _| ());
    take_in(&of, durable);
    assert_eq!(stands(&of), (2, 2));
    let after = Mutex::new(OfCircle::default());
    take_in(&after, delta(0, 1, vec![left(1, 3)]));
    take_in(&after, delta(1, 2, vec![left(3, 5)]));
    let facts = |of: &Mutex<OfCircle>| lock(of).gathered.facts().clone();
    assert_eq!(facts(&of), facts(&after));

    // Two asked in one group, and the later one durable first: both are in, the earlier one is not put in twice.
    let (mut one, mut two) = (delta(2, 3, vec![left(4, 5)]), delta(2, 4, vec![left(4, 5), left(5, 6)]));
    lock(&of).ask(&mut one, |_, _, _| ());
    lock(&of).ask(&mut two, |_, _, _| ());
    take_in(&of, two);
    take_in(&of, one);
    assert_eq!(stands(&of), (4, 4));
}

/// A record that was brought back has a lifecycle of this batch, and values that it never checked.
#[test]
fn one_older_version_is_checked_anew() {
    let mut restored = left(1, 3);
    let dot = Dot { replica: Replica { epoch: 1, n: 1 }, counter: 9 };
    let origin = Origin {
        dot,
        clock: Clock { ms: NOW_MS, logical: 1 },
        author: Author { account: 2, role: Role(6) },
        earlier: &[],
    };
    let births = restored
        .part
        .iter()
        .flat_map(|part| part.versions(osteon_sync_core::FieldRef::LIFECYCLE))
        .map(|birth| birth.dot)
        .collect();
    let active = Some(Put::Value(State::Active.chunk().into()));
    let again =
        FieldWrite { field: Field::register(Field::LIFECYCLE), put: active, replaces: births, covers: Vec::new() };
    restored.part.as_mut().expect("a part").merge(origin, &[again], &AllKnown);
    let own = Dot { replica: Replica { epoch: 1, n: 1 }, counter: 2 };
    let checked = |left: Vec<Left>, dots: &[Dot]| {
        let delta = delta(0, 1, left).in_range(&dots.iter().copied().collect());
        delta.left.iter().map(|left| left.in_range).collect::<Vec<_>>()
    };
    assert_eq!(checked(vec![left(2, 3), restored], &[own, dot]), [true, false]);
    assert_eq!(checked(vec![left(2, 3)], &[dot]), [false], "of another batch");
}

#[test]
fn when_a_circle_is_due_is_known_once_the_commit_that_says_so_is_durable() {
    let of = Mutex::new(OfCircle::default());
    take_in(&of, delta(0, 1, vec![left(1, 3)]));
    let mut failed = delta(1, 2, vec![left(2, 8)]);
    failed.set_due(500);
    assert!(!lock(&of).is_due_after(&failed, 500), "it says so itself");
    // The commit fails: whoever writes next has to say it again.
    let mut next = delta(1, 2, vec![left(3, 8)]);
    assert!(lock(&of).is_due_after(&next, 500));
    next.set_due(500);
    take_in(&of, next);
    assert!(!lock(&of).is_due_after(&delta(2, 3, Vec::new()), 500));
    assert!(lock(&of).is_due_after(&delta(2, 3, Vec::new()), 499));
}

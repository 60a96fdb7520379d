//! Changes and parts survive the way over the wire: what one side sends is what the other has, bit for bit.

use osteon_proto::{LabelId, split, sync, table::table, wire};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldWrite, Origin, Part, Put, RecordId, Role, content::content,
    lifecycle::State,
};
use proptest::prelude::*;

const PAIN: u32 = 101;
const BONE: u32 = 231;
const LAB: u32 = 120;

fn dots() -> impl Strategy<Value = Vec<sync::Dot>> {
    prop::collection::btree_set((0u32..3, 0u32..4, 1u64..300), 0..3).prop_map(|set| {
        set.into_iter().map(|(epoch, replica, counter)| sync::Dot { epoch, replica, counter }).collect()
    })
}

fn varint_field(number: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    split::put_tag(&mut out, number, 0);
    split::put_varint(&mut out, value);
    out
}

/// Scalars of a type that go as varints, by number.
fn plain_fields(type_number: u32) -> Vec<u32> {
    use osteon_proto::table::Kind;
    let known = table().get(type_number).expect("type");
    let plain = |kind: &Kind| matches!(kind, Kind::Uint32 | Kind::Sint32 | Kind::Bool | Kind::Enum);
    known.shape.fields.iter().filter(|f| plain(&f.kind) && !f.is_repeated()).map(|f| f.number).collect()
}

fn record_write(type_number: u32, id: u8) -> impl Strategy<Value = sync::RecordWrite> {
    let fields = plain_fields(type_number);
    let puts = prop::sample::subsequence(fields.clone(), 1..=fields.len().min(6));
    (puts, any::<bool>(), dots(), prop::option::of(0u64..2), dots(), any::<bool>(), dots()).prop_map(
        move |(puts, create, replaces, unknown, ended, end, covers)| {
            let mut inner: Vec<u8> = puts.iter().flat_map(|n| varint_field(*n, 1)).collect();
            if let Some(value) = unknown {
                inner.extend(varint_field(1_900, value));
            }
            let mut write = sync::RecordWrite {
                record: vec![id; 16].into(),
                body: Some(split::close(type_number, &inner).into()),
                create,
                label_choice: u32::from(type_number == LAB),
                ..Default::default()
            };
            if !replaces.is_empty() {
                write.fields.push(sync::FieldWrite { field: puts[0], replaces, ..Default::default() });
            }
            if !create && end {
                let state = sync::Lifecycle::Deleted.into();
                write.lifecycle = Some(sync::LifecycleWrite { state, replaces: ended, covers });
            }
            write
        },
    )
}

fn change() -> impl Strategy<Value = sync::Change> {
    let writes = (record_write(PAIN, 1), record_write(BONE, 2), record_write(LAB, 3), 0usize..4);
    (writes, 1u64..1 << 44, 0u32..3, prop::option::of(0u64..9), dots(), ".{0,8}", any::<bool>()).prop_map(
        |((a, b, c, keep), clock_ms, clock_logical, base, aliases, reason, resolves)| sync::Change {
            clock_ms,
            clock_logical,
            base,
            writes: [a, b, c].into_iter().take(keep.max(1)).collect(),
            skip: false,
            aliases,
            reason,
            resolves,
        },
    )
}

fn from() -> wire::change::From {
    let author = Author { account: 7, role: Role(5) };
    wire::change::From { dot: Dot::new(1, 4, 9), author, base: 3 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_change_comes_back_as_it_went(sent in change()) {
        let core = wire::change::to_core(&sent, from()).expect("a change");
        let again = wire::change::to_core(&wire::change::to_wire(&core, from().base), from()).expect("the same change");
        prop_assert!(core == again);
        prop_assert_eq!(content(&core), content(&again));
    }

    #[test]
    fn a_part_comes_down_as_it_is(changes in prop::collection::vec(change(), 1..5)) {
        let mut part = Part::new();
        let record = RecordId([1; 16]);
        let label = table().get(PAIN).and_then(|t| t.record_label(0, 7).ok()).expect("label");
        for (i, sent) in changes.iter().enumerate() {
            let dot = Dot::new(1, 2 + i as u32 % 3, 1 + i as u64);
            let author = Author { account: 7 + i as u64 % 2, role: Role(1) };
            let core = wire::change::to_core(sent, wire::change::From { dot, author, base: 0 }).expect("a change");
            apply(&mut part, &core, record, label);
        }
        let mut replicas = wire::state::ReplicaIndex::default();
        let first = |field: osteon_sync_core::FieldRef<'_>| part.versions(field).next();
        let (body, state) = wire::state::encode(record, &part, &mut replicas, &first, &mut |_| [5; 8]);
        let known = table().get(PAIN).expect("type");
        let split = split::split(&known.shape, &body).expect("a body");
        let chunks = split.chunks().map(|c| (c.field(), c.bytes));
        let list = replicas.into_list();
        // What follows is another part's.
        let followed = [&state[..], &[7, 7]].concat();
        let mut rest = &followed[..];
        let received = wire::state::decode(record, chunks, &mut rest, &list).expect("a state");
        prop_assert!(received.part == part);
        prop_assert_eq!(rest, [7, 7]);
        for cut in 0..state.len() {
            let chunks = split.chunks().map(|c| (c.field(), c.bytes));
            prop_assert!(wire::state::decode(record, chunks, &mut &state[..cut], &list).is_err());
        }
    }

    #[test]
    fn any_bytes_are_a_state_or_an_error(state in prop::collection::vec(any::<u8>(), 0..40)) {
        let list = [sync::ReplicaAuthor::default()];
        let _ = wire::state::decode(RecordId([9; 16]), std::iter::empty(), &mut &state[..], &list);
    }
}

fn cases() -> u32 {
    std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

fn apply(part: &mut Part, change: &Change, record: RecordId, label: LabelId) {
    for written in change.parts.iter().filter(|p| p.part.record == record && p.part.label == label.0) {
        for write in &written.writes {
            part.apply(change.origin(), write, &|_: Dot| false);
        }
    }
}

/// A part of one change in which a field was cleared: "cleared" is a value, and comes down like any other.
#[test]
fn what_was_cleared_at_once_comes_down_as_cleared() {
    let record = RecordId([1; 16]);
    let dot = Dot::new(1, 2, 3);
    let author = Author { account: 7, role: Role(1) };
    let origin = Origin { dot, clock: Clock { ms: 9, logical: 0 }, author, earlier: &[] };
    let (now, worst) = (plain_fields(PAIN)[0], plain_fields(PAIN)[1]);
    let puts = [
        (Field::LIFECYCLE, Put::Value(State::Active.chunk().to_vec().into())),
        (now, Put::Value(varint_field(now, 4).into())),
        (worst, Put::Absent),
    ];
    let mut part = Part::new();
    for (number, put) in puts {
        let (field, put) = (Field::register(number), Some(put));
        let write = FieldWrite { field, put, replaces: Vec::new(), covers: Vec::new() };
        part.apply(origin, &write, &|_: Dot| true);
    }
    let mut replicas = wire::state::ReplicaIndex::default();
    let (body, state) = wire::state::encode(record, &part, &mut replicas, &|_| None, &mut |_| [5; 8]);
    let known = table().get(PAIN).expect("type");
    let split = split::split(&known.shape, &body).expect("a body");
    let chunks = split.chunks().map(|c| (c.field(), c.bytes));
    let received = wire::state::decode(record, chunks, &mut &state[..], &replicas.into_list()).expect("a state");
    assert!(received.part == part);
}

/// The prototype of a workload entry: what one new entry costs beside its body (docs/performance.md).
#[test]
fn a_new_entry_costs_its_body_and_one_stamp() {
    let inner: Vec<u8> = plain_fields(PAIN).iter().take(12).flat_map(|n| varint_field(*n, 1)).collect();
    let id = [0x01, 0x93, 0x5f, 0x00, 0x00, 0x00, 0x70, 1, 0x80, 2, 3, 4, 5, 6, 7, 8];
    let sent = sync::Change {
        clock_ms: 0x0193_5f00_0000,
        writes: vec![sync::RecordWrite {
            record: id.to_vec().into(),
            body: Some(split::close(PAIN, &inner).into()),
            create: true,
            ..Default::default()
        }],
        ..Default::default()
    };
    let core = wire::change::to_core(&sent, from()).expect("a change");
    let mut part = Part::new();
    apply(&mut part, &core, RecordId(id), LabelId(core.parts[0].part.label));
    let mut replicas = wire::state::ReplicaIndex::default();
    let (body, state) = wire::state::encode(RecordId(id), &part, &mut replicas, &|_| None, &mut |_| [0; 8]);
    assert_eq!(body, inner);
    assert!(state.len() <= 12, "{} bytes of state", state.len());
}

//! Valid inputs of each target, made by the code under test: they reach deeper than random bytes would in an hour.

use super::{Cell, Cursor, Dot, Generation, Message, Part, RECORD, from, split, sync, table, wire};
use osteon_sync_core::ledger::{Backfill, BackfillKey};

pub(crate) const PAIN: u32 = 101;

/// Every type of the table with up to twelve of its scalars set to one, so that booleans, enums and numbers all hold.
fn records() -> Vec<(u32, Vec<u8>)> {
    use osteon_proto::table::Kind;
    let plain = |kind: &Kind| matches!(kind, Kind::Uint32 | Kind::Sint32 | Kind::Bool | Kind::Enum);
    let mut all = Vec::new();
    for known in table().types() {
        let mut record = Vec::new();
        for field in known.shape.fields.iter().filter(|f| plain(&f.kind) && !f.is_repeated()).take(12) {
            split::put_tag(&mut record, field.number, 0);
            split::put_varint(&mut record, 1);
        }
        all.push((known.number, record));
    }
    all
}

pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = records().iter().map(|(number, record)| split::close(*number, record)).collect();
    // A type, and a field, that nobody knows yet.
    let mut unknown = Vec::new();
    split::put_tag(&mut unknown, 1_900, 0);
    split::put_varint(&mut unknown, 300);
    all.push(split::close(2_000, &unknown));
    all.push(split::close(PAIN, &unknown));
    all
}

pub(crate) fn replicas() -> Vec<sync::ReplicaAuthor> {
    (1..4).map(|n| sync::ReplicaAuthor { epoch: 1, replica: n, account: 6 + u64::from(n), role: 1 }).collect()
}

fn creation(record: &[u8], number: u32) -> sync::Change {
    sync::Change {
        clock_ms: 1_790_000_000_000,
        writes: vec![sync::RecordWrite {
            record: RECORD.0.to_vec().into(),
            body: Some(split::close(number, record).into()),
            create: true,
            label_choice: choice(number),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// The first label choice that the type takes; most have no choice to make.
fn choice(number: u32) -> u32 {
    let known = table().get(number);
    (0..8).find(|choice| known.is_some_and(|t| t.record_label(*choice, 7).is_ok())).unwrap_or_default()
}

/// An edit of the record's first field that names nothing (a dispute), or an ending.
fn later(record: &[u8], number: u32, ends: bool) -> sync::Change {
    let mut change = creation(record, number);
    let seen = vec![sync::Dot { epoch: 1, replica: 1, counter: 1 }];
    change.writes[0].create = false;
    if ends {
        let state = sync::Lifecycle::Deleted.into();
        change.writes[0].lifecycle = Some(sync::LifecycleWrite { state, replaces: seen.clone(), covers: seen });
    }
    change.aliases = vec![sync::Dot { epoch: 1, replica: 2, counter: 7 }];
    change.reason = "seen again".into();
    change
}

fn all_changes() -> Vec<sync::Change> {
    let mut all = Vec::new();
    for (number, record) in records() {
        all.push(creation(&record, number));
        // An edit of nothing is refused, and rightly.
        if !record.is_empty() {
            all.push(later(&record, number, false));
        }
        all.push(later(&record, number, true));
    }
    all
}

pub(crate) fn changes() -> Vec<Vec<u8>> {
    all_changes().iter().map(Message::encode_to_vec).collect()
}

/// J01 made, then in dispute, then ended; each with and without a mark of what has not come.
fn pain_parts() -> Vec<Part> {
    let Some((number, record)) = records().into_iter().find(|(number, _)| *number == PAIN) else { return Vec::new() };
    let steps = [creation(&record, number), later(&record, number, false), later(&record, number, true)];
    let mut part = Part::new();
    let mut all = vec![part.clone()];
    for (i, step) in (1u32..).zip(&steps) {
        let mut origin = from();
        origin.dot = Dot::new(1, i, 1);
        origin.author.account = 6 + u64::from(i);
        let Ok(core) = wire::change::to_core(step, origin) else { continue };
        for known in [true, false] {
            let mut next = part.clone();
            core.parts.iter().for_each(|p| {
                next.merge(core.origin(), &p.writes, &|_: Dot| known);
            });
            all.push(next);
        }
        part = all[all.len() - 2].clone();
    }
    all
}

pub(crate) fn parts() -> Vec<Vec<u8>> {
    pain_parts().iter().map(Part::encode).collect()
}

pub(crate) fn states() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for part in pain_parts() {
        let mut index = wire::state::ReplicaIndex::default();
        let first = |field: osteon_sync_core::FieldRef<'_>| part.versions(field).next();
        let (body, state) = wire::state::encode(RECORD, &part, &mut index, &first, &mut |_| [5; 8]);
        let len = u16::try_from(body.len()).unwrap_or(u16::MAX);
        all.push([&len.to_le_bytes()[..], &body, &state].concat());
    }
    all
}

pub(crate) fn cursors() -> Vec<Vec<u8>> {
    let cell = |label: u64, class: u8| Cell { label: 1 << 24 | label, class };
    let mut cursor = Cursor { epoch: 1, sequence: 300, mark: 0xdead_beef, ..Cursor::default() };
    let mut all = vec![cursor.encode()];
    for (n, bit) in (1..20).enumerate() {
        cursor.cells.insert(cell(1 << bit, 1 + (n % 4) as u8), Generation { epoch: 1, n: 1 + n as u64 % 3 });
    }
    all.push(cursor.encode());
    // Two categories, and an audience of one: cells that have no bit.
    cursor.cells.insert(cell(6, 1), Generation { epoch: 1, n: 9 });
    cursor.cells.insert(Cell { label: 4 << 24 | 7 << 32, class: 3 }, Generation { epoch: 2, n: 1 });
    all.push(cursor.encode());
    let last = Some(BackfillKey { class: 2, first_seq: 77 });
    cursor.backfills.push(Backfill { cells: vec![cell(2, 1), cell(4, 1)], snapshot: 200, last });
    cursor.backfills.push(Backfill { cells: vec![cell(8, 2)], snapshot: 250, last: None });
    all.push(cursor.encode());
    all
}

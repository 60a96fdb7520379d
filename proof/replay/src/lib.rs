//! What each fuzz target does with its input. Shared by `proof/fuzz` (libFuzzer, nightly) and by the replay of the
//! stored inputs (`cargo test -p replay`, stable), so that a crash that was found once is looked for ever after.
//!
//! A target takes any bytes. It answers whether they were accepted, and panics where a promise is broken: what is
//! accepted goes out and comes in again as the same, and nothing that is refused does more than that.

use osteon_proto::{split, sync, table::table, wire};
use osteon_sync_core::{
    Author, Dot, FieldRef, Part, RecordId, Role, content,
    ledger::{Cell, Cursor, Generation},
};
use prost::Message;

/// A target: its name is that of the binary in `proof/fuzz` and of its folders of inputs.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]) -> bool,
    /// Valid inputs to begin from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const TARGETS: [Target; 5] = [
    Target { name: "split", run: split_body, seeds: seeds::bodies },
    Target { name: "part", run: part, seeds: seeds::parts },
    Target { name: "cursor", run: cursor, seeds: seeds::cursors },
    Target { name: "state", run: state, seeds: seeds::states },
    Target { name: "change", run: change, seeds: seeds::changes },
];

mod seeds;

const RECORD: RecordId = RecordId([1, 147, 95, 0, 0, 0, 112, 1, 128, 2, 3, 4, 5, 6, 7, 8]);

/// A record body, as a device sends it: what the splitter takes apart and puts together is canonical, and stays.
pub fn split_body(data: &[u8]) -> bool {
    let Ok((number, _, parts)) = split::split_body(data) else { return false };
    let joined = split::join_body(number, parts.chunks().map(|c| (c.number, c.bytes)));
    let Ok((again, _, second)) = split::split_body(&joined) else { panic!("refused what it made itself") };
    assert_eq!(number, again);
    assert!(second.was_canonical(), "joined, and not canonical");
    assert!(
        parts.chunks().map(|c| (c.field(), c.bytes)).eq(second.chunks().map(|c| (c.field(), c.bytes))),
        "a chunk changed on the way"
    );
    true
}

/// A part, as the store and the phone keep it. The bytes are canonical: no other bytes are the same part.
pub fn part(data: &[u8]) -> bool {
    let Ok(part) = Part::decode(data) else { return false };
    assert!(part.encode() == data, "two encodings of one part");
    true
}

/// A cursor, after it was unsealed.
pub fn cursor(data: &[u8]) -> bool {
    let Ok(cursor) = Cursor::decode(data) else { return false };
    assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    true
}

/// A part, as a page carries it: two bytes of length, that much of a record of type J01, and the state.
pub fn state(data: &[u8]) -> bool {
    let Some((len, rest)) = data.split_first_chunk::<2>() else { return false };
    let len = usize::from(u16::from_le_bytes(*len)).min(rest.len());
    let (body, state) = rest.split_at(len);
    let Some(pain) = table().get(seeds::PAIN) else { panic!("no type J01") };
    let Ok(parts) = split::split(&pain.shape, body) else { return false };
    let chunks = parts.chunks().map(|c| (c.field(), c.bytes));
    let Ok(received) = wire::state::decode(RECORD, chunks, &mut &state[..], &seeds::replicas()) else { return false };
    // What was received is a part like any other.
    assert!(part(&received.part.encode()), "a part was received that cannot be stored");
    let first = |field: FieldRef<'_>| received.part.versions(field).next();
    let mut index = wire::state::ReplicaIndex::default();
    let _ = wire::state::encode(RECORD, &received.part, &mut index, &first, &mut |_| [0; 8]);
    true
}

fn from() -> wire::change::From {
    let author = Author { account: 7, role: Role(5) };
    wire::change::From { dot: Dot::new(1, 4, 9), author, base: 3 }
}

/// A change, as a push carries it: on its way back it says the same.
pub fn change(data: &[u8]) -> bool {
    let Ok(sent) = sync::Change::decode(data) else { return false };
    let Ok(core) = wire::change::to_core(&sent, from()) else { return false };
    let again = wire::change::to_core(&wire::change::to_wire(&core, from().base), from());
    let Ok(again) = again else { panic!("refused what it made itself") };
    assert!(core == again, "a change changed on the way");
    assert_eq!(content(&core), content(&again));
    true
}

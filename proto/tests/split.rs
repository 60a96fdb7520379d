//! The splitter against prost-reflect, another implementation of the wire format: what both read is the same.
//! `OSTEON_CASES` sets how many cases (default 256).

use osteon_proto::{
    split::{self, Chunk, join, put_tag, put_varint, split},
    table::{Cardinality, FieldInfo, Kind, RecordType, Shape, table},
};
use proptest::prelude::*;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage, prost::Message};

fn config() -> ProptestConfig {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What a case is made of: for each occurrence which field, and bits to make a value and an encoding from.
type Seeds = Vec<(u16, u64, u64)>;

fn seeds() -> impl Strategy<Value = Seeds> {
    prop::collection::vec((any::<u16>(), any::<u64>(), any::<u64>()), 0..14)
}

/// A record type and a message of it. Half of the cases use two neighbouring fields only, so that the same one comes
/// often, and half of those a type with a list of numbers that is one value.
fn case() -> impl Strategy<Value = (u32, Vec<u8>)> {
    (any::<prop::sample::Index>(), any::<u8>(), any::<u16>(), seeds()).prop_map(|(pick, mode, base, mut seeds)| {
        let mut t = pick.get(table().types());
        if mode.is_multiple_of(4) {
            t = table().get(244).expect("P-GOAL.decision_record");
        }
        if mode.is_multiple_of(2) {
            let base = if mode.is_multiple_of(4) { t.shape.index(9).expect("its list") as u16 } else { base };
            seeds.iter_mut().for_each(|s| s.0 = base.wrapping_add(s.0 % 2) % t.shape.fields.len() as u16);
        }
        (t.number, message(&t.shape, &seeds))
    })
}

/// A varint, overlong by some bytes if the dice say so.
fn sloppy(out: &mut Vec<u8>, value: u64, dice: u64) {
    put_varint(out, value);
    let last = out.len() - 1;
    let used = out.len();
    if dice.is_multiple_of(4) && used > 0 && value < 1 << 56 {
        out[last] |= 0x80;
        out.extend_from_slice(if dice.is_multiple_of(8) { &[0x80, 0][..] } else { &[0][..] });
    }
}

fn number(kind: &Kind, seed: u64) -> u64 {
    if seed.is_multiple_of(7) {
        return 0;
    }
    let small = seed % 300;
    match kind {
        Kind::Bool => seed % 3,
        Kind::Uint32 | Kind::Sint32 => u64::from(seed as u32),
        Kind::Int32 | Kind::Enum if seed.is_multiple_of(5) => (seed as i32 as i64) as u64,
        Kind::Int32 | Kind::Enum => small,
        _ => seed,
    }
}

fn text(seed: u64) -> String {
    let letters = ["a", "ß", "骨", "e\u{301}", " ", "🦴", "\t", "Z"];
    (0..seed % 9).map(|i| letters[(seed >> (i * 3) & 7) as usize]).collect()
}

fn put_value(out: &mut Vec<u8>, kind: &Kind, seed: u64, dice: u64) {
    match kind {
        Kind::String => {
            let t = text(seed);
            sloppy(out, t.len() as u64, dice);
            out.extend_from_slice(t.as_bytes());
        }
        Kind::Bytes => {
            let b = &seed.to_le_bytes()[..(seed % 9) as usize];
            sloppy(out, b.len() as u64, dice);
            out.extend_from_slice(b);
        }
        Kind::Message(shape) => {
            let inner =
                (0..seed % 5).map(|i| ((seed >> i) as u16, seed.rotate_left(7 * i as u32), dice.rotate_left(i as u32)));
            let inner = message(shape, &inner.collect());
            sloppy(out, inner.len() as u64, dice);
            out.extend_from_slice(&inner);
        }
        Kind::Fixed64 | Kind::Sfixed64 | Kind::Double => out.extend_from_slice(&(seed >> 12).to_le_bytes()),
        Kind::Fixed32 | Kind::Sfixed32 | Kind::Float => out.extend_from_slice(&((seed as u32) >> 9).to_le_bytes()),
        kind => sloppy(out, number(kind, seed), dice),
    }
}

fn tag(out: &mut Vec<u8>, number: u32, wire: u8, dice: u64) {
    sloppy(out, u64::from(number) << 3 | u64::from(wire), dice >> 8);
}

fn occurrence(out: &mut Vec<u8>, field: &FieldInfo, seed: u64, dice: u64) {
    if field.is_repeated() && field.kind.packable() && !dice.is_multiple_of(3) {
        let mut run = Vec::new();
        for i in 0..seed % 4 {
            put_value(&mut run, &field.kind, seed.rotate_left(i as u32 * 11), dice >> i);
        }
        tag(out, field.number, 2, dice);
        sloppy(out, run.len() as u64, dice);
        out.extend_from_slice(&run);
    } else {
        tag(out, field.number, field.kind.wire(), dice);
        put_value(out, &field.kind, seed, dice);
    }
}

/// A field that no contract knows, of every wire type.
fn unknown(out: &mut Vec<u8>, n: u32, seed: u64, dice: u64) {
    let wire = [0, 1, 2, 3, 5][(seed % 5) as usize];
    tag(out, n, wire, dice);
    match wire {
        0 => put_varint(out, seed),
        1 => out.extend_from_slice(&seed.to_le_bytes()),
        2 => {
            put_varint(out, 3);
            out.extend_from_slice(&[0xff, 0, 0x80]);
        }
        5 => out.extend_from_slice(&[1, 2, 3, 4]),
        _ => {
            put_tag(out, 9, 0);
            put_varint(out, seed >> 40);
            put_tag(out, n, 4);
        }
    }
}

/// A well-formed message of this shape, as sloppy as the format allows: shuffled, mixed, overlong, with unknown fields.
fn message(shape: &Shape, seeds: &Seeds) -> Vec<u8> {
    let mut out = Vec::new();
    let mut seen = Vec::new();
    for (pick, seed, dice) in seeds {
        let pick = *pick as usize % (shape.fields.len() + 2);
        match shape.fields.get(pick) {
            Some(f) if f.cardinality == Cardinality::Singular && seen.contains(&f.number) => {}
            Some(f) => {
                seen.push(f.number);
                occurrence(&mut out, f, *seed, *dice);
            }
            None => unknown(&mut out, 500 + (*seed % 3) as u32, *seed, *dice),
        }
    }
    out
}

fn descriptor(t: &RecordType) -> MessageDescriptor {
    table().pool().get_message_by_name(&t.message).expect("the descriptor of a row")
}

fn pairs<'a>(chunks: &[Chunk<'a>]) -> Vec<(u32, &'a [u8])> {
    chunks.iter().map(|c| (c.number, c.bytes)).collect()
}

/// The two messages are the same, where a set has no order and holds each element once. (Never Debug-printed.)
fn same(t: &RecordType, mut a: DynamicMessage, mut b: DynamicMessage) -> bool {
    for f in t.shape.fields.iter().filter(|f| f.is_set()) {
        let (x, y) = (a.get_field_by_number(f.number), b.get_field_by_number(f.number));
        let (Some(x), Some(y)) = (x, y) else {
            return false;
        };
        let (Some(x), Some(y)) = (x.as_list(), y.as_list()) else {
            return false;
        };
        let all = x.iter().all(|v| y.contains(v)) && y.iter().all(|v| x.contains(v));
        if !all {
            return false;
        }
        a.clear_field_by_number(f.number);
        b.clear_field_by_number(f.number);
    }
    // Encoded once, since an empty packed run leaves an empty list in memory that means nothing.
    let again = DynamicMessage::decode(a.descriptor(), a.encode_to_vec().as_slice());
    again.is_ok_and(|again| again == b) && a.encode_to_vec() == b.encode_to_vec()
}

proptest! {
    #![proptest_config(config())]

    /// Nothing is lost, nothing is changed, and the form is canonical: I3.
    #[test]
    fn reads_what_prost_reflect_reads((number, sent) in case()) {
        let t = table().get(number).expect("a type");
        let d = descriptor(t);
        let theirs = DynamicMessage::decode(d.clone(), sent.as_slice());
        prop_assert!(theirs.is_ok(), "the case is well-formed");
        let split1 = split(&t.shape, &sent);
        prop_assert!(split1.is_ok(), "{:?} in {}", split1.err(), t.message);
        let split1 = split1.unwrap();
        let chunks: Vec<Chunk<'_>> = split1.chunks().collect();
        let joined = join(&t.shape, pairs(&chunks));
        let ours = DynamicMessage::decode(d, joined.as_slice());
        prop_assert!(ours.is_ok());
        let theirs = theirs.unwrap();
        prop_assert!(same(t, theirs.clone(), ours.unwrap()), "{} differs", t.message);

        // The same bytes as the other implementation writes, but for the order of sets.
        let set = |n: u32| t.field(n).is_some_and(FieldInfo::is_set);
        let mut plain = theirs;
        t.shape.fields.iter().filter(|f| f.is_set()).for_each(|f| plain.clear_field_by_number(f.number));
        let rest: Vec<_> = pairs(&chunks).into_iter().filter(|(n, _)| !set(*n)).collect();
        prop_assert_eq!(join(&t.shape, rest), plain.encode_to_vec());

        // Canonical is a fixed point.
        let again = split(&t.shape, &joined);
        prop_assert!(again.is_ok());
        let again = again.unwrap();
        prop_assert!(again.was_canonical());
        let same_chunks = again.chunks().eq(chunks.iter().copied());
        prop_assert!(same_chunks);
        for c in &chunks {
            let one = split::single(&t.shape, c.number, c.bytes);
            prop_assert!(one.is_ok_and(|b| b.as_ref() == c.bytes));
        }
    }

    /// Random bytes never panic; what is accepted has one canonical form, and the other implementation reads it too.
    #[test]
    fn random_bytes(pick in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        let t = pick.get(table().types());
        if let Ok(s) = split(&t.shape, &bytes) {
            let chunks: Vec<Chunk<'_>> = s.chunks().collect();
            let joined = join(&t.shape, pairs(&chunks));
            prop_assert!(DynamicMessage::decode(descriptor(t), joined.as_slice()).is_ok());
            prop_assert!(split(&t.shape, &joined).is_ok_and(|s| s.was_canonical()));
        }
        let _ = split::open(&bytes);
        let _ = split::split_body(&bytes).map(|(_, _, s)| s.len());
        let _ = osteon_proto::check::check_body(t, [(1, bytes.as_slice()), (5, &bytes), (9, &bytes)]);
        for f in &t.shape.fields {
            let _ = f.key(&bytes);
        }
        let _ = osteon_proto::values::time_ms(t, &bytes);
    }

    /// A message that was cut or damaged never panics, and is either refused or in one canonical form.
    #[test]
    fn damaged_bytes((number, whole) in case().prop_filter("no bytes", |(_, whole)| !whole.is_empty()), at in any::<prop::sample::Index>(), flip in any::<u8>(), cut in any::<bool>()) {
        let t = table().get(number).expect("a type");
        let mut bytes = whole;
        let i = at.index(bytes.len());
        if cut { bytes.truncate(i) } else { bytes[i] ^= flip }
        if let Ok(s) = split(&t.shape, &bytes) {
            let chunks: Vec<Chunk<'_>> = s.chunks().collect();
            let joined = join(&t.shape, pairs(&chunks));
            prop_assert!(split(&t.shape, &joined).is_ok_and(|s| s.was_canonical()));
        }
    }

    /// A type that nobody knows is kept as it came.
    #[test]
    fn unknown_types(seeds in seeds()) {
        let mut sent = Vec::new();
        for (i, (n, seed, _)) in seeds.iter().enumerate() {
            unknown(&mut sent, 1 + i as u32 * 7 + u32::from(*n) % 7, *seed, 1 << 8);
        }
        let body = split::close(1999, &sent);
        let (number, known, s) = split::split_body(&body).expect("well-formed");
        prop_assert!(number == 1999 && known.is_none() && s.was_canonical());
        let chunks: Vec<Chunk<'_>> = s.chunks().collect();
        prop_assert_eq!(split::join_body(1999, pairs(&chunks)), body);
    }
}

//! A part that comes down: its body (the values in force, readable by anybody who knows the contract) and its `state`
//! (everything else that the merge core needs, packed). A new entry costs its body and one stamp.
//!
//! ```text
//! state    := head [varint(stamps)] stamps [exceptions] [covers] [gone]
//! head     := varint   1 exceptions follow, 2 covers follow, 4 gone marks follow, 8 the number of stamps follows (it is not
//!             one), and index << 4 of the first stamp: where its replica stands among the page's
//! stamp    := [varint(index), but for the first] varint(counter)
//!             varint(zigzag(clock.ms - id_ms) << 1 | has_logical) [varint(logical)] receipt(8 bytes)
//! exceptions := varint(n) then for each: varint(field) varint(element length) element varint(versions)
//!             then for each version: varint(stamp << 2 | kind) [varint(length) value]
//! covers   := varint(n) then for each: varint(stamp) varint(dots) dot…     dot := varint(epoch) varint(n) varint(counter)
//! gone     := varint(n) then for each: varint(field) varint(element length) element dot
//! kind     := 0 cleared, 1 the value in the body, 2 a value of its own
//! ```
//! A field that is in the body and not among the exceptions has the first stamp as its only version, and so has the
//! lifecycle ("active"). `id_ms` is the first 48 bits of the record id. A receipt is a MAC under a key of the circle that
//! only the server has, over the versions of that stamp: a device can give them back to a server that lost them.
//!
//! A state says itself where it ends: those of a cell's parts stand one behind the other.

use std::collections::BTreeMap;

use osteon_sync_core::{
    Author, Clock, Dot, Field, FieldRef, FieldWrite, Origin, Part, Put, RecordId, Replica, Role, Version,
    lifecycle::State,
};

use crate::{
    meta,
    split::{put_varint, read_varint},
    sync,
};

/// Bytes of a receipt.
pub const RECEIPT_LEN: usize = 8;

/// Bounds of what is read.
const MAX_STAMPS: u64 = 4_096;
const MAX_EXCEPTIONS: u64 = 65_536;

const EXCEPTIONS: u64 = 1;
const COVERS: u64 = 2;
const GONE: u64 = 4;
const MANY: u64 = 8;
const FLAG_BITS: u32 = 4;

/// The replicas that a page's states point to. Filled while a page is made.
#[derive(Default)]
pub struct ReplicaIndex {
    known: BTreeMap<(Replica, Author), u32>,
    list: Vec<sync::ReplicaAuthor>,
}

impl ReplicaIndex {
    fn index(&mut self, replica: Replica, author: Author) -> u64 {
        let next = self.list.len() as u32;
        let index = *self.known.entry((replica, author)).or_insert(next);
        if index == next {
            let role = meta::Role::try_from(i32::from(author.role.0)).unwrap_or_default();
            self.list.push(sync::ReplicaAuthor {
                epoch: replica.epoch,
                replica: replica.n,
                account: author.account,
                role: role.into(),
            });
        }
        index.into()
    }

    pub fn into_list(self) -> Vec<sync::ReplicaAuthor> {
        self.list
    }
}

/// The versions of one stamp, for whoever computes its receipt.
pub struct Stamped<'a> {
    pub dot: Dot,
    pub author: Author,
    pub clock: Clock,
    /// Of an ending: what it covers, ascending.
    pub covers: &'a [Dot],
    /// Ascending by field.
    pub versions: Vec<(FieldRef<'a>, Option<&'a [u8]>)>,
}

/// The first 48 bits of a UUIDv7 (RFC 9562): milliseconds. Of a derived id they are noise, which costs a few bytes.
fn id_ms(record: RecordId) -> i64 {
    record.0[..6].iter().fold(0, |ms, byte| ms << 8 | i64::from(*byte))
}

/// Packs a part, as [`encode_into`] does, into two buffers of its own: (record without type number, state).
pub fn encode<'a>(
    record: RecordId,
    part: &'a Part,
    replicas: &mut ReplicaIndex,
    in_force: &dyn Fn(FieldRef<'_>) -> Option<Version<'a>>,
    receipt: &mut dyn FnMut(&Stamped<'_>) -> [u8; RECEIPT_LEN],
) -> (Vec<u8>, Vec<u8>) {
    let (mut body, mut state) = (Vec::with_capacity(part.value_bytes()), Vec::new());
    encode_into(record, part, replicas, in_force, receipt, &mut body, &mut state);
    (body, state)
}

/// Packs a part behind what stands in `body` (the record without its type number) and `state`. `in_force` says which
/// version's value stands in the body (asked only where there are several; it may be one that is no longer live, last
/// agreed); `receipt` computes a stamp's receipt.
pub fn encode_into<'a>(
    record: RecordId,
    part: &'a Part,
    replicas: &mut ReplicaIndex,
    in_force: &dyn Fn(FieldRef<'_>) -> Option<Version<'a>>,
    receipt: &mut dyn FnMut(&Stamped<'_>) -> [u8; RECEIPT_LEN],
    body: &mut Vec<u8>,
    state: &mut Vec<u8>,
) {
    if encode_plain(record, part, replicas, receipt, body, state) {
        return;
    }
    let mut stamps: Vec<Stamped<'a>> = Vec::with_capacity(part.live_dots().len());
    let (mut exceptions, mut packed) = (Vec::new(), Vec::new());
    let mut exception_count = 0u64;
    let mut lifecycle_seen = false;
    for (field, versions) in part.fields() {
        let several = versions.len() > 1;
        let shown = if several { in_force(field) } else { None };
        packed.clear();
        let mut plain = !several;
        let count = versions.len();
        if let Some(agreed) = shown.filter(|shown| versions.clone().all(|v| v.dot != shown.dot)) {
            body.extend_from_slice(agreed.value.unwrap_or_default());
        }
        for version in versions {
            let stamp = stamp_of(&mut stamps, part, field, &version);
            let value = version.value;
            let is_lifecycle = field.number == Field::LIFECYCLE;
            let in_body =
                !is_lifecycle && value.is_some() && (!several || shown.is_some_and(|shown| shown.dot == version.dot));
            if in_body && let Some(value) = value {
                body.extend_from_slice(value);
            }
            let implied = in_body || (is_lifecycle && value == Some(State::Active.chunk().as_slice()));
            plain &= stamp == 0 && implied;
            let kind = if value.is_none() { 0 } else { 2 - u64::from(in_body) };
            put_varint(&mut packed, stamp << 2 | kind);
            if kind == 2
                && let Some(value) = value
            {
                put_varint(&mut packed, value.len() as u64);
                packed.extend_from_slice(value);
            }
        }
        lifecycle_seen |= field.number == Field::LIFECYCLE;
        if !plain {
            exception_count += 1;
            put_field(&mut exceptions, field);
            put_varint(&mut exceptions, count as u64);
            exceptions.extend_from_slice(&packed);
        }
    }
    if !lifecycle_seen {
        // Said as an exception without versions: the creation has not arrived.
        exception_count += 1;
        put_field(&mut exceptions, FieldRef::LIFECYCLE);
        put_varint(&mut exceptions, 0);
    }
    let mut covers = Vec::new();
    let mut cover_count = 0u64;
    for (i, stamp) in stamps.iter().enumerate() {
        let listed = part.covers(stamp.dot);
        if !listed.is_empty() {
            cover_count += 1;
            put_varint(&mut covers, i as u64);
            put_varint(&mut covers, listed.len() as u64);
            listed.iter().for_each(|dot| put_dot(&mut covers, *dot));
        }
    }
    let (mut gone, mut gone_count) = (Vec::new(), 0u64);
    for (field, dot) in part.gone() {
        gone_count += 1;
        put_field(&mut gone, field);
        put_dot(&mut gone, dot);
    }
    state.reserve(24 * stamps.len() + exceptions.len() + covers.len() + gone.len());
    let counts = [(exception_count, EXCEPTIONS), (cover_count, COVERS), (gone_count, GONE)];
    let flags = counts.iter().filter(|(n, _)| *n > 0).fold(0, |flags, (_, flag)| flags | flag);
    let first = stamps.first().map_or(0, |stamp| replicas.index(stamp.dot.replica, stamp.author));
    let one = stamps.len() == 1;
    put_varint(state, first << FLAG_BITS | if one { flags } else { flags | MANY });
    if !one {
        put_varint(state, stamps.len() as u64);
    }
    for (i, stamp) in stamps.iter().enumerate() {
        if i > 0 {
            put_varint(state, replicas.index(stamp.dot.replica, stamp.author));
        }
        put_stamp(record, stamp, receipt, state);
    }
    for (count, bytes) in [(exception_count, exceptions), (cover_count, covers), (gone_count, gone)] {
        if count > 0 {
            put_varint(state, count);
            state.extend_from_slice(&bytes);
        }
    }
}

/// What most parts are: made by one change, active, with nothing to say beside the values. False: it is not such a part,
/// and nothing was written.
fn encode_plain<'a>(
    record: RecordId,
    part: &'a Part,
    replicas: &mut ReplicaIndex,
    receipt: &mut dyn FnMut(&Stamped<'_>) -> [u8; RECEIPT_LEN],
    body: &mut Vec<u8>,
    state: &mut Vec<u8>,
) -> bool {
    let active = State::Active.chunk();
    let created = |version: Version<'_>| version.value == Some(&active[..]);
    let Some(first) = part.versions(FieldRef::LIFECYCLE).next().filter(|first| created(*first)) else { return false };
    if !part.is_of_one_change() || part.gone().next().is_some() || !part.covers(first.dot).is_empty() {
        return false;
    }
    let begun = body.len();
    let mut versions = Vec::with_capacity(part.live_versions());
    for (field, mut live) in part.fields() {
        let value = live.next().and_then(|version| version.value);
        let Some(bytes) = value else {
            body.truncate(begun);
            return false;
        };
        if field.number != Field::LIFECYCLE {
            body.extend_from_slice(bytes);
        }
        versions.push((field, value));
    }
    let Version { dot, author, clock, .. } = first;
    state.reserve(24);
    put_varint(state, replicas.index(dot.replica, author) << FLAG_BITS);
    put_stamp(record, &Stamped { dot, author, clock, covers: &[], versions }, receipt, state);
    true
}

fn put_stamp(
    record: RecordId,
    stamp: &Stamped<'_>,
    receipt: &mut dyn FnMut(&Stamped<'_>) -> [u8; RECEIPT_LEN],
    state: &mut Vec<u8>,
) {
    put_varint(state, stamp.dot.counter);
    let delta = i64::try_from(stamp.clock.ms).unwrap_or(i64::MAX).saturating_sub(id_ms(record)).min(i64::MAX >> 2);
    let zigzag = ((delta << 1) ^ (delta >> 63)) as u64;
    put_varint(state, zigzag << 1 | u64::from(stamp.clock.logical != 0));
    if stamp.clock.logical != 0 {
        put_varint(state, stamp.clock.logical.into());
    }
    state.extend_from_slice(&receipt(stamp));
}

fn stamp_of<'a>(stamps: &mut Vec<Stamped<'a>>, part: &'a Part, field: FieldRef<'a>, version: &Version<'a>) -> u64 {
    let at = stamps.iter().position(|s| s.dot == version.dot).unwrap_or_else(|| {
        let (dot, author, clock) = (version.dot, version.author, version.clock);
        let versions = Vec::with_capacity(part.live_versions());
        stamps.push(Stamped { dot, author, clock, covers: part.covers(dot), versions });
        stamps.len() - 1
    });
    stamps[at].versions.push((field, version.value));
    at as u64
}

fn put_field(out: &mut Vec<u8>, field: FieldRef<'_>) {
    put_varint(out, field.number.into());
    put_varint(out, field.element.len() as u64);
    out.extend_from_slice(field.element);
}

fn put_dot(out: &mut Vec<u8>, dot: Dot) {
    put_varint(out, dot.replica.epoch.into());
    put_varint(out, dot.replica.n.into());
    put_varint(out, dot.counter);
}

/// A part as the device holds it, with the receipts of its versions.
pub struct Received {
    pub part: Part,
    pub receipts: Vec<(Dot, [u8; RECEIPT_LEN])>,
}

/// The state, or a body, that this version cannot read: the device begins anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateError;

struct Exception<'a> {
    field: Field,
    versions: Vec<(usize, u64, &'a [u8])>,
}

struct Stamp {
    dot: Dot,
    clock: Clock,
    author: Author,
}

/// Unpacks a part, and takes its state off the front of `states`. `chunks` are the body's, taken apart by
/// [`crate::split`].
pub fn decode<'b>(
    record: RecordId,
    chunks: impl Iterator<Item = (Field, &'b [u8])>,
    states: &mut &[u8],
    replicas: &[sync::ReplicaAuthor],
) -> Result<Received, StateError> {
    let mut input = *states;
    let head = number(&mut input)?;
    let count = if head & MANY == 0 { 1 } else { bounded(number(&mut input)?, MAX_STAMPS)? };
    let (mut stamps, mut receipts) = (Vec::new(), Vec::new());
    for i in 0..count {
        let index = if i == 0 { head >> FLAG_BITS } else { number(&mut input)? };
        let stamp = read_stamp(record, index, &mut input, replicas)?;
        let (receipt, rest) = input.split_first_chunk::<RECEIPT_LEN>().ok_or(StateError)?;
        receipts.push((stamp.dot, *receipt));
        stamps.push(stamp);
        input = rest;
    }
    let mut exceptions = Vec::new();
    if head & EXCEPTIONS != 0 {
        for _ in 0..bounded(number(&mut input)?, MAX_EXCEPTIONS)? {
            exceptions.push(read_exception(&mut input)?);
        }
    }
    let mut covers: BTreeMap<usize, Vec<Dot>> = BTreeMap::new();
    if head & COVERS != 0 {
        for _ in 0..bounded(number(&mut input)?, MAX_STAMPS)? {
            let stamp = usize::try_from(number(&mut input)?).map_err(|_| StateError)?;
            let dots = (0..bounded(number(&mut input)?, MAX_EXCEPTIONS)?).map(|_| read_dot(&mut input));
            covers.insert(stamp, dots.collect::<Result<_, _>>()?);
        }
    }
    let mut gone = Vec::new();
    if head & GONE != 0 {
        for _ in 0..bounded(number(&mut input)?, MAX_EXCEPTIONS)? {
            gone.push((read_field(&mut input)?, read_dot(&mut input)?));
        }
    }
    *states = input;
    let mut part = build(chunks, &stamps, exceptions, &covers)?;
    for (field, dot) in gone {
        let mark = FieldWrite { field, put: None, replaces: vec![dot], covers: Vec::new() };
        let origin = Origin { dot: Dot::default(), clock: Clock::default(), author: Author::default(), earlier: &[] };
        part.apply(origin, &mark, &|_: Dot| false);
    }
    Ok(Received { part, receipts })
}

fn build<'b>(
    chunks: impl Iterator<Item = (Field, &'b [u8])>,
    stamps: &[Stamp],
    exceptions: Vec<Exception<'_>>,
    covers: &BTreeMap<usize, Vec<Dot>>,
) -> Result<Part, StateError> {
    let mut part = Part::new();
    let nothing = |_: Dot| true;
    let mut put = |stamp: usize, field: Field, value: Option<&[u8]>| -> Result<(), StateError> {
        let Stamp { dot, clock, author } = stamps.get(stamp).ok_or(StateError)?;
        let origin = Origin { dot: *dot, clock: *clock, author: *author, earlier: &[] };
        let covers = if field.number == Field::LIFECYCLE { covers.get(&stamp).cloned() } else { None };
        let put = Some(value.map_or(Put::Absent, |value| Put::Value(value.into())));
        let write = FieldWrite { field, put, replaces: Vec::new(), covers: covers.unwrap_or_default() };
        part.apply(origin, &write, &nothing);
        Ok(())
    };
    let mut bodies: BTreeMap<Field, &[u8]> = chunks.collect();
    let mut lifecycle = false;
    for exception in exceptions {
        lifecycle |= exception.field.number == Field::LIFECYCLE;
        let in_body = bodies.remove(&exception.field);
        for (stamp, kind, own) in exception.versions {
            let value = match kind {
                0 => None,
                1 => Some(in_body.ok_or(StateError)?),
                2 => Some(own),
                _ => return Err(StateError),
            };
            put(stamp, exception.field.clone(), value)?;
        }
    }
    if !lifecycle {
        put(0, Field::register(Field::LIFECYCLE), Some(&State::Active.chunk()))?;
    }
    for (field, value) in bodies {
        put(0, field, Some(value))?;
    }
    Ok(part)
}

fn read_stamp(
    record: RecordId,
    index: u64,
    input: &mut &[u8],
    replicas: &[sync::ReplicaAuthor],
) -> Result<Stamp, StateError> {
    let replica = usize::try_from(index).ok().and_then(|index| replicas.get(index)).ok_or(StateError)?;
    let counter = number(input)?;
    let packed = number(input)?;
    let zigzag = packed >> 1;
    let delta = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    let logical = if packed & 1 == 1 { u32::try_from(number(input)?).map_err(|_| StateError)? } else { 0 };
    let ms = u64::try_from(id_ms(record).checked_add(delta).ok_or(StateError)?).map_err(|_| StateError)?;
    let role = Role(u8::try_from(replica.role).map_err(|_| StateError)?);
    Ok(Stamp {
        dot: Dot::new(replica.epoch, replica.replica, counter),
        clock: Clock { ms, logical },
        author: Author { account: replica.account, role },
    })
}

fn read_field(input: &mut &[u8]) -> Result<Field, StateError> {
    let field = u32::try_from(number(input)?).map_err(|_| StateError)?;
    let element = slice(input)?;
    Ok(if element.is_empty() { Field::register(field) } else { Field::element(field, element) })
}

fn read_exception<'a>(input: &mut &'a [u8]) -> Result<Exception<'a>, StateError> {
    let field = read_field(input)?;
    let mut versions = Vec::new();
    for _ in 0..bounded(number(input)?, MAX_STAMPS)? {
        let packed = number(input)?;
        let stamp = usize::try_from(packed >> 2).map_err(|_| StateError)?;
        let own = if packed & 3 == 2 { slice(input)? } else { &[] };
        versions.push((stamp, packed & 3, own));
    }
    Ok(Exception { field, versions })
}

fn read_dot(input: &mut &[u8]) -> Result<Dot, StateError> {
    let mut small = || number(input).and_then(|n| u32::try_from(n).map_err(|_| StateError));
    let (epoch, n) = (small()?, small()?);
    Ok(Dot::new(epoch, n, number(input)?))
}

fn slice<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], StateError> {
    let len = usize::try_from(number(input)?).map_err(|_| StateError)?;
    let (bytes, rest) = input.split_at_checked(len).ok_or(StateError)?;
    *input = rest;
    Ok(bytes)
}

fn number(input: &mut &[u8]) -> Result<u64, StateError> {
    read_varint(input).ok_or(StateError)
}

fn bounded(n: u64, max: u64) -> Result<u64, StateError> {
    if n <= max { Ok(n) } else { Err(StateError) }
}

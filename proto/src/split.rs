//! From a record body on the wire to field chunks, and back, without losing a byte.
//!
//! A chunk is a field's value as the merge core sees it: its wire bytes with tag, in the one canonical form (minimal
//! tags and varints, lists packed as the contract says, a singular field once). A body in canonical form is only
//! looked at ([`scan`]); any other is written anew ([`rewrite`]) or refused, so that two parsers can never disagree.
//! Unknown fields stay as they came. Nothing stored is ever built from a generated struct: those drop what they do
//! not know.

mod rewrite;
mod scan;
pub(crate) mod wire;

use std::borrow::Cow;

use osteon_sync_core::Field;

use crate::{
    reasons::Reason,
    table::{RecordType, Shape, table},
};

pub use wire::{put_tag, put_varint, read_varint};

/// Fields, elements and nested fields of one body, together.
pub const MAX_OCCURRENCES: u32 = 4096;
/// Messages in messages, and groups of unknown fields.
pub const MAX_DEPTH: u32 = 100;
/// A text without a limit of its own, and nothing is longer than four times its characters.
pub const MAX_TEXT_BYTES: usize = 8_000;

/// A body, or a piece of one, that is refused. The path names fields, never a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SplitError {
    pub reason: Reason,
    /// For example `pain_entry.effective_start.zone`; an unknown field is `#77`.
    pub path: String,
}

/// A body taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Split<'a> {
    body: Cow<'a, [u8]>,
    /// Elements of packed sets, each encoded by itself.
    elements: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    field: u32,
    start: u32,
    end: u32,
    element: bool,
    /// In `elements` instead of `body`.
    apart: bool,
}

fn bytes_of<'s>(body: &'s [u8], elements: &'s [u8], s: &Span) -> &'s [u8] {
    let from = if s.apart { elements } else { body };
    &from[s.start as usize..s.end as usize]
}

/// The shape of a record type that the table does not know: no known field.
pub static UNKNOWN: Shape = Shape::empty();

/// One field's value, or one element of a set: wire bytes with tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chunk<'a> {
    pub number: u32,
    /// An element of a set: the field of the merge is (number, these bytes).
    pub element: bool,
    pub bytes: &'a [u8],
}

impl std::error::Error for SplitError {}

impl std::fmt::Display for SplitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.reason, self.path)
    }
}

impl SplitError {
    fn new(reason: Reason) -> Self {
        Self { reason, path: String::new() }
    }

    /// The same error, seen from one level further out.
    fn within(mut self, name: &str) -> Self {
        if !self.path.is_empty() {
            self.path.insert(0, '.');
        }
        self.path.insert_str(0, name);
        self
    }
}

impl Chunk<'_> {
    /// The field that the merge core sees.
    pub fn field(&self) -> Field {
        if self.element { Field::element(self.number, self.bytes) } else { Field::register(self.number) }
    }
}

impl Split<'_> {
    /// Ascending by field number; elements of a set ascending by their bytes, each once.
    pub fn chunks(&self) -> impl ExactSizeIterator<Item = Chunk<'_>> {
        self.spans.iter().map(|s| Chunk { number: s.field, element: s.element, bytes: self.bytes(s) })
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether the body came in canonical form.
    pub fn was_canonical(&self) -> bool {
        matches!(self.body, Cow::Borrowed(_))
    }

    fn bytes(&self, s: &Span) -> &[u8] {
        bytes_of(&self.body, &self.elements, s)
    }

    /// A set has no order and holds each element once.
    fn order_sets(&mut self) {
        let (body, elements) = (&self.body, &self.elements);
        let key = |s: &Span| bytes_of(body, elements, s);
        for run in self.spans.chunk_by_mut(|a, b| a.field == b.field) {
            if run.len() > 1 {
                run.sort_unstable_by(|a, b| key(a).cmp(key(b)));
            }
        }
        self.spans.dedup_by(|a, b| a.field == b.field && a.element && key(a) == key(b));
    }
}

/// Takes a `RecordBody` apart: the record type's number, and the record. Exactly one member, and nothing after it.
pub fn open(body: &[u8]) -> Result<(u32, &[u8]), SplitError> {
    let malformed = || SplitError::new(Reason::MalformedBody);
    let mut rest = body;
    let (number, wire) = wire::tag(&mut rest).ok_or_else(malformed)?;
    if wire != wire::LEN {
        return Err(malformed());
    }
    let len = read_varint(&mut rest).ok_or_else(malformed)?;
    if len != rest.len() as u64 {
        return Err(malformed());
    }
    Ok((number, rest))
}

/// The other way round.
pub fn close(number: u32, record: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(record.len() + 8);
    put_head(&mut body, number, record.len());
    body.extend_from_slice(record);
    body
}

/// What stands before the record in its body.
pub fn put_head(out: &mut Vec<u8>, number: u32, len: usize) {
    put_tag(out, number, wire::LEN);
    put_varint(out, len as u64);
}

/// [`open`] and [`split`] in one, with the type that the table knows. Error paths begin with the body's member.
pub fn split_body(body: &[u8]) -> Result<(u32, Option<&'static RecordType>, Split<'_>), SplitError> {
    let (number, record) = open(body)?;
    let known = table().get(number);
    let parts = match known {
        Some(t) => split(&t.shape, record).map_err(|e| e.within(&t.member))?,
        None => split(&UNKNOWN, record).map_err(|e| e.within(&format!("#{number}")))?,
    };
    Ok((number, known, parts))
}

/// Takes a record apart. A type that the table does not know has [`UNKNOWN`] as its shape.
pub fn split<'a>(shape: &Shape, record: &'a [u8]) -> Result<Split<'a>, SplitError> {
    let mut found = Found { spans: Vec::with_capacity(16), ..Found::default() };
    let canonical = scan::scan(shape, record, &mut found)?;
    let body = if canonical {
        Cow::Borrowed(record)
    } else {
        let anew = rewrite::rewrite(shape, record)?;
        found = Found::default();
        if !scan::scan(shape, &anew, &mut found)? {
            // Cannot be: what is written anew is canonical (a property test holds it).
            return Err(SplitError::new(Reason::Internal));
        }
        Cow::Owned(anew)
    };
    let mut split = Split { body, elements: found.elements, spans: found.spans };
    if found.sets {
        split.order_sets();
    }
    Ok(split)
}

/// One element of a set, or one field, as `FieldWrite.element` and a version's value carry it: canonical, and nothing else.
pub fn single<'a>(shape: &Shape, number: u32, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, SplitError> {
    let split = split(shape, bytes)?;
    match split.spans.as_slice() {
        [s] if s.field == number && !s.apart && s.end - s.start == split.body.len() as u32 => Ok(split.body),
        [s] if s.field == number => Ok(Cow::Owned(split.bytes(s).to_vec())),
        _ => Err(SplitError::new(Reason::MalformedBody)),
    }
}

/// Puts chunks together to a record. Field numbers MUST ascend. Elements of a packed set become one run again.
pub fn join<'a>(shape: &Shape, chunks: impl IntoIterator<Item = (u32, &'a [u8])>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut run: (u32, Vec<u8>) = (0, Vec::new());
    for (number, bytes) in chunks {
        if number != run.0 {
            flush(&mut run, &mut out);
        }
        match shape.field(number) {
            Some(f) if f.is_set() && f.packed => {
                run.0 = number;
                run.1.extend_from_slice(payload(bytes));
            }
            _ => out.extend_from_slice(bytes),
        }
    }
    flush(&mut run, &mut out);
    out
}

/// [`join`], closed to a `RecordBody`.
pub fn join_body<'a>(number: u32, chunks: impl IntoIterator<Item = (u32, &'a [u8])>) -> Vec<u8> {
    let shape = table().get(number).map_or(&UNKNOWN, |t| &t.shape);
    close(number, &join(shape, chunks))
}

fn flush(run: &mut (u32, Vec<u8>), out: &mut Vec<u8>) {
    if !run.1.is_empty() {
        put_tag(out, run.0, wire::LEN);
        put_varint(out, run.1.len() as u64);
        out.append(&mut run.1);
    }
    run.0 = 0;
}

/// What stands behind tag and length of a length-delimited chunk; nothing, if it is none.
pub fn payload(chunk: &[u8]) -> &[u8] {
    let mut rest = chunk;
    match wire::tag(&mut rest) {
        Some((_, wire::LEN)) => match read_varint(&mut rest) {
            Some(len) if len <= rest.len() as u64 => &rest[..len as usize],
            _ => &[],
        },
        _ => &[],
    }
}

/// What a scan finds at the top of a record.
#[derive(Default)]
struct Found {
    spans: Vec<Span>,
    elements: Vec<u8>,
    /// Some set has more than one element.
    sets: bool,
}

impl scan::Sink for Found {
    #[inline]
    fn field(&mut self, number: u32, element: bool, start: usize, end: usize) {
        if let Some(last) = self.spans.last_mut()
            && last.field == number
        {
            if !element {
                // A list that is one value, or an unknown field that stands several times.
                last.end = end as u32;
                return;
            }
            self.sets = true;
        }
        self.spans.push(Span { field: number, start: start as u32, end: end as u32, element, apart: false });
    }

    fn packed_element(&mut self, number: u32, bytes: &[u8]) {
        let start = self.elements.len() as u32;
        put_tag(&mut self.elements, number, wire::LEN);
        put_varint(&mut self.elements, bytes.len() as u64);
        self.elements.extend_from_slice(bytes);
        self.sets |= self.spans.last().is_some_and(|s| s.field == number);
        self.spans.push(Span { field: number, start, end: self.elements.len() as u32, element: true, apart: true });
    }
}

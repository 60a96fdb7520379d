//! How much a message unfolds to. Two bytes on the wire can be one empty nested message of two hundred bytes in memory, so
//! a small request can become a large one when it is decoded. Here the nested and repeated elements are counted on the
//! wire, by the descriptors of the contracts, before anything is decoded.

use std::collections::BTreeMap;

use prost_reflect::{Kind, MessageDescriptor};

use crate::{
    error::{Error, Reason},
    limits::MESSAGE_ELEMENTS,
};

/// Held as bytes by our code: it does not unfold.
const LEAF: &str = "osteon.sync.v1.RecordBody";
/// Deeper nesting is not in the contracts (and prost refuses it at 100).
const MAX_DEPTH: u8 = 32;

/// Index of a message type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeId(usize);

#[derive(Default)]
struct Shape {
    /// Field number to the nested type, ascending.
    nested: Vec<(u32, ShapeId)>,
}

/// Message types, without anything but their nesting.
#[derive(Default)]
pub struct Shapes {
    shapes: Vec<Shape>,
    by_name: BTreeMap<String, ShapeId>,
}

impl Shapes {
    /// Adds a message type and all that it holds.
    pub fn add(&mut self, message: &MessageDescriptor) -> ShapeId {
        if let Some(&known) = self.by_name.get(message.full_name()) {
            return known;
        }
        let id = ShapeId(self.shapes.len());
        self.shapes.push(Shape::default());
        self.by_name.insert(message.full_name().to_owned(), id);
        if message.full_name() != LEAF {
            let mut nested = Vec::new();
            for field in message.fields() {
                if let Kind::Message(inner) = field.kind() {
                    nested.push((field.number(), self.add(&inner)));
                }
            }
            nested.sort_unstable_by_key(|(number, _)| *number);
            self.shapes[id.0] = Shape { nested };
        }
        id
    }

    /// Counts the elements of an encoded message. What breaks the wire format is left to the decoder.
    pub fn check(&self, shape: ShapeId, message: &[u8]) -> Result<(), Error> {
        let mut left = MESSAGE_ELEMENTS.usize();
        self.count(shape, message, MAX_DEPTH, &mut left)
    }

    fn count(&self, shape: ShapeId, mut bytes: &[u8], depth: u8, left: &mut usize) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Error::new(Reason::MalformedMessage)) };
        while let Some(tag) = varint(&mut bytes) {
            let number = u32::try_from(tag >> 3).unwrap_or(0);
            let payload = match tag & 7 {
                0 => varint(&mut bytes).map(|_| None),
                1 => take(&mut bytes, 8).map(|_| None),
                2 => varint(&mut bytes).and_then(|len| take(&mut bytes, len)).map(Some),
                5 => take(&mut bytes, 4).map(|_| None),
                // Groups: their content follows as fields of this level; the decoder has a depth limit of its own.
                3 | 4 => Some(None),
                _ => None,
            };
            match payload {
                None => break,
                Some(None) => {}
                Some(Some(payload)) => {
                    *left = left.checked_sub(1).ok_or_else(|| Error::limit(&MESSAGE_ELEMENTS))?;
                    let nested = &self.shapes[shape.0].nested;
                    if let Ok(at) = nested.binary_search_by_key(&number, |(number, _)| *number) {
                        self.count(nested[at].1, payload, depth, left)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The number in this field of an encoded message, without decoding it; of several, the last, as a decoder would.
pub fn number(mut message: &[u8], field: u32) -> Option<u64> {
    let mut found = None;
    while let Some(tag) = varint(&mut message) {
        match tag & 7 {
            0 => {
                let value = varint(&mut message)?;
                if tag >> 3 == u64::from(field) {
                    found = Some(value);
                }
            }
            1 => drop(take(&mut message, 8)?),
            2 => {
                let len = varint(&mut message)?;
                take(&mut message, len)?;
            }
            5 => drop(take(&mut message, 4)?),
            _ => return None,
        }
    }
    found
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            *bytes = &bytes[at + 1..];
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    Some(head)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use osteon_proto::sync::{Change, Dot, FieldWrite, PushRequest, RecordWrite};
    use proptest::prelude::*;
    use prost::Message;

    use super::*;
    use crate::layers::methods::Methods;

    fn check(message: &[u8]) -> Result<(), Error> {
        static METHODS: OnceLock<Methods> = OnceLock::new();
        let methods = METHODS.get_or_init(|| Methods::read(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors"));
        let shape = methods.get("/osteon.sync.v1.SyncService/Push").shape.expect("a unary request");
        methods.shapes.check(shape, message)
    }

    #[test]
    fn an_ordinary_push_passes() {
        let write = RecordWrite {
            fields: vec![FieldWrite { replaces: vec![Dot::default(); 3], ..Default::default() }; 5],
            ..Default::default()
        };
        let push = PushRequest {
            changes: vec![Change { writes: vec![write], ..Default::default() }; 200],
            ..Default::default()
        };
        assert!(check(&push.encode_to_vec()).is_ok());
    }

    #[test]
    fn empty_messages_are_counted_at_every_depth() {
        let flat = PushRequest { changes: vec![Change::default(); 20_001], ..Default::default() };
        let deep = Change { writes: vec![RecordWrite::default(); 20_001], ..Default::default() };
        let deep = PushRequest { changes: vec![deep], ..Default::default() };
        for push in [flat, deep] {
            let error = check(&push.encode_to_vec()).expect_err("too many");
            assert_eq!(error.limit_name(), Some("MESSAGE_ELEMENTS"));
        }
    }

    #[test]
    fn one_number_is_read_without_decoding() {
        let push = PushRequest { circle: 4711, epoch: 3, changes: vec![Change::default(); 3], ..Default::default() };
        let bytes = push.encode_to_vec();
        assert_eq!(number(&bytes, 1), Some(4711));
        assert_eq!(number(&[&bytes[..], &[8, 5]].concat(), 1), Some(5), "the last one counts");
        assert_eq!(number(&bytes, 77), None);
        assert_eq!(number(&bytes[..bytes.len() - 1], 1), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_counted_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (check(&bytes), number(&bytes, 1));
        }
    }
}

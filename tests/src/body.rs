//! Record bodies and changes for tests, made with the generated messages.

use bytes::Bytes;
use osteon_proto::{
    care,
    sync::{self, RecordBody, record_body::Body},
};
use prost::Message;

use crate::device::now_ms;

pub fn encode(body: Body) -> Bytes {
    RecordBody { body: Some(body) }.encode_to_vec().into()
}

/// J01: the worst pain of the last 24 hours.
pub fn pain(worst: u32, ms: u64) -> Bytes {
    encode(Body::PainEntry(care::PainEntry {
        effective_start: Some(moment(ms)),
        worst_24h: Some(worst),
        ..Default::default()
    }))
}

pub fn moment(ms: u64) -> care::Moment {
    let at = prost_types::Timestamp { seconds: (ms / 1000) as i64, nanos: (ms % 1000) as i32 * 1_000_000 };
    care::Moment { at: Some(at), utc_offset_min: Some(60), zone: Some("Europe/Berlin".to_owned()) }
}

/// A body of type `number` with these bytes inside, whatever they are.
pub fn raw(number: u32, inner: &[u8]) -> Bytes {
    let mut out = Vec::new();
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut out);
    prost::encoding::encode_varint(inner.len() as u64, &mut out);
    out.extend_from_slice(inner);
    out.into()
}

/// One change that creates a record with this body.
pub fn create(record: [u8; 16], body: Bytes) -> sync::Change {
    write(sync::RecordWrite { record: record.to_vec().into(), body: Some(body), create: true, ..Default::default() })
}

/// One change that writes this body to a record, naming nothing.
pub fn edit(record: [u8; 16], body: Bytes) -> sync::Change {
    write(sync::RecordWrite { record: record.to_vec().into(), body: Some(body), ..Default::default() })
}

/// An edit that says, for each field, which versions it takes the place of.
pub fn replace(record: [u8; 16], body: Bytes, replaces: &[(u32, Vec<sync::Dot>)]) -> sync::Change {
    let fields = replaces
        .iter()
        .map(|(field, dots)| sync::FieldWrite { field: *field, replaces: dots.clone(), ..Default::default() })
        .collect();
    write(sync::RecordWrite { record: record.to_vec().into(), body: Some(body), fields, ..Default::default() })
}

pub fn write(write: sync::RecordWrite) -> sync::Change {
    sync::Change { clock_ms: now_ms(), writes: vec![write], ..Default::default() }
}

/// The number of a record type, as its body's tag says.
pub fn type_number(body: &[u8]) -> u32 {
    let mut rest = body;
    prost::encoding::decode_key(&mut rest).map_or(0, |(number, _)| number)
}

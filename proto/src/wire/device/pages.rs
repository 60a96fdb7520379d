//! Pages of a pull, taken apart for the state machine; and what the server found about disputed fields, kept with the
//! part that it was sent with.

use std::borrow::Cow;

use osteon_sync_core::{
    Author, Clock, Dot, Field, FieldRef, PartId, RecordId, Version,
    device::{ConfirmedPart, Page, PagePart},
    ledger::Mac,
};
use prost::Message;

use super::{BadAnswer, cell, sixteen};
use crate::{
    meta,
    split::{self, split_body},
    sync,
    wire::{dot, state, to_dot},
};

type Result<T> = std::result::Result<T, BadAnswer>;

/// What stands beside a part: the server's findings, and the receipts of its versions.
#[derive(Clone, PartialEq, Message)]
pub struct Extra {
    #[prost(message, repeated, tag = "1")]
    fields: Vec<sync::FieldState>,
    /// Receipts, each behind its dot: what a device can give back to a server that lost the version.
    #[prost(message, repeated, tag = "2")]
    receipts: Vec<Receipt>,
    #[prost(bool, tag = "3")]
    pub lifecycle_review: bool,
    #[prost(bool, tag = "4")]
    pub incomplete: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Receipt {
    #[prost(message, optional, tag = "1")]
    dot: Option<sync::Dot>,
    #[prost(bytes = "vec", tag = "2")]
    receipt: Vec<u8>,
}

impl Extra {
    pub fn of(part: &ConfirmedPart) -> Self {
        Self::decode(part.extra.as_slice()).unwrap_or_default()
    }

    /// The receipt of what one change has live in the part.
    pub fn receipt(&self, of: Dot) -> Option<&[u8]> {
        let found = self.receipts.iter().find(|r| r.dot.as_ref().map(dot) == Some(of))?;
        Some(&found.receipt)
    }

    fn find(&self, field: FieldRef<'_>) -> Option<&sync::FieldState> {
        self.fields.iter().find(|f| f.field == field.number && *f.element == *field.element)
    }

    /// Whether the server asks a person about the field, for whatever reason (also those that a phone cannot see).
    pub fn needs_review(&self, field: FieldRef<'_>) -> bool {
        self.find(field).is_some_and(|f| f.needs_review)
    }

    /// The last agreed version, as the server found it.
    pub fn agreed(&self, field: FieldRef<'_>) -> Option<Agreed> {
        let found = self.find(field)?;
        let at = found.agreed.as_ref().map(dot)?;
        let value = found.agreed_value.as_ref().and_then(|body| chunk_of(body));
        Some(Agreed { dot: at, value })
    }
}

/// The last agreed version of a field.
pub struct Agreed {
    pub dot: Dot,
    /// Its value, where it is no longer live.
    pub value: Option<Vec<u8>>,
}

impl Agreed {
    /// As a version: the live one with its dot, or its own value under an author who is not told.
    pub fn version<'a>(&'a self, mut live: impl Iterator<Item = Version<'a>>) -> Version<'a> {
        let own = || Version {
            dot: self.dot,
            clock: Clock::default(),
            author: Author::default(),
            value: self.value.as_deref(),
        };
        live.find(|v| v.dot == self.dot).unwrap_or_else(own)
    }
}

/// The one chunk of a body that holds one field.
fn chunk_of(body: &[u8]) -> Option<Vec<u8>> {
    let (_, _, parts) = split_body(body).ok()?;
    parts.chunks().next().map(|chunk| chunk.bytes.to_vec())
}

/// Takes a page apart. `asked` is the cursor that it follows.
pub fn page(page: &sync::Page, epoch: u32, asked: Vec<u8>) -> Result<Page> {
    let mut parts = Vec::new();
    for of_cell in &page.cells {
        let at = of_cell.cell.as_ref().map(cell).ok_or(BadAnswer("parts without a cell"))?;
        let mut states = &of_cell.states[..];
        for sent in &of_cell.parts {
            parts.push(part(sent, &mut states, at.label, at.class, &page.replicas)?);
        }
        if !states.is_empty() {
            return Err(BadAnswer("states without parts"));
        }
    }
    let processed = page.processed.iter().map(|p| {
        let at = p.dot.as_ref().map(dot).ok_or(BadAnswer("a chain without a dot"))?;
        let mac: Mac = sixteen(&p.mac).unwrap_or_default();
        Ok((at, mac))
    });
    let digests = page.digests.iter().filter_map(|d| {
        let digest = sixteen(&d.digest)?;
        Some((cell(d.cell.as_ref()?), u128::from_be_bytes(digest)))
    });
    let removed = page.tombstones.iter().filter(|t| t.dot.is_none());
    Ok(Page {
        circle: page.circle,
        epoch,
        asked,
        cursor: page.cursor.to_vec(),
        head: page.head,
        erased: page.erased.iter().map(cell).collect(),
        granted: page.granted.iter().map(cell).collect(),
        parts,
        processed: processed.collect::<Result<_>>()?,
        complete: page.complete().filter_map(class).collect(),
        at_head: page.at_head,
        digests: digests.collect(),
        redacted: page.tombstones.iter().filter_map(redacted).collect(),
        removed: removed.filter_map(|t| sixteen(&t.record)).map(RecordId).collect(),
    })
}

fn redacted(tombstone: &sync::Tombstone) -> Option<(RecordId, Dot)> {
    Some((RecordId(sixteen(&tombstone.record)?), dot(tombstone.dot.as_ref()?)))
}

fn class(class: meta::PriorityClass) -> Option<u8> {
    u8::try_from(class as i32).ok()
}

fn part(
    sent: &sync::Part,
    states: &mut &[u8],
    label: u64,
    class: u8,
    replicas: &[sync::ReplicaAuthor],
) -> Result<PagePart> {
    let record = RecordId(sixteen(&sent.record).ok_or(BadAnswer("a record id"))?);
    let body: Cow<'_, [u8]> = match &sent.body {
        Some(body) if !body.is_empty() => Cow::Borrowed(body),
        _ => Cow::Owned(split::close(sent.r#type, &[])),
    };
    let (type_number, _, taken) = split_body(&body).map_err(|_| BadAnswer("a record's body"))?;
    let chunks = taken.chunks().map(|chunk| (chunk.field(), chunk.bytes));
    let received = state::decode(record, chunks, states, replicas).map_err(|_| BadAnswer("a part's state"))?;
    let receipts =
        received.receipts.iter().map(|(at, receipt)| Receipt { dot: Some(to_dot(*at)), receipt: receipt.to_vec() });
    let extra = Extra {
        fields: sent.fields.clone(),
        receipts: receipts.collect(),
        lifecycle_review: sent.lifecycle_review,
        incomplete: sent.incomplete,
    };
    Ok(PagePart { id: PartId { record, label }, part: received.part, type_number, class, extra: extra.encode_to_vec() })
}

/// Whether the record has been created for this reader: its lifecycle stands in the part.
pub fn has_lifecycle(part: &osteon_sync_core::Part) -> bool {
    part.versions(FieldRef::register(Field::LIFECYCLE)).next().is_some()
}

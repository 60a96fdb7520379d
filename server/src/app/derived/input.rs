//! What a derivation reads of a record: values by the field's name, each with the version that says so.

use osteon_care_core::facts::{Instant, record};
use osteon_proto::{
    care,
    split::payload,
    table::{RecordType, table},
    values::{Value, value, values},
};
use osteon_sync_core::{Dot, FieldRef, Part, RecordId, lifecycle, view};
use prost::Message;

use crate::{
    app::look::AllKnown,
    store::{PartRow, StoreError},
};

/// A version that was looked at.
#[derive(Clone, Copy)]
pub(super) struct Looked {
    pub record: RecordId,
    pub dot: Dot,
    pub written_ms: u64,
}

impl Looked {
    /// Its name: record, epoch, replica, counter.
    pub(super) fn name(&self) -> Vec<u8> {
        let mut out = self.record.0.to_vec();
        out.extend_from_slice(&self.dot.replica.epoch.to_be_bytes());
        out.extend_from_slice(&self.dot.replica.n.to_be_bytes());
        out.extend_from_slice(&self.dot.counter.to_be_bytes());
        out
    }
}

/// One part of an input, and what was looked at of it.
pub(super) struct Input {
    pub record: RecordId,
    pub part: Part,
    pub known: &'static RecordType,
    pub looked: Vec<Looked>,
}

impl Input {
    /// A part of a record that is there and was not ended.
    pub(super) fn open(row: &PartRow) -> Result<Option<Self>, StoreError> {
        let Some(known) = table().get(row.type_number) else { return Ok(None) };
        let part = row.part()?;
        let there = part.is_live() && !lifecycle::of_part(&part, &[], &AllKnown).state.is_ending();
        Ok(there.then_some(Self { record: row.record, part, known, looked: Vec::new() }))
    }

    /// All live values of a field, or of its elements, each with the version that says so.
    pub(super) fn written(&mut self, name: &str) -> Vec<(Vec<u8>, Looked)> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let mut found = Vec::new();
        for (_, versions) in self.part.fields().filter(|(at, _)| at.number == field.number) {
            for version in versions {
                let looked = Looked { record: self.record, dot: version.dot, written_ms: version.clock.ms };
                self.looked.push(looked);
                found.extend(version.value.map(|value| (value.to_vec(), looked)));
            }
        }
        found
    }

    pub(super) fn all(&mut self, name: &str) -> Vec<Vec<u8>> {
        self.written(name).into_iter().map(|(chunk, _)| chunk).collect()
    }

    /// What every live version of a field says, as chunks; None is "cleared".
    pub(super) fn live(&self, name: &str) -> Vec<Option<Vec<u8>>> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let versions = self.part.elements(field.number).flat_map(|(_, versions)| versions);
        versions.map(|version| version.value.map(<[u8]>::to_vec)).collect()
    }

    /// People say different things, and somebody has to settle it. Of a set nobody has to: what one of them named stands.
    pub(super) fn is_disputed(&self, name: &str) -> bool {
        let Some(field) = self.known.field_by_name(name) else { return false };
        let policy = osteon_sync_core::Schema::policy(self.known, field.number);
        let apart = |versions: &[osteon_sync_core::Version<'_>]| view::disputed(versions);
        !policy.is_union()
            && policy != osteon_sync_core::Policy::LastWriter
            && self.part.elements(field.number).any(|(_, versions)| apart(&versions.collect::<Vec<_>>()))
    }

    /// The value in force, where the policy has a safer side, and when it was written.
    pub(super) fn in_force(&mut self, name: &str) -> Option<(Vec<u8>, u64)> {
        let field = self.known.field_by_name(name)?;
        let versions = self.part.versions(FieldRef::register(field.number));
        let looked = |version: osteon_sync_core::Version<'_>| Looked {
            record: self.record,
            dot: version.dot,
            written_ms: version.clock.ms,
        };
        let live: Vec<Looked> = versions.clone().map(looked).collect();
        self.looked.extend(live);
        let policy = osteon_sync_core::Schema::policy(self.known, field.number);
        let view = view::view(policy, field.number, versions, self.known, None);
        let effective = view.effective?;
        Some((effective.value?.to_vec(), effective.clock.ms))
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let chunks = self.all(name);
        let texts = chunks.iter().flat_map(|chunk| values(field, chunk)).filter_map(|value| match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        });
        texts.collect()
    }

    /// Texts with when they were written.
    pub(super) fn written_texts(&mut self, name: &str) -> Vec<(String, u64)> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let text = |(chunk, looked): (Vec<u8>, Looked)| match value(field, &chunk)? {
            Value::Text(text) => Some((text.to_owned(), looked.written_ms)),
            _ => None,
        };
        self.written(name).into_iter().filter_map(text).collect()
    }

    /// Whole numbers (of enums too) with when they were written.
    pub(super) fn written_numbers(&mut self, name: &str) -> Vec<(i32, u64)> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let number = |(chunk, looked): (Vec<u8>, Looked)| match value(field, &chunk)? {
            Value::Int(number) => i32::try_from(number).ok().map(|number| (number, looked.written_ms)),
            _ => None,
        };
        self.written(name).into_iter().filter_map(number).collect()
    }

    /// Everybody says that it restricts no longer (`lifts` in the contracts): an exercise plan that ended.
    pub(super) fn is_over(&mut self) -> bool {
        let Some(field) = self.known.shape.fields.iter().find(|field| !field.lifts.is_empty()) else { return false };
        let written = self.written_numbers(&field.name);
        !written.is_empty() && written.iter().all(|(number, _)| field.lifts.contains(number))
    }

    /// Whether somebody wrote this number, and nobody another one.
    pub(super) fn is_only(&mut self, name: &str, number: i32) -> bool {
        let written = self.written_numbers(name);
        !written.is_empty() && written.iter().all(|(one, _)| *one == number)
    }

    /// The first of the moments that people name.
    pub(super) fn moment(&mut self, name: &str) -> Option<(Instant, Looked)> {
        let instant = |(chunk, looked): (Vec<u8>, Looked)| {
            let moment = care::Moment::decode(payload(&chunk)).ok()?;
            Some((record::instant(Some(moment))?, looked))
        };
        self.written(name).into_iter().filter_map(instant).min_by_key(|(at, looked)| (at.ms, looked.dot))
    }

    pub(super) fn number(&mut self, name: &str) -> Option<i32> {
        self.number_in_force(name).map(|(number, _)| number)
    }

    pub(super) fn number_in_force(&mut self, name: &str) -> Option<(i32, u64)> {
        let (chunk, ms) = self.in_force(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Int(number) => i32::try_from(number).ok().map(|number| (number, ms)),
            _ => None,
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let (chunk, _) = self.in_force(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

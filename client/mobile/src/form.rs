//! A record that a person has open: what was shown is what a save names, so that nobody is overruled unseen.

use std::{collections::BTreeSet, sync::Arc};

use osteon_client::records::{Entry, Form as Open};
use osteon_proto::{
    split::{close, split_body},
    table::table,
};
use osteon_sync_core::lifecycle::State;

use crate::{
    error::{PhoneError, Result},
    phone::{Phone, Saved},
    records::Record,
    view::RecordView,
};

/// Made by [`Phone::edit`]. Make a new one after a save.
#[derive(uniffi::Object)]
pub struct Form {
    phone: Arc<Phone>,
    open: Open,
    shown: RecordView,
    /// Elements of its sets that were shown, by field: chunks.
    elements: BTreeSet<(u32, Vec<u8>)>,
}

impl Form {
    pub(crate) fn of(
        phone: Arc<Phone>,
        open: Open,
        shown: RecordView,
        elements: BTreeSet<(u32, Vec<u8>)>,
    ) -> Arc<Self> {
        Arc::new(Self { phone, open, shown, elements })
    }

    /// One entry for each field that is named: its value in the record, or that it is cleared. Of a set the elements that
    /// came, and those that went.
    fn entries(&self, record: Record, fields: &[String]) -> Result<Vec<Entry>> {
        let type_number = record.type_number();
        let known = table().get(type_number).filter(|_| type_number == self.shown.type_number);
        let known = known.ok_or_else(|| PhoneError::argument("record", "The record is of another type."))?;
        let body = close(type_number, &record.encode());
        let (_, _, split) = split_body(&body)
            .map_err(|fault| PhoneError::argument("record", &format!("It cannot be written: {}.", fault.path)))?;
        let chunks: Vec<(u32, &[u8])> = split.chunks().map(|chunk| (chunk.number, chunk.bytes)).collect();
        let mut entries = Vec::new();
        for name in fields {
            let field = known.field_by_name(name);
            let field = field.ok_or_else(|| PhoneError::argument("fields", &format!("There is no field {name}.")))?;
            let new: Vec<&[u8]> =
                chunks.iter().filter(|(number, _)| *number == field.number).map(|(_, chunk)| *chunk).collect();
            let put = |chunk: &&[u8]| Entry::Put { field: field.number, chunk: chunk.to_vec() };
            if !field.is_set() {
                entries.push(new.first().map_or(Entry::Clear { field: field.number }, put));
                continue;
            }
            let stands = |chunk: &&&[u8]| self.elements.contains(&(field.number, chunk.to_vec()));
            entries.extend(new.iter().filter(|chunk| !stands(chunk)).map(put));
            let gone =
                self.elements.iter().filter(|(number, chunk)| *number == field.number && !new.contains(&&**chunk));
            entries.extend(gone.map(|(field, element)| Entry::Remove { field: *field, element: element.clone() }));
        }
        Ok(entries)
    }

    async fn write(&self, record: Record, fields: &[String], reason: &str, resolves: bool) -> Result<Saved> {
        let entries = self.entries(record, fields)?;
        let saved = self.phone.core().save(&self.open, &entries, reason, resolves).await?;
        Ok(Saved::of(saved))
    }

    async fn end(&self, state: State, reason: &str) -> Result<Saved> {
        Ok(Saved::of(self.phone.core().end(&self.open, state, reason).await?))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Form {
    /// What was shown.
    pub fn view(&self) -> RecordView {
        self.shown.clone()
    }

    /// Saves the named fields as they stand in `record`; one that is not set there is cleared. What loosens a limit needs a
    /// reason.
    pub async fn save(&self, record: Record, fields: Vec<String>, reason: String) -> Result<Saved> {
        self.write(record, &fields, &reason, false).await
    }

    /// The same from a screen that showed every version of a dispute: it is settled.
    pub async fn decide(&self, record: Record, fields: Vec<String>, reason: String) -> Result<Saved> {
        self.write(record, &fields, &reason, true).await
    }

    /// It did not happen, or not so. It stays to be seen, struck out.
    pub async fn mark_as_mistake(&self, reason: String) -> Result<Saved> {
        self.end(State::EnteredInError, &reason).await
    }

    pub async fn delete(&self, reason: String) -> Result<Saved> {
        self.end(State::Deleted, &reason).await
    }
}

/// The elements of sets that stand in a view, as chunks.
pub(crate) fn elements(seen: &osteon_client::views::RecordView) -> BTreeSet<(u32, Vec<u8>)> {
    let Some(known) = table().get(seen.type_number) else { return BTreeSet::new() };
    let of_set = seen.fields.iter().filter(|field| known.field(field.number).is_some_and(|info| info.is_set()));
    of_set.map(|field| (field.number, field.element.clone())).collect()
}

//! loro: a document a record, its fields in one map.

use loro::{ExportMode, Frontiers, ID, LoroDoc, LoroValue, ValueOrContainer};

use crate::{
    library::{Library, Result},
    work::{AUTHOR, Edit, NAMES, Record},
};

pub(crate) struct Loro;

const MAP: &str = "r";

impl Library for Loro {
    const NAME: &'static str = "loro";
    const APPLY_IS: &'static str = "an update's bytes: it has no other way in, so decoding is in the time";
    type Doc = LoroDoc;
    type Change = Vec<u8>;
    type Sent = Vec<u8>;

    fn make(record: &Record) -> Result<LoroDoc> {
        let doc = LoroDoc::new();
        doc.set_peer_id(AUTHOR.into())?;
        let map = doc.get_map(MAP);
        for (name, value) in NAMES.iter().zip(&record.values) {
            map.insert(name, value.as_str())?;
        }
        doc.commit();
        Ok(doc)
    }

    fn edit_elsewhere(_: &Record, saved: &[u8], replica: u32, edit: &Edit) -> Result<Vec<u8>> {
        let doc = LoroDoc::from_snapshot(saved)?;
        doc.set_peer_id(replica.into())?;
        let before = doc.oplog_vv();
        doc.get_map(MAP).insert(NAMES[edit.field], edit.value.as_str())?;
        doc.commit();
        Ok(doc.export(ExportMode::updates(&before))?)
    }

    fn receive(sent: &Vec<u8>) -> Result<Vec<u8>> {
        Ok(sent.clone())
    }

    fn apply(doc: &mut LoroDoc, change: Vec<u8>) -> Result<()> {
        doc.import(&change)?;
        Ok(())
    }

    fn encode(doc: &mut LoroDoc) -> Result<Vec<u8>> {
        Ok(doc.export(ExportMode::Snapshot)?)
    }

    fn decode(bytes: &[u8]) -> Result<LoroDoc> {
        Ok(LoroDoc::from_snapshot(bytes)?)
    }

    fn values(doc: &LoroDoc, field: usize) -> Result<Vec<String>> {
        Ok(match doc.get_map(MAP).get(NAMES[field]) {
            Some(ValueOrContainer::Value(LoroValue::String(text))) => vec![text.to_string()],
            _ => Vec::new(),
        })
    }

    fn in_history(_: &LoroDoc, encoded: &[u8], by: u32, field: usize, lost: &str) -> Result<bool> {
        let doc = LoroDoc::from_snapshot(encoded)?;
        // An edit is the first operation of its replica.
        doc.checkout(&Frontiers::from_id(ID::new(by.into(), 0)))?;
        Ok(Self::values(&doc, field)?.iter().any(|v| v == lost))
    }
}

//! yrs (Yjs in Rust): a document a record, its fields in one map; garbage collection on, as it is by default.

use yrs::{Doc, Map, Out, ReadTxn, StateVector, Transact, Update, updates::decoder::Decode};

use crate::{
    library::{Library, Result},
    work::{AUTHOR, Edit, NAMES, Record},
};

pub(crate) struct Yrs;

const MAP: &str = "r";

impl Library for Yrs {
    const NAME: &'static str = "yrs";
    const APPLY_IS: &'static str = "a decoded update";
    type Doc = Doc;
    type Sent = Vec<u8>;
    type Change = Update;

    fn make(record: &Record) -> Result<Doc> {
        let doc = Doc::with_client_id(AUTHOR.into());
        let map = doc.get_or_insert_map(MAP);
        let mut txn = doc.transact_mut();
        for (name, value) in NAMES.iter().zip(&record.values) {
            map.insert(&mut txn, *name, value.as_str());
        }
        drop(txn);
        Ok(doc)
    }

    fn edit_elsewhere(_: &Record, saved: &[u8], replica: u32, edit: &Edit) -> Result<Vec<u8>> {
        let doc = Doc::with_client_id(replica.into());
        let map = doc.get_or_insert_map(MAP);
        doc.transact_mut().apply_update(Update::decode_v1(saved)?)?;
        let before = doc.transact().state_vector();
        map.insert(&mut doc.transact_mut(), NAMES[edit.field], edit.value.as_str());
        Ok(doc.transact().encode_state_as_update_v1(&before))
    }

    fn receive(sent: &Vec<u8>) -> Result<Update> {
        Ok(Update::decode_v1(sent)?)
    }

    fn apply(doc: &mut Doc, change: Update) -> Result<()> {
        Ok(doc.transact_mut().apply_update(change)?)
    }

    fn encode(doc: &mut Doc) -> Result<Vec<u8>> {
        Ok(doc.transact().encode_state_as_update_v1(&StateVector::default()))
    }

    fn decode(bytes: &[u8]) -> Result<Doc> {
        let doc = Doc::with_client_id(AUTHOR.into());
        doc.transact_mut().apply_update(Update::decode_v1(bytes)?)?;
        Ok(doc)
    }

    fn values(doc: &Doc, field: usize) -> Result<Vec<String>> {
        let map = doc.get_or_insert_map(MAP);
        let value = map.get(&doc.transact(), NAMES[field]);
        Ok(value.into_iter().filter_map(|v| if let Out::Any(any) = v { Some(any.to_string()) } else { None }).collect())
    }

    fn in_history(_: &Doc, encoded: &[u8], _: u32, _: usize, lost: &str) -> Result<bool> {
        // Strings stand in an update as they are.
        Ok(encoded.windows(lost.len()).any(|w| w == lost.as_bytes()))
    }
}

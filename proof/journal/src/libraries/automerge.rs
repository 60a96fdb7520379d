//! automerge: a document a record, its fields in the root map.

use automerge::{ActorId, AutoCommit, Change, ROOT, ReadDoc, transaction::Transactable};

use crate::{
    library::{Library, Result},
    work::{AUTHOR, Edit, NAMES, Record},
};

pub(crate) struct Automerge;

fn actor(replica: u32) -> ActorId {
    ActorId::from(&replica.to_be_bytes()[..])
}

impl Library for Automerge {
    const NAME: &'static str = "automerge";
    const APPLY_IS: &'static str = "a decoded change";
    type Doc = AutoCommit;
    type Sent = Change;
    type Change = Change;

    fn make(record: &Record) -> Result<AutoCommit> {
        let mut doc = AutoCommit::new().with_actor(actor(AUTHOR));
        for (name, value) in NAMES.iter().zip(&record.values) {
            doc.put(ROOT, *name, value.as_str())?;
        }
        doc.commit();
        Ok(doc)
    }

    fn edit_elsewhere(_: &Record, saved: &[u8], replica: u32, edit: &Edit) -> Result<Change> {
        let mut doc = AutoCommit::load(saved)?.with_actor(actor(replica));
        doc.put(ROOT, NAMES[edit.field], edit.value.as_str())?;
        doc.commit();
        Ok(doc.get_last_local_change().ok_or("no change was made")?)
    }

    fn receive(sent: &Change) -> Result<Change> {
        Ok(sent.clone())
    }

    fn apply(doc: &mut AutoCommit, change: Change) -> Result<()> {
        Ok(doc.apply_changes([change])?)
    }

    fn encode(doc: &mut AutoCommit) -> Result<Vec<u8>> {
        Ok(doc.save())
    }

    fn decode(bytes: &[u8]) -> Result<AutoCommit> {
        Ok(AutoCommit::load(bytes)?)
    }

    fn values(doc: &AutoCommit, field: usize) -> Result<Vec<String>> {
        let all = doc.get_all(ROOT, NAMES[field])?;
        Ok(all.iter().filter_map(|(value, _)| value.as_str().map(str::to_owned)).collect())
    }

    fn in_history(doc: &AutoCommit, _: &[u8], _: u32, field: usize, lost: &str) -> Result<bool> {
        let mut doc = doc.clone();
        for change in doc.get_changes(&[]) {
            let at = [change.hash()];
            let then = doc.get_all_at(ROOT, NAMES[field], &at)?;
            if then.iter().any(|(value, _)| value.as_str() == Some(lost)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

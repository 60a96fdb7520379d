//! What a phone tells while it syncs. Whoever shows it decides how.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use osteon_sync_core::{RecordId, device::Page};

use crate::{
    outcomes::Settled,
    state::Enrolled,
    views::{FieldView, RecordView},
};

/// Hears events. Called between two steps of a sync: it must return soon.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// A listener that hears nothing.
pub fn silent() -> Listener {
    Arc::new(|_| {})
}

#[derive(Clone)]
pub enum Event {
    /// The server answered Hello.
    Connected { epoch: u32 },
    /// Verdicts came for changes of one circle.
    Sent { circle: u64, sent: usize, bytes: usize, accepted: usize, refused: Vec<Refusal>, held: usize, later: usize },
    /// A change of this phone has its outcome. It is kept as well, until somebody was told ([`crate::Phone::on_settled`]).
    Settled(Settled),
    /// A page was applied.
    Received { circle: u64, parts: usize, changes: Vec<FieldChange> },
    /// Everything that this reader may have of the circle is here.
    UpToDate { circle: u64, records: usize },
    /// Cells were erased: what is no longer shared, or is sent anew, or is more than this phone is to hold. `lost`: the
    /// categories that its owner may not read any more; 0: the circle itself.
    Erased { circle: u64, cells: usize, lost: BTreeSet<u8> },
    /// Another program of this folder talks to the server already.
    Beside,
    /// The server does not answer, or the person switched the network off.
    Offline { why: String, next_try_ms: Option<u64> },
}

/// A change that the server refused; it is kept as a draft.
#[derive(Clone)]
pub struct Refusal {
    pub reason: String,
    /// Paths of fields, no values.
    pub paths: Vec<String>,
}

/// A field that has another value in force than before, or another state.
#[derive(Clone)]
pub struct FieldChange {
    pub record: RecordId,
    pub type_number: u32,
    /// `None`: it had no version before.
    pub before: Option<FieldView>,
    /// `None`: it has none any more.
    pub after: Option<FieldView>,
}

/// The records of a page, as they were before it was applied.
pub struct Watched {
    circle: u64,
    now_ms: u64,
    before: BTreeMap<RecordId, RecordView>,
    records: BTreeSet<RecordId>,
}

/// A first download is not told field by field.
const MAX_WATCHED: usize = 32;

impl Watched {
    pub fn before(phone: &Enrolled, page: &Page, now_ms: u64) -> Self {
        let mut records: BTreeSet<RecordId> = page.parts.iter().map(|p| p.id.record).collect();
        if records.len() > MAX_WATCHED {
            records.clear();
        }
        let before = phone.view(page.circle, now_ms).map(|v| v.in_force(&records)).unwrap_or_default();
        Self { circle: page.circle, now_ms, before, records }
    }

    pub fn changes(&self, phone: &Enrolled) -> Vec<FieldChange> {
        let after = phone.view(self.circle, self.now_ms).map(|v| v.in_force(&self.records)).unwrap_or_default();
        let mut changes = Vec::new();
        for record in &self.records {
            let (old, new) = (self.before.get(record), after.get(record));
            let type_number = new.or(old).map_or(0, |r| r.type_number);
            let key = |f: &FieldView| (f.number, f.element.clone());
            let mut keys: BTreeSet<(u32, Vec<u8>)> = BTreeSet::new();
            for view in [old, new].into_iter().flatten() {
                keys.extend(view.fields.iter().map(key));
            }
            for k in keys {
                let of = |view: Option<&RecordView>| view.and_then(|v| v.fields.iter().find(|f| key(f) == k).cloned());
                let (before, after) = (of(old), of(new));
                if told(&before) != told(&after) {
                    changes.push(FieldChange { record: *record, type_number, before, after });
                }
            }
        }
        changes
    }
}

/// What a person would notice of a field.
fn told(field: &Option<FieldView>) -> Option<(Option<&[u8]>, bool, bool)> {
    field.as_ref().map(|f| (f.value(), f.needs_review, f.blocked))
}

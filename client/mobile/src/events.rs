//! What a phone tells while it syncs.

use std::sync::Arc;

use osteon_client::{events, outcomes};

use crate::error::{ObserverError, id_text};

/// Hears what happens. Called on a thread of the phone, between two steps: it returns soon.
#[uniffi::export(with_foreign)]
pub trait Listener: Send + Sync {
    fn on_event(&self, event: Event) -> Result<(), ObserverError>;
}

#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Event {
    /// The server answered.
    Connected { epoch: u32 },
    /// Verdicts came. `refused` are drafts now; `held` wait for a person of the team; `later` are sent again.
    Sent { circle: u64, sent: u32, accepted: u32, refused: Vec<Refusal>, held: u32, later: u32 },
    /// A change of this phone has its outcome. It is kept as well, until the app says that it was told.
    Settled { outcome: Settled },
    /// Something of others is here.
    Received { circle: u64, parts: u32, changed: Vec<FieldChanged> },
    /// Everything that this reader may have of the circle is here.
    UpToDate { circle: u64, records: u32 },
    /// What is no longer shared, or sent anew, was erased. `lost`: numbers of the categories that may not be read any more.
    Erased { circle: u64, cells: u32, lost: Vec<u8> },
    /// Another program of this folder talks to the server: this one waits for it.
    Beside,
    /// The server does not answer, or the network is off. Everything is kept.
    Offline { text: String, next_try_ms: Option<u64> },
}

/// What became of a change of this phone.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Settled {
    /// Counts up: `outcomes_told` names the last that the app was told.
    pub n: u64,
    pub circle: u64,
    pub outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    Accepted,
    /// Kept as a draft. `words`: of whoever decided against it.
    Refused {
        reason: String,
        paths: Vec<String>,
        words: String,
    },
    /// It waits at the server for somebody's decision.
    Quarantined {
        reason: String,
    },
    /// Somebody put into the record what waited.
    TakenOver,
    /// Nothing of it counts.
    Skipped,
}

impl From<outcomes::Settled> for Settled {
    fn from(settled: outcomes::Settled) -> Self {
        let outcome = match settled.outcome {
            outcomes::Outcome::Accepted { .. } => Outcome::Accepted,
            outcomes::Outcome::Refused { reason, paths, words } => Outcome::Refused { reason, paths, words },
            outcomes::Outcome::Quarantined { reason } => Outcome::Quarantined { reason },
            outcomes::Outcome::TakenOver => Outcome::TakenOver,
            outcomes::Outcome::Skipped => Outcome::Skipped,
        };
        Self { n: settled.n, circle: settled.circle, outcome }
    }
}

/// A change that the server refused.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Refusal {
    /// Stable.
    pub reason: String,
    pub paths: Vec<String>,
}

/// A field that has another value in force than before, or another state.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldChanged {
    pub record_id: String,
    pub type_number: u32,
    pub field: u32,
}

impl From<events::Event> for Event {
    fn from(event: events::Event) -> Self {
        match event {
            events::Event::Connected { epoch } => Self::Connected { epoch },
            events::Event::Sent { circle, sent, accepted, refused, held, later, .. } => Self::Sent {
                circle,
                sent: count(sent),
                accepted: count(accepted),
                refused: refused.into_iter().map(|no| Refusal { reason: no.reason, paths: no.paths }).collect(),
                held: count(held),
                later: count(later),
            },
            events::Event::Received { circle, parts, changes } => {
                let changed = changes.into_iter().map(|change| FieldChanged {
                    record_id: id_text(change.record),
                    type_number: change.type_number,
                    field: change.after.or(change.before).map_or(0, |field| field.number),
                });
                Self::Received { circle, parts: count(parts), changed: changed.collect() }
            }
            events::Event::UpToDate { circle, records } => Self::UpToDate { circle, records: count(records) },
            events::Event::Erased { circle, cells, lost } => {
                Self::Erased { circle, cells: count(cells), lost: lost.into_iter().collect() }
            }
            events::Event::Settled(settled) => Self::Settled { outcome: settled.into() },
            events::Event::Beside => Self::Beside,
            events::Event::Offline { why, next_try_ms } => Self::Offline { text: why, next_try_ms },
        }
    }
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The core's listener of an app's.
pub(crate) fn told_to(listener: Option<Arc<dyn Listener>>) -> events::Listener {
    match listener {
        None => events::silent(),
        // What an app's observer does wrong is its own affair: data goes on.
        Some(listener) => Arc::new(move |event| {
            let _ = listener.on_event(event.into());
        }),
    }
}

//! The core of a mobile app: a local store, the device's state machine of osteon-sync-core over it, and the way to the
//! server. `osteon-phone` drives it from a terminal; an app drives it from Kotlin or Swift.
//!
//! Start at [`Phone`]: open a folder, [`enrol`](Phone::enrol), [`create`](Phone::create) and [`save`](Phone::save) with or
//! without a network, [`sync`](Phone::sync) or [`live`](Phone::live). Everything that changes a phone goes through one
//! transaction ([`phone`]); clock and randomness are arguments ([`clock`], [`ids`]).

pub mod access;
mod arrivals;
pub mod attachments;
pub mod audit;
pub mod care;
pub mod catch_up;
pub mod clock;
pub mod compare;
mod depth;
pub mod devices;
mod drafts;
pub mod erasure;
pub mod error;
pub mod events;
pub mod find;
mod greeted;
pub mod history;
pub mod ids;
pub mod keys;
pub mod line;
pub mod notices;
pub mod orders;
pub mod outcomes;
pub mod phone;
pub mod plausible;
mod pull;
pub mod receipts;
pub mod records;
mod recovery;
pub mod session;
pub mod sharing;
pub mod state;
pub mod status;
pub mod store;
mod sync;
pub mod threads;
pub mod timeline;
pub mod transport;
pub mod undo;
pub mod views;
pub mod wakes;
pub mod watching;
pub mod words;

pub use error::{Error, Result};
pub use phone::Phone;

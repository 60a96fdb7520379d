//! The phone core as an app sees it: one object [`phone::Phone`] over a folder, typed records of the contracts ([`records`]),
//! observers, typed errors with a text for people. UniFFI makes Kotlin, Swift and Python of it; nothing is decided here, that
//! is `osteon-client`'s.
//!
//! Start at [`phone::Phone::open`]. `docs/mobile-guide.md` goes from an empty app to a synced journal.

uniffi::setup_scaffolding!();

pub mod care;
pub mod drafts;
pub mod error;
pub mod events;
pub mod files;
pub mod form;
pub mod journal;
pub mod phone;
#[rustfmt::skip]
#[allow(clippy::pedantic, clippy::large_enum_variant)]
pub mod records;
pub mod status;
pub mod team;
pub mod time;
pub mod view;

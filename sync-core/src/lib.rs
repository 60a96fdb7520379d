//! The heart of Osteon: one merge, many views, and the protocol's two state machines.
//!
//! A record is, per field, a set of live versions (dot → value). A write names the versions that it
//! replaces, out of those that its author was shown; applying it removes exactly those and adds its own.
//! Everything else here follows from that sentence. No clock, no randomness, no I/O, no async, no protobuf:
//! the core sees field numbers and opaque chunks, and a comparable [`Key`] per chunk where a policy needs one.
#![no_std]

extern crate alloc;

pub mod change;
pub mod dot;

pub use change::{Author, Change, Field, FieldWrite, PartId, PartWrite, Put, RecordId, Role};
pub use dot::{Clock, Dot, Replica};

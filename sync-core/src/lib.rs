//! The heart of Osteon: one merge, many views, and the protocol's two state machines.
//!
//! A record is, per field, a set of live versions (dot → value). A write names the versions that it
//! replaces, out of those that its author was shown; applying it removes exactly those and adds its own.
//! Everything else here follows from that sentence. No clock, no randomness, no I/O, no async, no protobuf:
//! the core sees field numbers and opaque chunks, and a comparable [`Key`] per chunk where a policy needs one.
#![no_std]

extern crate alloc;

pub mod agreed;
pub mod chain;
pub mod change;
pub mod content;
pub mod device;
pub mod digest;
pub mod dot;
pub mod faults;
pub mod ledger;
pub mod lifecycle;
pub mod limits;
pub mod names;
pub mod part;
mod varint;
pub mod view;

pub use chain::{ChainHead, Chains, Known, Place};
pub use change::{Author, Change, Field, FieldRef, FieldWrite, Note, Origin, PartId, PartWrite, Put, RecordId, Role};
pub use content::content;
pub use digest::Digest;
pub use dot::{Clock, Dot, Replica};
pub use names::{Edit, Form, Shown, Unsent};
pub use part::{DecodeError, Fields, Part, TooManyVersions, Version, Versions};
pub use view::{Key, Keys, Order, Policy, Schema, UnionView, View, WhileOpen};

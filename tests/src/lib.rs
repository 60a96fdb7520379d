//! Black-box tests of the real binary, and what they stand on: a server process ([`server`]), a private PostgreSQL
//! ([`postgres`]), a device made of generated stubs alone ([`device`], [`body`]; [`raw`] below them) and the programs of others ([`tools`]).
//! [`merge_vectors`] and [`care_vectors`] run the conformance kit.
//!
//! The tests themselves lie in `tests/blackbox/`, one module per theme. Counts are small by default and are raised by
//! variables (`OSTEON_ROUNDS` and so on), which `make prove` sets.

pub mod body;
pub mod care_vectors;
pub mod chaos;
pub mod device;
pub mod merge_vectors;
pub mod middlebox;
pub mod postgres;
pub mod push_service;
pub mod raw;
pub mod server;
pub mod tools;

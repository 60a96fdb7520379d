//! Revocation: everything that can be taken back, at every moment at which it can be. One table names the scenarios; each
//! runs on the memory store, on SQLite and on PostgreSQL, with the real state machine of a device on the reader's side and
//! the server's real use cases in the place of the network.
//!
//! What must hold after the revoking commit: not one byte of what was revoked leaves on any way out ([`exits`]), and a
//! device that is reached keeps nothing of it in any of its layers ([`flows`]).

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

#[allow(dead_code)]
#[path = "../use_cases/access.rs"]
mod access;
#[path = "../store_conformance/all.rs"]
mod all;
mod depths;

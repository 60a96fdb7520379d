//! The phone core, without a server or with one that says what a test wants. One binary; what stops the file system is two of its own
//! (`crash`, `stops`): it counts the operations of a whole process.

mod corpus;
mod enrolled;
mod stand_in;

mod attachments;
mod bad_days;
mod between;
mod care;
mod compat;
mod damage;
mod depth;
mod dropped;
mod ends;
mod keys;
mod line;
mod offline;
mod orders;
mod outcomes;
mod soak;
mod store;
mod undo;
mod views;

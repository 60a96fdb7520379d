//! One file for each library, so that a reader who knows one of them can check how it was used.

pub(crate) mod automerge;
pub(crate) mod loro;
pub(crate) mod osteon;
pub(crate) mod yrs;

//! Clinical knowledge: scores, readings of disputed fields. Pure; server and phone run it.
//!
//! Everything here says where it comes from ([`Source`]) and how sure we are of it. A function never imputes: with an
//! input missing it says "cannot tell" and names it. Decision support only; no result says that all is well.
//!
//! Architecture invariant: no clock, no randomness, no I/O; the same merged inputs give the same answer everywhere.

mod bone_drug;
pub mod facts;
mod mirels;
pub mod relaxation;
pub mod rules;
mod sins;
mod source;
pub mod vocabulary;

pub use bone_drug::{Giving, OverdueClock, PlannedNext, StatusReading, planned_next, status};
pub use mirels::{MIRELS, MirelsBand, MirelsInputs, MirelsSite, mirels, mirels_site};
pub use relaxation::relaxes;
pub use sins::{SINS, SinsBand, SinsInputs, SinsLocation, sins, sins_location};
pub use source::{Outcome, Source};

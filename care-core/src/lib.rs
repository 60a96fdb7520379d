//! Clinical knowledge: scores, readings of disputed fields. Pure; server and phone run it.
//!
//! Everything here says where it comes from ([`Source`]) and how sure we are of it. A function never imputes: with an
//! input missing it says "cannot tell" and names it. Decision support only; no result says that all is well.
//!
//! Architecture invariant: no clock, no randomness, no I/O, no floating point; the same merged inputs give the same
//! answer everywhere.

#![deny(clippy::float_arithmetic)]

pub mod alerts;
pub mod assess;
mod bone_drug;
pub mod clinic;
pub mod convert;
pub mod digest;
pub mod exact;
pub mod facts;
pub mod relaxation;
pub mod rules;
pub mod series;
mod source;
pub mod targets;
pub mod tasks;
pub mod together;
pub mod vocabulary;

pub use assess::{
    Assessed, Assessment,
    mirels::{MIRELS, MirelsBand, MirelsInputs, MirelsSite, mirels, mirels_site},
    sins::{SINS, SinsBand, SinsInputs, SinsLocation, sins, sins_location},
};
pub use bone_drug::{Giving, OverdueClock, PlannedNext, StatusReading, planned_next, status};
pub use exact::Exact;
pub use facts::Day;
pub use relaxation::{lifts, relaxes};
pub use source::Source;

//! Who may do what in one circle: one total function, [`decide`], and the two values that only it can make.
//!
//! Server and phone fill [`Access`] from the records of the care circle (members, grants, activations) and ask
//! the same function: the phone to grey out what cannot be edited, the server to refuse it. Reading is decided
//! by label, writing by field. A [`Scope`] is the proof that somebody may read, a [`Permit`] that they may act;
//! store and app functions demand them, and their fields are private.
//!
//! Architecture invariant: no clock, no randomness, no I/O here; `now_ms` is an argument.
//! Architecture invariant: a DENY that is added never allows more.

mod access;
mod action;
mod audit;
mod category;
mod decide;
mod depth;
mod explain;
mod facts;
mod label;
mod matrix;
mod role;
mod scope;
mod threads;

pub use access::{Access, ActivationRow, Consent, GlassRow, GrantOf, GrantRow, Grantee, MemberRow};
pub use action::{Action, FieldFacts, Reference, TypeFacts};
pub use audit::{AuditReach, audit_reach};
pub use category::{Categories, Category};
pub use decide::{Decision, Viewer, decide};
pub use explain::{Kind, Ungrantable, Why, grantable, speaks_for_patient, why, windows};
pub use osteon_proto::LabelId;

pub use label::{Audience, LabelView};
pub use matrix::{CELLS, Cell, MATRIX, Mode, cell};
pub use role::{Role, RoleSet};
pub use scope::{Denied, Permit, Reach, Scope, bulk_grantable, gained, held, lost, permit, reach, scope};
pub use threads::{Part, ThreadRow};

//! What people do to each other's work without touching the same field: fields that contradict each other, a lesion that
//! a plan has not seen, one event recorded twice, an approval of what has changed since, a plan that nobody has read.
//!
//! The merge finds none of it, because it looks at one field at a time. Everything here is a pure function of merged parts
//! (and, where it matters what somebody had seen, of the order in which a server took changes in): whatever order they
//! came in, and however often, the findings are the same. Nothing is changed here: a person decides.

mod approvals;
mod checks;
mod duplicates;
mod overlay;
mod readings;
mod records;
mod unseen;

pub use approvals::{Approved, Changed, FieldNow, Standing, approves, standing};
pub use checks::{CHECKS, Check, Finding, READS, Tells, check};
pub use duplicates::{Event, Pair, events, pairs};
pub use overlay::{Leaves, Limited, limited};
pub use readings::{Reading, readings};
pub use records::{Records, Rests};
pub use unseen::{Commit, Live, Meeting, Read, unseen};

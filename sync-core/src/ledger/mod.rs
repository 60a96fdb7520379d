//! The server's side of one circle, as pure code over [`CircleStore`].
//!
//! - [`push`]: a lane's changes in, a verdict for each out; [`process`] is one of them (PROTOCOL, "Push").
//! - [`hello`]: where a device's lanes stand, and where somebody else used its numbers.
//! - [`offer`]: what a restored server lost, given back by devices (PROTOCOL, "A server restored from a backup").
//! - [`cursor`] and [`page`]: what a reader holds, what it may have, and the next page (PROTOCOL, "Pull").
//!
//! Who may do what is asked of the caller (`check`); clock and MACs come in as arguments.

mod checks;
pub mod cursor;
pub mod hello;
pub mod offer;
pub mod page;
mod process;
pub mod push;
mod renumber;
mod store;
mod verdict;

pub use cursor::{Backfill, BackfillKey, Cursor, CursorError};
pub use hello::{LanePosition, LaneState};
pub use offer::{Offered, Taken, take_back};
pub use page::{Ask, At, Granted, PagePlan, Planned, Range, Room, Row, StaleCursor};
pub use process::{Context, Decision, MAX_CLOCK_AHEAD_MS, Outcome, SKIP_MAC, process, set_aside, skip};
pub use push::{Item, PushItem, push};
pub use store::{Cell, ChainPoint, CircleStore, Generation, KnownIn, Macs, Owner, Schemas, StoredPart};
pub use verdict::{Kept, Mac, Reason, Verdict, Violation, reason};

//! The proof that what stands in a circle may be read. A [`Snapshot`](crate::store::Snapshot) says on its own no more than
//! what a decision needs (the circle's head, its keys, its access state); its rows are had for a proof alone.
//! One is made by `access` from a `Scope` of osteon-access-core, or for work of the server itself that is named here; a test
//! (`tests/tests/house.rs`) holds who may.
//!
//! ```
//! # use osteon_server::{access::Sight, store::{PartRow, Snapshot, StoreError}};
//! # use osteon_sync_core::RecordId;
//! async fn parts(snapshot: &mut dyn Snapshot, sight: &Sight, record: RecordId) -> Result<Vec<PartRow>, StoreError> {
//!     snapshot.rows(sight.proof())?.parts_of(&[record]).await
//! }
//! ```
//!
//! Without one there is nothing to call:
//! ```compile_fail
//! # use osteon_server::{access::Sight, store::{PartRow, Snapshot, StoreError}};
//! # use osteon_sync_core::RecordId;
//! async fn parts(snapshot: &mut dyn Snapshot, sight: &Sight, record: RecordId) -> Result<Vec<PartRow>, StoreError> {
//!     snapshot.parts_of(&[record]).await
//! }
//! ```
//!
//! It cannot be made up, neither as a value nor by the way that is the server's own:
//! ```compile_fail
//! let proof = osteon_server::access::Proof { circle: 7 };
//! ```
//! ```compile_fail
//! let proof = osteon_server::access::Proof::of_server(7, osteon_server::access::Work::Verify);
//! ```
//!
//! Nor can a sight be joined of a scope and another circle:
//! ```compile_fail
//! # fn elsewhere(scope: osteon_access_core::Scope) -> osteon_server::access::Sight {
//! osteon_server::access::Sight { circle: 7, scope }
//! # }
//! ```

use std::ops::Deref;

use osteon_access_core::Scope;

use crate::store::CircleNo;

/// Somebody was allowed to read in this circle. What of it they may be told, their scope says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    circle: CircleNo,
}

/// What the server reads for itself, of which nothing is told to anybody as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// What the rules read, to say what it comes to.
    Rules,
    /// Every row of a copy is looked at: is it whole?
    Verify,
    /// Whether the entry that says that somebody broke the glass is theirs, who may not read it themselves.
    OwnGlass,
    /// Emergency accesses and what was found afterwards, for those who read the audit, each as far as they do.
    GlassReviews,
    /// What became of a device's own waiting changes.
    OwnFates,
    /// What a clinic sets for itself, in its own circle: no data of a patient.
    Settings,
    /// What was redacted after a backup, in a database that was restored from it.
    RedactAgain,
    /// Which attachments something still names.
    Attachments,
}

impl Proof {
    pub(crate) fn of_server(circle: CircleNo, _: Work) -> Self {
        Self { circle }
    }

    pub fn circle(self) -> CircleNo {
        self.circle
    }
}

/// A scope, and the circle that it was decided in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    circle: CircleNo,
    scope: Scope,
}

impl Sight {
    pub(crate) fn new(circle: CircleNo, scope: Scope) -> Self {
        Self { circle, scope }
    }

    pub fn proof(&self) -> Proof {
        Proof { circle: self.circle }
    }
}

impl Deref for Sight {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

//! A clinic's own circle: it holds what the clinic sets for itself, and its members are the staff. It is nobody's patient,
//! so [`IdentityStore::circles_of`](super::IdentityStore::circles_of) and
//! [`IdentityStore::circles_of_clinic`](super::IdentityStore::circles_of_clinic) leave it out.

use async_trait::async_trait;

use super::{AccountNo, CircleNo, StoreError, identity::NewCircle};

#[async_trait]
pub trait ClinicStore {
    /// Every clinic with its short id, by number.
    async fn clinics(&self) -> Result<Vec<(u64, String)>, StoreError>;
    /// The clinic's own circle, if it was founded.
    async fn clinic_circle(&self, clinic: u64) -> Result<Option<CircleNo>, StoreError>;
    /// Founds the clinic's own circle; where there is one, that is the answer.
    async fn create_clinic_circle(&self, circle: NewCircle) -> Result<CircleNo, StoreError>;
    /// (account, role number) of whoever works in a circle of a patient of this clinic, ascending, each once.
    async fn staff_of(&self, clinic: u64) -> Result<Vec<(AccountNo, u8)>, StoreError>;
}

/// Roles of people who work for a clinic (`osteon.meta.v1.Role`): from dietitian to clinic admin.
pub const STAFF: std::ops::RangeInclusive<u8> = 3..=7;

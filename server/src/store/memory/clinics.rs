//! A clinic's own circle, in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{AccountNo, CircleNo, ClinicStore, IdentityStore, StoreError, clinics::STAFF, identity::NewCircle};

#[async_trait]
impl ClinicStore for MemoryStore {
    async fn clinics(&self) -> Result<Vec<(u64, String)>, StoreError> {
        Ok(self.state().identity.clinics_by_number())
    }

    async fn clinic_circle(&self, clinic: u64) -> Result<Option<CircleNo>, StoreError> {
        Ok(self.state().identity.clinic_circles.get(&clinic).copied())
    }

    async fn create_clinic_circle(&self, circle: NewCircle) -> Result<CircleNo, StoreError> {
        let clinic = circle.clinic;
        if let Some(known) = self.clinic_circle(clinic).await? {
            return Ok(known);
        }
        if !self.state().identity.clinics_by_number().iter().any(|(known, _)| *known == clinic) {
            return Err(StoreError::NotFound);
        }
        let circle = self.create_circle(circle).await?;
        self.state().identity.clinic_circles.insert(clinic, circle);
        Ok(circle)
    }

    async fn staff_of(&self, clinic: u64) -> Result<Vec<(AccountNo, u8)>, StoreError> {
        let state = self.state();
        let own = state.identity.clinic_circles.get(&clinic).copied();
        let circles = state.circles.values().filter(|c| c.row.clinic == clinic && Some(c.row.circle) != own);
        let staff: BTreeSet<(AccountNo, u8)> =
            circles.flat_map(|c| &c.access.members).filter(|(_, role)| STAFF.contains(role)).copied().collect();
        Ok(staff.into_iter().collect())
    }
}

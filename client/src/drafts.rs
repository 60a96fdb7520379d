//! What the server refused stays here until its writer has seen to it.

use osteon_sync_core::Dot;

use crate::{
    error::{Error, Result},
    phone::Phone,
};

impl Phone {
    /// Throws a draft away: it was written anew, or is not wanted any more.
    pub async fn drop_draft(&self, circle: u64, change: Dot) -> Result<()> {
        self.change(|state| {
            let device = &mut state.enrolled_mut()?.device;
            if device.drop_draft(circle, change) { Ok(()) } else { Err(Error::NoRecord) }
        })
        .await
    }
}

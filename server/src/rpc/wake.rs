//! WakeService.

use std::sync::Arc;

use osteon_proto::wake::{self as pb, wake_service_server::WakeService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, wakes};

pub(super) struct Wakes(pub(super) Arc<App>);

#[tonic::async_trait]
impl WakeService for Wakes {
    async fn get_wake(&self, request: Request<pb::GetWakeRequest>) -> Result<Response<pb::GetWakeResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(wakes::get(&self.0, &caller).await?))
    }

    async fn set_wake(&self, request: Request<pb::SetWakeRequest>) -> Result<Response<pb::SetWakeResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(wakes::set(&self.0, &caller, request.get_ref()).await?))
    }
}

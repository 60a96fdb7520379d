//! TargetService.

use std::sync::Arc;

use osteon_proto::target::{self as pb, target_service_server::TargetService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, targets};

pub(super) struct Targets(pub(super) Arc<App>);

#[tonic::async_trait]
impl TargetService for Targets {
    async fn list_targets(
        &self,
        request: Request<pb::ListTargetsRequest>,
    ) -> Result<Response<pb::ListTargetsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(targets::list(&self.0, &caller, request.get_ref()).await?))
    }
}

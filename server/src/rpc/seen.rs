//! SeenService.

use std::sync::Arc;

use osteon_proto::seen::{self as pb, seen_service_server::SeenService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, seen};

pub(super) struct Seen(pub(super) Arc<App>);

#[tonic::async_trait]
impl SeenService for Seen {
    async fn mark_seen(&self, request: Request<pb::MarkSeenRequest>) -> Result<Response<pb::MarkSeenResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(seen::mark(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_seen(&self, request: Request<pb::ListSeenRequest>) -> Result<Response<pb::ListSeenResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(seen::list(&self.0, &caller, request.get_ref()).await?))
    }
}

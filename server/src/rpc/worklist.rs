//! WorklistService.

use std::sync::Arc;

use osteon_proto::worklist::{self as pb, worklist_service_server::WorklistService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, worklist};

pub(super) struct Worklist(pub(super) Arc<App>);

#[tonic::async_trait]
impl WorklistService for Worklist {
    async fn list_work(&self, request: Request<pb::ListWorkRequest>) -> Result<Response<pb::ListWorkResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(worklist::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn find(&self, request: Request<pb::FindRequest>) -> Result<Response<pb::FindResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(worklist::find(&self.0, &caller, request.get_ref()).await?))
    }
}

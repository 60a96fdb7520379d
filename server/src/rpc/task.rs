//! TaskService.

use std::sync::Arc;

use osteon_proto::task::{self as pb, task_service_server::TaskService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, tasks};

pub(super) struct Tasks(pub(super) Arc<App>);

#[tonic::async_trait]
impl TaskService for Tasks {
    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(tasks::list(&self.0, &caller, request.get_ref()).await?))
    }
}

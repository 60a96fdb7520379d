//! SummaryService.

use std::sync::Arc;

use osteon_proto::summary::{self as pb, summary_service_server::SummaryService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, changes, summaries};

pub(super) struct Summaries(pub(super) Arc<App>);

#[tonic::async_trait]
impl SummaryService for Summaries {
    async fn get_weekly_digest(
        &self,
        request: Request<pb::GetWeeklyDigestRequest>,
    ) -> Result<Response<pb::GetWeeklyDigestResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(summaries::week(&self.0, &caller, request.get_ref()).await?))
    }

    async fn get_visit_summary(
        &self,
        request: Request<pb::GetVisitSummaryRequest>,
    ) -> Result<Response<pb::GetVisitSummaryResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(summaries::visit(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(changes::list(&self.0, &caller, request.get_ref()).await?))
    }
}

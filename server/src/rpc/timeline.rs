//! TimelineService.

use std::sync::Arc;

use osteon_proto::timeline::{self as pb, timeline_service_server::TimelineService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, series, stream::Told};

pub(super) struct Timeline(pub(super) Arc<App>);

#[tonic::async_trait]
impl TimelineService for Timeline {
    type GetSeriesStream = Told<pb::GetSeriesResponse>;

    async fn get_series(
        &self,
        request: Request<pb::GetSeriesRequest>,
    ) -> Result<Response<Self::GetSeriesStream>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(series::open(Arc::clone(&self.0), caller, request.get_ref()).await?))
    }
}

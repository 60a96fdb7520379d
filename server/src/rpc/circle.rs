//! CircleService.

use std::sync::Arc;

use osteon_proto::circle::{self as pb, circle_service_server::CircleService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, circle_view};

pub(super) struct Circles(pub(super) Arc<App>);

#[tonic::async_trait]
impl CircleService for Circles {
    async fn get_circle_view(
        &self,
        request: Request<pb::GetCircleViewRequest>,
    ) -> Result<Response<pb::GetCircleViewResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(circle_view::get(&self.0, &caller, request.get_ref()).await?))
    }
}

//! ReviewService.

use std::sync::Arc;

use osteon_proto::review::{self as pb, review_service_server::ReviewService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, reviews};

pub(super) struct Reviews(pub(super) Arc<App>);

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn list_reviews(
        &self,
        request: Request<pb::ListReviewsRequest>,
    ) -> Result<Response<pb::ListReviewsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(reviews::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn resolve_review(
        &self,
        request: Request<pb::ResolveReviewRequest>,
    ) -> Result<Response<pb::ResolveReviewResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(reviews::resolve(&self.0, &caller, request.get_ref()).await?))
    }
}

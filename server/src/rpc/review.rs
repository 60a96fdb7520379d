//! ReviewService and QuarantineService.

use std::sync::Arc;

use osteon_proto::review::{
    self as pb, quarantine_service_server::QuarantineService, review_service_server::ReviewService,
};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, proposals, quarantine, reviews};

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

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Result<Response<pb::ListProposalsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(proposals::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_settled(
        &self,
        request: Request<pb::ListSettledRequest>,
    ) -> Result<Response<pb::ListSettledResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(reviews::settled(&self.0, &caller, request.get_ref()).await?))
    }
}

#[tonic::async_trait]
impl QuarantineService for Reviews {
    async fn list_quarantined(
        &self,
        request: Request<pb::ListQuarantinedRequest>,
    ) -> Result<Response<pb::ListQuarantinedResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(quarantine::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn get_quarantined(
        &self,
        request: Request<pb::GetQuarantinedRequest>,
    ) -> Result<Response<pb::GetQuarantinedResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(quarantine::get(&self.0, &caller, request.get_ref()).await?))
    }

    async fn accept_quarantined(
        &self,
        request: Request<pb::AcceptQuarantinedRequest>,
    ) -> Result<Response<pb::AcceptQuarantinedResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(quarantine::accept(&self.0, &caller, request.get_ref()).await?))
    }

    async fn reject_quarantined(
        &self,
        request: Request<pb::RejectQuarantinedRequest>,
    ) -> Result<Response<pb::RejectQuarantinedResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(quarantine::reject(&self.0, &caller, request.get_ref()).await?))
    }
}

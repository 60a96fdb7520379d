//! SyncService.

use std::sync::Arc;

use osteon_proto::sync::{self as pb, sync_service_server::SyncService};
use tonic::{Request, Response, Status};

use super::{caller, request_no};
use crate::app::{App, hello, offer, push, stream};

pub(super) struct Sync(pub(super) Arc<App>);

#[tonic::async_trait]
impl SyncService for Sync {
    async fn hello(&self, request: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(hello::hello(&self.0, &caller, request.into_inner()).await?))
    }

    /// Merged in `app::push`.
    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        let (caller, number) = (caller(&request)?, request_no(&request));
        Ok(Response::new(push::push(&self.0, &caller, request.into_inner(), number).await?))
    }

    type PullStream = stream::Pages;

    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let caller = caller(&request)?;
        let asked = stream::asked(&self.0, &caller, request.into_inner()).await?;
        Ok(Response::new(stream::open(Arc::clone(&self.0), caller, asked).await?))
    }

    async fn rebase(&self, request: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(hello::rebase(&self.0, &caller, request.get_ref()).await?))
    }

    async fn offer(&self, request: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        let (caller, number) = (caller(&request)?, request_no(&request));
        Ok(Response::new(offer::offer(&self.0, &caller, request.get_ref(), number).await?))
    }

    async fn list_feed(&self, request: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(hello::feed(&self.0, &caller, request.get_ref()).await?))
    }
}

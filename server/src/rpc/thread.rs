//! ThreadService.

use std::sync::Arc;

use osteon_proto::thread::{self as pb, thread_service_server::ThreadService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, threads};

pub(super) struct Threads(pub(super) Arc<App>);

#[tonic::async_trait]
impl ThreadService for Threads {
    async fn list_threads(
        &self,
        request: Request<pb::ListThreadsRequest>,
    ) -> Result<Response<pb::ListThreadsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn get_thread(
        &self,
        request: Request<pb::GetThreadRequest>,
    ) -> Result<Response<pb::GetThreadResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::get(&self.0, &caller, request.get_ref()).await?))
    }

    async fn open_thread(
        &self,
        request: Request<pb::OpenThreadRequest>,
    ) -> Result<Response<pb::OpenThreadResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::open(&self.0, &caller, request.get_ref()).await?))
    }

    async fn send_message(
        &self,
        request: Request<pb::SendMessageRequest>,
    ) -> Result<Response<pb::SendMessageResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::send(&self.0, &caller, request.get_ref()).await?))
    }

    async fn set_participant(
        &self,
        request: Request<pb::SetParticipantRequest>,
    ) -> Result<Response<pb::SetParticipantResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::set_participant(&self.0, &caller, request.get_ref()).await?))
    }

    async fn mark_thread_seen(
        &self,
        request: Request<pb::MarkThreadSeenRequest>,
    ) -> Result<Response<pb::MarkThreadSeenResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(threads::mark(&self.0, &caller, request.get_ref()).await?))
    }
}

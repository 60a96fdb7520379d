//! AttachmentService.

use std::sync::Arc;

use osteon_proto::attachment::{self as pb, attachment_service_server::AttachmentService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{
    App,
    attachments::{read, upload},
};

pub(super) struct Attachments(pub(super) Arc<App>);

#[tonic::async_trait]
impl AttachmentService for Attachments {
    async fn begin_upload(
        &self,
        request: Request<pb::BeginUploadRequest>,
    ) -> Result<Response<pb::BeginUploadResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(upload::begin(&self.0, &caller, request.get_ref()).await?))
    }

    async fn upload_chunk(
        &self,
        request: Request<pb::UploadChunkRequest>,
    ) -> Result<Response<pb::UploadChunkResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(upload::chunk(&self.0, &caller, request.get_ref()).await?))
    }

    async fn read_attachment(
        &self,
        request: Request<pb::ReadAttachmentRequest>,
    ) -> Result<Response<pb::ReadAttachmentResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(read::read(&self.0, &caller, request.get_ref()).await?))
    }
}

//! ServerService.

use std::sync::Arc;

use osteon_proto::server::{self as pb, server_service_server::ServerService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, server_info};

pub(super) struct Server(pub(super) Arc<App>);

#[tonic::async_trait]
impl ServerService for Server {
    async fn get_server_info(
        &self,
        request: Request<pb::GetServerInfoRequest>,
    ) -> Result<Response<pb::GetServerInfoResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(server_info::get(&self.0, &caller).await?))
    }
}

//! LiveService.

use std::sync::Arc;

use osteon_proto::live::{self as pb, live_service_server::LiveService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, hints, stream::Told};

pub(super) struct Live(pub(super) Arc<App>);

#[tonic::async_trait]
impl LiveService for Live {
    type WatchStream = Told<pb::WatchResponse>;

    async fn watch(&self, request: Request<pb::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(hints::open(Arc::clone(&self.0), caller, request.get_ref()).await?))
    }
}

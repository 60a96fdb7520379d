//! ExportService.

use std::sync::Arc;

use osteon_proto::export::{self as pb, export_service_server::ExportService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, export};

pub(super) struct Exports(pub(super) Arc<App>);

#[tonic::async_trait]
impl ExportService for Exports {
    async fn export_patient(
        &self,
        request: Request<pb::ExportPatientRequest>,
    ) -> Result<Response<pb::ExportPatientResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(export::export(&self.0, &caller, request.get_ref()).await?))
    }
}

//! AuditService.

use std::sync::Arc;

use osteon_proto::audit::{self as pb, audit_service_server::AuditService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, audit, exported};

pub(super) struct Audit(pub(super) Arc<App>);

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_access(
        &self,
        request: Request<pb::ListAccessRequest>,
    ) -> Result<Response<pb::ListAccessResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(audit::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn record_export(
        &self,
        request: Request<pb::RecordExportRequest>,
    ) -> Result<Response<pb::RecordExportResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(exported::record(&self.0, &caller, request.get_ref()).await?))
    }
}

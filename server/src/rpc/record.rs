//! RecordService.

use std::sync::Arc;

use osteon_proto::record::{self as pb, record_service_server::RecordService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, explain, lists, moves, records, redact};

pub(super) struct Records(pub(super) Arc<App>);

#[tonic::async_trait]
impl RecordService for Records {
    async fn get_record(
        &self,
        request: Request<pb::GetRecordRequest>,
    ) -> Result<Response<pb::GetRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(records::get(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_records(
        &self,
        request: Request<pb::ListRecordsRequest>,
    ) -> Result<Response<pb::ListRecordsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(lists::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn create_record(
        &self,
        request: Request<pb::CreateRecordRequest>,
    ) -> Result<Response<pb::CreateRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(records::create(&self.0, &caller, request.get_ref()).await?))
    }

    async fn write_record(
        &self,
        request: Request<pb::WriteRecordRequest>,
    ) -> Result<Response<pb::WriteRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(records::write(&self.0, &caller, request.get_ref()).await?))
    }

    async fn end_record(
        &self,
        request: Request<pb::EndRecordRequest>,
    ) -> Result<Response<pb::EndRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(records::end(&self.0, &caller, request.get_ref()).await?))
    }

    async fn restore_record(
        &self,
        request: Request<pb::RestoreRecordRequest>,
    ) -> Result<Response<pb::RestoreRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(records::restore(&self.0, &caller, request.get_ref()).await?))
    }

    async fn move_record(
        &self,
        request: Request<pb::MoveRecordRequest>,
    ) -> Result<Response<pb::MoveRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(moves::run(&self.0, &caller, request.get_ref()).await?))
    }

    async fn redact_version(
        &self,
        request: Request<pb::RedactVersionRequest>,
    ) -> Result<Response<pb::RedactVersionResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(redact::redact(&self.0, &caller, request.get_ref()).await?))
    }

    async fn explain_record(
        &self,
        request: Request<pb::ExplainRecordRequest>,
    ) -> Result<Response<pb::ExplainRecordResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(explain::explain(&self.0, &caller, request.get_ref()).await?))
    }
}

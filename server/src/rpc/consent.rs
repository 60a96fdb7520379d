//! ConsentService.

use std::sync::Arc;

use osteon_proto::consent::{self as pb, consent_service_server::ConsentService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, consents, whosees};

pub(super) struct Consents(pub(super) Arc<App>);

#[tonic::async_trait]
impl ConsentService for Consents {
    async fn explain_access(
        &self,
        request: Request<pb::ExplainAccessRequest>,
    ) -> Result<Response<pb::ExplainAccessResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(whosees::explain(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_erasures(
        &self,
        request: Request<pb::ListErasuresRequest>,
    ) -> Result<Response<pb::ListErasuresResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(whosees::erasures(&self.0, &caller, request.get_ref()).await?))
    }
    async fn get_consent(
        &self,
        request: Request<pb::GetConsentRequest>,
    ) -> Result<Response<pb::GetConsentResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(consents::get(&self.0, &caller, request.get_ref()).await?))
    }
}

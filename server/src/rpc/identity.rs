//! EnrolmentService, SessionService and BreakGlassService.

use std::sync::Arc;

use osteon_proto::identity::{
    self as pb, break_glass_service_server::BreakGlassService, enrolment_service_server::EnrolmentService,
    session_service_server::SessionService,
};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, enrol, glass, glass_reviews, invites, sessions};

pub(super) struct Identity(pub(super) Arc<App>);

#[tonic::async_trait]
impl EnrolmentService for Identity {
    async fn create_invite(
        &self,
        request: Request<pb::CreateInviteRequest>,
    ) -> Result<Response<pb::CreateInviteResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(invites::create(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_invites(
        &self,
        request: Request<pb::ListInvitesRequest>,
    ) -> Result<Response<pb::ListInvitesResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(invites::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn revoke_invite(
        &self,
        request: Request<pb::RevokeInviteRequest>,
    ) -> Result<Response<pb::RevokeInviteResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(invites::revoke(&self.0, &caller, request.get_ref()).await?))
    }

    async fn begin_enrolment(
        &self,
        request: Request<pb::BeginEnrolmentRequest>,
    ) -> Result<Response<pb::BeginEnrolmentResponse>, Status> {
        Ok(Response::new(enrol::begin(&self.0, request.get_ref()).await?))
    }

    async fn finish_enrolment(
        &self,
        request: Request<pb::FinishEnrolmentRequest>,
    ) -> Result<Response<pb::FinishEnrolmentResponse>, Status> {
        Ok(Response::new(enrol::finish(&self.0, request.get_ref()).await?))
    }
}

#[tonic::async_trait]
impl SessionService for Identity {
    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::RefreshSessionResponse>, Status> {
        Ok(Response::new(sessions::refresh(&self.0, request.get_ref()).await?))
    }

    async fn begin_session(
        &self,
        request: Request<pb::BeginSessionRequest>,
    ) -> Result<Response<pb::BeginSessionResponse>, Status> {
        Ok(Response::new(sessions::begin(&self.0, request.get_ref())))
    }

    async fn finish_session(
        &self,
        request: Request<pb::FinishSessionRequest>,
    ) -> Result<Response<pb::FinishSessionResponse>, Status> {
        Ok(Response::new(sessions::finish(&self.0, request.get_ref()).await?))
    }

    async fn end_session(
        &self,
        request: Request<pb::EndSessionRequest>,
    ) -> Result<Response<pb::EndSessionResponse>, Status> {
        sessions::end(&self.0, &caller(&request)?).await?;
        Ok(Response::new(pb::EndSessionResponse {}))
    }

    async fn get_me(&self, request: Request<pb::GetMeRequest>) -> Result<Response<pb::GetMeResponse>, Status> {
        Ok(Response::new(sessions::me(&self.0, &caller(&request)?).await?))
    }
}

#[tonic::async_trait]
impl BreakGlassService for Identity {
    async fn break_glass(
        &self,
        request: Request<pb::BreakGlassRequest>,
    ) -> Result<Response<pb::BreakGlassResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(glass::open(&self.0, &caller, request.get_ref()).await?))
    }

    async fn end_break_glass(
        &self,
        request: Request<pb::EndBreakGlassRequest>,
    ) -> Result<Response<pb::EndBreakGlassResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(glass::close(&self.0, &caller, request.get_ref()).await?))
    }

    async fn list_break_glass(
        &self,
        request: Request<pb::ListBreakGlassRequest>,
    ) -> Result<Response<pb::ListBreakGlassResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(glass_reviews::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn review_break_glass(
        &self,
        request: Request<pb::ReviewBreakGlassRequest>,
    ) -> Result<Response<pb::ReviewBreakGlassResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(glass_reviews::review(&self.0, &caller, request.get_ref()).await?))
    }
}

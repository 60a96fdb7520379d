//! TeamService.

use std::sync::Arc;

use osteon_proto::identity::{self as pb, team_service_server::TeamService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, teams};

pub(super) struct Teams(pub(super) Arc<App>);

#[tonic::async_trait]
impl TeamService for Teams {
    async fn start_team_change(
        &self,
        request: Request<pb::StartTeamChangeRequest>,
    ) -> Result<Response<pb::StartTeamChangeResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(teams::start(&self.0, &caller, request.get_ref()).await?))
    }

    async fn get_team_change(
        &self,
        request: Request<pb::GetTeamChangeRequest>,
    ) -> Result<Response<pb::GetTeamChangeResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(teams::get(&self.0, &caller, request.get_ref()).await?))
    }
}

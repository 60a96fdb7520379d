//! AlertService.

use std::sync::Arc;

use osteon_proto::alert::{self as pb, alert_service_server::AlertService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{
    App,
    alerts::{listed, statistics, watch},
    stream::Told,
};

pub(super) struct Alerts(pub(super) Arc<App>);

#[tonic::async_trait]
impl AlertService for Alerts {
    async fn list_alerts(
        &self,
        request: Request<pb::ListAlertsRequest>,
    ) -> Result<Response<pb::ListAlertsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(listed::list(&self.0, &caller, request.get_ref()).await?))
    }

    type WatchAlertsStream = Told<pb::WatchAlertsResponse>;

    async fn watch_alerts(
        &self,
        request: Request<pb::WatchAlertsRequest>,
    ) -> Result<Response<Self::WatchAlertsStream>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(watch::open(Arc::clone(&self.0), caller, request.get_ref()).await?))
    }

    async fn get_rule_statistics(
        &self,
        request: Request<pb::GetRuleStatisticsRequest>,
    ) -> Result<Response<pb::GetRuleStatisticsResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(statistics::get(&self.0, &caller, request.get_ref()).await?))
    }

    async fn acknowledge_alert(
        &self,
        request: Request<pb::AcknowledgeAlertRequest>,
    ) -> Result<Response<pb::AcknowledgeAlertResponse>, Status> {
        let caller = caller(&request)?;
        let alert = listed::acknowledge(&self.0, &caller, request.get_ref()).await?;
        Ok(Response::new(pb::AcknowledgeAlertResponse { alert: Some(alert) }))
    }

    async fn close_alert(
        &self,
        request: Request<pb::CloseAlertRequest>,
    ) -> Result<Response<pb::CloseAlertResponse>, Status> {
        let caller = caller(&request)?;
        let alert = listed::close(&self.0, &caller, request.get_ref()).await?;
        Ok(Response::new(pb::CloseAlertResponse { alert: Some(alert) }))
    }
}

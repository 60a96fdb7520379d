//! DeviceService and NoticeService.

use std::sync::Arc;

use osteon_proto::identity::{self as pb, device_service_server::DeviceService, notice_service_server::NoticeService};
use tonic::{Request, Response, Status};

use super::caller;
use crate::app::{App, devices, notices};

pub(super) struct Devices(pub(super) Arc<App>);

#[tonic::async_trait]
impl DeviceService for Devices {
    async fn list_devices(
        &self,
        request: Request<pb::ListDevicesRequest>,
    ) -> Result<Response<pb::ListDevicesResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(devices::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn rename_device(
        &self,
        request: Request<pb::RenameDeviceRequest>,
    ) -> Result<Response<pb::RenameDeviceResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(devices::rename(&self.0, &caller, request.get_ref()).await?))
    }

    async fn revoke_device(
        &self,
        request: Request<pb::RevokeDeviceRequest>,
    ) -> Result<Response<pb::RevokeDeviceResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(devices::revoke(&self.0, &caller, request.get_ref()).await?))
    }

    async fn create_sign_in_code(
        &self,
        request: Request<pb::CreateSignInCodeRequest>,
    ) -> Result<Response<pb::CreateSignInCodeResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(devices::sign_in_code(&self.0, &caller, request.get_ref()).await?))
    }
}

#[tonic::async_trait]
impl NoticeService for Devices {
    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(notices::list(&self.0, &caller, request.get_ref()).await?))
    }

    async fn acknowledge_notices(
        &self,
        request: Request<pb::AcknowledgeNoticesRequest>,
    ) -> Result<Response<pb::AcknowledgeNoticesResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(notices::acknowledge(&self.0, &caller, request.get_ref()).await?))
    }
}

//! The gRPC services, one file each: decode, hand to the use case, encode. No rule, no SQL.

use std::sync::Arc;

use osteon_proto::{
    alert::alert_service_server::AlertServiceServer,
    attachment::attachment_service_server::AttachmentServiceServer,
    audit::audit_service_server::AuditServiceServer,
    circle::circle_service_server::CircleServiceServer,
    consent::consent_service_server::ConsentServiceServer,
    export::export_service_server::ExportServiceServer,
    identity::{
        break_glass_service_server::BreakGlassServiceServer, device_service_server::DeviceServiceServer,
        enrolment_service_server::EnrolmentServiceServer, notice_service_server::NoticeServiceServer,
        session_service_server::SessionServiceServer, team_service_server::TeamServiceServer,
    },
    live::live_service_server::LiveServiceServer,
    reasons::Reason,
    record::record_service_server::RecordServiceServer,
    review::{quarantine_service_server::QuarantineServiceServer, review_service_server::ReviewServiceServer},
    seen::seen_service_server::SeenServiceServer,
    server::server_service_server::ServerServiceServer,
    summary::summary_service_server::SummaryServiceServer,
    sync::sync_service_server::SyncServiceServer,
    target::target_service_server::TargetServiceServer,
    task::task_service_server::TaskServiceServer,
    thread::thread_service_server::ThreadServiceServer,
    timeline::timeline_service_server::TimelineServiceServer,
    wake::wake_service_server::WakeServiceServer,
    worklist::worklist_service_server::WorklistServiceServer,
};
use tonic::{Request, Status, codec::CompressionEncoding, service::Routes};

use crate::{access::Caller, app::App, error::Error, layers::RequestId, limits};

mod alert;
mod attachment;
mod audit;
mod circle;
mod consent;
mod device;
mod export;
mod identity;
mod live;
mod record;
mod review;
mod seen;
mod server;
mod summary;
mod sync;
mod target;
mod task;
mod team;
mod thread;
mod timeline;
mod wake;
mod worklist;

/// The caller that the gate found. A method that needs one is never reached without.
fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request.extensions().get::<Caller>().copied().ok_or_else(|| Error::from(Reason::TokenMissing).into())
}

fn request_no<T>(request: &Request<T>) -> u64 {
    request.extensions().get::<RequestId>().map_or(0, |id| id.0)
}

/// Every service, with its limits.
pub fn routes(app: &Arc<App>) -> Routes {
    macro_rules! limited {
        ($server:ident, $service:expr) => {
            $server::new($service)
                .max_decoding_message_size(limits::MESSAGE_BYTES.usize())
                .accept_compressed(CompressionEncoding::Gzip)
                .send_compressed(CompressionEncoding::Gzip)
        };
    }
    Routes::default()
        .add_service(limited!(SyncServiceServer, sync::Sync(Arc::clone(app))))
        .add_service(limited!(RecordServiceServer, record::Records(Arc::clone(app))))
        .add_service(limited!(ReviewServiceServer, review::Reviews(Arc::clone(app))))
        .add_service(limited!(AlertServiceServer, alert::Alerts(Arc::clone(app))))
        .add_service(limited!(TeamServiceServer, team::Teams(Arc::clone(app))))
        .add_service(limited!(ConsentServiceServer, consent::Consents(Arc::clone(app))))
        .add_service(limited!(QuarantineServiceServer, review::Reviews(Arc::clone(app))))
        .add_service(limited!(AuditServiceServer, audit::Audit(Arc::clone(app))))
        .add_service(limited!(AttachmentServiceServer, attachment::Attachments(Arc::clone(app))))
        .add_service(limited!(ExportServiceServer, export::Exports(Arc::clone(app))))
        .add_service(limited!(SummaryServiceServer, summary::Summaries(Arc::clone(app))))
        .add_service(limited!(TargetServiceServer, target::Targets(Arc::clone(app))))
        .add_service(limited!(TaskServiceServer, task::Tasks(Arc::clone(app))))
        .add_service(limited!(TimelineServiceServer, timeline::Timeline(Arc::clone(app))))
        .add_service(limited!(CircleServiceServer, circle::Circles(Arc::clone(app))))
        .add_service(limited!(WorklistServiceServer, worklist::Worklist(Arc::clone(app))))
        .add_service(limited!(SeenServiceServer, seen::Seen(Arc::clone(app))))
        .add_service(limited!(ThreadServiceServer, thread::Threads(Arc::clone(app))))
        .add_service(limited!(LiveServiceServer, live::Live(Arc::clone(app))))
        .add_service(limited!(ServerServiceServer, server::Server(Arc::clone(app))))
        .add_service(limited!(WakeServiceServer, wake::Wakes(Arc::clone(app))))
        .add_service(limited!(BreakGlassServiceServer, identity::Identity(Arc::clone(app))))
        .add_service(limited!(EnrolmentServiceServer, identity::Identity(Arc::clone(app))))
        .add_service(limited!(SessionServiceServer, identity::Identity(Arc::clone(app))))
        .add_service(limited!(DeviceServiceServer, device::Devices(Arc::clone(app))))
        .add_service(limited!(NoticeServiceServer, device::Devices(Arc::clone(app))))
}

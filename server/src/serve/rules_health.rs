//! Health of the rules, as a service of its own name: NOT_SERVING while a rule set file is refused and an older set stays in
//! force. The server itself goes on serving.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::app::alerts::rules_file::Refused;

/// What a health check asks for.
const SERVICE: &str = "osteon.rules";

pub(super) async fn tell(
    health: HealthReporter,
    mut refused: watch::Receiver<Option<Refused>>,
    stop: CancellationToken,
) {
    loop {
        let is_refused = refused.borrow_and_update().is_some();
        let status = if is_refused { ServingStatus::NotServing } else { ServingStatus::Serving };
        health.set_service_status(SERVICE, status).await;
        match stop.run_until_cancelled(refused.changed()).await {
            Some(Ok(())) => {}
            _ => return health.set_service_status(SERVICE, ServingStatus::NotServing).await,
        }
    }
}

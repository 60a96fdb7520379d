//! An opened data directory: where store, use cases and services are put together. The one place that knows all of them.

use std::sync::Arc;

use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use tonic::service::Routes;

use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    error::Reason,
    ids::{Ids, OsIds},
    layers::{Authenticator, Caller},
    live::Hub,
    serve::{House, Ready},
};

/// Everything that a process has one of.
pub struct Site {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
}

/// Opens the data directory.
pub async fn open(_config: &Config) -> anyhow::Result<Site> {
    Ok(Site { clock: Arc::new(SystemClock), ids: Arc::new(OsIds::new()), hub: Hub::new() })
}

impl Site {
    /// The services of this site, for the port.
    #[must_use]
    pub fn house(&self, metrics: PrometheusHandle) -> House {
        House {
            services: Routes::default(),
            authenticator: Arc::new(Nobody),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            hub: Arc::clone(&self.hub),
            ready: Arc::new(Nobody),
            metrics,
        }
    }

    /// Closes what [`open`] opened.
    pub async fn close(self) {}
}

/// Knows no token.
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn authenticate(&self, _token: &str) -> Result<Caller, Reason> {
        Err(Reason::TokenUnknown)
    }
}

#[async_trait]
impl Ready for Nobody {
    async fn ready(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

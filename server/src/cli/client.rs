//! Talking to a running server from the command line.

use std::path::PathBuf;

use anyhow::Context;
use tonic::{
    Request, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use super::Usage;
use crate::config::{ADDRESS_FILE, CA_FILE, is_demo};

/// Which server, and as whom.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Target {
    /// Data directory of a server on this machine: its address and authority are read from there
    #[arg(long, visible_alias = "data-dir", env = "OSTEON_DATA", value_name = "DIR", default_value = "osteon-data")]
    data: PathBuf,
    /// Another server, for example https://osteon.example.org:8443
    #[arg(long, env = "OSTEON_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Authority that signed the server's certificate, PEM [default: ca.pem of the data directory]
    #[arg(long, env = "OSTEON_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Access token
    #[arg(long, env = "OSTEON_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Target {
    /// Connects, with the authority of the data directory unless another is named.
    pub(super) async fn connect(&self) -> anyhow::Result<Channel> {
        let url = match &self.server {
            Some(url) => url.clone(),
            None => {
                let path = self.data.join(ADDRESS_FILE);
                let text = std::fs::read_to_string(&path);
                text.with_context(|| format!("no server has run here: cannot read {}", path.display()))?
                    .trim()
                    .to_owned()
            }
        };
        let ca = self.ca.clone().unwrap_or_else(|| self.data.join(CA_FILE));
        let pem = std::fs::read(&ca).with_context(|| format!("cannot read {}", ca.display()))?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        let endpoint = Endpoint::from_shared(url).context("--server wants a URL")?.tls_config(tls).context("TLS")?;
        let connected = endpoint.connect().await;
        Ok(connected.map_err(|error| Status::unavailable(format!("cannot reach the server: {error}")))?)
    }

    /// Asked for before anything is connected.
    pub(super) fn token(&self) -> anyhow::Result<&str> {
        let hint = if is_demo(&self.data) {
            format!(
                "osteon token --data {} --as nurse prints one: --token \"$(…)\", or OSTEON_TOKEN",
                self.data.display()
            )
        } else {
            "--token, or OSTEON_TOKEN. A device gets one when it signs in; in a demo data directory osteon token prints one"
                .to_owned()
        };
        Ok(self.token.as_deref().ok_or_else(|| Usage(format!("no access token: {hint}")))?)
    }

    /// A request with the token.
    pub(super) fn request<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        let mut request = Request::new(message);
        let value = format!("Bearer {}", self.token()?).parse().context("the token holds a character that none has")?;
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

//! Where browsers find this server: the origin of its pages, and the domain that passkeys are made for.

use std::net::SocketAddr;

use anyhow::Context;

use crate::config::Config;

/// The first origin is the public one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub origins: Vec<String>,
    pub domain: String,
}

impl Place {
    /// As the settings say; else this machine, under the port that was bound. A demo's plain http is one more origin.
    pub fn of(config: &Config, listen: SocketAddr, http: Option<std::io::Result<SocketAddr>>) -> anyhow::Result<Self> {
        let public = config.web_origin.clone().unwrap_or_else(|| format!("https://localhost:{}", listen.port()));
        let uri: http::Uri = public.parse().context("--web-origin")?;
        let host = uri.host().context("--web-origin names no host")?.to_owned();
        let mut origins = vec![public];
        if let Some(http) = http.transpose()? {
            origins.push(format!("http://localhost:{}", http.port()));
        }
        Ok(Self { origins, domain: config.passkey_domain.clone().unwrap_or(host) })
    }

    /// The address of the sign-in page: over plain http where that is served, for a browser that does not know the
    /// demo's certificate.
    #[must_use]
    pub fn sign_in(&self) -> String {
        format!("{}{}", self.origins.last().map_or("", String::as_str), super::SIGN_IN)
    }

    #[must_use]
    pub fn origin(&self) -> &str {
        self.origins.first().map_or("", String::as_str)
    }
}

//! The HTTP client towards the provider: TLS over AWS-LC with the machine's authorities, no redirects, bounded in time
//! and size.

use std::path::Path;

use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{Fetch, Unreachable};
use crate::{config::is_private, limits, tls};

pub struct Https(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Https {
    /// `ca`: more authorities, PEM.
    pub fn new(ca: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca {
            let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
            let (added, _) = roots.add_parsable_certificates(
                read().with_context(|| format!("cannot read certificates from {}", path.display()))?,
            );
            anyhow::ensure!(added > 0, "{} holds no certificate", path.display());
        }
        let config = tls::client_config(roots)?;
        let connector =
            hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(2).build(connector.build())))
    }
}

#[async_trait]
impl Fetch for Https {
    async fn fetch(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Unreachable> {
        if !is_private(&request.uri().to_string()) {
            return Err(Unreachable("an address without TLS"));
        }
        let whole = async {
            let answer = self.0.request(request.map(|body| Full::new(body.into()))).await;
            let (parts, body) = answer.map_err(|_| Unreachable("no connection"))?.into_parts();
            let body = Limited::new(body, limits::PROVIDER_BYTES.usize()).collect().await;
            let body = body.map_err(|_| Unreachable("an answer that is cut or too large"))?;
            Ok(http::Response::from_parts(parts, body.to_bytes().to_vec()))
        };
        tokio::time::timeout(limits::PROVIDER_MS.duration(), whole)
            .await
            .unwrap_or(Err(Unreachable("no answer in time")))
    }
}

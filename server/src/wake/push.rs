//! Web push: RFC 8030 over TLS, the content encrypted for the device alone (RFC 8291, by web-push-native), the server proven by
//! VAPID (RFC 8292, a JWT by jsonwebtoken). No redirect is followed.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Serialize;
use web_push_native::p256::{PublicKey, SecretKey, elliptic_curve::sec1::ToEncodedPoint, pkcs8::EncodePrivateKey};

use super::{
    Endpoint, Sender, Sent,
    guard::{Hosts, Public},
};
use crate::{clock::Clock, limits, tls};

/// All that a wake-up says.
const CONTENT: &[u8] = b"1";
/// A later wake-up takes the place of an earlier one that was not delivered yet. RFC 8030, section 5.4.
const TOPIC: &str = "osteon";
/// How long a push service keeps it for a phone that is off.
const TTL_S: u64 = 86_400;
/// How long a proof holds; RFC 8292 allows a day.
const PROOF_S: u64 = 3_600;

pub struct WebPush {
    client: Client<HttpsConnector<HttpConnector<Public>>, Full<Bytes>>,
    hosts: Hosts,
    key: EncodingKey,
    public: Vec<u8>,
    clock: Arc<dyn Clock>,
    contact: String,
}

#[derive(Serialize)]
struct Claims<'c> {
    aud: &'c str,
    exp: u64,
    sub: &'c str,
}

/// Whether the keys are such as RFC 8291 wants.
pub fn keys_fit(p256dh: &[u8], auth: &[u8]) -> bool {
    auth.len() == 16 && p256dh.len() == 65 && PublicKey::from_sec1_bytes(p256dh).is_ok()
}

impl WebPush {
    /// `secret`: the private key of VAPID. `ca`: more authorities, PEM.
    pub fn new(
        hosts: Hosts,
        secret: &[u8; 32],
        contact: String,
        ca: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca {
            let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
            let certificates = read().with_context(|| format!("cannot read certificates from {}", path.display()))?;
            let (added, _) = roots.add_parsable_certificates(certificates);
            anyhow::ensure!(added > 0, "{} holds no certificate", path.display());
        }
        let mut connector = HttpConnector::new_with_resolver(Public::new(&hosts));
        connector.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config(roots)?)
            .https_only()
            .enable_http1()
            .wrap_connector(connector);
        let secret = SecretKey::from_slice(secret).ok().context("the key of VAPID is none")?;
        let public = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
        let der = secret.to_pkcs8_der().ok().context("the key of VAPID does not encode")?;
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(2).build(connector);
        Ok(Self { client, hosts, key: EncodingKey::from_ec_der(der.as_bytes()), public, clock, contact })
    }

    /// `None`: nothing of the endpoint is right, and nothing will be.
    fn request(&self, to: &Endpoint, urgent: bool) -> Option<http::Request<Full<Bytes>>> {
        if !self.hosts.allow(&to.url) || !keys_fit(&to.p256dh, &to.auth) {
            return None;
        }
        let key = PublicKey::from_sec1_bytes(&to.p256dh).ok()?;
        let auth: [u8; 16] = to.auth.as_slice().try_into().ok()?;
        let content = web_push_native::encrypt(CONTENT.to_vec(), &key, &auth.into()).ok()?;
        let origin = url::Url::parse(&to.url).ok()?.origin().ascii_serialization();
        let exp = self.clock.now_ms() / 1_000 + PROOF_S;
        let claims = Claims { aud: &origin, exp, sub: &self.contact };
        let proof = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.key).ok()?;
        let public = URL_SAFE_NO_PAD.encode(&self.public);
        http::Request::post(&to.url)
            .header("ttl", TTL_S)
            .header("urgency", if urgent { "high" } else { "normal" })
            .header("topic", TOPIC)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("authorization", format!("vapid t={proof}, k={public}"))
            .body(Full::new(content.into()))
            .ok()
    }
}

#[async_trait]
impl Sender for WebPush {
    async fn send(&self, to: &Endpoint, urgent: bool) -> Sent {
        let Some(request) = self.request(to, urgent) else { return Sent::Gone };
        let answer = tokio::time::timeout(limits::WAKE_MS.duration(), self.client.request(request)).await;
        let Ok(Ok(answer)) = answer else { return Sent::Later(None) };
        match answer.status().as_u16() {
            200..=299 => Sent::Taken,
            404 | 410 => Sent::Gone,
            _ => {
                let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                Sent::Later(after.map(Duration::from_secs))
            }
        }
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

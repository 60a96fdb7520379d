//! A stand-in for a push service: HTTP over TLS on this machine, which takes what RFC 8030 says and checks it as one would:
//! VAPID (RFC 8292) against the key that the subscription was made for, the content (RFC 8291) with the device's key.

use std::{
    collections::VecDeque,
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use web_push_native::p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint};

/// One message as it arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A subscription's secrets, as they lie on a phone.
pub struct Subscription {
    key: SecretKey,
    pub auth: [u8; 16],
}

impl Subscription {
    /// The keys need not be random here.
    pub fn new(seed: u8) -> Result<Self> {
        Ok(Self { key: SecretKey::from_slice(&[seed; 32])?, auth: [seed; 16] })
    }

    pub fn p256dh(&self) -> Vec<u8> {
        self.key.public_key().to_encoded_point(false).as_bytes().to_vec()
    }

    /// What the message says, once everything about it is as the standards want it.
    pub fn open(&self, heard: &Heard, origin: &str, vapid_key: &[u8]) -> Result<Vec<u8>> {
        ensure!(heard.header("content-encoding") == "aes128gcm", "content-encoding");
        ensure!(heard.header("ttl").parse::<u32>().is_ok(), "TTL");
        let proof = heard.header("authorization").strip_prefix("vapid ").context("no VAPID")?;
        let part = |name: &str| proof.split(", ").find_map(|part| part.strip_prefix(name)).context("a part of VAPID");
        ensure!(URL_SAFE_NO_PAD.decode(part("k=")?)? == vapid_key, "another key than the one that was told");
        let (x, y) = vapid_key[1..].split_at(32);
        let key = DecodingKey::from_ec_components(&URL_SAFE_NO_PAD.encode(x), &URL_SAFE_NO_PAD.encode(y))?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[origin]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        jsonwebtoken::decode::<serde_json::Value>(part("t=")?, &key, &validation)?;
        Ok(web_push_native::decrypt(heard.body.clone(), &self.key, &self.auth.into())?)
    }
}

#[derive(Default)]
struct State {
    heard: Vec<Heard>,
    /// Statuses of the next answers; then 201.
    answers: VecDeque<u16>,
}

pub struct PushService {
    port: u16,
    ca: PathBuf,
    state: Arc<Mutex<State>>,
}

impl PushService {
    /// Its certificate comes from an authority of its own, written to `folder`.
    pub async fn start(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let ca = folder.join("push-ca.pem");
        std::fs::write(&ca, made.cert.pem())?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key)?));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, state) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| answer(request, Arc::clone(&state)));
                    let served = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = served.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { port, ca, state })
    }

    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// The next messages are answered with these statuses.
    pub fn answer(&self, statuses: &[u16]) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).answers.extend(statuses);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).heard.clone()
    }

    /// Waits until so many messages have come.
    pub async fn wait(&self, count: usize, limit: Duration) -> Result<Vec<Heard>> {
        let deadline = Instant::now() + limit;
        loop {
            let heard = self.heard();
            if heard.len() >= count {
                return Ok(heard);
            }
            ensure!(Instant::now() < deadline, "{} of {count} messages came", heard.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    let headers = parts.headers.iter().map(header).collect();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let is_push = parts.method == hyper::Method::POST;
    state.heard.push(Heard { path: parts.uri.path().to_owned(), headers, body });
    let status = if is_push { state.answers.pop_front().unwrap_or(201) } else { 405 };
    let mut response = Response::new(Full::default());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    Ok(response)
}

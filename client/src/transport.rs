//! The way to the server: HTTP/2 over TLS, trusting one given authority, with keep-alive so that a dead connection is
//! noticed, and a deadline on every call.

use std::{future::Future, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use osteon_proto::{
    attachment::attachment_service_client::AttachmentServiceClient,
    audit::audit_service_client::AuditServiceClient,
    identity::{
        device_service_client::DeviceServiceClient, enrolment_service_client::EnrolmentServiceClient,
        notice_service_client::NoticeServiceClient, session_service_client::SessionServiceClient,
    },
    record::record_service_client::RecordServiceClient,
    seen::seen_service_client::SeenServiceClient,
    sync::sync_service_client::SyncServiceClient,
    wake::wake_service_client::WakeServiceClient,
};
use tonic::{
    Request, Response, Status,
    codec::CompressionEncoding,
    metadata::{Ascii, MetadataValue},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Uri},
};

use crate::{
    error::{Answer, Error, Result},
    ids::Ids,
    line::{self, Air, Line},
};

/// A unary call that takes longer is given up; whether it took effect is not known, so it is asked again.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The port of `https://` without one.
const HTTPS: u16 = 443;
/// Without HTTP/2 keep-alive a channel keeps a dead connection for ever.
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// On 2G a pong comes behind a page or a piece of a photo: eight seconds. Sooner a slow connection would be taken for a dead one.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// A heartbeat comes every 10 s: a stream that is silent for this long is dead.
pub const STREAM_SILENCE: Duration = Duration::from_secs(35);
/// A stream that was opened and has not said a word for so long: something in between holds it back.
pub const FIRST_WORD: Duration = Duration::from_secs(12);
/// How long a long-poll waits for something new, in its place; as long as the contracts allow.
pub const POLL_S: u32 = 25;
/// After so long a stream is tried again.
pub const STREAM_AGAIN: Duration = Duration::from_secs(600);
/// A page has at most 200 parts; the contracts bound each of them.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A channel to one server. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    channel: Channel,
}

impl Transport {
    /// Does not connect yet. `server` is `https://host:port`.
    pub fn new(server: &str, ca_pem: &[u8]) -> Result<Self> {
        Ok(Self { channel: Self::endpoint(server, ca_pem)?.connect_lazy() })
    }

    /// The same over a line that is made bad.
    pub(crate) fn over(line: Line, air: &Arc<Air>, server: &str, ca_pem: &[u8], ids: &Arc<dyn Ids>) -> Result<Self> {
        if line == Line::Good {
            return Self::new(server, ca_pem);
        }
        let (ids, air) = (Arc::clone(ids), Arc::clone(air));
        let connector = tower::service_fn(move |uri: Uri| {
            let (ids, air) = (Arc::clone(&ids), Arc::clone(&air));
            async move {
                let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
                let stream = line::over(line, air, &host, uri.port_u16().unwrap_or(HTTPS), ids).await?;
                Ok::<_, std::io::Error>(TokioIo::new(stream))
            }
        });
        Ok(Self { channel: Self::endpoint(server, ca_pem)?.connect_with_connector_lazy(connector) })
    }

    fn endpoint(server: &str, ca_pem: &[u8]) -> Result<Endpoint> {
        let bad = |_| Error::BadAnswer("the server's address or certificate authority");
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca_pem));
        let endpoint = Endpoint::from_shared(server.to_owned())
            .and_then(|e| e.tls_config(tls))
            .map_err(bad)?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .tcp_nodelay(true);
        Ok(endpoint)
    }

    pub fn enrolment(&self) -> EnrolmentServiceClient<Channel> {
        EnrolmentServiceClient::new(self.channel.clone())
    }

    pub fn attachments(&self) -> AttachmentServiceClient<Channel> {
        AttachmentServiceClient::new(self.channel.clone())
    }

    pub fn session(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel.clone())
    }

    pub fn devices(&self) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(self.channel.clone())
    }

    pub fn notices(&self) -> NoticeServiceClient<Channel> {
        NoticeServiceClient::new(self.channel.clone())
    }

    /// What needs the server's answer at once.
    pub fn record(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    pub fn seen(&self) -> SeenServiceClient<Channel> {
        SeenServiceClient::new(self.channel.clone())
    }

    pub fn wakes(&self) -> WakeServiceClient<Channel> {
        WakeServiceClient::new(self.channel.clone())
    }

    pub fn audit(&self) -> AuditServiceClient<Channel> {
        AuditServiceClient::new(self.channel.clone())
    }

    pub fn sync(&self) -> SyncServiceClient<Channel> {
        SyncServiceClient::new(self.channel.clone())
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(MAX_ANSWER_BYTES)
    }
}

/// A request with the access token.
pub fn with_token<T>(message: T, token: &str) -> Result<Request<T>> {
    let mut request = Request::new(message);
    let value: MetadataValue<Ascii> =
        format!("Bearer {token}").parse().map_err(|_| Error::Damaged("the access token"))?;
    request.metadata_mut().insert("authorization", value);
    Ok(request)
}

/// Awaits a unary call, for so long and no longer.
pub async fn call<T>(answer: impl Future<Output = std::result::Result<Response<T>, Status>>) -> Result<T> {
    match tokio::time::timeout(CALL_TIMEOUT, answer).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(status.into()),
        Err(_) => Err(Error::Server(Answer::none())),
    }
}

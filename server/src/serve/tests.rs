//! The assembled server on real sockets, with a small service behind it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use osteon_proto::identity::{
    self as pb,
    session_service_client::SessionServiceClient,
    session_service_server::{SessionService, SessionServiceServer},
};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{
    Code, Request, Response, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use tonic_types::StatusExt;

use super::*;
use crate::{
    clock::SystemClock,
    config::{Settings, Switch, mark_demo},
    error::reason_of,
    ids::OsIds,
    layers::{Caller, RequestId},
    limits::MESSAGE_BYTES,
};

/// Of the words of that reason, as a header has them.
const CROSS_SITE: &str = "page%20of%20another%20site";

struct Fake;

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl SessionService for Fake {
    async fn refresh_session(&self, request: Request<pb::RefreshSessionRequest>) -> Answer<pb::RefreshSessionResponse> {
        // Open: nobody is known here.
        assert!(request.extensions().get::<Caller>().is_none());
        assert!(request.get_ref().refresh_token != "panic", "as this test wants it");
        Err(Error::not_found().into_status())
    }
    async fn begin_session(&self, _: Request<pb::BeginSessionRequest>) -> Answer<pb::BeginSessionResponse> {
        Ok(Response::new(pb::BeginSessionResponse { challenge: Bytes::from_static(b"sign me") }))
    }
    async fn finish_session(&self, _: Request<pb::FinishSessionRequest>) -> Answer<pb::FinishSessionResponse> {
        Err(Error::internal("the canary of this test").into_status())
    }
    async fn end_session(&self, _: Request<pb::EndSessionRequest>) -> Answer<pb::EndSessionResponse> {
        std::future::pending().await
    }
    async fn get_me(&self, request: Request<pb::GetMeRequest>) -> Answer<pb::GetMeResponse> {
        assert!(request.remote_addr().is_some() && request.extensions().get::<RequestId>().is_some());
        let caller = request.extensions().get::<Caller>().copied().ok_or_else(|| Status::internal("no caller"))?;
        Ok(Response::new(pb::GetMeResponse { account: caller.account, device: caller.device, ..Default::default() }))
    }
}

#[async_trait]
impl Authenticator for Fake {
    async fn authenticate(&self, token: &str) -> Result<Caller, Reason> {
        match token {
            "good" => Ok(Caller { account: 7, device: 8, clinic: 9, family: 10, leaving: false }),
            // A device of its own for each number, so that only the clinic's limits are met.
            _ if token.starts_with("storm-") => {
                let n = token.trim_start_matches("storm-").parse().map_err(|_| Reason::TokenUnknown)?;
                Ok(Caller { account: 1_000 + n, device: 1_000 + n, clinic: 1, family: n, leaving: false })
            }
            "leaving" => Ok(Caller { account: 7, device: 8, clinic: 9, family: 10, leaving: true }),
            "wiped" => Err(Reason::DeviceWiped),
            "old" => Err(Reason::TokenExpired),
            _ => Err(Reason::TokenUnknown),
        }
    }

    async fn authenticate_cookie(&self, token: &str, by_hand: bool) -> Result<Caller, Reason> {
        match token {
            "good" => Ok(Caller { account: 17, device: 18, clinic: 9, family: u64::from(by_hand), leaving: false }),
            "idle" => Err(Reason::SessionExpired),
            _ => Err(Reason::TokenUnknown),
        }
    }

    async fn refusal(&self, _token: &str, reason: Reason) -> Error {
        if reason == Reason::DeviceWiped { Error::wiped(vec![1, 2, 3], vec![4]) } else { Error::new(reason) }
    }
}

#[async_trait]
impl Ready for Fake {
    async fn ready(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

struct Test {
    dir: tempfile::TempDir,
    running: Running,
}

async fn started(change: impl FnOnce(&mut Settings)) -> Test {
    let dir = tempfile::tempdir().expect("temp dir");
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let mut settings =
        Settings { data: Some(dir.path().join("data")), listen: any, metrics_listen: any, ..Settings::default() };
    mark_demo(&dir.path().join("data")).expect("a data directory");
    change(&mut settings);
    let config = settings.resolve().expect("settings");
    let house = House {
        services: Routes::new(SessionServiceServer::new(Fake)),
        authenticator: Arc::new(Fake),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds::new()),
        hub: Hub::new(),
        ready: Arc::new(Fake),
        metrics: metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle(),
        browser: None,
    };
    let running = start(&config, house).await.expect("starts");
    Test { dir, running }
}

impl Test {
    fn ca(&self) -> Vec<u8> {
        std::fs::read(self.dir.path().join(Path::new("data/ca.pem"))).expect("ca.pem")
    }

    fn channel(&self) -> Channel {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(self.ca())).domain_name("localhost");
        let endpoint = Endpoint::from_shared(format!("https://{}", self.running.address)).expect("a URL");
        endpoint.tls_config(tls).expect("TLS").connect_lazy()
    }

    fn client(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel())
    }

    /// A TLS connection of these versions and protocols.
    async fn tls(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        alpn: &[&str],
    ) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&self.ca()).expect("PEM")).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let tcp = TcpStream::connect(self.running.address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await
    }

    /// One HTTP/1.1 exchange inside TLS; what came until the server closed.
    async fn http1(&self, request: &[u8]) -> String {
        let mut io = self.tls(rustls::ALL_VERSIONS, &["http/1.1"]).await.expect("handshake");
        io.write_all(request).await.expect("written");
        read_all(&mut io).await
    }
}

async fn read_all(io: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let mut chunk = [0; 4_096];
    while let Ok(Ok(n)) = tokio::time::timeout(Duration::from_secs(10), io.read(&mut chunk)).await {
        if n == 0 {
            break;
        }
        all.extend_from_slice(&chunk[..n]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("ASCII"));
    request
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = answer.expect_err("refused");
    assert_eq!((status.code(), reason_of(&status).as_deref()), (code, Some(reason)));
    status
}

#[tokio::test]
async fn a_token_opens_and_its_absence_does_not() {
    let test = started(|_| {}).await;
    let mut client = test.client();
    let answer = client.get_me(with_token(pb::GetMeRequest {}, "good")).await.expect("answered");
    assert_eq!(answer.metadata().get("x-request-id").map(|id| id.as_bytes().len()), Some(16));
    assert_eq!((answer.get_ref().account, answer.get_ref().device), (7, 8));
    let unauthenticated = Code::Unauthenticated;
    refused(client.get_me(pb::GetMeRequest {}).await, unauthenticated, "TOKEN_MISSING");
    refused(client.get_me(with_token(pb::GetMeRequest {}, "bad")).await, unauthenticated, "TOKEN_UNKNOWN");
    let status = refused(client.get_me(with_token(pb::GetMeRequest {}, "old")).await, unauthenticated, "TOKEN_EXPIRED");
    assert!(status.metadata().contains_key("x-request-id"));
    // A message that cannot be decoded does not come before the question who sent it.
    client.begin_session(pb::BeginSessionRequest::default()).await.expect("open");
    let status = refused(client.finish_session(pb::FinishSessionRequest::default()).await, Code::Internal, "INTERNAL");
    assert!(!status.message().contains("canary"));
    let panics = pb::RefreshSessionRequest { refresh_token: "panic".to_owned(), ..Default::default() };
    let mut waiting = client.clone();
    let other = tokio::spawn(async move { waiting.end_session(with_token(pb::EndSessionRequest {}, "good")).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    refused(client.refresh_session(panics).await, Code::Internal, "INTERNAL");
    assert!(!other.is_finished(), "the other calls of the connection go on");
}

#[tokio::test]
async fn a_message_over_its_limit_names_the_limit() {
    let test = started(|_| {}).await;
    let mut client = test.client();
    let key = |n: usize| pb::BeginSessionRequest { device_key: vec![0; n].into() };
    client.begin_session(key(16_000)).await.expect("within the limit");
    let status = refused(client.begin_session(key(17_000)).await, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    let limit = |status: &Status| status.get_details_error_info().and_then(|info| info.metadata.get("limit").cloned());
    assert_eq!(limit(&status).as_deref(), Some("OPEN_MESSAGE_BYTES"));
    // Zeros: a thousandth of it on the wire.
    let mut packed = test.client().send_compressed(tonic::codec::CompressionEncoding::Gzip);
    packed.begin_session(key(16_000)).await.expect("within the limit, compressed");
    let status = refused(packed.begin_session(key(5_000_000)).await, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(limit(&status).as_deref(), Some("OPEN_MESSAGE_BYTES"));
    let mut headers = with_token(pb::GetMeRequest {}, "good");
    headers.metadata_mut().insert("x-long", "a".repeat(20_000).parse().expect("ASCII"));
    let status = refused(client.get_me(headers).await, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(limit(&status).as_deref(), Some("HEADER_BYTES"));
    assert!(MESSAGE_BYTES.max > 17_000);
}

#[tokio::test]
async fn a_deadline_is_answered_as_one() {
    let test = started(|_| {}).await;
    let body = Bytes::from_static(&[0, 0, 0, 0, 0]);
    // By hand: tonic's own client would end the call at the same moment.
    let mut io = test.tls(rustls::ALL_VERSIONS, &["http/1.1"]).await.expect("handshake");
    let head = "POST /osteon.identity.v1.SessionService/EndSession HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/grpc-web+proto\r\ngrpc-timeout: 100m\r\nauthorization: Bearer good\r\ncontent-length: 5\r\n\r\n";
    io.write_all(head.as_bytes()).await.expect("written");
    io.write_all(&body).await.expect("written");
    let answer = read_all(&mut io).await;
    assert!(answer.contains("grpc-status: 4"), "{answer}");
}

#[tokio::test]
async fn too_many_open_calls_are_told_when_to_come_back() {
    let test = started(|_| {}).await;
    let mut client = test.client();
    let mut last = None;
    for _ in 0..700 {
        if let Err(status) = client.begin_session(pb::BeginSessionRequest::default()).await {
            last = Some(status);
            break;
        }
    }
    let status = last.expect("600 a minute");
    assert_eq!((status.code(), reason_of(&status).as_deref()), (Code::ResourceExhausted, Some("RATE_LIMITED")));
    assert!(status.get_details_retry_info().is_some());
    client.get_me(with_token(pb::GetMeRequest {}, "good")).await.expect("somebody known is not touched by it");
}

#[tokio::test]
async fn one_port_for_pages_grpc_and_grpc_web() {
    let test = started(|settings| settings.cors_origin = Some(vec!["https://portal.example".to_owned()])).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").into_bytes();
    // With a portal in the build its page is the browsers' router's, which this server is started without.
    let page = test.http1(&get("/")).await;
    let as_built =
        if crate::web::portal::is_there() { page.starts_with("HTTP/1.1 404") } else { page.contains("DEMO") };
    assert!(as_built, "{page}");
    assert!(test.http1(&get("/ca.pem")).await.contains("BEGIN CERTIFICATE"));
    assert!(test.http1(&get("/nothing.png")).await.starts_with("HTTP/1.1 404"));
    let call = |path: &str, more: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/grpc-web+proto\r\n\
             authorization: Bearer good\r\n{more}content-length: 5\r\n\r\n"
        );
        [head.as_bytes(), &[0; 5]].concat()
    };
    let me = "/osteon.identity.v1.SessionService/GetMe";
    assert!(test.http1(&call(me, "")).await.contains("grpc-status:0"));
    assert!(test.http1(&call(me, "origin: https://localhost\r\n")).await.contains("grpc-status:0"));
    let allowed = test.http1(&call(me, "origin: https://portal.example\r\n")).await;
    assert!(
        allowed.contains("grpc-status:0") && allowed.contains("access-control-allow-origin: https://portal.example")
    );
    let foreign = test.http1(&call(me, "origin: https://evil.example\r\n")).await;
    assert!(foreign.starts_with("HTTP/1.1 403") && !foreign.contains("access-control-allow-origin"), "{foreign}");
    assert!(foreign.contains(CROSS_SITE), "{foreign}");
    assert!(test.http1(&call("/no.Such/Method", "")).await.contains("grpc-status: 12"));
    let mut raw = tonic::client::Grpc::new(test.channel());
    raw.ready().await.expect("ready");
    let path = http::uri::PathAndQuery::from_static("/osteon.identity.v1.SessionService/NoSuch");
    let codec = tonic_prost::ProstCodec::<pb::GetMeRequest, pb::GetMeResponse>::default();
    let answer = raw.unary(with_token(pb::GetMeRequest {}, "good"), path, codec).await;
    refused(answer, Code::Unimplemented, "UNSUPPORTED");
}

#[tokio::test]
async fn a_cookie_counts_only_from_our_own_pages() {
    let test = started(|settings| settings.cors_origin = Some(vec!["https://portal.example".to_owned()])).await;
    let port = test.running.address.port();
    let ours = format!("x-osteon-portal: 1\r\norigin: https://localhost:{port}\r\n");
    let call = async |headers: &str| {
        let head = format!(
            "POST /osteon.identity.v1.SessionService/GetMe HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\
             content-type: application/grpc-web+proto\r\n{headers}content-length: 5\r\n\r\n"
        );
        test.http1(&[head.as_bytes(), &[0; 5]].concat()).await
    };
    let cookie = "cookie: a=b; __Host-osteon=good\r\n";
    assert!(call(&format!("{cookie}{ours}")).await.contains("grpc-status:0"));
    let same = "x-osteon-portal: 1\r\nsec-fetch-site: same-origin\r\n";
    assert!(call(&format!("{cookie}{same}")).await.contains("grpc-status:0"));
    // Another port of this host, an origin that may call with a token, a form, a script that may not set the header.
    for from in [
        format!("x-osteon-portal: 1\r\norigin: https://localhost:{}\r\n", port ^ 1),
        "x-osteon-portal: 1\r\norigin: https://portal.example\r\n".to_owned(),
        format!("origin: https://localhost:{port}\r\n"),
        format!("{ours}sec-fetch-site: cross-site\r\n"),
        "x-osteon-portal: 1\r\n".to_owned(),
        String::new(),
    ] {
        let answer = call(&format!("{cookie}{from}")).await;
        assert!(answer.contains("grpc-status: 7") && answer.contains(CROSS_SITE), "{from}: {answer}");
        assert!(!answer.contains("grpc-status:0"), "{from}");
    }
    let unauthenticated = [
        format!("cookie: __Host-osteon=idle\r\n{ours}"),
        format!("cookie: __Host-osteon=nonsense\r\n{ours}"),
        format!("cookie: __Host-osteon=good; __Host-osteon=good\r\n{ours}"),
        format!("cookie: osteon=good\r\n{ours}"),
        // A header that is no token: the cookie does not stand in for it.
        format!("{cookie}authorization: Basic Z29vZA==\r\n{ours}"),
        format!("{cookie}authorization: Bearer old\r\n{ours}"),
    ];
    for headers in unauthenticated {
        assert!(call(&headers).await.contains("grpc-status: 16"), "{headers}");
    }
    // A token needs no proof: no browser sends it by itself.
    assert!(call(&format!("{cookie}authorization: Bearer good\r\n")).await.contains("grpc-status:0"));
}

#[tokio::test]
async fn tls_versions_and_protocols() {
    let test = started(|_| {}).await;
    for version in rustls::ALL_VERSIONS {
        for alpn in ["h2", "http/1.1"] {
            let io = test.tls(&[version], &[alpn]).await.expect("handshake");
            assert_eq!(io.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
        }
    }
    let only13 = started(|settings| settings.tls12 = Some(Switch::Off)).await;
    assert!(only13.tls(&[&rustls::version::TLS12], &["h2"]).await.is_err());
    assert!(only13.tls(&[&rustls::version::TLS13], &["h2"]).await.is_ok());
}

#[tokio::test]
async fn the_silent_are_cut_and_garbage_is_closed() {
    let test = started(|_| {}).await;
    let before = Instant::now();
    let mut silent = TcpStream::connect(test.running.address).await.expect("connected");
    let mut garbage = TcpStream::connect(test.running.address).await.expect("connected");
    garbage.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    read_all(&mut garbage).await;
    assert!(before.elapsed() < Duration::from_secs(3));
    assert!(test.http1(b"\x00\xff\x17 nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let mut io = test.tls(rustls::ALL_VERSIONS, &["h2"]).await.expect("handshake");
    io.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot a frame at all, not even nearly").await.expect("written");
    read_all(&mut io).await;
    assert_eq!(read_all(&mut silent).await, "");
    let waited = before.elapsed();
    assert!(waited > Duration::from_secs(4) && waited < Duration::from_secs(8), "cut after {waited:?}");
    test.client().get_me(with_token(pb::GetMeRequest {}, "good")).await.expect("others are served");
}

#[tokio::test]
async fn metrics_and_readiness_until_it_drains() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let test = started(|_| {}).await;
    let get = async |path: &str| {
        let mut tcp = TcpStream::connect(test.running.metrics_address).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        tcp.write_all(request.as_bytes()).await.expect("written");
        read_all(&mut tcp).await
    };
    assert!(get("/ready").await.contains("ready"));
    assert!(get("/metrics").await.starts_with("HTTP/1.1 200"));
    let mut health = HealthClient::new(test.channel());
    let service = "osteon.sync.v1.SyncService".to_owned();
    let mut watch = health.watch(HealthCheckRequest { service }).await.expect("watching").into_inner();
    assert_eq!(watch.message().await.expect("open").expect("a status").status, 1);
    let hub = Arc::clone(&test.running.hub);
    let mut held = hub.subscribe(crate::live::Listener { family: 1, account: 1, clinic: 1 }, &[1]).expect("subscribed");
    let address = test.running.address;
    let before = Instant::now();
    assert!(test.running.stop().await, "drained by itself");
    assert!(before.elapsed() < Duration::from_secs(3));
    assert_eq!(held.changed().await, crate::live::Wake::Closed(crate::live::Closed::Draining));
    let status = loop {
        match watch.message().await {
            Ok(Some(answer)) => assert_eq!(answer.status, 2, "NOT_SERVING"),
            Ok(None) => panic!("the stream ended without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason_of(&status).as_deref()), (Code::Unavailable, Some("DRAINING")));
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn both_reflections_list_everything() {
    use tonic_reflection::pb::v1alpha::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let test = started(|_| {}).await;
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(test.channel());
    let mut answers = client.server_reflection_info(tokio_stream::iter([list])).await.expect("answered").into_inner();
    let answer = answers.message().await.expect("open").expect("one answer");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else { panic!("another answer") };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    for name in [
        "osteon.sync.v1.SyncService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
}

fn as_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("ASCII"));
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_that_goes_is_answered() {
    let test = started(|_| ()).await;
    let mut client = test.client();
    let refused = client.get_me(as_token(pb::GetMeRequest {}, "leaving")).await.expect_err("not while it leaves");
    assert_eq!((refused.code(), reason_of(&refused).as_deref()), (Code::PermissionDenied, Some("DEVICE_LEAVING")));
    let ends = tokio::time::timeout(
        Duration::from_millis(300),
        client.end_session(as_token(pb::EndSessionRequest {}, "leaving")),
    );
    assert!(ends.await.is_err(), "it reached the handler, which never answers here");
    let wiped = client.get_me(as_token(pb::GetMeRequest {}, "wiped")).await.expect_err("nothing but the order");
    let info = wiped.get_details_error_info().expect("ErrorInfo");
    assert_eq!((info.reason.as_str(), info.metadata["order"].as_str()), ("DEVICE_WIPED", "AQID"));
    assert_eq!(info.metadata["signature"], "BA==");
}

/// One clinic holds as many calls as it can get, over many connections, by devices that each stay within their limits. It
/// gets half of the room, refusals say when to come back, and another clinic is answered as if nothing were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinic_s_storm_never_starves_another() {
    const CONNECTIONS: u64 = 20;
    const EACH: u64 = 60;
    let test = started(|settings| settings.rate_limits = Some(Switch::On)).await;
    let mut storm = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let client = test.client();
        for call in 0..EACH {
            let mut client = client.clone();
            // Never answered: it holds its place.
            storm.spawn(async move {
                let request = as_token(pb::EndSessionRequest {}, &format!("storm-{}", connection * EACH + call));
                tokio::time::timeout(Duration::from_secs(12), client.end_session(request)).await
            });
        }
    }
    let half = crate::limits::CALLS_IN_FLIGHT.max / 2;
    let refused = usize::try_from(CONNECTIONS * EACH - half).expect("fits");
    for n in 0..refused {
        let ended = storm.join_next().await.expect("more").expect("no panic");
        let status = ended.unwrap_or_else(|_| panic!("{n} of {refused} were refused")).expect_err("refused");
        let details = status.get_error_details();
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert_eq!(details.error_info().expect("ErrorInfo").metadata["limit"], "CALLS_IN_FLIGHT");
        assert!(details.retry_info().is_some_and(|info| info.retry_delay.is_some()));
    }
    let mut other = test.client();
    for _ in 0..20 {
        let asked = Instant::now();
        other.get_me(as_token(pb::GetMeRequest {}, "good")).await.expect("another clinic is answered");
        assert!(asked.elapsed() < Duration::from_secs(2));
    }
    assert_eq!(storm.len() as u64, half, "the rest still holds its places");
    storm.shutdown().await;
}

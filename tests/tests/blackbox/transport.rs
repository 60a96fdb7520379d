//! The port: TLS versions, protocols by ALPN, health, deadlines, draining.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use osteon_proto::sync;
use osteon_tests::{
    raw,
    server::{Server, Setup},
};
use tokio::net::TcpStream;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_types::StatusExt;

use crate::support::{entries, goes_on, reason_of, server_with_patient};

#[tokio::test(flavor = "multi_thread")]
async fn both_tls_versions_and_both_protocols_are_spoken() {
    let server = Server::start(Setup::default()).expect("server");
    for (version, name) in [(&rustls::version::TLS13, "1.3"), (&rustls::version::TLS12, "1.2")] {
        for alpn in ["h2", "http/1.1"] {
            let io = raw::tls(&server, &[version], &[alpn]).await.unwrap_or_else(|e| panic!("TLS {name}, {alpn}: {e}"));
            assert_eq!(io.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
        }
    }
    let io = raw::tls(&server, rustls::ALL_VERSIONS, &["h2", "http/1.1"]).await.expect("handshake");
    assert_eq!(io.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!(io.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_can_be_switched_off() {
    let server = Server::start(Setup::default().arg("--tls12").arg("off")).expect("server");
    assert!(raw::tls(&server, &[&rustls::version::TLS12], &["h2"]).await.is_err());
    raw::tls(&server, &[&rustls::version::TLS13], &["h2"]).await.expect("TLS 1.3");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_tls_and_suites_without_aead_are_refused() {
    let server = Server::start(Setup::default()).expect("server");
    let speaks = |args: &[&str]| {
        let done = Command::new("openssl")
            .args(["s_client", "-connect", &server.address().to_string(), "-servername", "localhost"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.expect("openssl is missing: run 'make tools'").success()
    };
    assert!(speaks(&["-tls1_2"]), "the check itself works");
    assert!(!speaks(&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]));
    assert!(!speaks(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-SHA@SECLEVEL=0"]));
    assert!(!speaks(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384@SECLEVEL=0"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_token_and_an_unknown_method_is_unimplemented() {
    let (server, device) = server_with_patient().await;
    let mut health = HealthClient::new(server.channel().expect("channel"));
    for service in ["", "osteon.sync.v1.SyncService"] {
        let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.expect("health");
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    }
    for path in ["/osteon.sync.v1.SyncService/NoSuchMethod", "/no.such.Service/Call"] {
        let answer = raw::unary(device.channel.clone(), path, &device.tokens.access_token, bytes::Bytes::new()).await;
        assert_eq!(answer.expect_err("no such method").code(), Code::Unimplemented);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_has_passed_is_answered_and_the_push_can_be_sent_again() {
    let (_server, mut device) = server_with_patient().await;
    let ms = osteon_tests::device::now_ms();
    let record = osteon_tests::device::record_id(ms);
    let change = osteon_tests::body::create(record, osteon_tests::body::pain(1, ms));
    let message = device.push_request(&device.urgent, vec![change]);
    let mut request = device.request(message.clone());
    request.set_timeout(Duration::from_micros(1));
    let status = device.sync().push(request).await.expect_err("a microsecond is not enough");
    assert!(matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded), "{:?}", status.code());
    // Whether it was stored is not known: sent again, it has the effect of one.
    let answer = device.push(message).await.expect("push");
    assert_eq!(osteon_tests::device::verdict_word(&answer.verdicts[0]), "ACCEPTED");
    device.urgent.last += 1;
    let parts = device.parts().await.expect("pull");
    assert_eq!(parts.iter().filter(|part| part.record == record[..]).count(), 1);
    goes_on(&mut device, &[record]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_term_streams_end_with_a_cursor_and_the_port_closes() {
    let (mut server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 3).await;
    let request = sync::PullRequest { live: true, epoch: device.epoch, ..Default::default() };
    let mut stream = device.sync().pull(device.request(request)).await.expect("pull").into_inner();
    let mut cursor = loop {
        let answer = stream.message().await.expect("stream").expect("open");
        if let Some(sync::pull_response::Event::Page(page)) = answer.event
            && page.at_head
        {
            break page.cursor.to_vec();
        }
    };
    let t0 = Instant::now();
    server.term().expect("TERM");
    let status = loop {
        match stream.message().await {
            Ok(Some(answer)) => {
                if let Some(sync::pull_response::Event::Page(page)) = answer.event {
                    cursor = page.cursor.to_vec();
                }
            }
            Ok(None) => panic!("the stream ended without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::Unavailable, "{}", status.message());
    assert_eq!(reason_of(&status), "DRAINING");
    assert!(status.get_details_retry_info().is_some(), "says when to come back");
    let exit = server.wait_exit(Duration::from_secs(12)).expect("exit");
    assert!(exit.success(), "{exit}");
    assert!(t0.elapsed() < Duration::from_secs(11), "drained in {:?}", t0.elapsed());
    assert!(TcpStream::connect(server.address()).await.is_err(), "the port is closed");
    server.restart().expect("restart");
    // The cursor goes on where it stood: nothing comes twice.
    let more = device.pull(&cursor).await.expect("pull");
    assert!(more.iter().all(|page| page.cells.is_empty()));
    goes_on(&mut device, &before).await;
}

//! Bad calls: messages that are none, too long, too many, compressed bombs, and callers without a good token.

use bytes::Bytes;
use osteon_proto::sync;
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id, with_token},
    postgres::Postgres,
    raw,
    server::{Server, Setup, StoreKind},
};
use prost::Message;
use tonic::{Code, codec::CompressionEncoding};

use crate::support::{entries, goes_on, limit_of, member, only, refused, server_with_patient};

const PUSH: &str = "/osteon.sync.v1.SyncService/Push";

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_message_is_malformed() {
    let (_server, mut device) = server_with_patient().await;
    let ms = now_ms();
    let whole =
        device.push_request(&device.urgent, vec![body::create(record_id(ms), body::pain(1, ms))]).encode_to_vec();
    for cut in [1, whole.len() / 2, whole.len() - 1] {
        let message = Bytes::copy_from_slice(&whole[..cut]);
        let answer = raw::unary(device.channel.clone(), PUSH, &device.tokens.access_token, message).await;
        refused(answer, Code::InvalidArgument, "MALFORMED_MESSAGE");
    }
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_limit_names_the_limit() {
    let (_server, mut device) = server_with_patient().await;
    let message = Bytes::from(vec![0u8; 1_048_577]);
    let answer = raw::unary(device.channel.clone(), PUSH, &device.tokens.access_token, message).await;
    let status = refused(answer, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(limit_of(&status), "MESSAGE_BYTES");
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_a_megabyte_is_over_a_limit_and_one_of_64_kilobytes_is_refused_alone() {
    let (_server, mut device) = server_with_patient().await;
    let ms = now_ms();
    let number = body::type_number(&body::pain(1, ms));
    let site = |n: usize| {
        let mut inner = Vec::new();
        prost::encoding::encode_key(9, prost::encoding::WireType::LengthDelimited, &mut inner);
        prost::encoding::encode_varint(n as u64, &mut inner);
        inner.extend(std::iter::repeat_n(b'a', n));
        body::create(record_id(ms), body::raw(number, &inner))
    };
    let answer = device.push(device.push_request(&device.urgent, vec![site(1_048_576)])).await;
    refused(answer, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    let verdicts = device.push_urgent(vec![site(60_000)]).await.expect("push");
    assert_eq!(only(&verdicts), "TEXT_TOO_LONG");
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_changes_in_one_push_are_over_a_limit_and_none_is_applied() {
    let (_server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 3).await;
    let ms = now_ms();
    let changes = |n: usize| (0..n).map(|_| body::create(record_id(ms), body::pain(1, ms))).collect::<Vec<_>>();
    let answer = device.push(device.push_request(&device.urgent, changes(1_001))).await;
    let status = refused(answer, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(limit_of(&status), "CHANGES_PER_PUSH");
    let answer = device.push(device.push_request(&device.urgent, changes(10_000))).await;
    let status = refused(answer, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert!(!limit_of(&status).is_empty(), "the limit has a name");
    assert_eq!(
        device.parts().await.expect("pull").iter().filter(|part| part.record[..6] == ms.to_be_bytes()[2..]).count(),
        0
    );
    goes_on(&mut device, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gzip_bomb_is_refused_in_bounded_memory() {
    let (server, mut device) = server_with_patient().await;
    goes_on(&mut device, &[]).await;
    let before = server.resident_kib().expect("memory");
    // 32 MiB of zeros in one unknown field: about 32 KiB on the wire.
    let mut bomb = Vec::new();
    prost::encoding::encode_key(500, prost::encoding::WireType::LengthDelimited, &mut bomb);
    prost::encoding::encode_varint(32 << 20, &mut bomb);
    bomb.resize(bomb.len() + (32 << 20), 0);
    // And 500,000 empty changes, two bytes each before compression.
    let many: Vec<u8> = std::iter::repeat_n([0x3a, 0x00], 500_000).flatten().collect();
    for (message, reason) in [(Bytes::from(bomb), "LIMIT_EXCEEDED"), (Bytes::from(many), "LIMIT_EXCEEDED")] {
        let mut grpc = tonic::client::Grpc::new(device.channel.clone()).send_compressed(CompressionEncoding::Gzip);
        grpc.ready().await.expect("ready");
        let request = with_token(message, &device.tokens.access_token);
        let answer = grpc.unary(request, PUSH.parse().expect("path"), raw::BytesCodec).await;
        let answer: Result<tonic::Response<Bytes>, _> = answer;
        refused(answer, Code::ResourceExhausted, reason);
    }
    let grown = server.resident_kib().expect("memory").saturating_sub(before);
    assert!(grown < 24 * 1024, "{grown} KiB more after the bombs");
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_a_wrong_one_are_unauthenticated() {
    let (_server, mut device) = server_with_patient().await;
    let bare = device.sync().hello(tonic::Request::new(sync::HelloRequest::default())).await;
    refused(bare, Code::Unauthenticated, "TOKEN_MISSING");
    let wrong = device.sync().hello(with_token(sync::HelloRequest::default(), "not-a-token")).await;
    refused(wrong, Code::Unauthenticated, "TOKEN_UNKNOWN");
    let mut almost = device.tokens.access_token.clone();
    let last = almost.pop().expect("a token");
    almost.push(if last == 'A' { 'B' } else { 'A' });
    let wrong = device.sync().hello(with_token(sync::HelloRequest::default(), &almost)).await;
    refused(wrong, Code::Unauthenticated, "TOKEN_UNKNOWN");
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused_and_the_enrolment_goes_on() {
    let mut server = Server::start(Setup::on(StoreKind::Postgres).expect("postgres")).expect("server");
    let mut device = Device::patient(&server).await.expect("patient");
    let before = entries(&mut device, 2).await;
    // Five minutes later, as far as the session is concerned. The restart empties what the server remembers of it.
    let url = server.database().expect("url").to_owned();
    let postgres = Postgres::shared().expect("postgres");
    postgres.psql(&url, "UPDATE session SET access_expires_ms = access_expires_ms - 300001").expect("update");
    server.restart().expect("restart");
    refused(device.hello().await, Code::Unauthenticated, "TOKEN_EXPIRED");
    device.sign_in().await.expect("sign in");
    goes_on(&mut device, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_refused_and_a_new_one_goes_on_with_the_same_replicas() {
    let (_server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 2).await;
    let mut sessions =
        osteon_proto::identity::session_service_client::SessionServiceClient::new(device.channel.clone());
    sessions.end_session(device.request(osteon_proto::identity::EndSessionRequest {})).await.expect("end");
    let answer = device.hello().await;
    assert_eq!(answer.expect_err("the session has ended").code(), Code::Unauthenticated);
    device.sign_in().await.expect("sign in");
    goes_on(&mut device, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_others_looks_like_none() {
    let (server, mut device) = server_with_patient().await;
    let mut stranger = Device::patient(&server).await.expect("second patient");
    let theirs = entries(&mut stranger, 1).await;
    let ms = now_ms();
    let mut foreign = device.push_request(&device.urgent, vec![body::create(record_id(ms), body::pain(1, ms))]);
    foreign.circle = stranger.circle;
    let mut absent = foreign.clone();
    absent.circle = 4_000_000_000;
    let foreign = refused(device.push(foreign).await, Code::NotFound, "NOT_FOUND");
    let absent = refused(device.push(absent).await, Code::NotFound, "NOT_FOUND");
    assert_eq!((foreign.message(), foreign.details()), (absent.message(), absent.details()));

    let get = |record: &[u8; 16]| osteon_proto::record::GetRecordRequest {
        circle: device.circle,
        record_id: uuid::Uuid::from_bytes(*record).to_string(),
    };
    let foreign = device.records().get_record(device.request(get(&theirs[0]))).await;
    let absent = device.records().get_record(device.request(get(&record_id(ms)))).await;
    let foreign = refused(foreign, Code::NotFound, "NOT_FOUND");
    let absent = refused(absent, Code::NotFound, "NOT_FOUND");
    assert_eq!((foreign.message(), foreign.details()), (absent.message(), absent.details()));
    goes_on(&mut device, &[]).await;
    // And a member with another role meets no difference either.
    let admin = member(&server, &device, "clinic-admin").await;
    assert!(admin.parts().await.expect("pull").iter().all(|part| part.record != theirs[0][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_too_old_reads_and_does_not_write() {
    let server = Server::start(Setup::default().arg("--min-client").arg("2.0.0")).expect("server");
    let mut device = Device::patient(&server).await.expect("patient");
    let ms = now_ms();
    let change = || body::create(record_id(ms), body::pain(4, ms));
    let say = |client: &str| sync::HelloRequest { epoch: 1, client: client.to_owned(), ..Default::default() };
    let hello = device.sync().hello(device.request(say("osteon-client/1.9.9"))).await.expect("hello").into_inner();
    assert_eq!(hello.min_client, "2.0.0");
    refused(device.push_urgent(vec![change()]).await, Code::FailedPrecondition, "CLIENT_TOO_OLD");
    assert!(!device.pull(&[]).await.expect("it reads").is_empty());
    // Updated: the same numbers go on.
    device.sync().hello(device.request(say("osteon-client/2.0.0"))).await.expect("hello");
    let verdicts = device.push_urgent(vec![change()]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
    // What the device has said outlives the server's memory.
    device.sync().hello(device.request(say("osteon-client/1.9.9"))).await.expect("hello");
    let mut server = server;
    server.restart().expect("restart");
    refused(device.push_urgent(vec![change()]).await, Code::FailedPrecondition, "CLIENT_TOO_OLD");
}

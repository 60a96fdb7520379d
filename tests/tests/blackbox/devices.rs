//! Devices that are sent away: streams close within a second on every node, nothing but the order is answered, real phones
//! obey; and a crowd that guesses a code from fifty addresses.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use osteon_client::{
    Error, Phone, clock::SystemClock, error::SignedOrder, events::silent, ids::OsIds, records::NewRecord,
    session::Invite,
};
use osteon_proto::{
    care,
    identity::{
        self as pb, device_service_client::DeviceServiceClient, enrolment_service_client::EnrolmentServiceClient,
        session_service_client::SessionServiceClient,
    },
    split::close,
    sync::{self, DeviceOrder, pull_response::Event, sync_service_client::SyncServiceClient},
    table::table,
};
use osteon_tests::{
    body,
    device::{Device, now_ms, record_id, verdict_word},
    server::{Server, Setup, StoreKind},
};
use prost::Message;
use tonic::{Code, Status, Streaming, transport::Channel};
use tonic_types::StatusExt;

use crate::support::{entries, member, reason_of, refused, server_with_patient};

async fn revoke(by: &Device, channel: &Channel, device: u64, order: DeviceOrder) -> pb::Device {
    let request = pb::RevokeDeviceRequest { circle: by.circle, device, order: order.into() };
    let answer = DeviceServiceClient::new(channel.clone()).revoke_device(by.request(request)).await;
    answer.expect("revoked").into_inner().device.expect("device")
}

async fn number(device: &Device) -> u64 {
    let mut service = SessionServiceClient::new(device.channel.clone());
    service.get_me(device.request(pb::GetMeRequest {})).await.expect("me").into_inner().device
}

/// A live pull at its head.
pub(crate) async fn live(channel: Channel, device: &Device) -> Streaming<sync::PullResponse> {
    let message = sync::PullRequest { live: true, epoch: device.epoch, ..Default::default() };
    let mut request = device.request(message);
    request.set_timeout(Duration::from_secs(120));
    let mut stream = SyncServiceClient::new(channel).pull(request).await.expect("pull").into_inner();
    loop {
        let answer = stream.message().await.expect("stream").expect("open");
        if matches!(answer.event, Some(Event::Page(page)) if page.at_head) {
            return stream;
        }
    }
}

/// Waits for the end of a stream: how it ended.
async fn end(stream: &mut Streaming<sync::PullResponse>) -> Status {
    let ended = async {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream ended without a status"),
                Err(status) => return status,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the stream goes on")
}

/// A second, on a machine that does nothing else: a debug build among other tests gets a little more.
pub(crate) const CLOSED_WITHIN: Duration = Duration::from_millis(1_500);

async fn streams_close(one: &Server, two: &Server) {
    let patient = Device::patient(one).await.expect("patient");
    let nurse = member(one, &patient, "nurse").await;
    let (here, there) = (one.channel().expect("channel"), two.channel().expect("channel"));
    for order in [DeviceOrder::Leave, DeviceOrder::Wipe] {
        let device = member(one, &patient, "caregiver").await;
        let device_no = number(&device).await;
        let mut streams = [live(here.clone(), &device).await, live(there.clone(), &device).await];
        let mut other = live(there.clone(), &patient).await;
        let ordered = Instant::now();
        revoke(&nurse, &here, device_no, order).await;
        for stream in &mut streams {
            let status = end(stream).await;
            assert_eq!(reason_of(&status), "SESSION_REVOKED");
        }
        let took = ordered.elapsed();
        println!("{order:?}: every stream was closed after {took:?}");
        assert!(took < CLOSED_WITHIN, "{order:?}: {took:?}");
        // Nobody else's stream ends.
        let quiet = tokio::time::timeout(Duration::from_millis(300), other.message()).await;
        assert!(quiet.is_err() || quiet.expect("answered").is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_close_within_a_second_on_sqlite() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("sqlite")).expect("server");
    streams_close(&server, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_close_within_a_second_on_every_node() {
    let one = Server::start(Setup::on(StoreKind::Postgres).expect("postgres")).expect("first node");
    let two = one.another().expect("second node");
    streams_close(&one, &two).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_device_gets_the_order_and_a_leaving_one_its_purge() {
    let (server, mut patient) = server_with_patient().await;
    let nurse = member(&server, &patient, "nurse").await;
    let channel = server.channel().expect("channel");
    entries(&mut patient, 2).await;
    let held = patient.pull(&[]).await.expect("pull");
    let device = number(&patient).await;
    let stands = revoke(&nurse, &channel, device, DeviceOrder::Leave).await;
    assert_eq!(stands.standing(), pb::DeviceStanding::Leaving);

    let mut session = SessionServiceClient::new(channel.clone());
    let me = session.get_me(patient.request(pb::GetMeRequest {})).await;
    refused(me, Code::PermissionDenied, "DEVICE_LEAVING");
    let ask = osteon_proto::record::ListRecordsRequest { circle: patient.circle, ..Default::default() };
    let list = patient.records().list_records(patient.request(ask)).await;
    refused(list, Code::PermissionDenied, "DEVICE_LEAVING");
    assert_eq!(patient.hello().await.expect("hello").order(), DeviceOrder::Leave);
    let ms = now_ms();
    let verdicts = patient.push_urgent(vec![body::create(record_id(ms), body::pain(5, ms))]).await.expect("push");
    assert_eq!(verdict_word(&verdicts[0]), "QUARANTINED");
    let pages = patient.pull(&held.last().expect("page").cursor).await.expect("purge");
    assert!(pages.iter().all(|page| page.cells.is_empty()) && !pages[0].erased.is_empty());

    revoke(&nurse, &channel, device, DeviceOrder::Wipe).await;
    let status = refused(patient.hello().await, Code::Unauthenticated, "DEVICE_WIPED");
    let info = status.get_details_error_info().expect("ErrorInfo");
    let part = |name: &str| STANDARD.decode(&info.metadata[name]).expect("base64");
    let (order, signature) = (part("order"), part("signature"));
    let said = pb::WipeOrder::decode(order.as_slice()).expect("an order");
    assert_eq!((said.device, &said.device_key[..]), (device, patient.key.public_key().as_ref()));
    let signed = [&b"osteon wipe order 1\0"[..], &order].concat();
    let clinic_key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &patient.clinic_key);
    clinic_key.verify(&signed, &signature).expect("signed by the clinic that was pinned");
    let push = patient.push_urgent(vec![body::create(record_id(ms), body::pain(6, ms))]).await;
    refused(push, Code::Unauthenticated, "DEVICE_WIPED");
    let pull = patient.pull(&[]).await;
    refused(pull, Code::Unauthenticated, "DEVICE_WIPED");
    let again = patient.sign_in().await.expect_err("wiped");
    let status = again.downcast_ref::<Status>().expect("a status");
    assert_eq!(reason_of(status), "DEVICE_WIPED");
}

async fn phone(server: &Server, home: &Path, role: &str, short_id: Option<&str>) -> (Phone, String) {
    let invite = match short_id {
        Some(id) => server.invite_into(id, role),
        None => server.new_circle(role),
    };
    let invite = invite.expect("invite");
    let phone = Phone::open(home, Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("opens");
    let typed = Invite {
        code: invite.code,
        short_id: invite.short_id.clone(),
        server: format!("https://{}", server.authority()),
        ca_pem: server.ca().expect("ca"),
        device_name: "phone".into(),
    };
    phone.enrol(&typed).await.expect("enrols");
    phone.sync(silent()).await.expect("first sync");
    (phone, invite.short_id)
}

async fn write_pain(phone: &Phone, worst: u32) {
    let circle = phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle;
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let number = table().by_name("pain_entry").expect("type").number;
    let body = close(number, &entry.encode_to_vec());
    phone.create(circle, &NewRecord { body, label_choice: 0, record: None }, "").await.expect("written");
}

async fn records(phone: &Phone) -> usize {
    let state = phone.read().await.expect("state");
    let enrolled = state.enrolled().expect("enrolled");
    enrolled.view(enrolled.enrolment.circles[0].circle, phone.now_ms()).expect("circle").records().len()
}

/// The device of a phone, by the phone itself.
async fn device_of(phone: &Phone) -> u64 {
    phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.device
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("folder").next().is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_leaves_with_everything_sent_and_nothing_kept() {
    let server = Server::start(Setup::default()).expect("server");
    let home = tempfile::tempdir().expect("dir");
    let (phone, short_id) = phone(&server, &home.path().join("p"), "patient", None).await;
    write_pain(&phone, 3).await;
    phone.sync(silent()).await.expect("sync");
    // Written without a network, before anybody told it to leave.
    write_pain(&phone, 4).await;
    let before = records(&phone).await;
    let channel = server.channel().expect("channel");
    let nurse = Device::enrol(channel.clone(), &server.invite_into(&short_id, "nurse").expect("invite")).await;
    let nurse = nurse.expect("nurse");
    let device = device_of(&phone).await;
    revoke(&nurse, &channel, device, DeviceOrder::Leave).await;

    assert!(matches!(phone.sync(silent()).await, Err(Error::Left)));
    assert!(before > 2 && records(&phone).await == 0, "nothing of the circle is on it");
    let state = phone.read().await.expect("state");
    let waiting: usize = state.enrolled().expect("enrolled").device.circles().map(|(_, c)| c.outbox().count()).sum();
    assert_eq!(waiting, 0, "everything was sent");
    drop(state);
    assert!(matches!(phone.sync(silent()).await, Err(Error::Left)), "it stays so");
    let mut service = DeviceServiceClient::new(channel);
    let ask = pb::ListDevicesRequest { circle: nurse.circle, account: 0 };
    let listed = service.list_devices(nurse.request(ask)).await.expect("listed").into_inner().devices;
    let gone = listed.iter().find(|row| row.device == device).expect("the phone");
    assert_eq!(gone.standing(), pb::DeviceStanding::Left);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_phone_erases_itself_while_it_is_live() {
    let server = Server::start(Setup::default()).expect("server");
    let home = tempfile::tempdir().expect("dir");
    let folder = home.path().join("stolen");
    let (phone, short_id) = phone(&server, &folder, "patient", None).await;
    write_pain(&phone, 3).await;
    phone.sync(silent()).await.expect("sync");
    let channel = server.channel().expect("channel");
    let nurse = Device::enrol(channel.clone(), &server.invite_into(&short_id, "nurse").expect("invite")).await;
    let device = device_of(&phone).await;
    let phone = Arc::new(phone);
    let (own, live) = (
        Arc::clone(&phone),
        tokio::spawn({
            let phone = Arc::clone(&phone);
            async move { phone.live(silent()).await }
        }),
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!is_empty(&folder));
    revoke(&nurse.expect("nurse"), &channel, device, DeviceOrder::Wipe).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), live).await.expect("it obeys").expect("no panic");
    assert!(matches!(ended, Err(Error::Wiped)));
    assert!(is_empty(&folder), "nothing is left of it");
    assert!(matches!(own.read().await, Err(Error::Wiped)));
}

/// Somebody between a phone and its clinic orders it to erase itself: nothing is erased, and the clinic has it on record once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_not_the_clinic_s_is_on_record() {
    let server = Server::start(Setup::default()).expect("server");
    let home = tempfile::tempdir().expect("dir");
    let (phone, _) = phone(&server, &home.path().join("phone"), "patient", None).await;
    write_pain(&phone, 3).await;
    let forged = SignedOrder { order: vec![8, 9], signature: vec![7; 64] };
    assert!(!phone.obey(&forged).await.expect("looked at"));
    for _ in 0..2 {
        phone.sync(silent()).await.expect("it goes on");
        assert_eq!(phone.read().await.expect("state").settings.orders_refused, 0);
    }
    let mut server = server;
    server.term().expect("term");
    server.wait_exit(Duration::from_secs(20)).expect("ends");
    let rows = crate::audit::rows(&server, &["--clinic", "clinic"]);
    let told = rows.iter().filter(|row| row["action"] == "device.order" && row["outcome"] == "forged");
    assert_eq!(told.count(), 1, "{rows:?}");
}

/// Fifty machines guess the same invite at the same moment, one of them rightly but late: what can be typed is dead by then.
/// What was scanned is not: guesses at forty bits lock nobody out who holds a hundred and twenty-eight.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_fifty_addresses_guess_is_dead() {
    let (mut server, patient) = server_with_patient().await;
    let short_id = patient.hello().await.expect("hello").circles[0].short_id.clone();
    let invite = server.invite_into(&short_id, "nurse").expect("invite");
    let guess = async |n: u8, code: String| {
        let endpoint = server.endpoint().expect("endpoint");
        let endpoint = endpoint.local_address(Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, n))));
        let mut service = EnrolmentServiceClient::new(endpoint.connect_lazy());
        let key = osteon_tests::device::new_key().expect("key");
        let device_key: bytes::Bytes = key.public_key().as_ref().to_vec().into();
        let begin = pb::BeginEnrolmentRequest { device_key: device_key.clone(), ..Default::default() };
        let challenge = service.begin_enrolment(begin).await.expect("challenge").into_inner().challenge;
        let finish = pb::FinishEnrolmentRequest {
            code,
            short_id: short_id.clone(),
            device_key,
            signature: osteon_tests::device::sign(&key, &challenge).expect("signed").into(),
            challenge,
            device_name: "guess".into(),
        };
        service.finish_enrolment(finish).await
    };
    let wrong = join_all((2..51).map(|n| guess(n, format!("0000{n:04}")))).await;
    for answer in wrong {
        refused(answer, Code::InvalidArgument, "INVITE_INVALID");
    }
    refused(guess(51, invite.code).await, Code::InvalidArgument, "INVITE_INVALID");
    guess(52, invite.qr).await.expect("the QR form is open");
    // Fifty guesses are on record, in a few rows.
    server.term().expect("term");
    server.wait_exit(Duration::from_secs(20)).expect("ends");
    let own = crate::audit::rows(&server, &["--of-the-server"]);
    let finish = "/osteon.identity.v1.EnrolmentService/FinishEnrolment";
    let (guesses, rows) = crate::audit::refused(&own, finish, "INVITE_INVALID");
    assert!(guesses == 50 && rows <= 4, "{guesses} guesses in {rows} rows");
}

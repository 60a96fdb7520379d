//! A sleeping phone is woken: the real server, and a push service that speaks the real protocol.

use std::{path::Path, time::Duration};

use osteon_client::{
    Phone,
    catch_up::{BACKGROUND, CaughtUp},
    events::silent,
    wakes::Wake,
};
use osteon_proto::{
    care,
    wake::{self as pb, wake_service_client::WakeServiceClient},
};
use osteon_tests::{
    body,
    device::{Device, now_ms},
    push_service::{Heard, PushService, Subscription},
    server::{Server, Setup},
};
use prost::Message;
use tonic::Code;

use crate::{
    circle::create,
    phone::phone,
    support::{member, refused},
};

const SYMPTOM: u32 = 102;
const SOON: Duration = Duration::from_secs(30);

fn wakes(device: &Device) -> WakeServiceClient<tonic::transport::Channel> {
    WakeServiceClient::new(device.channel.clone())
}

async fn told(device: &Device) -> pb::GetWakeResponse {
    wakes(device).get_wake(device.request(pb::GetWakeRequest {})).await.expect("told").into_inner()
}

/// A red flag: weakness of a leg since this night.
async fn red_flag(patient: &Device) {
    let entry = care::SymptomEntry {
        effective_start: Some(body::moment(now_ms())),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    create(patient, body::raw(SYMPTOM, &entry.encode_to_vec()), 0).await.expect("written");
}

/// A push service, and a server that may use it.
async fn wakers(folder: &Path) -> (PushService, Server) {
    let service = PushService::start(folder).await.expect("a push service");
    let ca = service.ca().display().to_string();
    let setup = Setup::default().demo().arg("--wake-hosts").arg("localhost").arg("--wake-ca").arg(ca);
    (service, Server::start(setup).expect("server"))
}

/// What came, as soon as one of it is urgent.
async fn urgent(service: &PushService, after: usize) -> Vec<Heard> {
    let mut heard = service.wait(after + 1, SOON).await.expect("woken");
    while !heard[after..].iter().any(|message| message.header("urgency") == "high") {
        heard = service.wait(heard.len() + 1, SOON).await.expect("what is urgent is tried again");
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_alert_at_night_reaches_a_sleeping_phone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (service, server) = wakers(folder.path()).await;
    let patient = Device::patient(&server).await.expect("patient");
    let nurse = member(&server, &patient, "nurse").await;
    let subscription = Subscription::new(9).expect("keys");
    let vapid_key = told(&nurse).await.vapid_key.to_vec();
    assert_eq!(vapid_key.len(), 65);
    let register = pb::SetWakeRequest {
        endpoint: format!("{}/up/nurse", service.origin()),
        p256dh: subscription.p256dh().into(),
        auth: subscription.auth.to_vec().into(),
    };
    for endpoint in ["https://example.org/a", "http://localhost/a", "https://127.0.0.1/a"] {
        let other = pb::SetWakeRequest { endpoint: endpoint.to_owned(), ..register.clone() };
        let answer = wakes(&nurse).set_wake(nurse.request(other)).await;
        refused(answer, Code::InvalidArgument, "WAKE_ENDPOINT");
    }
    wakes(&nurse).set_wake(nurse.request(register.clone())).await.expect("registered");

    // The service has a bad moment: it is tried again.
    service.answer(&[503]);
    red_flag(&patient).await;
    // The first message is the one that met the bad moment; what is urgent has to come after it, whatever else waited.
    let heard = urgent(&service, 1).await;
    for message in &heard {
        assert_eq!(message.path, "/up/nurse");
        assert!(!message.header("topic").is_empty(), "a later one takes the place of an earlier one");
        let said = subscription.open(message, &service.origin(), &vapid_key).expect("as the standards want it");
        assert_eq!(said, b"1", "it says nothing but: look");
    }
    let found = nurse.parts().await.expect("the phone looks");
    assert!(!found.is_empty(), "and finds something");
    assert!(told(&nurse).await.woken_at.is_some());

    // Nobody listens there any more.
    service.answer(&[410]);
    red_flag(&patient).await;
    service.wait(3, SOON).await.expect("tried");
    for _ in 0..100 {
        if !told(&nurse).await.registered {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("an endpoint that is gone is still registered");
}

async fn alerts(phone: &Phone) -> usize {
    let circle = crate::phone::circle(phone).await;
    let state = phone.read().await.expect("state");
    let view = state.enrolled().expect("enrolled").view(circle, phone.now_ms()).expect("circle");
    let kind = osteon_proto::table::table().by_name("alert").expect("a type").number;
    view.of_type(kind).len()
}

/// The same with the core that apps embed: it says where it is woken, sleeps, and shows what it was woken for after one
/// catching up in the background. Once its owner wants no more of it, it sleeps on.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_woken_where_it_said_and_catches_up_with_what_it_was_woken_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (service, server) = wakers(folder.path()).await;
    let invite = server.new_circle("patient").expect("invite");
    let patient = Device::enrol(server.channel().expect("channel"), &invite).await.expect("patient");
    let invite = server.invite_into(&invite.short_id, "nurse").expect("invite");
    let nurse = phone(&server, &folder.path().join("nurse"), &invite).await;
    let subscription = Subscription::new(5).expect("keys");
    let at = format!("{}/up/night", service.origin());
    nurse.wake_at(&at, &subscription.p256dh(), &subscription.auth).await.expect("kept");
    assert_eq!((nurse.wake().await.expect("told"), service.heard().len()), (Wake::Waits, 0));
    nurse.sync(silent()).await.expect("and told to the server");
    assert!(matches!(nurse.wake().await.expect("told"), Wake::Registered { .. }));
    assert_eq!(alerts(&nurse).await, 0);

    red_flag(&patient).await;
    let heard = urgent(&service, 0).await;
    let vapid_key = nurse.wake_key().await.expect("the server's key").vapid_key;
    for message in &heard {
        assert_eq!(message.path, "/up/night");
        assert_eq!(subscription.open(message, &service.origin(), &vapid_key).expect("for this phone"), b"1");
    }
    assert_eq!(alerts(&nurse).await, 0, "it slept: a message says nothing but: look");
    assert_eq!(nurse.catch_up(BACKGROUND, silent()).await.expect("it looks"), CaughtUp::Whole);
    assert!(alerts(&nurse).await > 0, "and shows what it was woken for");

    nurse.wake_at("", &[], &[]).await.expect("kept");
    nurse.sync(silent()).await.expect("told");
    assert_eq!(nurse.wake().await.expect("told"), Wake::Off);
    let before = service.heard().len();
    red_flag(&patient).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(service.heard().len(), before, "nobody wakes it any more");
}

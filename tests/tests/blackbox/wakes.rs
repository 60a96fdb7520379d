//! A sleeping phone is woken: the real server, and a push service that speaks the real protocol.

use std::time::Duration;

use osteon_proto::{
    care,
    wake::{self as pb, wake_service_client::WakeServiceClient},
};
use osteon_tests::{
    body,
    device::{Device, now_ms},
    push_service::{PushService, Subscription},
    server::{Server, Setup},
};
use prost::Message;
use tonic::Code;

use crate::{
    circle::create,
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

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_alert_at_night_reaches_a_sleeping_phone() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = PushService::start(folder.path()).await.expect("a push service");
    let ca = service.ca().display().to_string();
    let setup = Setup::default().demo().arg("--wake-hosts").arg("localhost").arg("--wake-ca").arg(ca);
    let server = Server::start(setup).expect("server");
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
    let mut heard = service.wait(2, SOON).await.expect("woken");
    while !heard.iter().skip(1).any(|message| message.header("urgency") == "high") {
        heard = service.wait(heard.len() + 1, SOON).await.expect("what is urgent is tried again");
    }
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

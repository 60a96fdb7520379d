//! Waking devices: in the commit that concerns them, once for all that waits, until their push service has taken it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use osteon_proto::{care, meta::Role, wake as pb};
use osteon_server::{
    app::wakes,
    error::Reason,
    wake::{Endpoint, Sender, Sent, guard::Hosts},
};

use crate::{access, alerts::weak_leg, fixture::*};

const SYMPTOM: u32 = 102;
const HOME: u32 = 351;

/// A push service that says what it is told to say.
struct Service {
    hosts: Hosts,
    says: Mutex<Sent>,
    /// Whose endpoint, and whether it was urgent.
    heard: Mutex<Vec<(String, bool)>>,
}

impl Service {
    fn of(kit: &Kit) -> Arc<Self> {
        let hosts = Hosts::parse(&["push.example.org".to_owned()]).expect("hosts");
        let service = Arc::new(Self { hosts, says: Mutex::new(Sent::Taken), heard: Mutex::default() });
        kit.app.put_waker(Arc::clone(&service) as Arc<dyn Sender>);
        service
    }

    fn say(&self, sent: Sent) {
        *self.says.lock().unwrap() = sent;
    }

    fn heard(&self) -> Vec<(String, bool)> {
        let mut heard = std::mem::take(&mut *self.heard.lock().unwrap());
        heard.sort();
        heard
    }
}

#[async_trait]
impl Sender for Service {
    async fn send(&self, to: &Endpoint, urgent: bool) -> Sent {
        self.heard.lock().unwrap().push((to.url.clone(), urgent));
        *self.says.lock().unwrap()
    }

    fn public_key(&self) -> &[u8] {
        &[4; 65]
    }

    fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

fn request(name: &str) -> pb::SetWakeRequest {
    use aws_lc_rs::signature::KeyPair;
    pb::SetWakeRequest {
        endpoint: format!("https://push.example.org/{name}"),
        p256dh: fresh_key().public_key().as_ref().to_vec().into(),
        auth: vec![7; 16].into(),
    }
}

fn url(name: &str) -> String {
    format!("https://push.example.org/{name}")
}

async fn wakes(kit: &Kit, device: &Device, name: &str) {
    wakes::set(&kit.app, &device.caller, &request(name)).await.expect("registered");
}

pub(crate) async fn an_urgent_alert_at_night(kit: Kit) {
    let service = Service::of(&kit);
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Dietitian]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let dietitian = kit.phone(&circle, 2, Role::Dietitian).await;
    let told = wakes::get(&kit.app, &nurse.caller).await.expect("told");
    assert_eq!((told.vapid_key.len(), told.registered, told.hosts), (65, false, vec!["push.example.org".to_owned()]));
    for (device, name) in [(&phone, "patient"), (&nurse, "nurse"), (&dietitian, "dietitian")] {
        wakes(&kit, device, name).await;
    }
    assert_eq!(wakes::turn(&kit.app).await.expect("nothing waits"), 0);
    // Two entries of one night are one wake-up; who wrote them is awake, and who is not told is left alone.
    for _ in 0..2 {
        let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW))]);
        assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    }
    let node = kit.node().await;
    node.app.put_waker(Arc::clone(&service) as Arc<dyn Sender>);
    let (here, there) = tokio::join!(wakes::turn(&kit.app), wakes::turn(&node.app));
    assert_eq!(here.expect("woken") + there.expect("woken"), 1, "one node wakes it");
    assert_eq!(service.heard(), [(url("nurse"), true)]);
    assert_eq!(wakes::turn(&kit.app).await.expect("done"), 0);
    let told = wakes::get(&kit.app, &nurse.caller).await.expect("told");
    assert!(told.registered && told.woken_at.is_some());
}

pub(crate) async fn what_is_taken_back_wakes(kit: Kit) {
    let service = Service::of(&kit);
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Dietitian]).await;
    let patient = kit.person(circle.people[0]);
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let dietitian = kit.phone(&circle, 2, Role::Dietitian).await;
    for (device, name) in [(&nurse, "nurse"), (&dietitian, "dietitian")] {
        wakes(&kit, device, name).await;
    }
    // A plan that changes wakes whoever reads it.
    kit.create(
        &patient,
        circle.no,
        HOME,
        &care::HomeSafetyPlan { footwear_ok: Some(care::TriState::Yes.into()), ..Default::default() },
    )
    .await
    .expect("a plan");
    assert_eq!(wakes::turn(&kit.app).await.expect("woken"), 1);
    assert_eq!(service.heard(), [(url("nurse"), false)]);
    // A membership that ends wakes whoever has to erase.
    access::remove(&kit, &patient, circle.no, circle.people[2], Role::Dietitian).await;
    wakes::turn(&kit.app).await.expect("woken");
    assert!(service.heard().contains(&(url("dietitian"), false)));
    // An enrolment that has ended is not woken any more.
    kit.app.store.revoke_device(nurse.caller.device).await.expect("revoked");
    kit.create(&patient, circle.no, SYMPTOM, &weak_leg(NOW)).await.expect("written");
    assert_eq!(wakes::turn(&kit.app).await.expect("nobody"), 0);
    assert!(service.heard().is_empty());
    assert!(kit.app.store.wake_endpoint(nurse.caller.device).await.expect("read").is_none());
}

pub(crate) async fn a_service_that_fails_or_forgets(kit: Kit) {
    let service = Service::of(&kit);
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let patient = kit.person(circle.people[0]);
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    wakes(&kit, &nurse, "nurse").await;
    kit.create(&patient, circle.no, SYMPTOM, &weak_leg(NOW)).await.expect("written");
    service.say(Sent::Later(None));
    assert_eq!(wakes::turn(&kit.app).await.expect("tried"), 0);
    assert_eq!(wakes::turn(&kit.app).await.expect("not yet"), 0);
    assert_eq!(service.heard().len(), 1, "it waits");
    // After five seconds and a little; the service asks for more.
    kit.clock.advance(7_000);
    service.say(Sent::Later(Some(Duration::from_secs(600))));
    wakes::turn(&kit.app).await.expect("tried");
    assert_eq!(service.heard().len(), 1);
    kit.clock.advance(300_000);
    wakes::turn(&kit.app).await.expect("not yet");
    assert!(service.heard().is_empty());
    kit.clock.advance(500_000);
    service.say(Sent::Taken);
    assert_eq!(wakes::turn(&kit.app).await.expect("woken"), 1);
    assert_eq!(service.heard(), [(url("nurse"), true)]);
    // Nobody listens there any more: it is forgotten, and the device sees it.
    kit.create(
        &patient,
        circle.no,
        HOME,
        &care::HomeSafetyPlan { footwear_ok: Some(care::TriState::Yes.into()), ..Default::default() },
    )
    .await
    .expect("a plan");
    service.say(Sent::Gone);
    wakes::turn(&kit.app).await.expect("tried");
    assert!(!wakes::get(&kit.app, &nurse.caller).await.expect("told").registered);
}

pub(crate) async fn where_a_device_may_be_woken(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let off = wakes::set(&kit.app, &nurse.caller, &request("a")).await;
    assert_eq!(reason(off), Reason::WakeEndpoint, "wake-ups are off");
    let _service = Service::of(&kit);
    let person = kit.person(circle.people[1]);
    assert_eq!(reason(wakes::get(&kit.app, &person).await), Reason::NotAllowed, "no device");
    for endpoint in [
        "http://push.example.org/a",
        "https://push.example.org.evil.test/a",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest/meta-data",
        "gopher://push.example.org/",
        "a",
    ] {
        let bad = pb::SetWakeRequest { endpoint: endpoint.to_owned(), ..request("a") };
        assert_eq!(reason(wakes::set(&kit.app, &nurse.caller, &bad).await), Reason::WakeEndpoint, "{endpoint}");
    }
    let long = pb::SetWakeRequest { endpoint: url(&"a".repeat(2_100)), ..request("a") };
    let error = wakes::set(&kit.app, &nurse.caller, &long).await.expect_err("too long");
    assert_eq!(error.limit_name(), Some("WAKE_ENDPOINT_BYTES"));
    for bad in [
        pb::SetWakeRequest { p256dh: vec![4; 65].into(), ..request("a") },
        pb::SetWakeRequest { p256dh: vec![].into(), ..request("a") },
        pb::SetWakeRequest { auth: vec![1; 15].into(), ..request("a") },
    ] {
        assert_eq!(reason(wakes::set(&kit.app, &nurse.caller, &bad).await), Reason::WakeEndpoint);
    }
    wakes(&kit, &nurse, "first").await;
    wakes(&kit, &nurse, "second").await;
    let row = kit.app.store.wake_endpoint(nurse.caller.device).await.expect("read").expect("registered");
    assert!(!row.sealed.windows(6).any(|w| w == b"second"), "the endpoint is sealed");
    wakes::set(&kit.app, &nurse.caller, &pb::SetWakeRequest::default()).await.expect("ended");
    assert!(!wakes::get(&kit.app, &nurse.caller).await.expect("told").registered);
}

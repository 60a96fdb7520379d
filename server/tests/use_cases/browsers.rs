//! Sessions of browsers: idle and absolute ends, sign-out, revocation.

use osteon_proto::{identity as pb, meta::Role, sync};
use osteon_server::{
    app::{browser, devices, sessions},
    error::Reason,
    store::browser::{NewBrowser, WayIn},
};

use crate::fixture::*;

const MINUTE: u64 = 60_000;
const IDLE: u64 = 30 * MINUTE;

/// A browser of the circle's first person.
async fn browser_of(kit: &Kit, circle: &Circle) -> u64 {
    let new = NewBrowser {
        account: circle.people[0],
        clinic: kit.clinic,
        key: b"browser".to_vec(),
        name: "browser".into(),
        created_ms: NOW,
        way_in: WayIn::Hospital { subject: [1; 32] },
        invite: None,
    };
    kit.app.store.add_browser(new).await.expect("store").expect("a browser")
}

pub(crate) async fn a_session_ends_when_nobody_is_there(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Nurse]).await;
    let device = browser_of(&kit, &circle).await;
    let opened = browser::open(&kit.app, circle.people[0], kit.clinic, device).await.expect("opened");
    let ask = async |by_hand| browser::authenticate(&kit.app, &opened.token, by_hand).await;
    assert_eq!(ask(true).await, Ok(opened.caller));
    for _ in 0..4 {
        kit.clock.advance(IDLE - MINUTE);
        assert_eq!(ask(true).await, Ok(opened.caller), "every call keeps it awake");
    }
    let ends = browser::ends_of(&kit.app, &opened.token).await.expect("open");
    assert_eq!(ends.absolute_ms, NOW + 12 * 60 * MINUTE);
    // What a page does by itself does not.
    kit.clock.advance(IDLE - MINUTE);
    assert_eq!(ask(false).await, Ok(opened.caller));
    kit.clock.advance(MINUTE);
    assert_eq!(ask(false).await, Err(Reason::SessionExpired));
    assert_eq!(ask(true).await, Err(Reason::SessionExpired), "nobody wakes it again");
    assert_eq!(browser::ends_of(&kit.app, &opened.token).await, Err(Reason::SessionExpired));
    assert_eq!(browser::authenticate(&kit.app, "ow_nonsense", true).await, Err(Reason::TokenUnknown));
}

pub(crate) async fn a_session_ends_after_twelve_hours(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Nurse]).await;
    let device = browser_of(&kit, &circle).await;
    let opened = browser::open(&kit.app, circle.people[0], kit.clinic, device).await.expect("opened");
    let mut passed = 0;
    while passed + 10 * MINUTE < 12 * 60 * MINUTE {
        kit.clock.advance(10 * MINUTE);
        passed += 10 * MINUTE;
        assert_eq!(browser::authenticate(&kit.app, &opened.token, true).await, Ok(opened.caller), "{passed} ms");
    }
    let ends = browser::ends_of(&kit.app, &opened.token).await.expect("open");
    assert_eq!(ends.idle_ms, ends.absolute_ms, "the nearer end is told");
    kit.clock.advance(10 * MINUTE);
    assert_eq!(browser::authenticate(&kit.app, &opened.token, true).await, Err(Reason::SessionExpired));
}

pub(crate) async fn signing_out_and_revoking_end_it_at_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Nurse]).await;
    let device = browser_of(&kit, &circle).await;
    let open = async || browser::open(&kit.app, circle.people[0], kit.clinic, device).await.expect("opened");
    let (one, other) = (open().await, open().await);
    assert!(kit.app.store.session_open(one.caller.family).await.expect("store"));
    sessions::end(&kit.app, &one.caller).await.expect("ended");
    assert_eq!(browser::authenticate(&kit.app, &one.token, true).await, Err(Reason::SessionRevoked));
    assert!(!kit.app.store.session_open(one.caller.family).await.expect("store"), "its streams end");
    assert_eq!(browser::authenticate(&kit.app, &other.token, true).await, Ok(other.caller), "the other one goes on");
    let me = sessions::me(&kit.app, &other.caller).await.expect("me");
    assert_eq!((me.account, me.device, me.circles.len()), (circle.people[0], device, 1));
    // Listed like a phone, and sent away like one: it has nothing to send, so it is gone at once.
    let listed = devices::list(&kit.app, &other.caller, &pb::ListDevicesRequest::default()).await.expect("listed");
    let found: Vec<_> = listed.devices.iter().map(|device| (device.device, device.this_device)).collect();
    assert_eq!(found, [(device, true)]);
    assert!(listed.devices[0].last_seen.is_some());
    let order = pb::RevokeDeviceRequest { device, order: sync::DeviceOrder::Leave.into(), ..Default::default() };
    let left = devices::revoke(&kit.app, &other.caller, &order).await.expect("revoked").device.expect("a device");
    assert_eq!(left.standing(), pb::DeviceStanding::Left);
    assert_eq!(browser::authenticate(&kit.app, &other.token, true).await, Err(Reason::SessionRevoked));
    assert!(!kit.app.store.session_open(other.caller.family).await.expect("store"));
}

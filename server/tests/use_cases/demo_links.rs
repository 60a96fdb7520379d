//! One-time links of a demo: once, not for long, and nowhere else.

use osteon_proto::meta::Role;
use osteon_server::{
    app::{browser, demo_links},
    error::Reason,
};

use crate::fixture::*;

pub(crate) async fn a_link_signs_in_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let nurse = circle.people[1];
    assert_eq!(reason(demo_links::make(&kit.app, nurse).await), Reason::Unsupported, "this is no demo");
    kit.app.set_demo();
    let link = demo_links::make(&kit.app, nurse).await.expect("a link");
    let opened = demo_links::follow(&kit.app, &link).await.expect("signed in");
    assert_eq!((opened.caller.account, opened.caller.clinic), (nurse, kit.clinic));
    assert_eq!(browser::authenticate(&kit.app, &opened.token, true).await, Ok(opened.caller));
    assert_eq!(reason(demo_links::follow(&kit.app, &link).await), Reason::ChallengeInvalid, "used");
    assert_eq!(reason(demo_links::follow(&kit.app, "made up").await), Reason::ChallengeInvalid);
    // A second link is the same browser, with a session of its own.
    let link = demo_links::make(&kit.app, nurse).await.expect("a link");
    let again = demo_links::follow(&kit.app, &link).await.expect("signed in");
    assert_eq!(again.caller.device, opened.caller.device);
    assert_ne!(again.caller.family, opened.caller.family);
    // Too late.
    let link = demo_links::make(&kit.app, nurse).await.expect("a link");
    kit.clock.advance(30 * 60_000);
    assert_eq!(reason(demo_links::follow(&kit.app, &link).await), Reason::ChallengeExpired);
    assert_eq!(reason(demo_links::make(&kit.app, 987_654).await), Reason::NotFound);
    // A browser that was revoked signs nobody in, with whatever link.
    kit.app.store.revoke_device(opened.caller.device).await.expect("revoked");
    let link = demo_links::make(&kit.app, nurse).await.expect("a link");
    assert_eq!(reason(demo_links::follow(&kit.app, &link).await), Reason::DeviceRevoked);
    // On a database of a demo that is served as something else, a link opens nothing.
    let other = kit.node().await;
    let link = demo_links::make(&kit.app, circle.people[0]).await.expect("a link");
    assert_eq!(reason(demo_links::follow(&other.app, &link).await), Reason::ChallengeInvalid);
}

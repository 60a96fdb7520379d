//! Depth, on a device: what is more than it asks for is not sent, and goes when it asks for less; what waits in its outbox is
//! sent all the same, because depth is no right.

use osteon_proto::meta::Role;
use osteon_sync_core::{RecordId, device::Depth};

use crate::{
    fixture::{Kit, body, id_of},
    phone::Phone,
    world::{CANARY, PAIN, pain},
};

const MEMBER: u32 = 262;

pub(crate) async fn run(kit: &Kit) {
    let circle = kit.circle("depth", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let canary = CANARY.as_bytes();
    let theirs = kit.create(&patient, circle.no, PAIN, &pain(3, CANARY)).await.expect("made");
    let enrolled = kit.phone(&circle, 1, Role::Nurse).await;
    let mut phone = Phone::new(kit, &enrolled, circle.no).await;

    // A device that lists gets the members, and no byte of the journal.
    phone.set_depth(Depth::List);
    phone.sync(kit).await.expect("the nurse may");
    assert!(!phone.holds(canary).await && phone.types().contains(&MEMBER) && !phone.types().contains(&PAIN));
    // Also not later: neither a new entry nor an edit.
    kit.create(&patient, circle.no, PAIN, &pain(4, CANARY)).await.expect("made");
    phone.restart().await;
    phone.sync(kit).await.expect("the nurse may");
    assert!(!phone.holds(canary).await, "the depth is kept with the rest");

    // Opened: it comes, without what is there already.
    phone.set_depth(Depth::Plan);
    phone.sync(kit).await.expect("the nurse may");
    assert!(phone.shows(canary).await);
    phone.set_depth(Depth::Full);
    phone.sync(kit).await.expect("the nurse may");
    assert!(phone.shows(canary).await);

    // Less again, while an edit and a new entry wait: both are accepted, nothing waits for a person, nothing is kept.
    let own = phone.create(kit, &body(PAIN, &pain(5, CANARY))).await;
    phone.edit(kit, RecordId(id_of(&theirs)), &body(PAIN, &pain(6, CANARY))).await;
    phone.set_depth(Depth::List);
    assert_eq!(phone.waiting().await.0, 2);
    phone.sync(kit).await.expect("the nurse may");
    assert_eq!(phone.waiting().await, (0, 0, Vec::new()), "sent, not refused, not held");
    assert!(!phone.holds(canary).await, "no layer keeps what is beyond the depth");
    let seen = kit.get(&nurse, circle.no, own.0).await.expect("it is there");
    assert_eq!(seen.r#type, PAIN);

    // And whole once more: what was written meanwhile is part of it.
    phone.set_depth(Depth::Full);
    phone.sync(kit).await.expect("the nurse may");
    assert!(phone.shows(canary).await && phone.types().iter().filter(|number| **number == PAIN).count() == 3);
}

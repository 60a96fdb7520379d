//! GetConsent: what is granted from when to when, what stops where it is narrowed, how far what was taken back has reached.

use osteon_proto::{care, consent as pb, meta::Role, sync};
use osteon_server::{
    access::Caller,
    app::{consents, enrol::timestamp, hello, whosees},
    clock::Clock,
    error::Reason,
};

use crate::{
    access::*,
    consent::{GRANT, pain},
    fixture::*,
};

const C06: i32 = 6;
const C08: i32 = 8;

async fn told(kit: &Kit, who: &Caller, circle: u64) -> pb::GetConsentResponse {
    consents::get(&kit.app, who, &pb::GetConsentRequest { circle }).await.expect("told")
}

fn of(answer: &pb::GetConsentResponse, account: u64, category: i32) -> Option<&pb::CategoryConsent> {
    let member = answer.members.iter().find(|one| one.access.as_ref().is_some_and(|one| one.account == account));
    member.expect("a member").categories.iter().find(|one| one.category == category)
}

pub(crate) async fn what_was_granted_and_what_would_stop(kit: Kit) {
    let roles = [Role::Patient, Role::Caregiver, Role::Nurse, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, carer, nurse, physio] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    decide(&kit, &patient, circle.no, carer.account, care::Decision::Allow).await;
    let all = told(&kit, &patient, circle.no).await;
    // Of everybody the same as ExplainAccess says; everybody else is told of themselves alone.
    assert_eq!(all.members.len(), 4);
    for member in &all.members {
        let access = member.access.as_ref().expect("access");
        let request = pb::ExplainAccessRequest { circle: circle.no, account: access.account };
        assert_eq!(*access, whosees::explain(&kit.app, &patient, &request).await.expect("told"));
    }
    for who in [&nurse, &physio, &carer] {
        let own = told(&kit, who, circle.no).await;
        assert_eq!(own.members, [of_member(&all, who.account)], "oneself, as the patient is told it");
    }
    let stranger = kit.person(kit.circle("d0002", &[Role::Patient]).await.people[0]);
    let refused = consents::get(&kit.app, &stranger, &pb::GetConsentRequest { circle: circle.no }).await;
    assert_eq!(reason(refused), Reason::NotFound);
    // From when to when; and what the grant opened would stop with it.
    let granted = of(&all, carer.account, C06).expect("granted");
    let window = pb::ConsentWindow { from: None, to: Some(timestamp(NOW + 1_000 * DAY)) };
    assert_eq!(granted.windows, [window]);
    assert!(granted.stops.as_ref().expect("stops").reads.contains(&101), "pain");
    assert!(of(&all, carer.account, C08).is_none(), "neither granted nor had");
    // What a physiotherapist has without being granted it.
    let stops = |answer: &pb::GetConsentResponse, category| {
        of(answer, physio.account, category).and_then(|one| one.stops.clone()).expect("stops")
    };
    let activity = stops(&all, C08);
    assert!(activity.reads.contains(&106) && activity.reads.contains(&201), "{activity:?}");
    assert!(activity.writes.contains(&201), "the plan is theirs to write: {activity:?}");
    assert!(activity.writes.iter().all(|number| activity.reads.contains(number)));
    assert!(!activity.reads.contains(&101), "pain is of another category");
    let symptoms = stops(&all, C06);
    let set = kit.app.care.set();
    assert!(!symptoms.rules.is_empty());
    for id in &symptoms.rules {
        let rule = set.rule(id).expect("of the rule set");
        assert!(rule.categories.iter().any(|code| code == "C06"), "{id}");
        assert!(rule.notify.iter().any(|code| code == "PH"), "{id}");
    }
    // Taken away, it is told what was lost.
    let by_role = care::Grantee { role: Some(Role::Physiotherapist.into()), account: None };
    let deny = grant(circle.no, 0, care::Decision::Deny);
    let deny = care::Grant { grantee: Some(by_role), not_after: None, ..deny };
    kit.create(&patient, circle.no, GRANT, &deny).await.expect("taken back");
    let after = told(&kit, &patient, circle.no).await;
    assert_eq!(stops(&after, C06), symptoms);
    let [one] = &after.withdrawals[..] else { panic!("{:?}", after.withdrawals) };
    assert_eq!((one.account, one.role(), one.category, one.proxy), (0, Role::Physiotherapist, C06, false));
    assert!(one.devices.is_empty(), "nobody of them has a device");
    let rows = kit.app.store.audit_after(circle.no, 0, 1_000).await.expect("audit");
    assert_eq!(rows.iter().filter(|row| row.action == "consent.get").count(), 5);
}

fn of_member(answer: &pb::GetConsentResponse, account: u64) -> pb::MemberConsent {
    let is_theirs = |one: &&pb::MemberConsent| one.access.as_ref().is_some_and(|one| one.account == account);
    answer.members.iter().find(is_theirs).expect("a member").clone()
}

pub(crate) async fn how_far_a_withdrawal_has_reached(kit: Kit) {
    use pb::ConsentReach::{Confirmed, NotTold, NothingHeld, Told};
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse, Role::Physiotherapist]).await;
    let [patient, nurse, physio] = [0, 2, 3].map(|i| kit.person(circle.people[i]));
    let carer = kit.phone(&circle, 1, Role::Caregiver).await.caller;
    let other = kit.phone(&circle, 1, Role::Caregiver).await.caller;
    decide(&kit, &patient, circle.no, carer.account, care::Decision::Allow).await;
    kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made");
    let held = kit.page(&carer, circle.no, &[]).await.expect("page");
    kit.clock.advance(1_000);
    decide(&kit, &patient, circle.no, carer.account, care::Decision::Deny).await;
    let at_ms = kit.clock.now_ms();
    kit.clock.advance(1_000);
    kit.phone(&circle, 1, Role::Caregiver).await;
    let reach = async |who: &Caller| {
        let mut answer = told(&kit, who, circle.no).await;
        let one = answer.withdrawals.remove(0);
        assert_eq!((one.account, one.category, one.at), (carer.account, C06, Some(timestamp(at_ms))));
        one.devices
    };
    let told_of = |devices: &[pb::DeviceReach]| devices.iter().map(|one| (one.device, one.reach())).collect::<Vec<_>>();
    // Neither has come since; one that was enrolled afterwards never held it.
    let expected = [(carer.device, NotTold), (other.device, NotTold)];
    assert_eq!(told_of(&reach(&patient).await), expected);
    assert!(reach(&patient).await[0].last_heard.is_none());
    let erasing = kit.page(&carer, circle.no, &held.cursor).await.expect("page");
    let devices = reach(&patient).await;
    assert_eq!(told_of(&devices), [(carer.device, Told), (other.device, NotTold)]);
    assert!(devices[0].asked.is_some() && devices[0].confirmed.is_none());
    kit.page(&carer, circle.no, &erasing.cursor).await.expect("page");
    let request = sync::HelloRequest {
        epoch: kit.app.epoch(),
        health: Some(sync::DeviceHealth::default()),
        ..Default::default()
    };
    hello::hello(&kit.app, &other, request).await.expect("hello");
    let expected = [(carer.device, Confirmed), (other.device, NothingHeld)];
    // The patient, a nurse and whose devices they are; nobody else.
    for who in [&patient, &nurse, &carer] {
        assert_eq!(told_of(&reach(who).await), expected);
    }
    let devices = reach(&patient).await;
    assert!(devices[0].confirmed.is_some() && devices[1].last_heard.is_some());
    assert!(reach(&physio).await.is_empty());
    // Granted again, nothing is taken back any more.
    decide(&kit, &patient, circle.no, carer.account, care::Decision::Allow).await;
    assert!(told(&kit, &patient, circle.no).await.withdrawals.is_empty());
}

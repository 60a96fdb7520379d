//! Devices and notices: listed, named, told to leave, wiped; the two ways back; who may do it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, KeyPair as _, UnparsedPublicKey};
use osteon_proto::{
    care,
    identity::{self as pb, NoticeKind},
    meta::Role,
    sync::{self, DeviceOrder},
};
use osteon_server::{
    access::{Caller, authenticate, refusal},
    app::{clinic_key::WIPE_CONTEXT, devices, hello, notices, push, sessions, stream},
    error::{Error, Reason},
};
use prost::Message;
use tonic_types::StatusExt;

use crate::all::All;
use crate::{enrolment::refresh, fixture::*};

pub(crate) async fn revoke(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    device: u64,
    order: DeviceOrder,
) -> Result<pb::Device, Error> {
    let request = pb::RevokeDeviceRequest { circle, device, order: order.into() };
    Ok(devices::revoke(&kit.app, who, &request).await?.device.expect("device"))
}

async fn listed(kit: &Kit, who: &Caller, circle: u64, account: u64) -> Result<Vec<pb::Device>, Error> {
    Ok(devices::list(&kit.app, who, &pb::ListDevicesRequest { circle, account }).await?.devices)
}

async fn told(kit: &Kit, who: &Caller) -> Vec<pb::Notice> {
    notices::list(&kit.app, who, &pb::ListNoticesRequest::default()).await.expect("notices").notices
}

async fn sign_in(kit: &Kit, phone: &Device, code: &str) -> Result<pb::FinishSessionResponse, Error> {
    let device_key: prost::bytes::Bytes = phone.key.public_key().as_ref().to_vec().into();
    let challenge = sessions::begin(&kit.app, &pb::BeginSessionRequest { device_key: device_key.clone() }).challenge;
    let signature = sign(&phone.key, &challenge);
    sessions::finish(&kit.app, &pb::FinishSessionRequest { device_key, challenge, signature, code: code.into() }).await
}

pub(crate) async fn devices_are_their_owners_and_the_clinics(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physician, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let (nurse, physician) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let admin = kit.person(circle.people[3]);
    let own = listed(&kit, &phone.caller, 0, 0).await.expect("own");
    assert_eq!(own.len(), 1);
    assert_eq!(
        (own[0].name.as_str(), own[0].standing(), own[0].this_device),
        ("phone", pb::DeviceStanding::Enrolled, true)
    );
    for who in [&nurse, &admin] {
        assert_eq!(listed(&kit, who, circle.no, 0).await.expect("listed").len(), 1);
        assert_eq!(listed(&kit, who, circle.no, circle.people[0]).await.expect("listed").len(), 1);
    }
    let rename = |circle, device, name: &str| pb::RenameDeviceRequest { circle, device, name: name.into() };
    let device = phone.caller.device;
    let named = devices::rename(&kit.app, &phone.caller, &rename(0, device, "Kitchen")).await.expect("named");
    assert_eq!(named.device.expect("device").name, "Kitchen");
    for bad in ["", "  ", "a\u{7}b"] {
        assert_eq!(
            reason(devices::rename(&kit.app, &phone.caller, &rename(0, device, bad)).await),
            Reason::ArgumentInvalid
        );
    }
    let long = "x".repeat(81);
    assert_eq!(
        reason(devices::rename(&kit.app, &phone.caller, &rename(0, device, &long)).await),
        Reason::LimitExceeded
    );

    // Whoever may not gets what a device that does not exist gets.
    let elsewhere = kit.circle("d0002", &[Role::Nurse]).await;
    let stranger = kit.person(elsewhere.people[0]);
    let absent = revoke(&kit, &nurse, circle.no, 4_711, DeviceOrder::Wipe).await.expect_err("absent").into_status();
    for (who, in_circle) in
        [(&physician, circle.no), (&stranger, circle.no), (&stranger, elsewhere.no), (&stranger, 0), (&nurse, 0)]
    {
        let refused = revoke(&kit, who, in_circle, device, DeviceOrder::Wipe).await.expect_err("refused").into_status();
        assert_eq!(
            (refused.code(), refused.message(), refused.details()),
            (absent.code(), absent.message(), absent.details())
        );
        assert!(listed(&kit, who, in_circle, 0).await.is_err() || in_circle != circle.no);
    }
    assert_eq!(reason(listed(&kit, &nurse, circle.no, elsewhere.people[0]).await), Reason::NotFound);
    assert_eq!(
        reason(revoke(&kit, &nurse, circle.no, device, DeviceOrder::Unspecified).await),
        Reason::ArgumentInvalid
    );
    assert_eq!(listed(&kit, &phone.caller, 0, 0).await.expect("own")[0].standing(), pb::DeviceStanding::Enrolled);
    let rows = kit.app.store.audit_after(circle.no, 0, 100).await.expect("audit");
    let denied = rows.iter().any(|row| (row.action.as_str(), row.outcome.as_str()) == ("device", "NOT_FOUND"));
    assert!(denied, "the physician's try is on record");
}

pub(crate) async fn leave_pushes_into_quarantine_and_pulls_its_purge(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let first = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(first, 101, &pain)).await);
    let held = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    assert!(holds(&held, first));

    let device = revoke(&kit, &nurse, circle.no, phone.caller.device, DeviceOrder::Leave).await.expect("ordered");
    assert_eq!(device.standing(), pb::DeviceStanding::Leaving);
    let leaving = authenticate(&kit.app, &phone.tokens.access_token).await.expect("the session stands");
    assert!(leaving.leaving);
    phone.caller = leaving;

    let answer = hello::hello(&kit.app, &phone.caller, sync::HelloRequest::default()).await.expect("hello");
    assert_eq!(answer.order(), DeviceOrder::Leave);
    let late = kit.id();
    let verdict = kit.write(&mut phone, circle.no, create(late, 101, &pain)).await;
    assert_eq!(said(&verdict), "quarantined DEVICE_LEFT");
    let waiting =
        kit.app.store.snapshot(circle.no).await.expect("circle").all().quarantine().await.expect("quarantine");
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        reason(kit.get(&nurse, circle.no, late).await),
        Reason::NotFound,
        "nobody has it before a person decides"
    );

    let live = sync::PullRequest { live: true, ..Default::default() };
    assert_eq!(reason(stream::asked(&kit.app, &phone.caller, live).await), Reason::DeviceLeaving);
    let purge = kit.page(&phone.caller, circle.no, &held.cursor).await.expect("purge");
    assert!(parts(&purge).is_empty() && !purge.erased.is_empty(), "everything goes, nothing comes");
    let again = kit.page(&phone.caller, circle.no, &[]).await.expect("from the beginning");
    assert!(parts(&again).is_empty() && again.erased.is_empty());

    // Its tokens expired meanwhile: it comes back to do the same.
    kit.clock.advance(DAY);
    let back = sessions::refresh(&kit.app, &refresh(&phone, &phone.tokens, "r1")).await.expect("refreshed");
    phone.tokens = back.tokens.expect("tokens");
    let signed_in = sign_in(&kit, &phone, "").await.expect("signed in");
    assert_eq!(signed_in.order(), DeviceOrder::Leave);
    let caller = authenticate(&kit.app, &signed_in.tokens.expect("tokens").access_token).await.expect("caller");
    assert!(caller.leaving);
    sessions::end(&kit.app, &caller).await.expect("left");
    assert_eq!(reason(sign_in(&kit, &phone, "").await), Reason::DeviceRevoked);
    let refreshed = sessions::refresh(&kit.app, &refresh(&phone, &phone.tokens, "r2")).await;
    assert_eq!(reason(refreshed), Reason::SessionRevoked);
    let own = listed(&kit, &nurse, circle.no, 0).await.expect("listed");
    assert_eq!(own[0].standing(), pb::DeviceStanding::Left);
    let told = told(&kit, &phone.caller).await;
    assert_eq!((told[0].kind(), told[0].by_account), (NoticeKind::DeviceLeaves, nurse.account));
}

pub(crate) async fn leaving_has_an_end(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    revoke(&kit, &phone.caller, 0, phone.caller.device, DeviceOrder::Leave).await.expect("ordered");
    kit.clock.advance(29 * DAY);
    sign_in(&kit, &phone, "").await.expect("in time");
    kit.clock.advance(2 * DAY);
    assert_eq!(reason(sign_in(&kit, &phone, "").await), Reason::DeviceRevoked);
}

/// The order in the details of an error: (bytes, signature).
fn order_of(error: Error) -> (Vec<u8>, Vec<u8>) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    assert_eq!(error.reason(), Reason::DeviceWiped);
    let info = error.into_status().get_details_error_info().expect("ErrorInfo");
    let part = |name: &str| STANDARD.decode(&info.metadata[name]).expect("base64");
    (part("order"), part("signature"))
}

pub(crate) async fn wipe_answers_nothing_but_a_signed_order(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let other = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let device = revoke(&kit, &nurse, circle.no, phone.caller.device, DeviceOrder::Wipe).await.expect("ordered");
    assert_eq!((device.standing(), device.told), (pb::DeviceStanding::Wiped, None));

    let token = &phone.tokens.access_token;
    assert_eq!(authenticate(&kit.app, token).await, Err(Reason::DeviceWiped));
    for error in
        [refusal(&kit.app, token, Reason::DeviceWiped).await, sign_in(&kit, &phone, "").await.expect_err("wiped")]
    {
        let (order, signature) = order_of(error);
        let signed = [WIPE_CONTEXT, &order].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &kit.app.clinic_key)
            .verify(&signed, &signature)
            .expect("signed");
        let order = pb::WipeOrder::decode(order.as_slice()).expect("order");
        assert_eq!((order.device, &order.device_key[..]), (phone.caller.device, phone.key.public_key().as_ref()));
    }
    let refreshed = sessions::refresh(&kit.app, &refresh(&phone, &phone.tokens, "r1")).await;
    assert_eq!(reason(refreshed), Reason::SessionRevoked);
    let pain = create(kit.id(), 101, &care::PainEntry { worst_24h: Some(3), ..Default::default() });
    let request = kit.request(&phone, circle.no, 0, vec![kit.change(vec![pain])]);
    assert!(
        push::push(&kit.app, &phone.caller, request, 1)
            .await
            .expect("verdicts")
            .verdicts
            .iter()
            .all(|v| { !matches!(v.verdict, Some(sync::verdict::Verdict::Accepted(_))) })
    );
    let listed = listed(&kit, &nurse, circle.no, 0).await.expect("listed");
    let wiped = listed.iter().find(|row| row.device == phone.caller.device).expect("stands");
    assert!(wiped.told.is_some(), "the clinic sees that the order arrived");
    let untouched = listed.iter().find(|row| row.device == other.caller.device).expect("stands");
    assert_eq!(untouched.standing(), pb::DeviceStanding::Enrolled, "her other phone goes on");
    assert!(authenticate(&kit.app, &other.tokens.access_token).await.is_ok());
    // LEAVE does not soften it, another WIPE does not move it.
    let again = revoke(&kit, &nurse, circle.no, phone.caller.device, DeviceOrder::Leave).await.expect("stands");
    assert_eq!(again.standing(), pb::DeviceStanding::Wiped);
    assert_eq!(again.ordered, wiped.ordered);
    phone.caller = other.caller;
    let told = told(&kit, &phone.caller).await;
    assert_eq!(told[0].kind(), NoticeKind::DeviceWiped);
    assert_eq!(told[1].kind(), NoticeKind::DeviceEnrolled, "the second phone was told of too");
}

pub(crate) async fn after_180_days_the_clinic_reads_out_a_code(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    kit.clock.advance(170 * DAY);
    assert!(sign_in(&kit, &phone, "").await.is_ok(), "the key is enough");
    kit.clock.advance(181 * DAY);
    assert_eq!(reason(sign_in(&kit, &phone, "").await), Reason::SignInCodeRequired);
    let ask = pb::CreateSignInCodeRequest { circle: circle.no, device: phone.caller.device };
    assert_eq!(reason(devices::sign_in_code(&kit.app, &phone.caller, &ask).await), Reason::NotFound, "never the owner");
    let own = kit.phone(&circle, 1, Role::Nurse).await;
    let for_self = pb::CreateSignInCodeRequest { circle: circle.no, device: own.caller.device };
    assert_eq!(reason(devices::sign_in_code(&kit.app, &nurse, &for_self).await), Reason::NotAllowed);
    let made = async || devices::sign_in_code(&kit.app, &nurse, &ask).await.expect("code").code;
    let code = made().await;
    for _ in 0..5 {
        assert_eq!(reason(sign_in(&kit, &phone, "00000000").await), Reason::SignInCodeInvalid);
    }
    assert_eq!(reason(sign_in(&kit, &phone, &code).await), Reason::SignInCodeInvalid, "out of tries");
    let late = made().await;
    kit.clock.advance(601_000);
    assert_eq!(reason(sign_in(&kit, &phone, &late).await), Reason::SignInCodeInvalid);
    let code = made().await;
    let typed = format!("{}-{}", &code[..4].to_ascii_lowercase(), &code[4..]);
    let back = sign_in(&kit, &phone, &typed).await.expect("back").tokens.expect("tokens");
    let caller = authenticate(&kit.app, &back.access_token).await.expect("caller");
    assert_eq!(caller.device, phone.caller.device, "the same replicas");
    assert_eq!(told(&kit, &caller).await[0].kind(), NoticeKind::SignedInWithCode);
    assert!(sign_in(&kit, &phone, "").await.is_ok(), "it is known again");
    let answer = hello::hello(&kit.app, &caller, sync::HelloRequest::default()).await.expect("hello");
    assert_eq!(answer.notices, 1);
    let seen = pb::AcknowledgeNoticesRequest { up_to: u64::MAX };
    assert_eq!(notices::acknowledge(&kit.app, &caller, &seen).await.expect("seen").unacknowledged, 0);
    assert_eq!(sessions::me(&kit.app, &caller).await.expect("me").notices, 0);
    let all = pb::ListNoticesRequest { all: true, ..Default::default() };
    assert_eq!(notices::list(&kit.app, &caller, &all).await.expect("all").notices.len(), 1, "kept");
}

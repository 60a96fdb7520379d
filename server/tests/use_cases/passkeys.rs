//! Passkeys: the first browser by invite, sign-in, further ones, and whatever is wrong with an answer.

use osteon_proto::meta::Role;
use osteon_server::{
    access::Caller,
    app::{
        browser::{self, Opened},
        enrol, passkeys,
    },
    error::{Error, Reason},
    store::audit::clinic_chain,
};
use serde_json::Value;

use crate::{authenticator::Authenticator, fixture::*};

const ORIGIN: &str = "https://localhost:8443";

fn site() -> passkeys::Site {
    passkeys::Site::new("localhost", &[ORIGIN.to_owned(), "http://localhost:8080".to_owned()]).expect("a site")
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("the form of the API")
}

fn options<T: serde::Serialize>(asked: &passkeys::Asked<T>) -> Value {
    serde_json::to_value(&asked.options).expect("JSON")
}

async fn code(kit: &Kit, circle: &Circle) -> String {
    enrol::invite(&kit.app, circle.no, "d0001", circle.people[0], Role::Nurse as u8).await.expect("invite").typed
}

async fn enrol(kit: &Kit, code: &str, key: &mut Authenticator) -> Result<Opened, Error> {
    let asked = passkeys::begin_enrolment(&kit.app, &site(), code, "d0001").await?;
    let answer = key.create(&options(&asked));
    let opened = passkeys::finish_registration(&kit.app, &site(), None, &asked.handle, &parsed(&answer)).await?;
    Ok(opened.expect("an invite signs in"))
}

async fn sign_in(kit: &Kit, key: &mut Authenticator) -> Result<Opened, Error> {
    let asked = passkeys::begin_sign_in(&kit.app, &site()).await?;
    let answer = key.get(&options(&asked));
    passkeys::finish_sign_in(&kit.app, &site(), &asked.handle, &parsed(&answer)).await
}

async fn enrolled(kit: &Kit) -> (Circle, Authenticator, Caller) {
    let circle = kit.circle("d0001", &[Role::Nurse, Role::Patient]).await;
    let mut key = Authenticator::new(1, ORIGIN);
    let opened = enrol(kit, &code(kit, &circle).await, &mut key).await.expect("enrolled");
    (circle, key, opened.caller)
}

pub(crate) async fn an_invite_makes_a_passkey_that_signs_in(kit: Kit) {
    let (circle, mut key, first) = enrolled(&kit).await;
    assert_eq!(first.account, circle.people[0]);
    let opened = sign_in(&kit, &mut key).await.expect("signed in");
    assert_eq!((opened.caller.account, opened.caller.device), (first.account, first.device));
    assert_ne!(opened.caller.family, first.family);
    let caller = browser::authenticate(&kit.app, &opened.token, true).await.expect("a session");
    assert_eq!(caller, opened.caller);
    // The other origin of this place.
    key.origin = "http://localhost:8080".to_owned();
    sign_in(&kit, &mut key).await.expect("signed in");
    let devices = kit.app.store.devices_of(first.account).await.expect("devices");
    assert_eq!(devices.iter().map(|device| device.device).collect::<Vec<_>>(), [first.device], "listed like a device");
    kit.app.store.revoke_device(first.device).await.expect("revoked");
    assert_eq!(browser::authenticate(&kit.app, &opened.token, true).await, Err(Reason::SessionRevoked));
    assert_eq!(reason(sign_in(&kit, &mut key).await), Reason::DeviceRevoked);
}

pub(crate) async fn a_code_makes_one_browser(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Nurse]).await;
    let code = code(&kit, &circle).await;
    let (mut first, mut second) = (Authenticator::new(1, ORIGIN), Authenticator::new(2, ORIGIN));
    let asked = passkeys::begin_enrolment(&kit.app, &site(), &code, "D0001").await.expect("asked");
    let late = second.create(&options(&asked));
    enrol(&kit, &code, &mut first).await.expect("enrolled");
    let answer = passkeys::finish_registration(&kit.app, &site(), None, &asked.handle, &parsed(&late)).await;
    assert_eq!(reason(answer), Reason::InviteInvalid, "used up meanwhile");
    assert_eq!(reason(enrol(&kit, &code, &mut second).await), Reason::InviteInvalid);
    assert_eq!(reason(kit.enrol(&code, "d0001").await.0), Reason::InviteInvalid, "nor does it enrol a phone");
    // A browser's tries count as a phone's.
    let code = self::code(&kit, &circle).await;
    for _ in 0..5 {
        assert_eq!(reason(enrol(&kit, "00000000", &mut second).await), Reason::InviteInvalid);
    }
    assert_eq!(reason(enrol(&kit, &code, &mut second).await), Reason::InviteInvalid, "out of tries");
}

pub(crate) async fn a_member_adds_another_passkey(kit: Kit) {
    let (circle, first, caller) = enrolled(&kit).await;
    drop(first);
    let other = kit.person(circle.people[1]);
    let mut second = Authenticator::new(2, ORIGIN);
    let asked = passkeys::begin_another(&kit.app, &site(), &caller).await.expect("asked");
    let excluded = &options(&asked)["publicKey"]["excludeCredentials"];
    assert_eq!(excluded.as_array().map(Vec::len), Some(1), "not on the same authenticator again");
    let answer = second.create(&options(&asked));
    let finish = |who: Caller, handle: String| {
        let (app, answer) = (kit.app.clone(), parsed(&answer));
        async move { passkeys::finish_registration(&app, &site(), Some(&who), &handle, &answer).await }
    };
    // Somebody else's answer to it is none, and uses it up.
    assert_eq!(reason(finish(other, asked.handle.clone()).await.map(|_| ())), Reason::ChallengeInvalid);
    assert_eq!(reason(finish(caller, asked.handle).await.map(|_| ())), Reason::ChallengeInvalid);
    let asked = passkeys::begin_another(&kit.app, &site(), &caller).await.expect("asked");
    let answer = second.create(&options(&asked));
    let done = passkeys::finish_registration(&kit.app, &site(), Some(&caller), &asked.handle, &parsed(&answer)).await;
    assert!(done.expect("added").is_none(), "the session stays the one that it is");
    let opened = sign_in(&kit, &mut second).await.expect("signed in");
    assert_eq!(opened.caller.account, caller.account);
    assert_ne!(opened.caller.device, caller.device, "revocable by itself");
    // The same credential for somebody else.
    let asked = passkeys::begin_another(&kit.app, &site(), &other).await.expect("asked");
    let answer = second.create(&options(&asked));
    let taken = passkeys::finish_registration(&kit.app, &site(), Some(&other), &asked.handle, &parsed(&answer)).await;
    assert_eq!(reason(taken.map(|_| ())), Reason::PasskeyInvalid);
}

/// The last word of the audit about passkeys.
async fn audited(kit: &Kit) -> String {
    let rows = kit.app.store.audit_after(clinic_chain(kit.clinic), 0, 1_000).await.expect("audit");
    rows.iter().rev().find(|row| row.action == "passkey.refused").map(|row| row.outcome.clone()).unwrap_or_default()
}

pub(crate) async fn wrong_answers_are_refused(kit: Kit) {
    let (circle, mut key, _) = enrolled(&kit).await;
    type Lie = fn(&mut Authenticator);
    let lies: [(Lie, Lie, &str); 5] = [
        (|key| key.origin = "https://evil.example".into(), |key| key.origin = ORIGIN.into(), "wrong origin"),
        (|key| key.origin = "https://localhost:9443".into(), |key| key.origin = ORIGIN.into(), "wrong origin"),
        (|key| key.domain = "evil.example".into(), |key| key.domain = "localhost".into(), "wrong domain"),
        (|key| key.verified = false, |key| key.verified = true, "person not verified"),
        (|key| key.counter -= 1, |key| key.counter += 1, "counter went back"),
    ];
    for (lie, truth, word) in lies {
        lie(&mut key);
        assert_eq!(reason(sign_in(&kit, &mut key).await), Reason::PasskeyInvalid, "{word}");
        assert_eq!(audited(&kit).await, word);
        truth(&mut key);
        sign_in(&kit, &mut key).await.expect("the truth is believed");
    }
    let mut stranger = Authenticator::new(9, ORIGIN);
    assert_eq!(reason(sign_in(&kit, &mut stranger).await), Reason::PasskeyInvalid, "without a user handle");
    // A registration from another origin, and one without the person, leave the invite as it was.
    let code = code(&kit, &circle).await;
    let mut phished = Authenticator::new(3, "https://osteon.evil.example");
    assert_eq!(reason(enrol(&kit, &code, &mut phished).await), Reason::PasskeyInvalid);
    phished.origin = ORIGIN.to_owned();
    phished.verified = false;
    assert_eq!(reason(enrol(&kit, &code, &mut phished).await), Reason::PasskeyInvalid);
    phished.verified = true;
    enrol(&kit, &code, &mut phished).await.expect("enrolled");
}

pub(crate) async fn a_challenge_is_answered_once_and_in_time(kit: Kit) {
    let (_, mut key, _) = enrolled(&kit).await;
    let asked = passkeys::begin_sign_in(&kit.app, &site()).await.expect("asked");
    let answer = key.get(&options(&asked));
    let finish = |handle: String, answer: Value| {
        let app = kit.app.clone();
        async move { passkeys::finish_sign_in(&app, &site(), &handle, &parsed(&answer)).await.map(|_| ()) }
    };
    let other = passkeys::begin_sign_in(&kit.app, &site()).await.expect("asked");
    assert_eq!(reason(finish(other.handle, answer.clone()).await), Reason::PasskeyInvalid, "of another challenge");
    assert_eq!(audited(&kit).await, "wrong challenge");
    finish(asked.handle.clone(), answer.clone()).await.expect("signed in");
    assert_eq!(reason(finish(asked.handle, answer).await), Reason::ChallengeInvalid, "replayed");
    let late = passkeys::begin_sign_in(&kit.app, &site()).await.expect("asked");
    let answer = key.get(&options(&late));
    kit.clock.advance(120_000);
    assert_eq!(reason(finish(late.handle.clone(), answer.clone()).await), Reason::ChallengeExpired, "late");
    assert_eq!(reason(finish(late.handle, answer.clone()).await), Reason::ChallengeInvalid, "and gone");
    assert_eq!(reason(finish("nonsense".into(), answer).await), Reason::ChallengeInvalid);
    // What was asked for one thing is no answer to another.
    let asked = passkeys::begin_sign_in(&kit.app, &site()).await.expect("asked");
    let registration = Authenticator::new(4, ORIGIN).create(&serde_json::json!({"publicKey": {
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "user": {"id": "AAAA"}, "challenge": options(&asked)["publicKey"]["challenge"],
    }}));
    let crossed = passkeys::finish_registration(&kit.app, &site(), None, &asked.handle, &parsed(&registration)).await;
    assert_eq!(reason(crossed.map(|_| ())), Reason::ChallengeInvalid);
}

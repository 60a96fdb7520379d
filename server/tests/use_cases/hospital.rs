//! Sign-in at the hospital, with a provider that tells the truth and with one that lies.

use std::sync::{Arc, atomic::Ordering};

use osteon_proto::meta::Role;
use osteon_server::{
    app::{
        browser::{self, Opened},
        enrol, hospital,
    },
    error::{Error, Reason},
    oidc::{Provider, Registration},
    store::audit::clinic_chain,
};
use serde_json::{Value, json};

use crate::{
    fixture::*,
    provider::{CLIENT, ISSUER, Liar, REDIRECT, SECRET, Sign, Token},
};

struct Hospital {
    liar: Arc<Liar>,
    provider: Provider,
}

impl Hospital {
    fn new() -> Self {
        let liar = Arc::new(Liar::new(NOW));
        let registration = Registration {
            issuer: ISSUER.into(),
            client_id: CLIENT.into(),
            client_secret: Some(oauth2::ClientSecret::new(SECRET.into())),
            redirect: REDIRECT.into(),
        };
        Self { provider: Provider::new(registration, Arc::clone(&liar) as _), liar }
    }

    async fn sign_in(&self, kit: &Kit, invite: Option<(&str, &str)>) -> Result<Opened, Error> {
        let leave = hospital::leave(&kit.app, &self.provider, invite).await?;
        let (state, code) = self.liar.sign_in(&leave.url);
        let back = hospital::Back { state: &state, code: &code, iss: None, kept: Some(&leave.keep) };
        hospital::back(&kit.app, &self.provider, &back).await
    }

    /// Somebody who is linked already.
    async fn linked(kit: &Kit) -> (Self, Opened) {
        let (circle, hospital) = (kit.circle("d0001", &[Role::Physician]).await, Self::new());
        let code = code(kit, &circle).await;
        let opened = hospital.sign_in(kit, Some((&code, "d0001"))).await.expect("linked");
        assert_eq!(opened.caller.account, circle.people[0]);
        (hospital, opened)
    }

    fn pass(&self, kit: &Kit, ms: u64) {
        *self.liar.now_s.lock().expect("no panic") = kit.clock.advance(ms) / 1_000;
    }
}

async fn code(kit: &Kit, circle: &Circle) -> String {
    enrol::invite(&kit.app, circle.no, "d0001", circle.people[0], Role::Physician as u8).await.expect("invite").typed
}

async fn audited(kit: &Kit) -> String {
    let rows = kit.app.store.audit_after(clinic_chain(0), 0, 1_000).await.expect("audit");
    rows.iter().rev().find(|row| row.action == "hospital.refused").map(|row| row.outcome.clone()).unwrap_or_default()
}

pub(crate) async fn an_invite_links_a_hospital_account(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Physician, Role::Nurse]).await;
    let hospital = Hospital::new();
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::NotLinked);
    assert_eq!(reason(hospital.sign_in(&kit, Some(("00000000", "d0001"))).await), Reason::InviteInvalid);
    let code = code(&kit, &circle).await;
    let first = hospital.sign_in(&kit, Some((&code, "d0001"))).await.expect("linked");
    assert_eq!(first.caller.account, circle.people[0]);
    assert_eq!(browser::authenticate(&kit.app, &first.token, true).await, Ok(first.caller));
    let again = hospital.sign_in(&kit, None).await.expect("signed in");
    assert_eq!((again.caller.account, again.caller.device), (first.caller.account, first.caller.device));
    // Somebody else of the same hospital.
    *hospital.liar.subject.lock().expect("no panic") = "bert".into();
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::NotLinked);
    assert_eq!(reason(hospital.sign_in(&kit, Some((&code, "d0001"))).await), Reason::InviteInvalid, "used");
    *hospital.liar.subject.lock().expect("no panic") = "anna".into();
    kit.app.store.revoke_device(first.caller.device).await.expect("revoked");
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::DeviceRevoked);
}

pub(crate) async fn who_comes_back_is_who_went(kit: Kit) {
    let (hospital, _) = Hospital::linked(&kit).await;
    let leave = async || {
        let leave = hospital::leave(&kit.app, &hospital.provider, None).await.expect("sent away");
        let (state, code) = hospital.liar.sign_in(&leave.url);
        (leave.keep, state, code)
    };
    let back = async |kept: Option<&str>, state: &str, code: &str, iss: Option<&str>| {
        let back = hospital::Back { state, code, iss, kept };
        hospital::back(&kit.app, &hospital.provider, &back).await.map(|_| ())
    };
    let (keep, state, code) = leave().await;
    back(Some(&keep), &state, &code, Some(ISSUER)).await.expect("signed in");
    assert_eq!(reason(back(Some(&keep), &state, &code, None).await), Reason::ChallengeInvalid, "twice");
    // A link with somebody else's state signs nobody in.
    for kept in [None, Some("another browser")] {
        let (_, state, code) = leave().await;
        assert_eq!(reason(back(kept, &state, &code, None).await), Reason::ChallengeInvalid);
    }
    let (keep, _, code) = leave().await;
    assert_eq!(reason(back(Some(&keep), "made up", &code, None).await), Reason::ChallengeInvalid);
    let (keep, state, code) = leave().await;
    assert_eq!(reason(back(Some(&keep), &state, &code, Some("https://evil.example")).await), Reason::IdTokenInvalid);
    assert_eq!(audited(&kit).await, "wrong issuer");
    // A code of another trip was made for another verifier.
    let ((keep, state, _), (_, _, other)) = (leave().await, leave().await);
    assert_eq!(reason(back(Some(&keep), &state, &other, None).await), Reason::IdTokenInvalid);
    assert_eq!(audited(&kit).await, "code refused");
    let (keep, state, code) = leave().await;
    hospital.pass(&kit, 600_000);
    assert_eq!(reason(back(Some(&keep), &state, &code, None).await), Reason::ChallengeExpired, "too late");
}

pub(crate) async fn a_lying_token_signs_nobody_in(kit: Kit) {
    let (hospital, _) = Hospital::linked(&kit).await;
    type Lie = fn(&mut Token);
    let lies: [(&str, Lie); 28] = [
        ("wrong issuer", |t| t.claims["iss"] = json!("https://evil.example")),
        ("wrong issuer", |t| t.claims["iss"] = json!(format!("{ISSUER}/"))),
        ("wrong issuer", |t| drop(t.claims.as_object_mut().and_then(|claims| claims.remove("iss")))),
        ("wrong audience", |t| t.claims["aud"] = json!("another client")),
        ("wrong audience", |t| t.claims["aud"] = json!([CLIENT, "another client"])),
        ("wrong audience", |t| t.claims["aud"] = json!([])),
        ("wrong audience", |t| t.claims["azp"] = json!("another client")),
        ("wrong nonce", |t| t.claims["nonce"] = json!("of another trip")),
        ("wrong nonce", |t| t.claims["nonce"] = Value::Null),
        ("expired", |t| t.claims["exp"] = json!(NOW / 1_000 - 61)),
        ("expired", |t| t.claims["exp"] = json!(0)),
        ("expired", |t| t.claims["exp"] = json!(-1.5)),
        ("not yet valid", |t| t.claims["nbf"] = json!(NOW / 1_000 + 120)),
        ("not yet valid", |t| t.claims["iat"] = json!(NOW / 1_000 + 3_600)),
        ("no subject", |t| t.claims["sub"] = json!("")),
        ("no subject", |t| t.claims["sub"] = json!("x".repeat(256))),
        ("wrong algorithm", |t| (t.header["alg"], t.sign) = (json!("none"), Sign::Not)),
        ("wrong algorithm", |t| (t.header["alg"], t.sign) = (json!("nOnE"), Sign::Not)),
        ("wrong algorithm", |t| (t.header["alg"], t.sign) = (json!("HS256"), Sign::Hmac)),
        ("wrong algorithm", |t| t.header["alg"] = json!("ES999")),
        ("unknown key", |t| (t.header["kid"], t.sign) = (json!("three"), Sign::With("three"))),
        ("unknown key", |t| t.header["alg"] = json!("RS256")),
        // Two keys are published: without a name it is not told which.
        ("unknown key", |t| drop(t.header.as_object_mut().and_then(|header| header.remove("kid")))),
        ("wrong signature", |t| t.sign = Sign::With("two")),
        ("wrong signature", |t| t.sign = Sign::Not),
        ("malformed", |t| t.raw = "a.b".into()),
        ("malformed", |t| t.claims["exp"] = Value::Null),
        ("malformed", |t| t.claims["aud"] = json!(7)),
    ];
    for (at, (word, lie)) in lies.into_iter().enumerate() {
        hospital.liar.lie(lie);
        assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::IdTokenInvalid, "lie {at}: {word}");
        assert_eq!(audited(&kit).await, word, "lie {at}");
    }
    hospital.liar.truth();
    hospital.sign_in(&kit, None).await.expect("the truth is believed");
    hospital.liar.lie(|t| (t.claims["aud"], t.claims["azp"]) = (json!([CLIENT, "another client"]), json!(CLIENT)));
    hospital.sign_in(&kit, None).await.expect("for several, and given to us");
    hospital.liar.lie(|t| t.claims["exp"] = json!(NOW as f64 / 1_000.0 - 30.5));
    hospital.sign_in(&kit, None).await.expect("within the skew");
}

pub(crate) async fn keys_come_and_go(kit: Kit) {
    let (hospital, _) = Hospital::linked(&kit).await;
    let reads = || hospital.liar.key_reads.load(Ordering::Relaxed);
    assert_eq!(reads(), 1);
    hospital.sign_in(&kit, None).await.expect("signed in");
    assert_eq!(reads(), 1, "believed for a while");
    // A new key. Tokens that name unknown ones do not make us ask for ever.
    *hospital.liar.published.lock().expect("no panic") = vec!["one", "two", "three"];
    hospital.liar.lie(|t| (t.header["kid"], t.sign) = (json!("three"), Sign::With("three")));
    for _ in 0..3 {
        assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::IdTokenInvalid);
    }
    assert_eq!(reads(), 1, "read a moment ago");
    hospital.pass(&kit, 10_000);
    hospital.sign_in(&kit, None).await.expect("the new key was read");
    assert_eq!(reads(), 2);
    // The old one is withdrawn: it ends with what was read last.
    *hospital.liar.published.lock().expect("no panic") = vec!["three"];
    hospital.pass(&kit, 600_000);
    hospital.liar.truth();
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::IdTokenInvalid);
    assert_eq!(audited(&kit).await, "unknown key");
    // A key for something else signs nothing.
    hospital.pass(&kit, 600_000);
    *hospital.liar.bend_keys.lock().expect("no panic") = Some(Box::new(|keys| keys["keys"][1]["use"] = json!("enc")));
    hospital.liar.lie(|t| (t.header["kid"], t.sign) = (json!("three"), Sign::With("three")));
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::IdTokenInvalid);
    assert_eq!(audited(&kit).await, "unknown key");
}

pub(crate) async fn a_provider_that_fails_signs_nobody_in(kit: Kit) {
    let (hospital, _) = Hospital::linked(&kit).await;
    let discoveries: [fn(&mut Value); 5] = [
        |says| says["issuer"] = json!("https://evil.example"),
        |says| says["token_endpoint"] = json!("http://login.hospital.example/token"),
        |says| says["jwks_uri"] = json!("http://evil.example/jwks"),
        |says| says["authorization_endpoint"] = json!("not an address"),
        |says| *says = json!([]),
    ];
    for (at, bend) in discoveries.into_iter().enumerate() {
        hospital.pass(&kit, 600_000);
        *hospital.liar.bend_discovery.lock().expect("no panic") = Some(Box::new(bend));
        assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::ProviderFailed, "{at}");
    }
    hospital.liar.truth();
    let many = |keys: &mut Value| keys["keys"] = Value::Array(vec![json!({"kty": "quantum"}); 65]);
    *hospital.liar.bend_keys.lock().expect("no panic") = Some(Box::new(many));
    assert_eq!(reason(hospital.sign_in(&kit, None).await), Reason::ProviderFailed, "too many keys");
    hospital.liar.truth();
    *hospital.liar.down.lock().expect("no panic") = true;
    let refused = hospital.sign_in(&kit, None).await.map(|_| ()).expect_err("it is down");
    assert_eq!(refused.reason(), Reason::ProviderFailed);
    assert!(refused.retry_after().is_some());
    hospital.liar.truth();
    hospital.sign_in(&kit, None).await.expect("it is there again");
}

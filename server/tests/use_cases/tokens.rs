//! Refresh tokens: copies of devices, swapped and damaged tokens, networks that lose answers.

use osteon_proto::{
    identity::{self as pb, NoticeKind},
    meta::Role,
};
use osteon_server::{
    access::authenticate,
    app::{notices, sessions},
    audit::current,
    error::{Error, Reason},
    ids::random_u63,
    live::{Closed, Listener, Wake},
    store::audit::clinic_chain,
};

use crate::{enrolment::refresh, fixture::*};

async fn turn(kit: &Kit, phone: &Device, pair: &pb::TokenPair, id: &str) -> Result<pb::TokenPair, Error> {
    let answer = sessions::refresh(&kit.app, &refresh(phone, pair, id)).await?;
    Ok(answer.tokens.expect("tokens"))
}

/// Audit rows beside the circles, as (action, outcome).
async fn audited(kit: &Kit, action: &str) -> Vec<String> {
    let rows = kit.app.store.audit_after(clinic_chain(kit.clinic), 0, 1_000).await.expect("audit");
    rows.into_iter().filter(|row| row.action == action).map(|row| row.outcome).collect()
}

/// Somebody copied the phone with its key; the copy wakes up with a token from three refreshes ago, or from one.
pub(crate) async fn a_copy_of_a_device_is_told(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    for ago in [1, 2, 5] {
        let phone = kit.phone(&circle, 0, Role::Patient).await;
        let mut pairs = vec![phone.tokens.clone()];
        for n in 0..5 {
            kit.clock.advance(240_000);
            let next = turn(&kit, &phone, &pairs[n], &format!("{ago}-{n}")).await.expect("refreshed");
            pairs.push(next);
        }
        let now = authenticate(&kit.app, &pairs[5].access_token).await.expect("signed in");
        let who = Listener { family: now.family, account: now.account, clinic: now.clinic };
        let mut stream = kit.app.hub.subscribe(who, &[circle.no]).expect("a stream");
        let copied = &pairs[5 - ago];
        let stolen = Device { key: fresh_key(), ..kit.phone(&circle, 0, Role::Patient).await };
        assert_eq!(reason(turn(&kit, &stolen, copied, "copy").await), Reason::SignatureInvalid, "without the key");
        assert!(authenticate(&kit.app, &pairs[5].access_token).await.is_ok(), "and it ends nothing");

        assert_eq!(reason(turn(&kit, &phone, copied, "copy").await), Reason::SessionRevoked, "{ago} refreshes ago");
        assert_eq!(stream.changed().await, Wake::Closed(Closed::Revoked));
        assert_eq!(authenticate(&kit.app, &pairs[5].access_token).await, Err(Reason::SessionRevoked));
        for pair in &pairs {
            assert_eq!(reason(turn(&kit, &phone, pair, "late").await), Reason::SessionRevoked);
        }
        let told = notices::list(&kit.app, &now, &pb::ListNoticesRequest::default()).await.expect("notices").notices;
        let replays =
            told.iter().filter(|notice| notice.kind() == NoticeKind::TokenReplayed && notice.device == now.device);
        assert_eq!(replays.count(), 1, "told once");
    }
    assert_eq!(audited(&kit, "session.replay").await, ["SESSION_REVOKED"; 3]);
}

pub(crate) async fn swapped_and_truncated_tokens(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mine = kit.phone(&circle, 0, Role::Patient).await;
    let theirs = kit.phone(&circle, 1, Role::Nurse).await;
    let ask = async |request: pb::RefreshSessionRequest| reason(sessions::refresh(&kit.app, &request).await);
    let good = refresh(&mine, &mine.tokens, "r1");
    // Another device's key, another device's token, another nonce, another request.
    assert_eq!(ask(refresh(&theirs, &mine.tokens, "r1")).await, Reason::SignatureInvalid);
    assert_eq!(ask(refresh(&mine, &theirs.tokens, "r1")).await, Reason::SignatureInvalid);
    let nonce = pb::TokenPair { refresh_nonce: theirs.tokens.refresh_nonce.clone(), ..mine.tokens.clone() };
    assert_eq!(ask(refresh(&mine, &nonce, "r1")).await, Reason::SignatureInvalid);
    assert_eq!(
        ask(pb::RefreshSessionRequest { request_id: "r2".into(), ..good.clone() }).await,
        Reason::SignatureInvalid
    );
    for cut in [0, 1, 63] {
        let signature = good.signature.slice(..cut);
        assert_eq!(ask(pb::RefreshSessionRequest { signature, ..good.clone() }).await, Reason::SignatureInvalid);
    }
    // The refusal is counted in the name of the device that the token is of.
    let forged = refresh(&theirs, &mine.tokens, "r1");
    let (_, said) = current::serve(1, ask(forged)).await;
    assert_eq!(said.named().map(|named| named.device), Some(mine.caller.device));
    assert!(!said.audited(), "the gate counts it");
    // Cut anywhere, one letter changed, the other token of the pair, nothing, too much.
    let token = &mine.tokens.refresh_token;
    let mut damaged: Vec<String> = (0..token.len()).map(|len| token[..len].to_owned()).collect();
    for at in 0..token.len() {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        damaged.push(format!("{}{other}{}", &token[..at], &token[at + 1..]));
    }
    damaged.push(mine.tokens.access_token.clone());
    for refresh_token in damaged {
        let found = ask(pb::RefreshSessionRequest { refresh_token: refresh_token.clone(), ..good.clone() }).await;
        assert_eq!(found, Reason::TokenUnknown, "{refresh_token}");
    }
    let long = pb::RefreshSessionRequest { refresh_token: "x".repeat(257), ..good.clone() };
    assert_eq!(ask(long).await, Reason::LimitExceeded);
    // As access tokens.
    assert_eq!(authenticate(&kit.app, token).await, Err(Reason::TokenUnknown));
    let access = &mine.tokens.access_token;
    for len in 0..access.len() {
        assert_eq!(authenticate(&kit.app, &access[..len]).await, Err(Reason::TokenUnknown));
    }
    // Nothing of it ended anything.
    assert!(sessions::refresh(&kit.app, &good).await.is_ok());
    assert!(sessions::refresh(&kit.app, &refresh(&theirs, &theirs.tokens, "r1")).await.is_ok());

    // The same request after ten minutes gets nothing, and is no replay.
    kit.clock.advance(601_000);
    assert_eq!(ask(good.clone()).await, Reason::RefreshExpired);
    assert!(audited(&kit, "session.replay").await.is_empty());
}

/// Refreshes over a network that loses three of ten answers, and requests as well, with two programs on one phone that now
/// and then ask at the same moment. `OSTEON_REFRESHES` is how many; nobody is ever signed out.
pub(crate) async fn nobody_is_signed_out_by_lost_answers(kit: Kit) {
    const PHONES: u64 = 8;
    let refreshes = std::env::var("OSTEON_REFRESHES").ok().and_then(|n| n.parse().ok()).unwrap_or(400_u64);
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phones = Vec::new();
    for _ in 0..PHONES {
        phones.push(kit.phone(&circle, 0, Role::Patient).await);
    }
    let percent = || random_u63(&*kit.ids) % 100;
    let mut lost = 0_u64;
    for n in 0..refreshes {
        let at = usize::try_from(n % PHONES).expect("fits");
        // Each phone refreshes every four minutes.
        kit.clock.advance(240_000 / PHONES);
        let (phone, pair) = (&phones[at], phones[at].tokens.clone());
        // On disk before it is sent: whatever happens, the same id is asked with.
        let request = refresh(phone, &pair, &format!("refresh-{n}"));
        let next = loop {
            if percent() < 10 {
                kit.clock.advance(3_000);
                continue;
            }
            let answer = if percent() < 5 {
                let (one, two) =
                    tokio::join!(sessions::refresh(&kit.app, &request), sessions::refresh(&kit.app, &request));
                let one = one.unwrap_or_else(|error| panic!("signed out at refresh {n}: {error}"));
                assert_eq!(Ok(&one), two.as_ref().map_err(Error::reason), "both programs get the same pair");
                one
            } else {
                let answer = sessions::refresh(&kit.app, &request).await;
                answer.unwrap_or_else(|error| panic!("signed out at refresh {n}: {error}"))
            };
            if percent() < 30 {
                lost += 1;
                kit.clock.advance(1_000 + random_u63(&*kit.ids) % 20_000);
                continue;
            }
            break answer.tokens.expect("tokens");
        };
        assert_ne!(next.access_token, pair.access_token);
        let caller = authenticate(&kit.app, &next.access_token).await.expect("signed in");
        assert_eq!(caller.device, phone.caller.device);
        phones[at].tokens = next;
    }
    println!("{refreshes} refreshes, {lost} answers lost");
    assert!(lost * 5 > refreshes, "the network lost too little");
    assert!(audited(&kit, "session.replay").await.is_empty());
    let who = phones[0].caller;
    let told = notices::list(&kit.app, &who, &pb::ListNoticesRequest::default()).await.expect("notices").notices;
    assert!(told.iter().all(|notice| notice.kind() == NoticeKind::DeviceEnrolled));
}

//! Invites under pressure: a crowd with the right code, a crowd of guesses.

use futures_util::future::join_all;
use osteon_proto::meta::Role;
use osteon_server::{app::enrol, error::Reason};

use crate::fixture::*;

async fn invite(kit: &Kit, circle: &Circle) -> enrol::Invite {
    enrol::invite(&kit.app, circle.no, "d0001", circle.people[0], Role::Patient as u8).await.expect("invite")
}

/// `OSTEON_CASES` makes it another number, as far as the queue of the writer is long.
pub(crate) async fn a_thousand_redeem_one_wins(kit: Kit) {
    let crowd = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_usize).min(3_000);
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let code = invite(&kit, &circle).await;
    let tries = (0..crowd).map(|n| {
        let form = if n % 2 == 0 { (code.typed.as_str(), "d0001") } else { (code.qr.as_str(), "") };
        kit.enrol(form.0, form.1)
    });
    let answers = join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().map(|(answer, _)| answer).partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, crowd - 1));
    assert!(lost.into_iter().all(|answer| reason(answer) == Reason::InviteInvalid));
    assert_eq!(kit.app.store.devices_of(circle.people[0]).await.expect("devices").len(), 1);
}

/// Fifty at once, each from somewhere else; the right code is among the last ones. Nobody gets a sixth try by being quick.
pub(crate) async fn fifty_addresses_guess_at_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let code = invite(&kit, &circle).await;
    let guesses: Vec<String> =
        (0..50).map(|n| if n == 48 { code.typed.clone() } else { format!("0000{n:04}") }).collect();
    let answers = join_all(guesses.iter().map(|guess| kit.enrol(guess, "d0001"))).await;
    for (answer, _) in answers {
        assert_eq!(reason(answer), Reason::InviteInvalid);
    }
    assert!(kit.app.store.devices_of(circle.people[0]).await.expect("devices").is_empty());
    assert_eq!(reason(kit.enrol(&code.typed, "d0001").await.0), Reason::InviteInvalid, "it is spent");
    assert!(kit.enrol(&code.qr, "").await.0.is_ok(), "nobody guessed at what is scanned");
    // A new one is not: the tries were the old one's.
    let fresh = invite(&kit, &circle).await;
    assert!(kit.enrol(&fresh.typed, "d0001").await.0.is_ok());
}

//! Every own change has one outcome, on disk in the commit that applied its verdict, until somebody was told; and a status
//! that says how the phone stands.

use std::{path::Path, sync::Arc};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use crate::stand_in::{Say, StandIn};
use osteon_client::{
    Phone,
    clock::SetClock,
    events::silent,
    ids::SeededIds,
    outcomes::{MAX_KEPT, Outcome},
    records::{NewRecord, Saved},
    status::Reach,
};
use osteon_proto::{care, meta};

async fn again(folder: &Path) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(9))).await.unwrap()
}

async fn pain(phone: &Phone, worst: u32) -> Saved {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap()
}

#[tokio::test]
async fn of_an_erased_circle_no_draft_is_kept() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    for (reason, drafts) in [("OUT_OF_RANGE", 1), ("ERASED", 0)] {
        server.say(Say::Refuse(reason));
        pain(&phone, 4).await;
        let _ = phone.sync(silent()).await;
        let status = phone.status().await.unwrap();
        assert_eq!((status.drafts.len(), status.to_send), (drafts, 0), "{reason}");
    }
    let told = phone.outcomes().await.unwrap();
    assert_eq!(told.len(), 2, "what became of each is told all the same");
}

#[tokio::test]
async fn a_draft_is_thrown_away_by_whoever_wrote_it() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    server.say(Say::Refuse("OUT_OF_RANGE"));
    pain(&phone, 4).await;
    let _ = phone.sync(silent()).await;
    let drafts = async || {
        let state = phone.read().await.unwrap();
        let view = state.enrolled().unwrap().view(CIRCLE, NOW).unwrap();
        view.drafts().map(|draft| draft.change.dot).collect::<Vec<_>>()
    };
    let [draft] = drafts().await[..] else { panic!("one was refused") };
    phone.drop_draft(CIRCLE, draft).await.unwrap();
    assert!(drafts().await.is_empty());
    assert!(matches!(phone.drop_draft(CIRCLE, draft).await, Err(osteon_client::Error::NoRecord)));
    // For good, and nothing stands in the way of holding less any more.
    drop(phone);
    let phone = again(dir.path()).await;
    assert_eq!(phone.status().await.unwrap().drafts.len(), 0);
    let depth = Some(osteon_sync_core::device::Depth::List);
    assert_eq!(phone.set_depth(CIRCLE, depth).await.unwrap(), osteon_sync_core::device::Depth::List);
}

#[tokio::test]
async fn an_outcome_is_kept_over_a_restart_until_somebody_was_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    let said = [Say::Accept, Say::Refuse("FIELD_NOT_WRITABLE"), Say::Quarantine];
    let mut saved = Vec::new();
    for (say, worst) in said.into_iter().zip(1..) {
        server.say(say);
        saved.push(pain(&phone, worst).await.dot);
        phone.sync(silent()).await.unwrap();
    }
    drop(phone);
    let phone = again(dir.path()).await;
    let kept = phone.outcomes().await.unwrap();
    assert_eq!(kept.iter().map(|one| one.dot).collect::<Vec<_>>(), saved);
    assert_eq!(kept[0].outcome, Outcome::Accepted { sequence: 1 });
    assert!(matches!(&kept[1].outcome, Outcome::Refused { reason, .. } if reason == "FIELD_NOT_WRITABLE"));
    assert!(matches!(&kept[2].outcome, Outcome::Quarantined { reason } if reason == "LOST_RIGHT"));
    let status = phone.status().await.unwrap();
    assert_eq!((status.outcomes, status.outcomes_to_look_at, status.drafts.len(), status.held), (3, 2, 1, 1));
    // Told, and never again; the next one has another number.
    let mut told = Vec::new();
    phone.on_settled(|one| told.push(one.n)).await.unwrap();
    assert_eq!(told, vec![1, 2, 3]);
    assert!(again(dir.path()).await.outcomes().await.unwrap().is_empty());
    // Somebody decides about the one that waits: its second outcome.
    server.books.lock().unwrap().decides = Some(Err("not yours"));
    phone.sync(silent()).await.unwrap();
    let last = phone.outcomes().await.unwrap();
    assert_eq!((last.len(), last[0].n, last[0].dot), (1, 4, saved[2]));
    assert!(matches!(&last[0].outcome, Outcome::Refused { words, .. } if words == "not yours"));
}

#[tokio::test]
async fn later_is_no_outcome_and_shows_in_the_status() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    server.say(Say::Later);
    pain(&phone, 4).await;
    let _ = phone.sync(silent()).await;
    let status = phone.status().await.unwrap();
    assert!(phone.outcomes().await.unwrap().is_empty());
    assert_eq!((status.to_send, status.later, status.later_until_ms), (1, 1, Some(NOW + 60_000)));
}

#[tokio::test]
async fn a_status_says_what_is_here_and_whether_the_server_answers_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    assert_eq!(phone.status().await.unwrap().server.reach, Reach::Unknown);
    // Nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    server.serve_at(&phone, &format!("https://localhost:{}", gone.port())).await;
    pain(&phone, 4).await;
    phone.sync(silent()).await.unwrap_err();
    let status = again(dir.path()).await.status().await.unwrap();
    assert_eq!(status.server.reach, Reach::Failing { since_ms: NOW });
    assert!(status.server.last_error.is_some() && status.oldest_ms == Some(NOW) && !status.circles[0].up_to_date);
    server.serve(&phone).await;
    phone.sync(silent()).await.unwrap();
    let status = again(dir.path()).await.status().await.unwrap();
    assert_eq!((status.server.reach, status.server.last_error), (Reach::Reached, None));
    assert_eq!((status.to_send, status.server.last_sent_ms), (0, NOW));
    let here = &status.circles[0];
    assert!(here.up_to_date && here.up_to_date_ms == NOW);
    let whole: Vec<_> = here.classes.iter().map(|c| (c.number, c.whole_since_ms)).collect();
    assert_eq!(whole, vec![(1, Some(NOW)), (2, Some(NOW)), (3, Some(NOW))]);
}

#[tokio::test]
async fn an_app_that_never_asks_loses_acceptances_first() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    server.say(Say::Refuse("FIELD_NOT_WRITABLE"));
    pain(&phone, 0).await;
    phone.sync(silent()).await.unwrap();
    server.say(Say::Accept);
    for worst in 0..u32::try_from(MAX_KEPT).unwrap() {
        pain(&phone, worst % 11).await;
    }
    phone.sync(silent()).await.unwrap();
    let kept = phone.outcomes().await.unwrap();
    assert_eq!(kept.len(), MAX_KEPT);
    assert!(kept[0].outcome.needs_a_look() && kept[0].n == 1);
    assert_eq!(phone.status().await.unwrap().outcomes_dropped, 1);
}

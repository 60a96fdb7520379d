//! On a line that was made bad everything arrives, once, and nothing of it is in the way of what is saved.

use std::{sync::Arc, time::Duration};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use crate::stand_in::StandIn;
use osteon_client::{Phone, clock::SetClock, events::silent, ids::SeededIds, line::Line, records::NewRecord};
use osteon_proto::{care, meta};
use tokio::time::Instant;

/// Far less than one round trip of 2G, far more than a save.
const AT_ONCE: Duration = Duration::from_millis(400);

/// Returns how long it took.
async fn save(phone: &Phone, n: u32) -> Duration {
    let began = Instant::now();
    let entry = care::PainEntry { worst_24h: Some(n % 11), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap();
    began.elapsed()
}

#[tokio::test]
async fn on_a_bad_line_saving_waits_for_nothing_and_everything_arrives_once() {
    for (line, at_least) in [
        (Line::Good, Duration::ZERO),
        (Line::Lossy { percent: 3, round_trip_ms: 0 }, Duration::ZERO),
        (Line::Lossy { percent: 30, round_trip_ms: 0 }, Duration::from_millis(200)),
        // TCP, TLS, Hello, and a push at the least.
        (Line::Lossy { percent: 3, round_trip_ms: 800 }, Duration::from_millis(2_400)),
        (Line::Slow2g, Duration::from_secs(2)),
    ] {
        let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
        let phone = Arc::new(phone_in(dir.path(), meta::Role::Patient).await);
        server.serve(&phone).await;
        phone.set_line(line).await.unwrap();
        for n in 0..20 {
            save(&phone, n).await;
        }
        let (began, syncs) = (Instant::now(), Arc::clone(&phone));
        let sync = tokio::spawn(async move { syncs.sync(silent()).await });
        let mut longest = Duration::ZERO;
        for n in 20..40 {
            longest = longest.max(save(&phone, n).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(longest < AT_ONCE, "{line:?}: a save took {longest:?}");
        sync.await.unwrap().unwrap();
        assert!(began.elapsed() > at_least, "{line:?}: {:?}", began.elapsed());
        phone.sync(silent()).await.unwrap();
        assert_eq!(phone.status().await.unwrap().to_send, 0, "{line:?}");
        let books = server.books.lock().unwrap();
        assert_eq!((books.accepted_changes(), books.forged, books.skips), (40, 0, 0), "{line:?}");
    }
}

#[tokio::test]
async fn a_line_stays_as_it_was_made_and_a_live_phone_takes_the_other_one() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    phone.set_line(Line::Slow2g).await.unwrap();
    phone.close().await;
    let phone = Phone::open(dir.path(), Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(2))).await.unwrap();
    assert_eq!(phone.status().await.unwrap().server.line, Line::Slow2g, "kept with the rest");
    let phone = Arc::new(phone);
    let lives = Arc::clone(&phone);
    let live = tokio::spawn(async move { lives.live(silent()).await });
    // In the middle of its first round trips.
    tokio::time::sleep(Duration::from_millis(700)).await;
    phone.set_line(Line::Good).await.unwrap();
    save(&phone, 5).await;
    let arrived = async {
        while server.books.lock().unwrap().accepted_changes() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived).await.expect("over the good line");
    assert!(!live.is_finished());
    live.abort();
}

//! Bad days: a wrong clock, a network that answers by itself, a server that has too much to do, a proxy that cuts streams.
//! Each ends with nothing lost and a sentence that a person understands (docs/phone.md has them all).

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in, enrolled_by};
use crate::stand_in::{Say, StandIn};
use osteon_client::{Phone, clock::SetClock, events::silent, records::NewRecord, records::Saved};
use osteon_proto::{care, meta};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const HOUR: u64 = 3_600_000;
const YEAR_2100: u64 = 4_102_444_800_000;

async fn pain(phone: &Phone, worst: u32) -> Saved {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap()
}

async fn written_ms(phone: &Phone, saved: Saved) -> u64 {
    let state = phone.read().await.unwrap();
    let circle = state.enrolled().unwrap().device.circle(CIRCLE).unwrap();
    circle.own().iter().find(|own| own.dot() == saved.dot).unwrap().change.clock.ms
}

#[tokio::test]
async fn a_clock_of_1970_or_2100_is_said_and_corrected() {
    for wrong in [1_000, YEAR_2100] {
        let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
        let clock = Arc::new(SetClock::at(wrong));
        let phone = enrolled_by(dir.path(), meta::Role::Patient, Arc::clone(&clock)).await;
        server.serve(&phone).await;
        pain(&phone, 1).await;
        phone.sync(silent()).await.unwrap();
        let off = phone.status().await.unwrap().clock_off_ms.expect("said");
        assert_eq!(off, i64::try_from(NOW).unwrap() - i64::try_from(wrong).unwrap());
        let second = pain(&phone, 2).await;
        assert!(written_ms(&phone, second).await.abs_diff(NOW) < HOUR, "from {wrong}");
        // The token holds by the server's clock: nobody is asked for another one.
        let expires = |state: &mut osteon_client::state::State| {
            state.enrolled_mut()?.session.access_expires_ms = NOW + HOUR;
            Ok(())
        };
        phone.change(expires).await.unwrap();
        phone.sync(silent()).await.unwrap();
        // The owner puts the clock right: nothing waits for the year 2100.
        clock.set(NOW + 1_000);
        server.books.lock().unwrap().server_ms = NOW + 1_000;
        pain(&phone, 3).await;
        phone.sync(silent()).await.unwrap();
        assert_eq!(phone.status().await.unwrap().clock_off_ms, None);
        let books = server.books.lock().unwrap();
        assert_eq!((books.accepted().len(), books.forged, books.skips), (3, 0, 0));
    }
}

#[tokio::test]
async fn what_comes_does_not_wait_for_what_goes() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    server.books.lock().unwrap().push_takes = Duration::from_secs(120);
    pain(&phone, 4).await;
    let done = phone.catch_up(Duration::from_secs(4), silent()).await.unwrap();
    assert_eq!(done, osteon_client::catch_up::CaughtUp::Partly, "the entry is still on its way");
    assert!(server.books.lock().unwrap().pulls >= 1, "and what others wrote was read meanwhile");
    // With a server that answers it is read once more after the verdict.
    server.books.lock().unwrap().push_takes = Duration::from_millis(300);
    server.books.lock().unwrap().pulls = 0;
    phone.sync(silent()).await.unwrap();
    assert_eq!(phone.status().await.unwrap().to_send, 0);
    assert!(server.books.lock().unwrap().pulls >= 1);
}

#[tokio::test]
async fn a_phone_that_is_told_of_a_network_waits_no_more() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = Arc::new(phone_in(dir.path(), meta::Role::Patient).await);
    server.serve(&phone).await;
    server.say(Say::Busy);
    pain(&phone, 4).await;
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let listener: osteon_client::events::Listener = Arc::new(move |event| {
        if let osteon_client::events::Event::Offline { next_try_ms, .. } = event {
            let _ = told.send(next_try_ms);
        }
    });
    let live = tokio::spawn({
        let phone = Arc::clone(&phone);
        async move { phone.live(listener).await }
    });
    let wait_ms = hears.recv().await.flatten().expect("it says when it tries again");
    assert!(wait_ms >= 5_000, "{wait_ms}");
    server.say(Say::Accept);
    let told_at = tokio::time::Instant::now();
    phone.nudge();
    while phone.status().await.unwrap().to_send > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(told_at.elapsed() < Duration::from_millis(wait_ms - 1_000), "it waits out what it was told to wait");
    }
    live.abort();
}

#[tokio::test]
async fn behind_a_proxy_that_holds_streams_back_a_live_phone_asks_in_turns() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = Arc::new(phone_in(dir.path(), meta::Role::Patient).await);
    server.serve(&phone).await;
    server.books.lock().unwrap().eats_streams = true;
    let live = tokio::spawn({
        let phone = Arc::clone(&phone);
        async move { phone.live(silent()).await }
    });
    let until = tokio::time::Instant::now() + Duration::from_secs(40);
    while server.books.lock().unwrap().polls < 2 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(tokio::time::Instant::now() < until, "it goes on waiting for a stream that says nothing");
    }
    assert!(phone.status().await.unwrap().circles[0].up_to_date, "what is new comes all the same");
    pain(&phone, 4).await;
    while phone.status().await.unwrap().to_send > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(tokio::time::Instant::now() < until, "and what waits is sent");
    }
    live.abort();
}

/// Says the same to whatever it hears.
async fn says(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 512]).await;
            let _ = stream.write_all(answer).await;
        }
    });
    port
}

#[tokio::test]
async fn a_captive_portal_and_a_foreign_certificate_are_said_in_words() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    let page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>Welcome to our hotel</html>";
    let portal = says(page).await;
    server.serve_at(&phone, &format!("https://localhost:{portal}")).await;
    pain(&phone, 4).await;
    let error = phone.sync(silent()).await.unwrap_err().to_string();
    assert!(error.contains("sign-in page of a network"), "{error}");
    // Somebody else's server.
    let other = StandIn::start().await;
    server.serve_at(&phone, &format!("https://localhost:{}", other.address.port())).await;
    let error = phone.sync(silent()).await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(other.books.lock().unwrap().pushes, 0, "nothing was sent to it");
    let status = phone.status().await.unwrap();
    assert_eq!((status.to_send, status.server.last_error.as_deref()), (1, Some(error.as_str())));
    server.serve(&phone).await;
    phone.sync(silent()).await.unwrap();
    assert_eq!(phone.status().await.unwrap().to_send, 0);
}

#[tokio::test]
async fn a_server_that_has_too_much_to_do_is_left_alone_and_asked_again() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    pain(&phone, 4).await;
    server.say(Say::Busy);
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let listener: osteon_client::events::Listener = Arc::new(move |event| {
        if let osteon_client::events::Event::Offline { why, next_try_ms } = event {
            hears.lock().unwrap().push((why, next_try_ms));
        }
    });
    let error = phone.sync(listener).await.unwrap_err().to_string();
    assert!(error.contains("too much to do"), "{error}");
    let told = told.lock().unwrap().clone();
    // Not before the server said.
    assert!(told.len() == 1 && told[0].1 >= Some(7_000), "{told:?}");
    server.say(Say::Accept);
    phone.sync(silent()).await.unwrap();
    assert_eq!(server.books.lock().unwrap().accepted().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_nothing_is_sent_twice() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    server.say(Say::Lose);
    pain(&phone, 4).await;
    phone.sync(silent()).await.unwrap_err();
    assert_eq!(phone.status().await.unwrap().to_send, 1);
    server.say(Say::Accept);
    phone.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.accepted().len(), books.forged), (1, 0));
}

/// Hands everything through, and cuts each connection when it is so old. Its port, and how many it has cut.
async fn cutting_proxy(to: u16, after: Duration) -> (u16, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let cuts = Arc::new(AtomicU32::new(0));
    let counts = Arc::clone(&cuts);
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let counts = Arc::clone(&counts);
            tokio::spawn(async move {
                let mut there = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let whole = tokio::time::timeout(after, tokio::io::copy_bidirectional(&mut from, &mut there)).await;
                counts.fetch_add(u32::from(whole.is_err()), Ordering::Relaxed);
            });
        }
    });
    (port, cuts)
}

/// `OSTEON_CUT_MS`: when it cuts; proxies do it after 30 s.
#[tokio::test]
async fn a_proxy_that_cuts_streams_delays_and_loses_nothing() {
    const CUTS: u32 = 3;
    let after_ms = std::env::var("OSTEON_CUT_MS").ok().and_then(|ms| ms.parse().ok()).unwrap_or(1_500);
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let clock = Arc::new(SetClock::at(NOW));
    let phone = Arc::new(enrolled_by(dir.path(), meta::Role::Patient, Arc::clone(&clock)).await);
    let (proxy, cuts) = cutting_proxy(server.address.port(), Duration::from_millis(after_ms)).await;
    server.serve_at(&phone, &format!("https://localhost:{proxy}")).await;
    let live = tokio::spawn({
        let phone = Arc::clone(&phone);
        async move { phone.live(silent()).await }
    });
    let accepted = || server.books.lock().unwrap().accepted().len();
    let mut saved = 0;
    while cuts.load(Ordering::Relaxed) < CUTS {
        pain(&phone, saved % 11).await;
        saved += 1;
        let (began, next) = (tokio::time::Instant::now(), Duration::from_millis(after_ms * 3 / 5));
        while began.elapsed() < next {
            tokio::time::sleep(Duration::from_millis(50)).await;
            clock.advance(50);
        }
        assert!(saved < 100, "nothing is cut");
    }
    let began = tokio::time::Instant::now();
    while accepted() < saved as usize {
        assert!(began.elapsed() < Duration::from_secs(30), "{} of {saved} arrived", accepted());
        tokio::time::sleep(Duration::from_millis(50)).await;
        clock.advance(50);
    }
    assert!(!live.is_finished());
    live.abort();
    let books = server.books.lock().unwrap();
    assert_eq!((books.accepted().len(), books.forged, books.skips), (saved as usize, 0, 0));
}

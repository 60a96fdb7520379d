//! An app that stops waiting: each long call is dropped after it was polled once, twice, three times …, until it comes to its
//! end. What the phone says of itself is what its folder holds, the same phone goes on, nothing that was saved is gone, and
//! nothing is sent twice. `OSTEON_EVERY`: 1 for every number of polls (`make prove`), 7 if not said.

use std::{
    collections::BTreeSet,
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use crate::stand_in::StandIn;
use osteon_client::{
    Phone, Result, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord, store::items::Session,
};
use osteon_proto::{care, meta};
use osteon_sync_core::RecordId;

/// So often a call is polled at most before it must have come to its end.
const MOST: u32 = 400;

/// The answer, or that it was dropped when it had been polled so often.
async fn dropped_after<T>(polls: u32, call: impl Future<Output = T>) -> Option<T> {
    let (mut call, mut left) = (pin!(call), polls);
    std::future::poll_fn(|context: &mut Context<'_>| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        call.as_mut().poll(context).map(Some)
    })
    .await
}

async fn open(folder: &Path) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(5))).await.unwrap()
}

fn pain(worst: u32) -> NewRecord {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    Create,
    Undo,
    Sync,
    SyncWithARenewal,
    CatchUp,
    Live,
    Compare,
    SignIn,
    Tell,
    WakeAt,
}

const CALLS: [Call; 10] = [
    Call::Create,
    Call::Undo,
    Call::Sync,
    Call::SyncWithARenewal,
    Call::CatchUp,
    Call::Live,
    Call::Compare,
    Call::SignIn,
    Call::Tell,
    Call::WakeAt,
];

async fn make(phone: &Phone, call: Call) -> Result<()> {
    match call {
        Call::Create => phone.create(CIRCLE, &pain(1), "").await.map(drop),
        Call::Undo => phone.undo(CIRCLE, "").await.map(drop),
        Call::Sync | Call::SyncWithARenewal => phone.sync(silent()).await,
        Call::CatchUp => phone.catch_up(Duration::from_secs(20), silent()).await.map(drop),
        // Never ends: so long is enough for what waits.
        Call::Live => tokio::time::timeout(Duration::from_millis(400), phone.live(silent())).await.unwrap_or(Ok(())),
        Call::Compare => phone.compare(CIRCLE).await.map(drop),
        Call::SignIn => phone.sign_in("7K4M9QX2").await,
        Call::Tell => phone.on_settled(|_| ()).await,
        Call::WakeAt => phone.wake_at("https://push.example/1", &[4; 65], &[5; 16]).await,
    }
}

/// What a person sees, and the session's tokens.
async fn seen(phone: &Phone) -> (BTreeSet<RecordId>, usize, Session) {
    let to_send = phone.status().await.unwrap().to_send;
    let state = phone.read().await.unwrap();
    let enrolled = state.enrolled().unwrap();
    let records = enrolled.view(CIRCLE, NOW).unwrap().records();
    (records.iter().map(|record| record.record).collect(), to_send, enrolled.session.clone())
}

/// One call that is dropped. Whether it came to its end before.
async fn dropped(call: Call, polls: u32) -> bool {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    phone.create(CIRCLE, &pain(9), "").await.unwrap();
    phone.sync(silent()).await.unwrap();
    for worst in [8, 7] {
        phone.create(CIRCLE, &pain(worst), "").await.unwrap();
    }
    if matches!(call, Call::SyncWithARenewal | Call::SignIn) {
        server.token_is_over(&phone).await;
    }
    let (before, ..) = seen(&phone).await;
    let at = format!("{call:?} after {polls} polls");
    let ended = dropped_after(polls, make(&phone, call)).await;
    // What it says of itself is what its folder holds.
    let now = seen(&phone).await;
    {
        let another = open(dir.path()).await;
        assert_eq!(seen(&another).await, now, "{at}: in memory and on disk");
        another.close().await;
    }
    let gone: Vec<_> = before.difference(&now.0).collect();
    assert!(gone.len() <= usize::from(call == Call::Undo), "{at}: something that was saved is gone");
    // The same phone goes on, and saves what it saves.
    let more = phone.create(CIRCLE, &pain(3), "").await.unwrap().record;
    phone.sync(silent()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    let (after, to_send, _) = seen(&phone).await;
    assert!(to_send == 0 && after.contains(&more) && now.0.is_subset(&after), "{at}");
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips, books.sessions.replayed), (0, 0, 0), "{at}");
    let sent = books.accepted();
    for record in &after {
        let holds = sent.iter().filter(|content| content.windows(16).any(|bytes| bytes == record.0)).count();
        assert_eq!(holds, 1, "{at}: each entry is sent once");
    }
    match ended {
        Some(Ok(())) => true,
        Some(Err(error)) => panic!("{at}: {error}"),
        None => false,
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_anywhere_leaves_the_phone_whole() {
    let every = std::env::var("OSTEON_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    for call in CALLS {
        let ended = async {
            for polls in (1..MOST).step_by(every) {
                if dropped(call, polls).await {
                    return polls;
                }
            }
            panic!("{call:?} does not come to its end");
        };
        let polls = ended.await;
        assert!(polls > 1, "{call:?} was dropped nowhere");
        println!("{call:?}: comes to its end within {polls} polls");
    }
}

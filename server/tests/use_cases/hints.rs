//! Hints: which circles moved, and not a word of what moved in them.

use std::{sync::Arc, time::Duration};

use osteon_proto::{care, live as pb, meta::Role};
use osteon_server::{
    access::Caller,
    app::{hints, stream::Told},
};
use pb::watch_response::Event;
use tokio_stream::StreamExt;

use crate::{access::remove, fixture::*, streams::wake};

const TEAM: [Role; 2] = [Role::Patient, Role::Nurse];

async fn watch(kit: &Kit, who: &Caller, token: &[u8], long_poll: bool) -> Told<pb::WatchResponse> {
    let request = pb::WatchRequest { resume_token: token.to_vec().into(), long_poll };
    hints::open(Arc::clone(&kit.app), *who, &request).await.expect("open")
}

async fn next(stream: &mut Told<pb::WatchResponse>) -> Event {
    let message = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("in time");
    message.expect("a message").expect("no error").event.expect("an event")
}

fn moved(event: Event) -> (u64, u64) {
    match event {
        Event::Moved(moved) => (moved.circle, moved.sequence),
        other => panic!("{other:?}"),
    }
}

fn token(event: Event) -> Vec<u8> {
    match event {
        Event::CaughtUp(beat) | Event::Heartbeat(beat) => beat.resume_token.to_vec(),
        other => panic!("{other:?}"),
    }
}

async fn head(kit: &Kit, circle: u64) -> u64 {
    kit.app.store.heads(&[circle]).await.expect("heads")[0].1
}

async fn write(kit: &Kit, who: &Caller, circle: u64) {
    let pain = care::PainEntry { now: Some(3), ..Default::default() };
    kit.create(who, circle, 101, &pain).await.expect("made");
    wake(kit, circle).await;
}

pub(crate) async fn a_hint_says_which_circle_moved(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let other = kit.circle("d0002", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|at| kit.person(circle.people[at]));
    let mut stream = watch(&kit, &nurse, &[], false).await;
    assert_eq!(moved(next(&mut stream).await), (circle.no, head(&kit, circle.no).await));
    let first = token(next(&mut stream).await);
    write(&kit, &kit.person(other.people[0]), other.no).await;
    write(&kit, &patient, circle.no).await;
    assert_eq!(moved(next(&mut stream).await), (circle.no, head(&kit, circle.no).await), "of theirs alone");
    drop(stream);
    // With a token only what moved since; a token of somebody else, and one that is none, tell of everything.
    let mut stream = watch(&kit, &nurse, &first, false).await;
    assert_eq!(moved(next(&mut stream).await), (circle.no, head(&kit, circle.no).await));
    let second = token(next(&mut stream).await);
    let mut stream = watch(&kit, &nurse, &second, false).await;
    assert!(matches!(next(&mut stream).await, Event::CaughtUp(_)), "nothing moved since");
    let mut stream = watch(&kit, &patient, &second, false).await;
    assert_eq!(moved(next(&mut stream).await).0, circle.no);
    let mut stream = watch(&kit, &nurse, b"no token", false).await;
    assert_eq!(moved(next(&mut stream).await).0, circle.no);
    // Who left meanwhile is told to forget it.
    remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    let mut stream = watch(&kit, &nurse, &second, false).await;
    assert_eq!(next(&mut stream).await, Event::Left(circle.no));
    // A session that was ended is told nothing more.
    let mut ended = watch(&kit, &patient, &[], false).await;
    kit.app.streams_ended(&[patient.family]);
    let status = ended.next().await.expect("an answer").expect_err("ended");
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
}

pub(crate) async fn a_long_poll_ends_once_something_moved(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|at| kit.person(circle.people[at]));
    let mut stream = watch(&kit, &nurse, &[], true).await;
    assert_eq!(moved(next(&mut stream).await).0, circle.no);
    let first = token(next(&mut stream).await);
    assert!(stream.next().await.is_none(), "there was something to tell");
    let mut stream = watch(&kit, &nurse, &first, true).await;
    assert!(matches!(next(&mut stream).await, Event::CaughtUp(_)));
    write(&kit, &patient, circle.no).await;
    assert_eq!(moved(next(&mut stream).await), (circle.no, head(&kit, circle.no).await));
    let second = token(next(&mut stream).await);
    assert!(stream.next().await.is_none());
    assert_ne!(first, second);
}

//! Pull as a stream: what a call refuses as a whole, long-poll, live.

use std::{sync::Arc, time::Duration};

use osteon_proto::{care, meta::Role, sync, sync::pull_response::Event};
use osteon_server::{
    access::Caller,
    app::{members, stream},
    error::Reason,
};
use tokio::sync::mpsc;

use crate::{access::remove, fixture::*};

pub(crate) type Messages = mpsc::Receiver<Result<sync::PullResponse, tonic::Status>>;

pub(crate) async fn pull(
    kit: &Kit,
    caller: &Caller,
    request: sync::PullRequest,
) -> Result<Messages, osteon_server::error::Error> {
    let asked = stream::asked(&kit.app, caller, request).await?;
    let (out, messages) = mpsc::channel(2);
    let stream = stream::Stream::new(Arc::clone(&kit.app), *caller, out, asked.positions);
    tokio::spawn(stream.run(asked.live, asked.wait));
    Ok(messages)
}

pub(crate) async fn page(messages: &mut Messages) -> sync::Page {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), messages.recv()).await.expect("in time");
        match next.expect("open").expect("no error").event.expect("event") {
            Event::Page(page) => return page,
            Event::Heartbeat(_) => {}
        }
    }
}

pub(crate) fn at(circle: u64, cursor: &[u8]) -> sync::CirclePosition {
    sync::CirclePosition { circle, cursor: cursor.to_vec().into(), dropped: Vec::new() }
}

pub(crate) async fn one_refused_circle_refuses_the_call(kit: Kit) {
    let mine = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let theirs = kit.circle("d0002", &[Role::Patient]).await;
    let nurse = kit.person(mine.people[1]);
    let ask = |positions| sync::PullRequest { positions, ..Default::default() };
    for (position, expected) in [
        (at(theirs.no, &[]), Reason::NotFound),
        (at(4711, &[]), Reason::NotFound),
        (at(theirs.no, &[1, 2, 3]), Reason::CursorInvalid),
    ] {
        let refused = pull(&kit, &nurse, ask(vec![at(mine.no, &[]), position])).await;
        assert_eq!(reason(refused), expected);
    }
    let wait = sync::PullRequest { wait_s: 26, ..Default::default() };
    assert_eq!(reason(pull(&kit, &nurse, wait).await), Reason::LimitExceeded);
    let epoch = sync::PullRequest { epoch: 7, ..Default::default() };
    assert_eq!(reason(pull(&kit, &nurse, epoch).await), Reason::EpochChanged);
    // Asked for without a position: every circle of the caller, once, then the end.
    let mut all = pull(&kit, &nurse, sync::PullRequest::default()).await.expect("stream");
    assert_eq!(page(&mut all).await.circle, mine.no);
    assert!(all.recv().await.is_none());
}

pub(crate) async fn a_long_poll_is_woken(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let cursor = kit.page(&nurse, circle.no, &[]).await.expect("page").cursor;
    let request = sync::PullRequest { positions: vec![at(circle.no, &cursor)], wait_s: 20, ..Default::default() };
    let mut waiting = pull(&kit, &nurse, request).await.expect("stream");
    let made =
        kit.create(&patient, circle.no, 101, &care::PainEntry { worst_24h: Some(2), ..Default::default() }).await;
    wake(&kit, circle.no).await;
    let got = page(&mut waiting).await;
    assert!(holds(&got, id_of(&made.expect("made"))));
    assert!(waiting.recv().await.is_none(), "one answer, then the end");
}

/// What the server does after each commit.
pub(crate) async fn wake(kit: &Kit, circle: u64) {
    let head = kit.app.store.heads(&[circle]).await.expect("heads");
    kit.app.hub.wake(&head);
}

pub(crate) async fn live_goes_on_without_a_circle_that_was_left(kit: Kit) {
    let one = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let people = [(one.people[0], Role::Patient), (one.people[1], Role::Nurse)];
    let two = members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    let (patient, nurse) = (kit.person(one.people[0]), kit.person(one.people[1]));
    let request =
        sync::PullRequest { positions: vec![at(one.no, &[]), at(two, &[])], live: true, ..Default::default() };
    let mut live = pull(&kit, &nurse, request).await.expect("stream");
    assert_eq!((page(&mut live).await.circle, page(&mut live).await.circle), (one.no, two));
    remove(&kit, &patient, one.no, one.people[1], Role::Nurse).await;
    wake(&kit, one.no).await;
    let last = page(&mut live).await;
    assert_eq!((last.circle, last.cells.is_empty(), last.erased.is_empty()), (one.no, true, false));
    let pain = care::PainEntry { worst_24h: Some(2), ..Default::default() };
    kit.create(&patient, one.no, 101, &pain).await.expect("made");
    wake(&kit, one.no).await;
    let made = kit.create(&patient, two, 101, &pain).await.expect("made");
    wake(&kit, two).await;
    let next = page(&mut live).await;
    assert_eq!(next.circle, two);
    assert!(holds(&next, id_of(&made)));
}

//! Pull as a stream: what a call refuses as a whole, long-poll, live.

use std::{sync::Arc, time::Duration};

use osteon_proto::{care, meta::Role, sync, sync::pull_response::Event};
use osteon_server::{
    access::Caller,
    app::{denials, members, stream},
    error::Reason,
};
use tokio::sync::mpsc;

use crate::{
    access::{decide, remove},
    fixture::*,
};

pub(crate) type Messages = mpsc::Receiver<stream::Message>;

pub(crate) async fn pull(
    kit: &Kit,
    caller: &Caller,
    request: sync::PullRequest,
) -> Result<Messages, osteon_server::error::Error> {
    let asked = stream::asked(&kit.app, caller, request).await?;
    let (out, messages) = mpsc::channel(2);
    tokio::spawn(stream::serve(Arc::clone(&kit.app), *caller, out, asked));
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
    sync::CirclePosition { circle, cursor: cursor.to_vec().into(), ..Default::default() }
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

/// Many circles at once: those in which nothing moved are said to be where they were, the others are sent.
pub(crate) async fn a_pull_of_many_circles(kit: Kit) {
    let account = async || kit.app.store.create_account(kit.clinic, members::PERSON).await.expect("account");
    let (nurse, patient) = (account().await, account().await);
    let mut circles = Vec::new();
    for n in 0..7 {
        let people = [(patient, Role::Patient), (nurse, Role::Nurse)];
        let made = members::found(&kit.app, kit.clinic, &format!("d{n:04}"), &people).await;
        circles.push(made.expect("circle"));
    }
    let (nurse, patient) = (kit.person(nurse), kit.person(patient));
    let mut cursors = Vec::new();
    let mut all = pull(&kit, &nurse, sync::PullRequest::default()).await.expect("stream");
    for circle in &circles {
        let page = page(&mut all).await;
        assert_eq!(page.circle, *circle);
        assert!(page.at_head && !page.cells.is_empty() && !page.digests.is_empty());
        cursors.push(page.cursor);
    }
    assert!(all.recv().await.is_none());
    let opened = |entries: Vec<osteon_server::store::AuditEntry>, action: &str| {
        entries.iter().filter(|entry| entry.action == action && entry.account == nurse.account).count()
    };
    for circle in &circles {
        let entries = kit.app.store.audit_after(*circle, 0, 1_000).await.expect("audit");
        assert_eq!((opened(entries.clone(), "pull.open"), opened(entries, "pull.end")), (1, 1));
    }
    let body = care::PainEntry { worst_24h: Some(2), ..Default::default() };
    let made = kit.create(&patient, circles[4], 101, &body).await.expect("made");
    let positions = circles.iter().zip(&cursors).map(|(circle, cursor)| at(*circle, cursor)).collect();
    let request = sync::PullRequest { positions, ..Default::default() };
    let mut again = pull(&kit, &nurse, request).await.expect("stream");
    let mut seen = Vec::new();
    for _ in &circles {
        let page = page(&mut again).await;
        let moved = page.circle == circles[4];
        assert_eq!(holds(&page, id_of(&made)), moved);
        assert_eq!(page.digests.is_empty(), !moved, "digests are said again where something moved");
        assert!(page.at_head);
        seen.push(page.circle);
    }
    assert!(again.recv().await.is_none());
    seen.sort_unstable();
    assert_eq!(seen, circles);
}

/// A page that waited for a slow reader is read anew: what was revoked meanwhile does not leave.
pub(crate) async fn a_slow_reader_is_sent_what_it_may_have_now(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver]).await;
    let (patient, carer) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Allow).await;
    let body = care::PainEntry { worst_24h: Some(2), ..Default::default() };
    let made = kit.create(&patient, circle.no, 101, &body).await.expect("made");
    let asked = stream::asked(&kit.app, &carer, sync::PullRequest::default()).await.expect("asked");
    let (out, mut messages) = mpsc::channel(1);
    let full = sync::PullResponse { epoch: 1, event: Some(Event::Heartbeat(sync::Heartbeat::default())) };
    out.send(Ok(Box::new(full))).await.expect("room for one");
    tokio::spawn(stream::serve(Arc::clone(&kit.app), carer, out, asked));
    // Long enough for the page to be read, and to grow old.
    tokio::time::sleep(Duration::from_millis(400)).await;
    decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Deny).await;
    let page = page(&mut messages).await;
    assert!(!holds(&page, id_of(&made)) && page.at_head);
}

/// After a restore a phone begins anew, also with circles that it was taken out of: it is told to keep nothing, once, and
/// goes on with the others instead of being refused for ever.
pub(crate) async fn whoever_left_begins_anew_with_nothing(kit: Kit) {
    let left = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(left.people[0]), kit.person(left.people[1]));
    let people = [(left.people[1], Role::Nurse)];
    let stays = members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    remove(&kit, &patient, left.no, nurse.account, Role::Nurse).await;
    kit.app.set_epoch(kit.app.store.bump_epoch().await.expect("epoch"));
    let positions = vec![at(left.no, &[]), at(stays, &[])];
    let mut all = pull(&kit, &nurse, sync::PullRequest { positions, ..Default::default() }).await.expect("stream");
    let nothing = page(&mut all).await;
    assert_eq!(nothing.circle, left.no);
    assert!(nothing.granted.is_empty() && nothing.cells.is_empty() && nothing.at_head);
    assert_eq!(page(&mut all).await.circle, stays);
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

/// Whoever waits for a circle that is erased is told to keep nothing, at once and not at the next look around.
pub(crate) async fn an_erased_circle_ends_in_its_streams(kit: Kit) {
    let gone = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let people = [(gone.people[1], Role::Nurse)];
    let stays = members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    let hub = Arc::clone(&kit.app.hub);
    kit.app.store.on_commit(Box::new(move |moved| hub.wake(&moved)));
    let nurse = kit.person(gone.people[1]);
    let positions = vec![at(gone.no, &[]), at(stays, &[])];
    let request = sync::PullRequest { positions, live: true, ..Default::default() };
    let mut live = pull(&kit, &nurse, request).await.expect("stream");
    assert_eq!((page(&mut live).await.circle, page(&mut live).await.circle), (gone.no, stays));
    assert!(denials::erase(&kit.app, gone.no, NOW).await.expect("erased"));
    let last = tokio::time::timeout(Duration::from_secs(2), page(&mut live)).await.expect("told at once");
    assert_eq!((last.circle, last.cells.is_empty(), last.erased.is_empty()), (gone.no, true, false));
}

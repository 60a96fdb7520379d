//! What the reader does while it is taken back, and what must be true afterwards.

use std::{sync::Arc, time::Duration};

use osteon_proto::{
    alert::{self, watch_alerts_response::Event as Watched},
    sync,
    sync::pull_response::Event,
    timeline::get_series_response::Part,
};
use osteon_server::{
    app::{alerts::watch, series, stream},
    error::Reason,
};
use osteon_sync_core::device::Received;
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;

use crate::{
    Scenario, What, When, derived,
    exits::{dry, tells},
    fixture::body,
    phone::{Phone, Stepped, contains},
    world::{CANARY, PAIN, World, pain},
};

const MARK: &[u8] = CANARY.as_bytes();

pub(crate) async fn run(mut world: World<'_>, scenario: &Scenario) {
    match scenario.when {
        When::Offline => offline(&mut world).await,
        When::MidPage => mid_page(&mut world).await,
        When::MidStream => mid_stream(&mut world).await,
        When::MidSeries => mid_series(&mut world).await,
        When::MidAlerts => mid_alerts(&mut world).await,
        When::BetweenPushAndAcknowledgement => unacknowledged(&mut world).await,
        When::CrashAtEachStep => crashes(&mut world).await,
        When::GrantedAgain => granted_again(&mut world).await,
        When::LatePurge => late_purge(&mut world).await,
        When::Twin => twin(&mut world).await,
        When::RestoredDevice => restored(&mut world).await,
        When::Outbox => outbox(&mut world).await,
    }
    let reader = world.reader.copy().await;
    dry(&world, &reader).await;
}

/// The phone comes back: it erases, or it is not let in.
pub(crate) async fn comes_back(world: &World<'_>, phone: &mut Phone) {
    let synced = phone.sync(world.kit).await;
    if world.what == What::Device {
        assert_eq!(synced, Err(Reason::SessionRevoked));
        return;
    }
    synced.expect("whoever lost something is told what to erase");
    assert!(!phone.holds(MARK).await, "a layer of the device still has it");
    assert_eq!(phone.waiting().await.0, 0, "the outbox is empty");
    // The next question is the receipt.
    phone.sync(world.kit).await.expect("nothing more");
    world.receipts().await;
}

async fn offline(world: &mut World<'_>) {
    world.revoke().await;
    assert!(world.reader.holds(MARK).await, "offline, it cannot know");
    let mut phone = world.reader.copy().await;
    dry(world, &phone).await;
    comes_back(world, &mut phone).await;
    // Once is enough, and again does no harm.
    comes_back(world, &mut phone).await;
    world.reader = phone;
}

async fn mid_page(world: &mut World<'_>) {
    // A phone that begins anew, two pages in.
    let mut phone = world.second_phone().await;
    let mut pages = 0;
    while !phone.holds(MARK).await || pages < 2 {
        assert_eq!(phone.step(world.kit, false).await, Ok(Stepped::On), "the journal is several pages");
        pages += u32::from(phone.holds(MARK).await);
    }
    world.revoke().await;
    if world.what == What::Device {
        assert_eq!(phone.step(world.kit, false).await, Err(Reason::SessionRevoked));
    } else {
        // The very next page erases, and none brings it back.
        loop {
            let step = phone.step(world.kit, false).await.expect("told what to erase");
            assert!(!phone.holds(MARK).await);
            if step == Stepped::Done {
                break;
            }
        }
    }
    let mut reader = world.reader.copy().await;
    comes_back(world, &mut reader).await;
}

async fn mid_stream(world: &mut World<'_>) {
    let kit = world.kit;
    let caller = world.reader.caller(kit).await.expect("signed in");
    let positions = vec![world.at(&[])];
    let request = sync::PullRequest { positions, live: true, page_size: 2, ..Default::default() };
    let asked = stream::asked(&kit.app, &caller, request).await.expect("a member");
    let (send, messages) = mpsc::channel(2);
    let run = stream::Stream::new(Arc::clone(&kit.app), caller, send, asked.positions);
    let mut messages = run.pages(messages);
    tokio::spawn(run.run(true, Duration::ZERO));
    let first = messages.next().await.expect("a page").expect("a page");
    assert!(matches!(first.event, Some(Event::Page(_))));
    // The reader is slow: pages that were read before are under way, the stream waits for room.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let sequence = world.revoke().await;
    world.wake().await;
    let mut erased = false;
    loop {
        let message = match tokio::time::timeout(Duration::from_secs(20), messages.next()).await {
            Err(_) => panic!("the stream says nothing any more"),
            Ok(None) => break,
            Ok(Some(Err(status))) => {
                let ends = [tonic::Code::Unauthenticated, tonic::Code::Unavailable];
                assert!(ends.contains(&status.code()), "{status:?}");
                break;
            }
            Ok(Some(Ok(message))) => message,
        };
        let Some(Event::Page(page)) = &message.event else { continue };
        // Read before the commit: at most what had its place in the stream. An end by time has no commit of its own.
        let before = page.head != 0 && page.head < sequence;
        let erases = !page.erased.is_empty() || !page.tombstones.is_empty();
        erased |= erases;
        let marked = contains(&message.encode_to_vec(), MARK);
        assert!(!marked || (before || world.what == What::ExpiryUnsaid) && !erased, "after sequence {sequence}");
        if erased && page.at_head {
            break;
        }
    }
    assert!(erased || world.what == What::Device, "the stream says what to erase");
    let mut reader = world.reader.copy().await;
    comes_back(world, &mut reader).await;
}

async fn mid_series(world: &mut World<'_>) {
    let kit = world.kit;
    let caller = world.reader.caller(kit).await.expect("signed in");
    let asked = derived::of_series(world.circle.no);
    let mut messages = series::open(Arc::clone(&kit.app), caller, &asked).await.expect("a member");
    let head = messages.next().await.expect("a head").expect("a head");
    assert!(matches!(head.part, Some(Part::Head(_))));
    // What is told first is of months without an entry; the reader lets the rest wait.
    tokio::time::sleep(Duration::from_millis(20)).await;
    world.revoke().await;
    let mut more = 0;
    while let Some(message) = tokio::time::timeout(Duration::from_secs(20), messages.next()).await.expect("it ends") {
        match message {
            Ok(message) => assert!(!tells(world, &message.encode_to_vec()), "message {more} after it was taken back"),
            Err(status) => {
                let ends = [tonic::Code::Unauthenticated, tonic::Code::NotFound];
                assert!(ends.contains(&status.code()), "{status:?}");
            }
        }
        more += 1;
    }
    assert!(more > 0, "it was not over when it was taken back");
    let mut reader = world.reader.copy().await;
    comes_back(world, &mut reader).await;
}

async fn mid_alerts(world: &mut World<'_>) {
    let kit = world.kit;
    let caller = world.reader.caller(kit).await.expect("signed in");
    let request = alert::WatchAlertsRequest { circle: world.circle.no, ..Default::default() };
    let mut messages = watch::open(Arc::clone(&kit.app), caller, &request).await.expect("a member");
    let mut before = false;
    loop {
        let message = messages.next().await.expect("open").expect("told");
        before |= tells(world, &message.encode_to_vec());
        if matches!(message.event, Some(Watched::CaughtUp(_))) {
            break;
        }
    }
    assert!(before, "it tells of what is taken back now");
    world.revoke().await;
    world.wake().await;
    match tokio::time::timeout(Duration::from_secs(20), messages.next()).await.expect("told of it") {
        Some(Ok(message)) => {
            assert!(matches!(message.event, Some(Watched::Circle(_) | Watched::Left(_))));
            assert!(!tells(world, &message.encode_to_vec()), "after it was taken back");
            assert_ne!(world.what, What::Device);
        }
        Some(Err(status)) => assert_eq!(status.code(), tonic::Code::Unauthenticated, "{status:?}"),
        None => panic!("it ended without a word"),
    }
    let mut reader = world.reader.copy().await;
    comes_back(world, &mut reader).await;
}

/// Something of the reader's own, with the text in it where the reader may write at all.
async fn writes(world: &mut World<'_>) {
    match world.own {
        Some(own) => {
            world.reader.edit(world.kit, own, &body(PAIN, &pain(5, &format!("{CANARY}, edited")))).await;
            world.reader.create(world.kit, &body(PAIN, &pain(6, CANARY))).await;
        }
        None => world.reader.end(world.kit, world.marked[0]).await,
    }
}

/// Steps until something was pushed, and then does not hear the answer.
async fn loses_the_answer(world: &mut World<'_>) {
    let head = world.head().await;
    for _ in 0..20 {
        let waiting = world.reader.waiting().await;
        let step = world.reader.step(world.kit, true).await.expect("may push");
        assert_eq!((step, world.reader.waiting().await), (Stepped::On, waiting), "nothing was heard");
        if world.head().await > head || !world.quarantine().await.is_empty() {
            return;
        }
        world.reader.step(world.kit, false).await.expect("hears");
    }
}

async fn unacknowledged(world: &mut World<'_>) {
    if world.what == What::Record {
        // It may not write to it; what it ends is refused before and waits for a person after.
        world.reader.create(world.kit, &body(PAIN, &pain(6, "knee"))).await;
    } else {
        writes(world).await;
    }
    loses_the_answer(world).await;
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    phone.restart().await;
    comes_back(world, &mut phone).await;
    if world.what != What::Device {
        let (_, drafts, held) = phone.waiting().await;
        assert_eq!((drafts, held.len()), (0, 0), "it was accepted before, and stays so: the same verdict");
    }
    world.reader = phone;
}

async fn crashes(world: &mut World<'_>) {
    if world.own.is_some() {
        writes(world).await;
    }
    let before = world.reader.copy().await;
    world.revoke().await;
    if world.what == What::Device {
        let mut phone = before.copy().await;
        phone.restart().await;
        return comes_back(world, &mut phone).await;
    }
    let mut steps = 0;
    let mut counted = before.copy().await;
    counted.restart().await;
    while counted.step(world.kit, false).await.expect("told what to erase") != Stepped::Done {
        steps += 1;
    }
    // Where nothing waits to be sent, the run to the head may be a single one.
    assert!(steps >= 1 || world.own.is_none(), "there is a step to die in");
    for dies_at in 0..=steps {
        for heard in [false, true] {
            let mut phone = before.copy().await;
            phone.restart().await;
            for _ in 0..dies_at {
                phone.step(world.kit, false).await.expect("a step");
            }
            // The answer came and was written down, or it did not; then the program dies.
            phone.step(world.kit, !heard).await.expect("a step");
            phone.restart().await;
            comes_back(world, &mut phone).await;
            world.reader = phone;
        }
    }
}

async fn granted_again(world: &mut World<'_>) {
    for _ in 0..2 {
        world.revoke().await;
        let mut old = world.reader.copy().await;
        comes_back(world, &mut old).await;
        dry(world, &old).await;
        if world.what != What::Device {
            world.reader = old.copy().await;
        }
        world.grant_again().await;
        world.reader.sync(world.kit).await.expect("granted again");
        assert!(
            world.reader.holds(MARK).await && world.reader.shows(MARK).await,
            "it is sent again, under another generation"
        );
        if world.what == What::Device {
            assert_eq!(old.sync(world.kit).await, Err(Reason::SessionRevoked), "the old enrolment stays ended");
        }
    }
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    comes_back(world, &mut phone).await;
    world.reader = phone;
}

async fn late_purge(world: &mut World<'_>) {
    if world.what == What::Device {
        // A page that was made before and arrives after: the session is over all the same.
        world.reader.ask_late(world.kit).await.expect("a page");
        world.revoke().await;
        let mut phone = world.reader.copy().await;
        return comes_back(world, &mut phone).await;
    }
    world.revoke().await;
    let late = world.reader.ask_late(world.kit).await.expect("a page that erases");
    world.grant_again().await;
    world.reader.sync(world.kit).await.expect("granted again");
    assert!(world.reader.holds(MARK).await);
    assert_eq!(world.reader.arrive(world.kit, late).await, Received::Void, "made for another question");
    assert!(world.reader.holds(MARK).await && world.reader.shows(MARK).await, "what was granted again stays");
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    comes_back(world, &mut phone).await;
    world.reader = phone;
}

async fn twin(world: &mut World<'_>) {
    let mut twin = world.reader.copy().await;
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    comes_back(world, &mut phone).await;
    // The clone hears it for itself: a purge is no message that only one of them gets.
    twin.restart().await;
    comes_back(world, &mut twin).await;
    dry(world, &twin).await;
    world.reader = phone;
}

async fn restored(world: &mut World<'_>) {
    let backup = world.reader.copy().await;
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    comes_back(world, &mut phone).await;
    for _ in 0..2 {
        let mut phone = backup.copy().await;
        phone.restart().await;
        assert!(phone.holds(MARK).await, "the backup has it");
        comes_back(world, &mut phone).await;
        world.reader = phone;
    }
}

async fn outbox(world: &mut World<'_>) {
    if world.own.is_some() {
        // A draft too: refused while it was still allowed to write.
        world.reader.create_unchecked(world.kit, &body(PAIN, &pain(99, CANARY))).await;
        world.reader.sync(world.kit).await.expect("may write");
        assert_eq!(world.reader.waiting().await.1, 1, "out of range");
    }
    writes(world).await;
    assert!(world.reader.waiting().await.0 > 0);
    world.revoke().await;
    let mut phone = world.reader.copy().await;
    comes_back(world, &mut phone).await;
    let (_, drafts, held) = phone.waiting().await;
    let expected = match world.what {
        What::Device => {
            assert!(world.quarantine().await.is_empty(), "nothing was taken from it");
            return;
        }
        What::Member => "LEFT_CIRCLE",
        What::Record => "MOVED_RECORD",
        _ => "LOST_RIGHT",
    };
    assert_eq!(drafts, 0, "drafts of what was taken back are erased unsent");
    assert!(!held.is_empty() && held.iter().all(|reason| reason == expected), "{held:?}");
    let waits = world.quarantine().await;
    assert!(waits.len() == held.len() && waits.iter().all(|reason| reason == expected), "{waits:?}");
    world.reader = phone;
}

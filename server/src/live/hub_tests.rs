use std::time::Duration;

use super::*;

const WHO: Listener = Listener { family: 1, account: 1, clinic: 1 };

fn somebody(n: u64) -> Listener {
    Listener { family: n, account: n, clinic: 1 }
}

#[tokio::test]
async fn commits_while_a_reader_is_slow_are_one_wake() {
    let hub = Hub::new();
    let mut sub = hub.subscribe(WHO, &[3, 5]).expect("subscribed");
    for head in 1..=10 {
        hub.wake(&[(3, head), (5, head), (7, head)]);
    }
    assert_eq!(sub.changed().await, Wake::Circles(vec![3, 5]));
    let nothing = tokio::time::timeout(Duration::from_millis(20), sub.changed()).await;
    assert!(nothing.is_err());
}

#[tokio::test]
async fn a_head_that_was_told_wakes_nobody_again_but_force_does() {
    let hub = Hub::new();
    let mut sub = hub.subscribe(WHO, &[3]).expect("subscribed");
    hub.wake(&[(3, 4)]);
    assert_eq!(sub.changed().await, Wake::Circles(vec![3]));
    hub.wake(&[(3, 4), (3, 2)]);
    assert!(tokio::time::timeout(Duration::from_millis(20), sub.changed()).await.is_err());
    hub.force(3, 2);
    assert_eq!(sub.changed().await, Wake::Circles(vec![3]));
    assert_eq!(hub.heads(), [(3, 2)]);
    hub.wake(&[]);
    assert_eq!(sub.changed().await, Wake::Circles(vec![3]));
}

#[tokio::test]
async fn revoking_a_family_ends_its_streams_alone() {
    let hub = Hub::new();
    let mut gone = hub.subscribe(Listener { family: 1, account: 9, clinic: 1 }, &[3]).expect("subscribed");
    let other = hub.subscribe(Listener { family: 2, account: 9, clinic: 1 }, &[3]).expect("subscribed");
    hub.revoke(1);
    assert_eq!(gone.changed().await, Wake::Closed(Closed::Revoked));
    assert_eq!(other.closed(), None);
    hub.revoke_account(9);
    assert_eq!(other.closed(), Some(Closed::Revoked));
}

#[tokio::test]
async fn draining_ends_all_and_whoever_comes_later() {
    let hub = Hub::new();
    let mut early = hub.subscribe(WHO, &[3]).expect("subscribed");
    let waiting = tokio::spawn(async move { early.changed().await });
    tokio::task::yield_now().await;
    hub.drain();
    assert_eq!(waiting.await.expect("no panic"), Wake::Closed(Closed::Draining));
    let mut late = hub.subscribe(WHO, &[3]).expect("subscribed");
    assert_eq!(late.changed().await, Wake::Closed(Closed::Draining));
}

#[test]
fn an_account_has_so_many_streams_and_gets_them_back() {
    let hub = Hub::new();
    let mut held: Vec<_> = (0..STREAMS_PER_ACCOUNT.max)
        .map(|family| hub.subscribe(Listener { family, account: 1, clinic: 1 }, &[3]))
        .collect();
    assert!(held.iter().all(Result::is_ok));
    let refused = hub.subscribe(WHO, &[3]).err().expect("one too many");
    assert_eq!(refused.limit_name(), Some("STREAMS_PER_ACCOUNT"));
    assert!(hub.subscribe(somebody(2), &[3]).is_ok());
    held.pop();
    assert!(hub.subscribe(WHO, &[3]).is_ok());
    drop(held);
    assert_eq!(hub.counts(), Counts::default());
}

#[test]
fn a_clinic_full_of_streams_leaves_room_for_others() {
    let hub = Hub::new();
    let many = |clinic: u64| {
        let one = |n: u64| hub.subscribe(Listener { family: n, account: clinic << 32 | n, clinic }, &[]);
        (0..STREAMS.max).map_while(|n| one(n).ok()).collect::<Vec<_>>()
    };
    let first = many(1);
    assert_eq!(first.len() as u64, STREAMS.max / 2);
    let refused =
        hub.subscribe(Listener { family: 7, account: 7, clinic: 1 }, &[]).err().expect("its share is used up");
    assert_eq!((refused.limit_name(), refused.retry_after().is_some()), (Some("STREAMS"), true));
    assert_eq!(many(2).len() as u64, STREAMS.max / 4);
    drop(first);
    assert_eq!(hub.counts(), Counts::default());
}

#[test]
fn unwatching_leaves_nothing_behind() {
    let hub = Hub::new();
    let mut sub = hub.subscribe(WHO, &[3]).expect("subscribed");
    hub.wake(&[(3, 1)]);
    sub.unwatch(3);
    assert!(lock(&sub.sub.dirty).is_empty());
    assert_eq!(hub.counts(), Counts { subscriptions: 1, circles: 0 });
}

/// Writers commit and wake while readers subscribe, read and wait: at the end every reader has seen the last head.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_wake_up_is_lost() {
    let rounds = std::env::var("OSTEON_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_u64);
    for round in 0..rounds {
        const CIRCLES: u64 = 3;
        const COMMITS: u64 = 200;
        let hub = Hub::new();
        let store: Arc<Vec<AtomicU64>> = Arc::new((0..CIRCLES).map(|_| AtomicU64::new(0)).collect());
        let readers: Vec<_> = (0..8)
            .map(|n| {
                let (hub, store) = (Arc::clone(&hub), Arc::clone(&store));
                tokio::spawn(async move {
                    let mut sub = hub.subscribe(somebody(n), &[0, 1, 2]).expect("subscribed");
                    let read = |circle: u64| store[circle as usize].load(Ordering::SeqCst);
                    let mut seen = [read(0), read(1), read(2)];
                    while seen.iter().any(|&head| head < COMMITS) {
                        let Wake::Circles(circles) = sub.changed().await else { panic!("closed") };
                        for circle in circles {
                            seen[circle as usize] = read(circle);
                        }
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..CIRCLES)
            .map(|circle| {
                let (hub, store) = (Arc::clone(&hub), Arc::clone(&store));
                tokio::spawn(async move {
                    for head in 1..=COMMITS {
                        store[circle as usize].store(head, Ordering::SeqCst);
                        hub.wake(&[(circle, head)]);
                        if (head + round) % 7 == 0 {
                            tokio::task::yield_now().await;
                        }
                    }
                })
            })
            .collect();
        for task in writers.into_iter().chain(readers) {
            let ended = tokio::time::timeout(Duration::from_secs(20), task).await;
            ended.unwrap_or_else(|_| panic!("a reader waits for ever in round {round}")).expect("no panic");
        }
        assert_eq!(hub.counts(), Counts::default());
    }
}

/// Ten thousand streams on one circle: each is woken, once per commit at most.
#[tokio::test]
async fn ten_thousand_on_one_circle() {
    let hub = Hub::new();
    let mut subs: Vec<_> = (0..10_000).map(|n| hub.subscribe(somebody(n), &[42]).expect("subscribed")).collect();
    hub.wake(&[(42, 1)]);
    for sub in &mut subs {
        assert_eq!(sub.changed().await, Wake::Circles(vec![42]));
    }
    drop(subs);
    assert_eq!(hub.counts(), Counts::default());
}

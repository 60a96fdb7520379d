//! Random jobs, many at a time, some of which fail: the three stores end in the same bytes and show the same pages.
//! `OSTEON_SCRIPTS` says how many; a failure prints its seed.

use std::{fmt::Write as _, sync::Arc};

use futures_util::future::join_all;
use osteon_server::store::*;
use osteon_sync_core::{
    Dot,
    ledger::{Ask, Range, Room},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use sqlx::Connection as _;

use crate::all::All;
use crate::{
    fixture::{self, EPOCH, audit, dump, log, new_circle, part, record, vault},
    postgres::Postgres,
};

/// One write of a job.
#[derive(Clone, Debug)]
enum Step {
    Put { record: u64, label: u64, type_number: u32, class: u8, parent: Option<u64>, len: usize },
    Remove { record: u64, label: u64 },
    Alias { from: u64, to: u64 },
    Access { members: Vec<(u64, u8)> },
    Quarantine,
    Answer { id: u8 },
    Refuse,
}

#[derive(Clone, Debug)]
struct Plan {
    circle: usize,
    counter: u64,
    steps: Vec<Step>,
}

fn plan(rng: &mut ChaCha20Rng, counter: u64) -> Plan {
    let mut below = |n: u64| u64::from(rng.next_u32()) % n;
    let mut steps = Vec::new();
    for _ in 0..=below(4) {
        let (record, label) = (below(12), 1 + below(3));
        steps.push(match below(20) {
            0 => Step::Remove { record, label },
            1 => Step::Alias { from: 1000 + below(50), to: below(20) },
            2 => Step::Access { members: (0..below(4)).map(|n| (n + below(3), 1 + below(5) as u8)).collect() },
            3 => Step::Quarantine,
            4 => Step::Answer { id: below(9) as u8 },
            5 => Step::Refuse,
            // A record's type, class and parent follow from its id, as they do in earnest.
            _ => Step::Put {
                record,
                label,
                type_number: 100 + (record % 3) as u32,
                class: 1 + (record % 2) as u8,
                parent: (record % 4 == 1).then_some(record / 2),
                len: below(90) as usize,
            },
        });
    }
    Plan { circle: below(3) as usize, counter, steps }
}

fn run(work: &mut Working<'_>, plan: &Plan) -> Result<(), StoreError> {
    work.circle_mut().head += 1;
    let (seq, circle) = (work.circle().head, work.circle().circle);
    let dot = Dot::new(EPOCH, 5, plan.counter);
    for step in &plan.steps {
        match step {
            Step::Put { record: id, label, type_number, class, parent, len } => {
                let known = work.part(record(*id), *label)?.cloned();
                let first_seq = known.as_ref().map_or(seq, |part| part.first_seq);
                let mut history = known.map(|part| part.history).unwrap_or_default();
                history.push(dot);
                work.put_part(PartRow {
                    label: *label,
                    class: *class,
                    type_number: *type_number,
                    first_seq,
                    time_ms: (*id % 5) * 1000,
                    parent: parent.map(record),
                    state: vec![*len as u8; *len],
                    history,
                    ..part(record(*id), seq)
                })?;
            }
            Step::Remove { record: id, label } => {
                work.remove_part(record(*id), *label)?;
                work.put_tombstone(TombstoneRow { record: record(*id), dot: None, seq });
            }
            Step::Alias { from, to } => work.put_alias(Dot::new(EPOCH, 5, *from), Dot::new(EPOCH, 5, *to)),
            Step::Access { members } => work.put_access(vec![seq as u8], members.clone()),
            Step::Quarantine => {
                let id = work.next_quarantine_id();
                work.put_quarantine(QuarantineRow {
                    id,
                    dot,
                    author: Default::default(),
                    received_ms: seq,
                    reason: "RIGHT_LOST".to_owned(),
                    content: vec![id as u8],
                });
            }
            Step::Answer { id } => work.put_request(RequestRow {
                account: 7,
                request_id: [*id; 16],
                fingerprint: [*id; 16],
                at_ms: seq,
                answer: vec![seq as u8],
            }),
            Step::Refuse => return Err(StoreError::Refused("no")),
        }
    }
    work.put_log(log(dot, seq));
    work.audit(audit(circle, "push", seq));
    Ok(())
}

/// Runs the script of `seed`, up to eight jobs at a time, and shows what is there.
async fn play(store: &dyn Store, seed: u64) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut circles = Vec::new();
    for n in 0..3 {
        circles.push(new_circle(store, &format!("s{seed}-{n}")).await);
    }
    let mut out = String::new();
    let (mut counter, mut held) = (0, 0);
    for _ in 0..25 {
        let jobs: Vec<Plan> = (0..1 + rng.next_u32() % 8)
            .map(|_| {
                counter += 1;
                plan(&mut rng, counter)
            })
            .collect();
        let calls = jobs.into_iter().map(|plan| {
            let needs = Needs {
                circle: circles[plan.circle],
                records: (0..12).map(record).collect(),
                dots: vec![Dot::new(EPOCH, 5, plan.counter)],
                ..Needs::default()
            };
            commit(store, needs, move |work| run(work, &plan))
        });
        for result in join_all(calls).await {
            write!(out, "{} ", if result.is_ok() { "ok" } else { "refused" }).unwrap();
        }
        held += memory_says_what_the_database_says(store, &circles).await;
    }
    assert_eq!(held > 50, store.kind() == "sqlite", "{held} views from memory");
    for circle in &circles {
        out += &dump(store, *circle).await;
        out += &pages(store, *circle).await;
    }
    for account in 0..8 {
        let circles = store.circles_of(account).await.unwrap();
        writeln!(out, "{account}: {circles:?}").unwrap();
    }
    out
}

/// Behind every commit: how the circles stand, and what came last, whatever is held in memory. Returns how many views
/// were.
async fn memory_says_what_the_database_says(store: &dyn Store, circles: &[CircleNo]) -> u32 {
    let mut held = 0;
    let standing = store.standing(circles).await.unwrap();
    for (circle, row) in circles.iter().zip(standing) {
        let mut snapshot = store.snapshot(*circle).await.unwrap();
        assert_eq!(row, *snapshot.circle());
        for after in 0..=row.head + 1 {
            let Some(mut recent) = store.recent(*circle, after) else { continue };
            held += 1;
            assert_eq!(recent.circle(), snapshot.circle());
            assert_eq!(recent.access().await.unwrap(), snapshot.access().await.unwrap());
            for room in [Room::parts(0), Room::parts(1), Room { parts: 3, bytes: 200 }, Room::parts(u32::MAX)] {
                let ask = Ask { range: Range::After { after }, room };
                let (shown, found) = (recent.all().parts_in(ask).await, snapshot.all().parts_in(ask).await);
                assert_eq!(shown.unwrap(), found.unwrap(), "after {after} of {}", row.head);
            }
            assert!(matches!(recent.all().tombstones_after(0).await, Err(StoreError::NotHeld)));
        }
    }
    held
}

async fn pages(store: &dyn Store, circle: CircleNo) -> String {
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let mut out = String::new();
    for limit in [1, 3] {
        for after in [0, 10, 20] {
            writeln!(out, "{:?}", snapshot.all().parts_after(after, limit).await.unwrap()).unwrap();
            writeln!(out, "{:?}", snapshot.all().parts_before(1, after, 15, limit).await.unwrap()).unwrap();
            writeln!(out, "{:?}", snapshot.all().count_before(1, after, 15).await.unwrap()).unwrap();
        }
        for (by_time, type_number) in [(false, 0), (false, 101), (true, 0), (true, 101)] {
            let before = Some((if by_time { 3000 } else { 15 }, record(5)));
            let query = ListQuery { type_number, by_time, before, from_ms: 0, to_ms: 4000, limit };
            writeln!(out, "{:?}", snapshot.all().list(query).await.unwrap()).unwrap();
        }
    }
    let children = snapshot.all().children_of(&[record(0), record(2), record(4)]).await.unwrap();
    writeln!(out, "{children:?}").unwrap();
    out
}

/// `osteon erase` and its like commit beside a server that holds circles in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_commits_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (server, other) = (fixture::sqlite(folder.path()).await, fixture::sqlite(folder.path()).await);
    let circle = new_circle(&*server, "shared").await;
    fixture::push(&*server, circle, 1, &[record(1)]).await;
    assert_eq!(server.standing(&[circle]).await.unwrap()[0].head, 1);
    fixture::push(&*server, circle, 2, &[record(2)]).await;
    assert!(server.recent(circle, 1).is_some_and(|recent| recent.circle().head == 2));
    assert!(server.alone() && !other.alone());
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path().join("osteon.db"), elsewhere.path().join("osteon.db")).unwrap();
    let linked = fixture::sqlite(elsewhere.path()).await;
    assert!(!linked.alone(), "a link leads to the same database");
    linked.close().await;
    fixture::push(&*other, circle, 3, &[record(1)]).await;
    assert_eq!(server.standing(&[circle]).await.unwrap()[0].head, 3, "at once");
    assert!(server.recent(circle, 2).is_none(), "what came between is not held");
    // Its own commits it holds again.
    fixture::push(&*server, circle, 4, &[record(4)]).await;
    assert!(server.recent(circle, 3).is_some_and(|recent| recent.circle().head == 4));
    // One that does not say so: noticed soon, and whoever waits is woken.
    let woken = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counts = Arc::clone(&woken);
    server.on_commit(Box::new(move |moved| {
        counts.fetch_add(u64::from(moved.is_empty()), std::sync::atomic::Ordering::Relaxed);
    }));
    let path = folder.path().join("osteon.db");
    let mut stranger = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("UPDATE head SET head = 9 WHERE head = 4").execute(&mut stranger).await.unwrap();
    let noticed = async {
        while server.standing(&[circle]).await.unwrap()[0].head != 9 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), noticed).await.expect("noticed");
    assert!(woken.load(std::sync::atomic::Ordering::Relaxed) > 0);
    // The file is taken away: nothing is held, rather than something that others have changed.
    assert!(server.alone());
    std::fs::remove_file(folder.path().join("osteon.db-others")).unwrap();
    assert!(server.recent(circle, 9).is_none() && !server.alone());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stays_holds_when_the_holder_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (server, other) = (fixture::sqlite(folder.path()).await, fixture::sqlite(folder.path()).await);
    assert!(server.alone() && !other.alone());
    server.close().await;
    drop(server);
    let held = async {
        while !other.alone() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), held).await.expect("held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_scripts_end_alike_on_all_stores() {
    let seeds = std::env::var("OSTEON_SCRIPTS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let folder = tempfile::tempdir().unwrap();
    let cluster = Postgres::start();
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(vault()));
    let sqlite = fixture::sqlite(folder.path()).await;
    let postgres = open(&Options::new(cluster.url("random")), vault()).await.unwrap();
    for seed in 0..seeds {
        let expected = play(&*memory, seed).await;
        assert!(expected.contains("refused") && expected.contains("ok"), "seed {seed}: both outcomes happen");
        assert!(play(&*sqlite, seed).await == expected, "seed {seed}: SQLite differs from memory");
        assert!(play(&*postgres, seed).await == expected, "seed {seed}: PostgreSQL differs from memory");
    }
}

//! Jobs: what they see, what they leave, what a failing one takes with it (nothing).

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use futures_util::future::join_all;
use osteon_server::store::{identity::*, *};
use osteon_sync_core::Dot;

use crate::all::All;
use crate::fixture::{EPOCH, audit, dump, log, new_circle, part, push, rare, record, replica, write};

pub(crate) async fn all(store: &dyn Store) {
    what_is_written_is_read_back(store).await;
    a_failing_job_leaves_nothing(store).await;
    what_was_not_declared_is_not_absent(store).await;
    jobs_of_one_circle_run_in_order(store).await;
    rare_rows_are_found_again(store).await;
    children_and_types_come_whole(store).await;
    parents_come_along(store).await;
    access_moves_its_generation(store).await;
    ends_of_grants_are_found(store).await;
    circles_whose_rules_are_due_are_found(store).await;
    erasures_are_asked_and_confirmed(store).await;
    what_devices_have_read_is_what_they_said_last(store).await;
    since_when_devices_hold_what_they_hold(store).await;
    owners_are_those_of_the_commit(store).await;
    unknown_circles_are_not_found(store).await;
    commits_wake(store).await;
    audit_and_sweep(store).await;
    assert!(["memory", "sqlite", "postgres"].contains(&store.kind()));
    store.ping().await.unwrap();
}

async fn read<R: Send + 'static>(
    store: &dyn Store,
    needs: Needs,
    look: impl FnMut(&mut Working<'_>) -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    commit(store, needs, look).await
}

async fn what_is_written_is_read_back(store: &dyn Store) {
    let circle = new_circle(store, "written").await;
    let dot = Dot::new(EPOCH, 5, 1);
    assert_eq!(push(store, circle, 1, &[record(1), record(2)]).await, 1);
    assert_eq!(store.heads(&[circle, 999_999]).await.unwrap(), vec![(circle, 1)]);
    assert_eq!(store.alone(), store.kind() != "postgres");
    assert_eq!(store.last_committed(circle), store.alone().then_some(1));
    assert_eq!(store.last_committed(999_999), None);
    assert!(store.recent(circle, 0).is_none(), "nobody has asked how it stands");
    let standing = store.standing(&[circle, 999_999]).await.unwrap();
    let mut snapshot = store.snapshot(circle).await.unwrap();
    assert_eq!(standing, [Arc::clone(snapshot.circle())]);
    assert!(matches!(snapshot.turn_to(999_999).await, Err(StoreError::NotFound)));
    snapshot.turn_to(circle).await.unwrap();
    assert_eq!(standing, [Arc::clone(snapshot.circle())]);
    drop(snapshot);
    assert!(matches!(store.snapshot_of(&[]).await.err(), Some(StoreError::NotFound)));
    assert!(matches!(store.snapshot_of(&[999_999, circle]).await.err(), Some(StoreError::NotFound)));
    let mut snapshot = store.snapshot_of(&[circle, 999_999]).await.unwrap();
    assert_eq!(standing, [Arc::clone(snapshot.circle())]);
    assert!(matches!(snapshot.turn_to(999_999).await, Err(StoreError::NotFound)));
    drop(snapshot);
    let mut snapshot = store.snapshot(circle).await.unwrap();
    assert_eq!(snapshot.circle().short_id, "written");
    // A proof counts in its own circle.
    let elsewhere = snapshot.rows(crate::all::proof(circle + 1));
    assert!(matches!(elsewhere.err(), Some(StoreError::NotFound)));
    assert_eq!(snapshot.circle().chains[&replica(5)].counter, 1);
    assert_eq!(
        snapshot.all().parts_of(&[record(2), record(1), record(2)]).await.unwrap(),
        [part(record(1), 1), part(record(2), 1)]
    );
    assert_eq!(snapshot.all().log_of(&[dot, Dot::new(EPOCH, 5, 2)]).await.unwrap(), [log(dot, 1)]);
    drop(snapshot);
    // A second write of the same part replaces it, keeps where it first was, and a job sees what stands.
    push(store, circle, 2, &[record(1)]).await;
    let needs = Needs { circle, records: vec![record(1)], dots: vec![dot], ..Needs::default() };
    let (seen, kept) =
        read(store, needs, move |work| Ok((work.part(record(1), 1 << 40)?.cloned(), work.log(dot)?.cloned())))
            .await
            .unwrap();
    let seen = seen.unwrap();
    assert_eq!((seen.seq, seen.first_seq, seen.history.len()), (2, 1, 2));
    assert_eq!(kept, Some(log(dot, 1)));
}

/// Three jobs in one group: one that says no, one that panics, one that is good.
async fn a_failing_job_leaves_nothing(store: &dyn Store) {
    let (good, bad) = (new_circle(store, "good").await, new_circle(store, "bad").await);
    push(store, bad, 1, &[record(1)]).await;
    let before = dump(store, bad).await;
    let needs = |circle, counter| Needs {
        circle,
        records: vec![record(1)],
        dots: vec![Dot::new(EPOCH, 5, counter)],
        ..Needs::default()
    };
    let refused = commit(store, needs(bad, 2), |work| {
        write(work, Dot::new(EPOCH, 5, 2), &[record(1)])?;
        rare_but(work)
    });
    let panicked = commit(store, needs(bad, 2), |work| -> Result<(), StoreError> {
        write(work, Dot::new(EPOCH, 5, 2), &[record(1)])?;
        panic!("a job may not take others with it")
    });
    let fine = commit(store, needs(good, 1), |work| write(work, Dot::new(EPOCH, 5, 1), &[record(1)]));
    let (refused, panicked, fine) = tokio::join!(refused, panicked, fine);
    assert!(matches!(refused, Err(StoreError::Refused("no"))), "{refused:?}");
    assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    assert_eq!(fine.unwrap(), 1);
    assert_eq!(dump(store, bad).await, before);
    assert_eq!(push(store, bad, 2, &[record(1)]).await, 2, "the sequence has no hole");
}

fn rare_but(work: &mut Working<'_>) -> Result<(), StoreError> {
    work.put_access(Vec::new(), vec![(1, 1)]);
    work.put_alias(Dot::default(), Dot::default());
    Err(StoreError::Refused("no"))
}

async fn what_was_not_declared_is_not_absent(store: &dyn Store) {
    let circle = new_circle(store, "declared").await;
    push(store, circle, 1, &[record(1)]).await;
    let needs = Needs { circle, ..Needs::default() };
    let errors = read(store, needs, |work| {
        Ok([
            work.part(record(1), 1 << 40).is_err(),
            work.parts_of(record(1)).is_err(),
            work.put_part(part(record(1), 1)).is_err(),
            work.children_of(record(1)).is_err(),
            work.parts_of_type(101).is_err(),
            work.log(Dot::new(EPOCH, 5, 1)).is_err(),
            work.owner(replica(1)).is_err(),
            work.tombstones().is_err(),
            work.quarantined(1).is_err(),
            work.request(1, [0; 16]).is_err(),
        ])
    })
    .await
    .unwrap();
    assert_eq!(errors, [true; 10]);
}

async fn jobs_of_one_circle_run_in_order(store: &dyn Store) {
    let circle = new_circle(store, "ordered").await;
    let answers = Arc::new(Mutex::new(Vec::new()));
    let (left, mut done) = (Arc::new(AtomicU64::new(60)), Vec::new());
    for n in 0..60_u8 {
        let (answers, left) = (Arc::clone(&answers), Arc::clone(&left));
        let (tx, rx) = tokio::sync::oneshot::channel();
        done.push(rx);
        store
            .submit(Job {
                needs: Needs { circle, records: vec![record(1)], ..Needs::default() },
                run: Box::new(move |work| {
                    work.circle_mut().head += 1;
                    let seq = work.circle().head;
                    let mut row = work.part(record(1), 5)?.cloned().unwrap_or_else(|| part(record(1), seq));
                    (row.label, row.seq) = (5, seq);
                    row.state.push(n);
                    work.put_part(row)
                }),
                done: Box::new(move |result| {
                    answers.lock().unwrap().push(n);
                    left.fetch_sub(1, Ordering::SeqCst);
                    let _ = tx.send(result);
                }),
            })
            .unwrap();
    }
    for answer in done {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(left.load(Ordering::SeqCst), 0);
    assert_eq!(*answers.lock().unwrap(), (0..60).collect::<Vec<u8>>());
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let parts = snapshot.all().parts_of(&[record(1)]).await.unwrap();
    assert_eq!(parts[0].state[parts[0].state.len() - 60..], (0..60).collect::<Vec<u8>>());
    assert_eq!(snapshot.circle().head, 60);
}

async fn rare_rows_are_found_again(store: &dyn Store) {
    let circle = new_circle(store, "rare").await;
    push(store, circle, 3, &[record(1), record(2)]).await;
    let needs = Needs { circle, records: vec![record(1), record(900)], ..Needs::default() };
    commit(store, needs, rare).await.unwrap();
    let alias = Dot::new(EPOCH, 5, 40);
    let needs = Needs {
        circle,
        records: vec![record(1), record(2), record(77), record(78)],
        dots: vec![alias],
        request: Some((7, [1; 16])),
        quarantine: vec![1, 2],
        tombstones: true,
        ..Needs::default()
    };
    read(store, needs, move |work| {
        assert!(work.part(record(1), 1 << 40)?.is_none(), "removed");
        assert!(work.has_aliases());
        assert_eq!(work.alias(alias), Some(Dot::new(EPOCH, 5, 3)));
        assert_eq!(work.alias(Dot::new(EPOCH, 5, 41)), None);
        assert_eq!(work.log(Dot::new(EPOCH, 5, 3))?.map(|row| row.seq), Some(1), "loaded by its alias");
        assert_eq!(work.renumbered(alias, [4; 16]), Some(Dot::new(EPOCH, 5, 3)));
        assert_eq!(work.renumbered(alias, [5; 16]), None);
        assert!(work.creation_refused(record(77))? && !work.creation_refused(record(78))?);
        assert!(work.moved(record(1))? && !work.moved(record(2))?, "a redaction moves nothing");
        assert_eq!(work.tombstones()?.len(), 2);
        assert_eq!(work.quarantined(1)?.map(|row| row.reason.clone()), Some("RIGHT_LOST".to_owned()));
        assert!(work.quarantined(2)?.is_none());
        assert_eq!(work.request(7, [1; 16])?.map(|row| row.answer.clone()), Some(b"kept-answer".to_vec()));
        assert_eq!(work.next_quarantine_id(), 2);
        work.remove_quarantine(1);
        assert!(work.quarantined(1)?.is_none());
        Ok(())
    })
    .await
    .unwrap();
    let mut snapshot = store.snapshot(circle).await.unwrap();
    assert!(snapshot.all().quarantine().await.unwrap().is_empty());
    assert_eq!(snapshot.circle().quarantined, 2);
    assert_eq!(snapshot.all().tombstones_after(1).await.unwrap().len(), 2);
    assert!(snapshot.all().tombstones_after(2).await.unwrap().is_empty());
}

async fn children_and_types_come_whole(store: &dyn Store) {
    let circle = new_circle(store, "children").await;
    let needs = Needs { circle, records: (1..=5).map(record).collect(), ..Needs::default() };
    commit(store, needs, |work| {
        work.circle_mut().head += 1;
        work.put_part(part(record(1), 1))?;
        for child in 2..=4 {
            let row = PartRow { parent: Some(record(1)), type_number: 300, ..part(record(child), 1) };
            // The second part of a child does not say whose child it is; it comes along.
            work.put_part(PartRow { label: 9, parent: None, ..row.clone() })?;
            work.put_part(row)?;
        }
        work.put_part(PartRow { parent: Some(record(9)), type_number: 301, ..part(record(5), 1) })
    })
    .await
    .unwrap();
    let needs = Needs { circle, children_of: vec![record(1)], types: vec![301], ..Needs::default() };
    let (children, other) = read(store, needs, |work| {
        let children: Vec<_> = work.children_of(record(1))?.iter().map(|part| part.record).collect();
        let whole = work.parts_of(record(3))?.len();
        assert_eq!(whole, 2);
        Ok((children, work.parts_of_type(301)?.len()))
    })
    .await
    .unwrap();
    assert_eq!((children, other), (vec![record(2), record(3), record(4)], 1));
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let found = snapshot.all().children_of(&[record(1), record(9), record(1)]).await.unwrap();
    assert_eq!(found.len(), 7, "two parts of each child, one of the other parent's");
    assert!(found.is_sorted_by_key(|part| (part.record, part.label)));
}

/// Whoever writes to a child has its parent at hand.
async fn parents_come_along(store: &dyn Store) {
    let circle = new_circle(store, "parents").await;
    let all = Needs { circle, records: vec![record(1), record(2)], ..Needs::default() };
    commit(store, all, |work| {
        work.circle_mut().head += 1;
        work.put_part(part(record(1), 1))?;
        work.put_part(PartRow { label: 7, ..part(record(1), 1) })?;
        work.put_part(PartRow { parent: Some(record(1)), ..part(record(2), 1) })
    })
    .await
    .unwrap();
    let child = Needs { circle, records: vec![record(2)], ..Needs::default() };
    let parents = read(store, child, |work| Ok(work.parts_of(record(1))?.len())).await.unwrap();
    assert_eq!(parents, 2, "each part of the parent");
}

async fn access_moves_its_generation(store: &dyn Store) {
    let (circle, other) = (new_circle(store, "access").await, new_circle(store, "access2").await);
    let put = |circle, state: &'static [u8], members: Vec<(AccountNo, u8)>| {
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.put_access(state.to_vec(), members.clone());
            Ok((work.access().generation, work.circle().access_generation))
        })
    };
    assert_eq!(put(circle, b"one", vec![(52, 1), (51, 2)]).await.unwrap(), (1, 1));
    assert_eq!(put(circle, b"two", vec![(51, 3)]).await.unwrap(), (2, 2));
    assert_eq!(put(other, b"three", vec![(51, 4)]).await.unwrap(), (1, 1));
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let expected = AccessRow { generation: 2, state: b"two".to_vec(), members: vec![(51, 3)] };
    assert_eq!(snapshot.access().await.unwrap(), expected);
    assert_eq!(snapshot.circle().access_generation, 2);
    assert!(store.access_moved(circle, 1) && !store.access_moved(circle, 2));
    assert_eq!(store.circles_of(51).await.unwrap(), [(circle, 3), (other, 4)]);
    assert!(store.circles_of(52).await.unwrap().is_empty());
    // Whose warnings are late, each member is told of their own circles.
    let late = |circle, late_ms: Option<u64>| {
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.put_rules_due(RulesDue { at_ms: u64::from(u32::MAX) << 8, late_ms });
            Ok(())
        })
    };
    late(circle, Some(70)).await.unwrap();
    late(other, None).await.unwrap();
    assert_eq!(store.rules_late(51).await.unwrap(), [(circle, 70)]);
    assert!(store.rules_late(52).await.unwrap().is_empty());
    late(circle, None).await.unwrap();
    assert!(store.rules_late(51).await.unwrap().is_empty());
}

async fn erasures_are_asked_and_confirmed(store: &dyn Store) {
    let (circle, other) = (new_circle(store, "erase1").await, new_circle(store, "erase2").await);
    let row = |circle, device, seq, asked_ms| ErasureRow {
        circle,
        device,
        seq,
        account: device + 100,
        cells: 3,
        asked_ms,
        confirmed_ms: None,
    };
    for asked in [row(circle, 2, 7, 50), row(circle, 2, 9, 60), row(circle, 1, 9, 60), row(other, 2, 7, 50)] {
        store.put_erasure(asked).await.unwrap();
    }
    store.confirm_erasures(circle, 2, 8, 70).await.unwrap();
    let confirmed = |row: ErasureRow, at| ErasureRow { confirmed_ms: Some(at), ..row };
    let expected = [row(circle, 1, 9, 60), row(circle, 2, 9, 60), confirmed(row(circle, 2, 7, 50), 70)];
    assert_eq!(store.erasures_of(circle, 10).await.unwrap(), expected);
    assert_eq!(store.erasures_of(other, 10).await.unwrap(), [row(other, 2, 7, 50)]);
    // Asked again: not confirmed any more. A receipt is not given twice.
    store.put_erasure(row(circle, 2, 7, 80)).await.unwrap();
    store.confirm_erasures(circle, 2, 9, 90).await.unwrap();
    store.confirm_erasures(circle, 2, 9, 99).await.unwrap();
    let both = [confirmed(row(circle, 2, 9, 60), 90), confirmed(row(circle, 2, 7, 80), 90)];
    assert_eq!(store.erasures_of(circle, 10).await.unwrap()[1..], both);
    assert_eq!(store.erasures_of(circle, 1).await.unwrap().len(), 1);
}

async fn what_devices_have_read_is_what_they_said_last(store: &dyn Store) {
    let (circle, other) = (new_circle(store, "read1").await, new_circle(store, "read2").await);
    let row = |circle, device, seq, at_ms| ReadRow { circle, device, seq, at_ms };
    store.put_reads(vec![row(circle, 2, 7, 50), row(other, 2, 9, 50), row(circle, 1, 3, 60)]).await.unwrap();
    assert_eq!(store.reads_of(circle).await.unwrap(), [row(circle, 1, 3, 60), row(circle, 2, 7, 50)], "by device");
    // A device that begins anew holds nothing. What another node says later of an earlier moment changes nothing.
    store.put_reads(vec![row(circle, 2, 0, 80), row(circle, 2, 8, 70)]).await.unwrap();
    assert_eq!(store.reads_of(circle).await.unwrap(), [row(circle, 1, 3, 60), row(circle, 2, 0, 80)]);
    assert!(store.erase_circle(circle, 90, Vec::new()).await.unwrap());
    assert!(store.reads_of(circle).await.unwrap().is_empty());
    assert!(store.reached_of(circle, 2, 9).await.unwrap().is_empty());
    assert!(store.heard_of(circle, 9).await.unwrap().is_empty());
    assert_eq!(store.reads_of(other).await.unwrap(), [row(other, 2, 9, 50)]);
}

/// Coming again with the same says nothing new; within a minute the last word stands; after 90 days it is forgotten.
async fn since_when_devices_hold_what_they_hold(store: &dyn Store) {
    const MINUTE: u64 = 60_000;
    let circle = new_circle(store, "reached").await;
    let come = async |device, seq, at_ms| {
        store.put_reads(vec![ReadRow { circle, device, seq, at_ms }]).await.unwrap();
    };
    let minutes = async |device, limit| {
        let rows = store.reached_of(circle, device, limit).await.unwrap();
        rows.into_iter().map(|(seq, at_ms)| (seq, at_ms / MINUTE)).collect::<Vec<_>>()
    };
    for (seq, at_ms) in [(4, 10 * MINUTE), (6, 10 * MINUTE + 59_999), (6, 11 * MINUTE), (9, 12 * MINUTE + 5)] {
        come(1, seq, at_ms).await;
    }
    come(2, 5, 12 * MINUTE).await;
    // One that begins anew holds nothing: what it once held stays said.
    come(1, 0, 13 * MINUTE).await;
    come(1, 9, 14 * MINUTE).await;
    assert_eq!(minutes(1, 9).await, [(9, 12), (6, 10)], "the newest first");
    assert_eq!((minutes(1, 1).await, minutes(2, 9).await), (vec![(9, 12)], vec![(5, 12)]));
    let late = 90 * 24 * 60 + 12;
    come(1, 12, late * MINUTE).await;
    assert_eq!(minutes(1, 9).await, [(12, late), (9, 12)]);
}

async fn ends_of_grants_are_found(store: &dyn Store) {
    let circles = [new_circle(store, "ends1").await, new_circle(store, "ends2").await];
    let put = |circle, at_ms: Option<u64>| {
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.put_grant_end(at_ms);
            Ok(())
        })
    };
    put(circles[0], Some(900)).await.unwrap();
    put(circles[1], Some(700)).await.unwrap();
    assert!(store.grant_ends_due(699, 10).await.unwrap().is_empty());
    assert_eq!(store.grant_ends_due(700, 10).await.unwrap(), [circles[1]]);
    assert_eq!(store.grant_ends_due(900, 10).await.unwrap(), [circles[1], circles[0]], "the earliest first");
    assert_eq!(store.grant_ends_due(900, 1).await.unwrap(), [circles[1]]);
    put(circles[1], Some(901)).await.unwrap();
    put(circles[0], None).await.unwrap();
    assert!(store.grant_ends_due(900, 10).await.unwrap().is_empty());
    // A job that fails leaves none.
    let failed = commit(store, Needs { circle: circles[0], ..Needs::default() }, |work| {
        work.put_grant_end(Some(1));
        Err::<(), _>(StoreError::Refused("not today"))
    });
    assert!(failed.await.is_err());
    assert!(store.grant_ends_due(900, 10).await.unwrap().is_empty());
    put(circles[1], None).await.unwrap();
}

async fn circles_whose_rules_are_due_are_found(store: &dyn Store) {
    let circles = [new_circle(store, "rules1").await, new_circle(store, "rules2").await];
    let put = |circle, at_ms: u64, late_ms: Option<u64>| {
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.put_rules_due(RulesDue { at_ms, late_ms });
            Ok(())
        })
    };
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), None);
    put(circles[0], 900, Some(50)).await.unwrap();
    put(circles[1], 700, None).await.unwrap();
    assert!(store.rules_due(699, 10).await.unwrap().is_empty());
    assert_eq!(store.rules_due(900, 10).await.unwrap(), [circles[1], circles[0]], "the longest due first");
    assert_eq!(store.rules_due(900, 1).await.unwrap(), [circles[1]]);
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 900, late_ms: Some(50) }));
    put(circles[0], 1_000, None).await.unwrap();
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 1_000, late_ms: None }));
    // A job that fails leaves none.
    let failed = commit(store, Needs { circle: circles[1], ..Needs::default() }, |work| {
        work.put_rules_due(RulesDue { at_ms: 1, late_ms: None });
        Err::<(), _>(StoreError::Refused("not today"))
    });
    assert!(failed.await.is_err());
    assert_eq!(store.rules_due(900, 10).await.unwrap(), [circles[1]]);
    // What a push says: what is due sooner, or late, stays so, whoever wrote it.
    let by = |circle, at_ms: u64, late_ms: Option<u64>| {
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.put_rules_due_by(RulesDue { at_ms, late_ms });
            work.put_rules_due_by(RulesDue { at_ms: at_ms + 1, late_ms: None });
            Ok(())
        })
    };
    put(circles[0], 900, Some(50)).await.unwrap();
    by(circles[0], 950, Some(60)).await.unwrap();
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 900, late_ms: Some(50) }));
    by(circles[0], 850, None).await.unwrap();
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 850, late_ms: Some(50) }));
    put(circles[0], 1_000, None).await.unwrap();
    by(circles[0], 980, Some(70)).await.unwrap();
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 980, late_ms: Some(70) }));
    let third = new_circle(store, "rules3").await;
    by(third, 990_000, None).await.unwrap();
    assert_eq!(store.rules_due_of(third).await.unwrap(), Some(RulesDue { at_ms: 990_000, late_ms: None }));
    // A new rule set: all of them, and what is due earlier stays so.
    put(circles[1], 400, Some(50)).await.unwrap();
    store.rules_all_due(800).await.unwrap();
    assert_eq!(store.rules_due_of(circles[0]).await.unwrap(), Some(RulesDue { at_ms: 800, late_ms: Some(70) }));
    assert_eq!(store.rules_due_of(circles[1]).await.unwrap(), Some(RulesDue { at_ms: 400, late_ms: Some(50) }));
    for circle in [circles[0], circles[1], third] {
        put(circle, u64::from(u32::MAX) << 8, None).await.unwrap();
    }
}

async fn owners_are_those_of_the_commit(store: &dyn Store) {
    let circle = new_circle(store, "owners").await;
    let account = store.create_account(1, 1).await.unwrap();
    let invite = InviteRow {
        code_mac: [77; 32],
        circle,
        account,
        role: 2,
        expires_ms: 100,
        tries_left: 3,
        qr_tries_left: 3,
        made_by: 0,
        used: false,
        ..Default::default()
    };
    store.put_invite(invite).await.unwrap();
    let new = crate::identity::new_device(account, 77);
    let InviteOutcome::Redeemed { device, ordinary, urgent } =
        store.redeem_invite(InviteCode::typed([77; 32]), 1, new).await.unwrap()
    else {
        panic!("the invite is open")
    };
    let needs = || Needs {
        circle,
        dots: vec![Dot::new(EPOCH, ordinary, 1)],
        replicas: vec![replica(urgent), replica(9_999_999)],
        ..Needs::default()
    };
    let look = move |work: &mut Working<'_>| {
        Ok([work.owner(replica(ordinary))?, work.owner(replica(urgent))?, work.owner(replica(9_999_999))?])
    };
    let owner = |lane, retired| Some(OwnerRow { account, device, lane, retired });
    assert_eq!(read(store, needs(), look).await.unwrap(), [owner(1, false), owner(2, false), None]);
    store.revoke_device(device).await.unwrap();
    assert_eq!(read(store, needs(), look).await.unwrap(), [owner(1, true), owner(2, true), None]);
}

async fn unknown_circles_are_not_found(store: &dyn Store) {
    assert!(matches!(store.snapshot(999_999).await.map(|_| ()), Err(StoreError::NotFound)));
    let needs = Needs { circle: 999_999, ..Needs::default() };
    assert!(matches!(read(store, needs, |_| Ok(())).await, Err(StoreError::NotFound)));
}

async fn commits_wake(store: &dyn Store) {
    let circle = new_circle(store, "woken").await;
    let heads = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heads);
    store.on_commit(Box::new(move |woken| {
        told.lock().unwrap().extend(woken.iter().filter(|(number, _)| *number == circle).map(|(_, head)| *head));
    }));
    push(store, circle, 1, &[record(1)]).await;
    push(store, circle, 2, &[record(2)]).await;
    for _ in 0..200 {
        if heads.lock().unwrap().last() == Some(&2) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(heads.lock().unwrap().last(), Some(&2));
    let before = heads.lock().unwrap().len();
    read(store, Needs { circle, ..Needs::default() }, |_| Ok(())).await.unwrap();
    assert_eq!(heads.lock().unwrap().len(), before, "a job that writes nothing wakes nobody");
}

async fn audit_and_sweep(store: &dyn Store) {
    let circle = new_circle(store, "audited").await;
    push(store, circle, 1, &[record(1)]).await;
    store.audit(vec![audit(circle, "pull.open", 4), audit(circle, "record.get", 5)]).await.unwrap();
    store.audit(Vec::new()).await.unwrap();
    let rows = store.audit_after(circle, 0, 10).await.unwrap();
    let words: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.record, row.request)).collect();
    let expected = [
        ("push", None, u64::MAX - 1),
        ("pull.open", Some(record(4)), u64::MAX - 4),
        ("record.get", None, u64::MAX - 5),
    ];
    assert_eq!(words, expected);
    assert_eq!(store.audit_after(circle, rows[1].no, 10).await.unwrap(), rows[2..]);
    assert_eq!(store.audit_after(circle, 0, 2).await.unwrap(), rows[..2]);

    let request =
        |at_ms, id| RequestRow { account: 7, request_id: [id; 16], fingerprint: [0; 16], at_ms, answer: vec![1] };
    commit(store, Needs { circle, ..Needs::default() }, move |work| {
        work.put_request(request(10 * ANSWERS_KEPT_MS, 1));
        work.put_request(request(11 * ANSWERS_KEPT_MS, 2));
        Ok(())
    })
    .await
    .unwrap();
    assert!(store.sweep(11 * ANSWERS_KEPT_MS + 1).await.unwrap() >= 1);
    for (id, kept) in [(1, false), (2, true)] {
        let needs = Needs { circle, request: Some((7, [id; 16])), ..Needs::default() };
        assert_eq!(read(store, needs, move |work| Ok(work.request(7, [id; 16])?.is_some())).await.unwrap(), kept);
    }
}

pub(crate) async fn closing_commits_what_waits(store: &dyn Store) {
    let circle = new_circle(store, "closed").await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        let (tx, rx) = tokio::sync::oneshot::channel();
        answers.push(rx);
        store
            .submit(Job {
                needs: Needs { circle, ..Needs::default() },
                run: Box::new(|work| {
                    work.circle_mut().head += 1;
                    Ok(())
                }),
                done: Box::new(move |result| drop(tx.send(result))),
            })
            .unwrap();
    }
    store.close().await;
    for answer in answers {
        answer.await.expect("answered").expect("committed");
    }
    let late = commit(store, Needs { circle, ..Needs::default() }, |_| Ok(())).await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
}

pub(crate) async fn queue_is_bounded(store: &dyn Store, bound: usize) {
    let circle = new_circle(store, "bounded").await;
    let job = || Job { needs: Needs { circle, ..Needs::default() }, run: Box::new(|_| Ok(())), done: Box::new(|_| ()) };
    for _ in 0..bound {
        store.submit(job()).unwrap();
    }
    assert!(matches!(store.submit(job()), Err(StoreError::Overloaded)));
    // What is to be audited waits for its turn: nobody's look fails for the number of others.
    let rows = (0..20 * bound as u64).map(|n| store.audit(vec![audit(circle, "pull.open", n)]));
    assert!(join_all(rows).await.iter().all(Result::is_ok));
    commit_again(store, circle).await;
}

/// Once the writer had its turn there is room again.
async fn commit_again(store: &dyn Store, circle: CircleNo) {
    for _ in 0..1000 {
        match commit(store, Needs { circle, ..Needs::default() }, |_| Ok(())).await {
            Err(StoreError::Overloaded) => tokio::task::yield_now().await,
            other => return other.unwrap(),
        }
    }
    panic!("the queue never emptied");
}

//! Snapshots: pages that never end inside a commit, lists, and one view that stands while others write.

use osteon_server::store::*;
use osteon_sync_core::ledger::{Ask, Range, Room};

use crate::all::All;
use crate::fixture::{new_circle, part, push, record};

pub(crate) async fn all(store: &dyn Store) {
    pages_never_end_inside_a_commit(store).await;
    backfill_stops_at_its_snapshot(store).await;
    lists_go_down(store).await;
    a_snapshot_stands_still(store).await;
}

/// Commits of one to five parts each; then edits that move some of them to the end.
async fn filled(store: &dyn Store, short_id: &str) -> CircleNo {
    let circle = new_circle(store, short_id).await;
    let mut next = 0;
    for commit in 1..=12 {
        let records: Vec<_> = (0..=commit % 5).map(|n| record(next + n)).collect();
        next += records.len() as u64;
        push(store, circle, commit, &records).await;
    }
    push(store, circle, 13, &[record(3), record(20)]).await;
    circle
}

async fn pages_never_end_inside_a_commit(store: &dyn Store) {
    let circle = filled(store, "pages").await;
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let all = snapshot.all().parts_after(0, u32::MAX).await.unwrap();
    assert!(all.is_sorted_by_key(|part| (part.seq, part.record, part.label)));
    assert_eq!(all.last().unwrap().seq, 13);
    for limit in 1..=40 {
        let (mut after, mut joined) = (0, Vec::new());
        loop {
            let page = snapshot.all().parts_after(after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            let whole = all.iter().filter(|part| part.seq == last.seq).count();
            assert_eq!(page.iter().filter(|part| part.seq == last.seq).count(), whole, "limit {limit}");
            let before: usize = page.iter().filter(|part| part.seq != last.seq).count();
            assert!(before < limit as usize, "limit {limit}: {before} rows before the last commit");
            after = last.seq;
            joined.extend(page);
        }
        assert_eq!(joined, all, "limit {limit}");
    }
    for bytes in [1, 200, 1_000, 5_000] {
        let (mut after, mut joined) = (0, Vec::new());
        loop {
            let room = Room { parts: 30, bytes };
            let (page, more) = snapshot.all().parts_in(Ask { range: Range::After { after }, room }).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.seq;
            let size = |parts: &[PartRow]| parts.iter().map(PartRow::bytes).sum::<u64>();
            let end = page.iter().position(|part| part.seq == last.seq).unwrap();
            assert!(end == 0 || size(&page[..end]) < bytes, "{bytes} bytes: a commit more than there was room for");
            let full = size(&page) >= bytes || page.len() >= 30;
            assert!(more == full, "{bytes} bytes: more {more}, {} parts of {}", page.len(), size(&page));
            joined.extend(page);
        }
        assert_eq!(joined, all, "{bytes} bytes");
    }
    assert!(snapshot.all().parts_after(0, 0).await.unwrap().is_empty());
    assert!(snapshot.all().parts_after(u64::MAX, 10).await.unwrap().is_empty());
    let log = snapshot.all().log_after(4, 3).await.unwrap();
    assert_eq!(log.iter().map(|row| row.seq).collect::<Vec<_>>(), [5, 6, 7]);
}

async fn backfill_stops_at_its_snapshot(store: &dyn Store) {
    let circle = filled(store, "backfill").await;
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let upto = 12;
    let all = snapshot.all().parts_before(2, u64::MAX, upto, u32::MAX).await.unwrap();
    assert!(all.iter().all(|part| part.seq <= upto));
    assert_eq!(snapshot.all().count_before(2, u64::MAX, upto).await.unwrap(), all.len() as u64);
    assert_eq!(snapshot.all().count_before(3, u64::MAX, upto).await.unwrap(), 0);
    assert!(all.is_sorted_by_key(|part| std::cmp::Reverse((part.first_seq, part.record, part.label))));
    for limit in 1..=10 {
        let (mut before, mut joined) = (u64::MAX, Vec::new());
        loop {
            let page = snapshot.all().parts_before(2, before, upto, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            before = last.first_seq;
            joined.extend(page);
        }
        assert_eq!(joined, all, "limit {limit}");
    }
    let (mut before, mut joined) = (u64::MAX, Vec::new());
    loop {
        let (range, room) = (Range::Before { class: 2, before, upto }, Room { parts: 30, bytes: 300 });
        let (page, more) = snapshot.all().parts_in(Ask { range, room }).await.unwrap();
        before = page.last().map_or(0, |part| part.first_seq);
        joined.extend(page);
        if !more {
            break;
        }
    }
    assert_eq!(joined, all, "in pages of 300 bytes");
    let everything = snapshot.all().parts_before(2, u64::MAX, u64::MAX, u32::MAX).await.unwrap();
    assert_eq!(everything.len(), all.len() + 2, "the two that moved on come by sequence");
    assert!(snapshot.all().parts_before(3, u64::MAX, upto, 10).await.unwrap().is_empty(), "another class");
}

async fn lists_go_down(store: &dyn Store) {
    let circle = filled(store, "lists").await;
    let needs = Needs { circle, records: vec![record(500)], ..Needs::default() };
    commit(store, needs, |work| {
        work.circle_mut().head += 1;
        // A record of three parts and another type, of the same moment.
        for label in [1, 2, 3] {
            work.put_part(PartRow { label, type_number: 102, ..part(record(500), 14) })?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut snapshot = store.snapshot(circle).await.unwrap();
    let mut parts = snapshot.all().parts_after(0, u32::MAX).await.unwrap();
    for by_time in [false, true] {
        let key = |part: &PartRow| (if by_time { part.time_ms } else { part.seq }, part.record);
        parts.sort_by_key(|part| std::cmp::Reverse((key(part), part.label)));
        for type_number in [0, 101, 102] {
            let expected: Vec<_> =
                parts.iter().filter(|part| type_number == 0 || part.type_number == type_number).cloned().collect();
            for limit in 1..=7 {
                let (mut before, mut joined) = (None, Vec::new());
                loop {
                    let query = ListQuery { type_number, by_time, before, from_ms: 0, to_ms: u64::MAX, limit };
                    let page = snapshot.all().list(query).await.unwrap();
                    let Some(last) = page.last() else { break };
                    before = Some(key(last));
                    joined.extend(page);
                }
                assert_eq!(joined, expected, "by_time {by_time}, type {type_number}, limit {limit}");
            }
        }
    }
    let (from_ms, to_ms) = (1_700_000_000_004, 1_700_000_000_006);
    let query = ListQuery { type_number: 101, by_time: true, before: None, from_ms, to_ms, limit: 100 };
    let window = snapshot.all().list(query).await.unwrap();
    assert!(!window.is_empty() && window.iter().all(|part| (from_ms..=to_ms).contains(&part.time_ms)));
}

async fn a_snapshot_stands_still(store: &dyn Store) {
    let circle = new_circle(store, "still").await;
    push(store, circle, 1, &[record(1)]).await;
    let mut old = store.snapshot(circle).await.unwrap();
    push(store, circle, 2, &[record(1), record(2)]).await;
    commit(store, Needs { circle, ..Needs::default() }, |work| {
        work.put_access(b"later".to_vec(), vec![(1, 1)]);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(old.circle().head, 1);
    assert_eq!(old.all().parts_after(0, 100).await.unwrap(), [part(record(1), 1)]);
    assert_eq!(old.all().log_after(0, 100).await.unwrap().len(), 1);
    assert_eq!(old.access().await.unwrap(), AccessRow::default());
    drop(old);
    let mut new = store.snapshot(circle).await.unwrap();
    assert_eq!((new.circle().head, new.all().parts_after(0, 100).await.unwrap().len()), (2, 2));
    assert_eq!(new.access().await.unwrap().state, b"later");
}

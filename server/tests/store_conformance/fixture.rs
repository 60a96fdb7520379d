//! Circles, changes and dumps for the suites. Randomness is seeded, times are counted: the same on every store.

use std::{fmt::Write as _, path::Path, sync::Arc};

use crate::all::All;

use osteon_server::{
    ids::SeededIds,
    seal::{FileKey, KEY_LEN, Vault},
    store::{identity::NewCircle, *},
};
use osteon_sync_core::{Author, Clock, Dot, RecordId, Replica, Role};

pub(crate) const EPOCH: u32 = 1;

pub(crate) fn vault() -> Vault {
    seeded_vault(1)
}

/// The same key, other randomness: another node.
pub(crate) fn seeded_vault(seed: u64) -> Vault {
    let ids = Arc::new(SeededIds::new(seed));
    let key = FileKey::from_bytes(&[3; KEY_LEN], ids.clone()).unwrap();
    Vault::new(Arc::new(key), ids)
}

pub(crate) fn sqlite_options(folder: &Path) -> Options {
    Options::new(format!("sqlite:{}", folder.join("osteon.db").display()))
}

pub(crate) async fn sqlite(folder: &Path) -> Arc<dyn Store> {
    open(&sqlite_options(folder), vault()).await.unwrap()
}

pub(crate) async fn new_circle(store: &dyn Store, short_id: &str) -> CircleNo {
    let clinic = match store.clinic_by_short_id("clinic").await.unwrap() {
        Some(clinic) => clinic,
        None => store.create_clinic("clinic").await.unwrap(),
    };
    let wrapped_key = vault().new_circle_key(clinic, short_id).unwrap();
    store.create_circle(NewCircle { clinic, short_id: short_id.to_owned(), wrapped_key }).await.unwrap()
}

pub(crate) fn record(n: u64) -> RecordId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    RecordId(id)
}

pub(crate) fn part(record: RecordId, seq: u64) -> PartRow {
    PartRow {
        record,
        label: 1 << 40,
        class: 2,
        type_number: 101,
        seq,
        first_seq: seq,
        time_ms: 1_700_000_000_000 + seq,
        parent: None,
        state: format!("merged-state {seq}").into_bytes(),
        history: vec![Dot::new(EPOCH, 5, seq)],
    }
}

pub(crate) fn log(dot: Dot, seq: u64) -> LogRow {
    LogRow {
        seq,
        dot,
        mac: [dot.counter as u8; 16],
        clock: Clock { ms: 1_700_000_000_000 + seq, logical: 3 },
        author: Author { account: 7, role: Role(2) },
        device: 9,
        received_ms: 1_700_000_000_500 + seq,
        verdict: if seq == 0 { 2 } else { 1 },
        content: format!("change-content {dot}").into_bytes(),
    }
}

pub(crate) fn audit(circle: CircleNo, action: &'static str, seq: u64) -> AuditRow {
    AuditRow {
        circle,
        at_ms: 1_700_000_000_900 + seq,
        account: 7,
        device: 9,
        action,
        record: seq.is_multiple_of(2).then(|| record(seq)),
        categories: 1 << 22 | 2,
        from_seq: seq,
        to_seq: seq,
        count: 1,
        outcome: "ok",
        request: u64::MAX - seq,
    }
}

/// A change that writes parts of the given records in one commit, as a push would.
pub(crate) async fn push(store: &dyn Store, circle: CircleNo, counter: u64, records: &[RecordId]) -> u64 {
    let dot = Dot::new(EPOCH, 5, counter);
    let needs = Needs { circle, records: records.to_vec(), dots: vec![dot], ..Needs::default() };
    let records = records.to_vec();
    commit(store, needs, move |work| write(work, dot, &records)).await.unwrap()
}

pub(crate) fn write(work: &mut Working<'_>, dot: Dot, records: &[RecordId]) -> Result<u64, StoreError> {
    let circle = work.circle_mut();
    circle.head += 1;
    let (circle_no, seq) = (circle.circle, circle.head);
    let mac = [dot.counter as u8; 16];
    circle.chains.insert(dot.replica, ChainHead { counter: dot.counter, mac, account: 7 });
    *circle.digests.entry(CellKey { label: 1 << 40, class: 2 }).or_default() += u128::from(seq) << 100;
    for id in records {
        let known = work.part(*id, 1 << 40)?.cloned();
        let mut row = part(*id, seq);
        if let Some(known) = known {
            row.first_seq = known.first_seq;
            row.history = [known.history, row.history].concat();
        }
        work.put_part(row)?;
    }
    work.put_log(log(dot, seq));
    work.audit(audit(circle_no, "push", seq));
    Ok(seq)
}

/// Everything that a snapshot of the circle shows, and its audit.
pub(crate) async fn dump(store: &dyn Store, circle: CircleNo) -> String {
    let mut out = String::new();
    let mut snapshot = store.snapshot(circle).await.unwrap();
    writeln!(out, "{:#?}", snapshot.circle()).unwrap();
    writeln!(out, "{:?}", snapshot.keys().receipt(b"receipt")).unwrap();
    writeln!(out, "{:#?}", snapshot.access().await.unwrap()).unwrap();
    let parts = snapshot.all().parts_after(0, u32::MAX).await.unwrap();
    let dots: Vec<Dot> = parts.iter().flat_map(|part| part.history.clone()).collect();
    writeln!(out, "{parts:#?}").unwrap();
    writeln!(out, "{:#?}", snapshot.all().log_of(&dots).await.unwrap()).unwrap();
    writeln!(out, "{:#?}", snapshot.all().log_after(0, u32::MAX).await.unwrap()).unwrap();
    writeln!(out, "{:#?}", snapshot.all().tombstones_after(0).await.unwrap()).unwrap();
    writeln!(out, "{:#?}", snapshot.all().quarantine().await.unwrap()).unwrap();
    for mut row in store.audit_after(circle, 0, u32::MAX).await.unwrap() {
        row.no = 0;
        writeln!(out, "{row:?}").unwrap();
    }
    out
}

/// Writes of every kind in two circles, jobs of both in one group, then the dumps of both.
pub(crate) async fn script_and_dump(store: &dyn Store) -> String {
    let (a, b) = (new_circle(store, "d0001").await, new_circle(store, "d0002").await);
    for counter in 1..=20 {
        push(store, a, counter, &[record(counter % 7), record(counter)]).await;
        push(store, b, counter, &[record(counter)]).await;
    }
    let needs = Needs { circle: a, records: vec![record(1), record(900)], ..Needs::default() };
    commit(store, needs, |work| {
        rare(work)?;
        Ok(())
    })
    .await
    .unwrap();
    store.audit(vec![audit(b, "denied", 8)]).await.unwrap();
    format!("{}{}", dump(store, a).await, dump(store, b).await)
}

/// One of each row that few changes leave.
pub(crate) fn rare(work: &mut Working<'_>) -> Result<(), StoreError> {
    work.circle_mut().head += 1;
    let seq = work.circle().head;
    work.remove_part(record(1), 1 << 40)?;
    work.put_part(PartRow { parent: Some(record(2)), time_ms: 0, ..part(record(900), seq) })?;
    work.put_access(b"members-and-grants".to_vec(), vec![(9, 3), (7, 1)]);
    work.put_alias(Dot::new(EPOCH, 5, 40), Dot::new(EPOCH, 5, 3));
    work.put_renumbered(Dot::new(EPOCH, 5, 40), [4; 16], Dot::new(EPOCH, 5, 3));
    work.put_refused_creation(record(77));
    work.put_tombstone(TombstoneRow { record: record(1), dot: None, seq });
    work.put_tombstone(TombstoneRow { record: record(2), dot: Some(Dot::new(EPOCH, 5, 2)), seq });
    let id = work.next_quarantine_id();
    work.put_quarantine(QuarantineRow {
        id,
        dot: Dot::new(EPOCH, 6, 1),
        author: Author { account: 8, role: Role(1) },
        received_ms: 5,
        reason: "RIGHT_LOST".to_owned(),
        content: b"waiting-change".to_vec(),
    });
    work.put_request(RequestRow {
        account: 7,
        request_id: [1; 16],
        fingerprint: [2; 16],
        at_ms: 1000,
        answer: b"kept-answer".to_vec(),
    });
    Ok(())
}

pub(crate) fn replica(n: u32) -> Replica {
    Replica { epoch: EPOCH, n }
}

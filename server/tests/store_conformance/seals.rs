//! What the audit keeps beside its rows.

use osteon_server::store::{
    audit::{AuditHead, AuditQuery, AuditSeal, clinic_chain, clinic_of},
    statements::postgres,
    *,
};
use sqlx::Connection as _;

use crate::fixture::{audit, new_circle};

fn seal(chain: u64, no: u64, head: u64, rows: &[u64]) -> AuditSeal {
    AuditSeal {
        chain,
        no,
        head,
        at_ms: 1_700_000_000_000 + head,
        from_no: rows[0],
        to_no: rows[rows.len() - 1],
        rows: rows.len() as u64,
        hash: vec![no as u8; 32],
        signature: vec![head as u8; 64],
    }
}

fn head(no: u64, upto: u64, seals: u64) -> AuditHead {
    let (hash, signature) = (vec![no as u8; 32], vec![2; 64]);
    AuditHead { no, at_ms: 1_700_000_000_000 + no, upto, seals, rows: 7 * no, hash, signature }
}

pub(crate) async fn all(store: &dyn Store) {
    assert_eq!(store.last_head().await.unwrap(), None);
    let (a, clinic) = (new_circle(store, "sealed").await, clinic_chain(3));
    assert_eq!((clinic_of(clinic), clinic_of(a)), (Some(3), None));
    // What the other suites left.
    let before = store.unsealed(100_000).await.unwrap();
    assert!(!before.more && before.head.is_none() && before.last.is_empty());
    let first = head(1, before.upto, 0);
    assert!(store.put_seals(first.clone(), Vec::new()).await.unwrap());
    assert!(!store.put_seals(head(1, 0, 1), vec![seal(a, 1, 1, &[1])]).await.unwrap(), "a number is taken once");
    assert_eq!(store.last_head().await.unwrap(), Some(first));
    assert!(store.unsealed(10).await.unwrap().rows.is_empty());

    store.audit(vec![audit(a, "push", 2), audit(clinic, "rebase", 3), audit(a, "record.get", 5)]).await.unwrap();
    let fresh = store.unsealed(2).await.unwrap();
    assert!(fresh.more);
    let told: Vec<_> = fresh.rows.iter().map(|(chain, row)| (*chain, row.action.as_str())).collect();
    assert_eq!(told, [(a, "push"), (clinic, "rebase")]);
    assert_eq!(fresh.upto, fresh.rows[1].1.no);
    let all = store.unsealed(10).await.unwrap();
    assert!(!all.more);
    assert_eq!(all.rows.iter().map(|(chain, _)| *chain).collect::<Vec<_>>(), [a, clinic, a]);
    assert_eq!(all.rows.iter().map(|(_, row)| row.clone()).filter(|row| row.account == 7).count(), 3);
    let no: Vec<u64> = all.rows.iter().map(|(_, row)| row.no).collect();
    assert!(no.is_sorted() && all.upto == no[2]);

    let (of_a, of_clinic) = (seal(a, 1, 2, &[no[0], no[2]]), seal(clinic, 1, 2, &[no[1]]));
    let second = head(2, all.upto, 2);
    assert!(store.put_seals(second.clone(), vec![of_a.clone(), of_clinic.clone()]).await.unwrap());
    store.audit(vec![audit(a, "push", 6)]).await.unwrap();
    let later = store.unsealed(10).await.unwrap();
    assert_eq!(later.head, Some(second.clone()));
    assert_eq!(later.last.get(&a), Some(&of_a));
    let third = seal(a, 2, 3, &[later.upto]);
    assert!(store.put_seals(head(3, later.upto, 1), vec![third.clone()]).await.unwrap());

    assert_eq!(store.seals_after(a, 0, 10).await.unwrap(), [of_a.clone(), third.clone()]);
    assert_eq!(store.seals_after(a, 1, 10).await.unwrap(), std::slice::from_ref(&third));
    assert_eq!(store.seals_after(a, 0, 1).await.unwrap(), std::slice::from_ref(&of_a));
    assert_eq!(store.seals_by_head((0, 0), 10).await.unwrap(), [of_a, of_clinic.clone(), third.clone()]);
    assert_eq!(store.seals_by_head((2, a), 1).await.unwrap(), [of_clinic]);
    assert_eq!(store.seals_by_head((2, clinic), 10).await.unwrap(), [third]);
    assert_eq!(store.heads_after(1, 1).await.unwrap(), [second]);
    assert_eq!(store.heads_after(0, 10).await.unwrap().len(), 3);
    let chains = store.audit_chains().await.unwrap();
    assert!(chains.is_sorted() && chains.contains(&a) && chains.contains(&clinic));
    assert_eq!(store.audit_strays().await.unwrap(), [0; 0]);
    backwards(store, a, &no).await;
}

async fn backwards(store: &dyn Store, chain: u64, no: &[u64]) {
    let whole = AuditQuery { chain, before_no: u64::MAX, from_ms: 0, to_ms: u64::MAX, account: 0, limit: 10 };
    let seqs = async |query| {
        let rows = store.audit_before(query).await.unwrap();
        rows.iter().map(|row| row.from_seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(whole).await, [6, 5, 2]);
    assert_eq!(seqs(AuditQuery { limit: 2, ..whole }).await, [6, 5]);
    assert_eq!(seqs(AuditQuery { before_no: no[2], ..whole }).await, [2]);
    let from_ms = 1_700_000_000_905;
    assert_eq!(seqs(AuditQuery { from_ms, ..whole }).await, [6, 5]);
    assert_eq!(seqs(AuditQuery { from_ms, to_ms: from_ms, ..whole }).await, [5]);
    assert_eq!(seqs(AuditQuery { account: 7, ..whole }).await, [6, 5, 2]);
    assert_eq!(seqs(AuditQuery { account: 8, ..whole }).await, [0; 0]);
    assert_eq!(seqs(AuditQuery { chain: chain + 1, ..whole }).await, [0; 0]);
}

/// Another node has written a row and not committed it; ours, with a greater number, is committed.
pub(crate) async fn a_late_row_is_waited_for(store: &dyn Store, url: &str) {
    let circle = new_circle(store, "late").await;
    store.audit(vec![audit(circle, "push", 1)]).await.unwrap();
    let mut other = sqlx::PgConnection::connect(url).await.unwrap();
    let mut open = other.begin().await.unwrap();
    let (one, small) = (vec![circle.cast_signed()], vec![1_i32]);
    let query = sqlx::query(postgres::AUDIT_PUT).bind(one.clone()).bind(one.clone()).bind(one.clone());
    let query = query.bind(one.clone()).bind(small.clone()).bind(vec![None::<uuid::Uuid>]).bind(small.clone());
    let query = query.bind(one.clone()).bind(vec![4711_i64]).bind(small.clone()).bind(small).bind(one);
    query.execute(&mut *open).await.unwrap();
    store.audit(vec![audit(circle, "push", 2)]).await.unwrap();
    assert!(matches!(store.unsealed(10).await, Err(StoreError::Overloaded)), "it is waited for, not passed");
    // Nobody who writes is kept from it for long.
    store.audit(vec![audit(circle, "push", 3)]).await.unwrap();
    open.commit().await.unwrap();
    let rows = store.unsealed(10).await.unwrap().rows;
    assert_eq!(rows.iter().map(|(_, row)| row.to_seq).collect::<Vec<_>>(), [1, 4711, 2, 3]);
}

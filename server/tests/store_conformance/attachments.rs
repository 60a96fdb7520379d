//! Attachments: once in a circle, bound record by record, counted for the clinic, gone without a trace.

use std::collections::BTreeSet;

use osteon_server::store::{
    Store,
    attachments::{Begun, NewUpload},
    identity::NewCircle,
};
use osteon_sync_core::RecordId;

use crate::fixture::vault;

const ROOM: u64 = 100;
const OPEN: usize = 2;

async fn circle(store: &dyn Store, clinic: u64, short_id: &str) -> u64 {
    let wrapped_key = vault().new_circle_key(clinic, short_id).unwrap();
    store.create_circle(NewCircle { clinic, short_id: short_id.to_owned(), wrapped_key }).await.unwrap()
}

fn upload(begun: Begun) -> [u8; 16] {
    match begun {
        Begun::Upload(row) => row.new.upload,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn all(store: &dyn Store) {
    let clinic = store.create_clinic("with-photos").await.unwrap();
    let one = circle(store, clinic, "photos1").await;
    let other = circle(store, clinic, "photos2").await;
    let [first, second] = [RecordId([1; 16]), RecordId([2; 16])];
    let new = |circle, account, record, id: u8| NewUpload {
        circle,
        clinic,
        account,
        record,
        name: [9; 32],
        upload: [id; 16],
        size: 40,
        kind: 1,
        begun_ms: 1_000 + u64::from(id),
    };
    let a = upload(store.begin_upload(new(one, 7, first, 1), ROOM, OPEN).await.unwrap());
    assert_eq!(upload(store.begin_upload(new(one, 7, first, 2), ROOM, OPEN).await.unwrap()), a, "the one that stands");
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 40);
    assert_eq!(store.put_chunk(one, a, 0, vec![1; 30]).await.unwrap(), Some(30));
    assert_eq!(store.put_chunk(one, a, 0, vec![1; 30]).await.unwrap(), Some(30), "sent again: nothing is taken");
    assert_eq!(store.put_chunk(one, a, 30, vec![2; 11]).await.unwrap(), Some(30), "more than was announced");
    assert!(store.finish_upload(one, a, 5_000).await.is_err(), "it is not whole");
    assert_eq!(store.put_chunk(one, a, 30, vec![2; 10]).await.unwrap(), Some(40));
    assert_eq!(store.put_chunk(one, [5; 16], 0, vec![1]).await.unwrap(), None);
    assert_eq!(store.upload(one, a).await.unwrap().map(|row| row.received), Some(40));
    assert!(store.upload(other, a).await.unwrap().is_none());
    let read = |from, to| async move { store.chunks(one, a, from, to).await.unwrap() };
    assert_eq!(read(0, 40).await, [(0, vec![1; 30]), (30, vec![2; 10])]);
    assert_eq!(read(29, 30).await, [(0, vec![1; 30])]);
    assert_eq!(read(30, 31).await, [(30, vec![2; 10])]);
    assert!(store.attachment(one, &[first], [9; 32]).await.unwrap().is_none(), "not before it is whole");
    assert!(store.finish_upload(one, a, 5_000).await.unwrap());
    assert!(!store.finish_upload(one, a, 5_000).await.unwrap());
    let there = store.attachment(one, &[first], [9; 32]).await.unwrap().expect("there");
    assert_eq!((there.chunks, there.size, there.kind, there.loose_ms), (a, 40, 1, None));
    assert!(store.attachment(one, &[second], [9; 32]).await.unwrap().is_none(), "of another record");
    assert!(store.attachment(other, &[first], [9; 32]).await.unwrap().is_none(), "of another circle");

    // Who has sent the bytes need not do so again; anybody else shows that they have them, and they lie there once.
    assert_eq!(store.begin_upload(new(one, 7, second, 3), ROOM, OPEN).await.unwrap(), Begun::Complete);
    assert!(store.attachment(one, &[second], [9; 32]).await.unwrap().is_some());
    let third = RecordId([3; 16]);
    let b = upload(store.begin_upload(new(one, 8, third, 4), ROOM, OPEN).await.unwrap());
    assert_eq!(store.begin_upload(new(other, 7, first, 5), ROOM, OPEN).await.unwrap(), Begun::Full);
    assert!(store.upload(other, [5; 16]).await.unwrap().is_none(), "nothing of it stands");
    store.put_chunk(one, b, 0, vec![1; 40]).await.unwrap();
    assert!(store.finish_upload(one, b, 5_000).await.unwrap());
    assert!(store.chunks(one, b, 0, 40).await.unwrap().is_empty(), "once");
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 40);

    // A move, and what is looked at.
    let moved = RecordId([4; 16]);
    store.rebind_attachments(one, third, moved).await.unwrap();
    assert!(store.attachment(one, &[moved], [9; 32]).await.unwrap().is_some());
    assert!(!store.attachments_due(4_999, 9).await.unwrap().contains(&one));
    assert!(store.attachments_due(5_000, 9).await.unwrap().contains(&one));
    assert_eq!(store.look_at_attachments(one, 5_000, 9_000).await.unwrap().len(), 1);
    assert!(store.look_at_attachments(one, 5_000, 9_000).await.unwrap().is_empty(), "one look");
    assert!(!store.remove_attachment(one, [9; 32], 9_000).await.unwrap(), "something names it");
    store.loosen_attachment(one, [9; 32], Some(6_000)).await.unwrap();
    assert!(!store.remove_attachment(one, [9; 32], 5_999).await.unwrap());
    store.loosen_attachment(one, [9; 32], None).await.unwrap();
    store.doom_attachments(one, moved).await.unwrap();
    assert_eq!(store.look_at_attachments(one, 1, 9_000).await.unwrap()[0].loose_ms, Some(0));
    let doomed = upload(store.begin_upload(new(one, 7, second, 20), ROOM, OPEN).await.unwrap());
    assert!(store.drop_upload(one, doomed).await.unwrap(), "doomed bytes are sent again");
    assert!(store.remove_attachment(one, [9; 32], 1).await.unwrap());
    assert!(store.attachment(one, &[first, second, moved], [9; 32]).await.unwrap().is_none());
    assert!(store.chunks(one, a, 0, 40).await.unwrap().is_empty());
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 0);

    // Given up, and erased with the circle.
    let c = upload(store.begin_upload(new(one, 7, first, 6), ROOM, OPEN).await.unwrap());
    assert!(!store.uploads_before(1_006, 99).await.unwrap().contains(&(one, c)));
    assert!(store.uploads_before(1_007, 99).await.unwrap().contains(&(one, c)));
    assert!(store.drop_upload(one, c).await.unwrap());
    assert!(!store.drop_upload(one, c).await.unwrap());

    // Of many that were begun, the oldest give way, and give their room back.
    let small = |at: u8| NewUpload { name: [at; 32], size: 5, ..new(one, 7, first, at) };
    for at in 30..34 {
        upload(store.begin_upload(small(at), ROOM, OPEN).await.unwrap());
        upload(store.begin_upload(NewUpload { account: 8, ..small(at + 10) }, ROOM, OPEN).await.unwrap());
    }
    let open = store.uploads_before(9_000, 99).await.unwrap().into_iter().filter(|(circle, _)| *circle == one);
    let open: BTreeSet<u8> = open.map(|(_, id)| id[0]).collect();
    assert_eq!(open, BTreeSet::from([32, 33, 42, 43]));
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 20);
    for id in open {
        assert!(store.drop_upload(one, [id; 16]).await.unwrap());
    }
    let d = upload(store.begin_upload(new(one, 7, first, 7), ROOM, OPEN).await.unwrap());
    store.put_chunk(one, d, 0, vec![1; 40]).await.unwrap();
    store.finish_upload(one, d, 5_000).await.unwrap();
    upload(store.begin_upload(new(other, 7, first, 8), ROOM, OPEN).await.unwrap());
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 80);
    assert!(store.erase_circle(one, 9_000, vec![7]).await.unwrap());
    assert_eq!(store.attachment_bytes(clinic).await.unwrap(), 40, "of the other circle");
    assert!(store.attachment(one, &[first], [9; 32]).await.unwrap().is_none());
    assert!(store.begin_upload(new(one, 7, first, 9), ROOM, OPEN).await.is_err(), "of no circle");
}

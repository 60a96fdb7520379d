//! Changes that the server cannot process, through no fault of their author.

use osteon_proto::meta::Role;
use osteon_server::store::{Needs, commit};
use osteon_sync_core::RecordId;

use crate::all::All;
use crate::{
    fixture::{Kit, create, edit, said, sequence, wire_dot},
    lanes::pain,
};

/// Writes over the stored parts of a record with what is no part, or puts them back.
async fn spoil(kit: &Kit, circle: u64, id: [u8; 16], with: Option<Vec<Vec<u8>>>) -> Vec<Vec<u8>> {
    let record = RecordId(id);
    let needs = Needs { circle, records: vec![record], ..Needs::default() };
    let spoilt = commit(&*kit.app.store, needs, move |work| {
        let rows: Vec<_> = work.parts_of(record)?.into_iter().cloned().collect();
        let mut before = Vec::new();
        for (i, mut row) in rows.into_iter().enumerate() {
            let state = with.as_ref().map_or_else(|| vec![0xff], |states| states[i].clone());
            before.push(std::mem::replace(&mut row.state, state));
            work.put_part(row)?;
        }
        Ok(before)
    });
    spoilt.await.expect("spoilt")
}

/// PROTOCOL, Push: a change that failed three times by an internal error is quarantined; its lane goes on, and so does
/// everything beside it.
pub(crate) async fn what_fails_three_times_waits_for_a_person(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let (spoilt, fine) = (kit.id(), kit.id());
    sequence(&kit.write(&mut phone, circle.no, create(spoilt, 101, &pain(1))).await);
    let sound = spoil(&kit, circle.no, spoilt, None).await;
    assert!(!sound.is_empty());
    let replaces = vec![wire_dot(&phone, 0, 1)];
    let changes = vec![
        kit.change(vec![create(fine, 101, &pain(2))]),
        kit.change(vec![edit(spoilt, 101, &pain(3), 5, replaces)]),
        kit.change(vec![create(kit.id(), 101, &pain(4))]),
    ];
    let request = kit.request(&phone, circle.no, 0, changes);
    let mut told = Vec::new();
    for _ in 0..4 {
        let verdicts = kit.send(&phone, request.clone()).await;
        told.push(verdicts.iter().map(said).collect::<Vec<_>>());
    }
    let waits = ["accepted", "later INTERNAL"];
    let done = ["accepted", "quarantined FAILED_REPEATEDLY", "accepted"];
    assert_eq!(told, [&waits[..], &waits[..], &done[..], &done[..]]);
    let rows = kit.app.store.snapshot(circle.no).await.expect("circle").all().quarantine().await.expect("quarantine");
    assert_eq!(rows.len(), 1, "filed once");
    assert_eq!((rows[0].dot.counter, rows[0].reason.as_str()), (3, "FAILED_REPEATEDLY"));
    assert_eq!(rows[0].author.account, phone.caller.account);
    assert!(kit.get(&nurse, circle.no, fine).await.is_ok(), "others read on");
    // The fault is gone: what was put aside stays where it is, and the record is as it was.
    spoil(&kit, circle.no, spoilt, Some(sound)).await;
    assert_eq!(kit.send(&phone, request).await.iter().map(said).collect::<Vec<_>>(), done);
    let view = kit.get(&nurse, circle.no, spoilt).await.expect("mended");
    assert_eq!(crate::fixture::open_body::<osteon_proto::care::PainEntry>(&view).worst_24h, pain(1).worst_24h);
}

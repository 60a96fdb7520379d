//! What a restored server lost comes back from those who hold it, if its own receipt proves it.

use osteon_proto::{
    meta::Role,
    record as pb, sync,
    sync::OfferResult,
    wire::device::{asking, pages},
};
use osteon_server::{
    access::Caller,
    app::{explain, offer},
    error::Reason,
    store::{CircleRow, Needs, commit},
};
use osteon_sync_core::{
    RecordId,
    device::{ConfirmedPart, Offer, OfferRequest},
};

use crate::all::All;
use crate::{
    access::{derived, grant},
    fixture::*,
    lanes::pain,
};

/// Takes the circle back to where it stood at `then`, as a restored backup does; what was written since is gone, and a new
/// epoch has begun.
async fn restore(kit: &Kit, then: &CircleRow, lost: &[[u8; 16]]) {
    let (circle, then) = (then.circle, then.clone());
    let records: Vec<RecordId> = lost.iter().map(|id| RecordId(*id)).collect();
    let needs = Needs { circle, records: records.clone(), ..Needs::default() };
    let gone = commit(&*kit.app.store, needs, move |work| {
        let labels: Vec<_> = records
            .iter()
            .flat_map(|record| work.parts_of(*record).unwrap_or_default())
            .map(|row| (row.record, row.label))
            .collect();
        for (record, label) in labels {
            work.remove_part(record, label)?;
        }
        // The sequence goes on: what else stands under it here is nobody's business.
        let row = work.circle_mut();
        (row.chains, row.digests) = (then.chains.clone(), then.digests.clone());
        Ok(())
    });
    gone.await.expect("restored");
    kit.app.set_epoch(kit.app.store.bump_epoch().await.expect("epoch"));
}

/// Everything that a reader holds of a record, as its device would offer it.
async fn held(kit: &Kit, caller: &Caller, circle: u64, id: [u8; 16]) -> Vec<sync::OfferedVersion> {
    let page = kit.page(caller, circle, &[]).await.expect("page");
    let page = pages::page(&page, kit.app.epoch(), Vec::new()).expect("a page");
    let mut versions = Vec::new();
    for part in page.parts.into_iter().filter(|part| part.id.record.0 == id) {
        let dots = part.part.live_dots().collect();
        let (type_number, class) = (part.type_number, part.class);
        let held = ConfirmedPart { part: part.part, type_number, class, read: 1, extra: part.extra };
        let request = OfferRequest { circle, epoch: 0, offers: vec![Offer::new(part.id, dots, held)] };
        versions.extend(asking::offer(&request).versions);
    }
    assert!(!versions.is_empty(), "the reader holds it");
    versions
}

async fn give(kit: &Kit, caller: &Caller, circle: u64, versions: &[sync::OfferedVersion]) -> Vec<OfferResult> {
    let request = sync::OfferRequest { circle, epoch: kit.app.epoch(), versions: versions.to_vec() };
    let answer = offer::offer(&kit.app, caller, &request, 1).await.expect("answered");
    answer.outcomes.iter().map(sync::OfferOutcome::result).collect()
}

async fn standing(kit: &Kit, circle: u64) -> CircleRow {
    kit.app.store.snapshot(circle).await.expect("circle").circle().as_ref().clone()
}

/// PROTOCOL, "A server restored from a backup": a device offers others' live versions that the server lost.
pub(crate) async fn what_others_hold_comes_back(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Caregiver]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (nurse, carer) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let before = standing(&kit, circle.no).await;
    let id = kit.id();
    let change = kit.change(vec![create(id, 101, &pain(7))]);
    sequence(&kit.push(&mut phone, circle.no, change.clone()).await);
    let versions = held(&kit, &nurse, circle.no, id).await;
    let old = sync::OfferRequest { circle: circle.no, epoch: kit.app.epoch(), versions: versions.clone() };
    // What is there is known, and nothing moves.
    assert_eq!(give(&kit, &nurse, circle.no, &versions).await, [OfferResult::Known]);
    restore(&kit, &before, &[id]).await;
    assert!(kit.get(&nurse, circle.no, id).await.is_err(), "lost");
    assert_eq!(reason(offer::offer(&kit.app, &nurse, &old, 1).await), Reason::EpochChanged);
    // Who may not read it gives nothing back, and learns nothing.
    assert_eq!(give(&kit, &carer, circle.no, &versions).await, [OfferResult::NotTaken]);
    let head = standing(&kit, circle.no).await.head;
    assert_eq!(give(&kit, &nurse, circle.no, &versions).await, [OfferResult::Live]);
    assert_eq!(give(&kit, &nurse, circle.no, &versions).await, [OfferResult::Known], "taken once");
    assert_eq!(standing(&kit, circle.no).await.head, head + 1);
    let view = kit.get(&nurse, circle.no, id).await.expect("back");
    assert_eq!(open_body::<osteon_proto::care::PainEntry>(&view).worst_24h, Some(7));
    assert_eq!(dots(&view, "worst_24h"), [wire_dot(&phone, 0, 1)], "under its own number");
    let ask = pb::ExplainRecordRequest { circle: circle.no, record_id: text(id), fields: Vec::new() };
    let told = explain::explain(&kit.app, &nurse, &ask).await.expect("explained");
    let history =
        &told.fields.iter().find(|f| f.view.as_ref().is_some_and(|v| v.name == "worst_24h")).expect("field").history;
    assert!(!history.is_empty() && history.iter().all(|v| v.account == phone.caller.account), "by its author");
    // Its author comes back: the same change under the same number has no second effect.
    let mut again = kit.request(&phone, circle.no, 0, vec![change]);
    (again.first_counter, again.replica_epoch) = (1, phone.lanes[0].replica.epoch);
    sequence(&kit.send(&phone, again).await[0]);
    assert_eq!(dots(&kit.get(&nurse, circle.no, id).await.expect("there"), "worst_24h"), [wire_dot(&phone, 0, 1)]);
    assert_eq!(give(&kit, &nurse, circle.no, &versions).await, [OfferResult::Known]);
    let page = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    assert_eq!(parts(&page).iter().filter(|(_, part)| part.record.as_ref() == id).count(), 1);
}

/// Without the server's own receipt nothing is believed: it waits, in the name of who offers it. So does what would open who
/// may read.
pub(crate) async fn what_nothing_proves_waits_for_a_person(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Caregiver]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let before = standing(&kit, circle.no).await;
    let id = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain(2))).await);
    let allow = grant(circle.no, circle.people[2], osteon_proto::care::Decision::Allow);
    let made = kit.create(&phone.caller, circle.no, osteon_server::app::rights::GRANT, &allow).await.expect("granted");
    let granted = derived(circle.no, osteon_server::app::rights::GRANT, &allow);
    let granted: [u8; 16] = granted.record.as_ref().try_into().expect("id");
    assert_eq!(id_of(&made), granted);
    let (entry, consent) = (held(&kit, &nurse, circle.no, id).await, held(&kit, &nurse, circle.no, granted).await);
    restore(&kit, &before, &[id, granted]).await;
    let mut forged = entry.clone();
    let worst = forged[0].values.iter_mut().find(|v| v.field == 5).expect("the value");
    worst.value = Some(vec![0x28, 9].into());
    let mut damaged = entry.clone();
    damaged[0].receipt = vec![0; 8].into();
    assert_eq!(give(&kit, &nurse, circle.no, &forged).await, [OfferResult::Waiting]);
    assert_eq!(give(&kit, &nurse, circle.no, &damaged).await, [OfferResult::Waiting]);
    assert_eq!(give(&kit, &nurse, circle.no, &damaged).await, [OfferResult::Known], "it waits once");
    assert_eq!(
        give(&kit, &nurse, circle.no, &consent).await,
        [OfferResult::Waiting],
        "a consent is never taken by itself"
    );
    assert!(kit.get(&nurse, circle.no, id).await.is_err(), "nothing of it is shown");
    let mut nothing = entry.clone();
    nothing[0].values.clear();
    assert_eq!(give(&kit, &nurse, circle.no, &nothing).await, [OfferResult::NotTaken]);
    let rows = kit.app.store.snapshot(circle.no).await.expect("circle").all().quarantine().await.expect("quarantine");
    let told: Vec<(u64, &str)> = rows.iter().map(|row| (row.author.account, row.reason.as_str())).collect();
    let (offering, author) = (nurse.account, phone.caller.account);
    assert_eq!(told, [(offering, "OFFERED_BACK"), (offering, "OFFERED_BACK"), (author, "OFFERED_BACK")]);
    // The real one is taken whatever was offered before.
    assert_eq!(give(&kit, &nurse, circle.no, &entry).await, [OfferResult::Live]);
    let page = kit.page(&nurse, circle.no, &[]).await.expect("page");
    assert!(holds(&page, id));
}

//! The patient's own copy: everything that they may read is in it, nothing else is, and who read it stands there.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{LabelId, care, export as pb, meta::Role, split, sync};
use osteon_server::{
    access::Caller,
    app::{enrol::timestamp, export, records},
    error::{Error, Reason},
    store::{CellKey, Needs, PartRow, commit},
};
use osteon_sync_core::{FieldRef, RecordId};
use pb::export_item::Item;

use crate::{
    access::{self, parent, remove},
    fixture::*,
};

const PAIN: u32 = 101;
const GRANT: u32 = 263;
const C15: u64 = 1 << 15;

/// Every item, page by page, and how many pages there were.
async fn whole(kit: &Kit, who: &Caller, circle: u64, page_size: i32) -> Result<(Vec<Item>, usize), Error> {
    let mut request = pb::ExportPatientRequest { circle, page_size, page_token: String::new() };
    let (mut items, mut pages) = (Vec::new(), 0);
    loop {
        let page = export::export(&kit.app, who, &request).await?;
        assert!(page.items.len() <= 1 + usize::try_from(page_size).expect("a size").max(1), "a page has its size");
        items.extend(page.items.into_iter().filter_map(|item| item.item));
        pages += 1;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok((items, pages));
        }
    }
}

fn exported(items: &[Item]) -> BTreeMap<String, pb::ExportedRecord> {
    let record = |item: &Item| match item {
        Item::Record(record) => Some((record.record.as_ref()?.record_id.clone(), record.clone())),
        _ => None,
    };
    items.iter().filter_map(record).collect()
}

/// A copy of a record under another label, as no contract makes one yet.
async fn planted(kit: &Kit, circle: u64, of: [u8; 16], label: LabelId) -> String {
    let (from, to) = (RecordId(of), RecordId(kit.id()));
    let needs = Needs { circle, records: vec![from, to], ..Needs::default() };
    commit(&*kit.app.store, needs, move |work| {
        let row = work.parts_of(from)?[0].clone();
        let seq = work.circle().head + 1;
        work.circle_mut().head = seq;
        work.circle_mut().digests.insert(CellKey { label: label.0, class: row.class }, 1);
        work.put_part(PartRow { record: to, label: label.0, seq, first_seq: seq, ..row })
    })
    .await
    .expect("planted");
    text(to.0)
}

pub(crate) async fn the_patient_takes_everything_along(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Caregiver, Role::Physiotherapist, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, carer, physio, admin] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let mut gone = kit.phone(&circle, 3, Role::Physiotherapist).await;
    let pain = |worst| care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let made = kit.create(&patient, circle.no, PAIN, &pain(3)).await.expect("made");
    let write = osteon_proto::record::WriteRecordRequest {
        circle: circle.no,
        record_id: made.record_id.clone(),
        body: Some(body(PAIN, &pain(7))),
        shown: vec![osteon_proto::record::FieldShown {
            field: field(&made, "worst_24h").field,
            shown: field(&made, "worst_24h").shown.clone(),
            ..Default::default()
        }],
        reason: "it was worse".into(),
        ..Default::default()
    };
    let written = records::write(&kit.app, &patient, &write).await.expect("written").record.expect("record");
    let theirs = kit.create(&nurse, circle.no, PAIN, &pain(5)).await.expect("made");
    let ended = kit.create(&patient, circle.no, PAIN, &pain(1)).await.expect("made");
    let end = osteon_proto::record::EndRecordRequest {
        circle: circle.no,
        record_id: ended.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: ended.shown.clone(),
        reason: "mistaken".into(),
        ..Default::default()
    };
    records::end(&kit.app, &patient, &end).await.expect("ended");
    // Of somebody else alone, and a wish that an ordinary proxy does not speak for.
    let author = LabelId::ALL_MEMBERS.0 & !(0b111 << 24) | 2 << 24 | nurse.account << 32;
    let secret = planted(&kit, circle.no, id_of(&theirs), LabelId(author)).await;
    let wish = planted(&kit, circle.no, id_of(&made), LabelId(LabelId::ALL_MEMBERS.0 | C15)).await;
    // A change that waits for a person.
    let base = kit.app.store.snapshot(circle.no).await.expect("circle").circle().head;
    remove(&kit, &patient, circle.no, physio.account, Role::Physiotherapist).await;
    let late = sync::Change { base: Some(base), ..kit.change(vec![create(kit.id(), PAIN, &pain(9))]) };
    assert!(said(&kit.push(&mut gone, circle.no, late).await).starts_with("quarantined"));

    let (items, pages) = whole(&kit, &patient, circle.no, 3).await.expect("exported");
    assert!(pages > 4, "page by page: {pages}");
    let Some(Item::Head(head)) = items.first() else { panic!("a head") };
    assert_eq!((head.short_id.as_str(), head.account, head.role()), ("d0001", patient.account, Role::Patient));
    let records = exported(&items);
    for id in [&made.record_id, &theirs.record_id, &ended.record_id, &wish] {
        assert!(records.contains_key(id), "{id} is missing");
    }
    assert!(!records.contains_key(&secret), "somebody else's own");
    // The same as one by one: the same values, and every version.
    let told = &records[&made.record_id];
    let view = told.record.as_ref().expect("record");
    assert_eq!((view.body.clone(), view.sequence), (written.body.clone(), written.sequence));
    let worst = told.fields.iter().find(|f| f.view.as_ref().is_some_and(|v| v.name == "worst_24h")).expect("field");
    let values: Vec<u32> = worst.history.iter().map(value).collect();
    assert_eq!((values, worst.history[1].reason.as_str()), (vec![3, 7], "it was worse"));
    assert!(view.shown.is_empty() && worst.view.as_ref().is_some_and(|v| v.shown.is_empty()), "nothing of a form");
    let readable = readable(&kit, &patient, circle.no).await;
    assert_eq!(records.keys().cloned().collect::<BTreeSet<_>>(), readable, "all that the patient may read");
    let waiting = |item: &Item| matches!(item, Item::Waiting(w) if w.change.is_some());
    assert_eq!(items.iter().filter(|item| waiting(item)).count(), 1);
    let accesses: Vec<_> = items.iter().filter_map(|i| if let Item::Access(a) = i { Some(a) } else { None }).collect();
    assert!(accesses.is_sorted_by(|a, b| a.number > b.number));
    assert!(accesses.iter().any(|a| a.account == nurse.account && a.action == "record.create"));
    let exports = accesses.iter().filter(|a| a.action == "patient.export" && a.account == patient.account);
    assert!(exports.clone().count() >= 2 && exports.clone().all(|a| a.outcome == "ok"), "and it is a look itself");
    assert!(exports.clone().any(|a| a.categories.contains(&6)), "of these categories");
    let Some(Item::End(end)) = items.last() else { panic!("an end") };
    assert_eq!((end.records, end.waiting, end.accesses), (records.len() as u64, 1, accesses.len() as u64));

    who_else(&kit, circle.no, [&patient, &nurse, &carer, &admin], &wish).await;
}

fn value(version: &osteon_proto::record::VersionView) -> u32 {
    let (_, inner) = split::open(version.value.as_ref().expect("a value")).expect("a body");
    <care::PainEntry as prost::Message>::decode(inner).expect("an entry").worst_24h.expect("a number")
}

/// What the patient's scope lets them read, by the store and not by the export.
async fn readable(kit: &Kit, who: &Caller, circle: u64) -> BTreeSet<String> {
    let mut session = kit.app.session(who, circle).await.expect("session");
    let rows = session.rows().expect("proven").parts_after(0, 100_000).await.expect("parts");
    let born = |row: &PartRow| {
        let part = osteon_sync_core::Part::decode(&row.state).expect("a part");
        part.versions(FieldRef::LIFECYCLE).len() > 0
    };
    let seen = rows.iter().filter(|row| session.scope.reads(LabelId(row.label)) && born(row));
    seen.map(|row| text(row.record.0)).collect()
}

async fn who_else(kit: &Kit, circle: u64, [patient, nurse, carer, admin]: [&Caller; 4], wish: &str) {
    let outsider = kit.person(kit.circle("d0002", &[Role::Patient]).await.people[0]);
    for nobody in [nurse, carer, admin, &outsider, &Caller { clinic: kit.clinic + 7, ..*patient }] {
        assert_eq!(reason(whole(kit, nobody, circle, 10).await), Reason::NotFound);
    }
    let request = pb::ExportPatientRequest { circle, page_size: 1, page_token: String::new() };
    let first = export::export(&kit.app, patient, &request).await.expect("a page");
    let elsewhere =
        pb::ExportPatientRequest { circle: circle + 1, page_token: first.next_page_token.clone(), ..request };
    assert_eq!(reason(export::export(&kit.app, patient, &elsewhere).await), Reason::PageTokenInvalid);
    let theirs = pb::ExportPatientRequest { circle, ..elsewhere };
    assert_eq!(reason(export::export(&kit.app, &outsider, &theirs).await), Reason::PageTokenInvalid);

    // A proxy takes what they may read themselves: C06 was granted, end-of-life wishes are not theirs to speak for.
    access::decide(kit, patient, circle, carer.account, care::Decision::Allow).await;
    let grant = care::Grant {
        parent: Some(parent(circle)),
        grantee: Some(care::Grantee { account: Some(carer.account), role: None }),
        category: Some(care::GrantCategory::Proxy.into()),
        decision: Some(care::Decision::Allow.into()),
        not_after: Some(timestamp(NOW + 1_000 * DAY)),
        ..Default::default()
    };
    kit.create(patient, circle, GRANT, &grant).await.expect("granted");
    let (items, _) = whole(kit, carer, circle, 100).await.expect("exported");
    let records = exported(&items);
    assert!(records.values().any(|r| r.record.as_ref().is_some_and(|r| r.r#type == PAIN)));
    assert!(!records.contains_key(wish));
    assert_eq!(records.keys().cloned().collect::<BTreeSet<_>>(), readable(kit, carer, circle).await);
}

/// What is written while the pages are read is not missed.
pub(crate) async fn an_export_misses_nothing_that_moves(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let pain = |worst| care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let mut made = Vec::new();
    for worst in 0..10 {
        made.push(kit.create(&patient, circle.no, PAIN, &pain(worst)).await.expect("made"));
    }
    let mut request = pb::ExportPatientRequest { circle: circle.no, page_size: 2, page_token: String::new() };
    let (mut last, mut ended): (BTreeMap<String, u64>, bool) = (BTreeMap::new(), false);
    for round in 0..100 {
        let page = export::export(&kit.app, &patient, &request).await.expect("a page");
        for item in page.items.into_iter().filter_map(|item| item.item) {
            match item {
                Item::Record(record) => {
                    let record = record.record.expect("record");
                    last.insert(record.record_id, record.sequence);
                }
                Item::End(_) => ended = true,
                _ => {}
            }
        }
        // Three edits, of one that was passed and of two that were not.
        if let Some(view) = made.get(round).filter(|_| round < 3) {
            let write = osteon_proto::record::WriteRecordRequest {
                circle: circle.no,
                record_id: view.record_id.clone(),
                body: Some(body(PAIN, &pain(10))),
                ..Default::default()
            };
            records::write(&kit.app, &patient, &write).await.expect("written");
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert!(ended, "an end");
    for view in &made {
        let now = kit.get(&patient, circle.no, id_of(view)).await.expect("read");
        assert_eq!(last.get(&view.record_id), Some(&now.sequence), "the last one is the newest");
    }
}

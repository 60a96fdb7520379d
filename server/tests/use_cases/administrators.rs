//! Administrators: the last one stays, and none sees clinical data.

use osteon_proto::{care, meta::Role, record as pb, sync};
use osteon_server::{
    access::Caller,
    app::{explain, lists, records},
    error::{Error, Reason},
};

use crate::{
    access::{derived, member},
    fixture::*,
};

const MEMBER: u32 = 262;

fn record_of(circle: u64, account: u64) -> [u8; 16] {
    let named = derived(circle, MEMBER, &member(circle, account, Role::ClinicAdmin));
    named.record.as_ref().try_into().expect("id")
}

fn denied() -> care::CircleMember {
    care::CircleMember { membership: Some(care::Decision::Deny.into()), ..Default::default() }
}

async fn remove(kit: &Kit, who: &Caller, circle: u64, account: u64) -> Result<(), Error> {
    let view = kit.get(who, circle, record_of(circle, account)).await?;
    let shown = field(&view, "membership");
    let request = pb::WriteRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        body: Some(body(MEMBER, &denied())),
        shown: vec![pb::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }],
        reason: "has left".into(),
        ..Default::default()
    };
    records::write(&kit.app, who, &request).await.map(|_| ())
}

pub(crate) async fn the_last_administrator_stays(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::ClinicAdmin, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let nurse = kit.person(circle.people[1]);
    let (one, two) = (circle.people[2], circle.people[3]);
    let mut phone = kit.phone(&circle, 1, Role::Nurse).await;
    let number =
        field(&kit.get(&nurse, circle.no, record_of(circle.no, one)).await.expect("member"), "membership").field;
    let deny = |account| edit(record_of(circle.no, account), MEMBER, &denied(), number, vec![]);

    // Both in one change.
    let change = kit.change(vec![deny(one), deny(two)]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "LAST_ADMINISTRATOR");
    // One after the other in one push: the first goes, the second stays.
    let changes = vec![kit.change(vec![deny(one)]), kit.change(vec![deny(two)])];
    let request = kit.request(&phone, circle.no, 0, changes);
    let verdicts = kit.send(&phone, request).await;
    phone.lanes[0].next += 2;
    sequence(&verdicts[0]);
    assert_eq!(said(&verdicts[1]), "LAST_ADMINISTRATOR");
    // Online, by the nurse and by himself.
    assert_eq!(reason(remove(&kit, &nurse, circle.no, two).await), Reason::LastAdministrator);
    assert_eq!(reason(remove(&kit, &kit.person(two), circle.no, two).await), Reason::LastAdministrator);
    let rows = kit.app.store.audit_after(circle.no, 0, 100).await.expect("audit");
    assert!(rows.iter().filter(|row| row.outcome == "refused").count() >= 4, "each try is on record");
    // Whoever may not remove anybody is not told that it is the last one.
    let patient_elsewhere = kit.circle("d0002", &[Role::Dietitian]).await;
    let stranger = kit.person(patient_elsewhere.people[0]);
    assert_eq!(reason(remove(&kit, &stranger, circle.no, two).await), Reason::NotFound);
    // Somebody else named first, it works.
    let new = kit.app.store.create_account(kit.clinic, 1).await.expect("account");
    osteon_server::app::members::name(&kit.app, circle.no, new, Role::ClinicAdmin).await.expect("named");
    remove(&kit, &nurse, circle.no, two).await.expect("removed");
}

/// Everything that an error says.
fn whole(error: Error) -> (tonic::Code, String, Vec<u8>) {
    let status = error.into_status();
    (status.code(), status.message().to_owned(), status.details().to_vec())
}

pub(crate) async fn an_administrator_sees_no_clinical_data(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::ClinicAdmin]).await;
    let (patient, physio) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let admin = kit.person(circle.people[2]);
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let pain = kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    let plan = kit.create(&physio, circle.no, 201, &plan).await.expect("made");
    let absent = kit.id();
    for there in [&pain, &plan].map(id_of) {
        let (found, missing) = (kit.get(&admin, circle.no, there).await, kit.get(&admin, circle.no, absent).await);
        assert_eq!(whole(found.expect_err("hidden")), whole(missing.expect_err("absent")));
        let ask = |id| pb::ExplainRecordRequest { circle: circle.no, record_id: text(id), ..Default::default() };
        let found = explain::explain(&kit.app, &admin, &ask(there)).await.expect_err("hidden");
        let missing = explain::explain(&kit.app, &admin, &ask(absent)).await.expect_err("absent");
        assert_eq!(whole(found), whole(missing));
        let edit = |id, number| pb::WriteRecordRequest {
            circle: circle.no,
            record_id: text(id),
            body: Some(body(number, &care::PainEntry { worst_24h: Some(1), ..Default::default() })),
            ..Default::default()
        };
        let found = records::write(&kit.app, &admin, &edit(there, 101)).await.expect_err("hidden");
        let missing = records::write(&kit.app, &admin, &edit(absent, 101)).await.expect_err("absent");
        assert_eq!(whole(found), whole(missing));
    }
    let ask = pb::ListRecordsRequest { circle: circle.no, ..Default::default() };
    let listed = lists::list(&kit.app, &admin, &ask).await.expect("list").records;
    assert!(!listed.is_empty(), "people are an administrator's business");
    let hidden = [id_of(&pain), id_of(&plan)];
    assert!(listed.iter().all(|record| !hidden.contains(&id_of(record))));
    let page = kit.page(&admin, circle.no, &[]).await.expect("page");
    assert!(hidden.iter().all(|id| !holds(&page, *id)));
    let types: Vec<u32> = listed.iter().map(|record| record.r#type).collect();
    assert!(types.iter().all(|number| (261..=264).contains(number)), "{types:?}");
    let feed = sync::ListFeedRequest { circle: circle.no, page_size: 100, ..Default::default() };
    let feed = osteon_server::app::hello::feed(&kit.app, &admin, &feed).await.expect("feed");
    assert!(feed.entries.iter().all(|entry| !hidden.iter().any(|id| entry.record.as_ref() == id)));
}

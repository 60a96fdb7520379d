//! ListRecords and the feed: orders, pages, parents, scope.

use osteon_proto::{care, meta::Role, record as pb, sync};
use osteon_server::{
    app::{enrol::timestamp, hello, lists, records},
    error::Reason,
};

use crate::fixture::*;

fn pain(at_ms: u64) -> care::PainEntry {
    let moment = care::Moment { at: Some(timestamp(at_ms)), ..Default::default() };
    care::PainEntry { worst_24h: Some(3), effective_start: Some(moment), ..Default::default() }
}

fn ids(page: &pb::ListRecordsResponse) -> Vec<String> {
    page.records.iter().map(|r| r.record_id.clone()).collect()
}

pub(crate) async fn by_arrival_and_by_time(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let mut made = Vec::new();
    for days in [3, 1, 2, 5, 4] {
        made.push(kit.create(&patient, circle.no, 101, &pain(NOW - days * DAY)).await.expect("made").record_id);
    }
    let list = async |request: &pb::ListRecordsRequest| lists::list(&kit.app, &nurse, request).await.expect("list");
    let mut request = pb::ListRecordsRequest { circle: circle.no, r#type: 101, page_size: 2, ..Default::default() };
    let first = list(&request).await;
    assert_eq!(ids(&first), [made[4].clone(), made[3].clone()]);
    // A new arrival does not move the pages behind it.
    let late = kit.create(&patient, circle.no, 101, &pain(NOW)).await.expect("made").record_id;
    request.page_token = first.next_page_token;
    let second = list(&request).await;
    assert_eq!(ids(&second), [made[2].clone(), made[1].clone()]);
    let foreign = pb::ListRecordsRequest { r#type: 0, ..request.clone() };
    assert_eq!(reason(lists::list(&kit.app, &nurse, &foreign).await), Reason::PageTokenInvalid, "another question");
    assert_eq!(reason(lists::list(&kit.app, &patient, &request).await), Reason::PageTokenInvalid, "another reader");
    request.page_token = second.next_page_token;
    assert_eq!(ids(&list(&request).await), [made[0].clone()]);

    let mut by_time = pb::ListRecordsRequest {
        circle: circle.no,
        r#type: 101,
        order: pb::ListOrder::Time.into(),
        page_size: 4,
        ..Default::default()
    };
    let first = list(&by_time).await;
    assert_eq!(ids(&first), [late.clone(), made[1].clone(), made[2].clone(), made[0].clone()]);
    by_time.page_token = first.next_page_token;
    assert_eq!(ids(&list(&by_time).await), [made[4].clone(), made[3].clone()]);
    by_time.page_token.clear();
    (by_time.from, by_time.to) = (Some(timestamp(NOW - 4 * DAY)), Some(timestamp(NOW - 2 * DAY)));
    assert_eq!(ids(&list(&by_time).await), [made[2].clone(), made[0].clone(), made[4].clone()]);
    by_time.order = pb::ListOrder::Arrival.into();
    assert_eq!(ids(&list(&by_time).await), [made[4].clone(), made[2].clone(), made[0].clone()]);

    // An ended record is left out, unless it is asked for.
    let view = kit.get(&patient, circle.no, id_from(&late)).await.expect("read");
    let end = pb::EndRecordRequest {
        circle: circle.no,
        record_id: late.clone(),
        state: sync::Lifecycle::Deleted.into(),
        shown: view.shown,
        ..Default::default()
    };
    records::end(&kit.app, &patient, &end).await.expect("ended");
    let mut all = pb::ListRecordsRequest { circle: circle.no, r#type: 101, ..Default::default() };
    assert_eq!(list(&all).await.records.len(), 5);
    all.include_ended = true;
    assert_eq!(list(&all).await.records.len(), 6);

    let admin = kit.person(circle.people[2]);
    assert!(lists::list(&kit.app, &admin, &all).await.expect("list").records.is_empty(), "through the scope");
    all.r#type = 1999;
    assert_eq!(reason(lists::list(&kit.app, &nurse, &all).await), Reason::ArgumentInvalid);
    let negative = pb::ListRecordsRequest { circle: circle.no, page_size: -1, ..Default::default() };
    assert_eq!(reason(lists::list(&kit.app, &nurse, &negative).await), Reason::ArgumentInvalid);
}

/// Several types in one call: one after the other, with one page token over all and one row in the audit.
pub(crate) async fn several_types_in_one_list(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let [patient, nurse, admin] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let (mut pains, mut goals) = (Vec::new(), Vec::new());
    for days in [3, 1, 2] {
        pains.push(kit.create(&patient, circle.no, 101, &pain(NOW - days * DAY)).await.expect("made").record_id);
        let goal = care::SharedGoal { statement: Some(format!("walk {days}")), ..Default::default() };
        goals.push(kit.create(&patient, circle.no, 241, &goal).await.expect("goal").record_id);
    }
    let list = async |who: &osteon_server::access::Caller, request: &pb::ListRecordsRequest| {
        lists::list(&kit.app, who, request).await
    };
    let alone = async |number| {
        let order = pb::ListOrder::Time.into();
        let request = pb::ListRecordsRequest { circle: circle.no, r#type: number, order, ..Default::default() };
        ids(&list(&nurse, &request).await.expect("list"))
    };
    // 242 has no records here.
    let ask = pb::ListRecordsRequest { circle: circle.no, types: vec![241, 242, 101], ..Default::default() };
    let looks = async || {
        let asked = osteon_proto::audit::ListAccessRequest { circle: circle.no, page_size: 500, ..Default::default() };
        let rows = osteon_server::app::audit::list(&kit.app, &patient, &asked).await.expect("audit").entries;
        let lists = rows.into_iter().filter(|row| row.action == "record.list" && row.account == nurse.account);
        lists.map(|row| row.count).collect::<Vec<_>>()
    };
    let before = looks().await.len();
    let all = list(&nurse, &ask).await.expect("list");
    let told = looks().await;
    assert_eq!((told.len() - before, told[0]), (1, 6), "one row for six records");
    let expected = [alone(241).await, alone(101).await].concat();
    assert_eq!(expected.len(), 6);
    assert_eq!((ids(&all), all.next_page_token.as_str()), (expected.clone(), ""));
    assert_eq!(ids(&all)[3..], [pains[1].clone(), pains[2].clone(), pains[0].clone()], "the newest happening first");
    // Page by page, over the end of a type: nothing twice, nothing left out.
    for page_size in 1..=4 {
        let mut asked = pb::ListRecordsRequest { page_size, ..ask.clone() };
        let mut found = Vec::new();
        for _ in 0..10 {
            let page = list(&nurse, &asked).await.expect("page");
            assert!(page.records.len() <= page_size as usize);
            found.extend(ids(&page));
            asked.page_token = page.next_page_token;
            if asked.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, expected, "{page_size} at once");
    }
    // The token is of these types in this order.
    let first = list(&nurse, &pb::ListRecordsRequest { page_size: 1, ..ask.clone() }).await.expect("page");
    let page_token = first.next_page_token;
    let other = pb::ListRecordsRequest { types: vec![101, 242, 241], page_token: page_token.clone(), ..ask.clone() };
    assert_eq!(reason(list(&nurse, &other).await), Reason::PageTokenInvalid);
    let less = pb::ListRecordsRequest { types: vec![241, 242], page_token, ..ask.clone() };
    assert_eq!(reason(list(&nurse, &less).await), Reason::PageTokenInvalid);
    // Through the scope, as a list of one type.
    assert!(list(&admin, &ask).await.expect("list").records.is_empty(), "through the scope");
    let mut window = pb::ListRecordsRequest { from: Some(timestamp(NOW - 2 * DAY)), ..ask.clone() };
    window.types = vec![101];
    assert_eq!(ids(&list(&nurse, &window).await.expect("list")), [pains[1].clone(), pains[2].clone()]);
    let refused = async |types: Vec<u32>, change: fn(&mut pb::ListRecordsRequest)| {
        let mut asked = pb::ListRecordsRequest { types, ..ask.clone() };
        change(&mut asked);
        reason(list(&nurse, &asked).await)
    };
    assert_eq!(refused(vec![101, 1999], |_| ()).await, Reason::ArgumentInvalid, "no such type");
    assert_eq!(refused(vec![101, 0], |_| ()).await, Reason::ArgumentInvalid, "all of them is asked otherwise");
    assert_eq!(refused(vec![101, 241, 101], |_| ()).await, Reason::ArgumentInvalid, "one twice");
    assert_eq!(refused(vec![101], |asked| asked.r#type = 241).await, Reason::ArgumentInvalid);
    assert_eq!(refused(vec![101], |asked| asked.order = pb::ListOrder::Arrival.into()).await, Reason::ArgumentInvalid);
    assert_eq!(refused((1..=33).collect(), |_| ()).await, Reason::LimitExceeded);
}

fn id_from(text: &str) -> [u8; 16] {
    uuid::Uuid::parse_str(text).expect("id").into_bytes()
}

pub(crate) async fn children_of_a_parent(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let mut goals = Vec::new();
    for name in ["walk", "cook"] {
        let goal = care::SharedGoal { statement: Some(name.into()), ..Default::default() };
        goals.push(kit.create(&patient, circle.no, 241, &goal).await.expect("goal"));
    }
    let mut steps = Vec::new();
    for goal in [0, 1, 0] {
        let parent = Some(id_of(&goals[goal]).to_vec().into());
        let step = care::Milestone { parent, text: Some(format!("step {}", steps.len())), ..Default::default() };
        steps.push(kit.create(&patient, circle.no, 242, &step).await.expect("step").record_id);
    }
    let parent_id = goals[0].record_id.clone();
    let mut request = pb::ListRecordsRequest { circle: circle.no, r#type: 242, parent_id, ..Default::default() };
    let found = lists::list(&kit.app, &patient, &request).await.expect("list");
    assert_eq!(ids(&found), [steps[2].clone(), steps[0].clone()]);
    request.parent_id = "nonsense".into();
    assert_eq!(reason(lists::list(&kit.app, &patient, &request).await), Reason::RecordIdInvalid);
}

pub(crate) async fn the_feed_goes_through_the_scope(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let patient = kit.person(circle.people[0]);
    let made = kit.create(&patient, circle.no, 101, &pain(NOW)).await.expect("made");
    let feed = async |who: usize, after: u64, size: u32| {
        let request = sync::ListFeedRequest { circle: circle.no, after_sequence: after, page_size: size };
        hello::feed(&kit.app, &kit.person(circle.people[who]), &request).await.expect("feed")
    };
    let seen = feed(1, 0, 0).await;
    let entry = seen.entries.iter().find(|e| e.record.as_ref() == id_of(&made)).expect("told");
    assert_eq!((entry.account, entry.r#type), (circle.people[0], 101));
    assert!(entry.fields.contains(&field(&made, "worst_24h").field));
    let hidden = feed(2, 0, 0).await;
    assert!(hidden.entries.iter().all(|e| e.record.as_ref() != id_of(&made)));
    assert!(feed(1, made.sequence, 0).await.entries.is_empty());
    assert!(feed(1, u64::MAX, 0).await.entries.is_empty(), "past the end");
    let first = feed(1, 0, 1).await;
    assert_eq!(first.next_after_sequence, 1);
    kit.clock.advance(91 * DAY);
    assert!(feed(1, 0, 0).await.entries.is_empty(), "90 days");
}

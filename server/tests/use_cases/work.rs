//! Forbidden equals absent in the work that is done, too: the store is asked the same questions, as often, whether something
//! is hidden or not there. Nothing is measured here: a clock would lie on a busy machine.

use std::{collections::BTreeMap, sync::Arc};

use osteon_proto::{alert, care, meta::Role, record as pb, summary, sync, task, timeline};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{listed, statistics, watch},
        audit, consents, explain, hello, lists, moves, quarantine, records, redact, reviews, series, summaries, tasks,
        whosees,
    },
    error::{Error, Reason},
    store::Store,
};

use crate::{
    Kit,
    counted::{Calls, Counted},
    fixture::*,
};

const MEAL: u32 = 103;

/// What is asked for: a circle, and a record in it.
#[derive(Clone, Copy)]
struct Asked {
    circle: u64,
    record: [u8; 16],
}

/// Every question with a record in it, or with a circle alone, and how often each method of the store was called for it.
async fn work(
    kit: &Kit,
    calls: &Calls,
    who: &Caller,
    asked: Asked,
) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
    let Asked { circle, record } = asked;
    let (app, record_id) = (&kit.app, text(record));
    let mut all = BTreeMap::new();
    calls.taken();
    macro_rules! ask {
        ($name:literal, $call:expr) => {
            let answer: Result<(), Error> = $call.await.map(|_| ());
            assert_eq!(reason(answer), Reason::NotFound, $name);
            all.insert($name, calls.taken());
        };
    }
    ask!("get", kit.get(who, circle, record));
    let explained = pb::ExplainRecordRequest { circle, record_id: record_id.clone(), ..Default::default() };
    ask!("explain", explain::explain(app, who, &explained));
    let body = Some(body(MEAL, &care::Meal::default()));
    let mask = Some(prost_types::FieldMask { paths: vec!["appetite".into()] });
    let written =
        pb::WriteRecordRequest { circle, record_id: record_id.clone(), body, update_mask: mask, ..Default::default() };
    ask!("write", records::write(app, who, &written));
    let state = sync::Lifecycle::Deleted.into();
    let ended = pb::EndRecordRequest { circle, record_id: record_id.clone(), state, ..Default::default() };
    ask!("end", records::end(app, who, &ended));
    let restored = pb::RestoreRecordRequest { circle, record_id: record_id.clone(), ..Default::default() };
    ask!("restore", records::restore(app, who, &restored));
    let dot = Some(sync::Dot { epoch: 1, replica: 0, counter: 1 });
    let redacted = pb::RedactVersionRequest { circle, record_id: record_id.clone(), dot, reason: "of another".into() };
    ask!("redact", redact::redact(app, who, &redacted));
    let moved = pb::MoveRecordRequest { circle, record_id, label_choice: 1, ..Default::default() };
    ask!("move", moves::run(app, who, &moved));
    all
}

/// The same of a circle as a whole.
async fn outside(
    kit: &Kit,
    calls: &Calls,
    who: &Caller,
    circle: u64,
) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
    let app = &kit.app;
    let mut all = work(kit, calls, who, Asked { circle, record: kit.id() }).await;
    // A snapshot that turns to a circle reads its head, as one that is opened there.
    let taken = || {
        let mut taken = calls.taken();
        let heads = ["snapshot", "snapshot_of", "turn_to"].into_iter().filter_map(|name| taken.remove(name)).sum();
        taken.insert("head", heads);
        taken
    };
    macro_rules! ask {
        ($name:literal, $call:expr) => {
            let answer: Result<(), Error> = $call.await.map(|_| ());
            assert_eq!(reason(answer), Reason::NotFound, $name);
            all.insert($name, taken());
        };
    }
    ask!("list", lists::list(app, who, &pb::ListRecordsRequest { circle, ..Default::default() }));
    ask!("feed", hello::feed(app, who, &sync::ListFeedRequest { circle, ..Default::default() }));
    ask!("page", kit.page(who, circle, &[]));
    let open = osteon_proto::review::ListReviewsRequest { circle, ..Default::default() };
    ask!("reviews", reviews::list(app, who, &open));
    let waiting = osteon_proto::review::ListQuarantinedRequest { circle, ..Default::default() };
    ask!("quarantine", quarantine::list(app, who, &waiting));
    let sees = osteon_proto::consent::ExplainAccessRequest { circle, account: 0 };
    ask!("who sees", whosees::explain(app, who, &sees));
    ask!("erasures", whosees::erasures(app, who, &osteon_proto::consent::ListErasuresRequest { circle }));
    ask!("consent", consents::get(&kit.app, who, &osteon_proto::consent::GetConsentRequest { circle }));
    let read = osteon_proto::audit::ListAccessRequest { circle, ..Default::default() };
    ask!("audit", audit::list(app, who, &read));
    let create =
        pb::CreateRecordRequest { circle, body: Some(body(MEAL, &care::Meal::default())), ..Default::default() };
    ask!("create", records::create(app, who, &create));
    let open = alert::ListAlertsRequest { circle, include_closed: true, cannot_tell: true, ..Default::default() };
    ask!("alerts", listed::list(app, who, &open));
    let record_id = text(kit.id());
    let seen = alert::AcknowledgeAlertRequest { circle, record_id: record_id.clone(), ..Default::default() };
    ask!("alert seen", listed::acknowledge(app, who, &seen));
    let outcome = care::AlertOutcome::ActedOn.into();
    let closed = alert::CloseAlertRequest { circle, record_id, outcome, ..Default::default() };
    ask!("alert closed", listed::close(app, who, &closed));
    let watched = alert::WatchAlertsRequest { circle, ..Default::default() };
    ask!("alerts watched", watch::open(Arc::clone(app), *who, &watched));
    let counted = alert::GetRuleStatisticsRequest { circle, ..Default::default() };
    ask!("statistics", statistics::get(app, who, &counted));
    ask!("tasks", tasks::list(app, who, &task::ListTasksRequest { circle, ..Default::default() }));
    let (from, until) = ("2025-11-01".to_owned(), "2025-11-07".to_owned());
    let week = summary::get_weekly_digest_request::Week::Until(until.clone());
    let week = summary::GetWeeklyDigestRequest { circle, week: Some(week), ..Default::default() };
    ask!("digest", summaries::week(app, who, &week));
    let visit = summary::GetVisitSummaryRequest { circle, until: until.clone(), ..Default::default() };
    ask!("visit", summaries::visit(app, who, &visit));
    let lanes = timeline::GetSeriesRequest { circle, from, to: until, ..Default::default() };
    let seen = osteon_proto::seen::ListSeenRequest { circle };
    ask!("seen", osteon_server::app::seen::list(app, who, &seen));
    let mark = osteon_proto::seen::MarkSeenRequest { circle, sequence: 1, request_id: String::new() };
    ask!("mark seen", osteon_server::app::seen::mark(app, who, &mark));
    let view = osteon_proto::circle::GetCircleViewRequest { circle, ..Default::default() };
    ask!("view", osteon_server::app::circle_view::get(app, who, &view));
    ask!("series", series::open(Arc::clone(app), *who, &lanes));
    all
}

/// What is hidden and what is not there, on this store.
pub(crate) async fn the_same_work(kit: Kit, calls: Arc<Calls>) {
    let mine = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist]).await;
    let theirs = kit.circle("d0002", &[Role::Patient]).await;
    let patient = kit.person(mine.people[0]);
    let made = kit.create(&patient, mine.no, MEAL, &care::Meal::default()).await.expect("made");
    let next = kit.create(&kit.person(theirs.people[0]), theirs.no, MEAL, &care::Meal::default()).await.expect("made");
    let physio = kit.person(mine.people[1]);
    // A meal is nothing for a physiotherapist; another circle's record is in no other.
    let hidden = [id_of(&made), id_of(&next)].map(|record| Asked { circle: mine.no, record });
    let absent = Asked { circle: mine.no, record: kit.id() };
    // Once before: what is kept in memory is kept for both.
    work(&kit, &calls, &physio, absent).await;
    let nothing = work(&kit, &calls, &physio, absent).await;
    let looks = |calls: &BTreeMap<&str, u64>| calls.contains_key("parts_of") || calls.contains_key("submit");
    assert!(nothing.values().all(looks), "{nothing:?}");
    for asked in hidden {
        assert_eq!(work(&kit, &calls, &physio, asked).await, nothing);
    }
    // A circle of the same clinic, and of another one: as one that never was.
    let stranger = Caller { clinic: kit.clinic + 7, ..physio };
    for (who, circle) in [(physio, theirs.no), (stranger, theirs.no), (stranger, mine.no)] {
        outside(&kit, &calls, &who, circle).await;
        let (forbidden, never) =
            (outside(&kit, &calls, &who, circle).await, outside(&kit, &calls, &who, 999_999).await);
        assert_eq!(forbidden, never, "{circle}");
    }
}

#[tokio::test]
async fn on_memory() {
    let (kit, calls) = Kit::counted(false).await;
    the_same_work(kit, calls).await;
}

#[tokio::test]
async fn on_sqlite() {
    let (kit, calls) = Kit::counted(true).await;
    the_same_work(kit, calls).await;
}

impl Kit {
    /// On a store that says what it was asked.
    async fn counted(sqlite: bool) -> (Self, Arc<Calls>) {
        let mut calls = None;
        let wrap = |store: Arc<dyn Store>| -> Arc<dyn Store> {
            let counted = Counted::new(store);
            calls = Some(counted.calls());
            Arc::new(counted)
        };
        let kit = if sqlite { Self::sqlite_as(wrap).await } else { Self::memory_as(wrap).await };
        (kit, calls.expect("a store"))
    }
}

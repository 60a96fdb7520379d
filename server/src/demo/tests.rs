//! The seed, on a real store: what the six patients are there for must be there, and take no longer than it may.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use osteon_proto::{care, record as pb, split::open as open_body};
use prost::Message;

use super::{Seeded, seed};
use crate::{
    app::{App, lists, quarantine, records, reviews, tasks},
    clock::SetClock,
    config::{Settings, mark_demo},
    layers::Caller,
    site::{self, Site},
};

const NOW_MS: u64 = 1_795_600_000_000;
const EXERCISE_PLAN: u32 = 201;

async fn seeded(dir: &std::path::Path) -> (Site, Seeded) {
    mark_demo(dir).expect("an empty folder");
    let config = Settings { data: Some(dir.to_path_buf()), ..Settings::default() }.resolve().expect("settings");
    let clock = Arc::new(SetClock::at(NOW_MS));
    let site = site::open_at(&config, Arc::clone(&clock) as Arc<dyn crate::clock::Clock>).await.expect("opens");
    let made = seed(Arc::clone(&site.app), clock, NOW_MS, 7).await;
    let made = made.unwrap_or_else(|e| panic!("the seed: {e:#}"));
    (site, made)
}

async fn everything(app: &App, caller: &Caller, circle: u64) -> Vec<pb::RecordView> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let request = pb::ListRecordsRequest { circle, page_size: 200, page_token: token, ..Default::default() };
        let page = lists::list(app, caller, &request).await.expect("a page");
        all.extend(page.records);
        if page.next_page_token.is_empty() {
            return all;
        }
        token = page.next_page_token;
    }
}

fn patient(made: &Seeded) -> Caller {
    Caller { account: made.phones[0].account, device: 0, clinic: 1, family: 0, leaving: false }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_days_are_made_and_the_lifting_limit_is_disputed() {
    let dir = tempfile::tempdir().expect("temp dir");
    let started = Instant::now();
    let (site, made) = seeded(&dir.path().join("demo")).await;
    println!("seeded {} journal records in {:?}", made.records, started.elapsed());
    assert!(made.records > 500, "{} records", made.records);
    let caller = patient(&made);
    let id = uuid::Uuid::from_bytes(made.exercise_plan.0).to_string();
    let request = pb::GetRecordRequest { circle: made.circle, record_id: id };
    let plan = records::get(&site.app, &caller, &request).await.expect("the plan").record.expect("a record");
    let (number, inner) = open_body(plan.body.as_deref().expect("a body")).expect("opens");
    assert_eq!(number, EXERCISE_PLAN);
    let in_force = care::ExercisePlan::decode(inner).expect("decodes");
    assert_eq!(in_force.lift_max_kg, Some(30), "the safer limit is in force");
    let lift = plan.fields.iter().find(|f| f.name == "lift_max_kg").expect("the field");
    assert!(lift.needs_review && lift.versions.len() == 2);
    let mine = everything(&site.app, &caller, made.circle).await;
    for kind in [101, 103, 106, 201, 211, 221, 231, 232, 241, 242, 251, 261, 262, 263] {
        assert!(mine.iter().any(|r| r.r#type == kind), "no record of type {kind}");
    }
    the_others(&site).await;
    site.close().await;
}

/// What the patients beside the first are there for.
async fn the_others(site: &Site) {
    let d2 = of_type(site, "d0002", 102).await;
    let seconds = i64::try_from((NOW_MS - 600_000) / 1_000).expect("fits");
    assert!(d2.iter().any(|r| r.time.is_some_and(|t| t.seconds == seconds)), "signs of ten minutes ago");
    let plans = of_type(site, "d0003", 221).await;
    let calcium = plans[0].fields.iter().find(|f| f.name == "calcium_mg_d_target").expect("the target");
    assert!(calcium.needs_review && calcium.agreed.is_some(), "the calcium target is disputed, 1,000 mg hold");
    assert!(!of_type(site, "d0003", 120).await.is_empty() && !of_type(site, "d0003", 231).await.is_empty());
    assert!(of_type(site, "d0004", 103).await.len() > 60, "meals of ninety days");
    let falls = of_type(site, "d0005", 107).await;
    assert!(falls.len() == 1 && falls[0].lifecycle_review, "the fall came back, and somebody is asked");
    assert!(!of_type(site, "d0006", 262).await.is_empty());
    let wanted: [(&str, &[&str]); 6] = [
        ("d0001", &["R-FRX-2"]),
        ("d0002", &["R-MSCC-1"]),
        ("d0003", &["R-DMAB-2", "R-HYPOCA-2", "R-HYPOCA-3"]),
        ("d0004", &["R-NUT-1", "R-FALL-5"]),
        ("d0005", &["R-FALL-1", "R-HOME-1"]),
        ("d0006", &["R-EOL-1"]),
    ];
    for (patient, rules) in wanted {
        let raised: BTreeSet<String> =
            bodies::<care::Alert>(site, patient, 411).await.into_iter().filter_map(|alert| alert.rule).collect();
        assert!(rules.iter().all(|rule| raised.contains(*rule)), "{patient} shows {raised:?}");
    }
    let weights = bodies::<care::Alert>(site, "d0004", 411).await;
    let lost = weights.iter().filter(|alert| alert.rule.as_deref() == Some("R-NUT-1"));
    assert!(lost.map(care::Alert::severity).max() == Some(care::AlertSeverity::Urgent), "a tenth of the weight");
    // The fall's alert has had its life: seen, and closed with an outcome.
    let closures = bodies::<care::AlertClosure>(site, "d0005", 413).await;
    assert!(closures.iter().any(|one| one.outcome() == care::AlertOutcome::Referred && one.useful == Some(true)));
    no_phone_is_away(site).await;
    every_patient_has_something_to_do(site).await;
    what_the_inboxes_show(site).await;
    only_their_reader_sees_the_wishes(site).await;
}

/// The phones of the demo come as real ones do: of the six none is away, D-0003's was silent for three days alone.
async fn no_phone_is_away(site: &Site) {
    for patient in ["d0001", "d0002", "d0003", "d0004", "d0005", "d0006"] {
        let circle = circle_of(site, patient).await;
        let reads = site.store.reads_of(circle).await.expect("reads");
        let last = reads.iter().map(|read| (read.at_ms, read.seq)).max().expect("a phone that came");
        assert!(last.0 > NOW_MS - 7 * super::DAY_MS && last.1 > 0, "{patient}: {last:?}");
        let alerts = bodies::<care::Alert>(site, patient, 411).await;
        assert!(alerts.iter().all(|alert| alert.rule.as_deref() != Some("R-SYNC-3")), "{patient}");
        // They were heard from the first days on, and the charts tell it.
        let heard = site.store.heard_of(circle, 1_000).await.expect("heard");
        let first = heard.iter().map(|span| span.0).min().expect("a phone that came");
        assert!(first < NOW_MS - 80 * super::DAY_MS, "{patient}: {heard:?}");
    }
}

async fn bodies<M: Message + Default>(site: &Site, patient: &str, number: u32) -> Vec<M> {
    let views = of_type(site, patient, number).await;
    let body = |view: pb::RecordView| {
        let body = view.body.unwrap_or_default();
        M::decode(open_body(&body).expect("a body").1).expect("decodes")
    };
    views.into_iter().map(body).collect()
}

async fn circle_of(site: &Site, patient: &str) -> u64 {
    site.store.circle_by_short_id(1, patient).await.expect("asked").expect("the circle")
}

/// Somebody of a circle in that role.
async fn member(site: &Site, circle: u64, role: osteon_access_core::Role) -> Caller {
    let mut snapshot = site.store.snapshot(circle).await.expect("a snapshot");
    let access = site.app.access_of(&mut *snapshot).await.expect("the members");
    let (account, _) = access.access.members().find(|(_, one)| *one == role).expect("one in that role");
    Caller { account, device: 0, clinic: 1, family: 0, leaving: false }
}

async fn every_patient_has_something_to_do(site: &Site) {
    use osteon_proto::task;
    for (patient, kind) in [
        ("d0001", task::TaskKind::Exercise),
        ("d0002", task::TaskKind::Exercise),
        ("d0003", task::TaskKind::Supplement),
        ("d0004", task::TaskKind::Fluid),
        ("d0005", task::TaskKind::Exercise),
        ("d0006", task::TaskKind::Visit),
    ] {
        let circle = circle_of(site, patient).await;
        let caller = member(site, circle, osteon_access_core::Role::Patient).await;
        let day = |ms: u64| super::records::date(ms).expect("a day");
        let request = task::ListTasksRequest {
            circle,
            from: day(NOW_MS),
            to: day(NOW_MS + 6 * super::DAY_MS),
            ..Default::default()
        };
        let answer = tasks::list(&site.app, &caller, &request).await.expect("tasks");
        assert!(answer.tasks.iter().any(|task| task.kind() == kind), "{patient}: {} tasks", answer.tasks.len());
    }
}

/// D-0002's merged plan that nobody has read, D-0004's contradiction and the entry that waits.
async fn what_the_inboxes_show(site: &Site) {
    use osteon_proto::review;
    for (patient, kind) in [("d0002", review::ReviewKind::MergedUnseen), ("d0004", review::ReviewKind::Contradiction)] {
        let circle = circle_of(site, patient).await;
        let caller = member(site, circle, osteon_access_core::Role::Physician).await;
        let request = review::ListReviewsRequest { circle, ..Default::default() };
        let found = reviews::list(&site.app, &caller, &request).await.expect("reviews").reviews;
        assert!(found.iter().any(|one| one.kind() == kind), "{patient}: {found:?}");
    }
    let circle = circle_of(site, "d0004").await;
    let caller = member(site, circle, osteon_access_core::Role::Patient).await;
    let request = review::ListQuarantinedRequest { circle, ..Default::default() };
    let held = quarantine::list(&site.app, &caller, &request).await.expect("asked").changes;
    assert_eq!(held.len(), 1, "the meal of somebody who has left");
}

async fn only_their_reader_sees_the_wishes(site: &Site) {
    use osteon_access_core::Role;
    const WISHES: u32 = 341;
    let circle = circle_of(site, "d0006").await;
    for (role, sees) in
        [(Role::Patient, true), (Role::Physician, true), (Role::Nurse, false), (Role::Physiotherapist, false)]
    {
        let caller = member(site, circle, role).await;
        let all = everything(&site.app, &caller, circle).await;
        let wishes: Vec<_> = all.iter().filter(|view| view.r#type == WISHES).collect();
        assert_eq!(wishes.len(), usize::from(sees), "{role:?}");
        for view in wishes {
            let transfer = view.fields.iter().find(|field| field.name == "hospital_transfer").expect("the field");
            assert!(transfer.needs_review && transfer.versions.len() == 2, "two wishes, and no program chooses");
        }
    }
}

/// Records of one type, as the patient of that circle sees them.
async fn of_type(site: &Site, short_id: &str, number: u32) -> Vec<pb::RecordView> {
    let store = &site.store;
    let circle = store.circle_by_short_id(1, short_id).await.expect("asked").expect("the circle");
    let mut snapshot = store.snapshot(circle).await.expect("a snapshot");
    let access = site.app.access_of(&mut *snapshot).await.expect("the members");
    let account = access.patient().expect("a patient");
    let caller = Caller { account, device: 0, clinic: 1, family: 0, leaving: false };
    let all = everything(&site.app, &caller, circle).await;
    all.into_iter().filter(|r| r.r#type == number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_start_gives_the_same_content() {
    let (a, b) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
    let content = async |dir: &std::path::Path| {
        let (site, made) = seeded(&dir.join("demo")).await;
        let all = everything(&site.app, &patient(&made), made.circle).await;
        let mut bodies: Vec<_> =
            all.into_iter().filter(|r| r.r#type < 200).map(|r| (r.time.map(|t| t.seconds), r.body)).collect();
        bodies.sort();
        site.close().await;
        bodies
    };
    assert!(content(a.path()).await == content(b.path()).await, "two seeds of one start differ");
}

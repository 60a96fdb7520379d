//! The weekly digest and the page for a visit: what changed, disputes, alerts, results, days that are missing, questions;
//! what a member may not see, limits, and the audit.

use osteon_proto::{
    audit as pb_audit, care,
    meta::Role,
    record,
    review::{Review, ReviewKind},
    summary as pb, task as pb_task, timeline,
};
use osteon_server::{
    access::Caller,
    app::{alerts::listed, audit, enrol::timestamp, records, summaries, tasks},
    error::{Error, Reason},
};
use pb::get_weekly_digest_request::Week;
use prost::Message;

use crate::{
    access::{decide, grant, remove, write},
    fixture::*,
};

const PAIN: u32 = 101;
const SYMPTOM: u32 = 102;
const WEIGHT: u32 = 108;
const LAB: u32 = 120;
const VISIT: u32 = 122;
const EXERCISE: u32 = 201;
const GRANT: u32 = 263;
const TASK: u32 = 421;
/// What the audit calls them.
const LOOKS: [&str; 2] = ["digest.get", "visit.get"];
/// The day of [`NOW`].
const TODAY: &str = "2025-11-24";

fn at(days_ago: i64) -> Option<care::Moment> {
    let ms = NOW.checked_add_signed(-days_ago * DAY as i64).expect("a time");
    Some(care::Moment { at: Some(timestamp(ms)), utc_offset_min: Some(0), zone: None })
}

fn pain(days_ago: i64, worst: u32) -> care::PainEntry {
    care::PainEntry { effective_start: at(days_ago), worst_24h: Some(worst), ..Default::default() }
}

fn weight(days_ago: i64, hundredths: u32) -> care::BodyWeight {
    care::BodyWeight { effective_start: at(days_ago), weight: Some(hundredths), ..Default::default() }
}

fn calcium(days_ago: i64, value: i32) -> care::LaboratoryResult {
    care::LaboratoryResult {
        analyte: Some("calcium_adjusted".into()),
        value: Some(value),
        unit: Some("mmol/L".into()),
        ref_low: Some(21_000),
        ref_high: Some(26_000),
        specimen_time: at(days_ago),
        ..Default::default()
    }
}

fn weak_leg(days_ago: i64) -> care::SymptomEntry {
    care::SymptomEntry {
        effective_start: at(days_ago),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    }
}

fn a_visit(days_ago: i64, questions: &[&str]) -> care::VisitEntry {
    care::VisitEntry {
        when: at(days_ago),
        kind: Some(care::VisitKind::Clinic.into()),
        questions: questions.iter().map(|text| (*text).to_owned()).collect(),
        ..Default::default()
    }
}

fn asked(circle: u64, since: &str) -> pb::GetVisitSummaryRequest {
    pb::GetVisitSummaryRequest { circle, since: since.into(), until: TODAY.into(), utc_offset_min: Some(0) }
}

async fn visit(kit: &Kit, who: &Caller, request: &pb::GetVisitSummaryRequest) -> pb::GetVisitSummaryResponse {
    summaries::visit(&kit.app, who, request).await.expect("a page")
}

async fn page(kit: &Kit, who: &Caller, circle: u64, since: &str) -> pb::Digest {
    visit(kit, who, &asked(circle, since)).await.digest.expect("a page")
}

async fn week(kit: &Kit, who: &Caller, circle: u64, week: Week) -> Result<pb::Digest, Error> {
    let request = pb::GetWeeklyDigestRequest { circle, week: Some(week), utc_offset_min: Some(0) };
    Ok(summaries::week(&kit.app, who, &request).await?.digest.expect("a page"))
}

fn lane(page: &pb::Digest, lane: timeline::SeriesLane) -> &pb::DigestLane {
    page.lanes.iter().find(|one| one.lane() == lane).expect("told, whether there is anything or not")
}

/// Beside what else waits for a person.
fn disputes(page: &pb::Digest) -> Vec<&Review> {
    page.disputes.iter().filter(|one| one.kind() == ReviewKind::Dispute).collect()
}

/// A plan of exercise, and a dispute about its lifting limit: 3 kg against 10 kg.
async fn disputed(kit: &Kit, circle: &Circle, at: [usize; 2]) -> [u8; 16] {
    let mut a = kit.phone(circle, at[0], Role::Physiotherapist).await;
    let mut b = kit.phone(circle, at[1], Role::Physiotherapist).await;
    let limit = |tenths| care::ExercisePlan { lift_max_kg: Some(tenths), ..Default::default() };
    let made = kit.create(&a.caller, circle.no, EXERCISE, &limit(50)).await.expect("created");
    kit.clock.advance(DAY);
    let (id, number, shown) = (id_of(&made), field(&made, "lift_max_kg").field, dots(&made, "lift_max_kg"));
    sequence(&kit.write(&mut a, circle.no, edit(id, EXERCISE, &limit(30), number, shown.clone())).await);
    let mut change = kit.change(vec![edit(id, EXERCISE, &limit(100), number, shown)]);
    change.reason = "strong enough at the last visit".into();
    sequence(&kit.push(&mut b, circle.no, change).await);
    id
}

pub(crate) async fn a_page_for_a_visit(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physiotherapist, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    // The plan was made yesterday by the server's clock, and disputed today.
    kit.clock.set(NOW - DAY);
    let plan = disputed(&kit, &circle, [2, 3]).await;
    kit.create(&patient, circle.no, SYMPTOM, &weak_leg(0)).await.expect("made");
    for (days_ago, worst) in [(0, 3), (0, 8), (3, 8), (9, 10)] {
        kit.create(&patient, circle.no, PAIN, &pain(days_ago, worst)).await.expect("made");
    }
    for (days_ago, hundredths) in [(0, 6_300), (91, 7_000)] {
        kit.create(&patient, circle.no, WEIGHT, &weight(days_ago, hundredths)).await.expect("made");
    }
    for (days_ago, value) in [(2, 19_900), (30, 24_000)] {
        kit.create_under(&nurse, circle.no, LAB, 1, &calcium(days_ago, value)).await.expect("made");
    }
    kit.create(&patient, circle.no, VISIT, &a_visit(-2, &["May I swim?"])).await.expect("made");

    let page = page(&kit, &nurse, circle.no, TODAY).await;
    assert_eq!((page.from.as_str(), page.until.as_str()), (TODAY, TODAY));
    // What stood before the period, and every live version of what stands now.
    assert_eq!((page.changes.len(), page.more_changes), (1, 0));
    let change = &page.changes[0];
    assert_eq!((change.record_id.clone(), change.r#type, change.is_new), (text(plan), EXERCISE, false));
    let of = |versions: &[record::VersionView]| {
        let body = |one: &record::VersionView| open_value(one).lift_max_kg.expect("a limit");
        let mut all: Vec<u32> = versions.iter().map(body).collect();
        all.sort_unstable();
        all
    };
    let limit = &change.fields[0];
    let now = limit.now.as_ref().expect("a field");
    assert_eq!((of(&limit.before), of(&now.versions), limit.writes), (vec![50], vec![30, 100], 2));
    assert!(now.needs_review && now.shown.is_empty() && now.name == "lift_max_kg");
    assert!(now.versions.iter().all(|one| one.role() == Role::Physiotherapist && one.account > 0));
    assert!(now.versions.iter().any(|one| one.reason.contains("strong enough") && one.received.is_some()));
    // The dispute as the inbox tells it.
    let disputes = disputes(&page);
    assert_eq!((disputes.len(), page.more_disputes), (1, 0));
    assert_eq!(disputes[0].record_id, text(plan));
    assert_eq!(disputes[0].field.as_ref().expect("a field").versions.len(), 2);
    // The alert as the list tells it.
    let alert = page.open_alerts.iter().find(|alert| alert.rule == "R-MSCC-1").expect("the emergency");
    assert!(alert.text.contains("limb weakness") && alert.closed.is_none());
    assert!(page.closed_alerts.is_empty() && !page.cannot_tell.is_empty());
    // Of one day; the last result whenever it was taken.
    let pains = lane(&page, timeline::SeriesLane::Pain);
    assert_eq!((pains.days, pains.missing_days, pains.entries), (1, 0, 2));
    assert_eq!(pains.worst.as_ref().expect("a worst day").worst, Some(8));
    let result = page.results.iter().find(|one| one.analyte == "calcium_adjusted").expect("a result");
    assert_eq!((result.change, result.places.as_slice()), (Some(-4_100), &[pb::ResultPlace::Low as i32][..]));
    assert_eq!(result.last.as_ref().expect("a day").entries[0].reference_low, [21_000]);
    assert_eq!(result.previous.as_ref().expect("a day").worst, Some(24_000));
    let change = page.weight_3_months.as_ref().expect("told");
    assert_eq!((change.percent_tenths, change.missing.len()), (Some(-100), 0));
    let change = page.weight_6_months.as_ref().expect("told");
    assert_eq!(
        (change.percent_tenths, change.missing.as_slice()),
        (None, &["J08.weight".to_owned()][..]),
        "cannot tell"
    );
    let question = &page.questions[0];
    assert_eq!((question.text.as_str(), question.role(), question.when.len()), ("May I swim?", Role::Patient, 1));
    assert!(page.doses.as_ref().expect("told").missing == ["P-BONE.planned_next"], "not: no dose is due");

    // Closed, it stands among those of its day and no other.
    let close = osteon_proto::alert::CloseAlertRequest {
        circle: circle.no,
        record_id: alert.record_id.clone(),
        outcome: care::AlertOutcome::Referred.into(),
        ..Default::default()
    };
    listed::close(&kit.app, &nurse, &close).await.expect("closed");
    let after = self::page(&kit, &nurse, circle.no, TODAY).await;
    let is = |alerts: &[osteon_proto::alert::ListedAlert]| alerts.iter().any(|one| one.record_id == alert.record_id);
    assert!(!is(&after.open_alerts) && is(&after.closed_alerts));
    let before = week(&kit, &nurse, circle.no, Week::Until("2025-11-23".into())).await.expect("a page");
    assert!(!is(&before.open_alerts) && !is(&before.closed_alerts));

    let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
    let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
    let looks: Vec<_> = rows.iter().filter(|row| LOOKS.contains(&row.action.as_str())).collect();
    assert_eq!(looks.len(), 3, "one for each call");
    assert!(looks.iter().all(|row| row.kind() == pb_audit::AccessKind::Read && row.outcome == "ok" && row.count > 5));
    assert!([5, 6, 7, 8, 14].iter().all(|category| looks[0].categories.contains(category)), "{:?}", looks[0]);
}

fn open_value(version: &record::VersionView) -> care::ExercisePlan {
    let bytes = version.value.as_ref().expect("a value");
    let (_, _, parts) = osteon_proto::split::split_body(bytes).expect("a body");
    let chunks: Vec<u8> = parts.chunks().flat_map(|chunk| chunk.bytes.to_vec()).collect();
    care::ExercisePlan::decode(chunks.as_slice()).expect("a plan")
}

pub(crate) async fn a_week_and_its_missing_days(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    for (days_ago, worst) in [(1, 3), (1, 8), (4, 5), (8, 10)] {
        kit.create(&patient, circle.no, PAIN, &pain(days_ago, worst)).await.expect("made");
    }
    let told = week(&kit, &nurse, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    assert_eq!((told.from.as_str(), told.until.as_str()), ("2025-11-18", TODAY));
    let pains = lane(&told, timeline::SeriesLane::Pain);
    assert_eq!((pains.days, pains.missing_days, pains.entries, pains.points.len()), (2, 5, 3, 2));
    let worst = pains.worst.as_ref().expect("a worst day");
    assert_eq!((worst.day.as_str(), worst.worst, worst.count), ("2025-11-23", Some(8), 2));
    let falls = lane(&told, timeline::SeriesLane::Falls);
    assert_eq!((falls.days, falls.missing_days, falls.worst.is_none()), (0, 7, true));
    assert_eq!(falls.missing, ["J07.when"], "cannot tell, not: no fall");
    assert_eq!(told.adherence[0].missing, ["TaskOccurrence.status"], "no plan, nothing to do");
    let same = week(&kit, &nurse, circle.no, Week::From("2025-11-18".into())).await.expect("a page");
    assert_eq!(pb::Digest { as_of: None, ..same }, pb::Digest { as_of: None, ..told }, "the same week");
}

pub(crate) async fn what_was_done_of_what_was_due(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::ClinicAdmin]).await;
    let [patient, physio, admin] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    kit.clock.set(NOW - 10 * DAY);
    let plan = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Unrestricted.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        sessions_per_week: Some(7),
        ..Default::default()
    };
    let plan = kit.create(&physio, circle.no, EXERCISE, &plan).await.expect("made");
    kit.clock.set(NOW);
    for (due, status) in [("2025-11-20", care::TaskStatus::Done), ("2025-11-21", care::TaskStatus::Skipped)] {
        let tick = care::TaskOccurrence {
            line: Some(id_of(&plan).to_vec().into()),
            due: Some(due.into()),
            slot: Some(600),
            status: Some(status.into()),
            ..Default::default()
        };
        kit.create_under(&patient, circle.no, TASK, 1, &tick).await.expect("ticked");
    }
    let told = week(&kit, &physio, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    let all = told.adherence.first().expect("all together");
    assert_eq!((all.word.as_str(), all.active, all.inactive), ("", 1, 1));
    // The 18th, 19th, 22nd and 23rd; today is not over.
    assert_eq!((all.not_logged, all.nothing_due, all.missing.len()), (4, 0, 0));
    assert_eq!(told.adherence[1].word, "exercise");
    // Who may not read the plan is told of nothing that is due.
    let hidden = week(&kit, &admin, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    assert_eq!((hidden.adherence.len(), hidden.adherence[0].active, hidden.adherence[0].not_logged), (1, 0, 0));
    assert_eq!(hidden.adherence[0].missing, ["TaskOccurrence.status"]);
    // Days of which nobody may tell them are none on which nothing was due; today is not over.
    let days = |page: &pb::Digest| {
        let all = &page.adherence[0];
        (all.sharing(), all.nothing_due, all.not_shared)
    };
    assert_eq!(days(&hidden), (timeline::SeriesSharing::Some, 0, 6));
    assert_eq!(told.adherence[1].sharing(), timeline::SeriesSharing::All, "the physiotherapist reads all of exercise");
    let own = week(&kit, &patient, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    assert_eq!(days(&own), (timeline::SeriesSharing::All, 0, 0));
    // Withdrawn, the same days are days that nobody can tell them about.
    let no = care::Grant {
        category: Some(care::GrantCategory::C08Activity.into()),
        ..grant(circle.no, physio.account, care::Decision::Deny)
    };
    let no = kit.create(&patient, circle.no, GRANT, &no).await.expect("withdrawn");
    let withdrawn = week(&kit, &physio, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    assert_eq!((withdrawn.adherence.len(), withdrawn.adherence[0].active), (1, 0));
    assert_eq!(days(&withdrawn), (timeline::SeriesSharing::Some, 0, 6));
    let tasks = pb_task::ListTasksRequest { circle: circle.no, from: TODAY.into(), ..Default::default() };
    let listed = tasks::list(&kit.app, &physio, &tasks).await.expect("tasks");
    let all = &listed.adherence[0];
    assert_eq!((all.sharing(), all.days_with_nothing_due, all.days_not_shared), (timeline::SeriesSharing::Some, 0, 27));
    let listed = tasks::list(&kit.app, &patient, &tasks).await.expect("tasks");
    let all = &listed.adherence[0];
    assert_eq!(
        (all.sharing(), all.days_with_nothing_due > 0, all.days_not_shared),
        (timeline::SeriesSharing::All, true, 0)
    );
    let yes = care::Grant { decision: Some(care::Decision::Allow.into()), ..Default::default() };
    write(&kit, &patient, circle.no, &no, "decision", &yes).await;
    // Held, it says why.
    let hold = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Hold.into()), ..Default::default() };
    write(&kit, &physio, circle.no, &plan, "clearance", &hold).await;
    let told = week(&kit, &physio, circle.no, Week::Until(TODAY.into())).await.expect("a page");
    let held = told.held.first().expect("held");
    assert_eq!((held.kind.as_str(), held.why.as_str(), told.held.len()), ("exercise", "task.hold.clearance", 1));
}

/// Days are those of the patient, unless the caller says which: four in the afternoon in UTC is tomorrow where they are.
pub(crate) async fn days_are_those_of_the_patient_s_clock(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let [patient, physio, nurse] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let digest = async |who: &Caller, utc_offset_min: Option<i32>| {
        let week = Some(Week::From("2025-11-25".into()));
        let request = pb::GetWeeklyDigestRequest { circle: circle.no, week, utc_offset_min };
        summaries::week(&kit.app, who, &request).await.expect("a page").digest.expect("a page")
    };
    let clock = |page: &pb::Digest| (page.utc_offset_min, page.clock());
    assert_eq!(clock(&digest(&nurse, None).await), (0, pb_task::ClockSource::None), "nobody knows");
    let there = care::Moment { utc_offset_min: Some(600), ..at(0).expect("now") };
    let entry = care::PainEntry { effective_start: Some(there), worst_24h: Some(2), ..Default::default() };
    kit.create(&patient, circle.no, PAIN, &entry).await.expect("made");
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    kit.create(&physio, circle.no, EXERCISE, &plan).await.expect("made");
    let theirs = digest(&nurse, None).await;
    assert_eq!(clock(&theirs), (600, pb_task::ClockSource::Entries));
    assert_eq!(theirs.changes.len(), 1, "it arrived on the 25th");
    let asked = digest(&nurse, Some(0)).await;
    assert_eq!(clock(&asked), (0, pb_task::ClockSource::Request));
    assert!(asked.changes.is_empty(), "by this clock on the 24th");
    let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
    let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
    let looked = rows.iter().filter(|row| row.action == "digest.get");
    assert!(looked.clone().count() > 0 && looked.into_iter().any(|row| row.categories.contains(&6)));
    // The clock of an entry that is not shared is not theirs to read.
    decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
    assert_eq!(clock(&digest(&nurse, None).await), (0, pb_task::ClockSource::None));
}

pub(crate) async fn since_the_last_visit(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let told = visit(&kit, &nurse, &asked(circle.no, "")).await;
    assert_eq!((told.since_kind(), told.last_visit.as_str()), (pb::SinceKind::NoVisit, ""), "cannot tell");
    assert_eq!(told.digest.expect("a page").from, "2025-08-27", "ninety days");
    for days_ago in [500, -3] {
        kit.create(&patient, circle.no, VISIT, &a_visit(days_ago, &[])).await.expect("made");
    }
    let told = visit(&kit, &nurse, &asked(circle.no, "")).await;
    assert_eq!((told.since_kind(), told.last_visit.as_str()), (pb::SinceKind::Longest, "2024-07-12"));
    assert_eq!(told.digest.expect("a page").from, "2024-11-24", "366 days");
    let last = kit.create(&patient, circle.no, VISIT, &a_visit(20, &["asked then"])).await.expect("made");
    let told = visit(&kit, &nurse, &asked(circle.no, "")).await;
    assert_eq!((told.since_kind(), told.last_visit.as_str()), (pb::SinceKind::LastVisit, "2025-11-04"));
    let page = told.digest.expect("a page");
    assert_eq!((page.from.as_str(), page.questions.len()), ("2025-11-04", 1));
    // A visit that was a mistake was none.
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: last.record_id.clone(),
        state: osteon_proto::sync::Lifecycle::EnteredInError.into(),
        shown: last.shown,
        ..Default::default()
    };
    records::end(&kit.app, &patient, &end).await.expect("ended");
    assert_eq!(visit(&kit, &nurse, &asked(circle.no, "")).await.since_kind(), pb::SinceKind::Longest);
    assert_eq!(visit(&kit, &nurse, &asked(circle.no, TODAY)).await.since_kind(), pb::SinceKind::Asked);
}

/// A page as bytes, without when it was told.
fn bytes(page: pb::Digest) -> Vec<u8> {
    pb::Digest { as_of: None, ..page }.encode_to_vec()
}

pub(crate) async fn a_page_of_what_is_not_shared_is_as_if_it_was_never_written(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::ClinicAdmin, Role::Physiotherapist, Role::Physiotherapist];
    let mut answers = Vec::new();
    for (short_id, wrote) in [("d0001", true), ("d0002", false)] {
        let circle = kit.circle(short_id, &roles).await;
        let [patient, nurse, admin] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
        decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
        if wrote {
            for days_ago in 1..4 {
                kit.create(&patient, circle.no, PAIN, &pain(days_ago, 3)).await.expect("made");
            }
            // None that an alert comes of: who is told of one sees that there is one.
            let made = kit.create(&patient, circle.no, PAIN, &pain(0, 1)).await.expect("made");
            write(&kit, &patient, circle.no, &made, "worst_24h", &pain(0, 2)).await;
        }
        let own = page(&kit, &patient, circle.no, "2025-09-01").await;
        assert_eq!(lane(&own, timeline::SeriesLane::Pain).entries, if wrote { 4 } else { 0 });
        for who in [nurse, admin] {
            let told = page(&kit, &who, circle.no, "2025-09-01").await;
            let pains = lane(&told, timeline::SeriesLane::Pain);
            assert_eq!((pains.sharing(), pains.entries), (timeline::SeriesSharing::None, 0));
            answers.push(bytes(told));
        }
        let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
        let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
        let looks: Vec<_> = rows.iter().filter(|row| LOOKS.contains(&row.action.as_str())).collect();
        assert!(looks.is_empty(), "nothing left: {looks:?}");
        let stranger = kit.person(kit.circle(&format!("{short_id}x"), &[Role::Patient]).await.people[0]);
        let request = asked(circle.no, "");
        assert_eq!(reason(summaries::visit(&kit.app, &stranger, &request).await), Reason::NotFound);
        remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
        assert_eq!(reason(summaries::visit(&kit.app, &nurse, &request).await), Reason::NotFound, "no member any more");
    }
    assert_eq!(answers[0], answers[2], "the nurse cannot tell");
    assert_eq!(answers[1], answers[3], "nor can the administrator");
}

/// Who may not read the plan sees neither its change nor its dispute, nor that there are more.
pub(crate) async fn a_plan_that_is_not_shared(kit: Kit) {
    let roles = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let [physio, admin] = [1, 3].map(|i| kit.person(circle.people[i]));
    disputed(&kit, &circle, [1, 2]).await;
    let since = "2025-11-20";
    let request = pb::GetVisitSummaryRequest { until: "2025-11-30".into(), ..asked(circle.no, since) };
    let told = async |who: &Caller| visit(&kit, who, &request).await.digest.expect("a page");
    let seen = told(&physio).await;
    assert_eq!((seen.changes.len(), disputes(&seen).len()), (1, 1));
    assert!(seen.changes[0].is_new && seen.changes[0].fields[0].before.is_empty(), "made in these days");
    let hidden = told(&admin).await;
    assert!(hidden.changes.is_empty() && hidden.disputes.is_empty());
    assert_eq!((hidden.more_changes, hidden.more_disputes, hidden.held.len()), (0, 0, 0));
}

pub(crate) async fn periods_of_a_page_have_limits(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let said = |error: Error| {
        let path = error.violations().first().map(|one| one.field.clone()).unwrap_or_default();
        (error.reason(), path, error.limit_name())
    };
    let of = async |request: pb::GetVisitSummaryRequest| {
        said(summaries::visit(&kit.app, &patient, &request).await.expect_err("was not refused"))
    };
    let request = asked(circle.no, "2024-11-23");
    assert_eq!(of(request).await, (Reason::LimitExceeded, "since".into(), Some("DIGEST_DAYS")), "367 days");
    visit(&kit, &patient, &asked(circle.no, "2024-11-24")).await;
    assert_eq!(of(asked(circle.no, "2025-11-25")).await, (Reason::ArgumentInvalid, "until".into(), None));
    assert_eq!(of(asked(circle.no, "2025-02-29")).await, (Reason::DateInvalid, "since".into(), None));
    let none = pb::GetVisitSummaryRequest { until: String::new(), ..asked(circle.no, "") };
    assert_eq!(of(none).await, (Reason::DateInvalid, "until".into(), None));
    let far = pb::GetVisitSummaryRequest { utc_offset_min: Some(841), ..asked(circle.no, "") };
    assert_eq!(of(far).await, (Reason::ArgumentInvalid, "utc_offset_min".into(), None));
    let which = pb::GetWeeklyDigestRequest { circle: circle.no, ..Default::default() };
    let which = said(summaries::week(&kit.app, &patient, &which).await.expect_err("of which week?"));
    assert_eq!(which, (Reason::ArgumentInvalid, "from".into(), None));
    // Lists are bounded, and say how much they leave out.
    let questions: Vec<String> = (0..30).map(|n| format!("question {n}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    for days in [1, 2] {
        kit.create(&patient, circle.no, VISIT, &a_visit(-days, &questions)).await.expect("made");
    }
    let told = page(&kit, &patient, circle.no, TODAY).await;
    assert_eq!((told.questions.len(), told.more_questions), (50, 10));
}

//! The rules on a phone without a network: an emergency shows whatever is missing, and nothing says that all is well.

use std::sync::Arc;

use crate::enrolled::{CIRCLE, NOW, body, enrolled, enrolled_at, enrolled_by};
use osteon_care_core::rules::{Evaluation, Overrun, Severity};
use osteon_client::{
    Error, Phone,
    care::{
        Findings,
        engine::{Ask, Engine, Failed, Rules},
    },
    clock::SetClock,
    records::{Entry, NewRecord, Saved},
};
use osteon_proto::{care, meta, reasons::Reason, wire::device::timestamp};
use osteon_sync_core::lifecycle::State as Life;

fn at(ms: u64) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(ms)), utc_offset_min: Some(60), zone: None })
}

fn weak_leg(ms: u64) -> NewRecord {
    let entry = care::SymptomEntry {
        effective_start: at(ms),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    NewRecord { body: body("symptom_entry", &entry), label_choice: 0, record: None }
}

fn pain(worst: u32) -> NewRecord {
    let entry = care::PainEntry { effective_start: at(NOW), worst_24h: Some(worst), ..Default::default() };
    NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
}

fn lines(emergency: &str, team: &str) -> NewRecord {
    let circle =
        care::CareCircle { emergency_line: Some(emergency.into()), team_line: Some(team.into()), ..Default::default() };
    NewRecord { body: body("care_circle", &circle), label_choice: 0, record: None }
}

async fn save(phone: &Phone, new: &NewRecord) -> (Saved, Findings) {
    let saved = phone.create(CIRCLE, new, "").await.unwrap();
    (saved, phone.after_save(CIRCLE, saved.record, 60).await.unwrap())
}

fn rules_of(found: &Findings) -> Vec<&'static str> {
    found.found.iter().map(|one| one.key.rule).collect()
}

#[tokio::test]
async fn an_emergency_shows_without_network_or_number() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let (_, found) = save(&phone, &weak_leg(NOW)).await;
    assert!(found.is_emergency() && found.found[0].key.rule == "R-MSCC-1", "{:?}", rules_of(&found));
    assert!(found.found[0].text.contains("CALL NOW: the emergency number."), "{}", found.found[0].text);
}

/// Rules with a bug.
struct Panics;

impl Engine for Panics {
    fn evaluate(&self, _: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        panic!("a rule with a bug")
    }
}

/// Rules that take a minute: the budget asks the clock before each.
struct Slow(Arc<SetClock>);

impl Engine for Slow {
    fn evaluate(&self, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        self.0.advance(60_000);
        Rules.evaluate(ask)
    }
}

#[tokio::test]
async fn a_phone_whose_rules_fail_says_so_and_keeps_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::at(NOW));
    let phone = enrolled_by(dir.path(), meta::Role::Patient, Arc::clone(&clock)).await;
    let slow: Arc<dyn Engine> = Arc::new(Slow(clock));
    for (engine, failed) in [(Arc::new(Panics) as Arc<dyn Engine>, Failed::Panicked), (slow, Failed::Overran)] {
        phone.put_engine(engine);
        let (saved, found) = save(&phone, &weak_leg(NOW)).await;
        assert_eq!(found.failed, Some(failed));
        assert!(found.found.is_empty() && found.cannot_tell.is_empty(), "that nothing was found nobody says");
        let (_, found) = phone.alerts(CIRCLE, 60).await.unwrap();
        assert_eq!(found.failed, Some(failed));
        // What was written stands, and the rules are asked anew with the next question.
        phone.put_engine(Arc::new(Rules));
        let found = phone.after_save(CIRCLE, saved.record, 60).await.unwrap();
        assert!(found.is_emergency() && found.failed.is_none());
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_silences_no_rule() {
    for now_ms in [3_600_000, NOW, 4_000_000_000_000] {
        let dir = tempfile::tempdir().unwrap();
        let phone = enrolled_at(dir.path(), meta::Role::Patient, now_ms).await;
        assert!(save(&phone, &weak_leg(now_ms)).await.1.is_emergency(), "{now_ms}");
    }
}

#[tokio::test]
async fn every_live_number_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    save(&phone, &lines("555 0199", "555 0100")).await;
    let (_, found) = save(&phone, &weak_leg(NOW)).await;
    assert!(found.found[0].text.contains("CALL NOW: 555 0199."), "{}", found.found[0].text);
    let (_, found) = save(&phone, &pain(7)).await;
    assert_eq!(found.found[0].text, "Strong pain should not wait. Call 555 0100 today.");
}

#[tokio::test]
async fn what_a_save_brings_up_is_said_once_and_an_emergency_with_every_entry() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let (_, mild) = save(&phone, &pain(6)).await;
    assert!(!rules_of(&mild).contains(&"R-PAIN-1"));
    let (_, strong) = save(&phone, &pain(7)).await;
    let of_strong = strong.found.iter().find(|one| one.key.rule == "R-PAIN-1").unwrap();
    assert_eq!(of_strong.severity, Severity::Urgent);
    assert!(!strong.is_emergency());
    let (_, after) = save(&phone, &pain(5)).await;
    assert!(!rules_of(&after).contains(&"R-PAIN-1"), "the entry before it is said by `findings`, not again");
    assert!(rules_of(&phone.findings(CIRCLE, 60).await.unwrap()).contains(&"R-PAIN-1"));
    for _ in 0..2 {
        assert!(save(&phone, &weak_leg(NOW)).await.1.is_emergency());
    }
}

#[tokio::test]
async fn a_mistake_is_taken_back_and_an_edit_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let (mild, found) = save(&phone, &pain(3)).await;
    assert!(found.found.is_empty());
    let form = phone.open_form(CIRCLE, mild.record).await.unwrap();
    let worse =
        Entry::of_body(&body("pain_entry", &care::PainEntry { worst_24h: Some(9), ..Default::default() })).unwrap();
    let saved = phone.save(&form, &worse, "", false).await.unwrap();
    assert!(rules_of(&phone.after_save(CIRCLE, saved.record, 60).await.unwrap()).contains(&"R-PAIN-1"));
    let form = phone.open_form(CIRCLE, mild.record).await.unwrap();
    phone.end(&form, Life::EnteredInError, "").await.unwrap();
    assert!(!rules_of(&phone.findings(CIRCLE, 60).await.unwrap()).contains(&"R-PAIN-1"));
}

#[tokio::test]
async fn who_is_not_told_is_shown_nothing_and_whoever_writes_an_emergency_is() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Caregiver).await;
    let (_, found) = save(&phone, &pain(8)).await;
    assert!(!rules_of(&found).contains(&"R-PAIN-1"), "no caregiver is told of strong pain");
    let crisis = care::MoodEntry { effective_start: at(NOW), not_safe: Some(true), ..Default::default() };
    let crisis = NewRecord { body: body("mood_entry", &crisis), label_choice: 0, record: None };
    let (_, found) = save(&phone, &crisis).await;
    assert!(found.is_emergency() && rules_of(&found).contains(&"R-CRISIS-1"));
    assert!(!phone.findings(CIRCLE, 60).await.unwrap().found.iter().any(|one| one.key.rule == "R-CRISIS-1"));
}

#[tokio::test]
async fn what_is_missing_is_named_and_never_taken_for_all_clear() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let found = phone.findings(CIRCLE, 60).await.unwrap();
    assert!(found.found.is_empty() && !found.cannot_tell.is_empty());
    assert!(found.cannot_tell.iter().all(|one| !one.missing.is_empty()));
}

fn weight(hundredths: u32, at_ms: u64) -> Vec<u8> {
    body(
        "body_weight",
        &care::BodyWeight { effective_start: at(at_ms), weight: Some(hundredths), ..Default::default() },
    )
}

#[tokio::test]
async fn what_is_seldom_is_asked_about_and_what_is_impossible_refused() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let zone = jiff::tz::TimeZone::UTC;
    let day = 86_400_000;
    let first = NewRecord { body: weight(6_920, NOW - 2 * day), label_choice: 0, record: None };
    assert_eq!(phone.doubts(CIRCLE, &first.body, &zone).await.unwrap(), []);
    phone.create(CIRCLE, &first, "").await.unwrap();
    let asked = phone.doubts(CIRCLE, &weight(9_620, NOW), &zone).await.unwrap();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].words.starts_with("96.2 kg is 27 kg more than on "), "{}", asked[0].words);
    assert_eq!(phone.doubts(CIRCLE, &weight(7_100, NOW), &zone).await.unwrap(), []);
    let risk = care::RiskProfile { birth_date: Some("2026-01-01".into()), ..Default::default() };
    let physician_dir = tempfile::tempdir().unwrap();
    let physician = enrolled(physician_dir.path(), meta::Role::Physician).await;
    physician
        .create(CIRCLE, &NewRecord { body: body("risk_profile", &risk), label_choice: 0, record: None }, "")
        .await
        .unwrap();
    let unborn = care::PainEntry { effective_start: at(NOW - 360 * day), ..Default::default() };
    let asked = physician.doubts(CIRCLE, &body("pain_entry", &unborn), &zone).await.unwrap();
    assert_eq!(asked.iter().map(|one| one.doubt.as_str()).collect::<Vec<_>>(), ["BEFORE_BIRTH"]);
    let fever = care::VitalSigns { effective_start: at(NOW), temperature: Some(395), ..Default::default() };
    let asked = phone.doubts(CIRCLE, &body("vital_signs", &fever), &zone).await.unwrap();
    assert_eq!(asked.iter().map(|one| one.doubt.as_str()).collect::<Vec<_>>(), ["OUT_OF_WARN_RANGE"]);

    let none_and_pus = vec![care::MouthSign::None as i32, care::MouthSign::Pus as i32];
    let mouth = care::MouthCheck { effective_start: at(NOW), signs: none_and_pus, ..Default::default() };
    let unitless = care::LaboratoryResult { analyte: Some("2000-8".into()), value: Some(21_000), ..Default::default() };
    let kilograms = care::LaboratoryResult { unit: Some("kg".into()), ..unitless.clone() };
    let elbow = care::LaboratoryResult {
        analyte: Some("t_score_elbow".into()),
        unit: Some("{T-score}".into()),
        ..unitless.clone()
    };
    let mars = care::Moment { zone: Some("Mars/Olympus".into()), ..at(NOW).unwrap() };
    let mars = care::PainEntry { effective_start: Some(mars), ..Default::default() };
    let backwards = care::PainEntry { effective_start: at(NOW), effective_end: at(NOW - day), ..Default::default() };
    let onset = |text: &str| care::PainEntry { onset_date: Some(text.into()), ..Default::default() };
    for (member, body, reason) in [
        ("pain_entry", body("pain_entry", &mars), Reason::ZoneUnknown),
        ("pain_entry", body("pain_entry", &backwards), Reason::TimeImpossible),
        ("pain_entry", body("pain_entry", &onset("1800")), Reason::DateInvalid),
        ("pain_entry", body("pain_entry", &onset("1800-01-01")), Reason::TimeImpossible),
        ("pain_entry", body("pain_entry", &onset("2400-01-01")), Reason::TimeImpossible),
        ("mouth_check", body("mouth_check", &mouth), Reason::FlagsContradict),
        ("laboratory_result", body("laboratory_result", &unitless), Reason::UnitMissing),
        ("laboratory_result", body("laboratory_result", &kilograms), Reason::UnitWrong),
        ("laboratory_result", body("laboratory_result", &elbow), Reason::SiteUnknown),
    ] {
        let label_choice = u32::from(member == "laboratory_result");
        let refused = phone.create(CIRCLE, &NewRecord { body, label_choice, record: None }, "").await;
        assert!(matches!(refused, Err(Error::Refused { reason: of, .. }) if of == reason), "{}", reason.as_str());
    }
}

#[tokio::test]
async fn a_fever_during_treatment_is_an_emergency_before_anybody_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Physician).await;
    let fever = care::VitalSigns { effective_start: at(NOW), temperature: Some(381), ..Default::default() };
    let fever = body("vital_signs", &fever);
    let zone = jiff::tz::TimeZone::UTC;
    assert_eq!(phone.doubts(CIRCLE, &fever, &zone).await.unwrap().len(), 1, "it is unusual");
    assert!(!phone.before_save(CIRCLE, &fever, 0).await.unwrap().is_emergency(), "no treatment is known");
    let course = care::CancerTreatment {
        kind: Some(care::TreatmentKind::Chemo.into()),
        start: Some("2020-01-01".into()),
        ..Default::default()
    };
    let course = NewRecord { body: body("cancer_treatment", &course), label_choice: 0, record: None };
    phone.create(CIRCLE, &course, "").await.unwrap();
    let found = phone.before_save(CIRCLE, &fever, 0).await.unwrap();
    assert!(found.is_emergency() && rules_of(&found).contains(&"R-SEP-1"), "{:?}", rules_of(&found));
    // Nothing of it stays.
    assert!(!phone.findings(CIRCLE, 0).await.unwrap().is_emergency());
}

#[tokio::test]
async fn what_this_phone_finds_is_an_open_alert_and_only_a_record_is_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let (saved, _) = save(&phone, &weak_leg(NOW)).await;
    let (open, _) = phone.alerts(CIRCLE, 60).await.unwrap();
    assert_eq!((open[0].rule.as_str(), open[0].severity, open[0].record), ("R-MSCC-1", Severity::Emergency, None));
    let none = phone.acknowledge(CIRCLE, saved.record, at(NOW).unwrap(), false).await;
    assert!(matches!(none, Err(Error::NoRecord)), "an entry is no alert");
}

/// A set may come to more elements than one write may have: a ninth photo silenced the emergency of its entry.
#[tokio::test]
async fn no_number_of_photos_silences_an_emergency() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let (saved, found) = save(&phone, &weak_leg(NOW)).await;
    assert!(found.is_emergency());
    for n in 0..12 {
        let photos = vec![format!("sha256:{n:064x}")];
        let photo = body("symptom_entry", &care::SymptomEntry { photos, ..Default::default() });
        let form = phone.open_form(CIRCLE, saved.record).await.unwrap();
        phone.save(&form, &Entry::of_body(&photo).unwrap(), "", false).await.unwrap();
        let found = phone.findings(CIRCLE, 60).await.unwrap();
        assert!(found.is_emergency(), "after {} photos", n + 1);
    }
}

//! Answers of one write that seldom can both be true: whoever writes is asked which is right, and nothing is refused. What two
//! people wrote apart is a dispute and shown as one (care-core, `together`).

use super::questions::{Doubt, Question};
use crate::{
    care,
    table::{FieldInfo, RecordType},
    values::{Value, day, moment_ms, values},
};

const FALL: u32 = 107;
const VITAL_SIGNS: u32 = 116;
const RISK: u32 = 281;
const TASK: u32 = 421;
/// P-BONE.administration and P-BONE.oral_dose: what was given, never what is planned.
const DOSES: [u32; 2] = [232, 233];
const INTAKE: u32 = 105;
/// P-BONE and its doses.
const BONE_DRUGS: [u32; 3] = [231, 232, 233];
/// UCUM units that a dose is counted in; besides them what is counted in pieces: `{tablet}`, `{drop}`.
const DOSE_UNITS: [&str; 9] = ["ng", "ug", "mg", "g", "mL", "L", "[iU]", "mmol", "meq"];
/// Bone drugs are dosed in mg, teriparatide (ATC H05AA02) in ug: their labels. Rules read no other unit.
const IN_UG: [&str; 2] = ["teriparatide", "H05AA02"];
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A field, and whether one of its values is of this kind.
type Answer = (&'static str, fn(i128) -> bool);
/// The record type, the field that is asked about, and what it does not fit.
type Pair = (u32, Answer, Answer);

const PAIRS: &[Pair] = &[
    // Nobody lost consciousness, lay on the floor or hit the head in a fall that did not happen.
    (FALL, ("near_fall", is_true), ("lost_consciousness", is_true)),
    (FALL, ("near_fall", is_true), ("hit_head", is_true)),
    (FALL, ("near_fall", is_true), ("could_not_get_up", is_true)),
    (FALL, ("near_fall", is_true), ("minutes_on_floor", |minutes| minutes > 0)),
    (FALL, ("injury", |one| one == care::FallInjury::None as i128), ("hit_head", is_true)),
    (RISK, ("menopausal_status", is_menopausal), ("sex_for_reference", |sex| sex == care::SexForReference::M as i128)),
    (
        RISK,
        ("kidney_disease", |answer| answer == care::TriState::No as i128),
        ("dialysis", |answer| answer == care::TriState::Yes as i128),
    ),
];

fn is_true(flag: i128) -> bool {
    flag == 1
}

fn is_menopausal(status: i128) -> bool {
    use care::MenopausalStatus::{Peri, Post, PostInduced, Pre};
    [Pre, Peri, Post, PostInduced].iter().any(|one| *one as i128 == status)
}

/// What contradicts itself in a write: (field number, chunk). At most one question a field.
pub(super) fn found<'a>(
    record: &RecordType,
    chunks: impl Iterator<Item = (u32, &'a [u8])> + Clone,
    now_ms: i64,
) -> Vec<Question> {
    let of = |name: &str| record.field_by_name(name);
    let written = |name: &str| of(name).and_then(|field| chunks.clone().find(|(number, _)| *number == field.number));
    let is = |(name, passes): &Answer| {
        let chunk = of(name).zip(written(name));
        chunk.is_some_and(|(field, (_, chunk))| numbers(field, chunk).any(passes))
    };
    let pairs = PAIRS.iter().filter(|(number, ..)| *number == record.number);
    let mut names: Vec<&str> = pairs.filter(|(_, one, other)| is(one) && is(other)).map(|(_, one, _)| one.0).collect();
    let number = |name: &str| of(name).zip(written(name)).and_then(|(field, (_, chunk))| numbers(field, chunk).next());
    if record.number == VITAL_SIGNS {
        let pressures = number("bp_diastolic").zip(number("bp_systolic"));
        names.extend(pressures.filter(|(low, high)| low >= high).map(|_| "bp_diastolic"));
    }
    names.dedup();
    let ask = |name: &str, doubt| {
        let field = of(name)?.number;
        Some(Question { path: format!("{}.{name}", record.member), field, doubt })
    };
    let contradicts = names.into_iter().filter_map(|name| ask(name, Doubt::Contradicts));
    let ahead = ahead(record, chunks.clone(), now_ms).and_then(|name| ask(name, Doubt::OnsetAhead));
    let unit = doubtful_unit(record, chunks.clone()).and_then(|name| ask(name, Doubt::UnitDoubtful));
    contradicts.chain(ahead).chain(unit).collect()
}

/// The field of a unit that no dose is counted in, or that this drug is not; or of an amount that was written without one.
fn doubtful_unit<'a>(
    record: &RecordType,
    chunks: impl Iterator<Item = (u32, &'a [u8])> + Clone,
) -> Option<&'static str> {
    let written = |name: &str| {
        let field = record.field_by_name(name)?;
        let (_, chunk) = chunks.clone().find(|(number, _)| *number == field.number)?;
        Some(values(field, chunk).find_map(|value| if let Value::Text(text) = value { Some(text) } else { None }))
    };
    if record.number == INTAKE {
        let unit = written("unit").flatten();
        let is_known = |unit: &str| DOSE_UNITS.contains(&unit) || (unit.starts_with('{') && unit.ends_with('}'));
        // A later write of the amount alone leaves the unit as it was.
        let whole = written("product").is_some() && written("dose").is_some();
        return (unit.map_or(whole, |unit| !is_known(unit))).then_some("unit");
    }
    if !BONE_DRUGS.contains(&record.number) {
        return None;
    }
    let (agent, unit) = (written("agent").flatten()?, written("dose_unit").flatten()?);
    let expected = if IN_UG.contains(&agent) { "ug" } else { "mg" };
    (unit != expected).then_some("dose_unit")
}

/// What is over, and dated ahead: a birth, a dose that was given. Whoever is a day ahead of UTC, or an hour off, is not asked.
fn ahead<'a>(
    record: &RecordType,
    mut chunks: impl Iterator<Item = (u32, &'a [u8])> + Clone,
    now_ms: i64,
) -> Option<&'static str> {
    if record.number == TASK {
        return is_done_ahead(chunks, now_ms).then_some("due");
    }
    let name = match record.number {
        RISK => "birth_date",
        number if DOSES.contains(&number) => "when",
        _ => return None,
    };
    let field = record.field_by_name(name)?;
    let (_, chunk) = chunks.find(|(number, _)| *number == field.number)?;
    let ahead = match values(field, chunk).next()? {
        Value::Text(text) => day(text).is_some_and(|day| day > now_ms.div_euclid(DAY_MS) + 1),
        _ => moment_ms(record, field.number, chunk).is_some_and(|ms| ms > now_ms.saturating_add(HOUR_MS)),
    };
    ahead.then_some(name)
}

/// A task that is said to be done, of a day that has not begun where it was done; without a time, anywhere on earth.
fn is_done_ahead<'a>(chunks: impl Iterator<Item = (u32, &'a [u8])>, now_ms: i64) -> bool {
    const FIRST_CLOCK_MIN: i64 = 840;
    let body = chunks.map(|(_, chunk)| chunk).collect::<Vec<_>>().concat();
    let Ok(task) = <care::TaskOccurrence as prost::Message>::decode(body.as_slice()) else { return false };
    let offset = task.done_at.and_then(|at| at.utc_offset_min).map_or(FIRST_CLOCK_MIN, i64::from);
    let today = now_ms.saturating_add(offset * MINUTE_MS).div_euclid(DAY_MS);
    task.status == Some(care::TaskStatus::Done as i32)
        && task.due.as_deref().and_then(day).is_some_and(|due| due > today)
}

fn numbers<'a>(field: &'a FieldInfo, chunk: &'a [u8]) -> impl Iterator<Item = i128> {
    values(field, chunk).filter_map(|value| if let Value::Int(number) = value { Some(number) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check::questions::questions, split::split, table::table};

    const NOW_MS: i64 = 1_795_600_000_000;

    fn asked(number: u32, message: &impl prost::Message) -> Vec<(String, Doubt)> {
        asked_at(number, message, NOW_MS)
    }

    fn asked_at(number: u32, message: &impl prost::Message, now_ms: i64) -> Vec<(String, Doubt)> {
        let kind = table().get(number).expect("a type");
        let body = message.encode_to_vec();
        let parts = split(&kind.shape, &body).expect("good");
        let found = questions(kind, parts.chunks().map(|c| (c.number, c.bytes)), now_ms);
        found.into_iter().map(|question| (question.path, question.doubt)).collect()
    }

    fn contradicts(path: &str) -> Vec<(String, Doubt)> {
        vec![(path.to_owned(), Doubt::Contradicts)]
    }

    #[test]
    fn every_pair_is_of_the_contracts() {
        for (number, one, other) in PAIRS {
            let kind = table().get(*number).expect("a type");
            assert!(
                kind.field_by_name(one.0).is_some() && kind.field_by_name(other.0).is_some(),
                "{} {}",
                one.0,
                other.0
            );
        }
    }

    #[test]
    fn a_fall_that_nearly_was_has_no_harm() {
        let near = |change: fn(&mut care::Fall)| {
            let mut fall = care::Fall { near_fall: Some(true), ..Default::default() };
            change(&mut fall);
            asked(FALL, &fall)
        };
        assert_eq!(near(|fall| fall.minutes_on_floor = Some(0)), []);
        assert_eq!(near(|fall| fall.lost_consciousness = Some(true)), contradicts("fall.near_fall"));
        assert_eq!(near(|fall| fall.minutes_on_floor = Some(5)), contradicts("fall.near_fall"));
        assert_eq!(near(|fall| (fall.near_fall, fall.hit_head) = (Some(false), Some(true))), []);
        let hurt = |injury: care::FallInjury| {
            let injury = vec![injury.into()];
            asked(FALL, &care::Fall { injury, hit_head: Some(true), ..Default::default() })
        };
        assert_eq!(hurt(care::FallInjury::Head), []);
        assert_eq!(hurt(care::FallInjury::None), contradicts("fall.injury"));
    }

    #[test]
    fn the_lower_pressure_is_lower() {
        let pressure = |systolic, diastolic| care::VitalSigns {
            bp_systolic: Some(systolic),
            bp_diastolic: Some(diastolic),
            ..Default::default()
        };
        assert_eq!(asked(VITAL_SIGNS, &pressure(120, 80)), []);
        for (systolic, diastolic) in [(80, 120), (90, 90)] {
            assert_eq!(asked(VITAL_SIGNS, &pressure(systolic, diastolic)), contradicts("vital_signs.bp_diastolic"));
        }
    }

    #[test]
    fn a_profile_fits_itself() {
        use care::{MenopausalStatus as Menopause, SexForReference as Sex, TriState};
        let profile = |sex: Sex, menopause: Menopause| care::RiskProfile {
            sex_for_reference: Some(sex.into()),
            menopausal_status: Some(menopause.into()),
            ..Default::default()
        };
        for good in [(Sex::F, Menopause::Post), (Sex::M, Menopause::Na), (Sex::M, Menopause::Unknown)] {
            assert_eq!(asked(RISK, &profile(good.0, good.1)), [], "{good:?}");
        }
        assert_eq!(asked(RISK, &profile(Sex::M, Menopause::Post)), contradicts("risk_profile.menopausal_status"));
        let kidneys = |kidney: TriState, dialysis: TriState| care::RiskProfile {
            kidney_disease: Some(kidney.into()),
            dialysis: Some(dialysis.into()),
            ..Default::default()
        };
        assert_eq!(asked(RISK, &kidneys(TriState::Yes, TriState::Yes)), []);
        assert_eq!(asked(RISK, &kidneys(TriState::No, TriState::No)), []);
        assert_eq!(asked(RISK, &kidneys(TriState::No, TriState::Yes)), contradicts("risk_profile.kidney_disease"));
    }

    #[test]
    fn a_dose_has_a_unit_that_doses_have() {
        let intake = |unit: Option<&str>| {
            let (product, unit) = (Some("vitamin_d".into()), unit.map(ToOwned::to_owned));
            asked(INTAKE, &care::IntakeEntry { product, dose: Some(1_000), unit, ..Default::default() })
        };
        let doubtful = |path: &str| vec![(path.to_owned(), Doubt::UnitDoubtful)];
        for good in ["mg", "[iU]", "{tablet}"] {
            assert_eq!(intake(Some(good)), [], "{good}");
        }
        for bad in [None, Some("furlong"), Some("IE")] {
            assert_eq!(intake(bad), doubtful("intake_entry.unit"), "{bad:?}");
        }
        let later = care::IntakeEntry { dose: Some(1_000), ..Default::default() };
        assert_eq!(asked(INTAKE, &later), [], "the unit stays what it was");
        let plan = |agent: &str, unit: &str| {
            let (agent, dose_unit) = (Some(agent.to_owned()), Some(unit.to_owned()));
            asked(231, &care::BoneDrugPlan { agent, dose: Some(4), dose_unit, ..Default::default() })
        };
        assert_eq!(plan("denosumab", "mg"), []);
        assert_eq!(plan("teriparatide", "ug"), []);
        assert_eq!(plan("denosumab", "mL"), doubtful("bone_drug_plan.dose_unit"));
        assert_eq!(plan("teriparatide", "mg"), doubtful("bone_drug_plan.dose_unit"));
    }

    #[test]
    fn a_task_is_done_on_its_day_or_later() {
        let done = |due: &str, status: care::TaskStatus, offset: Option<i32>| {
            let done_at = offset.map(|minutes| care::Moment { utc_offset_min: Some(minutes), ..Default::default() });
            let due = Some(due.to_owned());
            let said = care::TaskOccurrence { due, status: Some(status.into()), done_at, ..Default::default() };
            // 2026-11-25, 10:46 UTC.
            asked_at(TASK, &said, NOW_MS + HOUR_MS)
        };
        let ahead = [("task_occurrence.due".to_owned(), Doubt::OnsetAhead)];
        let is_done = care::TaskStatus::Done;
        assert_eq!(done("2026-11-25", is_done, Some(0)), []);
        assert_eq!(done("2026-11-26", is_done, Some(0)), ahead);
        assert_eq!(done("2026-11-26", is_done, Some(840)), [], "it has begun there");
        assert_eq!(done("2026-11-26", is_done, None), []);
        assert_eq!(done("2035-01-01", is_done, None), ahead);
        assert_eq!(done("2035-01-01", care::TaskStatus::Skipped, None), [], "left out, ahead of it");
    }

    #[test]
    fn what_is_over_lies_behind() {
        let born = |day: &str| asked(RISK, &care::RiskProfile { birth_date: Some(day.into()), ..Default::default() });
        assert_eq!(born("1960-01-01"), []);
        assert_eq!(born("2026-12-31"), [("risk_profile.birth_date".to_owned(), Doubt::OnsetAhead)]);
        let at = |ms: i64| care::Moment {
            at: Some(prost_types::Timestamp { seconds: ms / 1_000, nanos: 0 }),
            ..Default::default()
        };
        let given = |ms| asked(232, &care::Administration { when: Some(at(ms)), ..Default::default() });
        assert_eq!(given(NOW_MS), []);
        let tomorrow = given(NOW_MS + DAY_MS);
        assert!(matches!(tomorrow.as_slice(), [(path, Doubt::OnsetAhead)] if path.ends_with(".when")), "{tomorrow:?}");
    }
}

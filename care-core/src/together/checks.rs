//! Cross-field checks, run after each merge (care specification 3.1, rule 3): fields that contradict each other although
//! nobody touched the same one. Every live version of a disputed field is looked at and the worst shows; what is missing
//! or not understood is "cannot tell". Each finding says which fields and versions it rests on.

use osteon_proto::{care, meta::SourceState};
use osteon_sync_core::RecordId;

use super::{Leaves, Limited, Records, Rests, limited, records::Seen};
use crate::{
    assess::Word,
    facts::{Analyte, BoneStatus, DAY_MS, Day, Live, PlanStatus, from_journal, from_plans, record},
    rules::Severity,
    source::Source,
};

/// Types that the checks read.
pub const READS: &[u32] = &[120, 201, 211, 212, 221, 231, 232, 251, 281, 291, 391];

/// One check, with its source.
#[derive(PartialEq, Eq, Debug)]
pub struct Check {
    pub id: &'static str,
    pub severity: Severity,
    pub title: &'static str,
    pub source: Source,
}

const fn design(key: &'static str) -> Source {
    Source { key, state: SourceState::Unverified, version: 1, caution: "Not a diagnosis. A clinician decides." }
}

macro_rules! checks {
    ($($name:ident = $id:literal, $severity:ident, $title:literal, $source:literal;)*) => {
        $(static $name: Check = Check {
            id: $id, severity: Severity::$severity, title: $title, source: design($source),
        };)*
        pub static CHECKS: &[&Check] = &[$(&$name),*];
    };
}

checks! {
    PROTEIN = "T-PROT-1", Urgent, "Protein floor above the renal ceiling", "design";
    KIDNEY = "T-PROT-2", Soon, "Protein floor without a ceiling, and kidney disease", "design";
    FLUID = "T-FLUID-1", Urgent, "Fluid minimum above the maximum", "design";
    CALCIUM = "T-CA-1", Soon, "Calcium target above its maximum", "design";
    HIGH_CALCIUM = "T-CA-2", Urgent, "Calcium target while calcium is high", "design";
    EXERCISE = "T-EX-1", Urgent, "Exercise that a lesion forbids or limits", "GALVAO";
    EXERCISE_TWICE = "T-EX-2", Soon, "Two exercise plans at once", "design";
    TRIAL = "T-SUP-1", Urgent, "Supplement that the trial prohibits", "design";
    BODY = "T-RISK-1", Info, "Two heights or weights that differ", "design";
    INTERVAL = "T-BONE-1", Urgent, "Next dose before the shortest interval is over", "design";
    BONE_DRUG_TWICE = "T-BONE-2", Urgent, "Two bone drug plans at once", "design";
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tells {
    Contradicts,
    /// What is missing, or not understood.
    CannotTell(&'static str),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub check: &'static Check,
    /// The record whose plan is to be looked at.
    pub subject: RecordId,
    pub tells: Tells,
    /// Plain words for a clinician.
    pub says: String,
    /// Sorted.
    pub rests: Vec<Rests>,
}

/// All findings, by check and subject.
pub fn check(records: &Records<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for plan in records.of(221) {
        found.extend(protein(&plan, records));
        found.extend(fluid(&plan));
        found.extend(calcium(&plan, records));
    }
    found.extend(limited(records).into_iter().map(exercise));
    found.extend(at_once(records, 201, &EXERCISE_TWICE));
    found.extend(at_once(records, 231, &BONE_DRUG_TWICE));
    found.extend(records.of(391).flat_map(|trial| prohibited(&trial, records)));
    found.extend(records.of(281).flat_map(|risk| body(&risk)));
    found.extend(records.of(231).flat_map(|plan| interval(&plan, records)));
    found.sort_by(|a, b| (a.check.id, a.subject, &a.rests, &a.says).cmp(&(b.check.id, b.subject, &b.rests, &b.says)));
    found.dedup();
    found
}

fn finding(
    check: &'static Check,
    subject: &Seen<'_, '_>,
    tells: Tells,
    says: String,
    rests: impl IntoIterator<Item = Rests>,
) -> Finding {
    let mut rests: Vec<Rests> = rests.into_iter().collect();
    rests.sort();
    rests.dedup();
    Finding { check, subject: subject.id, tells, says, rests }
}

/// A value in hundredths, or whole.
fn shown(value: u32, scale: u32) -> String {
    let one = 10_u32.pow(scale);
    if scale == 0 {
        return value.to_string();
    }
    let text = format!("{}.{:0width$}", value / one, value % one, width = scale as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A floor above a ceiling in any pair of live versions; `None`: no pair to compare.
fn above(floor: &Live<u32>, ceiling: &Live<u32>) -> Option<Result<(u32, u32), &'static str>> {
    let (most, least) = (floor.known().max(), ceiling.known().min());
    match (most, least) {
        (Some(most), Some(least)) if most > least => Some(Ok((*most, *least))),
        _ if floor.is_missing() || ceiling.is_missing() => None,
        _ if floor.has_unknown() || ceiling.has_unknown() => Some(Err("a version that says nothing")),
        _ => None,
    }
}

fn protein(plan: &Seen<'_, '_>, records: &Records<'_>) -> Vec<Finding> {
    type M = care::NutritionPlan;
    let (floor, ceiling) = (plan.live(6, |m: M| m.protein_g_kg_d_min), plan.live(7, |m: M| m.protein_g_kg_d_max));
    let rests = [plan.rests(6), plan.rests(7)];
    match above(&floor, &ceiling) {
        Some(Ok((floor, ceiling))) => {
            let says = format!(
                "The floor for protein ({} g/kg a day) is above the kidney limit ({} g/kg a day).",
                shown(floor, 2),
                shown(ceiling, 2)
            );
            return vec![finding(&PROTEIN, plan, Tells::Contradicts, says, rests)];
        }
        Some(Err(missing)) => {
            let says = "Protein: floor and kidney limit cannot be compared in every version.".to_owned();
            return vec![finding(&PROTEIN, plan, Tells::CannotTell(missing), says, rests)];
        }
        None => {}
    }
    let Some(most) = floor.known().max().filter(|_| ceiling.known().next().is_none()) else { return Vec::new() };
    let kidney = |risk: &Seen<'_, '_>| {
        let says = risk.live(12, |m: care::RiskProfile| record::known::<care::TriState>(m.kidney_disease));
        says.known().any(|one| *one == care::TriState::Yes)
    };
    let sick: Vec<Rests> = records.of(281).filter(kidney).map(|risk| risk.rests(12)).collect();
    if sick.is_empty() {
        return Vec::new();
    }
    let says = format!(
        "Kidney disease is recorded, and the plan asks for at least {} g/kg of protein a day without a kidney limit.",
        shown(*most, 2)
    );
    vec![finding(&KIDNEY, plan, Tells::CannotTell("protein_g_kg_d_max"), says, rests.into_iter().chain(sick))]
}

fn fluid(plan: &Seen<'_, '_>) -> Option<Finding> {
    type M = care::NutritionPlan;
    let (least, most) = (plan.live(16, |m: M| m.fluid_min_ml_d), plan.live(17, |m: M| m.fluid_max_ml_d));
    let rests = [plan.rests(16), plan.rests(17)];
    Some(match above(&least, &most)? {
        Ok((least, most)) => {
            let says = format!("At least {least} mL of fluid a day, and at most {most} mL.");
            finding(&FLUID, plan, Tells::Contradicts, says, rests)
        }
        Err(missing) => {
            let says = "Fluids: minimum and maximum cannot be compared in every version.".to_owned();
            finding(&FLUID, plan, Tells::CannotTell(missing), says, rests)
        }
    })
}

fn calcium(plan: &Seen<'_, '_>, records: &Records<'_>) -> Vec<Finding> {
    type M = care::NutritionPlan;
    let (target, most) = (plan.live(8, |m: M| m.calcium_mg_d_target), plan.live(9, |m: M| m.calcium_mg_d_max));
    let rests = [plan.rests(8), plan.rests(9)];
    let mut found = Vec::new();
    match above(&target, &most) {
        Some(Ok((target, most))) => {
            let says = format!("The target for calcium ({target} mg a day) is above the maximum ({most} mg a day).");
            found.push(finding(&CALCIUM, plan, Tells::Contradicts, says, rests));
        }
        Some(Err(missing)) => {
            let says = "Calcium: target and maximum cannot be compared in every version.".to_owned();
            found.push(finding(&CALCIUM, plan, Tells::CannotTell(missing), says, rests));
        }
        None => {}
    }
    let Some(target) = target.known().max().filter(|target| **target > 0) else { return found };
    if let Some((day, value, high, lab)) = newest_calcium(records) {
        let rests = lab.into_iter().chain([plan.rests(8)]);
        match high {
            Some(high) if value > high => {
                let (year, month, day) = day.civil();
                let says = format!(
                    "The plan asks for {target} mg of calcium a day; the newest result ({year:04}-{month:02}-{day:02}) is \
                     above its limit."
                );
                found.push(finding(&HIGH_CALCIUM, plan, Tells::Contradicts, says, rests));
            }
            Some(_) => {}
            None => {
                let says = "The newest calcium result came without a reference range.".to_owned();
                found.push(finding(&HIGH_CALCIUM, plan, Tells::CannotTell("ref_high"), says, rests));
            }
        }
    }
    found
}

/// mmol/L in ten-thousandths, where a report of total or adjusted calcium has no limit of its own. R-HYPERCA-1.
const HIGH: i64 = 26_000;

type Newest = (Day, i64, Option<i64>, Vec<Rests>);

/// The newest result by its specimen; adjusted before ionised before total of one moment. What a later one corrects is
/// left out.
fn newest_calcium(records: &Records<'_>) -> Option<Newest> {
    let corrects = |lab: &Seen<'_, '_>| {
        let named =
            lab.live(5, |m: care::LaboratoryResult| <[u8; 16]>::try_from(m.supersedes?.as_ref()).ok().map(RecordId));
        named.known().copied().collect::<Vec<_>>()
    };
    let corrected: Vec<RecordId> = records.of(120).flat_map(|lab| corrects(&lab)).collect();
    let mut newest: Option<((i64, u8), Newest)> = None;
    for lab in records.of(120).filter(|lab| !corrected.contains(&lab.id)) {
        let entry = from_journal::lab(&lab.read, false);
        let Some(analyte) = entry.analyte.known().next().copied() else { continue };
        let rank = match analyte {
            Analyte::CalciumAdjusted => 2,
            Analyte::CalciumIonised => 1,
            Analyte::CalciumTotal => 0,
            _ => continue,
        };
        let (Some(at), Some(value)) = (entry.at.known().max().copied(), entry.value.known().max().copied()) else {
            continue;
        };
        let own = entry.high.known().min().copied();
        let high = if analyte == Analyte::CalciumIonised { own } else { own.or(Some(HIGH)) };
        let key = (at.ms, rank);
        if newest.as_ref().is_none_or(|(best, _)| key > *best) {
            newest = Some((key, (at.day(), value, high, [6, 7, 11].map(|field| lab.rests(field)).to_vec())));
        }
    }
    newest.map(|(_, result)| result)
}

/// Plans of one type that are active beside each other. Nothing is chosen between them: of each limit the stricter holds, and a
/// person ends one of them.
fn at_once(records: &Records<'_>, type_number: u32, check: &'static Check) -> Option<Finding> {
    let is_active = |plan: &Seen<'_, '_>| match type_number {
        201 => from_plans::exercise(&plan.read, &[], []).status.known().any(|status| *status == PlanStatus::Active),
        _ => from_plans::bone_plan(&plan.read).status.known().any(|status| *status == BoneStatus::Active),
    };
    let plans: Vec<_> = records.of(type_number).filter(is_active).collect();
    let newest = plans.iter().max_by_key(|plan| (plan.read.created, plan.id)).filter(|_| plans.len() > 1)?;
    let (what, until) = match type_number {
        201 => ("exercise plans", "The stricter of their limits hold until one of them is ended."),
        _ => ("bone drug plans", "Each has its own doses: end or hold one of them, or say in it why both go on."),
    };
    let says = format!("{} {what} are active at once. {until}", plans.len());
    let status = if type_number == 201 { 2 } else { 6 };
    Some(finding(check, newest, Tells::Contradicts, says, plans.iter().map(|plan| plan.rests(status))))
}

/// What people read of a coded word.
fn meaning<W: Word>(word: W) -> &'static str {
    W::TABLE.iter().find(|(code, _)| *code == word.code()).map_or("", |(_, meaning)| *meaning)
}

fn exercise(one: Limited) -> Finding {
    let what = one.module.map_or("an exercise", meaning);
    let kind = if one.type_number == 212 { "module" } else { "exercise" };
    let (tells, says) = match one.leaves {
        Leaves::Nothing => (
            Tells::Contradicts,
            format!("A lesion that the exercise plan has not seen leaves nothing of this {kind} ({what})."),
        ),
        Leaves::WithExclusions => {
            let but: Vec<&str> = one.exclusions.iter().copied().map(meaning).collect();
            let but = if but.is_empty() { "ask the physiotherapist".to_owned() } else { but.join(", ") };
            (
                Tells::Contradicts,
                format!("A lesion that the exercise plan has not seen limits this {kind} ({what}): {but}."),
            )
        }
        Leaves::Ask => (
            Tells::CannotTell("which part of the body the exercise works"),
            "A lesion that the exercise plan has not seen: the physiotherapist decides on this exercise.".to_owned(),
        ),
    };
    Finding { check: &EXERCISE, subject: one.plan, tells, says, rests: one.rests }
}

fn prohibited(trial: &Seen<'_, '_>, records: &Records<'_>) -> Vec<Finding> {
    let status = trial.live(2, |m: care::TrialParticipation| record::known::<care::TrialStatus>(m.status));
    let over = |one: &care::TrialStatus| matches!(one, care::TrialStatus::Ended | care::TrialStatus::Declined);
    if !status.is_missing() && !status.has_unknown() && status.known().all(over) {
        return Vec::new();
    }
    let list = trial.set(5, |m: care::TrialParticipation| {
        m.prohibited.into_iter().map(|code| (!code.is_empty()).then_some(code)).collect()
    });
    let mut found = Vec::new();
    for line in records.of(291) {
        type M = care::SupplementLine;
        let state = line.live(6, |m: M| record::known::<care::SupplementStatus>(m.status));
        let stopped = |one: &care::SupplementStatus| *one == care::SupplementStatus::Stopped;
        if !state.is_missing() && !state.has_unknown() && state.known().all(stopped) {
            continue;
        }
        let product = line.live(1, |m: M| record::text(m.product));
        let holds = line.live(2, |m: M| {
            Some(m.ingredients.into_iter().filter_map(|one| record::text(one.code)).collect::<Vec<String>>())
        });
        let mut codes = product.known().chain(holds.known().flatten());
        let rests = || [line.rests(1), line.rests(2), line.rests(6), trial.rests(2), trial.rests(5)];
        if let Some(code) = codes.find(|code| list.has(code)) {
            let says = format!("The supplement plan has {code}, which the trial prohibits.");
            found.push(finding(&TRIAL, &line, Tells::Contradicts, says, rests()));
        } else if list.newer {
            let says = "The trial prohibits something that cannot be read here.".to_owned();
            found.push(finding(&TRIAL, &line, Tells::CannotTell("prohibited"), says, rests()));
        }
    }
    found
}

/// Kept by the later clock; differing by more than 2 cm or 2 kg a person is asked.
fn body(risk: &Seen<'_, '_>) -> Vec<Finding> {
    type M = care::RiskProfile;
    let fields = [
        (21, risk.live(21, |m: M| m.height_cm), 20, 1, "heights", "cm"),
        (22, risk.live(22, |m: M| m.usual_weight_kg), 200, 2, "usual weights", "kg"),
    ];
    let apart = |(field, live, most, scale, what, unit): (u32, Live<u32>, u32, u32, &str, &str)| {
        let (least, greatest) = (live.known().min().copied()?, live.known().max().copied()?);
        let says =
            format!("Two {what} stand side by side: {} and {} {unit}.", shown(least, scale), shown(greatest, scale));
        let differs = greatest - least > most;
        differs.then(|| finding(&BODY, risk, Tells::Contradicts, says, [risk.rests(field)]))
    };
    fields.into_iter().filter_map(apart).collect()
}

/// M15: any live date of the next dose before the last dose and the longest of the shortest intervals.
fn interval(plan: &Seen<'_, '_>, records: &Records<'_>) -> Option<Finding> {
    type M = care::BoneDrugPlan;
    let next = plan.live(7, |m: M| record::day(m.planned_next));
    let guard = plan.live(8, |m: M| m.min_interval_days);
    let guard_d = i32::try_from(*guard.known().max()?).ok()?;
    let mut last: Option<(i64, Rests)> = None;
    for dose in records.of(232) {
        let of_plan =
            dose.live(1, |m: care::Administration| <[u8; 16]>::try_from(m.parent?.as_ref()).ok().map(RecordId));
        let at = dose.live(8, |m: care::Administration| record::instant(m.when));
        let Some(at) = at.known().max().filter(|_| of_plan.known().any(|parent| *parent == plan.id)) else { continue };
        let local_ms = at.ms + i64::from(at.offset_min) * 60_000;
        if last.as_ref().is_none_or(|(best, _)| local_ms > *best) {
            last = Some((local_ms, dose.rests(8)));
        }
    }
    let (last_ms, dose) = last?;
    let given = Day(i32::try_from(last_ms.div_euclid(DAY_MS)).ok()?);
    let early = next.known().min().filter(|next| next.0 > given.0 && next.0 < given.0.saturating_add(guard_d))?;
    let says = format!(
        "The next dose is planned {} days after the last one; at least {guard_d} days must pass.",
        early.0 - given.0
    );
    Some(finding(&INTERVAL, plan, Tells::Contradicts, says, [plan.rests(7), plan.rests(8), dose]))
}

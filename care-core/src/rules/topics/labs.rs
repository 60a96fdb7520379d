//! Results as rules read them: the newest of an analyte, adjusted calcium, creatinine clearance.

use super::super::{eval::Cx, eval::in_range, inputs::Input, truth::Truth, versions::Versions};
use crate::facts::{Analyte, Day, Entry, Id, Instant, Lab, Sex};

/// One result, in ten-thousandths of the canonical unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Result {
    pub(super) id: Id,
    pub(super) at: Instant,
    pub(super) value: i64,
    pub(super) low: Option<i64>,
    pub(super) high: Option<i64>,
}

impl Result {
    pub(super) fn day(&self) -> Day {
        self.at.day()
    }
}

/// Results of an analyte whose value and time are known, by time.
pub(super) fn results(cx: &Cx<'_>, v: &Versions, analyte: Analyte) -> Vec<Result> {
    let mut all: Vec<Result> = of(cx, v, analyte).filter_map(|lab| result(v, lab)).collect();
    all.sort_by_key(|one| (one.at, one.id));
    all
}

pub(super) fn of<'a>(cx: &Cx<'a>, v: &Versions, analyte: Analyte) -> impl Iterator<Item = &'a Entry<Lab>> {
    in_range(&cx.facts.labs)
        .filter(move |lab| !lab.superseded && v.get(Input::LabAnalyte, &lab.analyte) == Some(&analyte))
}

fn result(v: &Versions, lab: &Entry<Lab>) -> Option<Result> {
    Some(Result {
        id: lab.id,
        at: *v.get(Input::LabTime, &lab.at)?,
        value: *v.get(Input::LabValue, &lab.value)?,
        low: v.get(Input::LabLow, &lab.low).copied(),
        high: v.get(Input::LabHigh, &lab.high).copied(),
    })
}

pub(super) fn newest(cx: &Cx<'_>, v: &Versions, analyte: Analyte) -> Option<Result> {
    results(cx, v, analyte).pop()
}

/// A test of the newest result; none at all: cannot tell.
pub(super) fn newest_is(cx: &Cx<'_>, v: &Versions, analyte: Analyte, passes: impl Fn(i64) -> bool) -> Truth {
    match newest(cx, v, analyte) {
        Some(result) => passes(result.value).into(),
        None => Truth::Unknown(Input::LabValue.into()),
    }
}

/// Adjusted calcium by time: the laboratory's own, else total calcium with the albumin of the same day (A17).
pub(super) fn calcia(cx: &Cx<'_>, v: &Versions) -> Vec<Result> {
    v.reads(Input::AdjustedCalcium);
    v.reads(Input::LabLimits);
    let mut all = results(cx, v, Analyte::CalciumAdjusted);
    let albumins = results(cx, v, Analyte::Albumin);
    for total in results(cx, v, Analyte::CalciumTotal) {
        if all.iter().any(|own| own.day() == total.day()) {
            continue;
        }
        if let Some(albumin) = albumins.iter().rev().find(|albumin| albumin.day() == total.day()) {
            all.push(Result { value: adjusted(total.value, albumin.value), ..total });
        }
    }
    all.sort_by_key(|one| (one.at, one.id));
    all
}

/// Ca + 0.02 x (40 - albumin), in ten-thousandths. ADJCA.
fn adjusted(calcium: i64, albumin: i64) -> i64 {
    calcium.saturating_add(400_000_i64.saturating_sub(albumin) / 50)
}

/// The limits of a result: those of its report, else the clinic's, else 2.2 and 2.6.
pub(super) fn low_limit(cx: &Cx<'_>, result: &Result) -> i64 {
    result.low.or(cx.settings.calcium_low).unwrap_or(super::super::settings::CALCIUM_LOW)
}

pub(super) fn high_limit(cx: &Cx<'_>, result: &Result) -> i64 {
    result.high.or(cx.settings.calcium_high).unwrap_or(super::super::settings::CALCIUM_HIGH)
}

pub(super) fn newest_calcium(cx: &Cx<'_>, v: &Versions) -> Option<Result> {
    calcia(cx, v).pop()
}

/// A test of the newest adjusted calcium; none at all: cannot tell.
pub(super) fn calcium_is(cx: &Cx<'_>, v: &Versions, passes: impl Fn(&Result) -> bool) -> Truth {
    match newest_calcium(cx, v) {
        Some(result) => passes(&result).into(),
        None => Truth::Unknown(Input::AdjustedCalcium.into()),
    }
}

/// Creatinine clearance in ten-thousandths of mL/min: a result, else Cockcroft-Gault of the newest creatinine (A18).
pub(super) fn clearance(cx: &Cx<'_>, v: &Versions) -> Option<i64> {
    let own = newest(cx, v, Analyte::CreatinineClearance);
    let creatinine = newest(cx, v, Analyte::Creatinine);
    if let Some(own) = own.filter(|own| creatinine.is_none_or(|creatinine| creatinine.at <= own.at)) {
        return Some(own.value);
    }
    let creatinine = creatinine?;
    let risk = cx.facts.risk.as_ref()?;
    let birth = *v.get(Input::BirthDate, &risk.birth)?;
    let sex = *v.get(Input::Sex, &risk.sex)?;
    let weight_g = super::common::newest_weight_g(cx, v, creatinine.day())?;
    cockcroft_gault(creatinine.day().age(birth), weight_g, creatinine.value, sex)
}

/// (140 - age) x kg / (72 x mg/dL) x 0.85 if f; creatinine in ten-thousandths of umol/L, mg/dL x 88.42 = umol/L. CG.
fn cockcroft_gault(age: i32, weight_g: i64, creatinine: i64, sex: Sex) -> Option<i64> {
    if creatinine <= 0 || !(18..140).contains(&age) {
        return None;
    }
    let factor = if sex == Sex::Female { 85 } else { 100 };
    let above = i128::from(140 - age) * i128::from(weight_g) * factor * 8_842 * 10;
    i64::try_from(above / (72 * i128::from(creatinine))).ok()
}

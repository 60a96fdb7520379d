//! Results as rules read them: the newest of an analyte, adjusted calcium, creatinine clearance.

use super::super::{eval::Cx, eval::in_range, inputs::Input, truth::Truth, versions::Versions};
use crate::{
    Exact,
    assess::{
        self,
        calcium::adjusted_calcium,
        renal::{RenalInputs, creatinine_clearance},
    },
    convert::creatinine_mg_dl,
    facts::{Analyte, Day, Entry, Id, Instant, Lab, Sex},
};

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
            all.extend(adjusted(total.value, albumin.value).map(|value| Result { value, ..total }));
        }
    }
    all.sort_by_key(|one| (one.at, one.id));
    all
}

/// A17, in ten-thousandths.
fn adjusted(calcium: i64, albumin: i64) -> Option<i64> {
    let value = adjusted_calcium(Exact::scaled(calcium, 4), Exact::scaled(albumin, 4)).exact()?;
    i64::try_from(value.rounded(4)?).ok()
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

/// Creatinine clearance in mL/min, not rounded: a result, else Cockcroft-Gault of the newest creatinine (A18).
pub(super) fn clearance(cx: &Cx<'_>, v: &Versions) -> Option<Exact> {
    let own = newest(cx, v, Analyte::CreatinineClearance);
    let creatinine = newest(cx, v, Analyte::Creatinine);
    if let Some(own) = own.filter(|own| creatinine.is_none_or(|creatinine| creatinine.at <= own.at)) {
        return Exact::scaled(own.value, 4);
    }
    let creatinine = creatinine?;
    let risk = cx.facts.risk.as_ref()?;
    let birth = *v.get(Input::BirthDate, &risk.birth)?;
    let sex = match v.get(Input::Sex, &risk.sex)? {
        Sex::Female => assess::Sex::Female,
        Sex::Male => assess::Sex::Male,
    };
    let weight_g = super::common::newest_weight_g(cx, v, creatinine.day())?;
    let inputs = RenalInputs {
        age_years: Some(Exact::whole(creatinine.day().age(birth).into())),
        weight_kg: Exact::scaled(weight_g, 3),
        creatinine_mg_dl: Exact::scaled(creatinine.value, 4).and_then(creatinine_mg_dl),
        sex: Some(sex),
    };
    creatinine_clearance(&inputs).exact()
}

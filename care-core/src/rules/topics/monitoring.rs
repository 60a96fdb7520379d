//! Scans, laboratory orders, visits, and a journal that fell silent.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{bone_drug_active, bone_metastasis, decimal},
    labs::results,
};
use crate::facts::{
    Analyte, DAY_MS, Day, Entry, Instant, Lab, Live, Monitoring, MonitoringKind, Site, Treatment, VisitKind,
};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-DXA-1", scan_due),
    ("R-DXA-2", low_density),
    ("R-DXA-3", density_fell),
    ("R-RISK-1", loss_criteria),
    ("R-BTM-1", marker_ordered),
    ("R-MON-1", item_due),
    ("R-VISIT-1", no_visit),
    ("R-GAP-1", silent),
];

const T_SCORES: [(Analyte, &str); 3] =
    [(Analyte::TScoreLumbar, "lumbar spine"), (Analyte::TScoreHip, "hip"), (Analyte::TScoreFemur, "femoral neck")];
const USUAL_MONTHS: i32 = 24;
const SOONER_MONTHS: i32 = 12;

/// The newest T-score of each site, without sites that hold a lesion (A1): ten-thousandths.
fn t_scores(cx: &Cx<'_>, v: &Versions) -> Vec<(&'static str, i64)> {
    v.reads(Input::LesionSite);
    let hidden = |analyte: Analyte| {
        let bones: &[Site] = match analyte {
            Analyte::TScoreLumbar => &[Site::Lumbar],
            _ => &[Site::ProximalFemur, Site::Hip],
        };
        cx.facts.lesions.iter().any(|lesion| lesion.site.known().any(|site| bones.contains(site)))
    };
    let shown = T_SCORES.into_iter().filter(|(analyte, _)| !hidden(*analyte));
    shown.filter_map(|(analyte, name)| Some((name, results(cx, v, analyte).pop()?.value))).collect()
}

fn lowest(cx: &Cx<'_>, v: &Versions) -> Option<(&'static str, i64)> {
    t_scores(cx, v).into_iter().min_by_key(|(_, value)| *value)
}

/// A course of one of these kinds runs today.
fn runs(cx: &Cx<'_>, v: &Versions, kinds: &[Treatment]) -> Truth {
    Truth::any(cx.facts.treatments.iter().map(|course| {
        let kind = v.any(Input::TreatmentKind, &course.kind, |kind| kinds.contains(kind));
        v.reads(Input::TreatmentEnd);
        let ended = !course.end.is_missing() && course.end.known().all(|end| *end < cx.today());
        kind.and((!ended).into())
    }))
    .or(cx.none_found())
}

fn not_cancelled(v: &Versions, item: &Monitoring) -> bool {
    v.reads(Input::MonitoringCancelled);
    item.cancelled.is_missing() || item.cancelled.has_unknown() || item.cancelled.known().any(|cancelled| !cancelled)
}

/// R-DXA-1.
fn scan_due(cx: &mut Cx<'_>) {
    for item in &cx.facts.monitoring {
        cx.judge(item.id, |cx, v| {
            let dxa = v.test(Input::MonitoringKind, &item.kind, |kind| *kind == MonitoringKind::Dxa);
            if dxa.is_no() || !not_cancelled(v, item) {
                return Found::no();
            }
            let Some(due) = scan_day(cx, v, item) else { return Found::missing(Input::MonitoringDue) };
            let days = cx.today().since(due);
            let levels = [
                (Severity::Soon, dxa.and((days > 30).into())),
                (Severity::Info, dxa.and((-60..=0).contains(&days).into())),
            ];
            Found::levels(&levels, || fires().fill("date", due))
        });
    }
}

fn scan_day(cx: &Cx<'_>, v: &Versions, item: &Monitoring) -> Option<Day> {
    if let Some(due) = v.get(Input::MonitoringDue, &item.due) {
        return Some(*due);
    }
    let last = *v.get(Input::MonitoringDone, &item.last_done)?;
    if let Some(days) = v.get(Input::MonitoringInterval, &item.interval_d) {
        return Some(last.plus(*days));
    }
    let treated = runs(cx, v, &[Treatment::Ai, Treatment::Adt, Treatment::Glucocorticoid]).is_yes();
    let low = lowest(cx, v).is_some_and(|(_, value)| value <= -10_000);
    Some(last.plus_months(if treated && low { SOONER_MONTHS } else { USUAL_MONTHS }))
}

const DECISION_D: i32 = 60;

/// A decision about bone drugs, on record from `since` on.
fn bone_decision(cx: &Cx<'_>, v: &Versions, since: Option<Day>) -> Truth {
    v.reads(Input::DecisionAbout);
    let any = cx.facts.decisions.iter().map(|decision| {
        let about = v.test(Input::DecisionAbout, &decision.about, |it| it == "bone_medication");
        let when = match since {
            Some(since) => v.test(Input::DecisionDate, &decision.date, |date| *date >= since),
            None => Truth::Yes,
        };
        about.and(when)
    });
    Truth::any(any).or(cx.none_found())
}

/// R-DXA-2.
fn low_density(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let Some((site, value)) = lowest(cx, v).filter(|(_, value)| *value <= -25_000) else { return Found::no() };
        let decided = bone_decision(cx, v, Some(cx.today().plus(-DECISION_D)));
        Found::when(decided.negate(), || fires().fill("v", decimal(value, 4, 1)).fill("site", site))
    });
}

const DENSITIES: [Analyte; 3] = [Analyte::BmdLumbar, Analyte::BmdHip, Analyte::BmdFemur];

/// R-DXA-3: two scans of one site on one device.
fn density_fell(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for lab in cx.near(in_range(&facts.labs)).filter(|lab| !lab.superseded) {
        cx.judge_on(lab, |cx, v| {
            let Some(analyte) = v.get(Input::LabAnalyte, &lab.analyte).copied().filter(|it| DENSITIES.contains(it))
            else {
                return Found::no();
            };
            let Some(now) = v.get(Input::LabValue, &lab.value).copied() else { return Found::missing(Input::LabValue) };
            let Some(before) = scan_before(cx, v, lab, analyte) else { return Found::no() };
            v.reads(Input::LeastChange);
            let Some(least) = cx.settings.least_change.get(&analyte).copied() else {
                return Found::missing(Input::LeastChange);
            };
            Found::when((before.0 - now > least).into(), || {
                fires()
                    .fill("a", decimal(before.0, 4, 3))
                    .fill("b", decimal(now, 4, 3))
                    .fill("lsc", decimal(least, 4, 3))
                    .with(before.1)
            })
        });
    }
}

fn scan_before(cx: &Cx<'_>, v: &Versions, lab: &Entry<Lab>, analyte: Analyte) -> Option<(i64, crate::facts::Id)> {
    let at = v.get(Input::LabTime, &lab.at)?;
    let method = v.get(Input::LabMethod, &lab.method);
    let same = in_range(&cx.facts.labs).filter(|other| !other.superseded && other.id != lab.id);
    let same = same.filter(|other| v.get(Input::LabAnalyte, &other.analyte) == Some(&analyte));
    let same = same.filter(|other| method.is_some() && v.get(Input::LabMethod, &other.method) == method);
    let dated = same.filter_map(|other| {
        let when = v.get(Input::LabTime, &other.at).filter(|when| *when < at)?;
        Some((when, other.id, *v.get(Input::LabValue, &other.value)?))
    });
    dated.max().map(|(_, id, value)| (value, id))
}

/// R-RISK-1: A3 is met and nobody decided. The source covers women on an aromatase inhibitor.
fn loss_criteria(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let treated = runs(cx, v, &[Treatment::Ai, Treatment::Adt]);
        if treated.is_no() {
            return Found::no();
        }
        let score = lowest(cx, v).map(|(_, value)| value);
        let (factors, missing) = factors(cx, v);
        let met = |count: usize| score.is_some_and(|t| t < -20_000 || (t < -15_000 && count >= 1)) || count >= 2;
        let truth = match (met(factors.len()), score) {
            (true, _) => Truth::Yes,
            (false, None) => Truth::Unknown(Input::LabValue.into()),
            (false, Some(_)) if met(factors.len() + missing.len()) => Truth::Unknown(missing.into_iter().collect()),
            (false, Some(_)) => Truth::No,
        };
        Found::when(treated.and(truth).and(bone_decision(cx, v, None).negate()), || {
            let t = score.map_or_else(|| "no T-score".to_owned(), |t| format!("T {}", decimal(t, 4, 1)));
            let why = if factors.is_empty() { t } else { format!("{t}; {}", factors.join(", ")) };
            fires().fill("criteria", format!("Meets the criteria of the 2017 joint statement ({why})."))
        })
    });
}

/// Risk factors of A3 that are there, and inputs of those nobody knows.
fn factors(cx: &Cx<'_>, v: &Versions) -> (Vec<&'static str>, Vec<Input>) {
    let Some(risk) = &cx.facts.risk else { return (Vec::new(), vec![Input::BirthDate, Input::SmokingStatus]) };
    v.reads(Input::Weight);
    let age = v.test(Input::BirthDate, &risk.birth, |birth| cx.today().age(*birth) > 65);
    let thin = match (super::common::newest_weight_g(cx, v, cx.today()), v.get(Input::PersonHeight, &risk.height_mm)) {
        (Some(weight), Some(height)) => (weight * 1_000 < 24 * height * height).into(),
        (None, _) => Truth::Unknown(Input::Weight.into()),
        (_, None) => Truth::Unknown(Input::PersonHeight.into()),
    };
    v.reads(Input::PriorFractures);
    let after_50 = |day: Option<Day>| match (day, v.get(Input::BirthDate, &risk.birth)) {
        (Some(day), Some(birth)) => day.age(*birth) >= 50,
        _ => true,
    };
    let fracture = risk.fractures.known.iter().any(|(day, low_trauma)| *low_trauma && after_50(*day));
    let all = [
        ("age over 65", age),
        ("BMI under 24", thin),
        ("hip fracture in the family", super::common::tri(v, Input::HipFracture, &risk.hip_fracture_in_family)),
        ("fragility fracture after 50", fracture.into()),
        (
            "glucocorticoids for over 6 months",
            v.test(Input::GlucocorticoidMonths, &risk.glucocorticoid_months, |m| *m > 6),
        ),
        ("smoking", v.flag(Input::SmokingStatus, &risk.smokes)),
    ];
    let mut found = (Vec::new(), Vec::new());
    for (name, truth) in all {
        match truth {
            Truth::Yes => found.0.push(name),
            Truth::Unknown(missing) => found.1.extend(missing.iter()),
            Truth::No => {}
        }
    }
    found
}

/// R-BTM-1.
fn marker_ordered(cx: &mut Cx<'_>) {
    for item in &cx.facts.monitoring {
        cx.judge(item.id, |cx, v| {
            let marker = v.test(Input::MonitoringKind, &item.kind, |kind| *kind == MonitoringKind::TurnoverMarker);
            if marker.is_no() || !not_cancelled(v, item) {
                return Found::no();
            }
            let ours = marker.and(bone_drug_active(cx, v, cx.today())).and(bone_metastasis(cx, v));
            let reason = super::calcium_low::decided(cx, v, "bone_turnover_marker");
            Found::when(ours.and(reason.negate()), fires)
        });
    }
}

/// R-MON-1: items that have no rule of their own.
fn item_due(cx: &mut Cx<'_>) {
    for item in &cx.facts.monitoring {
        cx.judge(item.id, |cx, v| {
            let Some(kind) = v.get(Input::MonitoringKind, &item.kind).copied() else {
                return Found::missing(Input::MonitoringKind);
            };
            if kind.has_own_rule() || !not_cancelled(v, item) {
                return Found::no();
            }
            let due = v.get(Input::MonitoringDue, &item.due).copied();
            let last = v.get(Input::MonitoringDone, &item.last_done).copied();
            let next =
                last.zip(v.get(Input::MonitoringInterval, &item.interval_d)).map(|(last, days)| last.plus(*days));
            let Some(due) = due.filter(|due| last.is_none_or(|last| last < *due)).or(next) else {
                return Found::missing(Input::MonitoringDue);
            };
            let days = cx.today().since(due);
            let levels = [(Severity::Soon, (days > 45).into()), (Severity::Info, (days > 14).into())];
            Found::levels(&levels, || fires().fill("item", item_word(kind)).fill("d", days))
        });
    }
}

fn item_word(kind: MonitoringKind) -> &'static str {
    match kind {
        MonitoringKind::Dxa => "Bone density scan",
        MonitoringKind::Calcium => "Calcium test",
        MonitoringKind::Creatinine => "Kidney test",
        MonitoringKind::VitaminD => "Vitamin D test",
        MonitoringKind::Magnesium => "Magnesium test",
        MonitoringKind::Phosphate => "Phosphate test",
        MonitoringKind::TurnoverMarker => "Bone marker test",
        MonitoringKind::Dental => "Dental check",
        MonitoringKind::Imaging => "Imaging",
        MonitoringKind::Visit => "Visit",
        MonitoringKind::Weight => "Weighing",
        MonitoringKind::Functional => "Function test",
    }
}

const GRACE_D: i32 = 30;

/// R-VISIT-1.
fn no_visit(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let visits = cx.facts.monitoring.iter().filter(|item| {
            v.get(Input::MonitoringKind, &item.kind) == Some(&MonitoringKind::Visit) && not_cancelled(v, item)
        });
        let interval = visits.filter_map(|item| v.get(Input::MonitoringInterval, &item.interval_d).copied()).min();
        v.reads(Input::MonitoringInterval);
        let Some(interval) = interval else { return Found::missing(Input::MonitoringInterval) };
        let contact = in_range(&cx.facts.visits).filter_map(|visit| {
            let kind = *v.get(Input::VisitKind, &visit.kind)?;
            let day = v.get(Input::VisitWhen, &visit.at)?.day();
            (kind != VisitKind::Other && day <= cx.today()).then_some(day)
        });
        match contact.max() {
            Some(last) => Found::when((cx.today().since(last) > interval.saturating_add(GRACE_D)).into(), fires),
            None => Found::missing(Input::VisitWhen),
        }
    });
}

const SILENT_D: i32 = 7;

/// R-GAP-1.
fn silent(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        v.reads(Input::PauseWindows);
        let today = cx.today();
        let own = cx.facts.house.pauses.iter();
        let pauses = own.chain(cx.facts.exercises.iter().flat_map(|plan| &plan.pauses.known));
        if pauses.into_iter().any(|(from, to)| (*from..=*to).contains(&today)) {
            return Found::no();
        }
        match last_entry(cx, v) {
            Some(ago) => Found::when((ago > SILENT_D).into(), fires),
            None => Found::missing(Input::EffectiveStart),
        }
    });
}

/// Days since the newest journal entry of any type, of those until today.
fn last_entry(cx: &Cx<'_>, v: &Versions) -> Option<i32> {
    let end_ms = (i64::from(cx.today().0) + 1) * DAY_MS;
    let mut newest: Option<i64> = None;
    macro_rules! look {
        ($($list:ident),*) => { $(
            // Every entry is looked at on every push: compared as it is, and one of them made a day.
            for entry in &cx.facts.$list {
                let at = match &entry.at {
                    Live::One(at) => Some(*at),
                    _ => v.at(entry),
                };
                newest = newest.max(at.map(Instant::local_ms).filter(|ms| *ms < end_ms));
            }
        )* };
    }
    for input in
        [Input::SymptomFlags, Input::PainWorst, Input::MealItems, Input::ActivityDuration, Input::EffectiveStart]
    {
        v.reads(input);
    }
    look!(
        pains, symptoms, meals, fluids, intakes, activities, falls, weights, sleeps, moods, smokes, drinks, suns,
        swellings, mouths, vitals, reactions, readiness
    );
    newest.map(|ms| cx.today().since(Instant { ms, offset_min: 0 }.day()))
}

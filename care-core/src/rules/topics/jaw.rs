//! The jaw: signs of osteonecrosis, dental surgery under a bone drug, dental checks.

use std::collections::BTreeMap;

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{
        ONCOLOGY_DENOSUMAB_MILLI, bone_drug_active, bone_drug_ever, doses, drug_named, is_bma, plan_name, planned,
        words,
    },
};
use crate::facts::{Agent, BonePlan, BoneStatus, Day, Entry, Facts, Mouth, MouthSign, Sign, Symptom, Visit, VisitKind};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-ONJ-1", necrosis),
    ("R-ONJ-2", early),
    ("R-ONJ-3", surgery),
    ("R-DENT-1", before_first_dose),
    ("R-DENT-2", regular_check),
];

/// A socket open longer than this after an extraction counts (ours, unverified).
const SOCKET_D: i32 = 14;
/// Eight weeks. MASCC19.
const LASTING_D: i32 = 56;

/// Signs of one entry under the words of the red-flag list, with how sure they are.
fn symptom_signs(cx: &Cx<'_>, v: &Versions, entry: &Entry<Symptom>, day: Day) -> BTreeMap<Sign, Truth> {
    let has = |sign| v.has(Input::SymptomFlags, &entry.flags, &sign);
    let new = v.flag(Input::SymptomNew, &entry.new_or_worse);
    let extracted = in_range(&cx.facts.mouths).filter_map(|mouth| v.get(Input::MouthExtraction, &mouth.extraction));
    let extraction = extracted.copied().filter(|on| *on <= day).max();
    BTreeMap::from([
        (Sign::ExposedBone, has(Sign::ExposedBone)),
        (Sign::PusOrFistula, has(Sign::PusOrFistula)),
        (Sign::NumbLipOrChin, has(Sign::NumbLipOrChin).and(new)),
        (Sign::SocketNotHealed, has(Sign::SocketNotHealed).and(open_long(extraction, day))),
    ])
}

fn mouth_signs(v: &Versions, entry: &Entry<Mouth>, day: Day) -> BTreeMap<Sign, Truth> {
    let has = |sign| v.has(Input::MouthSigns, &entry.signs, &sign);
    let extraction = v.get(Input::MouthExtraction, &entry.extraction).copied();
    BTreeMap::from([
        (Sign::ExposedBone, has(MouthSign::ExposedBone)),
        (Sign::PusOrFistula, has(MouthSign::Pus)),
        (Sign::NumbLipOrChin, has(MouthSign::NumbChin)),
        (Sign::SocketNotHealed, has(MouthSign::SocketOpen).and(open_long(extraction, day))),
    ])
}

fn open_long(extraction: Option<Day>, day: Day) -> Truth {
    match extraction {
        Some(extraction) => (day.since(extraction) > SOCKET_D).into(),
        None => Truth::Unknown(Input::MouthExtraction.into()),
    }
}

/// The first day on which each sign was there.
fn first_days(cx: &Cx<'_>, v: &Versions) -> BTreeMap<Sign, Day> {
    let mut first = BTreeMap::new();
    let mut note = |signs: BTreeMap<Sign, Truth>, day: Day| {
        for (sign, _) in signs.into_iter().filter(|(_, truth)| !truth.is_no()) {
            first.entry(sign).and_modify(|known: &mut Day| *known = (*known).min(day)).or_insert(day);
        }
    };
    for entry in in_range(&cx.facts.symptoms) {
        if let Some(day) = v.at(entry).map(|at| at.day()) {
            note(symptom_signs(cx, v, entry, day), day);
        }
    }
    for entry in in_range(&cx.facts.mouths) {
        if let Some(day) = v.at(entry).map(|at| at.day()) {
            note(mouth_signs(v, entry, day), day);
        }
    }
    first
}

/// R-ONJ-1.
fn necrosis(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| match v.at(entry).map(|at| at.day()) {
            Some(day) => necrosis_found(cx, v, symptom_signs(cx, v, entry, day), day),
            None => Found::missing(Input::EffectiveStart),
        });
    }
    for entry in cx.near(in_range(&facts.mouths)) {
        cx.judge_on(entry, |cx, v| match v.at(entry).map(|at| at.day()) {
            Some(day) => necrosis_found(cx, v, mouth_signs(v, entry, day), day),
            None => Found::missing(Input::EffectiveStart),
        });
    }
}

fn necrosis_found(cx: &Cx<'_>, v: &Versions, signs: BTreeMap<Sign, Truth>, day: Day) -> Found {
    let any = Truth::any(signs.values().copied());
    if any.is_no() {
        return Found::no();
    }
    Found::when(any.and(bone_drug_ever(cx, v)), || {
        let shown: Vec<Sign> = signs.iter().filter(|(_, truth)| truth.is_yes()).map(|(sign, _)| *sign).collect();
        let first = first_days(cx, v);
        let days = shown.iter().filter_map(|sign| first.get(sign)).map(|first| day.since(*first)).max().unwrap_or(0);
        let found = fires().fill("signs", words(&shown)).fill("days", days).fill("agent", drug_named(cx, v, day));
        if days >= LASTING_D { found.note("eight_weeks") } else { found }
    })
}

const EARLY: [Sign; 6] = [
    Sign::JawOrToothPain,
    Sign::LooseTooth,
    Sign::GumSwelling,
    Sign::GumSwellingOrBleeding,
    Sign::DentureSore,
    Sign::JawStiffness,
];
const EARLY_MOUTH: [MouthSign; 3] = [MouthSign::LooseTooth, MouthSign::Sore, MouthSign::Bleeding];

/// R-ONJ-2. A mouth check has no "new": there a sign is new that no earlier check showed.
fn early(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| {
            let sign = v.has_any(Input::SymptomFlags, &entry.flags, &EARLY);
            let new = sign.and(v.flag(Input::SymptomNew, &entry.new_or_worse));
            if new.is_no() {
                return Found::no();
            }
            Found::when(new.and(bone_drug_ever(cx, v)), || {
                fires().fill("signs", words(EARLY.iter().filter(|sign| entry.flags.has(sign))))
            })
        });
    }
    for entry in cx.near(in_range(&facts.mouths)) {
        cx.judge_on(entry, |cx, v| {
            v.reads(Input::MouthSigns);
            let at = v.at(entry);
            let before =
                |sign: &MouthSign| in_range(&facts.mouths).any(|other| v.at(other) < at && other.signs.has(sign));
            let new: Vec<&MouthSign> =
                EARLY_MOUTH.iter().filter(|sign| entry.signs.has(sign) && !before(sign)).collect();
            if new.is_empty() {
                return Found::no();
            }
            Found::when(bone_drug_ever(cx, v), || fires().fill("signs", words(new)))
        });
    }
}

const SURGERY: [VisitKind; 3] = [VisitKind::ToothExtraction, VisitKind::DentalImplant, VisitKind::JawSurgery];

/// R-ONJ-3.
fn surgery(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for visit in cx.near(in_range(&facts.visits)) {
        cx.judge_on(visit, |cx, v| {
            let kind = v.any(Input::VisitKind, &visit.kind, |kind| SURGERY.contains(kind)).or(unsaid(facts, v, visit));
            let ahead = v.any(Input::VisitWhen, &visit.at, |when| when.day() >= cx.today());
            let planned = kind.and(ahead);
            if planned.is_no() { Found::no() } else { Found::when(planned.and(oncology_active(cx, v)), fires) }
        });
    }
    for entry in cx.near(in_range(&facts.mouths)).filter(|entry| !entry.planned_procedure.is_missing()) {
        cx.judge_on(entry, |cx, v| {
            let planned = v.any(Input::MouthPlanned, &entry.planned_procedure, |kind| SURGERY.contains(kind));
            if planned.is_no() { Found::no() } else { Found::when(planned.and(oncology_active(cx, v)), fires) }
        });
    }
}

/// A visit to the dentist of which nobody said, in a mouth check, what will be done there.
fn unsaid(facts: &Facts, v: &Versions, visit: &Entry<Visit>) -> Truth {
    let dental = v.any(Input::VisitKind, &visit.kind, |kind| *kind == VisitKind::Dental).is_yes();
    v.reads(Input::MouthPlanned);
    let said = in_range(&facts.mouths).any(|mouth| mouth.planned_procedure.known().next().is_some());
    if dental && !said { Truth::Unknown(Input::MouthPlanned.into()) } else { Truth::No }
}

fn oncology_active(cx: &Cx<'_>, v: &Versions) -> Truth {
    let active = |plan: &BonePlan| {
        v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active).and(oncology_dose(v, plan))
    };
    Truth::any(cx.facts.bone_plans.iter().map(active)).or(cx.none_found())
}

/// The dose of oncology: denosumab 120 mg, pamidronate, and infusions at least every 100 days.
pub(super) fn oncology_dose(v: &Versions, plan: &BonePlan) -> Truth {
    let often = || v.test(Input::BoneInterval, &plan.interval_d, |days| *days <= 100);
    match v.get(Input::BoneAgent, &plan.agent) {
        None => Truth::Unknown(Input::BoneAgent.into()),
        Some(Agent::Denosumab) => v.test(Input::BoneDose, &plan.dose_mg_milli, |mg| *mg >= ONCOLOGY_DENOSUMAB_MILLI),
        Some(Agent::Pamidronate) => Truth::Yes,
        Some(Agent::Zoledronate | Agent::Ibandronate) => often(),
        Some(_) => Truth::No,
    }
}

/// How long a dental assessment holds (ours, unverified).
const DENTAL_MONTHS: i32 = 6;

/// R-DENT-1.
fn before_first_dose(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let starting = v.any(Input::BoneStatus, &plan.status, |status| {
                matches!(status, BoneStatus::Proposed | BoneStatus::Active)
            });
            let agent = v.any(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent));
            let given = doses(cx).any(|dose| {
                let input = if dose.oral { Input::OralAgent } else { Input::DoseAgent };
                v.get(input, &dose.agent).is_some() && v.get(input, &dose.agent) == v.get(Input::BoneAgent, &plan.agent)
            });
            let urgent = v.get(Input::UrgentStart, &plan.urgent_start) == Some(&true);
            let open = starting.and(agent).and(Truth::from(!given && !urgent));
            if open.is_no() {
                return Found::no();
            }
            let Some(due) = planned(v, plan) else { return Found::missing(Input::BonePlannedNext) };
            let valid = |on: Day| on >= due.plus_months(-DENTAL_MONTHS) && on <= due;
            let checked = last_dental(cx, v, Some(plan)).is_some_and(valid);
            let levels = [
                (Severity::Urgent, Truth::from(!checked && due.since(cx.today()) <= 7).and(open)),
                (Severity::Soon, Truth::from(!checked).and(open)),
            ];
            Found::levels(&levels, || fires().fill("agent", plan_name(v, plan)).fill("date", due))
        });
    }
}

fn last_dental(cx: &Cx<'_>, v: &Versions, plan: Option<&BonePlan>) -> Option<Day> {
    let plans = cx.facts.bone_plans.iter().filter(|one| plan.is_none_or(|plan| plan.id == one.id));
    let cleared = plans.filter_map(|plan| v.get(Input::DentalCleared, &plan.dental_cleared_on).copied());
    let monitored = cx.facts.monitoring.iter().filter_map(|item| {
        let dental = v.get(Input::MonitoringKind, &item.kind) == Some(&crate::facts::MonitoringKind::Dental);
        v.get(Input::MonitoringDone, &item.last_done).copied().filter(|_| dental)
    });
    cleared.chain(monitored).max()
}

/// R-DENT-2.
fn regular_check(cx: &mut Cx<'_>) {
    cx.judge(super::super::outcome::Subject::Person, |cx, v| {
        let active = bone_drug_active(cx, v, cx.today());
        if active.is_no() {
            return Found::no();
        }
        let Some(last) = last_dental(cx, v, None) else { return Found::missing(Input::DentalCleared) };
        let days = cx.today().since(last);
        let levels = [
            (Severity::Soon, Truth::from(days > 365).and(active)),
            (Severity::Info, Truth::from(days > 183).and(active)),
        ];
        Found::levels(&levels, fires)
    });
}

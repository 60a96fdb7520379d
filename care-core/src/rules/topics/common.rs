//! What several topics ask: is a bone drug active, when was the last dose, how a sign or a role is worded.

use super::super::{eval::Cx, eval::in_range, inputs::Input, truth::Truth, versions::Versions};
use crate::facts::{
    Agent, Answer, BonePlan, BoneStatus, Day, Dose, Entry, LineStatus, Live, MedicineLine, Product, Role, Route,
};

/// Windows of 6.1.9 in days (unverified): how long a dose counts as active.
const DENOSUMAB_60_D: i32 = 213;
const DENOSUMAB_120_D: i32 = 84;
const INTRAVENOUS_D: i32 = 365;
const ORAL_D: i32 = 30;
/// From 100 mg on a dose of denosumab is the one of oncology (120 mg), below it that of osteoporosis (60 mg).
pub(super) const ONCOLOGY_DENOSUMAB_MILLI: i64 = 100_000;

pub(super) fn is_bisphosphonate(agent: Agent) -> bool {
    use Agent::{Alendronate, Clodronate, Ibandronate, Pamidronate, Risedronate, Zoledronate};
    matches!(agent, Zoledronate | Pamidronate | Ibandronate | Alendronate | Risedronate | Clodronate)
}

/// A bone-modifying agent in the sense of 6.1.9.
pub(super) fn is_bma(agent: Agent) -> bool {
    agent == Agent::Denosumab || is_bisphosphonate(agent)
}

/// A yes that is worse than a no: one live "yes" is enough, "unknown" is missing.
pub(super) fn tri(v: &Versions, input: Input, field: &Live<Answer>) -> Truth {
    v.reads(input);
    if field.known().any(|answer| *answer == Answer::Yes) {
        Truth::Yes
    } else if field.has_unknown() || field.known().any(|answer| *answer == Answer::Unknown) {
        Truth::Unknown(input.into())
    } else {
        Truth::No
    }
}

/// Doses that count: not marked as the same dose as another record.
pub(super) fn doses<'a>(cx: &Cx<'a>) -> impl DoubleEndedIterator<Item = &'a Entry<Dose>> + use<'a> {
    in_range(&cx.facts.doses).filter(|dose| !dose.duplicate)
}

/// A dose with its drug and its day.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) dose: &'a Entry<Dose>,
    pub(super) agent: Agent,
    pub(super) mg_milli: Option<i64>,
    pub(super) day: Day,
}

impl Given<'_> {
    fn window_d(&self) -> i32 {
        match self.agent {
            Agent::Denosumab if self.mg_milli.is_some_and(|mg| mg >= ONCOLOGY_DENOSUMAB_MILLI) => DENOSUMAB_120_D,
            Agent::Denosumab => DENOSUMAB_60_D,
            _ if self.dose.oral => ORAL_D,
            _ => INTRAVENOUS_D,
        }
    }

    pub(super) fn name(&self) -> String {
        agent_name(self.agent, self.mg_milli)
    }
}

/// Doses whose drug and day are known, of the drugs that `wanted` names.
pub(super) fn given<'a>(cx: &Cx<'a>, v: &Versions, wanted: impl Fn(Agent) -> bool) -> Vec<Given<'a>> {
    let (agent_input, when_input) = (Input::DoseAgent, Input::DoseWhen);
    doses(cx)
        .filter_map(|dose| {
            let input = if dose.oral { Input::OralAgent } else { agent_input };
            let agent = *v.get(input, &dose.agent)?;
            if !wanted(agent) {
                return None;
            }
            let mg_milli = v.get(Input::DoseAmount, &dose.dose_mg_milli).copied();
            let when = v.get(if dose.oral { Input::OralWhen } else { when_input }, &dose.at)?;
            Some(Given { dose, agent, mg_milli, day: when.day() })
        })
        .collect()
}

/// The newest dose up to a day.
pub(super) fn last_given<'a>(cx: &Cx<'a>, v: &Versions, on: Day, wanted: impl Fn(Agent) -> bool) -> Option<Given<'a>> {
    given(cx, v, wanted).into_iter().filter(|one| one.day <= on).max_by_key(|one| (one.day, one.dose.id))
}

/// bma_active of 6.1.9: a plan is active, or the last dose lies within its window.
pub(super) fn bone_drug_active(cx: &Cx<'_>, v: &Versions, on: Day) -> Truth {
    let planned = cx.facts.bone_plans.iter().map(|plan| {
        let active = v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active);
        active.and(v.any(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent)))
    });
    let dosed = given(cx, v, is_bma).into_iter().map(|one| {
        let ago = on.since(one.day);
        (ago >= 0 && ago <= one.window_d()).into()
    });
    Truth::any(planned.chain(dosed)).or(cx.none_found())
}

/// bma_ever of 6.1.9: any dose, or the profile names one.
pub(super) fn bone_drug_ever(cx: &Cx<'_>, v: &Versions) -> Truth {
    let dosed = Truth::from(!given(cx, v, is_bma).is_empty());
    let past = match &cx.facts.risk {
        Some(risk) => v.has_any(
            Input::BonePast,
            &risk.bone_drugs_past,
            &Agent::ALL.iter().copied().filter(|agent| is_bma(*agent)).collect::<Vec<_>>(),
        ),
        None => {
            v.reads(Input::BonePast);
            Truth::Unknown(Input::BonePast.into())
        }
    };
    dosed.or(past).or(cx.none_found())
}

/// The drug that an alert names: the newest dose, else the plan, else the profile.
pub(super) fn drug_named(cx: &Cx<'_>, v: &Versions, on: Day) -> String {
    if let Some(last) = last_given(cx, v, on, is_bma) {
        return last.name();
    }
    let planned = cx.facts.bone_plans.iter().find_map(|plan| {
        let agent = *v.get(Input::BoneAgent, &plan.agent)?;
        Some(agent_name(agent, v.get(Input::BoneDose, &plan.dose_mg_milli).copied()))
    });
    let past = || {
        let agents = cx.facts.risk.as_ref()?.bone_drugs_past.known.iter().next()?;
        Some(agents.code().to_owned())
    };
    planned.or_else(past).unwrap_or_else(|| "a bone medicine".to_owned())
}

pub(super) fn agent_name(agent: Agent, mg_milli: Option<i64>) -> String {
    match mg_milli {
        Some(mg) => format!("{} {} mg", agent.code(), decimal(mg, 3, 0)),
        None => agent.code().to_owned(),
    }
}

/// Codes as words.
pub(super) fn words<T: std::fmt::Display>(codes: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = codes.into_iter().map(|code| code.to_string().replace('_', " ")).collect();
    words.join(", ")
}

pub(super) fn role_word(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Patient) => "the patient",
        Some(Role::Caregiver) => "a caregiver",
        Some(Role::Dietitian) => "the dietitian",
        Some(Role::Physiotherapist) => "the physiotherapist",
        Some(Role::Physician) => "a physician",
        Some(Role::Nurse) => "a nurse",
        Some(Role::Admin) => "the clinic",
        None => "a member",
    }
}

/// A scaled integer in decimals, with at least so many of them.
pub(super) fn decimal(value: i64, scale: u32, least: usize) -> String {
    let unit = 10_i64.pow(scale);
    let whole = value.unsigned_abs() / unit.unsigned_abs();
    let part = format!("{:0width$}", value.unsigned_abs() % unit.unsigned_abs(), width = scale as usize);
    let kept = part.trim_end_matches('0').len().max(least).min(part.len());
    let sign = if value < 0 { "-" } else { "" };
    match part.get(..kept).filter(|part| !part.is_empty()) {
        Some(part) => format!("{sign}{whole}.{part}"),
        None => format!("{sign}{whole}"),
    }
}

/// The newest weight up to a day.
pub(super) fn newest_weight_g(cx: &Cx<'_>, v: &Versions, on: Day) -> Option<i64> {
    let weighed = in_range(&cx.facts.weights).filter_map(|entry| {
        let at = *v.get(Input::EffectiveStart, &entry.at)?;
        let weight = *v.get(Input::Weight, &entry.weight_g)?;
        (at.day() <= on).then_some((at, weight))
    });
    weighed.max().map(|(_, weight)| weight)
}

/// A dose is planned: for which day.
pub(super) fn planned(v: &Versions, plan: &BonePlan) -> Option<Day> {
    let stopped = v.get(Input::BoneStatus, &plan.status) == Some(&BoneStatus::Stopped);
    v.get(Input::BonePlannedNext, &plan.planned_next).copied().filter(|_| !stopped)
}

/// By mouth or not: the route, else what is usual for the drug.
pub(super) fn is_oral(v: &Versions, plan: &BonePlan) -> bool {
    match (v.get(Input::BoneRoute, &plan.route), v.get(Input::BoneAgent, &plan.agent)) {
        (Some(route), _) => *route == Route::Oral,
        (None, Some(agent)) => matches!(agent, Agent::Alendronate | Agent::Risedronate | Agent::Clodronate),
        (None, None) => false,
    }
}

/// A bisphosphonate by infusion.
pub(super) fn is_infusion(v: &Versions, plan: &BonePlan) -> Truth {
    v.test(Input::BoneAgent, &plan.agent, |agent| is_bisphosphonate(*agent)).and((!is_oral(v, plan)).into())
}

/// The drug of a plan as shown.
pub(super) fn plan_name(v: &Versions, plan: &BonePlan) -> String {
    match v.get(Input::BoneAgent, &plan.agent) {
        Some(agent) => agent_name(*agent, v.get(Input::BoneDose, &plan.dose_mg_milli).copied()),
        None => "the bone medicine".to_owned(),
    }
}

/// Denosumab in the dose of oncology.
pub(super) fn is_oncology_denosumab(v: &Versions, plan: &BonePlan) -> bool {
    v.get(Input::BoneDose, &plan.dose_mg_milli).is_some_and(|mg| *mg >= ONCOLOGY_DENOSUMAB_MILLI)
}

/// Bone metastases are recorded.
pub(super) fn bone_metastasis(cx: &Cx<'_>, v: &Versions) -> Truth {
    v.reads(Input::LesionExists);
    Truth::from(!cx.facts.lesions.is_empty()).or(cx.none_found())
}

/// Osteoporosis is recorded.
pub(super) fn osteoporosis(cx: &Cx<'_>, v: &Versions) -> Truth {
    match &cx.facts.risk {
        Some(risk) => tri(v, Input::Osteoporosis, &risk.osteoporosis),
        None => {
            v.reads(Input::Osteoporosis);
            Truth::Unknown(Input::Osteoporosis.into())
        }
    }
}

/// An active medicine line of one of these kinds.
pub(super) fn medicine_active(v: &Versions, line: &MedicineLine, kinds: &[Product]) -> Truth {
    v.test(Input::MedicineStatus, &line.status, |status| *status == LineStatus::Active).and(v.has_any(
        Input::MedicineKinds,
        &line.kinds,
        kinds,
    ))
}

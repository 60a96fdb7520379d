//! What targets ask of a person, out of merged records that one reader may see. What is not among them is missing.

use std::collections::BTreeSet;

use osteon_proto::table::table;
use osteon_sync_core::RecordId;

use super::condition::{self, Because};
use crate::{
    assess::calcium::adjusted_calcium,
    exact::Exact,
    facts::{
        Agent, Analyte, Answer, BonePlan, BoneStatus, Day, Entry, Facts, Id, Instant, Lab, LineStatus, Live, Product,
        Route, Sex,
        gather::{Gathered, Merged},
    },
    rules::{self, RuleSet, Settings},
};

/// Types of the contracts, by name, that a person is made from.
pub const NAMES: [&str; 8] = ["P-RISK", "P-BONE", "P-TX", "P-LES", "P-SUP", "P-MED", "J08", "J20"];
/// How old a calcium may be and still say what it is now: as old as before a dose.
const CALCIUM_MAX_AGE: &str = "calcium_before_dose_d";

/// What a clinic has set that targets ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Ten-thousandths of mmol/L, where the report has none.
    pub calcium_high: i64,
    pub calcium_max_age_d: i64,
}

impl Limits {
    pub fn of(set: &RuleSet, settings: &Settings) -> Self {
        let calcium_high = settings.calcium_high.unwrap_or(rules::CALCIUM_HIGH);
        Self { calcium_high, calcium_max_age_d: settings.threshold(set, CALCIUM_MAX_AGE) }
    }
}

/// The plan of a bone drug, as far as targets ask.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drug {
    pub id: Id,
    pub agent: Live<Agent>,
    pub dose_mg_milli: Live<i64>,
    pub status: Live<BoneStatus>,
}

/// The newest weight.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Weighed {
    pub id: Id,
    pub day: Day,
    pub weight_g: Live<i64>,
}

/// The newest adjusted calcium, if it is new enough.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calcium {
    pub id: Id,
    /// Above the upper limit.
    pub high: Live<bool>,
    /// "calcium 2.41 mmol/L of 2026-11-20".
    pub says: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    /// Record of the risk profile.
    pub risk: Option<RecordId>,
    /// Completed years.
    pub ages: Live<i32>,
    pub sex: Live<Sex>,
    pub kidney_disease: Live<Answer>,
    pub heart_failure: Live<Answer>,
    pub dialysis: Live<Answer>,
    /// What says that there is a cancer, and lesions of bone.
    pub cancer: Vec<Because>,
    pub lesions: Vec<Because>,
    pub drugs: Vec<Drug>,
    /// What stands on the plans and was not stopped, with its line.
    pub products: BTreeSet<(Product, Id)>,
    pub weight: Option<Weighed>,
    pub calcium: Option<Calcium>,
}

impl Person {
    /// Numbers of the record types that [`Person::of`] reads.
    pub fn types() -> Vec<u32> {
        NAMES.iter().filter_map(|name| table().by_name(name)).map(|known| known.number).collect()
    }

    /// From merged parts in any order, as the person is on a day. `offset_min`: of the person's clock from UTC, for times that
    /// carry none.
    pub fn of(merged: &[Merged<'_>], on: Day, offset_min: i32, limits: &Limits) -> Self {
        let mut gathered = Gathered::new(offset_min);
        gathered.put(merged.iter().copied());
        Self::of_facts(gathered.facts(), on, limits)
    }

    pub fn of_facts(facts: &Facts, on: Day, limits: &Limits) -> Self {
        let mut person = Self {
            cancer: cancer(facts),
            lesions: facts.lesions.iter().map(|lesion| lesion_of(lesion.id)).collect(),
            drugs: facts.bone_plans.iter().map(drug).collect(),
            products: products(facts),
            weight: weight(facts, on),
            calcium: calcium(facts, on, limits),
            ..Self::default()
        };
        if let Some(risk) = &facts.risk {
            person.risk = Some(risk.id.0);
            person.ages = age(&risk.birth, on);
            person.sex = risk.sex.clone();
            person.kidney_disease = risk.kidney_disease.clone();
            person.heart_failure = risk.heart_failure.clone();
            person.dialysis = risk.dialysis.clone();
        }
        person
    }
}

fn age(birth: &Live<Day>, on: Day) -> Live<i32> {
    // Born after that day: an error, which says nothing.
    let years = birth.known().map(|birth| Some(on.age(*birth)).filter(|age| *age >= 0));
    let unknown = (birth.has_unknown() && !birth.is_missing()).then_some(None);
    Live::of(years.chain(unknown).collect::<Vec<_>>())
}

fn cancer(facts: &Facts) -> Vec<Because> {
    let named = facts.risk.iter().filter(|risk| risk.primary_cancer.known().next().is_some()).map(|risk| Because {
        input: condition::CANCER,
        says: "a cancer is on record".to_owned(),
        record: Some(risk.id.0),
    });
    let treated = facts.treatments.iter().map(|course| Because {
        input: "P-TX.kind",
        says: "a cancer treatment is on record".to_owned(),
        record: Some(course.id.0),
    });
    named.chain(treated).chain(facts.lesions.iter().map(|lesion| lesion_of(lesion.id))).collect()
}

fn lesion_of(id: Id) -> Because {
    Because { input: condition::LESION, says: "a bone lesion is on record".to_owned(), record: Some(id.0) }
}

fn drug(plan: &BonePlan) -> Drug {
    let (agent, dose_mg_milli) = (plan.agent.clone(), plan.dose_mg_milli.clone());
    Drug { id: plan.id, agent, dose_mg_milli, status: plan.status.clone() }
}

/// Of lines that are not stopped in every live version.
fn products(facts: &Facts) -> BTreeSet<(Product, Id)> {
    let stays =
        |status: &Live<LineStatus>| status.is_missing() || status.known().any(|one| *one != LineStatus::Stopped);
    let mut found = BTreeSet::new();
    for line in facts.supplements.iter().filter(|line| stays(&line.status)) {
        let named = line.product.known().filter_map(|code| Product::from_code(code));
        found.extend(line.kinds.known.iter().copied().chain(named).map(|product| (product, line.id)));
    }
    for line in facts.medicines.iter().filter(|line| stays(&line.status)) {
        let named = line.code.known().filter_map(|code| Product::from_code(code));
        found.extend(line.kinds.known.iter().copied().chain(named).map(|product| (product, line.id)));
    }
    for plan in facts.bone_plans.iter().filter(|plan| plan.status.known().any(|one| *one != BoneStatus::Stopped)) {
        found.extend(oral(plan).map(|product| (product, plan.id)));
    }
    found
}

/// The product of a bone drug that is swallowed: by its route, else as is usual for it.
fn oral(plan: &BonePlan) -> Option<Product> {
    let by_mouth = plan.route.known().any(|route| *route == Route::Oral);
    plan.agent.known().find_map(|agent| match agent {
        Agent::Alendronate | Agent::Risedronate | Agent::Clodronate if by_mouth || plan.route.is_missing() => {
            Some(Product::OralBisphosphonate)
        }
        Agent::Ibandronate if by_mouth => Some(Product::OralIbandronate),
        _ => None,
    })
}

fn in_range<T>(entries: &[Entry<T>]) -> impl Iterator<Item = &Entry<T>> {
    entries.iter().filter(|entry| !entry.out_of_range)
}

/// The latest that an entry may have happened; of several versions of its time the latest counts.
fn latest<T>(entry: &Entry<T>) -> Option<Instant> {
    entry.at.known().max().copied()
}

/// Up to and with that day, by the clock of whoever weighed.
fn weight(facts: &Facts, on: Day) -> Option<Weighed> {
    let weighed = in_range(&facts.weights).filter(|entry| entry.weight_g.known().next().is_some());
    let dated = weighed.filter_map(|entry| Some((latest(entry).filter(|at| at.day() <= on)?, entry)));
    let (at, entry) = dated.max_by_key(|(at, entry)| (at.ms, entry.id))?;
    Some(Weighed { id: entry.id, day: at.day(), weight_g: entry.weight_g.clone() })
}

/// When, the result, its live values.
type Reading<'a> = (Instant, &'a Entry<Lab>, Vec<Option<i64>>);

/// The laboratory's own adjusted value, else total calcium with the albumin of the same day (A17).
fn calcium(facts: &Facts, on: Day, limits: &Limits) -> Option<Calcium> {
    let of = |wanted: Analyte| {
        let labs = in_range(&facts.labs).filter(|lab| !lab.superseded);
        let labs = labs.filter(move |lab| lab.analyte.known().any(|analyte| *analyte == wanted));
        labs.filter_map(|lab| Some((latest(lab)?, lab)))
    };
    let is_new = |at: &Instant| {
        let days = i64::from(on.since(at.day()));
        (0..=limits.calcium_max_age_d).contains(&days)
    };
    let mut all: Vec<Reading<'_>> = of(Analyte::CalciumAdjusted).map(|(at, lab)| (at, lab, live(&lab.value))).collect();
    for (at, total) in of(Analyte::CalciumTotal) {
        if all.iter().any(|(own, ..)| own.day() == at.day()) {
            continue;
        }
        let albumin =
            of(Analyte::Albumin).filter(|(other, _)| other.day() == at.day()).max_by_key(|(other, _)| other.ms);
        let Some((_, albumin)) = albumin else { continue };
        let albumins = live(&albumin.value);
        let both = live(&total.value).into_iter().flat_map(|total| {
            albumins
                .iter()
                .map(move |albumin| total.zip(*albumin).and_then(|(total, albumin)| adjusted(total, albumin)))
        });
        all.push((at, total, both.collect()));
    }
    let (at, lab, values) = all.into_iter().filter(|(at, ..)| is_new(at)).max_by_key(|(at, lab, _)| (at.ms, lab.id))?;
    let mut highs: Vec<i64> = lab.high.known().copied().collect();
    if highs.is_empty() {
        highs.push(limits.calcium_high);
    }
    let high = values.iter().flat_map(|value| highs.iter().map(move |high| value.map(|value| value > *high)));
    let high: Live<bool> = Live::of(high.collect::<Vec<_>>());
    let shown: Vec<String> =
        values.iter().flatten().filter_map(|value| Some(Exact::scaled(*value, 4)?.to_string())).collect();
    let shown =
        if shown.is_empty() { "that cannot be read".to_owned() } else { format!("{} mmol/L", shown.join(" or ")) };
    let says = format!("calcium {shown} of {}", at.day());
    Some(Calcium { id: lab.id, high, says })
}

/// Live versions; one that says nothing among them.
fn live(field: &Live<i64>) -> Vec<Option<i64>> {
    let unknown = field.has_unknown().then_some(None);
    field.known().copied().map(Some).chain(unknown).collect()
}

/// Ten-thousandths.
fn adjusted(calcium: i64, albumin: i64) -> Option<i64> {
    let value = adjusted_calcium(Exact::scaled(calcium, 4), Exact::scaled(albumin, 4)).exact()?;
    i64::try_from(value.rounded(4)?).ok()
}

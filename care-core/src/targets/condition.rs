//! Whom a value is for, asked of what is known of a person. Three-valued over every live version of a disputed input.

use std::collections::BTreeSet;

use osteon_sync_core::RecordId;

use super::person::Person;
use crate::facts::{Agent, Answer, BoneStatus, Live, Product, Sex};

/// One condition of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Completed years, both inclusive; no `to`: and older.
    Age {
        from: i32,
        to: Option<i32>,
    },
    Sex(Sex),
    /// The person is on this drug: its plan is active or held. Its dose lies in this range of thousandths of a milligram, both
    /// inclusive: reduced doses belong to the product that they are doses of.
    Drug {
        agent: Agent,
        from_milli: i64,
        to_milli: i64,
        name: &'static str,
    },
    /// A cancer is on record.
    Cancer,
    /// A bone lesion is on record.
    BoneMetastases,
    /// Something of the first list is taken, or planned.
    Takes {
        any: &'static [Product],
        what: &'static str,
        input: &'static str,
    },
    /// A limit: not with a high calcium.
    CalciumNotHigh,
    /// A limit: not with heart failure or a kidney disease.
    NoHeartOrKidneyLimit,
    /// A limit: not in severe kidney disease.
    NoSevereKidneyDisease,
    /// A person judges whether it is so.
    Judged(&'static str),
}

/// What a condition was read from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Because {
    /// "P-RISK.birth_date".
    pub input: &'static str,
    /// "aged 67".
    pub says: String,
    pub record: Option<RecordId>,
}

/// How it stands with a condition over all live versions: several may be set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Met {
    pub yes: bool,
    pub no: bool,
    /// Inputs without which it cannot be told.
    pub missing: BTreeSet<&'static str>,
    pub because: BTreeSet<Because>,
}

impl Met {
    pub fn certainly_not(&self) -> bool {
        self.no && !self.yes && self.missing.is_empty()
    }

    /// Versions differ, or one of them says nothing.
    pub fn unsure(&self) -> bool {
        self.yes && (self.no || !self.missing.is_empty())
    }

    fn live<T>(field: &Live<T>, input: &'static str, is: impl Fn(&T) -> bool) -> Self {
        let mut met = Self { yes: field.known().any(&is), no: !field.known().all(&is), ..Self::default() };
        if field.has_unknown() {
            met.missing.insert(input);
        }
        met
    }

    fn because(mut self, input: &'static str, says: impl Into<String>, record: Option<RecordId>) -> Self {
        self.because.insert(Because { input, says: says.into(), record });
        self
    }

    /// All of them.
    fn and(mut self, other: Self) -> Self {
        let certainly_not = self.certainly_not() || other.certainly_not();
        let unclear = self.missing.iter().chain(&other.missing).copied().collect();
        self.because.extend(other.because);
        let (yes, no) = (self.yes && other.yes, self.no || other.no);
        let missing = if certainly_not { BTreeSet::new() } else { unclear };
        Self { yes: yes && !certainly_not, no, missing, because: self.because }
    }
}

pub(super) const BIRTH: &str = "P-RISK.birth_date";
pub(super) const SEX: &str = "P-RISK.sex_for_reference";
pub(super) const KIDNEY: &str = "P-RISK.kidney_disease";
pub(super) const HEART: &str = "P-RISK.heart_failure";
pub(super) const DIALYSIS: &str = "P-RISK.dialysis";
pub(super) const HOW_SEVERE: &str = "severity of P-RISK.kidney_disease";
pub(super) const CANCER: &str = "P-RISK.primary_cancer";
pub(super) const LESION: &str = "P-LES.site";
pub(super) const AGENT: &str = "P-BONE.agent";
pub(super) const DOSE: &str = "P-BONE.dose";
pub(super) const STATUS: &str = "P-BONE.status";
pub(super) const CALCIUM: &str = "J20.value of adjusted calcium";
pub(super) const WEIGHT: &str = "J08.weight";

impl Condition {
    /// A limit that excludes is said; any other condition that is not met leaves the target out.
    pub fn is_limit(self) -> bool {
        matches!(self, Self::CalciumNotHigh | Self::NoHeartOrKidneyLimit | Self::NoSevereKidneyDisease)
    }

    pub fn of(self, person: &Person) -> Met {
        let risk = person.risk;
        match self {
            Self::Age { from, to } => {
                let is = |age: &i32| *age >= from && to.is_none_or(|to| *age <= to);
                let met = Met::live(&person.ages, BIRTH, is);
                person.ages.known().fold(met, |met, age| met.because(BIRTH, format!("aged {age}"), risk))
            }
            Self::Sex(sex) => {
                let met = Met::live(&person.sex, SEX, |one| *one == sex);
                person.sex.known().fold(met, |met, sex| met.because(SEX, sex_word(*sex), risk))
            }
            Self::Drug { agent, from_milli, to_milli, name } => drug(person, agent, (from_milli, to_milli), name),
            Self::Cancer => recorded(&person.cancer, CANCER),
            Self::BoneMetastases => recorded(&person.lesions, LESION),
            Self::Takes { any, what, input } => takes(person, any, what, input),
            Self::CalciumNotHigh => calcium(person),
            Self::NoHeartOrKidneyLimit => {
                let heart = limit(&person.heart_failure, HEART, "heart failure", risk);
                let kidney = limit(&person.kidney_disease, KIDNEY, "kidney disease", risk);
                any_limit(any_limit(heart, kidney), on_dialysis(person))
            }
            Self::NoSevereKidneyDisease => severe_kidney(person),
            Self::Judged(_) => Met { yes: true, ..Met::default() },
        }
    }
}

pub(super) fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "a woman",
        Sex::Male => "a man",
    }
}

/// On record, or not known: that nobody wrote it down does not say that it is not so.
fn recorded(found: &[Because], input: &'static str) -> Met {
    if found.is_empty() {
        return Met { missing: BTreeSet::from([input]), ..Met::default() };
    }
    Met { yes: true, because: found.iter().cloned().collect(), ..Met::default() }
}

fn drug(person: &Person, agent: Agent, (from, to): (i64, i64), name: &str) -> Met {
    let mut all = Met::default();
    for plan in &person.drugs {
        let given = |status: &BoneStatus| matches!(status, BoneStatus::Active | BoneStatus::Held);
        let met = Met::live(&plan.agent, AGENT, |one| *one == agent)
            .and(Met::live(&plan.dose_mg_milli, DOSE, |dose| (from..=to).contains(dose)))
            .and(Met::live(&plan.status, STATUS, given));
        all.yes |= met.yes;
        all.no |= met.no;
        all.missing.extend(&met.missing);
        if met.yes {
            all = all.because(AGENT, format!("on {name}"), Some(plan.id.0));
        }
        if met.yes && !met.unsure() {
            // One plan is enough, whatever the others are of.
            return Met { no: false, missing: BTreeSet::new(), ..all };
        }
    }
    if person.drugs.is_empty() {
        all.missing.insert(AGENT);
    }
    all
}

fn takes(person: &Person, any: &[Product], what: &'static str, input: &'static str) -> Met {
    let lines = person.products.iter().filter(|(product, _)| any.contains(product));
    let because: BTreeSet<Because> = lines
        .map(|(_, line)| Because { input, says: format!("{what} is on the plan"), record: Some(line.0) })
        .collect();
    if because.is_empty() {
        return Met { missing: BTreeSet::from([input]), ..Met::default() };
    }
    Met { yes: true, because, ..Met::default() }
}

fn calcium(person: &Person) -> Met {
    let Some(calcium) = &person.calcium else {
        return Met { missing: BTreeSet::from([CALCIUM]), ..Met::default() };
    };
    let met = Met::live(&calcium.high, CALCIUM, |high| !*high);
    met.because(CALCIUM, calcium.says.clone(), Some(calcium.id.0))
}

/// Yes: nothing stands against it.
fn limit(field: &Live<Answer>, input: &'static str, what: &str, record: Option<RecordId>) -> Met {
    let mut met = Met {
        yes: field.known().any(|answer| *answer == Answer::No),
        no: field.known().any(|answer| *answer == Answer::Yes),
        ..Met::default()
    };
    if field.has_unknown() || field.known().any(|answer| *answer == Answer::Unknown) {
        met.missing.insert(input);
    }
    if met.no {
        return met.because(input, what, record);
    }
    if met.yes { met.because(input, format!("no {what}"), record) } else { met }
}

/// One limit is enough.
fn any_limit(one: Met, other: Met) -> Met {
    let no = one.no || other.no;
    let yes = one.yes && other.yes;
    let missing = one.missing.union(&other.missing).copied().collect();
    let because = one.because.union(&other.because).cloned().collect();
    Met { yes, no, missing, because }
}

/// Only a yes counts: whoever has no kidney disease is not asked about dialysis.
fn on_dialysis(person: &Person) -> Met {
    let yes = person.dialysis.known().any(|answer| *answer == Answer::Yes);
    let met = Met { yes: true, no: yes, ..Met::default() };
    if yes { met.because(DIALYSIS, "on dialysis", person.risk) } else { met }
}

fn severe_kidney(person: &Person) -> Met {
    let dialysis = on_dialysis(person);
    if dialysis.no {
        return dialysis;
    }
    let mut met = limit(&person.kidney_disease, KIDNEY, "kidney disease", person.risk);
    if met.no {
        // The profile does not say how severe it is, and a guess would not be one of a physician.
        met.missing.insert(HOW_SEVERE);
        met.no = false;
    }
    met
}

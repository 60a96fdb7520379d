//! Targets in English, for a person who does not know the codes.

use std::collections::BTreeSet;

use osteon_proto::meta::SourceState;

use super::{
    Condition, Fit, Kind, Offer, PerDay, PlanValue, Target, Topic,
    amount::unit_words,
    condition::{
        AGENT, BIRTH, CALCIUM, CANCER, DOSE, HEART, HOW_SEVERE, KIDNEY, LESION, SEX, STATUS, WEIGHT, sex_word,
    },
};
use crate::{
    exact::{Exact, decimal_text},
    source::Source,
};

impl Topic {
    pub fn title(self) -> &'static str {
        match self {
            Self::Calcium => "Calcium",
            Self::VitaminD => "Vitamin D",
            Self::Magnesium => "Magnesium",
            Self::Phosphorus => "Phosphorus",
            Self::VitaminK => "Vitamin K",
            Self::Protein => "Protein",
            Self::Energy => "Energy",
            Self::Micronutrients => "Other vitamins and minerals",
            Self::Water => "Water and drinks",
            Self::Activity => "Movement",
            Self::Habits => "Smoking and alcohol",
            Self::Dxa => "Bone density scan",
            Self::BoneDrug => "Bone medicine",
            Self::Dental => "Dentist",
            Self::Separation => "Kept apart",
        }
    }
}

impl Kind {
    /// What stands before the number. Empty: the number is what is aimed at.
    pub fn word(self) -> &'static str {
        match self {
            Self::UpperLimit | Self::SupplementLimit => "upper limit",
            Self::Portion => "one dose",
            Self::Deficient => "too little",
            Self::Sufficient => "enough",
            Self::TooHigh => "too much",
            Self::TotalWater => "water in all",
            Self::Drinks => "drinks",
            Self::Interval => "every",
            _ => "",
        }
    }
}

impl Target {
    /// "at least 500 mg a day, with the drug, unless calcium is high".
    pub fn words(&self) -> String {
        let amount = self.amount.map(|amount| amount.words()).unwrap_or_default();
        let said = match self.kind {
            _ if self.kind.word().is_empty() || amount.is_empty() => amount,
            Kind::Interval => format!("{} {amount}", self.kind.word()),
            _ => format!("{}: {amount}", self.kind.word()),
        };
        match (said.is_empty(), self.note.is_empty()) {
            (false, true) => said,
            (false, false) => format!("{said}, {}", self.note),
            (true, _) => self.note.to_owned(),
        }
    }

    /// Whom it is for: "women; aged 51 to 70". Empty: everybody.
    pub fn whom(&self) -> String {
        self.who.iter().map(|who| who.words()).collect::<Vec<_>>().join("; ")
    }

    /// "ASCO19 (verified)".
    pub fn sourced(&self) -> String {
        self.sources.iter().map(sourced).collect::<Vec<_>>().join(", ")
    }
}

fn sourced(source: &Source) -> String {
    format!("{} ({})", source.key, state_words(source.state))
}

pub(super) fn state_words(state: SourceState) -> &'static str {
    match state {
        SourceState::Verified => "verified",
        SourceState::Secondary => "seen in a secondary text",
        SourceState::Unverified | SourceState::Unspecified => "not verified",
    }
}

impl Condition {
    pub fn words(&self) -> String {
        match self {
            Self::Age { from, to: Some(to) } => format!("aged {from} to {to}"),
            Self::Age { from, to: None } => format!("aged {from} and over"),
            Self::Sex(sex) => sex_word(*sex).to_owned(),
            Self::Drug { name, .. } => format!("on {name}"),
            Self::Cancer => "with a cancer".to_owned(),
            Self::BoneMetastases => "with bone metastases".to_owned(),
            Self::Takes { what, .. } => format!("taking {what}"),
            Self::CalciumNotHigh => "not with a high calcium".to_owned(),
            Self::NoHeartOrKidneyLimit => "not with heart failure or a kidney disease".to_owned(),
            Self::NoSevereKidneyDisease => "not in severe kidney disease".to_owned(),
            Self::Judged(what) => format!("if {what} (a person judges)"),
        }
    }
}

/// An input that is missing, in words: "date of birth".
pub fn missing_words(input: &str) -> String {
    let known = match input {
        BIRTH => "date of birth",
        SEX => "sex for reference values",
        KIDNEY => "whether there is a kidney disease",
        HEART => "whether there is heart failure",
        HOW_SEVERE => "how severe the kidney disease is",
        CANCER => "which cancer",
        LESION => "bone lesions",
        AGENT => "which bone medicine",
        DOSE => "the dose of the bone medicine",
        STATUS => "whether the bone medicine is being given",
        CALCIUM => "a recent calcium result",
        WEIGHT => "weight",
        // "P-SUP.product of calcium".
        other => {
            return other
                .split_once(" of ")
                .map_or_else(|| other.to_owned(), |(_, what)| format!("whether {what} is taken"));
        }
    };
    known.to_owned()
}

impl Offer {
    /// "cannot tell (missing date of birth)". Empty: it applies.
    pub fn standing(&self) -> String {
        match self.fit {
            Fit::Applies => String::new(),
            Fit::CannotTell => {
                let missing: Vec<String> = self.missing.iter().map(|input| missing_words(input)).collect();
                format!("cannot tell (missing {})", missing.join(", "))
            }
            Fit::NotForThisPerson => {
                let because: BTreeSet<&str> = self.because.iter().map(|one| one.says.as_str()).collect();
                let because: Vec<&str> = because.into_iter().collect();
                format!("not for this person ({})", because.join(", "))
            }
        }
    }

    /// What the values for each kilogram come to, or what that is missing. Empty: nothing is counted so.
    pub fn per_day_words(&self) -> Vec<String> {
        match self.per_day_missing {
            Some(input) => vec![format!("for a day: cannot tell (missing {})", missing_words(input))],
            None => self.per_day.iter().map(PerDay::words).collect(),
        }
    }
}

impl PerDay {
    /// "more than 62.4 to 93.6 g a day, at 62.4 kg of 2026-11-20".
    pub fn words(&self) -> String {
        const PLACES: u32 = 3;
        let kg = Exact::scaled(self.weight_g, PLACES).map_or_else(String::new, |kg| kg.to_string());
        format!("{}, at {kg} kg of {}", self.amount.words(), self.weighed)
    }
}

impl PlanValue {
    /// "to aim at: 1000 mg a day", "denosumab, every: 28 days".
    pub fn words(&self) -> String {
        let one = |value: &Option<i64>| match value {
            Some(value) => decimal_text(i128::from(*value), self.scale),
            None => "nothing".to_owned(),
        };
        let unit = unit_words(self.unit, self.in_force == Some(1) && self.scale == 0);
        let what = match self.subject.as_str() {
            "" => self.word.to_owned(),
            subject => format!("{}, {}", subject.replace('_', " "), self.word),
        };
        let said = match self.live.as_slice() {
            [value] => format!("{} {unit}", one(value)),
            many => {
                let all: Vec<String> = many.iter().map(one).collect();
                let force = match &self.in_force {
                    Some(_) => format!("in force until people agree: {}", one(&self.in_force)),
                    None => "nothing is in force until people agree".to_owned(),
                };
                format!("{} {unit}, in dispute; {force}", all.join(" or "))
            }
        };
        let state = match self.active {
            Some(false) => " (the plan is not in force)",
            _ => "",
        };
        format!("{what}: {said}{state}")
    }
}

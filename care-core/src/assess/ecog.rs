//! A19, ECOG performance status: how much of a day somebody manages. Grade 5 (dead) is not offered.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

words! {
    /// What somebody manages, in the order of the grades 0 to 4.
    Performance {
        FullyActive = "fully_active", "grade 0: fully active";
        Restricted = "restricted_strenuous", "grade 1: no heavy work; walks, does light work and housework";
        SelfCare = "ambulatory_self_care", "grade 2: cares for self, cannot work, up more than half of the waking hours";
        LimitedSelfCare = "limited_self_care", "grade 3: some self-care, in bed or chair more than half of the waking hours";
        Disabled = "completely_disabled", "grade 4: no self-care, in bed or chair all day";
    }
}

words! {
    EcogChange {
        Rise = "rise", "worse by a grade or more within 28 days: a nurse is told";
        NoRise = "no_rise", "not worse, or not within 28 days";
    }
}

pub static ECOG: Assessment = Assessment {
    id: "A19",
    name: "ECOG performance status",
    source: Source {
        key: "Oken 1982",
        state: SourceState::Verified,
        version: 1,
        caution: "What a patient says of themselves is stored as such. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[("performance", "what the person manages")],
    bands: Performance::TABLE,
    score: "grade 0–4",
    licence: "",
};

pub static ECOG_CHANGE: Assessment = Assessment {
    id: "A19",
    name: "ECOG: change",
    source: Source {
        key: "Oken 1982",
        state: SourceState::Verified,
        version: 1,
        caution: "What a patient says of themselves is stored as such. Not a diagnosis.",
    },
    parts: &[Part { what: "a rise of 1 within 28 days", key: "design", state: SourceState::Unverified }],
    inputs: &[("before", "grade 0–4"), ("now", "grade 0–4"), ("days", "between the two")],
    bands: EcogChange::TABLE,
    score: "grades worse",
    licence: "",
};

pub fn ecog(performance: Option<Performance>) -> Assessed<Performance> {
    let mut given = Given::new(&ECOG);
    let Some(performance) = given.word("performance", performance) else { return given.cannot_tell() };
    let grade = match performance {
        Performance::FullyActive => 0,
        Performance::Restricted => 1,
        Performance::SelfCare => 2,
        Performance::LimitedSelfCare => 3,
        Performance::Disabled => 4,
    };
    given.tell_points(grade, performance)
}

/// `days` from the earlier grade to the later.
pub fn ecog_change(before: Option<i64>, now: Option<i64>, days: Option<i64>) -> Assessed<EcogChange> {
    let mut given = Given::new(&ECOG_CHANGE);
    let before = given.whole("before", before, 0, 4);
    let now = given.whole("now", now, 0, 4);
    let days = given.whole("days", days, 0, i64::MAX);
    let (Some(before), Some(now), Some(days)) = (before, now, days) else { return given.cannot_tell() };
    let worse = now - before;
    given.tell_points(worse, if worse >= 1 && days <= 28 { EcogChange::Rise } else { EcogChange::NoRise })
}

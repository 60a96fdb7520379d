//! A22, how late a dose of denosumab is, and what that means. Missing one is dangerous: bone is lost fast.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Score, Word, words};
use crate::{exact::Exact, facts::Day, source::Source};

/// 60 mg: every six months.
pub const INTERVAL_60_MG_DAYS: i64 = 182;

words! {
    Denosumab {
        Mg60 = "60_mg", "60 mg every 182 days (osteoporosis)";
        Mg120 = "120_mg", "120 mg at the ordered interval (metastases)";
    }
}

words! {
    Lateness {
        NotLate = "not_late", "due today or later";
        Soon = "soon", "60 mg: 1–28 days late; 120 mg: 1–14";
        Urgent = "urgent", "60 mg: 29–112 days late; 120 mg: more than 14";
        UrgentLongDelay = "urgent_long_delay", "60 mg: more than 112 days (16 weeks) late";
    }
}

pub static LATENESS: Assessment = Assessment {
    id: "A22",
    name: "Denosumab lateness",
    source: Source {
        key: "LYU20",
        state: SourceState::Verified,
        version: 1,
        caution: "Counts from the last dose that is known. Decision support, not an order.",
    },
    parts: &[Part { what: "cuts of 120 mg", key: "design", state: SourceState::Unverified }],
    inputs: &[
        ("last", "day of the last dose"),
        ("today", "in the person's time zone"),
        ("dose", "60 mg, 120 mg"),
        ("interval", "ordered interval in days (120 mg)"),
    ],
    bands: Lateness::TABLE,
    score: "today − last − interval, days; below zero: not yet due",
    licence: "",
};

/// None: not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LatenessInputs {
    pub last: Option<Day>,
    pub today: Option<Day>,
    pub dose: Option<Denosumab>,
    /// Days. Not asked for 60 mg: its interval is fixed.
    pub interval: Option<i64>,
}

pub fn denosumab_lateness(inputs: &LatenessInputs) -> Assessed<Lateness> {
    let mut given = Given::new(&LATENESS);
    let last = given.day("last", inputs.last);
    let today = given.day("today", inputs.today);
    let dose = given.word("dose", inputs.dose);
    let interval = match dose {
        Some(Denosumab::Mg60) => Some(INTERVAL_60_MG_DAYS),
        _ => given.whole("interval", inputs.interval, 1, 3_660),
    };
    let (Some(last), Some(today), Some(dose), Some(interval)) = (last, today, dose, interval) else {
        return given.cannot_tell();
    };
    let days = i64::from(today.since(last)) - interval;
    let band = match (dose, days) {
        (_, ..=0) => Lateness::NotLate,
        (Denosumab::Mg60, 1..=28) | (Denosumab::Mg120, 1..=14) => Lateness::Soon,
        (Denosumab::Mg60, 113..) => Lateness::UrgentLongDelay,
        _ => Lateness::Urgent,
    };
    given.tell(Score::of(Exact::whole(days), 0), Some(band))
}

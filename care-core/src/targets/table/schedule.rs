//! T8 to T10: how often a scan, a dose, a dentist.

use super::{
    Amount, Condition, DENOSUMAB_60, DENOSUMAB_120, Kind, PAMIDRONATE_90, Source, Target, Topic, ZOLEDRONATE_4, of,
    verified, whole,
};

const ASCO19: &[Source] = &[verified("ASCO19")];
const ASCO17: &[Source] = &[verified("ASCO17")];
const PROLIA: &[Source] = &[verified("PROLIA")];
const DENTAL: &[Source] = &[verified("MASCC19"), verified("ASCO17")];

const BREAST: Condition = Condition::Judged("metastatic breast cancer");

const fn every(value: i64, unit: &'static str) -> Option<Amount> {
    Some(Amount::exactly(whole(value), unit))
}

const THREE_TO_FOUR_WEEKS: Option<Amount> = Some(Amount::between(whole(3), whole(4), "wk"));

const fn interval(
    id: &'static str,
    row: &'static str,
    topic: Topic,
    subject: &'static str,
    sources: &'static [Source],
) -> Target {
    Target { subject, ..of(id, row, topic, Kind::Interval, sources) }
}

pub(super) static ALL: &[Target] = &[
    Target { amount: every(24, "mo"), ..interval("dxa.usual", "T8", Topic::Dxa, "dxa", ASCO19) },
    Target {
        amount: every(12, "mo"),
        who: &[Condition::Judged("medically indicated")],
        ..interval("dxa.indicated", "T8", Topic::Dxa, "dxa", ASCO19)
    },
    Target {
        amount: every(4, "wk"),
        who: &[DENOSUMAB_120, BREAST],
        ..interval("bone_drug.denosumab_120", "T9", Topic::BoneDrug, "denosumab 120 mg", ASCO17)
    },
    Target {
        amount: THREE_TO_FOUR_WEEKS,
        who: &[PAMIDRONATE_90, BREAST],
        ..interval("bone_drug.pamidronate", "T9", Topic::BoneDrug, "pamidronate 90 mg", ASCO17)
    },
    Target {
        amount: every(12, "wk"),
        who: &[ZOLEDRONATE_4, BREAST],
        note: "or every 3 to 4 weeks",
        ..interval("bone_drug.zoledronate.12_weeks", "T9", Topic::BoneDrug, "zoledronate 4 mg", ASCO17)
    },
    Target {
        amount: THREE_TO_FOUR_WEEKS,
        who: &[ZOLEDRONATE_4, BREAST],
        note: "or every 12 weeks",
        ..interval("bone_drug.zoledronate.3_weeks", "T9", Topic::BoneDrug, "zoledronate 4 mg", ASCO17)
    },
    Target {
        amount: every(6, "mo"),
        who: &[DENOSUMAB_60],
        note: "missed: as soon as possible, then every 6 months from that day",
        ..interval("bone_drug.denosumab_60", "T9", Topic::BoneDrug, "denosumab 60 mg", PROLIA)
    },
    Target {
        amount: every(6, "mo"),
        note: "about; and before the first dose of a bone drug",
        ..interval("dental.visits", "T10", Topic::Dental, "dental", DENTAL)
    },
];

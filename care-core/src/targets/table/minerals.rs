//! T1 to T3: calcium, vitamin D, magnesium, phosphorus, vitamin K.

use super::{
    ADULT, Amount, Condition, DENOSUMAB_60, DENOSUMAB_120, Kind, MEN, Source, Target, Topic, WOMEN, ZOLEDRONATE_4,
    aged, from_age, of, secondary, unverified, verified, whole,
};

const MG: &str = "mg/d";
const IU: &str = "[iU]/d";
const UG: &str = "ug/d";
const NMOL: &str = "nmol/L";

const ASCO19: &[Source] = &[verified("ASCO19")];
const DRI: &[Source] = &[verified("DRI")];
const DRI_UNSEEN: &[Source] = &[unverified("DRI")];
const ODS_CA: &[Source] = &[verified("ODS-CA")];
const ODS_D: &[Source] = &[verified("ODS-D")];
const XGEVA: &[Source] = &[verified("XGEVA")];
const ZOMETA: &[Source] = &[secondary("ZOMETA-US")];
const PROLIA: &[Source] = &[verified("PROLIA")];
const ENDO: &[Source] = &[secondary("ENDO-D")];
const MEDLINE: &[Source] = &[verified("MEDLINE-D")];
const ESMO20: &[Source] = &[unverified("ESMO20")];

const AT_RISK: Condition = Condition::Judged("at risk of a fracture");

const fn ca(id: &'static str, kind: Kind, sources: &'static [Source], amount: Amount) -> Target {
    Target { amount: Some(amount), ..of(id, "T1", Topic::Calcium, kind, sources) }
}

const fn vitamin_d(
    id: &'static str,
    row: &'static str,
    kind: Kind,
    sources: &'static [Source],
    amount: Amount,
) -> Target {
    Target { amount: Some(amount), ..of(id, row, Topic::VitaminD, kind, sources) }
}

const fn t3(id: &'static str, topic: Topic, kind: Kind, sources: &'static [Source], amount: Amount) -> Target {
    Target { amount: Some(amount), ..of(id, "T3", topic, kind, sources) }
}

const fn just(value: i64, unit: &'static str) -> Amount {
    Amount::exactly(whole(value), unit)
}

const fn at_most(value: i64, unit: &'static str) -> Amount {
    Amount::at_most(whole(value), unit)
}

const fn at_least(value: i64, unit: &'static str) -> Amount {
    Amount::at_least(whole(value), unit)
}

pub(super) static ALL: &[Target] = &[
    Target {
        who: &[Condition::Cancer, AT_RISK],
        note: "in all, from food first (3.1)",
        ..ca("calcium.survivor", Kind::Intake, ASCO19, Amount::between(whole(1_000), whole(1_200), MG))
    },
    Target {
        who: &[aged(19, 50)],
        note: "recommended for everybody of this age",
        ..ca("calcium.rda.19_50", Kind::Intake, DRI, just(1_000, MG))
    },
    Target {
        who: &[aged(51, 70), WOMEN],
        note: "recommended for every woman of this age",
        ..ca("calcium.rda.women_51_70", Kind::Intake, DRI, just(1_200, MG))
    },
    Target {
        who: &[aged(51, 70), MEN],
        note: "recommended for every man of this age",
        ..ca("calcium.rda.men_51_70", Kind::Intake, DRI, just(1_000, MG))
    },
    Target {
        who: &[from_age(71)],
        note: "recommended for everybody of this age",
        ..ca("calcium.rda.over_70", Kind::Intake, DRI, just(1_200, MG))
    },
    Target { who: &[aged(19, 50)], ..ca("calcium.ul.19_50", Kind::UpperLimit, ODS_CA, at_most(2_500, MG)) },
    Target { who: &[from_age(51)], ..ca("calcium.ul.51", Kind::UpperLimit, ODS_CA, at_most(2_000, MG)) },
    Target {
        who: &[DENOSUMAB_120, Condition::CalciumNotHigh],
        note: "with the drug, unless calcium is high",
        ..ca("calcium.denosumab_120", Kind::Intake, XGEVA, at_least(500, MG))
    },
    Target {
        who: &[ZOLEDRONATE_4],
        note: "with the drug",
        ..ca("calcium.zoledronate_4", Kind::Intake, ZOMETA, just(500, MG))
    },
    Target {
        who: &[DENOSUMAB_60],
        note: "with the drug",
        ..ca("calcium.denosumab_60", Kind::Intake, PROLIA, just(1_000, MG))
    },
    Target {
        note: "elemental calcium in one dose; carbonate with food, citrate at any time",
        ..ca("calcium.portion", Kind::Portion, ODS_CA, at_most(500, "mg"))
    },
    Target {
        who: &[Condition::Cancer],
        ..vitamin_d(
            "vitamin_d.survivor",
            "T2",
            Kind::Intake,
            ASCO19,
            Amount { max: Some(whole(1_000)), ..at_least(800, IU) },
        )
    },
    Target {
        who: &[aged(19, 70)],
        note: "recommended for everybody of this age",
        ..vitamin_d("vitamin_d.rda.19_70", "T2", Kind::Intake, ODS_D, just(600, IU))
    },
    Target {
        who: &[from_age(71)],
        note: "recommended for everybody of this age",
        ..vitamin_d("vitamin_d.rda.over_70", "T2", Kind::Intake, ODS_D, just(800, IU))
    },
    Target { who: &[ADULT], ..vitamin_d("vitamin_d.ul", "T2", Kind::UpperLimit, ODS_D, at_most(4_000, IU)) },
    Target {
        who: &[DENOSUMAB_120, Condition::CalciumNotHigh],
        note: "with the drug, unless calcium is high",
        ..vitamin_d("vitamin_d.denosumab_120", "T1", Kind::Intake, XGEVA, at_least(400, IU))
    },
    Target {
        who: &[ZOLEDRONATE_4],
        note: "with the drug; the text that was seen is cut off after '400 I'",
        ..vitamin_d("vitamin_d.zoledronate_4", "T1", Kind::Intake, ZOMETA, just(400, IU))
    },
    Target {
        who: &[DENOSUMAB_60],
        note: "with the drug",
        ..vitamin_d("vitamin_d.denosumab_60", "T1", Kind::Intake, PROLIA, at_least(400, IU))
    },
    Target {
        who: &[Condition::Cancer],
        note: "as summaries of the guideline have it",
        ..vitamin_d("vitamin_d.esmo", "T2", Kind::Intake, ESMO20, Amount::between(whole(1_000), whole(2_000), IU))
    },
    Target {
        note: "25-hydroxyvitamin D in blood",
        ..vitamin_d("vitamin_d.serum.deficient", "T2", Kind::Deficient, ODS_D, Amount::below(whole(30), NMOL))
    },
    Target {
        note: "25-hydroxyvitamin D in blood: enough for most people",
        ..vitamin_d("vitamin_d.serum.sufficient", "T2", Kind::Sufficient, ODS_D, at_least(50, NMOL))
    },
    Target {
        note: "25-hydroxyvitamin D in blood",
        ..vitamin_d("vitamin_d.serum.endocrine", "T2", Kind::Sufficient, ENDO, at_least(75, NMOL))
    },
    Target {
        note: "25-hydroxyvitamin D in blood",
        ..vitamin_d("vitamin_d.serum.too_high", "T2", Kind::TooHigh, ODS_D, Amount::above(whole(125), NMOL))
    },
    Target {
        note: "of sun: quoted for the general public, with care for the skin; no prescription under cancer treatment",
        ..vitamin_d(
            "vitamin_d.sun",
            "T2",
            Kind::Advice,
            MEDLINE,
            Amount { times_per_week: Some(3), ..Amount::between(whole(10), whole(15), "min") },
        )
    },
    Target {
        who: &[from_age(31), MEN],
        ..t3("magnesium.rda.men_31", Topic::Magnesium, Kind::Intake, DRI, just(420, MG))
    },
    Target {
        who: &[from_age(31), WOMEN],
        ..t3("magnesium.rda.women_31", Topic::Magnesium, Kind::Intake, DRI, just(320, MG))
    },
    Target {
        who: &[ADULT],
        note: "from supplements alone",
        ..t3("magnesium.ul.supplement", Topic::Magnesium, Kind::SupplementLimit, DRI_UNSEEN, at_most(350, MG))
    },
    Target { who: &[ADULT], ..t3("phosphorus.rda", Topic::Phosphorus, Kind::Intake, DRI, just(700, MG)) },
    Target {
        who: &[aged(19, 70)],
        ..t3("phosphorus.ul.19_70", Topic::Phosphorus, Kind::UpperLimit, DRI_UNSEEN, at_most(4_000, MG))
    },
    Target {
        who: &[from_age(71)],
        ..t3("phosphorus.ul.over_70", Topic::Phosphorus, Kind::UpperLimit, DRI_UNSEEN, at_most(3_000, MG))
    },
    Target {
        who: &[ADULT, MEN],
        note: "adequate intake; no upper limit is set",
        ..t3("vitamin_k.ai.men", Topic::VitaminK, Kind::Intake, DRI_UNSEEN, just(120, UG))
    },
    Target {
        who: &[ADULT, WOMEN],
        note: "adequate intake; no upper limit is set",
        ..t3("vitamin_k.ai.women", Topic::VitaminK, Kind::Intake, DRI_UNSEEN, just(90, UG))
    },
];

//! T6 and T7: movement, smoking and alcohol.

use super::{Amount, Condition, Kind, Source, Target, Topic, of, unverified, verified, whole};

const ACSM10: &[Source] = &[verified("ACSM10")];
const ACSM19: &[Source] = &[verified("ACSM19")];
const ACSM19_DOSES: &[Source] = &[unverified("ACSM19")];
const ASCO19: &[Source] = &[verified("ASCO19")];
const IBMEWG22: &[Source] = &[verified("IBMEWG22")];
const FRAX: &[Source] = &[verified("FRAX-CRF")];

const SYMPTOMS: Condition = Condition::Judged("movement is to ease symptoms");

const fn t6(id: &'static str, kind: Kind, sources: &'static [Source]) -> Target {
    of(id, "T6", Topic::Activity, kind, sources)
}

const fn minutes(value: i64) -> Option<Amount> {
    Some(Amount::exactly(whole(value), "min/wk"))
}

const TWICE: Option<Amount> = Some(Amount::exactly(whole(2), "/wk"));

pub(super) static ALL: &[Target] = &[
    Target {
        amount: minutes(150),
        note: "moderate aerobic movement, and resistance beside it; or the vigorous line",
        ..t6("activity.aerobic.moderate", Kind::AerobicModerate, ACSM10)
    },
    Target {
        amount: minutes(75),
        note: "vigorous aerobic movement, and resistance beside it; or the moderate line",
        ..t6("activity.aerobic.vigorous", Kind::AerobicVigorous, ACSM10)
    },
    Target { amount: TWICE, note: "days of resistance", ..t6("activity.resistance", Kind::Resistance, ACSM10) },
    Target {
        amount: Some(Amount { times_per_week: Some(3), ..Amount::exactly(whole(30), "min") }),
        who: &[SYMPTOMS],
        note: "about so much aerobic movement, for 8 to 12 weeks",
        ..t6("activity.symptoms.aerobic", Kind::AerobicSession, ACSM19_DOSES)
    },
    Target {
        amount: TWICE,
        who: &[SYMPTOMS],
        note: "resistance, for 8 to 12 weeks",
        ..t6("activity.symptoms.resistance", Kind::Resistance, ACSM19_DOSES)
    },
    Target { note: "Avoid inactivity", ..t6("activity.everyone", Kind::Advice, ACSM19) },
    Target {
        note: "Balance, flexibility, endurance and resistance; rehabilitation where gait or balance is impaired (3.2)",
        ..t6("activity.mix", Kind::Advice, ASCO19)
    },
    Target {
        who: &[Condition::BoneMetastases],
        note: "Risk is assessed first; posture, control and technique; what a lesion forbids holds (A21). Seen in a summary",
        ..t6("activity.bone_metastases", Kind::Advice, IBMEWG22)
    },
    Target {
        note: "Stop smoking; limit alcohol: no number is given (3.3)",
        ..of("habits.survivor", "T7", Topic::Habits, Kind::Advice, ASCO19)
    },
    Target {
        amount: Some(Amount::above(whole(2), "{unit}/d")),
        note: "of alcohol is what FRAX counts as a risk; no limit to drink up to",
        ..of("habits.alcohol.frax", "T7", Topic::Habits, Kind::Advice, FRAX)
    },
];

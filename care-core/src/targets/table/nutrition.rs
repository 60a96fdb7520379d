//! T4 and T5: protein, energy, micronutrients in general, water and drinks.

use super::{
    ADULT, Amount, Condition, Kind, MEN, OVER_65, Source, Target, Topic, WOMEN, of, secondary, tenths, verified, whole,
};

const PER_KG: &str = "g/kg/d";
const ML: &str = "mL/d";

const ESPEN: &[Source] = &[secondary("ESPEN")];
const PROTAGE: &[Source] = &[secondary("PROTAGE")];
const EFSA: &[Source] = &[verified("EFSA10")];
const ESPEN_GER: &[Source] = &[verified("ESPEN-GER")];

const fn t4(id: &'static str, topic: Topic, sources: &'static [Source], amount: Amount) -> Target {
    Target { amount: Some(amount), ..of(id, "T4", topic, Kind::Intake, sources) }
}

const fn water(id: &'static str, kind: Kind, sources: &'static [Source], amount: Amount) -> Target {
    Target { amount: Some(amount), ..of(id, "T5", Topic::Water, kind, sources) }
}

/// The risk profile gates targets of protein by a kidney disease and those of fluid by heart and kidney (P-RISK), whichever
/// source they are of.
pub(super) static ALL: &[Target] = &[
    Target {
        who: &[Condition::Cancer, Condition::NoSevereKidneyDisease],
        ..t4(
            "protein.espen",
            Topic::Protein,
            ESPEN,
            Amount { max: Some(tenths(15)), ..Amount::above(tenths(10), PER_KG) },
        )
    },
    Target {
        who: &[OVER_65, Condition::NoSevereKidneyDisease],
        note: "not in severe kidney disease",
        ..t4("protein.over_65", Topic::Protein, PROTAGE, Amount::between(tenths(10), tenths(12), PER_KG))
    },
    Target {
        who: &[OVER_65, Condition::NoSevereKidneyDisease, Condition::Judged("ill or active")],
        note: "not in severe kidney disease",
        ..t4("protein.over_65.ill_or_active", Topic::Protein, PROTAGE, Amount::between(tenths(12), tenths(15), PER_KG))
    },
    Target {
        who: &[Condition::Cancer],
        ..t4("energy.espen", Topic::Energy, ESPEN, Amount::between(whole(25), whole(30), "kcal/kg/d"))
    },
    Target {
        who: &[Condition::Cancer],
        note: "Vitamins and minerals about as recommended for everybody; no high doses without a deficiency",
        ..of("micronutrients.espen", "T4", Topic::Micronutrients, Kind::Advice, ESPEN)
    },
    Target {
        who: &[ADULT, WOMEN, Condition::NoHeartOrKidneyLimit],
        note: "all water; food gives about a fifth",
        ..water("water.total.women", Kind::TotalWater, EFSA, Amount::exactly(whole(2_000), ML))
    },
    Target {
        who: &[ADULT, MEN, Condition::NoHeartOrKidneyLimit],
        note: "all water; food gives about a fifth",
        ..water("water.total.men", Kind::TotalWater, EFSA, Amount::exactly(whole(2_500), ML))
    },
    Target {
        who: &[OVER_65, WOMEN, Condition::NoHeartOrKidneyLimit],
        note: "drinks of older adults (read as above 65, ours); not with a limit of heart or kidney",
        ..water("water.drinks.women_over_65", Kind::Drinks, ESPEN_GER, Amount::at_least(whole(1_600), ML))
    },
    Target {
        who: &[OVER_65, MEN, Condition::NoHeartOrKidneyLimit],
        note: "drinks of older adults (read as above 65, ours); not with a limit of heart or kidney",
        ..water("water.drinks.men_over_65", Kind::Drinks, ESPEN_GER, Amount::at_least(whole(2_000), ML))
    },
];

//! Gaps between drugs and nutrients: what a timing rule of the nutrition plan may begin from.

use super::{Amount, Condition, Kind, Source, Target, Topic, of, verified, whole};
use crate::facts::Product;

const MIMS: &[Source] = &[verified("MIMS-CA")];
const ALN: &[Source] = &[verified("ALN")];

const CALCIUM: Condition = takes(
    &[Product::Calcium, Product::CalciumCarbonate, Product::CalciumCitrate],
    "calcium",
    "P-SUP.product of calcium",
);
const IRON: Condition = takes(&[Product::Iron], "iron", "P-SUP.product of iron");
const ZINC: Condition = takes(&[Product::Zinc], "zinc", "P-SUP.product of zinc");
const LEVOTHYROXINE: Condition = takes(&[Product::Levothyroxine], "levothyroxine", "P-MED.kinds of levothyroxine");
const QUINOLONE: Condition = takes(&[Product::Quinolone], "a quinolone", "P-MED.kinds of a quinolone");
const TETRACYCLINE: Condition = takes(&[Product::Tetracycline], "a tetracycline", "P-MED.kinds of a tetracycline");
const BISPHOSPHONATE: Condition = takes(
    &[Product::OralBisphosphonate, Product::OralIbandronate],
    "an oral bisphosphonate",
    "P-BONE.route of a bisphosphonate",
);

const fn takes(any: &'static [Product], what: &'static str, input: &'static str) -> Condition {
    Condition::Takes { any, what, input }
}

const fn gap(id: &'static str, subject: &'static str, sources: &'static [Source], amount: Amount) -> Target {
    Target { subject, amount: Some(amount), ..of(id, "G", Topic::Separation, Kind::Gap, sources) }
}

const fn hours(value: i64) -> Amount {
    Amount::at_least(whole(value), "h")
}

pub(super) static ALL: &[Target] = &[
    Target {
        who: &[LEVOTHYROXINE, CALCIUM],
        note: "between levothyroxine and calcium",
        ..gap("separation.levothyroxine_calcium", "levothyroxine-calcium", MIMS, hours(4))
    },
    Target {
        who: &[LEVOTHYROXINE, IRON],
        note: "between levothyroxine and iron",
        ..gap("separation.levothyroxine_iron", "levothyroxine-iron", MIMS, hours(4))
    },
    Target {
        who: &[QUINOLONE, CALCIUM],
        note: "between a quinolone and calcium, before and after",
        ..gap("separation.quinolone_calcium", "quinolone-calcium", MIMS, hours(2))
    },
    Target {
        who: &[TETRACYCLINE, CALCIUM],
        note: "a tetracycline before calcium",
        ..gap("separation.tetracycline_before_calcium", "tetracycline-then-calcium", MIMS, hours(2))
    },
    Target {
        who: &[TETRACYCLINE, CALCIUM],
        note: "a tetracycline after calcium",
        ..gap(
            "separation.tetracycline_after_calcium",
            "tetracycline-calcium",
            MIMS,
            Amount::between(whole(4), whole(6), "h"),
        )
    },
    Target {
        who: &[IRON, CALCIUM],
        note: "between iron and calcium",
        ..gap("separation.iron_calcium", "iron-calcium", MIMS, hours(2))
    },
    Target {
        who: &[ZINC, CALCIUM],
        note: "between zinc and calcium",
        ..gap("separation.zinc_calcium", "zinc-calcium", MIMS, hours(2))
    },
    Target {
        who: &[BISPHOSPHONATE],
        note: "an oral bisphosphonate before anything else is swallowed",
        ..gap(
            "separation.bisphosphonate_anything",
            "oral_bisphosphonate-anything",
            ALN,
            Amount::at_least(whole(30), "min"),
        )
    },
    Target {
        who: &[BISPHOSPHONATE, CALCIUM],
        note: "an oral bisphosphonate before calcium, as before anything else",
        ..gap(
            "separation.bisphosphonate_calcium.30_min",
            "oral_bisphosphonate-calcium",
            ALN,
            Amount::at_least(whole(30), "min"),
        )
    },
    Target {
        who: &[BISPHOSPHONATE, CALCIUM],
        note: "an oral bisphosphonate before calcium (one label)",
        ..gap("separation.bisphosphonate_calcium.3_h", "oral_bisphosphonate-calcium", MIMS, hours(3))
    },
];

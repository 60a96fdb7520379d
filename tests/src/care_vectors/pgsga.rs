//! PG-SGA Short Form, as its published vectors count it. The form is its owner's: what ships takes a total that a person
//! counted (`osteon_care_core::assess::pgsga`), and the points of its boxes stand nowhere but in this conformance kit.

use osteon_care_core::Exact;

/// Box 1: kilograms now, a month ago, six months ago; whether the last two weeks took some.
pub(super) fn weight_points(
    now: Option<Exact>,
    month_ago: Option<Exact>,
    half_year_ago: Option<Exact>,
    decreased: bool,
) -> Option<i64> {
    let now = now.filter(|now| *now > Exact::ZERO)?;
    // The month counts if it is known, else the half year.
    let (before, cuts) = match (month_ago, half_year_ago) {
        (Some(before), _) => (before, [10, 5, 3, 2]),
        (None, Some(before)) => (before, [20, 10, 6, 2]),
        (None, None) => return None,
    };
    let lost = before.minus(now)?.over(before)?.times(Exact::whole(100))?;
    let reached = cuts.iter().position(|cut| lost >= Exact::whole(*cut));
    let points = reached.map_or(0, |place| 4 - place as i64);
    Some(points + i64::from(decreased))
}

/// Box 2: the highest of what was ticked.
pub(super) fn food_points(ticked: &[&str]) -> Option<i64> {
    let points = ticked.iter().map(|word| match *word {
        "unchanged" | "more" | "tube_or_vein_only" | "tube_only" | "tube" => Some(0),
        "less" | "less_normal_food" | "normal_food_less" => Some(1),
        "little_solid" => Some(2),
        "only_liquids" | "only_supplements" => Some(3),
        "very_little" => Some(4),
        _ => None,
    });
    points.collect::<Option<Vec<i64>>>()?.into_iter().max()
}

/// Box 3: the sum, each symptom once.
pub(super) fn symptom_points(ticked: &[&str]) -> Option<i64> {
    let mut ticked = ticked.to_vec();
    ticked.sort_unstable();
    ticked.dedup();
    let points = ticked.iter().map(|word| match *word {
        "no_appetite" | "vomiting" | "diarrhoea" | "diarrhea" | "pain" => Some(3),
        "mouth_sores" | "swallowing" => Some(2),
        "nausea" | "constipation" | "dry_mouth" | "smells" | "taste" | "full_quickly" | "fatigue" | "other" => Some(1),
        _ => None,
    });
    Some(points.collect::<Option<Vec<i64>>>()?.into_iter().sum())
}

/// Box 4.
pub(super) fn activity_points(word: &str) -> Option<i64> {
    Some(match word {
        "normal" => 0,
        "not_normal_self" => 1,
        "not_feeling_up" | "not_up_to_most" | "in_bed_less_than_half" => 2,
        "little_activity" | "bedridden" | "mostly_bed" => 3,
        _ => return None,
    })
}

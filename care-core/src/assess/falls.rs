//! A10, STEADI "Stay Independent": twelve questions about falling.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

words! {
    FallRiskBand {
        NotAtRisk = "not_at_risk", "less than 4, and no fall in the past year";
        AtRisk = "screened_at_risk", "4 or more, or a fall in the past year";
    }
}

/// The items in their order; the first two weigh 2.
pub const ITEMS: [(&str, &str); 12] = [
    ("fell", "fell in the past year (2)"),
    ("walking_aid", "uses, or was advised to use, a cane or walker (2)"),
    ("unsteady", "unsteady when walking"),
    ("holds_furniture", "holds on to furniture"),
    ("worried", "worried about falling"),
    ("pushes_with_hands", "pushes with the hands to stand up"),
    ("kerb", "trouble stepping onto a kerb"),
    ("rushes_to_toilet", "rushes to the toilet"),
    ("numb_feet", "lost feeling in the feet"),
    ("light_headed", "medicine that makes light-headed"),
    ("sleep_or_mood_medicine", "medicine for sleep or mood"),
    ("sad", "sad or depressed"),
];

pub static STAY_INDEPENDENT: Assessment = Assessment {
    id: "A10",
    name: "Stay Independent",
    source: Source {
        key: "STEADI-SI",
        state: SourceState::Verified,
        version: 1,
        caution: "A screen, not a diagnosis.",
    },
    parts: &[Part { what: "a fall in the past year alone", key: "STEADI", state: SourceState::Secondary }],
    inputs: &ITEMS,
    bands: FallRiskBand::TABLE,
    score: "sum, 0–14",
    licence: "CDC, public domain",
};

/// None: not answered.
pub fn stay_independent(answers: [Option<bool>; 12]) -> Assessed<FallRiskBand> {
    let mut given = Given::new(&STAY_INDEPENDENT);
    let mut points = 0;
    for (place, ((name, _), answer)) in ITEMS.iter().zip(answers).enumerate() {
        if given.yes(name, answer) == Some(true) {
            points += if place < 2 { 2 } else { 1 };
        }
    }
    let [fell, ..] = answers;
    let at_risk = points >= 4 || fell == Some(true);
    given.tell_points(points, if at_risk { FallRiskBand::AtRisk } else { FallRiskBand::NotAtRisk })
}

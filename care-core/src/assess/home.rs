//! A24, hazards at home: the CDC's "Check for Safety". "No" is a hazard; what nobody answered is listed as open and not
//! scored.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, NoBand, Part, Word, words};
use crate::source::Source;

words! {
    HomeItem {
        FloorsFurniture = "floors-furniture", "a clear path without walking round furniture";
        FloorsRugs = "floors-rugs", "no loose rugs, or fixed with tape (high)";
        FloorsObjects = "floors-objects", "nothing on the floor";
        FloorsCords = "floors-cords", "no cords across paths";
        StairsObjects = "stairs-objects", "nothing on the stairs";
        StairsEven = "stairs-even", "no broken or uneven steps (high)";
        StairsLight = "stairs-light", "light at top and bottom";
        StairsSwitch = "stairs-switch", "a switch at both ends";
        StairsCarpet = "stairs-carpet", "the carpet is firm";
        StairsRails = "stairs-rails", "rails on both sides, full length (high)";
        KitchenReach = "kitchen-reach", "what is used is at waist level";
        KitchenStool = "kitchen-stool", "a steady stool with a bar, no chair";
        BathMat = "bath-mat", "a mat that does not slip (high)";
        BathBars = "bath-bars", "bars by tub and toilet (high)";
        BedLamp = "bed-lamp", "a lamp in reach of the bed";
        BedNightlight = "bed-nightlight", "a night-light to the bathroom (high)";
        DoorSteps = "door-steps", "steps and light at the entry";
        Footwear = "footwear", "sturdy shoes, not slippers";
        Phone = "phone", "a phone that is reached from the floor";
        Alarm = "alarm", "an alarm device";
    }
}

words! {
    HomeAnswer {
        Yes = "yes", "as it should be";
        No = "no", "a hazard";
        Unknown = "unknown", "not known: open in the list, not in the score";
    }
}

pub static HOME: Assessment = Assessment {
    id: "A24",
    name: "Home safety checklist",
    source: Source {
        key: "CDC-HOME",
        state: SourceState::Verified,
        version: 1,
        caution: "There is no published cut. A list of what to mend, not a diagnosis.",
    },
    parts: &[Part { what: "which items weigh double", key: "design", state: SourceState::Unverified }],
    inputs: HomeItem::TABLE,
    bands: &[],
    score: "open high × 2 + open medium, 0–26",
    licence: "CDC, public domain",
};

impl HomeItem {
    pub fn is_high(self) -> bool {
        matches!(
            self,
            Self::StairsRails
                | Self::StairsEven
                | Self::BathBars
                | Self::BathMat
                | Self::FloorsRugs
                | Self::BedNightlight
        )
    }
}

/// What is open at home.
#[derive(Clone, Debug)]
pub struct HomeSafety {
    pub score: Assessed<NoBand>,
    /// Answered "no": high ones first, in the list's order.
    pub hazards: Vec<HomeItem>,
    /// Not known or not answered: open as well, not scored.
    pub unknown: Vec<HomeItem>,
}

/// Of several answers to one item the worst counts: no before unknown before yes. If nothing was answered, cannot tell.
pub fn home_safety(answers: &[(HomeItem, HomeAnswer)]) -> HomeSafety {
    let mut given = Given::new(&HOME);
    let (mut hazards, mut unknown) = (Vec::new(), Vec::new());
    let mut points = 0;
    for item in HomeItem::ALL.iter().copied() {
        let of_item = |answer| answers.contains(&(item, answer));
        if of_item(HomeAnswer::No) {
            points += if item.is_high() { 2 } else { 1 };
            hazards.push(item);
            given.word(item.code(), Some(HomeAnswer::No));
        } else if of_item(HomeAnswer::Unknown) || !of_item(HomeAnswer::Yes) {
            unknown.push(item);
        } else {
            given.word(item.code(), Some(HomeAnswer::Yes));
        }
    }
    if unknown.len() == HomeItem::ALL.len() {
        given.missing("answers");
    }
    hazards.sort_by_key(|item| !item.is_high());
    let score = given.tell(Some(super::Score::points(points)), None);
    HomeSafety { score, hazards, unknown }
}

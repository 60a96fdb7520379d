//! A8, four-stage balance: side by side, semi-tandem, tandem, one leg; ten seconds each, until one is not held.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    BalanceBand {
        AtRisk = "at_risk", "tandem not held for 10 s";
        TandemHeld = "tandem_held", "tandem held for 10 s";
    }
}

pub static FOUR_STAGE: Assessment = Assessment {
    id: "A8",
    name: "Four-stage balance",
    source: Source {
        key: "STEADI-4S",
        state: SourceState::Verified,
        version: 1,
        caution: "In one study 78 % of those who fell had passed. Eyes open, no aid, a person stands by. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[
        ("side_by_side", "s held"),
        ("semi_tandem", "s held; not asked for after a stage that was not held"),
        ("tandem", "likewise"),
        ("one_leg", "likewise; a test that ended after tandem counts three stages"),
    ],
    bands: BalanceBand::TABLE,
    score: "stages held for 10 s, 0–4",
    licence: "CDC, public domain",
};

/// Seconds held in each stage. What was not tried after a stage that was not held is not missing; nor is the one leg, on
/// which not everybody is made to stand: the tandem decides.
pub fn four_stage(seconds: [Option<Exact>; 4]) -> Assessed<BalanceBand> {
    let mut given = Given::new(&FOUR_STAGE);
    let mut held = 0;
    for (name, seconds) in ["side_by_side", "semi_tandem", "tandem", "one_leg"].into_iter().zip(seconds) {
        if held == 3 && seconds.is_none() {
            break;
        }
        match given.number(name, seconds, Within::NotNegative) {
            Some(seconds) if seconds >= Exact::whole(10) => held += 1,
            Some(_) => break,
            None => return given.cannot_tell(),
        }
    }
    given.tell_points(held, if held >= 3 { BalanceBand::TandemHeld } else { BalanceBand::AtRisk })
}

//! A15, PHQ-2 and the distress number: who should be asked whether they want a call.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

words! {
    Phq2Band {
        Negative = "negative", "0 or 1";
        Ask = "borderline_ask", "2: 'would you like someone to call?'";
        Positive = "positive", "3 or more";
    }
}

words! {
    DistressBand {
        BelowCut = "below_cut", "below 4";
        AtCut = "at_or_above_cut", "4 or more; one study supports 3";
    }
}

pub static PHQ2: Assessment = Assessment {
    id: "A15",
    name: "PHQ-2",
    source: Source {
        key: "PHQ2",
        state: SourceState::Verified,
        version: 1,
        caution: "A screen: at 3 it finds 61 %, at 2 86 %. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[("interest", "0–3"), ("mood", "0–3")],
    bands: Phq2Band::TABLE,
    score: "sum, 0–6",
    licence: "Pfizer's copyright line seen; commonly free to use (unverified)",
};

pub static DISTRESS: Assessment = Assessment {
    id: "A15",
    name: "Distress, 0–10",
    source: Source { key: "DT", state: SourceState::Unverified, version: 1, caution: "A screen, not a diagnosis." },
    parts: &[Part { what: "3 as another cut (836 patients)", key: "DT", state: SourceState::Verified }],
    inputs: &[("distress", "0–10, own wording"), ("cut", "of the site; else 4")],
    bands: DistressBand::TABLE,
    score: "the number itself",
    licence: "own-worded item instead of the NCCN thermometer",
};

/// Interest and mood, 0 to 3 each.
pub fn phq2(interest: Option<i64>, mood: Option<i64>) -> Assessed<Phq2Band> {
    let mut given = Given::new(&PHQ2);
    let interest = given.whole("interest", interest, 0, 3);
    let mood = given.whole("mood", mood, 0, 3);
    let (Some(interest), Some(mood)) = (interest, mood) else { return given.cannot_tell() };
    let points = interest + mood;
    let band = match points {
        ..=1 => Phq2Band::Negative,
        2 => Phq2Band::Ask,
        _ => Phq2Band::Positive,
    };
    given.tell_points(points, band)
}

/// `cut`: the site's own; None is 4.
pub fn distress(distress: Option<i64>, cut: Option<i64>) -> Assessed<DistressBand> {
    let mut given = Given::new(&DISTRESS);
    let distress = given.whole("distress", distress, 0, 10);
    let cut = match cut {
        Some(_) => given.whole("cut", cut, 1, 10),
        None => Some(4),
    };
    let (Some(distress), Some(cut)) = (distress, cut) else { return given.cannot_tell() };
    given.tell_points(distress, if distress >= cut { DistressBand::AtCut } else { DistressBand::BelowCut })
}

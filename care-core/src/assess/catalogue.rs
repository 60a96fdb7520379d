//! All assessments, and the table of them that is checked in as `docs/assessments.md`.

use std::fmt::Write;

use osteon_proto::meta::SourceState;

use super::{
    Assessment, balance, bone, cachexia, calcium, ecog, falls, frax, home, lateness, mirels, mobility, mood, overlay,
    pain, pgsga, proctcae, renal, risk, screening, sins, zoledronate,
};

/// In the order of the care specification.
pub static ALL: [&Assessment; 39] = [
    &bone::T_SCORE,
    &bone::T_BAND,
    &bone::LOWEST_T,
    &bone::OST,
    &risk::BONE_LOSS,
    &mirels::MIRELS,
    &sins::SINS,
    &mobility::TUG,
    &mobility::CHAIR_STAND,
    &balance::FOUR_STAGE,
    &mobility::GAIT,
    &falls::STAY_INDEPENDENT,
    &pain::PAIN,
    &pain::BPI_SEVERITY,
    &pain::BPI_INTERFERENCE,
    &pain::PAIN_CHANGE,
    &screening::MUST,
    &screening::MST,
    &pgsga::PG_SGA,
    &mood::PHQ2,
    &mood::DISTRESS,
    &proctcae::PRO_CTCAE,
    &calcium::ADJUSTED_CALCIUM,
    &calcium::ADJUSTED_CALCIUM_MG_DL,
    &calcium::CALCIUM_GRADE,
    &renal::CLEARANCE,
    &renal::EGFR,
    &zoledronate::DOSE,
    &zoledronate::WITHHOLD,
    &zoledronate::RESUME,
    &ecog::ECOG,
    &ecog::ECOG_CHANGE,
    &cachexia::BMI,
    &cachexia::WEIGHT_LOSS,
    &cachexia::CACHEXIA,
    &overlay::OVERLAY,
    &lateness::LATENESS,
    &frax::FRAX,
    &home::HOME,
];

/// A source's state as it is shown.
pub fn state_word(state: SourceState) -> &'static str {
    match state {
        SourceState::Verified => "verified",
        SourceState::Secondary => "secondary",
        SourceState::Unverified => "unverified",
        SourceState::Unspecified => "unspecified",
    }
}

/// The checked-in page.
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for assessment in ALL {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            assessment.id,
            assessment.name,
            pairs(assessment.inputs),
            assessment.score,
            pairs(assessment.bands),
            sources(assessment),
            if assessment.licence.is_empty() { "–" } else { assessment.licence },
            assessment.source.caution,
        );
    }
    page
}

fn pairs(pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return "–".to_owned();
    }
    pairs.iter().map(|(code, meaning)| format!("`{code}` {meaning}")).collect::<Vec<_>>().join("<br>")
}

fn sources(assessment: &Assessment) -> String {
    let own = format!(
        "{}: {}, version {}",
        assessment.source.key,
        state_word(assessment.source.state),
        assessment.source.version
    );
    let parts = assessment.parts.iter().map(|part| format!("{}: {}, {}", part.what, part.key, state_word(part.state)));
    std::iter::once(own).chain(parts).collect::<Vec<_>>().join("<br>")
}

const INTRODUCTION: &str = "# Assessments

Generated from `care-core/src/assess/` (`UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test care catalogue`). Keys of sources are those
of the care specification, section 9. *Verified*: seen in the source. *Secondary*: seen in another text about it. *Unverified*: general knowledge, or our own
default. Nothing here was approved by a clinician yet; no result is a diagnosis, and none says that all is well.

With an input missing that could change the answer there is no score and no band: \"cannot tell (missing …)\". A value that cannot be counts as missing.
All numbers are exact fractions; a score is rounded once, half away from zero, to the decimals named here, and bands are read from the unrounded number
([decision 0041](decisions/0041-exact-numbers.md)).

| | assessment | inputs | score | bands | sources and their state | licence | said with it |
|---|---|---|---|---|---|---|---|
";

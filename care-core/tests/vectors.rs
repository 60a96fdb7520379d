//! The published assessment vectors of the functions that are built, and scores with inputs missing.

use osteon_care_core::*;
use osteon_proto::care::*;
use serde_json::Value;

const VECTORS: &str = include_str!("../vectors/assessments.json");

fn text<'a>(case: &'a Value, at: usize, name: &str) -> &'a str {
    let value = case["kw"].get(name).unwrap_or(&case["args"][at]);
    value.as_str().unwrap_or_else(|| panic!("{name} of {case}"))
}

fn lesion(word: &str) -> LesionType {
    match word {
        "blastic" => LesionType::Blastic,
        "mixed" => LesionType::Mixed,
        "lytic" => LesionType::Lytic,
        other => panic!("lesion {other}"),
    }
}

fn mirels_case(case: &Value) -> MirelsInputs {
    MirelsInputs {
        site: Some(match text(case, 0, "site") {
            "upper" => MirelsSite::UpperLimb,
            "lower" => MirelsSite::LowerLimb,
            "peritrochanteric" => MirelsSite::Peritrochanteric,
            other => panic!("site {other}"),
        }),
        pain: Some(match text(case, 1, "pain") {
            "mild" => MirelsPain::Mild,
            "moderate" => MirelsPain::Moderate,
            "functional" => MirelsPain::Functional,
            other => panic!("pain {other}"),
        }),
        lesion: Some(lesion(text(case, 2, "lesion"))),
        size: Some(match text(case, 3, "size") {
            "lt_1_3" => LesionSize::Lt13,
            "from_1_3_to_2_3" => LesionSize::LesionSize13To23,
            "gt_2_3" => LesionSize::Gt23,
            other => panic!("size {other}"),
        }),
    }
}

fn location(word: &str) -> SinsLocation {
    match word {
        "junctional" => SinsLocation::Junctional,
        "mobile" => SinsLocation::Mobile,
        "semirigid" => SinsLocation::Semirigid,
        "rigid" => SinsLocation::Rigid,
        other => panic!("location {other}"),
    }
}

fn sins_case(case: &Value) -> SinsInputs {
    SinsInputs {
        location: Some(location(text(case, 0, "location"))),
        pain: Some(match text(case, 1, "pain") {
            "none" => SinsPain::None,
            "non_mechanical" => SinsPain::NonMechanical,
            "mechanical" => SinsPain::Mechanical,
            other => panic!("pain {other}"),
        }),
        lesion: Some(lesion(text(case, 2, "lesion"))),
        alignment: Some(match text(case, 3, "alignment") {
            "normal" => SpinalAlignment::Normal,
            "deformity" => SpinalAlignment::Deformity,
            "subluxation" => SpinalAlignment::Subluxation,
            other => panic!("alignment {other}"),
        }),
        collapse: Some(match text(case, 4, "collapse") {
            "none" => VertebralCollapse::None,
            "none_gt50_body" => VertebralCollapse::NoneGt50Body,
            "lt50" => VertebralCollapse::Lt50,
            "gt50" => VertebralCollapse::Gt50,
            other => panic!("collapse {other}"),
        }),
        posterolateral: Some(match text(case, 5, "posterolateral") {
            "none" => PosterolateralInvolvement::None,
            "unilateral" => PosterolateralInvolvement::Unilateral,
            "bilateral" => PosterolateralInvolvement::Bilateral,
            other => panic!("posterolateral {other}"),
        }),
    }
}

fn answer<B>(outcome: Outcome<B>, word: impl Fn(&B) -> &'static str) -> Value {
    match outcome {
        Outcome::Score { points, band } => serde_json::json!([points, word(&band)]),
        Outcome::CannotTell { missing } => serde_json::json!({ "missing": missing }),
    }
}

fn run(case: &Value) -> Value {
    match case["fn"].as_str() {
        Some("mirels") => answer(mirels(&mirels_case(case)), |band| match band {
            MirelsBand::Low => "low",
            MirelsBand::Borderline => "borderline",
            MirelsBand::ImpendingFracture => "impending_fracture",
        }),
        Some("sins") => answer(sins(&sins_case(case)), |band| match band {
            SinsBand::Stable => "stable",
            SinsBand::PotentiallyUnstable => "potentially_unstable",
            SinsBand::Unstable => "unstable",
        }),
        Some("sins_location") => {
            let expected = case["expect"].as_str().expect("a word");
            let found = sins_location(case["args"][0].as_str().expect("a level"));
            Value::from(if found == Some(location(expected)) { expected } else { "another" })
        }
        other => panic!("no such function: {other:?}"),
    }
}

#[test]
fn the_published_vectors_hold() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).expect("vectors/assessments.json");
    let failed: Vec<String> = cases
        .iter()
        .filter(|case| run(case) != case["expect"])
        .map(|case| format!("{case} gave {}", run(case)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(cases.len(), 24);
}

#[test]
fn a_score_with_an_input_missing_names_it() {
    let nothing = mirels(&MirelsInputs::default());
    assert_eq!(nothing, Outcome::CannotTell { missing: vec!["site", "pain", "lesion", "size"] });
    // A femur without a part, a type that is not known, a number of a newer version.
    let vague = Lesion {
        site: Some("71341001".into()),
        r#type: Some(LesionType::Unknown as i32),
        pain_mirels: Some(99),
        size_fraction: Some(LesionSize::Gt23 as i32),
        ..Lesion::default()
    };
    let outcome = mirels(&MirelsInputs::of(&vague));
    assert_eq!(outcome, Outcome::CannotTell { missing: vec!["site", "pain", "lesion"] });
    let spine = Lesion { level: Some("T13".into()), collapse: Some(0), ..vague };
    let Outcome::CannotTell { missing } = sins(&SinsInputs::of(&spine)) else { panic!("a score out of nothing") };
    assert_eq!(missing, ["location", "pain", "lesion", "alignment", "collapse", "posterolateral"]);
}

#[test]
fn a_whole_lesion_is_scored() {
    let lesion = Lesion {
        site: Some("41111004".into()),
        r#type: Some(LesionType::Lytic as i32),
        pain_mirels: Some(MirelsPain::Functional as i32),
        size_fraction: Some(LesionSize::LesionSize13To23 as i32),
        ..Lesion::default()
    };
    let outcome = mirels(&MirelsInputs::of(&lesion));
    assert_eq!(outcome, Outcome::Score { points: 10, band: MirelsBand::ImpendingFracture });
}

/// No worse reading of any item ever gives fewer points: the worse of two disputed values is in force.
#[test]
fn a_worse_reading_never_scores_less() {
    let pains = [SinsPain::None, SinsPain::NonMechanical, SinsPain::Mechanical];
    let collapses =
        [VertebralCollapse::None, VertebralCollapse::NoneGt50Body, VertebralCollapse::Lt50, VertebralCollapse::Gt50];
    let mut scored = Vec::new();
    for pain in pains {
        for collapse in collapses {
            let inputs = SinsInputs {
                location: Some(SinsLocation::Rigid),
                pain: Some(pain),
                lesion: Some(LesionType::Blastic),
                alignment: Some(SpinalAlignment::Normal),
                collapse: Some(collapse),
                posterolateral: Some(PosterolateralInvolvement::None),
            };
            let Outcome::Score { points, .. } = sins(&inputs) else { panic!("all inputs are there") };
            scored.push(points);
        }
    }
    for row in scored.chunks(collapses.len()) {
        assert!(row.is_sorted());
    }
    for column in 0..collapses.len() {
        let down: Vec<u8> = scored.iter().skip(column).step_by(collapses.len()).copied().collect();
        assert!(down.is_sorted());
    }
}

#[test]
fn levels_that_do_not_exist_have_no_location() {
    for level in ["", "C8", "T0", "T13", "L6", "L0", "S6", "T+3", "t3", "T 3", "T003", "Ä1", "X1"] {
        assert_eq!(sins_location(level), None, "{level:?}");
    }
}

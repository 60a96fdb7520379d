//! `docs/assessments.md` is what the code says, all of A1–A24 is there, and the crate has no floating point.

use std::{collections::BTreeSet, fs, path::Path};

use osteon_care_core::assess::catalogue::{ALL, page};
use osteon_proto::meta::SourceState;

#[test]
fn the_page_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/assessments.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, page()).expect("docs are written");
    }
    let checked_in = fs::read_to_string(&path).expect("docs/assessments.md");
    assert!(checked_in == page(), "stale: UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test care catalogue");
}

#[test]
fn every_assessment_of_the_specification_is_there_with_its_source() {
    let ids: BTreeSet<String> = ALL.iter().map(|assessment| assessment.id.to_owned()).collect();
    let wanted: BTreeSet<String> = (1..=24).map(|number| format!("A{number}")).collect();
    assert_eq!(ids, wanted);
    let mut names = BTreeSet::new();
    for assessment in ALL {
        assert!(names.insert(assessment.name), "{} twice", assessment.name);
        assert_ne!(assessment.source.state, SourceState::Unspecified, "{}", assessment.name);
        assert!(assessment.source.version > 0 && !assessment.source.caution.is_empty(), "{}", assessment.name);
        assert!(!assessment.inputs.is_empty() && !assessment.score.is_empty(), "{}", assessment.name);
        let inputs: BTreeSet<&str> = assessment.inputs.iter().map(|(name, _)| *name).collect();
        let bands: BTreeSet<&str> = assessment.bands.iter().map(|(code, _)| *code).collect();
        assert_eq!(inputs.len(), assessment.inputs.len(), "{}", assessment.name);
        assert_eq!(bands.len(), assessment.bands.len(), "{}", assessment.name);
    }
}

#[test]
fn no_floating_point_anywhere() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source file");
            let words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
            assert!(words.into_iter().all(|word| word != "f64" && word != "f32"), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 20, "{read} files");
}

//! The public merge vectors, through the same adapter as the runner `vectors`.

#[path = "../../tests/src/merge_vectors.rs"]
#[allow(unreachable_pub)]
mod merge_vectors;

#[test]
fn public_merge_vectors() {
    let report = merge_vectors::run(include_str!("../../tests/vectors/merge.jsonl")).expect("readable");
    assert_eq!(report.failed, []);
    assert!(report.passed >= 154, "{} cases", report.passed);
}

#[test]
fn a_wrong_expectation_is_found() {
    let text = include_str!("../../tests/vectors/merge.jsonl");
    let first = text.lines().next().expect("a case").replace(r#""effective": 1"#, r#""effective": 4"#);
    let report = merge_vectors::run(&first).expect("readable");
    assert_eq!((report.passed, report.failed.len()), (0, 1));
    assert!(merge_vectors::run("{").is_err());
    assert!(merge_vectors::run(r#"{"id":"x","policies":{},"changes":[{"dot":[1]}]}"#).is_err());
}

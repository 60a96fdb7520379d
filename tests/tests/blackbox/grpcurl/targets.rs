//! Targets by grpcurl: each with its source, and what a plan has set beside it.

use osteon_tests::device::Device;
use serde_json::json;

use super::{Curl, text};

pub(super) fn target_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    const LIST: &str = "osteon.target.v1.TargetService/ListTargets";
    let circle = patient.circle.to_string();
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let answer = curl.one(own, LIST, json!({"circle": circle}));
    let groups = answer["groups"].as_array().expect("groups");
    assert_eq!((groups.len(), text(&groups[0], "/topic")), (15, "TARGET_TOPIC_CALCIUM"));
    let mut targets = groups.iter().flat_map(|group| group["targets"].as_array().expect("targets"));
    let portion = targets.find(|target| target["id"] == "calcium.portion").expect("for everybody");
    assert_eq!((text(portion, "/fit"), text(portion, "/amount/max/units")), ("TARGET_FIT_APPLIES", "500"));
    assert_eq!(
        (text(portion, "/sources/0/key"), text(portion, "/sources/0/state")),
        ("ODS-CA", "SOURCE_STATE_VERIFIED")
    );
    let unknown = targets.find(|target| target["id"] == "vitamin_d.rda.19_70").expect("told");
    assert_eq!((text(unknown, "/fit"), text(unknown, "/missing/0")), ("TARGET_FIT_CANNOT_TELL", "P-RISK.birth_date"));
    let thresholds = answer["thresholds"].as_array().expect("thresholds");
    assert!(thresholds.iter().any(|one| one["name"] == "severe_pain_nrs"));
    assert_eq!(text(&curl.one(theirs, LIST, json!({"circle": circle, "on": "2026-01-31"})), "/on"), "2026-01-31");
    let refused = curl.call(own, LIST, &json!({"circle": circle, "on": "2026-02-30"})).expect_err("no such day");
    assert!(refused.contains("DATE_INVALID"), "{refused}");
}

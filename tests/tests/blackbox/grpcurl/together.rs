//! Findings by grpcurl: one fall that two people wrote down, and the person who says that it was one.

use osteon_tests::device::Device;
use serde_json::{Value, json};

use super::{Curl, request_id, text};

pub(super) fn finding_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let circle = patient.circle.to_string();
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let records = |method: &str| format!("osteon.record.v1.RecordService/{method}");
    let pairs = || {
        let listed = curl.one(own, "osteon.review.v1.ReviewService/ListReviews", json!({"circle": circle}));
        let reviews = listed["reviews"].as_array().cloned().unwrap_or_default();
        reviews.into_iter().filter(|one| one["kind"] == "REVIEW_KIND_DUPLICATE").collect::<Vec<Value>>()
    };
    assert!(pairs().is_empty());
    // A fall of long ago is tried first: what it would bring is said, and nothing of it stays.
    let tried = json!({
        "circle": circle, "request_id": request_id(), "validate_only": true,
        "body": {"fall": {"when": {"at": "2024-01-02T08:00:00Z"}}}
    });
    let tried = curl.one(own, &records("CreateRecord"), tried);
    assert_eq!(text(&tried, "/effect"), "EFFECT_VALIDATED");
    let question = (text(&tried, "/trial/questions/0/path"), text(&tried, "/trial/questions/0/doubt"));
    assert_eq!(question, ("writes[0].body.fall.when", "LONG_AGO"));
    assert_eq!(tried.pointer("/trial/rulesNotAsked"), Some(&json!(false)));
    let mars = json!({
        "circle": circle, "request_id": request_id(), "validate_only": true,
        "body": {"fall": {"when": {"at": "2026-01-02T08:00:00Z", "zone": "Mars/Olympus"}}}
    });
    let refused = curl.call(own, &records("CreateRecord"), &mars).expect_err("no such zone");
    assert!(refused.contains("ZONE_UNKNOWN") && refused.contains("writes[0].body.fall.when.zone"), "{refused}");
    let mut made = Vec::new();
    for (token, at) in [(own, "2026-01-02T08:00:00Z"), (theirs, "2026-01-02T08:30:00Z")] {
        let fall = json!({"circle": circle, "request_id": request_id(), "body": {"fall": {"when": {"at": at}}}});
        made.push(curl.one(token, &records("CreateRecord"), fall));
    }
    let found = pairs();
    let [pair] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((text(pair, "/says"), &pair["mayResolve"]), ("Two records of one fall?", &json!(true)));
    assert_eq!(text(pair, "/reviewId"), "", "it is settled by an ordinary write");
    let named: Vec<&str> = (0..2).map(|i| text(pair, &format!("/rests/{i}/recordId"))).collect();
    assert!(made.iter().all(|one| named.contains(&text(one, "/record/recordId"))), "{named:?}");
    let mistake = json!({
        "circle": circle, "record_id": text(&made[1], "/record/recordId"), "state": "LIFECYCLE_ENTERED_IN_ERROR",
        "shown": text(&made[1], "/record/shown"), "request_id": request_id()
    });
    curl.one(theirs, &records("EndRecord"), mistake);
    assert!(pairs().is_empty(), "it was one fall");
}

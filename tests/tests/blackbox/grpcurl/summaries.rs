//! The weekly digest and the page for a visit, by grpcurl.

use osteon_tests::device::Device;
use serde_json::{Value, json};

use super::{Curl, text};

/// A week by its last day, and a page since a day: data, each list bounded, and what nobody can tell by name.
pub(super) fn summary_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let service = |method: &str| format!("osteon.summary.v1.SummaryService/{method}");
    let circle = patient.circle.to_string();
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    // Pains of that day stand since the series were asked for.
    let week = curl.one(own, &service("GetWeeklyDigest"), json!({"circle": circle, "until": "2026-03-03"}));
    assert_eq!((text(&week, "/digest/from"), text(&week, "/digest/until")), ("2026-02-25", "2026-03-03"));
    let lane = |page: &Value, lane: &str| {
        let all = page.pointer("/digest/lanes").and_then(|all| all.as_array().cloned()).expect("lanes");
        all.into_iter().find(|one| one["lane"] == lane).expect("told, whether there is anything or not")
    };
    let pains = lane(&week, "SERIES_LANE_PAIN");
    assert_eq!((text(&pains, "/worst/worst"), &pains["missingDays"], &pains["entries"]), ("9", &json!(6), &json!(2)));
    assert_eq!(lane(&week, "SERIES_LANE_WEIGHT")["missing"], json!(["J08.weight"]));
    let asked = json!({"circle": circle, "since": "2026-01-01", "until": "2026-03-03", "utc_offset_min": 60});
    let page = curl.one(theirs, &service("GetVisitSummary"), asked);
    assert_eq!(text(&page, "/sinceKind"), "SINCE_KIND_ASKED");
    assert!(page.pointer("/digest/cannotTell").and_then(|all| all.as_array()).is_some_and(|all| !all.is_empty()));
    let asked = json!({"circle": circle, "since": "2020-01-01", "until": "2026-03-03"});
    let refused = curl.call(own, &service("GetVisitSummary"), &asked).expect_err("six years");
    assert!(refused.contains("LIMIT_EXCEEDED") && refused.contains("DIGEST_DAYS"), "{refused}");
}

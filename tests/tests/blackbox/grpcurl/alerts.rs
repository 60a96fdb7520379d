//! Alerts by grpcurl: what a weak leg raises, in the words of each, who has seen it, how it ended.

use osteon_tests::device::Device;
use serde_json::json;

use super::{Curl, request_id, text};

pub(super) fn alert_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let circle = patient.circle.to_string();
    let service = |method: &str| format!("osteon.alert.v1.AlertService/{method}");
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let entry = json!({
        "circle": circle, "request_id": request_id(),
        "body": {"symptom_entry": {
            "effective_start": {"at": "2026-01-03T08:00:00Z"}, "red_flags": ["limb_weakness"], "new_or_worse": true
        }}
    });
    curl.one(own, "osteon.record.v1.RecordService/CreateRecord", entry);
    let list = |token: &str| {
        let all = curl.one(token, &service("ListAlerts"), json!({"circle": circle, "cannot_tell": true}));
        let alerts = all.pointer("/circles/0/alerts").and_then(|all| all.as_array().cloned()).expect("alerts");
        let alert = alerts.into_iter().find(|alert| alert["rule"] == "R-MSCC-1").expect("the emergency");
        (all, alert)
    };
    let (all, alert) = list(theirs);
    assert_eq!(text(&alert, "/severity"), "ALERT_SEVERITY_EMERGENCY");
    assert!(text(&alert, "/text").contains("limb weakness"));
    assert!(all.pointer("/circles/0/cannotTell").and_then(|all| all.as_array()).is_some_and(|all| !all.is_empty()));
    assert!(text(&list(own).1, "/text").contains("CALL NOW"));
    let record = text(&alert, "/recordId");
    let seen = json!({"circle": circle, "record_id": record, "takes_over": true, "request_id": request_id()});
    let taken = curl.one(theirs, &service("AcknowledgeAlert"), seen);
    assert_eq!(taken.pointer("/alert/owner"), Some(&json!(nurse.account.to_string())));
    let close = |token: &str| {
        let ended = json!({
            "circle": circle, "record_id": record, "outcome": "ALERT_OUTCOME_ACTED_ON", "reason": "scan arranged",
            "useful": true, "request_id": request_id()
        });
        curl.call(token, &service("CloseAlert"), &ended)
    };
    let refused = close(own).expect_err("a patient closes no emergency");
    assert!(refused.contains("ALERT_CLOSER") && refused.contains("PermissionDenied"), "{refused}");
    let told = curl.watch("2", theirs, &service("WatchAlerts"), &json!({"at_least": "ALERT_SEVERITY_EMERGENCY"}));
    let alerts = told[0].pointer("/circle/alerts").and_then(|all| all.as_array()).expect("how it stands");
    assert!(alerts.iter().any(|alert| alert["recordId"] == *record), "{alerts:?}");
    assert!(told[1].pointer("/caughtUp/serverTime").is_some(), "{told:?}");
    let itself = json!({"circle": circle, "record_id": record, "hands_to": nurse.account.to_string()});
    let refused = curl.call(theirs, &service("AcknowledgeAlert"), &itself).expect_err("to themselves");
    assert!(refused.contains("hands_to") && refused.contains("ARGUMENT_INVALID"), "{refused}");
    let closed = close(theirs).expect("closed");
    assert_eq!(text(&closed[0], "/alert/closed/outcome"), "ALERT_OUTCOME_ACTED_ON");
    let all = json!({"circle": circle, "include_closed": true, "history": true});
    let all = curl.one(own, &service("ListAlerts"), all);
    let all = all.pointer("/circles/0/alerts").and_then(|all| all.as_array()).expect("alerts");
    let ended = all.iter().find(|alert| alert["recordId"] == *record).expect("the emergency");
    assert_eq!(text(ended, "/history/0/cause"), "ALERT_CAUSE_NEW");
    let counted = curl.one(theirs, &service("GetRuleStatistics"), json!({"circle": circle}));
    let rules = counted["rules"].as_array().expect("rules");
    let counted = rules.iter().find(|one| one["rule"] == "R-MSCC-1").expect("counted");
    assert_eq!((counted["useful"].as_u64(), text(counted, "/outcomes/0/outcome")), (Some(1), "ALERT_OUTCOME_ACTED_ON"));
    let refused = curl.call(own, &service("GetRuleStatistics"), &json!({"circle": circle})).expect_err("a patient");
    assert!(refused.contains("NOT_ALLOWED"), "{refused}");
}

//! What the clinician's portal asks, by grpcurl: the server, the work list, one patient, seen marks, hints.

use osteon_tests::device::Device;
use serde_json::{Value, json};

use super::{Curl, request_id, text};

pub(super) fn portal_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let circle = patient.circle.to_string();
    let token = nurse.tokens.access_token.as_str();
    let info = curl.one(token, "osteon.server.v1.ServerService/GetServerInfo", json!({}));
    assert_eq!((&info["demo"], text(&info, "/ruleSet").is_empty()), (&json!(false), false), "{info}");
    assert!(text(&info, "/serverTime").starts_with("20") && info["catalogueVersion"].as_u64() > Some(0));

    let list = curl.one(token, "osteon.worklist.v1.WorklistService/ListWork", json!({"view_id": request_id()}));
    let rows = list["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["circle"] == circle.as_str()).expect("the patient's");
    assert!(text(row, "/rank/group").starts_with("WORK_GROUP_") && row["phone"].is_object(), "{row}");
    assert_eq!(list["total"].as_u64(), Some(rows.len() as u64));
    let short_id = text(row, "/shortId");
    let found = curl.one(token, "osteon.worklist.v1.WorklistService/Find", json!({"text": short_id}));
    assert_eq!(text(&found, "/patients/0/circle"), circle);

    let get = |state: &Value| {
        let asked = json!({"circle": circle, "if_changed_since": state, "view_id": request_id()});
        curl.one(token, "osteon.circle.v1.CircleService/GetCircleView", asked)
    };
    let view = get(&json!(""));
    assert_eq!(text(&view, "/view/shortId"), short_id);
    assert!(view.pointer("/view/access").and_then(Value::as_array).is_some_and(|all| all.len() > 20), "{view}");
    let again = get(&view["state"]);
    assert!(again["view"].is_null(), "nothing changed: {again}");

    let sequence = text(&view, "/asOfSequence");
    let mark = json!({"circle": circle, "sequence": sequence, "request_id": request_id()});
    let marked = curl.one(token, "osteon.seen.v1.SeenService/MarkSeen", mark);
    assert_eq!(text(&marked, "/seen/sequence"), sequence);
    let seen = curl.one(token, "osteon.seen.v1.SeenService/ListSeen", json!({"circle": circle}));
    let own = |one: &&Value| one["account"] == nurse.account.to_string().as_str();
    let own = seen["seen"].as_array().and_then(|all| all.iter().find(own)).expect("the nurse");
    assert_eq!(text(own, "/sequence"), sequence);
    let ahead =
        curl.call(token, "osteon.seen.v1.SeenService/MarkSeen", &json!({"circle": circle, "sequence": "9999999"}));
    assert!(ahead.expect_err("not there yet").contains("ARGUMENT_INVALID"));

    let changes = "osteon.summary.v1.SummaryService/ListChanges";
    let all = curl.one(token, changes, json!({"circle": circle, "page_size": 50}));
    assert!(all["changes"].as_array().is_some_and(|all| !all.is_empty()) && all["asOfSequence"].is_string(), "{all}");
    let none = curl.one(token, changes, json!({"circle": circle, "since_sequence": all["asOfSequence"]}));
    assert!(none["changes"].as_array().is_none_or(Vec::is_empty), "{none}");

    let hints = curl.watch("2", token, "osteon.live.v1.LiveService/Watch", &json!({}));
    assert!(hints.iter().any(|hint| hint.pointer("/moved/circle") == Some(&json!(circle))), "{hints:?}");
    let caught_up = hints.iter().find_map(|hint| hint.pointer("/caughtUp/resumeToken")).expect("a token");
    let resumed = json!({"resume_token": caught_up});
    let hints = curl.watch("2", token, "osteon.live.v1.LiveService/Watch", &resumed);
    assert!(hints[0].pointer("/caughtUp/serverTime").is_some(), "nothing moved since: {hints:?}");
}

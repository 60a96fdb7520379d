//! Tasks by grpcurl: what a nurse plans is due for the patient, and is done when its record says so.

use osteon_tests::device::Device;
use serde_json::json;

use super::{Curl, base64, request_id, text};

pub(super) fn task_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    const LIST: &str = "osteon.task.v1.TaskService/ListTasks";
    const OF_VISIT: u32 = 6;
    let circle = patient.circle.to_string();
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let create = |token: &str, body, choice| {
        let request = json!({"circle": circle, "request_id": request_id(), "label_choice": choice, "body": body});
        curl.one(token, "osteon.record.v1.RecordService/CreateRecord", request)
    };
    let empty = curl.one(own, LIST, json!({"circle": circle, "utc_offset_min": 0}));
    let today = text(&empty, "/today").to_owned();
    create(theirs, json!({"monitoring_item": {"kind": "MONITORING_KIND_VISIT", "due": today}}), OF_VISIT);
    let list = |token: &str| {
        let asked = json!({"circle": circle, "from": today, "kinds": ["TASK_KIND_VISIT"], "utc_offset_min": 0});
        curl.one(token, LIST, asked)
    };
    let due = list(own);
    let task = due.pointer("/tasks/0").expect("a task");
    assert_eq!((text(task, "/title/text"), text(task, "/state")), ("Due: visit", "TASK_STATE_OPEN"));
    assert_eq!((text(task, "/date"), &task["mayTick"]), (today.as_str(), &json!(true)));
    assert_eq!(text(task, "/why/recordId"), text(task, "/line"));
    let line = uuid::Uuid::parse_str(text(task, "/line")).expect("an id");
    let tick = json!({"task_occurrence": {
        "line": base64(line.as_bytes()), "due": today, "slot": task["slot"], "status": "TASK_STATUS_DONE"
    }});
    let made = create(own, tick, OF_VISIT_TICK);
    assert_eq!(task["labelChoice"], json!(OF_VISIT_TICK));
    assert_eq!(text(&made, "/record/recordId"), text(task, "/recordId"));
    let done = list(theirs);
    assert_eq!(text(&done, "/tasks/0/state"), "TASK_STATE_DONE");
    let active = done.pointer("/adherence/0/activeDays");
    assert_eq!(active, Some(&json!(1)));
    let refused = curl.call(own, LIST, &json!({"circle": circle, "from": "2026-01-01", "to": "2026-02-01"}));
    let refused = refused.expect_err("32 days");
    assert!(refused.contains("LIMIT_EXCEEDED") && refused.contains("TASK_DAYS"), "{refused}");
}

/// The label of a ticked visit.
const OF_VISIT_TICK: u32 = 10;

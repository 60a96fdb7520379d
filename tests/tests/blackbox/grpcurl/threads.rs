//! Threads of messages, by grpcurl: one is started, answered, listed, marked as seen, and left.

use osteon_tests::device::Device;
use serde_json::{Value, json};

use super::{Curl, request_id, text};

const SERVICE: &str = "osteon.thread.v1.ThreadService";

pub(super) fn thread_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let circle = patient.circle.to_string();
    let (asks, answers) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let one = |token: &str, method: &str, asked: Value| curl.one(token, &format!("{SERVICE}/{method}"), asked);
    let refused = |token: &str, method: &str, asked: &Value| {
        curl.call(token, &format!("{SERVICE}/{method}"), asked).expect_err("refused")
    };
    let opened = json!({
        "circle": circle, "title": "The stairs", "accounts": [nurse.account.to_string()],
        "text": "May I take the stairs?", "request_id": request_id(),
    });
    let thread = one(asks, "OpenThread", opened.clone());
    let id = text(&thread, "/thread/recordId").to_owned();
    assert_eq!(text(&one(asks, "OpenThread", opened), "/thread/recordId"), id, "the same request opens one thread");
    assert_eq!(thread.pointer("/thread/label/categories"), Some(&json!(["CATEGORY_C19_MESSAGES"])));
    let listed = one(answers, "ListThreads", json!({"unread": true}));
    assert_eq!((&listed["total"], &listed["unread"]), (&json!(1), &json!(1)), "{listed}");
    assert_eq!(text(&listed, "/threads/0/last/text"), "May I take the stairs?");
    let said = one(answers, "SendMessage", json!({"circle": circle, "record_id": id, "text": "With a rail, yes."}));
    assert_eq!(text(&said, "/message/account"), nurse.account.to_string());
    let read = one(asks, "GetThread", json!({"circle": circle, "record_id": id}));
    let texts: Vec<&str> = read["messages"].as_array().expect("messages").iter().map(|m| text(m, "/text")).collect();
    assert_eq!(texts, ["With a rail, yes.", "May I take the stairs?"]);
    let sequence = text(&read, "/asOfSequence");
    let mark = json!({"circle": circle, "record_id": id, "sequence": sequence, "request_id": request_id()});
    assert_eq!(text(&one(asks, "MarkThreadSeen", mark), "/seen/seenSequence"), sequence);
    let out = json!({"circle": circle, "record_id": id, "account": patient.account.to_string()});
    assert!(refused(answers, "SetParticipant", &out).contains("THREAD_REMOVAL"));
    let leaves = json!({"circle": circle, "record_id": id, "account": nurse.account.to_string()});
    assert!(one(answers, "SetParticipant", leaves)["thread"].is_null(), "whoever leaves reads it no more");
    let gone = json!({"circle": circle, "record_id": id});
    assert!(refused(answers, "GetThread", &gone).contains("NOT_FOUND"));
    let empty = json!({"circle": circle, "record_id": id, "text": ""});
    assert!(refused(asks, "SendMessage", &empty).contains("ARGUMENT_INVALID"));
}

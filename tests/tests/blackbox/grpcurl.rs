//! grpcurl, a client that knows the contracts only through reflection, calls every method at least once.

mod alerts;
mod attachments;
mod curl;
mod portal;
mod summaries;
mod targets;
mod tasks;
mod threads;
mod together;

use std::{collections::BTreeSet, time::Duration};

use aws_lc_rs::signature::KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use osteon_proto::sync;
use osteon_tests::{
    body,
    device::{Device, new_key, now_ms, record_id, sign, verdict_word},
    server::Server,
};
use serde_json::{Value, json};

use self::curl::Curl;
use crate::support::{entries, member, server_with_patient};

/// Every method of our services, as the contracts say.
fn methods() -> BTreeSet<String> {
    let pool = prost_reflect::DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let ours = pool.services().filter(|service| service.package_name().starts_with("osteon."));
    ours.flat_map(|service| {
        service.methods().map(|m| format!("{}/{}", service.full_name(), m.name())).collect::<Vec<_>>()
    })
    .collect()
}

fn without_tokens(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(key, _)| key != "shown").map(|(key, v)| (key, without_tokens(v))).collect()
        }
        Value::Array(all) => all.into_iter().map(without_tokens).collect(),
        other => other,
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is missing"))
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn request_id() -> String {
    uuid::Uuid::from_bytes(record_id(now_ms())).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn grpcurl_calls_every_method() {
    let (server, mut patient) = server_with_patient().await;
    let mut nurse = member(&server, &patient, "nurse").await;
    let curl = Curl::new(&server);
    reflection(&curl);
    sync_calls(&curl, &patient);
    record_calls(&curl, &patient);
    series_calls(&curl, &patient);
    review_calls(&curl, &mut patient, &mut nurse).await;
    alerts::alert_calls(&curl, &patient, &nurse);
    summaries::summary_calls(&curl, &patient, &nurse);
    targets::target_calls(&curl, &patient, &nurse);
    tasks::task_calls(&curl, &patient, &nurse);
    together::finding_calls(&curl, &patient, &nurse);
    portal::portal_calls(&curl, &patient, &nurse);
    threads::thread_calls(&curl, &patient, &nurse);
    attachments::attachment_calls(&curl, &patient, &nurse);
    attachments::wake_calls(&curl, &nurse);
    consent_calls(&curl, &patient, &nurse);
    quarantine_calls(&curl, &patient).await;
    audit_call(&curl, &patient, &nurse);
    export_call(&curl, &patient, &nurse);
    glass_calls(&curl, &patient).await;
    identity_calls(&curl, &nurse);
    team_calls(&curl, &patient, &nurse).await;
    device_calls(&curl, &patient, &nurse);
    rebase_call(&curl, &nurse);

    everything_is_audited(&server);
    let missing: Vec<_> = methods().difference(&curl.called.borrow()).cloned().collect();
    assert!(missing.is_empty(), "not called by grpcurl: {missing:?}");
    assert!(methods().len() >= 20, "the descriptors list the methods");
}

fn reflection(curl: &Curl<'_>) {
    let authority = curl.server.authority();
    let listed = curl.run(&[&authority, "list"]).expect("list");
    let listed: BTreeSet<&str> = listed.lines().collect();
    for service in ["osteon.sync.v1.SyncService", "osteon.record.v1.RecordService", "grpc.health.v1.Health"] {
        assert!(listed.contains(service), "{service} is not in {listed:?}");
    }
    let described = curl.run(&[&authority, "describe", "osteon.care.v1.PainEntry"]).expect("describe");
    assert!(described.contains("worst_24h") && described.contains("Worst pain"), "fields and comments are shown");
    let health = curl.run(&["-d", "{}", &authority, "grpc.health.v1.Health/Check"]).expect("health");
    assert!(health.contains("SERVING"));
}

fn sync_calls(curl: &Curl<'_>, patient: &Device) {
    let token = patient.tokens.access_token.as_str();
    let circle = patient.circle.to_string();
    let hello = curl.one(token, "osteon.sync.v1.SyncService/Hello", json!({"client": "0.1.0"}));
    let epoch = hello["epoch"].as_u64().expect("epoch");
    let ms = now_ms();
    let record = record_id(ms);
    let push = json!({
        "circle": circle, "epoch": epoch, "replica": patient.ordinary.replica, "first_counter": "1",
        "field_table_version": osteon_tests::device::FIELD_TABLE,
        "changes": [{"clock_ms": ms.to_string(), "writes": [{
            "record": base64(&record), "create": true,
            "body": {"meal": {"when": {"at": "2026-01-02T08:00:00Z"}}}
        }]}]
    });
    let pushed = curl.one(token, "osteon.sync.v1.SyncService/Push", push);
    assert!(pushed.pointer("/verdicts/0/accepted").is_some(), "{pushed}");
    let pages = curl.call(token, "osteon.sync.v1.SyncService/Pull", &json!({"epoch": epoch})).expect("pull");
    let typed = pages.iter().any(|page| page.to_string().contains("\"meal\""));
    assert!(typed, "a body is readable as typed JSON");
    let offered = json!({"circle": circle, "epoch": epoch, "versions": [{
        "record": base64(&record), "label_id": "1", "type": 103, "clock_ms": "1", "account": "1", "role": "ROLE_PATIENT",
        "dot": {"epoch": epoch, "replica": patient.ordinary.replica, "counter": "1"},
        "values": [{"field": 1, "value": base64(&[10, 0])}], "receipt": base64(&[0; 8])
    }]});
    let outcome = curl.one(token, "osteon.sync.v1.SyncService/Offer", offered);
    assert_eq!(text(&outcome, "/outcomes/0/result"), "OFFER_RESULT_NOT_TAKEN", "a label that nobody has");
    let feed = curl.one(token, "osteon.sync.v1.SyncService/ListFeed", json!({"circle": circle}));
    assert!(feed["entries"].as_array().is_some_and(|entries| !entries.is_empty()));
}

fn record_calls(curl: &Curl<'_>, patient: &Device) {
    let token = patient.tokens.access_token.as_str();
    let circle = patient.circle.to_string();
    let service = |method: &str| format!("osteon.record.v1.RecordService/{method}");
    let id = request_id();
    let create = json!({
        "circle": circle, "request_id": id,
        "body": {"pain_entry": {"worst_24h": 6, "effective_start": {"at": "2026-01-02T08:00:00Z"}}}
    });
    let created = curl.one(token, &service("CreateRecord"), create.clone());
    assert_eq!(text(&created, "/effect"), "EFFECT_APPLIED");
    let again = curl.one(token, &service("CreateRecord"), create);
    // But for the tokens, which are sealed anew.
    assert_eq!(without_tokens(created.clone()), without_tokens(again), "the same request id gets the same answer");
    let record = text(&created, "/record/recordId").to_owned();
    let get = || curl.one(token, &service("GetRecord"), json!({"circle": circle, "record_id": record}));
    let got = get();
    assert_eq!(got.pointer("/record/body/painEntry/worst24h"), Some(&json!(6)));
    let shown = |view: &Value, name: &str| -> (Value, String) {
        let fields = view.pointer("/record/fields").and_then(Value::as_array).expect("fields");
        let field = fields.iter().find(|field| field["name"] == name).expect("field");
        (field["field"].clone(), text(field, "/shown").to_owned())
    };
    let (number, token_shown) = shown(&got, "worst_24h");
    let write = json!({
        "circle": circle, "record_id": record, "request_id": request_id(), "update_mask": {"paths": ["worst_24h"]},
        "shown": [{"field": number, "shown": token_shown}], "body": {"pain_entry": {"worst_24h": 7}}
    });
    let written = curl.one(token, &service("WriteRecord"), write);
    assert_eq!(text(&written, "/effect"), "EFFECT_APPLIED");
    assert_eq!(written.pointer("/record/body/painEntry/worst24h"), Some(&json!(7)));
    let listed = curl.one(token, &service("ListRecords"), json!({"circle": circle}));
    assert!(listed["records"].as_array().is_some_and(|records| records.len() >= 2));
    let several = curl.one(token, &service("ListRecords"), json!({"circle": circle, "types": [262, 101]}));
    let types = several["records"].as_array().expect("records").iter().map(|one| one["type"].as_u64());
    let mut types: Vec<_> = types.collect();
    types.dedup();
    assert_eq!(types, [Some(262), Some(101)], "one type after the other");
    let explained = curl.one(token, &service("ExplainRecord"), json!({"circle": circle, "record_id": record}));
    let fields = explained["fields"].as_array().expect("fields");
    let worst = fields.iter().find(|field| field["view"]["name"] == "worst_24h").expect("worst_24h");
    assert_eq!(worst["history"].as_array().map(Vec::len), Some(2), "both versions are in the history");
    let token_shown = text(&get(), "/record/shown").to_owned();
    let end = json!({
        "circle": circle, "record_id": record, "state": "LIFECYCLE_ENTERED_IN_ERROR", "shown": token_shown,
        "reason": "typed by mistake", "request_id": request_id()
    });
    let ended = curl.one(token, &service("EndRecord"), end);
    assert_eq!(text(&ended, "/record/lifecycle"), "LIFECYCLE_ENTERED_IN_ERROR");
    let token_shown = text(&ended, "/record/shown").to_owned();
    let restore = json!({
        "circle": circle, "record_id": record, "shown": token_shown, "reason": "it was right", "request_id": request_id()
    });
    let restored = curl.one(token, &service("RestoreRecord"), restore);
    assert_eq!(text(&restored, "/record/lifecycle"), "LIFECYCLE_ACTIVE");
    // The content of the first version is destroyed; the second one stays.
    let first = worst.pointer("/history/0/dot").cloned().expect("its number");
    let mut redact = json!({"circle": circle, "record_id": record, "dot": first});
    let refused = curl.call(token, &service("RedactVersion"), &redact).expect_err("a reason is due");
    assert!(refused.contains("REASON_REQUIRED"), "{refused}");
    redact["reason"] = json!("of another patient");
    curl.one(token, &service("RedactVersion"), redact);
    let told = curl.one(token, &service("ExplainRecord"), json!({"circle": circle, "record_id": record}));
    assert_eq!(text(&told, "/redactions/0/reason"), "of another patient");
    let entry = told.pointer("/record/body/painEntry").expect("the record stays");
    assert!(entry["worst24h"] == json!(7) && entry["effectiveStart"].is_null(), "{entry}");
    // A pain entry has one label: there is nowhere to move it to.
    let away = json!({"circle": circle, "record_id": record, "label_choice": 2, "request_id": request_id()});
    let refused = curl.call(token, &service("MoveRecord"), &away).expect_err("one label only");
    assert!(refused.contains("LABEL_CHOICE_INVALID"), "{refused}");
}

/// A head, days without a gap, an end; the worst of a day, in one message of the stream.
fn series_calls(curl: &Curl<'_>, patient: &Device) {
    const SERIES: &str = "osteon.timeline.v1.TimelineService/GetSeries";
    let token = patient.tokens.access_token.as_str();
    let circle = patient.circle.to_string();
    for worst in [4, 9] {
        let when = json!({"at": "2026-03-01T10:00:00Z", "utcOffsetMin": 60});
        let body = json!({"pain_entry": {"worst24h": worst, "effectiveStart": when}});
        let create = json!({"circle": circle, "request_id": request_id(), "body": body});
        curl.one(token, "osteon.record.v1.RecordService/CreateRecord", create);
    }
    let mut asked = json!({"circle": circle, "from": "2024-09-01", "to": "2026-03-31", "lanes": ["SERIES_LANE_PAIN"]});
    let answers = curl.call(token, SERIES, &asked).expect("a stream");
    let (first, last) = (&answers[0], &answers[answers.len() - 1]);
    assert_eq!(text(first, "/head/lanes/0/reducer"), "SERIES_REDUCER_HIGHEST");
    assert_eq!(text(first, "/head/lanes/0/sharing"), "SERIES_SHARING_ALL");
    assert_eq!((text(last, "/end/points"), text(last, "/end/entries")), ("1", "2"));
    let days = &answers[1..answers.len() - 1];
    assert!(days.len() >= 6, "{} messages of nineteen months", days.len());
    let point = days.iter().find_map(|message| message.pointer("/days/lanes/0/points/0")).expect("a point");
    assert_eq!((text(point, "/day"), text(point, "/worst"), &point["count"]), ("2026-03-01", "9", &json!(2)));
    asked["from"] = json!("2016-01-01");
    let refused = curl.call(token, SERIES, &asked).expect_err("ten years");
    assert!(refused.contains("LIMIT_EXCEEDED") && refused.contains("SERIES_DAYS"), "{refused}");
}

async fn review_calls(curl: &Curl<'_>, patient: &mut Device, nurse: &mut Device) {
    // Two who had not seen each other write the same field: a dispute.
    let record = entries(patient, 1).await[0];
    let number = body::type_number(&body::pain(1, 0));
    for (device, worst) in [(&mut *patient, 8u8), (&mut *nurse, 2)] {
        let edit = body::edit(record, body::raw(number, &[5 << 3, worst]));
        device.push_urgent(vec![edit]).await.expect("push");
    }
    let token = patient.tokens.access_token.as_str();
    let listed =
        curl.one(token, "osteon.review.v1.ReviewService/ListReviews", json!({"circle": patient.circle.to_string()}));
    let wanted = uuid::Uuid::from_bytes(record).to_string();
    let reviews = listed["reviews"].as_array().expect("reviews");
    let review = reviews.iter().find(|review| review["recordId"] == wanted).expect("the dispute is listed");
    let resolve = json!({
        "review_id": text(review, "/reviewId"), "shown": text(review, "/shown"), "request_id": request_id(),
        "value": {"pain_entry": {"worst_24h": 8}}, "reason": "asked the patient"
    });
    let resolved = curl.one(token, "osteon.review.v1.ReviewService/ResolveReview", resolve);
    assert_eq!(resolved.pointer("/record/body/painEntry/worst24h"), Some(&json!(8)));
    let left =
        curl.one(token, "osteon.review.v1.ReviewService/ListReviews", json!({"circle": patient.circle.to_string()}));
    let open = left["reviews"].as_array().map_or(0, |all| all.iter().filter(|r| r["recordId"] == wanted).count());
    assert_eq!(open, 0, "one decision closes it");
    let nurses = nurse.tokens.access_token.as_str();
    let settled = curl.one(nurses, "osteon.review.v1.ReviewService/ListSettled", json!({}));
    // The nurse had no version of it; use_cases/reviews.rs has somebody who had.
    assert_eq!(settled["settled"].as_array().map_or(0, Vec::len), 0, "{settled}");
    proposal_call(curl, patient, nurse);
}

/// The nurse proposes a limit of a plan; the patient, who may not write it, has nothing to decide.
fn proposal_call(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let circle = nurse.circle.to_string();
    let proposal = json!({"type": 201, "field": 3, "value": base64(&[3 << 3, 30]), "reason": "pain on lifting"});
    let create = json!({
        "circle": circle, "label_choice": 5, "request_id": request_id(), "body": {"proposal": proposal}
    });
    curl.one(&nurse.tokens.access_token, "osteon.record.v1.RecordService/CreateRecord", create);
    let list = "osteon.review.v1.ReviewService/ListProposals";
    let mine = curl.one(&nurse.tokens.access_token, list, json!({"mine": true}));
    assert_eq!(text(&mine, "/proposals/0/state"), "PROPOSAL_STATE_OPEN");
    let theirs = curl.one(&patient.tokens.access_token, list, json!({"circle": circle}));
    assert_eq!(theirs["proposals"].as_array().map_or(0, Vec::len), 0, "{theirs}");
}

fn consent_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let token = patient.tokens.access_token.as_str();
    let ask = json!({"circle": patient.circle.to_string(), "account": nurse.account.to_string()});
    let told = curl.one(token, "osteon.consent.v1.ConsentService/ExplainAccess", ask);
    assert_eq!(text(&told, "/role"), "ROLE_NURSE");
    assert_eq!(told["categories"].as_array().map(Vec::len), Some(22));
    assert_eq!(text(&told, "/categories/19/category"), "CATEGORY_C20_PRIVATE_NOTES");
    assert_eq!(told.pointer("/categories/19/actions/0/allowed"), Some(&json!(false)));
    assert_eq!(text(&told, "/categories/19/actions/0/reason"), "ACCESS_REASON_NOT_IN_MATRIX");
    let circle = json!({"circle": patient.circle.to_string()});
    let consent = curl.one(token, "osteon.consent.v1.ConsentService/GetConsent", circle.clone());
    assert!(consent["members"].as_array().is_some_and(|members| members.len() > 1), "the patient asks about everybody");
    let erased = curl.one(token, "osteon.consent.v1.ConsentService/ListErasures", circle);
    assert_eq!(erased["erasures"].as_array().map(Vec::len), Some(0), "nobody has lost anything");
}

/// The nurse starts a change of the team; the server does it by itself.
async fn team_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let token = nurse.tokens.access_token.as_str();
    let service = |method: &str| format!("osteon.identity.v1.TeamService/{method}");
    let leaves = member(curl.server, patient, "dietitian").await;
    let request = json!({
        "request_id": request_id(),
        "leave": [{"account": leaves.account.to_string(), "role": "ROLE_DIETITIAN"}],
    });
    let started = curl.one(token, &service("StartTeamChange"), request);
    assert_eq!(started.pointer("/steps"), Some(&json!(1)));
    let job = text(&started, "/job").to_owned();
    let mut far = Value::Null;
    for _ in 0..100 {
        far = curl.one(token, &service("GetTeamChange"), json!({"job": job}));
        if far["finished"] == json!(true) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!((&far["finished"], &far["done"], &far["refused"]), (&json!(true), &json!(1), &json!([])));
    let ask = json!({"circle": patient.circle.to_string()});
    let gone = curl.call(&leaves.tokens.access_token, "osteon.record.v1.RecordService/ListRecords", &ask);
    assert!(gone.expect_err("no member any more").contains("NotFound"));
    let theirs = curl.call(&patient.tokens.access_token, &service("GetTeamChange"), &json!({"job": job}));
    assert!(theirs.expect_err("somebody else's").contains("NotFound"));
}

/// The patient takes somebody out of the circle; what they wrote before and send later waits.
async fn quarantine_calls(curl: &Curl<'_>, patient: &Device) {
    let token = patient.tokens.access_token.as_str();
    let circle = patient.circle.to_string();
    let service = |method: &str| format!("osteon.review.v1.QuarantineService/{method}");
    let mut gone = member(curl.server, patient, "physiotherapist").await;
    let head = gone.hello().await.expect("hello").circles[0].head;
    remove_member(curl, patient, gone.account);
    let records = [record_id(now_ms()), record_id(now_ms())];
    let late = |record| sync::Change { base: Some(head), ..body::create(record, body::pain(7, now_ms())) };
    let verdicts = gone.push_urgent(records.map(late).to_vec()).await.expect("push");
    assert!(verdicts.iter().all(|v| verdict_word(v) == "QUARANTINED"));

    let listed = curl.one(token, &service("ListQuarantined"), json!({"circle": circle}));
    let ids: Vec<String> = (0..2).map(|i| text(&listed, &format!("/changes/{i}/id")).to_owned()).collect();
    assert_eq!(text(&listed, "/changes/0/reason"), "LEFT_CIRCLE");
    assert_eq!(listed.pointer("/changes/0/mayDecide"), Some(&json!(true)));
    let got = curl.one(token, &service("GetQuarantined"), json!({"circle": circle, "id": ids[0]}));
    assert_eq!(got.pointer("/change/writes/0/body/painEntry/worst24h"), Some(&json!(7)));
    let accept = json!({"circle": circle, "id": ids[0], "request_id": request_id()});
    let accepted = curl.one(token, &service("AcceptQuarantined"), accept);
    let explained = curl.one(
        token,
        "osteon.record.v1.RecordService/ExplainRecord",
        json!({"circle": circle, "record_id": text(&accepted, "/recordId")}),
    );
    let behalf = explained.pointer("/fields/0/history/0/onBehalfOf").and_then(Value::as_str);
    assert_eq!(behalf, Some(gone.account.to_string().as_str()), "both names stand there");
    let no_reason = curl.call(token, &service("RejectQuarantined"), &json!({"circle": circle, "id": ids[1]}));
    assert!(no_reason.expect_err("a reason is due").contains("FailedPrecondition"));
    let reject = json!({"circle": circle, "id": ids[1], "reason": "written twice"});
    curl.one(token, &service("RejectQuarantined"), reject);
    let left = curl.one(token, &service("ListQuarantined"), json!({"circle": circle}));
    assert_eq!(left["changes"].as_array().map(Vec::len), Some(0));
    let theirs = curl.call(&gone.tokens.access_token, &service("ListQuarantined"), &json!({"circle": circle}));
    assert!(theirs.expect_err("no member").contains("NotFound"));
}

/// A nurse of another circle of the clinic reads in an emergency; the patient sees it.
async fn glass_calls(curl: &Curl<'_>, patient: &Device) {
    let circle = patient.circle.to_string();
    let service = |method: &str| format!("osteon.identity.v1.BreakGlassService/{method}");
    let invite = curl.server.new_circle("nurse").expect("another circle");
    let nurse = Device::enrol(curl.server.channel().expect("channel"), &invite).await.expect("nurse");
    let token = nurse.tokens.access_token.as_str();
    let list = json!({"circle": circle, "type": 103});
    let records = "osteon.record.v1.RecordService/ListRecords";
    assert!(curl.call(token, records, &list).expect_err("no member").contains("NotFound"));
    let short = json!({"circle": circle, "reason": "in pain"});
    assert!(curl.call(token, &service("BreakGlass"), &short).expect_err("say why").contains("InvalidArgument"));
    let ask = json!({"circle": circle, "reason": "found unconscious at home, daughter is with her"});
    let opened = curl.one(token, &service("BreakGlass"), ask);
    assert_eq!(text(&opened, "/circle"), circle);
    assert!(curl.one(token, records, list.clone())["records"].as_array().is_some_and(|all| !all.is_empty()));
    let told = curl.one(
        &patient.tokens.access_token,
        "osteon.record.v1.RecordService/GetRecord",
        json!({"circle": circle, "record_id": text(&opened, "/recordId")}),
    );
    let reason = text(&told, "/record/body/breakGlass/reason");
    assert_eq!(reason, "found unconscious at home, daughter is with her");
    let notices = curl.one(&patient.tokens.access_token, records, json!({"circle": circle, "type": 311}));
    assert_eq!(text(&notices, "/records/0/body/notice/kind"), "NOTICE_KIND_BREAK_GLASS");
    let end = json!({"circle": circle, "record_id": text(&opened, "/recordId")});
    curl.one(token, &service("EndBreakGlass"), end);
    assert!(curl.call(token, records, &list).expect_err("it is over").contains("NotFound"));
    // An administrator looks at it afterwards; the patient reads what was found.
    let invite = curl.server.invite_into("d0001", "clinic-admin").expect("invite");
    let admin = Device::enrol(curl.server.channel().expect("channel"), &invite).await.expect("administrator");
    let admins = admin.tokens.access_token.as_str();
    let waiting = curl.one(admins, &service("ListBreakGlass"), json!({"not_reviewed": true}));
    assert_eq!(text(&waiting, "/accesses/0/recordId"), text(&opened, "/recordId"));
    let review = json!({
        "circle": circle, "record_id": text(&opened, "/recordId"), "finding": "The call is in the log.",
        "request_id": request_id()
    });
    curl.one(admins, &service("ReviewBreakGlass"), review);
    let told = curl.one(&patient.tokens.access_token, &service("ListBreakGlass"), json!({"circle": circle}));
    assert_eq!(text(&told, "/accesses/0/review/finding"), "The call is in the log.");
}

/// Membership becomes DENY, online.
fn remove_member(curl: &Curl<'_>, patient: &Device, account: u64) {
    let token = patient.tokens.access_token.as_str();
    let circle = patient.circle.to_string();
    let members = json!({"circle": circle, "type": 262});
    let listed = curl.one(token, "osteon.record.v1.RecordService/ListRecords", members);
    let records = listed["records"].as_array().expect("members");
    let of = |record: &&Value| record.pointer("/body/circleMember/account") == Some(&json!(account.to_string()));
    let record = records.iter().find(of).expect("the member");
    let fields = record["fields"].as_array().expect("fields");
    let field = fields.iter().find(|field| field["name"] == "membership").expect("membership");
    let write = json!({
        "circle": circle, "record_id": text(record, "/recordId"),
        "shown": [{"field": field["field"], "shown": text(field, "/shown")}],
        "body": {"circle_member": {"membership": "DECISION_DENY"}}, "reason": "has moved away"
    });
    curl.one(token, "osteon.record.v1.RecordService/WriteRecord", write);
}

/// What each call that succeeded has left, under its word.
fn everything_is_audited(server: &Server) {
    let actions = |of: &[&str]| -> BTreeSet<String> {
        let shown = server.cli(&[&["audit", "show", "--limit", "10000"], of].concat()).expect("audit show");
        let ok = shown["entries"].as_array().expect("entries").iter().filter(|entry| entry["outcome"] == "ok");
        ok.map(|entry| text(entry, "/action").to_owned()).collect()
    };
    let circle = actions(&["--circle", "d0001"]);
    for action in [
        "push",
        "pull.open",
        "pull.end",
        "feed.list",
        "record.get",
        "record.list",
        "record.create",
        "record.write",
        "record.end",
        "record.restore",
        "record.explain",
        "record.redact",
        "series.get",
        "attachment.put",
        "attachment.get",
        "digest.get",
        "view.get",
        "work.list",
        "seen.list",
        "visit.get",
        "task.list",
        "review.list",
        "review.resolve",
        "proposal.list",
        "audit.list",
        "glass.list",
        "glass.review",
        "visit_sheet.print",
        "patient.export",
        "invite",
        "invite.list",
        "invite.revoke",
        "circle.found",
    ] {
        assert!(circle.contains(action), "no {action} in {circle:?}");
    }
    assert!(actions(&["--clinic", "clinic"]).contains("rebase"));
}

/// The patient reads who read them; the nurse what she did herself.
fn audit_call(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    const LIST: &str = "osteon.audit.v1.AuditService/ListAccess";
    let circle = patient.circle.to_string();
    let all = |device: &Device, mut message: Value| {
        let (mut entries, mut pages) = (Vec::new(), 0);
        message["circle"] = json!(circle);
        message["page_size"] = json!(5);
        loop {
            let page = curl.one(device.tokens.access_token.as_str(), LIST, message.clone());
            entries.extend(page["entries"].as_array().expect("entries").clone());
            pages += 1;
            message["page_token"] = page["nextPageToken"].clone();
            if text(&page, "/nextPageToken").is_empty() {
                return (entries, pages);
            }
        }
    };
    let nurses = nurse.tokens.access_token.as_str();
    let sheet = json!({
        "circle": circle, "kind": "EXPORT_KIND_PRINT", "page": "EXPORT_PAGE_VISIT_SHEET", "count": 3,
        "categories": ["CATEGORY_C06_SYMPTOMS"]
    });
    let noted = curl.one(nurses, "osteon.audit.v1.AuditService/RecordExport", sheet);
    assert!(!text(&noted, "/at").is_empty());
    curl.one(nurses, "osteon.record.v1.RecordService/ListRecords", json!({"circle": circle}));
    let mine = |entries: &[Value], account: u64| {
        let account = account.to_string();
        entries.iter().filter(|entry| text(entry, "/account") == account).count()
    };
    let (reads, pages) = all(patient, json!({"kind": "ACCESS_KIND_READ"}));
    assert!(pages > 1, "paged");
    assert!(mine(&reads, nurse.account) > 0 && mine(&reads, patient.account) > 0, "{reads:?}");
    assert!(reads.iter().all(|entry| text(entry, "/requestId").len() == 16 && entry["kind"] == "ACCESS_KIND_READ"));
    assert!(reads.iter().any(|entry| entry["action"] == "record.get" && !text(entry, "/recordId").is_empty()));
    assert!(reads.iter().any(|entry| entry["role"] == "ROLE_NURSE"));
    let (own, _) = all(nurse, json!({}));
    assert!(mine(&own, nurse.account) == own.len() && !own.is_empty(), "her own only");
    let (old, _) = all(patient, json!({"to": "2020-01-01T00:00:00Z"}));
    assert!(old.is_empty());
    let asked = json!({"circle": circle, "account": patient.account.to_string()});
    let refused = curl.call(nurses, LIST, &asked).expect_err("somebody else's rows");
    assert!(refused.contains("NotFound"), "{refused}");
}

/// The patient takes everything along; the nurse does not learn that one could.
fn export_call(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    const EXPORT: &str = "osteon.export.v1.ExportService/ExportPatient";
    let mut message = json!({"circle": patient.circle.to_string(), "page_size": 7});
    let refused = curl.call(&nurse.tokens.access_token, EXPORT, &message).expect_err("not hers");
    assert!(refused.contains("NotFound"), "{refused}");
    let mut items = Vec::new();
    loop {
        let page = curl.one(&patient.tokens.access_token, EXPORT, message.clone());
        items.extend(page["items"].as_array().expect("items").clone());
        message["page_token"] = page["nextPageToken"].clone();
        if text(&page, "/nextPageToken").is_empty() {
            break;
        }
    }
    let count = |kind: &str| items.iter().filter(|item| item.get(kind).is_some()).count();
    assert_eq!((count("head"), count("end")), (1, 1));
    assert!(count("record") > 5 && count("access") > 20, "{} records", count("record"));
    let typed = |item: &&Value| item.pointer("/record/record/body/painEntry").is_some();
    assert!(items.iter().any(|item| typed(&item)), "bodies are readable");
    let end = items.last().expect("an end");
    assert_eq!(text(end, "/end/records"), count("record").to_string());
}

/// What became of an invite that was used; one that is asked for twice, and taken back.
fn invite_calls(curl: &Curl<'_>, nurse: &Device, used: &str) {
    let call = |method: &str, message: Value| {
        curl.one(&nurse.tokens.access_token, &format!("osteon.identity.v1.EnrolmentService/{method}"), message)
    };
    let circle = nurse.circle.to_string();
    let ask = json!({"circle": circle, "role": "ROLE_DIETITIAN", "request_id": request_id()});
    let made = call("CreateInvite", ask.clone());
    assert_eq!(call("CreateInvite", ask), made, "the same answer, with the same code");
    let one = json!({"circle": circle, "invite_id": text(&made, "/inviteId")});
    assert_eq!(text(&call("RevokeInvite", one), "/invite/state"), "INVITE_STATE_REVOKED");
    let listed = call("ListInvites", json!({"circle": circle}));
    let invites = listed["invites"].as_array().expect("invites");
    let state = |id: &str| text(invites.iter().find(|one| text(one, "/inviteId") == id).expect("listed"), "/state");
    assert_eq!(state(used), "INVITE_STATE_DONE");
    assert_eq!(state(text(&made, "/inviteId")), "INVITE_STATE_REVOKED");
    assert!(!listed.to_string().contains(text(&made, "/code")), "codes are told once");
}

fn identity_calls(curl: &Curl<'_>, nurse: &Device) {
    let enrolment = |method: &str| format!("osteon.identity.v1.EnrolmentService/{method}");
    let session = |method: &str| format!("osteon.identity.v1.SessionService/{method}");
    let token = nurse.tokens.access_token.as_str();
    let invite = curl.one(
        token,
        &enrolment("CreateInvite"),
        json!({"circle": nurse.circle.to_string(), "role": "ROLE_DIETITIAN"}),
    );
    let key = new_key().expect("key");
    let mut message = json!({
        "code": text(&invite, "/code"), "short_id": text(&invite, "/shortId"), "device_key": base64(key.public_key().as_ref())
    });
    let begun = curl.one("", &enrolment("BeginEnrolment"), message.clone());
    let challenge = STANDARD.decode(text(&begun, "/challenge")).expect("base64");
    message["challenge"] = begun["challenge"].clone();
    message["signature"] = json!(base64(&sign(&key, &challenge).expect("signature")));
    message["device_name"] = json!("pasted");
    let finished = curl.one("", &enrolment("FinishEnrolment"), message);
    assert_eq!(text(&finished, "/role"), "ROLE_DIETITIAN");
    invite_calls(curl, nurse, text(&invite, "/inviteId"));

    let begun = curl.one("", &session("BeginSession"), json!({"device_key": base64(key.public_key().as_ref())}));
    let challenge = STANDARD.decode(text(&begun, "/challenge")).expect("base64");
    let finish = json!({
        "device_key": base64(key.public_key().as_ref()), "challenge": begun["challenge"],
        "signature": base64(&sign(&key, &challenge).expect("signature"))
    });
    let signed_in = curl.one("", &session("FinishSession"), finish);
    let id = request_id();
    let nonce = STANDARD.decode(text(&signed_in, "/tokens/refreshNonce")).expect("base64");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &[&nonce[..], id.as_bytes()].concat());
    let proof = sign(&key, digest.as_ref()).expect("signature");
    let refresh = json!({
        "refresh_token": text(&signed_in, "/tokens/refreshToken"), "request_id": id, "signature": base64(&proof)
    });
    let refreshed = curl.one("", &session("RefreshSession"), refresh.clone());
    let again = curl.one("", &session("RefreshSession"), refresh);
    assert_eq!(refreshed, again, "the same refresh with the same request id gets the same successor");
    let token = text(&refreshed, "/tokens/accessToken");
    let me = curl.one(token, &session("GetMe"), json!({}));
    assert_eq!(text(&me, "/circles/0/role"), "ROLE_DIETITIAN");
    curl.one(token, &session("EndSession"), json!({}));
    let error = curl.call(token, &session("GetMe"), &json!({})).expect_err("the session has ended");
    assert!(error.contains("Unauthenticated"), "{error}");
}

fn device_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    let service = |method: &str| format!("osteon.identity.v1.DeviceService/{method}");
    let notices = |method: &str| format!("osteon.identity.v1.NoticeService/{method}");
    let (token, circle) = (nurse.tokens.access_token.as_str(), nurse.circle.to_string());
    let listed = curl.one(token, &service("ListDevices"), json!({"circle": circle}));
    let devices = listed["devices"].as_array().expect("devices");
    // The dietitian's, which was enrolled by pasted calls.
    let pasted = devices.iter().find(|device| device["name"] == "pasted").expect("listed");
    let device = text(pasted, "/device").to_owned();
    let named =
        curl.one(token, &service("RenameDevice"), json!({"circle": circle, "device": device, "name": "Kitchen"}));
    assert_eq!(text(&named, "/device/name"), "Kitchen");
    let code = curl.one(token, &service("CreateSignInCode"), json!({"circle": circle, "device": device}));
    assert_eq!(text(&code, "/code").len(), 8);
    let order = json!({"circle": circle, "device": device, "order": "DEVICE_ORDER_WIPE"});
    let wiped = curl.one(token, &service("RevokeDevice"), order.clone());
    assert_eq!(text(&wiped, "/device/standing"), "DEVICE_STANDING_WIPED");
    let patient = patient.tokens.access_token.as_str();
    let error = curl.call(patient, &service("RevokeDevice"), &order).expect_err("not the patient's to revoke");
    assert!(error.contains("NotFound"), "{error}");
    let told = curl.one(patient, &notices("ListNotices"), json!({"all": true}));
    assert_eq!(told["notices"].as_array().map(Vec::len), Some(0), "nothing happened to the patient's account");
    let left = curl.one(patient, &notices("AcknowledgeNotices"), json!({"up_to": "1"}));
    assert_eq!(left["unacknowledged"], 0);
}

/// Last: it takes the device's numbers away.
fn rebase_call(curl: &Curl<'_>, nurse: &Device) {
    let message = json!({
        "forked": [{"epoch": nurse.urgent.epoch, "replica": nurse.urgent.replica, "counter": "1"}],
        "request_id": request_id()
    });
    let rebased = curl.one(nurse.tokens.access_token.as_str(), "osteon.sync.v1.SyncService/Rebase", message);
    assert_eq!(rebased["lanes"].as_array().map(Vec::len), Some(2));
}

//! What there is to do today, on a phone without a network: out of the plans that it holds, in words; ticked off there, on
//! two phones, and done for everybody once they have met the server.

use osteon_care_core::Day;
use osteon_proto::{
    care,
    task::{self as pb, task_service_client::TaskServiceClient},
};
use osteon_tests::{
    body,
    device::Device,
    server::{Server, Setup},
};
use prost::Message;
use serde_json::Value;

use crate::{
    circle::create,
    commands::{Phone, ends},
    support::invited,
};

const EXERCISE_PLAN: u32 = 201;
const EXERCISE: u32 = 211;
const SUPPLEMENT: u32 = 291;
const LESION: u32 = 251;

/// The exercise plan's record.
async fn plans(physio: &Device, physician: &Device) -> [u8; 16] {
    let exercise = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Modified.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        sessions_per_week: Some(7),
        max_minutes_session: Some(20),
        pain_stop_nrs: Some(4),
        forbidden_movements: vec!["trunk_rotation".into()],
        ..Default::default()
    };
    let plan = create(physio, body::raw(EXERCISE_PLAN, &exercise.encode_to_vec()), 0).await.expect("made");
    for (product, status) in [("iron", care::SupplementStatus::Active), ("calcium", care::SupplementStatus::Hold)] {
        let line = care::SupplementLine {
            product: Some(product.into()),
            times_per_day: Some(1),
            status: Some(status.into()),
            ..Default::default()
        };
        create(physician, body::raw(SUPPLEMENT, &line.encode_to_vec()), 0).await.expect("made");
    }
    uuid::Uuid::parse_str(&plan.record_id).expect("an id").into_bytes()
}

fn json(phone: &Phone, args: &[&str]) -> Value {
    let said = phone.run(&[&["--json"], args].concat());
    ends(&said, 0, "");
    serde_json::from_str(&said.out).expect("one object")
}

fn of<'v>(listed: &'v Value, kind: &str) -> &'v Value {
    let all = listed["tasks"].as_array().expect("tasks");
    all.iter().find(|task| task["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {listed}"))
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn today_is_told_and_ticked_off_with_no_network() {
    let mut server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    // In the evening: everything of the day has begun.
    let phone = Phone::new(&server, &dir.path().join("p")).where_it_is(22);
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    ends(&phone.run(&["sync"]), 0, "");
    let nothing = phone.run(&["today"]);
    ends(&nothing, 0, "No plan on this phone has a task for this day. If you expected one, ask your team.");
    let physio = invited(&server, &invite.short_id, "physiotherapist").await;
    let physician = invited(&server, &invite.short_id, "physician").await;
    plans(&physio, &physician).await;
    ends(&phone.run(&["sync"]), 0, "");

    server.kill().expect("killed");
    ends(&phone.run(&["offline", "on"]), 0, "Offline");
    let listed = json(&phone, &["today"]);
    let today = word(&listed, "date").to_owned();
    let session = of(&listed, "exercise");
    assert_eq!((session["from_min"].as_u64(), session["to_min"].as_u64()), (Some(600), Some(720)));
    assert_eq!(session["why"]["type"], "P-EX");
    let said = phone.run(&["today", "--date", &today]);
    for line in [
        "10:00 to 12:00   Your exercises, up to 20 minutes",
        "Take iron",
        "Supplement: on hold until your team says otherwise.",
    ] {
        ends(&said, 0, line);
    }
    assert!(!said.out.contains("task.") && !said.out.contains("Take calcium"), "{}", said.out);
    // Tomorrow is another day: what is to be minded stands under what is to come.
    let tomorrow = Day::parse(&today).expect("a day").plus(1).to_string();
    for line in ["later", "Stop when pain reaches 4 of 10", "Do not: trunk rotation"] {
        ends(&phone.run(&["today", "--date", &tomorrow]), 0, line);
    }

    let number = word(session, "id").to_owned();
    let done = phone.run(&["done", &number]);
    ends(&done, 0, "Done: Your exercises, up to 20 minutes");
    ends(&done, 0, "Not sent yet. Your team cannot see it yet.");
    let said = phone.run(&["today", "--date", &today]);
    let line = said.out.lines().find(|line| line.starts_with(&number)).expect("its line");
    assert!(line.contains("  done ") && line.ends_with("not sent yet"), "{line}");
    ends(&said, 0, "Something done on one day of the last four weeks");
    for no_number in ["", "1", "999", "zzzz"] {
        let refused = phone.run(&["done", no_number]);
        ends(&refused, 2, "is no task's number. It stands before the task (osteon-phone today) and has 8 digits");
    }
    ends(&phone.run(&["done", &number]), 0, "It was said before.");
    ends(&phone.run(&["status"]), 0, "To send       1 entries");
    ends(&phone.run(&["done", &number, "--sent"]), 3, "Saved on this phone");
    // Left out first, and done after all: the phone knows its own record.
    let iron = word(of(&listed, "supplement"), "id").to_owned();
    ends(&phone.run(&["done", &iron, "--skipped"]), 0, "Skipped: Take iron");
    assert_eq!(of(&json(&phone, &["today", "--date", &today]), "supplement")["state"], "skipped");
    ends(&phone.run(&["done", &iron]), 0, "Done: Take iron");

    server.restart().expect("restarted");
    ends(&phone.run(&["offline", "off"]), 0, "");
    ends(&phone.run(&["sync"]), 0, "");
    let sent = json(&phone, &["today", "--date", &today]);
    assert_eq!(of(&sent, "exercise")["unsent"], false);
    let physio = invited(&server, &invite.short_id, "physiotherapist").await;
    let asked = pb::ListTasksRequest {
        circle: physio.circle,
        from: today.clone(),
        utc_offset_min: Some(phone.offset_min()),
        ..Default::default()
    };
    let answer = TaskServiceClient::new(physio.channel.clone()).list_tasks(physio.request(asked)).await;
    let answer = answer.expect("tasks").into_inner();
    let theirs = answer.tasks.iter().find(|task| task.kind() == pb::TaskKind::Exercise).expect("the session");
    assert_eq!(theirs.state(), pb::TaskState::Done);
    assert_eq!(theirs.record_id.replace('-', ""), word(session, "record"), "the same occurrence");
    assert_eq!(theirs.title.as_ref().map(|title| title.text.as_str()), session["title"].as_str());
}

/// A number that is none of today's: ends of numbers are those of today alone; and a task whose time has not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_ticked_says_why() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p")).where_it_is(6);
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    let physician = invited(&server, &invite.short_id, "physician").await;
    let line = care::SupplementLine {
        product: Some("iron".into()),
        times_per_day: Some(17),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    };
    create(&physician, body::raw(SUPPLEMENT, &line.encode_to_vec()), 0).await.expect("made");
    ends(&phone.run(&["sync"]), 0, "");
    let listed = json(&phone, &["today"]);
    let doses = listed["tasks"].as_array().expect("tasks");
    // The end of a number is that of a task of today, and of no other.
    let tomorrow = Day::parse(word(&listed, "date")).expect("a day").plus(1).to_string();
    let ahead = json(&phone, &["today", "--date", &tomorrow]);
    let ahead = word(&ahead["tasks"][0], "id");
    ends(&phone.run(&["done", &ahead[4..]]), 2, "is no task's number");
    let later = doses.last().expect("the last one");
    assert_eq!(later["state"], "not_yet");
    let early = phone.run(&["done", &word(later, "id")[4..]]);
    ends(&early, 2, "Take iron: it is open from");
    assert!(early.err.contains(", 20:00 on, and nothing was ticked."), "{}", early.err);
    let states = |listed: &Value| -> Vec<String> {
        listed["tasks"].as_array().expect("tasks").iter().map(|task| word(task, "state").to_owned()).collect()
    };
    assert!(states(&json(&phone, &["today"])).iter().all(|state| state == "not_yet"));
    // To leave one out may be said before.
    ends(&phone.run(&["done", word(later, "id"), "--skipped"]), 0, "Skipped: Take iron");
    assert_eq!(states(&json(&phone, &["today"])).last().map(String::as_str), Some("skipped"));
}

/// A lesion that the plan has not seen: the session is ticked off by whoever says that it was done all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_asked_about_first_is_not_ticked_by_itself() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p")).where_it_is(22);
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    let physio = invited(&server, &invite.short_id, "physiotherapist").await;
    let physician = invited(&server, &invite.short_id, "physician").await;
    let plan = plans(&physio, &physician).await;
    let named = care::Exercise {
        parent: Some(plan.to_vec().into()),
        block: Some(care::ExerciseBlock::Main.into()),
        code: Some("abdominal_brace".into()),
        ..Default::default()
    };
    create(&physio, body::raw(EXERCISE, &named.encode_to_vec()), 0).await.expect("made");
    let lesion = care::Lesion {
        site: Some("lumbar".into()),
        level: Some("L2".into()),
        r#type: Some(care::LesionType::Lytic.into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        ..Default::default()
    };
    create(&physician, body::raw(LESION, &lesion.encode_to_vec()), 0).await.expect("made");
    ends(&phone.run(&["sync"]), 0, "");
    let listed = json(&phone, &["today"]);
    let session = of(&listed, "exercise");
    assert_eq!(session["state"], "ask_first", "{session}");
    let number = word(session, "id");
    let asked = phone.run(&["done", number]);
    ends(&asked, 5, "Nothing was ticked. If it was done already: again, with --yes");
    assert!(asked.out.contains(session["notes"][0].as_str().expect("why")), "{}", asked.out);
    assert_eq!(of(&json(&phone, &["today"]), "exercise")["state"], "ask_first");
    ends(&phone.run(&["done", number, "--yes"]), 0, "Done: Your exercises, up to 20 minutes");
    assert_eq!(of(&json(&phone, &["today"]), "exercise")["state"], "done");
}

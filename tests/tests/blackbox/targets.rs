//! What guidelines and labels say for a person, on a phone without a network: in words, each with its source, beside what the
//! plan has set; and the same list from the server.

use osteon_proto::{
    care,
    target::{self as pb, target_service_client::TargetServiceClient},
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

const NUTRITION: u32 = 221;
const BONE: u32 = 231;
const RISK: u32 = 281;

async fn write_down(physician: &Device, dietitian: &Device) {
    let make = async |who: &Device, number: u32, bytes: Vec<u8>| {
        create(who, body::raw(number, &bytes), 0).await.expect("made");
    };
    let risk = care::RiskProfile {
        birth_date: Some("1950-01-31".into()),
        sex_for_reference: Some(care::SexForReference::M.into()),
        heart_failure: Some(care::TriState::Yes.into()),
        kidney_disease: Some(care::TriState::No.into()),
        primary_cancer: Some("399068003".into()),
        ..Default::default()
    };
    make(physician, RISK, risk.encode_to_vec()).await;
    let bone = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        dose: Some(120_000),
        dose_unit: Some("mg".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        ..Default::default()
    };
    make(physician, BONE, bone.encode_to_vec()).await;
    let food = care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        calcium_mg_d_target: Some(1_000),
        ..Default::default()
    };
    make(dietitian, NUTRITION, food.encode_to_vec()).await;
}

fn json(phone: &Phone, args: &[&str]) -> Value {
    let said = phone.run(&[&["--json"], args].concat());
    ends(&said, 0, "");
    serde_json::from_str(&said.out).expect("one object")
}

fn of<'v>(listed: &'v Value, id: &str) -> &'v Value {
    let groups = listed["groups"].as_array().expect("groups");
    let mut all = groups.iter().flat_map(|group| group["targets"].as_array().expect("targets"));
    all.find(|target| target["id"] == id).unwrap_or_else(|| panic!("no {id} in {listed}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_are_told_with_their_source_and_no_network() {
    let mut server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    ends(&phone.run(&["sync"]), 0, "");
    let nothing = phone.run(&["targets", "calcium"]);
    for line in [
        "one dose: at most 500 mg, elemental calcium in one dose; carbonate with food, citrate at any time  [ODS-CA (verified)]",
        "cannot tell (missing date of birth)",
        "Nothing of this is set in a plan on this phone.",
    ] {
        ends(&nothing, 0, line);
    }
    let (physician, dietitian) =
        (invited(&server, &invite.short_id, "physician").await, invited(&server, &invite.short_id, "dietitian").await);
    write_down(&physician, &dietitian).await;
    ends(&phone.run(&["log", "weight", "80.25"]), 0, "");
    ends(&phone.run(&["sync"]), 0, "");

    server.kill().expect("killed");
    ends(&phone.run(&["offline", "on"]), 0, "Offline");
    let said = phone.run(&["targets"]);
    for line in [
        "1000 to 1200 mg a day, in all, from food first (3.1)  [ASCO19 (verified)]",
        "This rests on: ",
        "for whom: with a cancer; if at risk of a fracture (a person judges)",
        "1200 mg a day, recommended for everybody of this age  [DRI (verified)]",
        "cannot tell (missing a recent calcium result)",
        "not the same as: ASCO19",
        "These sources do not say the same: your team decides which one is yours.",
        "Set in the plan: to aim at: 1000 mg a day",
        "not for this person (",
        "heart failure",
        "more than 80.25 to 120.375 g a day, at 80.25 kg of ",
        "(seen in a secondary text)",
        "pain that is severe, of 10: 7 (SERLIN95), 8 (LI06), 9 (CHOW16); in force: 7, as the rules have it",
        "None of this was put into a plan",
    ] {
        ends(&said, 0, line);
    }
    for code in ["calcium_mg", "P-NUT", "vitamin_d", "TARGET_"] {
        assert!(!said.out.contains(code), "{code} is no word for a person:\n{}", said.out);
    }
    ends(&phone.run(&["targets", "calories"]), 2, "no such topic. One of: calcium, vitamin-d");
    let young = json(&phone, &["targets", "calcium", "--on", "2001-01-30"]);
    assert_eq!(of(&young, "calcium.rda.19_50")["fit"], "applies", "fifty on the day before");
    let listed = json(&phone, &["targets"]);
    assert_eq!(of(&listed, "protein.espen")["per_day"][0]["amount"]["max"], "120.375");
    let plan = &listed["groups"][0]["plan"][0];
    assert_eq!((&plan["field"], plan["in_force"].as_i64()), (&Value::from("calcium_mg_d_target"), Some(1_000)));

    server.restart().expect("restarted");
    let asked = pb::ListTargetsRequest { circle: physician.circle, ..Default::default() };
    let answer = TargetServiceClient::new(physician.channel.clone()).list_targets(physician.request(asked)).await;
    let answer = answer.expect("targets").into_inner();
    let theirs: Vec<(&str, &str, &str)> = answer
        .groups
        .iter()
        .flat_map(|group| &group.targets)
        .map(|target| (target.id.as_str(), target.text.as_str(), target.standing.as_str()))
        .collect();
    let groups = listed["groups"].as_array().expect("groups");
    let own: Vec<(&str, &str, &str)> = groups
        .iter()
        .flat_map(|group| group["targets"].as_array().expect("targets"))
        .map(|target| {
            let text = |name: &str| target[name].as_str().unwrap_or_default();
            (text("id"), text("text"), text("standing"))
        })
        .collect();
    assert_eq!(own, theirs, "phone and server say the same");
}

//! A rule set file: taken or refused, and what it does to alerts that stand.

use osteon_care_core::rules::{BUILT_IN, sealed};
use osteon_proto::{care, meta::Role};
use osteon_server::app::alerts::{
    due,
    rules_file::{self, Refused},
};

use crate::{
    alerts::{alerts, close, raise, weak_leg},
    fixture::*,
};

const TEAM: [Role; 3] = [Role::Patient, Role::Nurse, Role::Physician];

/// The built-in set with members replaced, under the checksum of its content.
fn set(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut file: serde_json::Value = serde_json::from_str(BUILT_IN).expect("JSON");
    // Before the clock of these cases.
    file["published"] = "2025-01-01".into();
    change(&mut file);
    sealed(file.to_string().as_bytes()).expect("a set")
}

pub(crate) async fn what_is_wrong_with_it_is_said_and_the_old_set_stays(kit: Kit) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.json");
    let refused = || *kit.app.care.refused().borrow();
    let put = |text: &str| std::fs::write(&path, text).expect("written");
    rules_file::look(&kit.app, &path).await.expect("looked");
    assert_eq!(refused(), Some(Refused::Unreadable));

    put(&set(|file| file["version"] = 7.into()));
    rules_file::look(&kit.app, &path).await.expect("looked");
    assert_eq!((refused(), kit.app.care.set().version), (None, 7));

    let info = |file: &mut serde_json::Value| {
        let rules = file["rules"].as_array_mut().expect("rules");
        rules.iter_mut().find(|rule| rule["id"] == "R-MSCC-1").expect("the rule")["severity"] = "info".into();
    };
    let wrong: [(String, &str); 7] = [
        (set(info), "RULE_SET_LESS_CAREFUL"),
        ("{".into(), "RULE_SET_MALFORMED"),
        (set(|file| file["published"] = "2099-01-01".into()), "RULE_SET_FROM_FUTURE"),
        (set(|file| file["version"] = 8.into()).replace("\"version\": 8", "\"version\": 9"), "RULE_SET_CHECKSUM"),
        (set(|file| file["engine"] = 2.into()), "RULE_SET_NEEDS_NEWER_PROGRAM"),
        (set(|file| _ = file["rules"].as_array_mut().expect("rules").pop()), "RULE_SET_MALFORMED"),
        (" ".repeat(2 << 20), "RULE_SET_TOO_LARGE"),
    ];
    for (text, reason) in wrong {
        put(&text);
        rules_file::look(&kit.app, &path).await.expect("looked");
        assert_eq!(refused().map(Refused::reason), Some(reason));
        assert_eq!(kit.app.care.set().version, 7, "{reason}: what stood stays in force");
    }
    put(&set(|file| file["version"] = 8.into()));
    rules_file::look(&kit.app, &path).await.expect("looked");
    assert_eq!((refused(), kit.app.care.set().version), (None, 8));
}

pub(crate) async fn a_changed_set_is_asked_again_and_announces_nothing_twice(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let closed = raise(&kit, &circle).await;
    close(&kit, &nurse, circle.no, closed).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), 102, &weak_leg(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let before = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len();
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0, "nothing is due");

    // Another set, in which falls of a day are urgent: it is asked about what stands.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.json");
    let text = set(|file| {
        file["version"] = 9.into();
        let rules = file["rules"].as_array_mut().expect("rules");
        let rule = rules.iter_mut().find(|rule| rule["id"] == "R-MSCC-1").expect("the rule");
        rule["patient_text"] = "Call {emergency_line}.".into();
    });
    std::fs::write(&path, text).expect("written");
    rules_file::look(&kit.app, &path).await.expect("looked");
    assert!(!kit.app.store.rules_due(kit.app.now_ms(), 10).await.expect("due").is_empty(), "every circle is due");
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0, "what stands, and what was closed, is no news");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), before);
    assert!(kit.app.store.rules_due(kit.app.now_ms(), 10).await.expect("due").is_empty(), "they were looked at");
    // What is raised now is raised under the new set.
    let change = kit.change(vec![create(kit.id(), 102, &weak_leg(NOW + 1))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let raised: Vec<care::Alert> = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert!(raised.iter().any(|alert| alert.rule_set.as_deref().is_some_and(|set| set.starts_with("9 of "))));
}

//! Wishes, disputes, late arrivals, a device that is away.

use osteon_care_core::{facts::*, rules::*};

use crate::world::*;

crate::rule_tests! {
    r_eol_1 = "R-EOL-1";
    r_sync_1 = "R-SYNC-1";
    r_sync_2 = "R-SYNC-2";
    r_sync_3 = "R-SYNC-3";
}

fn wish(comfort: Live<String>, revoked: bool) -> Option<Wishes> {
    Some(Wishes {
        id: id(),
        comfort,
        preferred_route: "Call the hospice first: 030 99.".to_owned().into(),
        revoked: revoked.into(),
    })
}

fn comfort() -> Live<String> {
    "comfort_focused".to_owned().into()
}

fn r_eol_1() -> Vec<Case> {
    vec![
        fires(Info, "comfort-focused", |f| f.wishes = wish(comfort(), false)),
        no("withdrawn", |f| f.wishes = wish(comfort(), true)),
        no("another wish", |f| f.wishes = wish("all_treatment".to_owned().into(), false)),
        no("none", |_| {}),
        cannot(Input::Comfort, "two live versions: ask the person", |f| {
            let both = Live::disputed(["comfort_focused".to_owned(), "all_treatment".to_owned()]);
            f.wishes = wish(both, false);
        }),
    ]
}

fn muted(facts: &Facts, rule: &str) -> (bool, Option<String>) {
    let all = evaluate(&SET, None, facts, now(), &settings());
    let one = all.iter().find(|one| one.rule == rule).expect("rule");
    let fires = one.fires.values().next().expect("fires");
    (fires.muted, fires.route.clone())
}

/// An inactive person who lost weight and has strong pain.
fn frail(wishes: Option<Wishes>, weight_g: i64) -> Facts {
    facts(|f| {
        f.activities.push(on(30, Activity { duration_min: 5.into(), ..Activity::default() }));
        f.pains.push(on(0, pain(Site::Hip, 8, |_| {})));
        for (days, weight_g) in [(120, 70_000), (0, weight_g)] {
            f.weights.push(on(days, Weight { weight_g: weight_g.into(), ..Weight::default() }));
        }
        f.wishes = wishes;
    })
}

#[test]
fn a_comfort_focused_wish_mutes_and_routes() {
    let soon = frail(wish(comfort(), false), 66_000);
    assert_eq!(muted(&soon, "R-EX-6"), (true, None));
    assert_eq!(muted(&soon, "R-NUT-1"), (true, None), "soon");
    let route = Some("Call the hospice first: 030 99.".to_owned());
    assert_eq!(muted(&soon, "R-PAIN-1"), (false, route.clone()));
    assert_eq!(muted(&frail(wish(comfort(), false), 60_000), "R-NUT-1"), (false, route), "urgent");
}

#[test]
fn nothing_is_muted_by_a_withdrawn_or_disputed_wish() {
    let both = Live::disputed(["comfort_focused".to_owned(), "all_treatment".to_owned()]);
    for wishes in [wish(comfort(), true), wish(both, false), None] {
        assert_eq!(muted(&frail(wishes, 66_000), "R-EX-6"), (false, None));
    }
}

#[test]
fn the_preferred_route_stands_first_in_both_texts() {
    let facts = frail(wish(comfort(), false), 66_000);
    let all = evaluate(&SET, None, &facts, now(), &settings());
    let strong = all.iter().find(|one| one.rule == "R-PAIN-1").and_then(|one| one.fires.values().next());
    let texts = texts(&SET, strong.expect("fires"), &settings()).expect("texts");
    assert!(texts.patient.starts_with("Call the hospice first"), "{}", texts.patient);
    assert!(texts.clinician.starts_with("Call the hospice first"), "{}", texts.clinician);
}

fn r_sync_1() -> Vec<Case> {
    let open = |stakes: Stakes, minutes: i64, b: &'static str| {
        move |f: &mut Facts| {
            f.house.disputes.push(Dispute {
                record: id(),
                label: 0,
                field: "P-NUT.calcium_mg_d_target".to_owned(),
                stakes,
                since: minutes_ago(minutes),
                versions: vec![("1200".to_owned(), Some(Role::Dietitian)), (b.to_owned(), Some(Role::Physician))],
                in_force: Some("1000".to_owned()),
            });
        }
    };
    let day = 24 * 60;
    vec![
        fires(Urgent, "clearance, at once", open(Stakes::AtOnce, 0, "1000")),
        no("calcium target, 24 h", open(Stakes::Safety, day, "1000")),
        fires(Soon, "24 h 1 min", open(Stakes::Safety, day + 1, "1000")).says(
            "P-NUT.calcium_mg_d_target: 1200 by the dietitian / 1000 by a physician. Until it is decided: 1000 holds.",
        ),
        fires(Soon, "72 h", open(Stakes::Safety, 3 * day, "1000")),
        fires(Urgent, "72 h 1 min", open(Stakes::Safety, 3 * day + 1, "1000")),
        fires(Urgent, "nothing was agreed", move |f| {
            open(Stakes::AtOnce, 0, "1000")(f);
            f.house.disputes[0].in_force = None;
        })
        .says("Until it is decided: nothing holds."),
        no("equal values", open(Stakes::AtOnce, 9 * day, "1200")),
        no("resolved", |_| {}),
        no("no safety depends on it", open(Stakes::Ordinary, 9 * day, "1000")),
    ]
}

fn r_sync_2() -> Vec<Case> {
    let late = |minutes: i64, symptom: Symptom| {
        move |f: &mut Facts| {
            let entry = moment(minutes_ago(minutes), symptom);
            f.symptoms.push(Entry { received: Some(now()), ..entry });
        }
    };
    let chest = || signs([Sign::ChestPain]);
    vec![
        fires(Emergency, "6 h 1 min", late(361, chest()))
            .says("It happened on 2026-03-15 05:59 and was received on 2026-03-15 12:00"),
        no("6 h", late(360, chest())),
        fires(Emergency, "3 days", late(3 * 24 * 60, chest())).says("It happened on 2026-03-12 12:00"),
        no("an entry of a soon rule", late(361, composite(39, 2))),
        fires(Urgent, "an entry of an urgent rule", |f| {
            let entry = moment(minutes_ago(600), pain(Site::Hip, 8, |_| {}));
            f.pains.push(Entry { received: Some(now()), ..entry });
        }),
        no("not received yet", |f| {
            late(361, chest())(f);
            f.symptoms[0].received = None;
        }),
    ]
}

#[test]
fn a_late_entry_says_so_in_its_own_alert() {
    let alert = |minutes: i64| {
        let facts = facts(|f| {
            let entry = moment(minutes_ago(minutes), signs([Sign::ChestPain]));
            f.symptoms.push(Entry { received: Some(now()), ..entry });
        });
        let all = evaluate(&SET, Some(&["R-VTE-1"]), &facts, now(), &settings());
        texts(&SET, all[0].fires.values().next().expect("fires"), &settings()).expect("texts").patient
    };
    let says = "It happened on 2026-03-15 05:59 and was received on 2026-03-15 12:00.";
    assert!(alert(361).ends_with(says), "{}", alert(361));
    assert!(!alert(360).contains("received"));
}

fn r_sync_3() -> Vec<Case> {
    let away = |minutes: i64, alerts: u32, changes: u32| {
        move |f: &mut Facts| {
            f.house.device = Some(Device {
                last_synced: minutes_ago(minutes).into(),
                alerts_waiting: alerts,
                plan_changes_waiting: changes,
            });
        }
    };
    let week = 7 * 24 * 60;
    vec![
        fires(Info, "7 d 1 min, an alert waits", away(week + 1, 1, 0)).says("offline 7 d with unseen 1 alert"),
        no("7 d", away(week, 1, 0)),
        no("8 d, nothing waits", away(8 * 24 * 60, 0, 0)),
        fires(Info, "plan changes wait", away(week + 1, 0, 2)).says("unseen 2 plan changes"),
        fires(Info, "both wait", away(8 * 24 * 60, 2, 1)).says("offline 8 d with unseen 2 alerts, 1 plan change"),
        cannot(Input::DeviceSeen, "never seen", |f| {
            f.house.device = Some(Device { last_synced: Live::Missing, alerts_waiting: 1, plan_changes_waiting: 0 });
        }),
    ]
}

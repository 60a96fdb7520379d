//! Laws over all cases: order and duplicates change nothing, a worse live version never lowers the severity, the
//! evaluator never panics, and the walk over versions is bounded.

use osteon_care_core::{facts::*, rules::*};
use proptest::{prelude::*, test_runner::Config};

use crate::{
    cases,
    world::{Case, SET, now, on, run, settings, signs},
};

fn config() -> Config {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48);
    Config { cases, ..Config::default() }
}

fn all() -> Vec<(&'static str, Case)> {
    cases().into_iter().flat_map(|(rule, cases)| cases.into_iter().map(move |case| (rule, case))).collect()
}

macro_rules! each_list {
    ($facts:expr, $list:ident => $body:expr) => {{
        let facts = $facts;
        each_list!(@ facts, $list, $body; pains symptoms meals fluids intakes activities falls weights sleeps moods
            smokes drinks suns swellings mouths vitals reactions readiness labs tests visits supports screens lesions
            supplements bone_plans doses monitoring goals decisions hazards treatments medicines taught);
    }};
    (@ $facts:ident, $list:ident, $body:expr; $($field:ident)*) => {
        $(let $list = &mut $facts.$field; $body;)*
    };
}

fn shuffled(mut facts: Facts, by: usize) -> Facts {
    each_list!(&mut facts, list => {
        if !list.is_empty() {
            let turn = by % list.len();
            list.rotate_left(turn);
            list.reverse();
        }
    });
    facts
}

fn doubled(mut facts: Facts) -> Facts {
    each_list!(&mut facts, list => list.extend(list.clone()));
    facts
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn order_and_duplicates_change_nothing(pick in any::<prop::sample::Index>(), turn in 0usize..7) {
        let all = all();
        let (rule, case) = &all[pick.index(all.len())];
        let before = run(rule, case);
        for facts in [shuffled(case.facts.clone(), turn), doubled(case.facts.clone())] {
            let after = run(rule, &Case { facts: facts.ordered(), ..case.clone() });
            prop_assert_eq!(&before, &after, "{}: {}", rule, case.name);
        }
    }

    #[test]
    fn two_cases_in_one_circle_do_not_lower_each_other(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        // Journals of two cases side by side: no rule panics, and every evaluation is the same when it is done again.
        let all = all();
        let (a, b) = (&all[one.index(all.len())].1, &all[other.index(all.len())].1);
        let mut facts = a.facts.clone();
        facts.symptoms.extend(b.facts.symptoms.clone());
        facts.pains.extend(b.facts.pains.clone());
        facts.falls.extend(b.facts.falls.clone());
        facts.labs.extend(b.facts.labs.clone());
        facts.doses.extend(b.facts.doses.clone());
        let facts = facts.ordered();
        let run = || evaluate(&SET, None, &facts, now(), &settings());
        prop_assert_eq!(run(), run());
    }

    #[test]
    fn a_worse_live_version_never_lowers_the_severity(
        flags in prop::collection::vec(prop::sample::select(Sign::ALL.to_vec()), 0..4),
        new in prop::option::of(any::<bool>()),
        more in prop::option::of(any::<bool>()),
        hot in 340i32..420,
        hotter in 340i32..420,
    ) {
        let circle = |news: Vec<Option<bool>>, temperatures: Vec<i32>| {
            let mut symptom = signs([]);
            symptom.flags = flags.iter().copied().collect();
            symptom.new_or_worse = Live::of(news);
            let mut facts = Facts::default();
            facts.symptoms.push(Entry { id: Id::default(), ..on(0, symptom) });
            let vitals = Vitals { temperature_tenths: Live::disputed(temperatures) };
            facts.vitals.push(Entry { id: Id::default(), ..on(0, vitals) });
            facts.treatments.push(Course { kind: Treatment::Chemo.into(), ..Course::default() });
            facts.ordered()
        };
        let worst = |facts: &Facts| {
            let all = evaluate(&SET, None, facts, now(), &settings());
            all.iter().map(|one| (one.rule, one.verdict())).collect::<Vec<_>>()
        };
        let before = worst(&circle(vec![new], vec![hot]));
        let after = worst(&circle(vec![new, more], vec![hot, hotter]));
        for ((rule, before), (_, after)) in before.into_iter().zip(after) {
            let lowered = matches!(before, Verdict::Fires(_)) && after < before;
            prop_assert!(!lowered, "{}: {:?} became {:?}", rule, before, after);
        }
    }
}

#[test]
fn no_rule_panics_on_an_empty_circle() {
    for facts in [Facts::default(), Facts { risk: Some(Risk::default()), ..Facts::default() }] {
        let all = evaluate(&SET, None, &facts, now(), &settings());
        assert_eq!(all.len(), SET.rules().count());
        let early = Instant { ms: i64::MIN, offset_min: i32::MIN };
        let late = Instant { ms: i64::MAX, offset_min: i32::MAX };
        evaluate(&SET, None, &facts, early, &settings());
        evaluate(&SET, None, &facts, late, &settings());
    }
}

#[test]
fn too_many_versions_cannot_tell_and_keep_what_fired() {
    let many = Live::disputed((0..20).map(|n| 365 + n));
    let mut facts = Facts::default();
    facts.vitals.push(on(0, Vitals { temperature_tenths: many }));
    facts.treatments.push(Course { kind: Treatment::Chemo.into(), ..Course::default() });
    let got = evaluate(&SET, Some(&["R-SEP-1"]), &facts, now(), &settings()).pop().expect("one");
    assert!(got.missing().contains(Input::Combinations), "{got:?}");
}

/// Both versions of each field of two plans, where both wrote it: a dispute.
macro_rules! disputed {
    ($a:expr, $b:expr; $($field:ident)*) => {{
        let (mut one, other) = ($a.clone(), $b);
        $(if !one.$field.is_missing() && !other.$field.is_missing() {
            one.$field = other.$field.known().cloned().fold(one.$field, |live, value| live.with(Some(value)));
        })*
        one
    }};
}

fn bone_plans_in_dispute(mut facts: Facts, other: &Facts) -> Facts {
    if let (Some(a), Some(b)) = (facts.bone_plans.first_mut(), other.bone_plans.first()) {
        *a = disputed!(a, b; agent dose_mg_milli route interval_d status status_since planned_next dental_cleared_on
            follow_on follow_on_offset_d holiday_from holiday_review duration_review urgent_start);
    }
    if let (Some(a), Some(b)) = (facts.lesions.first_mut(), other.lesions.first()) {
        *a = disputed!(a, b; site side level kind size pain_mirels pain_sins alignment collapse posterolateral status);
    }
    if let (Some(a), Some(b)) = (facts.monitoring.first_mut(), other.monitoring.first()) {
        *a = disputed!(a, b; kind interval_d due last_done cancelled planned_at);
    }
    if let (Some(a), Some(b)) = (facts.risk.as_mut(), other.risk.as_ref()) {
        *a = disputed!(a, b; birth sex osteoporosis hip_fracture_in_family glucocorticoid_months anticoagulant dialysis
            smokes height_mm);
    }
    if let (Some(a), Some(b)) = (facts.nutrition.as_mut(), other.nutrition.as_ref()) {
        *a = disputed!(a, b; energy_kcal calcium_mg vitamin_d_iu fluid_min_ml fluid_max_ml glass_ml);
    }
    if let (Some(a), Some(b)) = (facts.exercises.first_mut(), other.exercises.first()) {
        *a = disputed!(a, b; clearance status lift_max_kg_tenths max_rpe_tenths max_minutes pain_stop last_review);
    }
    if let (Some(a), Some(b)) = (facts.goals.first_mut(), other.goals.first()) {
        *a = disputed!(a, b; status importance confidence);
    }
    facts
}

/// A plan in dispute is at least as bad as either side alone: in every pair of cases of one rule.
#[test]
fn a_disputed_plan_is_as_bad_as_its_worse_side() {
    let mut compared = 0;
    for (rule, cases) in cases() {
        for a in &cases {
            let before = run(rule, a);
            for b in cases.iter().filter(|_| !before.fires.is_empty()) {
                let both = bone_plans_in_dispute(a.facts.clone(), &b.facts);
                compared += usize::from(both != a.facts);
                let after = run(rule, &Case { facts: both, ..a.clone() });
                let known = after.verdict() >= before.verdict() || after.missing().contains(Input::Combinations);
                assert!(known, "{rule}: {} against {}: {before:?} became {after:?}", a.name, b.name);
            }
        }
    }
    assert!(compared > 500, "{compared} disputes were compared");
}

/// What a change concerns is said the same by the short way and by the long one.
#[test]
fn the_rules_that_a_change_concerns_say_the_same() {
    let mut seen = 0;
    for (rule, case) in all() {
        let entries = case.facts.symptoms.iter().map(|entry| (entry.id, &entry.at));
        let pains = case.facts.pains.iter().map(|entry| (entry.id, &entry.at));
        let changed: Vec<_> =
            entries.chain(pains).filter_map(|(id, at)| Some((id, at.known().next()?.day()))).collect();
        for (id, day) in changed {
            let one = Changed::new([id], day, day);
            let short = evaluate_changed(&SET, &["J01", "J02"], &one, &case.facts, now(), &case.settings);
            let Some(short) = short.into_iter().find(|evaluation| evaluation.rule == rule) else { continue };
            let long = evaluate(&SET, Some(&[rule]), &case.facts, now(), &case.settings).remove(0);
            let of = |evaluation: &Evaluation| {
                let own = evaluation.fires.values().filter(|fires| fires.key.subject == Subject::Record(id.0));
                own.cloned().collect::<Vec<_>>()
            };
            assert_eq!(of(&short), of(&long), "{rule}: {}", case.name);
            seen += of(&long).len();
        }
    }
    assert!(seen > 50, "{seen} alerts were compared");
}

/// Silence, and results a year apart, are said where the circle is looked at as a whole, within hours: none is urgent.
const AS_A_WHOLE: [&str; 3] = ["R-EX-6", "R-GAP-1", "R-DXA-3"];

/// Whatever an entry brings up, of itself or of another one, is said by the short way.
#[test]
fn nothing_that_an_entry_brings_up_is_left_out() {
    let (mut seen, mut left_out) = (0, Vec::new());
    for (rule, case) in all() {
        macro_rules! entries {
            ($($list:ident: $name:literal),*) => {
                [$(case.facts.$list.iter().filter_map(|entry| {
                    let mut without = case.facts.clone();
                    without.$list.retain(|other| other.id != entry.id);
                    Some((entry.id, entry.at.known().next()?.day(), $name, without))
                }).collect::<Vec<_>>()),*]
                .concat()
            };
        }
        let entries = entries!(
            pains: "J01", symptoms: "J02", fluids: "J04", intakes: "J05", activities: "J06", falls: "J07",
            weights: "J08", sleeps: "J09", moods: "J10", swellings: "J14", mouths: "J15", vitals: "J16",
            reactions: "J17", labs: "J20", tests: "J21"
        );
        let full = |facts: &Facts| evaluate(&SET, Some(&[rule]), facts, now(), &case.settings).remove(0).fires;
        for (id, day, name, without) in entries {
            let before = full(&without);
            let one = Changed::new([id], day, day);
            let short = evaluate_changed(&SET, &[name], &one, &case.facts, now(), &case.settings);
            let short = short.into_iter().find(|evaluation| evaluation.rule == rule);
            for (key, fires) in full(&case.facts) {
                if before.get(&key).is_some_and(|before| before.severity >= fires.severity) {
                    continue;
                }
                let said = short.as_ref().and_then(|short| short.fires.get(&key));
                let later = AS_A_WHOLE.contains(&rule) && fires.severity < Severity::Urgent;
                if !later && said.map(|said| said.severity) != Some(fires.severity) {
                    left_out.push(format!("{rule}: {} ({name})", case.name));
                }
                seen += 1;
            }
        }
    }
    assert!(left_out.is_empty(), "{left_out:#?}");
    assert!(seen > 200, "{seen} alerts were compared");
}

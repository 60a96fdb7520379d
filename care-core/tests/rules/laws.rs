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

//! Whatever order things come in, and however often, the findings are the same; what is void stays void.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::together::{
    Approved, Commit, FieldNow, Live, Read, Standing, check, events, pairs, standing, unseen,
};
use osteon_proto::care;
use osteon_sync_core::Field;
use proptest::prelude::*;

use crate::{All, One, dot, id, made, moment, records};

fn cases() -> u32 {
    std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}

fn plan_write(n: u32) -> care::NutritionPlan {
    let value = |bit: u32, low: u32, high: u32| (n & bit != 0).then_some(if n & 64 == 0 { low } else { high });
    care::NutritionPlan {
        protein_g_kg_d_min: value(1, 80, 130),
        protein_g_kg_d_max: value(2, 90, 140),
        calcium_mg_d_target: value(4, 800, 1_300),
        calcium_mg_d_max: value(8, 1_000, 2_000),
        fluid_min_ml_d: value(16, 1_000, 2_000),
        fluid_max_ml_d: value(32, 1_500, 2_500),
        ..Default::default()
    }
}

fn fall(n: u8, hour: i64) -> One {
    made(n, 107, &care::Fall { when: Some(moment(hour)), ..Default::default() }, (u32::from(n) % 3, n.into()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn findings_do_not_depend_on_order_or_repetition(
        writes in prop::collection::vec(1_u32..128, 1..6),
        hours in prop::collection::vec(0_i64..12, 0..6),
        order in any::<prop::sample::Index>(),
    ) {
        let start = || made(1, 221, &care::NutritionPlan::default(), (9, 1));
        let numbered: Vec<(u32, u32)> = (1..).zip(writes).collect();
        let mut turned = numbered.clone();
        turned.rotate_left(order.index(numbered.len()));
        turned.reverse();
        let falls: Vec<One> = (10..).zip(hours).map(|(n, hour)| fall(n, hour)).collect();
        let of = |writes: &[(u32, u32)], turn: bool| {
            let mut plan = start();
            for (replica, n) in writes {
                plan.put(&plan_write(*n), (*replica, 1));
            }
            let mut all = vec![plan];
            all.extend(falls.clone());
            if turn {
                all.reverse();
                let again = all.clone();
                all.extend(again);
            }
            (format!("{:?}", check(&records(&all))), format!("{:?}", pairs(&events(&records(&all)), &[])))
        };
        prop_assert_eq!(of(&numbered, false), of(&turned, true));
    }

    /// An element added and taken away again leaves the live versions as they were approved: still void.
    #[test]
    fn void_stays_void(steps in prop::collection::vec((0_u8..3, 1_u32..4), 1..12), checked in 0_usize..12) {
        let mut plan = made(1, 201, &care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() }, (9, 1));
        let region = |n: u32| {
            let mut bytes = vec![0x2a, 1];
            bytes.push(b'a' + n as u8);
            bytes
        };
        plan.write(Field::element(5, region(0)), &region(0), (9, 1), &[]);
        let approved = Approved::of([(id(1), 3, dot(9, 1)), (id(1), 5, dot(9, 1))]);
        let mut later: BTreeMap<u32, BTreeSet<osteon_sync_core::Dot>> = BTreeMap::new();
        let mut was_void = false;
        let now = |plan: &One, later: &BTreeMap<u32, BTreeSet<_>>, field: u32| FieldNow {
            live: plan.part.elements(field).flat_map(|(_, v)| v).map(|v| v.dot).collect(),
            later: later.get(&field).cloned().unwrap_or_default(),
        };
        for (counter, (step, n)) in (2..).zip(steps) {
            let by = (n, counter);
            let field = if step == 0 { 3 } else { 5 };
            let element = Field::element(5, region(n));
            match step {
                0 => plan.write(Field::register(3), &[0x18, n as u8], by, &[]),
                1 => plan.write(element, &region(n), by, &[]),
                _ => {
                    let shown: Vec<_> = plan.part.versions(&element).map(|v| v.dot).collect();
                    plan.write(element, &[], by, &shown);
                }
            }
            later.entry(field).or_default().insert(dot(n, counter));
            let says = standing(&approved, |_, field| Some(now(&plan, &later, field)));
            let void = matches!(says, Standing::Void(_));
            prop_assert!(void || !was_void, "an approval came back to life");
            was_void = void;
        }
        prop_assert!(was_void, "{checked}");
        let hidden = standing(&approved, |_, _| None);
        prop_assert_eq!(hidden, Standing::CannotTell);
        let _ = All;
    }

    /// Of two changes that had not seen each other the later marks the plan, whoever came first.
    #[test]
    fn what_met_is_unread_until_somebody_has_read_the_whole(first in 1_u64..3, between in 0_u64..3) {
        let fields = |n: u32| BTreeSet::from([(id(1), n)]);
        let commit = |sequence, account, base, field| Commit {
            sequence,
            dot: dot(u32::try_from(account).unwrap_or(0), sequence),
            account,
            base,
            fields: fields(field),
        };
        let other = 3 - first;
        let (a, b) = (commit(10, first, 5, 6), commit(11 + between, other, 9, 7));
        let live = Live::from([
            ((id(1), 6), BTreeMap::from([(a.dot, a.sequence)])),
            ((id(1), 7), BTreeMap::from([(b.dot, b.sequence)])),
        ]);
        let met = unseen([b.clone(), a.clone(), b.clone()], &[], &live);
        prop_assert_eq!(met.len(), 1);
        prop_assert_eq!((met[0].later, met[0].unseen), (b.dot, a.dot));
        let aware = Commit { base: 10, ..b.clone() };
        prop_assert!(unseen([a.clone(), aware], &[], &live).is_empty(), "it had seen the other");
        let half = Read { sequence: 20, approved: Approved::of([(id(1), 6, a.dot)]) };
        let whole = Read { sequence: 20, approved: Approved::of([(id(1), 6, a.dot), (id(1), 7, b.dot)]) };
        let early = Read { sequence: b.sequence, ..whole.clone() };
        prop_assert_eq!(unseen([a.clone(), b.clone()], &[half, early], &live).len(), 1);
        prop_assert!(unseen([a.clone(), b.clone()], std::slice::from_ref(&whole), &live).is_empty());
        // What is written later by somebody who had seen all asks nobody; what had not is another meeting.
        let c = commit(30, first, 29, 6);
        let mut newer = live.clone();
        newer.insert((id(1), 6), BTreeMap::from([(c.dot, 30)]));
        prop_assert!(unseen([a.clone(), b.clone(), c.clone()], std::slice::from_ref(&whole), &newer).is_empty());
        let blind = Commit { base: 10, ..c };
        prop_assert_eq!(unseen([a, b, blind], &[whole], &newer).len(), 1);
    }
}

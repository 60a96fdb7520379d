//! Laws I1 to I5 of the merge as properties; `OSTEON_CASES` sets the number of cases.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Site, Small, any_changes, config, fleet, interleave, oracle, steps};
use osteon_sync_core::{Clock, Dot, Field, FieldWrite, Part, Place, Put, lifecycle};
use proptest::{prelude::*, strategy::ValueTree};

fn live(part: &Part) -> BTreeSet<(Field, Dot)> {
    part.fields().flat_map(|(f, versions)| versions.map(move |v| (Field::from(f), v.dot))).collect()
}

fn gone(part: &Part) -> BTreeSet<(Field, Dot)> {
    part.gone().map(|(f, d)| (Field::from(f), d)).collect()
}

fn picks() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..3u32, 1..16)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn i1_any_order_that_keeps_each_replicas_own_gives_the_same_bytes(changes in any_changes(), picks in picks()) {
        let (a, b) = (Site::all(&changes), Site::all(&interleave(&changes, &picks)));
        prop_assert_eq!(a.log.len(), changes.len());
        prop_assert_eq!(a.part.encode(), b.part.encode());
    }

    #[test]
    fn i1_a_change_processed_twice_is_a_no_op(changes in any_changes(), again in any::<prop::sample::Index>()) {
        let mut site = Site::all(&changes);
        let before = site.part.encode();
        prop_assert_eq!(site.deliver(again.get(&changes)), Place::Duplicate);
        prop_assert_eq!(site.part.encode(), before);
    }

    #[test]
    fn i1_the_state_is_a_function_of_the_set_of_processed_changes(
        changes in any_changes(), picks in picks(), cut in any::<prop::sample::Index>()
    ) {
        let order = interleave(&changes, &picks);
        let some = &order[..=cut.index(order.len())];
        let site = Site::all(some);
        let (expect_live, expect_gone) = oracle(&some.iter().collect::<Vec<_>>());
        prop_assert_eq!(live(&site.part), expect_live);
        prop_assert_eq!(gone(&site.part), expect_gone);
    }

    /// What the fleet simulation must look at too: missing marks look equal everywhere.
    #[test]
    fn i1_no_live_dot_is_named_by_a_processed_change(changes in any_changes(), picks in picks()) {
        let site = Site::all(&interleave(&changes, &picks));
        for change in site.log.values() {
            for w in &change.writes {
                prop_assert!(site.part.versions(&w.field).all(|v| !w.replaces.contains(&v.dot)));
            }
        }
    }

    #[test]
    fn i2_every_accepted_value_is_live_or_was_named_by_somebody(steps in steps()) {
        let site = Site::all(&fleet(&steps));
        for change in site.log.values() {
            for w in &change.writes {
                let Some(put) = &w.put else { continue };
                let version = site.part.versions(&w.field).find(|v| v.dot == change.dot);
                match version {
                    Some(v) => {
                        prop_assert_eq!((v.clock, v.author, v.value), (change.clock, change.author, put.value()));
                    }
                    None => {
                        let named = |c: &Small| c.writes.iter().any(|x| x.field == w.field && x.replaces.contains(&change.dot));
                        prop_assert!(site.log.values().any(named), "{} is lost", change.dot);
                    }
                }
            }
        }
    }

    #[test]
    fn i2_who_when_and_in_which_role_survive_the_bytes(changes in any_changes()) {
        let part = Site::all(&changes).part;
        let read = Part::decode(&part.encode());
        prop_assert_eq!(read.as_ref(), Ok(&part));
        prop_assert_eq!(read.map(|p| p.encode()), Ok(part.encode()));
    }

    #[test]
    fn i3_what_nobody_knows_survives_an_older_node_byte_for_byte(
        changes in any_changes(),
        unknown in prop::collection::btree_map((7..u32::MAX, prop::collection::vec(any::<u8>(), 0..6)), prop::collection::vec(any::<u8>(), 0..40), 1..6),
    ) {
        // A newer device writes fields that this node has never heard of; the node reads, merges, writes.
        let field = |(number, element): &(u32, Vec<u8>)| Field::element(*number, element.clone());
        let writes = unknown.iter().map(|(at, chunk)| FieldWrite {
            field: field(at), put: Some(Put::Value(chunk.clone().into())), replaces: vec![], covers: vec![],
        }).collect();
        let newer = Small { dot: Dot::new(1, 9, 1), clock: Clock::default(), author: Default::default(), writes };
        let mut site = Site::all([&newer]);
        for change in &changes {
            site.part = Part::decode(&site.part.encode()).expect("own bytes");
            site.deliver(change);
        }
        for (at, chunk) in &unknown {
            let kept: Vec<_> = site.part.versions(&field(at)).map(|v| (v.dot, v.value)).collect();
            prop_assert_eq!(kept, vec![(newer.dot, Some(chunk.as_slice()))]);
        }
    }

    #[test]
    fn i3_any_bytes_are_a_part_or_an_error_and_only_one_form_of_it(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(part) = Part::decode(&bytes) {
            prop_assert_eq!(part.encode(), bytes);
        }
    }

    #[test]
    fn i3_a_damaged_part_is_an_error_or_another_part(
        changes in any_changes(), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<prop::sample::Index>()
    ) {
        let bytes = Site::all(&changes).part.encode();
        let mut damaged = bytes.clone();
        *at.get_mut(&mut damaged) = with;
        for damaged in [&damaged[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(part) = Part::decode(damaged) {
                prop_assert_eq!(part.encode(), damaged);
            }
        }
    }

    #[test]
    fn i4_the_clock_decides_only_between_writes_that_had_not_seen_each_other(
        steps in steps(), clocks in prop::collection::vec(0..30u64, 24)
    ) {
        let changes = fleet(&steps);
        let other: Vec<Small> = changes.iter().zip(&clocks)
            .map(|(c, ms)| Small { clock: Clock { ms: *ms, logical: 0 }, ..c.clone() }).collect();
        let (a, b) = (Site::all(&changes), Site::all(&other));
        prop_assert_eq!(live(&a.part), live(&b.part));
        for (field, versions) in a.part.fields() {
            if versions.len() == 1 {
                let in_force = |site: &Site| site.view(field).effective.map(|v| v.dot);
                prop_assert_eq!(in_force(&a), in_force(&b));
            }
        }
        // What somebody had seen and replaced never holds again, whatever its clock says (but as what was agreed).
        let named: BTreeSet<_> = a.log.values().flat_map(|c| c.writes.iter())
            .flat_map(|w| w.replaces.iter().map(|d| (w.field.clone(), *d))).collect();
        for (field, _) in b.part.fields() {
            let v = b.view(field);
            if let (Some(held), None) = (v.effective, v.agreed) {
                prop_assert!(!named.contains(&(Field::from(field), held.dot)));
            }
        }
    }

    #[test]
    fn i5_the_result_does_not_depend_on_who_synced_first(steps in steps(), picks in picks()) {
        let changes = fleet(&steps);
        let (a, b) = (Site::all(&changes), Site::all(&interleave(&changes, &picks)));
        prop_assert_eq!(a.part.encode(), b.part.encode());
        let lifecycle = |site: &Site| lifecycle::of_part(&site.part, &[], &site.chains);
        prop_assert_eq!(lifecycle(&a), lifecycle(&b));
        for (field, _) in a.part.fields() {
            prop_assert_eq!(a.view(field), b.view(field));
        }
    }

    /// Saving a whole page never settles a dispute that nobody looked at; the conflict screen does.
    #[test]
    fn i5_only_a_resolving_write_closes_a_review(steps in steps()) {
        let site = Site::all(&fleet(&steps));
        let form = site.form();
        let fields: Vec<Field> = site.part.fields().map(|(f, _)| Field::from(f)).filter(|f| (2..5).contains(&f.number)).collect();
        for field in fields.into_iter().filter(|f| site.view(f.as_ref()).needs_review) {
            let open = |resolves| {
                let mut after = site.clone();
                let put = Some(Put::Value([77].into()));
                let write = form.write(osteon_sync_core::Edit { field: field.clone(), put, resolves });
                after.deliver(&Small { dot: Dot::new(1, 8, 1), clock: Clock { ms: 99, logical: 0 }, author: Default::default(), writes: vec![write] });
                after.view(field.as_ref()).needs_review
            };
            let live = site.part.versions(&field);
            let single_known = live.len() == 1;
            prop_assert!(!open(true));
            prop_assert!(open(false) || single_known);
        }
    }

    /// Numbered again: under whichever of its numbers a change is named, and whenever the alias is learned, one state.
    #[test]
    fn i1_a_change_numbered_again_is_one_change(changes in any_changes(), picks in picks(), again in 0..3u32) {
        // Replica `again` sends all its changes under numbers of replica 7; others had named the old ones.
        let renumber = |d: Dot| if d.replica.n == again { Dot::new(1, 7, d.counter) } else { d };
        let order = interleave(&changes, &picks);
        let run = |order: &[Small]| {
            let mut site = Site::default();
            for c in order {
                let dot = renumber(c.dot);
                let earlier = if dot == c.dot { vec![] } else { vec![c.dot] };
                let origin = osteon_sync_core::Origin { dot, earlier: &earlier, ..c.origin() };
                let known = Aliased { site: &site.chains, again };
                let mut part = site.part.clone();
                part.merge(origin, &c.writes, &known);
                site.part = part;
                site.chains.advance(dot);
            }
            site
        };
        let (a, b) = (run(&changes), run(&order));
        let never_came = |part: &Part| part.gone().filter(|(_, d)| d.replica.n != again).count();
        prop_assert_eq!(live(&a.part), live(&b.part));
        prop_assert_eq!(never_came(&a.part), never_came(&b.part));
        let plain: BTreeMap<_, _> = live(&Site::all(&changes).part).into_iter().map(|(f, d)| ((f, renumber(d)), ())).collect();
        prop_assert_eq!(live(&a.part), plain.into_keys().collect::<BTreeSet<_>>());
    }
}

/// Chains that learn an alias only when its change has been processed.
struct Aliased<'a> {
    site: &'a osteon_sync_core::Chains,
    again: u32,
}

impl osteon_sync_core::Known for Aliased<'_> {
    fn processed(&self, dot: Dot) -> bool {
        self.site.processed(dot)
    }

    fn canonical(&self, dot: Dot) -> Dot {
        let later = Dot::new(1, 7, dot.counter);
        if dot.replica.n == self.again && self.site.processed(later) { later } else { dot }
    }
}

/// The fleets that the laws are tried on do dispute, open reviews, end records and leave marks.
#[test]
fn the_laws_are_tried_on_something() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = [0; 5];
    for _ in 0..300 {
        let site = Site::all(&fleet(&steps().new_tree(&mut runner).expect("steps").current()));
        let any = Site::all(&any_changes().new_tree(&mut runner).expect("changes").current());
        let views: Vec<_> = site.part.fields().map(|(f, _)| site.view(f)).collect();
        let ended = lifecycle::of_part(&site.part, &[], &site.chains);
        let found = [
            views.iter().any(|v| v.disputed()),
            views.iter().any(|v| v.needs_review && v.agreed.is_some()),
            ended.review,
            ended.state.is_ending(),
            any.part.gone().count() > 0,
        ];
        seen.iter_mut().zip(found).for_each(|(n, f)| *n += u32::from(f));
    }
    assert!(seen.iter().all(|n| *n >= 5), "disputes, agreed, ending reviews, endings, marks: {seen:?} of 300");
}

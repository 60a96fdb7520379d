//! Policies, what a write names, and endings: the cases that the public vectors do not have.

mod common;

use common::{Policies, Site, Small, dot};
use osteon_sync_core::{
    Author, Clock, Dot, Edit, Field, FieldRef, FieldWrite, Form, Key, Keys, Order, Policy, Put, Role, Schema, Unsent,
    Version, WhileOpen,
    agreed::{Past, last_agreed},
    lifecycle::{self, Lifecycle, State},
    limits,
    view::{allows, relaxes, view, view_union},
};

fn put(number: u32, value: u8, replaces: &[Dot]) -> FieldWrite {
    let put = Some(Put::Value([value].into()));
    FieldWrite { field: Field::register(number), put, replaces: replaces.to_vec(), covers: vec![] }
}

fn change(dot: Dot, ms: u64, writes: Vec<FieldWrite>) -> Small {
    let author = Author { account: dot.replica.n.into(), role: Role(dot.replica.n as u8) };
    Small { dot, clock: Clock { ms, logical: 0 }, author, writes }
}

/// Values of one field that had not seen each other, one a replica; the clock rises with the replica.
fn apart(number: u32, values: &[Option<u8>]) -> Site {
    let changes: Vec<Small> = values
        .iter()
        .zip(1..)
        .map(|(value, r)| {
            let mut write = put(number, value.unwrap_or_default(), &[]);
            if value.is_none() {
                write.put = Some(Put::Absent);
            }
            change(dot(r, 1), r.into(), vec![write])
        })
        .collect();
    Site::all(&changes)
}

/// (byte in force, asks, blocked)
fn answer(site: &Site, number: u32, policy: Policy) -> (Option<u8>, bool, bool) {
    let field = FieldRef::register(number);
    let v = view(policy, number, site.part.versions(field), &Policies, site.agreed(field));
    (v.value().map(|c| c[0]), v.needs_review, v.blocked)
}

#[test]
fn orders_pick_the_safest_value() {
    let site = apart(7, &[Some(3), Some(1), Some(2)]);
    let by = |order, asks| answer(&site, 7, Policy::MostRestrictive { order, asks });
    for (order, safest) in [(Order::Min, 1), (Order::Earliest, 1), (Order::Max, 3), (Order::Latest, 3)] {
        assert_eq!(by(order, true), (Some(safest), true, false));
        assert_eq!(by(order, false), (Some(safest), false, false));
    }
    let site = apart(7, &[Some(0), Some(1)]);
    let by = |order| answer(&site, 7, Policy::MostRestrictive { order, asks: false }).0;
    assert_eq!((by(Order::TrueWins), by(Order::FalseWins)), (Some(1), Some(0)));
}

#[test]
fn an_unknown_value_is_the_strictest_asks_and_blocks() {
    let rank = Policy::MostRestrictive { order: Order::Rank, asks: false };
    assert_eq!(answer(&apart(4, &[Some(1), Some(9), Some(2)]), 4, rank), (Some(9), true, true));
    assert_eq!(answer(&apart(4, &[Some(9)]), 4, rank), (Some(9), true, true));
    assert_eq!(answer(&apart(4, &[Some(2), Some(1)]), 4, rank), (Some(1), false, false));
}

#[test]
fn a_cleared_side_always_asks() {
    let max = Policy::MostRestrictive { order: Order::Max, asks: false };
    assert_eq!(answer(&apart(7, &[None, Some(2)]), 7, max), (Some(2), true, false));
    assert_eq!(answer(&apart(7, &[None, None]), 7, max), (None, false, false));
}

#[test]
fn a_review_without_a_question_still_holds_back() {
    let site = apart(7, &[Some(1), Some(2)]);
    let silent = |while_open| answer(&site, 7, Policy::Review { while_open, asks: false });
    assert_eq!(silent(WhileOpen::Nothing), (None, false, true));
    assert_eq!(silent(WhileOpen::Owner(Role(1))), (Some(1), false, false));
    assert_eq!(silent(WhileOpen::Owner(Role(9))), (Some(2), false, false));
}

#[test]
fn two_creations_of_a_constant_that_differ_are_blocked() {
    assert_eq!(answer(&apart(7, &[Some(1), Some(2)]), 7, Policy::Constant), (None, true, true));
    assert_eq!(answer(&apart(7, &[Some(1), Some(1)]), 7, Policy::Constant), (Some(1), false, false));
}

#[test]
fn what_was_agreed_is_the_nearest_common_ancestor_whatever_its_clock() {
    // 1:1 (clock 50) <- 1:2 (clock 2) <- two that had not seen each other.
    let a = change(dot(1, 1), 50, vec![put(2, 10, &[])]);
    let b = change(dot(1, 2), 2, vec![put(2, 11, &[dot(1, 1)])]);
    let c = change(dot(1, 3), 60, vec![put(2, 12, &[dot(1, 2)])]);
    let d = change(dot(2, 1), 61, vec![put(2, 13, &[dot(1, 2)])]);
    let site = Site::all([&a, &b, &c, &d]);
    let v = site.view(FieldRef::register(2));
    assert_eq!((v.value(), v.agreed.map(|v| v.dot), v.needs_review), (Some(&[11][..]), Some(dot(1, 2)), true));
}

#[test]
fn of_two_agreed_versions_that_had_not_seen_each_other_the_later_clock_holds() {
    // 1:1 (clock 50) <- 1:2 (clock 2); 2:1 (clock 40) apart from both; two sides that had been shown 1:2 and 2:1.
    let shown = [dot(1, 2), dot(2, 1)];
    let site = Site::all(&[
        change(dot(1, 1), 50, vec![put(2, 10, &[])]),
        change(dot(1, 2), 2, vec![put(2, 11, &[dot(1, 1)])]),
        change(dot(2, 1), 40, vec![put(2, 12, &[])]),
        change(dot(3, 1), 60, vec![put(2, 13, &shown)]),
        change(dot(4, 1), 61, vec![put(2, 14, &shown)]),
    ]);
    assert_eq!(site.view(FieldRef::register(2)).agreed.map(|v| v.dot), Some(dot(2, 1)));
}

#[test]
fn a_past_too_long_to_look_at_blocks() {
    let past = limits::MAX_AGREED_WALK as u64 + 10;
    let names: Vec<[Dot; 1]> = (0..past).map(|c| [dot(1, c.saturating_sub(1))]).collect();
    let log = |d: Dot| {
        let version = Version { dot: d, clock: Clock::default(), author: Author::default(), value: None };
        Some(Past { version: Some(version), replaces: names.get(d.counter as usize).map_or(&[], |n| &n[..]) })
    };
    let side = |n| dot(9, past + n);
    let find = |from: u64| {
        let log =
            |d: Dot| if d.replica.n == 9 { Some(Past { replaces: &names[from as usize], ..log(d)? }) } else { log(d) };
        last_agreed([side(0), side(1)], log, &|_: Dot| true).map(|v| v.dot)
    };
    assert_eq!(find(100), Some(dot(1, 99)));
    assert_eq!(find(past - 1), None);
}

#[test]
fn a_denial_wins_in_a_register_and_the_person_is_told() {
    let field = FieldRef::register(7);
    let deny = |values: &[Option<u8>]| {
        let site = apart(7, values);
        let v = view(Policy::UnionDenyWins, 7, site.part.versions(field), &Policies, None);
        (allows(&v, 7, &Policies), v.tells)
    };
    assert_eq!(deny(&[Some(1)]), (true, false));
    assert_eq!(deny(&[Some(2), Some(1)]), (false, true));
    assert_eq!(deny(&[Some(3), Some(1)]), (false, true), "what is not known denies");
    assert_eq!(deny(&[None, Some(1)]), (true, false));
    assert_eq!(deny(&[None]), (false, false));
}

#[test]
fn a_set_lists_its_elements_in_force() {
    let element = |e: &str, value: Option<Put>, replaces: Vec<Dot>| FieldWrite {
        field: Field::element(5, e.as_bytes()),
        put: value,
        replaces,
        covers: vec![],
    };
    let own = |e: &str| Some(Put::Value(e.as_bytes().into()));
    let site = Site::all(&[
        change(dot(1, 1), 1, vec![element("b", own("b"), vec![]), element("a", own("a"), vec![])]),
        change(dot(1, 2), 2, vec![element("c", own("c"), vec![]), element("b", None, vec![dot(1, 1)])]),
    ]);
    let set = view_union(Policy::UnionAddWins, &site.part, 5, &Policies);
    assert_eq!(set.effective, [b"a", b"c"]);
}

#[test]
fn a_write_that_leaves_less_restriction_is_told() {
    let site = apart(7, &[Some(3), Some(5)]);
    let named = || site.part.versions(FieldRef::register(7));
    let min = Policy::MostRestrictive { order: Order::Min, asks: true };
    let by = |policy, value: Option<&[u8]>| relaxes(policy, 7, named(), value, &Policies);
    assert!(by(min, Some(&[4])) && by(min, None));
    assert!(!by(min, Some(&[3])) && !by(min, Some(&[1])));
    assert!(!by(Policy::LastWriter, None));
}

#[test]
fn a_form_fixes_what_was_shown() {
    let mut site = apart(1, &[Some(1), Some(2)]);
    let form = site.form();
    site.deliver(&change(dot(4, 1), 9, vec![put(1, 3, &[])]));
    let edit = Edit { field: Field::register(1), put: Some(Put::Absent), resolves: false };
    assert_eq!(form.write(edit.clone()).replaces, [dot(1, 1), dot(2, 1)]);
    assert_eq!(site.form().write(edit).replaces, [dot(1, 1), dot(2, 1), dot(4, 1)]);
}

#[test]
fn an_open_review_names_what_was_in_force_only() {
    let named = |number, values: &[Option<u8>], resolves| {
        let edit = Edit { field: Field::register(number), put: None, resolves };
        apart(number, values).form().write(edit).replaces
    };
    // The owner's (role 1) holds; the rank's least holds; nothing agreed.
    assert_eq!(named(3, &[Some(1), Some(2)], false), [dot(1, 1)]);
    assert_eq!(named(4, &[Some(2), Some(1)], false), [dot(2, 1)]);
    assert_eq!(named(2, &[Some(1), Some(2)], false), []);
    for number in 2..5 {
        assert_eq!(named(number, &[Some(1), Some(2)], true), [dot(1, 1), dot(2, 1)]);
        assert_eq!(named(number, &[Some(1), Some(1)], false), [dot(1, 1), dot(2, 1)], "no dispute, no review");
    }
}

#[test]
fn own_unsent_versions_are_named_besides_the_servers() {
    let server = [change(dot(1, 1), 1, vec![put(1, 1, &[])])];
    let own = [
        change(dot(2, 1), 2, vec![put(1, 2, &[dot(1, 1)])]),
        change(dot(2, 2), 3, vec![put(1, 3, &[dot(1, 1), dot(2, 1)])]),
    ];
    let visible = Site::all(server.iter().chain(&own));
    let field = FieldRef::register(1);
    let unsent: Vec<Unsent<'_>> =
        own.iter().map(|c| Unsent { field, dot: c.dot, replaces: &c.writes[0].replaces }).collect();
    let form = Form::open(&visible.part, &Policies, |_| None, &unsent);
    let write = form.write(Edit { field: Field::register(1), put: Some(Put::Absent), resolves: false });
    assert_eq!(write.replaces, [dot(1, 1), dot(2, 1), dot(2, 2)]);
    // The one in the middle is refused: the last one still replaces what it was meant to replace.
    let last = change(dot(2, 3), 4, vec![write]);
    let mut at_server = Site::all(&server);
    for counter in 1..3 {
        at_server.chains.advance(dot(2, counter));
    }
    at_server.deliver(&last);
    assert_eq!(at_server.part.versions(field).map(|v| v.dot).collect::<Vec<_>>(), [dot(2, 3)]);
}

#[test]
fn an_ending_covers_the_children_and_what_its_own_change_says() {
    let mut parent = apart(1, &[Some(1)]);
    let mut child = apart(3, &[Some(1)]);
    let ending = parent.form().end(State::Deleted, [&child.form()]);
    assert_eq!(ending.covers, [dot(1, 1)]);
    parent.deliver(&change(dot(2, 1), 5, vec![ending, put(6, 4, &[])]));
    let found = |parent: &Site, child: &Site| lifecycle::of_part(&parent.part, &[&child.part], &parent.chains);
    assert_eq!(found(&parent, &child), Lifecycle { state: State::Deleted, review: false });
    let of_child = lifecycle::of_child(Lifecycle::default(), found(&parent, &child));
    assert_eq!(of_child.state, State::Deleted);
    child.deliver(&change(dot(3, 1), 6, vec![put(4, 1, &[])]));
    assert_eq!(found(&parent, &child), Lifecycle { state: State::Active, review: true });
    // A child that has ended by itself keeps nothing alive.
    let ended = child.form().end(State::EnteredInError, []);
    child.deliver(&change(dot(3, 2), 7, vec![ended]));
    assert_eq!(found(&parent, &child), Lifecycle { state: State::Deleted, review: false });
}

#[test]
fn a_record_has_ended_when_all_its_parts_have() {
    let open = apart(1, &[Some(1)]);
    let mut ended = apart(1, &[Some(1)]);
    let ending = ended.form().end(State::EnteredInError, []);
    ended.deliver(&change(dot(2, 1), 5, vec![ending]));
    let of = |parts: &[&Site]| {
        let parts: Vec<_> = parts.iter().map(|s| &s.part).collect();
        lifecycle::of_record(&parts, &[], &ended.chains)
    };
    assert_eq!(of(&[&ended, &ended]), Lifecycle { state: State::EnteredInError, review: false });
    assert_eq!(of(&[&ended, &open]), Lifecycle { state: State::Active, review: true });
    assert_eq!(of(&[&open]), Lifecycle::default());
    assert_eq!(of(&[]), Lifecycle::default());
}

#[test]
fn a_restoration_that_an_ending_had_not_seen_keeps_the_record() {
    let mut site = apart(1, &[Some(1)]);
    let (first, second) = (site.form().end(State::Deleted, []), site.form().end(State::Deleted, []));
    site.deliver(&change(dot(2, 1), 5, vec![first]));
    let restored = site.form().end(State::Active, []);
    site.deliver(&change(dot(3, 1), 6, vec![restored]));
    assert_eq!(lifecycle::of_part(&site.part, &[], &site.chains), Lifecycle::default());
    site.deliver(&change(dot(4, 1), 7, vec![second]));
    let found = lifecycle::of_part(&site.part, &[], &site.chains);
    assert_eq!(found, Lifecycle { state: State::Active, review: true });
}

/// A schema says what it does not know by LAST_WRITER and Unknown; the view of it stays readable.
#[test]
fn an_older_schema_still_shows_a_newer_field() {
    struct Older;
    impl Keys for Older {
        fn key(&self, _: u32, _: &[u8]) -> Key {
            Key::Unknown
        }
    }
    impl Schema for Older {
        fn policy(&self, _: u32) -> Policy {
            Policy::LastWriter
        }
    }
    let site = apart(900, &[Some(1), Some(2)]);
    let v = view(Older.policy(900), 900, site.part.versions(FieldRef::register(900)), &Older, None::<Version<'_>>);
    assert_eq!((v.value(), v.versions.len(), v.needs_review), (Some(&[2][..]), 2, false));
}

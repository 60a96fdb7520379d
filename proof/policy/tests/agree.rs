//! decide() and Cedar say the same of random circles and random questions. `OSTEON_CASES` asks more (default 200 circles, 24
//! questions each).

use std::sync::atomic::{AtomicUsize, Ordering};

use osteon_access_core::*;
use policy::{Circle, Rows};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

fn config() -> Config {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Few accounts and a short time line, so that things meet.
fn account() -> impl Strategy<Value = u64> {
    1..5u64
}

fn role() -> impl Strategy<Value = Role> {
    (1..=8u8).prop_map(|n| Role::from_number(n).expect("1..=8"))
}

fn consent() -> impl Strategy<Value = Consent> {
    prop_oneof![1 => Just(Consent::Unset), 4 => Just(Consent::Allow), 1 => Just(Consent::Deny)]
}

fn grantee() -> impl Strategy<Value = Grantee> {
    prop_oneof![1 => role().prop_map(Grantee::Role), 2 => account().prop_map(Grantee::Member)]
}

fn category() -> impl Strategy<Value = Category> {
    // Where the policy has its corners, more often.
    let corners = prop::sample::select(vec![6u8, 10, 12, 15, 19, 20, 21, 22]);
    prop_oneof![1 => 1..=22u8, 1 => corners].prop_map(|n| Category::new(n).expect("1..=22"))
}

fn grant_of() -> impl Strategy<Value = GrantOf> {
    prop_oneof![4 => category().prop_map(GrantOf::Category), 1 => Just(GrantOf::Proxy)]
}

fn grant() -> impl Strategy<Value = GrantRow> {
    let end = || prop_oneof![1 => Just(None), 4 => (0..100i64).prop_map(Some)];
    (grantee(), grant_of(), consent(), end(), end()).prop_map(|(grantee, of, decision, not_before_ms, not_after_ms)| {
        GrantRow { grantee, of, decision, not_before_ms, not_after_ms }
    })
}

prop_compose! {
    fn rows()(
        members in prop::collection::vec((account(), role(), prop_oneof![5 => Just(Consent::Allow), 1 => consent()]), 1..8),
        grants in prop::collection::vec(grant(), 0..24),
        activations in prop::collection::vec((account(), 0..100i64), 0..3),
        threads in prop::collection::vec((1..4u64, account()), 0..5),
        glass in prop::collection::vec((account(), role(), 0..100i64, 0..100i64), 0..3),
    ) -> Rows {
        Rows {
            members: members.into_iter().map(|(account, role, membership)| MemberRow { account, role, membership }).collect(),
            grants,
            activations: activations.into_iter().map(|(proxy, activated_ms)| ActivationRow { proxy, activated_ms }).collect(),
            threads: threads.into_iter().map(|(thread, account)| ThreadRow::takes_part(thread, account)).collect(),
            glass: glass.into_iter().map(|(account, role, from_ms, until_ms)| GlassRow { account, role, from_ms, until_ms }).collect(),
        }
    }
}

/// Mostly labels that exist, and any number at all.
fn label() -> impl Strategy<Value = LabelId> {
    let audience = prop::sample::select(vec![1u64, 1, 1, 1, 1, 2, 3, 4, 5, 5, 7]);
    let made =
        (prop::collection::vec(category(), 0..3), audience, account()).prop_map(|(categories, audience, named)| {
            let bits = categories.into_iter().fold(0u64, |bits, one| bits | u64::from(one.bit().0));
            let named = if matches!(audience, 1 | 5) { 0 } else { named };
            LabelId(bits | audience << 24 | named << 32)
        });
    let everyone = Just(LabelId(7 << 24 | 0x7fff_ffff << 32));
    prop_oneof![12 => made, 1 => any::<u64>().prop_map(LabelId), 1 => everyone]
}

#[derive(Clone, Debug)]
enum Wish {
    Read(LabelId),
    Summary(Category),
    Create(TypeFacts, LabelId),
    Write(FieldFacts, LabelId, Option<bool>),
    Propose(FieldFacts, LabelId),
    End(TypeFacts, Vec<LabelId>, Option<bool>),
    Grant(Reference),
}

impl Wish {
    fn action(&self) -> Action<'_> {
        match self {
            Self::Read(label) => Action::ReadLabel(*label),
            Self::Summary(category) => Action::ReadSummary(*category),
            Self::Create(facts, label) => Action::CreateRecord { facts: *facts, label: *label },
            Self::Write(facts, label, own) => Action::WriteField { facts: *facts, label: *label, own: *own },
            Self::Propose(facts, label) => Action::ProposeField { facts: *facts, label: *label },
            Self::End(facts, labels, own) => Action::EndRecord { facts: *facts, labels, own: *own },
            Self::Grant(reference) => Action::WriteGrant(*reference),
        }
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    let roles = || prop_oneof![1 => any::<u16>(), 2 => Just(RoleSet::PERSONS.0)];
    let kind = (roles(), any::<bool>(), any::<bool>()).prop_map(|(creators, journal, proxy)| TypeFacts {
        creators: RoleSet(creators),
        journal,
        proxy,
        clinic: false,
        opens: false,
    });
    let field = (roles(), roles(), any::<bool>(), any::<bool>()).prop_map(|(writers, proposers, journal, proxy)| {
        FieldFacts { writers: RoleSet(writers), proposers: RoleSet(proposers), journal, proxy }
    });
    let own = || prop::option::of(any::<bool>());
    prop_oneof![
        2 => label().prop_map(Wish::Read),
        1 => category().prop_map(Wish::Summary),
        2 => (kind.clone(), label()).prop_map(|(facts, label)| Wish::Create(facts, label)),
        2 => (field.clone(), label(), own()).prop_map(|(facts, label, own)| Wish::Write(facts, label, own)),
        1 => (field, label()).prop_map(|(facts, label)| Wish::Propose(facts, label)),
        2 => (kind, prop::collection::vec(label(), 0..3), own())
            .prop_map(|(facts, labels, own)| Wish::End(facts, labels, own)),
        1 => (grantee(), grant_of()).prop_map(|(grantee, of)| Wish::Grant(Reference { grantee, of })),
    ]
}

/// Somebody of the circle as a rule; anybody now and then.
fn viewer(rows: &Rows, pick: usize, other: (u64, Role)) -> Viewer {
    let named: Vec<(u64, Role)> = rows.members.iter().map(|row| (row.account, row.role)).collect();
    let broke = rows.glass.iter().map(|row| (row.account, row.role));
    let all: Vec<(u64, Role)> = named.into_iter().chain(broke).chain([other]).collect();
    let (account, role) = all[pick % all.len()];
    Viewer { account, role }
}

#[test]
fn decide_and_cedar_agree() {
    let (asked, allowed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let questions = prop::collection::vec((wish(), 0..100i64, any::<usize>(), (account(), role())), 24);
    let done = TestRunner::new(config()).run(&(rows(), questions), |(rows, questions)| {
        let access = Access::from_records(1, &rows.members, &rows.grants, &rows.activations, &rows.threads)
            .with_glass(&rows.glass);
        let circle = Circle::new(&rows);
        for (wish, now_ms, pick, other) in &questions {
            let viewer = viewer(&rows, *pick, *other);
            let ours = decide(*now_ms, &viewer, &access, &wish.action()).allowed();
            let theirs = circle.allows(*now_ms, &viewer, &wish.action());
            prop_assert_eq!(ours, theirs, "decide() and Cedar on {:?} by {:?} at {}", wish, viewer, now_ms);
            asked.fetch_add(1, Ordering::Relaxed);
            allowed.fetch_add(usize::from(ours), Ordering::Relaxed);
        }
        Ok(())
    });
    done.unwrap_or_else(|error| panic!("{error}"));
    let (asked, allowed) = (asked.into_inner(), allowed.into_inner());
    println!("{asked} questions, {allowed} allowed by both");
    assert!(allowed * 10 > asked && allowed * 10 < asked * 9, "{allowed} of {asked}: the questions say little");
}

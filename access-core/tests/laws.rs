//! Laws of `decide`: total, monotone under DENY, blind to expired grants, and the hard lines of the matrix.

use osteon_access_core::*;
use proptest::prelude::*;
use proptest::test_runner::Config;

fn cases() -> Config {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(96);
    Config { cases, ..Config::default() }
}

/// Few accounts and a short time line, so that things meet.
fn account() -> impl Strategy<Value = u64> {
    1..6u64
}

fn role() -> impl Strategy<Value = Role> {
    (1..=8u8).prop_map(|n| Role::from_number(n).expect("1..=8"))
}

fn consent() -> impl Strategy<Value = Consent> {
    prop_oneof![1 => Just(Consent::Unset), 3 => Just(Consent::Allow), 1 => Just(Consent::Deny)]
}

fn grantee() -> impl Strategy<Value = Grantee> {
    prop_oneof![1 => role().prop_map(Grantee::Role), 2 => account().prop_map(Grantee::Member)]
}

fn grant_of() -> impl Strategy<Value = GrantOf> {
    prop_oneof![
        5 => (1..=22u8).prop_map(|n| GrantOf::Category(Category::new(n).expect("1..=22"))),
        1 => Just(GrantOf::Proxy),
    ]
}

fn grant() -> impl Strategy<Value = GrantRow> {
    let end = || prop_oneof![1 => Just(None), 4 => (0..100i64).prop_map(Some)];
    (grantee(), grant_of(), consent(), end(), end()).prop_map(|(grantee, of, decision, not_before_ms, not_after_ms)| {
        GrantRow { grantee, of, decision, not_before_ms, not_after_ms }
    })
}

#[derive(Clone, Debug)]
struct Rows {
    members: Vec<MemberRow>,
    grants: Vec<GrantRow>,
    activations: Vec<ActivationRow>,
    threads: Vec<ThreadRow>,
}

impl Rows {
    fn access(&self) -> Access {
        Access::from_records(3, &self.members, &self.grants, &self.activations, &self.threads)
    }
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![4 => account().prop_map(Part::Account), 1 => Just(Part::Everybody)]
}

prop_compose! {
    fn rows()(
        members in prop::collection::vec((account(), role(), consent()), 1..8),
        grants in prop::collection::vec(grant(), 0..24),
        activations in prop::collection::vec((account(), 0..100i64), 0..3),
        threads in prop::collection::vec((1..4u64, part(), consent()), 0..6),
    ) -> Rows {
        Rows {
            members: members.into_iter().map(|(account, role, membership)| MemberRow { account, role, membership }).collect(),
            grants,
            activations: activations.into_iter().map(|(proxy, activated_ms)| ActivationRow { proxy, activated_ms }).collect(),
            threads: threads
                .into_iter()
                .map(|(thread, part, participation)| ThreadRow { thread, part, participation })
                .collect(),
        }
    }
}

/// Mostly labels that exist, and any number at all.
fn label() -> impl Strategy<Value = LabelId> {
    let one =
        (prop::collection::vec(1..=22u32, 0..3), prop::sample::select(vec![1u64, 1, 1, 2, 3, 4, 5, 5, 7]), account());
    let made = one.prop_map(|(categories, audience, named)| {
        let bits = categories.into_iter().fold(0u64, |bits, k| bits | 1 << k);
        let named = if matches!(audience, 1 | 5) { 0 } else { named };
        LabelId(bits | audience << 24 | named << 32)
    });
    prop_oneof![8 => made, 1 => any::<u64>().prop_map(LabelId)]
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
    let kind = (any::<u16>(), any::<[bool; 4]>()).prop_map(|(creators, [journal, proxy, clinic, opens])| TypeFacts {
        creators: RoleSet(creators),
        journal,
        proxy,
        clinic,
        opens,
    });
    let field =
        (any::<u16>(), any::<u16>(), any::<bool>(), any::<bool>()).prop_map(|(writers, proposers, journal, proxy)| {
            FieldFacts { writers: RoleSet(writers), proposers: RoleSet(proposers), journal, proxy }
        });
    let own = || prop::option::of(any::<bool>());
    prop_oneof![
        label().prop_map(Wish::Read),
        (1..=22u8).prop_map(|n| Wish::Summary(Category::new(n).expect("1..=22"))),
        (kind.clone(), label()).prop_map(|(facts, label)| Wish::Create(facts, label)),
        (field.clone(), label(), own()).prop_map(|(facts, label, own)| Wish::Write(facts, label, own)),
        (field, label()).prop_map(|(facts, label)| Wish::Propose(facts, label)),
        (kind, prop::collection::vec(label(), 0..3), own())
            .prop_map(|(facts, labels, own)| Wish::End(facts, labels, own)),
        (grantee(), grant_of()).prop_map(|(grantee, of)| Wish::Grant(Reference { grantee, of })),
    ]
}

fn all_viewers() -> Vec<Viewer> {
    let roles = (1..=8).filter_map(Role::from_number);
    roles.flat_map(|role| (1..6).map(move |account| Viewer { account, role })).collect()
}

proptest! {
    #![proptest_config(cases())]

    /// Any input gives an answer, extreme times and nonsense labels included.
    #[test]
    fn total(rows in rows(), wish in wish(), now in any::<i64>()) {
        let access = rows.access();
        for viewer in all_viewers() {
            let _ = decide(now, &viewer, &access, &wish.action());
            let _ = scope(now, &viewer, &access, &[LabelId(0), LabelId(u64::MAX)]);
            let _ = reach(now, &viewer, &access);
        }
    }

    /// Another DENY (of a category, of the proxy, of a membership) never allows more.
    #[test]
    fn a_deny_never_allows_more(rows in rows(), wish in wish(), now in 0..100i64, extra in grant(), out in (account(), role())) {
        let before = rows.access();
        let mut denied = rows.clone();
        denied.grants.push(GrantRow { decision: Consent::Deny, ..extra });
        let mut removed = rows.clone();
        removed.members.push(MemberRow { account: out.0, role: out.1, membership: Consent::Deny });
        for after in [denied.access(), removed.access()] {
            for viewer in all_viewers() {
                let was = decide(now, &viewer, &before, &wish.action());
                let is = decide(now, &viewer, &after, &wish.action());
                prop_assert!(was.allowed() || !is.allowed(), "{viewer:?} {wish:?}");
            }
        }
    }

    /// An ALLOW whose time is over, or has not come, changes nothing now.
    #[test]
    fn an_allow_out_of_its_time_changes_nothing(rows in rows(), wish in wish(), now in 10..90i64, extra in grant(), late in any::<bool>()) {
        let mut more = rows.clone();
        let (from, until) = if late { (Some(now + 1), extra.not_after_ms) } else { (extra.not_before_ms, Some(now)) };
        more.grants.push(GrantRow { decision: Consent::Allow, not_before_ms: from, not_after_ms: until, ..extra });
        let (before, after) = (rows.access(), more.access());
        for viewer in all_viewers() {
            prop_assert_eq!(
                decide(now, &viewer, &before, &wish.action()),
                decide(now, &viewer, &after, &wish.action())
            );
        }
    }

    /// Rows are a set: order and repetition do not matter.
    #[test]
    fn rows_are_a_set(rows in rows()) {
        let mut turned = rows.clone();
        turned.members.reverse();
        turned.grants.reverse();
        turned.grants.extend(rows.grants.iter().copied());
        turned.threads.reverse();
        turned.activations.reverse();
        prop_assert_eq!(rows.access(), turned.access());
    }

    /// C20 is the patient's alone; AD reads nothing clinical; C12 never reaches a caregiver; whoever writes, reads.
    #[test]
    fn hard_lines(rows in rows(), label in label(), wish in wish(), now in 0..100i64) {
        let access = rows.access();
        const NOT_CLINICAL: u64 = 1 << 1 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 22;
        for viewer in all_viewers() {
            let reads = decide(now, &viewer, &access, &Action::ReadLabel(label)).allowed();
            if reads && label.0 >> 20 & 1 == 1 {
                prop_assert_eq!(viewer.role, Role::Patient);
            }
            if reads && viewer.role == Role::ClinicAdmin {
                prop_assert_eq!(label.0 & 0x7f_fffe & !NOT_CLINICAL, 0);
            }
            if reads && viewer.role == Role::Caregiver {
                prop_assert_eq!(label.0 >> 12 & 1, 0);
            }
            if reads && label.0 >> 24 & 7 == 2 {
                prop_assert_eq!(label.0 >> 32, viewer.account);
            }
            let does = |action: &Action<'_>| decide(now, &viewer, &access, action).allowed();
            if let Wish::Create(_, label) | Wish::Write(_, label, _) = &wish && does(&wish.action()) {
                // Whoever starts a thread takes part in it from then on.
                let started = match (&wish, LabelView::parse(*label).map(|view| view.audience)) {
                    (Wish::Create(facts, _), Some(Audience::Thread(thread))) if facts.opens => {
                        prop_assert!(!access.knows_thread(thread), "{:?} takes over a thread", viewer);
                        access.clone().with_participant(thread, viewer.account)
                    }
                    _ => access.clone(),
                };
                let reads = decide(now, &viewer, &started, &Action::ReadLabel(*label)).allowed();
                prop_assert!(reads, "{:?} writes what it cannot read", viewer);
            }
            if let Wish::End(_, labels, _) = &wish && does(&wish.action()) {
                prop_assert!(!labels.is_empty());
                for label in labels {
                    prop_assert!(does(&Action::ReadLabel(*label)));
                }
            }
            if viewer.role == Role::System {
                prop_assert!(!does(&wish.action()));
            }
        }
    }

    /// Even a patient who grants everything to everybody opens no more than the matrix has a star for.
    #[test]
    fn no_grant_opens_what_the_matrix_closes(rows in rows(), now in 0..100i64) {
        let mut generous = rows.clone();
        generous.grants.retain(|grant| grant.decision != Consent::Deny);
        for category in Category::all() {
            generous.grants.extend((1..6).map(|account| GrantRow {
                grantee: Grantee::Member(account),
                of: GrantOf::Category(category),
                decision: Consent::Allow,
                not_before_ms: None,
                not_after_ms: Some(1_000),
            }));
        }
        let access = generous.access();
        for viewer in all_viewers() {
            for category in Category::all() {
                let label = LabelView::all(category.bit());
                let cell = cell(category, viewer.role);
                let activated = category == Category::C15_END_OF_LIFE && viewer.role == Role::Caregiver;
                if decide(now, &viewer, &access, &Action::ReadLabel(label)).allowed() {
                    prop_assert!(activated || (cell.read != Mode::No && !cell.own), "{:?} {:?}", viewer, category);
                    prop_assert!(category != Category::C20_PRIVATE_NOTES || viewer.role == Role::Patient);
                    prop_assert!(viewer.role != Role::ClinicAdmin || [1, 17, 18, 22].contains(&category.number()));
                }
            }
        }
    }

    /// The scope is the reading half of `decide`, holds until its end, and begins to differ no earlier than it says.
    #[test]
    fn a_scope_is_what_decide_reads(rows in rows(), labels in prop::collection::vec(label(), 1..6), now in 0..100i64, later in 0..60i64) {
        let access = rows.access();
        for viewer in all_viewers() {
            let Ok(scope) = scope(now, &viewer, &access, &labels) else {
                prop_assert!(labels.iter().all(|l| !decide(now, &viewer, &access, &Action::ReadLabel(*l)).allowed()));
                continue;
            };
            let then = now + later;
            let steady = scope.not_after_ms().is_none_or(|end| then < end) && scope.opens_at_ms().is_none_or(|start| then < start);
            for label in &labels {
                let at = |when| decide(when, &viewer, &access, &Action::ReadLabel(*label));
                prop_assert_eq!(scope.reads(*label), at(now).allowed());
                prop_assert_eq!(scope.labels().contains(label), at(now).allowed());
                if steady {
                    prop_assert_eq!(at(now).allowed(), at(then).allowed());
                }
                if let Decision::Allow { not_after_ms: Some(end), .. } = at(now) {
                    prop_assert!(end > now && scope.not_after_ms().is_some_and(|first| first <= end));
                }
            }
        }
    }

    /// The label of a summary asks what `ReadSummary` asks.
    #[test]
    fn a_summary_is_read_by_its_label(rows in rows(), now in 0..100i64) {
        let access = rows.access();
        for viewer in all_viewers() {
            for category in Category::all() {
                let label = LabelView::summary(category.bit());
                let by_label = decide(now, &viewer, &access, &Action::ReadLabel(label));
                prop_assert_eq!(by_label, decide(now, &viewer, &access, &Action::ReadSummary(category)));
                // The whole has the summary in it, never the other way round.
                let whole = decide(now, &viewer, &access, &Action::ReadLabel(LabelView::all(category.bit())));
                prop_assert!(by_label.allowed() || !whole.allowed());
            }
        }
    }

    /// What can be read at some moment is in the reach at every earlier one, so no pair opens without a generation.
    #[test]
    fn reach_holds_every_later_reading(rows in rows(), label in label(), now in 0..100i64, later in 0..60i64) {
        let access = rows.access();
        for viewer in all_viewers() {
            if decide(now + later, &viewer, &access, &Action::ReadLabel(label)).allowed() {
                prop_assert!(reach(now, &viewer, &access).is_some_and(|reach| reach.reads(label)));
            }
        }
    }
}

/// The action that a word of "who sees what" stands for, on an entry that is for everybody.
fn asked(category: Category, kind: Kind) -> Action<'static> {
    let label = LabelId(u64::from(category.bit().0) | 1 << 24);
    let facts = FieldFacts { writers: RoleSet::PERSONS, proposers: RoleSet::PERSONS, journal: true, proxy: false };
    match kind {
        Kind::Read => Action::ReadLabel(label),
        Kind::ReadSummary => Action::ReadSummary(category),
        Kind::Write => Action::CreateRecord {
            facts: TypeFacts { creators: RoleSet::PERSONS, journal: true, proxy: false, clinic: false, opens: false },
            label,
        },
        Kind::Edit => Action::WriteField { facts, label, own: Some(false) },
        Kind::Propose => Action::ProposeField { facts, label },
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Who sees what says yes exactly where the decision does, and a no that is only a matter of time changes then.
    #[test]
    fn why_and_decide_agree(rows in rows(), now in 0..100i64) {
        let access = rows.access();
        for account in 1..6 {
            for role in Role::PERSONS {
                let viewer = Viewer { account, role };
                for category in Category::all() {
                    for kind in Kind::ALL {
                        let allowed = decide(now, &viewer, &access, &asked(category, kind)).allowed();
                        let Some(said) = why(now, &viewer, &access, category, kind) else {
                            prop_assert!(!allowed);
                            continue;
                        };
                        prop_assert_eq!(said.allows(), allowed, "{:?} {:?} {:?}: {:?}", viewer, category, kind, said);
                        match said {
                            Why::NotYet(from) => prop_assert!(from > now),
                            Why::Ended(until) => prop_assert!(until <= now),
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    /// What may not be granted opens nothing, and what opens something may be granted.
    #[test]
    fn grantable_is_what_opens(role in a_person(), by_name in any::<bool>(), of in grant_of(), ends in any::<bool>()) {
        let members = [MemberRow { account: 1, role, membership: Consent::Allow }];
        let grant = GrantRow {
            grantee: if by_name { Grantee::Member(1) } else { Grantee::Role(role) },
            of,
            decision: Consent::Allow,
            not_before_ms: None,
            not_after_ms: ends.then_some(90),
        };
        let viewer = Viewer { account: 1, role };
        let reads = |grants: &[GrantRow], category| {
            why(50, &viewer, &Access::from_records(1, &members, grants, &[], &[]), category, Kind::Read) == Some(Why::Granted)
        };
        let opened = match of {
            GrantOf::Category(category) => reads(&[grant], category),
            GrantOf::Proxy => speaks_for_patient(50, &viewer, &Access::from_records(1, &members, &[grant], &[], &[])),
        };
        let granted = grantable(role, by_name, of, ends).is_ok();
        // A caregiver's role is never granted as a whole, whatever the access state would make of it.
        let whole_role = role == Role::Caregiver && !by_name;
        prop_assert!(!opened || granted || whole_role || role == Role::Patient, "{:?} {:?}", role, of);
    }
}

fn a_person() -> impl Strategy<Value = Role> {
    role().prop_filter("nobody grants to the system", |role| *role != Role::System)
}

fn glass() -> impl Strategy<Value = GlassRow> {
    (account(), role(), 0..100i64, 0..100i64).prop_map(|(account, role, from_ms, until_ms)| GlassRow {
        account,
        role,
        from_ms,
        until_ms,
    })
}

proptest! {
    #![proptest_config(cases())]

    /// Broken glass: physicians and nurses read more, to its end, and never C15, C20 or what names others. Nothing is
    /// written by it, and no device holds anything by it.
    #[test]
    fn broken_glass_opens_reading_alone(rows in rows(), broken in prop::collection::vec(glass(), 1..5), wish in wish(), label in label(), now in 0..100i64) {
        let before = rows.access();
        let after = rows.access().with_glass(&broken);
        for viewer in all_viewers() {
            let open = broken.iter().any(|row| {
                (row.account, row.role) == (viewer.account, viewer.role) && row.from_ms <= now && now < row.until_ms
            });
            let may = open && matches!(viewer.role, Role::Physician | Role::Nurse);
            let (was, is) = (decide(now, &viewer, &before, &wish.action()), decide(now, &viewer, &after, &wish.action()));
            let reading = matches!(wish, Wish::Read(_) | Wish::Summary(_));
            prop_assert!(was == is || (may && reading && !was.allowed()), "{viewer:?} {wish:?}");
            let reads = |access: &Access| decide(now, &viewer, access, &Action::ReadLabel(label));
            if let (Decision::Deny, Decision::Allow { not_after_ms, on_behalf }) = (reads(&before), reads(&after)) {
                prop_assert!(may && !on_behalf);
                let end = broken.iter().filter(|r| (r.account, r.role) == (viewer.account, viewer.role)).map(|r| r.until_ms).max();
                prop_assert!(not_after_ms.is_some_and(|until| until > now && Some(until) <= end), "it has an end");
                let member = before.members().any(|m| m == (viewer.account, viewer.role));
                prop_assert!(label.0 >> 20 & 1 == 0, "private notes");
                prop_assert!(label.0 >> 15 & 1 == 0 || member, "end-of-life wishes");
                if label.0 >> 15 & 1 == 1 {
                    let wishes = LabelView::all(Category::C15_END_OF_LIFE.bit());
                    prop_assert!(decide(now, &viewer, &before, &Action::ReadLabel(wishes)).allowed(), "had them without");
                }
                let names_somebody = !matches!(label.0 >> 24 & 7, 1 | 3 | 5);
                prop_assert!(!names_somebody || label.0 >> 32 == viewer.account);
            }
            prop_assert_eq!(held(now, &viewer, &after, &[label]).map(|s| s.reads(label)), held(now, &viewer, &before, &[label]).map(|s| s.reads(label)));
            match scope(now, &viewer, &after, &[label]) {
                Ok(scope) => {
                    prop_assert_eq!(scope.reads(label), reads(&after).allowed());
                    prop_assert_eq!(scope.behind_glass(), may);
                    if may {
                        prop_assert!(scope.not_after_ms().is_some_and(|end| end > now && end <= 100));
                    }
                }
                Err(_) => prop_assert!(!reads(&after).allowed()),
            }
        }
    }
}

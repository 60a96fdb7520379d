//! Single cases worth a name: proxy, threads, unknown labels, generations, permits.

use osteon_access_core::*;

const NOW: i64 = 1_000;
const PATIENT: Viewer = Viewer { account: 1, role: Role::Patient };
const CAREGIVER: Viewer = Viewer { account: 2, role: Role::Caregiver };
const NURSE: Viewer = Viewer { account: 3, role: Role::Nurse };
const PHYSIO: Viewer = Viewer { account: 4, role: Role::Physiotherapist };
const C15: LabelId = LabelId(1 << 15 | 1 << 24);
const C06: LabelId = LabelId(1 << 6 | 1 << 24);

fn members() -> Vec<MemberRow> {
    [PATIENT, CAREGIVER, NURSE, PHYSIO]
        .map(|v| MemberRow { account: v.account, role: v.role, membership: Consent::Allow })
        .to_vec()
}

fn grant(account: u64, of: GrantOf, decision: Consent, until: Option<i64>) -> GrantRow {
    GrantRow { grantee: Grantee::Member(account), of, decision, not_before_ms: None, not_after_ms: until }
}

fn category(number: u8) -> GrantOf {
    GrantOf::Category(Category::new(number).expect("1..=22"))
}

fn circle(grants: &[GrantRow]) -> Access {
    Access::from_records(9, &members(), grants, &[], &[])
}

fn reads(viewer: Viewer, access: &Access, label: LabelId) -> bool {
    decide(NOW, &viewer, access, &Action::ReadLabel(label)).allowed()
}

const WISHES: FieldFacts =
    FieldFacts { writers: RoleSet::EMPTY.with(Role::Patient), proposers: RoleSet::EMPTY, journal: false, proxy: true };

fn writes_wishes(access: &Access) -> Decision {
    decide(NOW, &CAREGIVER, access, &Action::WriteField { facts: WISHES, label: C15, own: None })
}

#[test]
fn a_proxy_acts_for_end_of_life_wishes_only_once_activated() {
    let proxy = [grant(2, GrantOf::Proxy, Consent::Allow, None)];
    assert_eq!(writes_wishes(&circle(&[])), Decision::Deny);
    assert_eq!(writes_wishes(&circle(&proxy)), Decision::Deny);
    let activated = |grants: &[GrantRow], at: i64| {
        Access::from_records(9, &members(), grants, &[ActivationRow { proxy: 2, activated_ms: at }], &[])
    };
    assert_eq!(writes_wishes(&activated(&[], NOW)), Decision::Deny, "activated, but not the proxy");
    assert_eq!(writes_wishes(&activated(&proxy, NOW + 1)), Decision::Deny, "activated later");
    let acts = Decision::Allow { not_after_ms: None, on_behalf: true };
    assert_eq!(writes_wishes(&activated(&proxy, NOW)), acts);
    let ended = [proxy[0], grant(2, GrantOf::Proxy, Consent::Deny, None)];
    assert_eq!(writes_wishes(&activated(&ended, NOW)), Decision::Deny, "the patient ended it");
    let by_role = [GrantRow { grantee: Grantee::Role(Role::Caregiver), ..proxy[0] }];
    assert_eq!(writes_wishes(&activated(&by_role, NOW)), Decision::Deny, "a proxy is granted by name");
}

#[test]
fn a_proxy_grants_for_the_patient_but_never_its_own() {
    let access = circle(&[grant(2, GrantOf::Proxy, Consent::Allow, Some(NOW + 5))]);
    let may =
        |viewer: &Viewer, grantee, of| decide(NOW, viewer, &access, &Action::WriteGrant(Reference { grantee, of }));
    let behalf = Decision::Allow { not_after_ms: Some(NOW + 5), on_behalf: true };
    assert_eq!(may(&CAREGIVER, Grantee::Member(3), category(12)), behalf);
    assert_eq!(may(&CAREGIVER, Grantee::Member(2), category(6)), Decision::Deny);
    assert_eq!(may(&CAREGIVER, Grantee::Role(Role::Caregiver), category(6)), Decision::Deny);
    assert_eq!(may(&CAREGIVER, Grantee::Member(3), GrantOf::Proxy), Decision::Deny);
    assert!(may(&PATIENT, Grantee::Member(2), GrantOf::Proxy).allowed());
    assert_eq!(may(&NURSE, Grantee::Member(2), category(6)), Decision::Deny);
}

#[test]
fn the_patient_narrows_anything_but_the_safety_minimum_of_clinicians() {
    let deny = |number| circle(&[grant(4, category(number), Consent::Deny, None)]);
    assert!(reads(PHYSIO, &circle(&[]), C06));
    assert!(!reads(PHYSIO, &deny(6), C06));
    assert!(reads(PHYSIO, &deny(21), LabelId(1 << 21 | 1 << 24)));
    let role = GrantRow { grantee: Grantee::Role(Role::Physiotherapist), ..grant(0, category(6), Consent::Deny, None) };
    assert!(!reads(PHYSIO, &circle(&[role]), C06));
    assert!(reads(NURSE, &circle(&[role]), C06));
}

#[test]
fn a_deny_outlives_an_old_end_date() {
    let access = circle(&[grant(4, category(6), Consent::Deny, Some(NOW - 1))]);
    assert!(!reads(PHYSIO, &access, C06));
}

#[test]
fn a_label_with_two_categories_needs_both() {
    let both = LabelId(1 << 6 | 1 << 13 | 1 << 24);
    let six = grant(2, category(6), Consent::Allow, Some(NOW + 9));
    let thirteen = grant(2, category(13), Consent::Allow, Some(NOW + 4));
    assert!(!reads(CAREGIVER, &circle(&[six]), both));
    let access = circle(&[six, thirteen]);
    let decision = decide(NOW, &CAREGIVER, &access, &Action::ReadLabel(both));
    assert_eq!(decision, Decision::Allow { not_after_ms: Some(NOW + 4), on_behalf: false });
}

#[test]
fn threads_and_unknown_labels_reach_only_whom_they_name() {
    let thread = LabelId(1 << 19 | 3 << 24 | 5 << 32);
    let rows = [ThreadRow::takes_part(5, 3)];
    let access = Access::from_records(9, &members(), &[], &[], &rows);
    assert!(reads(NURSE, &access, thread));
    assert!(!reads(PHYSIO, &access, thread));
    assert!(!reads(NURSE, &access, LabelId(1 << 19 | 1 << 24)), "messages are never for everybody");
    // One no wins, also in a thread of everybody; nobody takes part who is no member.
    let no = |account| ThreadRow { participation: Consent::Deny, ..ThreadRow::takes_part(5, account) };
    let of = |rows: &[ThreadRow]| Access::from_records(9, &members(), &[], &[], rows);
    assert!(!reads(NURSE, &of(&[rows[0], no(3)]), thread));
    let all = of(&[ThreadRow::everybody(5), no(3), ThreadRow::takes_part(5, 77)]);
    assert!(reads(PHYSIO, &all, thread) && reads(PATIENT, &all, thread) && !reads(NURSE, &all, thread));
    assert!(all.threads_of(77).is_empty() && all.threads_of(PHYSIO.account) == [5]);
    // About a field: whoever takes part and may read it.
    let about = LabelId(1 << 7 | 1 << 19 | 3 << 24 | 5 << 32);
    assert!(
        !reads(PHYSIO, &all, about) && reads(PATIENT, &all, about),
        "a physiotherapist has the summary of C07 alone"
    );
    // A thread is started under a number that no thread has, by whoever may read what it is about.
    let facts = TypeFacts { opens: true, ..TypeFacts::UNKNOWN };
    let starts =
        |viewer: Viewer, label| decide(NOW, &viewer, &access, &Action::CreateRecord { facts, label }).allowed();
    let fresh = |label: LabelId| LabelId(label.0 & 0xffff_ffff | 6 << 32);
    assert!(starts(PHYSIO, fresh(thread)) && !starts(PHYSIO, thread) && !starts(NURSE, thread));
    assert!(!starts(PHYSIO, fresh(about)) && starts(NURSE, fresh(about)));
    assert!(!starts(PHYSIO, LabelId(1 << 19 | 1 << 24)), "and under no label that names none");
    let unknown = LabelId::unknown(3);
    assert!(reads(NURSE, &access, unknown) && reads(PATIENT, &access, unknown));
    assert!(!reads(PHYSIO, &access, unknown));
    let everybody = LabelId::ALL_MEMBERS;
    assert!([PATIENT, CAREGIVER, NURSE, PHYSIO].iter().all(|viewer| reads(*viewer, &access, everybody)));
    assert!(!reads(Viewer { account: 8, role: Role::Nurse }, &access, everybody), "not a member");
}

#[test]
fn a_generation_is_new_when_a_right_comes_back_not_when_it_is_extended() {
    let labels = [C06, C15];
    let with = |until| circle(&[grant(2, category(6), Consent::Allow, Some(until))]);
    let none = circle(&[]);
    assert_eq!(gained(NOW, &CAREGIVER, &none, &with(NOW + 10), &labels), [C06]);
    assert_eq!(gained(NOW, &CAREGIVER, &with(NOW + 10), &with(NOW + 20), &labels), [LabelId(0); 0]);
    assert_eq!(gained(NOW, &CAREGIVER, &with(NOW), &with(NOW + 20), &labels), [C06], "it had ended");
    assert_eq!(lost((NOW, NOW), &CAREGIVER, &with(NOW + 20), &none, &labels), [C06]);
    let ahead = GrantRow { not_before_ms: Some(NOW + 5), ..grant(2, category(6), Consent::Allow, Some(NOW + 9)) };
    assert_eq!(gained(NOW, &CAREGIVER, &none, &circle(&[ahead]), &labels), [C06], "made now, begins later");
    let seen = scope(NOW, &CAREGIVER, &circle(&[ahead]), &labels).expect("a member");
    assert_eq!((seen.labels().len(), seen.opens_at_ms()), (0, Some(NOW + 5)));
}

#[test]
fn a_permit_carries_the_earliest_end_and_the_generation() {
    let access = circle(&[
        grant(2, category(6), Consent::Allow, Some(NOW + 9)),
        grant(2, category(8), Consent::Allow, Some(NOW + 3)),
    ]);
    let needs = [Action::ReadLabel(C06), Action::ReadLabel(LabelId(1 << 8 | 1 << 24))];
    let permit = permit(NOW, &CAREGIVER, &access, "both", &needs).expect("granted");
    assert_eq!((permit.not_after_ms(), permit.generation(), *permit.action()), (Some(NOW + 3), 9, "both"));
    assert_eq!(osteon_access_core::permit(NOW, &CAREGIVER, &access, (), &[]), Err(Denied));
    let more = [needs[0], Action::ReadLabel(C15)];
    assert_eq!(osteon_access_core::permit(NOW, &CAREGIVER, &access, (), &more), Err(Denied));
}

#[test]
fn consent_reads_versions_as_deny_wins() {
    assert_eq!(Consent::of([]), Consent::Unset);
    assert_eq!(Consent::of([1, 1]), Consent::Allow);
    assert_eq!(Consent::of([1, 2, 1]), Consent::Deny);
    assert_eq!(Consent::of([1, 77]), Consent::Deny);
}

#[test]
fn a_button_for_all_leaves_out_what_needs_its_own_switch() {
    for number in [10, 11, 12, 15] {
        assert!(!bulk_grantable(Role::Caregiver).contains(Category::new(number).expect("1..=22")));
    }
    assert!(bulk_grantable(Role::Caregiver).contains(Category::new(6).expect("1..=22")));
}

fn label(numbers: &[u32]) -> LabelId {
    LabelId(numbers.iter().fold(1 << 24, |bits, number| bits | 1 << number))
}

#[test]
fn the_longest_grant_of_a_category_holds() {
    let named = grant(2, category(6), Consent::Allow, Some(NOW + 4));
    let role = GrantRow { grantee: Grantee::Role(Role::Caregiver), not_after_ms: Some(NOW + 9), ..named };
    for grants in [[named, role], [role, named]] {
        let decision = decide(NOW, &CAREGIVER, &circle(&grants), &Action::ReadLabel(C06));
        assert_eq!(decision, Decision::Allow { not_after_ms: Some(NOW + 9), on_behalf: false });
    }
}

#[test]
fn a_proxy_lengthens_no_grant_but_that_of_end_of_life_wishes() {
    let grants = [
        grant(2, GrantOf::Proxy, Consent::Allow, Some(NOW + 20)),
        grant(2, category(6), Consent::Allow, Some(NOW + 4)),
    ];
    let activation = ActivationRow { proxy: 2, activated_ms: NOW };
    let access = Access::from_records(9, &members(), &grants, &[activation], &[]);
    let until = |label| decide(NOW, &CAREGIVER, &access, &Action::ReadLabel(label));
    assert_eq!(until(C06), Decision::Allow { not_after_ms: Some(NOW + 4), on_behalf: false });
    assert_eq!(until(C15), Decision::Allow { not_after_ms: Some(NOW + 20), on_behalf: false });
}

#[test]
fn a_proxy_who_reads_end_of_life_wishes_writes_them_only_once_activated() {
    let access = circle(&[
        grant(2, GrantOf::Proxy, Consent::Allow, Some(NOW + 20)),
        grant(2, category(15), Consent::Allow, Some(NOW + 20)),
    ]);
    assert!(reads(CAREGIVER, &access, C15));
    assert_eq!(writes_wishes(&access), Decision::Deny);
}

#[test]
fn a_journal_entry_with_two_categories_needs_both_to_write() {
    let access = circle(&[
        grant(2, category(6), Consent::Allow, Some(NOW + 9)),
        grant(2, category(2), Consent::Allow, Some(NOW + 9)),
    ]);
    let facts = TypeFacts { creators: RoleSet::PERSONS, journal: true, proxy: false, clinic: false, opens: false };
    let creates = |label| decide(NOW, &CAREGIVER, &access, &Action::CreateRecord { facts, label }).allowed();
    // A caregiver may write of symptoms what of the cancer they may only read.
    assert!(creates(C06) && !creates(label(&[2])));
    assert!(reads(CAREGIVER, &access, label(&[2, 6])) && !creates(label(&[2, 6])));
}

#[test]
fn an_entry_of_another_with_two_categories_needs_both_to_edit() {
    let facts = FieldFacts { writers: RoleSet::PERSONS, proposers: RoleSet::EMPTY, journal: true, proxy: false };
    let access = circle(&[]);
    let writes =
        |label, own| decide(NOW, &NURSE, &access, &Action::WriteField { facts, label, own: Some(own) }).allowed();
    // A nurse edits what others wrote of the cancer, and of symptoms writes their own.
    assert!(writes(label(&[2]), false) && !writes(label(&[6]), false));
    assert!(!writes(label(&[2, 6]), false) && writes(label(&[2, 6]), true));
}

#[test]
fn who_reads_the_summary_alone_proposes_without_an_end_and_needs_every_category() {
    let facts = FieldFacts { writers: RoleSet::EMPTY, proposers: RoleSet::PERSONS, journal: false, proxy: false };
    let access = circle(&[]);
    let proposes = |label| decide(NOW, &PHYSIO, &access, &Action::ProposeField { facts, label });
    assert_eq!(proposes(label(&[7])), Decision::Allow { not_after_ms: None, on_behalf: false });
    assert_eq!(proposes(label(&[1, 7])), Decision::Deny);
}

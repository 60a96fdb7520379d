//! The contract and the matrix must agree: whoever writes a field can read its label, by default or by a grant that
//! the matrix allows; whoever creates a journal entry has W or E there; numbers are the same on both sides.

use osteon_access_core::*;
use osteon_proto::{
    care, meta,
    table::{RecordType, table},
};

const AUTHOR: u64 = 5;

/// The choices of labels that a record of this type has; 0 where there is none.
fn choices(record: &RecordType) -> Vec<u32> {
    if record.label_choice.is_empty() { vec![0] } else { (1..=record.label_choice.len() as u32).collect() }
}

fn categories(label: LabelId) -> Categories {
    LabelView::parse(label).expect("a label that access understands").categories
}

/// (type, field, label, role) for every role that some list of a field names, under every choice of labels.
fn rows(list: impl Fn(&osteon_proto::table::FieldInfo) -> RoleSet) -> Vec<(String, LabelId, Role)> {
    let mut rows = Vec::new();
    for record in table().types() {
        for choice in choices(record) {
            let creators: RoleSet = record.creators_of(choice).into();
            for field in &record.shape.fields {
                let label = record.label_of(field.number, choice, AUTHOR).expect("a label");
                for role in list(field).iter().filter(|role| *role != Role::System) {
                    // Under a choice with writers of its own, the others never hold such a record.
                    if choice == 0 || creators.contains(role) {
                        rows.push((format!("{}.{} as {:?}", record.name, field.name, choice), label, role));
                    }
                }
            }
        }
    }
    rows
}

#[test]
fn the_writers_of_a_field_can_read_its_label() {
    let rows = rows(|field| field.writers.into());
    assert!(rows.len() > 500, "the table is there: {}", rows.len());
    let blind: Vec<String> = rows
        .iter()
        .filter(|(_, label, role)| categories(*label).iter().any(|c| cell(c, *role).read == Mode::No))
        .map(|(field, _, role)| format!("{field}: {}", role.short()))
        .collect();
    assert!(blind.is_empty(), "writers who cannot read: {blind:#?}");
}

#[test]
fn the_proposers_of_a_field_see_it_or_may_propose_there() {
    let lost: Vec<String> = rows(|field| field.proposers.into())
        .iter()
        .filter(|(_, label, role)| {
            categories(*label).iter().any(|c| {
                let cell = cell(c, *role);
                cell.read == Mode::No && cell.propose == Mode::No
            })
        })
        .map(|(field, _, role)| format!("{field}: {}", role.short()))
        .collect();
    assert!(lost.is_empty(), "proposers without sight: {lost:#?}");
}

/// Every creator that the contract names can create, given the patient's grants: with the list and the matrix
/// both asked, a name in the list that the matrix refuses would be dead.
#[test]
fn whoever_may_create_can_create() {
    let mut dead = Vec::new();
    for record in table().types() {
        for choice in choices(record) {
            let facts = TypeFacts::of(record, choice);
            let label = record.record_label(choice, 2).expect("a label");
            for role in facts.creators.iter().filter(|role| *role != Role::System) {
                let grants: Vec<GrantRow> = Category::all()
                    .map(|category| GrantRow {
                        grantee: Grantee::Member(2),
                        of: GrantOf::Category(category),
                        decision: Consent::Allow,
                        not_before_ms: None,
                        not_after_ms: Some(10),
                    })
                    .collect();
                let row = MemberRow { account: 2, role, membership: Consent::Allow };
                // Who writes in a thread takes part in it.
                let thread = [ThreadRow::takes_part(2, 2)];
                // Whoever starts one starts one that is not there.
                let threads = if facts.opens { &thread[..0] } else { &thread[..] };
                let access = Access::from_records(1, &[row], &grants, &[], threads);
                let viewer = Viewer { account: 2, role };
                let creates = |label| decide(5, &viewer, &access, &Action::CreateRecord { facts, label }).allowed();
                // A record of which only a part beside its own says something is created under that part's label.
                let beside = record.shape.fields.iter().any(|field| {
                    let its = field.label.as_ref().map(|l| l.for_author(2).expect("a label"));
                    field.writers.has(meta::Role::try_from(i32::from(role.number())).expect("a role"))
                        && its.is_some_and(creates)
                });
                if !creates(label) && !beside {
                    dead.push(format!("{} as {choice}: {}", record.name, role.short()));
                }
            }
        }
    }
    assert!(dead.is_empty(), "creators whom the matrix refuses: {dead:#?}");
}

#[test]
fn every_label_of_the_contract_is_understood() {
    for record in table().types() {
        for choice in choices(record) {
            for label in record.labels(choice, AUTHOR).expect("labels") {
                let view = LabelView::parse(label).expect("understood");
                let named: u32 = label.categories().map(|c| 1 << c as u32).sum();
                assert_eq!(view.categories.0, named);
            }
        }
    }
    let unknown = LabelView::parse(LabelId::unknown(AUTHOR)).expect("understood");
    assert_eq!(unknown.audience, Audience::Unknown(AUTHOR));
    let past = LabelView::parse(LabelId::unknown(u64::MAX)).expect("understood");
    assert_eq!(past.audience, Audience::Unknown(u64::MAX), "an account that does not fit: only the patient");
}

#[test]
fn numbers_are_those_of_the_contract() {
    for number in 1..=8u8 {
        let role = Role::from_number(number).expect("known");
        let name = meta::Role::try_from(i32::from(number)).expect("known").as_str_name();
        let mine = match role {
            Role::Patient => "ROLE_PATIENT",
            Role::Caregiver => "ROLE_CAREGIVER",
            Role::Dietitian => "ROLE_DIETITIAN",
            Role::Physiotherapist => "ROLE_PHYSIOTHERAPIST",
            Role::Physician => "ROLE_PHYSICIAN",
            Role::Nurse => "ROLE_NURSE",
            Role::ClinicAdmin => "ROLE_CLINIC_ADMIN",
            Role::System => "ROLE_SYSTEM",
        };
        assert_eq!(name, mine);
    }
    assert!(meta::Role::try_from(9).is_err() && meta::Category::try_from(23).is_err());
    for category in Category::all() {
        let name = meta::Category::try_from(i32::from(category.number())).expect("known").as_str_name();
        assert!(name.starts_with(&format!("CATEGORY_C{:02}_", category.number())), "{name}");
        assert_eq!(GrantOf::from_number(category.number().into()), Some(GrantOf::Category(category)));
    }
    assert_eq!(GrantOf::from_number(care::GrantCategory::Proxy as i32), Some(GrantOf::Proxy));
    assert_eq!(GrantOf::from_number(0), None);
    assert_eq!((care::Decision::Allow as i32, care::Decision::Deny as i32), (1, 2));
    assert_eq!(RoleSet::PERSONS, RoleSet::from_iter(Role::PERSONS));
}

#[test]
fn a_grantee_is_a_role_or_a_member() {
    let read = |role, account| Grantee::read(&care::Grantee { role, account });
    assert_eq!(read(Some(2), None), Some(Grantee::Role(Role::Caregiver)));
    assert_eq!(read(None, Some(9)), Some(Grantee::Member(9)));
    assert_eq!(read(Some(2), Some(9)), None);
    assert_eq!(read(None, None), None);
    assert_eq!(read(Some(77), None), None);
}

#[test]
fn what_the_table_does_not_know_is_for_its_author_and_the_patient() {
    let members = [(1, Role::Patient), (2, Role::Nurse), (3, Role::Physician)].map(|(account, role)| MemberRow {
        account,
        role,
        membership: Consent::Allow,
    });
    let access = Access::from_records(1, &members, &[], &[], &[]);
    let label = LabelId::unknown(2);
    let does = |account, role, action: Action<'_>| decide(0, &Viewer { account, role }, &access, &action).allowed();
    let write = Action::WriteField { facts: FieldFacts::find(u32::MAX, 1), label, own: None };
    assert!(does(2, Role::Nurse, write));
    assert!(!does(3, Role::Physician, write));
    assert!(does(1, Role::Patient, Action::ReadLabel(label)));
    assert!(!does(3, Role::Physician, Action::ReadLabel(label)));
}

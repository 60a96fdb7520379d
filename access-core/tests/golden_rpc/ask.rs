//! One letter of the table: the real decision, in the order in which the use cases ask.

use osteon_access_core::{
    Access, Action, Categories, Category, Consent, GlassRow, GrantOf, GrantRow, Grantee, LabelId, MemberRow, Reference,
    Role, ThreadRow, Viewer, decide, held, speaks_for_patient,
};

use super::cells::{Cell, Facts, OTHER, VIEWER};

const NOW: i64 = 1_000_000;

pub(crate) const COLUMNS: [&str; 9] =
    ["none", "allow", "ended", "deny", "proxy", "former", "stranger", "glass", "over"];

fn granted(categories: Categories, decision: Consent, until: Option<i64>) -> Vec<GrantRow> {
    let row = |category| GrantRow {
        grantee: Grantee::Member(VIEWER),
        of: GrantOf::Category(category),
        decision,
        not_before_ms: Some(0),
        not_after_ms: until,
    };
    categories.iter().map(row).collect()
}

/// The circle of one column.
fn circle(column: &str, role: Role, categories: Categories, threads: &[ThreadRow]) -> Access {
    let patient = MemberRow { account: 1, role: Role::Patient, membership: Consent::Allow };
    let other = MemberRow { account: OTHER, role: Role::Nurse, membership: Consent::Allow };
    let viewer = |membership| MemberRow { account: VIEWER, role, membership };
    let glass = |until_ms| GlassRow { account: VIEWER, role, from_ms: 0, until_ms };
    let proxy = GrantRow {
        grantee: Grantee::Member(VIEWER),
        of: GrantOf::Proxy,
        decision: Consent::Allow,
        not_before_ms: None,
        not_after_ms: Some(NOW + 1),
    };
    let (member, grants, broken) = match column {
        "none" => (Some(Consent::Allow), vec![], vec![]),
        "allow" => (Some(Consent::Allow), granted(categories, Consent::Allow, Some(NOW + 1)), vec![]),
        "ended" => (Some(Consent::Allow), granted(categories, Consent::Allow, Some(NOW)), vec![]),
        "deny" => (Some(Consent::Allow), granted(categories, Consent::Deny, None), vec![]),
        "proxy" => {
            (Some(Consent::Allow), [granted(categories, Consent::Allow, Some(NOW + 1)), vec![proxy]].concat(), vec![])
        }
        "former" => (Some(Consent::Deny), granted(categories, Consent::Allow, Some(NOW + 1)), vec![]),
        "stranger" => (None, vec![], vec![]),
        "glass" => (None, vec![], vec![glass(NOW + 1)]),
        "over" => (None, vec![], vec![glass(NOW)]),
        other => panic!("no column {other}"),
    };
    let members: Vec<MemberRow> = [Some(patient), Some(other), member.map(viewer)].into_iter().flatten().collect();
    Access::from_records(1, &members, &grants, &[], threads).with_glass(&broken)
}

/// The letters of one role: for an own entry, and for another's where that makes a difference.
pub(crate) fn answers(cell: &Cell, role: Role) -> String {
    let group = |own: bool| COLUMNS.map(|column| answer(cell, role, column, own)).iter().collect::<String>();
    match cell.facts {
        Facts::Write(_) | Facts::End(_) => format!("{}/{}", group(true), group(false)),
        _ => group(true),
    }
}

fn categories(labels: &[LabelId]) -> Categories {
    labels.iter().fold(Categories::NONE, |all, label| all.or(Categories(label.category_bits())))
}

fn answer(cell: &Cell, role: Role, column: &str, own: bool) -> char {
    // Of two threads one is the viewer's. Whoever starts one starts one that is not there.
    let threads = [ThreadRow::takes_part(VIEWER, VIEWER), ThreadRow::takes_part(OTHER, OTHER)];
    let starts = matches!(&cell.facts, Facts::Create(facts) if facts.opens);
    let access = circle(column, role, categories(&cell.labels), if starts { &[] } else { &threads });
    let viewer = Viewer { account: VIEWER, role };
    let allowed = |action: &Action<'_>| decide(NOW, &viewer, &access, action).allowed();
    let member = access.members().any(|(account, _)| account == VIEWER);
    let reads = cell.labels.iter().all(|label| allowed(&Action::ReadLabel(*label)));
    let label = cell.labels.first().copied().unwrap_or(LabelId::ALL_MEMBERS);
    let letter = |may: bool, knows: bool| match (may, knows) {
        (true, _) => '+',
        (false, true) => 'r',
        (false, false) => 'n',
    };
    match &cell.facts {
        Facts::Read if cell.question == "HOLD" => {
            let scope = held(NOW, &viewer, &access, &cell.labels);
            letter(scope.is_ok_and(|scope| scope.reads(label)), false)
        }
        Facts::Read => letter(reads, false),
        Facts::Summary(category) => letter(allowed(&Action::ReadSummary(*category)), false),
        Facts::Create(facts) => letter(allowed(&Action::CreateRecord { facts: *facts, label }), member),
        Facts::Write(facts) => letter(allowed(&Action::WriteField { facts: *facts, label, own: Some(own) }), reads),
        Facts::Propose(facts) => letter(allowed(&Action::ProposeField { facts: *facts, label }), reads),
        Facts::End(facts) => {
            let action = Action::EndRecord { facts: *facts, labels: &cell.labels, own: Some(own) };
            letter(allowed(&action), reads)
        }
        Facts::Grant(to) => {
            let of = match *to {
                "proxy" => GrantOf::Proxy,
                _ => GrantOf::Category(Category::C17_EDUCATION),
            };
            let grantee = Grantee::Member(if *to == "itself" { VIEWER } else { OTHER });
            letter(allowed(&Action::WriteGrant(Reference { grantee, of })), member)
        }
        Facts::Speak => letter(speaks_for_patient(NOW, &viewer, &access), member),
        // Who is no member is judged by the role in another circle of the clinic.
        Facts::Glass => letter(role.may_break_glass(), true),
    }
}

//! Who is told of an alert: roles that its rule names, whoever owns what it is about, members to whom it went on.

use std::collections::BTreeSet;

use osteon_access_core::{Access, Role};
use osteon_care_core::rules::{Rule, Severity};
use osteon_proto::{care, meta, table::table};

use crate::store::AccountNo;

/// Of a rule's list: whoever owns the field that it is about.
const OWNER: &str = "owner";

/// The roles that are told of a revision.
pub(super) fn roles(rule: &Rule, severity: Severity, alert: &care::Alert) -> BTreeSet<meta::Role> {
    named(rule, severity).into_iter().chain(owners(rule, alert)).collect()
}

/// Who of the circle is told of an alert that went on to these accounts: of nobody else may it be spoken to. Where none of
/// them is of this circle, its nurses and physicians are told.
pub(super) fn members(turn: &[AccountNo], access: &Access) -> BTreeSet<AccountNo> {
    let members: Vec<(AccountNo, Role)> = access.members().collect();
    let team = |role: &Role| {
        matches!(role, Role::Dietitian | Role::Physiotherapist | Role::Physician | Role::Nurse | Role::ClinicAdmin)
    };
    let named = members.iter().filter(|(account, role)| turn.contains(account) && team(role));
    let named: BTreeSet<AccountNo> = named.map(|(account, _)| *account).collect();
    if !named.is_empty() {
        return named;
    }
    let care = members.iter().filter(|(_, role)| matches!(role, Role::Physician | Role::Nurse));
    care.map(|(account, _)| *account).collect()
}

/// Whether the rule has the patient told.
pub(super) fn tells_patient(rule: &Rule) -> bool {
    rule.notify.iter().any(|code| code == "PT")
}

/// Whether the rule has somebody in a role told.
pub(in crate::app) fn is_told_to(rule: &Rule, role: Role) -> bool {
    let roles = named(rule, rule.severity().unwrap_or(Severity::Info));
    roles.iter().any(|one| *one as i32 == i32::from(role.number()))
}

/// "owner": the roles in whose inbox the dispute lies that the alert is about. The field is one of its texts.
fn owners(rule: &Rule, alert: &care::Alert) -> Vec<meta::Role> {
    if !rule.notify.iter().any(|code| code == OWNER) {
        return Vec::new();
    }
    let named = alert.texts.iter().find(|text| text.name.as_deref() == Some("field"));
    let field = named.and_then(|text| text.text.as_deref()).and_then(|text| text.rsplit_once('.'));
    let info = field.and_then(|(record, field)| table().by_name(record)?.field_by_name(field));
    info.map(|info| info.inbox().iter().filter(|role| *role != meta::Role::System).collect()).unwrap_or_default()
}

/// Whom the rule names; an emergency always reaches a nurse and a physician. Who owns a field is told besides ([`owners`]).
fn named(rule: &Rule, severity: Severity) -> BTreeSet<meta::Role> {
    let role = |code: &String| match code.as_str() {
        "PT" => Some(meta::Role::Patient),
        "CG" => Some(meta::Role::Caregiver),
        "DI" => Some(meta::Role::Dietitian),
        "PH" => Some(meta::Role::Physiotherapist),
        "ON" => Some(meta::Role::Physician),
        "NU" => Some(meta::Role::Nurse),
        "AD" => Some(meta::Role::ClinicAdmin),
        _ => None,
    };
    let always = [meta::Role::Physician, meta::Role::Nurse];
    let always = always.into_iter().filter(|_| severity == Severity::Emergency);
    rule.notify.iter().filter_map(role).chain(always).collect()
}

//! Words that people type, read: categories, roles, signs, sites, members.

use osteon_access_core::Role;
use osteon_care_core::{targets::Topic, vocabulary};
use osteon_client::{sharing, words};
use osteon_proto::care::GrantCategory;

pub(crate) fn category(typed: &str) -> Result<GrantCategory, String> {
    sharing::category(typed)
        .ok_or_else(|| "no such category: for example symptoms, activity, falls-home, C06".to_owned())
}

pub(crate) fn role(typed: &str) -> Result<Role, String> {
    let typed = typed.replace(['-', '_'], " ").to_ascii_lowercase();
    let found = Role::PERSONS.into_iter().find(|role| words::role(role.number()) == typed);
    found.ok_or_else(|| "no such role: for example caregiver, nurse, physiotherapist".to_owned())
}

/// "lower-back" as a code.
pub(crate) fn code(typed: &str) -> String {
    typed.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

pub(crate) fn one_of(known: impl Iterator<Item = &'static str>) -> String {
    known.map(|word| word.replace('_', "-")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn sign(typed: &str) -> Result<String, String> {
    let found = vocabulary::sign(&code(typed)).map(str::to_owned);
    found.ok_or_else(|| format!("no sign that the rules know. One of: {}", one_of(vocabulary::signs())))
}

pub(crate) fn site(typed: &str) -> Result<String, String> {
    let site = code(typed);
    let known = || one_of(vocabulary::SITES.iter().copied());
    let wrong = || format!("no site that is known. One of: {}; each also with left- or right- before it", known());
    if vocabulary::is_site(&site) { Ok(site) } else { Err(wrong()) }
}

pub(crate) fn topic(typed: &str) -> Result<Topic, String> {
    let found = Topic::ALL.iter().find(|topic| topic.name() == code(typed));
    found
        .copied()
        .ok_or_else(|| format!("no such topic. One of: {}", one_of(Topic::ALL.iter().map(|topic| topic.name()))))
}

/// A member: by role, where there is one in it, or by the number of their account.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whom {
    Role(Role),
    Account(u64),
}

pub(crate) fn whom(typed: &str) -> Result<Whom, String> {
    typed.parse().map(Whom::Account).or_else(|_| role(typed).map(Whom::Role))
}

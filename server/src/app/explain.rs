//! Explain: for each field all live versions, who wrote each in which role, which is in force, under which policy and why,
//! and the history.

use std::collections::BTreeMap;

use osteon_proto::{
    meta::{Order, Policy, Role, WhileOpen},
    record as pb,
    table::FieldInfo,
};
use osteon_sync_core::{Dot, FieldRef, Put, Version, View};
use prost::Message as _;

use super::{
    App,
    enrol::timestamp,
    look::Looked,
    records::parse_id,
    views::{Reader, version},
};
use crate::{access::Caller, error::Error, limits};

pub async fn explain(
    app: &App,
    caller: &Caller,
    request: &pb::ExplainRecordRequest,
) -> Result<pb::ExplainRecordResponse, Error> {
    limits::FIELDS_PER_WRITE.check(request.fields.len())?;
    let record = parse_id(&request.record_id)?;
    let mut session = app.session(caller, request.circle).await?;
    let parts = session.record(record, true).await?;
    let answer = explained(&session.reader(app), &parts, &request.fields);
    // The values in force and what stands beside them are more than one answer holds: ask for some fields.
    limits::EXPLAIN_BYTES.check(answer.encoded_len())?;
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_read(caller, request.circle, "record.explain", record, &parts, behind_glass).await?;
    Ok(answer)
}

/// A record from the parts that the reader may see. No `asked`: every field.
pub(super) fn explained(reader: &Reader<'_>, parts: &[Looked], asked: &[u32]) -> pb::ExplainRecordResponse {
    let mut fields = Vec::new();
    for one in parts {
        for (field, view) in one.fields() {
            let wanted = asked.is_empty() || asked.contains(&field.number);
            let Some(info) = one.known.and_then(|known| known.field(field.number)).filter(|_| wanted) else { continue };
            fields.push(explanation(reader, one, field, &view, info));
        }
    }
    let mut answer = pb::ExplainRecordResponse {
        record: Some(reader.record(parts)),
        fields,
        history_cut: parts.iter().any(|one| one.cut),
        redactions: redactions(reader, parts),
    };
    shorten(&mut answer, asked);
    answer
}

/// Makes room: the oldest changes go out of the histories, whole, but for what is live. Where some fields were asked for and
/// that is not enough, the record tells of those alone.
fn shorten(answer: &mut pb::ExplainRecordResponse, asked: &[u32]) {
    // Tag and length of a version in its list.
    const AROUND: usize = 5;
    let mut over = answer.encoded_len().saturating_sub(limits::EXPLAIN_BYTES.usize());
    if over == 0 {
        return;
    }
    let mut past: BTreeMap<u64, usize> = BTreeMap::new();
    for version in answer.fields.iter().flat_map(|field| &field.history).filter(|version| !version.live) {
        *past.entry(version.sequence).or_default() += version.encoded_len() + AROUND;
    }
    let mut cut_to = 0;
    for (sequence, bytes) in past {
        if over == 0 {
            break;
        }
        (cut_to, over) = (sequence, over.saturating_sub(bytes));
    }
    for field in &mut answer.fields {
        field.history.retain(|version| version.live || version.sequence > cut_to);
    }
    answer.history_cut = true;
    if over > 0
        && !asked.is_empty()
        && let Some(record) = &mut answer.record
    {
        record.fields.retain(|field| asked.contains(&field.field));
    }
}

/// Versions whose content was destroyed: which, whose, by whom and why.
fn redactions(reader: &Reader<'_>, parts: &[Looked]) -> Vec<pb::Redaction> {
    let role = |account: u64| {
        let member = reader.member.access.members().iter().find(|member| member.account == account);
        member.map_or(0, |member| i32::from(member.role.number()))
    };
    let mut found: BTreeMap<Dot, pb::Redaction> = BTreeMap::new();
    for written in parts.iter().flat_map(|part| part.log.values()) {
        let Some(redacted) = &written.redacted else { continue };
        let redaction = pb::Redaction {
            dot: Some(osteon_proto::wire::to_dot(written.row.dot)),
            author: written.row.author.account,
            author_role: i32::from(written.row.author.role.0),
            account: redacted.account,
            role: role(redacted.account),
            at: Some(timestamp(redacted.at_ms)),
            reason: redacted.reason.clone(),
        };
        found.insert(written.row.dot, redaction);
    }
    found.into_values().collect()
}

fn explanation(
    reader: &Reader<'_>,
    one: &Looked,
    field: FieldRef<'_>,
    view: &View<'_>,
    info: &FieldInfo,
) -> pb::FieldExplanation {
    pb::FieldExplanation {
        view: Some(reader.field(one, field, view, info)),
        history: history(one, field, view),
        why: why(view, info),
    }
}

/// Every version that ever was, the oldest arrival first.
pub(super) fn history(one: &Looked, field: FieldRef<'_>, view: &View<'_>) -> Vec<pb::VersionView> {
    let in_force = view.effective.map(|v| v.dot);
    let mut written: Vec<_> = one.log.values().collect();
    written.sort_by_key(|w| w.row.seq);
    let mut versions = Vec::new();
    for w in written {
        let Some(write) = w.writes.iter().find(|write| write.field.as_ref() == field) else { continue };
        let (dot, clock, author) = (w.row.dot, w.row.clock, w.row.author);
        let value = write.put.as_ref().and_then(Put::value);
        let live = view.versions.iter().any(|v| v.dot == dot);
        let mut shown = version(one, &Version { dot, clock, author, value }, in_force == Some(dot), live);
        shown.redacted = w.redacted.is_some();
        shown.absent &= !shown.redacted;
        shown.replaces = write.replaces.iter().map(|dot| osteon_proto::wire::to_dot(*dot)).collect();
        versions.push(shown);
    }
    versions
}

/// Why this value is in force, in words for a person. Never a value.
pub fn why(view: &View<'_>, info: &FieldInfo) -> String {
    let disputed = view.disputed();
    let rule = match (info.policy, disputed) {
        (_, false) if view.versions.len() <= 1 => "There is one version.".to_owned(),
        (_, false) => "All versions say the same: no dispute.".to_owned(),
        (Policy::LastWriter, true) => "Written apart; the later clock holds, nobody is asked.".to_owned(),
        (Policy::Review | Policy::Constant, true) => while_open(view, info),
        (Policy::MostRestrictive, true) => format!("Written apart; {} holds.", safest(info.order)),
        (Policy::UnionDenyWins, true) => "Written apart; one DENY wins.".to_owned(),
        (_, true) => "Written apart.".to_owned(),
    };
    let asks = match (view.needs_review, view.blocked) {
        (true, true) => " No value is in force until a person decides.",
        (true, false) => " A person is asked.",
        (false, true) => " No value is in force.",
        (false, false) => "",
    };
    rule + asks
}

fn while_open(view: &View<'_>, info: &FieldInfo) -> String {
    match info.while_open {
        WhileOpen::Owner => {
            let who = role_words(info.owner_of_value);
            format!("Written apart; the version of {who} holds while it is open, or else the later clock.")
        }
        WhileOpen::None => "Written apart.".to_owned(),
        _ if view.effective.is_some() => "Written apart; what was last agreed holds while it is open.".to_owned(),
        _ => "Written apart, and nothing was agreed before.".to_owned(),
    }
}

fn safest(order: Order) -> &'static str {
    match order {
        Order::Min => "the smallest",
        Order::Max => "the largest",
        Order::TrueWins => "yes",
        Order::FalseWins => "no",
        Order::Earliest => "the earliest",
        Order::Latest => "the latest",
        Order::Rank | Order::Unspecified => "the strictest",
    }
}

pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Patient => "the patient",
        Role::Caregiver => "a caregiver",
        Role::Dietitian => "a dietitian",
        Role::Physiotherapist => "a physiotherapist",
        Role::Physician => "a physician",
        Role::Nurse => "a nurse",
        Role::ClinicAdmin => "the clinic",
        Role::System => "the server",
        Role::Unspecified => "somebody",
    }
}

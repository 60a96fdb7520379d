//! Approvals as they stand: read out of their records, and which of them are void.

use std::collections::BTreeMap;

use osteon_care_core::together::{Approved, Changed, FieldNow, Standing, standing};
use osteon_proto::{care, review as pb, table::table};
use osteon_sync_core::{Dot, FieldRef, RecordId, Replica};
use prost::Message;

use super::{APPROVAL, basis, text};
use crate::app::{look::Looked, records::Session, views};

/// One approval that was not ended.
pub(super) struct Approval {
    pub record: RecordId,
    pub sequence: u64,
    pub account: u64,
    pub role: i32,
    pub target: Option<RecordId>,
    pub approved: Approved,
}

pub(super) fn read(parts: &[Looked]) -> Vec<Approval> {
    let approvals = parts.iter().filter(|one| one.row.type_number == APPROVAL && !one.lifecycle.state.is_ending());
    let mut read: Vec<Approval> = approvals.filter_map(approval).collect();
    read.sort_by_key(|one| (one.sequence, one.record));
    read
}

fn approval(one: &Looked) -> Option<Approval> {
    let birth = one.part.versions(FieldRef::LIFECYCLE).next()?;
    let field = |number| one.part.versions(FieldRef::register(number)).filter_map(|version| version.value).next();
    let decoded = |number| field(number).and_then(|chunk| care::Approval::decode(chunk).ok());
    let id = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).ok().map(RecordId);
    let versions = decoded(3)?.versions;
    let named = versions.iter().filter_map(|named| {
        let replica = Replica { epoch: named.epoch.unwrap_or(0), n: named.replica.unwrap_or(0) };
        let dot = Dot { replica, counter: named.counter? };
        Some((id(named.record.as_deref()?)?, named.field.unwrap_or(0), dot))
    });
    Some(Approval {
        record: one.row.record,
        sequence: one.row.first_seq,
        account: birth.author.account,
        role: i32::from(birth.author.role.0),
        target: decoded(2).and_then(|m| id(m.target.as_deref()?)),
        approved: Approved::of(named),
    })
}

/// The newest approvals of each person and target: an older one was made again.
pub(super) fn newest(approvals: &[Approval]) -> Vec<&Approval> {
    let mut newest: BTreeMap<(Option<RecordId>, u64), &Approval> = BTreeMap::new();
    for one in approvals {
        newest.insert((one.target, one.account), one);
    }
    newest.into_values().collect()
}

/// Void approvals. `parts`: of the records that they name, with what was written to them.
pub(super) fn void(session: &Session, parts: &[&Looked], approvals: &[&Approval]) -> Vec<pb::Review> {
    approvals.iter().filter_map(|one| voided(session, parts, one)).collect()
}

fn voided(session: &Session, parts: &[&Looked], approval: &Approval) -> Option<pb::Review> {
    let now = |record, field| now(session, parts, approval.sequence, record, field);
    let Standing::Void(changed) = standing(&approval.approved, now) else { return None };
    let of = |record: RecordId| parts.iter().find(|one| one.row.record == record).map_or(0, |one| one.row.type_number);
    let type_number = approval.target.map_or_else(|| changed.first().map_or(0, |one| of(one.record)), of);
    let name = |one: &Changed| table().get(of(one.record)).and_then(|known| known.field(one.field)).map(|f| &f.name);
    let names: Vec<&str> = changed.iter().filter_map(name).map(String::as_str).collect();
    Some(pb::Review {
        kind: pb::ReviewKind::VoidApproval.into(),
        record_id: text(approval.record),
        r#type: type_number,
        says: format!("The approval is void: what it approved has changed since ({}).", names.join(", ")),
        rests: changed.iter().map(|one| basis(one.record, of(one.record), one.field, one.by.iter().copied())).collect(),
        ..Default::default()
    })
}

/// A field as this reader sees it. A part that is not shared says nothing.
fn now(session: &Session, parts: &[&Looked], since: u64, record: RecordId, field: u32) -> Option<FieldNow> {
    let here = || parts.iter().filter(move |one| one.row.record == record);
    let known = here().next()?.known?;
    if let Some(label) = known.field(field).and_then(|info| info.label.as_ref()) {
        let label = label.for_author(0).ok()?;
        if !views::readable(&session.scope, label.0) {
            return None;
        }
    }
    let live = here().flat_map(|one| one.part.elements(field)).flat_map(|(_, v)| v).map(|v| v.dot).collect();
    let written = here().flat_map(|one| one.log.values()).filter(|written| written.row.seq > since);
    let writes = written.filter(|written| written.writes.iter().any(|write| write.field.number == field));
    Some(FieldNow { live, later: writes.map(|written| written.row.dot).collect() })
}

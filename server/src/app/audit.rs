//! ListAccess: the patient reads who read them. What a reader may see of the audit is row C22 of the matrix
//! (`access-core/src/audit.rs`); no row holds a value.

use std::collections::BTreeMap;

use osteon_access_core::{AuditReach, audit_reach};
use osteon_proto::{audit as pb, meta, reasons::Reason};
use prost::Message;

use super::{App, enrol::timestamp, lists::ms_of, notes::BEHIND_GLASS, reviews::page_size, secrets::sha256};
use crate::{
    access::{Caller, CircleAccess, signed},
    error::Error,
    limits,
    store::{AuditEntry, AuditRow, audit::AuditQuery},
};

/// Store pages that one call may look through where most rows are of another kind than was asked for.
const MAX_ROUNDS: usize = 8;

/// Where a list stands. Bound to the question.
#[derive(Clone, PartialEq, prost::Message)]
struct Before {
    #[prost(uint64, tag = "1")]
    no: u64,
    #[prost(bytes = "vec", tag = "2")]
    question: Vec<u8>,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListAccessRequest,
) -> Result<pb::ListAccessResponse, Error> {
    let answer = read(app, caller, request).await?;
    if !answer.entries.is_empty() {
        let count = u32::try_from(answer.entries.len()).unwrap_or(u32::MAX);
        let row = app.row(caller, request.circle, "audit.list");
        app.store.audit(vec![AuditRow { count, ..row }]).await?;
    }
    Ok(answer)
}

/// The answer alone: whoever asks for it leaves the row.
pub(super) async fn read(
    app: &App,
    caller: &Caller,
    request: &pb::ListAccessRequest,
) -> Result<pb::ListAccessResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_AUDIT)?;
    let kind = pb::AccessKind::try_from(request.kind).map_err(|_| Error::field("kind", Reason::ArgumentInvalid))?;
    let question = question(request);
    let token = app.page_token::<Before>(caller, &request.page_token)?;
    if token.as_ref().is_some_and(|token| token.question != question) {
        return Err(Error::field("page_token", Reason::PageTokenInvalid));
    }
    let member = app.member(caller, request.circle).await?;
    let reach = audit_reach(signed(app.now_ms()), &member.viewer, &member.access.access);
    let account = match (reach, request.account) {
        (AuditReach::Nothing, _) => return Err(Error::not_found()),
        (AuditReach::Own, 0) => caller.account,
        (AuditReach::Own, other) if other != caller.account => return Err(Error::not_found()),
        (_, asked) => asked,
    };
    let mut query = AuditQuery {
        chain: request.circle,
        before_no: token.map_or(u64::MAX, |token| token.no),
        from_ms: ms_of(&request.from, 0, "from")?,
        to_ms: ms_of(&request.to, u64::MAX, "to")?,
        account,
        limit: u32::try_from(size).unwrap_or(u32::MAX),
    };
    let sealed = app.store.last_head().await?.map_or(0, |head| head.upto);
    let roles = roles(&member.access);
    let (mut entries, mut more) = (Vec::new(), true);
    for _ in 0..MAX_ROUNDS {
        let rows = app.store.audit_before(query).await?;
        more = rows.len() >= query.limit as usize;
        for row in rows {
            query.before_no = row.no;
            if kind == pb::AccessKind::Unspecified || kind == kind_of(&row) {
                entries.push(entry(&row, &roles, reach, sealed));
            }
            if entries.len() >= size {
                break;
            }
        }
        if entries.len() >= size || !more {
            break;
        }
    }
    let before = Before { no: query.before_no, question };
    let full = entries.len() >= size;
    let next_page_token = if more || full { app.seal_page_token(caller, &before) } else { String::new() };
    Ok(pb::ListAccessResponse { entries, next_page_token })
}

fn question(request: &pb::ListAccessRequest) -> Vec<u8> {
    let asked = pb::ListAccessRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    sha256(&[&asked.encode_to_vec()])[..16].to_vec()
}

/// The role of everybody who is or was a member; of one who has several, the first.
fn roles(access: &CircleAccess) -> BTreeMap<u64, i32> {
    access.members().iter().rev().map(|row| (row.account, i32::from(row.role.number()))).collect()
}

/// What a row is about, by its words.
#[must_use]
pub fn kind_of(row: &AuditEntry) -> pb::AccessKind {
    if !matches!(row.outcome.as_str(), "ok" | BEHIND_GLASS) {
        return pb::AccessKind::Denied;
    }
    if reads(&row.action) { pb::AccessKind::Read } else { pb::AccessKind::Write }
}

fn reads(action: &str) -> bool {
    const READS: [&str; 8] = [".get", ".list", ".explain", ".export", ".print", ".find", ".watch", ".statistics"];
    action.starts_with("pull.") || READS.iter().any(|end| action.ends_with(end))
}

fn entry(row: &AuditEntry, roles: &BTreeMap<u64, i32>, reach: AuditReach, sealed: u64) -> pb::AccessEntry {
    let whole = reach != AuditReach::People;
    let categories = (0..32).filter(|bit| whole && row.categories >> bit & 1 == 1);
    let record = row.record.filter(|_| whole).map(|id| uuid::Uuid::from_bytes(id.0).to_string());
    pb::AccessEntry {
        number: row.no,
        at: Some(timestamp(row.at_ms)),
        account: row.account,
        role: roles.get(&row.account).copied().unwrap_or_default(),
        device: row.device,
        kind: kind_of(row).into(),
        action: row.action.clone(),
        outcome: row.outcome.clone(),
        record_id: record.unwrap_or_default(),
        categories: categories.filter(|bit| meta::Category::try_from(*bit).is_ok()).collect(),
        from_sequence: row.from_seq,
        to_sequence: row.to_seq,
        count: row.count,
        request_id: if row.request == 0 { String::new() } else { format!("{:016x}", row.request) },
        sealed: row.no <= sealed,
    }
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn to_look_is_no_write() {
        for action in [
            "pull.open",
            "record.get",
            "work.list",
            "work.find",
            "alert.watch",
            "alert.statistics",
            "access.explain",
            "consent.get",
            "page.print",
        ] {
            assert!(reads(action), "{action}");
        }
        for action in ["record.write", "glass.break", "review.resolve", "attachment.put", "wake.set"] {
            assert!(!reads(action), "{action}");
        }
    }
}

//! One thread, told to somebody who takes part: who else does, how far each has seen it, its messages page by page.

use std::collections::{BTreeMap, BTreeSet};

use osteon_access_core::{Part, Role, Viewer};
use osteon_proto::thread as pb;
use osteon_sync_core::RecordId;

use super::{
    MESSAGE, Seen, Standing, may_write, message, participant_id, reads, seen_id, seen_of, standing, text, told_label,
};
use crate::{
    access::Caller,
    app::{
        App,
        enrol::timestamp,
        look::Looked,
        notes::categories,
        records::{Session, parse_id},
        reviews::page_size,
        rights::THREAD_PARTICIPANT,
        views,
    },
    error::{Error, Reason},
    limits,
    store::{AccountNo, ListQuery, PartRow},
};

/// Where a list of messages stands, and of which thread.
#[derive(Clone, PartialEq, prost::Message)]
struct Before {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    #[prost(uint64, tag = "3")]
    circle: u64,
    #[prost(bytes = "vec", tag = "4")]
    thread: Vec<u8>,
}

pub async fn get(app: &App, caller: &Caller, request: &pb::GetThreadRequest) -> Result<pb::GetThreadResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_MESSAGES)?;
    let record = parse_id(&request.record_id)?;
    let token = app.page_token::<Before>(caller, &request.page_token)?;
    let invalid = || Error::field("page_token", Reason::PageTokenInvalid);
    let mut before = match token {
        None => None,
        Some(t) if t.circle == request.circle && t.thread == record.0 => {
            Some((t.seq, RecordId(t.record.as_slice().try_into().map_err(|_| invalid())?)))
        }
        Some(_) => return Err(invalid()),
    };
    let mut session = app.session(caller, request.circle).await?;
    let thread = standing(&mut session, record).await?;
    let mut found: Vec<PartRow> = Vec::new();
    let more = loop {
        let rows = newest_messages(&mut session, before).await?;
        let full = rows.len() >= limits::PAGE_PARTS.usize();
        let mut is_full = false;
        for row in rows {
            if found.len() >= size {
                is_full = true;
                break;
            }
            before = Some((row.seq, row.record));
            if row.parent == Some(record) && views::readable(&session.scope, row.label) {
                found.push(row);
            }
        }
        if is_full || !full {
            break is_full;
        }
    };
    let messages = messages_of(&mut session, &found).await?;
    let told = tell(&mut session, caller, &thread).await?;
    let as_of_sequence = session.snapshot.circle().head;
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_read(caller, request.circle, "thread.get", record, std::slice::from_ref(&thread.part), behind_glass)
        .await?;
    let next_page_token = match before {
        Some((seq, last)) if more => {
            let (circle, thread) = (request.circle, record.0.to_vec());
            app.seal_page_token(caller, &Before { seq, record: last.0.to_vec(), circle, thread })
        }
        _ => String::new(),
    };
    Ok(pb::GetThreadResponse { thread: Some(told), messages, next_page_token, as_of_sequence })
}

/// Messages of the circle, the newest change first, of whatever thread.
pub(super) async fn newest_messages(
    session: &mut Session,
    before: Option<(u64, RecordId)>,
) -> Result<Vec<PartRow>, Error> {
    let limit = limits::PAGE_PARTS.u32();
    let query = ListQuery::by_arrival(MESSAGE, before, limit);
    Ok(session.rows()?.list(query).await?)
}

/// These messages as they are told, the one that came last first.
pub(super) async fn messages_of(session: &mut Session, rows: &[PartRow]) -> Result<Vec<pb::ThreadMessage>, Error> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
    let parts = session.parts(&ids, true).await?;
    let mut messages: Vec<pb::ThreadMessage> = parts.values().filter_map(|parts| message(parts)).collect();
    messages.sort_by_key(|message| std::cmp::Reverse(message.sequence));
    Ok(messages)
}

/// What of a thread's messages a list and a head tell.
#[derive(Clone, Default)]
pub(super) struct Summed {
    pub(super) last: Option<PartRow>,
    pub(super) unread: u32,
    pub(super) sequence: u64,
}

/// Sums up the messages of these threads (record → how far the reader has seen it).
pub(super) async fn sum_up(
    session: &mut Session,
    threads: &BTreeMap<RecordId, u64>,
) -> Result<BTreeMap<RecordId, Summed>, Error> {
    let reader = session.member.viewer.account;
    let (mut sums, mut before, mut read) = (BTreeMap::<RecordId, Summed>::new(), None, 0);
    loop {
        let rows = newest_messages(session, before).await?;
        let full = rows.len() >= limits::PAGE_PARTS.usize();
        (before, read) = (rows.last().map(|row| (row.seq, row.record)), read + rows.len());
        for row in rows.into_iter().filter(|row| views::readable(&session.scope, row.label)) {
            let Some(seen) = row.parent.and_then(|parent| threads.get(&parent)) else { continue };
            let sum = sums.entry(row.parent.unwrap_or_default()).or_default();
            sum.sequence = sum.sequence.max(row.seq);
            if row.first_seq > *seen && is_by_other(&row, reader)? {
                sum.unread = (sum.unread + 1).min(limits::UNSEEN_RECORDS.u32());
            }
            if sum.last.as_ref().is_none_or(|last| last.first_seq < row.first_seq) {
                sum.last = Some(row);
            }
        }
        if !full || read >= limits::THREAD_RECORDS.usize() {
            return Ok(sums);
        }
    }
}

/// Somebody else's, and still there.
fn is_by_other(row: &PartRow, reader: AccountNo) -> Result<bool, Error> {
    let part = row.part()?;
    let author = osteon_proto::wire::ids::author(osteon_proto::table::table().get(row.type_number), &part);
    let there = author.is_some_and(|author| author.account != reader);
    Ok(there && !osteon_sync_core::lifecycle::of_part(&part, &[], &crate::app::look::AllKnown).state.is_ending())
}

/// A thread as its reader sees it now.
pub(super) async fn tell(session: &mut Session, caller: &Caller, thread: &Standing) -> Result<pb::Thread, Error> {
    let own = seen_id(session.member.circle, thread.record, caller.account)?;
    let seen = session.parts(&[own], true).await?.get(&own).and_then(|parts| seen_of(parts));
    let asked = BTreeMap::from([(thread.record, seen.map_or(0, |seen| seen.sequence))]);
    let summed = sum_up(session, &asked).await?.remove(&thread.record).unwrap_or_default();
    told(session, thread, summed).await
}

pub(super) async fn told(session: &mut Session, thread: &Standing, summed: Summed) -> Result<pb::Thread, Error> {
    let (participants, changed) = participants(session, thread).await?;
    let about = about(session, thread).await?;
    let last = match &summed.last {
        None => None,
        Some(row) => messages_of(session, std::slice::from_ref(row)).await?.pop(),
    };
    let opened = thread.opened_by();
    let author = opened.map(|version| version.author).unwrap_or_default();
    Ok(pb::Thread {
        circle: session.member.circle,
        short_id: session.snapshot.circle().short_id.clone(),
        record_id: text(thread.record),
        thread: thread.number,
        title: thread.body.title.clone().unwrap_or_default(),
        about,
        everybody: thread.body.everybody(),
        opened_by: author.account,
        opened_role: i32::from(author.role.0),
        opened: opened.map(|version| timestamp(version.clock.ms)),
        participants,
        unread: summed.unread,
        last,
        sequence: summed.sequence.max(changed).max(thread.part.row.seq),
        label: Some(told_label(thread.label())),
        may_write: may_write(session, thread.label()),
        ended: views::ended(std::slice::from_ref(&thread.part)),
    })
}

/// The record that it is about, with its type as far as the reader sees it.
async fn about(session: &mut Session, thread: &Standing) -> Result<Option<pb::ThreadSubject>, Error> {
    let Some(id) = thread.body.about_record.as_ref().and_then(|id| <[u8; 16]>::try_from(id.as_ref()).ok()) else {
        return Ok(None);
    };
    let id = RecordId(id);
    let parts = session.parts(&[id], false).await?;
    let number = parts.get(&id).and_then(|parts| parts.first()).map_or(0, |one| one.row.type_number);
    let field = thread.body.about_field.unwrap_or_default();
    Ok(Some(pb::ThreadSubject { record_id: text(id), r#type: number, field }))
}

/// Whoever takes part or did, by account, and the last change of who does.
async fn participants(session: &mut Session, thread: &Standing) -> Result<(Vec<pb::ThreadParticipant>, u64), Error> {
    let circle = session.member.circle;
    let mut roles: BTreeMap<AccountNo, Role> = BTreeMap::new();
    for (account, role) in session.member.access.access.members() {
        roles.entry(account).or_insert(role);
    }
    let rows = session.member.access.threads().iter().filter(|row| row.thread == u64::from(thread.number));
    let mut accounts: BTreeSet<AccountNo> = BTreeSet::new();
    for row in rows {
        match row.part {
            Part::Account(account) => _ = accounts.insert(account),
            Part::Everybody => accounts.extend(roles.keys().copied()),
        }
    }
    let mut ids: Vec<RecordId> = Vec::new();
    for account in &accounts {
        ids.push(seen_id(circle, thread.record, *account)?);
        ids.push(participant_id(circle, thread.record, *account)?);
    }
    let parts = session.parts(&ids, true).await?;
    let seq =
        |parts: &Vec<Looked>| parts.iter().filter(|p| p.row.type_number == THREAD_PARTICIPANT).map(|p| p.row.seq).max();
    let changed = parts.values().filter_map(seq).max().unwrap_or(0);
    let mut told = Vec::new();
    for account in accounts {
        let seen = parts.get(&seen_id(circle, thread.record, account)?).and_then(|parts| seen_of(parts));
        let role = roles.get(&account).copied();
        let takes_part =
            role.is_some_and(|role| reads(&session.member, session.now_ms, &Viewer { account, role }, thread.label()));
        // Of everybody only those are told who read it: the others were never in it.
        if !takes_part
            && thread.body.everybody()
            && seen.is_none()
            && Some(account) != thread.opened_by().map(|v| v.author.account)
        {
            continue;
        }
        told.push(participant(account, role, takes_part, seen));
    }
    Ok((told, changed))
}

pub(super) fn participant(
    account: AccountNo,
    role: Option<Role>,
    takes_part: bool,
    seen: Option<Seen>,
) -> pb::ThreadParticipant {
    pb::ThreadParticipant {
        account,
        role: role.map_or(0, |role| i32::from(role.number())),
        takes_part,
        seen_sequence: seen.map_or(0, |seen| seen.sequence),
        seen_at: seen.map(|seen| timestamp(seen.at_ms)),
    }
}

/// The categories that a thread's label asks for.
pub(super) fn touched(thread: &Standing) -> u32 {
    categories(thread.label())
}

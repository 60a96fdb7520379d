//! What is taken away, as it is put on record outside the database, and what a restored database is told of it.
//!
//! A change that narrows membership or consent is recorded with what it wrote of that, sealed under the circle's key. Replay
//! writes it under its own dot, ahead of its chain, as a version that a device gives back: so a later grant that named this
//! denial is not ended by it, and the change itself, when its device sends it again, changes nothing more.

use std::{collections::BTreeSet, sync::Arc};

use osteon_proto::{
    care,
    identity::NoticeKind,
    sync,
    table::{RecordType, table},
    values::{Value, value},
    wire,
};
use osteon_sync_core::{
    Author, Change, Dot, Field, FieldWrite, Known, PartWrite, Put, RecordId, Role, digest,
    ledger::{Cell, CircleStore, KnownIn, Schemas, StoredPart},
    lifecycle::State,
};
use prost::Message;

use super::{
    App,
    circle::{Circle, Writer},
    commit::{Contracts, read_access_again},
    redact,
    rights::{self, moves_access},
};
use crate::{
    deny::{Denial, Numbered},
    error::Error,
    seal::CircleKeys,
    store::{
        AuditRow, CircleNo, Needs, StoreError, TombstoneRow, Working, commit,
        devices::{Ending, OrderRow},
    },
};

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Changes that narrow membership or consent.
    pub access: usize,
    pub devices: usize,
    /// Records moved away, contents redacted.
    pub gone: usize,
    pub erased: usize,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Content {
    #[prost(message, optional, tag = "1")]
    change: Option<sync::Change>,
    #[prost(uint64, tag = "2")]
    account: u64,
    #[prost(uint32, tag = "3")]
    role: u32,
}

/// Says of an accepted change what the deny log has to know.
pub fn note(work: &mut Working<'_>, change: &Change) -> Result<(), StoreError> {
    let parts: Vec<PartWrite> = change.parts.iter().filter(|part| narrows(part)).cloned().collect();
    if parts.is_empty() {
        return Ok(());
    }
    let narrowed = Change { parts, ..change.clone() };
    let content = Content {
        change: Some(wire::change::to_wire(&narrowed, 0)),
        account: change.author.account,
        role: u32::from(change.author.role.0),
    };
    let circle = work.circle().circle;
    let sealed = work.keys().data().seal(&place(circle, change.dot), &content.encode_to_vec())?;
    work.deny(Denial::Access { circle, dot: change.dot, sealed });
    Ok(())
}

/// Anything about membership, consent or a proxy that is not plainly an ALLOW may narrow.
fn narrows(part: &PartWrite) -> bool {
    let Some(known) = table().get(part.type_number).filter(|_| moves_access(part.type_number)) else { return false };
    part.writes.iter().any(|write| write_narrows(known, write))
}

fn write_narrows(known: &RecordType, write: &FieldWrite) -> bool {
    if write.field.number == Field::LIFECYCLE {
        return write.put.as_ref().and_then(Put::value).is_none_or(|chunk| *chunk != State::Active.chunk());
    }
    let Some(field) = known.shape.fields.iter().find(|field| field.number == write.field.number) else { return false };
    let allow = || {
        let chunk = write.put.as_ref().and_then(Put::value);
        let number = chunk.and_then(|chunk| value(field, chunk));
        matches!(number, Some(Value::Int(number)) if number == i128::from(care::Decision::Allow as i32))
    };
    match field.name.as_str() {
        "decision" | "membership" | "participation" => !allow(),
        "not_before" | "not_after" => true,
        _ => false,
    }
}

fn place(circle: CircleNo, dot: Dot) -> Vec<u8> {
    let mut place = b"osteon deny access\0".to_vec();
    place.extend_from_slice(&circle.to_be_bytes());
    place.extend_from_slice(&dot.replica.epoch.to_be_bytes());
    place.extend_from_slice(&dot.replica.n.to_be_bytes());
    place.extend_from_slice(&dot.counter.to_be_bytes());
    place
}

/// Takes from a restored database what was taken away after its backup. Twice is once.
pub async fn replay(app: &Arc<App>, entries: &[Numbered]) -> Result<Replayed, Error> {
    let mut done = Replayed::default();
    for entry in entries {
        match &entry.denial {
            Denial::Epoch(_) => {}
            Denial::Access { circle, dot, sealed } => {
                done.access += usize::from(access(app, *circle, *dot, sealed).await?);
            }
            Denial::Device(device) => done.devices += usize::from(revoke(app, *device).await?),
            Denial::Ordered { device, ending, at_ms, signature } => {
                done.devices += usize::from(order(app, *device, Ending::of(*ending), *at_ms, signature).await?);
            }
            Denial::Gone { circle, record, dot } => {
                done.gone += usize::from(gone(app, *circle, *record, *dot).await?);
            }
            Denial::Erased { circle, at_ms } => {
                done.erased += usize::from(erase(app, *circle, *at_ms).await?);
            }
        }
    }
    Ok(done)
}

/// Erases a circle: its key, its rows, its cached rights. Everybody who is or was a member will be told. False: there was
/// none.
pub async fn erase(app: &App, circle: CircleNo, at_ms: u64) -> Result<bool, Error> {
    let mut snapshot = match app.store.snapshot(circle).await {
        Ok(snapshot) => snapshot,
        Err(StoreError::NotFound) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let access = app.access_of(&mut *snapshot).await?;
    let mut members: Vec<u64> = access.members().iter().map(|member| member.account).collect();
    drop(snapshot);
    members.sort_unstable();
    members.dedup();
    let erased = app.store.erase_circle(circle, at_ms, members).await?;
    app.access.forget_circle(circle);
    Ok(erased)
}

async fn revoke(app: &App, device: u64) -> Result<bool, Error> {
    let stands = app.store.device(device).await?.is_some_and(|row| !row.revoked);
    if stands {
        app.store.revoke_device(device).await?;
    }
    Ok(stands)
}

async fn order(app: &App, device: u64, ending: Ending, at_ms: u64, signature: &[u8]) -> Result<bool, Error> {
    let Some(row) = app.store.device(device).await? else { return Ok(false) };
    if app.store.device_standing(device).await?.ending >= ending {
        return Ok(false);
    }
    let kind = if ending == Ending::Wipe { NoticeKind::DeviceWiped } else { NoticeKind::DeviceLeaves };
    let notice = app.notice(kind, row.account, device, 0);
    let order = OrderRow { device, ending, at_ms, signature: signature.to_vec(), notice };
    Ok(app.store.order_device(order).await?.is_some())
}

/// A circle that the backup has not, or has no more, denies nothing.
async fn known(app: &App, circle: CircleNo) -> Result<bool, Error> {
    match app.store.snapshot(circle).await {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn access(app: &Arc<App>, circle: CircleNo, dot: Dot, sealed: &[u8]) -> Result<bool, Error> {
    let change = match app.store.snapshot(circle).await {
        Ok(snapshot) => open(snapshot.keys(), circle, dot, sealed)?,
        Err(StoreError::NotFound) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let records: BTreeSet<RecordId> = change.parts.iter().map(|part| part.part.record).collect();
    let needs = Needs {
        circle,
        records: records.iter().copied().collect(),
        types: rights::ACCESS_TYPES.to_vec(),
        ..Needs::default()
    };
    let now_ms = app.now_ms();
    let in_writer = Arc::clone(app);
    Ok(commit(&*app.store, needs, move |work| deny_again(&in_writer, work, &change, &records, now_ms)).await?)
}

fn open(keys: &CircleKeys, circle: CircleNo, dot: Dot, sealed: &[u8]) -> Result<Change, Error> {
    let broken = || Error::internal("an entry of the deny log does not open in its circle");
    let plain = keys.data().open(&place(circle, dot), sealed).map_err(|_| broken())?;
    let content = Content::decode(plain.as_slice()).map_err(|_| broken())?;
    let role = u8::try_from(content.role).map_err(|_| broken())?;
    let author = Author { account: content.account, role: Role(role) };
    let from = wire::change::From { dot, author, base: 0 };
    wire::change::to_core(&content.change.ok_or_else(broken)?, from).map_err(|_| broken())
}

/// False: the backup has it, or something that came later named it.
fn deny_again(
    app: &App,
    work: &mut Working<'_>,
    change: &Change,
    records: &BTreeSet<RecordId>,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let before = app.access_in(work.circle().circle, work.access())?;
    let key = app.secrets.digest_key(work.circle().circle);
    let mut circle =
        Circle::open(work, records, Writer { device: 0, now_ms, account: change.author.account, behalf: None })?;
    let sequence = circle.head() + 1;
    let mut wrote = false;
    for part in &change.parts {
        let cell = Cell { label: part.part.label, class: Contracts.class(part.type_number) };
        let mut stored = circle.take_part(part.part);
        let (old, mut new) = (digest::contribution(&key, part.part.record, &stored.part), stored.part.clone());
        let (known, mut fresh) = (KnownIn::new(&circle), false);
        for write in part.writes.iter().filter(|write| wanted(&stored, change.dot, write, &known)) {
            new.apply(change.origin(), write, &known);
            fresh = true;
        }
        wrote |= fresh;
        if fresh {
            if stored.first_seq == 0 {
                (stored.first_seq, stored.type_number, stored.class) = (sequence, part.type_number, cell.class);
            }
            (stored.part, stored.seq) = (new, sequence);
            let digest = digest::contribution(&key, part.part.record, &stored.part);
            circle.set_digest(cell, circle.digest(cell).wrapping_sub(old).wrapping_add(digest));
            circle.put_part(part.part, stored);
        }
    }
    if !wrote {
        return Ok(false);
    }
    circle.set_head(sequence);
    circle.finish()?;
    // No change stands at this sequence: what names a commit by its change finds none.
    work.circle_mut().head_mark = 0;
    read_access_again(app, work, &before, now_ms)?;
    work.audit(row(work.circle().circle, "restore.deny", sequence, now_ms));
    Ok(true)
}

/// Neither processed here, nor given back before, nor named by something that was.
fn wanted(stored: &StoredPart, dot: Dot, write: &FieldWrite, known: &impl Known) -> bool {
    let field = write.field.as_ref();
    let stands = stored.part.versions(field).any(|version| version.dot == dot);
    !stands && !known.processed(dot) && stored.part.gone().all(|mark| mark != (field, dot))
}

fn row(circle: CircleNo, action: &'static str, sequence: u64, now_ms: u64) -> AuditRow {
    AuditRow {
        circle,
        at_ms: now_ms,
        account: 0,
        device: 0,
        action,
        record: None,
        categories: 0,
        from_seq: sequence,
        to_seq: sequence,
        count: 1,
        outcome: "ok",
        request: 0,
    }
}

/// A record that was moved away stays away: its parts go, the tombstone stands again.
async fn gone(app: &Arc<App>, circle: CircleNo, record: RecordId, dot: Option<Dot>) -> Result<bool, Error> {
    if !known(app, circle).await? {
        return Ok(false);
    }
    if let Some(dot) = dot {
        return redact::again(app, circle, record, dot).await;
    }
    let needs = Needs { circle, records: vec![record], ..Needs::default() };
    let (now_ms, key) = (app.now_ms(), app.secrets.digest_key(circle));
    Ok(commit(&*app.store, needs, move |work| {
        if work.moved(record)? {
            return Ok(false);
        }
        let mut removed = Vec::new();
        for row in work.parts_of(record)? {
            let part = super::circle::stored(row)?;
            let cell = crate::store::CellKey { label: row.label, class: row.class };
            removed.push((row.label, cell, digest::contribution(&key, record, &part.part)));
        }
        for (label, cell, contribution) in removed {
            work.remove_part(record, label)?;
            let circle = work.circle_mut();
            let digest = circle.digests.entry(cell).or_default();
            *digest = digest.wrapping_sub(contribution);
            circle.reviews.remove(&(record, label));
        }
        let circle = work.circle_mut();
        circle.head += 1;
        circle.head_mark = 0;
        let seq = circle.head;
        work.put_tombstone(TombstoneRow { record, dot: None, seq });
        work.audit(row(work.circle().circle, "restore.move", seq, now_ms));
        Ok(true)
    })
    .await?)
}

//! Where a reader stands: a sealed cursor that only this server opens, only for this member and this circle; and the receipt
//! that a cursor is for what was to be erased.

use osteon_proto::{reasons::Reason, sync};
use osteon_sync_core::ledger::{Cell, Cursor};

use super::Turned;
use crate::{
    access::Caller,
    app::{App, Purpose},
    error::Error,
    limits,
    store::{CircleNo, ErasureRow},
};

/// Where a reader stands in one circle, and what it asked for.
#[derive(Clone, Debug, Default)]
pub struct Position {
    pub circle: CircleNo,
    /// Sealed; empty: from the beginning.
    pub cursor: Vec<u8>,
    /// Cells whose digest the device found different.
    pub dropped: Vec<Cell>,
    /// The digests are asked for, whether anything is new or not.
    pub digests: bool,
    pub page_size: u32,
    pub depth: sync::Depth,
    /// The cursor is that of the page before in a stream: whether it has arrived is not known.
    pub carried: bool,
}

/// What binds a cursor: this server, this member, this circle.
pub(super) fn bound(app: &App, caller: &Caller, circle: CircleNo) -> Vec<u8> {
    let mut out = app.server_id.to_vec();
    out.extend_from_slice(&caller.account.to_be_bytes());
    out.extend_from_slice(&circle.to_be_bytes());
    out
}

pub(super) fn open_cursor(app: &App, caller: &Caller, position: &Position) -> Result<Option<Cursor>, Error> {
    if position.cursor.is_empty() {
        return Ok(None);
    }
    limits::TOKEN_BYTES.check(position.cursor.len())?;
    let bound = bound(app, caller, position.circle);
    let plain = app.secrets.open(Purpose::Cursor, &bound, &position.cursor).ok_or(Reason::CursorInvalid)?;
    let cursor = Cursor::decode(&plain).map_err(|_| Reason::CursorInvalid)?;
    if cursor.epoch != app.epoch() {
        return Err(Reason::CursorStaleEpoch.into());
    }
    Ok(Some(cursor))
}

/// Whether a reader may ask for the circle at all: a member, or somebody whose cursor says that they were one. Asked for
/// every position before the first page leaves, so that one that is refused refuses the call and not half of it.
pub fn may_ask(app: &App, caller: &Caller, member: bool, position: &Position) -> Result<(), Error> {
    let cursor = open_cursor(app, caller, position)?;
    if member || cursor.is_some() { Ok(()) } else { Err(Error::not_found()) }
}

/// Up to which sequence a device holds all that it may, as its cursor says; 0: it begins, or a backfill is open.
pub fn held_upto(app: &App, caller: &Caller, position: &Position) -> Result<u64, Error> {
    let cursor = open_cursor(app, caller, position)?.filter(|cursor| cursor.backfills.is_empty());
    Ok(cursor.filter(|_| position.dropped.is_empty()).map_or(0, |cursor| cursor.sequence))
}

/// A cursor that comes back behind an erasure is its receipt: up to which sequence; 0: none is given.
pub(super) fn receipt(position: &Position, cursor: &mut Option<Cursor>) -> u64 {
    let owed = cursor.as_mut().filter(|_| !position.carried).map(|cursor| std::mem::take(&mut cursor.erased_at));
    owed.unwrap_or(0)
}

/// Puts on record, before the page leaves, what the device has erased and what it is told to erase. Nothing else of the
/// store is held meanwhile.
pub async fn receipts(app: &App, caller: &Caller, circle: CircleNo, turned: &Turned) -> Result<(), Error> {
    let (device, account) = (caller.device, caller.account);
    if device == 0 {
        return Ok(());
    }
    let now_ms = app.now_ms();
    if turned.receipt != 0 {
        app.store.confirm_erasures(circle, device, turned.receipt, now_ms).await?;
    }
    if !turned.page.erased.is_empty() {
        let cells = u32::try_from(turned.page.erased.len()).unwrap_or(u32::MAX);
        let seq = turned.sequence;
        app.store
            .put_erasure(ErasureRow { circle, device, seq, account, cells, asked_ms: now_ms, confirmed_ms: None })
            .await?;
    }
    Ok(())
}

//! The page of somebody who may not be there any more: left, put out, or the whole circle was erased. It erases what the
//! device holds and says nothing else.

use osteon_proto::sync;
use osteon_sync_core::ledger::Cursor;

use super::{
    Turned,
    cells::wire_cell,
    position::{Position, bound},
};
use crate::{
    access::{Caller, CircleAccess},
    app::{App, Purpose},
    error::Error,
    store::{AccountNo, CircleRow, custody::ERASED_HEAD},
};

/// Whether the account is or was a member.
pub(in crate::app) fn was_member(access: &CircleAccess, account: AccountNo) -> bool {
    access.members().iter().any(|row| row.account == account)
}

/// Somebody who is not a member any more: what the device still holds is to be erased, and nothing else is said. Asked again,
/// there is nothing to say: a phone that was in several circles goes on with the others. In a new epoch it begins anew, and
/// keeps what it is told that it may have: nothing.
pub(super) fn last_page(
    app: &App,
    caller: &Caller,
    position: &Position,
    cursor: Option<Cursor>,
    row: &CircleRow,
    was_member: bool,
) -> Result<Turned, Error> {
    match cursor {
        Some(cursor) => Ok(purge(app, caller, position, cursor, row)),
        None if was_member => {
            let turned = purge(app, caller, position, Cursor::default(), row);
            Ok(Turned { idle: false, ..turned })
        }
        None => Err(Error::not_found()),
    }
}

/// A page that erases all that the cursor holds.
pub(super) fn purge(app: &App, caller: &Caller, position: &Position, mut cursor: Cursor, row: &CircleRow) -> Turned {
    cursor.epoch = app.epoch();
    let idle = cursor.cells.is_empty();
    let erased = core::mem::take(&mut cursor.cells).into_keys().map(wire_cell).collect();
    if !idle {
        (cursor.backfills, cursor.sequence, cursor.mark) = (Vec::new(), row.head, row.head_mark);
        cursor.erased_at = row.head;
    }
    let sealed = app.seal(Purpose::Cursor, &bound(app, caller, position.circle), &cursor.encode());
    let page =
        sync::Page { circle: position.circle, cursor: sealed.into(), erased, at_head: true, ..Default::default() };
    let sequence = row.head;
    Turned {
        page,
        at_head: true,
        idle,
        not_after_ms: None,
        opens_at_ms: None,
        access_generation: row.access_generation,
        left: true,
        receipt: 0,
        parts: 0,
        categories: 0,
        sequence,
    }
}

/// The circle was erased: whoever was a member erases what the device holds of it. To anybody else it never was.
pub(super) async fn erased_page(
    app: &App,
    caller: &Caller,
    position: &Position,
    cursor: Option<Cursor>,
) -> Result<Turned, Error> {
    if !app.store.erased_member(position.circle, caller.account).await? {
        return Err(Error::not_found());
    }
    let row = CircleRow { circle: position.circle, access_generation: ERASED_HEAD, ..CircleRow::default() };
    last_page(app, caller, position, cursor, &row, true)
}

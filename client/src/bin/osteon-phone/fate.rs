//! Where something is that was saved: with the team, refused, or still on this phone.

use std::sync::Arc;

use osteon_client::{Phone, care::Findings, events::silent};
use osteon_sync_core::{Dot, RecordId};

use crate::{
    args::{DONE, NOT_SENT, REFUSED},
    care,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Sent,
    Refused,
    /// Not sent, or not as far as anybody knows.
    Waits,
}

/// Of a change to a record; `send`: it is tried first. Without it nobody claims that it was sent.
pub(crate) async fn of(
    phone: &Arc<Phone>,
    circle: u64,
    (record, change): (RecordId, Option<Dot>),
    send: bool,
) -> anyhow::Result<Fate> {
    let reached = send && phone.sync(silent()).await.is_ok();
    let state = phone.read().await?;
    let view = state.enrolled()?.view(circle, phone.now_ms())?;
    if view.circle().drafts().iter().any(|draft| Some(draft.change.dot) == change) {
        return Ok(Fate::Refused);
    }
    let unsent = view.record(record).is_some_and(|record| record.unsent);
    Ok(if reached && !unsent { Fate::Sent } else { Fate::Waits })
}

impl Fate {
    /// Where it is, as every command says it.
    pub(crate) fn place(self, is_offline: bool) -> &'static str {
        match (self, is_offline) {
            (Self::Sent, _) => "Sent. Your team can see it.",
            (Self::Refused, _) => "The server refused it. It is kept here as a draft: osteon-phone drafts",
            (Self::Waits, true) => "Saved on this phone. Not sent yet (offline). Your team cannot see it yet.",
            (Self::Waits, false) => "Saved on this phone. Not sent yet. Your team cannot see it yet.",
        }
    }

    /// How the command ends. An emergency wins over all of it.
    pub(crate) fn code(self, found: &Findings, send: bool) -> u8 {
        match (care::code_of(found), self, send) {
            (DONE, Self::Refused, _) => REFUSED,
            (DONE, Self::Waits, true) => NOT_SENT,
            (code, ..) => code,
        }
    }
}

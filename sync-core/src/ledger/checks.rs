//! Checks that need no role and no consent: named dots, versions per field, append-only types.

use alloc::{borrow::Cow, string::String, vec, vec::Vec};
use core::fmt::Write as _;

use super::{CircleStore, KnownIn, Reason, Schemas, Violation, process::Context, reason};
use crate::{Change, Dot, Field, FieldWrite, PartWrite, lifecycle::State};

/// Why a change cannot be processed as it is.
pub(super) enum Obstacle {
    Refuse {
        reason: Reason,
        violations: Vec<Violation>,
    },
    /// What is there, or was refused there, does not take it. Said to whoever may write there, and to nobody else.
    Stands {
        reason: Reason,
        violations: Vec<Violation>,
    },
    /// A named dot of the author's other lane has not arrived.
    Wait,
}

pub(super) fn check<S: CircleStore, T: Schemas>(
    store: &S,
    change: &Change,
    ctx: &Context,
    schemas: &T,
) -> Result<(), Obstacle> {
    let known = KnownIn::new(store);
    for (i, write) in change.parts.iter().enumerate() {
        named_dots(store, change, ctx, i, write)?;
        let Some(stored) = store.part(write.part).filter(|p| !p.part.is_empty()) else {
            if !creates(write) && store.creation_refused(write.part.record) {
                return Err(stands(reason::DEPENDS_ON_REFUSED, i, None));
            }
            continue;
        };
        if schemas.append_only(write.type_number) && second_write(write, stored.part.is_live()) {
            return Err(stands(reason::APPEND_ONLY, i, None));
        }
        for w in &write.writes {
            if stored.part.check_versions(change.author, w, &known).is_err() {
                return Err(stands(reason::TOO_MANY_VERSIONS, i, Some(w.field.number)));
            }
        }
    }
    Ok(())
}

/// Whether these writes start a record (`create` on the wire): its lifecycle becomes active, out of nothing.
pub(super) fn creates(write: &PartWrite) -> bool {
    write.writes.iter().any(|w| {
        w.field.number == Field::LIFECYCLE
            && w.replaces.is_empty()
            && w.put.as_ref().and_then(|p| p.value()).is_some_and(|v| v == State::Active.chunk())
    })
}

/// Of an append-only type, only the lifecycle moves after the first write.
fn second_write(write: &PartWrite, lives: bool) -> bool {
    lives && write.writes.iter().any(|w| w.field.number != Field::LIFECYCLE)
}

fn named_dots<S: CircleStore>(
    store: &S,
    change: &Change,
    ctx: &Context,
    index: usize,
    write: &PartWrite,
) -> Result<(), Obstacle> {
    for w in &write.writes {
        for named in w.replaces.iter().chain(&w.covers) {
            named_dot(store, change, ctx, *named).map_err(|o| at(o, index, w))?;
        }
    }
    Ok(())
}

/// A named dot is of a replica of this circle, and past its chain only for replicas of an earlier epoch (a restored
/// server) or the author's own other lane, which is waited for.
fn named_dot<S: CircleStore>(store: &S, change: &Change, ctx: &Context, named: Dot) -> Result<(), Obstacle> {
    let dot = store.canonical(named);
    if dot.counter != 0 && dot.counter <= store.chain(dot.replica).counter {
        return Ok(());
    }
    let unknown = || refuse(reason::UNKNOWN_DOT, 0, None);
    if dot.counter == 0 || dot.replica.epoch > ctx.epoch || dot.replica == change.dot.replica {
        return Err(unknown());
    }
    if dot.replica.epoch < ctx.epoch {
        // Even of a replica that a restored server does not know any more: it was given after the backup.
        return Ok(());
    }
    let installation = |replica| store.owner(replica).map(|o| o.installation);
    let named = installation(dot.replica).ok_or_else(unknown)?;
    if installation(change.dot.replica) == Some(named) { Err(Obstacle::Wait) } else { Err(unknown()) }
}

fn refuse(reason: &'static str, index: usize, field: Option<u32>) -> Obstacle {
    let (reason, violations) = said(reason, index, field);
    Obstacle::Refuse { reason, violations }
}

fn stands(reason: &'static str, index: usize, field: Option<u32>) -> Obstacle {
    let (reason, violations) = said(reason, index, field);
    Obstacle::Stands { reason, violations }
}

fn said(reason: &'static str, index: usize, field: Option<u32>) -> (Reason, Vec<Violation>) {
    let mut path = String::new();
    // Writing to a String cannot fail.
    let _ = match field {
        Some(number) => write!(path, "writes[{index}].{number}"),
        None => write!(path, "writes[{index}]"),
    };
    let reason: Reason = Cow::Borrowed(reason);
    (reason.clone(), vec![Violation { path, reason }])
}

/// Says which field named the dot.
fn at(obstacle: Obstacle, index: usize, write: &FieldWrite) -> Obstacle {
    match obstacle {
        Obstacle::Refuse { .. } => refuse(reason::UNKNOWN_DOT, index, Some(write.field.number)),
        other => other,
    }
}

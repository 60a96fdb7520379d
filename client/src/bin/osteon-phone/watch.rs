//! What a sync tells, in lines.

use std::sync::Arc;

use osteon_client::{
    Phone,
    events::{Event, FieldChange, Listener},
    words,
};
use osteon_proto::table::table;
use serde_json::json;

use crate::{
    compose::zoned,
    show::{Out, reason},
};

/// Changes told one by one; more are counted.
const MAX_TOLD: usize = 6;

/// A listener that prints.
pub(crate) fn printer(phone: &Arc<Phone>, out: &Arc<Out>) -> Listener {
    let (phone, out) = (Arc::downgrade(phone), Arc::clone(out));
    Arc::new(move |event| {
        let Some(phone) = phone.upgrade() else { return };
        let now_ms = phone.now_ms();
        if out.json {
            println!("{}", as_json(&event, now_ms));
            return;
        }
        let clock = zoned(now_ms, &out.zone).map_or_else(String::new, |z| z.strftime("%H:%M:%S").to_string());
        for line in lines(&event, &out) {
            println!("{clock}  {line}");
        }
    })
}

fn lines(event: &Event, out: &Out) -> Vec<String> {
    match event {
        Event::Connected { .. } => Vec::new(),
        Event::Sent { sent, bytes, accepted, refused, held, later, .. } => {
            let all = if accepted == sent { "all acknowledged".to_owned() } else { format!("{accepted} acknowledged") };
            let mut lines = vec![format!("sent      {accepted} of {sent} entries, {bytes} bytes   {all}")];
            for refusal in refused {
                let why = reason(&refusal.reason);
                lines.push(format!("refused   {} {why} Kept here: osteon-phone drafts", refusal.paths.join(", ")));
            }
            if *held > 0 {
                lines.push(format!("held      {held} wait for a decision of your team"));
            }
            if *later > 0 {
                lines.push(format!("later     {later} wait until the server has what they build on"));
            }
            lines
        }
        Event::Received { parts, changes, .. } if changes.is_empty() => {
            vec![format!("received  {parts} parts of records")]
        }
        Event::Received { changes, .. } => {
            let mut lines: Vec<String> = changes.iter().filter_map(|c| changed(c, out)).take(MAX_TOLD).collect();
            if changes.len() > MAX_TOLD {
                lines.push(format!("received  and {} more changes", changes.len() - MAX_TOLD));
            }
            lines
        }
        Event::UpToDate { records, .. } => vec![format!("up to date: {records} records")],
        Event::Erased { .. } => {
            vec!["erased    what is no longer shared with you was removed from this phone".to_owned()]
        }
        Event::Offline { why, next_try_ms } => {
            let next =
                next_try_ms.map_or_else(String::new, |ms| format!(" Next try in {}.", words::ago(ms.max(1_000))));
            vec![format!("offline   {why} Everything is kept here.{next}")]
        }
    }
}

fn changed(change: &FieldChange, out: &Out) -> Option<String> {
    let kind = table().get(change.type_number)?;
    let seen = change.after.as_ref().or(change.before.as_ref())?;
    let info = kind.field(seen.number)?;
    let words = |f: &Option<osteon_client::views::FieldView>| {
        f.as_ref().and_then(|f| f.value()).map(|c| words::chunk(info, c, &out.zone))
    };
    let (before, after) = (words(&change.before), words(&change.after));
    let state = match &change.after {
        Some(f) if f.blocked => ", disputed, nothing in force",
        Some(f) if f.needs_review => " in force, disputed",
        Some(_) if change.before.as_ref().is_some_and(|f| f.needs_review) => ", decided",
        _ => "",
    };
    let value = match (before, after) {
        (Some(a), Some(b)) if a == b => b,
        (Some(a), Some(b)) => format!("{a} -> {b}"),
        (None, Some(b)) => b,
        (Some(a), None) => format!("{a} -> nothing"),
        (None, None) => return None,
    };
    Some(format!("received  {}: {} {value}{state}", kind.title, words::label(info).to_lowercase()))
}

fn as_json(event: &Event, now_ms: u64) -> serde_json::Value {
    match event {
        Event::Connected { epoch } => json!({"at_ms": now_ms, "event": "connected", "epoch": epoch}),
        Event::Sent { circle, sent, bytes, accepted, refused, held, later } => json!({
            "at_ms": now_ms, "event": "sent", "circle": circle, "sent": sent, "bytes": bytes, "accepted": accepted,
            "refused": refused.iter().map(|r| json!({"reason": r.reason, "paths": r.paths})).collect::<Vec<_>>(),
            "held": held, "later": later,
        }),
        Event::Received { circle, parts, changes } => {
            json!({"at_ms": now_ms, "event": "received", "circle": circle, "parts": parts, "changes": changes.len()})
        }
        Event::UpToDate { circle, records } => {
            json!({"at_ms": now_ms, "event": "up_to_date", "circle": circle, "records": records})
        }
        Event::Erased { circle, cells } => {
            json!({"at_ms": now_ms, "event": "erased", "circle": circle, "cells": cells})
        }
        Event::Offline { why, next_try_ms } => {
            json!({"at_ms": now_ms, "event": "offline", "why": why, "next_try_ms": next_try_ms})
        }
    }
}

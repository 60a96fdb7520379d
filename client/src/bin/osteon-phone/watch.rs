//! What a sync tells, in lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_client::{
    Error, Phone,
    events::{Event, FieldChange, Listener},
    words,
};
use osteon_proto::table::table;
use serde_json::json;

use crate::{
    compose::zoned,
    show::{self, Out, reason},
    status,
};

/// Changes told one by one; more are counted.
const MAX_TOLD: usize = 6;
/// So few parts without a change are the echo of what was sent.
const FEW: usize = 32;

/// A listener that prints.
pub(crate) fn printer(phone: &Arc<Phone>, out: &Arc<Out>) -> Listener {
    let (phone, out) = (Arc::downgrade(phone), Arc::clone(out));
    let counts: Mutex<BTreeMap<u64, usize>> = Mutex::default();
    Arc::new(move |event| {
        let Some(phone) = phone.upgrade() else { return };
        let now_ms = phone.now_ms();
        if out.json {
            show::print(as_json(&event, now_ms));
            return;
        }
        if let Event::UpToDate { circle, records } = &event {
            // Said once, and when there is another number to say.
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            if counts.insert(*circle, *records) == Some(*records) {
                return;
            }
        }
        let clock = zoned(now_ms, &out.zone).map_or_else(String::new, |z| z.strftime("%H:%M:%S").to_string());
        for line in lines(&event, &out) {
            show::print(format!("{clock}  {line}"));
        }
    })
}

fn lines(event: &Event, out: &Out) -> Vec<String> {
    match event {
        // What was refused or is held is said with what was sent.
        Event::Connected { .. } | Event::Settled(_) => Vec::new(),
        Event::Sent { sent, bytes, accepted, refused, held, later, .. } => {
            let all = if accepted == sent { "all acknowledged".to_owned() } else { format!("{accepted} acknowledged") };
            let mut lines = vec![format!("sent      {accepted} of {sent} entries, {bytes} bytes   {all}")];
            for refusal in refused {
                let why = reason(&refusal.reason);
                let kept = if refusal.reason == "ERASED" { "" } else { " Kept here: osteon-phone drafts" };
                lines.push(format!("refused   {} {why}{kept}", refusal.paths.join(", ")));
            }
            if *held > 0 {
                lines.push(format!("held      {held} wait for a decision of your team"));
            }
            if *later > 0 {
                lines.push(format!("later     {later} wait until the server has what they build on"));
            }
            lines
        }
        Event::Received { parts, changes, .. } if changes.is_empty() && *parts > FEW => {
            vec![format!("received  {parts} parts of records")]
        }
        Event::Received { changes, .. } => told(changes, out),
        Event::Beside => vec!["beside    another program syncs this phone already: it sends what you save".to_owned()],
        Event::UpToDate { records, .. } => vec![format!("up to date: {records} records")],
        Event::Erased { lost, .. } => vec![erased(lost)],
        Event::Offline { why, next_try_ms } => {
            let next =
                next_try_ms.map_or_else(String::new, |ms| format!(" Next try in {}.", words::ago(ms.max(1_000))));
            let why = why.trim_end_matches('.');
            vec![format!("offline   {why}. Everything is kept here.{next}")]
        }
    }
}

fn erased(lost: &BTreeSet<u8>) -> String {
    if lost.contains(&0) {
        return "erased    this circle is no longer shared with you: all of it was removed from this phone".to_owned();
    }
    if lost.is_empty() {
        return "erased    what comes anew, or what this phone is not to hold, was removed from it".to_owned();
    }
    let words: Vec<String> = lost.iter().map(|number| words::category(*number)).collect();
    format!("erased    no longer shared with you, and removed from this phone: {}", words.join(", "))
}

/// The last words of a phone that was erased, or left.
pub(crate) fn farewell(error: &Error) -> &'static str {
    match error {
        Error::Wiped => {
            "erased    by an order that the clinic signed with the key which this phone pinned. Nothing is left on it."
        }
        _ => "left      what it had was sent, nothing of it is kept.",
    }
}

/// A line per field that changed; a new record is one line.
fn told(changes: &[FieldChange], out: &Out) -> Vec<String> {
    let records: BTreeSet<_> = changes.iter().map(|c| c.record).collect();
    let mut lines = Vec::new();
    for record in records {
        // What the server computes of entries is no news beside them.
        let computed = |c: &FieldChange| table().get(c.type_number).is_some_and(|kind| kind.name.starts_with("V-"));
        if changes.iter().filter(|c| c.record == record).all(computed) {
            continue;
        }
        let mut of: Vec<&FieldChange> = changes.iter().filter(|c| c.record == record).collect();
        if of.iter().all(|c| c.before.is_none()) {
            lines.extend(started(&of, out));
            continue;
        }
        of.sort_by_key(|c| c.after.is_none());
        lines.extend(of.into_iter().filter_map(|c| changed(c, out)));
    }
    let more = lines.len().saturating_sub(MAX_TOLD);
    lines.truncate(MAX_TOLD);
    if more > 0 {
        lines.push(format!("received  and {more} more"));
    }
    lines
}

/// "received  Pain: worst pain of the day 6 of 10, site left thigh".
fn started(changes: &[&FieldChange], out: &Out) -> Option<String> {
    let kind = table().get(changes.first()?.type_number)?;
    let fields = changes.iter().filter_map(|c| c.after.as_ref());
    let words: Vec<String> = fields.filter_map(|f| show::short(kind, f, &out.zone)).collect();
    let words = if words.is_empty() { "a new entry".to_owned() } else { words.join(", ") };
    Some(format!("received  {}: {words}", kind.title))
}

fn changed(change: &FieldChange, out: &Out) -> Option<String> {
    let kind = table().get(change.type_number)?;
    let seen = change.after.as_ref().or(change.before.as_ref())?;
    let info = kind.field(seen.number).filter(|info| !words::is_provenance(info))?;
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
        Event::Beside => json!({"at_ms": now_ms, "event": "beside"}),
        Event::Settled(one) => json!({"at_ms": now_ms, "event": "settled", "settled": status::outcome_json(one)}),
        Event::Received { circle, parts, changes } => {
            json!({"at_ms": now_ms, "event": "received", "circle": circle, "parts": parts, "changes": changes.len()})
        }
        Event::UpToDate { circle, records } => {
            json!({"at_ms": now_ms, "event": "up_to_date", "circle": circle, "records": records})
        }
        Event::Erased { circle, cells, lost } => {
            json!({"at_ms": now_ms, "event": "erased", "circle": circle, "cells": cells, "lost": lost})
        }
        Event::Offline { why, next_try_ms } => {
            json!({"at_ms": now_ms, "event": "offline", "why": why, "next_try_ms": next_try_ms})
        }
    }
}

//! Questions that only people settle: disputes, decisions, and what was refused.

use std::sync::Arc;

use anyhow::Context;
use osteon_client::{Phone, records::Entry, views::VersionView, words};
use osteon_proto::table::table;
use osteon_sync_core::{PartWrite, Put};
use serde_json::json;

use crate::{
    args::{Args, MUST_DECIDE},
    care,
    fate::{self, Fate},
    run::circle_of,
    show::{self, Out},
};

pub(crate) async fn disputes(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let now_ms = phone.now_ms();
    let state = phone.read().await?;
    let found = state.enrolled()?.view(circle, phone.now_ms())?.disputes();
    let mut lines = Vec::new();
    let mut list = Vec::new();
    for (n, (record, field)) in found.iter().enumerate() {
        let seen = field.and_then(|i| Some((record.kind()?.field(record.fields[i].number)?, &record.fields[i])));
        let Some((info, field)) = seen else {
            lines.push(format!(
                "{}  {}: marked as a mistake, and changed elsewhere",
                n + 1,
                show::line(record, &out.zone)
            ));
            list.push(json!({"n": n + 1, "record": hex::encode(record.record.0), "ending": true}));
            continue;
        };
        lines.push(format!("{}  {}: {}", n + 1, words::title(record), words::label(info).to_lowercase()));
        for (i, v) in field.versions.iter().enumerate() {
            let value = v.value.as_deref().map_or_else(|| "cleared".to_owned(), |c| words::chunk(info, c, &out.zone));
            let force = if field.effective.as_ref().is_some_and(|e| e.dot == v.dot) { "  in force" } else { "" };
            let (who, when) = (words::role(v.author.role.0), words::near(v.clock.ms, now_ms, &out.zone));
            lines.push(format!("     {}  {value:<16} {who}, {when}{force}", i + 1));
        }
        let version = |(i, v): (usize, &VersionView)| {
            json!({
                "n": i + 1, "dot": v.dot.to_string(), "role": words::role(v.author.role.0), "written_ms": v.clock.ms,
                "in_force": field.effective.as_ref().is_some_and(|e| e.dot == v.dot),
            })
        };
        let versions: Vec<_> = field.versions.iter().enumerate().map(version).collect();
        let record = hex::encode(record.record.0);
        list.push(json!({"n": n + 1, "record": record, "field": info.name, "versions": versions}));
    }
    let none = found.is_empty();
    let text = if none { "No open question.".to_owned() } else { lines.join("\n") };
    out.say(&text, &json!(list));
    Ok(if none { 0 } else { MUST_DECIDE })
}

pub(crate) async fn decide(
    phone: &Arc<Phone>,
    args: &Args,
    at: (usize, usize),
    why: &str,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let (record, entry) = {
        let state = phone.read().await?;
        let found = state.enrolled()?.view(circle, phone.now_ms())?.disputes();
        let none = "there is no such question: osteon-phone disputes";
        let (record, field) = at.0.checked_sub(1).and_then(|i| found.get(i)).context(none)?;
        let field = &record.fields[field.context("an ending is decided by marking the entry again")?];
        let version = at.1.checked_sub(1).and_then(|i| field.versions.get(i)).context("there is no such version")?;
        let entry = match &version.value {
            Some(chunk) => Entry::Put { field: field.number, chunk: chunk.clone() },
            None => Entry::Clear { field: field.number },
        };
        (record.record, entry)
    };
    let form = phone.open_form(circle, record).await?;
    let saved = phone.save(&form, &[entry], why, true).await?;
    let found = care::brought_up(phone, circle, saved, out).await;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), false).await?;
    let said = std::iter::once(format!("Decided. {}", fate.place(phone.read().await?.settings.offline)));
    let text: Vec<String> = said.chain(care::others(&found).map(care::line)).collect();
    let findings: Vec<_> = found.found.iter().map(care::json).collect();
    out.say(
        &text.join("\n"),
        &json!({"saved": saved.dot.to_string(), "sent": fate == Fate::Sent, "findings": findings}),
    );
    Ok(fate.code(&found, false))
}

pub(crate) async fn drafts(phone: &Arc<Phone>, args: &Args, drop: Option<usize>, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    if let Some(n) = drop {
        let dots: Vec<_> = {
            let state = phone.read().await?;
            state.enrolled()?.view(circle, phone.now_ms())?.drafts().map(|draft| draft.change.dot).collect()
        };
        let dot = n.checked_sub(1).and_then(|i| dots.get(i)).context("there is no such draft: osteon-phone drafts")?;
        phone.drop_draft(circle, *dot).await?;
        out.say("Thrown away.", &json!({"dropped": dot.to_string()}));
        return Ok(0);
    }
    let state = phone.read().await?;
    let mut lines = Vec::new();
    let mut list = Vec::new();
    for (i, draft) in state.enrolled()?.view(circle, phone.now_ms())?.drafts().enumerate() {
        let why = show::reason(&draft.reason);
        let titles: Vec<String> = draft
            .change
            .parts
            .iter()
            .map(|p| table().get(p.type_number).map_or_else(|| "a record".to_owned(), |k| k.title.clone()))
            .collect();
        let paths: Vec<&str> = draft.violations.iter().map(|v| v.path.as_str()).collect();
        let words = if draft.words.is_empty() { String::new() } else { format!("\u{201c}{}\u{201d}", draft.words) };
        let n = i + 1;
        lines.push(format!("{n}  {}: {why} {words}{}", titles.join(", "), paths.join(", ")));
        let said: Vec<String> = draft.change.parts.iter().flat_map(|part| written(part, &out.zone)).collect();
        lines.extend(said.iter().map(|one| format!("     {one}")));
        list.push(json!({
            "n": n, "change": draft.change.dot.to_string(), "reason": &*draft.reason, "words": &*draft.words,
            "paths": paths, "says": said,
        }));
    }
    if !lines.is_empty() {
        lines.push("Write it anew as it should be, then: osteon-phone drafts --drop N".to_owned());
    }
    let text = if lines.is_empty() { "Nothing was refused.".to_owned() } else { lines.join("\n") };
    out.say(&text, &json!(list));
    Ok(0)
}

/// What a refused change would have put where, in words.
fn written(part: &PartWrite, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let Some(kind) = table().get(part.type_number) else { return Vec::new() };
    let one = |write: &osteon_sync_core::FieldWrite| {
        let info = kind.field(write.field.number).filter(|info| !words::is_provenance(info))?;
        let value = write.put.as_ref().and_then(Put::value);
        let value = value.map_or_else(|| "cleared".to_owned(), |chunk| words::chunk(info, chunk, zone));
        Some(format!("{}: {value}", words::label(info)))
    };
    part.writes.iter().filter_map(one).collect()
}

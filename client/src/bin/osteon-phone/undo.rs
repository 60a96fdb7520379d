//! `undo` and `history`: the last save taken back, every version of an entry, an older one in force again.

use std::sync::Arc;

use anyhow::Context;
use osteon_client::{
    Error, Phone,
    records::Entry,
    undo::Undone,
    views::{FieldView, RecordView},
    words,
};
use osteon_proto::{
    record::{ExplainRecordResponse, VersionView},
    split::split_body,
    table::{FieldInfo, RecordType},
    wire::{device::millis, dot},
};
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DONE},
    care,
    run::{circle_of, find},
    show::{self, Out},
};

pub(crate) async fn undo(phone: &Arc<Phone>, args: &Args, why: &str, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let undone = phone.undo(circle, why).await?;
    let found = match undone {
        Undone::Withdrawn { .. } => osteon_client::care::Findings::default(),
        Undone::Marked(saved) | Undone::WrittenBack(saved) => care::brought_up(phone, circle, saved, out).await,
    };
    let record = shown(phone, circle, undone).await?;
    let what = record.as_ref().map_or_else(|| "The entry".to_owned(), |record| show::line(record, &out.zone));
    let text = match undone {
        Undone::Withdrawn { .. } if record.is_none() => {
            "Taken back: it was on this phone alone, and nothing of it is left.".to_owned()
        }
        Undone::Withdrawn { .. } => format!("Taken back before it was sent. As before: {what}"),
        Undone::Marked(_) => format!("{what}. Marked as a mistake: it was sent already, so it stays in the history."),
        Undone::WrittenBack(_) => {
            format!("As before: {what}. It was sent already, so this goes as a new change; both stay in the history.")
        }
    };
    let text: Vec<String> = std::iter::once(text).chain(care::others(&found).map(care::line)).collect();
    out.say(
        &text.join("\n"),
        &json!({
            "undone": undone.word(), "record": hex::encode(undone.record().0),
            "entry": record.as_ref().map(show::record_json),
        }),
    );
    Ok(care::code_of(&found))
}

async fn shown(phone: &Phone, circle: u64, undone: Undone) -> anyhow::Result<Option<RecordView>> {
    let state = phone.read().await?;
    Ok(state.enrolled()?.view(circle, phone.now_ms())?.record(undone.record()))
}

/// A version in the list of `history`, by which `restore` names it.
struct Line {
    field: u32,
    name: String,
    /// `None`: cleared, or not told.
    chunk: Option<Vec<u8>>,
    absent: bool,
    text: String,
    json: Json,
}

pub(crate) async fn history(
    phone: &Arc<Phone>,
    args: &Args,
    entry: &str,
    restore: Option<(usize, &str)>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let record = find(phone, circle, entry).await?;
    let here = {
        let state = phone.read().await?;
        state.enrolled()?.view(circle, phone.now_ms())?.record(record).ok_or(Error::NoRecord)?
    };
    let kind = here.kind().context("a record type that this version does not know")?;
    let (lines, whole) = match phone.history(circle, record).await {
        Ok(said) => (of_server(&said, kind, phone.now_ms(), out), !said.history_cut),
        // Without the server: what is live here.
        Err(_) if restore.is_none() => (of_phone(&here, kind, phone.now_ms(), out), false),
        Err(error) => return Err(error.into()),
    };
    if let Some((n, why)) = restore {
        return put_back(phone, circle, &here, (n.checked_sub(1).and_then(|i| lines.get(i)), why), out).await;
    }
    let mut text = vec![show::line(&here, &out.zone)];
    let mut last = "";
    for (i, line) in lines.iter().enumerate() {
        if line.name != last {
            text.push(line.name.clone());
            last = &line.name;
        }
        text.push(format!("  {:>3}  {}", i + 1, line.text));
    }
    if !whole {
        text.push("This is what is on this phone; the older versions are with the server.".to_owned());
    }
    let versions: Vec<&Json> = lines.iter().map(|line| &line.json).collect();
    out.say(&text.join("\n"), &json!({"entry": show::record_json(&here), "versions": versions, "whole": whole}));
    Ok(DONE)
}

async fn put_back(
    phone: &Arc<Phone>,
    circle: u64,
    here: &RecordView,
    (line, why): (Option<&Line>, &str),
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let line = line.context("no version has that number: osteon-phone history ENTRY lists them")?;
    let entry = match &line.chunk {
        Some(chunk) => Entry::Put { field: line.field, chunk: chunk.clone() },
        None if line.absent => Entry::Clear { field: line.field },
        None => anyhow::bail!("the content of that version was destroyed"),
    };
    let saved = phone.restore(circle, here.record, entry, why).await?;
    let found = care::brought_up(phone, circle, saved, out).await;
    let state = phone.read().await?;
    let record = state.enrolled()?.view(circle, phone.now_ms())?.record(here.record).ok_or(Error::NoRecord)?;
    let text = format!("{}\nSaved on this phone. Not sent yet.", show::line(&record, &out.zone));
    let text: Vec<String> = std::iter::once(text).chain(care::others(&found).map(care::line)).collect();
    out.say(&text.join("\n"), &json!({"saved": saved.dot.to_string(), "entry": show::record_json(&record)}));
    Ok(care::code_of(&found))
}

fn of_server(said: &ExplainRecordResponse, kind: &RecordType, now_ms: u64, out: &Out) -> Vec<Line> {
    let mut lines = Vec::new();
    for field in &said.fields {
        let Some(info) = field.view.as_ref().and_then(|view| kind.field(view.field)) else { continue };
        lines.extend(field.history.iter().map(|version| server_line(info, version, now_ms, out)));
    }
    lines
}

fn server_line(info: &FieldInfo, version: &VersionView, now_ms: u64, out: &Out) -> Line {
    let body = version.value.as_ref().and_then(|body| split_body(body).ok());
    let chunk = body.and_then(|(_, _, parts)| parts.chunks().next().map(|c| c.bytes.to_vec()));
    let value = match (&chunk, version.redacted) {
        (_, true) => "(destroyed)".to_owned(),
        (Some(chunk), _) => words::chunk(info, chunk, &out.zone),
        (None, _) => "(cleared)".to_owned(),
    };
    let written = version.written.as_ref().map_or(0, millis);
    let role = words::role(u8::try_from(version.role).unwrap_or(0));
    let state = match (version.in_force, version.live) {
        (true, _) => "  in force",
        (false, true) => "  side by side with it",
        (false, false) => "",
    };
    let why = words::plain(&version.reason);
    let reason = if why.is_empty() { String::new() } else { format!("  \u{201c}{why}\u{201d}") };
    let json = json!({
        "field": info.name, "dot": version.dot.as_ref().map(|d| dot(d).to_string()), "role": role,
        "account": version.account, "written_ms": written, "in_force": version.in_force, "live": version.live,
        "reason": version.reason, "redacted": version.redacted, "value": value,
    });
    let when = words::near(written, now_ms, &out.zone);
    let text = format!("{value:<18} {role}, {when}{state}{reason}");
    Line { field: info.number, name: words::label(info), chunk, absent: version.absent, text, json }
}

fn of_phone(here: &RecordView, kind: &RecordType, now_ms: u64, out: &Out) -> Vec<Line> {
    let line = |field: &FieldView| {
        let info = kind.field(field.number)?;
        let versions = field.versions.iter().map(|v| {
            let value = v.value.as_deref().map_or_else(|| "(cleared)".to_owned(), |c| words::chunk(info, c, &out.zone));
            let force = field.effective.as_ref().is_some_and(|e| e.dot == v.dot);
            let (role, when) = (words::role(v.author.role.0), words::near(v.clock.ms, now_ms, &out.zone));
            let text = format!("{value:<18} {role}, {when}{}", if force { "  in force" } else { "" });
            let json = json!({
                "field": info.name, "dot": v.dot.to_string(), "role": role, "account": v.author.account,
                "written_ms": v.clock.ms, "in_force": force, "live": true, "value": value,
            });
            Line {
                field: field.number,
                name: words::label(info),
                chunk: v.value.clone(),
                absent: v.value.is_none(),
                text,
                json,
            }
        });
        Some(versions.collect::<Vec<_>>())
    };
    here.fields.iter().filter_map(line).flatten().collect()
}

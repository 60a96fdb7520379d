//! `inspect`: what the phone keeps behind what it shows. Of an entry: its live versions, and why which one is in force.

use std::sync::Arc;

use anyhow::Context;
use osteon_client::{
    Error, Phone,
    state::Enrolled,
    views::{FieldView, RecordView},
    words,
};
use osteon_proto::{
    meta,
    table::{FieldInfo, table},
};
use osteon_sync_core::{
    Change,
    device::{Circle, Lane, Own, Stage},
};
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DONE},
    run::{circle_of, find},
    show::{self, Out},
};

pub(crate) async fn run(phone: &Arc<Phone>, args: &Args, entry: Option<&str>, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let Some(entry) = entry else { return whole(phone, circle, out).await };
    let record = find(phone, circle, entry).await?;
    let state = phone.read().await?;
    let seen = state.enrolled()?.view(circle, phone.now_ms())?.record(record).ok_or(Error::NoRecord)?;
    let (text, json) = record_lines(&seen, phone.now_ms(), out);
    out.say(&text.join("\n"), &json);
    Ok(DONE)
}

async fn whole(phone: &Arc<Phone>, circle: u64, out: &Arc<Out>) -> anyhow::Result<u8> {
    let now_ms = phone.now_ms();
    let state = phone.read().await?;
    let enrolled = state.enrolled()?;
    let known = enrolled.device.circle(circle).context("this phone does not follow that circle")?;
    let mut text = vec![format!("Epoch {}, account {}", enrolled.device.epoch(), enrolled.device.account())];
    for (replica, queue) in known.queues() {
        let open = queue.last.saturating_sub(queue.next.saturating_sub(1));
        text.push(format!(
            "Lane {}.{} {}: {} written, {open} without a verdict",
            replica.epoch,
            replica.n,
            lane(queue.lane),
            queue.last
        ));
    }
    let own = known.own().iter().map(|own| own_line(own, now_ms, out));
    text.extend(own);
    let hidden = enrolled.view(circle, now_ms)?;
    for draft in hidden.drafts() {
        text.push(format!("Draft {}  {}: {}", draft.change.dot, titles(&draft.change), show::reason(&draft.reason)));
    }
    for waiting in known.quarantined() {
        let why = show::reason(&waiting.reason);
        text.push(format!("Held {} as {}  {}: {why}", waiting.dot(), waiting.id, titles(&waiting.change)));
    }
    text.push(place(known));
    out.say(&text.join("\n"), &as_json(enrolled, circle, known));
    Ok(DONE)
}

fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Urgent => "urgent",
        Lane::Ordinary => "ordinary",
    }
}

fn titles(change: &Change) -> String {
    let mut numbers: Vec<u32> = change.parts.iter().map(|p| p.type_number).collect();
    numbers.dedup();
    let title = |n: &u32| table().get(*n).map_or("a record", |kind| kind.title.as_str());
    let titles: Vec<&str> = numbers.iter().map(title).collect();
    if titles.is_empty() { "nothing that may be shown".to_owned() } else { titles.join(", ") }
}

fn stage(own: &Own) -> String {
    match own.stage {
        Stage::Waiting if own.sent => "sent, no answer yet".to_owned(),
        Stage::Waiting => "not sent".to_owned(),
        Stage::Accepted { sequence } => format!("accepted as {sequence}, not come back yet"),
        Stage::Passed { sequence } => format!("accepted as {sequence}, kept until every backup has it"),
    }
}

fn own_line(own: &Own, now_ms: u64, out: &Out) -> String {
    let when = words::near(own.change.clock.ms, now_ms, &out.zone);
    let record = own.change.parts.first().map_or_else(String::new, |p| show::number(p.part.record));
    format!("Own {}  {record} {}, {when}: {}", own.dot(), titles(&own.change), stage(own))
}

/// Of a cursor, which nobody but the server can read: enough to see whether it moved.
fn mark(cursor: &[u8]) -> String {
    if cursor.is_empty() {
        "none: everything is asked for".to_owned()
    } else {
        hex::encode(&cursor[cursor.len() - 4.min(cursor.len())..])
    }
}

fn place(circle: &Circle) -> String {
    let classes: Vec<String> = circle.complete().iter().map(u8::to_string).collect();
    let head = if circle.at_head() { "all is here" } else { "not all is here yet" };
    format!(
        "Cursor {} ({} bytes), page {}, head {}, {head}; whole classes: {}; digests that differed: {}",
        mark(circle.cursor()),
        circle.cursor().len(),
        circle.read(),
        circle.head(),
        if classes.is_empty() { "none".to_owned() } else { classes.join(", ") },
        circle.digest_mismatches(),
    )
}

fn as_json(enrolled: &Enrolled, circle: u64, known: &Circle) -> Json {
    let own = known.own().iter().map(|own| {
        json!({
            "change": own.dot().to_string(), "lane": lane(own.lane), "stage": stage(own), "sent": own.sent,
            "written_ms": own.change.clock.ms,
            "records": own.change.parts.iter().map(|p| hex::encode(p.part.record.0)).collect::<Vec<_>>(),
        })
    });
    let queues = known.queues().map(|(replica, queue)| {
        json!({"epoch": replica.epoch, "replica": replica.n, "lane": lane(queue.lane), "last": queue.last, "next": queue.next})
    });
    let drafts = known.drafts().iter().map(|d| json!({"change": d.change.dot.to_string(), "reason": d.reason}));
    let held =
        known.quarantined().iter().map(|q| json!({"change": q.dot().to_string(), "id": q.id, "reason": q.reason}));
    json!({
        "circle": circle, "epoch": enrolled.device.epoch(), "own": own.collect::<Vec<_>>(),
        "lanes": queues.collect::<Vec<_>>(), "drafts": drafts.collect::<Vec<_>>(), "held": held.collect::<Vec<_>>(),
        "cursor": {"mark": mark(known.cursor()), "bytes": known.cursor().len(), "page": known.read()},
        "head": known.head(), "at_head": known.at_head(), "complete": known.complete(),
        "digest_mismatches": known.digest_mismatches(),
    })
}

fn record_lines(seen: &RecordView, now_ms: u64, out: &Out) -> (Vec<String>, Json) {
    let mut text = vec![format!("{}  {}", hex::encode(seen.record.0), show::line(seen, &out.zone))];
    let mut fields = Vec::new();
    for field in &seen.fields {
        let Some(info) = seen.kind().and_then(|kind| kind.field(field.number)) else {
            text.push(format!("  field {} of a newer version: kept as it is", field.number));
            continue;
        };
        let why = why(info, field);
        text.push(format!("  {}: {why}", words::label(info)));
        for v in &field.versions {
            let value = v.value.as_deref().map_or_else(|| "(cleared)".to_owned(), |c| words::chunk(info, c, &out.zone));
            let force = if field.effective.as_ref().is_some_and(|e| e.dot == v.dot) { "  in force" } else { "" };
            let (who, when) = (words::role(v.author.role.0), words::near(v.clock.ms, now_ms, &out.zone));
            text.push(format!("    {}  {value}  {who}, {when}{force}", v.dot));
        }
        fields.push(json!({"field": info.name, "policy": info.policy.as_str_name(), "why": why}));
    }
    (text, json!({"entry": show::record_json(seen), "why": fields}))
}

/// Why this value is in force, in one sentence.
fn why(info: &FieldInfo, field: &FieldView) -> String {
    if field.blocked {
        return "different values stand side by side, and nothing is in force until somebody decides".to_owned();
    }
    if field.versions.len() == 1 {
        return "the only version".to_owned();
    }
    if !field.disputed() {
        return "several wrote the same".to_owned();
    }
    let rule = match info.policy {
        meta::Policy::MostRestrictive => "the safest of them holds",
        meta::Policy::Review if field.agreed => "what was last agreed holds",
        meta::Policy::Review => "what its owner wrote holds",
        meta::Policy::UnionDenyWins => "one no wins",
        meta::Policy::UnionAddWins => "it was added again by somebody who had not seen it taken out",
        _ => "the later one holds",
    };
    let asks = if field.needs_review { ", until somebody decides" } else { "" };
    format!("different values stand side by side: {rule}{asks}")
}

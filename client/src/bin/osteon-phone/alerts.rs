//! Open alerts in lines, and marking one as seen. No line ever says that all is well.

use std::sync::Arc;

use anyhow::Context;
use osteon_care_core::rules::Severity;
use osteon_client::{
    Phone,
    care::{CannotTell, alerts::Open},
    words,
};
use serde_json::json;

use crate::{
    args::{AlertsArgs, AlertsCommand, Args, DONE, EMERGENCY},
    care, compose,
    fate::{self, Fate},
    run::circle_of,
    show::Out,
};

pub(crate) async fn run(phone: &Arc<Phone>, args: &Args, of: &AlertsArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let (open, found) = phone.alerts(circle, care::offset_min(phone, out)).await?;
    if let Some(AlertsCommand::Ack { n, take_over }) = &of.command {
        return seen(phone, circle, &open, (*n, *take_over), out).await;
    }
    let me = phone.read().await?.enrolled()?.enrolment.account;
    let now_ms = phone.now_ms();
    let mut lines: Vec<String> =
        open.iter().enumerate().map(|(i, one)| format!("{}  {}", i + 1, line(one, me, now_ms, out))).collect();
    let late = phone.read().await?.enrolled()?.late(circle);
    let failed = found.failed;
    if lines.is_empty() && failed.is_none() {
        lines.push(
            "The rules on this phone found nothing to tell. That is no check-up: if you feel worse, call.".to_owned(),
        );
    }
    match found.cannot_tell.len() {
        0 => {}
        _ if of.cannot_tell => lines.extend(found.cannot_tell.iter().map(unsure)),
        n => lines
            .push(format!("{n} rules cannot tell, because something is missing: osteon-phone alerts --cannot-tell")),
    }
    // Before everything else: what stands below may not be all.
    let missing = late.map(|late| care::late(late, now_ms, out)).into_iter().chain(failed.map(care::not_asked));
    lines.splice(0..0, missing);
    let list: Vec<_> = open.iter().enumerate().map(|(i, one)| as_json(i + 1, one, me)).collect();
    let unsure: Vec<_> =
        found.cannot_tell.iter().map(|one| json!({"rule": one.rule, "missing": one.missing})).collect();
    out.say(
        &lines.join("\n"),
        &json!({
            "alerts": list, "cannot_tell": unsure, "warnings_late": care::late_json(late),
            "rules_failed": failed.map(|failed| failed.code()),
        }),
    );
    let emergency = open.iter().any(|one| one.severity == Severity::Emergency && !one.seen_by.contains(&me));
    Ok(if emergency { EMERGENCY } else { DONE })
}

async fn seen(
    phone: &Arc<Phone>,
    circle: u64,
    open: &[Open],
    (n, takes_over): (usize, bool),
    out: &Out,
) -> anyhow::Result<u8> {
    let one = n.checked_sub(1).and_then(|i| open.get(i)).context("there is no such alert: osteon-phone alerts")?;
    let record = one.record.filter(|_| !one.redacted);
    let record = record.context("your team's server does not have this alert yet: osteon-phone sync, then again")?;
    let at = compose::moment(phone.now_ms(), &out.zone);
    let saved = phone.acknowledge(circle, record, at, takes_over).await?;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), false).await?;
    let text = format!("Marked as seen by you. {}", fate.place(phone.read().await?.settings.offline));
    out.say(&text, &json!({"saved": saved.dot.to_string(), "sent": fate == Fate::Sent}));
    Ok(DONE)
}

fn line(one: &Open, me: u64, now_ms: u64, out: &Out) -> String {
    let mut text = match (&one.finding, one.redacted) {
        (Some(finding), _) => care::line(finding),
        (None, true) => {
            let call = if one.call.is_empty() { String::new() } else { format!(" Call {}.", one.call.join(" / ")) };
            format!("{}: an alert in an area that is not shared with you. Ask the nurse.{call}", one.severity.code())
        }
        (None, false) if one.words.is_empty() => {
            format!("{}: raised by your clinic  [{}]", one.severity.code(), one.rule)
        }
        (None, false) => format!("{}: {}  [{}]", one.severity.code(), one.words, one.rule),
    };
    let near = |ms: Option<i64>| Some(words::near(u64::try_from(ms?).ok()?, now_ms, &out.zone));
    if let Some(when) = near(one.happened_ms).or_else(|| near(one.raised_ms)) {
        text.push_str(&format!("  {when}"));
    }
    match one.late_days {
        0 => {}
        1 => text.push_str(", received a day later"),
        days => text.push_str(&format!(", received {days} days later")),
    }
    match (one.record, one.seen_by.contains(&me), one.seen_by.len()) {
        (None, ..) => text.push_str("  found on this phone"),
        (_, true, 1) => text.push_str("  seen by you"),
        (_, true, n) => text.push_str(&format!("  seen by you and {} others", n - 1)),
        (_, false, 0) => {}
        (_, false, n) => text.push_str(&format!("  seen by {n} others")),
    }
    text
}

fn unsure(one: &CannotTell) -> String {
    format!("Cannot tell  {}: missing {}", one.rule, one.missing.join(", "))
}

fn as_json(n: usize, one: &Open, me: u64) -> serde_json::Value {
    json!({
        "n": n,
        "record": one.record.map(|record| hex::encode(record.0)),
        "rule": one.rule,
        "severity": one.severity.code(),
        "finding": one.finding.as_ref().map(care::json),
        "words": one.words,
        "happened_ms": one.happened_ms,
        "raised_ms": one.raised_ms,
        "late_days": one.late_days,
        "seen": one.seen_by.contains(&me),
        "seen_by": one.seen_by,
        "redacted": one.redacted,
        "call": one.call,
    })
}

//! `status` and `settled`: how this phone stands, and what became of what was saved, in words.

use std::sync::Arc;

use osteon_client::{
    Phone,
    outcomes::{Outcome, Settled},
    state::Late,
    status::{CircleStatus, Damage, Reach, Refused, Stale, Status},
    words,
};
use osteon_proto::table::table;
use serde_json::{Value as Json, json};

use crate::{
    args::{DONE, MUST_DECIDE},
    care, network,
    show::{self, Out, reason},
};

/// Drafts named one by one; more are counted.
const MAX_NAMED: usize = 3;

pub(crate) async fn run(phone: &Arc<Phone>, out: &Arc<Out>) -> anyhow::Result<u8> {
    let status = phone.status().await?;
    out.say(&text(&status, out).join("\n"), &as_json(&status));
    Ok(DONE)
}

fn near(ms: u64, status: &Status, out: &Out) -> String {
    if ms == 0 { "never".to_owned() } else { words::near(ms, status.now_ms, &out.zone) }
}

/// Before everything is forgotten: whether that may be, asked where something would be lost that nobody else has.
pub(crate) async fn may_lose(phone: &Arc<Phone>, out: &Arc<Out>) -> anyhow::Result<bool> {
    let status = phone.status().await?;
    let (drafts, attached) = (status.drafts.len(), status.attachments_to_send);
    if status.to_send + attached + drafts + status.held == 0 {
        return Ok(true);
    }
    let photos = if attached == 0 { String::new() } else { format!(", photos or papers: {attached}") };
    let what = format!(
        "Your team does not have {} that wait to be sent{photos}, {drafts} drafts, and {} that wait for a person.",
        status.to_send, status.held
    );
    if out.asks_somebody() {
        let answer = show::ask(&format!("{what} Forget them all? [y/N]"));
        if answer.is_ok_and(|answer| show::is_yes(&answer)) {
            return Ok(true);
        }
    }
    let text = format!("{what} Nothing was forgotten. First: osteon-phone sync; or, to forget them: wipe --yes");
    out.say(&text, &json!({"wiped": false, "to_send": status.to_send, "attachments_to_send": attached, "drafts": drafts, "held": status.held}));
    Ok(false)
}

fn text(status: &Status, out: &Out) -> Vec<String> {
    let server = &status.server;
    let mut lines = vec![
        line("To send", &to_send(status, out)),
        line("Last sent", &sent(status, out)),
        line("Last heard", &near(server.last_heard_ms, status, out)),
        line("Server", &reach(status, out)),
    ];
    if let Some(words) = server.line.words() {
        lines.push(line("Line", &format!("made bad: {words}. A good one: offline off")));
    }
    lines.push(line("Refused", &refused(status)));
    lines.push(line("Held", &format!("{} wait for your team", status.held)));
    if status.outcomes_to_look_at > 0 {
        let n = status.outcomes_to_look_at;
        lines.push(line("Settled", &format!("{n} that you have not been told of: osteon-phone settled")));
    }
    lines.extend(status.circles.iter().map(|circle| line("Here", &here(circle, status, out))));
    let hidden: usize = status.circles.iter().map(|circle| circle.hidden).sum();
    if hidden > 0 {
        let over = "the time for which they were shared is over. The next contact erases them";
        lines.push(line("Not shown", &format!("{hidden} records: {over}")));
    }
    if status.notices > 0 {
        lines.push(line("Notices", &format!("{} about your account: osteon-phone notices", status.notices)));
    }
    for (id, late) in lates(status) {
        lines.push(line("Warnings", &format!("{id}: {}", care::late(late, status.now_ms, out))));
    }
    if let Some(damage) = &status.damage {
        lines.push(line("Damaged", &damaged(damage, status, out)));
    }
    if let Some(off) = status.clock_off_ms {
        lines.push(line("Clock", &clock(off)));
    }
    lines.push(line("Rules", &rules(status)));
    lines
}

fn line(name: &str, what: &str) -> String {
    format!("{name:<13} {what}")
}

fn to_send(status: &Status, out: &Out) -> String {
    let oldest = status.oldest_ms.map_or_else(String::new, |ms| {
        let ago = words::ago(status.now_ms.saturating_sub(ms));
        format!(", oldest {} ({ago})", words::near(ms, status.now_ms, &out.zone))
    });
    let later = match (status.later, status.later_until_ms) {
        (n @ 1.., Some(until)) => {
            let wait = words::ago(until.saturating_sub(status.now_ms));
            format!("; {n} of them when the server has what they build on, again in {wait}")
        }
        _ => String::new(),
    };
    let attached = match status.attachments_to_send {
        0 => String::new(),
        n => format!("; photos or papers: {n}, after the entries"),
    };
    format!("{} entries{oldest}{later}{attached}", status.to_send)
}

fn sent(status: &Status, out: &Out) -> String {
    match status.server.last_sent_ms {
        0 => "never".to_owned(),
        ms => format!("and confirmed {}", words::near(ms, status.now_ms, &out.zone)),
    }
}

fn reach(status: &Status, out: &Out) -> String {
    let since = |ms: u64| words::near(ms, status.now_ms, &out.zone);
    match status.server.reach {
        Reach::Off { since_ms } => format!("not asked: offline was switched on, {}", since(since_ms)),
        Reach::Unknown => "not asked yet".to_owned(),
        Reach::Reached => "answered last".to_owned(),
        Reach::Failing { since_ms } => {
            let why = status.server.last_error.as_deref().unwrap_or_default().trim_end_matches('.');
            format!("does not work since {}: {why}. Everything is kept here", since(since_ms))
        }
    }
}

fn refused(status: &Status) -> String {
    let drafts = &status.drafts;
    if drafts.is_empty() {
        return "0 drafts".to_owned();
    }
    let one = |draft: &Refused| {
        let why = reason(&draft.reason);
        format!("\"{}\": {}", draft.titles.join(", "), why.trim_end_matches('.'))
    };
    let named: Vec<String> = drafts.iter().take(MAX_NAMED).map(one).collect();
    let more = drafts.len().saturating_sub(MAX_NAMED);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{} drafts: {}{more}. Kept here: osteon-phone drafts", drafts.len(), named.join("; "))
}

fn class(number: u8) -> &'static str {
    match number {
        1 => "safety",
        2 => "plans",
        3 => "journal",
        _ => "the rest",
    }
}

fn here(circle: &CircleStatus, status: &Status, out: &Out) -> String {
    let missing: Vec<&str> =
        circle.classes.iter().filter(|c| c.whole_since_ms.is_none()).map(|c| class(c.number)).collect();
    let when = near(circle.up_to_date_ms, status, out);
    let whole = match (circle.up_to_date, missing.is_empty()) {
        (_, false) => format!("not whole yet: {}; all that there was: {when}", missing.join(", ")),
        (true, true) => format!("all of it, as of {when}"),
        (false, true) => format!("not all yet; all that there was: {when}"),
    };
    format!("{}: {} records, {whole}", circle.short_id, circle.records)
}

fn damaged(damage: &Damage, status: &Status, out: &Out) -> String {
    let when = near(damage.at_ms, status, out);
    let unsent = match (damage.outbox_lost, damage.unsent_lost, damage.recovered) {
        (true, _, 0) => "what you had saved and not sent could NOT be read: write it again".to_owned(),
        (true, _, n) => format!(
            "{n} entries that were not sent yet could be read, and whether there were more nobody can tell: look what is \
             missing, and write it again"
        ),
        (false, 0, n) => format!("nothing that you saved was lost; {n} entries were not sent yet then"),
        (false, lost, n) => format!(
            "{n} entries that were not sent yet could be read, and {lost} could NOT: look what is missing, and write it again"
        ),
    };
    format!(
        "{when} this phone's database was found damaged and moved aside; {unsent}. The rest comes with osteon-phone sync"
    )
}

fn clock(off_ms: i64) -> String {
    let side = if off_ms > 0 { "behind" } else { "ahead of" };
    format!("{} {side} the server's; new entries are corrected by that", words::ago(off_ms.unsigned_abs()))
}

fn rules(status: &Status) -> String {
    let rules = &status.rules;
    let published = words::date(&rules.published.to_string());
    let stale = match &rules.stale {
        None => String::new(),
        Some(Stale::Rules { clinic }) => format!(". Your clinic has others ({clinic}): update this program"),
        Some(Stale::Table { .. }) => ". Your clinic has a newer version: update this program".to_owned(),
    };
    format!("version {} of {published}, work without a network{stale}", rules.version)
}

fn lates(status: &Status) -> impl Iterator<Item = (&str, Late)> {
    status.circles.iter().filter_map(|circle| Some((circle.short_id.as_str(), circle.late?)))
}

fn as_json(status: &Status) -> Json {
    let server = &status.server;
    let drafts: Vec<Json> = status.drafts.iter().map(draft_json).collect();
    let lates: Vec<Json> =
        lates(status).map(|(id, late)| json!({"circle": id, "late": care::late_json(Some(late))})).collect();
    let stale = status.rules.stale.as_ref().map(|stale| match stale {
        Stale::Rules { clinic } => json!({"rules_of_clinic": clinic}),
        Stale::Table { clinic } => json!({"table_of_clinic": clinic}),
    });
    json!({
        "to_send": status.to_send, "attachments_to_send": status.attachments_to_send, "oldest_ms": status.oldest_ms, "later": status.later,
        "later_until_ms": status.later_until_ms, "drafts": status.drafts.len(), "refused": drafts, "held": status.held,
        "outcomes": status.outcomes, "outcomes_to_look_at": status.outcomes_to_look_at,
        "outcomes_dropped": status.outcomes_dropped,
        "line": network::line_json(server.line), "last_sent_ms": server.last_sent_ms, "last_heard_ms": server.last_heard_ms,
        "server": server.reach.word(), "last_error": server.last_error,
        "offline": matches!(server.reach, Reach::Off { .. }), "notices": status.notices,
        "hidden": status.circles.iter().map(|circle| circle.hidden).sum::<usize>(),
        "circles": status.circles.iter().map(circle_json).collect::<Vec<_>>(),
        "warnings_late": lates, "clock_off_ms": status.clock_off_ms,
        "damage": status.damage.map(|d| json!({"at_ms": d.at_ms, "recovered": d.recovered, "unsent_lost": d.unsent_lost, "outbox_lost": d.outbox_lost})),
         "leaving": status.leaving, "left": status.left,
        "rules": {
            "version": status.rules.version, "published": status.rules.published.to_string(),
            "checksum": status.rules.checksum, "stale": stale,
        },
    })
}

fn draft_json(draft: &Refused) -> Json {
    json!({
        "circle": draft.circle, "what": draft.titles, "written_ms": draft.written_ms, "reason": draft.reason,
        "words": draft.words,
    })
}

fn circle_json(circle: &CircleStatus) -> Json {
    let classes = circle.classes.iter().map(|c| json!({"class": class(c.number), "whole_since_ms": c.whole_since_ms}));
    json!({
        "circle": circle.short_id, "role": words::role(circle.role), "records": circle.records, "hidden": circle.hidden,
        "up_to_date": circle.up_to_date, "up_to_date_ms": circle.up_to_date_ms, "classes": classes.collect::<Vec<_>>(),
    })
}

/// What became of what was saved, since this was asked last. 5: something of it needs a person.
pub(crate) async fn settled(phone: &Arc<Phone>, keep: bool, out: &Arc<Out>) -> anyhow::Result<u8> {
    let now_ms = phone.now_ms();
    let all = phone.outcomes().await?;
    let lines: Vec<String> = all.iter().map(|one| outcome(one, now_ms, out)).collect();
    let text = if lines.is_empty() { "Nothing that you have not been told of.".to_owned() } else { lines.join("\n") };
    out.say(&text, &json!(all.iter().map(outcome_json).collect::<Vec<_>>()));
    if let Some(last) = all.last().filter(|_| !keep) {
        phone.outcomes_told(last.n).await?;
    }
    Ok(if all.iter().any(|one| one.outcome.needs_a_look()) { MUST_DECIDE } else { DONE })
}

fn outcome(one: &Settled, now_ms: u64, out: &Out) -> String {
    let title = |number: u32| table().get(number).map_or("a record", |kind| kind.title.as_str());
    let mut titles: Vec<&str> = one.records.iter().map(|(_, number)| title(*number)).collect();
    titles.dedup();
    let what = match &one.outcome {
        Outcome::Accepted { .. } => "accepted   the server has it".to_owned(),
        Outcome::Refused { reason: why, words, .. } => {
            let words =
                if words.is_empty() { String::new() } else { format!(" \u{201c}{}\u{201d}", words::plain(words)) };
            format!("refused    {}{words} Kept here: osteon-phone drafts", reason(why))
        }
        Outcome::Quarantined { reason: why } => format!("held       {} Somebody of your team decides", reason(why)),
        Outcome::TakenOver => "accepted   somebody of your team has taken it over".to_owned(),
        Outcome::Skipped => "skipped    its number was used up; nothing of it counts".to_owned(),
    };
    let record = one.records.first().map_or_else(String::new, |(record, _)| format!(" {}", show::number(*record)));
    format!("{}  {}{record}: {what}", words::near(one.at_ms, now_ms, &out.zone), titles.join(", "))
}

pub(crate) fn outcome_json(one: &Settled) -> Json {
    let (reason, paths, words) = match &one.outcome {
        Outcome::Refused { reason, paths, words } => (Some(reason), paths.as_slice(), Some(words)),
        Outcome::Quarantined { reason } => (Some(reason), &[][..], None),
        _ => (None, &[][..], None),
    };
    json!({
        "n": one.n, "circle": one.circle, "change": one.dot.to_string(), "at_ms": one.at_ms,
        "earlier": one.earlier.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "records": one.records.iter().map(|(record, _)| hex::encode(record.0)).collect::<Vec<_>>(),
        "outcome": one.outcome.word(), "reason": reason, "paths": paths, "words": words,
    })
}

//! The tasks of a day in lines, and ticking one off. No line ever says that nothing is left to do.

use std::sync::Arc;

use anyhow::{Context, bail};
use osteon_care_core::{
    Day,
    tasks::{Adherence, DAY_END, Held, Occurrence, Stage},
};
use osteon_client::{
    Phone,
    care::{
        Findings,
        tasks::{LEAST_DIGITS, NUMBER_DIGITS, Tasks},
    },
    words,
};
use osteon_proto::care::TaskStatus;
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DoneArgs, MUST_DECIDE},
    care, compose,
    fate::{self, Fate},
    run::circle_of,
    seen::Seen,
    show::{self, Out},
};

/// So far back entries that nobody has marked as seen are counted.
const WEEK_MS: u64 = 7 * 86_400_000;

/// Under a line: as far in as its text begins.
const INDENT: &str = "                           ";

pub(crate) async fn run(
    phone: &Arc<Phone>,
    args: &Args,
    date: Option<jiff::civil::Date>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let date = date.map(|date| Day::parse(&date.to_string()).context("no such day")).transpose()?;
    let tasks = phone.tasks(circle, date, care::offset_min(phone, out)).await?;
    let mut lines = vec![heading(&tasks)];
    lines.extend(tasks.due.tasks.iter().map(|task| line(&tasks, task, out)));
    if tasks.due.tasks.is_empty() {
        lines.push("No plan on this phone has a task for this day. If you expected one, ask your team.".to_owned());
    }
    lines.extend(tasks.due.held.iter().map(held));
    lines.extend(active(tasks.adherence));
    if tasks.due.tasks.iter().any(|task| tasks.stage(task) == Stage::Open) {
        lines.push("Done one? osteon-phone done and its number".to_owned());
    }
    let (seen, now_ms) = (Seen::of(phone, circle).await?, phone.now_ms());
    let moments = {
        let state = phone.read().await?;
        state.enrolled()?.view(circle, now_ms)?.timeline(now_ms.saturating_sub(WEEK_MS), now_ms, None)
    };
    lines.extend(seen.line(now_ms, out));
    lines.extend(seen.unseen(&moments));
    let mut json = as_json(&tasks);
    json["seen"] = seen.marks_json();
    out.say(&lines.join("\n"), &json);
    Ok(0)
}

fn heading(tasks: &Tasks) -> String {
    let date = words::date(&tasks.date.to_string());
    match tasks.date.since(tasks.now.day()) {
        0 => format!("Today, {date}"),
        1 => format!("Tomorrow, {date}"),
        -1 => format!("Yesterday, {date}"),
        _ => date,
    }
}

/// "4f1c22ab  10:00 to 12:00   Your exercises, up to 20 minutes".
fn line(tasks: &Tasks, task: &Occurrence, out: &Out) -> String {
    let mut text = format!("{}  {:<15}  {}", number(tasks, task), window(task), task.title.words());
    match tasks.stage(task) {
        Stage::Done => text.push_str(&done(task, out)),
        Stage::Skipped => text.push_str("  skipped"),
        Stage::Missed => text.push_str("  nobody ticked it"),
        Stage::NotYet => text.push_str("  later"),
        Stage::AskFirst => text.push_str("  ask first"),
        Stage::Open => {}
    }
    match task.late_days(tasks.now.day()) {
        0 => {}
        1 => text.push_str("  waits since yesterday"),
        days => text.push_str(&format!("  waits for {days} days")),
    }
    if tasks.unsent.contains(&tasks.record_id(task)) {
        text.push_str("  not sent yet");
    }
    let minds = matches!(tasks.stage(task), Stage::Open | Stage::NotYet | Stage::AskFirst);
    for note in tasks.notes(task).into_iter().filter(|_| minds) {
        text.push_str(&format!("\n{INDENT}{note}"));
    }
    text
}

fn done(task: &Occurrence, out: &Out) -> String {
    let at = task.done_at.and_then(|at| u64::try_from(at.ms).ok());
    at.and_then(|ms| compose::zoned(ms, &out.zone))
        .map_or_else(|| "  done".to_owned(), |at| format!("  done {}", at.strftime("%H:%M")))
}

/// The last digits of the record in which it is ticked off.
fn number(tasks: &Tasks, task: &Occurrence) -> String {
    let id = hex::encode(tasks.record_id(task).0);
    id[id.len() - NUMBER_DIGITS..].to_owned()
}

fn window(task: &Occurrence) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    match (task.opens(), task.until) {
        (Some(_), _) if task.waits() => "any time".to_owned(),
        (Some(0), Some(DAY_END)) => "all day".to_owned(),
        (Some(from), Some(DAY_END)) => format!("from {}", clock(from)),
        (Some(from), Some(to)) if from == to => format!("at {}", clock(from)),
        (Some(from), Some(to)) => format!("{} to {}", clock(from), clock(to)),
        _ => "no time".to_owned(),
    }
}

fn held(held: &Held) -> String {
    let disputed = if held.disputed { " Your team does not agree on this yet." } else { "" };
    format!("--        {}.{disputed}", held.title().words())
}

/// Days on which something was done; nothing where nothing is known.
fn active(days: Adherence) -> Option<String> {
    let known = days.active + days.inactive;
    if known == 0 {
        return None;
    }
    let unknown = match days.not_logged {
        0 => String::new(),
        1 => "; of one day nothing was written".to_owned(),
        n => format!("; of {n} days nothing was written"),
    };
    let of = if days.active == 1 { "one day".to_owned() } else { format!("{} days", days.active) };
    Some(format!("Something done on {of} of the last four weeks{unknown}"))
}

fn as_json(tasks: &Tasks) -> Json {
    let task = |task: &Occurrence| {
        let from = task.from();
        json!({
            "id": number(tasks, task),
            "record": hex::encode(tasks.record_id(task).0),
            "line": hex::encode(task.line.0.0),
            "date": task.date.to_string(),
            "slot": task.slot,
            "kind": task.kind.name(),
            "title": task.title.words(),
            "from_min": task.opens(),
            "to_min": task.until,
            "state": tasks.stage(task).name(),
            "done_at_ms": task.done_at.map(|at| at.ms),
            "late_days": task.late_days(tasks.now.day()),
            "disputed": task.disputed,
            "notes": tasks.notes(task),
            "why": {"type": from.record_type, "fields": from.fields},
            "unsent": tasks.unsent.contains(&tasks.record_id(task)),
        })
    };
    let held = |held: &Held| {
        let (record_type, field) = held.from();
        json!({
            "line": hex::encode(held.line.0.0), "kind": held.kind.name(), "text": held.title().words(),
            "why": {"type": record_type, "fields": [field]}, "disputed": held.disputed,
        })
    };
    let days = tasks.adherence;
    json!({
        "date": tasks.date.to_string(),
        "today": tasks.now.day().to_string(),
        "tasks": tasks.due.tasks.iter().map(task).collect::<Vec<_>>(),
        "held": tasks.due.held.iter().map(held).collect::<Vec<_>>(),
        "adherence": {
            "active": days.active, "inactive": days.inactive, "unknown": days.not_logged,
            "nothing_due": days.nothing_due,
        },
    })
}

fn no_such(typed: &str) -> String {
    let typed = words::plain(typed);
    format!(
        "{typed} is no task's number. It stands before the task (osteon-phone today) and has {NUMBER_DIGITS} digits; the last \
         {LEAST_DIGITS} are enough for one of today"
    )
}

/// Its time has not come: what is ticked then was done.
fn not_yet(task: &Occurrence) -> String {
    let (day, title) = (words::date(&task.date.to_string()), task.title.words());
    let opens = task.opens().filter(|minute| *minute > 0);
    let from = opens.map_or(day.clone(), |minute| format!("{day}, {:02}:{:02}", minute / 60, minute % 60));
    format!(
        "{title}: it is open from {from} on, and nothing was ticked. Done before that? Tick it then, and say when with --at"
    )
}

/// A task of which the team is to be asked first is ticked off only by whoever says that it was done all the same.
fn was_done(tasks: &Tasks, task: &Occurrence, out: &Out) -> anyhow::Result<bool> {
    let notes = tasks.notes(task).join(" ");
    if out.asks_somebody() {
        show::note(&notes);
        return Ok(show::is_yes(&show::ask("Was it done already? [y/N]")?));
    }
    out.say(
        &format!("{notes}\nNothing was ticked. If it was done already: again, with --yes"),
        &json!({"saved": null, "ask_first": notes}),
    );
    Ok(false)
}

/// Ticks one off, by its number.
pub(crate) async fn tick(phone: &Arc<Phone>, args: &Args, done: &DoneArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let offset_min = care::offset_min(phone, out);
    let (tasks, found) = phone.tasks_ending(circle, &done.task, offset_min).await?;
    let task = match found.as_slice() {
        [one] => one,
        [] => bail!("{}", no_such(&done.task)),
        _ => bail!("the numbers of several tasks end so: say more of it"),
    };
    if !done.skipped && tasks.stage(task) == Stage::NotYet {
        bail!("{}", not_yet(task));
    }
    let stage = tasks.stage(task);
    if stage == Stage::AskFirst && !done.skipped && !done.yes && !was_done(&tasks, task, out)? {
        return Ok(MUST_DECIDE);
    }
    // Ticked off twice it is ticked off once; another time, or that it was left out, is something else.
    let stands = matches!((stage, done.skipped), (Stage::Done, false) | (Stage::Skipped, true)) && done.at.is_none();
    let (status, word) = if done.skipped { (TaskStatus::Skipped, "Skipped") } else { (TaskStatus::Done, "Done") };
    let (saved, found) = if stands {
        (None, Findings::default())
    } else {
        let now_ms = phone.now_ms();
        let at = done.at.as_deref().map_or(Ok(now_ms), |text| compose::parse_at(text, now_ms, &out.zone))?;
        let saved = phone.tick(circle, task, status, compose::moment(at, &out.zone)).await?;
        (Some(saved), care::brought_up(phone, circle, saved, out).await)
    };
    let (record, dot) = (tasks.record_id(task), saved.map(|saved| saved.dot));
    let fate = fate::of(phone, circle, (record, dot), done.sent).await?;
    let place = match fate {
        Fate::Refused => "The server refused it. It is kept here as a draft: osteon-phone drafts",
        Fate::Sent => "Sent. Your team can see it.",
        Fate::Waits => "Saved on this phone. Not sent yet. Your team cannot see it yet.",
    };
    let day = words::date(&task.date.to_string());
    let already = if stands { " It was said before." } else { "" };
    let text = format!("{word}: {} ({day}).{already}\n{place}", task.title.words());
    let asks = task.ask_first.is_some().then(|| tasks.notes(task)).into_iter().flatten().take(1);
    let text: Vec<String> = std::iter::once(text).chain(asks).chain(care::others(&found).map(care::line)).collect();
    out.say(
        &text.join("\n"),
        &json!({"saved": dot.map(|dot| dot.to_string()), "record": hex::encode(record.0), "sent": fate == Fate::Sent}),
    );
    Ok(fate.code(&found, done.sent))
}

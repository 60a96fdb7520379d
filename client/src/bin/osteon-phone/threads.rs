//! Threads of messages in lines: who reads each is said with it, and before anything is sent.

use std::sync::Arc;

use anyhow::{Context, bail};
use osteon_access_core::Role;
use osteon_client::{
    Phone,
    care::Findings,
    records::Saved,
    threads::{NewThread, Said, Thread},
    words,
};
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DONE, StartArgs, ThreadCommand, Whom},
    fate::{self, Fate},
    run::{circle_of, find},
    sharing,
    show::Out,
};

pub(crate) async fn run(
    phone: &Arc<Phone>,
    args: &Args,
    command: Option<&ThreadCommand>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    match command {
        None => list(phone, circle, out).await,
        Some(ThreadCommand::Show { n }) => show(phone, circle, *n, out).await,
        Some(ThreadCommand::Say { n, text }) => {
            let thread = numbered(phone, circle, *n).await?;
            let saved = phone.say(circle, thread.record, text).await?;
            told(phone, circle, thread.record, saved, out).await
        }
        Some(ThreadCommand::Start(new)) => start(phone, args, circle, new, out).await,
        Some(ThreadCommand::Add { n, whom }) => change(phone, args, circle, (*n, Some(*whom), true), out).await,
        Some(ThreadCommand::Remove { n, whom }) => change(phone, args, circle, (*n, Some(*whom), false), out).await,
        Some(ThreadCommand::Leave { n }) => change(phone, args, circle, (*n, None, false), out).await,
    }
}

/// By its place in the list, counted from 1, or by the number that notes name.
async fn numbered(phone: &Phone, circle: u64, n: u32) -> anyhow::Result<Thread> {
    let threads = phone.threads(circle).await?;
    let by_number = threads.iter().position(|thread| thread.number == n);
    let at = by_number.or((n as usize).checked_sub(1)).filter(|at| *at < threads.len());
    let at = at.context("no thread has this number here: osteon-phone threads")?;
    Ok(threads.into_iter().nth(at).expect("a place in the list"))
}

async fn me(phone: &Phone) -> anyhow::Result<u64> {
    Ok(phone.read().await?.enrolled()?.enrolment.account)
}

/// "you, the nurse and the physician (account 7)".
pub(crate) fn readers(readers: &[(u64, Role)], me: u64) -> String {
    let mut accounts: Vec<(u64, Role)> = readers.to_vec();
    accounts.dedup_by_key(|(account, _)| *account);
    let others: Vec<String> = accounts
        .iter()
        .filter(|(account, _)| *account != me)
        .map(|(account, role)| {
            let same = accounts.iter().filter(|(_, other)| other == role).count();
            let word = words::role(role.number());
            if same > 1 { format!("the {word} (account {account})") } else { format!("the {word}") }
        })
        .collect();
    match others.split_last() {
        None => "nobody but you".to_owned(),
        Some((last, [])) => format!("you and {last}"),
        Some((last, rest)) => format!("you, {} and {last}", rest.join(", ")),
    }
}

async fn list(phone: &Arc<Phone>, circle: u64, out: &Arc<Out>) -> anyhow::Result<u8> {
    phone.opened(circle).await?;
    let (threads, me) = (phone.threads(circle).await?, me(phone).await?);
    let mut lines = Vec::new();
    for (i, thread) in threads.iter().enumerate() {
        lines.push(format!("{}  {}  read by {}", i + 1, title(thread), readers(&thread.readers, me)));
        lines.extend(thread.messages.last().map(|said| format!("     {}", line(said, me, phone.now_ms(), out))));
    }
    let text = if lines.is_empty() { "No thread on this phone.".to_owned() } else { lines.join("\n") };
    out.say(&text, &json!(threads.iter().map(as_json).collect::<Vec<_>>()));
    Ok(DONE)
}

fn title(thread: &Thread) -> &str {
    if thread.title.is_empty() { "(no title)" } else { &thread.title }
}

fn line(said: &Said, me: u64, now_ms: u64, out: &Out) -> String {
    let who = if said.author.account == me { "you" } else { words::role(said.author.role.0) };
    let text = said.text.as_deref().unwrap_or("(marked as a mistake)");
    let waits = if said.unsent { "  not sent yet" } else { "" };
    format!("{}  {who}: {text}{waits}", words::near(said.at_ms, now_ms, &out.zone))
}

fn as_json(thread: &Thread) -> Json {
    let said = |said: &Said| {
        json!({
            "record": hex::encode(said.record.0), "account": said.author.account, "at_ms": said.at_ms,
            "text": said.text, "unsent": said.unsent,
        })
    };
    json!({
        "record": hex::encode(thread.record.0), "thread": thread.number, "title": thread.title,
        "about": thread.about.map(|(record, field)| json!({"record": hex::encode(record.0), "field": field})),
        "everybody": thread.everybody, "opened_by": thread.opened_by,
        "readers": thread.readers.iter().map(|(account, _)| account).collect::<Vec<_>>(),
        "messages": thread.messages.iter().map(said).collect::<Vec<_>>(),
    })
}

async fn show(phone: &Arc<Phone>, circle: u64, n: u32, out: &Arc<Out>) -> anyhow::Result<u8> {
    phone.opened(circle).await?;
    let (thread, me) = (numbered(phone, circle, n).await?, me(phone).await?);
    let mut lines = vec![format!("{}. Read by {}.", title(&thread), readers(&thread.readers, me))];
    lines.extend(thread.messages.iter().map(|said| format!("  {}", line(said, me, phone.now_ms(), out))));
    out.say(&lines.join("\n"), &as_json(&thread));
    Ok(DONE)
}

async fn start(phone: &Arc<Phone>, args: &Args, circle: u64, new: &StartArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let mut accounts = Vec::new();
    for whom in &new.with {
        accounts.push(sharing::member(phone, args, *whom).await?.1);
    }
    if accounts.is_empty() && !new.everybody {
        bail!("say who is to read it: --with nurse, or --everybody");
    }
    let about = match &new.about {
        None if new.field.is_some() => bail!("say which entry the field belongs to: --about"),
        None => None,
        Some(entry) => {
            let record = find(phone, circle, entry).await?;
            let state = phone.read().await?;
            let seen = state.enrolled()?.view(circle, phone.now_ms())?.record(record);
            let kind =
                seen.as_ref().and_then(|seen| seen.kind()).context("a record that this version does not know")?;
            let number = |name: &String| {
                let field = kind.field_by_name(name).with_context(|| format!("{} has no field {name}", kind.title))?;
                anyhow::Ok(field.number)
            };
            Some((record, new.field.as_ref().map(number).transpose()?))
        }
    };
    let title = new.title.clone().unwrap_or_default();
    let thread = NewThread { title, accounts, everybody: new.everybody, about, text: new.text.clone() };
    let (record, saved) = phone.start_thread(circle, &thread).await?;
    told(phone, circle, record, saved, out).await
}

async fn change(
    phone: &Arc<Phone>,
    args: &Args,
    circle: u64,
    (n, whom, takes_part): (u32, Option<Whom>, bool),
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let thread = numbered(phone, circle, n).await?;
    let account = match whom {
        Some(whom) => sharing::member(phone, args, whom).await?.1,
        None => me(phone).await?,
    };
    let saved = phone.set_participant(circle, thread.record, account, takes_part).await?;
    told(phone, circle, thread.record, saved, out).await
}

/// Where it is now, and who reads it.
async fn told(
    phone: &Arc<Phone>,
    circle: u64,
    thread: osteon_sync_core::RecordId,
    saved: Saved,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let offline = phone.read().await?.settings.offline;
    let send = !out.live && !offline;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), send).await?;
    let (threads, me) = (phone.threads(circle).await?, me(phone).await?);
    let now = threads.iter().find(|one| one.record == thread);
    let who = now.map(|thread| readers(&thread.readers, me));
    let text = match (fate, &who) {
        (Fate::Refused, _) => "The server refused it. It is kept here as a draft: osteon-phone drafts".to_owned(),
        (Fate::Sent, Some(who)) => format!("Sent. It is read by {who}."),
        (Fate::Waits, Some(who)) => format!("Saved on this phone. Not sent yet. Once it is, it is read by {who}."),
        (Fate::Sent, None) => "Sent. You read this thread no more.".to_owned(),
        (Fate::Waits, None) => "Saved on this phone. Not sent yet. You read this thread no more.".to_owned(),
    };
    out.say(&text, &json!({"saved": saved.dot.to_string(), "sent": fate == Fate::Sent, "thread": now.map(as_json)}));
    Ok(fate.code(&Findings::default(), send))
}

//! The commands.

use std::{
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, bail};
use clap::Parser;
use jiff::tz::TimeZone;
use osteon_client::{
    Error, Phone,
    care::Findings,
    events::{Event, Listener},
    session::{Invite, circle_of_code},
    views::RecordView,
    words,
};
use osteon_proto::{reasons::Do, table::table};
use osteon_sync_core::RecordId;
use serde_json::json;

use crate::{
    alerts,
    args::{
        Args, Command, DecideCommand, FAILED, HistoryCommand, MUST_DECIDE, NOT_SENT, PlanArgs, REFUSED, Section,
        Sharing, USAGE,
    },
    attachments, care, compose, erasure, fate, inspect, log, look, network, notices, questions,
    seen::{self, Seen},
    sharing,
    show::{self, Out},
    status, targets, threads, today, undo, watch,
};

/// The exit code of an error.
pub(crate) fn code_of(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(Error::Refused { .. }) => REFUSED,
        Some(Error::Offline(_)) => NOT_SENT,
        // What is worth another try was not refused.
        Some(Error::Server(answer)) if matches!(answer.action(), Do::Retry | Do::RetrySame) => NOT_SENT,
        Some(Error::Server(_)) => REFUSED,
        Some(
            Error::NotEnrolled
            | Error::AlreadyEnrolled
            | Error::Busy
            | Error::FormOutdated
            | Error::NoCircle
            | Error::NoRecord,
        ) => USAGE,
        Some(Error::DraftsWait | Error::CannotUndo(_)) => MUST_DECIDE,
        Some(_) => FAILED,
        None => USAGE,
    }
}

/// The stable reason of an error, for programs.
pub(crate) fn reason_of(error: &anyhow::Error) -> Option<String> {
    match error.downcast_ref::<Error>()? {
        Error::Refused { reason, .. } => Some(reason.to_string()),
        Error::Server(answer) => Some(answer.reason.clone()).filter(|reason| !reason.is_empty()),
        _ => None,
    }
}

pub(crate) async fn run(phone: &Arc<Phone>, args: &Args) -> anyhow::Result<u8> {
    let out = Arc::new(Out { json: args.json, zone: TimeZone::system(), live: false });
    command(phone, args, &out).await
}

async fn command(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>) -> anyhow::Result<u8> {
    match &args.command {
        Command::Enrol { code, server, ca, name } => {
            let short_id = match (circle_of_code(code), &args.circle) {
                (Some(named), Some(typed)) if !named.eq_ignore_ascii_case(typed) => {
                    bail!("the QR code is for circle {named}, not for {typed}")
                }
                (Some(named), _) => named,
                (None, typed) => typed.clone().context("say which circle: --circle d0001")?,
            };
            let ca_pem = std::fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
            let invite =
                Invite { code: code.clone(), short_id, server: server.clone(), ca_pem, device_name: name.clone() };
            let short_id = invite.short_id.to_ascii_lowercase();
            phone.enrol(&invite).await?;
            let role = phone.read().await?.enrolled()?.enrolment.circles.first().map_or(0, |circle| circle.role);
            let role = words::role(u8::try_from(role).unwrap_or(0));
            out.say(
                &format!("This phone is enrolled: circle {short_id} at {server}, as {role}. Next: osteon-phone sync"),
                &json!({"enrolled": true, "circle": short_id, "server": server, "role": role}),
            );
            Ok(0)
        }
        Command::Sync { watch: false } => sync(phone, out).await,
        Command::Sync { watch: true } => {
            let live = phone.live(watch::printer(phone, out));
            tokio::select! {
                ended = live => ended?,
                _ = tokio::signal::ctrl_c() => {}
            }
            Ok(0)
        }
        Command::Offline(args) => network::switch(phone, args, out).await,
        Command::SignIn { code } => {
            phone.sign_in(code).await?;
            out.say("Signed in. Next: osteon-phone sync", &json!({"signed_in": true}));
            Ok(0)
        }
        Command::EraseMe(asked) => erasure::run(phone, args, asked, out).await,
        Command::Wipe { yes } => {
            if !yes && !status::may_lose(phone, out).await? {
                return Ok(MUST_DECIDE);
            }
            phone.wipe().await?;
            out.say("Everything on this phone is gone.", &json!({"wiped": true}));
            Ok(0)
        }
        Command::Shell => shell(phone, args, out).await,
        Command::Log(log) => log::log(phone, args, log, out).await,
        Command::Plan(plan) => self::plan(phone, args, plan, out).await,
        Command::Status => status::run(phone, out).await,
        Command::Settled { keep } => status::settled(phone, *keep, out).await,
        Command::Alerts(of) => alerts::run(phone, args, of, out).await,
        Command::Today { date } => today::run(phone, args, *date, out).await,
        Command::Targets { topic, on } => targets::run(phone, args, *topic, *on, out).await,
        Command::Threads { command } => threads::run(phone, args, command.as_ref(), out).await,
        Command::Done(done) => today::tick(phone, args, done, out).await,
        Command::Timeline { days, of } => look::timeline(phone, args, (*days, of.as_deref()), out).await,
        Command::Find { text } => look::find(phone, args, text, out).await,
        Command::WhoSees => look::who_sees(phone, args, out).await,
        Command::WhoLooked { last, all } => seen::who_looked(phone, args, (*last, *all), out).await,
        Command::As { whom } => seen::through_eyes_of(phone, args, *whom, out).await,
        Command::Devices => look::devices(phone, out).await,
        Command::Inspect { entry } => inspect::run(phone, args, entry.as_deref(), out).await,
        Command::Undo { why } => undo::undo(phone, args, why, out).await,
        Command::History { entry, restore } => {
            let restore = restore.as_ref().map(|HistoryCommand::Restore { n, why }| (*n, why.as_str()));
            undo::history(phone, args, entry, restore, out).await
        }
        Command::Completions { shell } => {
            crate::completions(*shell);
            Ok(0)
        }
        Command::Entries { last } => entries(phone, args, *last, out).await,
        Command::Disputes { decide: None } => questions::disputes(phone, args, out).await,
        Command::Disputes { decide: Some(DecideCommand::Decide { n, choice, why }) } => {
            questions::decide(phone, args, (*n, *choice), why, out).await
        }
        Command::Attach { entry, file, why } => attachments::attach(phone, args, entry, (file, why), out).await,
        Command::Fetch { entry, to } => attachments::fetch(phone, args, entry, to.as_deref(), out).await,
        Command::Withdraw { what, from } => sharing::withdraw(phone, args, *what, *from, out).await,
        Command::Share(of) => match &of.command {
            Some(Sharing::Grant(one)) => sharing::share(phone, args, one, out).await,
            Some(Sharing::Withdraw { what, from }) => sharing::withdraw(phone, args, *what, *from, out).await,
            None => {
                let one = of.grant().context("say what, --with whom and --until when: osteon-phone share --help")?;
                sharing::share(phone, args, &one, out).await
            }
        },
        Command::Depth { wanted } => sharing::depth(phone, args, *wanted, out).await,
        Command::Drafts { drop } => questions::drafts(phone, args, *drop, out).await,
        Command::Notices { all, seen } => notices::run(phone, *all, *seen, out).await,
        Command::Check => check(phone, args, out).await,
    }
}

pub(crate) async fn circle_of(phone: &Phone, args: &Args) -> anyhow::Result<u64> {
    let state = phone.read().await?;
    let enrolment = &state.enrolled()?.enrolment;
    match &args.circle {
        Some(short_id) => {
            enrolment.circle(&short_id.to_ascii_lowercase()).context("this phone does not follow that circle")
        }
        None => enrolment.circles.first().map(|c| c.circle).context("this phone follows no circle"),
    }
}

async fn sync(phone: &Arc<Phone>, out: &Arc<Out>) -> anyhow::Result<u8> {
    // What was refused is told on the way: whoever looks at the exit code alone learns of it too.
    let refused = Arc::new(AtomicBool::new(false));
    let (heard, print) = (Arc::clone(&refused), watch::printer(phone, out));
    let listener: Listener = Arc::new(move |event| {
        if matches!(&event, Event::Sent { refused, .. } if !refused.is_empty()) {
            heard.store(true, Ordering::Relaxed);
        }
        print(event);
    });
    phone.sync(listener).await?;
    Ok(if refused.load(Ordering::Relaxed) { REFUSED } else { 0 })
}

/// A record by the first digits of its number.
pub(crate) async fn find(phone: &Phone, circle: u64, digits: &str) -> anyhow::Result<RecordId> {
    let state = phone.read().await?;
    let found: Vec<RecordView> = state.enrolled()?.view(circle, phone.now_ms())?.records();
    let wanted = digits.to_ascii_lowercase();
    let mut found = found.into_iter().filter(|r| hex::encode(r.record.0).ends_with(&wanted));
    match (found.next(), found.next()) {
        (Some(one), None) if !wanted.is_empty() => Ok(one.record),
        (Some(_), _) => bail!("more than one entry ends like that"),
        (None, _) => bail!("no entry ends like that: osteon-phone entries"),
    }
}

fn section(section: Section) -> &'static str {
    match section {
        Section::Exercise => "exercise_plan",
        Section::Food => "nutrition_plan",
        Section::Bone => "bone_drug_plan",
        Section::Goals => "shared_goal",
        Section::Pain => "pain_plan",
    }
}

/// The plan that is meant: the one with this number, or the only one that is not over.
async fn to_edit(phone: &Phone, circle: u64, type_number: u32, of: Option<&str>) -> anyhow::Result<RecordId> {
    let plans = {
        let state = phone.read().await?;
        state.enrolled()?.view(circle, phone.now_ms())?.of_type(type_number)
    };
    if let Some(digits) = of {
        let found = find(phone, circle, digits).await?;
        return plans
            .iter()
            .map(|plan| plan.record)
            .find(|one| *one == found)
            .context("that is another kind of record");
    }
    let mut going_on = plans.iter().filter(|plan| !plan.is_over());
    match (going_on.next(), going_on.next()) {
        (Some(one), None) => Ok(one.record),
        (Some(_), _) => bail!("there are several of them: say which with --entry and its number (osteon-phone plan)"),
        (None, _) if plans.is_empty() => bail!("there is no such plan yet"),
        (None, _) => bail!("every such plan is over: say which with --entry and its number (osteon-phone plan)"),
    }
}

async fn plan(phone: &Arc<Phone>, args: &Args, plan: &PlanArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let kind = table().by_name(section(plan.section)).context("a record type that this version does not know")?;
    let (mut found, mut place) = (Findings::default(), None);
    if !plan.set.is_empty() {
        let record = to_edit(phone, circle, kind.number, plan.of.as_deref()).await?;
        let entries =
            plan.set.iter().map(|text| compose::assignment(kind, text)).collect::<anyhow::Result<Vec<_>>>()?;
        let form = phone.open_form(circle, record).await?;
        let saved = phone.save(&form, &entries, &plan.why, false).await?;
        found = care::brought_up(phone, circle, saved, out).await;
        let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), false).await?;
        place = Some(fate.place(phone.read().await?.settings.offline).to_owned());
    }
    let seen = Seen::of(phone, circle).await?.line(phone.now_ms(), out);
    let state = phone.read().await?;
    let mut plans = state.enrolled()?.view(circle, phone.now_ms())?.of_type(kind.number);
    if plans.is_empty() {
        out.say("There is no such plan on this phone.", &json!([]));
        return Ok(0);
    }
    // What holds comes first.
    plans.sort_by_key(RecordView::is_over);
    let several = plans.len() > 1;
    let text: Vec<String> = plans
        .iter()
        .map(|p| show::plan(p, several, &out.zone))
        .chain(place)
        .chain(seen)
        .chain(care::others(&found).map(care::line))
        .collect();
    out.say(&text.join("\n"), &json!(plans.iter().map(show::record_json).collect::<Vec<_>>()));
    Ok(care::code_of(&found))
}

async fn entries(phone: &Arc<Phone>, args: &Args, last: usize, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let now_ms = phone.now_ms();
    let state = phone.read().await?;
    let mut records = state.enrolled()?.view(circle, phone.now_ms())?.records();
    records.retain(|r| r.time_ms.is_some());
    records.sort_by_key(|r| std::cmp::Reverse(r.time_ms));
    records.truncate(last);
    let line = |r: &RecordView| {
        let number = show::number(r.record);
        let when = r.time_ms.map_or_else(String::new, |ms| words::near(ms, now_ms, &out.zone));
        let mark = match (r.is_active(), r.unsent) {
            (false, _) => "  marked as a mistake",
            (true, true) => "  not sent yet",
            (true, false) => "",
        };
        format!("{number}  {when:<18} {}{mark}", show::line(r, &out.zone))
    };
    let text: Vec<String> = records.iter().map(line).collect();
    let text = if text.is_empty() { "No entry on this phone.".to_owned() } else { text.join("\n") };
    out.say(&text, &json!(records.iter().map(show::record_json).collect::<Vec<_>>()));
    Ok(0)
}

async fn check(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let found = phone.compare(circle).await?;
    let fingerprint = format!("{:04x}", found.fingerprint >> 112);
    let same = found.whole && found.differed == 0;
    let (records, mismatches, waiting) = (found.records, found.differed, found.to_send);
    let text = if same {
        format!("{records} records, same fingerprint as the server ({fingerprint}...)")
    } else if mismatches > 0 {
        format!("{mismatches} groups of records differed from the server and were fetched anew ({fingerprint}...)")
    } else {
        "Not everything is here yet. Try: osteon-phone sync".to_owned()
    };
    out.say(&text, &json!({"records": records, "same": same, "fingerprint": fingerprint, "mismatches": mismatches, "to_send": waiting}));
    Ok(u8::from(!same))
}

/// Commands from standard input, one a line, while the phone is live. Ends with the input.
async fn shell(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>) -> anyhow::Result<u8> {
    let (tx, mut rx) = tokio::sync::mpsc::channel::<String>(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tx.blocking_send(line).is_err() {
                return;
            }
        }
    });
    // A task of its own: it goes on while a command runs.
    let (own, listener) = (Arc::clone(phone), watch::printer(phone, out));
    let mut live = tokio::spawn(async move { own.live(listener).await });
    loop {
        tokio::select! {
            ended = &mut live => {
                let ended = ended?;
                if let Err(error @ (Error::Wiped | Error::Left)) = &ended {
                    show::print(watch::farewell(error));
                }
                return ended.map(|()| 0).map_err(Into::into);
            }
            line = rx.recv() => {
                let Some(line) = line else { break };
                one_line(phone, args, out, &line).await;
            }
        }
    }
    live.abort();
    Ok(0)
}

async fn one_line(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>, line: &str) {
    let typed = std::iter::once("osteon-phone".to_owned()).chain(split_words(line));
    match Args::try_parse_from(typed) {
        Ok(mut typed) => {
            typed.circle = typed.circle.or_else(|| args.circle.clone());
            let out = &Arc::new(Out { json: out.json || typed.json, zone: out.zone.clone(), live: true });
            if matches!(typed.command, Command::Shell | Command::Sync { .. } | Command::Check) {
                show::print("not here: this phone is live already");
            } else if let Err(e) = Box::pin(command(phone, &typed, out)).await {
                show::print(format!("{e:#}"));
            }
        }
        Err(e) => show::print(e),
    }
}

/// Words apart by spaces; a text in double quotes is one word.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, piece) in line.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_one_word() {
        assert_eq!(
            split_words(r#"plan --set a=1 --why "stronger again" x"#),
            ["plan", "--set", "a=1", "--why", "stronger again", "x"]
        );
    }
}

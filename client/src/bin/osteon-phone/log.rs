//! Entries of the journal: written down, echoed with where they are now, and what the rules say of them.

use std::sync::Arc;

use osteon_client::{
    Error, Phone,
    plausible::Doubtful,
    records::{NewRecord, Saved},
    words,
};
use osteon_proto::{LabelId, care as care_v1, label::Readers, meta::Category};
use osteon_sync_core::lifecycle::State as Life;
use serde_json::json;

use crate::{
    args::{Args, DONE, Log, LogArgs, MUST_DECIDE},
    care, compose, fall,
    fate::{self, Fate},
    intake,
    more::{self, Unanswered},
    run::{circle_of, find},
    show::{self, Out},
    threads,
};

/// Of the labels of a note.
const PRIVATE: u32 = 2;

pub(crate) async fn log(phone: &Arc<Phone>, args: &Args, log: &LogArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    if let Log::Mistake { entry, why } = &log.what {
        let record = find(phone, circle, entry).await?;
        let form = phone.open_form(circle, record).await?;
        let saved = phone.end(&form, Life::EnteredInError, why).await?;
        return told(phone, circle, saved, None, log.sent, out).await;
    }
    let now_ms = phone.now_ms();
    let at = log.at.as_deref().map_or(Ok(now_ms), |text| compose::parse_at(text, now_ms, &out.zone))?;
    let moment = compose::moment(at, &out.zone);
    let placed;
    let what = match &log.what {
        Log::Fall(fall) => {
            placed = Log::Fall(fall::placed(phone, circle, fall, &moment, out).await?);
            &placed
        }
        what => what,
    };
    let (body, unanswered) = match what {
        _ if log.of.is_some() => (compose::entry(what, moment)?, None),
        Log::Fall(fall) => fall::asked(phone, circle, fall, moment, out).await?,
        Log::Med(med) => {
            let line = intake::plan_line(phone, circle, &med.product).await?;
            (compose::body("intake_entry", &intake::taken(med, line, Some(moment))?)?, None)
        }
        what => whether_new(phone, circle, what, moment, out).await?,
    };
    let doubts = phone.doubts(circle, &body, &out.zone).await?;
    // Nobody is asked anything before an emergency is said: it is saved as it was written, and the card shows.
    let unasked = log.yes || (!doubts.is_empty() && care::would_be_emergency(phone, circle, &body, out).await);
    if !unasked && !confirmed(&doubts, out) {
        return Ok(MUST_DECIDE);
    }
    let paths: Vec<&str> = doubts.iter().map(|doubt| doubt.path.as_str()).collect();
    let note = match (paths.is_empty(), unasked) {
        (true, _) => String::new(),
        (false, true) => format!("Nobody confirmed: {}", paths.join(", ")),
        (false, false) => format!("Confirmed: {}", paths.join(", ")),
    };
    let note = match what {
        Log::Med(med) => {
            [med.why.as_str(), &note].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(". ")
        }
        _ => note,
    };
    let saved = match &log.of {
        None => {
            phone.create(circle, &NewRecord { body, label_choice: label_choice(what), record: None }, &note).await?
        }
        Some(entry) => more::save(phone, circle, entry, (what, &body), log.at.is_some(), &note).await?,
    };
    let code = told(phone, circle, saved, unanswered.as_ref(), log.sent, out).await?;
    let Some(unanswered) = unanswered else { return Ok(code) };
    unanswered.tell(saved);
    Ok(if code == DONE { MUST_DECIDE } else { code })
}

/// Who may read a note is picked when it is made: 1, a thread; 2, nobody else.
fn label_choice(what: &Log) -> u32 {
    match what {
        Log::Note { thread: Some(_), .. } => 1,
        Log::Note { thread: None, .. } => PRIVATE,
        _ => 0,
    }
}

/// The entry, with the answer to the one question that decides whether a sign is an emergency. `Some`: nobody answered, and
/// this would be said if it is new.
async fn whether_new(
    phone: &Phone,
    circle: u64,
    what: &Log,
    moment: care_v1::Moment,
    out: &Out,
) -> anyhow::Result<(Vec<u8>, Option<Unanswered>)> {
    let body = compose::entry(what, moment.clone())?;
    let Log::Symptom { sign, new: false, known: false } = what else { return Ok((body, None)) };
    let answered = |new: bool| compose::entry(&Log::Symptom { sign: sign.clone(), new, known: !new }, moment.clone());
    let as_new = answered(true)?;
    if care::would_be_emergency(phone, circle, &body, out).await {
        return Ok((body, None));
    }
    let found = phone.before_save(circle, &as_new, care::offset_min(phone, out)).await?;
    if !found.is_emergency() {
        return Ok((body, None));
    }
    if !out.asks_somebody() {
        let unanswered = Unanswered {
            asks: vec!["Is it new, or worse than before?".to_owned()],
            cards: care::cards(&found).collect(),
            what: format!("symptom {}", sign.replace('_', "-")),
            answer: "--new, or --known if it is neither".to_owned(),
        };
        return Ok((body, Some(unanswered)));
    }
    let known = show::is_no(&show::ask("Is it new, or worse than before? [Y/n]")?);
    Ok((if known { answered(false)? } else { as_new }, None))
}

/// Asks about each. Where nobody can answer, nothing is saved.
fn confirmed(doubts: &[Doubtful], out: &Out) -> bool {
    if doubts.is_empty() {
        return true;
    }
    let list: Vec<_> =
        doubts.iter().map(|one| json!({"path": one.path, "doubt": one.doubt.as_str(), "words": one.words})).collect();
    if !out.asks_somebody() {
        let words: Vec<&str> = doubts.iter().map(|one| one.words.as_str()).collect();
        let text = format!("{} Is that right? Nothing was saved; if it is right: again, with --yes", words.join(" "));
        out.say(&text, &json!({"saved": null, "questions": list}));
        return false;
    }
    for one in doubts {
        let answer = show::ask(&format!("{} Is that right? [y/N]", one.words));
        if !answer.is_ok_and(|answer| show::is_yes(&answer)) {
            out.say("Nothing was saved.", &json!({"saved": null, "questions": list}));
            return false;
        }
    }
    true
}

/// Who reads an entry that is shared with a thread; `None`: it is not.
fn shared(
    state: &osteon_client::state::State,
    circle: u64,
    record: &osteon_client::views::RecordView,
    now_ms: u64,
) -> anyhow::Result<Option<String>> {
    let enrolled = state.enrolled()?;
    let thread = record.fields.iter().map(|field| LabelId(field.label));
    let Some(label) = thread.clone().find(|label| matches!(label.readers(), Some(Readers::Thread(_)))) else {
        return Ok(None);
    };
    let rights = enrolled.rights(circle, now_ms)?;
    let readers: Vec<_> = rights.members().into_iter().filter(|member| rights.reads(*member, label)).collect();
    Ok(Some(threads::readers(&readers, enrolled.enrolment.account)))
}

/// Echoes what was saved, and where it is now.
async fn told(
    phone: &Arc<Phone>,
    circle: u64,
    saved: Saved,
    unanswered: Option<&Unanswered>,
    send: bool,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    // An emergency is said before anything else is tried.
    let found = care::brought_up(phone, circle, saved, out).await;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), send).await?;
    let state = phone.read().await?;
    let record = state.enrolled()?.view(circle, phone.now_ms())?.record(saved.record).ok_or(Error::NoRecord)?;
    let when =
        record.time_ms.map_or_else(String::new, |ms| format!(" {}.", words::near(ms, phone.now_ms(), &out.zone)));
    let private = record.fields.iter().any(|field| LabelId(field.label) == LabelId::of([Category::C20PrivateNotes]));
    let team = match (private, shared(&state, circle, &record, phone.now_ms())?) {
        (true, _) => "Nobody but you can read it.".to_owned(),
        (_, Some(readers)) => format!("It is for {readers}, and nobody else."),
        (false, None) => String::new(),
    };
    let place = match (fate, state.settings.offline) {
        (Fate::Sent, _) if !team.is_empty() => format!("Sent. {team}"),
        (Fate::Waits, _) if !team.is_empty() => format!("Saved on this phone. Not sent yet. {team}"),
        (fate, is_offline) => fate.place(is_offline).to_owned(),
    };
    let ended = if record.is_active() { "" } else { " Marked as a mistake." };
    let text = format!("{}.{when}{ended}\n{place}", show::line(&record, &out.zone));
    let text: Vec<String> = std::iter::once(text).chain(care::others(&found).map(care::line)).collect();
    out.say(
        &text.join("\n"),
        &json!({
            "saved": saved.dot.to_string(), "sent": fate == Fate::Sent, "entry": show::record_json(&record),
            "findings": found.found.iter().map(care::json).collect::<Vec<_>>(),
            "rules_failed": found.failed.map(|failed| failed.code()),
            "not_answered": unanswered.map(Unanswered::json),
        }),
    );
    Ok(fate.code(&found, send))
}

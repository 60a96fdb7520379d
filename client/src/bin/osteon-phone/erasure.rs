//! `erase-me`: asks the clinic to erase everything, says what became of it, takes it back.

use std::sync::Arc;

use anyhow::Context;
use osteon_access_core::Role;
use osteon_client::{Phone, care::Findings, erasure::ErasureRequest, records::Saved, words};
use osteon_proto::care::{ErasureAnswer, ErasureDecision};
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DONE, EraseArgs, MUST_DECIDE},
    compose::zoned,
    fate::{self, Fate},
    run::circle_of,
    show::{self, Out},
};

/// What it comes to, said before it is asked.
const MEANS: &str = "You ask your clinic to erase everything that is kept about you: your entries, your plans, your messages, \
    on its server and on every phone. Nothing can be brought back then, and nobody is warned any more. Your clinic answers \
    within a month, and may have to keep what the law obliges it to. Until it is done, all goes on as before.";

pub(crate) async fn run(phone: &Arc<Phone>, args: &Args, asked: &EraseArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let stand = phone.erasure_requests(circle).await?;
    let is_patient = is_patient(phone, circle).await?;
    match (asked.take_back, stand.as_slice()) {
        (true, []) => {
            out.say("You have not asked to be erased, or took it back already.", &json!({"requests": []}));
            Ok(DONE)
        }
        (true, _) => {
            let saved = phone.take_back_erasure(circle).await?;
            told(phone, circle, saved, "Taken back: you do not ask to be erased any more.", out).await
        }
        (false, []) => {
            if !asked.yes && !agreed(out) {
                return Ok(MUST_DECIDE);
            }
            let today = zoned(phone.now_ms(), &out.zone).context("the clock")?.date().to_string();
            let saved = phone.ask_erasure(circle, &today, asked.why.as_deref()).await?;
            told(phone, circle, saved, "You ask your clinic to erase everything about you.", out).await
        }
        (false, stand) => {
            let mut lines: Vec<String> = stand.iter().map(|one| line(one, is_patient)).collect();
            if is_patient {
                lines.push("To take it back: osteon-phone erase-me --take-back".to_owned());
            }
            let text = lines.join("\n");
            out.say(&text, &json!({"requests": stand.iter().map(as_json).collect::<Vec<_>>()}));
            Ok(DONE)
        }
    }
}

fn agreed(out: &Out) -> bool {
    let nothing = json!({"saved": null, "question": MEANS});
    if !out.asks_somebody() {
        out.say(&format!("{MEANS}\nNothing was asked; if you want that: again, with --yes"), &nothing);
        return false;
    }
    show::note(MEANS);
    if show::ask("Do you want that? [y/N]").is_ok_and(|answer| show::is_yes(&answer)) {
        return true;
    }
    out.say("Nothing was asked.", &nothing);
    false
}

async fn told(phone: &Arc<Phone>, circle: u64, saved: Saved, what: &str, out: &Arc<Out>) -> anyhow::Result<u8> {
    let offline = phone.read().await?.settings.offline;
    let send = !out.live && !offline;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), send).await?;
    let place = match fate {
        Fate::Sent => "Your clinic has it.",
        Fate::Refused => "The server refused it; it is kept here as a draft: osteon-phone drafts",
        Fate::Waits => "Saved on this phone. Not sent yet: your clinic does not know.",
    };
    out.say(
        &format!("{what}\n{place}"),
        &json!({"saved": saved.dot.to_string(), "record": hex::encode(saved.record.0), "sent": fate == Fate::Sent}),
    );
    Ok(fate.code(&Findings::default(), send))
}

async fn is_patient(phone: &Phone, circle: u64) -> anyhow::Result<bool> {
    let state = phone.read().await?;
    let known = state.enrolled()?.enrolment.circles.iter().find(|one| one.circle == circle);
    Ok(known.is_some_and(|one| one.role == i32::from(Role::Patient.number())))
}

fn line(one: &ErasureRequest, is_patient: bool) -> String {
    let who = if is_patient { "You asked" } else { "The patient asked" };
    let asked = format!("{who} on {} to be erased.", words::date(&one.asked_on));
    let unsent = if one.unsent { " Not sent yet." } else { "" };
    format!("{asked}{unsent} {}", answer(one))
}

fn answer(one: &ErasureRequest) -> String {
    if one.disputed {
        return "Your clinic gave two answers: it has to decide which holds.".to_owned();
    }
    let Some(answer) = &one.answer else { return "Your clinic has not answered yet.".to_owned() };
    let by = answer.by.as_deref().map_or_else(String::new, |day| format!(" by {}", words::date(day)));
    let decided = match answer.decision() {
        ErasureDecision::WillBeDone => format!("Your clinic will do it{by}."),
        ErasureDecision::Declined => "Your clinic may not do it.".to_owned(),
        ErasureDecision::AsksBack => "Your clinic asks you something first.".to_owned(),
        ErasureDecision::Unspecified => "Your clinic answered.".to_owned(),
    };
    match &answer.text {
        Some(text) => format!("{decided} It says: \"{}\"", osteon_proto::plain::plain(text)),
        None => decided,
    }
}

fn as_json(one: &ErasureRequest) -> Json {
    let answer = |answer: &ErasureAnswer| json!({"decision": answer.decision().as_str_name(), "text": answer.text, "by": answer.by});
    json!({
        "record": hex::encode(one.record.0), "asked_on": one.asked_on, "why": one.why, "unsent": one.unsent,
        "disputed": one.disputed, "answer": one.answer.as_ref().map(answer),
    })
}

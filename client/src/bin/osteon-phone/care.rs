//! What the rules found, in lines: the emergency card, and what is less urgent.

use osteon_care_core::rules::{Severity, State, Subject};
use osteon_client::{
    Phone,
    care::{Finding, Findings, engine::Failed, rules},
    records::Saved,
    state::Late,
    words,
};
use serde_json::{Value as Json, json};

use crate::{
    args::{DONE, EMERGENCY},
    compose::zoned,
    show::{self, Out},
};

/// Minutes from UTC of this phone's zone.
pub(crate) fn offset_min(phone: &Phone, out: &Out) -> i32 {
    zoned(phone.now_ms(), &out.zone).map_or(0, |local| local.offset().seconds() / 60)
}

/// What a save brought up. An emergency is printed at once. A fault of the rules takes nothing from what was saved.
pub(crate) async fn brought_up(phone: &Phone, circle: u64, saved: Saved, out: &Out) -> Findings {
    match phone.after_save(circle, saved.record, offset_min(phone, out)).await {
        Ok(found) => {
            if !out.json {
                cards(&found).for_each(show::print);
            }
            if let Some(failed) = found.failed {
                show::note(not_asked(failed));
            }
            found
        }
        Err(error) => {
            show::note(format!(
                "The rules on this phone could not be asked: {error}. Call your team if you feel worse."
            ));
            Findings::default()
        }
    }
}

/// Nobody may take this for "nothing was found".
pub(crate) fn not_asked(failed: Failed) -> String {
    let code = failed.code();
    format!("The rules on this phone failed: nothing was checked. If you feel worse, call your team.  [{code}]")
}

/// The clinic's own rules failed: said wherever alerts are shown, for as long as the server has not said otherwise.
pub(crate) fn late(late: Late, now_ms: u64, out: &Out) -> String {
    let (since, told) = (words::near(late.since_ms, now_ms, &out.zone), words::near(late.told_ms, now_ms, &out.zone));
    format!(
        "Your clinic's warnings are late since {since} (told {told}): an alert may be missing here. If you feel worse, call your team."
    )
}

pub(crate) fn late_json(late: Option<Late>) -> Json {
    late.map_or(Json::Null, |late| json!({"since_ms": late.since_ms, "told_ms": late.told_ms}))
}

/// Whether an entry that nobody saved yet is an emergency.
pub(crate) async fn would_be_emergency(phone: &Phone, circle: u64, body: &[u8], out: &Out) -> bool {
    phone.before_save(circle, body, offset_min(phone, out)).await.is_ok_and(|found| found.is_emergency())
}

pub(crate) fn code_of(found: &Findings) -> u8 {
    if found.is_emergency() { EMERGENCY } else { DONE }
}

/// The cards of emergencies.
pub(crate) fn cards(found: &Findings) -> impl Iterator<Item = String> {
    found.found.iter().filter(|one| one.severity == Severity::Emergency).map(line)
}

/// What is no emergency.
pub(crate) fn others(found: &Findings) -> impl Iterator<Item = &Finding> {
    found.found.iter().filter(|one| one.severity != Severity::Emergency)
}

/// "! Strong pain should not wait. Call your team today: 555 0100.  [R-PAIN-1, rules of 01 Nov 2026]".
pub(crate) fn line(found: &Finding) -> String {
    let text = words::plain(&found.text);
    let rule = found.key.rule;
    let of = rules().map_or_else(|_| String::new(), |set| words::date(&set.published.to_string()));
    match found.severity {
        Severity::Emergency => format!("!! {text}  [{rule}]\n   Rules of {of}. {}", source(found)),
        Severity::Urgent => format!("! {text}  [{rule}, rules of {of}]"),
        Severity::Soon | Severity::Info => format!("{text}  [{rule}, rules of {of}]"),
    }
}

/// Where a rule comes from, and how sure that is.
fn source(found: &Finding) -> String {
    let state = match found.state {
        State::Verified => "verified",
        State::Secondary => "seen in a secondary text",
        State::Unverified => "not verified",
    };
    format!("Source: {} ({state})", words::plain(&found.source))
}

pub(crate) fn json(found: &Finding) -> Json {
    let subject = match found.key.subject {
        Subject::Person => None,
        Subject::Record(record) => Some(hex::encode(record.0)),
    };
    json!({
        "rule": found.key.rule,
        "severity": found.severity.code(),
        "text": found.text,
        "subject": subject,
        "discriminator": found.key.discriminator,
        "behind": found.behind.iter().map(|record| hex::encode(record.0)).collect::<Vec<_>>(),
        "happened_ms": found.happened_ms,
        "source": source(found),
        "rules": rules().map_or(0, |set| set.version),
    })
}

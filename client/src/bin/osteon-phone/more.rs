//! More about an entry that is written already: answers to what nobody had answered, in the same record, so that one fall
//! stays one fall.

use anyhow::{Context, bail};
use osteon_client::{
    Phone,
    records::{Entry, Saved},
    views::RecordView,
};
use osteon_proto::{
    split::open,
    table::{RecordType, table},
    values::{Value, value},
};
use serde_json::{Value as Json, json};

use crate::{
    args::Log,
    run::find,
    show::{note, number},
};

/// What nobody answered, and what it would be.
pub(crate) struct Unanswered {
    pub(crate) asks: Vec<String>,
    /// Emergency cards, if all of it is so.
    pub(crate) cards: Vec<String>,
    /// Of `osteon-phone log`.
    pub(crate) what: String,
    /// What follows the entry's number.
    pub(crate) answer: String,
}

impl Unanswered {
    /// Stands beside the entry's echo, for who reads that by a program.
    pub(crate) fn tell(&self, saved: Saved) {
        let card = if self.cards.is_empty() { String::new() } else { format!(" If so:\n{}", self.cards.join("\n")) };
        let (asks, what, answer) = (self.asks.join(" "), &self.what, &self.answer);
        let number = number(saved.record);
        note(format!("Not answered: {asks}{card}\nAnswer: osteon-phone log {what} --entry {number} {answer}"));
    }

    pub(crate) fn json(&self) -> Json {
        json!({"asks": self.asks, "if_so": self.cards})
    }
}

/// Puts what was said into an entry. `at_said`: with when it happened.
pub(crate) async fn save(
    phone: &Phone,
    circle: u64,
    digits: &str,
    (what, body): (&Log, &[u8]),
    at_said: bool,
    why: &str,
) -> anyhow::Result<Saved> {
    let record = find(phone, circle, digits).await?;
    let (type_number, _) = open(body).map_err(|e| anyhow::anyhow!("{}", e.reason))?;
    let kind = table().get(type_number).context("a record type that this version does not know")?;
    let stands = {
        let state = phone.read().await?;
        state.enrolled()?.view(circle, phone.now_ms())?.record(record).context("no entry ends like that")?
    };
    if stands.type_number != type_number {
        bail!("{digits} is another kind of entry: nothing was saved");
    }
    let mut entries = Entry::of_body(body)?;
    entries.retain(|entry| says_more(entry, what, kind, at_said, &stands));
    if entries.is_empty() {
        bail!("nothing is said that the entry does not have: nothing was saved");
    }
    let form = phone.open_form(circle, record).await?;
    Ok(phone.save(&form, &entries, why, false).await?)
}

/// Whether a field was said of the entry. Where it comes from stays what it was, and so does when it happened; "nothing else"
/// answers only what has no answer.
fn says_more(entry: &Entry, what: &Log, kind: &RecordType, at_said: bool, stands: &RecordView) -> bool {
    let Entry::Put { field, chunk } = entry else { return true };
    let Some(info) = kind.field(*field) else { return true };
    if info.name == "source" || (kind.time_field == Some(*field) && !at_said) {
        return false;
    }
    let Log::Fall(fall) = what else { return true };
    let is_no = matches!(value(info, chunk), Some(Value::Int(0)));
    match info.name.as_str() {
        "near_fall" => fall.near,
        name => !is_no || stands.field(name).is_none_or(|field| field.versions.is_empty()),
    }
}

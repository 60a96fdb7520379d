//! Receipts in words; who looked; the circle through the eyes of a member.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, bail};
use osteon_client::{
    Phone,
    receipts::{Mark, Marks, Receipt},
    timeline::Moment,
    words,
};
use osteon_proto::{LabelId, audit::AccessEntry, label::Readers, meta::Category, wire::device::millis};
use osteon_sync_core::RecordId;
use serde_json::{Value as Json, json};

use crate::{
    args::{Args, DONE, Whom},
    run::circle_of,
    sharing,
    show::{self, Out},
};

const PATIENT: u8 = 1;
const CAREGIVER: u8 = 2;
const DAY_MS: u64 = 86_400_000;
/// Days that are shown as somebody else sees them.
const DAYS: u64 = 14;

/// Receipts of what was written here, and the marks of those who care.
pub(crate) struct Seen {
    pub(crate) marks: Marks,
    pub(crate) receipts: BTreeMap<RecordId, Receipt>,
}

impl Seen {
    pub(crate) async fn of(phone: &Phone, circle: u64) -> anyhow::Result<Self> {
        let marks = phone.marks(circle).await?;
        let receipts = phone.read().await?.enrolled()?.receipts(circle, phone.now_ms())?;
        Ok(Self { marks, receipts })
    }

    /// Behind an entry: "  reached the server", "  seen (nurse, today 09:10)". What waits is said elsewhere.
    pub(crate) fn mark(&self, record: RecordId, now_ms: u64, out: &Out) -> String {
        match self.receipts.get(&record) {
            Some(Receipt::Reached { seen }) => match team(seen).next() {
                Some(first) => format!("  seen ({})", by(first, ", ", now_ms, out)),
                None => "  reached the server".to_owned(),
            },
            Some(Receipt::Waits) | None => String::new(),
        }
    }

    /// "Seen by your team: nurse today 09:10, physiotherapist 21 Nov 10:00."
    pub(crate) fn line(&self, now_ms: u64, out: &Out) -> Option<String> {
        if self.marks.as_of_ms == 0 {
            return None;
        }
        let all: Vec<String> = team(&self.marks.marks).map(|mark| by(mark, " ", now_ms, out)).collect();
        if all.is_empty() {
            return Some("Nobody of your team has marked anything as seen yet.".to_owned());
        }
        Some(format!("Seen by your team: {}.", all.join(", ")))
    }

    /// Of the entries of the last days that reached the server: how many nobody has marked as seen.
    pub(crate) fn unseen(&self, moments: &[Moment]) -> Option<String> {
        let reached = |moment: &&Moment| match self.receipts.get(&moment.record.record) {
            Some(Receipt::Reached { seen }) => moment.record.is_active() && team(seen).next().is_none(),
            _ => false,
        };
        match moments.iter().filter(|moment| !is_private(moment)).filter(reached).count() {
            0 => None,
            1 => Some(
                "One entry of yours reached the server, and nobody of your team has marked it as seen yet.".to_owned(),
            ),
            n => Some(format!(
                "{n} entries of yours reached the server, and nobody of your team has marked them as seen yet."
            )),
        }
    }

    pub(crate) fn json(&self, record: RecordId) -> Json {
        match self.receipts.get(&record) {
            None => Json::Null,
            Some(Receipt::Waits) => json!({"reached": false, "seen": []}),
            Some(Receipt::Reached { seen }) => {
                json!({"reached": true, "seen": seen.iter().map(mark_json).collect::<Vec<_>>()})
            }
        }
    }

    pub(crate) fn marks_json(&self) -> Json {
        json!({"as_of_ms": self.marks.as_of_ms, "marks": self.marks.marks.iter().map(mark_json).collect::<Vec<_>>()})
    }
}

/// A note of one's own: nobody of the team will ever see it.
fn is_private(moment: &Moment) -> bool {
    moment.record.fields.iter().all(|field| matches!(LabelId(field.label).readers(), Some(Readers::Author(_))))
}

fn team(marks: &[Mark]) -> impl Iterator<Item = &Mark> {
    marks.iter().filter(|mark| !matches!(mark.role.0, PATIENT | CAREGIVER))
}

fn by(mark: &Mark, between: &str, now_ms: u64, out: &Out) -> String {
    format!("{}{between}{}", words::role(mark.role.0), words::near(mark.at_ms, now_ms, &out.zone))
}

fn mark_json(mark: &Mark) -> Json {
    json!({
        "account": mark.account, "role": words::role(mark.role.0), "at_ms": mark.at_ms, "sequence": mark.sequence,
    })
}

/// The audit's rows of reading, in words.
pub(crate) async fn who_looked(
    phone: &Arc<Phone>,
    args: &Args,
    (last, all): (usize, bool),
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let me = phone.read().await?.enrolled()?.enrolment.account;
    let now_ms = phone.now_ms();
    let rows = phone.who_looked(circle, last, all).await?;
    let lines: Vec<String> = rows.iter().map(|row| looked(row, me, now_ms, out)).collect();
    let text = if lines.is_empty() { "Nobody else has looked yet.".to_owned() } else { lines.join("\n") };
    let json = rows.iter().map(|row| {
        json!({
            "number": row.number, "at_ms": row.at.as_ref().map(millis), "account": row.account,
            "role": role(row), "device": row.device, "action": row.action, "outcome": row.outcome,
            "record": row.record_id, "categories": categories(row), "count": row.count,
        })
    });
    out.say(&text, &json!(json.collect::<Vec<_>>()));
    Ok(DONE)
}

fn role(row: &AccessEntry) -> String {
    u8::try_from(row.role).ok().filter(|role| *role > 0).map_or_else(String::new, |role| words::role(role).to_owned())
}

fn categories(row: &AccessEntry) -> Vec<String> {
    row.categories.iter().filter_map(|number| u8::try_from(*number).ok()).map(words::category).collect()
}

fn looked(row: &AccessEntry, me: u64, now_ms: u64, out: &Out) -> String {
    let when = row.at.as_ref().map_or_else(String::new, |at| words::near(millis(at), now_ms, &out.zone));
    let who = match (row.account, role(row)) {
        (0, _) => "whoever runs the server".to_owned(),
        (account, _) if account == me => "you".to_owned(),
        (account, role) if role.is_empty() => format!("account {account}, no member"),
        (account, role) => format!("{role}, account {account}"),
    };
    let what = match categories(row) {
        all if all.is_empty() => String::new(),
        all => format!(": {}", all.join(", ")),
    };
    let how = words::plain(&row.action);
    let refused = if row.outcome == "ok" { String::new() } else { format!("  {}", words::plain(&row.outcome)) };
    format!("{when:<18} {who}  {how}{what}{refused}")
}

/// What a member may see of what is here: their categories, and the last days through their eyes. Works without a network;
/// what this phone does not hold it cannot show.
pub(crate) async fn through_eyes_of(phone: &Arc<Phone>, args: &Args, whom: Whom, out: &Arc<Out>) -> anyhow::Result<u8> {
    let (circle, account) = sharing::member(phone, args, whom).await?;
    let readers = phone.readers(circle).await?;
    let reader = readers.iter().find(|reader| reader.account == account).context("no such member on this phone")?;
    if readers.len() < 2 && reader.account == phone.read().await?.enrolled()?.enrolment.account {
        bail!("this phone knows no other member yet: osteon-phone sync");
    }
    let now_ms = phone.now_ms();
    let state = phone.read().await?;
    let enrolled = state.enrolled()?;
    let rights = enrolled.rights(circle, now_ms)?;
    let from = now_ms.saturating_sub(DAYS * DAY_MS);
    let moments = enrolled.view(circle, now_ms)?.timeline(from, now_ms.saturating_add(DAY_MS), None);
    let reads = |label: u64| rights.reads((reader.account, reader.role), LabelId(label));
    let (seen, hidden): (Vec<&Moment>, Vec<&Moment>) =
        moments.iter().partition(|moment| moment.record.fields.iter().all(|field| reads(field.label)));
    let word = words::role(reader.role.number());
    let number = |category: &Category| u8::try_from(*category as i32).unwrap_or(0);
    let may: Vec<String> = reader.categories.iter().map(|category| words::category(number(category))).collect();
    let may_read = if may.is_empty() { "nothing but what all members see".to_owned() } else { may.join(", ") };
    let mut lines = vec![format!("As the {word}, account {account}, sees it. May read: {may_read}.")];
    let line = |moment: &&Moment| {
        let when = words::near(moment.at_ms, now_ms, &out.zone);
        format!("  {}  {when:<18} {}", show::number(moment.record.record), show::line(&moment.record, &out.zone))
    };
    lines.extend(seen.iter().map(line));
    lines.push(match hidden.len() {
        0 => format!("Nothing of the last {DAYS} days is hidden from them."),
        1 => format!("One entry of the last {DAYS} days is hidden from them, wholly or in part."),
        n => format!("{n} entries of the last {DAYS} days are hidden from them, wholly or in part."),
    });
    let ids = |all: &[&Moment]| all.iter().map(|m| hex::encode(m.record.record.0)).collect::<Vec<_>>();
    let json = json!({
        "account": account, "role": word, "categories": may, "days": DAYS, "sees": ids(&seen), "hidden": ids(&hidden),
    });
    out.say(&lines.join("\n"), &json);
    Ok(DONE)
}

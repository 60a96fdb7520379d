//! From what rules found to records: which findings are news, and how they are written.

use std::collections::BTreeSet;

use osteon_care_core::{
    alerts::{self, Alerts, Behind, Cause, Known, LOOK_BACK_D, Next, Raised, Says},
    facts::{Instant, gather::Gathered},
    rules::{Evaluation, Fires, Rule, RuleSet, Severity, Subject},
};
use osteon_proto::{care, split};
use osteon_sync_core::{Dot, RecordId, ledger::Context};
use prost::Message;

use super::{App, Writer, codes, engine::What, faces, labels, told};
use crate::{
    app::{derived, enrol::timestamp, ids_for, members, settings::Terms, wakes},
    store::{AccountNo, CircleNo, StoreError, Working},
    telemetry::names,
};

const ALERT: u32 = alerts::ALERT;
const MAX_TOLD: usize = 64;
/// Where and when rules were asked.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub circle: CircleNo,
    pub now: Instant,
    /// Rules failed before: nobody knows which entries came since.
    pub late: bool,
}

/// A revision that is to be written.
pub(super) struct News {
    pub key: alerts::Key,
    pub next: Next,
    /// Of an alert that stands: what stands.
    pub stands: Option<Raised>,
    /// When it was raised, before it went on to anybody.
    pub began_ms: i64,
    /// Of a rule that speaks of whatever it finds: the label of that.
    pub label: Option<u64>,
    /// Whom it went on to, as the clinic's table says.
    pub turn: Vec<AccountNo>,
    pub at: At,
}

/// What is raised is raised under a rule set, and under what holds in the circle.
#[derive(Clone, Copy)]
pub(super) struct Under<'a> {
    pub set: &'a RuleSet,
    pub terms: &'a Terms,
}

impl News {
    /// It says something else, and nobody is told anew.
    pub(super) fn is_update(&self) -> bool {
        self.next.cause == Cause::Updated
    }

    /// When somebody has to have seen it, else it goes to the next in line. An update goes on when what it says anew does.
    pub(super) fn due_ms(&self, terms: &Terms) -> Option<u64> {
        if self.is_update() {
            return None;
        }
        // Whoever it goes to, it goes on at the same time.
        let turn = terms.clinic.turn(self.next.severity, (self.began_ms, self.at.now.ms), self.next.step, None)?;
        u64::try_from(turn.due_ms).ok().filter(|_| !self.is_muted())
    }

    fn is_muted(&self) -> bool {
        self.next.says.muted
    }
}

/// Findings that nobody was told yet. A rule without a severity of its own (R-SYNC-2) speaks in the alert that it is about: by
/// its note, and the days that it came late.
pub(super) fn news(
    set: &RuleSet,
    found: &[Evaluation],
    gathered: &Gathered,
    alerts: &Alerts,
    at: At,
    what: &What,
) -> Vec<News> {
    let found = found.iter().filter(|one| set.rule(one.rule).is_some_and(|rule| rule.severity().is_some()));
    let mut all = Vec::new();
    let of = Now { gathered, what, late: at.late };
    for fires in found.flat_map(|one| one.fires.values()) {
        let key = key(at.circle, fires);
        let stands = alerts.newest(&key);
        if stands.is_none() && is_past(fires, at.now, what) {
            continue;
        }
        let Some(next) = alerts.next(&key, fires, &of, at.now.ms) else { continue };
        let stands = stands.cloned();
        let of_any = set.rule(fires.key.rule).is_some_and(labels::is_of_any);
        let label = if of_any { labels::of_any(fires, gathered) } else { None };
        let label = stands.as_ref().filter(|_| next.cause == Cause::Updated).map(|stands| stands.label).or(label);
        all.push(News { key, next, stands, label, began_ms: at.now.ms, turn: Vec::new(), at });
    }
    all
}

/// The records of a circle as a push leaves them.
struct Now<'a> {
    gathered: &'a Gathered,
    what: &'a What,
    late: bool,
}

impl Known for Now<'_> {
    fn newest(&self, record: RecordId) -> Option<Dot> {
        self.gathered.newest(record)
    }

    fn is_news(&self, record: RecordId, after_ms: i64) -> bool {
        match self.what {
            What::Changed { records, .. } if records.contains(&record) => true,
            _ if self.late => true,
            _ => self.gathered.written_ms(record).is_none_or(|ms| i64::try_from(ms).is_ok_and(|ms| ms > after_ms)),
        }
    }
}

/// An alert that nobody has seen goes to the next in line. `update`: what it says by now, where that has changed.
pub(super) fn escalated(
    raised: &Raised,
    next: Next,
    update: Option<News>,
    (began_ms, turn): (i64, Vec<AccountNo>),
    at: At,
) -> News {
    let next = match update {
        Some(News { next: Next { says, behind, .. }, .. }) => Next { says, behind, ..next },
        None => next,
    };
    let label = Some(raised.label);
    News { key: raised.key.clone(), next, stands: Some(raised.clone()), label, began_ms, turn, at }
}

/// Whether it is about an entry that nobody wrote now, and that is announced no more: one of long ago, or, where a plan
/// changed, one that was no danger under the plan of its day (a session above a limit that was set after it). What is
/// urgent is announced all the same.
fn is_past(fires: &Fires, now: Instant, what: &What) -> bool {
    let Some((happened, _)) = fires.happened else { return false };
    let old = now.day().since(happened.day()) > LOOK_BACK_D;
    match what {
        What::All => old,
        What::Changed { records, names, .. } => {
            let journal = names.iter().any(|name| name.starts_with('J'));
            let written = match fires.key.subject {
                Subject::Record(entry) => records.contains(&entry),
                Subject::Person => journal && !records.is_disjoint(&fires.behind),
            };
            !written && (old || fires.severity < Severity::Urgent)
        }
    }
}

/// The record that an alert of this circle has as its subject.
pub(super) fn subject(circle: CircleNo, subject: Subject) -> RecordId {
    match subject {
        Subject::Person => ids_for::singleton(circle, members::CARE_CIRCLE),
        Subject::Record(record) => record,
    }
}

pub(super) fn key(circle: CircleNo, fires: &Fires) -> alerts::Key {
    let subject = subject(circle, fires.key.subject);
    let discriminator = if fires.key.discriminator.is_empty() { "-" } else { &fires.key.discriminator };
    let discriminator = discriminator.chars().take(128).collect();
    alerts::Key { rule: fires.key.rule.to_owned(), subject, discriminator }
}

/// Writes the revisions, and a face for whoever is told and may not read them.
pub(super) fn write(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    under: Under<'_>,
    news: &[News],
) -> Result<(), StoreError> {
    let is_urgent = |one: &News| one.next.severity >= Severity::Urgent;
    let asks = news.iter().any(|one| one.next.cause == Cause::Escalated || is_urgent(one));
    let access = if asks { Some(app.access_in(work.circle().circle, work.access())?) } else { None };
    for one in news {
        let Some(rule) = under.set.rule(&one.key.rule) else { continue };
        let Some(label) = one.label.or_else(|| labels::of_rule(rule)) else {
            tracing::error!(rule = rule.id.as_str(), "an alert has no label: it is told to nobody");
            continue;
        };
        let mut alert = alert(under.set, rule, one);
        if let Some(access) = access.as_ref().filter(|_| one.next.cause == Cause::Escalated) {
            alert.told_members = told::members(&one.turn, &access.access).into_iter().take(MAX_TOLD).collect();
        }
        let record = put(app, work, writer, ctx, label, &alert)?;
        let (severity, cause) = (one.next.severity.code(), one.next.cause.code());
        metrics::counter!(names::ALERTS, "rule" => rule.id.clone(), "severity" => severity, "cause" => cause)
            .increment(1);
        // Of an update nobody is told, unless nobody was told of the alert at all.
        let was_muted = one.stands.as_ref().is_some_and(|stands| stands.says.muted);
        if !one.is_muted() && (!one.is_update() || was_muted) {
            let face = faces::Face { record, label, alert: &alert };
            faces::write(app, work, writer, ctx, &face, under.terms, &BTreeSet::new())?;
            if let Some(access) = access.as_ref().filter(|_| is_urgent(one)) {
                wakes::urgent(work, access, &alert, (writer.device, writer.now_ms));
            }
        }
    }
    Ok(())
}

/// A revision as it was written, where it is at hand.
pub(super) fn stored(work: &Working<'_>, record: RecordId) -> Result<Option<care::Alert>, StoreError> {
    let Some(row) = work.parts_of(record)?.into_iter().next() else { return Ok(None) };
    let part = row.part()?;
    let mut bytes = Vec::new();
    for (_, versions) in part.fields().filter(|(field, _)| field.number != 0) {
        versions.for_each(|version| bytes.extend_from_slice(version.value.unwrap_or_default()));
    }
    Ok(care::Alert::decode(bytes.as_slice()).ok())
}

fn put(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    label: u64,
    alert: &care::Alert,
) -> Result<RecordId, StoreError> {
    let made = alert.encode_to_vec();
    let record = ids_for::derived(work.circle().circle, &split::close(ALERT, &made))
        .map_err(|_| StoreError::Refused("an alert without its key"))?;
    derived::create(app, work, writer, ctx, (record, ALERT, label), &made)?;
    Ok(record)
}

fn alert(set: &RuleSet, rule: &Rule, one: &News) -> care::Alert {
    let now_ms = u64::try_from(one.at.now.ms).unwrap_or(0);
    let mut alert = said(&one.next.says);
    let update = one.stands.as_ref().filter(|_| one.is_update());
    alert.supersedes = one.next.supersedes.map(|record| record.0.to_vec().into());
    alert.rule = Some(one.key.rule.clone());
    alert.subject = Some(one.key.subject.0.to_vec().into());
    alert.discriminator = Some(one.key.discriminator.clone());
    alert.revision = Some(one.next.revision);
    alert.severity = Some(codes::severity(one.next.severity) as i32);
    alert.verdict = Some(care::AlertVerdict::Fires as i32);
    alert.inputs = one.next.behind.iter().map(input).collect();
    alert.rule_set = Some(format!("{} of {}", set.version, set.published));
    // An update was raised when what it says anew was.
    alert.raised = Some(timestamp(update.and_then(|stands| u64::try_from(stands.raised_ms).ok()).unwrap_or(now_ms)));
    alert.told_members = update.map(|stands| stands.told_members.clone()).unwrap_or_default();
    alert.cause = Some(codes::cause(one.next.cause) as i32);
    alert.step = (one.next.step > 0).then_some(one.next.step);
    if !alert.muted.unwrap_or(false) {
        alert.told = told::roles(rule, one.next.severity, &alert).into_iter().map(|role| role as i32).collect();
    }
    alert
}

/// What a revision says, as its record has it.
fn said(says: &Says) -> care::Alert {
    let text = |(name, text): (&String, &String)| care::RuleText { name: Some(name.clone()), text: Some(text.clone()) };
    care::Alert {
        texts: says.texts.iter().map(text).collect(),
        signs: says.signs.iter().cloned().collect(),
        notes: says.notes.iter().cloned().collect(),
        happened: says.happened.map(moment),
        late_days: says.late_days,
        muted: says.muted.then_some(true),
        ..care::Alert::default()
    }
}

fn moment(at: Instant) -> care::Moment {
    let at_ms = u64::try_from(at.ms).unwrap_or(0);
    care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(at.offset_min), zone: None }
}

fn input((record, dot): &Behind) -> care::RuleInput {
    let Dot { replica, counter } = *dot;
    care::RuleInput {
        record: Some(record.0.to_vec().into()),
        field: None,
        epoch: Some(replica.epoch),
        replica: Some(replica.n),
        counter: Some(counter),
    }
}

//! From what rules found to records: which findings are news, and how they are written.

use std::collections::BTreeSet;

use osteon_access_core::{Access, Role};
use osteon_care_core::{
    alerts::{self, Alerts, Behind, Cause, LOOK_BACK_D, Next, Raised},
    facts::{Instant, gather::Gathered},
    rules::{Evaluation, Fires, Rule, RuleSet, Severity, Subject},
};
use osteon_proto::{care, meta, split, table::table, wire::ids};
use osteon_sync_core::{Dot, RecordId, ledger::Context};
use prost::Message;

use super::{App, Writer, away, engine::What, faces};
use crate::{
    app::{derived, enrol::timestamp, ids_for, members, secrets::sha256, settings::Terms},
    store::{AccountNo, CircleNo, StoreError, Working},
    telemetry::names,
};

const ALERT: u32 = alerts::ALERT;
/// Of one list of an alert.
const MAX_INPUTS: usize = 256;
const MAX_TEXTS: usize = 32;
const MAX_TEXT_CHARS: usize = 400;
const MAX_TOLD: usize = 64;
/// Of a rule's list: whoever owns the field that it is about.
const OWNER: &str = "owner";
/// Who the person is, and how they can be reached.
const IDENTITY: &str = "C01";

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
    pub behind: BTreeSet<Behind>,
    pub fires: Option<Fires>,
    /// Of an alert that goes to the next in line: what stands.
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
    /// When somebody has to have seen it, else it goes to the next in line.
    pub(super) fn due_ms(&self, terms: &Terms) -> Option<u64> {
        let turn = terms.clinic.turn(self.next.severity, (self.began_ms, self.at.now.ms), self.next.step)?;
        u64::try_from(turn.due_ms).ok().filter(|_| !self.is_muted())
    }

    fn is_muted(&self) -> bool {
        self.fires.as_ref().is_some_and(|fires| fires.muted)
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
    let is_news = |record: RecordId, after_ms: i64| match what {
        What::Changed { records, .. } if records.contains(&record) => true,
        _ if at.late => true,
        _ => gathered.written_ms(record).is_none_or(|ms| i64::try_from(ms).is_ok_and(|ms| ms > after_ms)),
    };
    for fires in found.flat_map(|one| one.fires.values()) {
        // The newest, where there are more than an alert holds.
        let behind = fires.behind.iter().rev().filter_map(|record| Some((*record, gathered.newest(*record)?)));
        let behind: BTreeSet<Behind> = behind.take(MAX_INPUTS).collect();
        let key = key(at.circle, fires);
        let past = alerts.newest(&key).is_none() && is_past(fires, at.now, what);
        let Some(next) = alerts.next(&key, fires, &behind, at.now.ms, &is_news).filter(|_| !past) else { continue };
        let of_any = set.rule(fires.key.rule).is_some_and(is_of_any);
        let label = if of_any { label_of_any(fires, gathered) } else { None };
        let (fires, began_ms) = (Some(fires.clone()), at.now.ms);
        all.push(News { key, next, behind, fires, stands: None, label, began_ms, turn: Vec::new(), at });
    }
    all
}

/// An alert that nobody has seen goes to the next in line.
pub(super) fn escalated(raised: &Raised, next: Next, (began_ms, turn): (i64, Vec<AccountNo>), at: At) -> News {
    let (key, behind) = (raised.key.clone(), raised.behind.clone());
    let label = Some(raised.label);
    News { key, next, behind, fires: None, stands: Some(raised.clone()), label, began_ms, turn, at }
}

/// Who of the circle is told of an alert that went on to these accounts: of nobody else may it be spoken to. Where none of
/// them is of this circle, its nurses and physicians are told.
pub(super) fn told_members(turn: &[AccountNo], access: &Access) -> BTreeSet<AccountNo> {
    let members: Vec<(AccountNo, Role)> = access.members().collect();
    let team = |role: &Role| {
        matches!(role, Role::Dietitian | Role::Physiotherapist | Role::Physician | Role::Nurse | Role::ClinicAdmin)
    };
    let named = members.iter().filter(|(account, role)| turn.contains(account) && team(role));
    let named: BTreeSet<AccountNo> = named.map(|(account, _)| *account).collect();
    if !named.is_empty() {
        return named;
    }
    let care = members.iter().filter(|(_, role)| matches!(role, Role::Physician | Role::Nurse));
    care.map(|(account, _)| *account).collect()
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

/// Rules of which the server itself sees that what they found is over, and what it says then.
const OVER: [(&str, &str); 2] =
    [("R-SYNC-1", "It is decided: nobody disagrees any more."), (away::RULE, "A device of the patient has come back.")];

/// Open alerts of such rules that nothing stands behind any more. Where a rule cannot tell, nothing is over.
pub(super) fn over(found: &[Evaluation], alerts: &Alerts, circle: CircleNo) -> Vec<Raised> {
    let of_rule = |rule: &str| found.iter().find(|one| one.rule == rule && one.cannot_tell.is_empty());
    let is_over = |raised: &&Raised| {
        OVER.iter().any(|(rule, _)| *rule == raised.key.rule)
            && of_rule(&raised.key.rule)
                .is_some_and(|one| one.fires.values().all(|fires| key(circle, fires) != raised.key))
    };
    alerts.open().filter(is_over).cloned().collect()
}

/// Closes what is over.
pub(super) fn close(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    raised: &Raised,
) -> Result<(), StoreError> {
    let reason = OVER.iter().find(|(rule, _)| *rule == raised.key.rule).map(|(_, reason)| (*reason).to_owned());
    let closure = care::AlertClosure {
        parent: Some(raised.record.0.to_vec().into()),
        outcome: Some(care::AlertOutcome::Solved.into()),
        reason,
        ..care::AlertClosure::default()
    };
    let record = ids::derived_id(work.circle().circle, alerts::CLOSURE, &[&raised.record.0], sha256);
    derived::create(app, work, writer, ctx, (record, alerts::CLOSURE, raised.label), &closure.encode_to_vec())
}

fn key(circle: CircleNo, fires: &Fires) -> alerts::Key {
    let subject = match fires.key.subject {
        Subject::Person => ids_for::singleton(circle, members::CARE_CIRCLE),
        Subject::Record(record) => record,
    };
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
    let escalates = news.iter().any(|one| one.next.cause == Cause::Escalated);
    let access = if escalates { Some(app.access_in(work.circle().circle, work.access())?) } else { None };
    for one in news {
        let Some(rule) = under.set.rule(&one.key.rule) else { continue };
        let Some(label) = one.label.or_else(|| label_of(rule)) else {
            tracing::error!(rule = rule.id.as_str(), "an alert has no label: it is told to nobody");
            continue;
        };
        let before = one.stands.as_ref().map(|stands| stands.record);
        let before = before.map(|record| stored(work, record)).transpose()?.flatten();
        let mut alert = alert(under.set, rule, one, before);
        if let Some(access) = access.as_ref().filter(|_| one.next.cause == Cause::Escalated) {
            alert.told_members = told_members(&one.turn, &access.access).into_iter().take(MAX_TOLD).collect();
        }
        let record = put(app, work, writer, ctx, label, &alert)?;
        let (severity, cause) = (one.next.severity.code(), one.next.cause.code());
        metrics::counter!(names::ALERTS, "rule" => rule.id.clone(), "severity" => severity, "cause" => cause)
            .increment(1);
        if !one.is_muted() {
            let face = faces::Face { record, label, alert: &alert };
            faces::write(app, work, writer, ctx, &face, under.terms, &BTreeSet::new())?;
        }
    }
    Ok(())
}

/// The revision that goes on, where it is at hand.
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

/// A rule about how records came (R-SYNC-*): its categories are those of what it finds.
fn is_of_any(rule: &Rule) -> bool {
    rule.categories.iter().any(|word| word == "*")
}

/// The label under which such a rule speaks. What is known of a device of the person (R-SYNC-3) says how they can be
/// reached, and of what waits for it nothing but how many things: it stands with who they are.
fn label_of_any(fires: &Fires, gathered: &Gathered) -> Option<u64> {
    match fires.key.subject {
        Subject::Record(_) => label_of_subject(fires, gathered),
        Subject::Person => label_of_word(IDENTITY),
    }
}

/// The label of the part on which people disagree (R-SYNC-1), where alerts may stand under it.
fn label_of_subject(fires: &Fires, gathered: &Gathered) -> Option<u64> {
    let Subject::Record(record) = fires.key.subject else { return None };
    let field = fires.fill.get("field")?;
    let mut disputes = gathered.facts().house.disputes.iter();
    let label = disputes.find(|one| one.record.0 == record && one.field == *field)?.label;
    let known = table().get(ALERT)?;
    let mut choices = 1..=u32::try_from(known.label_choice.len()).ok()?;
    choices.any(|choice| known.record_label(choice, 0).is_ok_and(|of| of.0 == label)).then_some(label)
}

/// The label of a rule's alerts: the union of the categories of its inputs.
pub(super) fn label_of(rule: &Rule) -> Option<u64> {
    label_of_word(&rule.categories.join("+"))
}

fn label_of_word(word: &str) -> Option<u64> {
    let known = table().get(ALERT)?;
    let choice = known.label_choice.iter().position(|choice| choice.word == word)?;
    known.record_label(u32::try_from(choice + 1).ok()?, 0).ok().map(|label| label.0)
}

fn alert(set: &RuleSet, rule: &Rule, one: &News, before: Option<care::Alert>) -> care::Alert {
    let now_ms = u64::try_from(one.at.now.ms).unwrap_or(0);
    let mut alert = match (&one.fires, before) {
        (Some(fires), _) => of_finding(fires, one.at.now),
        (None, Some(before)) => before,
        (None, None) => care::Alert::default(),
    };
    alert.supersedes = one.next.supersedes.map(|record| record.0.to_vec().into());
    alert.rule = Some(one.key.rule.clone());
    alert.subject = Some(one.key.subject.0.to_vec().into());
    alert.discriminator = Some(one.key.discriminator.clone());
    alert.revision = Some(one.next.revision);
    alert.severity = Some(severity(one.next.severity) as i32);
    alert.verdict = Some(care::AlertVerdict::Fires as i32);
    alert.inputs = one.behind.iter().map(input).collect();
    alert.rule_set = Some(format!("{} of {}", set.version, set.published));
    alert.raised = Some(timestamp(now_ms));
    alert.cause = Some(cause(one.next.cause) as i32);
    alert.step = (one.next.step > 0).then_some(one.next.step);
    if !alert.muted.unwrap_or(false) {
        let told = told(rule, one.next.severity).into_iter().chain(owners(rule, &alert)).collect::<BTreeSet<_>>();
        alert.told = told.into_iter().map(|role| role as i32).collect();
    }
    alert
}

fn of_finding(fires: &Fires, now: Instant) -> care::Alert {
    let text = |(name, text): (&&'static str, &String)| care::RuleText {
        name: Some((*name).to_owned()),
        text: Some(text.chars().take(MAX_TEXT_CHARS).collect()),
    };
    let texts = fires.fill.iter().filter(|(_, text)| !text.is_empty()).take(MAX_TEXTS).map(text).collect();
    let happened = fires.happened.map(|(at, _)| at);
    let late = happened.map(|at| now.day().since(at.day())).and_then(|days| u32::try_from(days).ok());
    care::Alert {
        texts,
        signs: alerts::signs(fires).into_iter().map(|sign| sign.chars().take(64).collect()).take(MAX_TEXTS).collect(),
        notes: fires.notes.iter().map(|note| (*note).to_owned()).collect(),
        happened: happened.map(moment),
        late_days: late.filter(|days| *days > 0),
        muted: fires.muted.then_some(true),
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

/// Whether the rule has the patient told.
pub(super) fn tells_patient(rule: &Rule) -> bool {
    rule.notify.iter().any(|code| code == "PT")
}

/// "owner": the roles in whose inbox the dispute lies that the alert is about. The field is one of its texts.
fn owners(rule: &Rule, alert: &care::Alert) -> Vec<meta::Role> {
    if !rule.notify.iter().any(|code| code == OWNER) {
        return Vec::new();
    }
    let named = alert.texts.iter().find(|text| text.name.as_deref() == Some("field"));
    let field = named.and_then(|text| text.text.as_deref()).and_then(|text| text.rsplit_once('.'));
    let info = field.and_then(|(record, field)| table().by_name(record)?.field_by_name(field));
    info.map(|info| info.inbox().iter().filter(|role| *role != meta::Role::System).collect()).unwrap_or_default()
}

/// Whom the rule names; an emergency always reaches a nurse and a physician. Who owns a field is told besides ([`owners`]).
fn told(rule: &Rule, severity: Severity) -> BTreeSet<meta::Role> {
    let role = |code: &String| match code.as_str() {
        "PT" => Some(meta::Role::Patient),
        "CG" => Some(meta::Role::Caregiver),
        "DI" => Some(meta::Role::Dietitian),
        "PH" => Some(meta::Role::Physiotherapist),
        "ON" => Some(meta::Role::Physician),
        "NU" => Some(meta::Role::Nurse),
        "AD" => Some(meta::Role::ClinicAdmin),
        _ => None,
    };
    let always = [meta::Role::Physician, meta::Role::Nurse];
    let always = always.into_iter().filter(|_| severity == Severity::Emergency);
    rule.notify.iter().filter_map(role).chain(always).collect()
}

pub(in crate::app) fn severity(severity: Severity) -> care::AlertSeverity {
    match severity {
        Severity::Info => care::AlertSeverity::Info,
        Severity::Soon => care::AlertSeverity::Soon,
        Severity::Urgent => care::AlertSeverity::Urgent,
        Severity::Emergency => care::AlertSeverity::Emergency,
    }
}

/// Of the contract's number; none of one that is not known here.
pub(super) fn rank(severity: care::AlertSeverity) -> Option<Severity> {
    Some(match severity {
        care::AlertSeverity::Emergency => Severity::Emergency,
        care::AlertSeverity::Urgent => Severity::Urgent,
        care::AlertSeverity::Soon => Severity::Soon,
        care::AlertSeverity::Info => Severity::Info,
        care::AlertSeverity::Unspecified => return None,
    })
}

pub(super) fn cause(cause: Cause) -> care::AlertCause {
    match cause {
        Cause::New => care::AlertCause::New,
        Cause::Worse => care::AlertCause::Worse,
        Cause::NewSign => care::AlertCause::NewSign,
        Cause::StillTrue => care::AlertCause::StillTrue,
        Cause::Again => care::AlertCause::Again,
        Cause::Escalated => care::AlertCause::Escalated,
    }
}

#[cfg(test)]
mod tests {
    use osteon_care_core::{
        Day,
        rules::{BUILT_IN, RuleSet},
    };

    use super::*;

    /// A rule whose alert has no label would be raised for nobody.
    #[test]
    fn every_rule_has_a_label_for_its_alert_and_for_what_is_said_to_it() {
        let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
        let mut unlabelled = Vec::new();
        for rule in set.rules().filter(|rule| !is_of_any(rule)) {
            let word = rule.categories.join("+");
            let has = |number: u32| {
                let known = table().get(number).expect("a type");
                known.label_choice.iter().any(|choice| choice.word == word)
            };
            if label_of(rule).is_none() || !has(alerts::ACKNOWLEDGEMENT) || !has(alerts::CLOSURE) {
                unlabelled.push((&rule.id, word));
            }
        }
        assert!(unlabelled.is_empty(), "{unlabelled:?}");
        let choices = |number: u32| table().get(number).expect("a type").label_choice.iter();
        for number in [ALERT, alerts::ACKNOWLEDGEMENT, alerts::CLOSURE] {
            assert!(choices(number).any(|choice| choice.word == IDENTITY));
        }
    }
}

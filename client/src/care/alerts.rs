//! Alerts as this phone knows them: what its own rules find now, and what the server raised, with what people said to it.
//!
//! An alert of the server is a record, one per revision; the newest of a key is the alert. It is open until somebody closed
//! it. One that this phone finds as well is said once, under the server's record, so that it can be marked as seen.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::rules::{Key, Settings, Severity, Subject, Told, say};
use osteon_proto::{
    care, meta,
    plain::plain,
    split::{close, payload},
    table::table,
    values::{Value, value, values},
};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{Finding, Findings, lines};
use crate::{
    error::{Error, Result},
    phone::Phone,
    records::{NewRecord, Saved},
    state::Enrolled,
    views::{CircleView, FieldView, RecordView},
};

const ALERT: u32 = 411;
const ACKNOWLEDGEMENT: u32 = 412;
const CLOSURE: u32 = 413;
const FACE: u32 = 414;
const CIRCLE: u32 = 261;

/// One open alert.
#[derive(Clone, Debug)]
pub struct Open {
    /// The server's record; `None`: only this phone's rules found it.
    pub record: Option<RecordId>,
    pub rule: String,
    pub severity: Severity,
    /// What this phone's rules say of it now; empty where they do not find it any more, or do not know the rule.
    pub finding: Option<Finding>,
    /// What the server found, in the words of this phone's rules for its owner. Empty: they do not know the rule.
    pub words: String,
    /// When what it is about happened, as far as somebody said.
    pub happened_ms: Option<i64>,
    /// When this was said of it last: an alert that goes on to the next person is raised again.
    pub raised_ms: Option<i64>,
    pub late_days: u32,
    /// Accounts that have seen this revision.
    pub seen_by: BTreeSet<u64>,
    /// Its owner sees only that there is one, and whom to call.
    pub redacted: bool,
    /// Numbers that came with a redacted one.
    pub call: Vec<String>,
}

/// The server's word for "no discriminator".
const NO_MARK: &str = "-";

/// (rule, subject, discriminator) as records say it.
type Named = (String, RecordId, String);

impl Phone {
    /// Open alerts, the most urgent first, and what could not be told.
    pub async fn alerts(&self, circle: u64, offset_min: i32) -> Result<(Vec<Open>, Findings)> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let enrolled = state.enrolled()?;
        let found = enrolled.findings(circle, now_ms, offset_min, self.runner())?;
        Ok((enrolled.alerts(circle, now_ms, &found)?, found))
    }

    /// This phone's owner has seen an alert of the server. `takes_over`: they see to it.
    pub async fn acknowledge(&self, circle: u64, alert: RecordId, at: care::Moment, takes_over: bool) -> Result<Saved> {
        let now_ms = self.now_ms();
        let new = self.read().await?.enrolled()?.acknowledgement(circle, alert, at, takes_over, now_ms)?;
        self.create(circle, &new, "").await
    }
}

impl Enrolled {
    fn alerts(&self, circle: u64, now_ms: u64, found: &Findings) -> Result<Vec<Open>> {
        let view = self.view(circle, now_ms)?;
        let person = view.of_type(CIRCLE).first().map(|record| record.record);
        let mut of_key: BTreeMap<Named, &Finding> =
            found.found.iter().filter_map(|finding| Some((named(&finding.key, person)?, finding))).collect();
        let closed = parents(&view, CLOSURE);
        let seen = parents(&view, ACKNOWLEDGEMENT);
        let (settings, role) = (lines::settings(&view, &view.all_parts()), self.author(circle)?.role);
        let role = meta::Role::try_from(i32::from(role.0)).unwrap_or_default();
        let mut open = Vec::new();
        for (key, record) in newest(&view) {
            if int(&record, "muted") == Some(1) {
                of_key.remove(&key);
                continue;
            }
            let told_as = told_as(&view, &record);
            if told_as.iter().any(|one| closed.contains_key(one)) {
                // What was written here since, nobody who closed it has seen.
                let unsent = |record: &RecordId| view.record(*record).is_some_and(|seen| seen.unsent);
                if !of_key.get(&key).is_some_and(|finding| finding.behind.iter().any(unsent)) {
                    of_key.remove(&key);
                }
                continue;
            }
            let finding = of_key.remove(&key).cloned();
            let words = words(&record, &key.0, &settings, role);
            // A rule that has nothing to say to its owner is not for them.
            if words.as_deref() == Some("") && finding.is_none() {
                continue;
            }
            let severity = severity(&record).max(finding.as_ref().map(|finding| finding.severity));
            open.push(Open {
                record: Some(record.record),
                rule: key.0,
                severity: severity.unwrap_or(Severity::Info),
                finding,
                words: words.unwrap_or_default(),
                happened_ms: moment(&record, "happened"),
                raised_ms: time(&record, "raised"),
                late_days: int(&record, "late_days").and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                seen_by: told_as.iter().filter_map(|one| seen.get(one)).flatten().copied().collect(),
                redacted: false,
                call: Vec::new(),
            });
        }
        // Without the circle's record no alert of the server has the person as its subject here.
        let own: BTreeSet<&Key> =
            open.iter().filter_map(|one| one.finding.as_ref()).map(|finding| &finding.key).collect();
        let closed_here = |finding: &&Finding| match named(&finding.key, person) {
            Some(key) => of_key.contains_key(&key),
            None => true,
        };
        let local: Vec<&Finding> =
            found.found.iter().filter(|finding| !own.contains(&finding.key)).filter(closed_here).collect();
        open.extend(local.into_iter().map(local_only));
        open.extend(view.of_type(FACE).iter().filter_map(|face| redacted(face, self.device.account())));
        open.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
        Ok(open)
    }

    fn acknowledgement(
        &self,
        circle: u64,
        alert: RecordId,
        at: care::Moment,
        takes_over: bool,
        now_ms: u64,
    ) -> Result<NewRecord> {
        let view = self.view(circle, now_ms)?;
        let label = view.parts_of(alert).first().filter(|(_, number, _)| *number == ALERT).map(|(id, ..)| id.label);
        let (label, kind) = label.zip(table().get(ACKNOWLEDGEMENT)).ok_or(Error::NoRecord)?;
        // Its label is that of the alert.
        let choices = 1..=u32::try_from(kind.label_choice.len()).unwrap_or(0);
        let account = self.device.account();
        let is_same = |choice: &u32| kind.record_label(*choice, account).is_ok_and(|of| of.0 == label);
        let label_choice = choices.into_iter().find(is_same).ok_or(Error::NoRecord)?;
        let said = care::AlertAcknowledgement {
            parent: Some(alert.0.to_vec().into()),
            account: Some(account),
            at: Some(at),
            takes_over: takes_over.then_some(true),
            ..Default::default()
        };
        Ok(NewRecord { body: close(ACKNOWLEDGEMENT, &said.encode_to_vec()), label_choice, record: None })
    }
}

fn named(key: &Key, person: Option<RecordId>) -> Option<Named> {
    let subject = match key.subject {
        Subject::Person => person?,
        Subject::Record(record) => record,
    };
    let mark = if key.discriminator.is_empty() { NO_MARK } else { &key.discriminator };
    Some((key.rule.to_owned(), subject, mark.to_owned()))
}

/// The newest revision of every alert that fires.
fn newest(view: &CircleView<'_>) -> BTreeMap<Named, RecordView> {
    let mut all: BTreeMap<Named, RecordView> = BTreeMap::new();
    for record in view.of_type(ALERT) {
        if int(&record, "verdict") == Some(care::AlertVerdict::CannotTell as i128) {
            continue;
        }
        let (Some(rule), Some(subject)) = (text(&record, "rule"), id(&record, "subject")) else { continue };
        let key = (rule, subject, text(&record, "discriminator").unwrap_or_else(|| NO_MARK.to_owned()));
        match all.get(&key) {
            Some(known) if int(known, "revision") >= int(&record, "revision") => {}
            _ => _ = all.insert(key, record),
        }
    }
    all
}

/// A revision, and before it those that it only says anew: what was said to one of them was said to it.
fn told_as(view: &CircleView<'_>, record: &RecordView) -> Vec<RecordId> {
    let mut all = vec![record.record];
    let before = |record: &RecordView| {
        let is_update = int(record, "cause") == Some(care::AlertCause::Updated as i128);
        id(record, "supersedes").filter(|_| is_update)
    };
    let mut next = before(record);
    while let Some(one) = next.filter(|one| !all.contains(one)) {
        all.push(one);
        next = view.record(one).and_then(|record| before(&record));
    }
    all
}

/// The rule's text with the values that the alert recorded. `None`: this program does not know the rule; empty: the rule has
/// nothing to say to this reader.
fn words(record: &RecordView, rule: &str, settings: &Settings, role: meta::Role) -> Option<String> {
    let set = super::rules().ok()?;
    let rule = set.rule(rule)?;
    let mut bytes = Vec::new();
    record.fields.iter().filter_map(FieldView::value).for_each(|value| bytes.extend_from_slice(value));
    let alert = care::Alert::decode(bytes.as_slice()).ok()?;
    let fill = alert.texts.iter().filter_map(|one| Some((one.name.as_deref()?, one.text.as_deref()?)));
    let notes = alert.notes.iter().map(String::as_str).collect();
    let told = Told::recorded(rule, severity(record).unwrap_or(Severity::Urgent), fill.collect(), notes);
    Some(say(set, rule, &told, settings, role).map(|text| plain(&text)).unwrap_or_default())
}

fn local_only(finding: &Finding) -> Open {
    Open {
        record: None,
        rule: finding.key.rule.to_owned(),
        severity: finding.severity,
        finding: Some(finding.clone()),
        words: String::new(),
        happened_ms: finding.happened_ms,
        raised_ms: None,
        late_days: 0,
        seen_by: BTreeSet::new(),
        redacted: false,
        call: Vec::new(),
    }
}

/// What somebody sees of an alert in an area that is not shared with them.
fn redacted(face: &RecordView, account: u64) -> Option<Open> {
    if int(face, "account") != Some(i128::from(account)) {
        return None;
    }
    let kind = face.kind()?;
    let call = kind.field_by_name("call").zip(face.field("call").and_then(|field| field.value()));
    let call = call.into_iter().flat_map(|(info, chunk)| values(info, chunk)).filter_map(|value| match value {
        Value::Text(text) => Some(plain(text)),
        _ => None,
    });
    Some(Open {
        record: id(face, "alert"),
        rule: String::new(),
        severity: severity(face)?,
        finding: None,
        words: String::new(),
        happened_ms: None,
        raised_ms: time(face, "raised"),
        late_days: 0,
        seen_by: BTreeSet::new(),
        redacted: true,
        call: call.collect(),
    })
}

/// Accounts by the alert that they said something to.
fn parents(view: &CircleView<'_>, type_number: u32) -> BTreeMap<RecordId, BTreeSet<u64>> {
    let mut all: BTreeMap<RecordId, BTreeSet<u64>> = BTreeMap::new();
    for child in view.of_type(type_number) {
        if let Some(parent) = child.parent {
            let account = int(&child, "account").and_then(|n| u64::try_from(n).ok());
            all.entry(parent).or_default().extend(account);
        }
    }
    all
}

fn severity(record: &RecordView) -> Option<Severity> {
    let number = i32::try_from(int(record, "severity")?).ok()?;
    Some(match care::AlertSeverity::try_from(number).unwrap_or_default() {
        care::AlertSeverity::Emergency => Severity::Emergency,
        care::AlertSeverity::Urgent => Severity::Urgent,
        care::AlertSeverity::Soon => Severity::Soon,
        care::AlertSeverity::Info => Severity::Info,
        // Something newer than this program: it is not taken for less.
        care::AlertSeverity::Unspecified => Severity::Urgent,
    })
}

fn int(record: &RecordView, name: &str) -> Option<i128> {
    match value(record.kind()?.field_by_name(name)?, record.field(name)?.value()?)? {
        Value::Int(n) => Some(n),
        _ => None,
    }
}

fn text(record: &RecordView, name: &str) -> Option<String> {
    match value(record.kind()?.field_by_name(name)?, record.field(name)?.value()?)? {
        Value::Text(text) => Some(plain(text)),
        _ => None,
    }
}

fn id(record: &RecordView, name: &str) -> Option<RecordId> {
    payload(record.field(name)?.value()?).try_into().ok().map(RecordId)
}

fn time(record: &RecordView, name: &str) -> Option<i64> {
    let field = record.field(name)?;
    ms(&prost_types::Timestamp::decode(payload(field.value()?)).ok()?)
}

fn moment(record: &RecordView, name: &str) -> Option<i64> {
    let field = record.field(name)?;
    ms(&osteon_proto::care::Moment::decode(payload(field.value()?)).ok()?.at?)
}

fn ms(at: &prost_types::Timestamp) -> Option<i64> {
    at.seconds.checked_mul(1_000)?.checked_add(i64::from(at.nanos) / 1_000_000)
}

//! Alerts as their records say: the newest revision of each, who has seen it, whether it is closed.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::care;
use osteon_sync_core::{Dot, FieldRef, Part, RecordId, Replica};
use prost::Message;

use super::{Behind, Cause, Key, Says};
use crate::{facts::Instant, rules::Severity};

pub const ALERT: u32 = 411;
pub const ACKNOWLEDGEMENT: u32 = 412;
pub const CLOSURE: u32 = 413;

/// One revision of an alert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised {
    pub record: RecordId,
    /// Label of the record, as a number: what is said to it stands under the same.
    pub label: u64,
    pub key: Key,
    pub revision: u32,
    pub severity: Severity,
    pub raised_ms: i64,
    /// When this revision was written.
    pub written_ms: i64,
    pub step: u32,
    pub cause: Cause,
    /// The revision before it.
    pub supersedes: Option<RecordId>,
    pub says: Says,
    pub behind: BTreeSet<Behind>,
    /// Accounts of the members that it went on to.
    pub told_members: Vec<u64>,
}

impl Raised {
    /// It was raised before: this revision tells the next in line, or says it anew.
    fn goes_on(&self) -> bool {
        matches!(self.cause, Cause::Escalated | Cause::Updated)
    }

    /// Whether it rests on the record, in whatever state.
    pub fn rests_on(&self, record: RecordId) -> bool {
        let first = Dot { replica: Replica { epoch: 0, n: 0 }, counter: 0 };
        self.behind.range((record, first)..).next().is_some_and(|(known, _)| *known == record)
    }
}

/// All alerts of one circle.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alerts {
    raised: BTreeMap<RecordId, Raised>,
    newest: BTreeMap<Key, RecordId>,
    /// By alert and acknowledgement, whoever's: when.
    read: Sayings,
    /// The same of the team.
    seen: Sayings,
    /// By alert: closures.
    closed: Sayings,
    /// By alert and acknowledgement: whom somebody asked to see to it.
    asked: Sayings,
    /// Who is a member now; None: not known.
    members: Option<BTreeSet<u64>>,
}

/// What people said to alerts, by alert and by the record that says it: when, and which account.
type Sayings = BTreeMap<RecordId, BTreeMap<RecordId, (i64, u64)>>;

impl Alerts {
    /// Whether records of the type say something of alerts.
    pub fn reads(type_number: u32) -> bool {
        matches!(type_number, ALERT | ACKNOWLEDGEMENT | CLOSURE)
    }

    /// Takes a record in, or out where `part` is None.
    pub fn put(&mut self, record: RecordId, type_number: u32, label: u64, part: Option<&Part>) {
        match type_number {
            ALERT => {
                let Some(raised) = part.and_then(|part| raised(record, label, part)) else { return };
                let newest = self.newest.entry(raised.key.clone()).or_insert(record);
                if self.raised.get(newest).is_none_or(|known| known.revision < raised.revision) {
                    *newest = record;
                }
                self.raised.insert(record, raised);
            }
            ACKNOWLEDGEMENT => {
                said(&mut self.read, record, part);
                let asked = part.and_then(asked);
                said(&mut self.asked, record, part.filter(|_| asked.is_some()));
                let whom = self.asked.values_mut().filter_map(|of_alert| of_alert.get_mut(&record));
                whom.for_each(|(_, account)| *account = asked.unwrap_or_default());
                // A patient who has read it is no reason to tell nobody else.
                // Nor is one who asks another to see to it, and does not do so themselves.
                said(&mut self.seen, record, part.filter(|part| is_of_team(part) && !only_asks(part)));
            }
            CLOSURE => said(&mut self.closed, record, part),
            _ => {}
        }
    }

    pub fn newest(&self, key: &Key) -> Option<&Raised> {
        self.raised.get(self.newest.get(key)?)
    }

    pub fn get(&self, record: RecordId) -> Option<&Raised> {
        self.raised.get(&record)
    }

    /// When it was raised, before it went on to anybody: its newest revision that is neither an escalation nor an update.
    pub fn began_ms(&self, raised: &Raised) -> i64 {
        let mut one = raised;
        while let Some(before) = self.before(one).filter(|_| one.goes_on()) {
            one = before;
        }
        one.raised_ms
    }

    fn before(&self, raised: &Raised) -> Option<&Raised> {
        self.get(raised.supersedes?).filter(|before| before.key == raised.key && before.revision < raised.revision)
    }

    /// A revision, and before it those that it only says anew: what was said to one of them was said to it.
    pub fn told_as<'a>(&'a self, raised: &'a Raised) -> impl Iterator<Item = &'a Raised> {
        let before = |one: &&'a Raised| self.before(one).filter(|_| one.cause == Cause::Updated);
        std::iter::successors(Some(raised), before)
    }

    /// The revision that people were told of: the last one before it that was no update.
    pub fn announced(&self, raised: &Raised) -> RecordId {
        self.told_as(raised).last().map_or(raised.record, |one| one.record)
    }

    /// The revision, of those that say the same alert anew, to which this account said that they have seen it.
    pub fn answered_by(&self, raised: &Raised, account: u64) -> Option<RecordId> {
        let by =
            |one: &&Raised| self.read.get(&one.record).is_some_and(|read| read.values().any(|(_, by)| *by == account));
        self.told_as(raised).find(by).map(|one| one.record)
    }

    /// Who is a member now: what somebody has seen who is none any more, nobody sees to.
    pub fn set_members(&mut self, members: BTreeSet<u64>) {
        self.members = Some(members);
    }

    /// Who is a member now; None: not known.
    pub fn members(&self) -> Option<&BTreeSet<u64>> {
        self.members.as_ref()
    }

    /// When somebody of the team, who is of it still, saw the revision first.
    pub fn seen(&self, raised: &Raised) -> Option<i64> {
        let stays = |account: &u64| self.members.as_ref().is_none_or(|members| members.contains(account));
        let seen = self.told_as(raised).filter_map(|one| self.seen.get(&one.record)).flat_map(BTreeMap::values);
        seen.filter(|(_, account)| stays(account)).map(|(at_ms, _)| *at_ms).min()
    }

    /// Whom somebody asked to see to the alert since it was raised.
    pub fn asked(&self, raised: &Raised) -> BTreeSet<u64> {
        let of = |one: &Raised| self.asked.get(&one.record).into_iter().flat_map(BTreeMap::values);
        let mut asked: BTreeSet<u64> = of(raised).map(|(_, account)| *account).collect();
        let mut one = raised;
        while let Some(before) = self.before(one).filter(|_| one.goes_on()) {
            asked.extend(of(before).map(|(_, account)| *account));
            one = before;
        }
        asked
    }

    /// Whether this account has said to have seen the revision.
    pub fn read_by(&self, raised: &Raised, account: u64) -> bool {
        self.answered_by(raised, account).is_some()
    }

    /// When the revision was closed.
    pub fn closed(&self, raised: &Raised) -> Option<i64> {
        let closed = self.told_as(raised).filter_map(|one| self.closed.get(&one.record)).flat_map(BTreeMap::values);
        closed.map(|(at_ms, _)| *at_ms).min()
    }

    /// Closed by nobody but the server, because its condition had ended.
    pub fn ended(&self, raised: &Raised) -> bool {
        let closed = self.told_as(raised).filter_map(|one| self.closed.get(&one.record)).flat_map(BTreeMap::values);
        let mut closed = closed.map(|(_, account)| *account).peekable();
        closed.peek().is_some() && closed.all(|account| account == 0)
    }

    /// What people said to an alert, or to a revision that it says anew: the records.
    pub fn said_to(&self, alert: RecordId) -> BTreeSet<RecordId> {
        let told = self.get(alert).into_iter().flat_map(|raised| self.told_as(raised)).map(|one| one.record);
        let of = |all: &Sayings, alert| all.get(&alert).cloned().unwrap_or_default().into_keys();
        told.chain([alert]).flat_map(|alert| of(&self.read, alert).chain(of(&self.closed, alert))).collect()
    }

    /// Every revision of one alert, in no order.
    pub fn revisions(&self, key: &Key) -> impl Iterator<Item = &Raised> {
        self.raised.values().filter(move |raised| raised.key == *key)
    }

    /// Every revision of every alert, in no order.
    pub fn raised(&self) -> impl Iterator<Item = &Raised> {
        self.raised.values()
    }

    /// The newest revision of each.
    pub fn newest_of_each(&self) -> impl Iterator<Item = &Raised> {
        self.newest.values().filter_map(|record| self.raised.get(record))
    }

    /// Newest revisions that nobody closed.
    pub fn open(&self) -> impl Iterator<Item = &Raised> {
        self.newest_of_each().filter(|raised| self.closed(raised).is_none())
    }

    /// Whether one of the rule stands open.
    pub fn is_open(&self, rule: &str) -> bool {
        self.newest_of_each().any(|raised| raised.key.rule == rule && self.closed(raised).is_none())
    }

    /// How many records are known.
    pub fn len(&self) -> usize {
        self.raised.len() + self.read.len() + self.closed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Written by whoever cares for the person, not by the person or their family.
fn is_of_team(part: &Part) -> bool {
    use osteon_proto::meta::Role;
    part.versions(FieldRef::register(1)).any(|version| {
        matches!(
            Role::try_from(i32::from(version.author.role.0)),
            Ok(Role::Dietitian | Role::Physiotherapist | Role::Physician | Role::Nurse)
        )
    })
}

/// Whoever wrote it asks somebody to see to the alert, and does not see to it until then.
fn only_asks(part: &Part) -> bool {
    let (ack, _): (care::AlertAcknowledgement, i64) = whole(part);
    ack.hands_to.is_some_and(|to| to != 0) && !ack.takes_over.unwrap_or(false)
}

/// Whom they ask.
fn asked(part: &Part) -> Option<u64> {
    whole::<care::AlertAcknowledgement>(part).0.hands_to.filter(|to| *to != 0)
}

/// What one person said to one alert.
fn said(all: &mut Sayings, record: RecordId, part: Option<&Part>) {
    for of_alert in all.values_mut() {
        of_alert.remove(&record);
    }
    all.retain(|_, of_alert| !of_alert.is_empty());
    let Some(part) = part.filter(|part| part.is_live()) else { return };
    // Both name their alert in the first field, and have nothing else in common.
    let parents = part.versions(FieldRef::register(1)).filter_map(|version| {
        let message = care::AlertAcknowledgement::decode(version.value?).ok()?;
        let parent = RecordId(message.parent?.as_ref().try_into().ok()?);
        Some((parent, i64::try_from(version.clock.ms).unwrap_or(i64::MAX), version.author.account))
    });
    for (parent, written_ms, account) in parents {
        all.entry(parent).or_default().insert(record, (written_ms, account));
    }
}

/// A record of one version per field, decoded, and when it was written last.
fn whole<M: Message + Default>(part: &Part) -> (M, i64) {
    let (mut bytes, mut written_ms) = (Vec::new(), 0);
    for (field, versions) in part.fields() {
        for version in versions {
            written_ms = written_ms.max(version.clock.ms);
            if field.number != 0 {
                bytes.extend_from_slice(version.value.unwrap_or_default());
            }
        }
    }
    (M::decode(bytes.as_slice()).unwrap_or_default(), i64::try_from(written_ms).unwrap_or(i64::MAX))
}

fn raised(record: RecordId, label: u64, part: &Part) -> Option<Raised> {
    let (mut alert, written_ms): (care::Alert, i64) = whole(part);
    let key = Key {
        rule: alert.rule.take()?,
        subject: RecordId(alert.subject.take()?.as_ref().try_into().ok()?),
        discriminator: alert.discriminator.take()?,
    };
    let behind = |input: &care::RuleInput| {
        let replica = Replica { epoch: input.epoch.unwrap_or_default(), n: input.replica.unwrap_or_default() };
        let record = RecordId(input.record.as_ref()?.as_ref().try_into().ok()?);
        Some((record, Dot { replica, counter: input.counter.unwrap_or_default() }))
    };
    Some(Raised {
        record,
        label,
        key,
        revision: alert.revision.unwrap_or(1),
        severity: severity(alert.severity)?,
        raised_ms: alert.raised.as_ref().map_or(written_ms, |at| at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000),
        written_ms,
        step: alert.step.unwrap_or_default(),
        cause: cause(alert.cause()),
        supersedes: alert.supersedes.as_ref().and_then(|id| id.as_ref().try_into().ok()).map(RecordId),
        behind: alert.inputs.iter().filter_map(behind).collect(),
        told_members: std::mem::take(&mut alert.told_members),
        says: says(alert),
    })
}

fn says(alert: care::Alert) -> Says {
    let happened = alert.happened.as_ref().and_then(|moment| {
        let at = moment.at.as_ref()?;
        let ms = at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000;
        Some(Instant { ms, offset_min: moment.utc_offset_min.unwrap_or_default() })
    });
    Says {
        happened,
        texts: alert.texts.into_iter().filter_map(|one| Some((one.name?, one.text?))).collect(),
        signs: alert.signs.into_iter().collect(),
        notes: alert.notes.into_iter().collect(),
        late_days: alert.late_days,
        muted: alert.muted.unwrap_or_default(),
    }
}

fn cause(cause: care::AlertCause) -> Cause {
    match cause {
        // One of a newer program was raised all the same.
        care::AlertCause::Unspecified | care::AlertCause::New => Cause::New,
        care::AlertCause::Worse => Cause::Worse,
        care::AlertCause::NewSign => Cause::NewSign,
        care::AlertCause::StillTrue => Cause::StillTrue,
        care::AlertCause::Again => Cause::Again,
        care::AlertCause::Escalated => Cause::Escalated,
        care::AlertCause::Updated => Cause::Updated,
    }
}

fn severity(number: Option<i32>) -> Option<Severity> {
    Some(match care::AlertSeverity::try_from(number?).ok()? {
        care::AlertSeverity::Info => Severity::Info,
        care::AlertSeverity::Soon => Severity::Soon,
        care::AlertSeverity::Urgent => Severity::Urgent,
        care::AlertSeverity::Emergency => Severity::Emergency,
        care::AlertSeverity::Unspecified => return None,
    })
}

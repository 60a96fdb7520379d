//! What people said to alerts: who has seen one, who sees to it, how it ended.

use std::collections::BTreeMap;

use osteon_access_core::Role;
use osteon_care_core::alerts::{ACKNOWLEDGEMENT, CLOSURE};
use osteon_proto::{alert as pb, care};
use osteon_sync_core::{FieldRef, RecordId};

use super::{body, text_of};
use crate::app::{enrol::timestamp, look::Looked};

/// `AlertAcknowledgement.takes_over` and `hands_to`.
const TAKES_OVER: u32 = 4;
const HANDS_TO: u32 = 5;

/// What one person said to an alert that they have seen.
#[derive(Clone)]
pub(in crate::app::alerts) struct Seen {
    account: u64,
    at_ms: u64,
    /// They wrote it as one of those who care for the person.
    of_team: bool,
    /// When they last said that they see to it.
    took_ms: Option<u64>,
    /// Whom they last asked to see to it, and when.
    handed: Option<(u64, u64)>,
}

impl Seen {
    fn of(one: &Looked, (account, at_ms): (u64, u64)) -> Self {
        let ack: care::AlertAcknowledgement = body(one);
        let said_ms = |number: u32| {
            let mut fields = one.fields().filter(|(field, _)| field.number == number);
            fields.find_map(|(_, view)| view.effective).map(|version| version.clock.ms)
        };
        let took_ms = said_ms(TAKES_OVER).filter(|_| ack.takes_over.unwrap_or(false));
        let handed = ack.hands_to.filter(|to| *to != 0).zip(said_ms(HANDS_TO));
        let birth = one.part.versions(FieldRef::LIFECYCLE).next();
        let role = birth.and_then(|birth| Role::from_number(birth.author.role.0));
        Self { account, at_ms, of_team: role.is_some_and(Role::is_clinician), took_ms, handed }
    }

    /// When they took it, as one of the team.
    pub(in crate::app::alerts) fn taken_ms(&self) -> Option<u64> {
        self.took_ms.filter(|_| self.of_team)
    }

    pub(super) fn told(&self) -> pb::AlertSeen {
        pb::AlertSeen {
            account: self.account,
            at: Some(timestamp(self.at_ms)),
            takes_over: self.took_ms.is_some(),
            hands_to: self.handed.map_or(0, |(to, _)| to),
        }
    }
}

/// Who sees to an alert: who took it over last; and whom somebody asked after that. 0: nobody.
pub(super) fn owner(seen: &[Seen], is_of_team: impl Fn(u64) -> bool) -> (u64, u64) {
    let takes = seen.iter().filter(|one| is_of_team(one.account));
    let owner = takes.clone().filter_map(|one| Some((one.took_ms?, one.account))).max();
    let since = owner.map_or(0, |(took_ms, _)| took_ms);
    let handed = takes.filter_map(|one| one.handed).filter(|(to, at_ms)| is_of_team(*to) && *at_ms >= since);
    let handed = handed.max_by_key(|(_, at_ms)| *at_ms).map_or(0, |(to, _)| to);
    let owner = owner.map_or(0, |(_, account)| account);
    (owner, if handed == owner { 0 } else { handed })
}

/// By the alert that it was said to.
pub(in crate::app::alerts) struct Said {
    seen: BTreeMap<Vec<u8>, Vec<Seen>>,
    closed: BTreeMap<Vec<u8>, pb::AlertClosed>,
}

impl Said {
    /// Of a revision and those that it says anew.
    pub(super) fn to_all(&self, alerts: &[RecordId]) -> (Vec<Seen>, Option<&pb::AlertClosed>) {
        let mut by: BTreeMap<u64, Seen> = BTreeMap::new();
        for one in alerts.iter().flat_map(|alert| self.to(*alert).0) {
            let seen = by.entry(one.account).or_insert_with(|| one.clone());
            seen.at_ms = seen.at_ms.min(one.at_ms);
            seen.took_ms = seen.took_ms.max(one.took_ms);
            seen.handed = seen.handed.into_iter().chain(one.handed).max_by_key(|(_, at_ms)| *at_ms);
        }
        let mut seen: Vec<Seen> = by.into_values().collect();
        seen.sort_by_key(|one| one.at_ms);
        (seen, alerts.iter().find_map(|alert| self.to(*alert).1))
    }

    /// Of one revision.
    pub(in crate::app::alerts) fn to(&self, alert: RecordId) -> (&[Seen], Option<&pb::AlertClosed>) {
        let record = alert.0.as_slice();
        (self.seen.get(record).map_or(&[], Vec::as_slice), self.closed.get(record))
    }

    pub(in crate::app::alerts) fn of(parts: &BTreeMap<RecordId, Vec<Looked>>) -> Self {
        let (mut seen, mut closed): (BTreeMap<_, Vec<_>>, BTreeMap<_, pb::AlertClosed>) = Default::default();
        for (record, parts) in parts {
            let Some(one) = parts.first() else { continue };
            match one.row.type_number {
                ACKNOWLEDGEMENT => {
                    let parent = body::<care::AlertAcknowledgement>(one).parent.unwrap_or_default().to_vec();
                    seen.entry(parent).or_default().push(Seen::of(one, born(one)));
                }
                CLOSURE => {
                    let (parent, end) = closure(*record, one);
                    // Of several who said so, the first.
                    let first = closed.entry(parent).or_insert_with(|| end.clone());
                    if ms_of(&end) < ms_of(first) {
                        *first = end;
                    }
                }
                _ => {}
            }
        }
        seen.values_mut().for_each(|seen| seen.sort_by_key(|one| one.at_ms));
        Self { seen, closed }
    }
}

/// How an account said that an alert ended, of the records in which people said it.
pub(super) fn closed_by(parts: &BTreeMap<RecordId, Vec<Looked>>, account: u64) -> Option<pb::AlertClosed> {
    let ends = parts.iter().filter_map(|(record, parts)| Some((*record, parts.first()?)));
    let ends = ends.filter(|(_, one)| one.row.type_number == CLOSURE && born(one).0 == account);
    ends.map(|(record, one)| closure(record, one).1).next()
}

fn ms_of(closed: &pb::AlertClosed) -> Option<(i64, i32)> {
    closed.at.as_ref().map(|at| (at.seconds, at.nanos))
}

/// The account that wrote a record, and when.
fn born(one: &Looked) -> (u64, u64) {
    let written = one.part.versions(FieldRef::LIFECYCLE).next();
    written.map_or((0, 0), |birth| (birth.author.account, birth.clock.ms))
}

/// The alert, and how it is said to have ended.
fn closure(record: RecordId, one: &Looked) -> (Vec<u8>, pb::AlertClosed) {
    let end: care::AlertClosure = body(one);
    let (account, at_ms) = born(one);
    let closed = pb::AlertClosed {
        record_id: text_of(record),
        outcome: end.outcome.unwrap_or_default(),
        reason: end.reason.unwrap_or_default(),
        account,
        at: Some(timestamp(at_ms)),
        useful: end.useful,
    };
    (end.parent.unwrap_or_default().to_vec(), closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(account: u64, took_ms: Option<u64>, handed: Option<(u64, u64)>) -> Seen {
        Seen { account, at_ms: 1, of_team: true, took_ms, handed }
    }

    #[test]
    fn whoever_took_it_last_sees_to_it_until_another_takes_it() {
        let owner = |seen: &[Seen]| owner(seen, |account| account < 10);
        assert_eq!(owner(&[seen(1, None, None)]), (0, 0));
        assert_eq!(owner(&[seen(1, Some(5), None), seen(2, Some(3), None)]), (1, 0));
        // Asked, and not taken over yet: the one before sees to it.
        assert_eq!(owner(&[seen(1, Some(5), Some((2, 6)))]), (1, 2));
        assert_eq!(owner(&[seen(1, Some(5), Some((2, 6))), seen(2, Some(7), None)]), (2, 0));
        // Taken back.
        assert_eq!(owner(&[seen(1, Some(8), Some((2, 6))), seen(2, Some(7), None)]), (1, 0));
        // Somebody asks who never had it.
        assert_eq!(owner(&[seen(1, None, Some((2, 6)))]), (0, 2));
        // Whoever is not of the team takes nothing over, and is asked for nothing.
        assert_eq!(owner(&[seen(11, Some(9), None), seen(1, None, Some((12, 6)))]), (0, 0));
    }
}

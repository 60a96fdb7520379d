//! The order of the work list: total, explainable, and the same for everybody with the same scope. By group, worst open severity,
//! what nobody took, the nearest deadline, what waits longest, and last the circle's number.

use std::cmp::Reverse;

use osteon_proto::{
    care::AlertSeverity,
    worklist::{WorkGroup, WorkRank, WorkReason, WorkReasonKind},
};

/// What rows are compared by. Times in milliseconds since 1970; none is later than all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    group: i32,
    worst: Reverse<i32>,
    is_taken: bool,
    deadline_ms: u64,
    oldest_ms: u64,
    pub(super) circle: u64,
}

impl Place {
    /// As numbers, for a page token.
    pub(super) fn numbers(self) -> [u64; 6] {
        let small = |n: i32| u64::from(n.unsigned_abs());
        let Self { group, worst, is_taken, deadline_ms, oldest_ms, circle } = self;
        [small(group), small(worst.0), u64::from(is_taken), deadline_ms, oldest_ms, circle]
    }

    pub(super) fn of_numbers(numbers: &[u64]) -> Option<Self> {
        let [group, worst, taken, deadline_ms, oldest_ms, circle] = *numbers else { return None };
        let small = |n: u64| i32::try_from(n).ok();
        let (group, worst, is_taken) = (small(group)?, Reverse(small(worst)?), taken != 0);
        Some(Self { group, worst, is_taken, deadline_ms, oldest_ms, circle })
    }
}

pub(super) fn ms_of(at: &Option<prost_types::Timestamp>) -> Option<u64> {
    let at = at.as_ref()?;
    u64::try_from(at.seconds.checked_mul(1_000)?.checked_add(i64::from(at.nanos) / 1_000_000)?).ok()
}

/// Where a reason puts its row. `safety`: what it is about is something that the patient's safety rests on.
fn group_of(reason: &WorkReason, is_safety: bool) -> WorkGroup {
    match reason.kind() {
        WorkReasonKind::Alert | WorkReasonKind::RedactedAlert => match (reason.severity(), reason.owner != 0) {
            (AlertSeverity::Emergency, _) | (AlertSeverity::Urgent, false) => WorkGroup::Now,
            (AlertSeverity::Urgent, true) => WorkGroup::Today,
            (AlertSeverity::Soon, _) => WorkGroup::ThisWeek,
            (AlertSeverity::Info | AlertSeverity::Unspecified, _) => WorkGroup::NoOpenItem,
        },
        WorkReasonKind::Dispute | WorkReasonKind::Ending if is_safety => WorkGroup::Today,
        WorkReasonKind::Finding if reason.severity() >= AlertSeverity::Urgent => WorkGroup::Today,
        WorkReasonKind::DoseDue | WorkReasonKind::RulesLate => WorkGroup::Today,
        WorkReasonKind::Dispute | WorkReasonKind::Ending | WorkReasonKind::Finding | WorkReasonKind::ErasureRequest => {
            WorkGroup::ThisWeek
        }
        WorkReasonKind::PhoneSilent | WorkReasonKind::SafetyUndelivered => WorkGroup::Silent,
        WorkReasonKind::Unspecified => WorkGroup::NoOpenItem,
    }
}

/// A reason, and whether it is about something that safety rests on.
#[derive(Clone)]
pub(super) struct Weighed {
    pub(super) reason: WorkReason,
    pub(super) is_safety: bool,
}

impl Weighed {
    pub(super) fn plain(reason: WorkReason) -> Self {
        Self { reason, is_safety: false }
    }

    fn place(&self) -> Place {
        let Self { reason, is_safety } = self;
        Place {
            group: group_of(reason, *is_safety).into(),
            worst: Reverse(reason.severity),
            is_taken: reason.owner != 0,
            deadline_ms: ms_of(&reason.deadline).unwrap_or(u64::MAX),
            oldest_ms: ms_of(&reason.received).unwrap_or(u64::MAX),
            circle: 0,
        }
    }
}

/// Sorts the reasons of a row, the one that it is ranked by first, and ranks the row.
pub(super) fn ranked(circle: u64, reasons: &mut [Weighed]) -> (Place, WorkRank) {
    reasons.sort_by_key(|one| (one.place(), one.reason.record_id.clone(), one.reason.field));
    let group = reasons.first().map_or(WorkGroup::NoOpenItem.into(), |one| one.place().group);
    let of_all = || reasons.iter().map(|one| &one.reason);
    let worst = of_all().map(|reason| reason.severity).max().unwrap_or(0);
    // Of alerts that are as severe: there is one, and somebody sees to every one. Nobody takes a finding.
    let is_alert = |reason: &&WorkReason| {
        matches!(reason.kind(), WorkReasonKind::Alert | WorkReasonKind::RedactedAlert) && reason.severity == worst
    };
    let is_taken =
        of_all().any(|reason| is_alert(&reason)) && of_all().filter(is_alert).all(|reason| reason.owner != 0);
    let deadline = of_all().filter_map(|reason| Some((ms_of(&reason.deadline)?, reason.deadline))).min_by_key(|d| d.0);
    let oldest = of_all().filter_map(|reason| Some((ms_of(&reason.received)?, reason.received))).min_by_key(|d| d.0);
    let place = Place {
        group,
        worst: Reverse(worst),
        is_taken,
        deadline_ms: deadline.map_or(u64::MAX, |(ms, _)| ms),
        oldest_ms: oldest.map_or(u64::MAX, |(ms, _)| ms),
        circle,
    };
    let rank = WorkRank {
        group,
        worst,
        taken: is_taken,
        nearest_deadline: deadline.and_then(|(_, at)| at),
        oldest: oldest.and_then(|(_, at)| at),
    };
    (place, rank)
}

/// The first reasons of a row, in their order. A request to be erased runs against a date of the law: however much stands before
/// it, it is the last of them.
pub(super) fn shown(reasons: &[Weighed], most: usize) -> Vec<WorkReason> {
    let (kept, cut) = reasons.split_at(most.min(reasons.len()));
    let owed = cut.iter().find(|one| one.reason.kind() == WorkReasonKind::ErasureRequest);
    let kept = if owed.is_some() { &kept[..kept.len().saturating_sub(1)] } else { kept };
    kept.iter().chain(owed).map(|one| one.reason.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::enrol::timestamp;

    fn alert(severity: AlertSeverity, owner: u64, deadline_ms: Option<u64>, received_ms: u64) -> Weighed {
        Weighed::plain(WorkReason {
            kind: WorkReasonKind::Alert.into(),
            severity: severity.into(),
            owner,
            deadline: deadline_ms.map(timestamp),
            received: Some(timestamp(received_ms)),
            ..Default::default()
        })
    }

    fn of_kind(kind: WorkReasonKind, is_safety: bool) -> Weighed {
        Weighed { reason: WorkReason { kind: kind.into(), ..Default::default() }, is_safety }
    }

    fn group(mut reasons: Vec<Weighed>) -> WorkGroup {
        let (_, rank) = ranked(1, &mut reasons);
        rank.group()
    }

    #[test]
    fn a_request_to_be_erased_is_told_behind_whatever_presses_more() {
        let mut reasons: Vec<Weighed> = (0..9).map(|n| alert(AlertSeverity::Urgent, 0, None, n)).collect();
        reasons.push(of_kind(WorkReasonKind::ErasureRequest, false));
        ranked(1, &mut reasons);
        let told = shown(&reasons, 8);
        assert_eq!(
            (told.len(), told[7].kind(), told[6].kind()),
            (8, WorkReasonKind::ErasureRequest, WorkReasonKind::Alert)
        );
        reasons.pop();
        let told = shown(&reasons, 8);
        assert!(told.len() == 8 && told.iter().all(|one| one.kind() == WorkReasonKind::Alert));
        assert_eq!(shown(&reasons[..3], 8).len(), 3);
    }

    #[test]
    fn groups_are_by_what_presses_most() {
        use AlertSeverity::{Emergency, Info, Soon, Urgent};
        assert_eq!(group(vec![alert(Emergency, 7, None, 1)]), WorkGroup::Now, "taken is not over");
        assert_eq!(group(vec![alert(Urgent, 0, None, 1)]), WorkGroup::Now);
        assert_eq!(group(vec![alert(Urgent, 7, None, 1)]), WorkGroup::Today);
        assert_eq!(group(vec![alert(Urgent, 7, None, 1), alert(Urgent, 0, None, 2)]), WorkGroup::Now);
        assert_eq!(group(vec![alert(Soon, 0, None, 1)]), WorkGroup::ThisWeek);
        assert_eq!(group(vec![alert(Info, 0, None, 1)]), WorkGroup::NoOpenItem);
        assert_eq!(group(vec![of_kind(WorkReasonKind::Dispute, true)]), WorkGroup::Today);
        assert_eq!(group(vec![of_kind(WorkReasonKind::Dispute, false)]), WorkGroup::ThisWeek);
        let finding = |severity: AlertSeverity| {
            let plain = of_kind(WorkReasonKind::Finding, false).reason;
            vec![Weighed::plain(WorkReason { severity: severity.into(), ..plain })]
        };
        assert_eq!(group(finding(Urgent)), WorkGroup::Today);
        assert_eq!(group(finding(AlertSeverity::Unspecified)), WorkGroup::ThisWeek);
        let (_, rank) = ranked(1, &mut [finding(Urgent), vec![alert(Urgent, 7, None, 1)]].concat());
        assert!(rank.taken, "a finding is not taken, and holds nothing back");
        assert!(!ranked(1, &mut finding(Urgent)).1.taken);
        assert_eq!(group(vec![of_kind(WorkReasonKind::PhoneSilent, false)]), WorkGroup::Silent);
        assert_eq!(group(vec![of_kind(WorkReasonKind::RulesLate, false)]), WorkGroup::Today);
        assert_eq!(group(vec![]), WorkGroup::NoOpenItem);
        let redacted = WorkReason { severity: Urgent.into(), ..of_kind(WorkReasonKind::RedactedAlert, false).reason };
        assert_eq!(group(vec![Weighed::plain(redacted)]), WorkGroup::Now, "what is hidden keeps its rank");
    }

    #[test]
    fn the_four_numbers_decide_in_their_order() {
        use AlertSeverity::{Emergency, Urgent};
        let place = |mut reasons: Vec<Weighed>, circle| ranked(circle, &mut reasons).0;
        let rows = [
            place(vec![alert(Emergency, 0, Some(50), 9)], 9),
            place(vec![alert(Emergency, 0, Some(60), 1)], 8),
            place(vec![alert(Emergency, 0, None, 1)], 7),
            place(vec![alert(Emergency, 0, None, 2)], 5),
            place(vec![alert(Emergency, 0, None, 2)], 6),
            place(vec![alert(Emergency, 7, Some(1), 1)], 1),
            place(vec![alert(Urgent, 0, Some(1), 1)], 2),
            place(vec![alert(Urgent, 7, Some(1), 1)], 3),
            place(vec![], 4),
        ];
        assert!(rows.is_sorted(), "{rows:?}");
        for row in rows {
            assert_eq!(Place::of_numbers(&row.numbers()), Some(row));
        }
        assert_eq!(Place::of_numbers(&[1, 2]), None);
    }

    proptest! {
        /// In whatever order reasons come, the row stands in the same place.
        #[test]
        fn order_of_reasons_changes_nothing(
            all in prop::collection::vec((1i32..5, 0u64..3, prop::option::of(1_000u64..9_000), 1_000u64..9_000), 0..6),
            seed in any::<u64>(),
        ) {
            let one = |n: usize, (severity, owner, deadline, received): &(i32, u64, Option<u64>, u64)| {
                let severity = AlertSeverity::try_from(*severity).expect("a severity");
                let mut one = alert(severity, *owner, *deadline, *received);
                one.reason.record_id = n.to_string();
                one
            };
            let mut first: Vec<Weighed> = all.iter().enumerate().map(|(n, of)| one(n, of)).collect();
            let mut second = first.clone();
            second.sort_by_key(|one| (one.reason.record_id.len() as u64 ^ seed).wrapping_mul(0x9e37_79b9) ^ one.reason.owner);
            let (a, b) = (ranked(1, &mut first), ranked(1, &mut second));
            prop_assert_eq!(a, b);
            let ids = |all: &[Weighed]| all.iter().map(|one| one.reason.record_id.clone()).collect::<Vec<_>>();
            prop_assert_eq!(ids(&first), ids(&second));
        }
    }
}

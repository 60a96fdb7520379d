//! Refused calls, summed by caller, method, reason and minute: a flood of a hundred thousand is a few rows. The first of
//! its kind is written within a second, what follows when its minute is over.
//!
//! Bounded: past [`KINDS`] kinds in one minute the rest is summed without its caller.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::store::{
    AuditRow,
    audit::{ChainNo, clinic_chain},
};

/// Kinds of one minute.
const KINDS: usize = 4_096;
const MINUTE_MS: u64 = 60_000;

/// What was refused, to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    pub chain: ChainNo,
    pub account: u64,
    pub device: u64,
    /// The method.
    pub action: &'static str,
    /// The reason.
    pub outcome: &'static str,
}

#[derive(Clone, Copy)]
struct Sum {
    /// When the first one that is not written yet was refused.
    since_ms: u64,
    count: u32,
    /// The minute of its first row; what comes in it later waits for its end.
    told: bool,
    minute: u64,
}

/// One a process.
#[derive(Default)]
pub struct Denials(Mutex<BTreeMap<Denial, Sum>>);

impl Denials {
    pub fn add(&self, denial: Denial, now_ms: u64) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = sums.len() >= KINDS && !sums.contains_key(&denial);
        let denial = if full { Denial { account: 0, device: 0, chain: clinic_chain(0), ..denial } } else { denial };
        let fresh = Sum { since_ms: now_ms, count: 0, told: false, minute: now_ms / MINUTE_MS };
        let sum = sums.entry(denial).or_insert(fresh);
        if sum.count == 0 {
            sum.since_ms = now_ms;
        }
        sum.count = sum.count.saturating_add(1);
    }

    /// Takes back what could not be written.
    pub fn put_back(&self, rows: &[AuditRow]) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let AuditRow { circle: chain, account, device, action, outcome, .. } = *row;
            let minute = row.at_ms / MINUTE_MS;
            let fresh = Sum { since_ms: row.at_ms, count: 0, told: false, minute };
            let sum = sums.entry(Denial { chain, account, device, action, outcome }).or_insert(fresh);
            sum.count = sum.count.saturating_add(row.count);
            sum.since_ms = sum.since_ms.min(row.at_ms);
        }
    }

    /// The rows that are to be written now: of kinds that nothing was written of in their minute, and of minutes that are
    /// over. `all`: everything.
    pub fn due(&self, now_ms: u64, all: bool) -> Vec<AuditRow> {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now_ms / MINUTE_MS;
        let mut rows = Vec::new();
        sums.retain(|denial, sum| {
            let over = sum.minute != minute;
            if sum.count > 0 && (over || !sum.told || all) {
                rows.push(denial.row(sum));
                sum.count = 0;
                sum.told = true;
            }
            !over
        });
        rows
    }
}

impl Denial {
    fn row(&self, sum: &Sum) -> AuditRow {
        AuditRow {
            circle: self.chain,
            at_ms: sum.since_ms,
            account: self.account,
            device: self.device,
            action: self.action,
            record: None,
            categories: 0,
            from_seq: 0,
            to_seq: 0,
            count: sum.count,
            outcome: self.outcome,
            request: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(account: u64) -> Denial {
        Denial { chain: clinic_chain(1), account, device: 3, action: "/a.B/C", outcome: "NOT_FOUND" }
    }

    #[test]
    fn the_first_is_told_at_once_and_the_rest_when_its_minute_is_over() {
        let denials = Denials::default();
        denials.add(denial(1), 60_000);
        assert!(denials.due(60_500, false).iter().map(|row| (row.count, row.at_ms)).eq([(1, 60_000)]));
        for ms in 0..10_000 {
            denials.add(denial(1), 61_000 + ms);
        }
        assert_eq!(denials.due(71_000, false), []);
        assert!(denials.due(120_000, false).iter().map(|row| (row.count, row.at_ms)).eq([(10_000, 61_000)]));
        assert_eq!(denials.due(240_000, true), []);
        denials.add(denial(1), 240_000);
        assert_eq!(denials.due(240_000, true).len(), 1);
    }

    #[test]
    fn many_callers_are_bounded_and_nothing_is_lost() {
        let denials = Denials::default();
        for account in 0..20_000 {
            denials.add(denial(account), 1);
        }
        let rows = denials.due(2, false);
        assert!(rows.len() <= KINDS + 1);
        assert_eq!(rows.iter().map(|row| u64::from(row.count)).sum::<u64>(), 20_000);
    }
}

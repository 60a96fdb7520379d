//! When devices of patients came, and what they held then.

use std::collections::BTreeMap;

use super::State;
use crate::store::{
    CircleNo, DeviceNo, KEPT_HEARD_MINUTES, KEPT_REACHED_MINUTES, MINUTE_MS, ReadRow, SILENCE_MINUTES, UnixMs,
};

impl State {
    pub(super) fn read(&mut self, row: ReadRow) {
        let (key, minute) = ((row.circle, row.device), row.minute());
        let stands = self.reads.entry(key).or_insert(row);
        if stands.at_ms <= row.at_ms {
            *stands = row;
        }
        let reached = self.reached.entry(key).or_default();
        if row.seq > 0 && reached.values().all(|seq| *seq < row.seq) {
            reached.insert(minute, row.seq);
        }
        reached.retain(|at, _| *at >= minute.saturating_sub(KEPT_REACHED_MINUTES));
        hear(self.heard.entry(key).or_default(), minute);
    }

    /// The newest first.
    pub(super) fn reached_of(&self, key: (CircleNo, DeviceNo)) -> impl Iterator<Item = (u64, UnixMs)> + '_ {
        let rows = self.reached.get(&key).into_iter().flatten().rev();
        rows.map(|(minute, seq)| (*seq, minute.saturating_mul(MINUTE_MS)))
    }

    /// Of phones, the latest first.
    pub(super) fn heard_of(&self, circle: CircleNo) -> Vec<(UnixMs, UnixMs)> {
        let is_phone = |device| self.identity.devices.get(device).is_some_and(|row| !row.is_browser());
        let of = self.heard.iter().filter(|((of, device), _)| *of == circle && is_phone(device));
        let ms = |minute: &u64| minute.saturating_mul(MINUTE_MS);
        let mut rows: Vec<_> = of.flat_map(|(_, rows)| rows.iter().map(|(from, to)| (ms(from), ms(to)))).collect();
        rows.sort_unstable_by(|a, b| b.cmp(a));
        rows
    }
}

/// From which minute to which a device was heard: goes on, or begins again after a silence.
fn hear(rows: &mut BTreeMap<u64, u64>, minute: u64) {
    let goes_on = |(from, to): &(&u64, &mut u64)| **from <= minute && **to >= minute.saturating_sub(SILENCE_MINUTES);
    match rows.iter_mut().rev().find(goes_on) {
        Some((_, to)) => *to = minute.max(*to),
        None => drop(rows.insert(minute, minute)),
    }
    rows.retain(|_, to| *to >= minute.saturating_sub(KEPT_HEARD_MINUTES));
}

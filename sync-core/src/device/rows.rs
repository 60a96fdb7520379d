//! Own changes that are kept one by one, beside a head that counts them: a save writes itself and the head, however much
//! waits. What is missing of them is said, and the rest goes on: a number that cannot be supplied is skipped in its place.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{
    BadState, Device, Own, Queue, Stage,
    codec::{put_own, read_all, read_own},
};
use crate::varint::Reader;

/// How many own changes a circle has, and how many of them wait.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) own: u64,
    pub(super) waiting: u64,
}

pub(super) type Counts = BTreeMap<u64, Count>;

/// Changes that a head counts, and that were not found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Missing {
    pub own: u64,
    /// Of those without a verdict: nobody else may have them.
    pub waiting: u64,
}

impl Own {
    /// One change, to be kept under its circle and serial.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        put_own(&mut out, self);
        out
    }

    fn decode(bytes: &[u8], serial: u64) -> Result<Self, BadState> {
        let mut input = Reader { input: bytes, at: 0 };
        let own = read_own(&mut input).filter(|_| input.rest() == 0).ok_or(BadState)?;
        Ok(Self { serial, ..own })
    }
}

impl Device {
    /// The device from its head and its own changes: (circle, serial, bytes), of each circle in order; or from a whole state,
    /// beside which there are none. It says Hello first.
    pub fn decode_rows<'a>(
        head: &[u8],
        rows: impl IntoIterator<Item = (u64, u64, &'a [u8])>,
    ) -> Result<(Self, Missing), BadState> {
        let (mut device, counts) = read_all(head)?;
        let Some(counts) = counts else { return Ok((device, Missing::default())) };
        for (number, serial, bytes) in rows {
            let circle = device.circles.get_mut(&number).ok_or(BadState)?;
            if serial >= circle.serials || circle.own.last().is_some_and(|last| last.serial >= serial) {
                return Err(BadState);
            }
            circle.own.push(Own::decode(bytes, serial)?);
        }
        let mut missing = Missing::default();
        for (number, counted) in counts {
            let found = device.circles.get(&number).map_or(&[][..], |circle| &circle.own);
            let waiting = found.iter().filter(|own| own.stage == Stage::Waiting).count() as u64;
            missing.own += counted.own.checked_sub(found.len() as u64).ok_or(BadState)?;
            missing.waiting += counted.waiting.checked_sub(waiting).ok_or(BadState)?;
        }
        Ok((device, missing))
    }
    /// Takes the own changes of a device whose head is lost. A lane goes on behind the highest number that is found; where
    /// more had been given under it and the server knows of that, Hello gives new numbers. A row that does not read is none.
    pub fn rebuild<'a>(&mut self, rows: impl IntoIterator<Item = (u64, u64, &'a [u8])>) {
        for (number, serial, bytes) in rows {
            let (Some(circle), Ok(own)) = (self.circles.get_mut(&number), Own::decode(bytes, serial)) else { continue };
            self.clock.last = self.clock.last.max(own.change.clock);
            circle.serials = serial + 1;
            let (dot, waits) = (own.dot(), own.stage == Stage::Waiting);
            let queue = circle.queues.entry(dot.replica).or_insert_with(|| Queue { next: 0, ..Queue::new(own.lane) });
            queue.last = queue.last.max(dot.counter);
            if waits && (queue.next == 0 || dot.counter < queue.next) {
                queue.next = dot.counter;
            }
            circle.own.push(own);
        }
        for queue in self.circles.values_mut().flat_map(|circle| circle.queues.values_mut()).filter(|q| q.next == 0) {
            queue.next = queue.last + 1;
        }
    }
}

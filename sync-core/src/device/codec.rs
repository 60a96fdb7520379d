//! The device's state as bytes, for the app to store in the transaction that also holds what an event did to the
//! confirmed layer. Requests in flight, waits and open forms' renamings are not in it: a restart says Hello.

use alloc::{borrow::Cow, boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::{
    Circle, ConfirmedPart, Depth, Device, Draft, HybridClock, Lane, Lanes, Offer, Own, Quarantined, Queue,
    RebaseRequest, Stage,
    codec_change::*,
    rows::{Count, Counts},
};
use crate::{
    Clock, Part, PartId, RecordId, Replica,
    faults::Faults,
    ledger::{Cell, Violation},
    varint::{self, Reader, put, put_bytes, put_dot},
};

/// The own changes are in it.
const WHOLE: u8 = 2;
/// They are kept one by one, and only counted in it.
const HEAD: u8 = 3;

/// Not a device's state, or of a newer layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadState;

impl Device {
    pub fn encode(&self) -> Vec<u8> {
        self.encode_as(WHOLE)
    }

    /// Everything but the own changes: as long for a full outbox as for an empty one.
    pub fn encode_head(&self) -> Vec<u8> {
        self.encode_as(HEAD)
    }

    fn encode_as(&self, format: u8) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.push(format);
        for n in [u64::from(self.epoch), self.account, self.forms] {
            put(&mut out, n);
        }
        put_replica(&mut out, self.lanes.urgent);
        put_replica(&mut out, self.lanes.ordinary);
        put(&mut out, self.clock.last.ms);
        put(&mut out, self.clock.last.logical.into());
        out.extend_from_slice(&self.clock.offset_ms.to_le_bytes());
        put_list(&mut out, self.rebase.as_slice(), |out, rebase| {
            put_list(out, &rebase.lanes, |out, r| put_replica(out, *r));
            put_list(out, &rebase.forked, |out, (circle, dot)| {
                put(out, *circle);
                put_dot(out, *dot);
            });
            out.extend_from_slice(&rebase.request_id);
        });
        put(&mut out, self.circles.len() as u64);
        for (number, circle) in &self.circles {
            put(&mut out, *number);
            put_circle(&mut out, circle, format);
        }
        out
    }

    /// The device as it was; it says Hello first.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadState> {
        match read_all(bytes)? {
            (device, None) => Ok(device),
            (_, Some(_)) => Err(BadState),
        }
    }
}

/// A device, and how many own changes each circle has, where they are kept one by one.
pub(super) fn read_all(bytes: &[u8]) -> Result<(Device, Option<Counts>), BadState> {
    let mut input = Reader { input: bytes, at: 0 };
    let mut counts = Counts::new();
    let format = input.byte().filter(|format| [WHOLE, HEAD].contains(format)).ok_or(BadState)?;
    let device = read_device(&mut input, (format == HEAD).then_some(&mut counts)).ok_or(BadState)?;
    if input.rest() > 0 {
        return Err(BadState);
    }
    Ok((device, (format == HEAD).then_some(counts)))
}

fn read_device(r: &mut Reader<'_>, mut counts: Option<&mut Counts>) -> Option<Device> {
    let (epoch, account, forms) = (r.number32()?, r.number()?, r.number()?);
    let lanes = Lanes { urgent: read_replica(r)?, ordinary: read_replica(r)? };
    let mut device = Device::new(account, epoch, lanes);
    device.forms = forms;
    let last = Clock { ms: r.number()?, logical: r.number32()? };
    device.clock = HybridClock { last, offset_ms: i64::from_le_bytes(r.take(8)?.try_into().ok()?) };
    device.rebase = read_list(r, |r| {
        Some(RebaseRequest {
            lanes: read_list(r, read_replica)?,
            forked: read_list(r, |r| Some((r.number()?, r.dot()?)))?,
            request_id: r.take(16)?.try_into().ok()?,
        })
    })?
    .pop();
    for _ in 0..r.number()? {
        let number = r.number()?;
        let (circle, count) = read_circle(r, counts.is_some())?;
        device.circles.insert(number, circle);
        if let Some(counts) = &mut counts {
            counts.insert(number, count);
        }
    }
    device.faults = Faults::NONE;
    Some(device)
}

fn put_circle(out: &mut Vec<u8>, c: &Circle, format: u8) {
    put_author(out, c.author);
    if format == HEAD {
        for n in [c.serials, c.own.len() as u64, c.outbox().count() as u64] {
            put(out, n);
        }
    } else {
        put_list(out, &c.own, put_own);
    }
    put(out, c.queues.len() as u64);
    for (replica, q) in &c.queues {
        put_replica(out, *replica);
        out.push(q.lane as u8);
        for n in [q.last, q.next, q.processed] {
            put(out, n);
        }
    }
    put_list(out, &c.drafts, |out, d| {
        put_change(out, &d.change);
        put_bytes(out, d.reason.as_bytes());
        put_list(out, &d.violations, |out, v| {
            put_bytes(out, v.path.as_bytes());
            put_bytes(out, v.reason.as_bytes());
        });
        put_bytes(out, d.words.as_bytes());
    });
    put_list(out, &c.quarantined, |out, q| {
        put(out, q.id);
        put_bytes(out, q.reason.as_bytes());
        put_change(out, &q.change);
    });
    put_list(out, &c.erased, |out, (dot, mac, sequence)| {
        put_dot(out, *dot);
        out.extend_from_slice(mac);
        put(out, *sequence);
    });
    put_list(out, &c.offers, put_offer);
    put_bytes(out, &c.cursor);
    for n in [c.read, c.stale_before, c.base, c.safe_upto, c.mismatches.into()] {
        put(out, n);
    }
    put(out, c.resent.len() as u64);
    for (cell, read) in &c.resent {
        put_cell(out, *cell);
        put(out, *read);
    }
    put(out, c.dropped.len() as u64);
    c.dropped.iter().for_each(|cell| put_cell(out, *cell));
    put(out, c.passed.len() as u64);
    for (replica, counter) in &c.passed {
        put_replica(out, *replica);
        put(out, *counter);
    }
    put_bytes(out, &c.complete);
    out.extend_from_slice(&c.digest_key);
    out.push(c.at_head.into());
    out.push(c.depth as u8);
}

fn read_circle(r: &mut Reader<'_>, is_head: bool) -> Option<(Circle, Count)> {
    let mut c = Circle { author: read_author(r)?, ..Circle::default() };
    let mut count = Count::default();
    if is_head {
        c.serials = r.number()?;
        count = Count { own: r.number()?, waiting: r.number()? };
    } else {
        c.own = read_list(r, read_own)?;
        c.own.iter_mut().zip(0..).for_each(|(own, serial)| own.serial = serial);
        c.serials = c.own.len() as u64;
    }
    c.queues = read_list(r, |r| {
        let (replica, lane) = (read_replica(r)?, read_lane(r)?);
        let queue = Queue { last: r.number()?, next: r.number()?, processed: r.number()?, ..Queue::new(lane) };
        Some((replica, queue))
    })?
    .into_iter()
    .collect();
    c.drafts = read_list(r, |r| {
        let change = read_change(r)?;
        let reason = Cow::Owned(read_text(r)?);
        let violations = read_list(r, |r| Some(Violation { path: read_text(r)?, reason: Cow::Owned(read_text(r)?) }))?;
        Some(Draft { change, reason, violations, words: read_text(r)?.into() })
    })?;
    c.quarantined = read_list(r, |r| {
        let (id, reason) = (r.number()?, Cow::Owned(read_text(r)?));
        Some(Quarantined { id, reason, change: read_change(r)? })
    })?;
    c.erased = read_list(r, |r| Some((r.dot()?, r.take(16)?.try_into().ok()?, r.number()?)))?;
    c.offers = read_list(r, read_offer)?;
    c.cursor = r.bytes()?.into();
    (c.read, c.stale_before, c.base) = (r.number()?, r.number()?, r.number()?);
    (c.safe_upto, c.mismatches) = (r.number()?, r.number32()?);
    c.resent = read_list(r, |r| Some((read_cell(r)?, r.number()?)))?.into_iter().collect();
    c.dropped = read_list(r, read_cell)?.into_iter().collect();
    c.passed = read_list(r, |r| Some((read_replica(r)?, r.number()?)))?.into_iter().collect::<BTreeMap<_, _>>();
    c.complete = r.bytes()?.into();
    c.digest_key = r.take(16)?.try_into().ok()?;
    c.at_head = r.byte()? == 1;
    let depth = r.byte()?;
    c.depth = Depth::ALL.into_iter().find(|known| *known as u8 == depth)?;
    Some((c, count))
}

pub(super) fn put_own(out: &mut Vec<u8>, own: &Own) {
    put_change(out, &own.change);
    out.push(own.lane as u8);
    let (stage, sequence) = match own.stage {
        Stage::Waiting => (0, 0),
        Stage::Accepted { sequence } => (1, sequence),
        Stage::Passed { sequence } => (2, sequence),
    };
    out.push(stage);
    put(out, sequence);
    put(out, own.form);
    out.push(own.sent.into());
    put_list(out, &own.included, |out, (from, to)| {
        put(out, *from);
        put(out, *to);
    });
    put_list(out, &own.hidden, |out, label| put(out, *label));
    put_list(out, own.stub.as_slice(), |out, mac| out.extend_from_slice(mac));
}

pub(super) fn read_own(r: &mut Reader<'_>) -> Option<Own> {
    let (change, lane) = (read_change(r)?, read_lane(r)?);
    let stage = match (r.byte()?, r.number()?) {
        (0, _) => Stage::Waiting,
        (1, sequence) => Stage::Accepted { sequence },
        (2, sequence) => Stage::Passed { sequence },
        _ => return None,
    };
    Some(Own {
        serial: 0,
        change,
        lane,
        stage,
        form: r.number()?,
        sent: r.byte()? == 1,
        included: read_list(r, |r| Some((r.number()?, r.number()?)))?,
        hidden: read_list(r, |r| r.number())?,
        stub: read_list(r, |r| r.take(16)?.try_into().ok())?.pop(),
    })
}

fn put_offer(out: &mut Vec<u8>, offer: &Offer) {
    out.extend_from_slice(&offer.id.record.0);
    put(out, offer.id.label);
    put_list(out, &offer.dots, |out, dot| put_dot(out, *dot));
    let held = &offer.held;
    put_bytes(out, &held.part.encode());
    put(out, held.type_number.into());
    out.push(held.class);
    put(out, held.read);
    put_bytes(out, &held.extra);
    put_list(out, offer.answered.as_slice(), |out, sequence| put(out, *sequence));
}

fn read_offer(r: &mut Reader<'_>) -> Option<Offer> {
    let id = PartId { record: RecordId(r.take(16)?.try_into().ok()?), label: r.number()? };
    let dots = read_list(r, |r| r.dot())?;
    let held = ConfirmedPart {
        part: Part::decode(r.bytes()?).ok()?,
        type_number: r.number32()?,
        class: r.byte()?,
        read: r.number()?,
        extra: r.bytes()?.into(),
    };
    Some(Offer { id, dots, held, answered: read_list(r, |r| r.number())?.pop() })
}

fn read_lane(r: &mut Reader<'_>) -> Option<Lane> {
    Lane::BOTH.into_iter().find({
        let byte = r.byte()?;
        move |lane| *lane as u8 == byte
    })
}

fn put_cell(out: &mut Vec<u8>, cell: Cell) {
    varint::put(out, cell.label);
    out.push(cell.class);
}

fn read_cell(r: &mut Reader<'_>) -> Option<Cell> {
    Some(Cell { label: r.number()?, class: r.byte()? })
}

pub(super) fn put_replica(out: &mut Vec<u8>, replica: Replica) {
    put(out, replica.epoch.into());
    put(out, replica.n.into());
}

pub(super) fn read_replica(r: &mut Reader<'_>) -> Option<Replica> {
    Some(Replica { epoch: r.number32()?, n: r.number32()? })
}

pub(super) fn put_list<T>(out: &mut Vec<u8>, items: &[T], mut each: impl FnMut(&mut Vec<u8>, &T)) {
    put(out, items.len() as u64);
    items.iter().for_each(|item| each(out, item));
}

pub(super) fn read_list<T>(r: &mut Reader<'_>, mut each: impl FnMut(&mut Reader<'_>) -> Option<T>) -> Option<Vec<T>> {
    // Each item takes a byte at least: a damaged length allocates nothing.
    let count = r.number().filter(|n| *n <= r.rest() as u64)?;
    (0..count).map(|_| each(r)).collect()
}

pub(super) fn read_text(r: &mut Reader<'_>) -> Option<String> {
    core::str::from_utf8(r.bytes()?).ok().map(String::from)
}

pub(super) fn read_boxed(r: &mut Reader<'_>) -> Option<Box<[u8]>> {
    Some(r.bytes()?.into())
}

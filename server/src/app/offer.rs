//! Offers: a restored server gets back from devices what it lost (PROTOCOL, "A server restored from a backup").
//!
//! A version with this server's receipt comes back under its own dot, by `sync-core/src/ledger/offer.rs`. One without, or one
//! that would open or close who may read, waits in the quarantine for a person: a receipt proves that a grant once was, not
//! that nothing has ended it since. Nothing is taken of what the offering member may not read, of what was moved, redacted or
//! erased, and of what was processed here.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_lc_rs::constant_time;
use osteon_proto::{
    LabelId, sync,
    table::table,
    values::time_ms,
    wire::{self, ids, state::Stamped},
};
use osteon_sync_core::{
    Author, Change, Clock, Field, FieldRef, FieldWrite, PartId, Put, RecordId, Role,
    ledger::{
        CircleStore as _, Context, Offered, Taken,
        offer::{as_change, is_known},
        take_back,
    },
};

use super::{
    App,
    circle::{Circle, Writer},
    commit::Contracts,
    rights,
    secrets::sha256,
};
use crate::{
    access::{Caller, Member},
    error::{Error, Reason},
    limits,
    store::{AuditRow, CircleNo, Needs, StoreError, TombstoneRow, Working, commit},
};

/// One version as it was offered, taken apart.
struct One {
    offered: Offered,
    /// Its receipt is this server's.
    proven: bool,
}

/// What becomes of one, as it goes over the wire.
#[derive(Clone, Copy)]
enum Fate {
    Taken(Taken),
    Waits(u64),
    NotTaken,
}

pub async fn offer(
    app: &Arc<App>,
    caller: &Caller,
    request: &sync::OfferRequest,
    request_no: u64,
) -> Result<sync::OfferResponse, Error> {
    limits::OFFERS_PER_CALL.check(request.versions.len())?;
    let epoch = app.epoch();
    if request.epoch != epoch {
        return Err(Reason::EpochChanged.into());
    }
    let circle = request.circle;
    // Asked for the courtesy of an early answer; the commit decides.
    app.member(caller, circle).await?;
    let offers: Vec<Option<One>> = request.versions.iter().map(|v| one(app, circle, v)).collect();
    let known = offers.iter().flatten();
    let needs = Needs {
        circle,
        records: known.clone().map(|o| o.offered.part.record).collect::<BTreeSet<_>>().into_iter().collect(),
        dots: known.map(|o| o.offered.dot).collect(),
        tombstones: true,
        ..Needs::default()
    };
    let (in_writer, caller) = (Arc::clone(app), *caller);
    let writer = Writer { device: caller.device, now_ms: app.now_ms(), account: caller.account, behalf: None };
    let job = Job { app: in_writer, circle, caller, offers, writer, epoch, request_no };
    let fates = commit(&*app.store, needs, move |work| job.run(work)).await?;
    Ok(sync::OfferResponse { epoch, outcomes: fates.iter().map(told).collect() })
}

fn told(fate: &Fate) -> sync::OfferOutcome {
    use sync::OfferResult as R;
    let (result, sequence, quarantine) = match *fate {
        Fate::Taken(Taken::Live { sequence }) => (R::Live, sequence, 0),
        Fate::Taken(Taken::History { sequence }) => (R::History, sequence, 0),
        Fate::Taken(Taken::Known { sequence }) => (R::Known, sequence, 0),
        Fate::Waits(id) => (R::Waiting, 0, id),
        Fate::NotTaken => (R::NotTaken, 0, 0),
    };
    sync::OfferOutcome { result: result.into(), sequence, quarantine }
}

/// `None`: it is no version of anything.
fn one(app: &App, circle: CircleNo, version: &sync::OfferedVersion) -> Option<One> {
    let record = RecordId(<[u8; 16]>::try_from(version.record.as_ref()).ok()?);
    let dot = version.dot.as_ref().map(wire::dot)?;
    let author = Author { account: version.account, role: Role(u8::try_from(version.role).ok()?) };
    let clock = Clock { ms: version.clock_ms, logical: version.clock_logical };
    if version.values.len() > limits::FIELDS_PER_WRITE.usize() + limits::ELEMENTS_PER_FIELD.usize()
        || version.covers.len() > limits::COVERS_PER_ENDING.usize()
        || version.r#type == 0
    {
        return None;
    }
    let mut values: BTreeMap<FieldRef<'_>, Option<&[u8]>> = BTreeMap::new();
    for value in &version.values {
        let field = FieldRef { number: value.field, element: &value.element };
        values.insert(field, value.value.as_deref()).is_none().then_some(())?;
    }
    if values.is_empty() {
        return None;
    }
    let mut covers: Vec<_> = version.covers.iter().map(wire::dot).collect();
    covers.sort_unstable();
    covers.dedup();
    let stamp =
        Stamped { dot, author, clock, covers: &covers, versions: values.iter().map(|(f, v)| (*f, *v)).collect() };
    let part = PartId { record, label: version.label_id };
    let receipt = app.secrets.receipt(circle, part, version.r#type, &stamp);
    let proven = constant_time::verify_slices_are_equal(&receipt, &version.receipt).is_ok();
    let hash = sha256(&[b"osteon offer", &[u8::from(proven)], &receipt, &record.0, &part.label.to_be_bytes()]);
    let mut mac = [0; 16];
    mac.copy_from_slice(&hash[..16]);
    let write = |(field, value): (&FieldRef<'_>, &Option<&[u8]>)| FieldWrite {
        field: Field::from(*field),
        put: Some(value.map_or(Put::Absent, |value| Put::Value(value.into()))),
        replaces: Vec::new(),
        covers: if field.number == Field::LIFECYCLE { covers.clone() } else { Vec::new() },
    };
    let writes = values.iter().map(write).collect();
    Some(One { offered: Offered { dot, clock, author, part, type_number: version.r#type, writes, mac }, proven })
}

struct Job {
    app: Arc<App>,
    circle: CircleNo,
    caller: Caller,
    offers: Vec<Option<One>>,
    writer: Writer,
    epoch: u32,
    request_no: u64,
}

impl Job {
    /// Pure: run again on fresh state, it decides anew.
    fn run(&self, work: &mut Working<'_>) -> Result<Vec<Fate>, StoreError> {
        let access = self.app.access_in(self.circle, work.access())?;
        let member = Member::of(self.circle, self.caller.account, access).ok_or(StoreError::NotFound)?;
        let scope = member.scope(self.writer.now_ms, work.circle()).map_err(|_| StoreError::NotFound)?;
        let tombstones: Vec<TombstoneRow> = work.tombstones()?.into_iter().cloned().collect();
        let records = self.offers.iter().flatten().map(|one| one.offered.part.record).collect();
        let mut circle = Circle::open(work, &records, self.writer)?;
        let author = Author { account: member.viewer.account, role: Role(member.role().number()) };
        let mut fates = Vec::with_capacity(self.offers.len());
        for one in &self.offers {
            let reads = |one: &&One| scope.reads(LabelId(one.offered.part.label));
            fates.push(match one.as_ref().filter(reads).filter(|one| !gone(&tombstones, &one.offered)) {
                Some(one) => self.decide(&mut circle, one, author),
                None => Fate::NotTaken,
            });
        }
        circle.finish()?;
        self.audit(work, &fates);
        Ok(fates)
    }

    fn decide(&self, circle: &mut Circle<'_, '_>, one: &One, offering: Author) -> Fate {
        let offered = &one.offered;
        let other_type = circle.parts_of(offered.part.record).any(|(_, p)| p.type_number != offered.type_number);
        if other_type {
            return Fate::NotTaken;
        }
        if is_known(circle, offered, self.epoch) {
            if one.proven && other_content(circle, offered) {
                return self.ask(circle, one, offering);
            }
            return Fate::Taken(Taken::Known { sequence: circle.head() });
        }
        let held = circle.part(offered.part).map_or(0, |stored| stored.part.memory_bytes());
        let given: usize =
            offered.writes.iter().map(|w| w.put.as_ref().and_then(Put::value).map_or(0, <[u8]>::len)).sum();
        let full = held + given > limits::PART_BYTES.usize();
        if !one.proven || full || rights::moves_access(offered.type_number) {
            return self.ask(circle, one, offering);
        }
        let ctx = Context {
            now_ms: self.writer.now_ms,
            epoch: self.epoch,
            digest_key: self.app.secrets.digest_key(self.circle),
            ..Context::default()
        };
        let taken = take_back(circle, offered, &ctx, &Contracts);
        place(circle, offered);
        Fate::Taken(taken)
    }

    /// A person decides: as somebody's word about it, if nothing proves whose version it is.
    fn ask(&self, circle: &mut Circle<'_, '_>, one: &One, offering: Author) -> Fate {
        let offered = &one.offered;
        let author = if one.proven { offered.author } else { offering };
        let made = as_change(circle, offered, self.epoch);
        let change = Change { dot: offered.dot, author, earlier: Vec::new(), ..made };
        // What would not read back is nothing that a person could decide about.
        let from = wire::change::From { dot: change.dot, author, base: change.base };
        if wire::change::to_core(&wire::change::to_wire(&change, change.base), from).is_err() {
            return Fate::NotTaken;
        }
        let id = circle.quarantine(&change, &Cow::Borrowed(Reason::OfferedBack.as_str()));
        circle.add_renumbered(offered.dot, &offered.mac, offered.dot);
        Fate::Waits(id)
    }

    fn audit(&self, work: &mut Working<'_>, fates: &[Fate]) {
        let sequences = fates.iter().filter_map(|fate| match fate {
            Fate::Taken(Taken::Live { sequence } | Taken::History { sequence }) => Some(*sequence),
            _ => None,
        });
        let row = |outcome, count: usize| AuditRow {
            circle: self.circle,
            at_ms: self.writer.now_ms,
            account: self.writer.account,
            device: self.writer.device,
            action: "offer",
            record: None,
            categories: 0,
            from_seq: sequences.clone().min().unwrap_or(0),
            to_seq: sequences.clone().max().unwrap_or(0),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            outcome,
            request: self.request_no,
        };
        let taken = sequences.clone().count();
        let waits = fates.iter().filter(|fate| matches!(fate, Fate::Waits(_))).count();
        for (outcome, count) in [("ok", taken), ("waits", waits)] {
            if count > 0 {
                work.audit(row(outcome, count));
            }
        }
    }
}

/// Whether somebody else's content was processed under this number (a clone of the phone that made it): what is offered is
/// another value, which only a person can file.
fn other_content(circle: &Circle<'_, '_>, offered: &Offered) -> bool {
    let (dot, mac) = (offered.dot, &offered.mac);
    let processed = dot.counter != 0 && dot.counter <= circle.chain(dot.replica).counter;
    processed
        && circle.renumbered(dot, mac).is_none()
        && offered.writes.iter().any(|write| {
            let was = circle.past(dot, offered.part, &write.field);
            was.is_none_or(|(_, value)| value.as_deref() != write.put.as_ref().and_then(Put::value))
        })
}

/// Moved, redacted or erased since: what stands for it stands for good.
fn gone(tombstones: &[TombstoneRow], offered: &Offered) -> bool {
    let names = |row: &TombstoneRow| row.record == offered.part.record && row.dot.is_none_or(|dot| dot == offered.dot);
    tombstones.iter().any(names)
}

/// When the record happened, and whose child it is.
fn place(circle: &mut Circle<'_, '_>, offered: &Offered) {
    let Some(known) = table().get(offered.type_number) else { return };
    let value = |number: u32| ids::value(offered.writes.iter(), number);
    let time = known.time_field.and_then(|number| time_ms(known, value(number)?));
    let parent = known.field_by_name("parent").and_then(|field| value(field.number)?.last_chunk::<16>().copied());
    circle.place(offered.part, time.map(|ms| u64::try_from(ms).unwrap_or(0)), parent.map(RecordId));
}

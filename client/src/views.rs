//! What a person sees: of each record the values in force, and all versions where different ones stand side by side.
//!
//! The merged state knows no policy; here the field table's policies look at it. Rules read [`FieldView::versions`],
//! never the one in force alone. What a grant opened that has ended meanwhile is here and not shown: the next Pull erases it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use osteon_proto::{
    LabelId, meta,
    table::{FieldInfo, RecordType, table},
    values::{Value, instant, value},
    wire::device::pages::{Extra, has_lifecycle},
};
use osteon_sync_core::{
    Author, Clock, Dot, Field, FieldRef, Keys, Part, PartId, Policy, RecordId, Schema, Version,
    device::{Circle, Confirmed, Device, Draft},
    lifecycle::{self, State as Life},
    view::view,
};

use crate::{
    access::Rights,
    error::{Error, Result},
    state::Enrolled,
    store::Mirror,
};

/// A version, owned.
#[derive(Clone, PartialEq, Eq)]
pub struct VersionView {
    pub dot: Dot,
    pub author: Author,
    pub clock: Clock,
    /// `None`: cleared.
    pub value: Option<Vec<u8>>,
}

/// A field that has live versions; of a set, one element.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldView {
    pub number: u32,
    pub element: Vec<u8>,
    pub label: u64,
    /// In force; `None`: nothing is.
    pub effective: Option<VersionView>,
    pub versions: Vec<VersionView>,
    /// A person is asked.
    pub needs_review: bool,
    /// Nobody may act on it until it is settled.
    pub blocked: bool,
    /// Where the last agreed version holds.
    pub agreed: bool,
}

impl RecordView {
    /// Every version of its status says that it restricts no longer (`lifts` in the contracts): an exercise plan that ended.
    pub fn is_over(&self) -> bool {
        let lifting = |field: &FieldView| {
            let info = self.kind()?.field(field.number).filter(|info| !info.lifts.is_empty())?;
            let lifts = |version: &VersionView| {
                matches!(value(info, version.value.as_deref()?), Some(Value::Int(n)) if info.lifts.iter().any(|one| i128::from(*one) == n))
                    .then_some(())
            };
            Some(!field.versions.is_empty() && field.versions.iter().all(|version| lifts(version).is_some()))
        };
        self.fields.iter().find_map(lifting).unwrap_or(false)
    }
}

impl FieldView {
    /// The chunk in force.
    pub fn value(&self) -> Option<&[u8]> {
        self.effective.as_ref().and_then(|v| v.value.as_deref())
    }

    /// Different values stand side by side.
    pub fn disputed(&self) -> bool {
        self.versions.iter().any(|v| v.value != self.versions[0].value)
    }
}

/// A record, as far as this reader sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordView {
    pub record: RecordId,
    pub type_number: u32,
    pub life: Life,
    pub life_review: bool,
    /// When it happened to the person (milliseconds since 1970), where the type says so.
    pub time_ms: Option<u64>,
    pub parent: Option<RecordId>,
    pub fields: Vec<FieldView>,
    /// Fields that this version does not know: kept, counted, not shown.
    pub unknown_fields: usize,
    /// Something of it was written here and has no verdict yet.
    pub unsent: bool,
}

impl RecordView {
    pub fn kind(&self) -> Option<&'static RecordType> {
        table().get(self.type_number)
    }

    /// What is in force of it, as a message of its type.
    pub fn in_force<M: prost::Message + Default>(&self) -> M {
        let bytes: Vec<u8> = self.fields.iter().filter_map(FieldView::value).flatten().copied().collect();
        M::decode(bytes.as_slice()).unwrap_or_default()
    }

    pub fn field(&self, name: &str) -> Option<&FieldView> {
        let number = self.kind()?.field_by_name(name)?.number;
        self.fields.iter().find(|f| f.number == number)
    }

    /// Not deleted, and not marked as a mistake.
    pub fn is_active(&self) -> bool {
        !self.life.is_ending()
    }
}

/// One circle of a phone, to look at.
pub struct CircleView<'a> {
    device: &'a Device,
    number: u64,
    circle: &'a Circle,
    confirmed: &'a Mirror,
    /// Parts that own changes write to, with their types.
    written: BTreeMap<PartId, u32>,
    /// Labels that may be looked at, of those that are here; `None`: all.
    shown: Option<BTreeSet<u64>>,
    /// What its owner may do; `None`: this is asked to find that out.
    rights: Option<Rights>,
}

/// A part that may be looked at, with its type number.
pub(crate) type Seen<'a> = (PartId, u32, Cow<'a, Part>);

/// A schema for any type number.
pub(crate) struct Of(pub u32);

impl Keys for Of {
    fn key(&self, number: u32, chunk: &[u8]) -> osteon_sync_core::Key {
        table().get(self.0).map_or(osteon_sync_core::Key::Unknown, |t| t.key(number, chunk))
    }
}

impl Schema for Of {
    fn policy(&self, number: u32) -> Policy {
        table().get(self.0).map_or(Policy::LastWriter, |t| t.policy(number))
    }
}

impl Enrolled {
    /// One circle as its owner may look at it at this moment of the phone's clock.
    pub fn view(&self, circle: u64, now_ms: u64) -> Result<CircleView<'_>> {
        let held = self.held(circle)?;
        let rights = Rights::of(&held, self.author(circle)?, self.device.server_time_ms(now_ms));
        let labels: BTreeSet<u64> = held.labels();
        let shown = labels.into_iter().filter(|label| rights.may_read(LabelId(*label))).collect();
        Ok(CircleView { shown: Some(shown), rights: Some(rights), ..held })
    }

    /// What this account may do in a circle at this moment of the phone's clock.
    pub fn rights(&self, circle: u64, now_ms: u64) -> Result<Rights> {
        Ok(Rights::of(&self.held(circle)?, self.author(circle)?, self.device.server_time_ms(now_ms)))
    }

    /// One circle with all that is here of it.
    fn held(&self, circle: u64) -> Result<CircleView<'_>> {
        static EMPTY: std::sync::OnceLock<Mirror> = std::sync::OnceLock::new();
        let confirmed = self.confirmed.get(&circle).unwrap_or_else(|| EMPTY.get_or_init(Mirror::default));
        let known = self.device.circle(circle).ok_or(Error::NoCircle)?;
        // Of two types under one id the first counts.
        let own = known.own().iter().rev().flat_map(|own| own.change.parts.iter().rev());
        let written = own.map(|p| (p.part, p.type_number)).collect();
        Ok(CircleView {
            device: &self.device,
            number: circle,
            circle: known,
            confirmed,
            written,
            shown: None,
            rights: None,
        })
    }
}

impl<'a> CircleView<'a> {
    pub fn circle(&self) -> &'a Circle {
        self.circle
    }

    pub fn confirmed(&self) -> &'a Mirror {
        self.confirmed
    }

    /// How many records are here and shown.
    pub fn record_count(&self) -> usize {
        let shown = self.confirmed.parts().filter(|(id, _)| self.shows(*id));
        shown.map(|(id, _)| id.record).collect::<BTreeSet<_>>().len()
    }

    /// How many records have something that is here and not shown any more: the next contact erases it.
    pub fn hidden_count(&self) -> usize {
        let hidden = self.confirmed.parts().filter(|(id, _)| !self.shows(*id));
        hidden.map(|(id, _)| id.record).collect::<BTreeSet<_>>().len()
    }

    /// When something of what is shown now will not be shown any more; `None`: nothing ends by the clock.
    pub fn until_ms(&self) -> Option<u64> {
        self.rights.as_ref().and_then(Rights::until_ms)
    }

    /// Whether the owner may write a field of a record, as far as this phone can tell: an app greys out what they may not.
    pub fn may_write(&self, record: &RecordView, field: &FieldView) -> bool {
        let Some(kind) = record.kind().filter(|kind| !kind.append_only && record.is_active()) else { return false };
        let Some(info) = kind.field(field.number).filter(|info| info.policy != meta::Policy::Constant) else {
            return false;
        };
        let own = || self.is_own(record.record);
        self.rights.as_ref().is_none_or(|rights| rights.may_write(kind, info, LabelId(field.label), own()))
    }

    /// Whether the owner may end a record or bring it back.
    pub fn may_end(&self, record: &RecordView) -> bool {
        let Some(kind) = record.kind() else { return false };
        let labels: Vec<LabelId> = self.parts_of(record.record).iter().map(|(id, ..)| LabelId(id.label)).collect();
        self.rights.as_ref().is_none_or(|rights| rights.may_end(kind, &labels, self.is_own(record.record)))
    }

    /// Whether the owner started a record; `None`: who did is not known here.
    fn is_own(&self, record: RecordId) -> Option<bool> {
        self.author_of(record).map(|author| author.account == self.device.account())
    }

    /// What was refused, and may still be looked at.
    pub fn drafts(&self) -> impl Iterator<Item = &'a Draft> {
        self.circle.drafts().iter().filter(|draft| draft.change.parts.iter().all(|p| self.shows(p.part)))
    }

    fn shows(&self, id: PartId) -> bool {
        self.shown.as_ref().is_none_or(|labels| labels.contains(&id.label))
    }

    /// Every label that something here stands under: of what others wrote, of own changes, and of drafts.
    fn labels(&self) -> BTreeSet<u64> {
        let drafts = self.circle.drafts().iter().flat_map(|draft| &draft.change.parts).map(|part| part.part.label);
        self.confirmed.labels().chain(self.written.keys().map(|id| id.label)).chain(drafts).collect()
    }

    /// A part as it is visible, shown or not.
    fn visible(&self, id: PartId) -> Option<Cow<'a, Part>> {
        if self.written.contains_key(&id) {
            return self.device.visible(self.number, self.confirmed, id).map(Cow::Owned);
        }
        self.confirmed.part(id).map(|held| &held.part).filter(|part| part.is_live()).map(Cow::Borrowed)
    }

    /// The parts of one record that are visible, with their type numbers. Of one type: an id that somebody used again for
    /// another type, not knowing of the first, is the record that was written first.
    pub(crate) fn parts_of(&self, record: RecordId) -> Vec<Seen<'a>> {
        let mut parts = self.all_parts_of(record);
        if let Some(number) = first_type(&parts) {
            parts.retain(|(_, of, _)| *of == number);
        }
        parts
    }

    fn all_parts_of(&self, record: RecordId) -> Vec<Seen<'a>> {
        let all = PartId { record, label: 0 }..=PartId { record, label: u64::MAX };
        let mut ids: BTreeSet<PartId> = self.confirmed.of_record(record).into_iter().collect();
        ids.extend(self.written.range(all).map(|(id, _)| *id));
        let visible = |id: PartId| {
            if !self.shows(id) {
                return None;
            }
            Some((id, self.type_of(id)?, self.visible(id)?))
        };
        ids.into_iter().filter_map(visible).collect()
    }

    /// Every part that may be looked at, with its type number.
    pub(crate) fn all_parts(&self) -> Vec<Seen<'a>> {
        self.parts_where(|_| true)
    }

    /// Those of some types.
    pub(crate) fn parts_where(&self, wanted: impl Fn(u32) -> bool) -> Vec<Seen<'a>> {
        let types: Vec<u32> = self.confirmed.types().filter(|number| wanted(*number)).collect();
        let mut ids: BTreeSet<PartId> = types.into_iter().flat_map(|number| self.confirmed.of_type(number)).collect();
        ids.extend(self.written.keys());
        let seen = |id: PartId| {
            let number = self.type_of(id).filter(|number| wanted(*number) && self.shows(id))?;
            Some((id, number, self.visible(id)?))
        };
        ids.into_iter().filter_map(seen).collect()
    }

    pub(crate) fn extra(&self, id: PartId) -> Extra {
        self.confirmed.part(id).map(Extra::of).unwrap_or_default()
    }

    fn type_of(&self, id: PartId) -> Option<u32> {
        self.confirmed.part(id).map(|p| p.type_number).or_else(|| self.written.get(&id).copied())
    }

    /// Whoever started a record.
    pub(crate) fn author_of(&self, record: RecordId) -> Option<Author> {
        let parts = self.parts_of(record);
        parts.iter().find_map(|(_, number, part)| osteon_proto::wire::ids::author(table().get(*number), part))
    }

    /// Every record that exists for this reader, ascending by id: for most types by the time of writing.
    pub fn records(&self) -> Vec<RecordView> {
        self.records_of(None)
    }

    /// Records of one type that have not ended.
    pub fn of_type(&self, type_number: u32) -> Vec<RecordView> {
        let mut records = self.records_of(Some(type_number));
        records.retain(RecordView::is_active);
        records
    }

    pub(crate) fn records_of(&self, type_number: Option<u32>) -> Vec<RecordView> {
        self.records_where(|number| type_number.is_none_or(|wanted| wanted == number))
    }

    /// How many records of one type have not ended: nothing of them is put together.
    pub fn count(&self, type_number: u32) -> usize {
        let mut records: BTreeMap<RecordId, Vec<Seen<'a>>> = BTreeMap::new();
        for part in self.parts_where(|number| number == type_number) {
            records.entry(part.0.record).or_default().push(part);
        }
        let stands = |parts: &Vec<Seen<'a>>| {
            let refs: Vec<&Part> = parts.iter().map(|(_, _, part)| &**part).collect();
            let lives = refs.iter().any(|part| has_lifecycle(part));
            lives && !lifecycle::of_record(&refs, &[], &|_: Dot| true).state.is_ending()
        };
        records.values().filter(|parts| stands(parts)).count()
    }

    /// Records of which a part is such a one. The others are not put together: a journal is long, and few things are asked
    /// about all of it.
    pub(crate) fn records_with(&self, wanted: impl Fn(u32) -> bool, is: impl Fn(&Seen<'a>) -> bool) -> Vec<RecordView> {
        let parts = self.parts_where(wanted);
        let found: BTreeSet<(RecordId, u32)> =
            parts.iter().filter(|part| is(part)).map(|(id, number, _)| (id.record, *number)).collect();
        let unsent = self.unsent();
        let record = |(record, number): (RecordId, u32)| {
            let mut parts = self.all_parts_of(record);
            parts.retain(|(_, of, _)| *of == number);
            self.seen(record, &parts, &unsent)
        };
        found.into_iter().filter_map(record).collect()
    }

    fn records_where(&self, wanted: impl Fn(u32) -> bool) -> Vec<RecordView> {
        // By type as well: nobody hides a record by using its id again.
        let mut records: BTreeMap<(RecordId, u32), Vec<Seen<'a>>> = BTreeMap::new();
        for part in self.parts_where(wanted) {
            records.entry((part.0.record, part.1)).or_default().push(part);
        }
        let unsent = self.unsent();
        records.into_iter().filter_map(|((record, _), parts)| self.seen(record, &parts, &unsent)).collect()
    }

    /// Records that something was written to here which has no verdict yet.
    fn unsent(&self) -> BTreeSet<RecordId> {
        self.circle.outbox().flat_map(|own| &own.change.parts).map(|part| part.part.record).collect()
    }

    /// `None`: there is nothing of it here, or its creation has not arrived.
    pub fn record(&self, record: RecordId) -> Option<RecordView> {
        self.seen(record, &self.parts_of(record), &self.unsent())
    }

    /// A record from its parts, all of one type.
    fn seen(&self, record: RecordId, parts: &[Seen<'_>], unsent: &BTreeSet<RecordId>) -> Option<RecordView> {
        let type_number = parts.first()?.1;
        if !parts.iter().any(|(_, _, part)| has_lifecycle(part)) {
            return None;
        }
        let refs: Vec<&Part> = parts.iter().map(|(_, _, part)| &**part).collect();
        // Children's endings are the server's to find: its word is kept with the part.
        let life = lifecycle::of_record(&refs, &[], &|_: Dot| true);
        let mut seen = RecordView {
            record,
            type_number,
            life: life.state,
            life_review: life.review || parts.iter().any(|(id, ..)| self.extra(*id).lifecycle_review),
            time_ms: None,
            parent: None,
            fields: Vec::new(),
            unknown_fields: 0,
            unsent: unsent.contains(&record),
        };
        for (id, number, part) in parts {
            let extra = self.extra(*id);
            for (field, versions) in part.fields().filter(|(f, _)| f.number != Field::LIFECYCLE) {
                seen.fields.push(field_view(*number, id.label, field, versions, &extra));
            }
        }
        seen.fields.sort_by(|a, b| (a.number, &a.element).cmp(&(b.number, &b.element)));
        seen.read_off();
        Some(seen)
    }

    /// Open disputes, and endings that met an edit.
    pub fn disputes(&self) -> Vec<(RecordView, Option<usize>)> {
        let mut found = Vec::new();
        // What the server found of it comes with the part; else there is nothing to dispute where one version stands alone.
        let apart = |(id, _, part): &Seen<'_>| {
            let mut lives = part.versions(FieldRef::LIFECYCLE);
            lives.any(|one| one.value != Some(&Life::Active.chunk()[..]))
                || part.fields().any(|(_, versions)| versions.len() > 1)
                || self.confirmed.part(*id).is_some_and(|held| !held.extra.is_empty())
        };
        for record in self.records_with(|_| true, apart) {
            for (i, field) in record.fields.iter().enumerate() {
                if field.needs_review {
                    found.push((record.clone(), Some(i)));
                }
            }
            if record.life_review {
                found.push((record, None));
            }
        }
        found
    }

    /// The other half of a pair: children by parent.
    pub fn children(&self, parent: RecordId) -> Vec<RecordView> {
        let of = |number: u32| table().get(number).and_then(|kind| kind.field_by_name("parent"));
        let names = |(_, number, part): &Seen<'_>| {
            let versions = of(*number).map(|field| part.versions(FieldRef::register(field.number)));
            versions.into_iter().flatten().any(|one| one.value.and_then(ids_of) == Some(parent))
        };
        let found = self.records_with(|number| of(number).is_some(), names).into_iter();
        found.filter(|record| record.parent == Some(parent) && record.is_active()).collect()
    }

    /// Names of versions and what is in force, for telling what a page changed.
    pub fn in_force(&self, records: &BTreeSet<RecordId>) -> BTreeMap<RecordId, RecordView> {
        records.iter().filter_map(|r| Some((*r, self.record(*r)?))).collect()
    }
}

impl RecordView {
    /// What the table says about some fields: the time, the parent, which are unknown.
    fn read_off(&mut self) {
        let Some(kind) = self.kind() else {
            self.unknown_fields = self.fields.len();
            return;
        };
        self.unknown_fields = self.fields.iter().filter(|f| kind.field(f.number).is_none()).count();
        let of = |number: u32| self.fields.iter().find(|f| f.number == number).and_then(FieldView::value);
        self.time_ms = kind.time_field.and_then(|number| time_ms(kind.field(number)?, of(number)?));
        self.parent = kind.field_by_name("parent").and_then(|f| of(f.number)).and_then(ids_of);
    }
}

/// The moment that a field names, in milliseconds since 1970.
pub(crate) fn time_ms(field: &FieldInfo, chunk: &[u8]) -> Option<u64> {
    let ns = instant(field, osteon_proto::values::value(field, chunk)?)?;
    u64::try_from(ns / 1_000_000).ok()
}

/// Of the parts under one id: the type of what was written first. One that was never created comes last.
fn first_type(parts: &[Seen<'_>]) -> Option<u32> {
    let born = |part: &Part| part.versions(FieldRef::LIFECYCLE).map(|version| version.clock).min();
    let key = |(_, number, part): &Seen<'_>| (born(part).is_none(), born(part), *number);
    parts.iter().min_by_key(|one| key(one)).map(|(_, number, _)| *number)
}

/// A bytes field of 16: tag, length, content.
fn ids_of(chunk: &[u8]) -> Option<RecordId> {
    chunk.last_chunk::<16>().map(|id| RecordId(*id))
}

fn owned(v: &Version<'_>) -> VersionView {
    VersionView { dot: v.dot, author: v.author, clock: v.clock, value: v.value.map(<[u8]>::to_vec) }
}

fn field_view<'p>(
    type_number: u32,
    label: u64,
    field: FieldRef<'p>,
    versions: osteon_sync_core::Versions<'p>,
    extra: &Extra,
) -> FieldView {
    let schema = Of(type_number);
    let agreed = extra.agreed(field);
    let shipped = agreed.as_ref().map(|a| a.version(versions.clone()));
    let seen = view(schema.policy(field.number), field.number, versions, &schema, shipped);
    FieldView {
        number: field.number,
        element: field.element.to_vec(),
        label,
        effective: seen.effective.as_ref().map(owned),
        versions: seen.versions.iter().map(owned).collect(),
        needs_review: seen.needs_review || extra.needs_review(field),
        blocked: seen.blocked,
        agreed: seen.agreed.is_some(),
    }
}

pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

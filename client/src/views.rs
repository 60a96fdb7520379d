//! What a person sees: of each record the values in force, and all versions where different ones stand side by side.
//!
//! The merged state knows no policy; here the field table's policies look at it. Rules read [`FieldView::versions`],
//! never the one in force alone. What a grant opened that has ended meanwhile is here and not shown: the next Pull erases it.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{
    LabelId,
    table::{RecordType, table},
    values::instant,
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
    /// Parts that own changes write to.
    written: BTreeSet<PartId>,
    /// Those under labels that may be looked at; `None`: all that is here.
    shown: Option<Rights>,
}

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
        let shown = self.rights(circle, now_ms)?;
        Ok(CircleView { shown: Some(shown), ..self.held(circle)? })
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
        Ok(CircleView {
            device: &self.device,
            number: circle,
            circle: known,
            confirmed,
            written: known.written_parts(),
            shown: None,
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

    /// What was refused, and may still be looked at.
    pub fn drafts(&self) -> impl Iterator<Item = &'a Draft> {
        self.circle.drafts().iter().filter(|draft| draft.change.parts.iter().all(|p| self.shows(p.part)))
    }

    fn shows(&self, id: PartId) -> bool {
        self.shown.as_ref().is_none_or(|rights| rights.may_read(LabelId(id.label)))
    }

    /// The parts of one record that are visible, with their type numbers. Of one type: an id that somebody used again for
    /// another type, not knowing of the first, is the record that was written first.
    pub(crate) fn parts_of(&self, record: RecordId) -> Vec<(PartId, u32, Part)> {
        let mut parts = self.all_parts_of(record);
        if let Some(number) = first_type(&parts) {
            parts.retain(|(_, of, _)| *of == number);
        }
        parts
    }

    fn all_parts_of(&self, record: RecordId) -> Vec<(PartId, u32, Part)> {
        let all = PartId { record, label: 0 }..=PartId { record, label: u64::MAX };
        let mut ids: BTreeSet<PartId> = self.confirmed.of_record(record).into_iter().collect();
        ids.extend(self.written.range(all));
        let visible = |id: PartId| {
            if !self.shows(id) {
                return None;
            }
            let part = self.device.visible(self.number, self.confirmed, id)?;
            Some((id, self.type_of(id)?, part))
        };
        ids.into_iter().filter_map(visible).collect()
    }

    /// Every part that may be looked at, with its type number.
    pub(crate) fn all_parts(&self) -> Vec<(PartId, u32, Part)> {
        let confirmed = self.confirmed.parts().map(|(id, _)| id.record);
        let records: BTreeSet<RecordId> = confirmed.chain(self.written.iter().map(|id| id.record)).collect();
        records.into_iter().flat_map(|record| self.all_parts_of(record)).collect()
    }

    pub(crate) fn extra(&self, id: PartId) -> Extra {
        self.confirmed.part(id).map(Extra::of).unwrap_or_default()
    }

    fn type_of(&self, id: PartId) -> Option<u32> {
        let own =
            || self.circle.own().iter().flat_map(|o| &o.change.parts).find(|p| p.part == id).map(|p| p.type_number);
        self.confirmed.part(id).map(|p| p.type_number).or_else(own)
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

    fn records_of(&self, type_number: Option<u32>) -> Vec<RecordView> {
        let wanted = |number: u32| type_number.is_none_or(|t| t == number);
        let confirmed = self.confirmed.parts().map(|(id, part)| (id.record, part.type_number));
        let own = self.written.iter().filter_map(|id| Some((id.record, self.type_of(*id)?)));
        // By type as well: nobody hides a record by using its id again.
        let records: BTreeSet<(RecordId, u32)> = confirmed.chain(own).filter(|(_, number)| wanted(*number)).collect();
        let seen = |(record, number)| {
            let mut parts = self.all_parts_of(record);
            parts.retain(|(_, of, _)| *of == number);
            self.seen(record, &parts)
        };
        records.into_iter().filter_map(seen).collect()
    }

    /// `None`: there is nothing of it here, or its creation has not arrived.
    pub fn record(&self, record: RecordId) -> Option<RecordView> {
        self.seen(record, &self.parts_of(record))
    }

    /// A record from its parts, all of one type.
    fn seen(&self, record: RecordId, parts: &[(PartId, u32, Part)]) -> Option<RecordView> {
        let type_number = parts.first()?.1;
        if !parts.iter().any(|(_, _, part)| has_lifecycle(part)) {
            return None;
        }
        let refs: Vec<&Part> = parts.iter().map(|(_, _, part)| part).collect();
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
            unsent: self.circle.outbox().any(|own| own.change.parts.iter().any(|p| p.part.record == record)),
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
        for record in self.records() {
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
        self.records().into_iter().filter(|r| r.parent == Some(parent) && r.is_active()).collect()
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
        self.time_ms = kind.time_field.and_then(|number| {
            let field = kind.field(number)?;
            let ns = instant(field, osteon_proto::values::value(field, of(number)?)?)?;
            u64::try_from(ns / 1_000_000).ok()
        });
        self.parent = kind.field_by_name("parent").and_then(|f| of(f.number)).and_then(ids_of);
    }
}

/// Of the parts under one id: the type of what was written first. One that was never created comes last.
fn first_type(parts: &[(PartId, u32, Part)]) -> Option<u32> {
    let born = |part: &Part| part.versions(FieldRef::LIFECYCLE).map(|version| version.clock).min();
    let key = |(_, number, part): &(PartId, u32, Part)| (born(part).is_none(), born(part), *number);
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

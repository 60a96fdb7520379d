//! Records as online readers see them: values in force, versions with who and when, tokens of what was shown.

use osteon_access_core::{Action, Scope, decide};
use osteon_proto::{LabelId, meta, record as pb, table::FieldInfo, wire};
use osteon_sync_core::{
    Dot, FieldRef, RecordId, Version, View,
    lifecycle::{Lifecycle, State},
    names::Shown,
};

use super::{
    App,
    circle::kept_moved_from,
    enrol::timestamp,
    look::{Looked, alone},
    rights::{field_facts, type_facts},
    tokens::RecordShown,
};
use crate::access::{Member, signed};

/// Everything that a record view is made with.
pub struct Reader<'r> {
    pub app: &'r App,
    pub member: &'r Member,
    pub scope: &'r Scope,
    pub now_ms: u64,
}

/// The lifecycle of a record over the parts that a reader sees. Parts know about children already.
pub fn lifecycle(parts: &[Looked]) -> Lifecycle {
    let live = parts.iter().filter(|p| p.part.is_live());
    let ended = live.clone().map(|p| p.lifecycle.state).filter(|state| state.is_ending()).max();
    let all = live.clone().all(|p| p.lifecycle.state.is_ending());
    match ended {
        Some(state) if all => Lifecycle { state, review: false },
        Some(_) => Lifecycle { state: State::Active, review: true },
        None => Lifecycle { state: State::Active, review: live.clone().any(|p| p.lifecycle.review) },
    }
}

/// Under an id that somebody used again for another type, not knowing of the first: the record is what came first.
pub fn of_one_type(parts: &mut Vec<Looked>) {
    let first = parts.iter().min_by_key(|part| (part.row.first_seq, part.row.type_number));
    if let Some(number) = first.map(|part| part.row.type_number) {
        parts.retain(|part| part.row.type_number == number);
    }
}

/// Whether the record exists for a reader: a creation has arrived.
pub fn exists(parts: &[Looked]) -> bool {
    parts.iter().any(Looked::created)
}

/// When a change was written, and when it arrived, as far as the history says.
pub fn version(one: &Looked, version: &Version<'_>, in_force: bool, live: bool) -> pb::VersionView {
    let written = one.log.get(&version.dot);
    let behalf = written.and_then(|w| w.behalf);
    pb::VersionView {
        dot: Some(wire::to_dot(version.dot)),
        value: alone(one.row.type_number, version.value),
        absent: version.value.is_none(),
        account: version.author.account,
        role: i32::from(version.author.role.0),
        written: Some(timestamp(version.clock.ms)),
        received: written.map(|w| timestamp(w.row.received_ms)),
        sequence: written.map_or(0, |w| w.row.seq),
        in_force,
        live,
        reason: written.map(|w| w.reason.clone()).unwrap_or_default(),
        on_behalf_of: behalf.map_or(0, |b| b.author.account),
        on_behalf_role: behalf.map_or(0, |b| i32::from(b.author.role.0)),
        origin: behalf.map(|b| wire::to_dot(b.origin)),
        ..Default::default()
    }
}

impl Reader<'_> {
    /// One record, from the parts that the reader may see. Parts of one record, all of one type.
    pub fn record(&self, parts: &[Looked]) -> pb::RecordView {
        let Some(first) = parts.first() else { return pb::RecordView::default() };
        let record = first.row.record;
        let state = lifecycle(parts);
        let mut chunks: Vec<(u32, Vec<u8>)> = Vec::new();
        let (mut fields, mut unknown) = (Vec::new(), 0u32);
        for one in parts {
            for (field, view) in one.fields() {
                if let Some(value) = view.value() {
                    chunks.push((field.number, value.to_vec()));
                }
                match one.known.and_then(|known| known.field(field.number)) {
                    Some(info) => fields.push(self.field(one, field, &view, info)),
                    None => unknown += 1,
                }
            }
        }
        chunks.sort();
        let inner: Vec<u8> =
            chunks.into_iter().filter(|(n, _)| shown(first, *n)).flat_map(|(_, bytes)| bytes).collect();
        let seq = parts.iter().map(|p| p.row.seq).max().unwrap_or(0);
        let time_ms = parts.iter().map(|p| p.row.time_ms).max().unwrap_or(0);
        pb::RecordView {
            circle: self.member.circle,
            record_id: uuid::Uuid::from_bytes(record.0).to_string(),
            r#type: first.row.type_number,
            body: Some(osteon_proto::split::close(first.row.type_number, &inner).into()),
            fields,
            lifecycle: wire::change::lifecycle_of(state.state).into(),
            lifecycle_review: state.review,
            sequence: seq,
            time: (time_ms > 0).then(|| timestamp(time_ms)),
            etag: format!("{seq}"),
            unknown_field_count: unknown,
            limited_view: self.limited(parts),
            moved_from: moved_from(parts).map(|id| uuid::Uuid::from_bytes(id.0).to_string()).unwrap_or_default(),
            shown: self
                .app
                .record_token(self.account(), self.member.circle, record, &shown_of(parts, self.scope))
                .into(),
        }
    }

    fn account(&self) -> u64 {
        self.member.viewer.account
    }

    /// A label of the type is not shared with the reader.
    fn limited(&self, parts: &[Looked]) -> bool {
        let Some(known) = parts.first().and_then(|p| p.known) else { return false };
        let labels = known.labels(0, self.account()).unwrap_or_default();
        labels.iter().any(|label| !self.scope.reads(*label))
    }

    pub fn field(&self, one: &Looked, field: FieldRef<'_>, view: &View<'_>, info: &FieldInfo) -> pb::FieldView {
        let in_force = view.effective.map(|v| v.dot);
        let versions = view.versions.iter().map(|v| version(one, v, in_force == Some(v.dot), true)).collect();
        let token = self.app.field_token(self.account(), self.member.circle, one.row.record, field, &Shown::of(view));
        let facts = one.known.map(|known| field_facts(known, info));
        let may = |action: &dyn Fn(osteon_access_core::FieldFacts) -> Action<'static>| {
            let allowed = facts.map(|facts| {
                decide(signed(self.now_ms), &self.member.viewer, &self.member.access.access, &action(facts)).allowed()
            });
            allowed.unwrap_or(false)
        };
        let label = LabelId(one.row.label);
        pb::FieldView {
            field: field.number,
            name: info.name.clone(),
            element: field.element.to_vec().into(),
            needs_review: view.needs_review,
            blocked: view.blocked,
            versions,
            shown: token.into(),
            agreed: view.agreed.map(|v| wire::to_dot(v.dot)),
            policy: info.policy.into(),
            may_write: may(&|facts| Action::WriteField { facts, label, own: self.own(one) }),
            may_propose: may(&|facts| Action::ProposeField { facts, label }),
            readings: readings(one, field.number),
        }
    }

    /// Whether the reader may end the record or bring it back.
    pub fn may_end(&self, one: &Looked, labels: &[LabelId]) -> bool {
        let Some(known) = one.known else { return false };
        let facts = type_facts(known, one.row.label);
        let action = Action::EndRecord { facts, labels, own: self.own(one) };
        decide(signed(self.now_ms), &self.member.viewer, &self.member.access.access, &action).allowed()
    }

    fn own(&self, one: &Looked) -> Option<bool> {
        osteon_proto::wire::ids::author(one.known, &one.part).map(|author| author.account == self.account())
    }
}

/// Of a field that says two things at once, both.
fn readings(one: &Looked, field: u32) -> Vec<pb::FieldReading> {
    let read = osteon_care_core::together::readings(one.row.type_number, field, &one.part);
    read.into_iter().map(|r| pb::FieldReading { name: r.name.to_owned(), value: r.value, says: r.says }).collect()
}

/// What the record was before it was moved, as far as its history is at hand.
pub(super) fn moved_from(parts: &[Looked]) -> Option<RecordId> {
    parts.iter().flat_map(|part| part.log.values()).find_map(|written| kept_moved_from(&written.row))
}

/// What this version does not know is counted, not shown; of an unknown type nothing is.
fn shown(first: &Looked, number: u32) -> bool {
    first.known.is_none_or(|known| known.field(number).is_some())
}

/// What an ending may cover: every live dot of the parts, and of children that the reader may see.
pub fn shown_of(parts: &[Looked], scope: &Scope) -> RecordShown {
    let children = parts.iter().flat_map(|p| &p.children).filter(|(label, _)| readable(scope, *label));
    let children = children.flat_map(|(_, dots)| dots).copied();
    let lifecycle = parts.iter().flat_map(|p| p.part.versions(FieldRef::LIFECYCLE)).map(|v| v.dot);
    let covers = parts.iter().flat_map(|p| p.part.live_dots()).chain(children);
    let sorted = |dots: &mut dyn Iterator<Item = Dot>| {
        let mut dots: Vec<Dot> = dots.collect();
        dots.sort_unstable();
        dots.dedup();
        dots
    };
    RecordShown { lifecycle: sorted(&mut lifecycle.into_iter()), covers: sorted(&mut covers.into_iter()) }
}

/// A record id from its text form.
pub fn record_id(text: &str) -> Option<RecordId> {
    uuid::Uuid::try_parse(text).ok().map(|id| RecordId(id.into_bytes()))
}

/// Whether a label is one that a reader of this circle may ever see.
pub fn readable(scope: &Scope, label: u64) -> bool {
    LabelId(label).is_valid() && scope.reads(LabelId(label))
}

/// The role that a policy or an inbox names.
pub fn role(member: &Member) -> meta::Role {
    meta::Role::try_from(i32::from(member.role().number())).unwrap_or_default()
}

/// The lifecycle of an ended record, for lists that leave those out.
pub fn ended(parts: &[Looked]) -> bool {
    lifecycle(parts).state.is_ending()
}

//! May this change be? Decided inside the commit, against the access state that is in force there: role, consent,
//! writers, keys, ranges, reasons. One function, total; the ledger asks it once per change.

use std::borrow::Cow;

use osteon_access_core::{
    Action, Category, FieldFacts, GrantOf, Grantee, Reference, Role, RoleSet, TypeFacts, Viewer, decide,
};
use osteon_proto::{
    LabelId,
    check::{check_body, check_time, has_control, says_something},
    meta::{Policy, PriorityClass},
    reasons::Reason,
    table::{FIELD_TABLE_VERSION, FieldInfo, RecordType, table},
    values::{Value, fields, value},
    wire::ids,
};
use osteon_sync_core::{
    Change, Field, FieldWrite, PartWrite, Put,
    ledger::{CircleStore, Decision, StoredPart, Violation},
    lifecycle::State,
};

use super::{
    alerts::answers,
    approved,
    circle::Circle,
    look::AllKnown,
    loosens, members,
    proposals::{self, PROPOSAL, Proposed},
    secrets::sha256,
    threads::rules::{self as threads, Started, Wrong},
};
use crate::{
    access::{CircleAccess, signed},
    limits::{self, Limit},
    store::CircleNo,
};

/// Record types whose writes change who may do what.
pub const MEMBER: u32 = 262;
pub const GRANT: u32 = 263;
pub const PROXY_ACTIVATION: u32 = 264;
pub const BREAK_GLASS: u32 = 312;
pub const GRANT_ENDED: u32 = 268;
pub const THREAD: u32 = 441;
pub const THREAD_PARTICIPANT: u32 = 442;
/// All of them are read to make the access state.
pub const ACCESS_TYPES: [u32; 7] =
    [MEMBER, GRANT, PROXY_ACTIVATION, GRANT_ENDED, BREAK_GLASS, THREAD, THREAD_PARTICIPANT];

pub fn moves_access(type_number: u32) -> bool {
    ACCESS_TYPES.contains(&type_number)
}

/// What a decision rests on beside the change.
pub struct Rights<'r> {
    pub circle: CircleNo,
    pub now_ms: u64,
    pub access: &'r CircleAccess,
    pub viewer: Viewer,
    /// The version of the field table that the change was made under.
    pub field_table_version: u32,
    /// Made online, by the server's own replica: may grant.
    pub online: bool,
    /// Threads that this batch started.
    pub started: Started,
}

/// The first thing that is wrong, or all violations of one kind.
struct No {
    reason: Reason,
    path: String,
    /// The label that the author may not have any more.
    label: Option<u64>,
    /// Of LIMIT_EXCEEDED: which.
    limit: Option<&'static Limit>,
}

fn no(reason: Reason, path: impl Into<String>) -> No {
    No { reason, path: path.into(), label: None, limit: None }
}

fn text(reason: Reason) -> Cow<'static, str> {
    Cow::Borrowed(reason.as_str())
}

impl Rights<'_> {
    pub fn check(&self, change: &Change, circle: &Circle<'_, '_>) -> Decision {
        if has_control(&change.note.reason) {
            let violations = vec![Violation { path: "reason".into(), reason: text(Reason::ControlInText) }];
            return Decision::Refuse { reason: text(Reason::ControlInText), violations };
        }
        let mut out_of_range = false;
        // Whoever starts a thread takes part in it, also in what they say in the same change.
        let starts = |part: &PartWrite| part.type_number == THREAD && ids::creates(part);
        let (first, then): (Vec<_>, Vec<_>) = change.parts.iter().enumerate().partition(|(_, part)| starts(part));
        for (i, part) in first.into_iter().chain(then) {
            match self.part(change, part, circle) {
                Ok(range) => out_of_range |= range,
                Err(found) => return self.refuse(change, i, found),
            }
        }
        let said = answers::refused(circle.working(), change, self.viewer.role);
        let said =
            said.and_then(|said| said.map_or_else(|| approved::refused(circle.working(), change), |one| Ok(Some(one))));
        match said {
            Ok(None) => {}
            Ok(Some((i, reason, path))) => {
                return self.refuse(change, i, vec![no(reason, format!("body.{path}"))]);
            }
            Err(_) => return Decision::Refuse { reason: text(Reason::Internal), violations: Vec::new() },
        }
        match threads::refused(self, change, circle) {
            Ok(None) => {}
            Ok(Some((i, Wrong { reason, path, limit }))) => {
                return self.refuse(change, i, vec![No { limit, ..no(reason, format!("body.{path}")) }]);
            }
            Err(_) => return Decision::Refuse { reason: text(Reason::Internal), violations: Vec::new() },
        }
        match members::removes_last_administrator(change, circle) {
            Ok(false) => Decision::Accept { out_of_range },
            Ok(true) => Decision::Refuse { reason: text(Reason::LastAdministrator), violations: Vec::new() },
            Err(_) => Decision::Refuse { reason: text(Reason::Internal), violations: Vec::new() },
        }
    }

    /// A change of the server itself: ranges and ids are asked, no role is.
    pub fn check_system(&self, change: &Change) -> Decision {
        for (i, part) in change.parts.iter().enumerate() {
            let Some(known) = table().get(part.type_number) else { continue };
            let Err(mut found) = self.ranges(part, known) else { continue };
            // What is computed is computed here.
            found.retain(|no| no.reason != Reason::DerivedField);
            if !found.is_empty() {
                return self.refuse(change, i, found);
            }
        }
        Decision::Accept { out_of_range: false }
    }

    /// What was written before the right was lost waits for a person; everything else is refused.
    fn refuse(&self, change: &Change, index: usize, found: Vec<No>) -> Decision {
        let Some(first) = found.first() else {
            return Decision::Refuse { reason: text(Reason::Internal), violations: Vec::new() };
        };
        let account = self.viewer.account;
        let lost = first.label.and_then(|l| self.access.lost_at(account, l).or_else(|| self.access.left_at(account)));
        // A grant that has ended and is not said to have: whatever comes now was begun before that is said.
        let ended = || first.label.is_some_and(|label| self.access.ended_since(account, label, self.now_ms));
        if lost.map_or_else(ended, |at| change.base < at) {
            let member = crate::access::viewer(&self.access.access, self.viewer.account).is_some();
            let reason = if member { Reason::LostRight } else { Reason::LeftCircle };
            return Decision::Quarantine { reason: text(reason) };
        }
        let reason = text(first.reason);
        let path = |no: &No| {
            if no.path.is_empty() { format!("writes[{index}]") } else { format!("writes[{index}].{}", no.path) }
        };
        let said = |no: &No| no.limit.map_or_else(|| text(no.reason), |limit| Cow::Borrowed(limit.name));
        let violations = found.iter().map(|no| Violation { path: path(no), reason: said(no) }).collect();
        Decision::Refuse { reason, violations }
    }

    /// `Ok(true)`: a value is outside of today's range and was made under an older table.
    fn part(&self, change: &Change, part: &PartWrite, circle: &Circle<'_, '_>) -> Result<bool, Vec<No>> {
        self.same_type(part, circle).map_err(|no| vec![no])?;
        let stored = circle.part(part.part);
        let known = table().get(part.type_number).filter(|_| !LabelId(part.part.label).is_unknown());
        let Some(known) = known else {
            // What this server does not know is kept for its author (law I3): being a member is enough.
            self.member(part).map_err(|no| vec![no])?;
            return self.size(change, part, stored).map(|()| false).map_err(|no| vec![no]);
        };
        let creates = ids::creates(part);
        if creates {
            self.creation(change, part, known).map_err(|no| vec![no])?;
        }
        for write in &part.writes {
            self.field(change, part, write, known, creates, stored, circle).map_err(|no| vec![no])?;
        }
        // How full it is, is said to whoever may write there.
        self.size(change, part, stored).map_err(|no| vec![no])?;
        let range = self.ranges(part, known)?;
        match check_time(known, chunks(part), signed(self.now_ms)) {
            Some(found) => Err(vec![no(found.reason, format!("body.{}", found.path))]),
            None => Ok(range),
        }
    }

    /// What stands in a part, and what of it this server does not know, is bounded. A record type that it does not know is
    /// bounded by the body and by the part alone.
    fn size(&self, change: &Change, part: &PartWrite, stored: Option<&StoredPart>) -> Result<(), No> {
        let unknown = table().get(part.type_number).is_some() && LabelId(part.part.label).is_unknown();
        let limit = if unknown { &limits::UNKNOWN_BYTES } else { &limits::PART_BYTES };
        // Far from it nothing is merged twice: what a part takes in memory is more than its bytes.
        let bytes = |w: &FieldWrite| w.field.element.len() + w.put.as_ref().and_then(Put::value).map_or(0, <[u8]>::len);
        let written: usize = part.writes.iter().map(|w| bytes(w) + 16 * w.covers.len() + 64).sum();
        if written + stored.map_or(0, |s| s.part.memory_bytes()) <= limit.usize() {
            return Ok(());
        }
        let mut merged = stored.map(|s| s.part.clone()).unwrap_or_default();
        merged.merge(change.origin(), &part.writes, &AllKnown);
        let size = if unknown {
            let versions = merged.fields().flat_map(|(_, versions)| versions);
            versions.map(|v| v.value.map_or(0, <[u8]>::len)).sum()
        } else {
            merged.encode().len()
        };
        if size <= limit.usize() { Ok(()) } else { Err(No { limit: Some(limit), ..no(Reason::LimitExceeded, "body") }) }
    }

    fn member(&self, part: &PartWrite) -> Result<(), No> {
        let member = self.access.access.members().any(|(account, _)| account == self.viewer.account);
        let label = Some(part.part.label);
        if member { Ok(()) } else { Err(No { label, ..no(Reason::NotFound, "") }) }
    }

    /// A record id belongs to one type, as far as the author may know. What they may not see is as if it were not there:
    /// the change is taken, and stands beside it (decision 0051).
    fn same_type(&self, part: &PartWrite, circle: &Circle<'_, '_>) -> Result<(), No> {
        let mut others = circle.parts_of(part.part.record).filter(|(_, other)| other.type_number != part.type_number);
        let seen = others.any(|(id, _)| self.allowed(&Action::ReadLabel(LabelId(id.label))));
        if seen { Err(no(Reason::WrongRecordType, "record")) } else { Ok(()) }
    }

    pub(super) fn allowed(&self, action: &Action<'_>) -> bool {
        let decided = |access: &_| decide(signed(self.now_ms), &self.viewer, access, action).allowed();
        self.started.access().as_ref().map_or_else(|| decided(&self.access.access), decided)
    }

    fn creation(&self, change: &Change, part: &PartWrite, known: &RecordType) -> Result<(), No> {
        let record = part.part.record;
        let writes = ids::writes_of(&change.parts, record);
        match ids::expected_id(self.circle, known, writes, sha256) {
            None => {}
            Some(Some(id)) if id == record => {}
            Some(_) => return Err(no(Reason::RecordIdInvalid, "record")),
        }
        let denied = |reason| No { label: Some(part.part.label), ..no(reason, "") };
        if part.type_number == GRANT {
            return self.grant(change, part, None, false).map_err(denied);
        }
        if part.type_number == MEMBER && !self.names(named(change, part, None, known)) {
            return Err(denied(Reason::RecordNotCreatable));
        }
        if part.type_number == PROPOSAL && !proposals::is_under_its_label(part) {
            return Err(no(Reason::ArgumentInvalid, format!("body.{}.type", known.member)));
        }
        let facts = type_facts(known, part.part.label);
        if !ids::asks_to_create(&change.parts, part, known)
            || self.allowed(&Action::CreateRecord { facts, label: LabelId(part.part.label) })
        {
            if facts.opens {
                self.started.add(&self.access.access, part.part.label >> 32, self.viewer.account);
            }
            Ok(())
        } else {
            Err(denied(Reason::RecordNotCreatable))
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn field(
        &self,
        change: &Change,
        part: &PartWrite,
        write: &FieldWrite,
        known: &RecordType,
        creates: bool,
        stored: Option<&StoredPart>,
        circle: &Circle<'_, '_>,
    ) -> Result<(), No> {
        if write.field.number == Field::LIFECYCLE {
            return if creates { Ok(()) } else { self.lifecycle(change, part, write, known, circle) };
        }
        let Some(field) = known.field(write.field.number) else {
            return Err(no(Reason::Internal, ""));
        };
        let path = || format!("body.{}.{}", known.member, field.name);
        match field.policy {
            Policy::Derived => return Err(no(Reason::DerivedField, path())),
            Policy::Constant if !creates || !write.replaces.is_empty() => {
                return Err(no(Reason::ImmutableField, path()));
            }
            _ => {}
        }
        let refused = |reason| No { label: Some(part.part.label), ..no(reason, path()) };
        let denied = || refused(Reason::FieldNotWritable);
        if part.type_number == GRANT {
            let longer = !write.replaces.is_empty() && loosens::relaxing(part, write, stored, circle);
            return self.grant(change, part, stored, longer).map_err(refused);
        }
        if part.type_number == MEMBER {
            let named = named(change, part, stored, known);
            let may = if opens(field, write) {
                self.online && (self.names(named) || self.takes_back(write, stored))
            } else {
                // Nobody takes the patient out of the patient's own circle.
                named.role != Some(Role::Patient)
            };
            if !may {
                return Err(no(Reason::FieldNotWritable, path()));
            }
        }
        let own = own(creates, stored, self.viewer.account);
        let action = Action::WriteField { facts: field_facts(known, field), label: LabelId(part.part.label), own };
        if !self.allowed(&action) {
            return Err(denied());
        }
        let loosens = || {
            !write.replaces.is_empty() && loosens::relaxing(part, write, stored, circle)
                || !creates && loosens::lifting(part, write, stored)
        };
        if !says_something(&change.note.reason) && loosens() {
            return Err(no(Reason::ReasonRequired, path()));
        }
        Ok(())
    }

    /// Ending and restoring need every label of the record.
    fn lifecycle(
        &self,
        change: &Change,
        part: &PartWrite,
        write: &FieldWrite,
        known: &RecordType,
        circle: &Circle<'_, '_>,
    ) -> Result<(), No> {
        let parts = circle.parts_of(part.part.record).filter(|(_, stored)| stored.type_number == part.type_number);
        let mut labels: Vec<LabelId> = parts.map(|(id, _)| LabelId(id.label)).collect();
        labels.push(LabelId(part.part.label));
        labels.retain(|label| !label.is_unknown());
        labels.sort_unstable();
        labels.dedup();
        let own = own(false, circle.part(part.part), self.viewer.account);
        let facts = type_facts(known, part.part.label);
        let ends = State::from_chunk(write.put.as_ref().and_then(Put::value)).is_ending();
        if ends && matches!(part.type_number, GRANT | MEMBER | THREAD_PARTICIPANT) {
            // Membership, consent and taking part end by DENY, which stays readable.
            return Err(no(Reason::ImmutableField, "lifecycle"));
        }
        if part.type_number == PROPOSAL && !ends && is_decided(circle.part(part.part), self.viewer.account) {
            // What its author took back they may bring back; what somebody decided is over.
            return Err(no(Reason::ImmutableField, "lifecycle"));
        }
        // What belongs to a thread is its author's to take back; who takes part is said in its own field.
        let is_of_another = threads::is_of_thread(part.type_number) && own != Some(true);
        let may_end = self.allowed(&Action::EndRecord { facts, labels: &labels, own });
        let proposed = Proposed::of(part, circle).filter(|_| ends && own != Some(true));
        let decides = proposed.as_ref().is_some_and(|proposed| self.allowed(&proposed.write(part.part.label)));
        // Somebody else's proposal ends by whoever may write the field: who may propose does not decide.
        if is_of_another || !(if proposed.is_some() { decides } else { may_end }) {
            return Err(No { label: Some(part.part.label), ..no(Reason::FieldNotWritable, "lifecycle") });
        }
        // Somebody else's proposal is taken over in the same change, or declined with a reason.
        let declined = proposed.is_some_and(|proposed| !proposed.is_written_by(change));
        if declined && !says_something(&change.note.reason) {
            return Err(no(Reason::ReasonRequired, "lifecycle"));
        }
        if ends && known.restricts && !says_something(&change.note.reason) {
            return Err(no(Reason::ReasonRequired, "lifecycle"));
        }
        Ok(())
    }

    /// Who may name whom: the clinic its people, and a patient a caregiver (ACCESS, "Enrolment"). Whom the clinic did not
    /// name never becomes a clinician; a circle has the patient that it was founded for; nobody gives themselves a role.
    fn names(&self, named: Named) -> bool {
        let own = named.account == Some(self.viewer.account);
        match named.role {
            None | Some(Role::Patient | Role::System) => false,
            Some(Role::Caregiver) => !own,
            Some(_) => !own && self.viewer.role != Role::Patient,
        }
    }

    /// Somebody whom the clinic named, and this member took out: that may be taken back, whoever it is.
    fn takes_back(&self, write: &FieldWrite, stored: Option<&StoredPart>) -> bool {
        let Some(stored) = stored else { return false };
        let mut named = stored.part.versions(&write.field).filter(|v| write.replaces.contains(&v.dot));
        let mut any = false;
        named.all(|v| {
            any = true;
            v.author.account == self.viewer.account
        }) && any
    }

    fn ranges(&self, part: &PartWrite, known: &RecordType) -> Result<bool, Vec<No>> {
        let mut chunks: Vec<(u32, &[u8])> = chunks(part).collect();
        if !chunks.is_sorted() {
            chunks.sort_unstable();
        }
        match check_body(known, chunks) {
            Ok(()) => Ok(false),
            Err(found) if self.field_table_version < FIELD_TABLE_VERSION && found.iter().all(|v| v.is_range()) => {
                Ok(true)
            }
            Err(found) => Err(found.into_iter().map(|v| no(v.reason, format!("body.{}", v.path))).collect()),
        }
    }
}

/// What a write puts: (field number, chunk).
fn chunks(part: &PartWrite) -> impl Iterator<Item = (u32, &[u8])> {
    let fields = part.writes.iter().filter(|w| w.field.number != Field::LIFECYCLE);
    fields.filter_map(|w| Some((w.field.number, w.put.as_ref().and_then(Put::value)?)))
}

/// Whether a write may open what is closed, in a field where one DENY wins: it says ALLOW, or it takes versions away
/// and leaves nothing. Whatever else it says, of this version or of none, closes.
pub(super) fn opens(field: &FieldInfo, write: &FieldWrite) -> bool {
    const ALLOW: i128 = 1;
    let put = write.put.as_ref().and_then(Put::value).map(|chunk| value(field, chunk));
    field.policy == Policy::UnionDenyWins && put.is_none_or(|value| matches!(value, Some(Value::Int(ALLOW))))
}

/// Whether the author of the change made the entry; `None`: not known yet.
pub(super) fn own(creates: bool, stored: Option<&StoredPart>, account: u64) -> Option<bool> {
    if creates {
        return Some(true);
    }
    let stored = stored?;
    own_of(creates, ids::author(table().get(stored.type_number), &stored.part).map(|author| author.account), account)
}

/// The same, where the author of the entry is known already.
pub fn own_of(creates: bool, born: Option<u64>, account: u64) -> Option<bool> {
    if creates { Some(true) } else { born.map(|author| author == account) }
}

fn roles(set: osteon_proto::table::RoleSet) -> RoleSet {
    set.iter().filter_map(|role| u8::try_from(role as i32).ok().and_then(Role::from_number)).collect()
}

/// What the contract says about a type, for `decide`.
pub fn type_facts(known: &RecordType, label: u64) -> TypeFacts {
    let choice = known.label_choice.iter().position(|c| c.label.for_author(label >> 32).is_ok_and(|l| l.0 == label));
    let choice = choice.and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0);
    let proxy = known.shape.fields.iter().any(|field| field.proxy);
    let (creators, clinic) = (roles(known.creators_of(choice)), known.of_clinic);
    TypeFacts { creators, journal: journal(known), proxy, clinic, opens: known.opens_thread() }
}

/// What the contract says about a field, for `decide`.
pub fn field_facts(known: &RecordType, field: &FieldInfo) -> FieldFacts {
    FieldFacts {
        writers: roles(field.writers),
        proposers: roles(field.proposers),
        journal: journal(known),
        proxy: field.proxy,
    }
}

pub(super) fn journal(known: &RecordType) -> bool {
    known.class == PriorityClass::Journal
}

/// Whom a grant is about, and what: from the creation, or from what is stored.
pub(super) fn reference(
    change: &Change,
    part: &PartWrite,
    stored: Option<&StoredPart>,
    known: &RecordType,
) -> Option<Reference> {
    let chunk = |name: &str| -> Option<Vec<u8>> {
        let number = known.field_by_name(name)?.number;
        let put = ids::value(ids::writes_of(&change.parts, part.part.record), number);
        let kept = stored.and_then(|s| s.part.versions(osteon_sync_core::FieldRef::register(number)).next());
        put.or_else(|| kept.and_then(|v| v.value)).map(<[u8]>::to_vec)
    };
    let grantee = grantee(known, &chunk("grantee")?)?;
    Some(Reference { grantee, of: grant_of(known, &chunk("category")?)? })
}

/// Whom a membership names, and as what.
#[derive(Clone, Copy)]
struct Named {
    account: Option<u64>,
    role: Option<Role>,
}

/// From the creation, or from what is stored.
fn named(change: &Change, part: &PartWrite, stored: Option<&StoredPart>, known: &RecordType) -> Named {
    let number = |name: &str| {
        let field = known.field_by_name(name)?;
        let put = ids::value(ids::writes_of(&change.parts, part.part.record), field.number);
        let kept = stored.and_then(|s| s.part.versions(osteon_sync_core::FieldRef::register(field.number)).next());
        match value(field, put.or_else(|| kept.and_then(|v| v.value))?)? {
            Value::Int(number) => Some(number),
            _ => None,
        }
    };
    let role = number("role").and_then(|number| u8::try_from(number).ok()).and_then(Role::from_number);
    Named { account: number("account").and_then(|number| u64::try_from(number).ok()), role }
}

/// The grantee of a chunk of P-CIRCLE.grant.
pub fn grantee(known: &RecordType, chunk: &[u8]) -> Option<Grantee> {
    let Some(Value::Message(shape, bytes)) = value(known.field_by_name("grantee")?, chunk) else { return None };
    let mut found = None;
    for (field, inner) in fields(shape, bytes) {
        let Some(Value::Int(number)) = value(field, inner) else { return None };
        let grantee = match field.name.as_str() {
            "role" => Grantee::Role(u8::try_from(number).ok().and_then(Role::from_number)?),
            "account" => Grantee::Member(u64::try_from(number).ok()?),
            _ => return None,
        };
        if found.replace(grantee).is_some() {
            return None;
        }
    }
    found
}

/// What a grant is of.
pub fn grant_of(known: &RecordType, chunk: &[u8]) -> Option<GrantOf> {
    const PROXY: i128 = 64;
    match value(known.field_by_name("category")?, chunk)? {
        Value::Int(PROXY) => Some(GrantOf::Proxy),
        Value::Int(number) => u8::try_from(number).ok().and_then(Category::new).map(GrantOf::Category),
        _ => None,
    }
}

/// Whether somebody else ended it.
fn is_decided(stored: Option<&StoredPart>, author: u64) -> bool {
    let versions = stored.into_iter().flat_map(|stored| stored.part.versions(osteon_sync_core::FieldRef::LIFECYCLE));
    let mut endings = versions.filter(|version| State::from_chunk(version.value).is_ending());
    endings.any(|version| version.author.account != author)
}

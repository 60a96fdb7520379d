//! Members of a circle: reading the access rows off the records, naming somebody, starting a circle.

use std::{collections::BTreeSet, sync::Arc};

use osteon_access_core::{ActivationRow, Consent, GrantRow, MemberRow, Role, ThreadRow};
use osteon_proto::{
    care, meta,
    reasons::Reason,
    split, sync,
    table::{RecordType, table},
    values::{Value, instant, time_ms, value},
};
use osteon_sync_core::{Change, FieldRef, FieldWrite, Part, PartId, Put, RecordId, ledger::CircleStore};
use prost::Message;

use super::{
    App,
    circle::Circle,
    glass, ids_for, online,
    rights::{self, GRANT, GRANT_ENDED, MEMBER, PROXY_ACTIVATION, THREAD, THREAD_PARTICIPANT},
    settings,
};
use crate::{
    access::{
        Caller, Member,
        state::{Ended, Rows},
    },
    error::Error,
    store::{AccountNo, CircleNo, PartRow, StoreError, Working, identity::NewCircle},
};

/// The type number of P-CIRCLE.
pub const CARE_CIRCLE: u32 = 261;
/// `osteon.care.v1.Decision`.
const ALLOW: i128 = 1;
/// Kind of an account that is a person.
pub const PERSON: u8 = 1;

/// Reads the rows off every member, grant and activation of the circle, as the policies say.
pub fn rows(work: &Working<'_>) -> Result<Rows, StoreError> {
    let mut rows = Rows::default();
    for row in work.parts_of_type(MEMBER)? {
        rows.members.extend(Fields::open(row)?.member());
    }
    let ended = work.parts_of_type(GRANT_ENDED)?.into_iter().map(|row| Ok(Fields::open(row)?.ended()));
    let ended: BTreeSet<Ended> = ended.collect::<Result<Vec<_>, StoreError>>()?.into_iter().flatten().collect();
    for row in work.parts_of_type(GRANT)? {
        let Some(grant) = Fields::open(row)?.grant() else { continue };
        let end = grant.not_after_ms.map(|at_ms| Ended { grant: row.record, at_ms });
        let open = |end: &Ended| grant.decision == Consent::Allow && !ended.contains(end);
        rows.ends.extend(end.filter(open));
        rows.grants.push(grant);
    }
    for row in work.parts_of_type(PROXY_ACTIVATION)? {
        rows.activations.extend(Fields::open(row)?.activation());
    }
    for row in work.parts_of_type(THREAD)? {
        rows.threads.extend(Fields::open(row)?.thread());
    }
    for row in work.parts_of_type(THREAD_PARTICIPANT)? {
        rows.threads.extend(Fields::open(row)?.participant());
    }
    rows.glass = glass::rows(&work.parts_of_type(rights::BREAK_GLASS)?)?;
    Ok(rows)
}

/// What a grant says.
pub(super) fn grant_of(row: &PartRow) -> Result<Option<GrantRow>, StoreError> {
    Ok(Fields::open(row)?.grant())
}

/// Whether the change takes the last administrator out of the circle. Looks at the records as they stand inside the commit:
/// two administrators who remove each other at the same moment do not both succeed.
pub fn removes_last_administrator(change: &Change, circle: &Circle<'_, '_>) -> Result<bool, StoreError> {
    let known = table().get(MEMBER).ok_or(StoreError::Corrupt { table: "part", column: "type" })?;
    let Some(membership) = known.field_by_name("membership") else { return Ok(false) };
    let closes = |write: &FieldWrite| {
        let value = write.put.as_ref().and_then(Put::value).and_then(|chunk| value(membership, chunk));
        write.field.number == membership.number && !matches!(value, Some(Value::Int(ALLOW)))
    };
    let written = change.parts.iter().filter(|part| part.type_number == MEMBER && part.writes.iter().any(closes));
    let removed: BTreeSet<RecordId> = written.map(|part| part.part.record).collect();
    if removed.is_empty() {
        return Ok(false);
    }
    let (mut before, mut after) = (false, false);
    for row in circle.working().parts_of_type(MEMBER)? {
        let fields = match circle.part(PartId { record: row.record, label: row.label }) {
            Some(stored) => Fields { part: stored.part.clone(), known },
            None => Fields::open(row)?,
        };
        let is_one = |member: &MemberRow| member.role == Role::ClinicAdmin && member.membership == Consent::Allow;
        if fields.member().as_ref().is_some_and(is_one) {
            before = true;
            after |= !removed.contains(&row.record);
        }
    }
    Ok(before && !after)
}

struct Fields {
    part: Part,
    known: &'static RecordType,
}

impl Fields {
    fn open(row: &PartRow) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt { table: "part", column: "state" };
        let part = row.part()?;
        Ok(Self { part, known: table().get(row.type_number).ok_or_else(corrupt)? })
    }

    /// The chunks of a register's live versions.
    fn chunks(&self, name: &str) -> Vec<&[u8]> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        self.part.versions(FieldRef::register(field.number)).filter_map(|v| v.value).collect()
    }

    fn numbers(&self, name: &str) -> Vec<i128> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let number = |chunk: &[u8]| match value(field, chunk) {
            Some(Value::Int(number)) => Some(number),
            _ => None,
        };
        self.chunks(name).into_iter().filter_map(number).collect()
    }

    fn number<T: TryFrom<i128>>(&self, name: &str) -> Option<T> {
        T::try_from(*self.numbers(name).first()?).ok()
    }

    fn consent(&self, name: &str) -> Consent {
        Consent::of(self.numbers(name).into_iter().map(|number| i32::try_from(number).unwrap_or(i32::MAX)))
    }

    fn instants_ms(&self, name: &str) -> Vec<i64> {
        const NANOS_PER_MS: i128 = 1_000_000;
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let ms = |chunk: &[u8]| i64::try_from(instant(field, value(field, chunk)?)?.div_euclid(NANOS_PER_MS)).ok();
        self.chunks(name).into_iter().filter_map(ms).collect()
    }

    fn member(&self) -> Option<MemberRow> {
        let role = Role::from_number(self.number("role")?)?;
        Some(MemberRow { account: self.number("account")?, role, membership: self.consent("membership") })
    }

    fn grant(&self) -> Option<GrantRow> {
        Some(GrantRow {
            grantee: rights::grantee(self.known, self.chunks("grantee").first()?)?,
            of: rights::grant_of(self.known, self.chunks("category").first()?)?,
            decision: self.consent("decision"),
            not_before_ms: self.instants_ms("not_before").into_iter().max(),
            not_after_ms: self.instants_ms("not_after").into_iter().min(),
        })
    }

    fn ended(&self) -> Option<Ended> {
        let grant = self.chunks("ended_grant").first()?.last_chunk::<16>().map(|id| RecordId(*id))?;
        Some(Ended { grant, at_ms: *self.instants_ms("ended").first()? })
    }

    /// Whoever started it, and everybody where it is everybody's.
    fn thread(&self) -> impl Iterator<Item = ThreadRow> {
        let author = osteon_proto::wire::ids::author(Some(self.known), &self.part).map(|author| author.account);
        let everybody = self.number::<u8>("everybody") == Some(1);
        let named = self.number("thread").zip(author);
        named.into_iter().flat_map(move |(thread, author)| ThreadRow::of_thread(thread, author, everybody))
    }

    fn participant(&self) -> Option<ThreadRow> {
        let (thread, account) = (self.number("thread")?, self.number("account")?);
        Some(ThreadRow {
            thread,
            part: osteon_access_core::Part::Account(account),
            participation: self.consent("participation"),
        })
    }

    fn activation(&self) -> Option<ActivationRow> {
        let chunks = self.chunks("activated_on");
        let activated_ms = time_ms(self.known, chunks.first()?)?;
        Some(ActivationRow { proxy: self.number("proxy")?, activated_ms })
    }
}

/// The write that names somebody a member.
pub(super) fn member_write(circle: CircleNo, account: AccountNo, role: meta::Role) -> Result<sync::RecordWrite, Error> {
    let parent = ids_for::singleton(circle, CARE_CIRCLE);
    let member = care::CircleMember {
        parent: Some(parent.0.to_vec().into()),
        account: Some(account),
        role: Some(role.into()),
        membership: Some(care::Decision::Allow.into()),
        ..Default::default()
    };
    creation(circle, MEMBER, &member.encode_to_vec())
}

/// A creation whose id is derived from its key fields.
pub fn creation(circle: CircleNo, type_number: u32, record: &[u8]) -> Result<sync::RecordWrite, Error> {
    let body = split::close(type_number, record);
    let id = ids_for::derived(circle, &body)?;
    Ok(sync::RecordWrite { record: id.0.to_vec().into(), body: Some(body.into()), create: true, ..Default::default() })
}

/// An account number that is never given.
pub(super) const NOBODY: AccountNo = i64::MAX as u64;

/// Refuses members who cannot be: an account of another clinic looks like none; somebody who is a patient or family
/// somewhere in the clinic does not become a clinician, nor the other way round. They get another account.
pub async fn may_be_members(app: &App, clinic: u64, change: &sync::Change) -> Result<(), Error> {
    for (i, write) in change.writes.iter().enumerate() {
        let Some((MEMBER, inner)) = write.body.as_deref().and_then(|body| split::open(body).ok()) else { continue };
        let Ok(member) = care::CircleMember::decode(inner) else { continue };
        let (Some(account), Some(role)) = (member.account.filter(|account| *account != NOBODY), member.role) else {
            continue;
        };
        let path = format!("writes[{i}].body.circle_member.account");
        if app.store.account(account).await?.map(|(clinic, _)| clinic) != Some(clinic) {
            return Err(Error::field(path, Reason::NotFound));
        }
        let cared_for = |role: i32| role == meta::Role::Patient as i32 || role == meta::Role::Caregiver as i32;
        let held = app.store.circles_of(account).await?;
        if held.iter().any(|(_, held)| cared_for(i32::from(*held)) != cared_for(role)) {
            return Err(Error::field(path, Reason::RecordNotCreatable));
        }
    }
    Ok(())
}

/// Starts a circle with its first members, by whoever runs the server (CLI, demo): no member could have named them.
/// Returns the circle's number.
pub async fn found(
    app: &Arc<App>,
    clinic: u64,
    short_id: &str,
    members: &[(AccountNo, meta::Role)],
) -> Result<CircleNo, Error> {
    let wrapped_key = app.vault.new_circle_key(clinic, short_id).map_err(Error::internal)?;
    let circle = app.store.create_circle(NewCircle { clinic, short_id: short_id.into(), wrapped_key }).await?;
    let mut writes = vec![creation(circle, CARE_CIRCLE, &care::CareCircle::default().encode_to_vec())?];
    for (account, role) in members {
        writes.push(member_write(circle, *account, *role)?);
    }
    let change = sync::Change { writes, ..Default::default() };
    online::system(app, circle, change, "circle.found").await?;
    settings::copy_to(app, clinic, circle).await?;
    Ok(circle)
}

/// Names one more member, by whoever runs the server.
pub async fn name(app: &Arc<App>, circle: CircleNo, account: AccountNo, role: meta::Role) -> Result<(), Error> {
    let change = sync::Change { writes: vec![member_write(circle, account, role)?], ..Default::default() };
    online::system(app, circle, change, "member.name").await
}

impl App {
    /// The caller in one circle; somebody else's circle looks like one that does not exist.
    pub async fn member(&self, caller: &Caller, circle: CircleNo) -> Result<Member, Error> {
        let access = self.circle_access(circle, caller).await?;
        Member::of(circle, caller.account, access).ok_or_else(Error::not_found)
    }
}

//! The clinic's own circle: founded once, its members kept equal to those who work for the clinic's patients.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use osteon_access_core::Role;
use osteon_proto::{care, meta, sync, table::table};
use prost::Message;

use super::{PAGE, SHORT_ID};
use crate::{
    access::{CircleAccess, Proof, Work},
    app::{
        App,
        members::{self, CARE_CIRCLE},
        online,
        rights::MEMBER,
    },
    error::{Error, Reason},
    store::{AccountNo, CircleNo, Snapshot, identity::NewCircle},
};

/// The clinic's own circle; founded where there is none, with the staff as members.
pub async fn circle_of(app: &Arc<App>, clinic: u64) -> Result<CircleNo, Error> {
    let circle = match app.store.clinic_circle(clinic).await? {
        Some(circle) => circle,
        None => {
            let wrapped_key = app.vault.new_circle_key(clinic, SHORT_ID).map_err(Error::internal)?;
            let new = NewCircle { clinic, short_id: SHORT_ID.into(), wrapped_key };
            app.store.create_clinic_circle(new).await?
        }
    };
    keep_staff(app, clinic, circle).await?;
    Ok(circle)
}

/// In which role somebody works who has several in the clinic: the first of these.
const FIRST: [Role; 5] = [Role::Physician, Role::Nurse, Role::ClinicAdmin, Role::Physiotherapist, Role::Dietitian];

/// Makes the members of the clinic's circle those who work in the circles of its patients. What a person decided in that
/// circle stands: whom they named stays, whom they took out does not come back.
async fn keep_staff(app: &Arc<App>, clinic: u64, circle: CircleNo) -> Result<(), Error> {
    let mut roles: BTreeMap<AccountNo, BTreeSet<u8>> = BTreeMap::new();
    for (account, role) in app.store.staff_of(clinic).await? {
        roles.entry(account).or_default().insert(role);
    }
    let role = |held: &BTreeSet<u8>| FIRST.into_iter().find(|role| held.contains(&role.number()));
    let wanted: BTreeMap<AccountNo, Role> =
        roles.iter().filter_map(|(account, held)| Some((*account, role(held)?))).collect();
    let mut snapshot = app.store.snapshot(circle).await?;
    let access = app.access_of(&mut *snapshot).await?;
    let founded = snapshot.circle().head > 0;
    let stand: BTreeMap<AccountNo, Role> = access.access.members().collect();
    if founded && stand == wanted {
        return Ok(());
    }
    let memberships = memberships(&mut *snapshot, circle).await?;
    drop(snapshot);
    let change = change(circle, founded, &wanted, &memberships, &access)?;
    if change.writes.is_empty() {
        return Ok(());
    }
    match online::system_onto(app, circle, change, "clinic.staff", access.access.generation()).await {
        // Another node was faster, or a person: looked at again at the next turn.
        Err(error) if error.reason() == Reason::Conflict => Ok(()),
        done => done,
    }
}

/// A membership of the clinic's circle, and which of its versions the server itself wrote.
struct Membership {
    account: AccountNo,
    role: Role,
    /// (its dot, whether a person wrote it)
    versions: Vec<(osteon_sync_core::Dot, bool)>,
}

async fn memberships(snapshot: &mut dyn Snapshot, circle: CircleNo) -> Result<Vec<Membership>, Error> {
    let rows = snapshot.rows(Proof::of_server(circle, Work::Settings))?;
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let page = rows.parts_after(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.seq;
        for row in page.iter().filter(|row| row.type_number == MEMBER) {
            let part = row.part()?;
            let fields = part.fields().filter(|(field, _)| field.number != 0).flat_map(|(_, versions)| versions);
            let fields = fields.filter_map(|version| version.value);
            let bytes: Vec<u8> = fields.flatten().copied().collect();
            let Ok(member) = care::CircleMember::decode(bytes.as_slice()) else { continue };
            let role = member.role.and_then(|role| u8::try_from(role).ok()).and_then(Role::from_number);
            let (Some(account), Some(role)) = (member.account, role) else { continue };
            let Some(field) = table().get(MEMBER).and_then(|known| known.field_by_name("membership")) else { continue };
            let versions = part.versions(osteon_sync_core::FieldRef::register(field.number));
            let versions = versions.map(|version| (version.dot, version.author.account != 0)).collect();
            found.push(Membership { account, role, versions });
        }
    }
}

/// What makes the members those who are wanted.
fn change(
    circle: CircleNo,
    founded: bool,
    wanted: &BTreeMap<AccountNo, Role>,
    memberships: &[Membership],
    access: &CircleAccess,
) -> Result<sync::Change, Error> {
    let mut writes = Vec::new();
    if !founded {
        writes.push(members::creation(circle, CARE_CIRCLE, &care::CareCircle::default().encode_to_vec())?);
    }
    let mut named: BTreeSet<(AccountNo, Role)> = BTreeSet::new();
    for one in memberships {
        named.insert((one.account, one.role));
        let is = access.access.members().any(|member| member == (one.account, one.role));
        let belongs = wanted.get(&one.account) == Some(&one.role);
        if is == belongs || one.versions.iter().any(|(_, by_person)| *by_person) {
            continue;
        }
        writes.push(decided(circle, one, belongs)?);
    }
    for (account, role) in wanted {
        if !named.contains(&(*account, *role)) {
            let role = meta::Role::try_from(i32::from(role.number())).unwrap_or_default();
            writes.push(members::member_write(circle, *account, role)?);
        }
    }
    Ok(sync::Change { writes, ..Default::default() })
}

fn decided(circle: CircleNo, one: &Membership, belongs: bool) -> Result<sync::RecordWrite, Error> {
    let decision = if belongs { care::Decision::Allow } else { care::Decision::Deny };
    let role = meta::Role::try_from(i32::from(one.role.number())).unwrap_or_default();
    let key = members::member_write(circle, one.account, role)?;
    let body = care::CircleMember { membership: Some(decision.into()), ..Default::default() };
    let known = table().get(MEMBER).and_then(|known| known.field_by_name("membership"));
    let number = known.map_or(0, |field| field.number);
    let replaces = one.versions.iter().map(|(dot, _)| osteon_proto::wire::to_dot(*dot)).collect();
    Ok(sync::RecordWrite {
        record: key.record,
        body: Some(osteon_proto::split::close(MEMBER, &body.encode_to_vec()).into()),
        fields: vec![sync::FieldWrite { field: number, replaces, ..Default::default() }],
        ..Default::default()
    })
}

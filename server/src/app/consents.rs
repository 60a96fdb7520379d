//! GetConsent: what ExplainAccess and ListErasures say, put together with from when to when something was granted, what stops working
//! where it is taken away, and how far what was taken away has reached. Nothing is decided here.

use std::collections::BTreeMap;

use osteon_access_core::{
    Audience, Category, Consent, GrantOf, GrantRow, Grantee, LabelView, Role, speaks_for_patient, windows as granted,
};
use osteon_proto::{
    consent as pb,
    table::{RecordType, RoleSet, table},
};

use super::{
    App,
    alerts::told::is_told_to,
    enrol::timestamp,
    members,
    records::Session,
    rights::{GRANT, journal},
    series::labels,
    views, whosees,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
    store::{AccountNo, CircleNo, DeviceNo, ErasureRow, ListQuery, PartRow, UnixMs, identity::DeviceRow},
};

pub async fn get(app: &App, caller: &Caller, request: &pb::GetConsentRequest) -> Result<pb::GetConsentResponse, Error> {
    let mut session = app.session(caller, request.circle).await?;
    let members = members_of(app, &session)?;
    let taken_back = taken_back(&mut session).await?;
    let reach = Reach::of(app, &session).await?;
    let withdrawals = taken_back.iter().map(|one| told(one, reach.devices(one))).collect();
    let (sequence, server_time) = (session.snapshot.circle().head, Some(timestamp(session.now_ms)));
    drop(session);
    app.note(caller, request.circle, "consent.get", "ok").await?;
    Ok(pb::GetConsentResponse { members, withdrawals, sequence, server_time })
}

/// Of every member, for whoever may ask about them; else of oneself.
fn members_of(app: &App, session: &Session) -> Result<Vec<pb::MemberConsent>, Error> {
    let (access, me) = (&session.member.access.access, session.member.viewer);
    let all = speaks_for_patient(signed(session.now_ms), &me, access);
    let mut asked: Vec<AccountNo> = access.members().map(|member| member.0).collect();
    asked.dedup();
    asked.retain(|account| all || *account == me.account);
    asked.into_iter().map(|account| member(app, session, account)).collect()
}

fn member(app: &App, session: &Session, account: AccountNo) -> Result<pb::MemberConsent, Error> {
    let access = whosees::of_session(session, account)?;
    let role = u8::try_from(access.role).ok().and_then(Role::from_number).ok_or_else(Error::not_found)?;
    let of = |category: Category| {
        let windows = granted(&session.member.access.access, account, role, category).into_iter();
        let at = |ms: Option<i64>| ms.map(|ms| timestamp(u64::try_from(ms).unwrap_or(0)));
        let windows: Vec<_> = windows.map(|(from, to)| pb::ConsentWindow { from: at(from), to: at(to) }).collect();
        let stops = stops(app, &access, account, role, category);
        let says = !windows.is_empty() || stops.is_some();
        says.then(|| pb::CategoryConsent { category: i32::from(category.number()), windows, stops })
    };
    let categories = Category::all().filter_map(of).collect();
    Ok(pb::MemberConsent { access: Some(access), categories })
}

/// What somebody has of a category, or had until it was narrowed; none: neither.
fn stops(
    app: &App,
    access: &pb::ExplainAccessResponse,
    account: AccountNo,
    role: Role,
    category: Category,
) -> Option<pb::ConsentStops> {
    let has = |category: Category, action: pb::AccessAction| {
        let of = access.categories.iter().find(|one| one.category == i32::from(category.number()));
        let found = of.and_then(|one| one.actions.iter().find(|one| one.action() == action));
        found.map_or((false, false), |one| (one.allowed, one.reason() == pb::AccessReason::Narrowed))
    };
    let or_had = |action| matches!(has(category, action), (true, _) | (_, true));
    if !or_had(pb::AccessAction::Read) {
        return None;
    }
    // What needs another category as well that they do not read is not told: it stops nothing.
    let read = |known: &RecordType| {
        let views = labels(known, account).into_iter().filter_map(LabelView::parse);
        views.filter(|view| view.audience == Audience::All).any(|LabelView { categories, .. }| {
            let others = |one: &Category| *one != category && categories.contains(*one);
            let reads = |one| has(one, pb::AccessAction::Read).0;
            categories.contains(category) && Category::all().filter(others).all(reads)
        })
    };
    let types: Vec<&RecordType> = table().types().iter().filter(|known| !known.of_clinic && read(known)).collect();
    let may = |set: RoleSet| set.iter().any(|one| one as i32 == i32::from(role.number()));
    let writes = |known: &&&RecordType| {
        let by_field = known.shape.fields.iter().any(|field| may(field.writers));
        (may(known.creators) || by_field) && (!journal(known) || or_had(pb::AccessAction::Write))
    };
    let set = app.care.set();
    let code = format!("C{:02}", category.number());
    let rules = set.rules().filter(|rule| rule.categories.contains(&code) && is_told_to(rule, role));
    let mut stops = pb::ConsentStops {
        reads: types.iter().map(|known| known.number).collect(),
        writes: types.iter().filter(writes).map(|known| known.number).collect(),
        rules: rules.map(|rule| rule.id.clone()).collect(),
    };
    stops.reads.sort_unstable();
    stops.writes.sort_unstable();
    stops.rules.sort_unstable();
    Some(stops)
}

struct TakenBack {
    row: PartRow,
    grant: GrantRow,
    at_ms: Option<UnixMs>,
}

/// Grants that say no, as far as the reader may see them, the latest first.
async fn taken_back(session: &mut Session) -> Result<Vec<TakenBack>, Error> {
    let (mut found, mut before) = (Vec::new(), None);
    let limit = limits::PAGE_PARTS.u32();
    while found.len() < limits::WITHDRAWALS.usize() {
        let rows = session.rows()?.list(ListQuery::by_arrival(GRANT, before, limit)).await?;
        let is_last = rows.len() < limit as usize;
        before = rows.last().map(|row| (row.seq, row.record));
        for row in rows.into_iter().filter(|row| views::readable(&session.scope, row.label)) {
            let grant = members::grant_of(&row)?.filter(|grant| grant.decision == Consent::Deny);
            found.extend(grant.map(|grant| TakenBack { row, grant, at_ms: None }));
        }
        if is_last {
            break;
        }
    }
    found.truncate(limits::WITHDRAWALS.usize());
    for one in &mut found {
        let log = session.rows()?.log_after(one.row.seq.saturating_sub(1), 1).await?;
        one.at_ms = log.first().filter(|log| log.seq == one.row.seq).map(|log| log.received_ms);
    }
    Ok(found)
}

/// Devices of whom the reader is told, by account and device, with what they were told to erase and when they were heard.
struct Reach {
    devices: Vec<(AccountNo, Role, DeviceRow)>,
    heard: BTreeMap<DeviceNo, UnixMs>,
    erasures: BTreeMap<DeviceNo, Vec<ErasureRow>>,
}

impl Reach {
    async fn of(app: &App, session: &Session) -> Result<Self, Error> {
        let (circle, me): (CircleNo, AccountNo) = (session.member.circle, session.member.viewer.account);
        let all = whosees::sees_erasures(session);
        let mut devices = Vec::new();
        for (account, role) in session.member.access.access.members().filter(|(account, _)| all || *account == me) {
            let rows = app.store.devices_of(account).await?.into_iter().filter(|row| !row.revoked && !row.is_browser());
            devices.extend(rows.map(|row| (account, role, row)));
        }
        devices.sort_by_key(|(account, _, row)| (*account, row.device));
        let numbers: Vec<DeviceNo> = devices.iter().map(|(.., row)| row.device).collect();
        let heard = app.store.health_of(&numbers).await?.into_iter().map(|row| (row.device, row.heard_ms)).collect();
        let mut erasures: BTreeMap<DeviceNo, Vec<ErasureRow>> = BTreeMap::new();
        for row in app.store.erasures_of(circle, limits::PAGE_FEED.u32()).await? {
            erasures.entry(row.device).or_default().push(row);
        }
        Ok(Self { devices, heard, erasures })
    }

    /// Those that were there when it was taken back, of whom it was taken.
    fn devices(&self, of: &TakenBack) -> Vec<pb::DeviceReach> {
        let concerned = |account: AccountNo, role: Role| match of.grant.grantee {
            Grantee::Role(grantee) => grantee == role,
            Grantee::Member(grantee) => grantee == account,
        };
        let before = |row: &DeviceRow| of.at_ms.is_none_or(|at_ms| row.created_ms <= at_ms);
        let rows = self.devices.iter().filter(|(account, role, row)| concerned(*account, *role) && before(row));
        let mut told: Vec<_> = rows.map(|(account, _, row)| self.device(*account, row.device, of)).collect();
        told.dedup();
        told
    }

    /// The first order to erase that followed is the one that says it.
    fn device(&self, account: AccountNo, device: DeviceNo, of: &TakenBack) -> pb::DeviceReach {
        let heard_ms = self.heard.get(&device).copied();
        let rows = self.erasures.get(&device).into_iter().flatten();
        let order = rows.filter(|row| row.seq >= of.row.seq).min_by_key(|row| row.seq);
        let came = heard_ms.zip(of.at_ms).is_some_and(|(heard_ms, at_ms)| heard_ms > at_ms);
        let reach = match order {
            Some(order) if order.confirmed_ms.is_some() => pb::ConsentReach::Confirmed,
            Some(_) => pb::ConsentReach::Told,
            None if came => pb::ConsentReach::NothingHeld,
            None => pb::ConsentReach::NotTold,
        };
        pb::DeviceReach {
            account,
            device,
            reach: reach.into(),
            asked: order.map(|order| timestamp(order.asked_ms)),
            confirmed: order.and_then(|order| order.confirmed_ms).map(timestamp),
            last_heard: heard_ms.map(timestamp),
        }
    }
}

fn told(one: &TakenBack, devices: Vec<pb::DeviceReach>) -> pb::Withdrawal {
    let (account, role) = match one.grant.grantee {
        Grantee::Role(role) => (0, i32::from(role.number())),
        Grantee::Member(account) => (account, 0),
    };
    let (category, proxy) = match one.grant.of {
        GrantOf::Category(category) => (i32::from(category.number()), false),
        GrantOf::Proxy => (0, true),
    };
    pb::Withdrawal {
        record_id: uuid::Uuid::from_bytes(one.row.record.0).to_string(),
        account,
        role,
        category,
        proxy,
        at: one.at_ms.map(timestamp),
        sequence: one.row.seq,
        devices,
    }
}

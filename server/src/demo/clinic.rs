//! The clinic while it is seeded: circles, accounts, a device for everybody, and the clock that walks.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use osteon_proto::{care, meta::Role, record as pb, split::close, wire::device::timestamp};
use osteon_sync_core::{RecordId, lifecycle::State};
use prost::Message;

use super::{
    device::DemoDevice,
    people::{CIRCLES, Who},
    records::Body,
};
use crate::{
    access::Caller,
    app::{App, ids_for, members, records, settings},
    clock::SetClock,
    error::Error,
    ids::{Ids, SeededIds, uuid_v7_at},
    store::{AccountNo, CircleNo},
};

/// The demo has one clinic.
pub(super) const CLINIC: &str = "demo";
const PERSON: u8 = 1;
const CARE_CIRCLE: u32 = 261;
const MEMBER: u32 = 262;
const GRANT: u32 = 263;
const CLINIC_SETTINGS: u32 = 461;
const ON_CALL: u32 = 463;

/// Everything that the stories need.
pub(super) struct Clinic {
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<SetClock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) circles: BTreeMap<u8, CircleNo>,
    pub(super) accounts: BTreeMap<Who, AccountNo>,
    pub(super) devices: BTreeMap<Who, DemoDevice>,
}

impl Clinic {
    /// Founds the six circles, and enrols a device for everybody in the first circle that they are in.
    pub(super) async fn found(app: Arc<App>, clock: Arc<SetClock>, seed: u64) -> anyhow::Result<Self> {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(seed));
        let clinic = match app.store.clinic_by_short_id(CLINIC).await? {
            Some(clinic) => clinic,
            None => app.store.create_clinic(CLINIC).await?,
        };
        let (circles, accounts, devices) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut made = Self { app, clock, ids, circles, accounts, devices };
        for (n, (short_id, people)) in (1..).zip(CIRCLES) {
            let mut members: Vec<(AccountNo, Role)> = Vec::new();
            for who in people {
                let account = made.account(clinic, *who).await?;
                if !matches!(who, Who::Tablet(_)) {
                    members.push((account, who.role()));
                }
            }
            let circle = members::found(&made.app, clinic, short_id, &members).await?;
            made.circles.insert(n, circle);
            for who in people {
                made.enrol(clinic, circle, short_id, *who).await?;
            }
        }
        made.settle(clinic).await?;
        Ok(made)
    }

    /// What the clinic sets for itself: numbers to call (of a range that is kept for films), working hours, and who is on
    /// call: the nurse by day, then the physician, at every hour somebody.
    async fn settle(&self, clinic: u64) -> anyhow::Result<()> {
        const DAY: std::ops::Range<u32> = 8..17;
        const WORKING_DAYS: std::ops::RangeInclusive<u32> = 1..=5;
        let circle = settings::circle_of(&self.app, clinic).await?;
        let open = |weekday| care::OpenHours {
            weekday: Some(weekday),
            from_min: Some(DAY.start * 60),
            to_min: Some(DAY.end * 60),
        };
        let set = care::ClinicSettings {
            emergency_line: Some("112".into()),
            team_line: Some("+49 30 23125 100".into()),
            crisis_line: Some("+49 30 23125 101".into()),
            physio_line: Some("+49 30 23125 102".into()),
            languages: vec!["en".into()],
            time_zone: Some("Europe/Berlin".into()),
            working_hours: WORKING_DAYS.map(open).collect(),
            monitored_round_the_clock: Some(false),
            ..Default::default()
        };
        self.set(circle, Who::Admin, CLINIC_SETTINGS, &set).await?;
        let account = |who| self.accounts.get(&who).copied().context("an account of the demo");
        let (nurse, physician) = (account(Who::Nurse)?, account(Who::Physician)?);
        let parent = Some(settings::record_of(circle).0.to_vec().into());
        for (weekday, hour) in (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour))) {
            let by_day = WORKING_DAYS.contains(&weekday) && DAY.contains(&hour);
            let members = if by_day { vec![nurse, physician] } else { vec![physician, nurse] };
            let on_call = care::OnCall { parent: parent.clone(), weekday: Some(weekday), hour: Some(hour), members };
            self.set(circle, Who::Nurse, ON_CALL, &on_call).await?;
        }
        settings::keep_all(&self.app).await?;
        Ok(())
    }

    /// Somebody of the staff writes a record into the clinic's own circle, online.
    async fn set(&self, circle: CircleNo, who: Who, type_number: u32, record: &impl Message) -> anyhow::Result<()> {
        let device = self.devices.get(&who).context("a device of the demo")?;
        let request = pb::CreateRecordRequest {
            circle,
            body: Some(close(type_number, &record.encode_to_vec()).into()),
            request_id: self.request_id(),
            ..Default::default()
        };
        records::create(&self.app, &device.caller, &request).await?;
        Ok(())
    }

    async fn account(&mut self, clinic: u64, who: Who) -> anyhow::Result<AccountNo> {
        if let Some(known) = self.accounts.get(&who) {
            return Ok(*known);
        }
        let account = match who {
            Who::Tablet(n) => *self.accounts.get(&Who::Patient(n)).context("the patient's account")?,
            _ => self.app.store.create_account(clinic, PERSON).await?,
        };
        self.accounts.insert(who, account);
        Ok(account)
    }

    async fn enrol(&mut self, clinic: u64, circle: CircleNo, short_id: &str, who: Who) -> anyhow::Result<()> {
        if self.devices.contains_key(&who) {
            return Ok(());
        }
        let account = *self.accounts.get(&who).context("an account")?;
        let invited = super::device::Invited { circle, short_id, account, role: who.role(), clinic };
        let device = DemoDevice::enrol(&self.app, Arc::clone(&self.ids), invited, &who.device()).await?;
        self.devices.insert(who, device);
        Ok(())
    }

    pub(super) fn circle(&self, n: u8) -> anyhow::Result<CircleNo> {
        self.circles.get(&n).copied().context("a circle of the demo")
    }

    fn device(&mut self, who: Who) -> anyhow::Result<&mut DemoDevice> {
        self.devices.get_mut(&who).context("a device of the demo")
    }

    /// Writes a record on somebody's phone. It stays there until that phone syncs.
    pub(super) fn write(&mut self, n: u8, who: Who, record: &impl Body) -> anyhow::Result<RecordId> {
        self.write_as(n, who, record, 0)
    }

    /// The same, under a choice of labels.
    pub(super) fn write_as(&mut self, n: u8, who: Who, record: &impl Body, choice: u32) -> anyhow::Result<RecordId> {
        let (circle, now_ms) = (self.circle(n)?, self.app.now_ms());
        self.device(who)?
            .create(circle, &record.body(), choice, now_ms)
            .with_context(|| format!("d000{n}, {}", who.name()))
    }

    /// Edits a record on somebody's phone, as that phone sees it.
    pub(super) fn edit(&mut self, n: u8, who: Who, record: RecordId, to: &impl Body, why: &str) -> anyhow::Result<()> {
        let (circle, now_ms) = (self.circle(n)?, self.app.now_ms());
        self.device(who)?.edit(circle, record, &to.body(), why, now_ms)
    }

    /// Marks a record as a mistake on somebody's phone.
    pub(super) fn mistake(&mut self, n: u8, who: Who, record: RecordId, why: &str) -> anyhow::Result<()> {
        let (circle, now_ms) = (self.circle(n)?, self.app.now_ms());
        self.device(who)?.end(circle, record, State::EnteredInError, why, now_ms)
    }

    /// Somebody's phone has the network for a moment.
    pub(super) async fn sync(&mut self, who: Who) -> anyhow::Result<()> {
        let app = Arc::clone(&self.app);
        let synced = self.device(who)?.sync(&app).await;
        synced.map_err(with_cause).with_context(|| format!("the device of {}", who.name()))
    }

    /// The same, by whoever is no member any more: what they wrote waits for a person.
    pub(super) async fn sync_held(&mut self, who: Who) -> anyhow::Result<()> {
        let app = Arc::clone(&self.app);
        let synced = self.device(who)?.sync_held(&app).await;
        synced.map_err(with_cause).with_context(|| format!("the device of {}", who.name()))
    }

    /// Somebody leaves the circle: the patient says so, online.
    pub(super) async fn leaves(&self, n: u8, who: Who) -> anyhow::Result<()> {
        let circle = self.circle(n)?;
        let member = care::CircleMember {
            parent: Some(ids_for::singleton(circle, CARE_CIRCLE).0.to_vec().into()),
            account: self.accounts.get(&who).copied(),
            role: Some(who.role().into()),
            ..Default::default()
        };
        let record = ids_for::derived(circle, &close(MEMBER, &member.encode_to_vec()))?;
        let left = care::CircleMember { membership: Some(care::Decision::Deny.into()), ..Default::default() };
        let request = pb::WriteRecordRequest {
            circle,
            record_id: uuid::Uuid::from_bytes(record.0).to_string(),
            body: Some(close(MEMBER, &left.encode_to_vec()).into()),
            request_id: self.request_id(),
            ..Default::default()
        };
        records::write(&self.app, &self.caller(Who::Patient(n))?, &request).await?;
        Ok(())
    }

    pub(super) fn caller(&self, who: Who) -> anyhow::Result<Caller> {
        Ok(self.devices.get(&who).context("a device of the demo")?.caller)
    }

    pub(super) fn request_id(&self) -> String {
        uuid::Uuid::from_bytes(uuid_v7_at(self.app.now_ms(), &*self.ids)).to_string()
    }

    /// The patient shares a category with somebody by name, online, for a year.
    pub(super) async fn share(&self, n: u8, with: Who, category: care::GrantCategory) -> anyhow::Result<()> {
        const YEAR_MS: u64 = 365 * 86_400_000;
        let (circle, now_ms) = (self.circle(n)?, self.app.now_ms());
        let account = self.accounts.get(&with).copied();
        let grant = care::Grant {
            parent: Some(ids_for::singleton(circle, CARE_CIRCLE).0.to_vec().into()),
            grantee: Some(care::Grantee { role: None, account }),
            category: Some(category.into()),
            decision: Some(care::Decision::Allow.into()),
            not_after: Some(timestamp(now_ms + 2 * YEAR_MS)),
            ..Default::default()
        };
        let patient = self.devices.get(&Who::Patient(n)).context("the patient's device")?;
        let request = pb::CreateRecordRequest {
            circle,
            body: Some(close(GRANT, &grant.encode_to_vec()).into()),
            request_id: self.request_id(),
            ..Default::default()
        };
        records::create(&self.app, &patient.caller, &request).await?;
        Ok(())
    }
}

/// What went wrong inside the server stands behind its reason: here the reader is whoever runs it.
fn with_cause(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<Error>().and_then(Error::cause).map(str::to_owned) {
        Some(cause) => error.context(cause),
        None => error,
    }
}

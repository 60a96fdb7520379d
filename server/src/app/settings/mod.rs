//! What a clinic sets for itself, read from the records of its own circle, and that circle: founded once, its members kept
//! equal to the clinic's staff.

mod copy;
mod staff;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use osteon_access_core::Role;
use osteon_care_core::{
    clinic::{self, Clinic, Setting, Turn, Zone},
    facts::{self, Instant, record},
    rules::{Settings, Severity},
};
use osteon_proto::table::table;
use tokio_util::sync::CancellationToken;

pub use self::{copy::copy_to, staff::circle_of};
use super::{
    App,
    alerts::kept::{self, OfCircle},
    ids_for,
    look::{self, Looked},
};
use crate::{
    access::{Proof, Work, signed},
    error::Error,
    store::{AccountNo, CircleNo, Snapshot, UnixMs},
};

/// Short id of a clinic's own circle.
pub const SHORT_ID: &str = "clinic";
/// How often the staff of every clinic is compared with the members of its circle.
const LOOK: Duration = Duration::from_secs(5);
/// How long settings are believed without asking the store, where other servers commit too.
const TTL_MS: u64 = 1_000;
/// Type number of a clinic's settings.
const SETTINGS: u32 = 461;
/// Rows that are read at once.
const PAGE: u32 = 1_000;

/// The time zone of a clinic; UTC where it names none, or one that is not known here.
#[derive(Clone, Debug)]
pub struct ClinicZone(TimeZone);

impl ClinicZone {
    fn named(name: Option<&str>) -> (Self, bool) {
        let found = name.and_then(|name| TimeZone::get(name).ok());
        let known = found.is_some();
        (Self(found.unwrap_or(TimeZone::UTC)), known)
    }
}

impl Zone for ClinicZone {
    fn offset_min(&self, utc_ms: i64) -> i32 {
        const SECONDS_PER_MINUTE: i32 = 60;
        let at = Timestamp::from_millisecond(utc_ms);
        at.map_or(0, |at| self.0.to_offset(at).seconds().div_euclid(SECONDS_PER_MINUTE))
    }
}

/// A clinic's settings at one head of its circle.
#[derive(Clone, Debug)]
pub struct ClinicSettings {
    pub clinic_no: u64,
    /// None: not founded yet; then nothing is set.
    pub circle: Option<CircleNo>,
    /// The head of that circle at which they were read.
    pub head: u64,
    pub rules: Settings,
    pub clinic: Clinic,
    pub zone: ClinicZone,
    /// False: no zone is set, or one that is not known here; hours are read in UTC.
    pub zone_known: bool,
}

impl ClinicSettings {
    fn empty(clinic_no: u64) -> Self {
        let (zone, zone_known) = ClinicZone::named(None);
        let (rules, clinic) = clinic::read(&[]);
        Self { clinic_no, circle: None, head: 0, rules, clinic, zone, zone_known }
    }

    /// The next turn of an alert that was raised at the first of these times and went on so often since, at the second the
    /// last time, for as long as nobody sees it.
    #[must_use]
    pub fn turn(
        &self,
        severity: Severity,
        raised_told_ms: (i64, i64),
        step: u32,
        among: clinic::Among<'_>,
    ) -> Option<Turn> {
        self.clinic.turn(&self.zone, severity, raised_told_ms, step, among)
    }

    /// Whom an alert that began at a time goes on to: those of a turn, but for whoever was asked already to see to it.
    #[must_use]
    pub fn others(
        &self,
        severity: Severity,
        began_ms: i64,
        turn: &Turn,
        asked: &BTreeSet<AccountNo>,
        among: clinic::Among<'_>,
    ) -> Vec<AccountNo> {
        self.clinic.others(&self.zone, severity, began_ms, turn, asked, among)
    }

    /// Whether both say the same, at whatever head.
    fn is_like(&self, other: &Self) -> bool {
        self.rules == other.rules && self.clinic == other.clinic
    }

    #[must_use]
    pub fn is_staff(&self, account: AccountNo) -> bool {
        self.clinic.staff.contains_key(&account)
    }

    /// Whoever is on call now; empty: nobody.
    #[must_use]
    pub fn on_call(&self, now_ms: UnixMs) -> &[AccountNo] {
        self.clinic.on_call.at(&self.zone, signed(now_ms))
    }
}

/// What holds in one circle: its clinic's settings, and what rules read of them with the lines that the circle names itself.
#[derive(Clone, Debug)]
pub struct Terms {
    pub clinic: Arc<ClinicSettings>,
    pub rules: Settings,
}

impl Terms {
    /// With these lines of the circle's own.
    #[must_use]
    pub fn of(clinic: Arc<ClinicSettings>, own: &clinic::Lines) -> Self {
        let rules = clinic::for_circle(&clinic.rules, own);
        Self { clinic, rules }
    }
}

/// What was read last, by clinic, and when it was last found to be current.
#[derive(Default)]
pub struct SettingsCache {
    read: Mutex<BTreeMap<u64, (UnixMs, Arc<ClinicSettings>)>>,
    /// What the circles of a clinic were given last.
    copied: Mutex<BTreeMap<u64, Arc<ClinicSettings>>>,
}

impl SettingsCache {
    fn get(&self, clinic: u64) -> Option<(UnixMs, Arc<ClinicSettings>)> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&clinic).cloned()
    }

    fn put(&self, now_ms: UnixMs, settings: &Arc<ClinicSettings>) {
        let mut all = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(settings.clinic_no, (now_ms, Arc::clone(settings)));
    }

    fn copied(&self, clinic: u64) -> Option<Arc<ClinicSettings>> {
        self.copied.lock().unwrap_or_else(PoisonError::into_inner).get(&clinic).cloned()
    }

    fn put_copied(&self, settings: Arc<ClinicSettings>) {
        self.copied.lock().unwrap_or_else(PoisonError::into_inner).insert(settings.clinic_no, settings);
    }
}

impl App {
    /// A clinic's settings, read anew when its circle has moved. Where this process alone commits that is seen at once, else
    /// within a second.
    pub async fn settings_for(&self, clinic: u64) -> Result<Arc<ClinicSettings>, Error> {
        let now_ms = self.now_ms();
        let known = self.settings.get(clinic);
        if let Some((at_ms, settings)) = &known
            && !self.store.alone()
            && now_ms.abs_diff(*at_ms) < TTL_MS
        {
            return Ok(Arc::clone(settings));
        }
        let known = known.map(|(_, settings)| settings);
        let circle = match known.as_ref().and_then(|settings| settings.circle) {
            Some(circle) => Some(circle),
            None => self.store.clinic_circle(clinic).await?,
        };
        let Some(circle) = circle else { return Ok(Arc::new(ClinicSettings::empty(clinic))) };
        let head = self.store.standing(&[circle]).await?.first().map(|row| row.head);
        let settings = match known {
            Some(known) if head == Some(known.head) => known,
            _ => Arc::new(read(self, clinic, circle).await?),
        };
        self.settings.put(now_ms, &settings);
        Ok(settings)
    }

    /// What holds in a circle of which this is kept. What cannot be read now holds as it was read last.
    pub async fn terms(&self, of: &Mutex<OfCircle>) -> Arc<Terms> {
        let clinic_no = kept::peek(of).clinic();
        let clinic = match self.settings_for(clinic_no).await {
            Ok(clinic) => clinic,
            Err(error) => {
                tracing::warn!(%error, "a clinic's settings could not be read: those that were read last hold");
                let known = self.settings.get(clinic_no).map(|(_, known)| known);
                known.unwrap_or_else(|| Arc::new(ClinicSettings::empty(clinic_no)))
            }
        };
        kept::peek(of).terms(clinic)
    }

    /// The same, of any circle.
    pub async fn terms_of(&self, circle: CircleNo) -> Result<Arc<Terms>, Error> {
        let of = self.care.kept().ready(self, circle).await?;
        Ok(self.terms(&of).await)
    }
}

async fn read(app: &App, clinic_no: u64, circle: CircleNo) -> Result<ClinicSettings, Error> {
    let mut snapshot = app.store.snapshot(circle).await?;
    let access = app.access_of(&mut *snapshot).await?;
    let head = snapshot.circle().head;
    let looked = of_clinic(&mut *snapshot, circle).await?;
    let settings: Vec<Setting<'_>> = looked.iter().filter_map(setting).collect();
    let (rules, mut clinic) = clinic::read(&settings);
    clinic.staff = access.access.members().filter_map(|(account, role)| Some((account, staff(role)?))).collect();
    let (zone, zone_known) = ClinicZone::named(clinic.zone.as_deref());
    Ok(ClinicSettings { clinic_no, circle: Some(circle), head, rules, clinic, zone, zone_known })
}

/// The settings among the circle's records, as they stand.
async fn of_clinic(snapshot: &mut dyn Snapshot, circle: CircleNo) -> Result<Vec<Looked>, Error> {
    let rows = snapshot.rows(Proof::of_server(circle, Work::Settings))?;
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let page = rows.parts_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        found.extend(page.into_iter().filter(|row| table().get(row.type_number).is_some_and(|known| known.of_clinic)));
    }
    let mut looked = look::look(rows, found, false).await?;
    looked.retain(|one| one.created() && one.part.is_live() && !one.lifecycle.state.is_ending());
    Ok(looked)
}

fn setting(one: &Looked) -> Option<Setting<'_>> {
    let known = one.known?;
    let mut made = Setting { type_number: known.number, ..Setting::default() };
    made.record.id = facts::Id(one.row.record);
    for (field, view) in one.fields() {
        for version in one.part.versions(field) {
            let written = Some(Instant { ms: signed(version.clock.ms), offset_min: 0 });
            made.record
                .fields
                .add(field.number, record::Version { chunk: version.value, written, ..record::Version::default() });
        }
        if let Some(value) = view.value() {
            made.in_force.insert(field.number, value);
        }
    }
    Some(made)
}

fn staff(role: Role) -> Option<facts::Role> {
    match role {
        Role::Dietitian => Some(facts::Role::Dietitian),
        Role::Physiotherapist => Some(facts::Role::Physiotherapist),
        Role::Physician => Some(facts::Role::Physician),
        Role::Nurse => Some(facts::Role::Nurse),
        Role::ClinicAdmin => Some(facts::Role::Admin),
        _ => None,
    }
}

/// Every clinic has its circle, with its staff as members. Until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    loop {
        if let Err(error) = keep_all(&app).await {
            tracing::warn!(%error, "the clinics' own circles could not be looked after");
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}

/// Looks at every clinic once.
pub async fn keep_all(app: &Arc<App>) -> Result<(), Error> {
    for (clinic, _) in app.store.clinics().await? {
        circle_of(app, clinic).await?;
        copy::keep(app, clinic).await?;
    }
    Ok(())
}

/// The one record of a clinic's settings.
#[must_use]
pub fn record_of(circle: CircleNo) -> osteon_sync_core::RecordId {
    ids_for::singleton(circle, SETTINGS)
}

//! Clinics, accounts, devices, invites and sessions, in memory.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use osteon_sync_core::Replica;

use super::{Circle, MemoryStore, State};
use crate::store::{
    ANSWERS_KEPT_MS, AccountNo, CircleNo, DeviceNo, IdentityStore, OwnerRow, StoreError, UnixMs,
    browser::{NewBrowser, WebSessionRow},
    custody::{KeyPlace, WrappedKey},
    devices::Ending,
    identity::{
        CodeForm, DeviceRow, HealthRow, InviteCode, InviteOutcome, InviteRow, NewCircle, NewDevice, PATIENT, PhoneRow,
        ReplicaRow, ServerRow, SessionRow,
    },
};

#[derive(Default)]
pub(super) struct Identity {
    pub(super) server: Option<ServerRow>,
    /// Keys of circles, as they were wrapped.
    pub(super) wrapped: BTreeMap<CircleNo, WrappedKey>,
    /// Members of circles that were erased.
    pub(super) erased: BTreeSet<(CircleNo, AccountNo)>,
    numbers: BTreeMap<&'static str, u64>,
    clinics: BTreeMap<String, u64>,
    /// Clinic → its own circle.
    pub(super) clinic_circles: BTreeMap<u64, CircleNo>,
    circles: BTreeMap<(u64, String), CircleNo>,
    accounts: BTreeMap<AccountNo, (u64, u8)>,
    invites: BTreeMap<[u8; 32], InviteRow>,
    pub(super) devices: BTreeMap<DeviceNo, DeviceRow>,
    /// With the request under which they were given.
    replicas: BTreeMap<u32, (ReplicaRow, Option<[u8; 16]>)>,
    health: BTreeMap<DeviceNo, HealthRow>,
    forked: BTreeMap<DeviceNo, UnixMs>,
    pub(super) sessions: BTreeMap<u64, SessionRow>,
}

/// What a unique index would refuse.
pub(super) fn taken() -> StoreError {
    StoreError::Database("a unique key is taken".into())
}

impl Identity {
    fn next(&mut self, kind: &'static str) -> u64 {
        let last = self.numbers.entry(kind).or_default();
        *last += 1;
        *last
    }

    pub(super) fn clinics_by_number(&self) -> Vec<(u64, String)> {
        let mut clinics: Vec<(u64, String)> = self.clinics.iter().map(|(id, clinic)| (*clinic, id.clone())).collect();
        clinics.sort_unstable();
        clinics
    }

    /// Whether a circle is a clinic's own.
    fn is_clinics(&self, circle: CircleNo) -> bool {
        self.clinic_circles.values().any(|own| *own == circle)
    }

    pub(super) fn owner(&self, replica: Replica) -> Option<OwnerRow> {
        let (row, _) = self.replicas.get(&replica.n).filter(|(row, _)| row.epoch == replica.epoch)?;
        let device = self.devices.get(&row.device)?;
        Some(OwnerRow { account: device.account, device: row.device, lane: row.lane, retired: row.retired })
    }

    pub(super) fn sweep(&mut self, now_ms: UnixMs) -> u64 {
        let before = self.sessions.len() + self.invites.len();
        self.sessions.retain(|_, row| row.refresh_expires_ms >= now_ms);
        self.invites.retain(|_, row| row.expires_ms >= now_ms.saturating_sub(ANSWERS_KEPT_MS));
        (before - self.sessions.len() - self.invites.len()) as u64
    }

    pub(super) fn forget_lost_tail(&mut self, numbers: u64) {
        self.sessions.clear();
        self.invites.clear();
        for kind in ["clinic", "circle", "account", "device"] {
            *self.numbers.entry(kind).or_default() += numbers;
        }
    }

    pub(super) fn erase(&mut self, circle: CircleNo, members: BTreeSet<(CircleNo, AccountNo)>) {
        self.circles.retain(|_, known| *known != circle);
        self.clinic_circles.retain(|_, known| *known != circle);
        self.wrapped.remove(&circle);
        self.invites.retain(|_, invite| invite.circle != circle);
        self.erased.extend(members);
    }

    fn add_replicas(
        &mut self,
        device: DeviceNo,
        epoch: u32,
        keys: &[Vec<u8>; 2],
        request: Option<[u8; 16]>,
    ) -> [u32; 2] {
        let mut numbers = [0; 2];
        for ((lane, chain_key), number) in [1, 2].into_iter().zip(keys).zip(&mut numbers) {
            let n = u32::try_from(self.next("replica")).unwrap_or(u32::MAX);
            let row = ReplicaRow { epoch, n, device, lane, chain_key: chain_key.clone(), retired: false };
            self.replicas.insert(n, (row, request));
            *number = n;
        }
        numbers
    }

    /// False: a family or a token is taken.
    pub(super) fn add_session(&mut self, session: SessionRow) -> bool {
        let same = |row: &SessionRow| {
            row.family == session.family
                || row.access_hash == session.access_hash
                || row.refresh_hash == session.refresh_hash
        };
        if self.sessions.values().any(same) {
            return false;
        }
        self.sessions.insert(session.family, session);
        true
    }

    /// The enrolment ends, with its numbers and its sessions.
    pub(super) fn end_device(&mut self, device: DeviceNo) {
        if let Some(row) = self.devices.get_mut(&device) {
            row.revoked = true;
        }
        self.retire(device);
        for session in self.sessions.values_mut().filter(|session| session.device == device) {
            session.revoked = true;
        }
    }

    /// A wrong typed code counts against the typed form of every open invite of the circles of this short id.
    pub(super) fn attempt(&mut self, short_id: &str, code: InviteCode, now_ms: UnixMs) -> Option<InviteRow> {
        let named = self.circles.iter().filter(|((_, name), _)| name == short_id);
        let circles: Vec<CircleNo> = named.map(|(_, circle)| *circle).collect();
        let known = self.invites.get(&code.mac).cloned();
        let open = |row: &&mut InviteRow| circles.contains(&row.circle) && row.is_open(CodeForm::Typed, now_ms);
        if known.is_none() && code.form == CodeForm::Typed {
            self.invites.values_mut().filter(open).for_each(|invite| invite.tries_left -= 1);
        }
        let standing = self.invites.get_mut(&code.mac).filter(|invite| invite.is_open(code.form, now_ms));
        if let Some(invite) = standing.filter(|invite| invite.life.matched_ms == 0) {
            invite.life.matched_ms = now_ms;
        }
        known
    }

    /// A forged QR code counts against the QR form of the one invite whose code it holds.
    pub(super) fn forged(&mut self, code_mac: [u8; 32], now_ms: UnixMs) {
        let found = self.invites.get_mut(&code_mac);
        if let Some(invite) = found.filter(|invite| invite.is_open(CodeForm::Qr, now_ms)) {
            invite.qr_tries_left -= 1;
        }
    }

    /// Whether this invite can be used up by this account; no invite can always.
    pub(super) fn invite_is_open(&self, code: Option<InviteCode>, account: AccountNo, now_ms: UnixMs) -> bool {
        let Some(code) = code else { return true };
        let open = |row: &InviteRow| row.is_open(code.form, now_ms) && row.account == account;
        self.invites.get(&code.mac).is_some_and(open)
    }

    /// The device of a browser, with its invite used up.
    pub(super) fn add_browser(&mut self, new: &NewBrowser) -> Result<DeviceNo, StoreError> {
        if self.devices.values().any(|device| device.key == new.key) {
            return Err(taken());
        }
        if let Some(invite) = new.invite.and_then(|code| self.invites.get_mut(&code.mac)) {
            (invite.used, invite.life.done_ms) = (true, new.created_ms);
        }
        let device = self.next("device");
        let row = DeviceRow {
            device,
            account: new.account,
            clinic: new.clinic,
            key: new.key.clone(),
            name: new.name.clone(),
            created_ms: new.created_ms,
            revoked: false,
        };
        self.devices.insert(device, row);
        Ok(device)
    }

    pub(super) fn revoked(&self, device: DeviceNo) -> bool {
        self.devices.get(&device).is_none_or(|row| row.revoked)
    }

    fn retire(&mut self, device: DeviceNo) {
        for (row, _) in self.replicas.values_mut().filter(|(row, _)| row.device == device) {
            row.retired = true;
        }
    }
}

impl State {
    /// Since when a device has not confirmed to have erased.
    fn purge_pending(&self, circle: CircleNo, device: DeviceNo) -> Option<UnixMs> {
        let of = self.erasures.values().filter(|row| row.circle == circle && row.device == device);
        of.filter(|row| row.confirmed_ms.is_none()).map(|row| row.asked_ms).min()
    }

    /// The phones of the patients of some circles, by circle and device.
    fn phones(&self, of: impl Fn(CircleNo, &Circle) -> bool) -> Vec<PhoneRow> {
        let patients = self.circles.iter().filter(|(circle, held)| of(**circle, held)).flat_map(|(circle, held)| {
            let patients = held.access.members.iter().filter(|member| member.1 == PATIENT);
            patients.map(|member| (*circle, member.0))
        });
        let devices = |account| self.identity.devices.values().filter(move |row| row.account == account);
        let phone = |circle: CircleNo, row: &DeviceRow| {
            let device = row.device;
            let standing = self.devices.standing_of(device);
            let stays = !row.revoked && !row.is_browser() && standing.ending == Ending::None;
            stays.then(|| PhoneRow {
                circle,
                device,
                account: row.account,
                created_ms: row.created_ms,
                read: self.reads.get(&(circle, device)).map(|read| (read.seq, read.at_ms)),
                heard: self.identity.health.get(&device).map(|row| (row.heard_ms, row.health.clone())),
                seen_ms: standing.seen_ms,
                offset_ms: self.identity.health.get(&device).and_then(|row| row.offset_ms),
                forked_ms: self.identity.forked.get(&device).copied(),
                purge_ms: self.purge_pending(circle, device),
            })
        };
        patients.flat_map(|(circle, account)| devices(account).filter_map(move |row| phone(circle, row))).collect()
    }
}

#[async_trait]
impl IdentityStore for MemoryStore {
    async fn init_server(&self, row: ServerRow) -> Result<ServerRow, StoreError> {
        Ok(self.state().identity.server.get_or_insert(row).clone())
    }

    async fn bump_epoch(&self) -> Result<u32, StoreError> {
        let mut state = self.state();
        let server = state.identity.server.as_mut().ok_or(StoreError::NotFound)?;
        server.epoch += 1;
        Ok(server.epoch)
    }

    async fn create_clinic(&self, short_id: &str) -> Result<u64, StoreError> {
        let identity = &mut self.state().identity;
        if identity.clinics.contains_key(short_id) {
            return Err(taken());
        }
        let clinic = identity.next("clinic");
        identity.clinics.insert(short_id.to_owned(), clinic);
        Ok(clinic)
    }

    async fn clinic_by_short_id(&self, short_id: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.state().identity.clinics.get(short_id).copied())
    }

    async fn create_circle(&self, new: NewCircle) -> Result<CircleNo, StoreError> {
        let mut state = self.state();
        let key = (new.clinic, new.short_id.clone());
        if state.identity.circles.contains_key(&key) {
            return Err(taken());
        }
        let circle = state.identity.next("circle");
        let place = KeyPlace::Circle { circle, clinic: new.clinic, short_id: new.short_id.clone() };
        let info = self.common.remember(circle, new.clinic, new.short_id, &new.wrapped_key)?;
        state.identity.wrapped.insert(circle, WrappedKey { place, wrapped: new.wrapped_key });
        state.circles.insert(circle, Arc::new(Circle::new(info)));
        state.identity.circles.insert(key, circle);
        Ok(circle)
    }

    async fn circle_by_short_id(&self, clinic: u64, short_id: &str) -> Result<Option<CircleNo>, StoreError> {
        Ok(self.state().identity.circles.get(&(clinic, short_id.to_owned())).copied())
    }

    async fn circles_of_clinic(&self, clinic: u64) -> Result<Vec<(CircleNo, String)>, StoreError> {
        let state = self.state();
        let circles = state.circles.values().filter(|circle| circle.row.clinic == clinic);
        let circles = circles.filter(|circle| !state.identity.is_clinics(circle.row.circle));
        Ok(circles.map(|circle| (circle.row.circle, circle.row.short_id.clone())).collect())
    }

    async fn create_account(&self, clinic: u64, kind: u8) -> Result<AccountNo, StoreError> {
        let identity = &mut self.state().identity;
        let account = identity.next("account");
        identity.accounts.insert(account, (clinic, kind));
        Ok(account)
    }

    async fn account(&self, account: AccountNo) -> Result<Option<(u64, u8)>, StoreError> {
        Ok(self.state().identity.accounts.get(&account).copied())
    }

    async fn circles_of(&self, account: AccountNo) -> Result<Vec<(CircleNo, u8)>, StoreError> {
        let state = self.state();
        let role = |circle: &Circle| circle.access.members.iter().find(|member| member.0 == account).map(|m| m.1);
        let circles = state.circles.iter().filter(|(number, _)| !state.identity.is_clinics(**number));
        Ok(circles.filter_map(|(number, circle)| Some((*number, role(circle)?))).collect())
    }

    async fn put_invite(&self, invite: InviteRow) -> Result<bool, StoreError> {
        let invites = &mut self.state().identity.invites;
        if invites.contains_key(&invite.code_mac) {
            return Ok(false);
        }
        invites.insert(invite.code_mac, invite);
        Ok(true)
    }

    async fn invite(&self, code_mac: [u8; 32]) -> Result<Option<InviteRow>, StoreError> {
        Ok(self.state().identity.invites.get(&code_mac).cloned())
    }

    async fn invites_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<InviteRow>, StoreError> {
        let state = self.state();
        let theirs = state.identity.invites.values().filter(|invite| invite.circle == circle);
        let mut rows: Vec<InviteRow> = theirs.cloned().collect();
        rows.sort_by_key(|row| (Reverse(row.made_ms), row.code_mac));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn invite_by_id(&self, circle: CircleNo, id: [u8; 16]) -> Result<Option<InviteRow>, StoreError> {
        let state = self.state();
        Ok(state.identity.invites.values().find(|invite| invite.circle == circle && invite.id == id).cloned())
    }

    async fn open_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        let found = state.identity.invites.get_mut(&code_mac).filter(|invite| invite.stands(now_ms));
        if let Some(invite) = found.filter(|invite| invite.life.opened_ms == 0) {
            invite.life.opened_ms = now_ms;
        }
        Ok(())
    }

    async fn revoke_invite(
        &self,
        circle: CircleNo,
        id: [u8; 16],
        by: AccountNo,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError> {
        let mut state = self.state();
        let mut all = state.identity.invites.values_mut();
        let Some(invite) = all.find(|invite| invite.circle == circle && invite.id == id) else { return Ok(None) };
        if invite.stands(now_ms) {
            (invite.life.revoked_ms, invite.life.revoked_by) = (now_ms, by);
        }
        Ok(Some(invite.clone()))
    }

    async fn redeem_invite(
        &self,
        code: InviteCode,
        now_ms: UnixMs,
        new: NewDevice,
    ) -> Result<InviteOutcome, StoreError> {
        let identity = &mut self.state().identity;
        if !identity.invite_is_open(Some(code), new.account, now_ms) {
            return Ok(InviteOutcome::Invalid);
        }
        if identity.devices.values().any(|device| device.key == new.key) {
            return Err(taken());
        }
        if let Some(invite) = identity.invites.get_mut(&code.mac) {
            (invite.used, invite.life.done_ms) = (true, now_ms);
        }
        let device = identity.next("device");
        let row = DeviceRow {
            device,
            account: new.account,
            clinic: new.clinic,
            key: new.key,
            name: new.name,
            created_ms: new.created_ms,
            revoked: false,
        };
        identity.devices.insert(device, row);
        let [ordinary, urgent] = identity.add_replicas(device, new.epoch, &new.chain_keys, None);
        Ok(InviteOutcome::Redeemed { device, ordinary, urgent })
    }

    async fn device(&self, device: DeviceNo) -> Result<Option<DeviceRow>, StoreError> {
        Ok(self.state().identity.devices.get(&device).cloned())
    }

    async fn device_by_key(&self, key: &[u8]) -> Result<Option<DeviceRow>, StoreError> {
        Ok(self.state().identity.devices.values().find(|device| device.key == key).cloned())
    }

    async fn devices_of(&self, account: AccountNo) -> Result<Vec<DeviceRow>, StoreError> {
        let state = self.state();
        Ok(state.identity.devices.values().filter(|device| device.account == account).cloned().collect())
    }

    async fn revoke_device(&self, device: DeviceNo) -> Result<(), StoreError> {
        let state = &mut *self.state();
        state.browsers.end(|session| session.device == device);
        state.identity.end_device(device);
        Ok(())
    }

    async fn replica(&self, epoch: u32, n: u32) -> Result<Option<ReplicaRow>, StoreError> {
        let state = self.state();
        Ok(state.identity.replicas.get(&n).map(|(row, _)| row).filter(|row| row.epoch == epoch).cloned())
    }

    async fn replicas_of(&self, device: DeviceNo) -> Result<Vec<ReplicaRow>, StoreError> {
        let state = self.state();
        let rows = state.identity.replicas.values().map(|(row, _)| row);
        Ok(rows.filter(|row| row.device == device).cloned().collect())
    }

    async fn add_replicas(
        &self,
        device: DeviceNo,
        epoch: u32,
        chain_keys: [Vec<u8>; 2],
        retire: bool,
        request: [u8; 16],
    ) -> Result<Vec<ReplicaRow>, StoreError> {
        let identity = &mut self.state().identity;
        if !identity.devices.contains_key(&device) {
            return Err(StoreError::NotFound);
        }
        let given = |identity: &Identity| -> Vec<ReplicaRow> {
            let rows = identity.replicas.values().filter(|(row, id)| row.device == device && *id == Some(request));
            rows.map(|(row, _)| row.clone()).collect()
        };
        if given(identity).is_empty() {
            if retire {
                identity.retire(device);
            }
            identity.add_replicas(device, epoch, &chain_keys, Some(request));
        }
        Ok(given(identity))
    }

    async fn put_health(&self, health: HealthRow) -> Result<(), StoreError> {
        self.state().identity.health.insert(health.device, health);
        Ok(())
    }

    async fn device_forked(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        state.identity.forked.insert(device, at_ms);
        let new = HealthRow { device, heard_ms: at_ms, ..HealthRow::default() };
        state.identity.health.entry(device).or_insert(new);
        Ok(())
    }

    async fn health_of(&self, devices: &[DeviceNo]) -> Result<Vec<HealthRow>, StoreError> {
        let state = self.state();
        Ok(devices.iter().filter_map(|device| state.identity.health.get(device)).cloned().collect())
    }

    async fn phones_of(&self, circle: CircleNo) -> Result<Vec<PhoneRow>, StoreError> {
        Ok(self.state().phones(|known, _| known == circle))
    }

    async fn phones_around(&self, account: AccountNo) -> Result<Vec<PhoneRow>, StoreError> {
        Ok(self.state().phones(|_, held| held.access.members.iter().any(|member| member.0 == account)))
    }

    async fn put_session(&self, session: SessionRow) -> Result<(), StoreError> {
        if self.state().identity.add_session(session) { Ok(()) } else { Err(taken()) }
    }

    async fn session_by_access(&self, access_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.state().identity.sessions.values().find(|row| row.access_hash == access_hash).cloned())
    }

    async fn session_by_refresh(&self, refresh_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        let state = self.state();
        let known =
            |row: &&SessionRow| row.refresh_hash == refresh_hash || row.previous_refresh_hash == Some(refresh_hash);
        Ok(state.identity.sessions.values().find(known).cloned())
    }

    async fn rotate_session(&self, expected: [u8; 32], session: SessionRow) -> Result<bool, StoreError> {
        let sessions = &mut self.state().identity.sessions;
        let current = sessions.get_mut(&session.family);
        let Some(row) = current.filter(|row| row.refresh_hash == expected && !row.revoked) else { return Ok(false) };
        // What a rotation does not change stays as it is.
        let (account, device, clinic, leaving) = (row.account, row.device, row.clinic, row.leaving);
        *row = SessionRow { account, device, clinic, leaving, revoked: false, ..session };
        Ok(true)
    }

    async fn revoke_family(&self, family: u64) -> Result<(), StoreError> {
        let state = &mut *self.state();
        state.browsers.end(|session| session.family == family);
        if let Some(row) = state.identity.sessions.get_mut(&family) {
            row.revoked = true;
        }
        Ok(())
    }

    async fn session_open(&self, family: u64) -> Result<bool, StoreError> {
        let state = self.state();
        let browser = |row: &WebSessionRow| row.family == family && !row.ended && !state.gone(row.device);
        Ok(state.identity.sessions.get(&family).is_some_and(|row| !row.revoked)
            || state.browsers.sessions.values().any(browser))
    }
}

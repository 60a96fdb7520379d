//! How devices stand, sign-in codes and notices, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{MemoryStore, identity::taken};
use crate::store::{
    AccountNo, DeviceNo, DeviceStore, StoreError, UnixMs,
    devices::{CodeRow, EndedListener, Ending, NewNotice, NoticeRow, NoticesQuery, OrderRow, StandingRow},
    identity::{InviteCode, InviteRow, SessionRow},
    wakes::WakeClass,
};

#[derive(Default)]
pub(super) struct Devices {
    standings: BTreeMap<DeviceNo, StandingRow>,
    codes: BTreeMap<DeviceNo, CodeRow>,
    notices: Vec<NoticeRow>,
}

impl Devices {
    fn standing(&mut self, device: DeviceNo) -> &mut StandingRow {
        self.standings.entry(device).or_insert(StandingRow { device, ..StandingRow::default() })
    }

    /// What is noted of it.
    pub(super) fn standing_of(&self, device: DeviceNo) -> StandingRow {
        let found = self.standings.get(&device).cloned();
        found.unwrap_or(StandingRow { device, ..StandingRow::default() })
    }

    /// Told to leave, or to be wiped.
    pub(super) fn ordered(&self, device: DeviceNo) -> bool {
        self.standings.get(&device).is_some_and(|row| row.ending != Ending::None)
    }

    fn tell(&mut self, notice: NewNotice) {
        let no = self.notices.len() as u64 + 1;
        self.notices.push(NoticeRow { no, notice, acknowledged_ms: 0 });
    }

    pub(super) fn sweep(&mut self, now_ms: UnixMs) -> u64 {
        let before = self.codes.len();
        self.codes.retain(|_, code| code.expires_ms >= now_ms);
        (before - self.codes.len()) as u64
    }
}

#[async_trait]
impl DeviceStore for MemoryStore {
    async fn device_standing(&self, device: DeviceNo) -> Result<StandingRow, StoreError> {
        Ok(self.state().devices.standing_of(device))
    }

    async fn device_seen(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        self.state().devices.standing(device).seen_ms = at_ms;
        Ok(())
    }

    async fn rename_device(&self, device: DeviceNo, name: &[u8]) -> Result<(), StoreError> {
        if let Some(row) = self.state().identity.devices.get_mut(&device) {
            name.clone_into(&mut row.name);
        }
        Ok(())
    }

    async fn open_session(&self, session: SessionRow, now_ms: UnixMs) -> Result<Option<Ending>, StoreError> {
        let mut state = self.state();
        let revoked = state.identity.devices.get(&session.device).is_some_and(|row| row.revoked);
        let ending = state.devices.standings.get(&session.device).map_or(Ending::None, |row| row.ending);
        if revoked || ending == Ending::Wipe {
            return Ok(None);
        }
        let (device, leaving) = (session.device, ending == Ending::Leave);
        if !state.identity.add_session(SessionRow { leaving, ..session }) {
            return Err(taken());
        }
        state.devices.standing(device).seen_ms = now_ms;
        Ok(Some(ending))
    }

    async fn session_of(&self, family: u64) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.state().identity.sessions.get(&family).cloned())
    }

    async fn order_device(&self, order: OrderRow) -> Result<Option<Vec<u64>>, StoreError> {
        let mut state = self.state();
        let row = state.devices.standing(order.device);
        if row.ending >= order.ending {
            return Ok(None);
        }
        (row.ending, row.ordered_ms, row.told_ms) = (order.ending, order.at_ms, 0);
        row.signature = order.signature;
        let sessions = state.identity.sessions.values_mut();
        let mut families = Vec::new();
        for session in sessions.filter(|session| session.device == order.device && !session.revoked) {
            families.push(session.family);
            session.leaving |= order.ending == Ending::Leave;
        }
        families.extend(state.browsers.families(|row| row.device == order.device && !row.ended));
        if order.ending == Ending::Wipe {
            state.identity.end_device(order.device);
        }
        state.devices.tell(order.notice);
        state.wakes.put_device(order.device, WakeClass::Purge, order.at_ms);
        Ok(Some(families))
    }

    async fn order_told(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.devices.standing(device);
        if row.told_ms == 0 && row.ending != Ending::None {
            row.told_ms = at_ms;
        }
        Ok(())
    }

    async fn device_left(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.devices.standing(device);
        if row.ending == Ending::Leave && row.done_ms == 0 {
            row.done_ms = at_ms;
        }
        state.identity.end_device(device);
        Ok(())
    }

    async fn ordered_since(&self, after_ms: UnixMs) -> Result<Vec<u64>, StoreError> {
        let state = self.state();
        let ordered =
            |device: &DeviceNo| state.devices.standings.get(device).is_some_and(|row| row.ordered_ms > after_ms);
        let sessions = state.identity.sessions.values().filter(|row| ordered(&row.device)).map(|row| row.family);
        Ok(sessions.chain(state.browsers.families(|row| ordered(&row.device))).collect())
    }

    async fn put_code(&self, code: CodeRow) -> Result<(), StoreError> {
        self.state().devices.codes.insert(code.device, code);
        Ok(())
    }

    async fn use_code(&self, device: DeviceNo, code_mac: [u8; 32], now_ms: UnixMs) -> Result<bool, StoreError> {
        let codes = &mut self.state().devices.codes;
        let Some(code) = codes.get_mut(&device) else { return Ok(false) };
        if code.code_mac == code_mac && code.expires_ms > now_ms && code.tries_left > 0 {
            codes.remove(&device);
            return Ok(true);
        }
        code.tries_left = code.tries_left.saturating_sub(1);
        Ok(false)
    }

    async fn put_notice(&self, notice: NewNotice) -> Result<(), StoreError> {
        self.state().devices.tell(notice);
        Ok(())
    }

    async fn end_replayed(&self, family: u64, notice: NewNotice) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(row) = state.identity.sessions.get_mut(&family).filter(|row| !row.revoked) else { return Ok(false) };
        row.revoked = true;
        state.devices.tell(notice);
        Ok(true)
    }

    async fn notices(&self, query: NoticesQuery) -> Result<Vec<NoticeRow>, StoreError> {
        let state = self.state();
        let asked = |row: &&NoticeRow| {
            row.notice.account == query.account && row.no < query.before && (query.all || row.acknowledged_ms == 0)
        };
        Ok(state.devices.notices.iter().rev().filter(asked).take(query.limit as usize).copied().collect())
    }

    async fn acknowledge(&self, account: AccountNo, up_to: u64, at_ms: UnixMs) -> Result<(), StoreError> {
        let open = |row: &&mut NoticeRow| row.notice.account == account && row.no <= up_to && row.acknowledged_ms == 0;
        self.state().devices.notices.iter_mut().filter(open).for_each(|row| row.acknowledged_ms = at_ms);
        Ok(())
    }

    async fn notices_open(&self, account: AccountNo) -> Result<u32, StoreError> {
        let state = self.state();
        let open = |row: &&NoticeRow| row.notice.account == account && row.acknowledged_ms == 0;
        Ok(u32::try_from(state.devices.notices.iter().filter(open).count()).unwrap_or(u32::MAX))
    }

    async fn attempt_invite(
        &self,
        short_id: &str,
        code: InviteCode,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError> {
        Ok(self.state().identity.attempt(short_id, code, now_ms))
    }

    async fn forged_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError> {
        self.state().identity.forged(code_mac, now_ms);
        Ok(())
    }

    fn announce_ended(&self, families: &[u64]) {
        self.common.tell_others(families);
    }

    fn on_ended(&self, listener: EndedListener) {
        self.common.listen_ended(listener);
    }
}

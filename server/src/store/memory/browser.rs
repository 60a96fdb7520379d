//! Browsers, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{
    AccountNo, BrowserStore, DeviceNo, StoreError, UnixMs,
    browser::{HospitalRow, NewBrowser, PasskeyRow, WayIn, WebSessionRow},
};

#[derive(Default)]
pub(super) struct Browsers {
    pub(super) sessions: BTreeMap<[u8; 32], WebSessionRow>,
    passkeys: BTreeMap<Vec<u8>, PasskeyRow>,
    hospital: BTreeMap<[u8; 32], HospitalRow>,
    challenges: BTreeMap<[u8; 32], (UnixMs, Vec<u8>)>,
}

impl Browsers {
    pub(super) fn end(&mut self, of: impl Fn(&WebSessionRow) -> bool) {
        for session in self.sessions.values_mut().filter(|session| of(session)) {
            session.ended = true;
        }
    }

    pub(super) fn families(&self, of: impl Fn(&WebSessionRow) -> bool) -> Vec<u64> {
        self.sessions.values().filter(|session| of(session)).map(|session| session.family).collect()
    }

    pub(super) fn sweep(&mut self, created_before: UnixMs, now_ms: UnixMs) -> u64 {
        let before = self.sessions.len() + self.challenges.len();
        self.sessions.retain(|_, row| row.created_ms >= created_before);
        self.challenges.retain(|_, (expires_ms, _)| *expires_ms >= now_ms);
        (before - self.sessions.len() - self.challenges.len()) as u64
    }
}

#[async_trait]
impl BrowserStore for MemoryStore {
    async fn add_browser(&self, new: NewBrowser) -> Result<Option<DeviceNo>, StoreError> {
        let state = &mut *self.state();
        let taken = match &new.way_in {
            WayIn::Passkey { credential, .. } => state.browsers.passkeys.contains_key(credential),
            WayIn::Hospital { subject } => state.browsers.hospital.contains_key(subject),
            WayIn::Link { .. } => false,
        };
        if taken || !state.identity.invite_is_open(new.invite, new.account, new.created_ms) {
            return Ok(None);
        }
        let device = state.identity.add_browser(&new)?;
        let (account, created_ms) = (new.account, new.created_ms);
        match new.way_in {
            WayIn::Passkey { credential, content } => {
                let key = credential.clone();
                let row = PasskeyRow { credential, account, device, created_ms, used_ms: created_ms, content };
                state.browsers.passkeys.insert(key, row);
            }
            WayIn::Hospital { subject } => {
                state.browsers.hospital.insert(subject, HospitalRow { subject, account, device, created_ms });
            }
            WayIn::Link { .. } => {}
        }
        Ok(Some(device))
    }

    async fn put_web_session(&self, session: WebSessionRow) -> Result<(), StoreError> {
        let sessions = &mut self.state().browsers.sessions;
        if sessions.values().any(|row| row.family == session.family || row.token_hash == session.token_hash) {
            return Err(super::identity::taken());
        }
        sessions.insert(session.token_hash, session);
        Ok(())
    }

    async fn web_session(&self, token_hash: [u8; 32]) -> Result<Option<WebSessionRow>, StoreError> {
        let state = self.state();
        let row = state.browsers.sessions.get(&token_hash).cloned();
        Ok(row.map(|row| WebSessionRow { ended: row.ended || state.gone(row.device), ..row }))
    }

    async fn web_session_seen(&self, token_hash: [u8; 32], seen_ms: UnixMs) -> Result<(), StoreError> {
        if let Some(row) = self.state().browsers.sessions.get_mut(&token_hash) {
            row.seen_ms = row.seen_ms.max(seen_ms);
        }
        Ok(())
    }

    async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
        Ok(self.state().browsers.passkeys.get(credential).cloned())
    }

    async fn passkeys_of(&self, account: AccountNo) -> Result<Vec<PasskeyRow>, StoreError> {
        let state = self.state();
        let mut rows: Vec<_> = state.browsers.passkeys.values().filter(|row| row.account == account).cloned().collect();
        rows.sort_by_key(|row| row.device);
        Ok(rows)
    }

    async fn passkey_used(
        &self,
        credential: &[u8],
        expected: &[u8],
        content: &[u8],
        used_ms: UnixMs,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let row = state.browsers.passkeys.get_mut(credential).filter(|row| row.content == expected);
        let Some(row) = row else { return Ok(false) };
        row.content = content.to_vec();
        row.used_ms = used_ms;
        Ok(true)
    }

    async fn hospital_account(&self, subject: [u8; 32]) -> Result<Option<HospitalRow>, StoreError> {
        Ok(self.state().browsers.hospital.get(&subject).cloned())
    }

    async fn put_challenge(&self, id: [u8; 32], expires_ms: UnixMs, sealed: Vec<u8>) -> Result<(), StoreError> {
        let challenges = &mut self.state().browsers.challenges;
        if challenges.contains_key(&id) {
            return Err(super::identity::taken());
        }
        challenges.insert(id, (expires_ms, sealed));
        Ok(())
    }

    async fn take_challenge(&self, id: [u8; 32]) -> Result<Option<(UnixMs, Vec<u8>)>, StoreError> {
        Ok(self.state().browsers.challenges.remove(&id))
    }
}

//! Attachments, in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use osteon_sync_core::RecordId;

use super::MemoryStore;
use crate::store::{
    AccountNo, CircleNo, StoreError, UnixMs,
    attachments::{AttachmentRow, AttachmentStore, Begun, Name, NewUpload, UploadRow, oldest_beyond},
};

#[derive(Default)]
pub(super) struct Attachments {
    uploads: BTreeMap<(CircleNo, [u8; 16]), UploadRow>,
    chunks: BTreeMap<(CircleNo, [u8; 16], u64), Vec<u8>>,
    /// With the time of the next look, and the clinic.
    there: BTreeMap<(CircleNo, Name), (AttachmentRow, UnixMs, u64)>,
    bound: BTreeMap<(CircleNo, RecordId, Name), AccountNo>,
    room: BTreeMap<u64, u64>,
}

impl Attachments {
    fn let_go(&mut self, circle: CircleNo, clinic: u64, chunks: [u8; 16], size: u64) {
        self.chunks.retain(|(of, upload, _), _| (*of, *upload) != (circle, chunks));
        if let Some(room) = self.room.get_mut(&clinic) {
            *room = room.saturating_sub(size);
        }
    }

    fn bind(&mut self, new: &NewUpload) {
        self.bound.entry((new.circle, new.record, new.name)).or_insert(new.account);
    }

    fn touch(&mut self, circle: CircleNo, name: Name) {
        if let Some((row, ..)) = self.there.get_mut(&(circle, name)) {
            row.loose_ms = None;
        }
    }

    pub(super) fn erase(&mut self, circle: CircleNo) {
        let uploads: Vec<_> = self.uploads.values().filter(|row| row.new.circle == circle).cloned().collect();
        for UploadRow { new, .. } in uploads {
            self.let_go(circle, new.clinic, new.upload, new.size);
        }
        let there: Vec<_> = self.there.values().filter(|(row, ..)| row.circle == circle).cloned().collect();
        for (row, _, clinic) in there {
            self.let_go(circle, clinic, row.chunks, row.size);
        }
        self.uploads.retain(|(of, _), _| *of != circle);
        self.there.retain(|(of, _), _| *of != circle);
        self.bound.retain(|(of, ..), _| *of != circle);
    }
}

#[async_trait]
impl AttachmentStore for MemoryStore {
    async fn begin_upload(&self, new: NewUpload, room: u64, open: usize) -> Result<Begun, StoreError> {
        let mut state = self.state();
        if !state.circles.contains_key(&new.circle) {
            return Err(StoreError::NotFound);
        }
        let all = &mut state.attachments;
        let mine = |((circle, _, name), account): (&(CircleNo, RecordId, Name), &AccountNo)| {
            (*circle, *name, *account) == (new.circle, new.name, new.account)
        };
        let is_doomed = all.there.get(&(new.circle, new.name)).is_none_or(|(row, ..)| row.loose_ms == Some(0));
        if !is_doomed && all.bound.iter().any(mine) {
            all.touch(new.circle, new.name);
            all.bind(&new);
            return Ok(Begun::Complete);
        }
        let same = |row: &&UploadRow| {
            let one = &row.new;
            (one.circle, one.account, one.record, one.name) == (new.circle, new.account, new.record, new.name)
        };
        if let Some(row) = all.uploads.values().find(same) {
            return Ok(Begun::Upload(row.clone()));
        }
        let taken = all.room.entry(new.clinic).or_default();
        if *taken + new.size > room {
            return Ok(Begun::Full);
        }
        *taken += new.size;
        let row = UploadRow { new, received: 0 };
        all.uploads.insert((row.new.circle, row.new.upload), row.clone());
        let of_account = |one: &&UploadRow| (one.new.circle, one.new.account) == (row.new.circle, row.new.account);
        let held = all.uploads.values().filter(of_account).cloned().collect();
        for one in oldest_beyond(held, row.new.upload, open) {
            all.uploads.remove(&(one.circle, one.upload));
            all.let_go(one.circle, one.clinic, one.upload, one.size);
        }
        Ok(Begun::Upload(row))
    }

    async fn upload(&self, circle: CircleNo, upload: [u8; 16]) -> Result<Option<UploadRow>, StoreError> {
        Ok(self.state().attachments.uploads.get(&(circle, upload)).cloned())
    }

    async fn put_chunk(
        &self,
        circle: CircleNo,
        upload: [u8; 16],
        at: u64,
        data: Vec<u8>,
    ) -> Result<Option<u64>, StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let Some(row) = all.uploads.get_mut(&(circle, upload)) else { return Ok(None) };
        if row.received == at && at + data.len() as u64 <= row.new.size {
            row.received += data.len() as u64;
            all.chunks.insert((circle, upload, at), data);
        }
        Ok(Some(row.received))
    }

    async fn chunks(
        &self,
        circle: CircleNo,
        chunks: [u8; 16],
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let state = self.state();
        let of = state.attachments.chunks.range((circle, chunks, 0)..(circle, chunks, to));
        let hit = of.filter(|((_, _, at), data)| at + data.len() as u64 > from);
        Ok(hit.map(|((_, _, at), data)| (*at, data.clone())).collect())
    }

    async fn finish_upload(&self, circle: CircleNo, upload: [u8; 16], look_ms: UnixMs) -> Result<bool, StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let Some(row) = all.uploads.get(&(circle, upload)) else { return Ok(false) };
        if row.received != row.new.size {
            return Err(StoreError::Refused("an upload that is not whole"));
        }
        let new = row.new.clone();
        all.uploads.remove(&(circle, upload));
        if all.there.contains_key(&(circle, new.name)) {
            all.touch(circle, new.name);
            all.let_go(circle, new.clinic, upload, new.size);
        } else {
            let (name, size, kind) = (new.name, new.size, new.kind);
            let row = AttachmentRow { circle, name, chunks: upload, size, kind, loose_ms: None };
            all.there.insert((circle, name), (row, look_ms, new.clinic));
        }
        all.bind(&new);
        Ok(true)
    }

    async fn drop_upload(&self, circle: CircleNo, upload: [u8; 16]) -> Result<bool, StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let Some(row) = all.uploads.remove(&(circle, upload)) else { return Ok(false) };
        all.let_go(circle, row.new.clinic, upload, row.new.size);
        Ok(true)
    }

    async fn uploads_before(&self, before_ms: UnixMs, limit: u32) -> Result<Vec<(CircleNo, [u8; 16])>, StoreError> {
        let state = self.state();
        let old = state.attachments.uploads.values().filter(|row| row.new.begun_ms < before_ms);
        Ok(old.take(limit as usize).map(|row| (row.new.circle, row.new.upload)).collect())
    }

    async fn attachment(
        &self,
        circle: CircleNo,
        records: &[RecordId],
        name: Name,
    ) -> Result<Option<AttachmentRow>, StoreError> {
        let state = self.state();
        let all = &state.attachments;
        let bound = records.iter().any(|record| all.bound.contains_key(&(circle, *record, name)));
        Ok(all.there.get(&(circle, name)).filter(|_| bound).map(|(row, ..)| row.clone()))
    }

    async fn rebind_attachments(&self, circle: CircleNo, from: RecordId, to: RecordId) -> Result<(), StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let of = |((at, record, name), account): (&(CircleNo, RecordId, Name), &AccountNo)| {
            ((*at, *record) == (circle, from)).then_some((*name, *account))
        };
        let found: Vec<_> = all.bound.iter().filter_map(of).collect();
        for (name, account) in found {
            all.bound.entry((circle, to, name)).or_insert(account);
        }
        Ok(())
    }

    async fn attachments_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let state = self.state();
        let due = state.attachments.there.values().filter(|(_, look_ms, _)| *look_ms <= now_ms);
        let circles: BTreeSet<CircleNo> = due.map(|(row, ..)| row.circle).collect();
        Ok(circles.into_iter().take(limit as usize).collect())
    }

    async fn look_at_attachments(
        &self,
        circle: CircleNo,
        now_ms: UnixMs,
        next_ms: UnixMs,
    ) -> Result<Vec<AttachmentRow>, StoreError> {
        let mut state = self.state();
        let mut due = false;
        for (row, look_ms, _) in state.attachments.there.values_mut() {
            if row.circle == circle && *look_ms <= now_ms {
                (*look_ms, due) = (next_ms, true);
            }
        }
        let of = state.attachments.there.values().filter(|(row, ..)| due && row.circle == circle);
        Ok(of.map(|(row, ..)| row.clone()).collect())
    }

    async fn loosen_attachment(
        &self,
        circle: CircleNo,
        name: Name,
        loose_ms: Option<UnixMs>,
    ) -> Result<(), StoreError> {
        if let Some((row, ..)) = self.state().attachments.there.get_mut(&(circle, name)) {
            row.loose_ms = loose_ms;
        }
        Ok(())
    }

    async fn doom_attachments(&self, circle: CircleNo, record: RecordId) -> Result<(), StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let names: Vec<Name> = all.bound.keys().filter(|(c, r, _)| (*c, *r) == (circle, record)).map(|k| k.2).collect();
        for name in names {
            if let Some((row, look_ms, _)) = all.there.get_mut(&(circle, name)) {
                (row.loose_ms, *look_ms) = (Some(0), 0);
            }
        }
        Ok(())
    }

    async fn remove_attachment(&self, circle: CircleNo, name: Name, loose_ms: UnixMs) -> Result<bool, StoreError> {
        let mut state = self.state();
        let all = &mut state.attachments;
        let loose = |(row, ..): &&(AttachmentRow, UnixMs, u64)| row.loose_ms.is_some_and(|at| at <= loose_ms);
        let Some((row, _, clinic)) = all.there.get(&(circle, name)).filter(loose).cloned() else { return Ok(false) };
        all.there.remove(&(circle, name));
        all.bound.retain(|(at, _, of), _| (*at, *of) != (circle, name));
        all.let_go(circle, clinic, row.chunks, row.size);
        Ok(true)
    }

    async fn attachment_bytes(&self, clinic: u64) -> Result<u64, StoreError> {
        Ok(self.state().attachments.room.get(&clinic).copied().unwrap_or(0))
    }
}

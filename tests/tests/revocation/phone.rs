//! The reader's phone: `osteon_client` on its own folder. A clone or a backup is a copy of the folder; a death is a copy of it
//! as it stands, opened anew.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use osteon_client::{
    Error, Phone as Client,
    clock::Clock,
    events::silent,
    ids::OsIds,
    records::{Entry, NewRecord},
};
use osteon_proto::{
    table::table,
    wire::device::writing::{creation, lane_of},
};
use osteon_server::{
    access::{Caller, authenticate},
    app::secrets::sha256,
    clock::{Clock as _, SetClock},
    error::Reason,
};
use osteon_sync_core::{
    Note, PartWrite, RecordId,
    device::{Confirmed, Received, Save},
    lifecycle::State,
};

use crate::{
    enrolled,
    exits::asked,
    fixture::{self, Kit},
    line::{HeldPage, How, Line},
    raw::{self, Pieces},
    world::CANARY,
};

/// The server's clock: nothing here is about wrong ones.
struct SameClock(Arc<SetClock>);

impl Clock for SameClock {
    fn now_ms(&self) -> u64 {
        self.0.now_ms()
    }
}

pub(crate) use crate::raw::contains;

pub(crate) struct Phone {
    pub(crate) inner: Arc<Client>,
    circle: u64,
    folder: tempfile::TempDir,
    line: Arc<Line>,
    clock: Arc<SetClock>,
    /// What held the marked text, as it was sealed.
    sealed: Mutex<Pieces>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Something was asked and answered.
    On,
    /// At the head, with an empty outbox.
    Done,
}

impl Phone {
    pub(crate) async fn new(kit: &Kit, device: &fixture::Device, circle: u64) -> Self {
        let line = Line::to(&kit.app).await;
        let phone = Self::open(tempfile::tempdir().expect("folder"), circle, line, Arc::clone(&kit.clock)).await;
        let server = (phone.line.server.as_str(), phone.line.ca_pem.as_slice());
        let made = Mutex::new(Some(enrolled::enrolled(kit, device, circle, server).await));
        let put = |state: &mut osteon_client::state::State| {
            state.enrolled = made.lock().expect("made").take();
            Ok(())
        };
        phone.inner.change(put).await.expect("enrolled");
        phone
    }

    async fn open(folder: tempfile::TempDir, circle: u64, line: Arc<Line>, clock: Arc<SetClock>) -> Self {
        let same = Arc::new(SameClock(Arc::clone(&clock)));
        let inner = Client::open(folder.path(), same, Arc::new(OsIds::new())).await.expect("the phone opens");
        Self { inner: Arc::new(inner), circle, folder, line, clock, sealed: Mutex::default() }
    }

    /// Another phone with the same in it: a clone, or a backup.
    pub(crate) async fn copy(&self) -> Self {
        self.notes_what_is_sealed().await;
        let folder = tempfile::tempdir().expect("folder");
        for from in raw::files(self.folder.path()) {
            let to = folder.path().join(from.strip_prefix(self.folder.path()).expect("within"));
            fs::create_dir_all(to.parent().expect("a folder")).expect("folder");
            fs::copy(&from, &to).expect("copied");
        }
        let copy = Self::open(folder, self.circle, Arc::clone(&self.line), Arc::clone(&self.clock)).await;
        copy.sealed.lock().expect("pieces").extend(self.sealed.lock().expect("pieces").iter());
        copy
    }

    /// The program dies: what was kept is read again.
    pub(crate) async fn restart(&mut self) {
        *self = self.copy().await;
    }

    pub(crate) async fn caller(&self, kit: &Kit) -> Result<Caller, Reason> {
        let token = self.inner.read().await.expect("state").enrolled().expect("enrolled").session.access.clone();
        authenticate(&kit.app, &token).await
    }

    pub(crate) async fn cursor(&self) -> Vec<u8> {
        let state = self.inner.read().await.expect("state");
        let device = &state.enrolled().expect("enrolled").device;
        device.circle(self.circle).map(|c| c.cursor().to_vec()).unwrap_or_default()
    }

    /// How much of the circle it asks for: what is usual for the role.
    pub(crate) async fn depth(&self) -> osteon_proto::sync::Depth {
        let state = self.inner.read().await.expect("state");
        let device = &state.enrolled().expect("enrolled").device;
        asked(device.circle(self.circle).map_or_else(Default::default, |circle| circle.depth()))
    }

    async fn notes_what_is_sealed(&self) {
        let pieces = raw::sealed(self.folder.path(), CANARY.as_bytes()).await;
        self.sealed.lock().expect("pieces").extend(pieces);
    }

    /// Whether any layer holds these bytes: in memory, the search index, what the store's items open to, or what its files
    /// still have of items that are gone.
    pub(crate) async fn holds(&self, marked: &[u8]) -> bool {
        let word = std::str::from_utf8(marked).expect("text");
        let in_memory = {
            let state = self.inner.read().await.expect("state");
            let enrolled = state.enrolled().expect("enrolled");
            let parts =
                enrolled.confirmed.values().flat_map(|mirror| mirror.parts().map(|(_, held)| held.part.encode()));
            parts.chain([enrolled.device.encode()]).any(|bytes| contains(&bytes, marked))
        };
        let found = self.inner.find(self.circle, word).await.is_ok_and(|hits| !hits.is_empty());
        // First: opening the store once more empties its log.
        let left = raw::left(self.folder.path(), &self.sealed.lock().expect("pieces"), marked);
        let opens = !raw::sealed(self.folder.path(), marked).await.is_empty();
        if !in_memory && (found || opens || left.is_some()) {
            eprintln!("in the index: {found}; an item opens to it: {opens}; in a file: {left:?}");
        }
        in_memory || found || opens || left.is_some()
    }

    /// Whether the person sees these bytes.
    pub(crate) async fn shows(&self, marked: &[u8]) -> bool {
        let state = self.inner.read().await.expect("state");
        let view = state.enrolled().expect("enrolled").view(self.circle, self.inner.now_ms()).expect("joined");
        let records = view.records();
        let mut versions = records.iter().flat_map(|record| &record.fields).flat_map(|field| &field.versions);
        versions.any(|version| version.value.as_deref().is_some_and(|value| contains(value, marked)))
    }

    /// Every record that the person sees.
    pub(crate) async fn shown(&self) -> Vec<[u8; 16]> {
        let state = self.inner.read().await.expect("state");
        let view = state.enrolled().expect("enrolled").view(self.circle, self.inner.now_ms()).expect("joined");
        view.records().iter().map(|record| record.record.0).collect()
    }

    pub(crate) fn pulls_from_the_beginning(&self) -> u32 {
        self.line.pulls_from_the_beginning()
    }

    /// (outbox, drafts, quarantined).
    pub(crate) async fn waiting(&self) -> (usize, usize, Vec<String>) {
        let state = self.inner.read().await.expect("state");
        let circle = state.enrolled().expect("enrolled").device.circle(self.circle).expect("joined");
        let held = circle.quarantined().iter().map(|q| q.reason.to_string()).collect();
        (circle.outbox().count(), circle.drafts().len(), held)
    }

    pub(crate) async fn create(&mut self, _: &Kit, body: &[u8]) -> RecordId {
        let new = NewRecord { body: body.to_vec(), label_choice: 0, record: None };
        self.inner.create(self.circle, &new, "").await.expect("saved").record
    }

    /// Saves what today's checks would not let through: an older app has none for it.
    pub(crate) async fn create_unchecked(&mut self, kit: &Kit, body: &[u8]) {
        let (fresh, circle, now_ms) = (RecordId(kit.id()), self.circle, kit.app.now_ms());
        let save = |state: &mut osteon_client::state::State| {
            let enrolled = state.enrolled_mut()?;
            let me = enrolled.author(circle)?;
            let (_, parts) = creation(circle, me, body, 0, fresh, sha256).expect("a body");
            let lane = lane_of(parts[0].type_number, &parts);
            let form = enrolled.device.new_form();
            enrolled.device.save(circle, Save { lane, form, parts, note: Note::default() }, now_ms).expect("joined");
            Ok(())
        };
        self.inner.change(save).await.expect("saved");
    }

    /// Opens the record as this phone shows it, and writes what the body sets.
    pub(crate) async fn edit(&mut self, _: &Kit, record: RecordId, body: &[u8]) {
        let form = self.inner.open_form(self.circle, record).await.expect("a form");
        self.inner.save(&form, &Entry::of_body(body).expect("a body"), "", false).await.expect("saved");
    }

    /// Marks a record that this phone holds as a mistake: as an older app, which does not ask whether it may.
    pub(crate) async fn end(&mut self, kit: &Kit, record: RecordId) {
        let (circle, now_ms) = (self.circle, kit.app.now_ms());
        let end = |state: &mut osteon_client::state::State| {
            let enrolled = state.enrolled_mut()?;
            let confirmed = enrolled.confirmed.entry(circle).or_default();
            let mut parts = Vec::new();
            for id in confirmed.of_record(record) {
                let number = confirmed.part(id).map_or(0, |part| part.type_number);
                let kind = table().get(number).expect("a known type");
                let form = enrolled.device.open(circle, confirmed, id, number, kind, |_| None).expect("joined");
                let writes = vec![form.form.end(State::EnteredInError, [])];
                parts.push(PartWrite { part: id, type_number: number, writes });
            }
            let (lane, form) = (lane_of(parts[0].type_number, &parts), enrolled.device.new_form());
            enrolled.device.save(circle, Save { lane, form, parts, note: Note::default() }, now_ms).expect("joined");
            Ok(())
        };
        self.inner.change(end).await.expect("saved");
    }

    /// Until the head, with nothing left to send.
    pub(crate) async fn sync(&mut self, _: &Kit) -> Result<(), Reason> {
        self.notes_what_is_sealed().await;
        match self.inner.sync(silent()).await {
            Ok(()) => Ok(()),
            Err(error) => Err(reason(&error).unwrap_or_else(|| panic!("{error:?}"))),
        }
    }

    /// A run of the phone that gets one answer beside Hello's; `lost`: the server answered and nobody heard it.
    pub(crate) async fn step(&mut self, _: &Kit, lost: bool) -> Result<Stepped, Reason> {
        self.notes_what_is_sealed().await;
        self.line.is(if lost { How::Lost } else { How::Once });
        let done = self.inner.sync(silent()).await;
        self.line.is(How::Open);
        match done {
            Ok(()) => Ok(Stepped::Done),
            Err(error) => match (reason(&error), &error) {
                (Some(reason), _) => Err(reason),
                (None, Error::Server(answer)) if answer.code == tonic::Code::Unavailable => Ok(Stepped::On),
                _ => panic!("{error:?}"),
            },
        }
    }

    /// Asks for a page and does not get it yet: the program stops waiting for it.
    pub(crate) async fn ask_late(&mut self, _: &Kit) -> Result<HeldPage, Reason> {
        self.line.is(How::Held);
        let held = tokio::select! {
            done = self.inner.sync(silent()) => panic!("the phone does not pull: {done:?}"),
            held = self.line.held() => held,
        };
        self.line.is(How::Open);
        Ok(held)
    }

    /// A page arrives on the way on which it was asked for, where nobody reads any more.
    pub(crate) async fn arrive(&mut self, _: &Kit, late: HeldPage) -> Received {
        let before = self.inner.read().await.expect("state").generation();
        late.arrives().await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let after = self.inner.read().await.expect("state").generation();
        if before == after { Received::Void } else { Received::Applied }
    }
}

/// Why the server refused, where it was the server. A phone whose session is refused asks for a new one: then it hears that it
/// is the device that is revoked.
fn reason(error: &Error) -> Option<Reason> {
    match error {
        Error::Server(answer) => match Reason::parse(&answer.reason) {
            Some(Reason::DeviceRevoked) => Some(Reason::SessionRevoked),
            reason => reason,
        },
        _ => None,
    }
}

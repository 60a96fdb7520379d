//! A person with a phone (the device core as an app embeds it) for tests of whole fleets: writes by a dice, syncs, is closed
//! in the middle and opened again, and is compared with the server at the end.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use osteon_client::{
    Error, Phone,
    clock::SystemClock,
    events::silent,
    ids::OsIds,
    records::{Entry, NewRecord},
    session::Invite,
    views::RecordView,
};
use osteon_proto::{care, reasons::Reason};
use osteon_sync_core::{RecordId, lifecycle::State as Life};
use osteon_tests::{
    body::{self, moment},
    device::{self, now_ms},
    server::Server,
};
use tempfile::TempDir;

pub(crate) const ROLES: [&str; 4] = ["patient", "nurse", "physician", "physiotherapist"];

pub(crate) struct Member {
    pub(crate) phone: Phone,
    pub(crate) circle: u64,
    pub(crate) role: &'static str,
    /// Every entry that was saved here: its record, and a text that stands in no other.
    pub(crate) made: Vec<(RecordId, String)>,
    name: u64,
    dice: u64,
    folder: TempDir,
}

async fn open(folder: &TempDir) -> Phone {
    Phone::open(folder.path(), Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("open")
}

impl Member {
    pub(crate) async fn enrol(
        invite: device::Invite,
        server: String,
        ca_pem: Vec<u8>,
        role: &'static str,
        seed: u64,
    ) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let phone = open(&folder).await;
        let invite = Invite {
            code: invite.code,
            short_id: invite.short_id,
            server,
            ca_pem,
            device_name: format!("{role} {seed}"),
        };
        phone.enrol(&invite).await.expect("enrol");
        let circle = phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle;
        Self { phone, circle, role, made: Vec::new(), name: seed, dice: seed | 1, folder }
    }

    /// So many people, four to a circle; the circles' short ids.
    pub(crate) async fn fleet(server: &Server, count: usize, seed: u64) -> (Vec<Self>, Vec<String>) {
        let (url, ca) = (format!("https://{}", server.authority()), server.ca().expect("ca"));
        let (mut circles, mut members) = (Vec::new(), Vec::new());
        for n in 0..count {
            let role = ROLES[n % ROLES.len()];
            let invite = if n % ROLES.len() == 0 {
                let invite = server.new_circle(role).expect("invite");
                circles.push(invite.short_id.clone());
                invite
            } else {
                server.invite_into(circles.last().expect("a circle"), role).expect("invite")
            };
            let seed = seed.wrapping_add(n as u64 * 1_000 + 3);
            members.push(Self::enrol(invite, url.clone(), ca.clone(), role, seed).await);
        }
        (members, circles)
    }

    /// From here on its server is reached there.
    pub(crate) async fn is_reached_at(&self, port: u16, ca_pem: &[u8]) {
        let change = |state: &mut osteon_client::state::State| {
            let enrolment = &mut state.enrolled_mut()?.enrolment;
            enrolment.server = format!("https://localhost:{port}");
            enrolment.ca_pem = ca_pem.to_vec();
            Ok(())
        };
        self.phone.change(change).await.expect("address");
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % n
    }

    /// The app is closed, in the middle of whatever it did, and opened again.
    pub(crate) async fn restart(&mut self) {
        self.phone.close().await;
        self.phone = open(&self.folder).await;
    }

    /// The token is over: the next call asks for another one.
    pub(crate) async fn token_ends(&self) {
        let over = |state: &mut osteon_client::state::State| {
            state.enrolled_mut()?.session.access_expires_ms = 1;
            Ok(())
        };
        self.phone.change(over).await.expect("over");
    }

    pub(crate) async fn writes(&mut self) {
        let text = format!("entry {} of {}", self.made.len(), self.name);
        let entry = care::PainEntry {
            effective_start: Some(moment(now_ms())),
            site: vec![text.clone()],
            worst_24h: Some(self.below(11) as u32),
            ..Default::default()
        };
        let new = NewRecord { body: crate::phone::body("pain_entry", &entry), label_choice: 0, record: None };
        let saved = self.phone.create(self.circle, &new, "").await.expect("create");
        self.made.push((saved.record, text));
    }

    /// Something that a person does, with or without a network.
    pub(crate) async fn act(&mut self) {
        let records = self.pains().await;
        let what = self.below(10);
        if records.is_empty() || what < 4 {
            return self.writes().await;
        }
        let record = records[self.below(records.len() as u64) as usize];
        let form = self.phone.open_form(self.circle, record).await.expect("form");
        if what < 9 {
            let worst = Entry::Put { field: 5, chunk: vec![5 << 3, self.below(11) as u8] };
            match self.phone.save(&form, &[worst], "", what == 8).await {
                // The role may not write what somebody else began.
                Ok(_) | Err(Error::Refused { reason: Reason::FieldNotWritable, .. }) => {}
                Err(error) => panic!("save: {error}"),
            }
        } else {
            // Some ends are refused on the phone: the role may not, or not every label is read here.
            let _ = self.phone.end(&form, Life::EnteredInError, "typed twice").await;
        }
    }

    async fn pains(&self) -> Vec<RecordId> {
        let number = body::type_number(&body::pain(1, 0));
        let records = self.seen().await;
        records.into_iter().filter(|r| r.type_number == number && r.is_active()).map(|r| r.record).collect()
    }

    pub(crate) async fn seen(&self) -> Vec<RecordView> {
        let state = self.phone.read().await.expect("state");
        state.enrolled().expect("enrolled").view(self.circle, self.phone.now_ms()).expect("circle").records()
    }

    /// A round of work under a rough network: acts, and tries to sync in between.
    pub(crate) async fn round(mut self, steps: u64) -> Self {
        for _ in 0..steps {
            self.act().await;
            if self.below(2) == 0 {
                let _ = tokio::time::timeout(Duration::from_secs(5), self.phone.sync(silent())).await;
            }
        }
        self
    }

    /// Syncs until there is nothing more to send; the network is calm now.
    pub(crate) async fn settle(&self) {
        let mut last = None;
        for _ in 0..30 {
            match tokio::time::timeout(Duration::from_secs(20), self.phone.sync(silent())).await {
                Ok(Ok(())) if self.outbox().await == 0 => return,
                Ok(Ok(())) => last = Some("something is still to be sent".to_owned()),
                Ok(Err(error)) => last = Some(error.to_string()),
                Err(_) => last = Some("no end within 20 s".to_owned()),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} does not settle: {}", self.role, last.unwrap_or_default());
    }

    async fn outbox(&self) -> usize {
        let state = self.phone.read().await.expect("state");
        state.enrolled().expect("enrolled").device.circle(self.circle).expect("circle").outbox().count()
    }

    /// Each digest that this phone reckons is the server's, and was so all the time.
    pub(crate) async fn agrees_with_the_server(&self) {
        let found = self.phone.compare(self.circle).await.expect("compared");
        assert!(found.whole && found.records > 0, "{}: {found:?}", self.role);
        assert_eq!((found.differed, found.to_send), (0, 0), "{}: a digest differs", self.role);
        let state = self.phone.read().await.expect("state");
        let circle = state.enrolled().expect("enrolled").device.circle(self.circle).expect("circle");
        assert_eq!(circle.digest_mismatches(), 0, "{}: a digest differed", self.role);
        assert!(circle.at_head() && circle.quarantined().is_empty(), "{}", self.role);
    }
}

/// The newest member of a circle in somebody's role (of the patient, whom there is once: another phone), who has seen nothing
/// but what the server sends today.
pub(crate) async fn witness(server: &Server, short_id: &str, of: &Member) -> Member {
    let role = of.role;
    let invite = if role == "patient" {
        let state = of.phone.read().await.expect("state");
        server.another_device(short_id, role, state.enrolled().expect("enrolled").enrolment.account)
    } else {
        server.invite_into(short_id, role)
    };
    let invite = invite.expect("invite");
    let url = format!("https://{}", server.authority());
    let member = Member::enrol(invite, url, server.ca().expect("ca"), role, 99).await;
    member.settle().await;
    member
}

/// What both show once they have settled. The newest one's membership is news for everybody, and the server writes of its
/// own what rules find, a moment later: what it wrote between two looks, both look at again.
async fn alike(member: &Member, newest: &Member) -> (Vec<RecordView>, Vec<RecordView>) {
    const LOOKS: u32 = 8;
    for _ in 1..LOOKS {
        newest.settle().await;
        member.settle().await;
        let (mine, theirs) = (member.seen().await, newest.seen().await);
        if mine == theirs {
            return (mine, theirs);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    (member.seen().await, newest.seen().await)
}

/// Every member shows what the server would send to somebody who begins today.
pub(crate) async fn compare(server: &Server, short_id: &str, members: &[Member]) {
    for member in members {
        let newest = witness(server, short_id, member).await;
        let (mine, theirs) = alike(member, &newest).await;
        let ids = |records: &[RecordView]| records.iter().map(|r| r.record).collect::<BTreeSet<_>>();
        assert!(ids(&mine) == ids(&theirs), "{}: other records than the server's", member.role);
        assert!(mine == theirs, "{}: the visible state is not the server's", member.role);
        member.agrees_with_the_server().await;
        let state = member.phone.read().await.expect("state");
        let circle = state.enrolled().expect("enrolled").device.circle(member.circle).expect("circle");
        let drafts: Vec<_> = circle.drafts().iter().map(|draft| draft.reason.clone()).collect();
        println!("{}: drafts {drafts:?}", member.role);
    }
    each_entry_once(&members[0], members).await;
}

/// After the storm: straight to the server, twice, so that what the last one sends reaches the first one; then every digest is the
/// server's, and every entry is there once. Members stand circle by circle, as they were made.
pub(crate) async fn all_end_equal(server: &Server, members: &[Member]) {
    let ca = server.ca().expect("ca");
    for member in members {
        member.is_reached_at(server.port(), &ca).await;
    }
    for _ in 0..2 {
        for member in members {
            member.settle().await;
        }
    }
    for here in members.chunks(ROLES.len()) {
        for member in here {
            member.agrees_with_the_server().await;
        }
        each_entry_once(&here[0], here).await;
    }
}

/// Whatever these people saved the patient's phone shows, each of it in one record.
async fn each_entry_once(patient: &Member, members: &[Member]) {
    assert_eq!(patient.role, "patient");
    let there = patient.seen().await;
    let made: Vec<_> = members.iter().flat_map(|member| &member.made).collect();
    assert!(!made.is_empty());
    for (record, text) in made {
        let says = |seen: &&RecordView| {
            let mut versions = seen.fields.iter().flat_map(|field| &field.versions);
            versions.any(|version| version.value.as_deref().is_some_and(|value| value.ends_with(text.as_bytes())))
        };
        let found: Vec<RecordId> = there.iter().filter(says).map(|seen| seen.record).collect();
        assert_eq!(found, [*record], "{text}");
    }
}

//! I9: real device cores against the real server, over a network that cuts connections, with the server killed under
//! them. At the end every device shows what the server has, every digest is equal, every outbox is empty, and every entry
//! that was not refused is there.

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
use osteon_proto::reasons::Reason;
use osteon_sync_core::{RecordId, lifecycle::State as Life};
use osteon_tests::{
    body,
    chaos::Relay,
    device::{self, now_ms},
    server::{STORES, Server, Setup, StoreKind},
    tools::count,
};
use tempfile::TempDir;

const ROLES: [&str; 4] = ["patient", "nurse", "physician", "physiotherapist"];
const ROUNDS: u64 = 3;

struct Member {
    phone: Phone,
    circle: u64,
    role: &'static str,
    made: Vec<RecordId>,
    dice: u64,
    _folder: TempDir,
}

impl Member {
    async fn enrol(invite: device::Invite, server: String, ca_pem: Vec<u8>, role: &'static str, seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let phone = Phone::open(folder.path(), Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("open");
        let invite = Invite {
            code: invite.code,
            short_id: invite.short_id,
            server,
            ca_pem,
            device_name: format!("{role} {seed}"),
        };
        phone.enrol(&invite).await.expect("enrol");
        let circle = phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle;
        Self { phone, circle, role, made: Vec::new(), dice: seed | 1, _folder: folder }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % n
    }

    /// Something that a person does, with or without a network.
    async fn act(&mut self) {
        let records = self.pains().await;
        let what = self.below(10);
        if records.is_empty() || what < 4 {
            let new =
                NewRecord { body: body::pain(self.below(11) as u32, now_ms()).to_vec(), label_choice: 0, record: None };
            let saved = self.phone.create(self.circle, &new, "").await.expect("create");
            self.made.push(saved.record);
            return;
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

    async fn seen(&self) -> Vec<RecordView> {
        let state = self.phone.read().await.expect("state");
        state.enrolled().expect("enrolled").view(self.circle, self.phone.now_ms()).expect("circle").records()
    }

    /// A round of work under a rough network: acts, and tries to sync in between.
    async fn round(mut self, steps: u64) -> Self {
        for _ in 0..steps {
            self.act().await;
            if self.below(2) == 0 {
                let _ = tokio::time::timeout(Duration::from_secs(5), self.phone.sync(silent())).await;
            }
        }
        self
    }

    /// Syncs until there is nothing more to send; the network is calm now.
    async fn settle(&self) {
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
}

/// The newest member of a circle in somebody's role (of the patient, whom there is once: another phone), who has seen nothing
/// but what the server sends today.
async fn witness(server: &Server, short_id: &str, of: &Member) -> Member {
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

async fn fleet(store: StoreKind, devices: usize) {
    let setup = Setup::on(store).expect("store").arg("--rate-limits").arg("off");
    let mut server = Server::start(setup).expect("server");
    let relay = Relay::start(server.address(), 7).await.expect("relay");
    let (url, ca) = (format!("https://localhost:{}", relay.port()), server.ca().expect("ca"));
    let direct = format!("https://{}", server.authority());
    let mut circles = Vec::new();
    let mut members = Vec::new();
    for n in 0..devices {
        let role = ROLES[n % ROLES.len()];
        let invite = if n % ROLES.len() == 0 {
            let invite = server.new_circle(role).expect("invite");
            circles.push(invite.short_id.clone());
            invite
        } else {
            server.invite_into(circles.last().expect("a circle"), role).expect("invite")
        };
        let member = Member::enrol(invite, direct.clone(), ca.clone(), role, n as u64 * 1_000 + 3).await;
        // From here on over the network that breaks.
        let moved = url.clone();
        let change = |state: &mut osteon_client::state::State| {
            state.enrolled_mut()?.enrolment.server.clone_from(&moved);
            Ok(())
        };
        member.phone.change(change).await.expect("address");
        members.push(member);
    }
    for round in 0..ROUNDS {
        let tasks: Vec<_> = members.drain(..).map(|member| tokio::spawn(member.round(6))).collect();
        tokio::time::sleep(Duration::from_millis(400 + 250 * round)).await;
        server.restart().expect("kill -9 and start");
        for task in tasks {
            members.push(task.await.expect("member"));
        }
    }
    relay.calm();
    // Twice: what the last one sends must reach the first one.
    for _ in 0..2 {
        for member in &members {
            member.settle().await;
        }
    }
    println!("{store:?}: {devices} devices, {} cut connections", relay.cuts());
    for (n, short_id) in circles.iter().enumerate() {
        let here = &members[n * ROLES.len()..((n + 1) * ROLES.len()).min(members.len())];
        compare(&server, short_id, here).await;
    }
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

async fn compare(server: &Server, short_id: &str, members: &[Member]) {
    let mut made = BTreeSet::new();
    for member in members {
        let newest = witness(server, short_id, member).await;
        let (mine, theirs) = alike(member, &newest).await;
        let ids = |records: &[RecordView]| records.iter().map(|r| r.record).collect::<BTreeSet<_>>();
        assert!(ids(&mine) == ids(&theirs), "{}: other records than the server's", member.role);
        assert!(mine == theirs, "{}: the visible state is not the server's", member.role);
        let state = member.phone.read().await.expect("state");
        let circle = state.enrolled().expect("enrolled").device.circle(member.circle).expect("circle");
        assert_eq!(circle.digest_mismatches(), 0, "{}: a digest differed", member.role);
        let drafts: Vec<_> = circle.drafts().iter().map(|draft| draft.reason.clone()).collect();
        assert!(circle.at_head() && circle.quarantined().is_empty());
        println!("{}: drafts {drafts:?}", member.role);
        made.extend(member.made.iter().copied());
    }
    let patient = &members[0];
    let there: BTreeSet<RecordId> = patient.seen().await.iter().map(|r| r.record).collect();
    assert_eq!(made.difference(&there).count(), 0, "entries are missing");
    assert!(!made.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_on_a_bad_network_ends_equal_sqlite() {
    fleet(STORES[0], count("OSTEON_DEVICES", 8) as usize).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_on_a_bad_network_ends_equal_postgres() {
    fleet(STORES[1], count("OSTEON_DEVICES", 8) as usize).await;
}

//! What was taken away stays away when the database is put back: the deny log, on both databases.

use std::{path::Path, sync::Arc};

use osteon_proto::{care, meta::Role, sync};
use osteon_server::{
    app::{denials, push, verify},
    deny::{Binding, Denial, DenyLog, FileLog},
    error::Reason,
};

use crate::{
    access::{decide, derived, grant, grant_id, remove, take_back},
    fixture::*,
    postgres::Postgres,
    redactions::{PAIN, kept, marked, redacted},
};

const GRANT: u32 = 263;

/// Databases that can be copied while nobody has them open.
enum Databases {
    Sqlite(tempfile::TempDir),
    Postgres(Postgres),
}

impl Databases {
    fn url(&self, name: &str) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join(name).display()),
            Self::Postgres(cluster) => cluster.named(name),
        }
    }

    fn create(&self, name: &str) -> String {
        match self {
            Self::Sqlite(_) => self.url(name),
            Self::Postgres(cluster) => cluster.url(name),
        }
    }

    fn copy(&self, from: &str, to: &str) -> String {
        match self {
            Self::Sqlite(folder) => {
                std::fs::copy(folder.path().join(from), folder.path().join(to)).expect("copied");
            }
            Self::Postgres(cluster) => cluster.copy(from, to),
        }
        self.url(to)
    }
}

fn keep(kit: &Kit, path: &Path) -> Arc<dyn DenyLog> {
    let binding = Binding::new(kit.app.secrets.deny_key(), kit.app.server_id);
    let log: Arc<dyn DenyLog> = Arc::new(FileLog::open_or_create(path, binding).expect("log"));
    kit.app.store.deny_to(Arc::clone(&log));
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_away_stays_away_on_sqlite() {
    stays_away(Databases::Sqlite(tempfile::tempdir().expect("folder"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_away_stays_away_on_postgres() {
    stays_away(Databases::Postgres(Postgres::start())).await;
}

async fn stays_away(databases: Databases) {
    let folder = tempfile::tempdir().expect("folder");
    let kit = Kit::at(&databases.create("first")).await;
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse, Role::Physician]).await;
    let other = kit.circle("d0002", &[Role::Patient]).await;
    let (carer, physician) = (circle.people[1], circle.people[3]);
    let mut patient = kit.phone(&circle, 0, Role::Patient).await;
    let lost = kit.phone(&circle, 2, Role::Nurse).await;
    decide(&kit, &patient.caller, circle.no, carer, care::Decision::Allow).await;
    decide(&kit, &patient.caller, circle.no, physician, care::Decision::Allow).await;
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let entry = id_of(&kit.create(&patient.caller, circle.no, 101, &pain).await.expect("made"));
    let number =
        field(&kit.get(&patient.caller, circle.no, grant_id(circle.no, carer)).await.expect("grant"), "decision").field;
    let allowed =
        dots(&kit.get(&patient.caller, circle.no, grant_id(circle.no, carer)).await.expect("grant"), "decision");
    kit.app.store.close().await;
    let backup = databases.copy("first", "backup");

    // After the backup.
    let kit = Kit::at(&databases.url("first")).await;
    let log = keep(&kit, &folder.path().join("deny.log"));
    let deny = care::Grant { decision: Some(care::Decision::Deny.into()), ..Default::default() };
    let change = kit.change(vec![edit(grant_id(circle.no, carer), GRANT, &deny, number, allowed)]);
    let sent = kit.request(&patient, circle.no, 1, vec![change]);
    sequence(&kit.send(&patient, sent.clone()).await[0]);
    patient.lanes[1].next += 1;
    remove(&kit, &kit.person(circle.people[2]), circle.no, physician, Role::Physician).await;
    kit.app.store.revoke_device(lost.caller.device).await.expect("revoked");
    assert!(denials::erase(&kit.app, other.no, NOW).await.expect("erased"));
    let late = kit.circle("d0003", &[Role::Patient]).await;
    assert!(denials::erase(&kit.app, late.no, NOW).await.expect("erased"));
    let entries = log.read().await.expect("read");
    let count = |kind: fn(&Denial) -> bool| entries.iter().filter(|entry| kind(&entry.denial)).count();
    assert_eq!(count(|d| matches!(d, Denial::Access { .. })), 2);
    assert_eq!(count(|d| matches!(d, Denial::Device(_))), 1);
    assert_eq!(count(|d| matches!(d, Denial::Erased { .. })), 2);
    assert_eq!(entries.len(), 5, "an ALLOW and a founding deny nothing");
    assert_eq!(kit.app.store.denied().await.expect("count"), 5);

    // The backup alone revives all of it; with the log nothing of it.
    let kit = Kit::at(&backup).await;
    let reads = async |kit: &Kit, account| kit.get(&kit.person(account), circle.no, entry).await.is_ok();
    assert!(reads(&kit, carer).await && reads(&kit, physician).await);
    let done = denials::replay(&kit.app, &entries).await.expect("replayed");
    assert_eq!((done.access, done.devices, done.erased), (2, 1, 1));
    assert_eq!(denials::replay(&kit.app, &entries).await.expect("replayed"), denials::Replayed::default());
    assert!(!reads(&kit, carer).await && !reads(&kit, physician).await);
    // The new epoch: what is past a chain of an earlier one may be named, for a restored server has lost its change.
    kit.app.store.raise_epoch(2).await.expect("epoch");
    kit.app.set_epoch(2);
    let sent = sync::PushRequest { epoch: 2, replica_epoch: 1, ..sent };
    assert!(kit.app.store.device(lost.caller.device).await.expect("device").expect("known").revoked);
    assert_eq!(reason(kit.get(&kit.person(other.people[0]), other.no, entry).await), Reason::NotFound);
    let to_erased = sync::PushRequest { circle: other.no, ..sent.clone() };
    let member = kit.person(other.people[0]);
    let told = push::push(&kit.app, &member, to_erased.clone(), 1).await.expect("told");
    assert_eq!(said(&told.verdicts[0]), "ERASED");
    let stranger = push::push(&kit.app, &patient.caller, to_erased, 1).await;
    assert_eq!(reason(stranger), Reason::NotFound, "an erased circle never was, for anybody else");

    // A later grant is not ended by the old entry, neither by the log nor by the change itself when it comes again.
    decide(&kit, &patient.caller, circle.no, carer, care::Decision::Allow).await;
    take_back(&kit, &kit.person(circle.people[2]), circle.no, physician, Role::Physician).await;
    assert!(reads(&kit, carer).await && reads(&kit, physician).await);
    kit.app.store.close().await;
    let kit = Kit::at(&databases.copy("backup", "second")).await;
    assert_eq!(denials::replay(&kit.app, &entries).await.expect("replayed").access, 0);
    assert!(reads(&kit, carer).await && reads(&kit, physician).await);
    sequence(&kit.send(&patient, sent).await[0]);
    assert!(reads(&kit, carer).await, "the denial came again under its own dot, which the later grant had named");
    // And consent still works.
    let id = derived(circle.no, GRANT, &grant(circle.no, carer, care::Decision::Allow)).record;
    assert_eq!(id.as_ref(), grant_id(circle.no, carer));
    decide(&kit, &patient.caller, circle.no, carer, care::Decision::Deny).await;
    assert!(!reads(&kit, carer).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_redacted_stays_redacted_on_sqlite() {
    stays_redacted(Databases::Sqlite(tempfile::tempdir().expect("folder"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_redacted_stays_redacted_on_postgres() {
    stays_redacted(Databases::Postgres(Postgres::start())).await;
}

/// Also in a backup from before the version, when a phone that has not heard of it sends it again.
async fn stays_redacted(databases: Databases) {
    let folder = tempfile::tempdir().expect("folder");
    let kit = Kit::at(&databases.create("first")).await;
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    kit.app.store.close().await;
    let before = databases.copy("first", "before");
    let kit = Kit::at(&databases.url("first")).await;
    let id = kit.id();
    let sent = kit.request(&phone, circle.no, 0, vec![kit.change(vec![create(id, PAIN, &marked(7))])]);
    sequence(&kit.send(&phone, sent.clone()).await[0]);
    kit.app.store.close().await;
    let with = databases.copy("first", "with");
    let kit = Kit::at(&databases.url("first")).await;
    let log = keep(&kit, &folder.path().join("deny.log"));
    let dot = wire_dot(&phone, 0, 1);
    redacted(&kit, &nurse, circle.no, id, dot).await.expect("redacted");
    let entries = log.read().await.expect("read");
    assert!(matches!(&entries[..], [one] if matches!(one.denial, Denial::Gone { dot: Some(_), .. })));

    for (backup, has_it) in [(with, true), (before, false)] {
        let kit = Kit::at(&backup).await;
        assert_eq!(kept(&kit, &nurse, circle.no).await > 0, has_it);
        assert_eq!(denials::replay(&kit.app, &entries).await.expect("replayed").gone, 1);
        assert_eq!(denials::replay(&kit.app, &entries).await.expect("replayed"), denials::Replayed::default());
        assert_eq!(kept(&kit, &nurse, circle.no).await, 0);
        kit.app.store.raise_epoch(2).await.expect("epoch");
        kit.app.set_epoch(2);
        let again = sync::PushRequest { epoch: 2, replica_epoch: 1, ..sent.clone() };
        sequence(&kit.send(&phone, again).await[0]);
        assert_eq!(kept(&kit, &nurse, circle.no).await, 0, "it does not come back by its phone");
        let view = kit.get(&nurse, circle.no, id).await.expect("the record is there");
        assert!(view.fields.is_empty() && view.time.is_none(), "with nothing in it");
        verify::whole(&kit.app).await.expect("digests are right");
    }
}

//! Revocation: everything that can be taken back, at every moment at which it can be. One table names the scenarios; each
//! runs on the memory store, on SQLite and on PostgreSQL, with the real state machine of a device on the reader's side and
//! the server's real use cases in the place of the network.
//!
//! What must hold after the revoking commit: not one byte of what was revoked leaves on any way out ([`exits`]), and a
//! device that is reached keeps nothing of it in any of its layers ([`flows`]).

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

#[allow(dead_code)]
#[path = "../use_cases/access.rs"]
mod access;
#[path = "../store_conformance/all.rs"]
mod all;
mod depths;
mod derived;
mod exits;
#[allow(dead_code)]
#[path = "../use_cases/fixture.rs"]
mod fixture;
mod flows;
mod phone;
#[allow(dead_code)]
#[path = "../store_conformance/postgres.rs"]
mod postgres;
mod world;

use std::collections::BTreeSet;

use fixture::Kit;
use world::World;

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A category, from everybody in a role.
    Role,
    /// A category, from one member.
    Category,
    /// The same, from the patient's phone, which was offline when it was decided.
    CategoryOffline,
    /// One entry: it moves to a category that the reader has not.
    Record,
    /// A caregiver leaves the circle.
    Member,
    /// An enrolled device.
    Device,
    /// A grant reaches its end, and the circle says so.
    Expiry,
    /// A grant reaches its end, and nobody has come to say so.
    ExpiryUnsaid,
}

/// What the reader is doing meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Offline, with everything on the device.
    Offline,
    /// Between two pages of a pull.
    MidPage,
    /// In an open stream, reading slowly.
    MidStream,
    /// In a series of charts, between two of its messages.
    MidSeries,
    /// Watching alerts, with everything told that stands.
    MidAlerts,
    /// A push was processed and its answer is lost.
    BetweenPushAndAcknowledgement,
    /// The device's program dies at each step of the sync that erases.
    CrashAtEachStep,
    /// Erased, granted again, taken back again.
    GrantedAgain,
    /// The page that erases is late: it arrives after it was granted again.
    LatePurge,
    /// A clone of the device has the same data and numbers.
    Twin,
    /// The device comes back from a backup that was made before.
    RestoredDevice,
    /// Edits of what is taken back wait in the outbox.
    Outbox,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) when: When,
}

/// The table: a row for each thing that can be taken back, a column for each moment.
macro_rules! scenarios {
    ($($what:ident: $($when:ident),+;)+) => {
        &[$($(Scenario { name: concat!(stringify!($what), " × ", stringify!($when)), what: What::$what, when: When::$when }),+),+]
    };
}

const SCENARIOS: &[Scenario] = scenarios! {
    Role: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Category: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    CategoryOffline: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge,
        Twin, RestoredDevice, Outbox;
    Record: Offline, MidPage, MidStream, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Member: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Device: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Expiry: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    ExpiryUnsaid: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge,
        Twin, RestoredDevice, Outbox;
};

/// Names the scenario that was running when an assertion failed.
struct Named(&'static str);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("scenario: {}", self.0);
        }
    }
}

async fn run_all(kit: &Kit) {
    let only = std::env::var("OSTEON_SCENARIO").unwrap_or_default();
    for (n, scenario) in SCENARIOS.iter().enumerate().filter(|(_, s)| s.name.contains(&only)) {
        let _named = Named(scenario.name);
        let world = World::new(kit, n, scenario.what).await;
        flows::run(world, scenario).await;
    }
    let _named = Named("depth");
    depths::run(kit).await;
}

#[test]
fn the_table_is_whole() {
    let names: BTreeSet<_> = SCENARIOS.iter().map(|s| s.name).collect();
    assert_eq!(names.len(), SCENARIOS.len(), "each scenario has its own name");
    assert!(SCENARIOS.len() >= 60, "{} scenarios", SCENARIOS.len());
}

#[tokio::test]
async fn on_memory() {
    run_all(&Kit::memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    run_all(&Kit::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let cluster = postgres::Postgres::start();
    run_all(&Kit::postgres(&cluster, "revocation").await).await;
}

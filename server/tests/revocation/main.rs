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
mod table;
mod world;

use std::collections::BTreeSet;

use fixture::Kit;
use table::{Named, SCENARIOS};
pub(crate) use table::{Scenario, What, When};
use world::World;

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

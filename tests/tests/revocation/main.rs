//! The revocation scenarios of server/tests/revocation/ again, with the phone that apps embed on the reader's side: its
//! SQLite file, sealed parts, outbox, drafts, kept saves, search index, over TLS and HTTP/2. World, flows and checks are the
//! same files; [`phone`] takes the place of the bare state machine.
//!
//! Beside what every reader must hold, nothing of what was erased is left in the phone's files: no item opens to it, and the
//! sealed bytes that held it are neither in free pages nor in the write-ahead log.

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

#[allow(dead_code)]
#[path = "../../../server/tests/use_cases/access.rs"]
mod access;
#[path = "../../../server/tests/store_conformance/all.rs"]
mod all;
mod away;
#[path = "../../../server/tests/revocation/derived.rs"]
mod derived;
mod enrolled;
#[path = "../../../server/tests/revocation/exits.rs"]
mod exits;
#[allow(dead_code)]
#[path = "../../../server/tests/use_cases/fixture.rs"]
mod fixture;
#[path = "../../../server/tests/revocation/flows.rs"]
mod flows;
mod line;
mod live;
mod phone;
#[allow(dead_code)]
#[path = "../../../server/tests/store_conformance/postgres.rs"]
mod postgres;
mod raw;
#[path = "../../../server/tests/revocation/table.rs"]
mod table;
#[path = "../../../server/tests/revocation/world.rs"]
mod world;

use fixture::Kit;
use table::{Named, SCENARIOS};
pub(crate) use table::{Scenario, What, When};
use world::World;

/// No phone keeps a chart or a watch of alerts: these are about the server's ways out alone.
fn is_the_servers(scenario: &Scenario) -> bool {
    matches!(scenario.when, When::MidSeries | When::MidAlerts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_phones_own_store() {
    let kit = Kit::memory().await;
    let only = std::env::var("OSTEON_SCENARIO").unwrap_or_default();
    let (mut ran, mut left) = (0, 0);
    for (n, scenario) in SCENARIOS.iter().enumerate().filter(|(_, s)| s.name.contains(&only)) {
        if is_the_servers(scenario) {
            left += 1;
            continue;
        }
        let _named = Named(scenario.name);
        let world = World::new(&kit, n, scenario.what).await;
        match scenario.when {
            When::MidStream => live::mid_stream(world).await,
            _ => flows::run(world, scenario).await,
        }
        ran += 1;
    }
    println!("{ran} scenarios on the phone's own store; {left} are the server's alone (series, watched alerts)");
    assert!(!only.is_empty() || ran >= 60, "{ran} scenarios");
}

//! Simulated fleets over the pure core and a store in memory: seeded, replayable.
//!
//! `OSTEON_SEEDS=n` runs more fleets; a failing run prints its seed, `OSTEON_SEED=n` replays it alone. Each bug of
//! PROTOCOL's list is planted once and must be found; the numbers of seeds that it took are printed (`--nocapture`).

mod chance;
mod memory;
mod net;
mod oracle;
mod parts;
mod phone;
mod schemas;
mod server;
mod world;

use osteon_sync_core::faults::Fault;
use world::World;

/// Events of one run before everything is healed.
const STEPS: u32 = 300;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SimFault {
    CursorBeforePage,
    SequenceBeforeCommit,
    AckedBeforeDurable,
    CachedScope,
    RestoreWithoutEpoch,
    OffersIgnored,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plant {
    Core(Fault),
    Sim(SimFault),
}

/// What is planted, and a bound on the seeds that it takes to be found.
const PLANTS: [(&str, Plant); 17] = [
    ("cursor stored before its page", Plant::Sim(SimFault::CursorBeforePage)),
    ("chain not advanced on refusal", Plant::Core(Fault::ChainNotAdvancedOnRefusal)),
    ("page splits a commit", Plant::Core(Fault::PageSplitsCommit)),
    ("backfill without snapshot", Plant::Core(Fault::BackfillWithoutSnapshot)),
    ("pending dropped at acknowledgement", Plant::Core(Fault::PendingDroppedAtAck)),
    ("processed pending re-applied", Plant::Core(Fault::ProcessedPendingReapplied)),
    ("numbers given again instead of aliases", Plant::Core(Fault::NumbersWithoutAliases)),
    ("sequence taken before commit", Plant::Sim(SimFault::SequenceBeforeCommit)),
    ("acknowledged before durable", Plant::Sim(SimFault::AckedBeforeDurable)),
    ("cached scope", Plant::Sim(SimFault::CachedScope)),
    ("restore without epoch", Plant::Sim(SimFault::RestoreWithoutEpoch)),
    ("offers ignored", Plant::Sim(SimFault::OffersIgnored)),
    ("verdict not kept", Plant::Core(Fault::VerdictNotKept)),
    ("purge as a message", Plant::Core(Fault::PurgeAsMessage)),
    ("kept own changes not erased", Plant::Core(Fault::KeptNotErased)),
    ("no \"gone\" marks", Plant::Core(Fault::NoGoneMarks)),
    ("change coalesced after it was sent", Plant::Core(Fault::CoalescedAfterSent)),
];

#[expect(
    clippy::disallowed_methods,
    reason = "the counts of the tests come from the environment, the core's inputs do not"
)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, plant: Option<Plant>) -> Option<String> {
    let mut world = World::new(seed, plant);
    world.run(STEPS);
    oracle::look(&world)
}

/// I5–I9 over whole fleets.
#[test]
fn fleets_come_together_and_lose_nothing() {
    let seeds = match setting("OSTEON_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("OSTEON_SEEDS").unwrap_or(150),
    };
    let mut failed = vec![];
    for seed in seeds.clone() {
        if let Some(found) = run(seed, None) {
            println!("seed {seed}: {found}  (replay: OSTEON_SEED={seed} cargo test -p osteon-sync-core --test fleet)");
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "{} of {} fleets went wrong: {failed:?}", failed.len(), seeds.end - seeds.start);
}

#[test]
fn every_planted_bug_is_found() {
    let bound = setting("OSTEON_SEEDS").unwrap_or(0).max(400);
    let mut missed = vec![];
    for (name, plant) in PLANTS {
        // A seed counts only if the sound model is clean on it.
        let found = (0..bound).find_map(|seed| {
            let what = run(seed, Some(plant))?;
            run(seed, None).is_none().then_some((seed, what))
        });
        match found {
            Some((seed, what)) => println!("{name}: {} seeds ({what})", seed + 1),
            None => missed.push(name),
        }
    }
    assert!(missed.is_empty(), "not found in {bound} seeds: {missed:?}");
}

//! Many phones, each with a server that loses answers, has too much to do, says LATER, and each closed or cut off now and
//! then: in the end every entry is there once. `OSTEON_PHONES`: how many; `OSTEON_SEED`: where to begin.

use std::{sync::Arc, time::Duration};

use crate::enrolled::{CIRCLE, NOW, body, enrolled_by};
use crate::stand_in::{Say, StandIn};
use osteon_client::{Phone, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord};
use osteon_proto::{care, meta};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

const STEPS: u32 = 40;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

async fn save(phone: &Phone, worst: u32) {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap();
}

async fn one(seed: u64) {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let clock = Arc::new(SetClock::at(NOW));
    let mut phone = enrolled_by(dir.path(), meta::Role::Patient, Arc::clone(&clock)).await;
    server.serve(&phone).await;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut saved = 0;
    for step in 0..STEPS {
        match random.next_u32() % 8 {
            0..=2 => {
                save(&phone, random.next_u32() % 11).await;
                saved += 1;
            }
            3 => server.say([Say::Accept, Say::Lose, Say::Busy, Say::Later][(random.next_u32() % 4) as usize]),
            4 => drop(phone.sync(silent()).await),
            5 => drop(phone.catch_up(Duration::from_millis(u64::from(random.next_u32() % 60)), silent()).await),
            6 => {
                phone.close().await;
                let ids = Arc::new(SeededIds::new(seed ^ u64::from(step)));
                phone = Phone::open(dir.path(), Arc::clone(&clock) as _, ids).await.unwrap();
            }
            _ => clock.advance(61_000),
        }
    }
    server.say(Say::Accept);
    clock.advance(61_000);
    phone.sync(silent()).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let status = phone.status().await.unwrap();
    assert_eq!((status.to_send, status.damage), (0, None), "seed {seed}");
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips, books.accepted_changes()), (0, 0, saved), "seed {seed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_with_every_kind_of_bad_luck_lose_nothing_and_send_nothing_twice() {
    let first = number("OSTEON_SEED", 1);
    let phones: Vec<_> = (first..first + number("OSTEON_PHONES", 8)).map(|seed| tokio::spawn(one(seed))).collect();
    for phone in phones {
        phone.await.unwrap();
    }
}

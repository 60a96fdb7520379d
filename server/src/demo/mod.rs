//! The demo clinic: six fictional patients with ninety days behind them, and phones that stay alive.
//!
//! [`seed`] makes the ninety days with the real device core and the real use cases, in this process, under a clock that
//! walks from ninety days ago to now: so receipt times, late arrivals and silence are true and not painted. No SQL, no
//! public API. [`alive`] then keeps phones as processes of their own and tells what they do. Refused outside a demo data
//! directory.

pub(crate) mod alive;
pub(crate) mod children;
mod clinic;
pub(crate) mod desk;
mod device;
mod journal;
pub(crate) mod lines;
mod patients;
mod people;
mod records;
mod stories;
mod taken_back;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use osteon_sync_core::RecordId;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    app::{App, alerts::due},
    clock::SetClock,
    store::CircleNo,
};
use clinic::Clinic;
use journal::DAY_MS;
use people::Who;

pub(crate) use people::STORIES;

/// The field of the exercise plan that the story is about.
const FIELD: &str = "max_minutes_session";
/// How far back the walk begins.
pub const DAYS: u64 = 90;
const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;

/// What the seed made, for whoever shows it.
pub struct Seeded {
    /// D-0001's circle, its exercise plan, and the patient's account.
    pub circle: CircleNo,
    pub exercise_plan: RecordId,
    pub records: u32,
    /// The phones that will live on as processes: the patient's, the physiotherapist's, the daughter's.
    pub phones: Vec<Phone>,
    /// The clinicians who will live on at desks: the physiotherapist, the nurse.
    pub desks: Vec<Phone>,
}

/// Somebody who gets one more device, to live on as a process.
#[derive(Clone)]
pub struct Phone {
    pub name: &'static str,
    pub who: String,
    pub circle: CircleNo,
    pub short_id: &'static str,
    pub account: u64,
    pub role: u8,
}

/// Seeds an empty store. `clock` is the app's own; it ends at `now_ms`.
pub async fn seed(app: Arc<App>, clock: Arc<SetClock>, now_ms: u64, seed: u64) -> anyhow::Result<Seeded> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let first_ms = now_ms / DAY_MS * DAY_MS - DAYS * DAY_MS;
    clock.set(first_ms + 10 * HOUR_MS);
    let mut clinic = Clinic::found(Arc::clone(&app), Arc::clone(&clock), seed).await?;
    let plans = stories::first_day(&mut clinic).await?;
    let others = patients::first_day(&mut clinic, plans.of_kidneys).await?;
    let mut records = 0;
    for day in 0..DAYS {
        let day_ms = first_ms + day * DAY_MS;
        for n in 1..=6 {
            // The phone writes as the day goes; what it writes is made at the end of it.
            clock.set(day_ms + 20 * HOUR_MS + u64::from(n) * MINUTE_MS);
            records += journal::write_day(&mut clinic, &mut rng, n, day_ms)?;
            if hears(n, day) {
                clinic.sync(Who::Patient(n)).await?;
            }
        }
        clock.set(day_ms + 21 * HOUR_MS);
        stories::evening(&mut clinic, &plans, day, DAYS - 1).await?;
        patients::evening(&mut clinic, &others, DAYS - 1 - day).await?;
    }
    clock.set(now_ms.max(first_ms + DAYS * DAY_MS) - 9 * HOUR_MS);
    stories::the_fall(&mut clinic).await?;
    clock.set(now_ms - 30 * MINUTE_MS);
    stories::this_morning(&mut clinic).await?;
    patients::the_fall_is_seen_to(&mut clinic).await?;
    clinic.sync(Who::Patient(1)).await?;
    stories::ten_minutes_ago(&mut clinic, now_ms).await?;
    clock.set(now_ms);
    // What time alone brought by now, before anybody looks.
    due::sweep(&app).await?;
    let circle = clinic.circle(1)?;
    let phones =
        alive_as(&clinic, circle, &[("p1", Who::Patient(1)), ("pt-q", Who::PhysioQ), ("cg", Who::Daughter(1))]);
    let desks = alive_as(&clinic, circle, &[("pt-p", Who::PhysioP), ("nurse", Who::Nurse)]);
    Ok(Seeded { circle, exercise_plan: plans.exercise, records, phones, desks })
}

/// Whether a phone has the network on a day. D-0003's falls silent three days before the end; D-0002's and D-0006's come
/// by every few days.
fn hears(n: u8, day: u64) -> bool {
    match n {
        3 => day + 4 < DAYS,
        2 | 5 => day.is_multiple_of(2) || day + 2 > DAYS,
        4 => day.is_multiple_of(3),
        6 => day.is_multiple_of(7),
        _ => true,
    }
}

fn alive_as(clinic: &Clinic, circle: CircleNo, who: &[(&'static str, Who)]) -> Vec<Phone> {
    let phone = |(name, who): &(&'static str, Who)| {
        let account = *clinic.accounts.get(who)?;
        let role = u8::try_from(who.role() as i32).ok()?;
        Some(Phone { name, who: who.name(), circle, short_id: "d0001", account, role })
    };
    who.iter().filter_map(phone).collect()
}

//! Ninety days of journal: what each patient writes on a day, drawn from a seed.

use osteon_proto::care;
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;

use super::{
    clinic::Clinic,
    people::Who,
    records::{manual, moment},
};

pub(super) const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;

/// A number from `from` to `to`, both included.
pub(super) fn draw(rng: &mut ChaCha20Rng, from: u32, to: u32) -> u32 {
    from + rng.next_u32() % (to - from + 1)
}

fn chance(rng: &mut ChaCha20Rng, of_ten: u32) -> bool {
    draw(rng, 1, 10) <= of_ten
}

/// How a patient lives: what is written on how many days of ten.
struct Habits {
    pain: u32,
    site: &'static str,
    least: u32,
    worst: u32,
    walk: u32,
    meals: u32,
    appetite: (u32, u32),
}

fn habits(n: u8) -> Habits {
    let plain = Habits { pain: 5, site: "lumbar", least: 1, worst: 4, walk: 5, meals: 5, appetite: (4, 8) };
    match n {
        1 => Habits { pain: 10, site: "thigh", least: 2, worst: 5, walk: 7, meals: 9, ..plain },
        2 => Habits { pain: 6, site: "thoracic", least: 2, worst: 5, walk: 4, ..plain },
        3 => Habits { pain: 4, site: "pelvis", ..plain },
        4 => Habits { pain: 3, site: "humerus", walk: 3, meals: 6, appetite: (1, 4), ..plain },
        5 => Habits { pain: 3, site: "rib", walk: 6, ..plain },
        _ => Habits { pain: 4, site: "sacral", walk: 0, meals: 2, appetite: (1, 5), ..plain },
    }
}

/// Writes one day of one patient on their phone. `day_ms` is its midnight; nothing later than now is written.
pub(super) fn write_day(clinic: &mut Clinic, rng: &mut ChaCha20Rng, n: u8, day_ms: u64) -> anyhow::Result<u32> {
    let (habits, who) = (habits(n), Who::Patient(n));
    let mut written = 0;
    if chance(rng, habits.pain) {
        let worst = draw(rng, habits.least, habits.worst);
        let entry = care::PainEntry {
            effective_start: moment(day_ms + at(rng, 8, 20)),
            source: manual(),
            worst_24h: Some(worst),
            least_24h: Some(draw(rng, 0, worst)),
            now: Some(draw(rng, 0, worst)),
            site: vec![habits.site.to_owned()],
            ..Default::default()
        };
        clinic.write(n, who, &entry)?;
        written += 1;
    }
    if chance(rng, habits.walk) {
        let entry = care::ActivitySession {
            effective_start: moment(day_ms + at(rng, 9, 18)),
            source: manual(),
            kind: vec![care::ActivityKind::Walk.into()],
            duration: Some(draw(rng, 10, 40)),
            rpe: Some(10 * draw(rng, 2, 5)),
            pain_during_max: Some(draw(rng, 0, habits.worst)),
            stop_reason: Some(care::StopReason::Completed.into()),
            ..Default::default()
        };
        clinic.write(n, who, &entry)?;
        written += 1;
    }
    for (kind, hour) in [(care::MealKind::Breakfast, 7), (care::MealKind::Dinner, 18)] {
        if chance(rng, habits.meals) {
            let when_ms = day_ms + at(rng, hour, hour + 1);
            meal(clinic, rng, n, when_ms, kind, habits.appetite)?;
            written += 1;
        }
    }
    Ok(written)
}

fn meal(
    clinic: &mut Clinic,
    rng: &mut ChaCha20Rng,
    n: u8,
    when_ms: u64,
    kind: care::MealKind,
    appetite: (u32, u32),
) -> anyhow::Result<()> {
    const FOODS: [&str; 8] = ["oats", "yoghurt", "lentils", "rice", "salmon", "bread", "eggs", "apple"];
    let portions = [care::PortionEaten::Half, care::PortionEaten::ThreeQuarters, care::PortionEaten::All];
    let appetite = draw(rng, appetite.0, appetite.1);
    // Who has little appetite leaves more on the plate.
    let most = if appetite < 4 { 1 } else { 2 };
    let portion = portions[draw(rng, 0, most) as usize];
    let food = |rng: &mut ChaCha20Rng| FOODS[draw(rng, 0, 7) as usize].to_owned();
    let item = |n: u32, rng: &mut ChaCha20Rng| care::MealItem {
        n: Some(n),
        food_id: Some(food(rng)),
        amount_g: Some(10 * draw(rng, 50, 250)),
    };
    let entry = care::Meal {
        when: moment(when_ms),
        source: manual(),
        meal_kind: Some(kind.into()),
        items: vec![item(1, rng), item(2, rng)],
        portion_eaten: Some(portion.into()),
        appetite: Some(appetite),
        ..Default::default()
    };
    clinic.write(n, Who::Patient(n), &entry)?;
    Ok(())
}

/// A time of the day between two hours.
fn at(rng: &mut ChaCha20Rng, from: u64, to: u64) -> u64 {
    from * HOUR_MS + u64::from(rng.next_u32()) % ((to - from) * HOUR_MS)
}

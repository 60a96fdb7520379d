//! What rules cost: those that one entry concerns, over the 90 days that are kept for them, and all rules over two years.

use criterion::{Criterion, criterion_group, criterion_main};
use osteon_care_core::{facts::*, rules::*};
use osteon_sync_core::RecordId;

fn main_day() -> Day {
    Day::parse("2026-03-15").expect("a day")
}

fn now() -> Instant {
    Instant { ms: i64::from(main_day().0) * DAY_MS + 12 * HOUR_MS, offset_min: 60 }
}

struct Ids(u64);

impl Ids {
    fn entry<T>(&mut self, days: i64, is: T) -> Entry<T> {
        self.0 += 1;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.0.to_be_bytes());
        let at = now().plus_ms(-days * DAY_MS);
        Entry {
            id: Id(RecordId(id)),
            at: at.into(),
            received: Some(at),
            by: Some(Role::Patient),
            out_of_range: false,
            is,
        }
    }
}

/// A person who writes every day: pain, a symptom, three meals, two drinks, three intakes, a session; a weight a week,
/// results and a dose a month.
fn journal(days: i64) -> Facts {
    let mut facts = Facts { risk: Some(Risk { birth: Day(0).into(), ..Risk::default() }), ..Facts::default() };
    let mut ids = Ids(0);
    for day in 0..days {
        let level = u8::try_from(day % 6).expect("small");
        let pain =
            Pain { worst: level.into(), sites: [Site::Hip].into(), new_or_worse: false.into(), ..Pain::default() };
        facts.pains.push(ids.entry(day, pain));
        let item = [9, 39, 53, 52][usize::try_from(day % 4).expect("small")];
        let graded = Live::One(1);
        let symptom = Symptom {
            item: item.into(),
            frequency: graded.clone(),
            severity: graded.clone(),
            interference: graded,
            new_or_worse: false.into(),
            ..Symptom::default()
        };
        facts.symptoms.push(ids.entry(day, symptom));
        for _ in 0..3 {
            let meal = Meal { calcium_mg_milli: 300_000.into(), portion: Portion::Half.into(), ..Meal::default() };
            facts.meals.push(ids.entry(day, meal));
            let intake =
                Intake { kinds: [Product::Calcium].into(), status: IntakeStatus::Taken.into(), ..Intake::default() };
            facts.intakes.push(ids.entry(day, intake));
        }
        for _ in 0..2 {
            facts.fluids.push(ids.entry(day, Fluid { volume_ml: 400.into(), ..Fluid::default() }));
        }
        facts.activities.push(ids.entry(day, Activity { duration_min: 20.into(), ..Activity::default() }));
        if day % 7 == 0 {
            facts.weights.push(ids.entry(day, Weight { weight_g: 70_000.into(), ..Weight::default() }));
        }
        if day % 28 == 0 {
            let lab =
                |analyte: Analyte, value: i64| Lab { analyte: analyte.into(), value: value.into(), ..Lab::default() };
            facts.labs.push(ids.entry(day, lab(Analyte::CalciumAdjusted, 23_000)));
            facts.labs.push(ids.entry(day, lab(Analyte::Creatinine, 800_000)));
            let dose = Dose { agent: Agent::Zoledronate.into(), dose_mg_milli: 4_000.into(), ..Dose::default() };
            facts.doses.push(ids.entry(day, dose));
        }
    }
    facts.bone_plans.push(BonePlan {
        agent: Agent::Zoledronate.into(),
        interval_d: 28.into(),
        status: BoneStatus::Active.into(),
        ..BonePlan::default()
    });
    facts.ordered()
}

fn rules(c: &mut Criterion) {
    let set = RuleSet::parse(BUILT_IN.as_bytes(), main_day().plus(365)).expect("the rule set that is built in");
    let settings = Settings::default();
    let (season, years) = (journal(90), journal(730));
    for record in ["J01", "J02", "J05", "J20"] {
        let newest = match record {
            "J01" => season.pains.iter().map(|entry| entry.id).min(),
            "J02" => season.symptoms.iter().map(|entry| entry.id).min(),
            "J05" => season.intakes.iter().map(|entry| entry.id).min(),
            _ => season.labs.iter().map(|entry| entry.id).min(),
        };
        let changed = Changed::new(newest, main_day(), main_day());
        c.bench_function(&format!("rules that one entry of {record} concerns, 90 days kept"), |b| {
            b.iter(|| evaluate_changed(&set, &[record], &changed, &season, now(), &settings))
        });
    }
    c.bench_function("all rules over 2 years", |b| b.iter(|| evaluate(&set, None, &years, now(), &settings)));
    c.bench_function("reading the rule set", |b| {
        b.iter(|| RuleSet::parse(BUILT_IN.as_bytes(), main_day().plus(365)).map(|_| ()))
    });
}

criterion_group!(benches, rules);
criterion_main!(benches);

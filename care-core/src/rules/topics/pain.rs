//! Pain: strong, rising, not controlled, rescue doses at their limit, more interference.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Finding, Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::words,
    drugs::taken,
};
use crate::facts::{DAY_MS, Day, Entry, Id, Intake, LesionStatus, Pain, Product, Site};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-PAIN-1", severe),
    ("R-PAIN-2", rising),
    ("R-PAIN-3", uncontrolled),
    ("R-PAIN-4", rescue),
    ("R-PAIN-5", interference),
];

/// R-PAIN-1. Pain that stays strong at a place is one alert, not one for each entry.
fn severe(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    let cut = cx.threshold("severe_pain_nrs");
    for entry in cx.own(&facts.pains) {
        cx.judge_on(entry, |_, v| {
            let strong = v.any(Input::PainWorst, &entry.worst, |nrs| i64::from(*nrs) >= cut);
            Found::when(strong, || {
                v.reads(Input::PainSite);
                let nrs = entry.worst.known().max().copied().unwrap_or_default();
                let site = words(&entry.sites.known);
                fires().of_person().mark(site.clone()).fill("nrs", nrs).fill("site", site)
            })
        });
    }
}

/// The worst of each day at a site.
#[derive(Default)]
struct Worst {
    /// By how many days ago.
    days: BTreeMap<i32, i64>,
    /// Entries of the days before the last three.
    base: usize,
    behind: Vec<Id>,
}

impl Worst {
    fn behind(&self, found: Finding) -> Finding {
        self.behind.iter().fold(found, |found, id| found.with(*id))
    }
}

fn daily_worst(cx: &Cx<'_>, v: &Versions, site: Option<Site>, days: i32) -> Worst {
    let mut worst = Worst::default();
    for entry in in_range(&cx.facts.pains) {
        let Some(ago) = cx.days_ago(v, entry).filter(|ago| (0..days).contains(ago)) else { continue };
        v.reads(Input::PainSite);
        if site.is_some_and(|site| !entry.sites.has(&site)) {
            continue;
        }
        let Some(nrs) = v.get(Input::PainWorst, &entry.worst).copied() else { continue };
        worst.base += usize::from(ago >= RECENT_D);
        worst.behind.push(entry.id);
        worst.days.entry(ago).and_modify(|known: &mut i64| *known = (*known).max(nrs.into())).or_insert(nrs.into());
    }
    worst
}

const RECENT_D: i32 = 3;
const BASE_D: i32 = 14;
const BASE_ENTRIES: usize = 4;

/// R-PAIN-2, at each site of the last three days. All in halves and exact: mean minus median of integers.
fn rising(cx: &mut Cx<'_>) {
    let recent = in_range(&cx.facts.pains).filter(|entry| {
        entry.at.known().any(|at| (0..RECENT_D).contains(&cx.today().since(at.day()))) || entry.at.has_unknown()
    });
    let sites: BTreeSet<Site> = recent.flat_map(|entry| entry.sites.known.iter().copied()).collect();
    for site in sites {
        cx.judge(Subject::Person, |cx, v| {
            let worst = daily_worst(cx, v, Some(site), RECENT_D + BASE_D);
            let now: Vec<i64> = worst.days.range(..RECENT_D).map(|(_, nrs)| *nrs).collect();
            let base: Vec<i64> = worst.days.range(RECENT_D..).map(|(_, nrs)| *nrs).collect();
            if now.is_empty() {
                return Found::no();
            }
            if worst.base < BASE_ENTRIES {
                return Found::missing(Input::PainWorst);
            }
            let (sum, count, median2) = (now.iter().sum::<i64>(), now.len() as i64, doubled_median(base));
            // 2 x count x (mean - median).
            let rise = 2 * sum - count * median2;
            let by = |halves: i64| rise >= count * halves;
            let third = by(3) && rise * 10 >= 3 * count * median2;
            let rose = Truth::from(by(4) || third).and(analgesics_fell(cx, v).negate());
            if rose.is_no() {
                return Found::no();
            }
            let levels =
                [(Severity::Urgent, rose.and(Truth::from(by(8)).or(lesion_at(cx, v, site)))), (Severity::Soon, rose)];
            Found::levels(&levels, || {
                let mean10 = sum * 10 / count;
                let found = fires()
                    .mark(site.code())
                    .fill("site", words([site]))
                    .fill("base", format!("{}.{}", median2 / 2, median2 % 2 * 5))
                    .fill("now", format!("{}.{}", mean10 / 10, mean10 % 10));
                worst.behind(found)
            })
        });
    }
}

fn doubled_median(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    if values.len() % 2 == 1 { 2 * at(middle) } else { at(middle.saturating_sub(1)) + at(middle) }
}

pub(super) fn is_analgesic(v: &Versions, intake: &Entry<Intake>) -> Truth {
    let kinds = [Product::Analgesic, Product::Opioid, Product::Nsaid, Product::Rescue];
    v.reads(Input::MedicineKinds);
    v.has_any(Input::IntakeProduct, &intake.kinds, &kinds).and(taken(v, intake))
}

/// Fewer painkillers a day in the last three days than in the fortnight before.
fn analgesics_fell(cx: &Cx<'_>, v: &Versions) -> Truth {
    let (mut now, mut base) = (0_i64, 0_i64);
    for intake in in_range(&cx.facts.intakes) {
        if !is_analgesic(v, intake).is_yes() {
            continue;
        }
        match v.get(Input::IntakeTaken, &intake.at).map(|at| cx.today().since(at.day())) {
            Some(0..RECENT_D) => now += 1,
            Some(ago) if (RECENT_D..RECENT_D + BASE_D).contains(&ago) => base += 1,
            _ => {}
        }
    }
    (now * i64::from(BASE_D) < base * i64::from(RECENT_D)).into()
}

fn lesion_at(cx: &Cx<'_>, v: &Versions, site: Site) -> Truth {
    Truth::any(cx.facts.lesions.iter().map(|lesion| {
        v.any(Input::LesionSite, &lesion.site, |known| known.touches(site)).and(v.any(
            Input::LesionStatus,
            &lesion.status,
            |status| *status != LesionStatus::Healed,
        ))
    }))
}

const OFTEN_DAYS: usize = 3;
const UNCHANGED_D: i32 = 14;

/// R-PAIN-3.
fn uncontrolled(cx: &mut Cx<'_>) {
    let cut = cx.threshold("moderate_pain_nrs");
    cx.judge(Subject::Person, |cx, v| {
        let worst = daily_worst(cx, v, None, 7);
        let often = worst.days.values().filter(|nrs| **nrs >= cut).count() >= OFTEN_DAYS;
        let changed = cx.facts.pain_plan.as_ref().and_then(|plan| v.get(Input::PlanChanges, &plan.changed).copied());
        v.reads(Input::PlanChanges);
        let settled = changed.is_none_or(|day| cx.today().since(day) > UNCHANGED_D);
        Found::when((often && settled).into(), || worst.behind(fires()))
    });
}

const RESCUE_DEFAULT: u32 = 4;

/// R-PAIN-4, in the 24 hours up to each rescue dose.
fn rescue(cx: &mut Cx<'_>) {
    const AROUND_D: i32 = 2;
    let facts = cx.facts;
    for intake in cx.within_days(AROUND_D, in_range(&facts.intakes)) {
        cx.judge_on(intake, |cx, v| {
            let ours = is_rescue(v, intake);
            if ours.is_no() {
                return Found::no();
            }
            let Some(at) = v.get(Input::IntakeTaken, &intake.at).copied() else {
                return Found::missing(Input::IntakeTaken);
            };
            let within = |other: &&Entry<Intake>| {
                v.get(Input::IntakeTaken, &other.at).is_some_and(|when| (0..=DAY_MS).contains(&at.since_ms(*when)))
            };
            let near: Vec<Truth> = cx
                .index
                .intakes(at, -DAY_MS, 0)
                .filter(within)
                .map(|other| is_rescue(v, other))
                .filter(|one| !one.is_no())
                .collect();
            let count = near.iter().filter(|one| one.is_yes()).count();
            let plan = facts.pain_plan.as_ref();
            let most = plan.and_then(|plan| v.get(Input::RescueMax, &plan.rescue_max_per_24h).copied());
            v.reads(Input::RescueMax);
            let most = most.unwrap_or(RESCUE_DEFAULT) as usize;
            let enough = match (count >= most, near.len() >= most) {
                (true, _) => Truth::Yes,
                (false, true) => Truth::any(near.iter().copied().filter(|one| !one.is_yes())),
                (false, false) => Truth::No,
            };
            Found::when(ours.and(enough), || fires().fill("n", count))
        });
    }
}

fn is_rescue(v: &Versions, intake: &Entry<Intake>) -> Truth {
    v.reads(Input::IntakeLine);
    v.reads(Input::RescueDrug);
    v.has(Input::IntakeProduct, &intake.kinds, &Product::Rescue).and(taken(v, intake))
}

const INTERFERENCE_D: i32 = 28;
const LEAST_ITEMS: i64 = 4;

/// Sum and count of the answered items of interference; fewer than four have no mean.
fn interference_of(v: &Versions, entry: &Entry<Pain>) -> Option<(i64, i64)> {
    v.reads(Input::PainInterference);
    let inputs = [
        Input::PainActivity,
        Input::PainMood,
        Input::PainWalking,
        Input::PainWork,
        Input::PainRelations,
        Input::PainSleep,
        Input::PainEnjoyment,
    ];
    inputs.iter().for_each(|input| v.reads(*input));
    let (sum, count) = entry.interference.sum().unwrap_or_else(|| {
        let answers = inputs.iter().zip(entry.interference.disputed().into_iter().flatten());
        let answered = answers.filter_map(|(input, field)| v.get(*input, field));
        answered.fold((0, 0), |(sum, count), nrs| (sum + i64::from(*nrs), count + 1))
    });
    (count >= LEAST_ITEMS).then_some((sum, count))
}

/// R-PAIN-5, against each entry of the 28 days before.
fn interference(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    let asked = |entry: &&Entry<Pain>| !entry.interference.is_missing();
    for entry in cx.after(in_range(&facts.pains)).filter(asked) {
        cx.judge_on(entry, |cx, v| {
            let Some(day) = v.at(entry).map(|at| at.day()) else { return Found::missing(Input::EffectiveStart) };
            let Some((sum, count)) = interference_of(v, entry) else { return Found::missing(Input::PainInterference) };
            let before = |other: &Entry<Pain>| -> Option<(Day, i64, i64)> {
                let on = v.at(other)?.day();
                if !(1..=INTERFERENCE_D).contains(&day.since(on)) {
                    return None;
                }
                let (sum, count) = interference_of(v, other)?;
                Some((on, sum, count))
            };
            // A rise of a whole point: sum/count - sum0/count0 >= 1.
            let risen = |(_, sum0, count0): &(Day, i64, i64)| sum * count0 - sum0 * count >= count * count0;
            let (sure, disputed) = cx.index.interference(day.plus(-INTERFERENCE_D), day.plus(-1));
            let mut sure = sure.iter().copied().filter(|(_, _, count)| *count >= LEAST_ITEMS);
            // In the order of days: the first is the earliest.
            let base = sure.find(risen).into_iter();
            let base = base.chain(disputed.iter().copied().filter_map(before).filter(risen)).min();
            Found::when(base.is_some().into(), || {
                let (_, sum0, count0) = base.unwrap_or((day, 0, 1));
                fires().of_person().fill("a", tenths(sum0, count0)).fill("b", tenths(sum, count))
            })
        });
    }
}

fn tenths(sum: i64, count: i64) -> String {
    let value = sum * 10 / count;
    format!("{}.{}", value / 10, value % 10)
}

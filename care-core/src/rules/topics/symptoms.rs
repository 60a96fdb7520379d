//! Symptom reports over time: an item that gets worse or stays bad, neuropathy, swelling, sleep, mood.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    scores::{composite, is_item, item, item_name, previous, reaches, weeks_reach},
};
use crate::facts::{Entry, Live, Symptom};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-PRO-1", worse),
    ("R-PRO-2", persistent),
    ("R-NEUR-1", neuropathy),
    ("R-SWELL-1", swelling),
    ("R-MOOD-1", mood),
    ("R-SLEEP-1", sleep),
];

fn named(v: &Versions, entry: &Entry<Symptom>) -> String {
    v.get(Input::SymptomItem, &entry.item).map_or_else(String::new, |item| item_name(*item))
}

/// R-PRO-1, on each attribute of a report.
fn worse(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.symptoms)).filter(|entry| !entry.item.is_missing()) {
        cx.judge_on(entry, |cx, v| {
            let before = previous(cx, v, entry);
            let attribute = |input, get: fn(&Symptom) -> &Live<u8>| {
                let now = v.get(input, get(entry)).copied()?;
                let prev = before.and_then(|before| v.get(input, get(before)).copied());
                let rose = now >= prev.unwrap_or(0).saturating_add(2) && prev.is_some();
                (rose || (now >= 3 && prev.is_none_or(|prev| prev < 3))).then_some((now, prev))
            };
            let worse = attribute(Input::SymptomFrequency, |s| &s.frequency)
                .or_else(|| attribute(Input::SymptomSeverity, |s| &s.severity))
                .or_else(|| attribute(Input::SymptomInterference, |s| &s.interference));
            let answered =
                [&entry.frequency, &entry.severity, &entry.interference].iter().any(|one| !one.has_unknown());
            let truth = match worse {
                Some(_) => Truth::Yes,
                None if answered => Truth::No,
                None => Truth::Unknown(Input::SymptomSeverity.into()),
            };
            Found::when(truth, || {
                let (now, prev) = worse.unwrap_or((0, None));
                let prev = prev.map_or_else(|| "not reported".to_owned(), |prev| prev.to_string());
                fires().fill("item", named(v, entry)).fill("prev", prev).fill("now", now)
            })
        });
    }
}

/// R-PRO-2.
fn persistent(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.symptoms)).filter(|entry| !entry.item.is_missing()) {
        cx.judge_on(entry, |cx, v| {
            Found::when(weeks_reach(cx, v, entry, 3, 2), || {
                let item = named(v, entry);
                fires().of_person().mark(item.clone()).fill("item", item)
            })
        });
    }
}

/// The composite reaches 2, or rose by 1 since the report before.
fn marked(cx: &Cx<'_>, v: &Versions, entry: &Entry<Symptom>) -> Truth {
    let rose = match (composite(v, entry), previous(cx, v, entry).map(|before| composite(v, before))) {
        (Ok(now), Some(Ok(before))) => (now > before).into(),
        (Ok(_), None) => Truth::No,
        (Err(missing), _) | (_, Some(Err(missing))) => Truth::Unknown(missing.into()),
    };
    reaches(v, entry, 2).or(rose)
}

/// R-NEUR-1.
fn neuropathy(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| {
            if !is_item(v, entry, &[item::NUMBNESS]) {
                return Found::no();
            }
            Found::when(marked(cx, v, entry), || fires().of_person().fill("g", composite(v, entry).unwrap_or_default()))
        });
    }
}

/// R-SWELL-1: what one side alone shows without known lymphoedema is R-VTE-2's.
fn swelling(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| {
            if !is_item(v, entry, &[item::SWELLING]) {
                return Found::no();
            }
            let day = v.at(entry).map(|at| at.day());
            v.reads(Input::Comorbidities);
            let known = facts.risk.as_ref().is_some_and(|risk| risk.comorbidities.has(&"lymphoedema".to_owned()));
            let one_side = in_range(&facts.swellings).any(|swelling| {
                v.at(swelling).map(|at| at.day()) == day
                    && v.test(Input::SwellingOneSided, &swelling.one_sided, |one| *one).is_yes()
            });
            let truth = marked(cx, v, entry).and((known || !one_side).into());
            Found::when(truth, || {
                let before = previous(cx, v, entry).and_then(|before| composite(v, before).ok());
                let prev = before.map_or_else(|| "not reported".to_owned(), |grade| grade.to_string());
                fires().of_person().fill("grade", composite(v, entry).unwrap_or_default()).fill("prev", prev)
            })
        });
    }
}

/// R-MOOD-1.
fn mood(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    let positive = cx.threshold("phq2_positive");
    let alert = cx.threshold("distress_alert");
    for entry in cx.own(&facts.moods) {
        cx.judge_on(entry, |_, v| {
            let (a, b) = (v.get(Input::MoodPhqA, &entry.phq2_a), v.get(Input::MoodPhqB, &entry.phq2_b));
            let distress = v.get(Input::MoodDistress, &entry.distress);
            let sum = a.zip(b).map(|(a, b)| i64::from(*a) + i64::from(*b));
            let low = match sum {
                Some(sum) => (sum >= positive).into(),
                None => Truth::Unknown(Input::MoodPhqA.into()),
            };
            let distressed = match distress {
                Some(distress) => (i64::from(*distress) >= alert).into(),
                None => Truth::Unknown(Input::MoodDistress.into()),
            };
            // One of the two is enough for an entry: each has a form of its own.
            let truth = match (sum, distress) {
                (None, Some(_)) => distressed,
                (Some(_), None) => low,
                _ => low.or(distressed),
            };
            Found::when(truth, || fires().fill("s", shown(sum)).fill("d", shown(distress.copied().map(i64::from))))
        });
    }
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |_, v| {
            if !is_item(v, entry, &[item::ANXIETY, item::SADNESS]) {
                return Found::no();
            }
            Found::when(reaches(v, entry, 3), || {
                fires().fill("s", format!("not asked; {} grade 3", named(v, entry))).fill("d", "not asked")
            })
        });
    }
}

fn shown(value: Option<i64>) -> String {
    value.map_or_else(|| "not asked".to_owned(), |value| value.to_string())
}

/// Under five hours, on four of seven nights.
const SHORT_MIN: u32 = 300;
const SHORT_NIGHTS: usize = 4;

/// R-SLEEP-1.
fn sleep(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| {
            if is_item(v, entry, &[item::INSOMNIA]) {
                Found::when(weeks_reach(cx, v, entry, 3, 2), fires)
            } else {
                Found::no()
            }
        });
    }
    cx.judge(Subject::Person, |cx, v| {
        let nights =
            in_range(&facts.sleeps).filter(|night| cx.days_ago(v, night).is_some_and(|ago| (0..7).contains(&ago)));
        let (mut short, mut unsure) = (0, 0);
        for night in nights {
            match v.test(Input::SleepDuration, &night.duration_min, |minutes| *minutes < SHORT_MIN) {
                Truth::Yes => short += 1,
                Truth::Unknown(_) => unsure += 1,
                Truth::No => {}
            }
        }
        let truth = match (short, short + unsure) {
            (SHORT_NIGHTS.., _) => Truth::Yes,
            (_, SHORT_NIGHTS..) => Truth::Unknown(Input::SleepDuration.into()),
            _ => Truth::No,
        };
        Found::when(truth, fires)
    });
}

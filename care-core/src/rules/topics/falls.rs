//! Falls: those that need a call now, those to look at, and what makes the next one likely.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{bone_metastasis, osteoporosis, tri, words},
};
use crate::facts::{Entry, Facts, Fall, Injury};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-FALL-1", high_risk), ("R-FALL-2", new_pain), ("R-FALL-3", any_fall), ("R-FALL-4", recurrent)];

const FLOOR_MIN: u32 = 60;

/// R-FALL-1.
fn high_risk(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.falls) {
        cx.judge_on(entry, |_, v| {
            let features = features(facts, v, entry);
            let truth = Truth::any(features.iter().map(|(_, truth)| *truth));
            Found::when(truth, || {
                let shown = features.iter().filter(|(_, truth)| truth.is_yes()).map(|(name, _)| *name);
                fires().fill("features", words(shown))
            })
        });
    }
}

fn features(facts: &Facts, v: &Versions, fall: &Entry<Fall>) -> [(&'static str, Truth); 6] {
    let head = v.flag(Input::FallHead, &fall.hit_head);
    let thinner = match &facts.risk {
        Some(risk) => tri(v, Input::Anticoagulant, &risk.anticoagulant),
        None => {
            v.reads(Input::Anticoagulant);
            Truth::Unknown(Input::Anticoagulant.into())
        }
    };
    let after = Truth::any([
        v.flag(Input::FallDrowsy, &fall.after_drowsy),
        v.flag(Input::FallVomiting, &fall.after_vomiting),
        v.flag(Input::FallConfused, &fall.after_confused),
    ]);
    let long = v.any(Input::FallMinutes, &fall.minutes_on_floor, |minutes| *minutes > FLOOR_MIN);
    [
        ("head strike with a blood thinner or a sign after it", head.and(thinner.or(after))),
        ("lost consciousness", v.flag(Input::FallUnconscious, &fall.lost_consciousness)),
        ("over an hour on the floor", v.flag(Input::FallCouldNotGetUp, &fall.could_not_get_up).and(long)),
        ("new weakness or numbness", v.flag(Input::FallWeakness, &fall.new_weakness_or_numbness)),
        ("cannot bear weight", v.flag(Input::FallNoWeight, &fall.cannot_bear_weight)),
        ("severe back or neck pain", v.flag(Input::FallBackPain, &fall.severe_back_or_neck_pain)),
    ]
}

/// A fall, not a near one; of two versions the fall counts.
fn is_fall(v: &Versions, fall: &Entry<Fall>) -> Truth {
    v.any(Input::FallNear, &fall.near_fall, |near| !*near)
}

/// R-FALL-2.
fn new_pain(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.falls) {
        cx.judge_on(entry, |cx, v| {
            let hurt = v
                .has_any(Input::FallInjury, &entry.injury, &[Injury::Pain, Injury::FractureSuspected])
                .or(Truth::from(v.flag(Input::FallBackPain, &entry.severe_back_or_neck_pain).is_yes()));
            let head = v
                .flag(Input::FallHead, &entry.hit_head)
                .or(Truth::from(v.has(Input::FallInjury, &entry.injury, &Injury::Head).is_yes()));
            let fragile = if hurt.is_no() { Truth::No } else { bone_metastasis(cx, v).or(osteoporosis(cx, v)) };
            let truth = is_fall(v, entry).and(head.or(hurt.and(fragile)));
            Found::when(truth, || fires().fill("injury", injury(entry, head)))
        });
    }
}

fn injury(entry: &Entry<Fall>, head: Truth) -> String {
    let mut shown: Vec<&str> =
        entry.injury.known.iter().filter(|one| **one != Injury::None).map(|one| one.code()).collect();
    if head.is_yes() && !shown.contains(&Injury::Head.code()) {
        shown.push("head strike");
    }
    if shown.is_empty() { "pain".to_owned() } else { words(shown) }
}

const NEAR_FALLS_D: i32 = 30;

/// R-FALL-3: a fall, or the second near-fall in 30 days.
fn any_fall(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.falls)).filter(|entry| !entry.duplicate) {
        cx.judge_on(entry, |_, v| {
            let near = is_fall(v, entry).negate();
            let day = v.get(Input::FallWhen, &entry.at).map(|at| at.day());
            let again = in_range(&facts.falls).filter(|other| other.id != entry.id && !other.duplicate).any(|other| {
                let before = v.get(Input::FallWhen, &other.at).map(|at| at.day());
                let close =
                    day.zip(before).is_some_and(|(day, before)| (0..=NEAR_FALLS_D).contains(&day.since(before)));
                close && v.any(Input::FallNear, &other.near_fall, |near| *near).is_yes()
            });
            let truth = near.negate().or(near.and(again.into()));
            Found::when(truth, || {
                let word = |input, field| v.get(input, field).cloned().unwrap_or_else(|| "not said".to_owned());
                let when = v.at(entry).map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
                fires()
                    .fill("when", when)
                    .fill("activity", word(Input::FallActivity, &entry.activity))
                    .fill("place", word(Input::FallPlace, &entry.place))
            })
        });
    }
}

const YEAR_D: i32 = 365;

/// R-FALL-4.
fn recurrent(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let (mut sure, mut unsure) = (Vec::new(), 0);
        for fall in in_range(&cx.facts.falls).filter(|fall| !fall.duplicate) {
            let ago = v.get(Input::FallWhen, &fall.at).map(|at| cx.today().since(at.day()));
            if !ago.is_some_and(|ago| (0..=YEAR_D).contains(&ago)) {
                continue;
            }
            match is_fall(v, fall) {
                Truth::Yes => sure.push(fall.id),
                Truth::Unknown(_) => unsure += 1,
                Truth::No => {}
            }
        }
        let two = match (sure.len(), sure.len() + unsure) {
            (2.., _) => Truth::Yes,
            (_, 2..) => Truth::Unknown(Input::FallNear.into()),
            _ => Truth::No,
        };
        if two.is_no() {
            return Found::no();
        }
        let fragile = bone_metastasis(cx, v).or(osteoporosis(cx, v));
        let levels = [(Severity::Urgent, two.and(fragile)), (Severity::Soon, two)];
        Found::levels(&levels, || sure.iter().fold(fires(), |found, id| found.with(*id)))
    });
}

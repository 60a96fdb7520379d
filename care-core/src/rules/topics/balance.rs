//! What makes a fall likely: tests of function, a medicine that changed, hazards at home.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{decimal, words},
    scores::{is_item, item, reaches},
};
use crate::{
    Exact,
    assess::{
        self,
        mobility::{ChairStandBand, chair_stand},
    },
    facts::{Day, Entry, FunctionTest, HazardSeverity, HazardStatus, LineChange, Product, Sex, Tool},
};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-FALL-5", tests), ("R-FALL-6", after_change), ("R-HOME-1", hazards)];

/// R-FALL-5.
fn tests(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.screens) {
        cx.judge_on(entry, |_, v| {
            let ours = v.test(Input::ScreenTool, &entry.tool, |tool| *tool == Tool::StayIndependent);
            if ours.is_no() {
                return Found::no();
            }
            let score = v.test(Input::ScreenTotal, &entry.total, |total| *total >= 4);
            let fell = v.flag(Input::ScreenItems, &entry.fell_in_past_year);
            Found::when(ours.and(score.or(Truth::from(fell.is_yes()))), || {
                let total =
                    v.get(Input::ScreenTotal, &entry.total).map_or_else(|| "not given".to_owned(), i32::to_string);
                fires().fill("test", "Stay Independent").fill("value", total)
            })
        });
    }
    for entry in cx.own(&facts.tests) {
        cx.judge_on(entry, |cx, v| {
            let (mut positive, mut missing) = (Vec::new(), Truth::No);
            for (name, value, truth) in [tug(cx, v, entry), stands(cx, v, entry), tandem(v, entry), gait(cx, v, entry)]
            {
                match truth {
                    Truth::Yes => positive.push((name, value)),
                    unknown => missing = missing.or(unknown),
                }
            }
            let truth = Truth::from(!positive.is_empty()).or(missing);
            Found::when(truth, || {
                let names = words(positive.iter().map(|(name, _)| *name));
                let values: Vec<String> = positive.iter().map(|(_, value)| value.clone()).collect();
                fires().fill("test", names).fill("value", values.join(", "))
            })
        });
    }
}

type Test = (&'static str, String, Truth);

/// A test that was not done says nothing.
fn done<T>(v: &Versions, input: Input, field: &crate::facts::Live<T>) -> bool {
    v.reads(input);
    !field.is_missing()
}

fn tug(cx: &Cx<'_>, v: &Versions, entry: &Entry<FunctionTest>) -> Test {
    if !done(v, Input::TimedUpAndGo, &entry.tug_tenths) {
        return ("TUG", String::new(), Truth::No);
    }
    let cut = cx.threshold("tug_tenths_s");
    let slow = v.test(Input::TimedUpAndGo, &entry.tug_tenths, |tenths| i64::from(*tenths) >= cut);
    let value = v.get(Input::TimedUpAndGo, &entry.tug_tenths).copied().unwrap_or_default();
    ("TUG", format!("{} s", decimal(value.into(), 1, 1)), slow)
}

fn stands(cx: &Cx<'_>, v: &Versions, entry: &Entry<FunctionTest>) -> Test {
    let name = "chair stand";
    if !done(v, Input::ChairStands, &entry.chair_stands) {
        return (name, String::new(), Truth::No);
    }
    let Some(stands) = v.get(Input::ChairStands, &entry.chair_stands).copied() else {
        return (name, String::new(), Truth::Unknown(Input::ChairStands.into()));
    };
    let arms = v.get(Input::ChairArms, &entry.used_arms) == Some(&true);
    let stands = if arms { 0 } else { stands };
    let risk = cx.facts.risk.as_ref();
    let birth = risk.and_then(|risk| v.get(Input::BirthDate, &risk.birth).copied());
    let sex = risk.and_then(|risk| v.get(Input::Sex, &risk.sex).copied());
    v.reads(Input::BirthDate);
    v.reads(Input::Sex);
    let day = v.at(entry).map_or(cx.today(), |at| at.day());
    let below = match (birth, sex) {
        (Some(birth), Some(sex)) => below_average(stands, day.age(birth), sex).into(),
        (None, _) => Truth::Unknown(Input::BirthDate.into()),
        (_, None) => Truth::Unknown(Input::Sex.into()),
    };
    (name, stands.to_string(), below)
}

/// A7.
fn below_average(stands: u32, age: i32, sex: Sex) -> bool {
    let sex = match sex {
        Sex::Female => assess::Sex::Female,
        Sex::Male => assess::Sex::Male,
    };
    let band = chair_stand(Some(stands.into()), Some(Exact::whole(age.into())), Some(sex), Some(false));
    band.band() == Some(&ChairStandBand::BelowAverage)
}

fn tandem(v: &Versions, entry: &Entry<FunctionTest>) -> Test {
    if !done(v, Input::Tandem, &entry.tandem_tenths) {
        return ("tandem stand", String::new(), Truth::No);
    }
    let value = v.get(Input::Tandem, &entry.tandem_tenths).copied().unwrap_or_default();
    let short = v.test(Input::Tandem, &entry.tandem_tenths, |tenths| *tenths < 100);
    ("tandem stand", format!("{} s", decimal(value.into(), 1, 1)), short)
}

fn gait(cx: &Cx<'_>, v: &Versions, entry: &Entry<FunctionTest>) -> Test {
    if !done(v, Input::GaitMetres, &entry.gait_m_tenths) && !done(v, Input::GaitSeconds, &entry.gait_s_tenths) {
        return ("gait speed", String::new(), Truth::No);
    }
    let metres = v.get(Input::GaitMetres, &entry.gait_m_tenths).copied().map(i64::from);
    let seconds = v.get(Input::GaitSeconds, &entry.gait_s_tenths).copied().map(i64::from).filter(|s| *s > 0);
    match (metres, seconds) {
        (Some(metres), Some(seconds)) => {
            let slow = metres * 1_000 <= cx.threshold("gait_slow_mm_s") * seconds;
            ("gait speed", format!("{} m/s", decimal(metres * 100 / seconds, 2, 2)), slow.into())
        }
        (None, _) => ("gait speed", String::new(), Truth::Unknown(Input::GaitMetres.into())),
        (_, None) => ("gait speed", String::new(), Truth::Unknown(Input::GaitSeconds.into())),
    }
}

const AFTER_CHANGE_D: i32 = 14;

/// R-FALL-6.
fn after_change(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.falls)).filter(|entry| !entry.duplicate) {
        cx.judge_on(entry, |cx, v| {
            let fall = v.any(Input::FallNear, &entry.near_fall, |near| !*near);
            if fall.is_no() {
                return Found::no();
            }
            match v.get(Input::FallWhen, &entry.at) {
                Some(at) => Found::when(fall.and(changed(cx, v, at.day())), fires),
                None => Found::missing(Input::FallWhen),
            }
        });
    }
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            if !is_item(v, entry, &[item::DIZZINESS]) {
                return Found::no();
            }
            let dizzy = reaches(v, entry, 2);
            match v.at(entry) {
                Some(at) if !dizzy.is_no() => Found::when(dizzy.and(changed(cx, v, at.day())), fires),
                Some(_) => Found::no(),
                None => Found::missing(Input::EffectiveStart),
            }
        });
    }
}

/// A sedative that began, an opioid that was raised or began, any change of an antihypertensive.
fn changed(cx: &Cx<'_>, v: &Versions, day: Day) -> Truth {
    v.reads(Input::MedicineFrom);
    v.reads(Input::MedicineDose);
    Truth::any(cx.facts.medicines.iter().map(|line| {
        let matters = |kind: Product, change: LineChange| match kind {
            Product::Sedative => change == LineChange::Started,
            Product::Opioid => matches!(change, LineChange::Started | LineChange::Increased),
            _ => true,
        };
        let recent: Vec<LineChange> = line
            .changes
            .known
            .iter()
            .filter(|(on, _)| (0..=AFTER_CHANGE_D).contains(&day.since(*on)))
            .map(|(_, change)| *change)
            .collect();
        let kinds = [Product::Sedative, Product::Opioid, Product::Antihypertensive];
        Truth::any(kinds.map(|kind| {
            v.has(Input::MedicineKinds, &line.kinds, &kind)
                .and(recent.iter().any(|change| matters(kind, *change)).into())
        }))
    }))
    .or(cx.none_found())
}

const HIGH_D: i32 = 14;
const ANY_D: i32 = 60;

/// R-HOME-1.
fn hazards(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let (mut open, mut missing) = (Vec::new(), Truth::No);
        for hazard in &cx.facts.hazards {
            let fixed = v.any(Input::HazardStatus, &hazard.status, |status| *status != HazardStatus::Fixed);
            let days = hazard.since.known().map(|since| cx.today().since(*since)).max();
            let high = v.any(Input::HazardSeverity, &hazard.severity, |severity| *severity == HazardSeverity::High);
            let long = match days {
                Some(days) => Truth::from(days > ANY_D).or(high.and((days > HIGH_D).into())),
                None => Truth::Unknown(Input::HazardStatus.into()),
            };
            match fixed.and(long) {
                Truth::Yes => open.push(hazard),
                unknown => missing = missing.or(unknown),
            }
        }
        Found::when(Truth::from(!open.is_empty()).or(missing), || {
            let codes = open.iter().filter_map(|hazard| v.get(Input::HazardCode, &hazard.code));
            let n = if open.len() == 1 { "1 hazard".to_owned() } else { format!("{} hazards", open.len()) };
            let found = fires().fill("n", n).fill("list", words(codes));
            open.iter().fold(found, |found, hazard| found.with(hazard.id))
        })
    });
}

//! PRO-CTCAE composites of symptom entries (A16), and reports of one item over time.

use super::super::{eval::Cx, inputs::Input, truth::Truth, versions::Versions};
use crate::{
    Exact,
    assess::{
        self,
        proctcae::{Answers, Attributes},
    },
    facts::{Day, Entry, Symptom},
};

/// Items of the library that rules ask for.
pub(super) mod item {
    pub(in super::super) const SWALLOWING: u8 = 2;
    pub(in super::super) const MOUTH_SORES: u8 = 3;
    pub(in super::super) const VOMITING: u8 = 10;
    pub(in super::super) const DIARRHOEA: u8 = 16;
    pub(in super::super) const SWELLING: u8 = 22;
    pub(in super::super) const NUMBNESS: u8 = 39;
    pub(in super::super) const DIZZINESS: u8 = 40;
    pub(in super::super) const MUSCLE_ACHE: u8 = 50;
    pub(in super::super) const JOINT_ACHE: u8 = 51;
    pub(in super::super) const INSOMNIA: u8 = 52;
    pub(in super::super) const FATIGUE: u8 = 53;
    pub(in super::super) const ANXIETY: u8 = 54;
    pub(in super::super) const SADNESS: u8 = 56;
}

/// Is it an entry of one of these items?
pub(super) fn is_item(v: &Versions, entry: &Entry<Symptom>, items: &[u8]) -> bool {
    v.get(Input::SymptomItem, &entry.item).is_some_and(|item| items.contains(item))
}

/// The composite grade of an entry (A16). `Err`: what is missing.
pub(super) fn composite(v: &Versions, entry: &Entry<Symptom>) -> Result<u8, Input> {
    v.reads(Input::Composite);
    let item = *v.get(Input::SymptomItem, &entry.item).ok_or(Input::SymptomItem)?;
    let answers = Answers {
        frequency: v.get(Input::SymptomFrequency, &entry.frequency).copied(),
        severity: v.get(Input::SymptomSeverity, &entry.severity).copied(),
        interference: v.get(Input::SymptomInterference, &entry.interference).copied(),
    };
    let answered = [answers.frequency.is_some(), answers.severity.is_some(), answers.interference.is_some()];
    // Of an item that the table does not list: the attributes that were answered.
    let attributes = Attributes::of_item(u32::from(item)).or_else(|| Attributes::of(answered));
    let graded = assess::proctcae::composite(attributes.ok_or(Input::SymptomSeverity)?, &answers);
    match graded.exact().and_then(Exact::as_whole).and_then(|grade| u8::try_from(grade).ok()) {
        Some(grade) => Ok(grade),
        None => Err(match graded.missing().first() {
            Some(&"frequency") => Input::SymptomFrequency,
            Some(&"severity") => Input::SymptomSeverity,
            Some(&"interference") => Input::SymptomInterference,
            _ => Input::Composite,
        }),
    }
}

/// The composite reaches a grade.
pub(super) fn reaches(v: &Versions, entry: &Entry<Symptom>, least: u8) -> Truth {
    match composite(v, entry) {
        Ok(grade) => (grade >= least).into(),
        Err(missing) => Truth::Unknown(missing.into()),
    }
}

/// Reports of one item with their days, the newest first, up to an entry.
pub(super) fn reports<'a>(cx: &Cx<'a>, v: &Versions, item: u8, up_to: Day) -> Vec<(Day, &'a Entry<Symptom>)> {
    let mut all: Vec<(Day, &Entry<Symptom>)> = cx
        .index
        .reports(item)
        .iter()
        .copied()
        .filter(|entry| is_item(v, entry, &[item]))
        .filter_map(|entry| v.at(entry).map(|at| (at.day(), entry)))
        .filter(|(day, _)| *day <= up_to)
        .collect();
    all.sort_by_key(|(day, entry)| (std::cmp::Reverse(*day), std::cmp::Reverse(entry.id)));
    all
}

/// The report of the same item before an entry.
pub(super) fn previous<'a>(cx: &Cx<'a>, v: &Versions, entry: &Entry<Symptom>) -> Option<&'a Entry<Symptom>> {
    let item = *v.get(Input::SymptomItem, &entry.item)?;
    let at = v.at(entry)?;
    let reports = cx.index.reports(item).iter().copied();
    let before = reports.filter(|other| is_item(v, other, &[item]) && other.id != entry.id);
    before
        .filter_map(|other| v.at(other).filter(|when| *when < at).map(|when| (when, other)))
        .max_by_key(|(when, other)| (*when, other.id))
        .map(|(_, other)| other)
}

/// Weekly reports follow each other by so many days: one that is missing breaks the row.
const WEEK: std::ops::RangeInclusive<i32> = 4..=10;

/// An entry and the weekly reports before it, `count` in a row, all reach a grade.
pub(super) fn weeks_reach(cx: &Cx<'_>, v: &Versions, entry: &Entry<Symptom>, count: usize, least: u8) -> Truth {
    let Some((item, at)) = v.get(Input::SymptomItem, &entry.item).copied().zip(v.at(entry)) else { return Truth::No };
    let mut truth = reaches(v, entry, least);
    let mut day = at.day();
    for _ in 1..count {
        if truth.is_no() {
            return Truth::No;
        }
        let week = reports(cx, v, item, day).into_iter().find(|(other, _)| WEEK.contains(&day.since(*other)));
        let Some((earlier, report)) = week else { return Truth::No };
        truth = truth.and(reaches(v, report, least));
        day = earlier;
    }
    truth
}

/// The name of an item, for texts.
pub(super) fn item_name(item: u8) -> String {
    let name = match item {
        1 => "dry mouth",
        2 => "difficulty swallowing",
        3 => "mouth or throat sores",
        7 => "taste changes",
        8 => "decreased appetite",
        9 => "nausea",
        10 => "vomiting",
        15 => "constipation",
        16 => "loose stools",
        18 => "loss of bowel control",
        22 => "swelling of arms or legs",
        39 => "numbness or tingling",
        40 => "dizziness",
        48 => "pain",
        50 => "aching muscles",
        51 => "aching joints",
        52 => "insomnia",
        53 => "fatigue",
        54 => "anxiety",
        56 => "sadness",
        65 => "loss of urine control",
        77 => "hot flashes",
        _ => return format!("item {item}"),
    };
    name.to_owned()
}

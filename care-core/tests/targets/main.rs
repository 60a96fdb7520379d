//! Targets: every row of section 7 as it is said, whom it is for at each bound, what is counted exactly, what sources disagree
//! on, what the plans have set beside it, and the page made of the table.

mod bounds;
mod page;
mod plan;
mod reading;
mod switches;

use osteon_care_core::{
    facts::{Agent, Answer, BoneStatus, Day, Id, Live, Sex},
    targets::{Calcium, Drug, Fit, Group, Offer, Person, Weighed, targets},
};
use osteon_sync_core::RecordId;

pub(crate) const ON: Day = Day(20_784);

pub(crate) fn id(n: u8) -> Id {
    Id(RecordId([n; 16]))
}

/// A woman of 67 with a cancer, 62.4 kg, without a limit of heart or kidney, on no bone drug.
pub(crate) fn person() -> Person {
    Person {
        risk: Some(id(1).0),
        ages: 67.into(),
        sex: Sex::Female.into(),
        kidney_disease: Answer::No.into(),
        heart_failure: Answer::No.into(),
        dialysis: Answer::No.into(),
        cancer: vec![osteon_care_core::targets::Because {
            input: "P-RISK.primary_cancer",
            says: "a cancer is on record".into(),
            record: Some(id(1).0),
        }],
        weight: Some(Weighed { id: id(2), day: ON, weight_g: 62_400.into() }),
        calcium: Some(Calcium { id: id(3), high: false.into(), says: "calcium 2.41 mmol/L".into() }),
        ..Person::default()
    }
}

pub(crate) fn aged(age: i32, sex: Sex) -> Person {
    Person { ages: age.into(), sex: sex.into(), ..person() }
}

pub(crate) fn on_drug(agent: Agent, mg: i64) -> Person {
    let drug =
        Drug { id: id(4), agent: agent.into(), dose_mg_milli: (mg * 1_000).into(), status: BoneStatus::Active.into() };
    Person { drugs: vec![drug], ..person() }
}

pub(crate) fn all(person: &Person) -> Vec<Offer> {
    targets(person).into_iter().flat_map(|group: Group| group.offers).collect()
}

pub(crate) fn offer(person: &Person, id: &str) -> Option<Offer> {
    all(person).into_iter().find(|offer| offer.target.id == id)
}

#[track_caller]
pub(crate) fn fit(person: &Person, id: &str) -> Option<Fit> {
    offer(person, id).map(|offer| offer.fit)
}

/// The numbers of targets that apply, of those whose id begins so.
pub(crate) fn apply(person: &Person, begins: &str) -> Vec<&'static str> {
    let all = all(person).into_iter().filter(|offer| offer.fit == Fit::Applies);
    all.map(|offer| offer.target.id).filter(|id| id.starts_with(begins)).collect()
}

pub(crate) fn live<T: Ord>(values: impl IntoIterator<Item = T>) -> Live<T> {
    Live::disputed(values)
}

//! What of the table concerns one person.

use std::collections::BTreeSet;

use osteon_sync_core::RecordId;

use super::{Amount, Because, Condition, Kind, Met, Person, Target, Topic, all, condition::WEIGHT};
use crate::{exact::Exact, facts::Day};

/// How a target stands with a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fit {
    Applies,
    /// [`Offer::missing`] says what it would take.
    CannotTell,
    /// The source says that it is not for this person: [`Offer::because`] says why. It is told, so that nobody looks for it.
    NotForThisPerson,
}

/// A value for one day, of a value for each kilogram and one weight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PerDay {
    pub amount: Amount,
    /// Grams.
    pub weight_g: i64,
    pub weighed: Day,
    pub record: RecordId,
}

/// A target that concerns the person, or may.
#[derive(Clone, Debug)]
pub struct Offer {
    pub target: &'static Target,
    pub fit: Fit,
    /// Live versions of an input differ, and not all of them say so.
    pub disputed: bool,
    /// Inputs without which it cannot be told whether it applies.
    pub missing: BTreeSet<&'static str>,
    /// What that was read from.
    pub because: BTreeSet<Because>,
    /// One for each live version of the newest weight, exact. Empty where nothing is counted by the kilogram, or the weight is
    /// missing ([`Offer::per_day_missing`]).
    pub per_day: Vec<PerDay>,
    pub per_day_missing: Option<&'static str>,
    /// Targets of other sources for the same person and thing with another value.
    pub disagrees_with: Vec<&'static str>,
}

impl Offer {
    /// What a person has to judge before it is theirs.
    pub fn judged(&self) -> impl Iterator<Item = &'static str> {
        self.target.who.iter().filter_map(|who| if let Condition::Judged(what) = who { Some(*what) } else { None })
    }
}

/// All of one topic. An empty one says that no source of the table has a value for this person, not that none is needed.
#[derive(Clone, Debug)]
pub struct Group {
    pub topic: Topic,
    pub offers: Vec<Offer>,
}

impl Group {
    /// Sources give different values.
    pub fn disagrees(&self) -> bool {
        self.offers.iter().any(|offer| !offer.disagrees_with.is_empty())
    }
}

/// Every topic in its order, each with what concerns the person.
pub fn targets(person: &Person) -> Vec<Group> {
    let group = |topic: &Topic| {
        let mut offers: Vec<Offer> =
            all().filter(|target| target.topic == *topic).filter_map(|target| offer(target, person)).collect();
        let found: Vec<Vec<&'static str>> = offers.iter().map(|one| others(one, &offers)).collect();
        offers.iter_mut().zip(found).for_each(|(offer, found)| offer.disagrees_with = found);
        Group { topic: *topic, offers }
    };
    Topic::ALL.iter().map(group).collect()
}

fn others(one: &Offer, all: &[Offer]) -> Vec<&'static str> {
    let differs = |other: &&Offer| {
        let (a, b) = (one.target, other.target);
        let same = a.kind == b.kind && a.subject == b.subject && a.kind != Kind::Advice;
        let both = one.fit == Fit::Applies && other.fit == Fit::Applies && a.amount.is_some() && b.amount.is_some();
        same && both && a.amount != b.amount && !a.shares_source(b)
    };
    all.iter().filter(differs).map(|other| other.target.id).collect()
}

fn offer(target: &'static Target, person: &Person) -> Option<Offer> {
    let mets: Vec<(Condition, Met)> = target.who.iter().map(|who| (*who, who.of(person))).collect();
    if mets.iter().any(|(who, met)| !who.is_limit() && met.certainly_not()) {
        return None;
    }
    let limits = || mets.iter().filter(|(who, _)| who.is_limit());
    let bands = || mets.iter().filter(|(who, _)| !who.is_limit());
    // A limit that stands in one live version stands; one that may stand is not waved away.
    let unclear = bands().filter(|(_, met)| !met.yes).chain(limits().filter(|(_, met)| !met.missing.is_empty()));
    let missing: BTreeSet<&'static str> = unclear.flat_map(|(_, met)| met.missing.iter().copied()).collect();
    let fit = match () {
        () if limits().any(|(_, met)| met.no) => Fit::NotForThisPerson,
        () if !missing.is_empty() => Fit::CannotTell,
        () => Fit::Applies,
    };
    let missing = if fit == Fit::CannotTell { missing } else { BTreeSet::new() };
    let disputed = mets.iter().any(|(_, met)| met.unsure());
    let because = mets.iter().flat_map(|(_, met)| met.because.iter().cloned()).collect();
    let (per_day, per_day_missing) = per_day(target, person, fit);
    Some(Offer { target, fit, disputed, missing, because, per_day, per_day_missing, disagrees_with: Vec::new() })
}

fn per_day(target: &Target, person: &Person, fit: Fit) -> (Vec<PerDay>, Option<&'static str>) {
    let Some((amount, unit)) = target.amount.and_then(|amount| Some((amount, amount.unit_per_day()?))) else {
        return (Vec::new(), None);
    };
    if fit == Fit::NotForThisPerson {
        return (Vec::new(), None);
    }
    let Some(weighed) = &person.weight else { return (Vec::new(), Some(WEIGHT)) };
    const PLACES: u32 = 3;
    let day = |weight_g: &i64| {
        let kg = Exact::scaled(*weight_g, PLACES)?;
        let amount = amount.times(kg, unit)?;
        Some(PerDay { amount, weight_g: *weight_g, weighed: weighed.day, record: weighed.id.0 })
    };
    let found: Vec<PerDay> = weighed.weight_g.known().filter_map(day).collect();
    let missing = found.is_empty().then_some(WEIGHT);
    (found, missing)
}

//! Section 7 of the care specification, value by value. `docs/targets.md` is made of it.

mod activity;
mod gaps;
mod minerals;
mod nutrition;
mod schedule;

use osteon_proto::meta::SourceState;

use super::{Amount, Condition, Kind, Target, Topic, VERSION};
use crate::{
    exact::Exact,
    facts::{Agent, Sex},
    source::Source,
};

/// In the order of the specification, by topic.
pub fn all() -> impl Iterator<Item = &'static Target> {
    [minerals::ALL, nutrition::ALL, activity::ALL, schedule::ALL, gaps::ALL].into_iter().flatten()
}

const CAUTION: &str = "Offered with its source: no target until a person picks it. Not a diagnosis.";

const fn source(key: &'static str, state: SourceState) -> Source {
    Source { key, state, version: VERSION, caution: CAUTION }
}

const fn verified(key: &'static str) -> Source {
    source(key, SourceState::Verified)
}

const fn secondary(key: &'static str) -> Source {
    source(key, SourceState::Secondary)
}

const fn unverified(key: &'static str) -> Source {
    source(key, SourceState::Unverified)
}

/// For everybody, with nothing to add; the rest is set beside it.
const fn of(id: &'static str, row: &'static str, topic: Topic, kind: Kind, sources: &'static [Source]) -> Target {
    Target { id, row, topic, kind, subject: "", amount: None, who: &[], note: "", sources }
}

const fn whole(value: i64) -> Exact {
    Exact::whole(value)
}

/// Tenths.
const fn tenths(value: i64) -> Exact {
    Exact::constant(value, 1)
}

const fn aged(from: i32, to: i32) -> Condition {
    Condition::Age { from, to: Some(to) }
}

const fn from_age(from: i32) -> Condition {
    Condition::Age { from, to: None }
}

const WOMEN: Condition = Condition::Sex(Sex::Female);
const MEN: Condition = Condition::Sex(Sex::Male);
/// Older than 65 years: that is how "older adults" is read as well (ours, unverified).
const OVER_65: Condition = from_age(66);
const ADULT: Condition = from_age(19);

/// From 100 mg on a dose of denosumab is the one of oncology, below it that of osteoporosis, as in the rules; a zoledronate of up
/// to 4 mg is that of oncology with the reductions for the kidney (A19), 5 mg is another product.
const DENOSUMAB_120: Condition = drug(Agent::Denosumab, 100_000, i64::MAX, "denosumab 120 mg");
const DENOSUMAB_60: Condition = drug(Agent::Denosumab, 1, 99_999, "denosumab 60 mg");
const ZOLEDRONATE_4: Condition = drug(Agent::Zoledronate, 1, 4_000, "zoledronate 4 mg");
const PAMIDRONATE_90: Condition = drug(Agent::Pamidronate, 1, i64::MAX, "pamidronate 90 mg");

const fn drug(agent: Agent, from_milli: i64, to_milli: i64, name: &'static str) -> Condition {
    Condition::Drug { agent, from_milli, to_milli, name }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tasks::GAPS;

    #[test]
    fn every_target_is_whole() {
        let mut ids = BTreeSet::new();
        for target in all() {
            let id = target.id;
            assert!(ids.insert(id), "{id} twice");
            assert!(id.starts_with(target.topic.name()), "{id} stands in {}", target.topic.name());
            assert!(!target.sources.is_empty(), "{id}: no source");
            for source in target.sources {
                assert!(source.state != SourceState::Unspecified && source.version == VERSION, "{id}");
                assert!(!source.caution.is_empty(), "{id}");
            }
            assert!(target.amount.is_some() || !target.note.is_empty(), "{id} says nothing");
            assert!(target.kind == Kind::Advice || target.amount.is_some(), "{id}: a number is missing");
        }
    }

    #[test]
    fn ends_are_in_order_and_units_are_known() {
        for target in all() {
            let Some(amount) = target.amount else { continue };
            let id = target.id;
            assert!(amount.min.is_some() || amount.max.is_some(), "{id}");
            assert!(amount.min.zip(amount.max).is_none_or(|(min, max)| min <= max), "{id}");
            assert_ne!(super::super::amount::unit_words(amount.unit, false), "", "{id}");
        }
    }

    /// The tasks of a day keep at least what the table says.
    #[test]
    fn what_tasks_keep_apart_is_no_less_than_the_table() {
        for (pair, minutes) in [
            (("levothyroxine", "calcium"), 240),
            (("levothyroxine", "iron"), 240),
            (("quinolone", "calcium"), 120),
            (("tetracycline", "calcium"), 240),
            (("iron", "calcium"), 120),
            (("zinc", "calcium"), 120),
            (("oral_bisphosphonate", "calcium"), 180),
            (("oral_bisphosphonate", ""), 30),
        ] {
            let kept = GAPS.iter().find(|(one, other, _)| (*one, *other) == pair).map(|gap| gap.2);
            assert_eq!(kept, Some(minutes), "{pair:?}");
            let subject = match pair.1 {
                "" => format!("{}-anything", pair.0),
                other => format!("{}-{other}", pair.0),
            };
            let of_table = |minutes: u32| {
                all().filter(|target| target.kind == Kind::Gap && target.subject == subject).any(|target| {
                    let Some((least, unit)) = target.amount.and_then(|amount| Some((amount.min?, amount.unit))) else {
                        return false;
                    };
                    let minutes_of = if unit == "h" { whole(60) } else { whole(1) };
                    least.times(minutes_of) == Some(whole(i64::from(minutes)))
                })
            };
            assert!(of_table(minutes), "{subject}: {minutes} min");
        }
    }
}

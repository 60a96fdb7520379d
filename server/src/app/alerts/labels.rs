//! The label under which an alert stands: the union of the categories of what its rule reads.

use osteon_care_core::{
    alerts,
    facts::gather::Gathered,
    rules::{Fires, Rule, Subject},
};
use osteon_proto::table::table;

const ALERT: u32 = alerts::ALERT;
/// Who the person is, and how they can be reached.
const IDENTITY: &str = "C01";

/// A rule about how records came (R-SYNC-*): its categories are those of what it finds.
pub(super) fn is_of_any(rule: &Rule) -> bool {
    rule.categories.iter().any(|word| word == "*")
}

/// The label under which such a rule speaks. What is known of a device of the person (R-SYNC-3) says how they can be
/// reached, and of what waits for it nothing but how many things: it stands with who they are.
pub(super) fn of_any(fires: &Fires, gathered: &Gathered) -> Option<u64> {
    match fires.key.subject {
        Subject::Record(_) => of_subject(fires, gathered),
        Subject::Person => of_word(IDENTITY),
    }
}

/// The label of the part on which people disagree (R-SYNC-1), where alerts may stand under it.
fn of_subject(fires: &Fires, gathered: &Gathered) -> Option<u64> {
    let Subject::Record(record) = fires.key.subject else { return None };
    let field = fires.fill.get("field")?;
    let mut disputes = gathered.facts().house.disputes.iter();
    let label = disputes.find(|one| one.record.0 == record && one.field == *field)?.label;
    let known = table().get(ALERT)?;
    let mut choices = 1..=u32::try_from(known.label_choice.len()).ok()?;
    choices.any(|choice| known.record_label(choice, 0).is_ok_and(|of| of.0 == label)).then_some(label)
}

/// The label of a rule's alerts: the union of the categories of its inputs.
pub(super) fn of_rule(rule: &Rule) -> Option<u64> {
    of_word(&rule.categories.join("+"))
}

fn of_word(word: &str) -> Option<u64> {
    let known = table().get(ALERT)?;
    let choice = known.label_choice.iter().position(|choice| choice.word == word)?;
    known.record_label(u32::try_from(choice + 1).ok()?, 0).ok().map(|label| label.0)
}

#[cfg(test)]
mod tests {
    use osteon_care_core::{
        Day,
        rules::{BUILT_IN, RuleSet},
    };

    use super::*;

    /// A rule whose alert has no label would be raised for nobody.
    #[test]
    fn every_rule_has_a_label_for_its_alert_and_for_what_is_said_to_it() {
        let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
        let mut unlabelled = Vec::new();
        for rule in set.rules().filter(|rule| !is_of_any(rule)) {
            let word = rule.categories.join("+");
            let has = |number: u32| {
                let known = table().get(number).expect("a type");
                known.label_choice.iter().any(|choice| choice.word == word)
            };
            if of_rule(rule).is_none() || !has(alerts::ACKNOWLEDGEMENT) || !has(alerts::CLOSURE) {
                unlabelled.push((&rule.id, word));
            }
        }
        assert!(unlabelled.is_empty(), "{unlabelled:?}");
        let choices = |number: u32| table().get(number).expect("a type").label_choice.iter();
        for number in [ALERT, alerts::ACKNOWLEDGEMENT, alerts::CLOSURE] {
            assert!(choices(number).any(|choice| choice.word == IDENTITY));
        }
    }
}

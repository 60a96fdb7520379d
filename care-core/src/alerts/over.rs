//! What is over without anybody's doing: rules about how things stand now (a dose that is due, a device that is away) whose
//! condition has ended. An alert about an entry is closed by people alone: an entry stays what it was.

use super::{Alerts, Key, Raised};
use crate::rules::{Evaluation, Severity, Subject};

/// Such rules, and what is said where one of their alerts is closed. Stable: machines may compare it.
pub const ENDS: &[(&str, &str)] = &[
    ("R-SYNC-1", "It is decided: nobody disagrees any more."),
    ("R-SYNC-3", "A device of the patient has come back."),
    ("R-DMAB-1", NOT_DUE),
    ("R-DMAB-2", NOT_DUE),
    ("R-ZOL-1", NOT_DUE),
    ("R-DENT-2", NOT_DUE),
    ("R-DXA-1", NOT_DUE),
    ("R-MON-1", NOT_DUE),
    ("R-VISIT-1", NOT_DUE),
    ("R-BMA-3", NOT_DUE),
    ("R-EDU-1", NOT_DUE),
    ("R-GOAL-1", NOT_DUE),
    ("R-HOME-1", NOT_DUE),
    ("R-EX-6", "There are entries again, or a pause."),
    ("R-GAP-1", "There are entries again, or a pause."),
    ("R-EX-9", "The day is over."),
];

const NOT_DUE: &str = "It is no longer due: it was done, or its date or plan has changed.";

impl Raised {
    /// What is said where the alert is closed because its condition has ended; `None`: people close it.
    pub fn ends(&self) -> Option<&'static str> {
        ENDS.iter().find(|(rule, _)| *rule == self.key.rule).map(|(_, reason)| *reason)
    }
}

impl Alerts {
    /// Open alerts of such rules that nothing stands behind any more, where whatever they are about was looked at. Where a
    /// rule cannot tell of it, nothing is over; an emergency that nobody of the team has seen is not either. `key` and
    /// `subject`: as alerts of this circle have them.
    pub fn over<'a>(
        &'a self,
        found: &'a [Evaluation],
        key: impl Fn(&crate::rules::Fires) -> Key,
        subject: impl Fn(Subject) -> osteon_sync_core::RecordId,
    ) -> impl Iterator<Item = &'a Raised> {
        self.newest_of_each().filter(move |raised| {
            let Some(one) = found.iter().find(|one| one.rule == raised.key.rule) else { return false };
            let unseen = || raised.severity == Severity::Emergency && self.seen(raised).is_none();
            raised.ends().is_some()
                && self.closed(raised).is_none()
                && !unseen()
                && one.cannot_tell.keys().all(|unsure| subject(*unsure) != raised.key.subject)
                && one.fires.values().all(|fires| key(fires) != raised.key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Day,
        rules::{BUILT_IN, RuleSet},
    };

    #[test]
    fn what_ends_by_itself_is_a_rule_and_none_of_an_emergency() {
        let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
        for (id, reason) in ENDS {
            let rule = set.rule(id).expect("a rule");
            assert!(rule.severity() < Some(Severity::Urgent) && !reason.is_empty(), "{id}");
        }
    }
}

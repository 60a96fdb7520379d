//! What a revision of an alert says, and whether a newer finding says something worse. What is said follows the newest
//! finding; it is raised anew only where that is worse in what matters ([`WORSE`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    facts::Instant,
    rules::{Fires, LATE_NOTE, LATE_TEXTS},
};

/// Of one list of an alert.
const MAX_TEXTS: usize = 32;
const MAX_TEXT_CHARS: usize = 400;
const MAX_SIGN_CHARS: usize = 64;

/// Fills of the texts that list signs: another one in them is news.
const SIGNS: [&str; 3] = ["signs", "features", "x"];

/// The signs that a finding names, within the limits of a record.
pub(super) fn signs(fires: &Fires) -> BTreeSet<String> {
    let listed = SIGNS.iter().filter_map(|name| fires.fill.get(name));
    let all: BTreeSet<&str> = listed.flat_map(|text| text.split(", ")).filter(|sign| !sign.is_empty()).collect();
    all.into_iter().take(MAX_TEXTS).map(|sign| cut(sign, MAX_SIGN_CHARS)).collect()
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// What a revision says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Says {
    /// Values of the placeholders of the rule's texts.
    pub texts: BTreeMap<String, String>,
    pub signs: BTreeSet<String>,
    /// Further sentences of the rule set that apply.
    pub notes: BTreeSet<String>,
    /// When what it is about happened.
    pub happened: Option<Instant>,
    /// Days between what happened and its arrival.
    pub late_days: Option<u32>,
    /// Told to nobody (R-EOL-1).
    pub muted: bool,
}

impl Says {
    /// Of a finding, within the limits of a record.
    pub fn of(fires: &Fires) -> Self {
        let texts = fires.fill.iter().filter(|(_, text)| !text.is_empty()).take(MAX_TEXTS);
        let late = fires.happened.and_then(|(at, received)| Some(received?.day().since(at.day())));
        Self {
            texts: texts.map(|(name, text)| ((*name).to_owned(), cut(text, MAX_TEXT_CHARS))).collect(),
            signs: signs(fires),
            notes: fires.notes.iter().map(|note| (*note).to_owned()).collect(),
            happened: fires.happened.map(|(at, _)| at),
            late_days: late.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0),
            muted: fires.muted,
        }
    }

    /// The same where this stood before it. When an entry arrived is known when it does, and stays so: a later look, or a
    /// server that was started since, does not know it any more.
    pub fn after(mut self, before: &Self) -> Self {
        if self.happened.is_none() || self.happened != before.happened {
            return self;
        }
        self.late_days = before.late_days.or(self.late_days);
        if before.notes.contains(LATE_NOTE) {
            self.notes.insert(LATE_NOTE.to_owned());
            let late = before.texts.iter().filter(|(name, _)| LATE_TEXTS.contains(&name.as_str()));
            self.texts.extend(late.map(|(name, text)| (name.clone(), text.clone())));
        }
        self
    }
}

/// Where another value is worse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Higher,
    Lower,
}

/// A number of a rule's texts, and by how many thousandths it has to be worse to be told again. A rule that has none says
/// something worse by another sign or a higher severity alone. (Care specification, 6.1.4: a worse input is open again; which
/// number is worse from which step on is ours, unverified, to be signed.)
pub const WORSE: &[(&str, &str, Side, i64)] = &[
    ("R-SEP-1", "value", Side::Higher, 500),
    ("R-HYPOCA-3", "value", Side::Lower, 1),
    ("R-HYPERCA-1", "value", Side::Higher, 1),
    ("R-FRX-3", "score", Side::Higher, 1_000),
    ("R-SPN-1", "score", Side::Higher, 1_000),
    ("R-SPN-2", "score", Side::Higher, 1_000),
    ("R-VFX-1", "nrs", Side::Higher, 1_000),
    ("R-PAIN-1", "nrs", Side::Higher, 1_000),
    ("R-PAIN-2", "now", Side::Higher, 1_000),
    ("R-PAIN-5", "b", Side::Higher, 1_000),
    ("R-SWELL-1", "grade", Side::Higher, 1_000),
    ("R-PRO-1", "now", Side::Higher, 1_000),
    ("R-NEUR-1", "g", Side::Higher, 1_000),
    ("R-NUT-1", "p", Side::Higher, 1_000),
    ("R-NUT-3", "score", Side::Higher, 1_000),
    ("R-NUT-9", "g", Side::Higher, 1_000),
    ("R-VITD-1", "v", Side::Lower, 5_000),
    ("R-MOOD-1", "s", Side::Higher, 1_000),
    ("R-MOOD-1", "d", Side::Higher, 1_000),
];

/// Whether what is said now is worse in what matters than what was said.
pub(super) fn is_worse(rule: &str, before: &BTreeMap<String, String>, now: &BTreeMap<&'static str, String>) -> bool {
    WORSE.iter().filter(|(of, ..)| *of == rule).any(|(_, name, side, step)| {
        let (before, now) = (before.get(*name), now.get(name));
        match (before.and_then(|text| thousandths(text)), now.and_then(|text| thousandths(text)), side) {
            (Some(before), Some(now), Side::Higher) => now.saturating_sub(before) >= *step,
            (Some(before), Some(now), Side::Lower) => before.saturating_sub(now) >= *step,
            _ => false,
        }
    })
}

/// A decimal number as texts have it; `None`: words.
fn thousandths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    if unsigned.is_empty() || !digits(unsigned) || !digits(part) {
        return None;
    }
    let thousandths: i64 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    let value = unsigned.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(thousandths)?;
    Some(if whole.starts_with('-') { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Day,
        rules::{BUILT_IN, RuleSet, placeholders},
    };

    #[test]
    fn a_number_that_is_worse_stands_in_the_texts_of_its_rule() {
        let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
        for (rule, name, _, step) in WORSE {
            let rule = set.rule(rule).expect("a rule");
            let mut named = placeholders(&rule.clinician_reason).chain(placeholders(&rule.patient_text));
            assert!(named.any(|placeholder| placeholder == *name) && *step > 0, "{} {name}", rule.id);
        }
    }

    #[test]
    fn numbers_are_read_exactly_and_words_are_none() {
        let read = ["1.95", "8", "-2.5", "10.0", "0.1239"].map(thousandths);
        assert_eq!(read, [Some(1_950), Some(8_000), Some(-2_500), Some(10_000), Some(123)]);
        assert_eq!(["", "-", "not asked", "8 weeks", "1.x", "."].map(thousandths), [None; 6]);
    }

    #[test]
    fn worse_is_on_its_side_and_from_its_step_on() {
        let worse = |rule, name: &'static str, before: &str, now: &str| {
            let before = BTreeMap::from([(name.to_owned(), before.to_owned())]);
            is_worse(rule, &before, &BTreeMap::from([(name, now.to_owned())]))
        };
        assert!(worse("R-HYPOCA-3", "value", "1.97", "1.96") && !worse("R-HYPOCA-3", "value", "1.96", "1.97"));
        assert!(worse("R-NUT-1", "p", "5.7", "6.7") && !worse("R-NUT-1", "p", "5.7", "6.6"));
        assert!(!worse("R-DMAB-2", "days", "15", "20"), "time alone is told by the severity");
    }
}

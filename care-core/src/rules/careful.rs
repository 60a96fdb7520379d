//! What another rule set may not take away from the one that the program was built with. A clinic may word a rule otherwise, tell
//! more people and set thresholds within what is allowed; it cannot make an emergency quieter.

use super::{
    outcome::Severity,
    render::placeholders,
    ruleset::{Note, Rule, RuleSet, RuleSetError, Threshold},
    topics,
};

/// Lines of the texts that somebody answers. The physiotherapist's is none: it may name a person.
const LINES: [&str; 3] = ["{emergency_line}", "{crisis_line}", "{team_line}"];
/// Those of an emergency: never replaced by another.
const EMERGENCY_LINES: [&str; 2] = ["{emergency_line}", "{crisis_line}"];
/// Every placeholder that the clinic's settings fill.
const OF_SETTINGS: [&str; 4] = ["emergency_line", "team_line", "crisis_line", "physio"];
/// A text is read on a phone in an emergency: ours are shorter by far (ours, unverified).
pub(super) const MAX_TEXT_CHARS: usize = 1_000;

impl RuleSet {
    /// Whether it may stand for the set that the program was built with: every rule is at least as careful, names no placeholder
    /// that nothing fills, and what is not that set has a newer version, so that an alert says which one raised it.
    pub fn keeps(&self, built_in: &Self) -> Result<(), RuleSetError> {
        let of_each = || built_in.rules().map(|rule| (self.rule(&rule.id), rule));
        if !of_each().all(|(ours, rule)| ours.is_some_and(|ours| ours.is_as_careful_as(rule))) {
            return Err(RuleSetError::LessCareful);
        }
        if !of_each().all(|(ours, rule)| ours.is_some_and(|ours| ours.names_what_is_filled(rule))) {
            return Err(RuleSetError::Placeholder);
        }
        if self.checksum == built_in.checksum {
            return Ok(());
        }
        match self.version.cmp(&built_in.version) {
            std::cmp::Ordering::Less => Err(RuleSetError::Older),
            std::cmp::Ordering::Equal => Err(RuleSetError::SameVersion),
            std::cmp::Ordering::Greater => Ok(()),
        }
    }
}

impl Rule {
    /// Nothing is less severe; what is urgent, or may become it, is told to whom it was told; the rule reads what it read, under the
    /// label that it had; its thresholds are among those that were allowed, it says where it is from, and nobody is surer of it.
    fn is_as_careful_as(&self, built_in: &Self) -> bool {
        let allowed = |ours: &Threshold| {
            let of = built_in.thresholds.iter().find(|of| of.name == ours.name);
            of.is_some_and(|of| of.unit == ours.unit && ours.allowed.iter().all(|value| of.allowed.contains(value)))
        };
        let (ours, theirs) = (self.severity(), built_in.severity());
        let severe = ours.is_some() == theirs.is_some() && ours >= theirs;
        let told = built_in.notify.iter().all(|role| self.notify.contains(role));
        severe
            && (told || !built_in.may_be_urgent())
            && self.says_what_matters(built_in)
            && self.categories == built_in.categories
            && self.inputs == built_in.inputs
            && self.thresholds.iter().all(allowed)
            && self.source.state >= built_in.source.state
    }

    /// By itself, by what it finds, or by the rule that it speaks for.
    fn may_be_urgent(&self) -> bool {
        self.severity().is_none_or(|severity| severity >= Severity::Urgent)
            || topics::RAISED.contains(&self.id.as_str())
    }

    /// A text for the patient of what is urgent names a number to call; no number of an emergency, no threshold that a clinic
    /// sets and no sentence that joins where it applies is dropped.
    fn says_what_matters(&self, built_in: &Self) -> bool {
        let (ours, theirs) = (self.patient_text.as_str(), built_in.patient_text.as_str());
        let kept = EMERGENCY_LINES.iter().all(|line| ours.contains(line) || !theirs.contains(line));
        let cuts = || placeholders(theirs).filter(|name| topics::THRESHOLDS.contains(name));
        let said = cuts().all(|cut| placeholders(ours).any(|name| name == cut));
        let notes = built_in.notes.keys().all(|name| self.notes.contains_key(name));
        let calls = |text: &str| LINES.iter().any(|line| text.contains(line));
        let urgent = self.severity().max(built_in.severity()) >= Some(Severity::Urgent);
        let must_call = calls(theirs) || (urgent && !(ours.is_empty() && theirs.is_empty()));
        kept && said && notes && (calls(ours) || !must_call)
    }

    /// Numbers to call, thresholds of rules, and what the built-in text of the rule names.
    fn names_what_is_filled(&self, built_in: &Self) -> bool {
        let texts = [built_in.patient_text.as_str(), built_in.clinician_reason.as_str()];
        let named = |name: &str, of: &[&str]| of.iter().any(|text| placeholders(text).any(|known| known == name));
        let is_filled = |name: &str, note: Option<&Note>| {
            let of_note = note.map(|note| [note.patient.as_str(), note.clinician.as_str()]);
            OF_SETTINGS.contains(&name)
                || topics::THRESHOLDS.contains(&name)
                || named(name, &texts)
                || of_note.is_some_and(|of_note| named(name, &of_note))
        };
        let own = [self.patient_text.as_str(), self.clinician_reason.as_str()];
        let notes = self.notes.iter().flat_map(|(name, note)| {
            let known = built_in.notes.get(name);
            [(note.patient.as_str(), known), (note.clinician.as_str(), known)]
        });
        let all = own.into_iter().map(|text| (text, None)).chain(notes);
        all.into_iter().all(|(text, note)| placeholders(text).all(|name| is_filled(name, note)))
    }

    /// Whether every text is of a length that is read, and of characters that are seen.
    pub(super) fn has_plain_texts(&self) -> bool {
        let notes = self.notes.values().flat_map(|note| [&note.patient, &note.clinician]);
        let texts = [&self.patient_text, &self.clinician_reason, &self.source.text].into_iter().chain(notes);
        let plain = |text: &String| text.chars().count() <= MAX_TEXT_CHARS && !text.chars().any(is_unseen);
        texts.into_iter().all(plain)
    }
}

/// Control characters, and those that turn the direction of a text or have no width: what is read would not be what was written
/// (Unicode Technical Report 36, 2.5; Unicode Standard, Cc, Cf, Zl, Zp).
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

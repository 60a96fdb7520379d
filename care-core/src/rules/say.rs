//! What a rule found, in words for one reader: the patient's sentence for a patient and a caregiver, the reason for a
//! clinician, nothing for whom the rule has none.

use osteon_proto::meta;

use super::{Rule, RuleSet, Settings, Severity, Told, placeholders, texts};

/// What stands where a number is missing. It hides nothing: whoever reads it knows whom to call.
const NO_EMERGENCY_LINE: &str = "the emergency number";
const NO_TEAM_LINE: &str = "your team";
const NO_CRISIS_LINE: &str = "a crisis line";
const NO_PHYSIO: &str = "your physiotherapist";

/// Whether somebody in this role is told what the rule finds. `saved`: they wrote what it found it on.
pub fn is_told(rule: &Rule, severity: Severity, role: meta::Role, saved: bool) -> bool {
    let notified = |code: &str| rule.notify.iter().any(|notified| notified == code);
    // Whoever writes down an emergency is told, too.
    let own = saved && severity == Severity::Emergency;
    match role {
        meta::Role::Patient => true,
        meta::Role::Caregiver => notified("CG") || own,
        meta::Role::Dietitian => notified("DI") || own,
        meta::Role::Physiotherapist => notified("PH") || own,
        meta::Role::Physician => notified("ON") || own,
        meta::Role::Nurse => notified("NU") || own,
        _ => false,
    }
}

/// `None`: the rule has nothing to say to them.
pub fn say(set: &RuleSet, rule: &Rule, found: &Told<'_>, settings: &Settings, role: meta::Role) -> Option<String> {
    let plain_words = match role {
        meta::Role::Patient | meta::Role::Caregiver => true,
        meta::Role::Dietitian | meta::Role::Physiotherapist | meta::Role::Physician | meta::Role::Nurse => false,
        _ => return None,
    };
    if plain_words && rule.patient_text.is_empty() && found.notes.is_empty() {
        return None;
    }
    let settings = &spoken(settings);
    let said = match texts(set, found.clone(), settings) {
        Ok(said) if plain_words => said.patient,
        Ok(said) => said.clinician,
        // Something that the text names is missing: what to do is said all the same.
        Err(_) => in_general(found.severity, settings),
    };
    // The team's number is not enough: a result that is low becomes an emergency by its value, at whatever hour.
    let names_a_number = placeholders(&rule.patient_text).any(|name| matches!(name, "emergency_line" | "crisis_line"));
    let said = match found.severity {
        Severity::Emergency if plain_words && !names_a_number && !said.contains("Call now:") => {
            format!("{said} Call now: {}.", settings.emergency_line.join(" / "))
        }
        _ => said,
    };
    (!said.is_empty()).then_some(if found.severity == Severity::Emergency { loud(&said) } else { said })
}

fn loud(text: &str) -> String {
    text.replace("Call now:", "CALL NOW:").replace("a call now:", "a call. CALL NOW:")
}

fn in_general(severity: Severity, settings: &Settings) -> String {
    match severity {
        Severity::Emergency => format!("Call now: {}.", settings.emergency_line.join(" / ")),
        Severity::Urgent => format!("Call {} today.", settings.team_line.join(" / ")),
        Severity::Soon | Severity::Info => format!("Tell {} about this.", settings.team_line.join(" / ")),
    }
}

/// The same, with words where a number is missing.
fn spoken(settings: &Settings) -> Settings {
    let or = |line: &[String], words: &str| if line.is_empty() { vec![words.to_owned()] } else { line.to_vec() };
    Settings {
        emergency_line: or(&settings.emergency_line, NO_EMERGENCY_LINE),
        team_line: or(&settings.team_line, NO_TEAM_LINE),
        crisis_line: or(&settings.crisis_line, NO_CRISIS_LINE),
        physio: or(&settings.physio, NO_PHYSIO),
        ..settings.clone()
    }
}

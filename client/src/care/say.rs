//! What a rule found, in words for one reader: the patient's sentence for a patient and a caregiver, the reason for a
//! clinician, nothing for whom the rule has none.

use osteon_care_core::rules::{Fires, Rule, RuleSet, Settings, Severity, placeholders, texts};
use osteon_proto::meta;
use osteon_sync_core::Role;

/// What stands where a number is missing. It hides nothing: whoever reads it knows whom to call.
const NO_EMERGENCY_LINE: &str = "the emergency number";
const NO_TEAM_LINE: &str = "your team";
const NO_CRISIS_LINE: &str = "a crisis line";
const NO_PHYSIO: &str = "your physiotherapist";

/// `saved`: this reader wrote what the rule found it on. `None`: it has nothing to say to them.
pub(super) fn text(
    set: &RuleSet,
    rule: &Rule,
    fires: &Fires,
    settings: &Settings,
    role: Role,
    saved: bool,
) -> Option<String> {
    let is_told = |code: &str| rule.notify.iter().any(|notified| notified == code);
    // Whoever writes down an emergency is told, too.
    let own = saved && fires.severity == Severity::Emergency;
    let (told, plain_words) = match meta::Role::try_from(i32::from(role.0)).ok()? {
        meta::Role::Patient => (true, true),
        meta::Role::Caregiver => (is_told("CG") || own, true),
        meta::Role::Dietitian => (is_told("DI") || own, false),
        meta::Role::Physiotherapist => (is_told("PH") || own, false),
        meta::Role::Physician => (is_told("ON") || own, false),
        meta::Role::Nurse => (is_told("NU") || own, false),
        _ => (false, false),
    };
    if !told || (plain_words && rule.patient_text.is_empty() && fires.notes.is_empty()) {
        return None;
    }
    let settings = &spoken(settings);
    let said = match texts(set, fires, settings) {
        Ok(said) if plain_words => said.patient,
        Ok(said) => said.clinician,
        // Something that the text names is missing: what to do is said all the same.
        Err(_) => in_general(fires.severity, settings),
    };
    let names_a_number = placeholders(&rule.patient_text).any(|name| name.ends_with("_line"));
    let said = match fires.severity {
        Severity::Emergency if plain_words && !names_a_number && !said.contains("Call now:") => {
            format!("{said} Call now: {}.", settings.emergency_line.join(" / "))
        }
        _ => said,
    };
    (!said.is_empty()).then_some(if fires.severity == Severity::Emergency { loud(&said) } else { said })
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

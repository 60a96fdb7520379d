//! Tasks in the words of people, in English: by key, so that an app can have its own texts.

use osteon_proto::plain::plain;

use super::Title;
use crate::{
    assess::{Word as _, overlay::Exclusion},
    vocabulary::movement,
};

impl Title {
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| plain(value).replace('_', " "))
    }

    /// As a person would read it.
    pub fn words(&self) -> String {
        let what = || self.value("what").unwrap_or_else(|| "what your plan says".to_owned());
        let of = |name: &str| self.value(name).unwrap_or_default();
        match self.key {
            "task.exercise" | "task.exercise.supervised" => self.exercise(),
            "task.meal" => format!("Meal {} of {}", of("n"), of("of")),
            "task.fluid" => self.fluid(),
            "task.take" => format!("Take {}", what()),
            "task.mouth_care" => "Clean your teeth, and look at your gums and jaw".to_owned(),
            "task.bone_dose" => match self.value("what") {
                Some(what) => format!("The next dose of your bone medicine is due: {what}"),
                None => "The next dose of your bone medicine is due".to_owned(),
            },
            "task.labs_before_dose" => format!("Blood test before your bone medicine: {}", what()),
            "task.monitoring" => format!("Due: {}", what()),
            "task.visit" => format!("Appointment: {}", self.value("what").unwrap_or_else(|| "your clinic".to_owned())),
            "task.read" => format!("To read this week: {}", what()),
            "task.note.apart" => format!("{} apart from {}", hours(&of("minutes")), what()),
            "task.note.no_room" => {
                format!("No time of the day is {} apart from {}. Ask your team.", hours(&of("minutes")), what())
            }
            "task.note.not_before" => {
                format!("Not before {}: {} was taken, and {} must lie between", of("at"), what(), hours(&of("minutes")))
            }
            "task.note.disputed" => {
                "Your team does not agree on this yet. Until then this is the safer of their plans.".to_owned()
            }
            "task.note.ask_first" => self.ask_first(),
            "task.note.pain_stop" => format!("Stop when pain reaches {} of 10", of("pain")),
            "task.note.effort" => format!("Effort up to {} of 10", of("effort")),
            "task.note.lift_max" => format!("Lift at most {} kg", of("kg")),
            "task.note.forbidden" => {
                let code = self.values.iter().find(|(known, _)| *known == "what").map(|(_, code)| plain(code));
                format!("Do not: {}", code.map_or_else(what, |code| movement(&code)))
            }
            "task.note.no_load" => format!("No load on: {}", what()),
            _ => self.held(),
        }
    }

    fn ask_first(&self) -> String {
        let why = match self.value("leaves").as_deref() {
            Some("nothing") => "a lesion of your bones that this plan has not seen leaves no room for it",
            Some("some") => "a lesion of your bones that this plan has not seen leaves only part of it",
            _ => "this plan has not seen a lesion of your bones",
        };
        let codes = self.values.iter().filter(|(name, _)| *name == "without").map(|(_, code)| code.as_str());
        let without: Vec<&str> = codes.filter_map(Exclusion::parse).map(Exclusion::meaning).collect();
        let without = if without.is_empty() { String::new() } else { format!(" ({})", without.join("; ")) };
        format!("Ask your team first: {why}{without}.")
    }

    fn exercise(&self) -> String {
        let block = match self.value("block").as_deref() {
            Some("main") | None => "Your exercises".to_owned(),
            Some("balance") => "Balance exercises".to_owned(),
            Some("core") => "Exercises for your trunk".to_owned(),
            Some("proprioception") => "Exercises for steadiness".to_owned(),
            Some(other) => other.to_owned(),
        };
        let minutes = self.value("minutes").map_or_else(String::new, |minutes| format!(", up to {minutes} minutes"));
        let beside = if self.key == "task.exercise.supervised" { ", only with your therapist beside you" } else { "" };
        format!("{block}{minutes}{beside}")
    }

    fn fluid(&self) -> String {
        match (self.value("min_ml"), self.value("max_ml")) {
            (Some(least), Some(most)) => format!("Drink {least} mL over the day, and no more than {most} mL"),
            (None, Some(most)) => format!("Drink no more than {most} mL over the day"),
            (least, None) => format!("Drink {} mL over the day", least.unwrap_or_default()),
        }
    }

    /// Why a plan gives no task.
    fn held(&self) -> String {
        let kind = self.value("kind").unwrap_or_else(|| "This".to_owned());
        let mut said = match self.key {
            "task.hold.clearance" => "no session until your team has cleared you for exercise".to_owned(),
            "task.hold.rest" => match self.value("until") {
                Some(until) => format!("you rest until {until}"),
                None => "you rest until your team says otherwise".to_owned(),
            },
            "task.hold.not_active" => "this plan is not in force".to_owned(),
            "task.hold.held" => "on hold until your team says otherwise".to_owned(),
            "task.hold.ask_first" => "ask your team first".to_owned(),
            "task.cannot_tell" => {
                format!("cannot tell, because the plan does not say: {}", self.value("what").unwrap_or_default())
            }
            other => other.to_owned(),
        };
        said.insert_str(0, ": ");
        let mut kind = kind;
        if let Some(first) = kind.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        kind + &said
    }
}

/// Minutes as people say them: "4 h", "30 min".
fn hours(minutes: &str) -> String {
    match minutes.parse::<u32>() {
        Ok(minutes) if minutes >= 60 && minutes % 60 == 0 => format!("{} h", minutes / 60),
        Ok(minutes) if minutes > 60 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{minutes} min"),
    }
}

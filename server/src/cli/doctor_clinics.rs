//! What `osteon doctor` says of each clinic: lines that nobody set, hours in which nobody is on call, what was set and has no
//! effect.

use std::{path::Path, sync::Arc};

use osteon_care_core::{
    clinic::{EMERGENCY_MAX_MIN, EMERGENCY_MIN, Gap, missing_lines},
    rules::{RuleSet, Severity},
};
use osteon_proto::plain as words;

use super::doctor::{Finding, Health, finding};
use crate::{
    app::settings::ClinicSettings,
    clock::SystemClock,
    config::{Config, Database},
    error::Error,
    site::{self, Site},
};

const CHECK: &str = "clinic";
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Nothing is made: without a database and its key there is no clinic to look at.
pub(super) async fn findings(config: &Config) -> Vec<Finding> {
    let there = |path: &Path| path.exists();
    let made = match &config.database {
        Database::Sqlite(path) => there(path),
        Database::Postgres(_) => true,
    };
    if !made || !there(&config.key_file) {
        return Vec::new();
    }
    let Ok(site) = site::open_bare(config, Arc::new(SystemClock)).await else {
        return vec![finding(
            CHECK,
            Health::Warn,
            "the database does not open: the clinics' settings were not looked at",
        )];
    };
    let found = of_site(&site).await;
    site.close_bare().await;
    found.unwrap_or_else(|_| vec![finding(CHECK, Health::Bad, "the clinics' settings cannot be read")])
}

async fn of_site(site: &Site) -> Result<Vec<Finding>, Error> {
    let mut found = Vec::new();
    for (clinic, short_id) in site.store.clinics().await? {
        let settings = site.app.settings_for(clinic).await?;
        found.push(of_clinic(&short_id, &settings, &site.app.care.set()));
    }
    Ok(found)
}

fn of_clinic(short_id: &str, settings: &ClinicSettings, set: &RuleSet) -> Finding {
    let mut said: Vec<String> = Vec::new();
    let missing: Vec<&str> = missing_lines(&settings.rules).into_iter().map(|line| line.code()).collect();
    if !missing.is_empty() {
        said.push(format!("no {}: circles that name none themselves have no number to call", missing.join(", no ")));
    }
    let gaps = settings.clinic.on_call.gaps();
    if !gaps.is_empty() {
        said.push(format!("nobody is on call {}", hours(&gaps)));
    }
    if !settings.zone_known {
        said.push("no time zone that is known here: its hours are read in UTC".into());
    }
    let too_long: Vec<Severity> = settings.clinic.escalation.too_long().map(|(severity, _)| severity).collect();
    for (severity, most, usual) in [
        (Severity::Emergency, format!("{EMERGENCY_MAX_MIN} minutes"), format!("{EMERGENCY_MIN} minutes hold")),
        (Severity::Urgent, "a day, or 8 working hours".to_owned(), "4 working hours hold".to_owned()),
        (Severity::Soon, "a week, or 5 working days".to_owned(), "2 working days hold".to_owned()),
    ] {
        let n = too_long.iter().filter(|one| **one == severity).count();
        if n > 0 {
            said.push(format!("{n} steps of severity {} are set to more than {most}: {usual}", severity.code()));
        }
    }
    let ignored: Vec<String> = settings.clinic.ignored(set).iter().map(|one| words::plain(&one.to_string())).collect();
    if !ignored.is_empty() {
        said.push(format!("set and without effect: {}", ignored.join(", ")));
    }
    if said.is_empty() {
        return finding(CHECK, Health::Good, format!("{short_id}: lines, and somebody on call at every hour"));
    }
    finding(CHECK, Health::Warn, format!("{short_id}: {}", said.join("; ")))
}

/// "at any hour", or "Sat 00-24, Sun 08-20".
fn hours(gaps: &[Gap]) -> String {
    const WEEK: u32 = 7 * 24;
    if gaps.iter().map(|gap| u32::from(gap.until - gap.from)).sum::<u32>() == WEEK {
        return "at any hour".into();
    }
    let word = |gap: &Gap| {
        let day = DAYS.get(usize::from(gap.weekday).saturating_sub(1)).copied().unwrap_or("?");
        format!("{day} {:02}-{:02}", gap.from, gap.until)
    };
    gaps.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_said_by_day() {
        let gap = |weekday, from, until| Gap { weekday, from, until };
        assert_eq!(hours(&[gap(6, 0, 24), gap(7, 8, 20)]), "Sat 00-24, Sun 08-20");
        let week: Vec<Gap> = (1..=7).map(|day| gap(day, 0, 24)).collect();
        assert_eq!(hours(&week), "at any hour");
    }
}

//! The copy of a clinic's settings (V-CLINIC) that the server keeps in each of its circles, for the rules on phones.

use osteon_proto::{care, table::table};

use super::Clinic;
use crate::{
    facts::{
        Analyte,
        from_codes::analyte,
        gather::{self, Merged},
        record::{Record, text},
    },
    rules::Settings,
};

/// LOINC of calcium adjusted for albumin, and the unit that its limits are copied in.
const CALCIUM_ADJUSTED: &str = "29265-6";
const MMOL: &str = "mmol/L";
/// Thresholds are copied in thousandths.
const SCALE: i32 = 1_000;
/// What a list of the copy may hold.
const MAX_LINES: usize = 8;
const MAX_THRESHOLDS: usize = 256;

/// What is copied. `sequence`: of the clinic's circle, when it was read.
pub fn to_copy(settings: &Settings, clinic: &Clinic, sequence: u64) -> care::ClinicCopy {
    let lines = |line: &[String]| line.iter().take(MAX_LINES).cloned().collect();
    let narrow = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
    let (low, high) = (narrow(settings.calcium_low), narrow(settings.calcium_high));
    let limit = care::CopiedLimit { analyte: Some(CALCIUM_ADJUSTED.into()), unit: Some(MMOL.into()), low, high };
    let thresholds = settings.thresholds.iter().filter_map(|(name, value)| {
        let value = i32::try_from(*value).ok()?.checked_mul(SCALE)?;
        Some(care::CopiedThreshold { name: Some(name.clone()), value: Some(value), ..Default::default() })
    });
    let least = settings.least_change.values().min().and_then(|least| u32::try_from(*least).ok());
    care::ClinicCopy {
        emergency_line: lines(&settings.emergency_line),
        team_line: lines(&settings.team_line),
        crisis_line: lines(&settings.crisis_line),
        physio_line: lines(&settings.physio),
        limits: if low.is_some() || high.is_some() { vec![limit] } else { Vec::new() },
        thresholds: thresholds.take(MAX_THRESHOLDS).collect(),
        dxa_least_significant_change: least,
        monitored_round_the_clock: Some(clinic.monitored_round_the_clock),
        settings_sequence: (sequence > 0).then_some(sequence),
    }
}

/// The same, of the copy as it was merged; None where it is gone.
pub fn from_copied_part(merged: Merged<'_>) -> Option<Settings> {
    let live = merged.part.filter(|part| gather::is_there(part))?;
    let known = table().get(merged.type_number)?;
    Some(from_copy(&gather::record(known, merged, [live], 0)).0)
}

/// What rules read of a copy, and whether somebody watches at every hour.
pub fn from_copy(record: &Record<'_>) -> (Settings, bool) {
    type M = care::ClinicCopy;
    let lines = |field: u32, get: fn(M) -> Vec<String>| -> Vec<String> {
        let live = record.live(field, |m: M| Some(get(m)));
        let mut lines: Vec<String> = live.known().flatten().filter_map(|line| text(Some(line.clone()))).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    let mut settings = Settings {
        emergency_line: lines(1, |m| m.emergency_line),
        team_line: lines(2, |m| m.team_line),
        crisis_line: lines(3, |m| m.crisis_line),
        physio: lines(9, |m| m.physio_line),
        ..Settings::default()
    };
    for limit in chunks(record, 4).flat_map(|m: M| m.limits) {
        let of_calcium = limit.analyte.as_deref().and_then(analyte) == Some(Analyte::CalciumAdjusted);
        if of_calcium && limit.unit.as_deref() == Some(MMOL) {
            let low = limit.low.map(i64::from).max(settings.calcium_low);
            // Of a copy that an older server made: limits the wrong way round hold nowhere.
            settings.with_calcium_limits(low, limit.high.map(i64::from));
        }
    }
    for threshold in chunks(record, 5).flat_map(|m: M| m.thresholds) {
        if let (Some(name), Some(value)) = (threshold.name, threshold.value)
            && value % SCALE == 0
        {
            settings.thresholds.insert(name, i64::from(value / SCALE));
        }
    }
    if let Some(least) = record.live(6, |m: M| m.dxa_least_significant_change).known().min() {
        let bones = [Analyte::BmdLumbar, Analyte::BmdHip, Analyte::BmdFemur];
        settings.least_change = bones.into_iter().map(|bone| (bone, i64::from(*least))).collect();
    }
    let watched = record.live(7, |m: M| m.monitored_round_the_clock);
    (settings, !watched.has_unknown() && watched.known().all(|watched| *watched))
}

fn chunks<'r, M: prost::Message + Default>(record: &'r Record<'_>, field: u32) -> impl Iterator<Item = M> + 'r {
    record.versions(field).iter().filter_map(|version| M::decode(version.chunk?).ok())
}

//! What holds here: the clinic's limits and thresholds from the copy of its settings, and whom to call, from the circle, the
//! safety minimum and that copy, whichever is here.

use osteon_care_core::{clinic::from_copied_part, rules::Settings};
use osteon_proto::{
    plain::plain,
    table::FieldInfo,
    values::{Value, values},
};

use super::merged;
use crate::views::{CircleView, RecordView, Seen};

const CIRCLE: u32 = 261;
const SAFETY_MINIMUM: u32 = 321;
const CLINIC_COPY: u32 = 467;

/// Every live number counts: a wrong single number is worse than two.
pub(super) fn settings(view: &CircleView<'_>, parts: &[Seen<'_>]) -> Settings {
    let circle = view.of_type(CIRCLE);
    let safety = view.of_type(SAFETY_MINIMUM);
    let clinic = view.of_type(CLINIC_COPY);
    let first = |sources: &[(&[RecordView], &str)]| {
        sources.iter().map(|(records, name)| texts(records, name)).find(|found| !found.is_empty()).unwrap_or_default()
    };
    let copy = parts.iter().find(|(_, number, _)| *number == CLINIC_COPY);
    let copied = copy.and_then(|part| from_copied_part(merged(part))).unwrap_or_default();
    Settings {
        emergency_line: first(&[
            (&circle, "emergency_line"),
            (&safety, "emergency_lines"),
            (&clinic, "emergency_line"),
        ]),
        team_line: first(&[(&circle, "team_line"), (&clinic, "team_line")]),
        crisis_line: first(&[(&circle, "crisis_line"), (&clinic, "crisis_line")]),
        ..copied
    }
}

/// All live versions of a field, as texts, each once.
fn texts(records: &[RecordView], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (info, chunk) in records.iter().flat_map(|record| live(record, name)) {
        for value in values(info, chunk) {
            if let Value::Text(text) = value {
                let text = plain(text);
                if !found.contains(&text) {
                    found.push(text);
                }
            }
        }
    }
    found
}

fn live<'a>(record: &'a RecordView, name: &str) -> Vec<(&'a FieldInfo, &'a [u8])> {
    let Some(info) = record.kind().and_then(|kind| kind.field_by_name(name)) else { return Vec::new() };
    let fields = record.fields.iter().filter(|field| field.number == info.number);
    fields.flat_map(|field| &field.versions).filter_map(|v| Some((info, v.value.as_deref()?))).collect()
}

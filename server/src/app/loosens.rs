//! Whether a write leaves less restriction: such a write needs a reason. What is safer is care-core's (`relaxation`); here it is asked
//! of what stands in the circle and in its history.

use osteon_care_core::{lifts, relaxes};
use osteon_sync_core::{FieldWrite, PartWrite, Put, Version, ledger::StoredPart};

use super::circle::Circle;

/// Whether a write leaves less restriction than the versions that it names, live or in the history: what its author was
/// shown counts, also where somebody else replaced it meanwhile.
pub(super) fn relaxing(
    part: &PartWrite,
    write: &FieldWrite,
    stored: Option<&StoredPart>,
    circle: &Circle<'_, '_>,
) -> bool {
    let versions = stored.map(|s| s.part.versions(&write.field)).into_iter().flatten();
    let live: Vec<_> = versions.filter(|v| write.replaces.contains(&v.dot)).collect();
    let gone = write.replaces.iter().filter(|dot| live.iter().all(|v| v.dot != **dot));
    let past: Vec<_> = gone.filter_map(|dot| circle.past(*dot, part.part, &write.field)).collect();
    let past = past.iter().map(|(origin, value)| Version {
        dot: origin.0,
        clock: origin.1,
        author: origin.2,
        value: value.as_deref(),
    });
    let put = write.put.as_ref().and_then(Put::value);
    relaxes(part.type_number, write.field.number, live.iter().copied().chain(past), put)
}

/// Whether a write says of a record that stands that it restricts no longer, where nothing that stands says so.
pub(super) fn lifting(part: &PartWrite, write: &FieldWrite, stored: Option<&StoredPart>) -> bool {
    let lifts = |chunk| lifts(part.type_number, write.field.number, chunk);
    let mut stands = stored.map(|stored| stored.part.versions(&write.field)).into_iter().flatten();
    write.put.as_ref().and_then(Put::value).is_some_and(lifts)
        && !stands.any(|version| version.value.is_some_and(lifts))
}

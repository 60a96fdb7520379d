//! V-C02: the primary cancer, and kinds of treatment now active with their dates. No stage, no prognosis, no agent.

use osteon_care_core::Day;
use osteon_proto::care;
use prost::Message;

use super::{
    Derived, Seen,
    input::Input,
    said::{MAX_VERSIONS, each, on, settled, text, texts},
};
use crate::store::StoreError;

pub const OF_CANCER: u32 = 472;
const RISK_PROFILE: u32 = 281;
const CANCER_TREATMENT: u32 = 371;
const MAX_TREATMENTS: usize = 32;

pub(super) const CANCER: Derived = Derived {
    number: OF_CANCER,
    category: Some(2),
    whole: &[RISK_PROFILE, CANCER_TREATMENT],
    single: &[],
    counts: false,
    compute,
};

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let mut made = care::SummaryOfCancer::default();
    let today = seen.today();
    let inputs = each(seen, CANCER.whole, |type_number, from| match type_number {
        RISK_PROFILE => made.primary.extend(from.written_texts("primary_cancer").into_iter().map(text)),
        _ => made.treatments.extend(treatment(from, today)),
    })?;
    made.primary = texts(made.primary, MAX_VERSIONS);
    made.treatments.sort_by(|a, b| (a.kind, &a.start, &a.end).cmp(&(b.kind, &b.start, &b.end)));
    made.treatments.truncate(MAX_TREATMENTS);
    if made != care::SummaryOfCancer::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

/// A course that has not ended; windows at their widest.
fn treatment(from: &mut Input, today: Day) -> Option<care::SummaryTreatment> {
    let (kind, written_ms) = from.number_in_force("kind")?;
    let (start, end) = (from.text("start"), from.text("end"));
    let ended = end.as_deref().and_then(Day::parse).is_some_and(|end| end < today);
    (!ended).then(|| care::SummaryTreatment { kind: Some(kind), start, end, on: on(written_ms) })
}

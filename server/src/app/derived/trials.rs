//! V-C16: in a trial or not, and what must not be taken because of it. Where people disagree, the person is in it.

use osteon_proto::care;
use prost::Message;

use super::{
    Derived, Seen,
    input::Input,
    said::{each, on, settled, text, texts},
};
use crate::store::StoreError;

pub const OF_TRIALS: u32 = 486;
const TRIAL: u32 = 391;
const MAX_PROHIBITED: usize = 128;

pub(super) const TRIALS: Derived =
    Derived { number: OF_TRIALS, category: Some(16), whole: &[TRIAL], single: &[], counts: false, compute };

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let mut made = care::SummaryOfTrials::default();
    let mut answers: Vec<(bool, u64)> = Vec::new();
    let inputs = each(seen, TRIALS.whole, |_, from| {
        let statuses = from.written_numbers("status");
        answers.extend(statuses.iter().map(|(status, ms)| (is_in(*status), *ms)));
        if statuses.is_empty() || statuses.iter().any(|(status, _)| !is_over(*status)) {
            made.prohibited.extend(prohibited(from));
        }
    })?;
    made.prohibited = texts(made.prohibited, MAX_PROHIBITED);
    made.in_trial = answers.into_iter().max().map(|(yes, ms)| care::SummaryTri {
        value: Some(if yes { care::TriState::Yes } else { care::TriState::No }.into()),
        on: on(ms),
    });
    if made != care::SummaryOfTrials::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

fn prohibited(from: &mut Input) -> Vec<care::SummaryText> {
    from.written_texts("prohibited").into_iter().map(text).collect()
}

/// What this version does not know is a trial: the list of what is prohibited holds.
fn is_in(status: i32) -> bool {
    !is_over(status) && status != i32::from(care::TrialStatus::Considering)
}

fn is_over(status: i32) -> bool {
    [care::TrialStatus::Ended, care::TrialStatus::Declined].into_iter().any(|over| status == i32::from(over))
}

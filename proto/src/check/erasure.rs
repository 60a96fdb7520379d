//! The answer to a request to be erased: what is decided, and what the patient is owed with it (GDPR, Article 12(3) and (4)).

use crate::{
    care::{ErasureAnswer, ErasureDecision},
    reasons::Reason,
};
use prost::Message as _;

pub(super) const ANSWER: &str = "osteon.care.v1.ErasureAnswer";

/// Members without which it is none.
pub(super) fn faults(bytes: &[u8]) -> impl Iterator<Item = (&'static str, Reason)> {
    let answer = ErasureAnswer::decode(bytes).unwrap_or_default();
    let known = answer.decision.and_then(|number| ErasureDecision::try_from(number).ok());
    let is_silent = answer.text.as_deref().is_none_or(|text| text.trim().is_empty());
    let faults = [
        ("decision", answer.decision.unwrap_or_default() == 0),
        ("text", is_silent && matches!(known, Some(ErasureDecision::Declined | ErasureDecision::AsksBack))),
        ("by", answer.by.is_none() && known == Some(ErasureDecision::WillBeDone)),
    ];
    faults.into_iter().filter(|(_, is)| *is).map(|(name, _)| (name, Reason::AnswerIncomplete))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(decision: Option<i32>, text: Option<&str>, by: Option<&str>) -> Vec<&'static str> {
        let answer = ErasureAnswer { decision, text: text.map(str::to_owned), by: by.map(str::to_owned) };
        faults(&answer.encode_to_vec()).map(|(name, _)| name).collect()
    }

    #[test]
    fn an_answer_says_what_the_patient_is_owed() {
        let of = |decision: ErasureDecision| Some(decision.into());
        for decision in [None, Some(0)] {
            assert_eq!(found(decision, Some("because"), Some("2027-01-31")), ["decision"]);
        }
        assert!(found(Some(77), None, None).is_empty(), "what a later version decides is kept");
        assert_eq!(found(of(ErasureDecision::WillBeDone), None, None), ["by"]);
        assert!(found(of(ErasureDecision::WillBeDone), None, Some("2027-01-31")).is_empty());
        for decision in [ErasureDecision::Declined, ErasureDecision::AsksBack] {
            assert_eq!(found(of(decision), Some("  "), None), ["text"]);
            assert!(found(of(decision), Some("the law: ten years"), None).is_empty());
        }
    }
}

//! A proposal asks for something that could be written: a field that there is, and a value of it.

use crate::{
    care::Proposal,
    reasons::Reason,
    split::split,
    table::{FieldInfo, table},
};
use prost::Message as _;

/// Type number of Proposal.
const PROPOSAL: u32 = 431;

pub(super) fn concerns(number: u32) -> bool {
    number == PROPOSAL
}

/// What one write says of it.
#[derive(Default)]
pub(super) struct Asked(Proposal);

impl Asked {
    pub(super) fn see(&mut self, _: &FieldInfo, chunk: &[u8]) {
        // What does not decode is told as its own fault.
        let _ = self.0.merge(chunk);
    }

    /// The first member that names nothing. A type of a newer table nobody here could decide about.
    pub(super) fn fault(&self) -> Option<(&'static str, Reason)> {
        let (Some(number), Some(field)) = (self.0.r#type, self.0.field) else { return None };
        let Some(known) = table().get(number) else { return Some(("type", Reason::ArgumentInvalid)) };
        let Some(field) = known.field(field) else { return Some(("field", Reason::ArgumentInvalid)) };
        let value = self.0.value.as_deref()?;
        let is_its_own = split(&known.shape, value).is_ok_and(|parts| {
            let mut chunks = parts.chunks();
            let first = chunks.next().filter(|chunk| chunk.number == field.number);
            first.is_some_and(|chunk| super::check_body(known, [(chunk.number, chunk.bytes)]).is_ok())
                && chunks.next().is_none()
        });
        (!is_its_own).then_some(("value", Reason::ArgumentInvalid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care;

    fn fault(number: u32, field: u32, value: &[u8]) -> Option<&'static str> {
        let asked = Proposal {
            r#type: Some(number),
            field: Some(field),
            value: Some(value.to_vec().into()),
            ..Default::default()
        };
        let mut seen = Asked::default();
        let known = table().get(PROPOSAL).unwrap().field(2).unwrap();
        seen.see(known, &asked.encode_to_vec());
        seen.fault().map(|(name, _)| name)
    }

    #[test]
    fn a_proposal_asks_for_a_field_and_a_value_of_it() {
        let lift = care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() }.encode_to_vec();
        assert_eq!(fault(201, 3, &lift), None);
        assert_eq!(fault(999, 3, &lift), Some("type"));
        assert_eq!(fault(201, 9999, &lift), Some("field"));
        let two = care::ExercisePlan { lift_max_kg: Some(50), max_rpe: Some(5), ..Default::default() }.encode_to_vec();
        let far = care::ExercisePlan { lift_max_kg: Some(900_000), ..Default::default() }.encode_to_vec();
        for value in [&[0xff_u8, 0xff, 0xff, 0xff, 0xff][..], &lift[..1], &two, &far] {
            assert_eq!(fault(201, 3, value), Some("value"), "{value:?}");
        }
        assert_eq!(fault(201, 6, &lift), Some("value"), "of another field");
    }
}

//! Flags of one write that cannot both be true: "none" with something else. Looked at in one write alone: what two people
//! wrote apart is a union or a dispute, no mistake of one of them.

use crate::{
    care,
    table::FieldInfo,
    values::{Value, values},
};

/// Sets and lists with a value that says "none of them".
const NONE_OF: &[(&str, i32)] = &[
    ("osteon.care.v1.MouthSign", care::MouthSign::None as i32),
    ("osteon.care.v1.GiSymptom", care::GiSymptom::None as i32),
    ("osteon.care.v1.FallInjury", care::FallInjury::None as i32),
];

/// What one write says, as far as flags contradict each other.
#[derive(Default)]
pub(super) struct Told<'a> {
    /// (field, "none" was said, something was said)
    lists: Vec<(&'a FieldInfo, bool, bool)>,
}

impl<'a> Told<'a> {
    pub(super) fn see(&mut self, field: &'a FieldInfo, chunk: &[u8]) {
        let Some((_, none)) = NONE_OF.iter().find(|(name, _)| *name == field.type_name) else { return };
        for value in values(field, chunk) {
            let Value::Int(number) = value else { continue };
            let is_none = number == i128::from(*none);
            match self.lists.iter_mut().find(|(known, ..)| known.number == field.number) {
                Some((_, nothing, something)) => {
                    *nothing |= is_none;
                    *something |= !is_none;
                }
                None => self.lists.push((field, is_none, !is_none)),
            }
        }
    }

    pub(super) fn contradicting(&self) -> impl Iterator<Item = &'a str> {
        self.lists
            .iter()
            .filter(|(_, nothing, something)| *nothing && *something)
            .map(|(field, ..)| field.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{Violation, check_body},
        reasons::Reason,
        split::split,
        table::table,
    };

    fn found(number: u32, message: &impl prost::Message) -> Vec<Violation> {
        let kind = table().get(number).expect("a type");
        let body = message.encode_to_vec();
        let parts = split(&kind.shape, &body).expect("good");
        check_body(kind, parts.chunks().map(|c| (c.number, c.bytes))).err().unwrap_or_default()
    }

    #[test]
    fn none_stands_alone() {
        use care::MouthSign::{Bleeding, None as Nothing, Pus};
        let signs = |signs: &[care::MouthSign]| care::MouthCheck {
            signs: signs.iter().map(|sign| *sign as i32).collect(),
            ..Default::default()
        };
        for good in [&[][..], &[Nothing], &[Pus, Bleeding], &[Nothing, Nothing]] {
            assert_eq!(found(115, &signs(good)), [], "{good:?}");
        }
        let contradicts = Violation { path: "mouth_check.signs".into(), reason: Reason::FlagsContradict };
        assert_eq!(found(115, &signs(&[Pus, Nothing])), [contradicts]);
    }

    #[test]
    fn every_list_is_one_of_the_contracts() {
        let fields = || table().types().iter().flat_map(|kind| &kind.shape.fields);
        assert!(NONE_OF.iter().all(|(name, _)| fields().any(|field| field.type_name == *name)));
    }
}

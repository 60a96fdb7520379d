//! Words that the contracts keep as text and the rules read: the signs of a symptom entry, and where something is. Stable
//! codes; what is not among them is kept and shown, and no rule knows of it, so whoever types one is asked again.

use crate::facts::{Sign, Site};

/// What people call some of them.
const ALSO_CALLED: [(&str, &str); 8] = [
    ("arm_weakness", "limb_weakness"),
    ("leg_weakness", "limb_weakness"),
    ("nausea", "nausea_or_vomiting"),
    ("vomiting", "nausea_or_vomiting"),
    ("confusion", "new_confusion"),
    ("tiredness", "marked_tiredness"),
    ("thirst", "great_thirst"),
    ("chills", "shivering_chills"),
];

/// Where something is, in words of our own: the bones and joints of the care specification, section 2.3, and the parts of
/// the body that people name (design). Before each may stand the side, `left_` or `right_`.
pub const SITES: [&str; 57] = [
    "femur",
    "proximal_femur",
    "femoral_shaft",
    "femoral_neck",
    "femoral_head",
    "hip",
    "acetabulum",
    "ilium",
    "pelvis",
    "sacrum",
    "coccyx",
    "tibia",
    "fibula",
    "humerus",
    "radius",
    "ulna",
    "scapula",
    "clavicle",
    "rib",
    "ribs",
    "sternum",
    "spine",
    "cervical_spine",
    "thoracic_spine",
    "lumbar_spine",
    "atlas",
    "axis",
    "mandible",
    "maxilla",
    "temporomandibular_joint",
    "skull",
    "head",
    "face",
    "jaw",
    "mouth",
    "neck",
    "back",
    "upper_back",
    "lower_back",
    "chest",
    "abdomen",
    "groin",
    "buttock",
    "thigh",
    "knee",
    "leg",
    "lower_leg",
    "calf",
    "ankle",
    "foot",
    "shoulder",
    "arm",
    "upper_arm",
    "elbow",
    "forearm",
    "wrist",
    "hand",
];

/// The codes of every sign that the rules know.
pub fn signs() -> impl Iterator<Item = &'static str> {
    Sign::ALL.iter().map(|sign| sign.code())
}

/// The stable code of a sign, by its code or by what people call it.
#[must_use]
pub fn sign(word: &str) -> Option<&'static str> {
    let called = ALSO_CALLED.into_iter().find(|(called, _)| *called == word).map(|(_, sign)| sign);
    Sign::from_code(called.unwrap_or(word)).map(Sign::code)
}

/// Whether a word is a site that is known: one of [`SITES`] or of those that rules ask about, with or without a side, or the number of a SNOMED CT concept
/// (6 to 18 digits; SNOMED CT Release File Specification, 7.4).
#[must_use]
pub fn is_site(word: &str) -> bool {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return (6..=18).contains(&word.len());
    }
    let bare = word.strip_prefix("left_").or_else(|| word.strip_prefix("right_")).unwrap_or(word);
    SITES.contains(&bare) || Site::from_code(bare).is_some_and(|site| site != Site::Other)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_a_code_and_stands_once() {
        for list in [signs().collect::<Vec<_>>(), SITES.to_vec()] {
            let words: BTreeSet<&str> = list.iter().copied().collect();
            assert_eq!(words.len(), list.len());
            assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
        }
        for (called, sign) in ALSO_CALLED {
            assert!(Sign::from_code(sign).is_some() && Sign::from_code(called).is_none(), "{called}");
        }
    }

    #[test]
    fn what_people_call_it_is_found_and_anything_else_is_not() {
        assert_eq!(sign("leg_weakness"), Some("limb_weakness"));
        assert_eq!(sign("not_safe"), Some("not_safe"));
        assert_eq!(sign("foo"), None);
        for site in ["hip", "left_thigh", "right_ilium", "71341001"] {
            assert!(is_site(site), "{site}");
        }
        for site in ["", "foo", "left_", "left", "up_thigh", "12345"] {
            assert!(!is_site(site), "{site}");
        }
    }
}

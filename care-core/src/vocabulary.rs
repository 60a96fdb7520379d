//! Words that the contracts keep as text and the rules read: the signs of a symptom entry, and where something is. Stable
//! codes; what is not among them is kept and shown, and no rule knows of it, so whoever types one is asked again.

use osteon_proto::{
    check::questions::{Doubt, Question},
    table::RecordType,
    values::{Value, values},
};

use crate::facts::{Agent, Analyte, Sign, Site, from_codes};

/// The lists from which rules read codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Codes {
    /// Red flags.
    Signs,
    /// Places of the body.
    Sites,
    /// Bone drugs.
    Agents,
    /// What a laboratory or an image measures.
    Analytes,
}

/// Fields of text that hold codes which rules read, with the list: record type, field.
pub const CODED: [(&str, &str, Codes); 9] = [
    ("J02", "red_flags", Codes::Signs),
    ("J01", "site", Codes::Sites),
    ("J06", "regions_loaded", Codes::Sites),
    ("J14", "site", Codes::Sites),
    ("P-LES", "site", Codes::Sites),
    ("P-EX", "no_load_regions", Codes::Sites),
    ("P-BONE", "agent", Codes::Agents),
    ("J20", "analyte", Codes::Analytes),
    ("ClinicSettings.lab_limit", "analyte", Codes::Analytes),
];

/// In table 2.2 of the care specification, and no rule asks about it.
const Z_SCORE_LUMBAR: &str = "85394-5";

impl Codes {
    /// Whether a rule reads the code, or it is a place that people name and that no rule asks about.
    pub fn knows(self, code: &str) -> bool {
        match self {
            Self::Signs => Sign::from_code(code).is_some(),
            Self::Sites => from_codes::site(code).is_some() || is_named_site(code),
            Self::Agents => from_codes::agent(code).is_some(),
            Self::Analytes => from_codes::analyte(code).is_some() || code == Z_SCORE_LUMBAR,
        }
    }

    /// The codes of the list, our own.
    pub fn list(self) -> Vec<&'static str> {
        match self {
            Self::Signs => signs().collect(),
            Self::Sites => Site::ALL.iter().map(|site| site.code()).collect(),
            Self::Agents => Agent::ALL.iter().map(|agent| agent.code()).collect(),
            Self::Analytes => Analyte::ALL.iter().map(|analyte| analyte.code()).collect(),
        }
    }
}

/// Codes that no rule reads, of a write that nothing refuses: whoever writes is asked, and the answer is theirs. One question
/// a field.
pub fn unknown<'a>(record: &RecordType, chunks: impl IntoIterator<Item = (u32, &'a [u8])>) -> Vec<Question> {
    let mut found: Vec<Question> = Vec::new();
    for (number, chunk) in chunks {
        let Some(field) = record.field(number) else { continue };
        let coded = CODED.iter().find(|(of, name, _)| *of == record.name && *name == field.name);
        let Some((_, _, codes)) = coded.filter(|_| found.iter().all(|one| one.field != number)) else { continue };
        let is_strange = |value| matches!(value, Value::Text(code) if !codes.knows(code));
        if values(field, chunk).any(is_strange) {
            let path = format!("{}.{}", record.member, field.name);
            found.push(Question { path, field: number, doubt: Doubt::CodeUnknown });
        }
    }
    found
}

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

/// Which place of the rules a word is, where it is no code of theirs: a word that people use would be silence else. A word for
/// more than one place has the one of which rules ask most: "back" and "spine" are the chest's part of it, where a cord that
/// is pressed is looked for first (ours, not verified).
const PLACES: [(&str, Site); 30] = [
    ("femur", Site::FemoralShaft),
    ("femoral_neck", Site::ProximalFemur),
    ("femoral_head", Site::ProximalFemur),
    ("acetabulum", Site::Hip),
    ("ilium", Site::Pelvis),
    ("sacrum", Site::Sacral),
    ("coccyx", Site::Sacral),
    ("tibia", Site::LowerLeg),
    ("fibula", Site::LowerLeg),
    ("radius", Site::Forearm),
    ("ulna", Site::Forearm),
    ("ribs", Site::Rib),
    ("spine", Site::Thoracic),
    ("cervical_spine", Site::Cervical),
    ("thoracic_spine", Site::Thoracic),
    ("lumbar_spine", Site::Lumbar),
    ("atlas", Site::Cervical),
    ("axis", Site::Cervical),
    ("temporomandibular_joint", Site::JawJoint),
    ("head", Site::Skull),
    ("jaw", Site::Mandible),
    ("neck", Site::Cervical),
    ("back", Site::Thoracic),
    ("upper_back", Site::Thoracic),
    ("lower_back", Site::Lumbar),
    ("chest", Site::Rib),
    ("buttock", Site::Pelvis),
    ("calf", Site::LowerLeg),
    ("upper_arm", Site::Humerus),
    ("wrist", Site::Forearm),
];

/// Movements of an exercise plan in words that people use (the codes are those of P-EX; the words are ours, and the portal's).
const MOVEMENTS: [(&str, &str); 7] = [
    ("spine_flex", "bending the spine"),
    ("spine_rot", "twisting the spine"),
    ("hip_flex_ext", "bending or stretching the hip"),
    ("shoulder_abd", "raising the arm sideways"),
    ("high_impact", "impact"),
    ("twist_under_load", "twisting under load"),
    ("jump", "jumping"),
];

/// What people call a movement; of a code that is not known its own words.
#[must_use]
pub fn movement(code: &str) -> String {
    let known = MOVEMENTS.into_iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.replace('_', " "), |(_, words)| words.to_owned())
}

fn without_side(word: &str) -> &str {
    word.strip_prefix("left_").or_else(|| word.strip_prefix("right_")).unwrap_or(word)
}

/// The place of the rules that a word of people stands for, with or without a side.
pub(crate) fn place(word: &str) -> Option<Site> {
    let bare = without_side(word);
    let named = PLACES.into_iter().find(|(called, _)| *called == bare).map(|(_, site)| site);
    named.or_else(|| Site::from_code(bare).filter(|_| bare != word))
}

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

/// Where a person fell (J07 place; the care specification names no list: ours, unverified). No rule reads it, R-FALL-3 says it.
pub const FALL_PLACES: [&str; 13] = [
    "bathroom",
    "bedroom",
    "kitchen",
    "living_room",
    "hallway",
    "stairs",
    "garden",
    "outdoors",
    "street",
    "shop",
    "clinic",
    "vehicle",
    "elsewhere",
];

/// Whether a word is a site that is known: one of [`SITES`] or of those that rules ask about, with or without a side, or the number of a SNOMED CT concept
/// (6 to 18 digits; SNOMED CT Release File Specification, 7.4).
#[must_use]
pub fn is_site(word: &str) -> bool {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return (6..=18).contains(&word.len());
    }
    is_named_site(word)
}

/// The same without the numbers.
fn is_named_site(word: &str) -> bool {
    let bare = without_side(word);
    SITES.contains(&bare) || Site::from_code(bare).is_some_and(|site| site != Site::Other)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_movement_is_said_in_plain_words() {
        assert_eq!(movement("spine_rot"), "twisting the spine");
        assert_eq!(movement("trunk_rotation"), "trunk rotation");
    }

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
    fn a_code_that_no_rule_reads_is_asked_about_once_a_field() {
        use osteon_proto::{care, split::split, table::table};
        use prost::Message;
        let asked = |number: u32, message: &[u8]| {
            let kind = table().get(number).expect("a type");
            let parts = split(&kind.shape, message).expect("good");
            let found = unknown(kind, parts.chunks().map(|c| (c.number, c.bytes)));
            found.into_iter().map(|one| (one.path, one.doubt.as_str())).collect::<Vec<_>>()
        };
        let symptom = |flags: &[&str]| {
            let red_flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            asked(102, &care::SymptomEntry { red_flags, ..Default::default() }.encode_to_vec())
        };
        assert_eq!(symptom(&["limb_weakness", "chest_pain"]), []);
        let expected = ("symptom_entry.red_flags".to_owned(), "CODE_UNKNOWN");
        assert_eq!(symptom(&["limb_weakness", "leg_weakness", "foo"]), [expected]);
        let pain =
            |site: &str| asked(101, &care::PainEntry { site: vec![site.into()], ..Default::default() }.encode_to_vec());
        for known in ["hip", "left_thigh", "lower_back", "71341001", "other"] {
            assert_eq!(pain(known), [], "{known}");
        }
        for strange in ["elbo", "12345678", "Hip"] {
            assert_eq!(pain(strange).len(), 1, "{strange}");
        }
        let agent = |code: &str| {
            asked(231, &care::BoneDrugPlan { agent: Some(code.into()), ..Default::default() }.encode_to_vec())
        };
        assert_eq!((agent("denosumab").len(), agent("M05BX04").len(), agent("aspirin").len()), (0, 0, 1));
        let result = |code: &str| {
            asked(120, &care::LaboratoryResult { analyte: Some(code.into()), ..Default::default() }.encode_to_vec())
        };
        for known in ["calcium_total", "2000-8", "t_score_hip", Z_SCORE_LUMBAR] {
            assert_eq!(result(known), [], "{known}");
        }
        for strange in ["calcium", "ferritin", "2000-9"] {
            assert_eq!(result(strange), [("laboratory_result.analyte".to_owned(), "CODE_UNKNOWN")], "{strange}");
        }
    }

    #[test]
    fn every_field_of_codes_stands_in_the_contracts() {
        for (name, field, codes) in CODED {
            let known = osteon_proto::table::table().by_name(name).and_then(|known| known.field_by_name(field));
            assert!(known.is_some(), "{name}.{field}");
            assert!(codes.list().iter().all(|code| codes.knows(code)), "{name}.{field}");
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
        // What a phone offers, rules know: or it says nothing of the skeleton.
        let elsewhere = ["face", "mouth", "other"];
        for site in SITES.iter().filter(|site| !elsewhere.contains(site)) {
            assert!(Site::from_code(site).or_else(|| place(site)).is_some(), "{site}");
            assert!(place(&format!("left_{site}")).is_some(), "left {site}");
        }
        assert_eq!(place("left_upper_back"), Some(Site::Thoracic));
        assert_eq!((place("foo"), place("left_")), (None, None));
        for site in ["", "foo", "left_", "left", "up_thigh", "12345"] {
            assert!(!is_site(site), "{site}");
        }
    }
}

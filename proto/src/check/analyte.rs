//! J20 and a clinic's limits of an analyte: the hard range of a result, and the units that it may have, depend on what was
//! measured. Care specification, sections 2.1 and 2.2. The range is checked in the canonical unit, whatever the result was
//! reported in (a calcium of 2.1 in mg/dL is 0.52 mmol/L, and a slip of the unit); of an analyte that is not in the table any
//! unit is taken, and none is not. A lower limit over the upper one is a slip: every
//! result would be out of both.

use crate::{
    reasons::Reason,
    table::FieldInfo,
    values::{Value, value},
};

const LABORATORY_RESULT: u32 = 120;
const LAB_LIMIT: u32 = 465;
pub(super) const VALUE: &str = "value";
const UNIT: &str = "unit";
const ANALYTE: &str = "analyte";
/// Bone density is compared with young adults at these sites and at no other, in whatever unit somebody writes it.
const T_SCORE: &str = "{T-score}";
const T_SCORE_CODE: &str = "tscore";
const T_SCORE_SITES: &[&str] = &["38267-1", "38264-8", "38263-0", "85394-5"];

/// Units besides the canonical one that a value is converted from, and the exact constants (numerator, denominator) that make
/// it canonical: care specification, section 2.1; `convert.rs` and `from_codes.rs` of care-core have the same.
const ALSO_IN: &[(&[&str], &str, i128, i128)] = &[
    (&["2000-8", "17861-6", "29265-6", "1994-3"], "mg/dL", 2_495, 10_000),
    (&["1751-7", "718-7"], "g/dL", 10, 1),
    (&["1989-3", "62292-8"], "ng/mL", 2_496, 1_000),
    (&["2601-3", "19123-9"], "mg/dL", 4_114, 10_000),
    (&["2777-1", "14879-1"], "mg/dL", 3_229, 10_000),
    (&["2160-0", "14682-9"], "mg/dL", 8_842, 100),
];

/// Results of calcium that are flagged: outside of least to greatest, canonical unit × 10^4. Care specification, table 2.2, for total
/// and ionised; adjusted calcium has the cuts at which R-HYPOCA-3 and R-HYPERCA-1 are urgent, which are those of total calcium.
/// They are asked about, because a slip here hides an emergency or makes one: no rule reads a total calcium without albumin.
const FLAGS: &[(&[&str], i128, i128)] =
    &[(&["2000-8", "17861-6", "29265-6"], 20_000, 28_000), (&["1994-3"], 10_000, 15_000)];

/// Our own codes of analytes that have a LOINC number, too.
const OWN_CODES: &[(&str, &str)] = &[
    ("calcium_total", "2000-8"),
    ("calcium_adjusted", "29265-6"),
    ("calcium_ionised", "1994-3"),
    ("albumin", "1751-7"),
    ("vitamin_d_25oh", "1989-3"),
    ("magnesium", "2601-3"),
    ("phosphate", "2777-1"),
    ("creatinine", "2160-0"),
    ("egfr", "98979-8"),
    ("creatinine_clearance", "35591-7"),
    ("pth", "2731-8"),
    ("alp", "6768-6"),
    ("ctx", "41171-0"),
    ("p1np", "47255-5"),
    ("haemoglobin", "718-7"),
    ("platelets", "777-3"),
    ("t_score_lumbar", "38267-1"),
    ("t_score_hip", "38264-8"),
    ("t_score_femur", "38263-0"),
    ("bmd_lumbar", "24966-4"),
    ("bmd_hip", "24966-4"),
    ("bmd_femur", "24966-4"),
];

/// LOINC numbers, canonical unit (UCUM), least and greatest value × 10^4 (the scale of J20.value).
const RANGES: &[(&[&str], &str, i128, i128)] = &[
    // Calcium, total and adjusted for albumin; ionised.
    (&["2000-8", "17861-6", "29265-6"], "mmol/L", 10_000, 45_000),
    (&["1994-3"], "mmol/L", 5_000, 25_000),
    // Albumin.
    (&["1751-7"], "g/L", 100_000, 600_000),
    // 25-OH vitamin D.
    (&["1989-3", "62292-8"], "nmol/L", 50_000, 5_000_000),
    // Magnesium; phosphate.
    (&["2601-3", "19123-9"], "mmol/L", 2_000, 30_000),
    (&["2777-1", "14879-1"], "mmol/L", 2_000, 50_000),
    // Creatinine; eGFR CKD-EPI 2021; creatinine clearance.
    (&["2160-0", "14682-9"], "umol/L", 150_000, 20_000_000),
    (&["98979-8"], "mL/min/{1.73_m2}", 10_000, 2_000_000),
    (&["35591-7"], "mL/min", 10_000, 2_500_000),
    // PTH intact; ALP; CTX; P1NP.
    (&["2731-8"], "ng/L", 10_000, 30_000_000),
    (&["6768-6"], "U/L", 50_000, 30_000_000),
    (&["41171-0"], "ng/L", 50_000, 50_000_000),
    (&["47255-5"], "ug/L", 10_000, 20_000_000),
    // Haemoglobin; platelets (design).
    (&["718-7"], "g/L", 300_000, 2_200_000),
    (&["777-3"], "10*9/L", 0, 30_000_000),
    // DXA: T-scores and Z-score; bone mineral density.
    (&["38267-1", "38264-8", "38263-0", "85394-5"], "{T-score}", -100_000, 100_000),
    (&["24966-4"], "g/cm2", 1_000, 25_000),
];

/// What one write says of a result.
#[derive(Default)]
pub(super) struct Reported<'a> {
    analyte: Option<&'a str>,
    unit: Option<&'a str>,
    value: Option<i128>,
    /// The fields of the limits, and what stands in them.
    low: Option<(&'static str, i128)>,
    high: Option<(&'static str, i128)>,
}

/// Record types that say something of an analyte.
pub(super) fn concerns(record: u32) -> bool {
    matches!(record, LABORATORY_RESULT | LAB_LIMIT)
}

impl<'a> Reported<'a> {
    pub(super) fn see(&mut self, field: &'a FieldInfo, chunk: &'a [u8]) {
        match (field.name.as_str(), value(field, chunk)) {
            ("analyte", Some(Value::Text(text))) => self.analyte = Some(text),
            ("unit", Some(Value::Text(text))) => self.unit = Some(text),
            (VALUE, Some(Value::Int(n))) => self.value = Some(n),
            ("low", Some(Value::Int(n))) => self.low = Some(("low", n)),
            ("high", Some(Value::Int(n))) => self.high = Some(("high", n)),
            ("ref_low", Some(Value::Int(n))) => self.low = Some(("ref_low", n)),
            ("ref_high", Some(Value::Int(n))) => self.high = Some(("ref_high", n)),
            _ => {}
        }
    }

    /// What is wrong with it, and in which field.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&'static str, Reason)> {
        let unit = self.unit.filter(|unit| !unit.is_empty());
        let has_number = self.value.is_some() || self.low.is_some() || self.high.is_some();
        let missing = (self.analyte.is_some() && has_number && unit.is_none()).then_some((UNIT, Reason::UnitMissing));
        let of_value = self.analyte.zip(unit).and_then(|(analyte, unit)| of(analyte, unit, self.value));
        let reversed = self.low.zip(self.high).filter(|((_, low), (_, high))| low > high);
        let reversed = reversed.map(|(_, (high, _))| (high, Reason::LimitsReversed));
        missing.into_iter().chain(of_value).chain(reversed)
    }
}

impl Reported<'_> {
    /// Whether it is a calcium of which somebody is asked whether it is right.
    pub(super) fn is_flagged(&self) -> bool {
        let Some(((analyte, unit), value)) = self.analyte.zip(self.unit).zip(self.value) else { return false };
        let loinc = loinc(analyte);
        let flag = FLAGS.iter().find(|(codes, ..)| codes.contains(&loinc));
        let range = RANGES.iter().find(|(codes, ..)| codes.contains(&loinc));
        flag.zip(range).is_some_and(|((_, least, most), (_, canonical, ..))| {
            let inside = |(above, below): (i128, i128)| (least * below..=most * below).contains(&(value * above));
            ratio(loinc, unit, canonical).is_some_and(|ratio| !inside(ratio))
        })
    }
}

/// Whether a code means a score of bone density, however it is spelt: "t_score_femoral_neck", "T-score elbow".
fn is_t_score(code: &str) -> bool {
    let letters = code.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase());
    letters.take(T_SCORE_CODE.len()).eq(T_SCORE_CODE.chars())
}

fn of(analyte: &str, unit: &str, value: Option<i128>) -> Option<(&'static str, Reason)> {
    let loinc = loinc(analyte);
    if (unit == T_SCORE || is_t_score(analyte)) && !T_SCORE_SITES.contains(&loinc) {
        return Some((ANALYTE, Reason::SiteUnknown));
    }
    let (_, canonical, min, max) = RANGES.iter().find(|(codes, ..)| codes.contains(&loinc))?;
    let Some((above, below)) = ratio(loinc, unit, canonical) else { return Some((UNIT, Reason::UnitWrong)) };
    let inside = value.is_none_or(|value| (min * below..=max * below).contains(&(value * above)));
    (!inside).then_some((VALUE, Reason::OutOfRange))
}

fn loinc(analyte: &str) -> &str {
    OWN_CODES.iter().find(|(own, _)| *own == analyte).map_or(analyte, |(_, loinc)| loinc)
}

/// What makes a value of this unit canonical; None: a unit that is not one of the analyte's.
fn ratio(loinc: &str, unit: &str, canonical: &str) -> Option<(i128, i128)> {
    if unit == canonical {
        return Some((1, 1));
    }
    let also = ALSO_IN.iter().find(|(codes, also, ..)| codes.contains(&loinc) && *also == unit);
    also.map(|(_, _, above, below)| (*above, *below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(analyte: &str, unit: Option<&str>, value: i128) -> Vec<(&'static str, Reason)> {
        Reported { analyte: Some(analyte), unit, value: Some(value), ..Reported::default() }.faults().collect()
    }

    /// What is refused of a whole body: (path, reason).
    fn refused(number: u32, message: &impl prost::Message) -> Vec<(String, Reason)> {
        let kind = crate::table::table().get(number).expect("a type");
        let body = message.encode_to_vec();
        let parts = crate::split::split(&kind.shape, &body).expect("good");
        let found = crate::check::check_body(kind, parts.chunks().map(|c| (c.number, c.bytes)));
        found.err().unwrap_or_default().into_iter().map(|one| (one.path, one.reason)).collect()
    }

    #[test]
    fn limits_of_a_clinic_have_a_unit_of_their_analyte_and_the_lower_one_is_lower() {
        let limit = |analyte: &str, unit: Option<&str>, low, high| {
            let unit = unit.map(ToOwned::to_owned);
            refused(LAB_LIMIT, &crate::care::LabLimit { parent: None, analyte: Some(analyte.into()), unit, low, high })
        };
        let reversed = [("lab_limit.high".to_owned(), Reason::LimitsReversed)];
        assert_eq!(limit("calcium_adjusted", Some("mmol/L"), Some(22_000), Some(26_000)), []);
        assert_eq!(limit("29265-6", Some("mg/dL"), Some(88_000), None), []);
        assert_eq!(limit("osteon:new", Some("furlong"), Some(1), Some(1)), [], "nobody knows its units");
        assert_eq!(limit("calcium_adjusted", Some("mmol/L"), Some(26_000), Some(22_000)), reversed);
        assert_eq!(limit("osteon:new", Some("furlong"), Some(2), Some(1)), reversed);
        for unit in ["mmol", "umol/L", "kg"] {
            let wrong = [("lab_limit.unit".to_owned(), Reason::UnitWrong)];
            assert_eq!(limit("calcium_adjusted", Some(unit), Some(22_000), None), wrong, "{unit}");
        }
        let missing = [("lab_limit.unit".to_owned(), Reason::UnitMissing)];
        assert_eq!(limit("calcium_adjusted", None, None, Some(26_000)), missing);
        // A later write of one limit alone cannot tell: then it has no effect (care-core, `clinic/ignored.rs`).
        let later = crate::care::LabLimit { low: Some(30_000), ..Default::default() };
        assert_eq!(refused(LAB_LIMIT, &later), []);
    }

    #[test]
    fn limits_of_a_report_are_the_right_way_round() {
        let result = |low, high| crate::care::LaboratoryResult {
            analyte: Some("calcium_adjusted".into()),
            value: Some(20_500),
            unit: Some("mmol/L".into()),
            ref_low: low,
            ref_high: high,
            ..Default::default()
        };
        for good in [(Some(22_000), Some(26_000)), (Some(22_000), None), (None, Some(26_000)), (Some(1), Some(1))] {
            assert_eq!(refused(LABORATORY_RESULT, &result(good.0, good.1)), [], "{good:?}");
        }
        let reversed = [("laboratory_result.ref_high".to_owned(), Reason::LimitsReversed)];
        assert_eq!(refused(LABORATORY_RESULT, &result(Some(26_000), Some(20_000))), reversed);
    }

    #[test]
    fn a_result_has_a_unit_and_it_is_one_of_its_analyte() {
        for good in [("2000-8", "mmol/L", 24_000), ("calcium_total", "mg/dL", 96_000), ("osteon:new", "furlong", 1)] {
            assert_eq!(faults(good.0, Some(good.1), good.2), [], "{good:?}");
        }
        assert_eq!(faults("2000-8", None, 24_000), [(UNIT, Reason::UnitMissing)]);
        assert_eq!(faults("osteon:new", Some(""), 1), [(UNIT, Reason::UnitMissing)]);
        assert_eq!(faults("2000-8", Some("kg"), 24_000), [(UNIT, Reason::UnitWrong)]);
        assert_eq!(faults("2160-0", Some("mmol/L"), 24_000), [(UNIT, Reason::UnitWrong)]);
        assert_eq!(faults("calcium_total", Some("mmol/L"), 960_000), [(VALUE, Reason::OutOfRange)]);
        assert_eq!(faults("calcium_total", Some("mg/dL"), 21_000), [(VALUE, Reason::OutOfRange)], "0.52 mmol/L");
        // 1.1 mg/dL are 97.262 umol/L, 0.1 are 8.842: below the 15 of table 2.2.
        assert_eq!(faults("2160-0", Some("mg/dL"), 11_000), []);
        assert_eq!(faults("2160-0", Some("mg/dL"), 1_000), [(VALUE, Reason::OutOfRange)]);
    }

    #[test]
    fn a_t_score_is_of_a_site_that_there_is() {
        for site in ["38267-1", "t_score_lumbar", "t_score_hip", "t_score_femur", "85394-5"] {
            assert_eq!(faults(site, Some(T_SCORE), -25_000), [], "{site}");
        }
        for site in ["t_score_elbow", "osteon:t-score", "2000-8"] {
            assert_eq!(faults(site, Some(T_SCORE), -25_000), [(ANALYTE, Reason::SiteUnknown)], "{site}");
        }
        for site in ["t_score_elbow", "t_score_femoral_neck", "t_score", "T-score elbow", "TScoreWrist"] {
            for unit in [T_SCORE, "{score}", "1"] {
                assert_eq!(faults(site, Some(unit), -25_000), [(ANALYTE, Reason::SiteUnknown)], "{site} {unit}");
            }
        }
        for unit in ["{score}", "1"] {
            assert_eq!(faults("t_score_lumbar", Some(unit), -25_000), [(UNIT, Reason::UnitWrong)], "{unit}");
        }
    }
}

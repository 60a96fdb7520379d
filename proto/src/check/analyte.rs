//! J20: the hard range of a result, and the units that it may have, depend on what was measured. Care specification,
//! sections 2.1 and 2.2. The range is checked where the unit as reported is the canonical one; of an analyte that is not in
//! the table any unit is taken, and none is not.

use crate::{
    reasons::Reason,
    table::FieldInfo,
    values::{Value, value},
};

pub(super) const LABORATORY_RESULT: u32 = 120;
pub(super) const VALUE: &str = "value";
const UNIT: &str = "unit";
const ANALYTE: &str = "analyte";
/// Bone density is compared with young adults at these sites and at no other.
const T_SCORE: &str = "{T-score}";
const T_SCORE_SITES: &[&str] = &["38267-1", "38264-8", "38263-0", "85394-5"];

/// Units besides the canonical one that a value is converted from. Care specification, section 2.1.
const ALSO_IN: &[(&[&str], &str)] = &[
    (&["2000-8", "17861-6", "29265-6", "1994-3"], "mg/dL"),
    (&["1751-7", "718-7"], "g/dL"),
    (&["1989-3", "62292-8"], "ng/mL"),
    (&["2601-3", "19123-9", "2777-1", "14879-1", "2160-0", "14682-9"], "mg/dL"),
];

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
}

impl<'a> Reported<'a> {
    pub(super) fn see(&mut self, field: &'a FieldInfo, chunk: &'a [u8]) {
        match (field.name.as_str(), value(field, chunk)) {
            ("analyte", Some(Value::Text(text))) => self.analyte = Some(text),
            ("unit", Some(Value::Text(text))) => self.unit = Some(text),
            (VALUE, Some(Value::Int(n))) => self.value = Some(n),
            _ => {}
        }
    }

    /// What is wrong with it, and in which field.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&'static str, Reason)> {
        let unit = self.unit.filter(|unit| !unit.is_empty());
        let missing =
            (self.analyte.is_some() && self.value.is_some() && unit.is_none()).then_some((UNIT, Reason::UnitMissing));
        let of_value = self.analyte.zip(unit).and_then(|(analyte, unit)| of(analyte, unit, self.value));
        missing.into_iter().chain(of_value)
    }
}

fn of(analyte: &str, unit: &str, value: Option<i128>) -> Option<(&'static str, Reason)> {
    let loinc = OWN_CODES.iter().find(|(own, _)| *own == analyte).map_or(analyte, |(_, loinc)| loinc);
    if unit == T_SCORE && !T_SCORE_SITES.contains(&loinc) {
        return Some((ANALYTE, Reason::SiteUnknown));
    }
    let (_, canonical, min, max) = RANGES.iter().find(|(codes, ..)| codes.contains(&loinc))?;
    if unit == *canonical {
        let inside = value.is_none_or(|value| (*min..=*max).contains(&value));
        return (!inside).then_some((VALUE, Reason::OutOfRange));
    }
    let converted = ALSO_IN.iter().any(|(codes, also)| codes.contains(&loinc) && *also == unit);
    (!converted).then_some((UNIT, Reason::UnitWrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(analyte: &str, unit: Option<&str>, value: i128) -> Vec<(&'static str, Reason)> {
        Reported { analyte: Some(analyte), unit, value: Some(value) }.faults().collect()
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
    }

    #[test]
    fn a_t_score_is_of_a_site_that_there_is() {
        for site in ["38267-1", "t_score_lumbar", "t_score_hip", "t_score_femur", "85394-5"] {
            assert_eq!(faults(site, Some(T_SCORE), -25_000), [], "{site}");
        }
        for site in ["t_score_elbow", "osteon:t-score", "2000-8"] {
            assert_eq!(faults(site, Some(T_SCORE), -25_000), [(ANALYTE, Reason::SiteUnknown)], "{site}");
        }
    }
}

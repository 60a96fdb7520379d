//! J20: the hard range of a result depends on what was measured. Care specification, section 2.2; checked only where
//! the unit as reported is the canonical one.

use crate::{
    table::FieldInfo,
    values::{Value, value},
};

pub(super) const LABORATORY_RESULT: u32 = 120;
pub(super) const VALUE: &str = "value";

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

    pub(super) fn out_of_range(&self) -> bool {
        let (Some(analyte), Some(unit), Some(value)) = (self.analyte, self.unit, self.value) else {
            return false;
        };
        RANGES
            .iter()
            .any(|(codes, u, min, max)| codes.contains(&analyte) && *u == unit && !(*min..=*max).contains(&value))
    }
}

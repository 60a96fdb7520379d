//! From the units in which something was entered to the canonical ones, with the exact constants of the care
//! specification, section 2.1. Nothing is rounded.

use crate::exact::Exact;

macro_rules! conversions {
    ($($(#[$doc:meta])* $name:ident = $units:literal e $places:literal;)+) => {
        $($(#[$doc])* pub fn $name(value: Exact) -> Option<Exact> {
            value.times(Exact::constant($units, $places))
        })+
    };
}

conversions! {
    /// mg/dL → mmol/L
    calcium_mmol = 2495 e 4;
    /// mg/dL → µmol/L
    creatinine_umol = 8842 e 2;
    /// ng/mL → nmol/L
    vitamin_d_nmol = 2496 e 3;
    /// µg → IU
    vitamin_d_iu = 40 e 0;
    /// g/dL → g/L
    albumin_g_l = 10 e 0;
    /// mg/dL → mmol/L
    phosphate_mmol = 3229 e 4;
    /// mg/dL → mmol/L
    magnesium_mmol = 4114 e 4;
}

/// µmol/L → mg/dL: what the kidney formulas take.
pub fn creatinine_mg_dl(umol: Exact) -> Option<Exact> {
    umol.over(Exact::constant(8842, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_exact() {
        let dec = |text| Exact::parse(text).expect("a decimal");
        assert_eq!(calcium_mmol(dec("10")), Some(dec("2.495")));
        assert_eq!(creatinine_umol(dec("1.1")), Some(dec("97.262")));
        assert_eq!(creatinine_mg_dl(dec("97.262")), Some(dec("1.1")));
        assert_eq!(vitamin_d_iu(dec("20")), Some(dec("800")));
    }
}

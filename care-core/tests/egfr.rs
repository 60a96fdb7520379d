//! eGFR has real exponents, so it is computed in fixed point. Here the same number is caught between two bounds that come
//! from whole-number arithmetic of 400 bits and more without a logarithm: both sides are raised to the 1000th power, in
//! which every exponent is whole. The rounded result must lie between the bounds on every point of a grid of creatinine,
//! age and sex; `OSTEON_CASES` makes the grid denser (from 4,000 it is every hundredth of a mg/dL).

use num_bigint::BigUint;
use osteon_care_core::{
    Exact,
    assess::{
        Sex,
        renal::{RenalInputs, egfr},
    },
};

/// Bits that a bound keeps.
const BITS: u64 = 400;

/// A number between low × 2^shift and high × 2^shift.
#[derive(Clone)]
struct Between {
    low: BigUint,
    high: BigUint,
    shift: i64,
}

impl Between {
    /// num / den
    fn ratio(num: u64, den: u64) -> Self {
        let scaled = BigUint::from(num) << BITS;
        let low = &scaled / den;
        Self { high: &low + 1u32, low, shift: -(BITS as i64) }
    }

    fn times(&self, other: &Self) -> Self {
        let (low, high) = (&self.low * &other.low, &self.high * &other.high);
        let drop = high.bits().saturating_sub(BITS);
        Self { low: low >> drop, high: (high >> drop) + 1u32, shift: self.shift + other.shift + drop as i64 }
    }

    fn power(&self, mut exponent: u32) -> Self {
        let mut result = Self { low: BigUint::from(1u32), high: BigUint::from(1u32), shift: 0 };
        let mut square = self.clone();
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result.times(&square);
            }
            square = square.times(&square);
            exponent /= 2;
        }
        result
    }

    /// Certainly less.
    fn below(&self, other: &Self) -> bool {
        let least = self.shift.min(other.shift);
        let (mine, theirs) = ((self.shift - least) as u64, (other.shift - least) as u64);
        // Far apart: the longer one is the larger, and nothing has to be shifted.
        let (my_bits, their_bits) = (self.high.bits() + mine, other.low.bits() + theirs);
        my_bits < their_bits || (my_bits == their_bits && (&self.high << mine) < (&other.low << theirs))
    }
}

/// The parts of the 1000th power of 142 × ratio^exponent × 0.9938^age × factor that do not depend on the age: what stands
/// above the fraction bar, and below it.
fn sides(hundredths: u64, sex: Sex) -> (Between, Between) {
    let (kappa, alpha, factor) = match sex {
        Sex::Female => (70, 241, Between::ratio(1012, 1000)),
        Sex::Male => (90, 302, Between::ratio(1, 1)),
    };
    let exponent = if hundredths <= kappa { alpha } else { 1200 };
    let above = Between::ratio(142, 1).times(&factor).power(1000);
    (above.times(&Between::ratio(kappa, 1).power(exponent)), Between::ratio(hundredths, 1).power(exponent))
}

fn points_per_side() -> u64 {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|cases| cases.parse().ok());
    cases.unwrap_or(60u64).clamp(1, 4_000)
}

#[test]
fn no_rounding_differs_from_bounds_of_400_bits() {
    let ages: Vec<(u64, Between)> =
        (18..=110).map(|age| (age, Between::ratio(9938, 10_000).power(1000 * age as u32))).collect();
    // (2n - 1) / 2 to the 1000th power, for every n that can come out.
    let halves: Vec<Between> = (0..=600u64).map(|n| Between::ratio((2 * n).saturating_sub(1), 2).power(1000)).collect();
    // From 0.10 to 25.00 mg/dL; always with 0.70 and 0.90, where the curve has its corner.
    let step = 2_490_u64.div_ceil(points_per_side());
    let mut hundredths: Vec<u64> = (10..=2_500).step_by(step as usize).chain([69, 70, 71, 89, 90, 91]).collect();
    hundredths.sort_unstable();
    hundredths.dedup();
    let mut compared = 0u32;
    for sex in [Sex::Female, Sex::Male] {
        for &creatinine in &hundredths {
            let (above, below) = sides(creatinine, sex);
            for (age, aged) in &ages {
                let found = egfr(&RenalInputs {
                    age_years: Some(Exact::whole(*age as i64)),
                    weight_kg: None,
                    creatinine_mg_dl: Exact::scaled(creatinine as i64, 2),
                    sex: Some(sex),
                });
                let n = found.score().map(|score| score.units()).expect("all inputs are there") as usize;
                let value = above.times(aged);
                // n - 1/2 ≤ value / below < n + 1/2; equality cannot be (the value has fives below the bar).
                let least = n == 0 || below.times(&halves[n]).below(&value);
                let most = value.below(&below.times(&halves[n + 1]));
                assert!(least && most, "creatinine {creatinine}/100, age {age}, {sex:?}: {n}");
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}

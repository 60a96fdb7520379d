//! Powers with exponents that are no whole numbers (eGFR has them), in whole-number arithmetic: natural logarithm and
//! exponential as fixed-point numbers of 60 binary places. The same bits on every platform.
//!
//! Error: each step rounds by at most 2^-61; a logarithm (15 steps) is off by less than 2^-56, so with factors up to 200
//! before it a sum of three by less than 2^-47, and the exponential of it relative by less than 2^-46. For results up to
//! 1,000 that is less than 2^-36, that is 2 × 10^-11. `care-core/tests/egfr.rs` compares with bounds of 400 bits.

use super::Exact;

/// Binary places.
const PLACES: u32 = 60;
const ONE: i128 = 1 << PLACES;
/// ln 2 × 2^60, to the nearest.
const LN_2: i128 = 0x0B17_217F_7D1C_F79B;
/// Numerators and denominators of a logarithm's argument: so that a shift by 60 places fits.
const MAX_PART: i128 = 1 << 62;

/// A sum of logarithms: the logarithm of a product of powers. None in it: something was not positive or too large.
#[derive(Clone, Copy)]
pub(crate) struct LogSum(Option<i128>);

impl LogSum {
    pub(crate) const fn one() -> Self {
        Self(Some(0))
    }

    /// × base^(exponent)
    pub(crate) fn times(self, base: Exact, exponent: Exact) -> Self {
        Self(self.add(base, exponent))
    }

    fn add(self, base: Exact, exponent: Exact) -> Option<i128> {
        let (num, den) = exponent.parts();
        let product = ln(base)?.checked_mul(num)?;
        self.0?.checked_add(rounded_quotient(product, den)?)
    }

    /// The product itself, for results up to 2^20.
    pub(crate) fn value(self) -> Option<Exact> {
        Exact::ratio(exp(self.0?)?, ONE)
    }
}

/// Natural logarithm of a number above zero.
fn ln(x: Exact) -> Option<i128> {
    let (mut num, mut den) = x.parts();
    if num <= 0 || num > MAX_PART || den > MAX_PART {
        return None;
    }
    // x = 2^twos × num/den, with num/den between 2/3 and 4/3.
    let mut twos: i128 = 0;
    while num.checked_mul(3)? > den.checked_mul(4)? {
        (den, twos) = (den.checked_mul(2)?, twos + 1);
    }
    while num.checked_mul(3)? < den.checked_mul(2)? {
        (num, twos) = (num.checked_mul(2)?, twos - 1);
    }
    // ln(num/den) = 2 (z + z³/3 + z⁵/5 + …), z = (num - den) / (num + den), at most 1/5.
    let z = rounded_quotient((num - den).checked_mul(ONE)?, num + den)?;
    let square = product(z, z);
    let (mut power, mut sum) = (z, 0i128);
    for odd in (1..=27).step_by(2) {
        sum += rounded_quotient(power, odd)?;
        power = product(power, square);
    }
    (2 * sum).checked_add(twos * LN_2)
}

/// e^x for x between -20 and 14 (in fixed point).
fn exp(x: i128) -> Option<i128> {
    if !(-20 * ONE..=14 * ONE).contains(&x) {
        return None;
    }
    let twos = rounded_quotient(x, LN_2)?;
    let rest = x - twos * LN_2;
    let (mut term, mut sum) = (ONE, ONE);
    for n in 1..=24 {
        term = rounded_quotient(product(term, rest), n)?;
        sum += term;
    }
    match u32::try_from(twos) {
        Ok(up) => sum.checked_shl(up),
        Err(_) => sum.checked_shr(u32::try_from(-twos).ok()?),
    }
}

/// Both below 8 in size, so below 2^63 as they stand.
fn product(a: i128, b: i128) -> i128 {
    (a * b + ONE / 2) >> PLACES
}

/// To the nearest; `by` above zero.
fn rounded_quotient(value: i128, by: i128) -> Option<i128> {
    Some(value.checked_add(by / 2)?.div_euclid(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<i128>, digits: &str) {
        // Eighteen decimals of the true value.
        let expected: i128 = digits.parse().expect("digits");
        let found = found.expect("in range");
        let scaled = found * 1_000_000_000_000_000_000 / ONE;
        assert!((scaled - expected).abs() < 40, "{scaled} for {expected}");
    }

    #[test]
    fn known_logarithms_and_powers() {
        near(ln(Exact::whole(2)), "693147180559945309");
        near(ln(Exact::whole(10)), "2302585092994045684");
        near(ln(Exact::constant(1, 1)), "-2302585092994045684");
        near(ln(Exact::constant(9938, 4)), "-6219299813916850");
        near(ln(Exact::whole(142)), "4955827057601260731");
        near(exp(ONE), "2718281828459045235");
        near(exp(-ONE), "367879441171442321");
        assert_eq!(ln(Exact::whole(1)), Some(0));
        assert_eq!(exp(0), Some(ONE));
    }

    #[test]
    fn out_of_range_is_none() {
        assert_eq!(ln(Exact::ZERO), None);
        assert_eq!(ln(Exact::whole(-1)), None);
        assert_eq!(exp(15 * ONE), None);
        assert_eq!(exp(i128::MIN), None);
        assert!(LogSum::one().times(Exact::ZERO, Exact::whole(1)).value().is_none());
    }
}

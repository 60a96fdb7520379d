//! Numbers without drift: a fraction of two whole numbers, always reduced.
//!
//! Every value that a person or a laboratory gives is a decimal, so it is held exactly, and so is every sum, difference,
//! product and quotient of a score. Rounding happens once, at the end, half away from zero ([`Exact::rounded`]), and a
//! band is always read from the number before it was rounded. Nothing panics: what does not fit is `None`.

use std::{cmp::Ordering, fmt};

pub(crate) mod power;

/// The most decimals of a number as the contracts carry them, and of one that is read from text.
pub const MAX_PLACES: u32 = 9;
const MAX_TEXT_PLACES: u32 = 18;
/// The largest size that a given number may have.
const MAX_GIVEN: i128 = 1_000_000_000_000;

/// num / den, reduced, den > 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Exact {
    num: i128,
    den: i128,
}

impl Exact {
    pub const ZERO: Self = Self::whole(0);

    pub const fn whole(number: i64) -> Self {
        Self { num: number as i128, den: 1 }
    }

    /// units × 10^-places, as the contracts carry numbers; None beyond [`MAX_PLACES`] or 10^12.
    pub fn scaled(units: i64, places: u32) -> Option<Self> {
        if places > MAX_PLACES {
            return None;
        }
        let den = power_of_ten(places)?;
        let fits = i128::from(units).abs() <= MAX_GIVEN.checked_mul(den)?;
        if fits { Self::ratio(i128::from(units), den) } else { None }
    }

    /// A constant of this crate with its decimals: `constant(25, 1)` is 2.5.
    pub(crate) const fn constant(units: i64, places: u32) -> Self {
        let mut den: i128 = 1;
        let mut left = places;
        while left > 0 && den < 1_000_000_000_000 {
            den *= 10;
            left -= 1;
        }
        reduced(units as i128, den)
    }

    pub fn ratio(num: i128, den: i128) -> Option<Self> {
        if den == 0 || num == i128::MIN || den == i128::MIN {
            return None;
        }
        Some(reduced(num, den))
    }

    /// A decimal as text: "-2.5", "40", "1e2" (what JSON allows). None if it is none, too long or too large.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(part) || whole.len() + part.len() > 36 {
            return None;
        }
        let units: i128 = format!("{whole}{part}").parse().ok()?;
        let places = i32::try_from(part.len()).ok()?.checked_sub(exponent)?;
        let units = if negative { -units } else { units };
        let value = match u32::try_from(places) {
            Ok(places) => Self::ratio(units, power_of_ten(places)?)?,
            Err(_) => Self::ratio(units.checked_mul(power_of_ten(places.unsigned_abs())?)?, 1)?,
        };
        let small = value.num.checked_abs()? <= MAX_GIVEN.checked_mul(value.den)?;
        let short = power_of_ten(MAX_TEXT_PLACES)? % value.den == 0;
        (small && short).then_some(value)
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let num = self.num.checked_mul(other.den)?.checked_add(other.num.checked_mul(self.den)?)?;
        Self::ratio(num, self.den.checked_mul(other.den)?)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { num: other.num.checked_neg()?, den: other.den })
    }

    pub fn times(self, other: Self) -> Option<Self> {
        // Crosswise first, so that the products stay small.
        let (a, b) = (gcd(self.num, other.den), gcd(other.num, self.den));
        Self::ratio((self.num / a).checked_mul(other.num / b)?, (self.den / b).checked_mul(other.den / a)?)
    }

    /// None if `other` is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::ratio(other.den, other.num)?)
    }

    /// The whole number that is left when the fraction is cut off, towards zero.
    pub fn truncated(self) -> i128 {
        self.num / self.den
    }

    /// The whole number at or below.
    pub fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    /// The value × 10^places as a whole number, half away from zero.
    pub fn rounded(self, places: u32) -> Option<i128> {
        let scaled = self.num.checked_mul(power_of_ten(places)?)?;
        let (whole, rest) = (scaled / self.den, scaled % self.den);
        let up = rest.unsigned_abs() >= self.den.unsigned_abs() - rest.unsigned_abs();
        Some(if rest != 0 && up { whole + scaled.signum() } else { whole })
    }

    pub fn as_whole(self) -> Option<i64> {
        (self.den == 1).then(|| i64::try_from(self.num).ok()).flatten()
    }

    /// (numerator, denominator), reduced; the denominator is above zero.
    pub fn parts(self) -> (i128, i128) {
        (self.num, self.den)
    }

    /// How many decimals it takes to write it out; None if it never ends, or not within 30.
    pub fn decimals(self) -> Option<u32> {
        (0..=30).find(|&places| power_of_ten(places).is_some_and(|ten| ten % self.den == 0))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    /// Without a product, so that nothing overflows: whole parts first, then the reciprocals of what is left.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b, mut turned) = ((self.num, self.den), (other.num, other.den), false);
        loop {
            let order = a.0.div_euclid(a.1).cmp(&b.0.div_euclid(b.1));
            let (left, right) = (a.0.rem_euclid(a.1), b.0.rem_euclid(b.1));
            let order = match order {
                Ordering::Equal if left == 0 || right == 0 => left.cmp(&right),
                Ordering::Equal => {
                    (a, b, turned) = ((a.1, left), (b.1, right), !turned);
                    continue;
                }
                decided => decided,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimals().and_then(|places| Some((self.rounded(places)?, places))) {
            Some((units, places)) => f.write_str(&decimal_text(units, places)),
            None => write!(f, "{}/{}", self.num, self.den),
        }
    }
}

/// units × 10^-places with exactly that many decimals: "-0.5", "22.0".
pub fn decimal_text(units: i128, places: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let width = places as usize + 1;
    let digits = format!("{:0>width$}", units.unsigned_abs());
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// 10^places; None beyond what fits.
fn power_of_ten(places: u32) -> Option<i128> {
    10i128.checked_pow(places)
}

/// Above zero for any two numbers that are not both zero; 1 for those.
const fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    // What came in was not i128::MIN, so it fits.
    if a == 0 || a > i128::MAX as u128 { 1 } else { a as i128 }
}

const fn reduced(num: i128, den: i128) -> Exact {
    let divisor = gcd(num, den);
    let sign = if den < 0 { -1 } else { 1 };
    Exact { num: sign * (num / divisor), den: sign * (den / divisor) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Exact {
        Exact::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (value, places, shown) in [
            ("-1.75", 1, "-1.8"),
            ("1.25", 1, "1.3"),
            ("-1.25", 1, "-1.3"),
            ("0.5", 0, "1"),
            ("-0.5", 0, "-1"),
            ("2.449999999", 1, "2.4"),
            ("0", 1, "0.0"),
            ("-0.04", 1, "0.0"),
        ] {
            assert_eq!(decimal_text(dec(value).rounded(places).expect("small"), places), shown, "{value}");
        }
    }

    #[test]
    fn decimals_are_read_as_text() {
        assert_eq!(dec("1e2"), Exact::whole(100));
        assert_eq!(dec("1.5E-2"), Exact::constant(15, 3));
        assert_eq!(dec("-0"), Exact::ZERO);
        assert_eq!(dec("2.50"), dec("2.5"));
        assert_eq!(Exact::scaled(205, 2), Some(dec("2.05")));
        for wrong in
            ["", "-", "1.", ".5", "+1", "1e", "0x1", "NaN", "1 ", "1.2.3", "1e99", "1e-99", "0.0000000000000000001"]
        {
            assert_eq!(Exact::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(Exact::parse(&"9".repeat(60)), None);
        assert_eq!(Exact::scaled(1, 10), None);
        assert_eq!(Exact::scaled(i64::MAX, 0), None);
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_fractions(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, p in 0u32..7, q in 0u32..7) {
            let (x, y) = (Exact::scaled(a, p).expect("small"), Exact::scaled(b, q).expect("small"));
            let sum = x.plus(y).expect("small");
            prop_assert_eq!(sum.minus(y), Some(x));
            prop_assert_eq!(x.cmp(&y), x.minus(y).expect("small").parts().0.cmp(&0));
            let product = x.times(y).expect("small");
            if b != 0 {
                prop_assert_eq!(product.over(y), Some(x));
            } else {
                prop_assert_eq!(x.over(y), None);
            }
            prop_assert_eq!(Exact::parse(&x.to_string()), Some(x));
        }

        #[test]
        fn no_fraction_panics(a: i128, b: i128, c: i128, d: i128, places in 0u32..60) {
            let (Some(x), Some(y)) = (Exact::ratio(a, b), Exact::ratio(c, d)) else { return Ok(()) };
            let _ = (x.plus(y), x.minus(y), x.times(y), x.over(y), x.cmp(&y), x.rounded(places), x.to_string());
            prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
            prop_assert!(x.floor() <= x.truncated() || x.truncated() >= 0);
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,24}") {
            let _ = Exact::parse(&text);
        }
    }
}

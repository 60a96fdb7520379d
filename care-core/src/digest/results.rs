//! Newest results as bands: adjusted calcium, 25-OH vitamin D, eGFR and albumin, each with its day.
//!
//! A report's own limits decide. Without them calcium is banded by A17 and vitamin D by target T2; of the others only what
//! table 2.2 flags is said to be low, and anything else is a result without a band: never "in range" by default.

use crate::{
    assess::calcium::{CalciumBand, Limits, adjusted_calcium, calcium_band},
    exact::Exact,
    facts::{Analyte, Day, Instant},
};

/// Decimals of a result's value.
const PLACES: u32 = 4;
/// T2: below 50 nmol/L is not sufficient, above 125 is too high.
const VITAMIN_D: (i64, i64) = (500_000, 1_250_000);
/// Flags of table 2.2.
const EGFR_FLAG: i64 = 300_000;
const ALBUMIN_FLAG: i64 = 250_000;

/// Analytes that the newest results are told of.
pub const TOLD: [Analyte; 4] = [Analyte::CalciumAdjusted, Analyte::VitaminD, Analyte::Egfr, Analyte::Albumin];

/// One result in the canonical unit of its analyte, in ten-thousandths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sample {
    pub at: Instant,
    pub analyte: Analyte,
    pub value: i64,
    pub low: Option<i64>,
    pub high: Option<i64>,
}

/// Where a result lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Low,
    InRange,
    High,
}

/// The newest result of an analyte. Two of one moment that differ are two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Newest {
    pub analyte: Analyte,
    pub day: Day,
    /// In ten-thousandths.
    pub value: i64,
    /// None: nobody can tell without the limits of the report.
    pub place: Option<Place>,
}

/// In the order of [`TOLD`].
pub fn newest(samples: &[Sample]) -> Vec<Newest> {
    TOLD.into_iter().flat_map(|analyte| newest_of(samples, analyte)).collect()
}

fn newest_of(samples: &[Sample], analyte: Analyte) -> Vec<Newest> {
    let found = match analyte {
        Analyte::CalciumAdjusted => adjusted(samples),
        _ => samples.iter().filter(|sample| sample.analyte == analyte).copied().collect(),
    };
    let last = found.iter().map(|sample| sample.at.ms).max();
    let mut told: Vec<Newest> = found
        .iter()
        .filter(|sample| Some(sample.at.ms) == last)
        .map(|sample| Newest { analyte, day: sample.at.day(), value: sample.value, place: place(sample) })
        .collect();
    told.sort_unstable();
    told.dedup();
    told
}

/// What a laboratory adjusted itself, and what A17 makes of a total calcium and an albumin of one day where it did not.
fn adjusted(samples: &[Sample]) -> Vec<Sample> {
    let of = |analyte| samples.iter().filter(move |sample| sample.analyte == analyte);
    let mut found: Vec<Sample> = of(Analyte::CalciumAdjusted).copied().collect();
    let by_laboratory: Vec<Day> = found.iter().map(|sample| sample.at.day()).collect();
    for total in of(Analyte::CalciumTotal).filter(|total| !by_laboratory.contains(&total.at.day())) {
        let nearest = of(Analyte::Albumin)
            .filter(|albumin| albumin.at.day() == total.at.day())
            .min_by_key(|albumin| (albumin.at.ms.abs_diff(total.at.ms), **albumin));
        let Some(albumin) = nearest else { continue };
        let assessed = adjusted_calcium(Exact::scaled(total.value, PLACES), Exact::scaled(albumin.value, PLACES));
        let units = assessed.exact().and_then(|exact| i64::try_from(exact.rounded(PLACES)?).ok());
        found.extend(units.map(|value| Sample { value, analyte: Analyte::CalciumAdjusted, ..*total }));
    }
    found
}

/// Where a result lies. None: cannot tell. Limits that are the wrong way round are not used.
pub fn place(sample: &Sample) -> Option<Place> {
    let reversed = sample.low.zip(sample.high).is_some_and(|(low, high)| low > high);
    let sample = &if reversed { Sample { low: None, high: None, ..*sample } } else { *sample };
    match sample.analyte {
        Analyte::CalciumTotal | Analyte::CalciumAdjusted => calcium(sample),
        Analyte::VitaminD => {
            let (low, high) = (sample.low.unwrap_or(VITAMIN_D.0), sample.high.unwrap_or(VITAMIN_D.1));
            between(sample.value, Some(low), Some(high))
        }
        Analyte::Egfr => flagged(sample, EGFR_FLAG),
        Analyte::Albumin => flagged(sample, ALBUMIN_FLAG),
        _ => between(sample.value, sample.low, sample.high),
    }
}

fn calcium(sample: &Sample) -> Option<Place> {
    let exact = |value: i64| Exact::scaled(value, PLACES);
    let limits = Limits { lower: sample.low.and_then(exact), upper: sample.high.and_then(exact) };
    Some(match calcium_band(exact(sample.value), limits).band()? {
        CalciumBand::Normal => Place::InRange,
        CalciumBand::HypoG1 | CalciumBand::HypoG2 | CalciumBand::HypoG3 | CalciumBand::HypoG4 => Place::Low,
        CalciumBand::HyperG1 | CalciumBand::HyperG2 | CalciumBand::HyperG3 | CalciumBand::HyperG4 => Place::High,
    })
}

/// Below the flag it is low whatever the report says.
fn flagged(sample: &Sample, flag: i64) -> Option<Place> {
    if sample.value < flag { Some(Place::Low) } else { between(sample.value, sample.low, sample.high) }
}

/// One limit is enough to be outside, and to be inside where a report has but that one.
fn between(value: i64, low: Option<i64>, high: Option<i64>) -> Option<Place> {
    match (low, high) {
        (Some(low), _) if value < low => Some(Place::Low),
        (_, Some(high)) if value > high => Some(Place::High),
        (None, None) => None,
        _ => Some(Place::InRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::DAY_MS;

    fn sample(analyte: Analyte, day: i64, value: i64) -> Sample {
        Sample { at: Instant { ms: day * DAY_MS, offset_min: 0 }, analyte, value, low: None, high: None }
    }

    fn places(samples: &[Sample]) -> Vec<(Analyte, i32, Option<Place>)> {
        newest(samples).into_iter().map(|one| (one.analyte, one.day.0, one.place)).collect()
    }

    #[test]
    fn calcium_is_adjusted_where_the_laboratory_did_not() {
        let (total, albumin) = (Analyte::CalciumTotal, Analyte::Albumin);
        // 2.10 + 0.02 × (40 − 30) = 2.30.
        let pair = [sample(total, 10, 21_000), sample(albumin, 10, 300_000)];
        assert_eq!(places(&pair)[0], (Analyte::CalciumAdjusted, 10, Some(Place::InRange)));
        // A total without an albumin of that day says nothing adjusted.
        let later = [pair[0], pair[1], sample(total, 12, 19_000)];
        assert_eq!(places(&later)[0], (Analyte::CalciumAdjusted, 10, Some(Place::InRange)));
        // The laboratory's own wins on its day.
        let own = [pair[0], pair[1], sample(Analyte::CalciumAdjusted, 10, 20_900)];
        assert_eq!(places(&own)[0], (Analyte::CalciumAdjusted, 10, Some(Place::Low)));
    }

    #[test]
    fn no_limits_no_reassurance() {
        assert_eq!(places(&[sample(Analyte::Egfr, 1, 450_000)]), [(Analyte::Egfr, 1, None)]);
        assert_eq!(places(&[sample(Analyte::Egfr, 1, 299_999)]), [(Analyte::Egfr, 1, Some(Place::Low))]);
        let reported = Sample { low: Some(600_000), ..sample(Analyte::Egfr, 1, 450_000) };
        assert_eq!(places(&[reported]), [(Analyte::Egfr, 1, Some(Place::Low))]);
        assert_eq!(places(&[sample(Analyte::Albumin, 1, 250_000)]), [(Analyte::Albumin, 1, None)]);
        assert_eq!(places(&[sample(Analyte::Albumin, 1, 249_999)]), [(Analyte::Albumin, 1, Some(Place::Low))]);
    }

    #[test]
    fn limits_the_wrong_way_round_say_nothing() {
        let reversed = |of| Sample { low: Some(260_000), high: Some(20_000), ..of };
        assert_eq!(place(&reversed(sample(Analyte::CalciumAdjusted, 1, 23_000))), Some(Place::InRange));
        assert_eq!(place(&reversed(sample(Analyte::CalciumAdjusted, 1, 20_500))), Some(Place::Low));
        assert_eq!(place(&reversed(sample(Analyte::Egfr, 1, 450_000))), None);
    }

    #[test]
    fn vitamin_d_by_t2() {
        let at = |value| places(&[sample(Analyte::VitaminD, 1, value)])[0].2;
        assert_eq!(at(499_999), Some(Place::Low));
        assert_eq!(at(500_000), Some(Place::InRange));
        assert_eq!(at(1_250_000), Some(Place::InRange));
        assert_eq!(at(1_250_001), Some(Place::High));
    }

    #[test]
    fn two_of_one_moment_are_both_told() {
        let two = [sample(Analyte::VitaminD, 1, 300_000), sample(Analyte::VitaminD, 1, 600_000)];
        assert_eq!(places(&two).len(), 2);
        assert_eq!(places(&[two[0], two[0]]).len(), 1);
    }
}

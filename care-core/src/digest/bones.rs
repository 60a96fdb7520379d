//! The newest DXA as a band, from T-scores and known lesions alone.

use crate::{
    Exact,
    assess::{
        bone::{DxaSite, Excluded, SiteT, TBand, lowest_t, t_band},
        overlay::OverlaySite,
    },
    facts::{Analyte, Day},
};

use super::results::Sample;

/// The band of the newest day with a T-score, and that day. No band: every site is falsified by a lesion.
///
/// Whether T-scores apply to the person at all (menopause, age) is not asked here: those inputs stand in categories that
/// whoever is told the band may not read.
pub fn newest_dxa(
    samples: &[Sample],
    lesions: &[OverlaySite],
    fragility_fracture: bool,
) -> Option<(Day, Option<TBand>)> {
    let scanned = samples.iter().filter_map(|sample| Some((site(sample.analyte)?, sample)));
    let day = scanned.clone().map(|(_, sample)| sample.at.day()).max()?;
    let of_day = scanned.filter(|(_, sample)| sample.at.day() == day);
    let sites: Vec<SiteT> = of_day
        .map(|(site, sample)| SiteT {
            site,
            t: Exact::scaled(sample.value, 4),
            excluded: lesions.contains(&region(site)).then_some(Excluded::Lesion),
        })
        .collect();
    let (lowest, _) = lowest_t(&sites);
    let t = lowest.exact();
    Some((day, t.and_then(|t| t_band(Some(t), Some(true), Some(fragility_fracture)).band().copied())))
}

/// What is measured by DXA.
pub fn site(analyte: Analyte) -> Option<DxaSite> {
    match analyte {
        Analyte::TScoreLumbar => Some(DxaSite::LumbarSpine),
        Analyte::TScoreHip => Some(DxaSite::TotalHip),
        Analyte::TScoreFemur => Some(DxaSite::FemoralNeck),
        _ => None,
    }
}

fn region(site: DxaSite) -> OverlaySite {
    match site {
        DxaSite::LumbarSpine => OverlaySite::Lumbar,
        DxaSite::TotalHip | DxaSite::FemoralNeck => OverlaySite::ProximalFemur,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{DAY_MS, Instant};

    fn sample(analyte: Analyte, day: i64, tenths: i64) -> Sample {
        let at = Instant { ms: day * DAY_MS, offset_min: 0 };
        Sample { at, analyte, value: tenths * 1_000, low: None, high: None }
    }

    #[test]
    fn the_lowest_site_that_counts() {
        let scan = [
            sample(Analyte::TScoreLumbar, 5, -31),
            sample(Analyte::TScoreHip, 5, -18),
            sample(Analyte::TScoreHip, 1, -40),
        ];
        assert_eq!(newest_dxa(&scan, &[], false), Some((Day(5), Some(TBand::Osteoporosis))));
        assert_eq!(newest_dxa(&scan, &[], true), Some((Day(5), Some(TBand::WithFracture))));
        assert_eq!(newest_dxa(&scan, &[OverlaySite::Lumbar], false), Some((Day(5), Some(TBand::LowBoneMass))));
        let both = [OverlaySite::Lumbar, OverlaySite::ProximalFemur];
        assert_eq!(newest_dxa(&scan, &both, false), Some((Day(5), None)));
        assert_eq!(newest_dxa(&[sample(Analyte::Albumin, 5, 1)], &[], false), None);
    }
}

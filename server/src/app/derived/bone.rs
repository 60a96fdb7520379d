//! V-C03: where lesions are and what follows for movement (A21), the newest DXA as a band, the band of the fracture risk.
//!
//! Made of parts of C03 alone. Menopause, age and sex stand in other categories: whether a T-score applies to the person is
//! therefore not said here, and of the fracture risk only what somebody recorded (A23) is.

use osteon_care_core::{
    Day,
    assess::{
        Word,
        bone::TBand,
        overlay::{ModuleLevel, OverlaySite, overlay, overlay_site},
    },
    digest::{
        bones::{newest_dxa, site},
        results::Sample,
    },
    facts::{Analyte, HOUR_MS, Instant},
};
use osteon_proto::{
    care::{self, DxaBand, FractureRiskBand, LesionStatus, Trauma},
    split::payload,
};
use prost::Message;

use super::{
    Derived, Seen,
    counted::{Counted, Counting, Item, newest_of_each},
    input::Input,
    laboratory::result,
    said::{MAX_VERSIONS, day_text, each, on, settled},
};
use crate::store::StoreError;

pub const OF_BONE: u32 = 473;
const RESULT: u32 = 120;
const ASSESSMENT: u32 = 125;
const LESION: u32 = 251;
const RISK_PROFILE: u32 = 281;
const MAX_LESIONS: usize = 64;
/// Of each site, and of recorded fracture risks.
const KEPT: usize = 4;
const FRAX: &str = "A23";

pub(super) const BONE: Derived = Derived {
    number: OF_BONE,
    category: Some(3),
    whole: &[LESION, RISK_PROFILE],
    single: &[RESULT, ASSESSMENT],
    counts: true,
    compute,
};

const SCANS: Counting = Counting { read: scan, keep: |items| newest_of_each(items, KEPT) };

fn scan(from: &mut Input) -> Vec<Item> {
    if from.known.number == RESULT {
        let t_score = |item: &Item| Analyte::from_code(&item.what).and_then(site).is_some();
        return result(from).into_iter().filter(t_score).collect();
    }
    risk(from).into_iter().collect()
}

/// A recorded fracture risk: its day and total.
fn risk(from: &mut Input) -> Option<Item> {
    if !from.is_only("tool", care::AssessmentTool::A23Result.into()) {
        return None;
    }
    let (text, _) = from.written_texts("date").into_iter().min()?;
    // Noon of that day: it has no time of its own.
    let at = Instant { ms: i64::from(Day::parse(&text)?.0) * 24 * HOUR_MS + 12 * HOUR_MS, offset_min: 0 };
    let looked = *from.looked.last()?;
    Some(Item { what: FRAX.to_owned(), value: from.number("total"), ..Item::of(from, at, &looked) })
}

#[derive(Default)]
struct Lesions {
    sites: Vec<OverlaySite>,
    fragility_fracture: bool,
}

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfBone = seen.before();
    let (mut made, mut known) = (care::SummaryOfBone::default(), Lesions::default());
    let mut inputs = each(seen, BONE.whole, |type_number, from| match type_number {
        LESION => lesion(&mut made, &mut known, from),
        _ => known.fragility_fracture |= fractured(from),
    })?;
    made.lesions.sort_by(|a, b| (&a.site, a.side, &a.level, &a.on).cmp(&(&b.site, b.side, &b.level, &b.on)));
    made.lesions.truncate(MAX_LESIONS);
    let scans = SCANS.count(seen, &before.counted, &before.awaited)?;
    made.dxa = dxa(&scans, &known);
    made.risk = recorded(&scans);
    inputs.extend(scans.items.iter().map(Item::input));
    (made.counted, made.awaited) = (scans.said(), scans.awaited());
    if made != care::SummaryOfBone::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

/// One for each way in which people say where it is; none of a lesion that everybody calls healed.
fn lesion(made: &mut care::SummaryOfBone, known: &mut Lesions, from: &mut Input) {
    if from.is_only("status", LesionStatus::Healed.into()) {
        return;
    }
    let or_none = |all: Vec<(String, u64)>| -> Vec<(Option<String>, Option<u64>)> {
        let all: Vec<_> = all.into_iter().map(|(text, ms)| (Some(text), Some(ms))).collect();
        if all.is_empty() { vec![(None, None)] } else { all }
    };
    let (sites, levels) = (or_none(from.written_texts("site")), or_none(from.written_texts("level")));
    let sides: Vec<Option<i32>> = from.written_numbers("laterality").into_iter().map(|(side, _)| Some(side)).collect();
    let sides = if sides.is_empty() { vec![None] } else { sides };
    let mut ways = Vec::new();
    for (site, written) in &sites {
        for (level, level_written) in &levels {
            let region = site.as_deref().map(|site| overlay_site(site, level.as_deref()));
            known.sites.extend(region);
            for side in &sides {
                ways.push(care::SummaryLesion {
                    site: site.clone(),
                    side: *side,
                    level: level.clone(),
                    limits: limits(region),
                    on: written.or(*level_written).and_then(on),
                });
            }
        }
    }
    ways.truncate(MAX_VERSIONS);
    made.lesions.extend(ways);
}

/// "trunk:0", "lower:1:no_hip_flex_ext", "ask": module, level and exclusions as in A21, where something is left out.
fn limits(region: Option<OverlaySite>) -> Vec<String> {
    let assessed = overlay(&[region]);
    let Some(found) = region.and(assessed.band()) else { return vec!["ask".to_owned()] };
    let mut all = Vec::new();
    for limit in found.modules.iter().filter(|limit| limit.level != ModuleLevel::Allowed) {
        let words = [limit.module.code(), limit.level.code()];
        let words = words.into_iter().chain(limit.exclusions.iter().map(|exclusion| exclusion.code()));
        all.push(words.collect::<Vec<_>>().join(":"));
    }
    if found.ask {
        all.push("ask".to_owned());
    }
    all
}

/// A fracture of before after little force; where nobody says how much, little.
fn fractured(from: &mut Input) -> bool {
    let fractures = from.all("prior_fractures").into_iter();
    let fractures = fractures.filter_map(|chunk| care::PriorFracture::decode(payload(&chunk)).ok());
    fractures.into_iter().any(|fracture| fracture.trauma != Some(Trauma::High.into()))
}

fn dxa(scans: &Counted, known: &Lesions) -> Option<care::SummaryDxa> {
    let samples: Vec<Sample> = scans.items.iter().filter_map(super::laboratory::sample).collect();
    let (day, band) = newest_dxa(&samples, &known.sites, known.fragility_fracture)?;
    let band = band.map(|band| match band {
        TBand::Normal => DxaBand::Normal,
        TBand::LowBoneMass => DxaBand::LowBoneMass,
        TBand::Osteoporosis => DxaBand::Osteoporosis,
        TBand::WithFracture => DxaBand::OsteoporosisWithFracture,
        TBand::UseZ => DxaBand::NotApplicableUseZ,
    });
    Some(care::SummaryDxa { band: band.map(Into::into), on: day_text(day) })
}

/// A recorded total has no model and no kind of fracture beside it, so whether it meets a criterion cannot be told.
fn recorded(scans: &Counted) -> Option<care::SummaryRisk> {
    let last = scans.items.iter().filter(|item| item.what == FRAX).max()?;
    Some(care::SummaryRisk { band: Some(FractureRiskBand::CannotTell.into()), on: day_text(last.at.day()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_site() {
        assert_eq!(limits(Some(overlay_site("lumbar", None))), ["trunk:0", "wb:0", "flex:1:no_spine_flex_ext_rot"]);
        assert_eq!(limits(Some(overlay_site("skull", None))), ["ask"]);
        assert_eq!(limits(None), ["ask"]);
        let cervical = limits(Some(overlay_site("14806007", None)));
        assert!(cervical.contains(&"wb:0".to_owned()) && cervical.contains(&"ask".to_owned()));
    }
}

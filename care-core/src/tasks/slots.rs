//! Places in the day, and how far things are kept apart.

use super::Plans;
use crate::facts::{Day, Few, Id, Product};

const DAY_MIN: u16 = 1_440;
/// The first and last minute at which a dose is planned.
const FIRST: u16 = 6 * 60;
const LAST: u16 = 22 * 60;
/// By how much a night is shorter when clocks go forward: what is apart over midnight keeps this on top.
pub(super) const CLOCK_CHANGE: u16 = 60;
const STEP: u16 = 30;

/// The n places of a line that is due n times a day: between eight and eight, evenly.
pub(super) fn places(times: u32) -> Vec<u16> {
    const MORNING: u32 = 8 * 60;
    const WAKING: u32 = 12 * 60;
    match times {
        0 => Vec::new(),
        1 => vec![8 * 60],
        // More than a day of hours has no meaning: the contract's limit.
        n => (0..n.min(24)).map(|k| (MORNING + WAKING * k / (n.min(24) - 1)) as u16).collect(),
    }
}

/// Whether one of n sessions a week falls on a day: spread evenly from Monday on.
pub(super) fn is_session_day(times: u32, date: Day) -> bool {
    // 1970-01-01 was a Thursday.
    let weekday = (date.0.rem_euclid(7) + 3) % 7;
    let times = i32::try_from(times.min(7)).unwrap_or(7);
    (0..times).any(|k| k * 7 / times == weekday)
}

/// The Monday of a week.
pub(super) fn monday(date: Day) -> Day {
    date.plus(-((date.0.rem_euclid(7) + 3) % 7))
}

/// Gaps between two products that hold without a plan: [MIMS-CA] and [ALN] of the care specification.
pub(crate) const GAPS: [(&str, &str, u32); 10] = [
    ("levothyroxine", "calcium", 240),
    ("levothyroxine", "iron", 240),
    ("quinolone", "calcium", 120),
    ("tetracycline", "calcium", 240),
    ("iron", "calcium", 120),
    ("zinc", "calcium", 120),
    ("oral_bisphosphonate", "calcium", 180),
    ("oral_ibandronate", "calcium", 180),
    ("oral_bisphosphonate", "", 30),
    ("oral_ibandronate", "", 60),
];

/// One line whose doses have times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Dosed {
    pub(super) line: Id,
    /// What people call it.
    pub(super) what: String,
    pub(super) product: Option<String>,
    pub(super) kinds: Few<Product>,
    pub(super) places: Vec<u16>,
}

impl Dosed {
    fn is(&self, code: &str) -> bool {
        code.is_empty() || self.product.as_deref() == Some(code) || self.kinds.iter().any(|kind| within(*kind, code))
    }
}

impl Dosed {
    /// At least so many minutes lie between two doses of the line.
    fn least(&self) -> u16 {
        let gaps = self.places.windows(2).filter_map(|two| Some(two.last()? - two.first()?));
        (gaps.min().unwrap_or(DAY_MIN) / 2).max(1)
    }
}

fn within(kind: Product, code: &str) -> bool {
    let calcium = matches!(kind, Product::CalciumCarbonate | Product::CalciumCitrate | Product::Calcium);
    Product::from_code(code) == Some(kind) || (calcium && code == "calcium")
}

/// Minutes that lie between two lines: the longest that anybody asks for.
pub(super) fn apart(plans: &Plans, one: &Dosed, other: &Dosed) -> u32 {
    if one.line == other.line {
        return 0;
    }
    let pair = |a: &str, b: &str| (one.is(a) && other.is(b)) || (other.is(a) && one.is(b));
    let house = GAPS.iter().filter(|(a, b, _)| pair(a, b)).map(|gap| gap.2);
    let rules = plans.apart.iter().filter(|(a, b, _)| pair(a, b)).map(|rule| rule.2);
    let own = |line: &Dosed, from: &Dosed| {
        let rules = plans.separations.get(&line.line).map_or(&[][..], Vec::as_slice);
        rules.iter().filter(|(code, _)| from.is(code)).map(|rule| rule.1).max().unwrap_or(0)
    };
    house.chain(rules).max().unwrap_or(0).max(own(one, other)).max(own(other, one))
}

/// One dose with its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Placed {
    pub(super) line: Id,
    pub(super) slot: u16,
    pub(super) at: Option<u16>,
    /// Which other line moved it, and how far they are apart.
    pub(super) because: Option<(Id, String, u32)>,
}

/// Whether two times on the wall clock, of the same day or of two that follow each other, are so far apart.
fn clear(a: u16, b: u16, minutes: u32) -> bool {
    let same = u32::from(a.abs_diff(b));
    let over_midnight = u32::from(DAY_MIN - a.abs_diff(b)).saturating_sub(u32::from(CLOCK_CHANGE));
    same >= minutes && over_midnight >= minutes
}

/// Every dose of every line at a time that keeps all that must be apart, later rather than earlier. It does not ask for
/// the date: what is planned for one day keeps its distance to the next.
pub(super) fn place(plans: &Plans, lines: &[Dosed]) -> Vec<Placed> {
    let mut order: Vec<(bool, u16, Id, &Dosed)> = Vec::new();
    for line in lines {
        // What must be taken fasting has the first word.
        let free =
            !line.kinds.contains(&Product::OralBisphosphonate) && !line.kinds.contains(&Product::OralIbandronate);
        order.extend(line.places.iter().map(|slot| (free, *slot, line.line, line)));
    }
    order.sort_by_key(|(free, slot, id, _)| (*free, *slot, *id));
    let mut placed: Vec<(&Dosed, Placed)> = Vec::new();
    for (_, slot, id, line) in order {
        let in_the_way = |at: u16| {
            let clash = |(other, there): &&(&Dosed, Placed)| {
                there.at.is_some_and(|other_at| !clear(at, other_at, apart(plans, line, other)))
            };
            placed.iter().find(clash).map(|(other, _)| (other.line, other.what.clone(), apart(plans, line, other)))
        };
        // Doses of one line do not crowd: half of their distance stays.
        let own = || placed.iter().filter(|(other, _)| other.line == id);
        let crowded = |at: u16| own().any(|(_, there)| there.at.is_some_and(|other| other.abs_diff(at) < line.least()));
        let later = (slot..=LAST).step_by(usize::from(STEP));
        let earlier = (1..=slot.saturating_sub(FIRST) / STEP).map(|k| slot - k * STEP);
        let at = later.chain(earlier.clone()).find(|at| !crowded(*at) && in_the_way(*at).is_none());
        // Whatever is in the way of it, or was in the way of the dose that now stands where this one would.
        let anywhere = || (slot..=LAST).step_by(usize::from(STEP)).chain(earlier.clone()).find_map(in_the_way);
        let because = in_the_way(slot)
            .or_else(|| own().rev().find_map(|(_, there)| there.because.clone()))
            .or_else(|| if at.is_none() { anywhere() } else { None });
        placed.push((line, Placed { line: id, slot, at, because: because.filter(|_| at != Some(slot)) }));
    }
    placed.into_iter().map(|(_, placed)| placed).collect()
}

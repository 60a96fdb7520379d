//! What every result carries: its source, how sure we are of it, and what was missing.

use osteon_proto::meta::SourceState;

/// Where a rule or score comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// Key in the care specification, section 9.
    pub key: &'static str,
    pub state: SourceState,
    /// Raised when the same inputs may give another result.
    pub version: u32,
    /// Shown with the result, always.
    pub caution: &'static str,
}

/// A score with its band, or what is missing for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome<B> {
    Score {
        points: u8,
        band: B,
    },
    /// The names of the inputs that are missing (or not understood by this version), in the order of the score.
    CannotTell {
        missing: Vec<&'static str>,
    },
}

/// Adds up named items; one that is missing leaves no score.
pub(crate) fn add_up<B>(items: &[(&'static str, Option<u8>)], band: impl Fn(u8) -> B) -> Outcome<B> {
    let missing: Vec<&'static str> = items.iter().filter(|(_, item)| item.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Outcome::CannotTell { missing };
    }
    let points = items.iter().filter_map(|(_, item)| *item).fold(0u8, u8::saturating_add);
    Outcome::Score { points, band: band(points) }
}

//! What every result carries: its source, and how sure we are of it.

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

//! What a call for targets asks for, checked.

use osteon_care_core::{Day, facts::Instant};
use osteon_proto::{reasons::Reason, target as pb};

use crate::{access::signed, error::Error, store::CircleNo};

/// The longest that a clock may be from UTC.
const OFFSET_MAX_MIN: i32 = 840;

pub(super) struct Asked {
    pub(super) circle: CircleNo,
    /// None: today.
    on: Option<Day>,
    pub(super) offset_min: i32,
}

impl Asked {
    pub(super) fn of(request: &pb::ListTargetsRequest) -> Result<Self, Error> {
        let offset_min = request.utc_offset_min;
        if !(-OFFSET_MAX_MIN..=OFFSET_MAX_MIN).contains(&offset_min) {
            return Err(Error::field("utc_offset_min", Reason::ArgumentInvalid));
        }
        let on = match request.on.as_str() {
            "" => None,
            text => Some(Day::parse(text).ok_or_else(|| Error::field("on", Reason::DateInvalid))?),
        };
        Ok(Self { circle: request.circle, on, offset_min })
    }

    /// The day of the patient for which it is asked.
    pub(super) fn on(&self, now_ms: u64) -> Day {
        self.on.unwrap_or_else(|| Instant { ms: signed(now_ms), offset_min: self.offset_min }.day())
    }
}

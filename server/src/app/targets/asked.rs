//! What a call for targets asks for, checked.

use osteon_care_core::Day;
use osteon_proto::{reasons::Reason, target as pb};

use crate::{error::Error, store::CircleNo};

/// The longest that a clock may be from UTC.
const OFFSET_MAX_MIN: i32 = 840;

pub(super) struct Asked {
    pub(super) circle: CircleNo,
    /// None: today.
    pub(super) on: Option<Day>,
    /// None: the patient's clock, wherever it is known from.
    pub(super) offset_min: Option<i32>,
}

impl Asked {
    pub(super) fn of(request: &pb::ListTargetsRequest) -> Result<Self, Error> {
        let offset_min = request.utc_offset_min;
        if offset_min.is_some_and(|offset_min| !(-OFFSET_MAX_MIN..=OFFSET_MAX_MIN).contains(&offset_min)) {
            return Err(Error::field("utc_offset_min", Reason::ArgumentInvalid));
        }
        let on = match request.on.as_str() {
            "" => None,
            text => Some(Day::parse(text).ok_or_else(|| Error::field("on", Reason::DateInvalid))?),
        };
        Ok(Self { circle: request.circle, on, offset_min })
    }
}

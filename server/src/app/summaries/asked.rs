//! What a call for a page asks for, checked.

use osteon_care_core::{
    Day,
    facts::{DAY_MS, MINUTE_MS},
    series::Span,
};
use osteon_proto::{
    reasons::Reason,
    summary::{self as pb, get_weekly_digest_request::Week},
};

use crate::{error::Error, limits, store::CircleNo};

/// The longest that a clock may be from UTC.
const OFFSET_MAX_MIN: i32 = 840;

pub(super) struct Asked {
    pub(super) circle: CircleNo,
    /// None: since the last visit.
    pub(super) since: Option<Day>,
    pub(super) until: Day,
    /// None: the patient's own clock.
    pub(super) offset_min: Option<i32>,
}

impl Asked {
    pub(super) fn week(request: &pb::GetWeeklyDigestRequest) -> Result<Self, Error> {
        let (since, until) = match &request.week {
            Some(Week::From(text)) => day(text, "from").map(|first| (first, first.plus(6)))?,
            Some(Week::Until(text)) => day(text, "until").map(|last| (last.plus(-6), last))?,
            None => return Err(Error::field("from", Reason::ArgumentInvalid)),
        };
        let offset_min = offset(request.utc_offset_min)?;
        Ok(Self { circle: request.circle, since: Some(since), until, offset_min })
    }

    pub(super) fn visit(request: &pb::GetVisitSummaryRequest) -> Result<Self, Error> {
        let until = day(&request.until, "until")?;
        let since = if request.since.is_empty() { None } else { Some(day(&request.since, "since")?) };
        if let Some(since) = since {
            if until < since {
                return Err(Error::field("until", Reason::ArgumentInvalid));
            }
            let days = usize::try_from(until.since(since)).unwrap_or(usize::MAX).saturating_add(1);
            limits::DIGEST_DAYS.check(days).map_err(|error| error.at("since", Reason::LimitExceeded))?;
        }
        Ok(Self { circle: request.circle, since, until, offset_min: offset(request.utc_offset_min)? })
    }
}

/// When days begin and end by a clock so far from UTC, in milliseconds since 1970: from, and up to without.
pub(super) fn times((from, until): Span, offset_min: i32) -> (u64, u64) {
    let start = |day: Day| {
        let local = i64::from(day.0).saturating_mul(DAY_MS);
        u64::try_from(local - i64::from(offset_min) * MINUTE_MS).unwrap_or(0)
    };
    (start(from), start(until.plus(1)))
}

fn day(text: &str, path: &str) -> Result<Day, Error> {
    Day::parse(text).ok_or_else(|| Error::field(path, Reason::DateInvalid))
}

fn offset(minutes: Option<i32>) -> Result<Option<i32>, Error> {
    if minutes.is_none_or(|minutes| (-OFFSET_MAX_MIN..=OFFSET_MAX_MIN).contains(&minutes)) {
        Ok(minutes)
    } else {
        Err(Error::field("utc_offset_min", Reason::ArgumentInvalid))
    }
}

//! What a call for tasks asks for, checked.

use std::collections::BTreeSet;

use osteon_care_core::{Day, tasks::Kind};
use osteon_proto::{meta, reasons::Reason, task as pb};

use crate::{error::Error, limits, store::CircleNo};

/// A day, in minutes: no clock is further from UTC.
const DAY_MIN: i32 = 1_440;

pub(super) struct Asked {
    pub(super) circle: CircleNo,
    /// None: the patient's today.
    from: Option<Day>,
    to: Option<Day>,
    kinds: BTreeSet<Kind>,
    role: Option<meta::Role>,
    pub(super) offset_min: Option<i32>,
}

impl Asked {
    pub(super) fn of(request: &pb::ListTasksRequest) -> Result<Self, Error> {
        let (from, to) = (day(&request.from, "from")?, day(&request.to, "to")?);
        limits::TASK_KINDS.check(request.kinds.len()).map_err(|error| error.at("kinds", Reason::LimitExceeded))?;
        let mut kinds = BTreeSet::new();
        for (i, number) in request.kinds.iter().enumerate() {
            let known = pb::TaskKind::try_from(*number).ok().and_then(of_wire);
            kinds.insert(known.ok_or_else(|| Error::field(format!("kinds[{i}]"), Reason::ArgumentInvalid))?);
        }
        let role = match meta::Role::try_from(request.role) {
            Ok(meta::Role::Unspecified) => None,
            Ok(role) => Some(role),
            Err(_) => return Err(Error::field("role", Reason::ArgumentInvalid)),
        };
        let offset_min = request.utc_offset_min;
        if offset_min.is_some_and(|offset| !(-DAY_MIN..=DAY_MIN).contains(&offset)) {
            return Err(Error::field("utc_offset_min", Reason::ArgumentInvalid));
        }
        if let Some(from) = from {
            span(from, to.unwrap_or(from))?;
        }
        Ok(Self { circle: request.circle, from, to, kinds, role, offset_min })
    }

    /// First and last day, where today is known.
    pub(super) fn span(&self, today: Day) -> Result<(Day, Day), Error> {
        let from = self.from.unwrap_or(today);
        span(from, self.to.unwrap_or(from))
    }

    pub(super) fn wants(&self, kind: Kind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && self.role.is_none_or(|role| kind.writers().has(role))
    }

    /// Everything is asked for.
    pub(super) fn is_whole(&self) -> bool {
        self.kinds.is_empty() && self.role.is_none()
    }
}

fn day(text: &str, path: &str) -> Result<Option<Day>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    Day::parse(text).map(Some).ok_or_else(|| Error::field(path, Reason::DateInvalid))
}

fn span(from: Day, to: Day) -> Result<(Day, Day), Error> {
    if to < from {
        return Err(Error::field("to", Reason::ArgumentInvalid));
    }
    let days = usize::try_from(to.since(from)).unwrap_or(usize::MAX).saturating_add(1);
    limits::TASK_DAYS.check(days).map_err(|error| error.at("to", Reason::LimitExceeded))?;
    Ok((from, to))
}

pub(super) fn wire(kind: Kind) -> pb::TaskKind {
    match kind {
        Kind::Exercise => pb::TaskKind::Exercise,
        Kind::Meal => pb::TaskKind::Meal,
        Kind::Fluid => pb::TaskKind::Fluid,
        Kind::Supplement => pb::TaskKind::Supplement,
        Kind::Medicine => pb::TaskKind::Medicine,
        Kind::BoneDrug => pb::TaskKind::BoneDrug,
        Kind::MouthCare => pb::TaskKind::MouthCare,
        Kind::Laboratory => pb::TaskKind::Laboratory,
        Kind::Scan => pb::TaskKind::Scan,
        Kind::Dentist => pb::TaskKind::Dentist,
        Kind::Weight => pb::TaskKind::Weight,
        Kind::Function => pb::TaskKind::Function,
        Kind::Visit => pb::TaskKind::Visit,
        Kind::Education => pb::TaskKind::Education,
    }
}

fn of_wire(kind: pb::TaskKind) -> Option<Kind> {
    Kind::ALL.into_iter().find(|known| wire(*known) == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_number_of_its_own_and_back() {
        let numbers: BTreeSet<i32> = Kind::ALL.into_iter().map(|kind| wire(kind).into()).collect();
        assert_eq!(numbers, (1..=14).collect());
        assert!(Kind::ALL.into_iter().all(|kind| of_wire(wire(kind)) == Some(kind)));
        assert_eq!(of_wire(pb::TaskKind::Unspecified), None);
    }
}

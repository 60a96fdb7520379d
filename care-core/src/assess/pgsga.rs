//! A14, PG-SGA Short Form: only a total that was counted on the licensed form, with the form's name. Its boxes and their
//! points are the owner's and stand in no crate that ships.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

words! {
    PgSgaBand {
        NoneNow = "none_now_reassess", "0–1: nothing now, assess again";
        Education = "education", "2–3: education";
        Dietitian = "dietitian", "4–8: dietitian";
        Critical = "critical_need", "9 or more: critical need";
    }
}

pub static PG_SGA: Assessment = Assessment {
    id: "A14",
    name: "PG-SGA Short Form: recorded total",
    source: Source {
        key: "PGSGA",
        state: SourceState::Verified,
        version: 1,
        caution: "A total that a person counted on the form. Not a diagnosis.",
    },
    parts: &[Part { what: "the split at 4", key: "PGSGA", state: SourceState::Unverified }],
    inputs: &[("form", "the form's name"), ("total", "0–36, as counted on the form")],
    bands: PgSgaBand::TABLE,
    score: "the total",
    licence: "FD Ottery / pt-global: permission needed. Only the total and the form's name are kept; off unless a site says otherwise",
};

/// The boxes sum to no more.
const MOST: i64 = 36;

/// A total without the name of its form says nothing.
pub fn pg_sga(form: Option<&str>, total: Option<i64>) -> Assessed<PgSgaBand> {
    let mut given = Given::new(&PG_SGA);
    if form.is_none_or(|form| form.trim().is_empty()) {
        given.missing("form");
    }
    let Some(total) = given.whole("total", total, 0, MOST) else { return given.cannot_tell() };
    let band = match total {
        ..=1 => PgSgaBand::NoneNow,
        2..=3 => PgSgaBand::Education,
        4..=8 => PgSgaBand::Dietitian,
        _ => PgSgaBand::Critical,
    };
    given.tell_points(total, band)
}

//! How much of what tasks are made from a reader may see, whatever there is of it. Where something is hidden, a day without a
//! task is none on which nothing was due: nobody can tell.

use std::collections::BTreeSet;

use osteon_access_core::LabelId;
use osteon_care_core::tasks::{Adherence, Kind, TASK};
use osteon_proto::{table::table, timeline::SeriesSharing};

use crate::app::records::Session;

/// Of all tasks of these kinds: their plans and their ticks.
pub(in crate::app) fn of_kinds(session: &Session, kinds: impl IntoIterator<Item = Kind>) -> SeriesSharing {
    let account = session.member.viewer.account;
    let mut all: BTreeSet<LabelId> = BTreeSet::new();
    for kind in kinds {
        let of_ticks = table().get(TASK).and_then(|known| known.record_label(kind.choice(), account).ok());
        let plans = kind.plans().iter().filter_map(|name| table().by_name(name));
        all.extend(of_ticks);
        all.extend(plans.filter_map(|known| known.record_label(0, account).ok()));
    }
    let hidden = all.iter().filter(|label| !session.scope.reads(**label)).count();
    match hidden {
        0 => SeriesSharing::All,
        n if n == all.len() => SeriesSharing::None,
        _ => SeriesSharing::Some,
    }
}

/// Days on which nothing was due, and days of which that cannot be told.
pub(in crate::app) fn without_tasks(counted: Adherence, sharing: SeriesSharing) -> (u32, u32) {
    match sharing {
        SeriesSharing::All => (counted.nothing_due, 0),
        _ => (0, counted.nothing_due),
    }
}

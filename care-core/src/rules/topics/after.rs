//! Rules about other rules' alerts: late arrivals (R-SYNC-2) and comfort-focused wishes (R-EOL-1). They run last, over
//! what the others said.

use super::super::{
    eval::{Cx, Trigger},
    inputs::Input,
    outcome::{Evaluation, Fires, Found, Key, Severity, fires},
    ruleset::RuleSet,
    truth::Truth,
};
use crate::facts::{Facts, HOUR_MS, Instant, Live, Wishes};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-EOL-1", wishes), ("R-SYNC-2", nothing_alone)];

const LATE_RULE: &str = "R-SYNC-2";
const COMFORT_RULE: &str = "R-EOL-1";
const LATE_MS: i64 = 6 * HOUR_MS;
/// The note that says both times of an entry that arrived late, and its placeholders.
pub const LATE_NOTE: &str = "late";
pub const LATE_TEXTS: [&str; 2] = ["happened_at", "received_at"];
/// The coded answer of the patient's wish.
const COMFORT: &str = "comfort_focused";
/// Rules whose alerts are recorded and announced to nobody while the wish stands.
const MUTED: [&str; 7] = ["R-DXA-1", "R-DXA-2", "R-DXA-3", "R-EX-6", "R-BMA-3", "R-HOME-1", "R-NUT-1"];

/// R-EOL-1. Two live versions: nobody knows the wish, so nothing is muted.
fn wishes(cx: &mut Cx<'_>) {
    let Some(wishes) = &cx.facts.wishes else { return };
    cx.judge(wishes.id, |_, v| {
        v.reads(Input::PreferredRoute);
        if wishes.comfort.is_missing() {
            return Found::no();
        }
        let revoked = v.flag(Input::WishRevoked, &wishes.revoked).is_yes();
        let Live::One(comfort) = &wishes.comfort else {
            return if revoked { Found::no() } else { Found::missing(Input::Comfort) };
        };
        v.reads(Input::Comfort);
        Found::when(Truth::from(comfort == COMFORT && !revoked), fires)
    });
}

/// R-SYNC-2 has no trigger of its own: see [`late_arrivals`].
fn nothing_alone(_cx: &mut Cx<'_>) {}

fn holds(wishes: &Wishes) -> bool {
    matches!(&wishes.comfort, Live::One(comfort) if comfort == COMFORT)
        && !wishes.revoked.known().any(|revoked| *revoked)
}

/// Mutes, and routes, by the wish. Emergency and urgent alerts stay.
pub(in super::super) fn comfort(facts: &Facts, all: &mut [Evaluation]) {
    let Some(wishes) = facts.wishes.as_ref().filter(|wishes| holds(wishes)) else { return };
    let route = match &wishes.preferred_route {
        Live::One(route) => Some(route.clone()),
        _ => None,
    };
    for fires in all.iter_mut().filter(|one| one.rule != COMFORT_RULE).flat_map(|one| one.fires.values_mut()) {
        if fires.severity >= Severity::Urgent {
            fires.route = route.clone();
        } else if MUTED.contains(&fires.key.rule) {
            fires.muted = true;
        }
    }
}

/// An entry that fires an emergency or urgent rule and arrived more than six hours after it happened: its alert says
/// so, and R-SYNC-2 fires with the same severity.
pub(in super::super) fn late_arrivals(set: &RuleSet, all: &mut [Evaluation]) {
    let mut late: Vec<Fires> = Vec::new();
    for fires in all.iter_mut().flat_map(|one| one.fires.values_mut()) {
        let Some((at, Some(received))) = fires.happened else { continue };
        let age_ms = received.since_ms(at);
        if age_ms <= LATE_MS || fires.severity < Severity::Urgent {
            continue;
        }
        // On the clock of the person, both: true whenever it is read.
        let times = [at, Instant { offset_min: at.offset_min, ..received }];
        fires.fill.extend(LATE_TEXTS.into_iter().zip(times.map(|at| at.to_string())));
        fires.notes.insert(LATE_NOTE);
        late.push(fires.clone());
    }
    let Some(own) = all.iter_mut().find(|one| one.rule == LATE_RULE) else { return };
    if set.rule(LATE_RULE).is_none() {
        return;
    }
    own.reads.insert(Input::EffectiveStart);
    own.reads.insert(Input::ReceivedAt);
    for fires in late {
        let key = Key { rule: LATE_RULE, subject: fires.key.subject, discriminator: fires.key.rule.to_owned() };
        own.fires.insert(key.clone(), Fires { key, ..fires });
    }
}

//! What sync itself must tell: disputes that stay open, a device that is not reached.

use super::{
    super::{
        eval::{Cx, Trigger},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
    },
    common::role_word,
};
use crate::facts::{DAY_MS, Dispute, Stakes};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-SYNC-1", dispute), ("R-SYNC-3", device_away)];

/// R-SYNC-1. Equal values are no dispute.
fn dispute(cx: &mut Cx<'_>) {
    for dispute in &cx.facts.house.disputes {
        cx.judge(dispute.record, |cx, v| {
            v.reads(Input::Disputes);
            let differs = dispute.versions.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a != b));
            if dispute.stakes == Stakes::Ordinary || !differs {
                return Found::no();
            }
            let open_ms = cx.now.since_ms(dispute.since);
            let at_once = dispute.stakes == Stakes::AtOnce;
            let levels = [
                (Severity::Urgent, (at_once || open_ms > 3 * DAY_MS).into()),
                (Severity::Soon, (open_ms > DAY_MS).into()),
            ];
            Found::levels(&levels, || {
                let force = dispute.in_force.as_ref();
                let follow = force.cloned().unwrap_or_else(|| "nothing yet: ask your team first".to_owned());
                let holds = force.map_or_else(|| "nothing holds".to_owned(), |value| format!("{value} holds"));
                fires()
                    .mark(dispute.field.clone())
                    .fill("field", &dispute.field)
                    .fill("versions", versions(dispute))
                    .fill("holds", holds)
                    .fill("conservative", follow)
            })
        });
    }
}

/// Each value with the role that wrote it.
fn versions(dispute: &Dispute) -> String {
    let said = dispute.versions.iter().map(|(value, role)| format!("{value} by {}", role_word(*role)));
    said.collect::<Vec<_>>().join(" / ")
}

const AWAY_DAYS: i64 = 7;

/// R-SYNC-3.
fn device_away(cx: &mut Cx<'_>) {
    let Some(device) = &cx.facts.house.device else { return };
    cx.judge(Subject::Person, |cx, v| {
        v.reads(Input::AlertUnseen);
        let waiting = device.alerts_waiting > 0 || device.plan_changes_waiting > 0;
        if !waiting {
            return Found::no();
        }
        let Some(last) = v.get(Input::DeviceSeen, &device.last_synced).copied() else {
            return Found::missing(Input::DeviceSeen);
        };
        let away_ms = cx.now.since_ms(last);
        Found::when(Truth::from(away_ms > AWAY_DAYS * DAY_MS), || {
            let count = |number: u32, what: &str| match number {
                0 => None,
                1 => Some(format!("1 {what}")),
                _ => Some(format!("{number} {what}s")),
            };
            let parts = [count(device.alerts_waiting, "alert"), count(device.plan_changes_waiting, "plan change")];
            let unseen: Vec<String> = parts.into_iter().flatten().collect();
            // Another absence is another alert.
            fires().mark(last.day().to_string()).fill("d", away_ms / DAY_MS).fill("x", unseen.join(", "))
        })
    });
}

//! What must hold when everything is healed (PROTOCOL, "What the simulation must look at").

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Change, Dot, Part, PartId, ledger::CircleStore};

use crate::{
    memory::Memory,
    parts::{on_the_wire, serials},
    phone::Phone,
    server::{CIRCLE, taken_back},
    world::World,
};

/// The first thing that is wrong; the run's own findings (flicker, a stuck outbox) come first.
pub(crate) fn look(world: &World) -> Option<String> {
    if let Some(found) = world.faults.first() {
        return Some(found.clone());
    }
    let checks = [states, history, given_back, named, scope, digests];
    checks.iter().find_map(|check| check(world))
}

/// I9: every phone shows what the server would show it, bit for bit.
fn states(world: &World) -> Option<String> {
    let server = &world.server.durable;
    for (at, phone) in world.present() {
        let grants = server.grants.get(&phone.account);
        let mut expected: BTreeMap<PartId, Part> = BTreeMap::new();
        for (id, stored) in &server.circle.parts {
            if grants.is_some_and(|g| g.contains_key(&id.label)) && stored.part.is_live() {
                expected.insert(*id, on_the_wire(&stored.part));
            }
        }
        let shown: BTreeMap<PartId, Part> = phone
            .parts()
            .into_iter()
            .filter_map(|id| Some((id, phone.device.visible(CIRCLE, &phone.confirmed, id)?)))
            .collect();
        for id in expected.keys().chain(shown.keys()) {
            let bytes = |p: Option<&Part>| p.map(|p| p.encode());
            if bytes(expected.get(id)) != bytes(shown.get(id)) {
                let dots = |p: Option<&Part>| {
                    let fields = p.into_iter().flat_map(|p| p.fields());
                    fields
                        .map(|(f, v)| (f.number, v.map(|v| v.dot.to_string()).collect::<Vec<_>>()))
                        .collect::<Vec<_>>()
                };
                return Some(format!(
                    "phone {at} shows record {} label {:x} as {:?}, the server has {:?}",
                    id.record.0[15],
                    id.label,
                    dots(shown.get(id)),
                    dots(expected.get(id))
                ));
            }
        }
    }
    None
}

/// I2, I6, I7: every edit is in the history once, or in somebody's drafts.
fn history(world: &World) -> Option<String> {
    let mut times: BTreeMap<u64, u32> = BTreeMap::new();
    let circle = &world.server.durable.circle;
    let made = |c: &&Change| !taken_back(c);
    let known: BTreeSet<u64> = circle.history.values().filter(made).flat_map(serials).collect();
    // What was taken back is one with the change itself, if that has come too.
    let twice = |c: &Change| taken_back(c) && serials(c).all(|s| known.contains(&s));
    for change in circle.history.values().filter(|c| !twice(c)) {
        let edits: BTreeSet<u64> = serials(change).collect();
        edits.into_iter().for_each(|s| *times.entry(s).or_default() += 1);
    }
    if let Some((serial, n)) = times.iter().find(|(_, n)| **n > 1) {
        return Some(format!("edit {serial} had {n} effects"));
    }
    let drafts = drafts(world);
    let excused = |s: &u64| world.excused.contains(s) || world.server.quarantined.contains(s);
    let found = |s: &u64| times.contains_key(s) || drafts.contains(s) || excused(s);
    let lost = world.made.iter().find(|s| !found(s));
    lost.map(|s| format!("edit {s} is neither in the history nor in anybody's drafts"))
}

fn drafts(world: &World) -> BTreeSet<u64> {
    let circles = world.phones.iter().filter_map(|phone| phone.device.circle(CIRCLE));
    circles.flat_map(|c| c.drafts()).flat_map(|d| serials(&d.change)).collect()
}

/// What a restored server lost and somebody still held is there again; and nothing came back that never was.
fn given_back(world: &World) -> Option<String> {
    let circle = &world.server.durable.circle;
    let known: BTreeSet<u64> = circle.history.values().flat_map(serials).collect();
    // Sent again by somebody who has lost the right since, it waits for a person; or it is its author's draft.
    let drafts = drafts(world);
    let waits = |serial: &u64| world.server.quarantined.contains(serial) || drafts.contains(serial);
    let found = |serial: &u64| known.contains(serial) || waits(serial);
    if let Some(lost) = world.owed.iter().find(|o| !found(&o.serial)) {
        return Some(format!("edit {} was lost, and phone {} held it", lost.serial, lost.phone));
    }
    for (id, stored) in &circle.parts {
        for (field, versions) in stored.part.fields() {
            for v in versions.filter(|v| v.dot.replica.n != 0 || world.server.ever.contains_key(&v.dot)) {
                let was = world.server.ever.get(&v.dot);
                let writes =
                    was.into_iter().flatten().flat_map(|c| &c.parts).filter(|p| p.part == *id).flat_map(|p| &p.writes);
                let mut puts = writes.filter(|w| w.field.as_ref() == field).filter_map(|w| w.put.as_ref());
                if !puts.any(|put| put.value() == v.value) {
                    return Some(format!("{} is live and was never accepted", v.dot));
                }
            }
        }
    }
    None
}

/// No live version is named by a processed change.
fn named(world: &World) -> Option<String> {
    let circle = &world.server.durable.circle;
    for change in circle.history.values() {
        for write in &change.parts {
            let Some(stored) = circle.parts.get(&write.part) else { continue };
            for w in &write.writes {
                for named in &w.replaces {
                    let dot = circle.canonical(*named);
                    if stored.part.versions(&w.field).any(|v| v.dot == dot) {
                        return Some(format!("{dot} is live, and {} replaced it", change.dot));
                    }
                }
            }
        }
    }
    None
}

/// At the moment of drawing: a version that another one on the screen has replaced.
pub(crate) fn back_again(phone: &Phone, circle: &Memory) -> Option<String> {
    for id in phone.parts() {
        let Some(part) = phone.device.visible(CIRCLE, &phone.confirmed, id) else { continue };
        for (field, versions) in part.fields() {
            let live: Vec<Dot> = versions.map(|v| v.dot).collect();
            // A number in the outbox may be a twin's at the server.
            for dot in live.iter().filter(|d| live.len() > 1 && !phone.waits(**d)) {
                let Some(change) = circle.history.get(dot) else { continue };
                let here = change.parts.iter().filter(|p| p.part == id).flat_map(|p| &p.writes);
                let names = here.filter(|w| w.field.as_ref() == field).flat_map(|w| &w.replaces);
                let named = names.map(|d| circle.canonical(*d)).find(|d| live.contains(d));
                // Of somebody else's change that was numbered again, a phone may have named the earlier number.
                // What was taken back stands beside what had replaced it, until that has come itself and a page behind it.
                let taken = |d: Dot| circle.numbered_again(d).iter().any(|to| to.replica.n == 0);
                let renamed = |d: Dot| circle.aliases.values().any(|of| *of == d);
                if let Some(old) = named.filter(|d| !renamed(*d) && !taken(*d) && !taken(*dot)) {
                    return Some(format!("{old} beside {dot}, which replaced it"));
                }
            }
        }
    }
    None
}

/// I8, and nothing is kept of a lost right. No SKIP outside of a restore.
fn scope(world: &World) -> Option<String> {
    if world.server.leaked {
        return Some("a part was sent outside of the scope at its read".into());
    }
    if world.server.skips > 0 {
        return Some("a number of this epoch was skipped".into());
    }
    for (at, phone) in world.present() {
        let kept = phone.device.circle(CIRCLE).into_iter();
        let kept = kept.flat_map(|c| {
            let waiting = c.drafts().iter().map(|d| &d.change).chain(c.quarantined().iter().map(|q| &q.change));
            c.own().iter().map(|o| &o.change).chain(waiting)
        });
        let kept = kept.flat_map(|c| &c.parts).map(|p| p.part.label);
        let confirmed = phone.confirmed_parts().map(|(id, _)| id.label);
        for label in confirmed.chain(kept) {
            if !world.server.granted(phone.account, label) {
                return Some(format!("phone {at} keeps something of label {label:x}, which it lost"));
            }
        }
    }
    None
}

/// Digests never differ, and the ledger's running sums are what its parts add up to.
fn digests(world: &World) -> Option<String> {
    let differs = world.present().find(|(_, p)| p.device.circle(CIRCLE).is_some_and(|c| c.digest_mismatches() > 0));
    differs.map(|(at, _)| format!("a digest of phone {at} did not match"))
}

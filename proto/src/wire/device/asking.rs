//! What the state machine asks, as messages.

use std::fmt::Write;

use osteon_sync_core::{
    Dot,
    device::{HelloRequest, PullRequest, PushRequest, RebaseRequest},
    ledger::{Item, LanePosition, Mac},
};

use super::{timestamp, to_cell};
use crate::{
    sync,
    table::FIELD_TABLE_VERSION,
    wire::{change::to_wire, to_dot},
};

/// Parts per page.
const PAGE_SIZE: u32 = 200;

fn point(dot: Dot, mac: &Mac) -> sync::ChainPoint {
    sync::ChainPoint { dot: Some(to_dot(dot)), mac: mac.to_vec().into() }
}

/// `client` names the program and its version.
pub fn hello(request: &HelloRequest, health: sync::DeviceHealth, client: &str) -> sync::HelloRequest {
    let position = |circle: u64, p: &LanePosition| sync::LanePosition {
        circle,
        changes: p
            .changes
            .iter()
            .map(|(counter, mac)| point(Dot { replica: p.replica, counter: *counter }, mac))
            .collect(),
        last: Some(to_dot(Dot { replica: p.replica, counter: p.last })),
    };
    sync::HelloRequest {
        epoch: request.epoch,
        positions: request.positions.iter().flat_map(|(c, ps)| ps.iter().map(|p| position(*c, p))).collect(),
        clock: Some(timestamp(request.clock_ms)),
        health: Some(health),
        client: client.to_owned(),
        quarantined: request
            .quarantined
            .iter()
            .map(|(circle, dots)| sync::WaitingChanges {
                circle: *circle,
                dots: dots.iter().map(|dot| to_dot(*dot)).collect(),
            })
            .collect(),
    }
}

pub fn rebase(request: &RebaseRequest) -> sync::RebaseRequest {
    let forked = request.forked.iter().map(|(_, dot)| *dot);
    // A lane that is given up for another reason (a new epoch) was forked nowhere.
    let lanes = request.lanes.iter().filter(|r| !request.forked.iter().any(|(_, dot)| dot.replica == **r));
    let given_up = lanes.map(|replica| Dot { replica: *replica, counter: 0 });
    sync::RebaseRequest { forked: forked.chain(given_up).map(to_dot).collect(), request_id: uuid(&request.request_id) }
}

/// As a UUID is written.
fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub fn push(request: &PushRequest) -> sync::PushRequest {
    let base = request.items.iter().find_map(|item| match item {
        Item::Change(change) => Some(change.base),
        Item::Skip(_) => None,
    });
    let base = base.unwrap_or(0);
    let change = |item: &Item| match item {
        Item::Change(change) => to_wire(change, base),
        Item::Skip(_) => sync::Change { skip: true, ..sync::Change::default() },
    };
    let earlier = request.replica.epoch != request.epoch;
    sync::PushRequest {
        circle: request.circle,
        epoch: request.epoch,
        replica: request.replica.n,
        replica_epoch: if earlier { request.replica.epoch } else { 0 },
        first_counter: request.first_counter,
        base,
        changes: request.items.iter().map(change).collect(),
        builds_on: request.builds_on.iter().map(|(dot, mac)| point(*dot, mac)).collect(),
        field_table_version: FIELD_TABLE_VERSION,
    }
}

pub fn pull(request: &PullRequest, live: bool) -> sync::PullRequest {
    let positions = request.positions.iter().map(|(circle, cursor, dropped)| sync::CirclePosition {
        circle: *circle,
        cursor: cursor.clone().into(),
        dropped: dropped.iter().map(|c| to_cell(*c)).collect(),
    });
    sync::PullRequest { positions: positions.collect(), live, wait_s: 0, page_size: PAGE_SIZE, epoch: request.epoch }
}

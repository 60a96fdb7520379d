//! What the state machine asks, as messages.

use std::fmt::Write;

use osteon_sync_core::{
    Dot, Field,
    device::{Depth, HelloRequest, Offer, OfferRequest, PullRequest, PushRequest, RebaseRequest},
    ledger::{Item, LanePosition, Mac},
};

use super::{pages::Extra, timestamp, to_cell};
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

/// Versions that a restored server may have lost, each with the receipt that it came with.
pub fn offer(request: &OfferRequest) -> sync::OfferRequest {
    let versions = request.offers.iter().flat_map(|offer| {
        let extra = Extra::of(&offer.held);
        offer.dots.iter().map(move |dot| offered(offer, *dot, extra.receipt(*dot).unwrap_or_default()))
    });
    sync::OfferRequest { circle: request.circle, epoch: request.epoch, versions: versions.collect() }
}

fn offered(offer: &Offer, dot: Dot, receipt: &[u8]) -> sync::OfferedVersion {
    let mut version = sync::OfferedVersion {
        record: offer.id.record.0.to_vec().into(),
        label_id: offer.id.label,
        r#type: offer.held.type_number,
        dot: Some(to_dot(dot)),
        receipt: receipt.to_vec().into(),
        ..Default::default()
    };
    for (field, versions) in offer.held.part.fields() {
        for live in versions.filter(|v| v.dot == dot) {
            (version.clock_ms, version.clock_logical) = (live.clock.ms, live.clock.logical);
            (version.account, version.role) = (live.author.account, live.author.role.0.into());
            if field.number == Field::LIFECYCLE {
                version.covers = offer.held.part.covers(dot).iter().map(|d| to_dot(*d)).collect();
            }
            version.values.push(sync::OfferedValue {
                field: field.number,
                element: field.element.to_vec().into(),
                value: live.value.map(|value| value.to_vec().into()),
            });
        }
    }
    version
}

fn depth(depth: Depth) -> sync::Depth {
    match depth {
        // As much as there is needs no word.
        Depth::Full => sync::Depth::Unspecified,
        Depth::Plan => sync::Depth::Plan,
        Depth::List => sync::Depth::List,
    }
}

/// How long an answer to a pull goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// Until all that there is was sent.
    Head,
    /// For as long as the connection holds: what is committed is sent as it is.
    Gone,
    /// Until there is something new, at most so many seconds.
    News { wait_s: u32 },
}

pub fn pull(request: &PullRequest, until: Until) -> sync::PullRequest {
    let positions = request.positions.iter().map(|at| sync::CirclePosition {
        circle: at.circle,
        cursor: at.cursor.clone().into(),
        dropped: at.dropped.iter().map(|c| to_cell(*c)).collect(),
        depth: depth(at.depth).into(),
        digests: at.digests,
    });
    let wait_s = if let Until::News { wait_s } = until { wait_s } else { 0 };
    let (positions, live) = (positions.collect(), until == Until::Gone);
    sync::PullRequest { positions, live, wait_s, page_size: PAGE_SIZE, epoch: request.epoch }
}

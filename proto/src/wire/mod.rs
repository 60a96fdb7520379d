//! Between the messages of `osteon.sync.v1` and the merge core's types: the same code on server and phone, so that both
//! compute the same content MACs and the same states.
//!
//! - [`change`]: a change that goes up;
//! - [`state`]: a part that comes down;
//! - [`device`]: what a device's state machine asks and is answered;
//! - [`ids`]: record ids that are derived from what a record is about.

pub mod change;
pub mod device;
pub mod ids;
pub mod state;

use osteon_sync_core::Dot;

use crate::sync;

/// A dot from a message.
pub fn dot(d: &sync::Dot) -> Dot {
    Dot::new(d.epoch, d.replica, d.counter)
}

/// A dot for a message.
pub fn to_dot(d: Dot) -> sync::Dot {
    sync::Dot { epoch: d.replica.epoch, replica: d.replica.n, counter: d.counter }
}

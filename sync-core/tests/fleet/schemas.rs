//! MACs and record types of the simulation.

use osteon_sync_core::{
    Change, Replica,
    ledger::{Mac, Macs, Schemas},
};

/// A MAC of the simulation: keyed by the replica, over the canonical content.
pub(crate) struct TestMacs;

pub(crate) fn test_mac(replica: Replica, change: &Change) -> Mac {
    let mut out = [0; 16];
    for (i, half) in out.chunks_mut(8).enumerate() {
        let mut hash =
            0xcbf2_9ce4_8422_2325_u64 ^ (u64::from(replica.epoch) << 40 | u64::from(replica.n) << 8 | i as u64);
        for byte in osteon_sync_core::content(change) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        half.copy_from_slice(&hash.to_le_bytes());
    }
    out
}

impl Macs for TestMacs {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac> {
        Some(test_mac(replica, change))
    }
}

/// Type numbers below 10 are of class 1, below 20 of class 2, the others of class 3; type 30 is append-only.
pub(crate) struct TestSchemas;

impl Schemas for TestSchemas {
    fn class(&self, type_number: u32) -> u8 {
        match type_number {
            0..10 => 1,
            10..20 => 2,
            _ => 3,
        }
    }
    fn append_only(&self, type_number: u32) -> bool {
        type_number == 30
    }
}

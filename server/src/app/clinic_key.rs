//! The clinic's signing key (P-256): devices pin its public half at their enrolment, and erase themselves only on an order
//! that it signed.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_proto::identity as pb;
use prost::Message;

use super::enrol::timestamp;
use crate::{
    error::Error,
    store::{devices::StandingRow, identity::DeviceRow},
};

/// What stands before the bytes that are signed, so that a signature for one purpose is none for another.
pub const WIPE_CONTEXT: &[u8] = b"osteon wipe order 1\0";

pub struct ClinicKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl ClinicKey {
    /// `None`: not a P-256 key in PKCS #8. The library signs with its own randomness only.
    #[allow(clippy::disallowed_methods)]
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
        Some(Self { pair, random: SystemRandom::new() })
    }

    /// Uncompressed SEC1 point, 65 bytes.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// ECDSA P-256 with SHA-256, fixed 64-byte form, over context and message.
    pub fn sign(&self, context: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = self.pair.sign(&self.random, &[context, message].concat());
        Ok(signed.map_err(|_| Error::internal("the clinic's key does not sign"))?.as_ref().to_vec())
    }
}

impl crate::audit::Sign for ClinicKey {
    /// What the audit signs begins with what it is, as here.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        Self::sign(self, &[], message).ok()
    }
}

/// The order to wipe a device, as it is signed.
pub fn wipe_order(device: &DeviceRow, ordered_ms: u64) -> Vec<u8> {
    let order = pb::WipeOrder {
        device: device.device,
        device_key: device.key.clone().into(),
        ordered: Some(timestamp(ordered_ms)),
    };
    order.encode_to_vec()
}

/// DEVICE_WIPED with the signed order.
pub fn wiped(device: &DeviceRow, standing: &StandingRow) -> Error {
    Error::wiped(wipe_order(device, standing.ordered_ms), standing.signature.clone())
}

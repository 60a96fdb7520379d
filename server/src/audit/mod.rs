//! The audit after it was written: sealing, checking, and counting refused calls.
//!
//! Rows come from elsewhere: a use case writes its row in the transaction of what it did (`store::AuditRow`). Once a
//! second the [`sealer`] chains and signs what is new of each circle; [`verify`] finds what was changed since;
//! [`denials`] sums refused calls, so that a flood of them leaves a few rows; [`restores`] keeps restores that were tried
//! until there is a database to tell. docs/audit.md is the operator's page.
//!
//! Architecture invariant: nothing here is on the way of a call but a counter in memory.

pub mod current;
pub mod denials;
pub mod digest;
pub mod kept;
pub mod restores;
pub mod sealer;
pub mod verify;

/// Signs hashes with a key whose public part verifies them.
pub trait Sign: Send + Sync {
    /// ECDSA P-256 with SHA-256, 64 bytes; `None` if the library fails.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;
}

/// Whether `signature` is the key's (P-256, uncompressed point), over `message`.
#[must_use]
pub fn signed_by(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key).verify(message, signature).is_ok()
}

/// How a chain is called in text: a circle by its number, or a clinic.
#[must_use]
pub fn chain_name(chain: crate::store::audit::ChainNo) -> String {
    match crate::store::audit::clinic_of(chain) {
        None => format!("circle {chain}"),
        Some(0) => "server".to_owned(),
        Some(clinic) => format!("clinic {clinic}"),
    }
}

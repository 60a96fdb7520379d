//! Sealing: what lies in the database is unreadable without a key that is not in the database.
//!
//! Three layers. A key-encryption key (a file that only the server's user may read, behind [`KeyEncryption`]) wraps
//! the keys of each circle; a circle's data key seals its parts, log entries and access state (AES-256-GCM, a random
//! nonce each, the place of the row as associated data, so that no row can be moved to another place); a circle's
//! receipt key signs what devices give back after a restore. Opened keys are held in memory and wiped when dropped.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use zeroize::Zeroizing;

use crate::ids::Ids;

mod ring;

pub use ring::{FileKey, RingFile};

/// Bytes of a symmetric key.
pub const KEY_LEN: usize = 32;
/// What sealing adds to a plaintext: the number of the key, the nonce and the tag.
pub const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LEN;
const TAG_LEN: usize = 16;
/// The number of a key that is alone at its place. It stands first in what the key seals; key-encryption keys count it up.
const KEY_NUMBER: u8 = 1;

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Wrong key, another place, or damaged bytes: which of them cannot be told.
    #[error("sealed bytes do not open")]
    Open,
    #[error("a key has the wrong length")]
    KeyLength,
    #[error("the key file must be readable by its owner alone")]
    KeyFileMode,
    #[error("the key file cannot be read or made")]
    KeyFile(#[source] std::io::Error),
    #[error("the key file is not one of Osteon's")]
    KeyFileLayout,
    #[error("the key file holds 255 versions: take out what nothing needs any more (osteon keys retire)")]
    KeyFileFull,
    /// Another key's file: nothing of this database opens with it.
    #[error("version {0} of the key-encryption key is not in the key file")]
    KeyVersion(u8),
}

/// Wraps keys under a key that never lies beside them: a file here, a key service elsewhere.
pub trait KeyEncryption: Send + Sync {
    /// `purpose` is bound to the result: it opens only under the same one.
    fn wrap(&self, purpose: &[u8], secret: &[u8]) -> Result<Vec<u8>, SealError>;
    fn unwrap(&self, purpose: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError>;
    /// The version that wraps now. It is the first byte of what is wrapped; earlier ones still unwrap.
    fn version(&self) -> Result<u8, SealError>;
}

/// An AES-256-GCM key with its nonces from the injected randomness.
pub struct Sealer {
    number: u8,
    key: LessSafeKey,
    ids: Arc<dyn Ids>,
}

impl Sealer {
    pub fn new(key: &[u8], ids: Arc<dyn Ids>) -> Result<Self, SealError> {
        Self::numbered(KEY_NUMBER, key, ids)
    }

    fn numbered(number: u8, key: &[u8], ids: Arc<dyn Ids>) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::KeyLength)?;
        Ok(Self { number, key: LessSafeKey::new(key), ids })
    }

    /// Key number, nonce, ciphertext, tag.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.ids.fill(&mut nonce);
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.push(self.number);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut out[1 + NONCE_LEN..],
            )
            .map_err(|_| SealError::Open)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (head, rest) = sealed.split_at_checked(1 + NONCE_LEN).ok_or(SealError::Open)?;
        let text = rest.len().checked_sub(TAG_LEN).ok_or(SealError::Open)?;
        let (text, tag) = rest.split_at(text);
        let (number, nonce) = head.split_at(1);
        if number != [self.number] {
            return Err(SealError::Open);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Open)?;
        let mut plain = vec![0; text.len()];
        self.key.open_separate_gather(nonce, Aad::from(place), text, tag, &mut plain).map_err(|_| SealError::Open)?;
        Ok(plain)
    }
}

/// The keys of one circle, opened.
pub struct CircleKeys {
    data: Sealer,
    receipt: hmac::Key,
}

impl CircleKeys {
    /// The sealer of what is stored of the circle.
    pub fn data(&self) -> &Sealer {
        &self.data
    }

    /// A receipt: the MAC that only this server can make, over what a device may one day offer back.
    pub fn receipt(&self, content: &[u8]) -> [u8; 8] {
        let tag = hmac::sign(&self.receipt, content);
        let mut out = [0; 8];
        out.copy_from_slice(&tag.as_ref()[..8]);
        out
    }
}

impl CircleKeys {
    /// The name of an attachment, from the SHA-256 of its bytes: nobody without the key can tell what a name stands for, or
    /// whether two circles have the same bytes.
    pub fn name(&self, sha256: &[u8; 32]) -> [u8; 32] {
        let mut content = b"osteon attachment\0".to_vec();
        content.extend_from_slice(sha256);
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.receipt, &content).as_ref());
        out
    }
}

/// The key-encryption key and the randomness: makes and opens every other key.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<dyn KeyEncryption>,
    ids: Arc<dyn Ids>,
}

impl Vault {
    pub fn new(keys: Arc<dyn KeyEncryption>, ids: Arc<dyn Ids>) -> Self {
        Self { keys, ids }
    }

    pub fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    /// New keys for a circle that is about to be made, wrapped.
    pub fn new_circle_key(&self, clinic: u64, short_id: &str) -> Result<Vec<u8>, SealError> {
        let mut secret = Zeroizing::new([0; 2 * KEY_LEN]);
        self.ids.fill(secret.as_mut_slice());
        self.keys.wrap(&circle_purpose(clinic, short_id), secret.as_slice())
    }

    pub fn circle_keys(&self, clinic: u64, short_id: &str, wrapped: &[u8]) -> Result<CircleKeys, SealError> {
        let secret = self.keys.unwrap(&circle_purpose(clinic, short_id), wrapped)?;
        let (data, receipt) = secret.split_at_checked(KEY_LEN).ok_or(SealError::KeyLength)?;
        if receipt.len() != KEY_LEN {
            return Err(SealError::KeyLength);
        }
        Ok(CircleKeys {
            data: Sealer::new(data, Arc::clone(&self.ids))?,
            receipt: hmac::Key::new(hmac::HMAC_SHA256, receipt),
        })
    }

    /// Seals a secret that belongs to no circle (a device's chain key, the server's own secrets). `purpose` names its
    /// place: it opens only under the same one.
    pub fn seal_secret(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        self.keys.wrap(purpose.as_bytes(), secret)
    }

    pub fn open_secret(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.keys.unwrap(purpose.as_bytes(), sealed)
    }

    /// The version of the key-encryption key that wraps now.
    pub fn version(&self) -> Result<u8, SealError> {
        self.keys.version()
    }

    /// The same secret under the version that wraps now.
    pub fn rewrap(&self, purpose: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, SealError> {
        self.keys.wrap(purpose, &self.keys.unwrap(purpose, wrapped)?)
    }
}

/// What a circle's wrapped keys are bound to.
pub fn circle_purpose(clinic: u64, short_id: &str) -> Vec<u8> {
    let mut purpose = b"osteon circle key\0".to_vec();
    purpose.extend_from_slice(&clinic.to_be_bytes());
    purpose.extend_from_slice(short_id.as_bytes());
    purpose
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OsIds;

    fn vault() -> Vault {
        let ids: Arc<dyn Ids> = Arc::new(OsIds::new());
        let keys = FileKey::from_bytes(&[7; KEY_LEN], Arc::clone(&ids)).unwrap();
        Vault::new(Arc::new(keys), ids)
    }

    #[test]
    fn sealed_bytes_open_only_at_their_place_and_whole() {
        let vault = vault();
        let wrapped = vault.new_circle_key(1, "d0001").unwrap();
        let keys = vault.circle_keys(1, "d0001", &wrapped).unwrap();
        let sealed = keys.data().seal(b"here", b"plain").unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(keys.data().open(b"here", &sealed).unwrap(), b"plain");
        assert!(keys.data().open(b"there", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(keys.data().open(b"here", &damaged).is_err(), "byte {at}");
            assert!(keys.data().open(b"here", &sealed[..at]).is_err(), "cut at {at}");
        }
        assert!(vault.circle_keys(1, "d0002", &wrapped).is_err(), "keys of another circle");
        assert!(vault.circle_keys(2, "d0001", &wrapped).is_err(), "keys of another clinic");
    }

    /// Keys that are opened are zeroed when they are dropped. What AWS-LC makes of them it cleanses itself.
    #[test]
    fn an_opened_key_is_zeroed() {
        fn is_zeroed_on_drop<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let vault = vault();
        let sealed = vault.seal_secret("a", &[7; KEY_LEN]).unwrap();
        let mut opened: Zeroizing<Vec<u8>> = vault.open_secret("a", &sealed).unwrap();
        assert_eq!(opened.as_slice(), [7; KEY_LEN]);
        is_zeroed_on_drop(&opened);
        // What the drop does: the bytes are overwritten where they lie.
        zeroize::Zeroize::zeroize(opened.as_mut_slice());
        assert_eq!(opened.as_slice(), [0; KEY_LEN]);
        is_zeroed_on_drop(&ring::Bytes::default());
    }

    #[test]
    fn the_same_plaintext_is_never_sealed_alike() {
        let vault = vault();
        assert_ne!(vault.seal_secret("a", b"x").unwrap(), vault.seal_secret("a", b"x").unwrap());
        let sealed = vault.seal_secret("a", b"x").unwrap();
        assert!(vault.open_secret("b", &sealed).is_err());
    }
}

//! The server's own secrets and what is made with them: token hashes, invite codes, sealed cursors and `shown`
//! tokens, chain MACs, challenges, the clinic's signing key. All cryptography is aws-lc-rs.
//!
//! One 32-byte root is kept (wrapped by the key-encryption key); every purpose has a key of its own, derived by
//! HKDF-SHA256 with the purpose as info (RFC 5869).

use aws_lc_rs::{
    aead, constant_time, digest, hkdf, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey},
};
use osteon_proto::{
    split::put_varint,
    wire::state::{RECEIPT_LEN, Stamped},
};
use osteon_sync_core::{Change, PartId, ledger::Mac};
use zeroize::Zeroizing;

use super::clinic_key::ClinicKey;
use crate::{
    error::Error, ids::Ids, ids::random, seal::Vault, store::custody::SERVER_PURPOSE, store::identity::ServerRow,
};

/// Length of the root secret, bytes.
pub const ROOT_LEN: usize = 32;
const NONCE_LEN: usize = 12;

/// Keys derived from the root, one per purpose.
pub struct Secrets {
    cursor: aead::LessSafeKey,
    shown: aead::LessSafeKey,
    chain: aead::LessSafeKey,
    answer: aead::LessSafeKey,
    invite: hmac::Key,
    challenge: hmac::Key,
    page: aead::LessSafeKey,
    refresh: aead::LessSafeKey,
    browser: aead::LessSafeKey,
    device_name: aead::LessSafeKey,
    wake: aead::LessSafeKey,
    vapid: Zeroizing<[u8; 32]>,
    person: hmac::Key,
    receipt: hmac::Key,
    digest: hmac::Key,
    server_chain: hmac::Key,
    deny: Zeroizing<[u8; 32]>,
}

/// What a sealed token is for; a token of one purpose never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Cursor,
    Shown,
    ChainKey,
    Answer,
    PageToken,
    /// What a refresh token says of itself.
    Refresh,
    /// What a browser was asked.
    Browser,
    /// How people named their devices.
    DeviceName,
    /// Where devices are woken.
    Wake,
}

struct Len32;

impl hkdf::KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

fn derive(prk: &hkdf::Prk, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0u8; 32]);
    // 32 bytes are far below HKDF's limit of 255 × 32: expand and fill cannot fail.
    if let Ok(okm) = prk.expand(&[info], Len32) {
        let _ = okm.fill(out.as_mut_slice());
    }
    out
}

fn aead_key(bytes: &[u8; 32]) -> Option<aead::LessSafeKey> {
    aead::UnboundKey::new(&aead::AES_256_GCM, bytes).ok().map(aead::LessSafeKey::new)
}

impl Secrets {
    /// `None` only if the library refuses a 32-byte key.
    pub fn from_root(root: &[u8; ROOT_LEN]) -> Option<Self> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"osteon server secrets 1").extract(root);
        let sealing = |info: &[u8]| aead_key(&derive(&prk, info));
        Some(Self {
            cursor: sealing(b"cursor")?,
            shown: sealing(b"shown")?,
            chain: sealing(b"chain key")?,
            answer: sealing(b"answer")?,
            page: sealing(b"page token")?,
            refresh: sealing(b"refresh token")?,
            browser: sealing(b"browser")?,
            device_name: sealing(b"device name")?,
            person: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"person").as_slice()),
            invite: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"invite").as_slice()),
            challenge: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"challenge").as_slice()),
            receipt: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"receipt").as_slice()),
            digest: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"digest").as_slice()),
            deny: derive(&prk, b"deny log"),
            wake: sealing(b"wake endpoint")?,
            vapid: derive(&prk, b"vapid"),
            server_chain: hmac::Key::new(hmac::HMAC_SHA256, derive(&prk, b"server chain").as_slice()),
        })
    }

    /// The private key of VAPID (RFC 8292): the same as long as the server has its root, so that subscriptions last.
    pub fn vapid(&self) -> &[u8; 32] {
        &self.vapid
    }

    fn key(&self, purpose: Purpose) -> &aead::LessSafeKey {
        match purpose {
            Purpose::Cursor => &self.cursor,
            Purpose::Shown => &self.shown,
            Purpose::ChainKey => &self.chain,
            Purpose::Answer => &self.answer,
            Purpose::PageToken => &self.page,
            Purpose::Refresh => &self.refresh,
            Purpose::Browser => &self.browser,
            Purpose::DeviceName => &self.device_name,
            Purpose::Wake => &self.wake,
        }
    }

    /// nonce ‖ ciphertext ‖ tag. `bound` is what the token is bound to (server, member, circle …).
    pub fn seal(&self, purpose: Purpose, nonce: [u8; NONCE_LEN], bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let key = self.key(purpose);
        let nonce_value = aead::Nonce::assume_unique_for_key(nonce);
        if key.seal_in_place_append_tag(nonce_value, aead::Aad::from(bound), &mut sealed).is_err() {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(NONCE_LEN + sealed.len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// `None` for anything that this server did not seal for the same purpose and binding.
    pub fn open(&self, purpose: Purpose, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.key(purpose).open_in_place(nonce, aead::Aad::from(bound), &mut body).ok()?;
        let len = plain.len();
        body.truncate(len);
        Some(body)
    }

    /// How an invite's code is stored. The typed form is bound to its circle.
    pub fn invite_mac(&self, short_id: &str, code: &str) -> [u8; 32] {
        mac32(&self.invite, &[short_id.as_bytes(), b"\0", code.as_bytes()])
    }

    /// How an authenticator knows an account: nothing that it could be recognised by elsewhere.
    pub fn passkey_handle(&self, account: u64) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&mac32(&self.person, &[b"passkey", &account.to_be_bytes()])[..16]);
        out
    }

    /// How a provider's subject is kept.
    pub fn hospital_subject(&self, issuer: &str, subject: &str) -> [u8; 32] {
        mac32(&self.person, &[b"hospital", &(issuer.len() as u64).to_be_bytes(), issuer.as_bytes(), subject.as_bytes()])
    }

    /// The key of a circle's digests: every device of the circle has it, so that a digest says nothing outside.
    pub fn digest_key(&self, circle: u64) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&mac32(&self.digest, &[&circle.to_be_bytes()])[..16]);
        out
    }

    /// The key under which the deny log's entries are chained.
    pub fn deny_key(&self) -> &[u8; 32] {
        &self.deny
    }

    /// The MAC of a change of the server's own replica.
    pub fn server_mac(&self, change: &Change) -> Mac {
        super::commit::mac(&self.server_chain, change)
    }

    /// The receipt of one stamp: over circle, record, label, type, dot, author, and the versions that it has live. A device
    /// can give these versions back to a server that lost them; nobody can make one up.
    pub fn receipt(&self, circle: u64, part: PartId, type_number: u32, stamp: &Stamped<'_>) -> [u8; RECEIPT_LEN] {
        let Stamped { dot, author, clock, covers, versions } = stamp;
        let values = versions.iter().map(|(field, value)| 6 + field.element.len() + value.map_or(0, <[u8]>::len));
        // Signed in one piece: the library takes longer over many small ones than over the hash. Numbers are as long as they
        // need to be: most values are shorter than eight bytes of length.
        let mut said = Vec::with_capacity(64 + covers.len() * 12 + values.sum::<usize>());
        said.extend_from_slice(&part.record.0);
        for number in [circle, part.label, type_number.into(), covers.len() as u64] {
            put_varint(&mut said, number);
        }
        for covered in *covers {
            for number in [u64::from(covered.replica.epoch), u64::from(covered.replica.n), covered.counter] {
                put_varint(&mut said, number);
            }
        }
        for number in [
            u64::from(dot.replica.epoch),
            u64::from(dot.replica.n),
            dot.counter,
            author.account,
            u64::from(author.role.0),
            clock.ms,
            u64::from(clock.logical),
        ] {
            put_varint(&mut said, number);
        }
        for (field, value) in versions {
            put_varint(&mut said, field.number.into());
            put_varint(&mut said, field.element.len() as u64);
            said.extend_from_slice(field.element);
            // Nothing, "cleared", is not a value of no bytes.
            put_varint(&mut said, value.map_or(0, |value| 1 + value.len() as u64));
            said.extend_from_slice(value.unwrap_or_default());
        }
        let mut out = [0; RECEIPT_LEN];
        out.copy_from_slice(&hmac::sign(&self.receipt, &said).as_ref()[..RECEIPT_LEN]);
        out
    }

    /// A challenge: issue time ‖ random ‖ MAC over both and the device key.
    pub fn challenge(&self, device_key: &[u8], now_ms: u64, random: [u8; 16]) -> Vec<u8> {
        let mut out = Vec::with_capacity(56);
        out.extend_from_slice(&now_ms.to_be_bytes());
        out.extend_from_slice(&random);
        let mac = mac32(&self.challenge, &[&out, device_key]);
        out.extend_from_slice(&mac);
        out
    }

    /// When the challenge was issued, if it is one of this server's for this key.
    pub fn challenge_issued(&self, device_key: &[u8], challenge: &[u8]) -> Option<u64> {
        let (head, mac) = challenge.split_at_checked(24)?;
        let expected = mac32(&self.challenge, &[head, device_key]);
        constant_time::verify_slices_are_equal(&expected, mac).ok()?;
        Some(u64::from_be_bytes(head.get(..8)?.try_into().ok()?))
    }
}

fn mac32(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    let mut out = [0u8; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// SHA-256, for tokens that are random and for fingerprints of requests.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0u8; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Verifies a device's signature (ECDSA P-256 with SHA-256, fixed 64-byte form).
pub fn device_signed(device_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, device_key).verify(message, signature).is_ok()
}

/// The root and the clinic's signing key, wrapped for the server row.
pub struct Sealed(Vec<u8>);

impl Sealed {
    pub fn fresh(ids: &dyn Ids, vault: &Vault) -> Result<Self, Error> {
        let root = Zeroizing::new(random::<ROOT_LEN>(ids));
        let signing = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &system_random());
        let signing = signing.map_err(|_| Error::internal("no signing key was made"))?;
        // One allocation: a buffer that grows leaves copies behind.
        let plain = Zeroizing::new([root.as_slice(), signing.as_ref()].concat());
        vault.seal_secret(SERVER_PURPOSE, &plain).map(Self).map_err(Error::internal)
    }

    pub fn into_row(self, server_id: [u8; 16]) -> ServerRow {
        ServerRow { server_id, epoch: 1, secrets: self.0 }
    }
}

// The library makes key pairs from its own randomness only.
#[allow(clippy::disallowed_methods)]
fn system_random() -> SystemRandom {
    SystemRandom::new()
}

/// Opens the server row's secrets: the derived keys, and the clinic's key.
pub fn open(vault: &Vault, sealed: &[u8]) -> Result<(Secrets, ClinicKey), Error> {
    let plain = vault.open_secret(SERVER_PURPOSE, sealed).map_err(Error::internal)?;
    let broken = || Error::internal("the server's secrets are not of this layout");
    let (root, signing) = plain.split_first_chunk::<ROOT_LEN>().ok_or_else(broken)?;
    let clinic = ClinicKey::from_pkcs8(signing).ok_or_else(broken)?;
    let secrets = Secrets::from_root(root).ok_or_else(broken)?;
    Ok((secrets, clinic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_for_its_purpose_and_binding() {
        let secrets = Secrets::from_root(&[7; 32]).unwrap();
        let sealed = secrets.seal(Purpose::Cursor, [1; 12], b"member 4", b"where I stand");
        assert_eq!(secrets.open(Purpose::Cursor, b"member 4", &sealed).unwrap(), b"where I stand");
        assert!(secrets.open(Purpose::Cursor, b"member 5", &sealed).is_none());
        assert!(secrets.open(Purpose::Shown, b"member 4", &sealed).is_none());
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(secrets.open(Purpose::Cursor, b"member 4", &damaged).is_none(), "bit {bit}");
        }
        assert!(secrets.open(Purpose::Cursor, b"member 4", &[]).is_none());
    }

    #[test]
    fn a_challenge_is_bound_to_its_key() {
        let secrets = Secrets::from_root(&[7; 32]).unwrap();
        let challenge = secrets.challenge(b"key", 42, [9; 16]);
        assert_eq!(secrets.challenge_issued(b"key", &challenge), Some(42));
        assert_eq!(secrets.challenge_issued(b"other", &challenge), None);
        assert_eq!(secrets.challenge_issued(b"key", &challenge[1..]), None);
    }
}

//! The device's own key: P-256, made here, never leaves the sealed store. It proves the device at enrolment, at sign-in
//! and at every refresh.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use crate::error::{Error, Result};

/// A key pair that can sign.
pub struct DeviceKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl DeviceKey {
    /// A new key: (the key, its PKCS#8 form for the store). AWS-LC draws from the operating system itself.
    #[allow(clippy::disallowed_methods)]
    pub fn generate() -> Result<(Self, Vec<u8>)> {
        let failed = |_| Error::Damaged("making a device key");
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(failed)?;
        let pkcs8 = document.as_ref().to_vec();
        Ok((Self::from_pkcs8(&pkcs8)?, pkcs8))
    }

    #[allow(clippy::disallowed_methods)]
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| Error::Damaged("the device key"))?;
        Ok(Self { pair, random: SystemRandom::new() })
    }

    /// Uncompressed SEC1 point, 65 bytes.
    pub fn public(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// ECDSA P-256 with SHA-256, fixed 64-byte form.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let random: &dyn SecureRandom = &self.random;
        let signature = self.pair.sign(random, message).map_err(|_| Error::Damaged("signing"))?;
        Ok(signature.as_ref().to_vec())
    }

    /// What a refresh signs: SHA-256 over the nonce of the pair and the request id.
    pub fn sign_refresh(&self, nonce: &[u8], request_id: &str) -> Result<Vec<u8>> {
        let mut message = nonce.to_vec();
        message.extend_from_slice(request_id.as_bytes());
        self.sign(digest(&SHA256, &message).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_stored_key_signs_for_the_same_public_key() {
        let (key, pkcs8) = DeviceKey::generate().unwrap();
        let again = DeviceKey::from_pkcs8(&pkcs8).unwrap();
        assert_eq!(key.public(), again.public());
        assert_eq!(key.public().len(), 65);
        let signature = again.sign(b"challenge").unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public());
        public.verify(b"challenge", &signature).unwrap();
        assert!(public.verify(b"another challenge", &signature).is_err());
        assert_eq!(signature.len(), 64);
    }
}

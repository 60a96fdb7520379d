//! Values at rest: AES-256-GCM under a key of this phone, bound to the place where they stand.
//!
//! The key lies in a file that only its owner may read. A mobile app puts it into the system's key store instead.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{
    error::{Error, Result},
    ids::{Ids, random},
};

const KEY_LEN: usize = 32;
const OWNER_ONLY: u32 = 0o600;

/// Seals and opens values of one phone.
pub(super) struct Sealer(LessSafeKey);

impl Sealer {
    /// Reads the key, or makes one where there is none.
    pub(super) fn open(path: &Path, ids: &dyn Ids) -> Result<Self> {
        let file = |source| Error::File { what: "the phone's key file", source };
        match fs::read(path) {
            Ok(bytes) => {
                let mode = fs::metadata(path).map_err(file)?.permissions().mode();
                if mode & 0o077 != 0 {
                    return Err(Error::Damaged(crate::recovery::OTHERS_MAY_READ));
                }
                Self::from_key(&bytes)
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let key: [u8; KEY_LEN] = random(ids);
                let mut made =
                    fs::OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path).map_err(file)?;
                made.write_all(&key).and_then(|()| made.sync_all()).map_err(file)?;
                Self::from_key(&key)
            }
            Err(e) => Err(file(e)),
        }
    }

    pub(super) fn from_key(key: &[u8]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Error::Damaged("key file"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// nonce, ciphertext, tag.
    pub(super) fn seal(&self, bound: &[u8], plain: &[u8], ids: &dyn Ids) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random(ids);
        let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut sealed)
            .map_err(|_| Error::Damaged("sealing"))?;
        out.append(&mut sealed);
        Ok(out)
    }

    pub(super) fn unseal(&self, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::Damaged("a sealed value");
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut buffer = rest.to_vec();
        let plain = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(bound), &mut buffer)
            .map_err(|_| damaged())?
            .len();
        buffer.truncate(plain);
        Ok(buffer)
    }
}

//! `osteon device`: what a phone's keystore does, for scripts (sign a challenge of the server with a P-256 key from a file,
//! which is made if it is not there), and the code that lets a device in after a long time.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Exit, Out, small_runtime};
use crate::{
    app::{App, devices},
    config::Settings,
    ids, site, tls,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print the public key of a device; makes the key if it is not there
    Key {
        /// File with the private key (PKCS #8), mode 0400
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// A code for a device that was away for 180 days, to be read out to its owner: ten minutes, one use
    Code {
        /// The device's number, as the list of devices says it
        #[arg(long, value_name = "NUMBER")]
        device: u64,
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Sign a challenge; prints the signature and the public key in base64, as grpcurl wants them
    Sign {
        /// File with the private key (PKCS #8), mode 0400; made if absent
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The challenge (or the refresh nonce), base64
        #[arg(value_name = "CHALLENGE")]
        challenge: String,
        /// For a refresh: the request id. What is signed is SHA-256 over nonce and request id
        #[arg(long, value_name = "ID")]
        request_id: Option<String>,
    },
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    match args.command {
        Command::Key { key } => {
            let public = STANDARD.encode(open_or_make(&key)?.public_key().as_ref());
            out.answer(&serde_json::json!({ "device_key": public }), || public.clone());
        }
        Command::Code { device, settings } => {
            let config = settings.resolve()?;
            small_runtime()?.block_on(async {
                let site = site::open(&config).await?;
                let done = code(&site.app, device, out).await;
                site.close().await;
                done
            })?;
        }
        Command::Sign { key, challenge, request_id } => {
            let challenge = STANDARD.decode(challenge.trim()).context("the challenge is not base64")?;
            if challenge.is_empty() {
                bail!("the challenge is empty");
            }
            let pair = open_or_make(&key)?;
            let signature = STANDARD.encode(sign(&pair, &challenge, request_id.as_deref())?);
            let public = STANDARD.encode(pair.public_key().as_ref());
            out.answer(&serde_json::json!({ "signature": signature, "device_key": public }), || {
                format!("signature   {signature}\ndevice_key  {public}")
            });
        }
    }
    Ok(Exit::Done)
}

async fn code(app: &App, device: u64, out: &Out) -> anyhow::Result<()> {
    let row = app.store.device(device).await?.with_context(|| format!("there is no device {device} here"))?;
    let (code, expires_ms) = devices::code(app, &row).await?;
    out.answer(&serde_json::json!({ "code": code, "device": device, "expires_ms": expires_ms }), || {
        let (front, back) = code.split_at(code.len() / 2);
        format!("Code    {front}-{back}   for device {device}\nValid for ten minutes, once.")
    });
    Ok(())
}

pub(super) fn sign(pair: &EcdsaKeyPair, challenge: &[u8], request_id: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let message = match request_id {
        Some(id) => digest(&SHA256, &[challenge, id.as_bytes()].concat()).as_ref().to_vec(),
        None => challenge.to_vec(),
    };
    let signature = pair.sign(ids::OsIds::new().source(), &message).map_err(|_| anyhow::anyhow!("cannot sign"))?;
    Ok(signature.as_ref().to_vec())
}

pub(super) fn open_or_make(path: &Path) -> anyhow::Result<EcdsaKeyPair> {
    if !path.exists() {
        let made = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = made.and_then(|pair| pair.to_pkcs8v1()).map_err(|_| anyhow::anyhow!("cannot make a key"))?;
        tls::write_new(path, document.as_ref(), 0o400)?;
    }
    let bytes =
        zeroize::Zeroizing::new(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes)
        .map_err(|_| anyhow::anyhow!("{} holds no P-256 key", path.display()))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_key_is_made_once_and_signs_what_the_server_checks() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("device.key");
        let pair = open_or_make(&path).expect("made");
        let again = open_or_make(&path).expect("kept");
        assert_eq!(pair.public_key().as_ref(), again.public_key().as_ref());
        assert_eq!(pair.public_key().as_ref().len(), 65);
        let verify = |message: &[u8], signature: &[u8]| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()).verify(message, signature)
        };
        let signature = sign(&pair, b"challenge", None).expect("signed");
        assert_eq!(signature.len(), 64);
        assert!(verify(b"challenge", &signature).is_ok());
        let signature = sign(&pair, b"nonce", Some("id")).expect("signed");
        assert!(verify(digest(&SHA256, b"nonceid").as_ref(), &signature).is_ok());
    }
}

//! TLS: one rustls configuration on the AWS-LC provider (1.3, and 1.2 with AEAD suites unless switched off; ALPN `h2` and
//! `http/1.1`), and where its certificate comes from: two PEM files, or a development authority and leaf that are made on
//! first start into the data directory.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};

use crate::config::{CA_FILE, TlsSource};

const LEAF_FILE: &str = "server.pem";
const KEY_FILE: &str = "server.key";
const CA_DAYS: u64 = 3_650;
const LEAF_DAYS: u64 = 397;
const DAY_S: u64 = 86_400;

/// Where the certificate and key of this server lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub cert: PathBuf,
    pub key: PathBuf,
    /// The development authority, where there is one.
    pub ca: Option<PathBuf>,
}

/// Names the files of a source without making them.
#[must_use]
pub fn files(source: &TlsSource, data: &Path) -> Files {
    match source {
        TlsSource::Files { cert, key } => Files { cert: cert.clone(), key: key.clone(), ca: None },
        TlsSource::Development { .. } => {
            Files { cert: data.join(LEAF_FILE), key: data.join(KEY_FILE), ca: Some(data.join(CA_FILE)) }
        }
    }
}

/// Names the files of a source; makes the development certificate if it is not there.
pub fn ensure(source: &TlsSource, data: &Path, now_ms: u64) -> anyhow::Result<Files> {
    let files = files(source, data);
    if let (TlsSource::Development { names }, Some(ca)) = (source, &files.ca) {
        match (ca.exists(), files.cert.exists(), files.key.exists()) {
            (true, true, true) => {}
            (false, false, false) => make_development(&files, ca, names, now_ms)?,
            _ => bail!("{CA_FILE}, {LEAF_FILE} and {KEY_FILE} belong together: some are missing in {}", data.display()),
        }
    }
    Ok(files)
}

/// For calls of our own to somebody else's server.
pub fn client_config(roots: RootCertStore) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).context("TLS versions")?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A certificate authority whose key is thrown away once it has signed one leaf.
fn make_development(files: &Files, ca_path: &Path, names: &[String], now_ms: u64) -> anyhow::Result<()> {
    let day = |days: u64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(days * DAY_S);
    let today = now_ms / 1_000 / DAY_S;
    let yesterday = day(today.saturating_sub(1));

    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "Osteon development authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.not_before = yesterday;
    ca.not_after = day(today + CA_DAYS);
    let ca_key = KeyPair::generate().context("authority key")?;
    let ca_cert = ca.self_signed(&ca_key).context("authority certificate")?;
    let issuer = Issuer::new(ca, ca_key);

    let mut subjects = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    subjects.extend(names.iter().cloned());
    let mut leaf = CertificateParams::new(subjects).context("names of the certificate")?;
    leaf.distinguished_name.push(DnType::CommonName, "Osteon development server");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = yesterday;
    leaf.not_after = day(today + LEAF_DAYS);
    let leaf_key = KeyPair::generate().context("server key")?;
    let leaf_cert = leaf.signed_by(&leaf_key, &issuer).context("server certificate")?;

    write_new(&files.key, leaf_key.serialize_pem().as_bytes(), 0o400)?;
    write_new(&files.cert, leaf_cert.pem().as_bytes(), 0o644)?;
    write_new(ca_path, ca_cert.pem().as_bytes(), 0o644)?;
    tracing::info!(file = %ca_path.display(), "made a development certificate authority");
    Ok(())
}

/// Writes a file that must not exist yet, with its final mode from the first byte on, and syncs it.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| format!("cannot write {}", path.display()))
}

/// Reads the certificate chain of a PEM file.
pub fn read_chain(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read certificates from {}", path.display()))?;
    if chain.is_empty() {
        bail!("{} holds no certificate", path.display());
    }
    Ok(chain)
}

/// The configuration of the public port.
pub fn server_config(files: &Files, tls12: bool) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = read_chain(&files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .with_context(|| format!("cannot read a private key from {}", files.key.display()))?;
    let versions: &[_] = if tls12 { &[&TLS13, &TLS12] } else { &[&TLS13] };
    // rustls knows no TLS 1.2 suite that is not ECDHE with an AEAD.
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .context("TLS versions")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and its key do not fit together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// When the first certificate of a chain begins and ends, as seconds since 1970.
pub fn validity(path: &Path) -> anyhow::Result<(i64, i64)> {
    let chain = read_chain(path)?;
    let leaf = chain.first().context("no certificate")?;
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf).context("a certificate that cannot be parsed")?;
    let validity = parsed.validity();
    Ok((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW_MS: u64 = 1_790_000_000_000;

    fn development() -> TlsSource {
        TlsSource::Development { names: vec!["clinic.example".to_owned()] }
    }

    #[test]
    fn a_development_certificate_is_made_once_and_then_kept() {
        let dir = tempfile::tempdir().expect("temp dir");
        let files = ensure(&development(), dir.path(), NOW_MS).expect("made");
        let first = fs::read(&files.cert).expect("leaf");
        ensure(&development(), dir.path(), NOW_MS).expect("kept");
        assert_eq!(first, fs::read(&files.cert).expect("leaf"));
        assert_eq!(fs::metadata(&files.key).expect("key").permissions().mode() & 0o777, 0o400);
        server_config(&files, true).expect("a working configuration");
        let (from, until) = validity(&files.cert).expect("dates");
        let day = i64::try_from(DAY_S).expect("fits");
        let now_s = i64::try_from(NOW_MS / 1_000).expect("fits");
        assert!(from < now_s && until > now_s + 300 * day && until < now_s + 398 * day);
    }

    #[test]
    fn half_a_certificate_is_not_quietly_replaced() {
        let dir = tempfile::tempdir().expect("temp dir");
        let files = ensure(&development(), dir.path(), NOW_MS).expect("made");
        fs::remove_file(&files.cert).expect("removed");
        assert!(ensure(&development(), dir.path(), NOW_MS).is_err());
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
        let a = ensure(&development(), one.path(), NOW_MS).expect("made");
        let b = ensure(&development(), two.path(), NOW_MS).expect("made");
        assert!(server_config(&Files { cert: a.cert, key: b.key, ca: None }, true).is_err());
    }
}

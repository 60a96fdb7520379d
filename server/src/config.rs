//! What an operator can set, and where it comes from: command line, then environment (`OSTEON_*`), then an optional TOML
//! file (`--config`), then the default. One struct serves all three, so that a setting has one name everywhere.

mod dir;

use std::{fmt, net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

pub use self::dir::{
    ADDRESS_FILE, BENCH_MARKER, BROWSER_ADDRESS_FILE, CA_FILE, DEMO_MARKER, DEMO_TEXT, is_demo, make_data_dir,
    mark_demo,
};
use crate::{
    app::clients::{MIN_CLIENT, Version},
    wake::guard::Hosts,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines on a terminal, JSON otherwise.
    #[default]
    Auto,
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    On,
    Off,
}

impl Switch {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

/// Settings as they are given; everything may be missing.
#[derive(Clone, Debug, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Folder that holds the database, keys and certificates [default: ./osteon-data]
    #[arg(long, visible_alias = "data-dir", env = "OSTEON_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// postgres://… for several nodes; by default an SQLite file in the data directory
    #[arg(long, env = "OSTEON_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<DatabaseUrl>,
    /// File with the key-encryption key, mode 0400 [default: DIR/kek.key]
    #[arg(long, env = "OSTEON_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Rule set file in place of the built-in one, read again when it changes (`osteon rules` prints one to begin from, and checks it)
    #[arg(long, env = "OSTEON_RULES_FILE", value_name = "FILE")]
    pub rules_file: Option<PathBuf>,
    /// Where revocations and erasures are kept outside the database: a file, or postgres://… (another database; required
    /// with several nodes) [default: DIR/deny.log]
    #[arg(long, env = "OSTEON_DENY_LOG", value_name = "FILE|URL", hide_env_values = true)]
    pub deny_log: Option<DatabaseUrl>,
    /// Read settings from this TOML file (same names, without the dashes in front)
    #[arg(long, env = "OSTEON_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The public port [default: 127.0.0.1:8443]
    #[arg(long, env = "OSTEON_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Metrics and readiness; loopback only [default: 127.0.0.1:9464]
    #[arg(long, env = "OSTEON_METRICS_LISTEN", value_name = "ADDR:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// Plain http for a browser on this machine; loopback and demo data directory only
    #[arg(long, env = "OSTEON_HTTP_LISTEN", value_name = "ADDR:PORT")]
    pub http_listen: Option<SocketAddr>,
    /// Certificate chain, PEM. By default a development authority is made on first start
    #[arg(long, env = "OSTEON_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, env = "OSTEON_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// More names of this server for the development certificate
    #[arg(long, env = "OSTEON_TLS_NAMES", value_name = "NAME,…", value_delimiter = ',')]
    pub tls_names: Option<Vec<String>>,
    /// TLS 1.2 (AEAD suites only) beside 1.3 [default: on]
    #[arg(long, env = "OSTEON_TLS12", value_name = "on|off")]
    pub tls12: Option<Switch>,
    /// Another site whose pages may call this server, for example https://portal.example.org
    #[arg(long = "cors-origin", env = "OSTEON_CORS_ORIGIN", value_name = "ORIGIN,…", value_delimiter = ',')]
    pub cors_origin: Option<Vec<String>>,
    /// Where browsers reach this server, for example https://osteon.example.org [default: https://localhost:PORT]
    #[arg(long, env = "OSTEON_WEB_ORIGIN", value_name = "ORIGIN")]
    pub web_origin: Option<String>,
    /// The domain that passkeys are made for: the web origin's host, or a domain that it lies in [default: the host]
    #[arg(long, env = "OSTEON_PASSKEY_DOMAIN", value_name = "DOMAIN")]
    pub passkey_domain: Option<String>,
    /// The hospital's OpenID provider: section [oidc] of the file
    #[arg(skip)]
    pub oidc: Option<OidcSettings>,
    /// Limits of calls per address, account, device and clinic; off is for measurements [default: on]
    #[arg(long, env = "OSTEON_RATE_LIMITS", value_name = "on|off")]
    pub rate_limits: Option<Switch>,
    /// The lowest version of a phone's program that may write; older ones read on [default: 0.1.0]
    #[arg(long, env = "OSTEON_MIN_CLIENT", value_name = "VERSION")]
    pub min_client: Option<String>,
    /// Hosts of push services that wake-ups may go to; one that begins with a dot stands for all that end with it [default: none]
    #[arg(long, env = "OSTEON_WAKE_HOSTS", value_name = "HOST,…", value_delimiter = ',')]
    pub wake_hosts: Option<Vec<String>>,
    /// Whom push services may write to: mailto:… or https://… [default: the web origin]
    #[arg(long, env = "OSTEON_WAKE_CONTACT", value_name = "URL")]
    pub wake_contact: Option<String>,
    /// More authorities that push services' certificates may come from, PEM
    #[arg(long, env = "OSTEON_WAKE_CA", value_name = "FILE")]
    pub wake_ca: Option<PathBuf>,
    /// Start on a PostgreSQL whose standby servers are asynchronous: a failover may lose acknowledged entries
    #[arg(long, env = "OSTEON_ACCEPT_LOSS", value_name = "on|off", num_args = 0..=1, default_missing_value = "on")]
    pub accept_loss: Option<Switch>,
    /// Log lines: auto (lines on a terminal, JSON otherwise), text or json
    #[arg(long, env = "OSTEON_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Log filter, for example info or osteon_server=debug [default: info]
    #[arg(long, env = "OSTEON_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// For `osteon bench` alone, which measures what a part costs
    #[arg(long, hide = true)]
    #[serde(skip)]
    pub bench_without: Option<Measured>,
}

/// A part of the server whose cost is measured by leaving it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Measured {
    Audit,
    Rules,
}

/// Section `[oidc]`: how clinicians sign in at their hospital.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcSettings {
    /// As the provider writes it in its tokens.
    pub issuer: String,
    pub client_id: String,
    /// File with the client's secret, for a provider that gave one.
    pub client_secret_file: Option<PathBuf>,
    /// More authorities that the provider's certificate may come from, PEM.
    pub ca: Option<PathBuf>,
    /// What the button says after "Sign in with".
    pub name: Option<String>,
}

/// A database URL. It may hold a password: it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(pub String);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(Self(s.to_owned()))
    }
}

/// Where state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(DatabaseUrl),
}

impl Database {
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// Where the deny log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DenyLogAt {
    File(PathBuf),
    Database(DatabaseUrl),
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Made on first start; the names are beside localhost and the loopback addresses.
    Development {
        names: Vec<String>,
    },
    Files {
        cert: PathBuf,
        key: PathBuf,
    },
}

/// Settings, resolved and checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: PathBuf,
    pub database: Database,
    pub key_file: PathBuf,
    pub rules_file: Option<PathBuf>,
    pub deny_log: DenyLogAt,
    pub listen: SocketAddr,
    pub metrics_listen: SocketAddr,
    pub http_listen: Option<SocketAddr>,
    pub tls: TlsSource,
    pub tls12: bool,
    pub cors_origins: Vec<String>,
    pub web_origin: Option<String>,
    pub passkey_domain: Option<String>,
    pub oidc: Option<OidcSettings>,
    pub rate_limits: bool,
    pub min_client: Version,
    pub wake_hosts: Hosts,
    pub wake_contact: String,
    pub wake_ca: Option<PathBuf>,
    pub accept_loss: bool,
    pub log_format: LogFormat,
    pub log: String,
    /// What is left out, in `osteon bench` alone.
    pub without: Option<Measured>,
}

impl Settings {
    /// Fills what is missing from the file, if one is named, then from the defaults, and checks the whole.
    pub fn resolve(self) -> anyhow::Result<Config> {
        let merged = match &self.config {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                let file = understand(&text).with_context(|| format!("cannot understand {}", path.display()))?;
                self.or(file)
            }
            None => self,
        };
        merged.checked()
    }

    fn or(self, file: Self) -> Self {
        Self {
            data: self.data.or(file.data),
            database: self.database.or(file.database),
            key_file: self.key_file.or(file.key_file),
            rules_file: self.rules_file.or(file.rules_file),
            deny_log: self.deny_log.or(file.deny_log),
            config: self.config,
            listen: self.listen.or(file.listen),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            http_listen: self.http_listen.or(file.http_listen),
            tls_cert: self.tls_cert.or(file.tls_cert),
            tls_key: self.tls_key.or(file.tls_key),
            tls_names: self.tls_names.or(file.tls_names),
            tls12: self.tls12.or(file.tls12),
            cors_origin: self.cors_origin.or(file.cors_origin),
            web_origin: self.web_origin.or(file.web_origin),
            passkey_domain: self.passkey_domain.or(file.passkey_domain),
            oidc: self.oidc.or(file.oidc),
            rate_limits: self.rate_limits.or(file.rate_limits),
            min_client: self.min_client.or(file.min_client),
            wake_hosts: self.wake_hosts.or(file.wake_hosts),
            wake_contact: self.wake_contact.or(file.wake_contact),
            wake_ca: self.wake_ca.or(file.wake_ca),
            accept_loss: self.accept_loss.or(file.accept_loss),
            log_format: self.log_format.or(file.log_format),
            log: self.log.or(file.log),
            bench_without: self.bench_without,
        }
    }

    fn checked(self) -> anyhow::Result<Config> {
        let data = self.data.unwrap_or_else(|| PathBuf::from("osteon-data"));
        let database = match self.database {
            None => Database::Sqlite(data.join("osteon.db")),
            Some(url) if is_postgres(&url) => Database::Postgres(url),
            Some(url) => match url.0.strip_prefix("sqlite:") {
                Some(path) => Database::Sqlite(PathBuf::from(path.trim_start_matches("//"))),
                None => bail!("--database wants postgres://… or sqlite:FILE"),
            },
        };
        if self.bench_without.is_some() && !data.join(BENCH_MARKER).exists() {
            bail!("only osteon bench runs a server without a part of it");
        }
        let deny_log = match self.deny_log {
            None => DenyLogAt::File(data.join("deny.log")),
            Some(url) if is_postgres(&url) => DenyLogAt::Database(url),
            Some(path) => DenyLogAt::File(PathBuf::from(path.0)),
        };
        if matches!((&deny_log, &database), (DenyLogAt::Database(a), Database::Postgres(b)) if a == b) {
            bail!("--deny-log wants another database: in the one of the records it would be restored with them");
        }
        let metrics_listen = self.metrics_listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9464)));
        if !metrics_listen.ip().is_loopback() {
            bail!("--metrics-listen wants a loopback address: metrics and readiness carry no authentication");
        }
        if self.http_listen.is_some_and(|http| !http.ip().is_loopback() || !is_demo(&data)) {
            bail!("--http-listen is for a demo data directory and a loopback address: nothing else goes without TLS");
        }
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(cert), Some(key)) => TlsSource::Files { cert, key },
            (None, None) => TlsSource::Development { names: self.tls_names.unwrap_or_default() },
            _ => bail!("--tls-cert and --tls-key go together"),
        };
        let cors_origins = self.cors_origin.unwrap_or_default();
        if let Some(bad) = cors_origins.iter().find(|origin| !is_origin(origin)) {
            bail!("--cors-origin wants scheme://host[:port] without a path, not {bad}");
        }
        let min_client = self.min_client.as_deref().unwrap_or(MIN_CLIENT);
        let Some(min_client) = Version::parse(min_client) else {
            bail!("--min-client wants a version of three numbers, for example 1.4.0");
        };
        if self.web_origin.as_ref().is_some_and(|origin| !is_origin(origin) || !is_private(origin)) {
            bail!("--web-origin wants https://host[:port] without a path (http only for localhost)");
        }
        if let Some(oidc) = &self.oidc
            && (!is_private(&oidc.issuer) || oidc.client_id.is_empty())
        {
            bail!("[oidc] wants an https issuer and a client-id");
        }
        let Some(wake_hosts) = Hosts::parse(&self.wake_hosts.unwrap_or_default()) else {
            bail!("--wake-hosts wants names of hosts, for example push.example.org or .push.example.org");
        };
        if wake_hosts.has_stand_in() && !is_demo(&data) {
            bail!("--wake-hosts localhost is for a demo data directory: wake-ups go to no machine of the own network");
        }
        let contact =
            self.wake_contact.or_else(|| self.web_origin.clone().filter(|origin| origin.starts_with("https://")));
        let wake_contact = contact.unwrap_or_else(|| "https://localhost".to_owned());
        if !wake_contact.starts_with("mailto:") && !wake_contact.starts_with("https://") {
            bail!("--wake-contact wants mailto:… or https://…");
        }
        Ok(Config {
            wake_hosts,
            wake_contact,
            wake_ca: self.wake_ca,
            without: self.bench_without,
            min_client,
            rules_file: self.rules_file,
            key_file: self.key_file.unwrap_or_else(|| data.join("kek.key")),
            database,
            deny_log,
            listen: self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8443))),
            metrics_listen,
            http_listen: self.http_listen,
            tls,
            tls12: self.tls12.is_none_or(Switch::is_on),
            cors_origins,
            web_origin: self.web_origin,
            passkey_domain: self.passkey_domain,
            oidc: self.oidc,
            rate_limits: self.rate_limits.is_none_or(Switch::is_on),
            accept_loss: self.accept_loss.is_some_and(Switch::is_on),
            log_format: self.log_format.unwrap_or_default(),
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            data,
        })
    }
}

fn is_postgres(url: &DatabaseUrl) -> bool {
    url.0.starts_with("postgres://") || url.0.starts_with("postgresql://")
}

fn is_origin(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<http::Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some()
        && !origin.ends_with('/')
        && uri.path() == "/"
}

/// Whether nobody on the way reads along: TLS, or this very machine.
#[must_use]
pub fn is_private(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => local,
        _ => false,
    }
}

/// The settings of a file. What is wrong is said with its line, never by showing it: it may hold a password.
fn understand(text: &str) -> anyhow::Result<Settings> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        // A value of the wrong kind is told with the value.
        let what = error.message().split(['`', '"']).next().unwrap_or_default().trim_end_matches([' ', ':', ',']);
        anyhow::anyhow!("line {line}: {what}")
    })
}

#[cfg(test)]
mod tests;

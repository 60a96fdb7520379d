//! `osteon doctor`: looks at everything that an operator would look at, and says what to do about it.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

use super::{Exit, Out, doctor_clinics, rules, small_runtime};
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, Database, is_demo},
    telemetry, tls,
};

/// The first SQLite without the bug that resets the write-ahead log.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);
const SQLITE_VERSION: &str = "SELECT sqlite_version()";
const EPOCH: &str = "SELECT epoch FROM server";
const POSTGRES_VERSION: &str = "SHOW server_version";
const POSTGRES_COMMIT: &str = "SHOW synchronous_commit";
const SQLITE_CHECK: &str = "PRAGMA quick_check(1)";
const CERTIFICATE_WARN_DAYS: i64 = 30;
const DISK_WARN_MIB: u64 = 1_024;
const DISK_FAIL_MIB: u64 = 100;
const FILES_WARN: u64 = 4_096;
const DAY_S: i64 = 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Health {
    Good,
    Warn,
    Bad,
}

pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) health: Health,
    pub(super) text: String,
}

pub(super) fn finding(check: &'static str, health: Health, text: impl Into<String>) -> Finding {
    Finding { check, health, text: text.into() }
}

pub(super) fn run(config: &Config, out: &Out) -> anyhow::Result<Exit> {
    let now_s = i64::try_from(SystemClock.now_ms() / 1_000)?;
    let mut findings = vec![data_directory(&config.data), key_file(&config.key_file, config.data.exists())];
    findings.push(certificate(config, now_s));
    findings.push(disk(&config.data));
    findings.push(files());
    findings.extend(config.rules_file.as_deref().map(rules_file));
    findings.extend(small_runtime()?.block_on(database(&config.database)));
    findings.extend(small_runtime()?.block_on(doctor_clinics::findings(config)));
    let worst = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Good);
    let list: Vec<_> =
        findings.iter().map(|f| json!({ "check": f.check, "health": word(f.health), "text": f.text })).collect();
    out.answer(&json!({ "health": word(worst), "demo": is_demo(&config.data), "checks": list }), || {
        let lines = findings.iter().map(|f| format!("{:<6}{:<16}{}", word(f.health), f.check, f.text));
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(if worst == Health::Bad { Exit::Unhealthy } else { Exit::Done })
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Warn => "warn",
        Health::Bad => "BAD",
    }
}

fn data_directory(data: &Path) -> Finding {
    let check = "data directory";
    match std::fs::metadata(data) {
        Err(_) => finding(check, Health::Warn, format!("{} is not there: `osteon serve` makes it", data.display())),
        Ok(meta) if !meta.is_dir() => finding(check, Health::Bad, format!("{} is no folder", data.display())),
        Ok(meta) => match meta.permissions().mode() & 0o777 {
            0o700 => finding(check, Health::Good, data.display().to_string()),
            mode => finding(check, Health::Warn, format!("mode {mode:o}: others may look in; chmod 700 it")),
        },
    }
}

fn key_file(path: &Path, data_exists: bool) -> Finding {
    let check = "key file";
    match std::fs::metadata(path) {
        Err(_) if !data_exists => finding(check, Health::Warn, "none yet: `osteon serve` makes it"),
        Err(_) => finding(check, Health::Bad, format!("{} is not there: nothing sealed can be read", path.display())),
        Ok(meta) => match meta.permissions().mode() & 0o777 {
            0o400 => finding(check, Health::Good, "only its owner may read it. Is there a copy of it elsewhere?"),
            mode => finding(check, Health::Bad, format!("mode {mode:o}: chmod 400 {}", path.display())),
        },
    }
}

fn rules_file(path: &Path) -> Finding {
    let check = "rule set";
    match crate::app::alerts::rules_file::read(path, rules::today()) {
        Ok(set) => finding(check, Health::Good, format!("{}: {}", path.display(), rules::said(&set))),
        Err(refused) => finding(
            check,
            Health::Bad,
            format!("{} is refused ({}): the set before it stays in force", path.display(), refused.reason()),
        ),
    }
}

fn certificate(config: &Config, now_s: i64) -> Finding {
    let check = "certificate";
    let files = tls::files(&config.tls, &config.data);
    if files.ca.is_some() && !files.cert.exists() {
        return finding(check, Health::Warn, "none yet: `osteon serve` makes a development authority");
    }
    match tls::validity(&files.cert).and_then(|dates| tls::server_config(&files, config.tls12).map(|_| dates)) {
        Err(error) => finding(check, Health::Bad, format!("{error:#}")),
        Ok((from, _)) if now_s < from => finding(check, Health::Bad, "is not valid yet: is the clock right?"),
        Ok((_, until)) => {
            let days = (until - now_s).div_euclid(DAY_S);
            let kind = if files.ca.is_some() { "development certificate" } else { "certificate" };
            let health = match days {
                i64::MIN..0 => Health::Bad,
                0..CERTIFICATE_WARN_DAYS => Health::Warn,
                _ => Health::Good,
            };
            finding(check, health, format!("{kind}, {days} days left"))
        }
    }
}

fn disk(data: &Path) -> Finding {
    let check = "disk";
    let place = if data.exists() { data } else { Path::new(".") };
    match rustix::fs::statvfs(place) {
        Err(error) => finding(check, Health::Warn, format!("cannot be asked: {error}")),
        Ok(stat) => {
            let mib = stat.f_bavail.saturating_mul(stat.f_frsize) / (1 << 20);
            let health = match mib {
                0..DISK_FAIL_MIB => Health::Bad,
                DISK_FAIL_MIB..DISK_WARN_MIB => Health::Warn,
                _ => Health::Good,
            };
            finding(check, health, format!("{mib} MiB free"))
        }
    }
}

fn files() -> Finding {
    let limit = telemetry::more_files();
    let health = if limit < FILES_WARN { Health::Warn } else { Health::Good };
    finding("open files", health, format!("at most {limit}: one is needed for each connection"))
}

async fn database(database: &Database) -> Vec<Finding> {
    let mut findings = vec![sqlite_version().await];
    match database {
        Database::Postgres(url) => findings.push(postgres(&url.0).await),
        Database::Sqlite(path) if !path.exists() => {
            findings.push(finding("database", Health::Warn, "none yet: `osteon serve` makes it"));
        }
        Database::Sqlite(path) => findings.push(sqlite_file(path).await),
    }
    findings
}

async fn sqlite_version() -> Finding {
    let check = "sqlite";
    let asked = async {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
        sqlx::query(SQLITE_VERSION).fetch_one(&mut connection).await?.try_get::<String, _>(0)
    };
    match asked.await {
        Err(error) => finding(check, Health::Bad, format!("does not work: {error}")),
        Ok(version) => {
            let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
            let mut next = || parts.next().unwrap_or(0);
            let health = if (next(), next(), next()) < SQLITE_AT_LEAST { Health::Bad } else { Health::Good };
            finding(check, health, version)
        }
    }
}

async fn sqlite_file(path: &Path) -> Finding {
    let check = "database";
    let asked = async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let answer = sqlx::query(SQLITE_CHECK).fetch_one(&mut connection).await?.try_get::<String, _>(0)?;
        let epoch = sqlx::query(EPOCH).fetch_optional(&mut connection).await?;
        Ok::<_, sqlx::Error>((answer, epoch.and_then(|row| row.try_get::<i64, _>(0).ok())))
    };
    match asked.await {
        Ok((answer, epoch)) if answer == "ok" => {
            finding(check, Health::Good, format!("{} is whole, {}", path.display(), in_epoch(epoch)))
        }
        // The text of a finding may name pages and tables, never what is in them.
        Ok((answer, _)) => finding(check, Health::Bad, format!("{}: {answer}", path.display())),
        Err(error) => finding(check, Health::Bad, format!("{} cannot be read: {error}", path.display())),
    }
}

fn in_epoch(epoch: Option<i64>) -> String {
    epoch.map_or_else(|| "no server has used it yet".to_owned(), |epoch| format!("epoch {epoch}"))
}

async fn postgres(url: &str) -> Finding {
    let check = "database";
    let asked = async {
        let mut connection = PgConnection::connect(url).await?;
        let mut show = async |sql: &'static str| -> Result<String, sqlx::Error> {
            sqlx::query(sql).fetch_one(&mut connection).await?.try_get::<String, _>(0)
        };
        let version = show(POSTGRES_VERSION).await?;
        let commit = show(POSTGRES_COMMIT).await?;
        let epoch = sqlx::query(EPOCH).fetch_optional(&mut connection).await?;
        Ok::<_, sqlx::Error>((version, commit, epoch.and_then(|row| row.try_get::<i64, _>(0).ok())))
    };
    match asked.await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => {
            finding(check, Health::Warn, "PostgreSQL answers, but holds no tables yet: `osteon migrate` makes them")
        }
        Err(error) => finding(check, Health::Bad, format!("PostgreSQL does not answer: {error}")),
        Ok((version, commit, epoch)) => {
            let text = format!("PostgreSQL {version}, synchronous_commit {commit}, {}", in_epoch(epoch));
            finding(check, if commit == "off" { Health::Bad } else { Health::Good }, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[tokio::test]
    async fn the_sqlite_in_here_is_new_enough() {
        assert_eq!(sqlite_version().await.health, Health::Good);
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_found() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("osteon.db");
        std::fs::write(&path, [7; 4_096]).expect("written");
        assert_eq!(sqlite_file(&path).await.health, Health::Bad);
    }

    #[test]
    fn a_refused_rule_set_is_a_fault() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("rules.json");
        assert_eq!(rules_file(&path).health, Health::Bad, "it is not there");
        std::fs::write(&path, osteon_care_core::rules::BUILT_IN).expect("written");
        assert_eq!(rules_file(&path).health, Health::Good);
        std::fs::write(&path, "{}").expect("written");
        let found = rules_file(&path);
        assert!(found.health == Health::Bad && found.text.contains("RULE_SET_MALFORMED"), "{}", found.text);
    }

    #[test]
    fn an_open_key_file_and_an_old_certificate_are_found() {
        let dir = tempfile::tempdir().expect("temp dir");
        let key = dir.path().join("kek.key");
        std::fs::write(&key, "x").expect("written");
        assert_eq!(key_file(&key, true).health, Health::Bad);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).expect("mode");
        assert_eq!(key_file(&key, true).health, Health::Good);
        assert_eq!(key_file(&dir.path().join("none"), true).health, Health::Bad);

        let settings = Settings { data: Some(dir.path().to_owned()), ..Settings::default() };
        let config = settings.resolve().expect("settings");
        let now_s = 1_790_000_000;
        tls::ensure(&config.tls, dir.path(), 1_790_000_000_000).expect("made");
        assert_eq!(certificate(&config, now_s).health, Health::Good);
        assert_eq!(certificate(&config, now_s + 380 * DAY_S).health, Health::Warn);
        assert_eq!(certificate(&config, now_s + 400 * DAY_S).health, Health::Bad);
        assert_eq!(certificate(&config, now_s - 10 * DAY_S).health, Health::Bad);
    }
}

//! `osteon audit`: the audit for whoever runs the machine. `show` is read by a person, `verify` says whether anybody has
//! changed it since it was sealed, `head` prints what to keep elsewhere. docs/audit.md tells how they go together.

use std::{fmt::Write, io::Write as _, path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Exit, Out, Usage, needs_database, role, small_runtime};
use crate::{
    access::CircleAccess,
    app::audit::kind_of,
    audit::{
        chain_name,
        kept::{self, HEAD_FILE, KeptHead},
        verify::{Finding, Report, verify},
    },
    config::{Config, Settings, is_demo},
    ids::OsIds,
    seal::{KeyEncryption, SealError, Vault},
    site,
    store::{
        self, AuditEntry, Store,
        audit::{AuditQuery, ChainNo, clinic_chain, clinic_of},
    },
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Who did what in one circle, newest first: accounts, devices, actions, categories, outcomes; no values
    Show(Show),
    /// Look for every edit, deletion, swap, insertion and truncation since the rows were sealed (exit code 5: found)
    Verify(Verify),
    /// Print the last head: one line to keep elsewhere, for `verify --against`
    Head(Head),
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    of: Of,
    /// Only what this account did
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    account: u64,
    /// Not before this time (RFC 3339, for example 2026-03-01T00:00:00Z)
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Not after this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Rows of one page
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// The page before this row (the last line of a page says which)
    #[arg(long, value_name = "ROW")]
    before: Option<u64>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    of: Of,
    /// A file of heads that were kept elsewhere; may be given several times
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// The server's public key in hexadecimal (`audit head --json` prints it): no key file is needed then
    #[arg(long, value_name = "HEX")]
    public_key: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, clap::Args)]
pub(super) struct Head {
    /// Append the line to this file
    #[arg(long, value_name = "FILE")]
    append: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Which chain.
#[derive(Debug, clap::Args)]
struct Of {
    /// Short id of the circle, for example d0001; of an erased one its number
    #[arg(long, value_name = "ID")]
    circle: Option<String>,
    /// Short id of the clinic: alone, its own chain (refused calls, sessions) [default: demo or clinic]
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    /// The server's own chain: calls of nobody (wrong tokens), what the sealer found
    #[arg(long, conflicts_with_all = ["circle", "clinic"])]
    of_the_server: bool,
}

/// A key that opens nothing: rows, seals and heads are not sealed.
struct NoKey;

impl KeyEncryption for NoKey {
    fn wrap(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, SealError> {
        Err(SealError::Open)
    }

    fn unwrap(&self, _: &[u8], _: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Err(SealError::Open)
    }

    fn version(&self) -> Result<u8, SealError> {
        Err(SealError::Open)
    }
}

pub(super) fn run(command: Command, out: &Out) -> anyhow::Result<Exit> {
    small_runtime()?.block_on(async {
        match command {
            Command::Show(args) => show(args, out).await,
            Command::Verify(args) => verified(args, out).await,
            Command::Head(args) => head(args, out).await,
        }
    })
}

/// The store and the public key. Nothing is sealed and nothing written: this is not the server.
async fn opened(config: &Config, public_key: Option<&str>) -> anyhow::Result<(Arc<dyn Store>, Vec<u8>)> {
    needs_database(config)?;
    let Some(key) = public_key else {
        let site = site::open(config).await?;
        return Ok((Arc::clone(&site.store), site.app.clinic_key.clone()));
    };
    let key = hex::decode(key.trim()).context("--public-key wants hexadecimal")?;
    let vault = Vault::new(Arc::new(NoKey), Arc::new(OsIds::new()));
    let mut options = store::Options::new(site::store_url(&config.database));
    options.accept_loss = true;
    Ok((store::open(&options, vault).await?, key))
}

impl Of {
    /// Refuses where nobody's audit is named, before anything is opened.
    fn named(&self) -> Result<(), Usage> {
        if self.circle.is_some() || self.clinic.is_some() || self.of_the_server {
            return Ok(());
        }
        Err(Usage("whose audit? --circle ID, --clinic ID or --of-the-server".to_owned()))
    }

    /// `None`: all of them.
    async fn chain(&self, store: &dyn Store, config: &Config) -> anyhow::Result<Option<ChainNo>> {
        if self.of_the_server {
            return Ok(Some(clinic_chain(0)));
        }
        if self.circle.is_none() && self.clinic.is_none() {
            return Ok(None);
        }
        let name = self.clinic.as_deref().unwrap_or(if is_demo(&config.data) { "demo" } else { "clinic" });
        let clinic = store.clinic_by_short_id(name).await?.with_context(|| format!("no clinic {name}"))?;
        let Some(short_id) = &self.circle else { return Ok(Some(clinic_chain(clinic))) };
        if let Some(circle) = store.circle_by_short_id(clinic, short_id).await? {
            return Ok(Some(circle));
        }
        // Of an erased one the number is left, and its audit.
        let number = short_id.parse().ok();
        let chains = store.audit_chains().await?;
        let circle = number.filter(|number| clinic_of(*number).is_none() && chains.contains(number));
        Ok(Some(circle.with_context(|| format!("no circle {short_id} in clinic {name}"))?))
    }
}

async fn show(args: Show, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.clone().resolve()?;
    args.of.named()?;
    let (store, _) = opened(&config, None).await?;
    let chain = args.of.chain(&*store, &config).await?.context("whose audit")?;
    let ms = |at: Option<Timestamp>, or: u64| at.map_or(or, |at| u64::try_from(at.as_millisecond()).unwrap_or(0));
    let query = AuditQuery {
        chain,
        before_no: args.before.unwrap_or(u64::MAX),
        from_ms: ms(args.since, 0),
        to_ms: ms(args.until, u64::MAX),
        account: args.account,
        limit: args.limit.clamp(1, 10_000),
    };
    let rows = store.audit_before(query).await?;
    let sealed = store.last_head().await?.map_or(0, |head| head.upto);
    let access = match store.snapshot(chain).await {
        Ok(mut snapshot) => CircleAccess::decode(&snapshot.access().await?).ok(),
        // A clinic's own chain, or a circle that is gone.
        Err(_) => None,
    };
    let roles = access.unwrap_or_default();
    let next = rows.last().filter(|_| rows.len() >= query.limit as usize).map(|row| row.no);
    let list: Vec<Value> = rows.iter().map(|row| as_json(row, &roles, sealed)).collect();
    out.answer(&json!({ "chain": chain_name(chain), "entries": list, "next_before": next }), || {
        table(&chain_name(chain), &rows, &roles, sealed, next)
    });
    store.close().await;
    Ok(Exit::Done)
}

fn who(row: &AuditEntry, access: &CircleAccess) -> String {
    if row.account == 0 {
        return "server or nobody".to_owned();
    }
    let member = access.members().iter().find(|member| member.account == row.account);
    let role = member.and_then(|m| osteon_proto::meta::Role::try_from(i32::from(m.role.number())).ok());
    let role = role.map_or_else(|| "no member".to_owned(), role::word);
    match row.device {
        0 => format!("{role} {}", row.account),
        device => format!("{role} {} device {device}", row.account),
    }
}

fn categories(bits: u32) -> Vec<String> {
    (1..=22).filter(|bit| bits >> bit & 1 == 1).map(|bit| format!("C{bit:02}")).collect()
}

fn time(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn as_json(row: &AuditEntry, access: &CircleAccess, sealed: u64) -> Value {
    let record = row.record.map(|id| uuid::Uuid::from_bytes(id.0).to_string());
    json!({
        "no": row.no, "at_ms": row.at_ms, "at": time(row.at_ms), "account": row.account, "device": row.device,
        "who": who(row, access), "kind": kind_of(row).as_str_name(), "action": row.action, "outcome": row.outcome,
        "record": record, "categories": categories(row.categories), "from_sequence": row.from_seq,
        "to_sequence": row.to_seq, "count": row.count, "request": format!("{:016x}", row.request),
        "sealed": row.no <= sealed,
    })
}

fn table(name: &str, rows: &[AuditEntry], access: &CircleAccess, sealed: u64, next: Option<u64>) -> String {
    let mut text = format!("{name}, newest first, times in UTC\n");
    for row in rows {
        let mut what = match row.count {
            0 | 1 => String::new(),
            count => format!("{count}×"),
        };
        if row.to_seq != 0 {
            let _ = match row.from_seq {
                0 => write!(what, " up to {}", row.to_seq),
                from if from == row.to_seq => write!(what, " seq {from}"),
                from => write!(what, " seq {from} to {}", row.to_seq),
            };
        }
        if let Some(record) = row.record {
            let _ = write!(what, " record {}", uuid::Uuid::from_bytes(record.0));
        }
        let categories = categories(row.categories).join(" ");
        let open = if row.no > sealed { "  (not sealed yet)" } else { "" };
        let _ = writeln!(
            text,
            "{}  {:<28} {:<16} {:<8} {} {categories}{open}",
            time(row.at_ms),
            who(row, access),
            row.action,
            row.outcome,
            what.trim_start(),
        );
    }
    if rows.is_empty() {
        text.push_str("Nothing.\n");
    }
    if let Some(next) = next {
        let _ = writeln!(text, "There is more: --before {next}");
    }
    text
}

async fn verified(args: Verify, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.clone().resolve()?;
    let (store, public_key) = opened(&config, args.public_key.as_deref()).await?;
    let only = args.of.chain(&*store, &config).await?;
    let mut heads: Vec<KeptHead> = Vec::new();
    for path in &args.against {
        let read = kept::read(path).with_context(|| format!("{} holds no audit head", path.display()))?;
        heads.extend(read);
    }
    let beside = config.data.join(HEAD_FILE);
    if beside.exists() {
        heads.extend(kept::read(&beside).with_context(|| format!("{} holds no audit head", beside.display()))?);
    }
    let report = verify(&*store, &public_key, only, &heads).await?;
    store.close().await;
    out.answer(&report_json(&report, heads.len()), || report_text(&report, heads.len()));
    Ok(if report.sound() { Exit::Done } else { Exit::Unhealthy })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "what": finding.what.word(), "chain": finding.chain.map(chain_name), "at": finding.at,
        "from_row": finding.rows.map(|(from, _)| from), "to_row": finding.rows.map(|(_, to)| to),
    })
}

fn report_json(report: &Report, kept: usize) -> Value {
    json!({
        "sound": report.sound(), "chains": report.chains, "rows": report.rows, "seals": report.seals,
        "heads": report.heads, "unsealed_rows": report.unsealed, "oldest_unsealed_ms": report.oldest_unsealed_ms,
        "kept_heads": kept, "last_head": report.last.as_ref().map(KeptHead::json),
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(), "more_findings": report.unlisted,
    })
}

fn report_text(report: &Report, kept: usize) -> String {
    let mut text = format!(
        "{} rows in {} chains, {} seals, {} heads; compared with {kept} kept heads\n",
        report.rows, report.chains, report.seals, report.heads
    );
    if report.unsealed > 0 {
        let oldest = report.oldest_unsealed_ms.map_or_else(String::new, |ms| format!(", the oldest of {}", time(ms)));
        let _ = writeln!(text, "{} rows wait for their seal{oldest}", report.unsealed);
    }
    for finding in &report.findings {
        let _ = writeln!(text, "FOUND  {finding}");
    }
    if report.unlisted > 0 {
        let _ = writeln!(text, "and {} more", report.unlisted);
    }
    text.push_str(if report.sound() { "Nothing was changed since it was sealed." } else { "The audit was changed." });
    text
}

async fn head(args: Head, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.resolve()?;
    let (store, public_key) = opened(&config, None).await?;
    let last = store.last_head().await?;
    store.close().await;
    let Some(last) = last else { bail!("nothing was sealed yet") };
    let line = KeptHead::from(&last).json();
    if let Some(path) = &args.append {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}").and_then(|()| file.sync_all()));
        written.with_context(|| format!("cannot append to {}", path.display()))?;
    }
    out.answer(&json!({ "head": line, "public_key": hex::encode(public_key) }), || line.to_string());
    Ok(Exit::Done)
}

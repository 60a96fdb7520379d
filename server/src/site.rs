//! An opened data directory: where key, store, hub and services are put together. The one place that knows all of them.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::{
    access::{self, Member, authenticate},
    app::{App, Parts, alerts, attachments, browser, denials, ends, reads, settings, teams, upkeep, wakes},
    audit::{
        Sign,
        denials::{Denial, Denials},
        kept, restores,
        sealer::Sealer,
    },
    clock::{Clock, SystemClock},
    config::{Config, Database, DenyLogAt, Measured, is_demo, make_data_dir},
    deny::{self, Binding, place},
    error::{Error, Reason},
    ids::{Ids, OsIds},
    layers::{Authenticator, Caller},
    limits,
    live::{
        Hub,
        poll::{self, Heads},
    },
    rpc,
    seal::{FileKey, Vault},
    serve::{House, Ready},
    store::{
        self, Store, StoreError,
        audit::{AuditHead, clinic_chain},
    },
    wake::push::WebPush,
};

/// How often the heads of waited-for circles are asked for: SQLite has one process, PostgreSQL may lose a wake-up.
const POLL: Duration = Duration::from_secs(3);

/// Everything that a process has one of.
pub struct Site {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
    pub vault: Vault,
    pub store: Arc<dyn Store>,
    pub app: Arc<App>,
    pub sealer: Arc<Sealer>,
    denials: Arc<Denials>,
    rules_file: Option<PathBuf>,
    stop: CancellationToken,
    /// Held while this is the one server of its database.
    claim: Mutex<Option<Claim>>,
}

/// What says that a server is the only one of its database, for as long as it is held.
enum Claim {
    /// A lock of PostgreSQL: the deny log is a file.
    Postgres(PgConnection),
    /// A lock of the operating system on a file beside the SQLite database. Goes with the process, however it ends.
    Sqlite(File),
}

/// Beside an SQLite database that is served.
const LOCK_FILE: &str = "serve.lock";

/// The key-encryption key opens nothing of this database.
#[derive(Debug, thiserror::Error)]
#[error("the server's secrets do not open: is {} the key file of this database?", .0.display())]
pub struct ForeignKey(PathBuf);

/// The key file of a database is not there.
#[derive(Debug, thiserror::Error)]
#[error("the key file {} is not there, and the database was made with one", .0.display())]
pub struct KeyAbsent(pub PathBuf);

/// The URL under which the store opens this database.
#[must_use]
pub fn store_url(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.0.clone(),
    }
}

/// Opens the data directory: makes the folder, the key and the database where they are missing.
pub async fn open(config: &Config) -> anyhow::Result<Site> {
    open_at(config, Arc::new(SystemClock)).await
}

/// The same, under another clock: the demo's walks through ninety days.
pub async fn open_at(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Site> {
    let site = open_bare(config, clock).await?;
    if let Err(error) = site.keep_denials(config).await {
        site.close_bare().await;
        return Err(error);
    }
    Ok(site)
}

/// Without its deny log: for a database that is being restored or looked at.
pub async fn open_bare(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Site> {
    make_data_dir(&config.data)?;
    let ids: Arc<dyn Ids> = Arc::new(OsIds::new());
    let key = open_key(config, &ids)?;
    let vault = Vault::new(Arc::new(key), Arc::clone(&ids));
    let mut options = store::open::Options::new(store_url(&config.database));
    options.accept_loss = config.accept_loss;
    options.audit = config.without != Some(Measured::Audit);
    let opened = store::open::open(&options, vault.clone()).await;
    let store = opened.with_context(|| format!("cannot open the {} database", config.database.kind()))?;
    let hub = Hub::new();
    let woken = Arc::clone(&hub);
    store.on_commit(Box::new(move |moved| woken.wake(&moved)));
    let parts = Parts {
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
        hub: Arc::clone(&hub),
        vault: vault.clone(),
    };
    let app = App::open(parts).await;
    let app = app.map_err(|error| {
        tracing::debug!(%error, "the server's secrets do not open");
        ForeignKey(config.key_file.clone())
    })?;
    if config.without == Some(Measured::Rules) {
        app.care.leave_out();
    }
    let told = Arc::downgrade(&app);
    store.on_ended(Box::new(move |families| {
        if let Some(app) = told.upgrade() {
            app.streams_ended(families);
        }
    }));
    if let Some(path) = &config.rules_file {
        alerts::rules_file::load(&app, path);
    }
    app.clients.set_min(config.min_client);
    if is_demo(&config.data) {
        app.set_demo();
    }
    if !config.wake_hosts.entries().is_empty() {
        let (hosts, contact) = (config.wake_hosts.clone(), config.wake_contact.clone());
        let ca = config.wake_ca.as_deref();
        let sender = WebPush::new(hosts, app.secrets.vapid(), contact, ca, Arc::clone(&clock));
        app.put_waker(Arc::new(sender.context("cannot make the sender of wake-ups")?));
    }
    let denials = Arc::new(Denials::default());
    let sealer = Arc::new(sealer(&app, &denials, &config.data));
    Ok(Site {
        clock,
        ids,
        hub,
        vault,
        store,
        app,
        sealer,
        denials,
        rules_file: config.rules_file.clone(),
        stop: CancellationToken::new(),
        claim: Mutex::default(),
    })
}

/// The sealer of a data directory: it leaves the last head there, beside the database and not in it.
fn sealer(app: &App, denials: &Arc<Denials>, data: &Path) -> Sealer {
    let path = data.join(kept::HEAD_FILE);
    // No file: nothing was sealed here yet. One that cannot be read is replaced.
    let before = kept::read(&path).ok().and_then(|heads| heads.into_iter().next_back());
    let before = before.filter(|head| head.genuine(&app.clinic_key));
    let leave = move |head: &AuditHead| {
        if let Err(error) = kept::leave(&path, head) {
            tracing::warn!(%error, "the audit's head was not left in the data directory");
        }
    };
    let (store, clock) = (Arc::clone(&app.store), Arc::clone(&app.clock));
    let signer: Arc<dyn Sign> = Arc::clone(&app.clinic) as Arc<dyn Sign>;
    Sealer::new(store, clock, signer, Arc::clone(denials), before, Box::new(leave))
}

/// Takes the lock of an SQLite database that is to be served.
fn lock(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = opened.with_context(|| format!("cannot make {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "a server runs on this data directory already ({} is locked): end it first, or name another with --data",
            path.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// A key is made together with the database, never for one that is there already: it would open nothing.
fn open_key(config: &Config, ids: &Arc<dyn Ids>) -> anyhow::Result<FileKey> {
    let path = &config.key_file;
    let made_before = matches!(&config.database, Database::Sqlite(file) if file.exists());
    if made_before && !path.exists() {
        return Err(KeyAbsent(path.clone()).into());
    }
    let key = FileKey::open_or_create(path, Arc::clone(ids));
    key.with_context(|| format!("the key-encryption key {}", path.display()))
}

impl Site {
    /// What the deny log of this server is bound to.
    pub fn denials_of(&self) -> Binding {
        Binding::new(self.app.secrets.deny_key(), self.app.server_id)
    }

    /// Opens the deny log that belongs to this database and has it kept from now on. What a crash left in the log and not in
    /// the database comes into force; a database that is older than its log is refused.
    async fn keep_denials(&self, config: &Config) -> anyhow::Result<()> {
        let denied = self.store.denied().await?;
        let log = place::open(&config.deny_log, self.denials_of(), denied == 0).await?;
        let entries = log.read().await?;
        place::long_enough(&entries, denied)?;
        let (epoch, highest) = (self.app.epoch(), deny::highest_epoch(&entries));
        if highest > epoch {
            anyhow::bail!(
                "the database is of epoch {epoch} and its deny log knows epoch {highest}: an older copy was put in its \
                 place. Use osteon restore"
            );
        }
        let late: Vec<_> = entries.into_iter().filter(|entry| entry.no > denied).collect();
        denials::replay(&self.app, &late).await.context("the deny log cannot be replayed")?;
        self.store.deny_to(log.into());
        Ok(())
    }

    /// For a process that serves: it must be the only one on an SQLite database, and with the deny log in a file also on
    /// PostgreSQL. Commands that do one thing may run beside it.
    pub async fn serve_alone(&self, config: &Config) -> anyhow::Result<()> {
        let claim = match (&config.database, &config.deny_log) {
            // Beside the database itself, whatever link led to it.
            (Database::Sqlite(path), _) => {
                Claim::Sqlite(lock(&std::fs::canonicalize(path)?.with_file_name(LOCK_FILE))?)
            }
            (Database::Postgres(_), DenyLogAt::Database(_)) => return Ok(()),
            (Database::Postgres(url), DenyLogAt::File(_)) => {
                let claimed = place::claim(&url.0).await.context("cannot claim the database")?;
                Claim::Postgres(claimed.context(
                    "another node serves from this database: several nodes need --deny-log postgres://… (another database)",
                )?)
            }
        };
        *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = Some(claim);
        Ok(())
    }

    /// Puts on record which restores were tried in this data directory since a server last ran there.
    pub async fn tell_restores(&self, config: &Config) -> anyhow::Result<()> {
        let rows = restores::waiting(&config.data).context("cannot read which restores were tried")?;
        if rows.is_empty() {
            return Ok(());
        }
        tracing::info!(count = rows.len(), "restores were tried here");
        self.store.audit(rows).await.context("restores that were tried are not on record")?;
        restores::told(&config.data).context("cannot remove what is on record")
    }

    /// The services of this site, for the port. Starts the slow poll.
    #[must_use]
    pub fn house(&self, metrics: PrometheusHandle) -> House {
        let heads: Arc<dyn Heads> = Arc::new(OfStore(Arc::clone(&self.store)));
        tokio::spawn(poll::run(Arc::clone(&self.hub), heads, POLL, self.stop.clone()));
        tokio::spawn(attachments::sweep::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(ends::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(alerts::due::run(Arc::clone(&self.app), self.stop.clone()));
        if let Some(path) = self.rules_file.clone() {
            tokio::spawn(alerts::rules_file::run(Arc::clone(&self.app), path, self.stop.clone()));
        }
        tokio::spawn(settings::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(teams::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(reads::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(wakes::run(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(upkeep::ended(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(upkeep::sweep(Arc::clone(&self.app), self.stop.clone()));
        tokio::spawn(Arc::clone(&self.sealer).run(self.stop.clone()));
        House {
            services: rpc::routes(&self.app),
            authenticator: Arc::new(Sessions { app: Arc::clone(&self.app), denials: Arc::clone(&self.denials) }),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            hub: Arc::clone(&self.hub),
            ready: Arc::new(OfStore(Arc::clone(&self.store))),
            metrics,
            browser: Some(Arc::clone(&self.app)),
        }
    }

    /// Closes what [`open`] opened, in this order: streams have said how far they went, what is queued is committed, what is committed is sealed.
    pub async fn close(self) {
        self.stop.cancel();
        self.app.streams.close();
        if tokio::time::timeout(limits::DRAIN_S.duration(), self.app.streams.wait()).await.is_err() {
            tracing::warn!(left = self.app.streams.len(), "streams that did not end are not audited to their end");
        }
        if let Err(error) = reads::write(&self.app).await {
            tracing::warn!(%error, "how far devices have read was not written");
        }
        self.sealer.tick(true).await;
        self.close_bare().await;
    }

    /// The same for what [`open_bare`] opened: nothing is sealed, and no head of the audit is left in the data directory.
    pub async fn close_bare(self) {
        self.stop.cancel();
        self.store.close().await;
        let claim = self.claim.into_inner().unwrap_or_else(PoisonError::into_inner);
        match claim {
            Some(Claim::Postgres(connection)) => _ = sqlx::Connection::close(connection).await,
            Some(Claim::Sqlite(file)) => drop(file),
            None => {}
        }
    }
}

struct OfStore(Arc<dyn Store>);

#[async_trait]
impl Heads for OfStore {
    async fn heads(&self, circles: &[u64]) -> Result<Vec<(u64, u64)>, Error> {
        Ok(self.0.heads(circles).await?)
    }
}

#[async_trait]
impl Ready for OfStore {
    async fn ready(&self) -> Result<(), &'static str> {
        self.0.ping().await.map_err(|error| match error {
            StoreError::Closed => "the store is closed",
            StoreError::Overloaded => "the store is overloaded",
            _ => "the store fails",
        })
    }
}

struct Sessions {
    app: Arc<App>,
    denials: Arc<Denials>,
}

#[async_trait]
impl Authenticator for Sessions {
    async fn authenticate(&self, token: &str) -> Result<Caller, Reason> {
        authenticate(&self.app, token).await
    }

    /// What a member was refused goes to the circle; whose circle it is not, learns nothing and leaves it in the clinic's.
    fn denied(&self, caller: Option<&Caller>, circle: Option<u64>, method: &'static str, reason: Reason) {
        let (account, device, clinic) = caller.map_or((0, 0, 0), |c| (c.account, c.device, c.clinic));
        let known = |circle: &u64| self.app.access.newest(*circle);
        let of = |circle: u64| {
            let member = known(&circle).and_then(|access| Member::of(circle, account, access));
            member.map(|member| member.circle)
        };
        let chain = circle.filter(|_| caller.is_some()).and_then(of).unwrap_or(clinic_chain(clinic));
        let denial = Denial { chain, account, device, action: method, outcome: reason.as_str() };
        self.denials.add(denial, self.app.now_ms());
    }

    async fn authenticate_cookie(&self, token: &str, by_hand: bool) -> Result<Caller, Reason> {
        browser::authenticate(&self.app, token, by_hand).await
    }

    async fn refusal(&self, token: &str, reason: Reason) -> Error {
        access::refusal(&self.app, token, reason).await
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Settings;

    /// A server that goes down audits how far its streams went, then closes its store.
    #[tokio::test]
    async fn the_end_of_a_stream_is_audited_before_the_store_closes() {
        use osteon_proto::meta::Role;

        use crate::app::{members, pull::Position, stream};

        let dir = tempfile::tempdir().expect("temp dir");
        let settings = Settings { data: Some(dir.path().join("data")), ..Settings::default() };
        let config = settings.resolve().expect("settings");
        let site = open(&config).await.expect("opens");
        let clinic = site.store.create_clinic("c1").await.expect("clinic");
        let account = site.store.create_account(clinic, members::PERSON).await.expect("account");
        let circle = members::found(&site.app, clinic, "d0001", &[(account, Role::Patient)]).await.expect("circle");
        let caller = Caller { account, device: 0, clinic, family: 7, leaving: false };
        let (out, mut pages) = tokio::sync::mpsc::channel(2);
        let positions = vec![Position { circle, page_size: 200, ..Position::default() }];
        let asked = stream::Asked { positions, standing: Vec::new(), live: true, wait: Duration::ZERO };
        site.app.streams.spawn(stream::serve(Arc::clone(&site.app), caller, out, asked));
        assert!(pages.recv().await.expect("a page").is_ok());
        site.hub.drain();
        site.close().await;

        let site = open(&config).await.expect("opens again");
        let rows = site.store.audit_after(circle, 0, 100).await.expect("audit");
        let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).filter(|a| a.starts_with("pull")).collect();
        assert_eq!(actions, ["pull.open", "pull.end"]);
        site.close().await;
    }

    #[tokio::test]
    async fn a_site_opens_is_ready_and_opens_again() {
        let dir = tempfile::tempdir().expect("temp dir");
        let settings = Settings { data: Some(dir.path().join("data")), ..Settings::default() };
        let config = settings.resolve().expect("settings");
        for _ in 0..2 {
            let site = open(&config).await.expect("opens");
            assert_eq!(OfStore(Arc::clone(&site.store)).ready().await, Ok(()));
            assert_eq!(site.store.kind(), "sqlite");
            site.close().await;
        }
        let refused = async || format!("{:#}", open(&config).await.map(|_| ()).expect_err("refused"));
        std::fs::remove_file(&config.key_file).expect("removed");
        assert!(refused().await.contains("is not there"), "no second key for a database that has one");
        std::fs::write(&config.key_file, [1; 32]).expect("written");
        let mode = |mode| std::fs::set_permissions(&config.key_file, PermissionsExt::from_mode(mode)).expect("mode");
        mode(0o444);
        assert!(refused().await.contains("readable by its owner alone"));
        // Another key: nothing that is sealed would open.
        mode(0o400);
        assert!(refused().await.contains("the key file of this database?"));
    }
}

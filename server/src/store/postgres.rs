//! PostgreSQL: a few writing connections, each with its own circles; wake-ups cross nodes by LISTEN/NOTIFY.
//!
//! A notification is sent after the commit, never inside (it would serialise commits), and coalesced: what moves
//! while one is on its way goes with the next. Lost ones only delay; the poll behind them finds everything.

mod bulk;
mod notify;
#[path = "shared/mod.rs"]
mod shared;

use std::sync::Arc;

use sqlx::{
    Row as _, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use self::notify::Outbox;
pub use self::shared::SqlStore;
use super::{
    CircleNo, StoreError,
    common::Common,
    open::Options,
    statements::{postgres as sql, ranges_postgres as ranges},
};
use crate::seal::Vault;

type Db = sqlx::Postgres;

const KIND: &str = "postgres";
const BEGIN_WRITE: &str = "BEGIN";
const BEFORE_ERASURE: &[&str] = &[];
/// After rows were erased: the space of the wrapped key is given back.
const AFTER_ERASURE: &[&str] = &["VACUUM circle"];
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Said here and now: whoever erases is often a command, which is gone before its outbox would have been sent.
async fn tell_erased(pool: &PgPool, circle: CircleNo) -> Result<(), StoreError> {
    notify::erased(pool, circle).await
}

/// Statements that stay prepared, per connection: more than there are.
const STATEMENTS: usize = 256;

/// Every statement finds its rows by an index. Plans are kept while tables grow from nothing, so the planner is kept
/// from choosing by the size that a table had when the server started. Nor does it fetch all rows of a circle to sort them: it
/// walks an index that has them in the order of buckets, and sorts within each. A plan without what is off here counts as
/// dear, and would be compiled before each run.
pub const PLANS: [(&str, &str); 5] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_sort", "off"),
    ("jit", "off"),
];

fn migrator() -> Migrator {
    let of = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        of(1, "init", include_str!("../../../migrations/postgres/0001_init.sql")),
        of(3, "sessions", include_str!("../../../migrations/postgres/0003_sessions.sql")),
        of(4, "consent", include_str!("../../../migrations/postgres/0004_consent.sql")),
        of(6, "audit seals", include_str!("../../../migrations/postgres/0006_audit_seals.sql")),
        of(7, "keeping", include_str!("../../../migrations/postgres/0007_keeping.sql")),
        of(8, "browsers", include_str!("../../../migrations/postgres/0008_browsers.sql")),
        of(9, "teams", include_str!("../../../migrations/postgres/0009_teams.sql")),
        of(10, "narrow", include_str!("../../../migrations/postgres/0010_narrow.sql")),
        of(15, "invite forms", include_str!("../../../migrations/postgres/0015_invite_forms.sql")),
        of(16, "rules due", include_str!("../../../migrations/postgres/0016_rules_due.sql")),
        of(17, "clinic circle", include_str!("../../../migrations/postgres/0017_clinic_circle.sql")),
        of(21, "device read", include_str!("../../../migrations/postgres/0021_device_read.sql")),
        of(40, "attachments", include_str!("../../../migrations/postgres/0040_attachments.sql")),
        of(41, "wakes", include_str!("../../../migrations/postgres/0041_wakes.sql")),
        of(43, "invite life", include_str!("../../../migrations/postgres/0043_invite_life.sql")),
        of(44, "device reached", include_str!("../../../migrations/postgres/0044_device_reached.sql")),
        of(45, "device heard", include_str!("../../../migrations/postgres/0045_device_heard.sql")),
        of(46, "device health", include_str!("../../../migrations/postgres/0046_device_health.sql")),
    ])
}

async fn pool(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name("osteon").statement_cache_capacity(STATEMENTS).options(PLANS);
    let pool = PgPoolOptions::new().max_connections(connections.max(1)).test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}

pub async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = pool(url, 1).await?;
    let migrated = migrator().run(&pool).await;
    pool.close().await;
    migrated.map_err(|error| StoreError::Database(Box::new(error)))
}

pub async fn open(options: &Options, vault: Vault) -> Result<SqlStore, StoreError> {
    // One more than the writers: what is written beside the circles does not wait for them.
    let writers = pool(&options.url, options.writers.max(2) + 2).await?;
    migrator().run(&writers).await.map_err(|error| StoreError::Database(Box::new(error)))?;
    if !options.accept_loss {
        check_durability(&writers).await?;
    }
    let readers = pool(&options.url, options.readers).await?;
    let mut node = [0; 8];
    vault.ids().fill(&mut node);
    let common = Arc::new(Common::new(vault).audited(options.audit));
    let outbox = Arc::new(Outbox::default());
    let lanes = usize::try_from(options.writers.max(2)).unwrap_or(2);
    let moved = {
        let outbox = Arc::clone(&outbox);
        move |moved: &[_]| outbox.add(moved)
    };
    let told = Arc::clone(&outbox);
    common.set_others(Box::new(move |families| told.add_ended(families)));
    let node = hex::encode(node);
    let listener = notify::listener(&writers).await?;
    let background = vec![
        tokio::spawn(notify::send(writers.clone(), outbox, node.clone())),
        tokio::spawn(notify::receive(listener, Arc::clone(&common), node)),
    ];
    Ok(SqlStore::start(common, readers, writers, lanes, options.limits, background, moved))
}

/// Refuses a database that acknowledges what a power cut or a fail-over loses.
async fn check_durability(pool: &PgPool) -> Result<(), StoreError> {
    let row = sqlx::query(sql::SYNCHRONOUS).fetch_one(pool).await?;
    let (fsync, commit, standbys): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if fsync == "off" {
        return Err(StoreError::Setup("PostgreSQL runs with fsync = off: a power cut loses data (see --accept-loss)"));
    }
    if commit == "off" {
        return Err(StoreError::Setup(
            "PostgreSQL runs with synchronous_commit = off: a crash loses acknowledged changes (see --accept-loss)",
        ));
    }
    let streaming: i64 = sqlx::query(sql::STANDBYS).fetch_one(pool).await?.try_get(0)?;
    if streaming > 0 && (standbys.is_empty() || commit == "local") {
        return Err(StoreError::Setup(
            "PostgreSQL has standbys that are not synchronous: a fail-over loses acknowledged changes (see --accept-loss)",
        ));
    }
    Ok(())
}

//! Opens the store that a URL names, migrated.

use std::{sync::Arc, time::Duration};

use super::{MemoryStore, Store, StoreError, postgres, sqlite};
use crate::{limits, seal::Vault};

/// Bounds of the writer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Jobs that may wait for a writer; the next is refused as overloaded.
    pub queued_jobs: usize,
    /// Jobs of one transaction.
    pub group_jobs: usize,
    /// Changes of one transaction, so that its commit stays short.
    pub group_weight: usize,
    /// How long jobs of one transaction may run before the others are put off to the next.
    pub group_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queued_jobs: limits::QUEUED_JOBS.usize(),
            group_jobs: limits::GROUP_JOBS.usize(),
            group_weight: 1024,
            group_time: Duration::from_millis(20),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:PATH`, `postgres://…`, or `memory:`.
    pub url: String,
    /// Connections that read.
    pub readers: u32,
    /// PostgreSQL: connections that write.
    pub writers: u32,
    /// PostgreSQL: run although a fail-over may lose acknowledged changes.
    pub accept_loss: bool,
    pub limits: Limits,
    /// Audit rows are written. Off only where `osteon bench` measures what they cost.
    pub audit: bool,
}

impl Options {
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 8, writers: 4, accept_loss: false, limits: Limits::default(), audit: true }
    }
}

/// Opens the store and brings its schema up to date.
pub async fn open(options: &Options, vault: Vault) -> Result<Arc<dyn Store>, StoreError> {
    match Kind::of(&options.url)? {
        Kind::Memory => Ok(Arc::new(MemoryStore::new(vault))),
        Kind::Sqlite(path) => Ok(Arc::new(sqlite::open(path, options, vault).await?)),
        Kind::Postgres => Ok(Arc::new(postgres::open(options, vault).await?)),
    }
}

/// Brings the schema up to date and opens nothing.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    match Kind::of(url)? {
        Kind::Memory => Ok(()),
        Kind::Sqlite(path) => sqlite::migrate(path).await,
        Kind::Postgres => postgres::migrate(url).await,
    }
}

enum Kind<'a> {
    Memory,
    Sqlite(&'a str),
    Postgres,
}

impl<'a> Kind<'a> {
    fn of(url: &'a str) -> Result<Self, StoreError> {
        if url == "memory:" {
            Ok(Self::Memory)
        } else if let Some(path) = url.strip_prefix("sqlite:") {
            Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path)))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres)
        } else {
            Err(StoreError::Setup("the database URL must begin with sqlite:, postgres: or memory:"))
        }
    }
}

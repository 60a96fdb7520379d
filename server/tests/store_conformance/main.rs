//! One conformance suite, three stores. Each suite is a plain function over `&dyn Store`; a wrapper counts the calls
//! and fails a store's run if a method of the traits was never called.
//!
//! PostgreSQL is a private cluster in a temporary folder: it is never skipped, and its absence is a failure.

mod all;
mod attachments;
mod browsers;
mod circles;
mod clinics;
#[allow(dead_code, reason = "use_cases/work.rs asks it more")]
mod counted;
mod crash;
mod custody;
mod devices;
mod fixture;
mod identity;
mod narrow;
mod pages;
mod phones;
mod plans;
mod postgres;
mod random;
mod schemas;
mod seals;
mod teams;
mod wakes;

use std::sync::Arc;

use osteon_server::store::{Limits, MemoryStore, Options, Store, open};

use crate::{counted::Counted, fixture::vault, postgres::Postgres};

/// Everything, on one store.
async fn conforms(store: Arc<dyn Store>) {
    let counted = Counted::new(store);
    circles::all(&counted).await;
    pages::all(&counted).await;
    devices::all(&counted).await;
    phones::all(&counted).await;
    identity::all(&counted).await;
    custody::all(&counted).await;
    seals::all(&counted).await;
    teams::all(&counted).await;
    clinics::all(&counted).await;
    attachments::all(&counted).await;
    wakes::all(&counted).await;
    browsers::all(&counted).await;
    // Last: it closes the store.
    circles::closing_commits_what_waits(&counted).await;
    assert_eq!(counted.never_called(), Vec::<&str>::new(), "methods that the suite never called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_conforms() {
    conforms(Arc::new(MemoryStore::new(vault()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conforms(fixture::sqlite(folder.path()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_conforms() {
    let cluster = Postgres::start();
    conforms(open(&Options::new(cluster.url("conforms")), vault()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_script_ends_in_the_same_bytes_on_all_stores() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Postgres::start();
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(vault()));
    let expected = fixture::script_and_dump(&*memory).await;
    assert!(expected.len() > 2000, "the script writes something");
    let sqlite = fixture::sqlite(folder.path()).await;
    assert_eq!(fixture::script_and_dump(&*sqlite).await, expected, "SQLite against memory");
    let postgres = open(&Options::new(cluster.url("same")), vault()).await.unwrap();
    assert_eq!(fixture::script_and_dump(&*postgres).await, expected, "PostgreSQL against memory");
}

/// A number is given before its commit: the sealer never passes one that may still come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_row_is_waited_for_on_postgres() {
    let cluster = Postgres::start();
    let url = cluster.url("late");
    let store = open(&Options::new(url.clone()), vault()).await.unwrap();
    seals::a_late_row_is_waited_for(&*store, &url).await;
}

/// One thread: the writer does not run while jobs are queued, so the bound is met for certain.
#[tokio::test]
async fn a_full_queue_refuses_the_next_job() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = fixture::sqlite_options(folder.path());
    options.limits = Limits { queued_jobs: 3, ..Limits::default() };
    let store = open(&options, vault()).await.unwrap();
    circles::queue_is_bounded(&*store, 3).await;
}

#[tokio::test]
async fn a_url_of_another_kind_is_refused() {
    let refused = open(&Options::new("mysql://localhost"), vault()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("sqlite:")));
}

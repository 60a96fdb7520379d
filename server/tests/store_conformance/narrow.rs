//! Migration 0010: on a database with rows it keeps all of them, what its columns do not hold is refused, and PostgreSQL walks
//! its indices of buckets in order.

#![allow(clippy::disallowed_types, reason = "an older schema and its rows are made of strings")]

use std::sync::Arc;

use osteon_server::{
    limits::{CHANGES_PER_REPLICA, Limit, SEQUENCES_PER_CIRCLE},
    store::{
        audit::clinic_chain,
        open, postgres,
        statements::{postgres as bulk, ranges_postgres},
        *,
    },
};
use osteon_sync_core::Dot;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::{
    all::All,
    fixture::{EPOCH, audit, dump, new_circle, push, record, script_and_dump, sqlite, vault, write},
    postgres::Postgres,
};

const EARLIER: [&str; 2] = [
    include_str!("../../../migrations/postgres/0001_init.sql"),
    include_str!("../../../migrations/postgres/0006_audit_seals.sql"),
];
const TABLES: [&str; 3] = ["part", "log", "audit"];
/// Out of the way, with their indices, and back as they were.
const ASIDE: &str = "CREATE SCHEMA later; ALTER TABLE part SET SCHEMA later; ALTER TABLE log SET SCHEMA later; \
    ALTER TABLE audit SET SCHEMA later";
const BACK: &str = "INSERT INTO part SELECT circle, record, label, class, type_number, seq, first_seq, time_ms, \
        NULLIF(encode(parent, 'hex'), '')::uuid, sealed FROM later.part; \
    INSERT INTO log SELECT circle, epoch, replica, counter, seq, mac, sealed FROM later.log; \
    INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT no, \
        CASE WHEN circle < 0 THEN 4611686018427387903 - circle ELSE circle END, at_ms, account, device, action, record, categories, \
        from_seq, to_seq, touched, outcome, request FROM later.audit; \
    SELECT setval(pg_get_serial_sequence('audit', 'no'), (SELECT MAX(no) FROM audit)); \
    DROP SCHEMA later CASCADE; \
    DELETE FROM _sqlx_migrations WHERE version = 10";

/// The statements of earlier migrations that made the three tables and their indices.
fn as_it_was() -> String {
    let text: Vec<&str> = EARLIER.iter().flat_map(|sql| sql.lines()).filter(|line| !line.starts_with("--")).collect();
    let of_the_three = |statement: &&str| {
        TABLES.iter().any(|table| {
            statement.starts_with(&format!("CREATE TABLE {table} (")) || statement.contains(&format!(" ON {table} ("))
        })
    };
    let text = text.join("\n");
    let statements: Vec<&str> = text.split(';').map(str::trim).filter(of_the_three).collect();
    assert_eq!(statements.len(), 3 + 5 + 1, "part has four indices beside its key, log one, audit one");
    statements.join(";\n")
}

async fn run(conn: &mut PgConnection, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(conn).await.unwrap();
}

async fn number(conn: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(conn).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_rows_keeps_them_all() {
    let cluster = Postgres::start();
    let url = cluster.url("narrow");
    let store = open(&Options::new(&url), vault()).await.unwrap();
    let written = script_and_dump(&*store).await;
    store.audit(vec![audit(clinic_chain(0), "rebase", 1), audit(clinic_chain(3), "rebase", 2)]).await.unwrap();
    let of_clinic = store.audit_after(clinic_chain(3), 0, 10).await.unwrap();
    let chains = store.audit_chains().await.unwrap();
    store.close().await;

    let mut conn = PgConnection::connect(&url).await.unwrap();
    for step in [ASIDE, &as_it_was(), BACK] {
        run(&mut conn, step).await;
    }
    assert_eq!(number(&mut conn, "SELECT COUNT(*) FROM part WHERE parent IS NOT NULL").await, 1, "one has a parent");
    let last = number(&mut conn, "SELECT MAX(no) FROM audit").await;

    // A number that has no room is told, and everything stays as it was.
    run(&mut conn, "UPDATE log SET counter = counter + 4294967296 WHERE counter = 20").await;
    assert!(open::migrate(&url).await.is_err());
    assert_eq!(number(&mut conn, "SELECT COUNT(*) FROM log WHERE counter > 4294967296").await, 2);
    run(&mut conn, "UPDATE log SET counter = counter - 4294967296 WHERE counter > 4294967296").await;

    open::migrate(&url).await.unwrap();
    assert_eq!(of_clinic.len(), 1);
    let narrow = "SELECT COUNT(*) FROM information_schema.columns WHERE table_name IN ('part', 'log') \
        AND column_name IN ('circle', 'seq') AND data_type = 'integer'";
    assert_eq!(number(&mut conn, narrow).await, 4);
    let store = open(&Options::new(&url), vault()).await.unwrap();
    let a = number(&mut conn, "SELECT MIN(circle) FROM circle").await.cast_unsigned();
    let b = number(&mut conn, "SELECT MAX(circle) FROM circle").await.cast_unsigned();
    assert_eq!(format!("{}{}", dump(&*store, a).await, dump(&*store, b).await), written);
    assert_eq!(store.snapshot(a).await.unwrap().all().children_of(&[record(2)]).await.unwrap().len(), 1);
    assert_eq!(store.audit_after(clinic_chain(3), 0, 10).await.unwrap(), of_clinic);
    assert_eq!(store.audit_chains().await.unwrap(), chains);
    assert!(chains.contains(&clinic_chain(0)) && chains.contains(&a));
    push(&*store, b, 21, &[record(20), record(21)]).await;
    assert_eq!(number(&mut conn, "SELECT MAX(no) FROM audit").await, last + 1, "numbers go on where they were");
    assert_eq!(number(&mut conn, "SELECT COUNT(*) FROM _sqlx_migrations WHERE version = 10 AND success").await, 1);
}

async fn refused(store: &dyn Store, circle: CircleNo, dot: Dot) -> &'static Limit {
    let needs = Needs { circle, records: vec![record(2)], ..Needs::default() };
    match commit(store, needs, move |work| write(work, dot, &[record(2)])).await {
        Err(StoreError::Exceeded(limit)) => limit,
        other => panic!("{other:?}"),
    }
}

/// The last sequence is given; the next is refused by name, and nothing of its job is kept.
async fn full(store: Arc<dyn Store>) {
    let (circle, other) = (new_circle(&*store, "full").await, new_circle(&*store, "other").await);
    let needs = Needs { circle, ..Needs::default() };
    let nearly = |work: &mut Working<'_>| {
        work.circle_mut().head = SEQUENCES_PER_CIRCLE.max - 1;
        Ok(())
    };
    commit(&*store, needs, nearly).await.unwrap();
    assert_eq!(push(&*store, circle, 1, &[record(1)]).await, SEQUENCES_PER_CIRCLE.max);
    let before = dump(&*store, circle).await;
    assert_eq!(refused(&*store, circle, Dot::new(EPOCH, 5, 2)).await.name, "SEQUENCES_PER_CIRCLE");
    assert_eq!(dump(&*store, circle).await, before);
    assert_eq!(push(&*store, other, CHANGES_PER_REPLICA.max, &[record(1)]).await, 1);
    let before = dump(&*store, other).await;
    assert_eq!(
        refused(&*store, other, Dot::new(EPOCH, 5, CHANGES_PER_REPLICA.max + 1)).await.name,
        "CHANGES_PER_REPLICA"
    );
    assert_eq!(dump(&*store, other).await, before);
    assert_eq!(
        osteon_server::error::Error::from(StoreError::Exceeded(&SEQUENCES_PER_CIRCLE)).limit_name(),
        Some("SEQUENCES_PER_CIRCLE")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_32_bits_do_not_hold_is_refused_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    full(sqlite(folder.path()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_32_bits_do_not_hold_is_refused_on_postgres() {
    let cluster = Postgres::start();
    full(open(&Options::new(cluster.url("full")), vault()).await.unwrap()).await;
}

/// As the store's connections plan, for whatever values.
async fn plan(conn: &mut PgConnection, name: &str, sql: &str) -> String {
    let last = (1..=12).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
    let values = vec!["NULL"; last].join(", ");
    run(conn, format!("PREPARE {name} AS {sql}")).await;
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE {name} ({values})");
    let lines = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(conn).await.unwrap();
    lines.iter().map(|line| line.get::<String, _>(0) + "\n").collect()
}

#[tokio::test]
async fn postgres_walks_its_indices_in_order() {
    let cluster = Postgres::start();
    let url = cluster.url("plans");
    open::migrate(&url).await.unwrap();
    let mut conn = PgConnection::connect(&url).await.unwrap();
    for (setting, value) in postgres::PLANS.iter().chain(&[("plan_cache_mode", "force_generic_plan")]) {
        run(&mut conn, format!("SET {setting} = {value}")).await;
    }
    let walked = [
        ("PARTS_AFTER", "part_seq"),
        ("PARTS_BEFORE", "part_first_seq"),
        ("PARTS_BEFORE_COUNT", "part_first_seq"),
        ("LIST_BY_SEQ", "part_seq"),
        ("LIST_BY_TIME", "part_time"),
        ("LOG_AFTER", "log_seq"),
        ("AUDIT_AFTER", "audit_circle"),
        ("AUDIT_BEFORE", "audit_circle"),
        ("AUDIT_BETWEEN", "audit_pkey"),
    ];
    // What checks the whole audit reads all of it.
    let ranges: Vec<_> =
        ranges_postgres::ALL.iter().filter(|one| !["AUDIT_CHAINS", "AUDIT_STRAYS"].contains(&one.name)).collect();
    assert_eq!(walked.map(|(name, _)| name).to_vec(), ranges.iter().map(|one| one.name).collect::<Vec<_>>());
    for (statement, (_, index)) in ranges.iter().zip(walked) {
        let plan = plan(&mut conn, statement.name, statement.sql).await;
        assert!(plan.contains(&format!(" {index} on ")), "{}: {plan}", statement.name);
        let whole = plan.lines().any(|line| line.trim_start().trim_start_matches("->  ") == "Sort");
        assert!(!whole, "{} sorts all it finds: {plan}", statement.name);
    }
    for (name, index) in [("PARTS", "part_pkey"), ("CHILDREN", "part_parent"), ("LOGS", "log_pkey")] {
        let statement = bulk::ALL.iter().find(|one| one.name == name).unwrap();
        let plan = plan(&mut conn, name, statement.sql).await;
        assert!(plan.contains(&format!(" {index} on ")) && !plan.contains("Seq Scan"), "{name}: {plan}");
    }
}

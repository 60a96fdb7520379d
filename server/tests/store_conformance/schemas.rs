//! Every statement is prepared on a migrated schema of its database, and the two schemas are compared.

use std::collections::{BTreeMap, BTreeSet};

use osteon_server::store::{
    open,
    statements::{attachments, browser, portable, postgres, ranges_postgres, ranges_sqlite, sqlite, wakes},
};
use sqlx::{Connection as _, Executor as _, Row as _, SqlSafeStr as _};

use crate::{fixture, postgres::Postgres};

/// Column → (type of either database, nullable).
type Columns = BTreeMap<String, (String, bool)>;

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let options = fixture::sqlite_options(folder.path());
    open::migrate(&options.url).await.unwrap();
    open::migrate(&options.url).await.expect("migrating again changes nothing");
    let mut conn = sqlx::SqliteConnection::connect(&options.url).await.unwrap();
    let several = sqlite::ALL.iter().flat_map(|multi| multi.statements);
    let mut prepared = BTreeSet::new();
    for statement in portable::ALL
        .iter()
        .chain(attachments::ALL)
        .chain(wakes::ALL)
        .chain(browser::ALL)
        .chain(ranges_sqlite::ALL)
        .copied()
        .chain(several)
    {
        if let Err(error) = conn.prepare(statement.sql.into_sql_str()).await {
            panic!("{}: {error}", statement.name);
        }
        prepared.insert(statement.sql);
    }
    conn.prepare(sqlite::VERSION.into_sql_str()).await.unwrap();
    let single =
        portable::ALL.len() + attachments::ALL.len() + wakes::ALL.len() + browser::ALL.len() + ranges_sqlite::ALL.len();
    assert_eq!(prepared.len(), single + sqlite::ALL.len() * sqlite::SIZES.len());
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    let cluster = Postgres::start();
    let url = cluster.url("prepare");
    open::migrate(&url).await.unwrap();
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    for statement in portable::ALL
        .iter()
        .chain(attachments::ALL)
        .chain(wakes::ALL)
        .chain(browser::ALL)
        .chain(postgres::ALL)
        .chain(ranges_postgres::ALL)
    {
        if let Err(error) = conn.prepare(statement.sql.into_sql_str()).await {
            panic!("{}: {error}", statement.name);
        }
    }
}

async fn sqlite_schema() -> BTreeMap<String, Columns> {
    let folder = tempfile::tempdir().unwrap();
    let options = fixture::sqlite_options(folder.path());
    open::migrate(&options.url).await.unwrap();
    let mut conn = sqlx::SqliteConnection::connect(&options.url).await.unwrap();
    let rows = sqlx::query(
        "SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'",
    );
    let mut schema: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows.fetch_all(&mut conn).await.unwrap() {
        let column = (row.get::<String, _>(2), row.get::<i64, _>(3) == 0);
        schema.entry(row.get(0)).or_default().insert(row.get(1), column);
    }
    schema
}

async fn postgres_schema() -> BTreeMap<String, Columns> {
    let cluster = Postgres::start();
    let url = cluster.url("schema");
    open::migrate(&url).await.unwrap();
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    let rows = sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    );
    let mut schema: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows.fetch_all(&mut conn).await.unwrap() {
        let family = match row.get::<String, _>(2).as_str() {
            "bigint" | "integer" | "smallint" | "boolean" => "INTEGER",
            "bytea" | "uuid" => "BLOB",
            "text" => "TEXT",
            other => panic!("an unknown type: {other}"),
        };
        let column = (family.to_owned(), row.get::<String, _>(3) == "YES");
        schema.entry(row.get(0)).or_default().insert(row.get(1), column);
    }
    schema
}

#[tokio::test]
async fn the_two_schemas_say_the_same() {
    let (sqlite, postgres) = (sqlite_schema().await, postgres_schema().await);
    assert!(sqlite.len() > 15, "tables are found");
    assert_eq!(sqlite, postgres);
}

#[test]
fn the_migrations_have_the_same_names() {
    let names = |folder: &str| -> BTreeSet<_> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

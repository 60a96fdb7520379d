//! No statement walks a table: each finds its rows by an index, however large the table grows.

use osteon_server::store::{
    open,
    statements::{attachments, browser, portable, ranges_sqlite, sqlite, wakes},
};
use sqlx::{Connection as _, Row as _};

use crate::fixture;

/// Walks that are meant, with the reason.
const WALKS: &[(&str, &str)] = &[
    ("PING", "reads no table"),
    ("SERVER", "one row"),
    ("EPOCH_BUMP", "one row"),
    ("AUDIT_CHAINS", "a check of the whole audit reads all of it"),
    ("AUDIT_STRAYS", "a check of the whole audit reads all of it"),
    ("WRAPPED_CIRCLES", "a rotation, by hand"),
    ("INVITE_ATTEMPT", "one row a clinic"),
    ("CLINICS", "all of them: a handful"),
    ("DENIED", "one row"),
    ("FORGET_SESSIONS", "all of them, after a restore"),
    ("FORGET_WEB_SESSIONS", "all of them, after a restore"),
    ("FORGET_WEB_CHALLENGES", "all of them, after a restore"),
    ("FORGET_CODES", "all of them, after a restore"),
    ("FORGET_INVITES", "all of them, after a restore"),
    ("SWEEP_INVITES", "few rows, once an hour"),
];

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let options = fixture::sqlite_options(folder.path());
    open::migrate(&options.url).await.unwrap();
    let mut conn = sqlx::SqliteConnection::connect(&options.url).await.unwrap();
    let several = sqlite::ALL.iter().flat_map(|multi| multi.statements);
    let mut walking = Vec::new();
    for statement in portable::ALL
        .iter()
        .chain(attachments::ALL)
        .chain(wakes::ALL)
        .chain(browser::ALL)
        .chain(ranges_sqlite::ALL)
        .copied()
        .chain(several)
    {
        // The one place that makes SQL: a named statement with two words before it.
        #[allow(clippy::disallowed_types)]
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql));
        for row in sqlx::query(explain).fetch_all(&mut conn).await.unwrap() {
            let step: String = row.get(3);
            let rows_of_the_statement =
                step.ends_with("VALUES CLAUSE") || step == "SCAN wanted" || step == "SCAN CONSTANT ROW";
            if step.starts_with("SCAN") && !rows_of_the_statement {
                walking.push((statement.name, step));
            }
        }
    }
    walking.retain(|(name, _)| !WALKS.iter().any(|(meant, _)| meant == name));
    walking.dedup();
    assert_eq!(walking, []);
}

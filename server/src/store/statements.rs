//! Every SQL statement of the server, named. No SQL is built from strings: a test prepares each of these on a
//! migrated schema of its database, so that a wrong column is found before a request finds it.
//!
//! Lists: what both databases run unchanged (attachments, browsers and wake-ups in files of their own), SQLite's statements of several rows (one constant
//! for each row count that is used), PostgreSQL's UNNEST statements, and for both the ranges of a circle, which they ask for by
//! other indices.

pub mod attachments;
pub mod browser;
pub mod portable;
pub mod postgres;
pub mod ranges_postgres;
pub mod ranges_sqlite;
pub mod sqlite;
pub mod wakes;

/// A named statement.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    pub name: &'static str,
    pub sql: &'static str,
}

/// `statements! { NAME = "sql"; }`: a constant each, and `ALL`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub const $name: &str = $sql;)*
        pub const ALL: &[super::Statement] = &[$(super::Statement { name: stringify!($name), sql: $sql }),*];
    };
}
pub(crate) use statements;

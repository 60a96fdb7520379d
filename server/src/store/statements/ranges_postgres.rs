//! Rows of a circle or chain in order, on PostgreSQL. [`super::ranges_sqlite`] has the same names.
//!
//! The indices hold buckets: `seq >> 6` stands for 64 sequences, `time_ms >> 28` for 3.1 days, `no >> 12` for 4,096 audit
//! rows. Entries of one bucket are equal, so PostgreSQL keeps their key once and six bytes for each row, instead of 20 to 44
//! (docs/decisions/0054). Each range is therefore said twice: in buckets, by which the index finds it, and exactly; and what
//! is read in the order of buckets is put in order within each.

use super::{
    portable::{audit_columns, log_columns, part_columns},
    statements,
};

/// The column of a chain, from its number: a clinic's, which begin at 2^62, lie below zero.
macro_rules! chain_column {
    ($number:literal) => {
        concat!(
            "CASE WHEN ",
            $number,
            " >= 4611686018427387904 THEN 4611686018427387903 - ",
            $number,
            " ELSE ",
            $number,
            " END"
        )
    };
}

/// The number of a chain, from its column.
macro_rules! chain_number {
    () => {
        "CASE WHEN circle < 0 THEN 4611686018427387903 - circle ELSE circle END"
    };
}

statements! {
    PARTS_AFTER = concat!(
        "WITH page AS MATERIALIZED (SELECT COALESCE((SELECT seq FROM part WHERE circle = $1 \
         AND seq >> 6 >= $2::bigint >> 6 AND seq > $2::bigint ORDER BY seq >> 6, seq LIMIT 1 OFFSET $3), 2147483647) AS last) \
         SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND seq >> 6 >= $2::bigint >> 6 \
         AND seq >> 6 <= (SELECT last >> 6 FROM page) AND seq > $2::bigint AND seq <= (SELECT last FROM page) \
         ORDER BY seq >> 6, seq"
    );
    PARTS_BEFORE = concat!(
        "WITH page AS MATERIALIZED (SELECT COALESCE((SELECT first_seq FROM part WHERE circle = $1 AND class = $2 \
         AND first_seq >> 6 <= $3::bigint >> 6 AND first_seq < $3::bigint AND seq <= $4 \
         ORDER BY first_seq >> 6 DESC, first_seq DESC LIMIT 1 OFFSET $5), 0) AS first) \
         SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND class = $2 \
         AND first_seq >> 6 <= $3::bigint >> 6 AND first_seq >> 6 >= (SELECT first >> 6 FROM page) \
         AND first_seq < $3::bigint AND first_seq >= (SELECT first FROM page) AND seq <= $4 \
         ORDER BY first_seq >> 6 DESC, first_seq DESC"
    );
    PARTS_BEFORE_COUNT = "SELECT COUNT(*) FROM part WHERE circle = $1 AND class = $2 \
        AND first_seq >> 6 <= $3::bigint >> 6 AND first_seq < $3::bigint AND seq <= $4";

    /// Lists: circle, type (0: all), key, record, from, to, limit.
    LIST_BY_SEQ = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND seq >> 6 <= $3::bigint >> 6 \
         AND seq <= $3::bigint AND ($2 = 0 OR type_number = $2) AND (seq < $3::bigint OR record < $4) \
         AND time_ms BETWEEN $5 AND $6 ORDER BY seq >> 6 DESC, seq DESC, record DESC, label DESC LIMIT $7"
    );
    LIST_BY_TIME = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND type_number = $2 AND time_ms >> 28 <= $3::bigint >> 28 \
         AND time_ms >> 28 BETWEEN $5::bigint >> 28 AND $6::bigint >> 28 AND time_ms <= $3::bigint \
         AND (time_ms < $3::bigint OR record < $4) AND time_ms BETWEEN $5::bigint AND $6::bigint \
         ORDER BY time_ms >> 28 DESC, time_ms DESC, record DESC, label DESC LIMIT $7"
    );

    LOG_AFTER = concat!(
        "SELECT ", log_columns!(), " FROM log WHERE circle = $1 AND seq >> 6 >= $2::bigint >> 6 \
         AND seq > $2::bigint AND seq > 0 ORDER BY seq >> 6, seq LIMIT $3"
    );

    AUDIT_AFTER = concat!(
        "SELECT ", audit_columns!(), " FROM audit WHERE circle = ", chain_column!("$1::bigint"), " AND no >> 12 >= $2::bigint >> 12 \
         AND no > $2::bigint ORDER BY no >> 12, no LIMIT $3"
    );
    /// Chain, number, from, to, account (0: everybody), limit.
    AUDIT_BEFORE = concat!(
        "SELECT ", audit_columns!(), " FROM audit WHERE circle = ", chain_column!("$1::bigint"), " AND no >> 12 <= $2::bigint >> 12 \
         AND no < $2::bigint AND at_ms BETWEEN $3 AND $4 AND ($5 = 0 OR account = $5) \
         ORDER BY no >> 12 DESC, no DESC LIMIT $6"
    );
    AUDIT_BETWEEN = concat!(
        "SELECT ", audit_columns!(), ", ", chain_number!(), " FROM audit WHERE no > $1 AND no <= $2 ORDER BY no LIMIT $3"
    );
    AUDIT_CHAINS = concat!("SELECT ", chain_number!(), " FROM audit UNION SELECT chain FROM audit_seal ORDER BY 1");
    /// Numbers begin at 1: whatever stands below them was put there by somebody else.
    AUDIT_STRAYS = concat!(
        "SELECT ", chain_number!(), " FROM audit WHERE no < 1 UNION SELECT chain FROM audit_seal WHERE no < 1 OR head < 1 \
         UNION SELECT 0 FROM audit_head WHERE no < 1 ORDER BY 1"
    );
}

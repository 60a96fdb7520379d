//! Rows of a circle or chain in order, on SQLite. [`super::ranges_postgres`] has the same names.

use super::{
    portable::{audit_columns, log_columns, part_columns},
    statements,
};

statements! {
    PARTS_AFTER = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND seq > $2 AND seq <= COALESCE(\
         (SELECT seq FROM part WHERE circle = $1 AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $3), 9223372036854775807) \
         ORDER BY seq"
    );
    PARTS_BEFORE = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND class = $2 AND first_seq < $3 AND seq <= $4 \
         AND first_seq >= COALESCE((SELECT first_seq FROM part WHERE circle = $1 AND class = $2 AND first_seq < $3 \
         AND seq <= $4 ORDER BY first_seq DESC LIMIT 1 OFFSET $5), 0) ORDER BY first_seq DESC"
    );
    PARTS_BEFORE_COUNT =
        "SELECT COUNT(*) FROM part WHERE circle = $1 AND class = $2 AND first_seq < $3 AND seq <= $4";

    /// Lists: circle, type (0: all), key, record, from, to, limit.
    LIST_BY_SEQ = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND seq <= $3 \
         AND ($2 = 0 OR type_number = $2) AND (seq < $3 OR record < $4) AND time_ms BETWEEN $5 AND $6 \
         ORDER BY seq DESC, record DESC, label DESC LIMIT $7"
    );
    LIST_BY_TIME = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND type_number = $2 AND time_ms <= $3 \
         AND (time_ms < $3 OR record < $4) AND time_ms BETWEEN $5 AND $6 \
         ORDER BY time_ms DESC, record DESC, label DESC LIMIT $7"
    );

    LOG_AFTER = concat!(
        "SELECT ", log_columns!(), " FROM log WHERE circle = $1 AND seq > $2 AND seq > 0 ORDER BY seq LIMIT $3"
    );

    AUDIT_AFTER = concat!(
        "SELECT ", audit_columns!(), " FROM audit WHERE circle = $1 AND no > $2 ORDER BY no LIMIT $3"
    );
    /// Chain, number, from, to, account (0: everybody), limit.
    AUDIT_BEFORE = concat!(
        "SELECT ", audit_columns!(), " FROM audit WHERE circle = $1 AND no < $2 AND at_ms BETWEEN $3 AND $4 \
         AND ($5 = 0 OR account = $5) ORDER BY no DESC LIMIT $6"
    );
    AUDIT_BETWEEN = concat!(
        "SELECT ", audit_columns!(), ", circle FROM audit WHERE no > $1 AND no <= $2 ORDER BY no LIMIT $3"
    );
    AUDIT_CHAINS = "SELECT circle FROM audit UNION SELECT chain FROM audit_seal ORDER BY 1";
    /// Numbers begin at 1: whatever stands below them was put there by somebody else.
    AUDIT_STRAYS = "SELECT circle FROM audit WHERE no < 1 UNION SELECT chain FROM audit_seal WHERE no < 1 OR head < 1 \
        UNION SELECT 0 FROM audit_head WHERE no < 1 ORDER BY 1";
}

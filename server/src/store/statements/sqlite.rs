//! SQLite: statements of several rows. Each stands once for every row count in [`SIZES`]; a batch is cut into those,
//! so that every statement is a constant and stays prepared.

use super::Statement;

/// Row counts of prepared statements, largest first.
pub const SIZES: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

/// One statement in all its row counts, largest first.
#[derive(Clone, Copy, Debug)]
pub struct Multi {
    pub statements: [Statement; SIZES.len()],
}

impl Multi {
    /// The statement for as many of `rows` rows as one can hold, and how many that is.
    pub fn pick(&self, rows: usize) -> (&'static str, usize) {
        let at = SIZES.iter().position(|size| *size <= rows).unwrap_or(SIZES.len() - 1);
        (self.statements[at].sql, SIZES[at])
    }
}

pub const VERSION: &str = "SELECT sqlite_version()";
/// Asked of one connection: another number than before when another one has committed
/// (<https://sqlite.org/pragma.html#pragma_data_version>).
pub const DATA_VERSION: &str = "PRAGMA data_version";

macro_rules! times {
    (1, $row:literal) => {
        $row
    };
    (2, $row:literal) => {
        concat!($row, ",", $row)
    };
    (4, $row:literal) => {
        concat!(times!(2, $row), ",", times!(2, $row))
    };
    (8, $row:literal) => {
        concat!(times!(4, $row), ",", times!(4, $row))
    };
    (16, $row:literal) => {
        concat!(times!(8, $row), ",", times!(8, $row))
    };
    (32, $row:literal) => {
        concat!(times!(16, $row), ",", times!(16, $row))
    };
    (64, $row:literal) => {
        concat!(times!(32, $row), ",", times!(32, $row))
    };
}

macro_rules! multi {
    ($($(#[$doc:meta])* $name:ident = $head:literal, $row:literal, $tail:literal;)*) => {
        $($(#[$doc])* pub const $name: Multi = Multi {
            statements: [
                Statement { name: stringify!($name), sql: concat!($head, times!(64, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(32, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(16, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(8, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(4, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(2, $row), $tail) },
                Statement { name: stringify!($name), sql: concat!($head, times!(1, $row), $tail) },
            ],
        };)*
        /// Every statement of several rows.
        pub const ALL: &[Multi] = &[$($name),*];
    };
}

multi! {
    HEADS = "SELECT circle, head, access_generation, safe_upto, quarantined, marks, state FROM head WHERE circle IN (", "?", ")";
    PARTS = "SELECT circle, record, label, class, type_number, seq, first_seq, time_ms, parent, sealed FROM (VALUES ",
        "(?, ?)", ") AS wanted CROSS JOIN part ON circle = wanted.column1 AND record = wanted.column2";
    CHILDREN = "SELECT part.circle, part.record, part.label, part.class, part.type_number, part.seq, part.first_seq, \
        part.time_ms, part.parent, part.sealed FROM (VALUES ", "(?, ?)", ") AS wanted \
        CROSS JOIN part AS child ON child.circle = wanted.column1 AND child.parent = wanted.column2 \
        CROSS JOIN part ON part.circle = child.circle AND part.record = child.record";
    LOGS = "SELECT circle, epoch, replica, counter, seq, mac, sealed FROM (VALUES ", "(?, ?, ?, ?)",
        ") AS wanted CROSS JOIN log ON circle = wanted.column1 AND epoch = wanted.column2 \
         AND replica = wanted.column3 AND counter = wanted.column4";
    OWNERS = "SELECT replica.epoch, replica.replica, device.account, replica.device, replica.lane, replica.retired \
        FROM replica JOIN device ON device.device = replica.device WHERE replica.replica IN (", "?", ")";
    REFUSED_OF = "SELECT circle, record FROM (VALUES ", "(?, ?)", ") AS wanted \
        CROSS JOIN refused_creation ON circle = wanted.column1 AND record = wanted.column2";
    MOVED_OF = "SELECT circle, record FROM (VALUES ", "(?, ?)", ") AS wanted CROSS JOIN tombstone \
        ON circle = wanted.column1 AND record = wanted.column2 AND counter IS NULL";
    HEAD_PUT = "INSERT INTO head (circle, head, access_generation, safe_upto, quarantined, marks, state) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)", " ON CONFLICT (circle) DO UPDATE SET head = excluded.head, \
         access_generation = excluded.access_generation, safe_upto = excluded.safe_upto, \
         quarantined = excluded.quarantined, marks = excluded.marks, state = excluded.state";
    PART_PUT = "INSERT INTO part (circle, record, label, class, type_number, seq, first_seq, time_ms, parent, sealed) \
        VALUES ", "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", " ON CONFLICT (circle, record, label) DO UPDATE SET \
        class = excluded.class, type_number = excluded.type_number, seq = excluded.seq, \
        first_seq = excluded.first_seq, time_ms = excluded.time_ms, parent = excluded.parent, sealed = excluded.sealed";
    /// Of rows that are known not to be there. OR FAIL: what fails takes the whole transaction with it, so SQLite need not
    /// keep a journal of the statement.
    PART_INSERT = "INSERT OR FAIL INTO part (circle, record, label, class, type_number, seq, first_seq, time_ms, parent, \
        sealed) VALUES ", "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "";
    LOG_INSERT = "INSERT OR FAIL INTO log (circle, epoch, replica, counter, seq, mac, sealed) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)", "";
    LOG_PUT = "INSERT INTO log (circle, epoch, replica, counter, seq, mac, sealed) VALUES ", "(?, ?, ?, ?, ?, ?, ?)",
        " ON CONFLICT (circle, epoch, replica, counter) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, \
         sealed = excluded.sealed";
    AUDIT_PUT = "INSERT OR FAIL INTO audit (circle, at_ms, account, device, action, record, categories, from_seq, to_seq, \
        touched, outcome, request) VALUES ", "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "";
}

//! PostgreSQL: a column of many rows is one array.

use super::statements;

statements! {
    NOTIFY = "SELECT pg_notify($1, $2)";
    SYNCHRONOUS = "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
        current_setting('synchronous_standby_names')";
    STANDBYS = "SELECT COUNT(*) FROM pg_stat_replication WHERE state = 'streaming'";

    /// Locks circles in order: the one place where writers wait for each other.
    HEADS_LOCK = "SELECT circle, head, access_generation, safe_upto, quarantined, marks, state FROM head \
        WHERE circle = ANY($1::bigint[]) ORDER BY circle FOR UPDATE";
    HEADS = "SELECT circle, head, access_generation, safe_upto, quarantined, marks, state FROM head \
        WHERE circle = ANY($1::bigint[])";
    PARTS = "SELECT wanted.circle, p.record, p.label, p.class, p.type_number, p.seq, p.first_seq, p.time_ms, p.parent, \
        p.sealed FROM UNNEST($1::bigint[], $2::uuid[]) AS wanted (circle, record) \
        JOIN part p ON p.circle = wanted.circle AND p.record = wanted.record";
    CHILDREN = "SELECT wanted.circle, p.record, p.label, p.class, p.type_number, p.seq, p.first_seq, p.time_ms, p.parent, \
        p.sealed FROM UNNEST($1::bigint[], $2::uuid[]) AS wanted (circle, parent) \
        JOIN part child ON child.circle = wanted.circle AND child.parent = uuid_send(wanted.parent) AND child.parent <> '' \
        JOIN part p ON p.circle = child.circle AND p.record = child.record";
    LOGS = "SELECT wanted.circle, l.epoch, l.replica, l.counter, l.seq, l.mac, l.sealed \
        FROM UNNEST($1::bigint[], $2::integer[], $3::integer[], $4::bigint[]) AS wanted (circle, epoch, replica, counter) \
        JOIN log l ON l.circle = wanted.circle AND l.epoch = wanted.epoch AND l.replica = wanted.replica \
        AND l.counter = wanted.counter";
    OWNERS = "SELECT r.epoch, r.replica, d.account, r.device, r.lane, r.retired FROM replica r \
        JOIN device d ON d.device = r.device WHERE r.replica = ANY($1::integer[])";
    REFUSED_OF = "SELECT r.circle, r.record FROM UNNEST($1::bigint[], $2::uuid[]) AS wanted (circle, record) \
        JOIN refused_creation r ON r.circle = wanted.circle AND r.record = wanted.record";
    MOVED_OF = "SELECT t.circle, t.record FROM UNNEST($1::bigint[], $2::uuid[]) AS wanted (circle, record) \
        JOIN tombstone t ON t.circle = wanted.circle AND t.record = wanted.record AND t.counter IS NULL";
    HEAD_PUT = "UPDATE head SET head = new.head, access_generation = new.access_generation, \
        safe_upto = new.safe_upto, quarantined = new.quarantined, marks = new.marks, state = new.state \
        FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], \
        $6::smallint[], $7::bytea[]) AS new (circle, head, access_generation, safe_upto, quarantined, marks, state) WHERE head.circle = new.circle";
    PART_PUT = "INSERT INTO part (circle, record, label, class, type_number, seq, first_seq, time_ms, parent, sealed) \
        SELECT * FROM UNNEST($1::integer[], $2::uuid[], $3::bigint[], $4::smallint[], $5::integer[], $6::integer[], \
        $7::integer[], $8::bigint[], $9::bytea[], $10::bytea[]) ON CONFLICT (circle, record, label) DO UPDATE SET \
        class = excluded.class, type_number = excluded.type_number, seq = excluded.seq, \
        first_seq = excluded.first_seq, time_ms = excluded.time_ms, parent = excluded.parent, sealed = excluded.sealed";
    LOG_PUT = "INSERT INTO log (circle, epoch, replica, counter, seq, mac, sealed) \
        SELECT * FROM UNNEST($1::integer[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::bytea[], \
        $7::bytea[]) ON CONFLICT (circle, epoch, replica, counter) DO UPDATE SET seq = excluded.seq, \
        mac = excluded.mac, sealed = excluded.sealed";
    /// Numbers are given in here, so the gate is passed first: the sealer closes it to know what can still come.
    AUDIT_PUT = "INSERT INTO audit (circle, at_ms, account, device, action, record, categories, from_seq, to_seq, \
        touched, outcome, request) SELECT fresh.* FROM (SELECT pg_advisory_xact_lock_shared(7001)) AS gate, UNNEST($1::integer[], $2::bigint[], $3::integer[], $4::integer[], \
        $5::integer[], $6::uuid[], $7::integer[], $8::integer[], $9::integer[], $10::integer[], $11::integer[], \
        $12::bigint[]) AS fresh";
    /// Waits until no transaction is open that has written audit rows: a number that is free then is never filled.
    AUDIT_GATE = "SELECT pg_advisory_xact_lock(7001)";
    AUDIT_GATE_PATIENCE = "SELECT set_config('lock_timeout', $1, true)";
}

//! What both databases run unchanged. Columns in the order in which the code reads them.

use super::statements;

/// Columns of a part, as `rows::part` reads them.
macro_rules! part_columns {
    () => {
        "record, label, class, type_number, seq, first_seq, time_ms, parent, sealed"
    };
}
pub(super) use part_columns;

/// Columns of a log row, as `rows::log` reads them.
macro_rules! log_columns {
    () => {
        "epoch, replica, counter, seq, mac, sealed"
    };
}
pub(super) use log_columns;

/// Columns of an audit row, as `rows::audit` reads them. Narrow numbers are read wide: an edit beyond their 32 bits shows.
macro_rules! audit_columns {
    () => {
        "no, at_ms, CAST(account AS bigint), CAST(device AS bigint), \
         COALESCE((SELECT word FROM word WHERE number = action), ''), record, CAST(categories AS bigint), \
         CAST(from_seq AS bigint), CAST(to_seq AS bigint), CAST(touched AS bigint), \
         COALESCE((SELECT word FROM word WHERE number = outcome), ''), request"
    };
}
pub(super) use audit_columns;

macro_rules! seal_columns {
    () => {
        "chain, no, head, at_ms, from_no, to_no, sealed_rows, hash, signature"
    };
}

macro_rules! audit_head_columns {
    () => {
        "no, at_ms, upto, seals, total_rows, hash, signature"
    };
}

macro_rules! invite_columns {
    () => {
        "code_mac, circle, account, role, expires_ms, tries_left, used, qr_tries_left, made_by, id, fingerprint, \
         made_ms, opened_ms, matched_ms, done_ms, revoked_ms, revoked_by"
    };
}

macro_rules! device_columns {
    () => {
        "device, account, clinic, public_key, name, created_ms, revoked"
    };
}

/// The devices of patients, but for browsers and such as were sent away, with what is known of when each came.
macro_rules! phones {
    () => {
        "SELECT patient.circle, device.device, device.account, device.created_ms, device_read.seq, device_read.at_ms, \
         health.heard_ms, health.health, device_state.seen_ms, health.offset_ms, health.forked_ms, \
         (SELECT MIN(erasure.asked_ms) FROM erasure WHERE erasure.circle = patient.circle \
         AND erasure.device = device.device AND erasure.confirmed_ms IS NULL) FROM membership AS patient \
         JOIN device ON device.account = patient.account \
         LEFT JOIN device_state ON device_state.device = device.device \
         LEFT JOIN device_read ON device_read.circle = patient.circle AND device_read.device = device.device \
         LEFT JOIN health ON health.device = device.device \
         WHERE patient.role = $2 AND device.revoked = false AND length(device.public_key) = 65 \
         AND COALESCE(device_state.ending, 0) = 0 AND "
    };
}

macro_rules! replica_columns {
    () => {
        "epoch, replica, device, lane, chain_key, retired"
    };
}

macro_rules! session_columns {
    () => {
        "family, access_hash, access_expires_ms, refresh_hash, refresh_expires_ms, nonce, account, device, clinic, \
         revoked, previous_refresh_hash, rotated_by, rotated_ms, rotated_answer, leaving"
    };
}

macro_rules! team_change_columns {
    () => {
        "job, clinic, account, device, request, fingerprint, made_ms, steps, done, refused, finished"
    };
}

statements! {
    PING = "SELECT 1";
    NEXT_NUMBER = "UPDATE number SET last = last + $2 WHERE kind = $1 RETURNING last";

    CIRCLE_INFO = "SELECT clinic, short_id, wrapped_key FROM circle WHERE circle = $1";
    HEAD = "SELECT head, access_generation, safe_upto, quarantined, marks, state FROM head WHERE circle = $1";
    ACCESS = "SELECT generation, sealed FROM access WHERE circle = $1";
    ACCESS_PUT = "INSERT INTO access (circle, generation, sealed) VALUES ($1, $2, $3) \
        ON CONFLICT (circle) DO UPDATE SET generation = excluded.generation, sealed = excluded.sealed";
    GRANT_END_PUT = "INSERT INTO grant_end (circle, at_ms) VALUES ($1, $2) \
        ON CONFLICT (circle) DO UPDATE SET at_ms = excluded.at_ms";
    GRANT_END_DELETE = "DELETE FROM grant_end WHERE circle = $1";
    GRANT_ENDS_DUE = "SELECT circle FROM grant_end WHERE at_ms <= $1 ORDER BY at_ms LIMIT $2";
    RULES_DUE_PUT = "INSERT INTO rules_due (circle, at_ms, late_ms) VALUES ($1, $2, $3) \
        ON CONFLICT (circle) DO UPDATE SET at_ms = excluded.at_ms, late_ms = excluded.late_ms";
    RULES_DUE_BY = "INSERT INTO rules_due (circle, at_ms, late_ms) VALUES ($1, $2, $3) \
        ON CONFLICT (circle) DO UPDATE SET \
        at_ms = CASE WHEN excluded.at_ms < rules_due.at_ms THEN excluded.at_ms ELSE rules_due.at_ms END, \
        late_ms = COALESCE(rules_due.late_ms, excluded.late_ms)";
    RULES_DUE = "SELECT circle FROM rules_due WHERE at_ms <= $1 ORDER BY at_ms LIMIT $2";
    RULES_ALL_DUE = "UPDATE rules_due SET at_ms = $1 WHERE at_ms > $1";
    RULES_LATE = "SELECT rules_due.circle, rules_due.late_ms FROM membership \
        JOIN rules_due ON rules_due.circle = membership.circle \
        WHERE membership.account = $1 AND rules_due.late_ms IS NOT NULL ORDER BY rules_due.circle";
    RULES_DUE_OF = "SELECT at_ms, late_ms FROM rules_due WHERE circle = $1";
    ERASURE_PUT = "INSERT INTO erasure (circle, device, seq, account, cells, asked_ms, confirmed_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (circle, device, seq) DO UPDATE \
        SET cells = excluded.cells, asked_ms = excluded.asked_ms, confirmed_ms = NULL";
    ERASURES_CONFIRM = "UPDATE erasure SET confirmed_ms = $4 \
        WHERE circle = $1 AND device = $2 AND seq <= $3 AND confirmed_ms IS NULL";
    READ_PUT = "INSERT INTO device_read (circle, device, seq, at_ms) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (circle, device) DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms \
        WHERE device_read.at_ms <= excluded.at_ms";
    READS_OF = "SELECT device, seq, at_ms FROM device_read WHERE circle = $1 ORDER BY device";
    REACHED_PUT = "INSERT INTO device_reached (circle, device, minute, seq) \
        SELECT CAST($1 AS bigint), CAST($2 AS bigint), CAST($3 AS bigint), CAST($4 AS bigint) WHERE NOT EXISTS \
        (SELECT 1 FROM device_reached WHERE circle = $1 AND device = $2 AND seq >= $4) \
        ON CONFLICT (circle, device, minute) DO UPDATE SET seq = excluded.seq";
    REACHED_FORGET = "DELETE FROM device_reached WHERE circle = $1 AND device = $2 AND minute < $3";
    REACHED_OF = "SELECT minute, seq FROM device_reached WHERE circle = $1 AND device = $2 \
        ORDER BY minute DESC LIMIT $3";
    HEARD_ON = "UPDATE device_heard SET to_minute = $3 WHERE circle = $1 AND device = $2 \
        AND from_minute <= $3 AND to_minute >= $4 AND to_minute < $3";
    HEARD_AGAIN = "INSERT INTO device_heard (circle, device, from_minute, to_minute) \
        SELECT CAST($1 AS bigint), CAST($2 AS bigint), CAST($3 AS bigint), CAST($3 AS bigint) WHERE NOT EXISTS \
        (SELECT 1 FROM device_heard WHERE circle = $1 AND device = $2 AND from_minute <= $3 AND to_minute >= $3) \
        ON CONFLICT (circle, device, from_minute) DO NOTHING";
    HEARD_FORGET = "DELETE FROM device_heard WHERE circle = $1 AND device = $2 AND to_minute < $3";
    HEARD_OF = "SELECT device_heard.from_minute, device_heard.to_minute FROM device_heard \
        JOIN device ON device.device = device_heard.device \
        WHERE device_heard.circle = $1 AND length(device.public_key) = 65 \
        ORDER BY device_heard.from_minute DESC, device_heard.to_minute DESC LIMIT $2";
    ERASURES_OF = "SELECT device, seq, account, cells, asked_ms, confirmed_ms FROM erasure \
        WHERE circle = $1 ORDER BY device, seq DESC LIMIT $2";
    MEMBERS = "SELECT account, role FROM membership WHERE circle = $1 ORDER BY account";
    MEMBERS_DELETE = "DELETE FROM membership WHERE circle = $1";
    MEMBER_INSERT = "INSERT INTO membership (circle, account, role) VALUES ($1, $2, $3)";

    PARTS_OF_TYPE = concat!("SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND type_number = $2");
    PART_DELETE = "DELETE FROM part WHERE circle = $1 AND record = $2 AND label = $3";

    /// Circle, key, record, from, to, limit.
    LIST_ALL_BY_TIME = concat!(
        "SELECT ", part_columns!(), " FROM part WHERE circle = $1 AND time_ms <= $2 \
         AND (time_ms < $2 OR record < $3) AND time_ms BETWEEN $4 AND $5 \
         ORDER BY time_ms DESC, record DESC, label DESC LIMIT $6"
    );

    ALIASES = "SELECT epoch, replica, counter, of_epoch, of_replica, of_counter FROM alias WHERE circle = $1";
    ALIAS_PUT = "INSERT INTO alias (circle, epoch, replica, counter, of_epoch, of_replica, of_counter) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (circle, epoch, replica, counter) DO UPDATE \
        SET of_epoch = excluded.of_epoch, of_replica = excluded.of_replica, of_counter = excluded.of_counter";
    RENUMBERED = "SELECT epoch, replica, counter, mac, of_epoch, of_replica, of_counter FROM renumbered \
        WHERE circle = $1";
    RENUMBERED_PUT = "INSERT INTO renumbered (circle, epoch, replica, counter, mac, of_epoch, of_replica, of_counter) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (circle, epoch, replica, counter, mac) DO UPDATE \
        SET of_epoch = excluded.of_epoch, of_replica = excluded.of_replica, of_counter = excluded.of_counter";
    REFUSED_PUT = "INSERT INTO refused_creation (circle, record) VALUES ($1, $2) \
        ON CONFLICT (circle, record) DO NOTHING";
    TOMBSTONES_AFTER = "SELECT seq, record, epoch, replica, counter FROM tombstone \
        WHERE circle = $1 AND seq > $2 ORDER BY seq, place";
    TOMBSTONE_INSERT = "INSERT INTO tombstone (circle, seq, place, record, epoch, replica, counter) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    QUARANTINE_ALL = "SELECT id, epoch, replica, counter, received_ms, sealed FROM quarantine \
        WHERE circle = $1 ORDER BY id";
    QUARANTINE = "SELECT id, epoch, replica, counter, received_ms, sealed FROM quarantine \
        WHERE circle = $1 AND id = $2";
    QUARANTINE_PUT = "INSERT INTO quarantine (circle, id, epoch, replica, counter, received_ms, sealed) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (circle, id) DO UPDATE \
        SET received_ms = excluded.received_ms, sealed = excluded.sealed";
    QUARANTINE_DELETE = "DELETE FROM quarantine WHERE circle = $1 AND id = $2";
    REQUEST = "SELECT at_ms, sealed FROM request WHERE circle = $1 AND account = $2 AND request_id = $3";
    REQUEST_PUT = "INSERT INTO request (circle, account, request_id, at_ms, sealed) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (circle, account, request_id) DO UPDATE SET at_ms = excluded.at_ms, sealed = excluded.sealed";

    WORD = "SELECT number FROM word WHERE word = $1";
    WORD_INSERT = "INSERT INTO word (word, number) VALUES ($1, $2) ON CONFLICT (word) DO NOTHING";
    AUDIT_LAST = "SELECT COALESCE(MAX(no), 0) FROM audit";
    SEAL_PUT = concat!("INSERT INTO audit_seal (", seal_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    SEAL_LAST = concat!("SELECT ", seal_columns!(), " FROM audit_seal WHERE chain = $1 ORDER BY no DESC LIMIT 1");
    SEALS_AFTER = concat!(
        "SELECT ", seal_columns!(), " FROM audit_seal WHERE chain = $1 AND no > $2 ORDER BY no LIMIT $3"
    );
    SEALS_BY_HEAD = concat!(
        "SELECT ", seal_columns!(), " FROM audit_seal WHERE head >= $1 AND (head > $1 OR chain > $2) \
         ORDER BY head, chain LIMIT $3"
    );
    AUDIT_HEAD_PUT = concat!(
        "INSERT INTO audit_head (", audit_head_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (no) DO NOTHING"
    );
    AUDIT_HEAD_LAST = concat!(
        "SELECT ", audit_head_columns!(), " FROM audit_head WHERE no = (SELECT MAX(no) FROM audit_head)"
    );
    AUDIT_HEADS_AFTER =
        concat!("SELECT ", audit_head_columns!(), " FROM audit_head WHERE no > $1 ORDER BY no LIMIT $2");

    SWEEP_REQUESTS = "DELETE FROM request WHERE at_ms < $1";
    SWEEP_SESSIONS = "DELETE FROM session WHERE refresh_expires_ms < $1";
    SWEEP_INVITES = "DELETE FROM invite WHERE expires_ms < $1";

    SERVER_INIT = "INSERT INTO server (only_row, server_id, epoch, secrets) VALUES (1, $1, $2, $3) \
        ON CONFLICT (only_row) DO NOTHING";
    SERVER = "SELECT server_id, epoch, secrets FROM server WHERE only_row = 1";
    EPOCH_BUMP = "UPDATE server SET epoch = epoch + 1 WHERE only_row = 1 RETURNING epoch";
    /// Keys under another version of the key-encryption key: the first byte says which.
    WRAPPED_CIRCLES = "SELECT circle, clinic, short_id, wrapped_key FROM circle \
        WHERE substr(wrapped_key, 1, 1) <> $1 ORDER BY circle LIMIT $2";
    WRAPPED_SERVER = "SELECT secrets FROM server WHERE only_row = 1 AND substr(secrets, 1, 1) <> $1";
    CIRCLE_REWRAP = "UPDATE circle SET wrapped_key = $3 WHERE circle = $1 AND wrapped_key = $2";
    SERVER_REWRAP = "UPDATE server SET secrets = $2 WHERE only_row = 1 AND secrets = $1";
    DENIED = "SELECT entries FROM denied WHERE only_row = 1";
    DENIED_PUT = "UPDATE denied SET entries = $1 WHERE only_row = 1 AND entries < $1";
    EPOCH_RAISE = "UPDATE server SET epoch = $1 WHERE only_row = 1 AND epoch < $1";
    /// A restored database: nobody is signed in, no code is open, and no number of the lost tail is given again.
    FORGET_SESSIONS = "DELETE FROM session";
    FORGET_INVITES = "DELETE FROM invite";
    FORGET_CODES = "DELETE FROM sign_in_code";
    FORGET_WEB_SESSIONS = "DELETE FROM web_session";
    FORGET_WEB_CHALLENGES = "DELETE FROM web_challenge";
    NUMBERS_JUMP = "UPDATE number SET last = last + $1 WHERE kind IN ('clinic', 'circle', 'account', 'device')";
    ERASED_PUT = "INSERT INTO erased (circle, clinic, short_id, at_ms) SELECT circle, clinic, short_id, $2 FROM circle \
        WHERE circle = $1 ON CONFLICT (circle) DO NOTHING";
    ERASED_MEMBER_PUT = "INSERT INTO erased_member (circle, account) VALUES ($1, $2) \
        ON CONFLICT (circle, account) DO NOTHING";
    ERASED_MEMBER = "SELECT 1 FROM erased_member WHERE circle = $1 AND account = $2";
    ERASE_HEAD = "DELETE FROM head WHERE circle = $1";
    ERASE_PART = "DELETE FROM part WHERE circle = $1";
    ERASE_LOG = "DELETE FROM log WHERE circle = $1";
    ERASE_RULES_DUE = "DELETE FROM rules_due WHERE circle = $1";
    ERASE_READ = "DELETE FROM device_read WHERE circle = $1";
    ERASE_HEARD = "DELETE FROM device_heard WHERE circle = $1";
    ERASE_REACHED = "DELETE FROM device_reached WHERE circle = $1";
    ERASE_ALIAS = "DELETE FROM alias WHERE circle = $1";
    ERASE_RENUMBERED = "DELETE FROM renumbered WHERE circle = $1";
    ERASE_REFUSED = "DELETE FROM refused_creation WHERE circle = $1";
    ERASE_TOMBSTONE = "DELETE FROM tombstone WHERE circle = $1";
    ERASE_QUARANTINE = "DELETE FROM quarantine WHERE circle = $1";
    ERASE_REQUEST = "DELETE FROM request WHERE circle = $1";
    ERASE_ACCESS = "DELETE FROM access WHERE circle = $1";
    ERASE_INVITE = "DELETE FROM invite WHERE circle = $1";
    ERASE_CIRCLE = "DELETE FROM circle WHERE circle = $1";
    CLINIC_INSERT = "INSERT INTO clinic (clinic, short_id) VALUES ($1, $2)";
    CLINIC_BY_SHORT_ID = "SELECT clinic FROM clinic WHERE short_id = $1";
    CIRCLE_INSERT = "INSERT INTO circle (circle, clinic, short_id, wrapped_key) VALUES ($1, $2, $3, $4)";
    HEAD_INSERT = "INSERT INTO head (circle, head, access_generation, safe_upto, quarantined, marks, state) \
        VALUES ($1, 0, 0, 0, 0, 0, $2)";
    CIRCLE_BY_SHORT_ID = "SELECT circle FROM circle WHERE clinic = $1 AND short_id = $2";
    /// Of patients: the clinic's own is left out.
    CIRCLES_OF_CLINIC = "SELECT circle, short_id FROM circle WHERE clinic = $1 \
        AND circle NOT IN (SELECT clinic.circle FROM clinic WHERE clinic.circle IS NOT NULL) ORDER BY circle";
    CLINICS = "SELECT clinic, short_id FROM clinic ORDER BY clinic";
    CLINIC_LOCK = "UPDATE clinic SET short_id = short_id WHERE clinic = $1";
    CLINIC_CIRCLE = "SELECT circle.circle FROM clinic JOIN circle ON circle.circle = clinic.circle \
        WHERE clinic.clinic = $1";
    CLINIC_CIRCLE_PUT = "UPDATE clinic SET circle = $2 WHERE clinic = $1";
    PHONES_OF = concat!(phones!(), "patient.circle = $1 ORDER BY device.device");
    PHONES_AROUND = concat!(
        phones!(), "patient.circle IN (SELECT mine.circle FROM membership AS mine WHERE mine.account = $1) \
         ORDER BY patient.circle, device.device"
    );
    STAFF_OF = "SELECT DISTINCT account, role FROM membership WHERE role BETWEEN $2 AND $3 \
        AND circle IN (SELECT circle FROM circle WHERE clinic = $1) \
        AND circle NOT IN (SELECT clinic.circle FROM clinic WHERE clinic.circle IS NOT NULL) ORDER BY account, role";
    ACCOUNT_INSERT = "INSERT INTO account (account, clinic, kind) VALUES ($1, $2, $3)";
    ACCOUNT = "SELECT clinic, kind FROM account WHERE account = $1";
    /// Of patients: the clinic's own is left out.
    CIRCLES_OF = "SELECT circle, role FROM membership WHERE account = $1 \
        AND circle NOT IN (SELECT clinic.circle FROM clinic WHERE clinic.circle IS NOT NULL) ORDER BY circle";

    INVITE_PUT = "INSERT INTO invite (code_mac, circle, account, role, expires_ms, tries_left, qr_tries_left, used, \
        made_by, id, fingerprint, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT (code_mac) DO NOTHING";
    INVITE = concat!("SELECT ", invite_columns!(), " FROM invite WHERE code_mac = $1");
    INVITES_OF = concat!(
        "SELECT ", invite_columns!(), " FROM invite WHERE circle = $1 ORDER BY made_ms DESC, code_mac LIMIT $2"
    );
    INVITE_BY_ID = concat!("SELECT ", invite_columns!(), " FROM invite WHERE circle = $1 AND id = $2");
    INVITE_USE = "UPDATE invite SET used = true, done_ms = $2 WHERE code_mac = $1 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2 AND tries_left > 0 AND account = $3";
    INVITE_USE_QR = "UPDATE invite SET used = true, done_ms = $2 WHERE code_mac = $1 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2 AND qr_tries_left > 0 AND account = $3";
    INVITE_OPENED = "UPDATE invite SET opened_ms = $2 WHERE code_mac = $1 AND opened_ms = 0 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2";
    INVITE_MATCHED = "UPDATE invite SET matched_ms = $2 WHERE code_mac = $1 AND matched_ms = 0 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2 AND tries_left > 0";
    INVITE_MATCHED_QR = "UPDATE invite SET matched_ms = $2 WHERE code_mac = $1 AND matched_ms = 0 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2 AND qr_tries_left > 0";
    INVITE_REVOKE = "UPDATE invite SET revoked_ms = $4, revoked_by = $3 WHERE circle = $1 AND id = $2 \
        AND used = false AND revoked_ms = 0 AND expires_ms > $4";

    DEVICE_INSERT = "INSERT INTO device (device, account, clinic, public_key, name, created_ms, revoked) \
        VALUES ($1, $2, $3, $4, $5, $6, false)";
    DEVICE = concat!("SELECT ", device_columns!(), " FROM device WHERE device = $1");
    DEVICE_BY_KEY = concat!("SELECT ", device_columns!(), " FROM device WHERE public_key = $1");
    DEVICES_OF = concat!("SELECT ", device_columns!(), " FROM device WHERE account = $1 ORDER BY device");
    DEVICE_REVOKE = "UPDATE device SET revoked = true WHERE device = $1";
    DEVICE_LOCK = "UPDATE device SET revoked = revoked WHERE device = $1";
    REPLICA_INSERT = "INSERT INTO replica (replica, epoch, device, lane, chain_key, retired, request) \
        VALUES ($1, $2, $3, $4, $5, false, $6)";
    REPLICA = concat!("SELECT ", replica_columns!(), " FROM replica WHERE replica = $1 AND epoch = $2");
    REPLICAS_OF = concat!("SELECT ", replica_columns!(), " FROM replica WHERE device = $1 ORDER BY replica");
    REPLICAS_OF_REQUEST =
        concat!("SELECT ", replica_columns!(), " FROM replica WHERE device = $1 AND request = $2 ORDER BY replica");
    REPLICAS_RETIRE = "UPDATE replica SET retired = true WHERE device = $1 AND retired = false";

    SESSION_INSERT = concat!(
        "INSERT INTO session (", session_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    );
    SESSION_BY_ACCESS = concat!("SELECT ", session_columns!(), " FROM session WHERE access_hash = $1");
    SESSION_BY_REFRESH = concat!(
        "SELECT ", session_columns!(), " FROM session WHERE refresh_hash = $1 \
         OR (previous_refresh_hash IS NOT NULL AND previous_refresh_hash = $1)"
    );
    SESSION_ROTATE = "UPDATE session SET access_hash = $3, access_expires_ms = $4, refresh_hash = $5, \
        refresh_expires_ms = $6, nonce = $7, previous_refresh_hash = $8, rotated_by = $9, rotated_ms = $10, \
        rotated_answer = $11 WHERE family = $1 AND refresh_hash = $2 AND revoked = false";
    FAMILY_REVOKE = "UPDATE session SET revoked = true WHERE family = $1";
    SESSIONS_REVOKE = "UPDATE session SET revoked = true WHERE device = $1";
    SESSION_OPEN = "SELECT 1 FROM session WHERE family = $1 AND revoked = false";
    HEALTH_PUT = "INSERT INTO health (device, heard_ms, health, offset_ms) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (device) DO UPDATE SET heard_ms = excluded.heard_ms, health = excluded.health, \
        offset_ms = excluded.offset_ms";
    HEALTH = "SELECT device, heard_ms, health, offset_ms FROM health WHERE device = $1";
    FORKED_PUT = "INSERT INTO health (device, heard_ms, health, forked_ms) VALUES ($1, $2, $3, $2) \
        ON CONFLICT (device) DO UPDATE SET forked_ms = excluded.forked_ms";

    STANDING = "SELECT device, seen_ms, ending, ordered_ms, told_ms, done_ms, signature FROM device_state \
        WHERE device = $1";
    DEVICE_SEEN = "INSERT INTO device_state (device, seen_ms, ending, ordered_ms, told_ms, done_ms, signature) \
        VALUES ($1, $2, 0, 0, 0, 0, $3) ON CONFLICT (device) DO UPDATE SET seen_ms = excluded.seen_ms";
    DEVICE_ORDER = "INSERT INTO device_state (device, seen_ms, ending, ordered_ms, told_ms, done_ms, signature) \
        VALUES ($1, 0, $2, $3, 0, 0, $4) ON CONFLICT (device) DO UPDATE SET ending = excluded.ending, \
        ordered_ms = excluded.ordered_ms, told_ms = 0, signature = excluded.signature \
        WHERE device_state.ending < excluded.ending";
    DEVICE_RENAME = "UPDATE device SET name = $2 WHERE device = $1";
    DEVICE_REVOKED = "SELECT 1 FROM device WHERE device = $1 AND revoked = true";
    ORDER_TOLD = "UPDATE device_state SET told_ms = $2 WHERE device = $1 AND told_ms = 0 AND ending > 0";
    DEVICE_LEFT = "UPDATE device_state SET done_ms = $2 WHERE device = $1 AND done_ms = 0 AND ending = 1";
    FAMILIES_OF = "SELECT family FROM session WHERE device = $1 AND revoked = false \
        UNION ALL SELECT family FROM web_session WHERE device = $1 AND ended = false";
    SESSIONS_LEAVE = "UPDATE session SET leaving = true WHERE device = $1";
    ORDERED_SINCE = "SELECT session.family FROM device_state CROSS JOIN session WHERE device_state.ordered_ms > 0 \
        AND device_state.ordered_ms > $1 AND session.device = device_state.device \
        UNION ALL SELECT web_session.family FROM device_state CROSS JOIN web_session WHERE device_state.ordered_ms > 0 \
        AND device_state.ordered_ms > $1 AND web_session.device = device_state.device";
    CODE_PUT = "INSERT INTO sign_in_code (device, code_mac, expires_ms, tries_left) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (device) DO UPDATE SET code_mac = excluded.code_mac, expires_ms = excluded.expires_ms, \
        tries_left = excluded.tries_left";
    CODE_USE = "DELETE FROM sign_in_code WHERE device = $1 AND code_mac = $2 AND expires_ms > $3 AND tries_left > 0";
    CODE_MISSED = "UPDATE sign_in_code SET tries_left = tries_left - 1 WHERE device = $1 AND tries_left > 0";
    SWEEP_CODES = "DELETE FROM sign_in_code WHERE expires_ms < $1";
    SESSION_OF = concat!("SELECT ", session_columns!(), " FROM session WHERE family = $1");
    FAMILY_END = "UPDATE session SET revoked = true WHERE family = $1 AND revoked = false";
    NOTICE_INSERT = "INSERT INTO notice (account, no, at_ms, kind, device, by_account, acknowledged_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, 0)";
    NOTICES = "SELECT account, no, at_ms, kind, device, by_account, acknowledged_ms FROM notice \
        WHERE account = $1 AND no < $2 AND (acknowledged_ms = 0 OR $3 = true) ORDER BY no DESC LIMIT $4";
    NOTICES_ACKNOWLEDGE = "UPDATE notice SET acknowledged_ms = $3 WHERE account = $1 AND no <= $2 \
        AND acknowledged_ms = 0";
    NOTICES_OPEN = "SELECT COUNT(*) FROM notice WHERE account = $1 AND acknowledged_ms = 0";
    INVITE_ATTEMPT = "UPDATE invite SET tries_left = tries_left - 1 WHERE circle IN (SELECT circle.circle \
        FROM clinic CROSS JOIN circle WHERE circle.clinic = clinic.clinic AND circle.short_id = $1) \
        AND used = false AND revoked_ms = 0 AND expires_ms > $2 AND tries_left > 0 \
        AND NOT EXISTS (SELECT 1 FROM invite AS known WHERE known.code_mac = $3)";
    INVITE_FORGED = "UPDATE invite SET qr_tries_left = qr_tries_left - 1 WHERE code_mac = $1 AND used = false \
        AND revoked_ms = 0 AND expires_ms > $2 AND qr_tries_left > 0";
    TEAM_CHANGE_INSERT = "INSERT INTO team_change (job, clinic, account, device, request, fingerprint, made_ms, steps, \
        done, refused, finished, leased_until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, false, 0)";
    TEAM_CHANGE = concat!("SELECT ", team_change_columns!(), " FROM team_change WHERE job = $1");
    TEAM_CHANGE_OF =
        concat!("SELECT ", team_change_columns!(), " FROM team_change WHERE account = $1 AND request = $2");
    TEAM_CHANGES_WAITING = "SELECT COUNT(*) FROM team_change WHERE account = $1 AND finished = false";
    TEAM_CHANGE_DUE = "SELECT 1 FROM team_change WHERE finished = false AND leased_until_ms <= $1 LIMIT 1";
    TEAM_CHANGE_LEASE = concat!(
        "UPDATE team_change SET leased_until_ms = $2 WHERE job = (SELECT job FROM team_change \
         WHERE finished = false AND leased_until_ms <= $1 ORDER BY job LIMIT 1) AND leased_until_ms <= $1 \
         RETURNING ", team_change_columns!()
    );
    TEAM_CHANGE_MOVE = "UPDATE team_change SET done = $2, refused = $3, finished = $4, leased_until_ms = $5 \
        WHERE job = $1 AND done < $2 AND finished = false";
}

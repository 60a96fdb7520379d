//! Browsers, on both databases. Columns in the order in which the code reads them.

use super::statements;

macro_rules! passkey_columns {
    () => {
        "credential, account, device, created_ms, used_ms, content"
    };
}

statements! {
    WEB_SESSION_INSERT = "INSERT INTO web_session (token_hash, family, account, device, clinic, created_ms, seen_ms, \
        ended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    WEB_SESSION = "SELECT s.token_hash, s.family, s.account, s.device, s.clinic, s.created_ms, s.seen_ms, \
        (s.ended OR d.revoked OR EXISTS (SELECT 1 FROM device_state o WHERE o.device = s.device AND o.ending <> 0)) \
        FROM web_session s JOIN device d ON d.device = s.device WHERE s.token_hash = $1";
    WEB_SESSION_SEEN = "UPDATE web_session SET seen_ms = $2 WHERE token_hash = $1 AND seen_ms < $2";
    WEB_FAMILY_END = "UPDATE web_session SET ended = true WHERE family = $1";
    WEB_SESSION_OPEN = "SELECT 1 FROM web_session s JOIN device d ON d.device = s.device \
        WHERE s.family = $1 AND s.ended = false AND d.revoked = false \
        AND NOT EXISTS (SELECT 1 FROM device_state o WHERE o.device = s.device AND o.ending <> 0)";
    WEB_SESSIONS_END = "UPDATE web_session SET ended = true WHERE device = $1";

    PASSKEY_INSERT = concat!("INSERT INTO passkey (", passkey_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (credential) DO NOTHING");
    PASSKEY = concat!("SELECT ", passkey_columns!(), " FROM passkey WHERE credential = $1");
    PASSKEYS_OF = concat!("SELECT ", passkey_columns!(), " FROM passkey WHERE account = $1 ORDER BY device");
    PASSKEY_USED = "UPDATE passkey SET content = $3, used_ms = $4 WHERE credential = $1 AND content = $2";

    HOSPITAL_INSERT = "INSERT INTO hospital_account (subject, account, device, created_ms) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (subject) DO NOTHING";
    HOSPITAL = "SELECT subject, account, device, created_ms FROM hospital_account WHERE subject = $1";

    CHALLENGE_INSERT = "INSERT INTO web_challenge (id, expires_ms, sealed) VALUES ($1, $2, $3)";
    CHALLENGE_TAKE = "DELETE FROM web_challenge WHERE id = $1 RETURNING expires_ms, sealed";

    SWEEP_WEB_SESSIONS = "DELETE FROM web_session WHERE created_ms < $1";
    SWEEP_CHALLENGES = "DELETE FROM web_challenge WHERE expires_ms < $1";
}

//! Statements about attachments. Both databases run them unchanged.

use super::statements;

macro_rules! upload_columns {
    () => {
        "clinic, account, record, name, size, kind, begun_ms, received, upload"
    };
}

macro_rules! attachment_columns {
    () => {
        "attachment.name, chunks, size, kind, loose_ms"
    };
}

statements! {
    UPLOAD_INSERT = "INSERT INTO attachment_upload (circle, upload, clinic, account, record, name, size, kind, begun_ms, \
        received) SELECT circle, $2, clinic, $3, $4, $5, $6, $7, $8, 0 FROM circle WHERE circle = $1 \
        ON CONFLICT (circle, account, record, name) DO NOTHING";
    UPLOAD = concat!("SELECT ", upload_columns!(), " FROM attachment_upload WHERE circle = $1 AND upload = $2");
    UPLOAD_OF = concat!(
        "SELECT ", upload_columns!(), " FROM attachment_upload WHERE circle = $1 AND account = $2 AND record = $3 AND name = $4"
    );
    UPLOADS_OPEN = concat!(
        "SELECT ", upload_columns!(), " FROM attachment_upload WHERE circle = $1 AND account = $2"
    );
    UPLOAD_GROW = "UPDATE attachment_upload SET received = received + $4 \
        WHERE circle = $1 AND upload = $2 AND received = $3 AND received + $4 <= size";
    UPLOAD_TAKE = concat!(
        "DELETE FROM attachment_upload WHERE circle = $1 AND upload = $2 RETURNING ", upload_columns!()
    );
    UPLOADS_BEFORE = "SELECT circle, upload FROM attachment_upload WHERE begun_ms < $1 ORDER BY begun_ms LIMIT $2";
    CHUNK_INSERT = "INSERT INTO attachment_chunk (circle, chunks, at, sealed) VALUES ($1, $2, $3, $4)";
    CHUNKS = "SELECT at, sealed FROM attachment_chunk WHERE circle = $1 AND chunks = $2 AND at < $4 \
        AND at >= COALESCE((SELECT MAX(at) FROM attachment_chunk WHERE circle = $1 AND chunks = $2 AND at <= $3), 0) \
        ORDER BY circle, chunks, at";
    CHUNKS_DELETE = "DELETE FROM attachment_chunk WHERE circle = $1 AND chunks = $2";
    ATTACHMENT_INSERT = "INSERT INTO attachment (circle, name, chunks, size, kind, look_ms, loose_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (circle, name) DO NOTHING";
    ATTACHMENT_TOUCH = "UPDATE attachment SET loose_ms = NULL WHERE circle = $1 AND name = $2";
    BOUND_PUT = "INSERT INTO attachment_bound (circle, record, name, account) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (circle, record, name) DO NOTHING";
    BOUND_BY = "SELECT 1 FROM attachment_bound JOIN attachment \
        ON attachment.circle = attachment_bound.circle AND attachment.name = attachment_bound.name \
        WHERE attachment_bound.circle = $1 AND attachment_bound.name = $2 AND account = $3 \
        AND (loose_ms IS NULL OR loose_ms > 0) LIMIT 1";
    BOUND_TO = concat!(
        "SELECT ", attachment_columns!(), " FROM attachment_bound JOIN attachment \
         ON attachment.circle = attachment_bound.circle AND attachment.name = attachment_bound.name \
         WHERE attachment_bound.circle = $1 AND record = $2 AND attachment_bound.name = $3"
    );
    BOUND_DELETE = "DELETE FROM attachment_bound WHERE circle = $1 AND name = $2";
    REBIND = "INSERT INTO attachment_bound (circle, record, name, account) \
        SELECT circle, $3, name, account FROM attachment_bound WHERE circle = $1 AND record = $2 \
        ON CONFLICT (circle, record, name) DO NOTHING";
    ATTACHMENTS_DUE = "SELECT circle FROM attachment WHERE look_ms <= $1 ORDER BY look_ms LIMIT $2";
    ATTACHMENTS_LOOK = "UPDATE attachment SET look_ms = $3 WHERE circle = $1 AND look_ms <= $2";
    ATTACHMENTS_OF = concat!("SELECT ", attachment_columns!(), " FROM attachment WHERE circle = $1 ORDER BY circle, name");
    ATTACHMENT_LOOSE = "UPDATE attachment SET loose_ms = $3 WHERE circle = $1 AND name = $2";
    ATTACHMENT_DOOM = "UPDATE attachment SET loose_ms = 0, look_ms = 0 WHERE circle = $1 AND name IN \
        (SELECT name FROM attachment_bound WHERE circle = $1 AND record = $2)";
    ATTACHMENT_TAKE = "DELETE FROM attachment WHERE circle = $1 AND name = $2 AND loose_ms <= $3 RETURNING chunks, size";
    ROOM_TAKE = "INSERT INTO attachment_room (clinic, bytes) VALUES ($1, $2) ON CONFLICT (clinic) DO UPDATE \
        SET bytes = attachment_room.bytes + excluded.bytes WHERE attachment_room.bytes + excluded.bytes <= $3";
    ROOM_GIVE = "UPDATE attachment_room SET bytes = bytes - $2 WHERE clinic = $1";
    ROOM = "SELECT bytes FROM attachment_room WHERE clinic = $1";
    ERASE_ROOM = "UPDATE attachment_room SET bytes = bytes \
        - CAST((SELECT COALESCE(SUM(size), 0) FROM attachment WHERE circle = $1) AS bigint) \
        - CAST((SELECT COALESCE(SUM(size), 0) FROM attachment_upload WHERE circle = $1) AS bigint) \
        WHERE clinic IN (SELECT clinic FROM circle WHERE circle = $1)";
    ERASE_ATTACHMENT = "DELETE FROM attachment WHERE circle = $1";
    ERASE_BOUND = "DELETE FROM attachment_bound WHERE circle = $1";
    ERASE_UPLOAD = "DELETE FROM attachment_upload WHERE circle = $1";
    ERASE_CHUNK = "DELETE FROM attachment_chunk WHERE circle = $1";
}

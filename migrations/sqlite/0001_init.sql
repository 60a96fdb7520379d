-- The server itself: one row. Secrets are wrapped by the key-encryption key.
CREATE TABLE server (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    server_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    secrets BLOB NOT NULL
) STRICT;

-- The last number given, by kind.
CREATE TABLE number (
    kind TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO number (kind, last) VALUES ('clinic', 0), ('circle', 0), ('account', 0), ('device', 0), ('replica', 0), ('word', 0);

CREATE TABLE clinic (
    clinic INTEGER NOT NULL PRIMARY KEY,
    short_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX clinic_short_id ON clinic (short_id);

-- What never changes of a circle. The keys are wrapped by the key-encryption key.
CREATE TABLE circle (
    circle INTEGER NOT NULL PRIMARY KEY,
    clinic INTEGER NOT NULL,
    short_id TEXT NOT NULL,
    wrapped_key BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX circle_short_id ON circle (clinic, short_id);

-- What every commit moves; state holds chains and digests.
CREATE TABLE head (
    circle INTEGER NOT NULL PRIMARY KEY,
    head INTEGER NOT NULL,
    access_generation INTEGER NOT NULL,
    safe_upto INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    marks INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

CREATE TABLE access (
    circle INTEGER NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE membership (
    circle INTEGER NOT NULL,
    account INTEGER NOT NULL,
    role INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX membership_key ON membership (circle, account);
CREATE INDEX membership_account ON membership (account, circle);

-- Merged state, sealed. A row is found by record, by sequence (pull), by arrival within a class (backfill), and by
-- type and time (lists).
CREATE TABLE part (
    circle INTEGER NOT NULL,
    record BLOB NOT NULL,
    label INTEGER NOT NULL,
    class INTEGER NOT NULL,
    type_number INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    parent BLOB,
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX part_key ON part (circle, record, label);
CREATE INDEX part_seq ON part (circle, seq);
CREATE INDEX part_first_seq ON part (circle, class, first_seq, seq);
CREATE INDEX part_time ON part (circle, type_number, time_ms);
CREATE INDEX part_parent ON part (circle, parent) WHERE parent IS NOT NULL;

-- What became of each change; seq is 0 for all but accepted ones.
CREATE TABLE log (
    circle INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_key ON log (circle, epoch, replica, counter);
CREATE INDEX log_seq ON log (circle, seq) WHERE seq > 0;

CREATE TABLE alias (
    circle INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    of_epoch INTEGER NOT NULL,
    of_replica INTEGER NOT NULL,
    of_counter INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alias_key ON alias (circle, epoch, replica, counter);

-- Where a change was processed that was numbered again: under its earlier number and the MAC that it had there.
CREATE TABLE renumbered (
    circle INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    mac BLOB NOT NULL,
    of_epoch INTEGER NOT NULL,
    of_replica INTEGER NOT NULL,
    of_counter INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX renumbered_key ON renumbered (circle, epoch, replica, counter, mac);

-- Records whose creation was refused: what builds on them is refused too.
CREATE TABLE refused_creation (
    circle INTEGER NOT NULL,
    record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX refused_creation_key ON refused_creation (circle, record);

-- place tells rows of one sequence apart, in the order in which they were written.
CREATE TABLE tombstone (
    circle INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    place INTEGER NOT NULL,
    record BLOB NOT NULL,
    epoch INTEGER,
    replica INTEGER,
    counter INTEGER
) STRICT;
CREATE UNIQUE INDEX tombstone_key ON tombstone (circle, seq, place);
CREATE INDEX tombstone_record ON tombstone (circle, record);

CREATE TABLE quarantine (
    circle INTEGER NOT NULL,
    id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_key ON quarantine (circle, id);

-- Kept answers of online writes.
CREATE TABLE request (
    circle INTEGER NOT NULL,
    account INTEGER NOT NULL,
    request_id BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX request_key ON request (circle, account, request_id);
CREATE INDEX request_at ON request (at_ms);

-- Words of the audit: an action or an outcome is a number there.
CREATE TABLE word (
    number INTEGER NOT NULL PRIMARY KEY,
    word TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX word_word ON word (word);

-- Appended, never changed. no is the rowid, which every index entry carries.
CREATE TABLE audit (
    no INTEGER NOT NULL PRIMARY KEY,
    circle INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    action INTEGER NOT NULL,
    record BLOB,
    categories INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    touched INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    request INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_circle ON audit (circle);

CREATE TABLE account (
    account INTEGER NOT NULL PRIMARY KEY,
    clinic INTEGER NOT NULL,
    kind INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
    device INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    clinic INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    -- Sealed: people name a phone after themselves.
    name BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    revoked INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_public_key ON device (public_key);
CREATE INDEX device_account ON device (account);

-- request: the id under which the numbers were given; the same id gets the same numbers.
CREATE TABLE replica (
    replica INTEGER NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    device INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    chain_key BLOB NOT NULL,
    retired INTEGER NOT NULL,
    request BLOB
) STRICT;
CREATE INDEX replica_device ON replica (device);

CREATE TABLE invite (
    code_mac BLOB NOT NULL PRIMARY KEY,
    circle INTEGER NOT NULL,
    account INTEGER NOT NULL,
    role INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    tries_left INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;
CREATE INDEX invite_circle ON invite (circle);

-- One row a family: rotation replaces the pair.
CREATE TABLE session (
    family INTEGER NOT NULL PRIMARY KEY,
    access_hash BLOB NOT NULL,
    access_expires_ms INTEGER NOT NULL,
    refresh_hash BLOB NOT NULL,
    refresh_expires_ms INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    clinic INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    previous_refresh_hash BLOB,
    rotated_by BLOB,
    rotated_ms INTEGER NOT NULL,
    rotated_answer BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_access ON session (access_hash);
CREATE UNIQUE INDEX session_refresh ON session (refresh_hash);
CREATE INDEX session_previous ON session (previous_refresh_hash) WHERE previous_refresh_hash IS NOT NULL;
CREATE INDEX session_device ON session (device);
CREATE INDEX session_expires ON session (refresh_expires_ms);

CREATE TABLE health (
    device INTEGER NOT NULL PRIMARY KEY,
    heard_ms INTEGER NOT NULL,
    health BLOB NOT NULL
) STRICT;

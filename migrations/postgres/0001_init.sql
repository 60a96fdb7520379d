-- The server itself: one row. Secrets are wrapped by the key-encryption key.
CREATE TABLE server (
    only_row smallint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    server_id bytea NOT NULL,
    epoch integer NOT NULL,
    secrets bytea NOT NULL
);

-- The last number given, by kind.
CREATE TABLE number (
    kind text NOT NULL PRIMARY KEY,
    last bigint NOT NULL
);
INSERT INTO number (kind, last) VALUES ('clinic', 0), ('circle', 0), ('account', 0), ('device', 0), ('replica', 0), ('word', 0);

CREATE TABLE clinic (
    clinic bigint NOT NULL PRIMARY KEY,
    short_id text NOT NULL
);
CREATE UNIQUE INDEX clinic_short_id ON clinic (short_id);

-- What never changes of a circle. The keys are wrapped by the key-encryption key.
CREATE TABLE circle (
    circle bigint NOT NULL PRIMARY KEY,
    clinic bigint NOT NULL,
    short_id text NOT NULL,
    wrapped_key bytea NOT NULL
);
CREATE UNIQUE INDEX circle_short_id ON circle (clinic, short_id);

-- What every commit moves; state holds chains and digests.
CREATE TABLE head (
    circle bigint NOT NULL PRIMARY KEY,
    head bigint NOT NULL,
    access_generation bigint NOT NULL,
    safe_upto bigint NOT NULL,
    quarantined bigint NOT NULL,
    marks smallint NOT NULL,
    state bytea NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE access (
    circle bigint NOT NULL PRIMARY KEY,
    generation bigint NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE membership (
    circle bigint NOT NULL,
    account bigint NOT NULL,
    role smallint NOT NULL,
    PRIMARY KEY (circle, account)
);
CREATE INDEX membership_account ON membership (account, circle);

-- Merged state, sealed. A row is found by record, by sequence (pull), by arrival within a class (backfill), and by
-- type and time (lists).
CREATE TABLE part (
    circle bigint NOT NULL,
    record uuid NOT NULL,
    label bigint NOT NULL,
    class smallint NOT NULL,
    type_number integer NOT NULL,
    seq bigint NOT NULL,
    first_seq bigint NOT NULL,
    time_ms bigint NOT NULL,
    parent uuid,
    sealed bytea NOT NULL,
    PRIMARY KEY (circle, record, label)
);
CREATE INDEX part_seq ON part (circle, seq);
CREATE INDEX part_first_seq ON part (circle, class, first_seq, seq);
CREATE INDEX part_time ON part (circle, type_number, time_ms);
CREATE INDEX part_parent ON part (circle, parent) WHERE parent IS NOT NULL;

-- What became of each change; seq is 0 for all but accepted ones.
CREATE TABLE log (
    circle bigint NOT NULL,
    epoch integer NOT NULL,
    replica integer NOT NULL,
    counter bigint NOT NULL,
    seq bigint NOT NULL,
    mac bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (circle, epoch, replica, counter)
);
CREATE INDEX log_seq ON log (circle, seq) WHERE seq > 0;

CREATE TABLE alias (
    circle bigint NOT NULL,
    epoch integer NOT NULL,
    replica integer NOT NULL,
    counter bigint NOT NULL,
    of_epoch integer NOT NULL,
    of_replica integer NOT NULL,
    of_counter bigint NOT NULL,
    PRIMARY KEY (circle, epoch, replica, counter)
);

-- Where a change was processed that was numbered again: under its earlier number and the MAC that it had there.
CREATE TABLE renumbered (
    circle bigint NOT NULL,
    epoch integer NOT NULL,
    replica integer NOT NULL,
    counter bigint NOT NULL,
    mac bytea NOT NULL,
    of_epoch integer NOT NULL,
    of_replica integer NOT NULL,
    of_counter bigint NOT NULL,
    PRIMARY KEY (circle, epoch, replica, counter, mac)
);

-- Records whose creation was refused: what builds on them is refused too.
CREATE TABLE refused_creation (
    circle bigint NOT NULL,
    record uuid NOT NULL,
    PRIMARY KEY (circle, record)
);

-- place tells rows of one sequence apart, in the order in which they were written.
CREATE TABLE tombstone (
    circle bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    record uuid NOT NULL,
    epoch integer,
    replica integer,
    counter bigint,
    PRIMARY KEY (circle, seq, place)
);
CREATE INDEX tombstone_record ON tombstone (circle, record);

CREATE TABLE quarantine (
    circle bigint NOT NULL,
    id bigint NOT NULL,
    epoch integer NOT NULL,
    replica integer NOT NULL,
    counter bigint NOT NULL,
    received_ms bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (circle, id)
);

-- Kept answers of online writes.
CREATE TABLE request (
    circle bigint NOT NULL,
    account bigint NOT NULL,
    request_id uuid NOT NULL,
    at_ms bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (circle, account, request_id)
);
CREATE INDEX request_at ON request (at_ms);

-- Words of the audit: an action or an outcome is a number there.
CREATE TABLE word (
    number integer NOT NULL PRIMARY KEY,
    word text NOT NULL
);
CREATE UNIQUE INDEX word_word ON word (word);

-- Appended, never changed.
CREATE TABLE audit (
    no bigint GENERATED ALWAYS AS IDENTITY,
    circle bigint NOT NULL,
    at_ms bigint NOT NULL,
    account bigint NOT NULL,
    device bigint NOT NULL,
    action integer NOT NULL,
    record uuid,
    categories integer NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NOT NULL,
    touched integer NOT NULL,
    outcome integer NOT NULL,
    request bigint NOT NULL,
    PRIMARY KEY (circle, no)
);

CREATE TABLE account (
    account bigint NOT NULL PRIMARY KEY,
    clinic bigint NOT NULL,
    kind smallint NOT NULL
);

CREATE TABLE device (
    device bigint NOT NULL PRIMARY KEY,
    account bigint NOT NULL,
    clinic bigint NOT NULL,
    public_key bytea NOT NULL,
    -- Sealed: people name a phone after themselves.
    name bytea NOT NULL,
    created_ms bigint NOT NULL,
    revoked boolean NOT NULL
);
CREATE UNIQUE INDEX device_public_key ON device (public_key);
CREATE INDEX device_account ON device (account);

-- request: the id under which the numbers were given; the same id gets the same numbers.
CREATE TABLE replica (
    replica integer NOT NULL PRIMARY KEY,
    epoch integer NOT NULL,
    device bigint NOT NULL,
    lane smallint NOT NULL,
    chain_key bytea NOT NULL,
    retired boolean NOT NULL,
    request bytea
);
CREATE INDEX replica_device ON replica (device);

CREATE TABLE invite (
    code_mac bytea NOT NULL PRIMARY KEY,
    circle bigint NOT NULL,
    account bigint NOT NULL,
    role smallint NOT NULL,
    expires_ms bigint NOT NULL,
    tries_left smallint NOT NULL,
    used boolean NOT NULL
);
CREATE INDEX invite_circle ON invite (circle);

-- One row a family: rotation replaces the pair.
CREATE TABLE session (
    family bigint NOT NULL PRIMARY KEY,
    access_hash bytea NOT NULL,
    access_expires_ms bigint NOT NULL,
    refresh_hash bytea NOT NULL,
    refresh_expires_ms bigint NOT NULL,
    nonce bytea NOT NULL,
    account bigint NOT NULL,
    device bigint NOT NULL,
    clinic bigint NOT NULL,
    revoked boolean NOT NULL,
    previous_refresh_hash bytea,
    rotated_by bytea,
    rotated_ms bigint NOT NULL,
    rotated_answer bytea NOT NULL
);
CREATE UNIQUE INDEX session_access ON session (access_hash);
CREATE UNIQUE INDEX session_refresh ON session (refresh_hash);
CREATE INDEX session_previous ON session (previous_refresh_hash) WHERE previous_refresh_hash IS NOT NULL;
CREATE INDEX session_device ON session (device);
CREATE INDEX session_expires ON session (refresh_expires_ms);

CREATE TABLE health (
    device bigint NOT NULL PRIMARY KEY,
    heard_ms bigint NOT NULL,
    health bytea NOT NULL
);

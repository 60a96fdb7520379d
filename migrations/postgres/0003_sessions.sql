-- How a device stands beside its enrolment: when it last proved its key, and the order to leave or to be wiped.
-- told_ms: when the order was first handed to it; done_ms: when it had left. signature: the clinic's, under a WIPE.
CREATE TABLE device_state (
    device bigint NOT NULL PRIMARY KEY,
    seen_ms bigint NOT NULL,
    ending smallint NOT NULL,
    ordered_ms bigint NOT NULL,
    told_ms bigint NOT NULL,
    done_ms bigint NOT NULL,
    signature bytea NOT NULL
);
CREATE INDEX device_state_ordered ON device_state (ordered_ms) WHERE ordered_ms > 0;

-- A session of a device that was told to leave.
ALTER TABLE session ADD COLUMN leaving boolean NOT NULL DEFAULT false;

-- One code a device; the MAC is bound to the device.
CREATE TABLE sign_in_code (
    device bigint NOT NULL PRIMARY KEY,
    code_mac bytea NOT NULL,
    expires_ms bigint NOT NULL,
    tries_left smallint NOT NULL
);
CREATE INDEX sign_in_code_expires ON sign_in_code (expires_ms);

-- What an account is told. No names, no values.
CREATE TABLE notice (
    account bigint NOT NULL,
    no bigint NOT NULL,
    at_ms bigint NOT NULL,
    kind smallint NOT NULL,
    device bigint NOT NULL,
    by_account bigint NOT NULL,
    acknowledged_ms bigint NOT NULL,
    PRIMARY KEY (account, no)
);
CREATE INDEX notice_open ON notice (account, no) WHERE acknowledged_ms = 0;
INSERT INTO number (kind, last) VALUES ('notice', 0);

-- How a device stands beside its enrolment: when it last proved its key, and the order to leave or to be wiped.
-- told_ms: when the order was first handed to it; done_ms: when it had left. signature: the clinic's, under a WIPE.
CREATE TABLE device_state (
    device INTEGER NOT NULL PRIMARY KEY,
    seen_ms INTEGER NOT NULL,
    ending INTEGER NOT NULL,
    ordered_ms INTEGER NOT NULL,
    told_ms INTEGER NOT NULL,
    done_ms INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX device_state_ordered ON device_state (ordered_ms) WHERE ordered_ms > 0;

-- A session of a device that was told to leave.
ALTER TABLE session ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;

-- One code a device; the MAC is bound to the device.
CREATE TABLE sign_in_code (
    device INTEGER NOT NULL PRIMARY KEY,
    code_mac BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    tries_left INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_code_expires ON sign_in_code (expires_ms);

-- What an account is told. No names, no values.
CREATE TABLE notice (
    account INTEGER NOT NULL,
    no INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    device INTEGER NOT NULL,
    by_account INTEGER NOT NULL,
    acknowledged_ms INTEGER NOT NULL,
    PRIMARY KEY (account, no)
) STRICT;
CREATE INDEX notice_open ON notice (account, no) WHERE acknowledged_ms = 0;
INSERT INTO number (kind, last) VALUES ('notice', 0);

-- Browsers. A browser that was enrolled is a device without lanes: it is listed and revoked like one, and its sessions,
-- passkeys and hospital accounts name it.
CREATE TABLE web_session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    family INTEGER NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    clinic INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    ended INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX web_session_family ON web_session (family);
CREATE INDEX web_session_device ON web_session (device);
CREATE INDEX web_session_created ON web_session (created_ms);

-- content: the public key, its counter and its flags.
CREATE TABLE passkey (
    credential BLOB NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX passkey_account ON passkey (account);

-- subject: keyed MAC of issuer and subject. The provider's name for a person is not kept.
CREATE TABLE hospital_account (
    subject BLOB NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

-- What a browser was asked and has to answer: once, before expires_ms. id is a hash.
CREATE TABLE web_challenge (
    id BLOB NOT NULL PRIMARY KEY,
    expires_ms INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX web_challenge_expires ON web_challenge (expires_ms);

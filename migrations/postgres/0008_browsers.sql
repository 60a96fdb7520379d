-- Browsers. A browser that was enrolled is a device without lanes: it is listed and revoked like one, and its sessions,
-- passkeys and hospital accounts name it.
CREATE TABLE web_session (
    token_hash bytea NOT NULL PRIMARY KEY,
    family bigint NOT NULL,
    account bigint NOT NULL,
    device bigint NOT NULL,
    clinic bigint NOT NULL,
    created_ms bigint NOT NULL,
    seen_ms bigint NOT NULL,
    ended boolean NOT NULL
);
CREATE UNIQUE INDEX web_session_family ON web_session (family);
CREATE INDEX web_session_device ON web_session (device);
CREATE INDEX web_session_created ON web_session (created_ms);

-- content: the public key, its counter and its flags.
CREATE TABLE passkey (
    credential bytea NOT NULL PRIMARY KEY,
    account bigint NOT NULL,
    device bigint NOT NULL,
    created_ms bigint NOT NULL,
    used_ms bigint NOT NULL,
    content bytea NOT NULL
);
CREATE INDEX passkey_account ON passkey (account);

-- subject: keyed MAC of issuer and subject. The provider's name for a person is not kept.
CREATE TABLE hospital_account (
    subject bytea NOT NULL PRIMARY KEY,
    account bigint NOT NULL,
    device bigint NOT NULL,
    created_ms bigint NOT NULL
);

-- What a browser was asked and has to answer: once, before expires_ms. id is a hash.
CREATE TABLE web_challenge (
    id bytea NOT NULL PRIMARY KEY,
    expires_ms bigint NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX web_challenge_expires ON web_challenge (expires_ms);

-- Attachments: bytes that fields name. name: a keyed hash of their SHA-256, made with the circle's key.
CREATE TABLE attachment (
    circle bigint NOT NULL,
    name bytea NOT NULL,
    chunks bytea NOT NULL,
    size bigint NOT NULL,
    kind bigint NOT NULL,
    look_ms bigint NOT NULL,
    loose_ms bigint,
    PRIMARY KEY (circle, name)
);
CREATE INDEX attachment_look ON attachment (look_ms);
-- Who has shown, for which record, that they have the bytes.
CREATE TABLE attachment_bound (
    circle bigint NOT NULL,
    record bytea NOT NULL,
    name bytea NOT NULL,
    account bigint NOT NULL,
    PRIMARY KEY (circle, record, name)
);
CREATE INDEX attachment_bound_name ON attachment_bound (circle, name, account);
-- Uploads that are not complete.
CREATE TABLE attachment_upload (
    circle bigint NOT NULL,
    upload bytea NOT NULL,
    clinic bigint NOT NULL,
    account bigint NOT NULL,
    record bytea NOT NULL,
    name bytea NOT NULL,
    size bigint NOT NULL,
    kind bigint NOT NULL,
    begun_ms bigint NOT NULL,
    received bigint NOT NULL,
    PRIMARY KEY (circle, upload)
);
CREATE UNIQUE INDEX attachment_upload_of ON attachment_upload (circle, account, record, name);
CREATE INDEX attachment_upload_begun ON attachment_upload (begun_ms);
-- Sealed bytes, by the upload that they came with and where they begin in the whole.
CREATE TABLE attachment_chunk (
    circle bigint NOT NULL,
    chunks bytea NOT NULL,
    at bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (circle, chunks, at)
);
-- What the attachments and uploads of a clinic take.
CREATE TABLE attachment_room (
    clinic bigint NOT NULL PRIMARY KEY,
    bytes bigint NOT NULL
);

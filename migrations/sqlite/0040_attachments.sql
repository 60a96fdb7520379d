-- Attachments: bytes that fields name. name: a keyed hash of their SHA-256, made with the circle's key.
CREATE TABLE attachment (
    circle INTEGER NOT NULL,
    name BLOB NOT NULL,
    chunks BLOB NOT NULL,
    size INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    look_ms INTEGER NOT NULL,
    loose_ms INTEGER,
    PRIMARY KEY (circle, name)
) STRICT;
CREATE INDEX attachment_look ON attachment (look_ms);
-- Who has shown, for which record, that they have the bytes.
CREATE TABLE attachment_bound (
    circle INTEGER NOT NULL,
    record BLOB NOT NULL,
    name BLOB NOT NULL,
    account INTEGER NOT NULL,
    PRIMARY KEY (circle, record, name)
) STRICT;
CREATE INDEX attachment_bound_name ON attachment_bound (circle, name, account);
-- Uploads that are not complete.
CREATE TABLE attachment_upload (
    circle INTEGER NOT NULL,
    upload BLOB NOT NULL,
    clinic INTEGER NOT NULL,
    account INTEGER NOT NULL,
    record BLOB NOT NULL,
    name BLOB NOT NULL,
    size INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    begun_ms INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (circle, upload)
) STRICT;
CREATE UNIQUE INDEX attachment_upload_of ON attachment_upload (circle, account, record, name);
CREATE INDEX attachment_upload_begun ON attachment_upload (begun_ms);
-- Sealed bytes, by the upload that they came with and where they begin in the whole.
CREATE TABLE attachment_chunk (
    circle INTEGER NOT NULL,
    chunks BLOB NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (circle, chunks, at)
) STRICT;
-- What the attachments and uploads of a clinic take.
CREATE TABLE attachment_room (
    clinic INTEGER NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT;

-- What became of an invite: rows stay for a day after it ran out, so that whoever invited sees how it ended.
ALTER TABLE invite ADD COLUMN id BLOB;
-- Of the request that made it: the same one gets the same code again.
ALTER TABLE invite ADD COLUMN fingerprint BLOB;
ALTER TABLE invite ADD COLUMN made_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN opened_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN matched_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN done_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN revoked_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN revoked_by INTEGER NOT NULL DEFAULT 0;

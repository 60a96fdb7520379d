-- What became of an invite: rows stay for a day after it ran out, so that whoever invited sees how it ended.
ALTER TABLE invite ADD COLUMN id bytea;
-- Of the request that made it: the same one gets the same code again.
ALTER TABLE invite ADD COLUMN fingerprint bytea;
ALTER TABLE invite ADD COLUMN made_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN opened_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN matched_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN done_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN revoked_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN revoked_by bigint NOT NULL DEFAULT 0;

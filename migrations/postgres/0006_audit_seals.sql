-- Seals of the audit (docs/audit.md). chain is a circle's number, or 2^62 + a clinic's number. A seal covers the rows of
-- its chain after the one before it up to to_no; hash holds the hash of the one before.
CREATE TABLE audit_seal (
    chain bigint NOT NULL,
    no bigint NOT NULL,
    head bigint NOT NULL,
    at_ms bigint NOT NULL,
    from_no bigint NOT NULL,
    to_no bigint NOT NULL,
    sealed_rows bigint NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (chain, no)
);
CREATE UNIQUE INDEX audit_seal_head ON audit_seal (head, chain);

-- One head a pass of the sealer, over all seals of that pass and the head before it. Rows up to upto are sealed.
CREATE TABLE audit_head (
    no bigint NOT NULL PRIMARY KEY,
    at_ms bigint NOT NULL,
    upto bigint NOT NULL,
    seals bigint NOT NULL,
    total_rows bigint NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL
);

-- The sealer reads what is new of all chains at once.
CREATE INDEX audit_no ON audit (no);

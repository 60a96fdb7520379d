-- Seals of the audit (docs/audit.md). chain is a circle's number, or 2^62 + a clinic's number. A seal covers the rows of
-- its chain after the one before it up to to_no; hash holds the hash of the one before.
CREATE TABLE audit_seal (
    chain INTEGER NOT NULL,
    no INTEGER NOT NULL,
    head INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    from_no INTEGER NOT NULL,
    to_no INTEGER NOT NULL,
    sealed_rows INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_seal_key ON audit_seal (chain, no);
CREATE UNIQUE INDEX audit_seal_head ON audit_seal (head, chain);

-- One head a pass of the sealer, over all seals of that pass and the head before it. Rows up to upto are sealed.
CREATE TABLE audit_head (
    no INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    seals INTEGER NOT NULL,
    total_rows INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- Narrower rows and index entries (docs/decisions/0054): a third less on the disk for each entry.
--
-- The tables part, log and audit are written anew, in one transaction and with their rows: as long as that takes, nobody writes
-- to them. Earlier programs do not read what this leaves. That is allowed once, before the first release.
--
-- Numbers of circles, accounts and devices, a circle's sequences and a replica's counters have 32 bits from here on; limits.rs
-- has the bounds (NUMBERS_PER_KIND, SEQUENCES_PER_CIRCLE, CHANGES_PER_REPLICA), and beyond them the server refuses.
-- Columns lie from the widest to the narrowest, so that nothing is filled up in between.
-- No parent is an empty one: a row of so many columns with a NULL in it begins with 32 bytes instead of 24.
CREATE TABLE part_narrow (
    label bigint NOT NULL,
    time_ms bigint NOT NULL,
    circle integer NOT NULL,
    seq integer NOT NULL,
    first_seq integer NOT NULL,
    type_number integer NOT NULL,
    class smallint NOT NULL,
    record uuid NOT NULL,
    parent bytea,
    sealed bytea NOT NULL
);
INSERT INTO part_narrow (label, time_ms, circle, seq, first_seq, type_number, class, record, parent, sealed)
    SELECT label, time_ms, circle, seq, first_seq, type_number, class, record, COALESCE(uuid_send(parent), ''), sealed
    FROM part ORDER BY circle, seq;
DROP TABLE part;
ALTER TABLE part_narrow RENAME TO part;
ALTER TABLE part ADD CONSTRAINT part_pkey PRIMARY KEY (circle, record, label);
-- Buckets: equal entries of an index share their key and take six bytes each. statements/ranges_postgres.rs asks by them.
CREATE INDEX part_seq ON part (circle, (seq >> 6));
CREATE INDEX part_first_seq ON part (circle, class, (first_seq >> 6));
CREATE INDEX part_time ON part (circle, type_number, (time_ms >> 28));
CREATE INDEX part_parent ON part (circle, parent) WHERE parent <> '';

CREATE TABLE log_narrow (
    circle integer NOT NULL,
    epoch integer NOT NULL,
    replica integer NOT NULL,
    counter integer NOT NULL,
    seq integer NOT NULL,
    sealed bytea NOT NULL,
    mac bytea NOT NULL
);
INSERT INTO log_narrow (circle, epoch, replica, counter, seq, sealed, mac)
    SELECT circle, epoch, replica, counter, seq, sealed, mac FROM log ORDER BY circle, seq;
DROP TABLE log;
ALTER TABLE log_narrow RENAME TO log;
ALTER TABLE log ADD CONSTRAINT log_pkey PRIMARY KEY (circle, epoch, replica, counter);
CREATE INDEX log_seq ON log (circle, (seq >> 6)) WHERE seq > 0;

-- no stays wide: it counts everything that anybody ever did. circle is a chain: of a circle, or below zero of a clinic (whose
-- number is 2^62 + the clinic's everywhere else). One row follows the other, so the pages of the key are filled.
CREATE TABLE audit_narrow (
    no bigint GENERATED ALWAYS AS IDENTITY,
    at_ms bigint NOT NULL,
    request bigint NOT NULL,
    circle integer NOT NULL,
    account integer NOT NULL,
    device integer NOT NULL,
    from_seq integer NOT NULL,
    to_seq integer NOT NULL,
    categories integer NOT NULL,
    touched integer NOT NULL,
    action smallint NOT NULL,
    outcome smallint NOT NULL,
    record uuid
);
INSERT INTO audit_narrow (no, at_ms, request, circle, account, device, from_seq, to_seq, categories, touched, action, outcome,
        record) OVERRIDING SYSTEM VALUE
    SELECT no, at_ms, request,
        CASE WHEN circle >= 4611686018427387904 THEN 4611686018427387903 - circle ELSE circle END,
        account, device, from_seq, to_seq, categories, touched, action, outcome, record FROM audit ORDER BY no;
-- No number is given a second time.
SELECT setval('audit_narrow_no_seq', last_value, is_called) FROM audit_no_seq;
DROP TABLE audit;
ALTER TABLE audit_narrow RENAME TO audit;
ALTER SEQUENCE audit_narrow_no_seq RENAME TO audit_no_seq;
ALTER TABLE audit ADD CONSTRAINT audit_pkey PRIMARY KEY (no) WITH (fillfactor = 100);
CREATE INDEX audit_circle ON audit (circle, (no >> 12));

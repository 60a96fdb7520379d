-- How many entries the deny log had when this database last denied something: a shorter log is not the one that belongs here.
CREATE TABLE denied (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    entries INTEGER NOT NULL
) STRICT;
INSERT INTO denied (only_row, entries) VALUES (1, 0);

-- What is left of an erased circle, and who is told so.
CREATE TABLE erased (
    circle INTEGER NOT NULL PRIMARY KEY,
    clinic INTEGER NOT NULL,
    short_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE erased_member (
    circle INTEGER NOT NULL,
    account INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX erased_member_key ON erased_member (circle, account);

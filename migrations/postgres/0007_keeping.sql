-- How many entries the deny log had when this database last denied something: a shorter log is not the one that belongs here.
CREATE TABLE denied (
    only_row smallint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    entries bigint NOT NULL
);
INSERT INTO denied (only_row, entries) VALUES (1, 0);

-- What is left of an erased circle, and who is told so.
CREATE TABLE erased (
    circle bigint NOT NULL PRIMARY KEY,
    clinic bigint NOT NULL,
    short_id text NOT NULL,
    at_ms bigint NOT NULL
);
CREATE TABLE erased_member (
    circle bigint NOT NULL,
    account bigint NOT NULL
);
CREATE UNIQUE INDEX erased_member_key ON erased_member (circle, account);

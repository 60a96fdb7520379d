-- The next end of a grant, by circle: when the server has to look at it.
CREATE TABLE grant_end (
    circle INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX grant_end_at ON grant_end (at_ms);

-- What a device was told to erase, and whether it said that it did: asked at the head `seq`.
CREATE TABLE erasure (
    circle INTEGER NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    account INTEGER NOT NULL,
    cells INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    confirmed_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX erasure_key ON erasure (circle, device, seq);

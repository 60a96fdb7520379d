-- The next end of a grant, by circle: when the server has to look at it.
CREATE TABLE grant_end (
    circle bigint NOT NULL PRIMARY KEY,
    at_ms bigint NOT NULL
);
CREATE INDEX grant_end_at ON grant_end (at_ms);

-- What a device was told to erase, and whether it said that it did: asked at the head `seq`.
CREATE TABLE erasure (
    circle bigint NOT NULL,
    device bigint NOT NULL,
    seq bigint NOT NULL,
    account bigint NOT NULL,
    cells bigint NOT NULL,
    asked_ms bigint NOT NULL,
    confirmed_ms bigint,
    PRIMARY KEY (circle, device, seq)
);

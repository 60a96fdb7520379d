-- The next end of a grant, by circle: when the server has to look at it.
CREATE TABLE grant_end (
    circle bigint NOT NULL PRIMARY KEY,
    at_ms bigint NOT NULL
);
CREATE INDEX grant_end_at ON grant_end (at_ms);

-- The next end of a grant, by circle: when the server has to look at it.
CREATE TABLE grant_end (
    circle INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX grant_end_at ON grant_end (at_ms);

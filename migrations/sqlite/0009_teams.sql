-- Changes of a team over many circles, as jobs. steps: who leaves and joins where, in order; done: how many of them are.
CREATE TABLE team_change (
    job INTEGER NOT NULL PRIMARY KEY,
    clinic INTEGER NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER NOT NULL,
    request BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    steps BLOB NOT NULL,
    done INTEGER NOT NULL,
    refused BLOB NOT NULL,
    finished INTEGER NOT NULL,
    leased_until_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX team_change_request ON team_change (account, request);
CREATE INDEX team_change_waiting ON team_change (finished, leased_until_ms);
INSERT INTO number (kind, last) VALUES ('team_change', 0);

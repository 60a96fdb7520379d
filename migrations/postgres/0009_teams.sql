-- Changes of a team over many circles, as jobs. steps: who leaves and joins where, in order; done: how many of them are.
CREATE TABLE team_change (
    job bigint NOT NULL PRIMARY KEY,
    clinic bigint NOT NULL,
    account bigint NOT NULL,
    device bigint NOT NULL,
    request uuid NOT NULL,
    fingerprint bytea NOT NULL,
    made_ms bigint NOT NULL,
    steps bytea NOT NULL,
    done integer NOT NULL,
    refused bytea NOT NULL,
    finished boolean NOT NULL,
    leased_until_ms bigint NOT NULL
);
CREATE UNIQUE INDEX team_change_request ON team_change (account, request);
CREATE INDEX team_change_waiting ON team_change (finished, leased_until_ms);
INSERT INTO number (kind, last) VALUES ('team_change', 0);

-- Where a device is woken (sealed: the endpoint is a secret), and when it was last.
CREATE TABLE wake_endpoint (
    device bigint NOT NULL PRIMARY KEY,
    account bigint NOT NULL,
    sealed bytea NOT NULL,
    since_ms bigint NOT NULL,
    woken_ms bigint NOT NULL
);
CREATE INDEX wake_endpoint_account ON wake_endpoint (account);
-- Devices that are to be woken, and why (1 an urgent alert, 2 a change of a plan, 3 something to erase). Written in the commit
-- that concerns the device; several of one class are one.
CREATE TABLE wake (
    device bigint NOT NULL,
    class bigint NOT NULL,
    made_ms bigint NOT NULL,
    due_ms bigint NOT NULL,
    tries bigint NOT NULL,
    PRIMARY KEY (device, class)
);
CREATE INDEX wake_due ON wake (due_ms);

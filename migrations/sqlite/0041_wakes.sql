-- Where a device is woken (sealed: the endpoint is a secret), and when it was last.
CREATE TABLE wake_endpoint (
    device INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    since_ms INTEGER NOT NULL,
    woken_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX wake_endpoint_account ON wake_endpoint (account);
-- Devices that are to be woken, and why (1 an urgent alert, 2 a change of a plan, 3 something to erase). Written in the commit
-- that concerns the device; several of one class are one.
CREATE TABLE wake (
    device INTEGER NOT NULL,
    class INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (device, class)
) STRICT;
CREATE INDEX wake_due ON wake (due_ms);

-- How far a device of a patient has read their circle, as it said itself by the cursor that it came back with, and when that was.
CREATE TABLE device_read (
    circle INTEGER NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_read_key ON device_read (circle, device);

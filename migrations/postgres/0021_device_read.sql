-- How far a device of a patient has read their circle, as it said itself by the cursor that it came back with, and when that was.
CREATE TABLE device_read (
    circle bigint NOT NULL,
    device bigint NOT NULL,
    seq bigint NOT NULL,
    at_ms bigint NOT NULL
);
CREATE UNIQUE INDEX device_read_key ON device_read (circle, device);

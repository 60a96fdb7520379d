-- Since when a device of a patient has held their circle up to where: one row for each minute in which it said so anew.
CREATE TABLE device_reached (
    circle bigint NOT NULL,
    device bigint NOT NULL,
    minute bigint NOT NULL,
    seq bigint NOT NULL
);
CREATE UNIQUE INDEX device_reached_key ON device_reached (circle, device, minute);

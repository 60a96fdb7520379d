-- Since when a device of a patient has held their circle up to where: one row for each minute in which it said so anew.
CREATE TABLE device_reached (
    circle INTEGER NOT NULL,
    device INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_reached_key ON device_reached (circle, device, minute);

-- When a device of a patient was heard: from and to in minutes, and between them never silent for more than a day. So there is a row
-- for each longer silence, and every civil day of any clock is told by whether it meets one.
CREATE TABLE device_heard (
    circle bigint NOT NULL,
    device bigint NOT NULL,
    from_minute bigint NOT NULL,
    to_minute bigint NOT NULL
);
CREATE UNIQUE INDEX device_heard_key ON device_heard (circle, device, from_minute);
-- Of what was before only the last time is known.
INSERT INTO device_heard (circle, device, from_minute, to_minute)
SELECT circle, device, at_ms / 60000, at_ms / 60000 FROM device_read;

-- The clinic's own circle: its settings, and its staff as members. No patient has one.
ALTER TABLE clinic ADD COLUMN circle bigint;
CREATE UNIQUE INDEX clinic_circle ON clinic (circle);

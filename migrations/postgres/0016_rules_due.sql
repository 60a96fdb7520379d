-- When the rules of a circle are looked at next, and since when its warnings are late (NULL: they are not).
CREATE TABLE rules_due (
    circle bigint NOT NULL PRIMARY KEY,
    at_ms bigint NOT NULL,
    late_ms bigint
);
CREATE INDEX rules_due_at ON rules_due (at_ms);
INSERT INTO rules_due (circle, at_ms) SELECT circle, 0 FROM circle;

-- PostgreSQL stores rows and index entries narrower from here on (the same file there); on SQLite numbers are as wide as they
-- need to be. What both lose: the last column of this index, which no statement needs.
DROP INDEX part_first_seq;
CREATE INDEX part_first_seq ON part (circle, class, first_seq);

-- By how much a device's clock differed from the server's when it last said Hello, and when its chain was last found to go two ways.
ALTER TABLE health ADD COLUMN offset_ms bigint;
ALTER TABLE health ADD COLUMN forked_ms bigint;

-- Tries of the QR form, apart from those of the typed one: whoever guesses what people type locks nobody out who scans.
ALTER TABLE invite ADD COLUMN qr_tries_left smallint NOT NULL DEFAULT 5;
-- Who made it; 0: whoever runs the server. The owner of the account is told.
ALTER TABLE invite ADD COLUMN made_by bigint NOT NULL DEFAULT 0;

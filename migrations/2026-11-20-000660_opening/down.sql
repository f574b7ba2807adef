ALTER TABLE elections DROP COLUMN opened_signature;

ALTER TABLE outbox DROP COLUMN position;

-- Two events of one transaction have one created_at: "published" could reach the log before "opened".
ALTER TABLE outbox ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;

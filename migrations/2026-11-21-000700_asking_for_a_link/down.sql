DROP FUNCTION stop_reminders(bigint, bytea);
DROP FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea);
DROP INDEX voters_spend_id;
ALTER TABLE link_requests DROP COLUMN request_id;

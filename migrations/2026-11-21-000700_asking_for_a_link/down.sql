DROP FUNCTION stop_reminders(bigint, bytea);
DROP FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean);
DROP INDEX voters_reminder_code;
ALTER TABLE link_requests DROP COLUMN request_id;

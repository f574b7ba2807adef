DROP FUNCTION events_set_aside();
DROP TRIGGER outbox_place ON outbox;
DROP FUNCTION outbox_place();
ALTER TABLE outbox DROP COLUMN position;

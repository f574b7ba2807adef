-- Two events of one transaction have one created_at: "published" could reach the log before "opened".
ALTER TABLE outbox ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX outbox_events ON outbox (source, position)
    WHERE destination = 'audit' AND delivered_at IS NULL AND set_aside_at IS NULL;

-- Positions of one service's events about one election are in the order of the commits. A number is given at INSERT: of two
-- changes under way, the one with the lower number could be committed last. So the number of an event is drawn under a lock of
-- its election, which is held until the commit. The insert is the last thing that a change does, so the lock is held shortly and
-- nothing is waited for behind it. Events about no election, and mails, need no order.
CREATE FUNCTION outbox_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('order of events/' || NEW.source, NEW.election_id));
    NEW.position := nextval(pg_get_serial_sequence('public.outbox', 'position'));
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION outbox_place() FROM PUBLIC;
CREATE TRIGGER outbox_place BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.destination = 'audit' AND NEW.election_id IS NOT NULL) EXECUTE FUNCTION outbox_place();

-- What is missing in the log because audit refuses it; for superadmins, and for whoever verifies the log.
CREATE FUNCTION events_set_aside()
RETURNS TABLE (event_id uuid, source text, election_id bigint, made_at timestamptz, set_aside_at timestamptz, attempts integer, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.event_id, o.source::text, o.election_id, o.created_at, o.set_aside_at, o.attempts, o.last_error
    FROM outbox o WHERE o.set_aside_at IS NOT NULL ORDER BY o.position LIMIT 1000
$$;
REVOKE ALL ON FUNCTION events_set_aside() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events_set_aside() TO audit_service;

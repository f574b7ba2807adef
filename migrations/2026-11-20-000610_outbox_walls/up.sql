-- Four services share one outbox, each behind its own wall. FORCE is left out on purpose: the owner's functions write rows
-- with source = session_user, the service that called them.
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
-- All four commands: with a policy for SELECT alone, FOR UPDATE SKIP LOCKED silently returns nothing.
CREATE POLICY outbox_select ON outbox FOR SELECT USING (source = current_user);
CREATE POLICY outbox_insert ON outbox FOR INSERT WITH CHECK (source = current_user);
CREATE POLICY outbox_update ON outbox FOR UPDATE USING (source = current_user) WITH CHECK (source = current_user);
CREATE POLICY outbox_delete ON outbox FOR DELETE USING (source = current_user);

-- Wakes the relay of the service whose message it is; the payload is the role, not the message.
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('outbox', r.source::text) FROM (SELECT DISTINCT n.source FROM new_rows n) r;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION outbox_notify() FROM PUBLIC;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();

-- Voting needs the stamp key and must never see the seal key, not even encrypted.
ALTER TABLE election_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY election_keys_all ON election_keys TO election_service USING (true) WITH CHECK (true);
CREATE POLICY election_keys_stamp ON election_keys FOR SELECT TO voting_service USING (purpose = 'stamp');

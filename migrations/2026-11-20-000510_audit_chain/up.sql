-- The audit log cannot be changed, by anybody, and can only be continued. The service locks audit_head FOR UPDATE, computes
-- the hash, inserts, then moves the head; these triggers look at each of the two steps again.

CREATE FUNCTION audit_logs_continue_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    misfit bigint;
BEGIN
    SELECT r.log_id INTO misfit
    FROM (SELECT n.log_id, n.previous_hash, row_number() OVER entry AS place, lag(n.current_hash) OVER entry AS before
          FROM new_rows n WINDOW entry AS (ORDER BY n.log_id)) r
    LEFT JOIN audit_head h ON h.only_row
    WHERE (r.log_id = h.last_id + r.place AND r.previous_hash = coalesce(r.before, h.last_hash)) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('audit_logs_chain', format('audit entry %s does not continue the log', misfit));
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION audit_logs_continue_chain() FROM PUBLIC;
CREATE TRIGGER audit_logs_continue_chain AFTER INSERT ON audit_logs REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_continue_chain();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_continue_chain;

CREATE TRIGGER audit_logs_never_changed BEFORE UPDATE OR DELETE ON audit_logs FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_changed;
CREATE TRIGGER audit_logs_never_emptied BEFORE TRUNCATE ON audit_logs FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_emptied;

-- The head moves forward only, and only to the entry that is the last one.
CREATE FUNCTION audit_head_is_last_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.last_id < OLD.last_id OR NOT EXISTS (
        SELECT FROM (SELECT l.log_id, l.current_hash FROM audit_logs l ORDER BY l.log_id DESC LIMIT 1) latest
        WHERE latest.log_id = NEW.last_id AND latest.current_hash = NEW.last_hash) THEN
        PERFORM refuse('audit_head_last', 'the head of the audit log is its last entry');
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION audit_head_is_last_entry() FROM PUBLIC;
CREATE TRIGGER audit_head_is_last_entry BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_is_last_entry();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_is_last_entry;
CREATE TRIGGER audit_head_never_deleted BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_never_deleted;
CREATE TRIGGER audit_head_never_emptied BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_never_emptied;

CREATE TRIGGER audit_signatures_never_changed BEFORE UPDATE OR DELETE ON audit_signatures FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_changed;
CREATE TRIGGER audit_signatures_never_emptied BEFORE TRUNCATE ON audit_signatures FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_emptied;

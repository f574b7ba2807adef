-- The audit log: append-only, one chain over everything. The service locks audit_head FOR UPDATE, computes the hash, inserts, then
-- moves the head; the triggers look at each of the two steps again.

CREATE TABLE audit_logs (
    log_id        bigint PRIMARY KEY CONSTRAINT audit_logs_position_positive CHECK (log_id >= 1),
    event_id      uuid NOT NULL CONSTRAINT audit_logs_event_key UNIQUE,
    "timestamp"   timestamptz NOT NULL,
    source        text NOT NULL,
    event_type    text NOT NULL,
    user_id       bigint,
    election_id   bigint,
    subject_ref   uuid,
    details       text NOT NULL,
    ip_address    text,
    previous_hash bytea NOT NULL CONSTRAINT audit_logs_previous_hash_width CHECK (octet_length(previous_hash) = 32),
    current_hash  bytea NOT NULL CONSTRAINT audit_logs_current_hash_width CHECK (octet_length(current_hash) = 32),
    CONSTRAINT audit_logs_no_fork UNIQUE (previous_hash)
);
ALTER TABLE audit_logs ALTER COLUMN event_id SET STATISTICS 0, ALTER COLUMN subject_ref SET STATISTICS 0, ALTER COLUMN details SET STATISTICS 0,
    ALTER COLUMN ip_address SET STATISTICS 0;
CREATE INDEX audit_logs_timestamp ON audit_logs ("timestamp");
CREATE INDEX audit_logs_event ON audit_logs (event_type);
CREATE INDEX audit_logs_election ON audit_logs (election_id, log_id);
COMMENT ON TABLE audit_logs IS
'What was done, when and by whom. Written by the audit service only; nobody changes or removes a row.';
COMMENT ON COLUMN audit_logs.event_id IS
'The id that the sending service gave the event: an event that is sent twice is one entry.';
COMMENT ON COLUMN audit_logs.source IS 'Which service sent it.';
COMMENT ON COLUMN audit_logs.subject_ref IS 'About which voter: a random reference, whose meaning is in audit_subjects until the close.';
COMMENT ON COLUMN audit_logs.details IS 'Canonical JSON.';
COMMENT ON CONSTRAINT audit_logs_no_fork ON audit_logs IS
'Two entries cannot follow the same one: the chain cannot fork, whoever forgets a lock.';
GRANT SELECT, INSERT ON audit_logs TO audit_service;

CREATE TABLE audit_head (
    only_row  boolean PRIMARY KEY DEFAULT true CONSTRAINT audit_head_one_row CHECK (only_row),
    last_id   bigint NOT NULL,
    last_hash bytea NOT NULL CONSTRAINT audit_head_last_hash_width CHECK (octet_length(last_hash) = 32)
);
INSERT INTO audit_head (last_id, last_hash) VALUES (0, decode(repeat('00', 32), 'hex'));
COMMENT ON TABLE audit_head IS
'Where the log ends. Without it, cutting off the end would leave a chain that looks whole.';
GRANT SELECT, UPDATE (last_id, last_hash) ON audit_head TO audit_service;

CREATE TABLE audit_signatures (
    last_id   bigint PRIMARY KEY CONSTRAINT audit_signatures_position_positive CHECK (last_id >= 1),
    last_hash bytea NOT NULL CONSTRAINT audit_signatures_last_hash_width CHECK (octet_length(last_hash) = 32),
    signed_at timestamptz NOT NULL,
    signature bytea NOT NULL CONSTRAINT audit_signatures_signature_width CHECK (octet_length(signature) = 64)
);
COMMENT ON TABLE audit_signatures IS
'Heads of the log, signed by the audit service with a key that is in no database. Whoever rewrites the log cannot make them anew. One
for each transaction that writes entries, in that transaction. The newest one stands in the mail with the result.';
GRANT SELECT, INSERT ON audit_signatures TO audit_service;
GRANT SELECT ON audit_signatures TO admin_service;

CREATE TABLE audit_subjects (
    subject_ref       uuid NOT NULL,
    election_id       bigint NOT NULL,
    voter_id          bigint NOT NULL,
    made_while_active boolean NOT NULL,
    CONSTRAINT audit_subjects_pkey PRIMARY KEY (election_id, subject_ref)
) PARTITION BY LIST (election_id);
CREATE INDEX audit_subjects_voter ON audit_subjects (election_id, voter_id);
COMMENT ON TABLE audit_subjects IS
'Which voter an entry of the log is about, kept apart so that it can be forgotten while the log stays whole. The close deletes all
references of an election. One leaf for each election (docs/adr/0022).';
COMMENT ON COLUMN audit_subjects.made_while_active IS
'False for the reference under which a voter was added before the voting: a removal is logged under it.';
-- The audit service has no right here: it writes the references that it gets with the events, and never needs to resolve them.
GRANT SELECT, INSERT ON audit_subjects TO admin_service;

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
COMMENT ON FUNCTION audit_logs_continue_chain() IS 'New entries must continue the log from its head, without a gap.';

CREATE TRIGGER audit_logs_never_changed BEFORE UPDATE OR DELETE ON audit_logs FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_changed;
CREATE TRIGGER audit_logs_never_emptied BEFORE TRUNCATE ON audit_logs FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_emptied;

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
COMMENT ON FUNCTION audit_head_is_last_entry() IS 'The head moves forward only, and only to the entry that is the last one.';
CREATE TRIGGER audit_head_never_deleted BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_never_deleted;
CREATE TRIGGER audit_head_never_emptied BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_never_emptied;

CREATE TRIGGER audit_signatures_never_changed BEFORE UPDATE OR DELETE ON audit_signatures FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_changed;
CREATE TRIGGER audit_signatures_never_emptied BEFORE TRUNCATE ON audit_signatures FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_emptied;

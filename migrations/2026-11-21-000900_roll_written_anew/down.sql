CREATE OR REPLACE FUNCTION finish_close(election bigint) RETURNS TABLE (outcome text, spent_count bigint, spent_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was    record;
    used   voting_tokens[];
    tells  text := '^(reminder|resend|correction|request)';
BEGIN
    SELECT e.box_hash, e.closed_at, e.spent_count, e.spent_hash, CASE e.tally_state WHEN 'failed' THEN e.tally_failed_in ELSE e.tally_state END
        AS reached INTO was
    FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    IF was.box_hash IS NULL THEN
        RETURN QUERY SELECT 'not-sealed'::text, NULL::bigint, NULL::bytea;
        RETURN;
    ELSIF was.reached <> 'sealed' THEN
        RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
        RETURN;
    END IF;
    PERFORM FROM chain_heads h WHERE h.election_id = election FOR UPDATE;

    -- An array, not a temporary table: nothing is written beside the table, and nothing is left of it in this session.
    PERFORM FROM voting_tokens t WHERE t.election_id = election AND t.is_used ORDER BY t.token_id FOR UPDATE;
    SELECT coalesce(array_agg(t), '{}') INTO used FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    DELETE FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    -- Fresh ids in random order, one origin for all, and no dead link beside them: ids of resent links grow with time, and the
    -- audit log keeps when links were resent, so "used and resent" would say "voted after that".
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, revoked, is_used, blinded_hash, spend_id, email_hint)
    SELECT u.election_id, u.voter_id, u.token_hash, 'invitation', u.expires_at, u.revoked, u.is_used, NULL, u.spend_id, u.email_hint
    FROM unnest(used) u ORDER BY random();
    DELETE FROM voting_tokens t WHERE t.election_id = election AND t.revoked;

    DELETE FROM audit_subjects s WHERE s.election_id = election AND s.made_while_active;
    DELETE FROM outbox o WHERE o.election_id = election AND o.destination = 'email' AND o.kind ~ tells;
    UPDATE email_messages m SET kind = 'while-voting', recipient = '', payload = NULL, attempts = 0,
        status = CASE WHEN m.status = 'sent' THEN 'sent' ELSE 'refused' END,
        last_error = CASE WHEN m.status IN ('queued', 'deferred') THEN 'not sent: the election had closed' END,
        created_at = was.closed_at, next_attempt_at = was.closed_at, sent_at = CASE WHEN m.status = 'sent' THEN was.closed_at END
    WHERE m.election_id = election AND m.kind ~ tells;

    UPDATE elections e SET tally_state = 'rewritten', tally_failed_in = NULL, tally_error = NULL WHERE e.election_id = election;
    RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
END $$;
DROP TRIGGER email_messages_forget_late ON email_messages;
CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON email_messages FOR EACH ROW
    WHEN (NEW.kind ~ '^(reminder|resend|correction|request)') EXECUTE FUNCTION forget_late_mail();

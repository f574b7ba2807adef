-- Step 3 of closing, again and more. While voting went on the roll itself began to tell when people had voted: a late voter has
-- the highest number; whoever was corrected, asked for a link or stopped reminders has a row of another transaction, and a
-- link with another end; a mail that was deferred until Wednesday brought a link that was used on Wednesday or later.
--
-- Forgets when people voted. votes.position is the order of arrival, so nothing that stays may keep that order:
-- * the roll and its links are deleted and inserted again, in random order, under fresh numbers, with one end for all links;
--   replaced links go. (One UPDATE ... FROM (... ORDER BY random()) kept the order, measured.) The dead rows beside them go in
--   a later step, which must be its own transaction.
-- * the audit log's references to voters made while voting went on are deleted; the log itself stays whole.
-- * when voters asked for links is deleted.
-- * reminders, resends, corrections and requested links tell whether their voter had voted by then. Their mail rows stay, to
--   be counted, without address, content, exact kind or time. Invitations keep their address, and what became of them, under
--   fresh numbers and without a time. The outbox rows of all go, because an event_id would join them to their times. What is
--   not sent yet will not be: it would bring a link into a closed election.
-- What seal_box committed to stays as it is; that this step is done is told by tally_state.
-- Outcomes: rewritten, with the number of used rights and SHA-256 over the sorted spent list, as committed | not-sealed.
CREATE OR REPLACE FUNCTION finish_close(election bigint) RETURNS TABLE (outcome text, spent_count bigint, spent_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was      record;
    roll     voters[];
    links    voting_tokens[];
    subjects audit_subjects[];
    invited  email_messages[];
    old_ids  bigint[];
    new_ids  bigint[];
    tells    text := '^(reminder|resend|correction|request)';
    too_late text := 'not sent: the election had closed';
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
    -- Whoever is asking for a link in this moment holds the voter, and then the links.
    PERFORM FROM voters v WHERE v.election_id = election ORDER BY v.voter_id FOR UPDATE;
    PERFORM FROM voting_tokens t WHERE t.election_id = election ORDER BY t.token_id FOR UPDATE;

    -- Arrays, not temporary tables: nothing is written beside the tables, and nothing is left of it in this session.
    SELECT coalesce(array_agg(v), '{}'), coalesce(array_agg(v.voter_id ORDER BY random()), '{}') INTO roll, old_ids
    FROM voters v WHERE v.election_id = election;
    SELECT coalesce(array_agg(t), '{}') INTO links
    FROM voting_tokens t WHERE t.election_id = election AND NOT t.revoked;
    SELECT coalesce(array_agg(s), '{}') INTO subjects
    FROM audit_subjects s WHERE s.election_id = election AND NOT s.made_while_active;
    SELECT coalesce(array_agg(nextval(pg_get_serial_sequence('public.voters', 'voter_id'))), '{}') INTO new_ids
    FROM unnest(old_ids);
    DELETE FROM link_requests r WHERE r.election_id = election;
    DELETE FROM audit_subjects s WHERE s.election_id = election;
    DELETE FROM voting_tokens t WHERE t.election_id = election;
    DELETE FROM voters v WHERE v.election_id = election;

    INSERT INTO voters (voter_id, election_id, email, first_name, last_name, student_id, cohort, deleted, spend_id, created_at,
                        reminders_stopped) OVERRIDING SYSTEM VALUE
    SELECT m.new_id, r.election_id, r.email, r.first_name, r.last_name, r.student_id, r.cohort, r.deleted, r.spend_id,
           was.closed_at, r.reminders_stopped
    FROM unnest(old_ids, new_ids) WITH ORDINALITY AS m (old_id, new_id, place)
    JOIN unnest(roll) r ON r.voter_id = m.old_id ORDER BY m.place;
    -- Fresh numbers in random order and one origin for all: numbers of resent links grow with time, and the audit log keeps
    -- when links were resent, so "used and resent" would say "voted after that".
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, revoked, is_used, blinded_hash, spend_id, email_hint)
    SELECT u.election_id, m.new_id, u.token_hash, 'invitation', was.closed_at, false, u.is_used, NULL, u.spend_id, u.email_hint
    FROM unnest(links) u JOIN unnest(old_ids, new_ids) AS m (old_id, new_id) ON m.old_id = u.voter_id ORDER BY random();
    INSERT INTO audit_subjects (subject_ref, election_id, voter_id, made_while_active)
    SELECT s.subject_ref, s.election_id, m.new_id, false
    FROM unnest(subjects) s JOIN unnest(old_ids, new_ids) AS m (old_id, new_id) ON m.old_id = s.voter_id ORDER BY random();

    DELETE FROM outbox o WHERE o.election_id = election AND o.destination = 'email'
        AND (o.kind ~ tells OR o.kind = 'voting_invitation');
    UPDATE email_messages m SET kind = 'while-voting', recipient = '', payload = NULL, attempts = 0,
        status = CASE WHEN m.status = 'sent' THEN 'sent' ELSE 'refused' END,
        last_error = CASE WHEN m.status IN ('queued', 'deferred') THEN too_late END,
        created_at = was.closed_at, next_attempt_at = was.closed_at, sent_at = CASE WHEN m.status = 'sent' THEN was.closed_at END
    WHERE m.election_id = election AND m.kind ~ tells;
    SELECT coalesce(array_agg(m), '{}') INTO invited
    FROM email_messages m WHERE m.election_id = election AND m.kind = 'voting_invitation';
    DELETE FROM email_messages m WHERE m.election_id = election AND m.kind = 'voting_invitation';
    INSERT INTO email_messages (event_id, kind, election_id, recipient, payload, status, attempts, next_attempt_at, last_error, created_at, sent_at)
    SELECT i.event_id, i.kind, i.election_id, i.recipient, NULL, CASE WHEN i.status = 'sent' THEN 'sent' ELSE 'refused' END, 0,
           was.closed_at, CASE i.status WHEN 'sent' THEN NULL WHEN 'refused' THEN i.last_error ELSE too_late END, was.closed_at,
           CASE WHEN i.status = 'sent' THEN was.closed_at END
    FROM unnest(invited) i ORDER BY random();

    UPDATE elections e SET tally_state = 'rewritten', tally_failed_in = NULL, tally_error = NULL WHERE e.election_id = election;
    RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
END $$;

-- A mail that was on its way from the outbox while step 3 ran would be kept with its time after all; now an invitation too.
DROP TRIGGER email_messages_forget_late ON email_messages;
CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON email_messages FOR EACH ROW
    WHEN (NEW.kind ~ '^(reminder|resend|correction|request|voting_invitation)' AND NEW.payload IS NOT NULL)
    EXECUTE FUNCTION forget_late_mail();

-- Step 3 of closing, again and more. While voting went on the roll itself began to tell when people had voted: a late voter has
-- the highest number; whoever was corrected, asked for a link or stopped reminders has a row of another transaction, and a
-- link with another end; a mail that was deferred until Wednesday brought a link that was used on Wednesday or later.
--
-- Forgets when people voted. votes.position is the order of arrival, so nothing that stays may keep that order, and no voter may
-- stand out by what happened to them while voting was open (ADR 0019):
-- * the roll is deleted and inserted again, in random order, under fresh numbers; who stopped reminders is forgotten. (One
--   UPDATE ... FROM (... ORDER BY random()) kept the order, measured.) The dead rows beside it go in a later step, which must be
--   its own transaction.
-- * every voter has exactly one link afterwards, with one end and one origin for all: the used one; else the live one; else, for
--   whoever was sent none, one that nobody can know. Its hint is that of the address now on the roll.
-- * the audit log's references to this election's voters are deleted, whenever they were made: a voter who was typed in before
--   the activation had one, a late voter had none. The log itself stays whole.
-- * when voters asked for links is deleted.
-- * every mail about a link is deleted, sent or not, in the queue and in the outbox: its number stands in dated lines of the
--   services' logs, its address may be one that was wrong, and its state tells whether a second mail was needed. What is not sent
--   yet would bring a link into a closed election. Every voter has one row instead, 'forgotten', with the address now on the
--   roll, under fresh numbers and in random order.
-- What seal_box committed to stays as it is; that this step is done is told by tally_state.
-- Outcomes: rewritten, with the number of used rights and SHA-256 over the sorted spent list, as committed | not-sealed.
CREATE OR REPLACE FUNCTION finish_close(election bigint) RETURNS TABLE (outcome text, spent_count bigint, spent_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was      record;
    roll     voters[];
    links    voting_tokens[];
    old_ids  bigint[];
    new_ids  bigint[];
    of_links text := '^(voting_invitation|reminder|resend|correction|request)';
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
    FROM voting_tokens t WHERE t.election_id = election AND NOT t.revoked
        AND (t.is_used OR NOT EXISTS (SELECT FROM voting_tokens u WHERE u.voter_id = t.voter_id AND u.is_used));
    SELECT coalesce(array_agg(nextval(pg_get_serial_sequence('public.voters', 'voter_id'))), '{}') INTO new_ids
    FROM unnest(old_ids);
    DELETE FROM link_requests r WHERE r.election_id = election;
    DELETE FROM audit_subjects s WHERE s.election_id = election;
    DELETE FROM voting_tokens t WHERE t.election_id = election;
    DELETE FROM voters v WHERE v.election_id = election;

    INSERT INTO voters (voter_id, election_id, email, first_name, last_name, student_id, cohort, deleted, spend_id, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT m.new_id, r.election_id, r.email, r.first_name, r.last_name, r.student_id, r.cohort, r.deleted, r.spend_id, was.closed_at
    FROM unnest(old_ids, new_ids) WITH ORDINALITY AS m (old_id, new_id, place)
    JOIN unnest(roll) r ON r.voter_id = m.old_id ORDER BY m.place;
    -- Fresh numbers in random order and one origin for all: numbers of resent links grow with time, and the audit log keeps
    -- when links were resent, so "used and resent" would say "voted after that".
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, revoked, is_used, blinded_hash, spend_id, email_hint)
    SELECT election, m.new_id, coalesce(u.token_hash, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))),
           'invitation', was.closed_at, false, coalesce(u.is_used, false), NULL, r.spend_id,
           left(r.email, 1) || '***@' || split_part(r.email, '@', 2)
    FROM unnest(old_ids, new_ids) AS m (old_id, new_id) JOIN unnest(roll) r ON r.voter_id = m.old_id
    LEFT JOIN unnest(links) u ON u.voter_id = m.old_id ORDER BY random();

    DELETE FROM outbox o WHERE o.election_id = election AND o.destination = 'email' AND o.kind ~ of_links;
    -- Waits for a sender that claims one of them in this moment. Whoever is sending one finds no row to note it in.
    DELETE FROM email_messages m WHERE m.election_id = election AND m.kind ~ of_links;
    INSERT INTO email_messages (event_id, kind, election_id, recipient, status, next_attempt_at, created_at)
    SELECT gen_random_uuid(), 'voting_invitation', election, r.email, 'forgotten', was.closed_at, was.closed_at
    FROM unnest(roll) r WHERE NOT r.deleted ORDER BY random();

    UPDATE elections e SET tally_state = 'rewritten', tally_failed_in = NULL, tally_error = NULL WHERE e.election_id = election;
    RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
END $$;

-- Now an invitation too; the row without content that step 3 writes is let through.
DROP TRIGGER email_messages_forget_late ON email_messages;
CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON email_messages FOR EACH ROW
    WHEN (NEW.kind ~ '^(reminder|resend|correction|request|voting_invitation)' AND NEW.payload IS NOT NULL)
    EXECUTE FUNCTION forget_late_mail();

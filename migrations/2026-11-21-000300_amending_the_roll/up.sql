-- The roll once voting has begun: closed for every service's hand, changed only here, and nothing of it in silence.

-- Adds voters who were forgotten, and announces it: how many and why, not who. An address that is on the roll is skipped; a
-- student number of somebody else is refused by its constraint, and nobody is added. Answers the new voters.
-- The caller holds the election and has asked the rule; it is asked again by the clock that decides.
CREATE FUNCTION add_late_voters(election bigint, why text, emails text[], first_names text[], last_names text[], student_ids text[], cohorts text[])
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    added bigint[];
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'active'
        AND coalesce(e.closes_at > clock_timestamp(), true) FOR SHARE;
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('election %s takes no late voters now', election));
    END IF;
    WITH new AS (
        INSERT INTO voters (election_id, email, first_name, last_name, student_id, cohort)
        SELECT election, n.email, n.first_name, n.last_name, n.student_id, n.cohort
        FROM unnest(emails, first_names, last_names, student_ids, cohorts)
            WITH ORDINALITY AS n (email, first_name, last_name, student_id, cohort, line)
        ORDER BY n.line ON CONFLICT (election_id, lower(email)) WHERE NOT deleted DO NOTHING RETURNING voter_id)
    SELECT coalesce(array_agg(new.voter_id ORDER BY new.voter_id), '{}') INTO added FROM new;
    IF cardinality(added) > 0 THEN
        INSERT INTO amendments (election_id, kind, reason, details)
        VALUES (election, 'voter_added', why, jsonb_build_object('voters', cardinality(added)));
    END IF;
    RETURN QUERY SELECT unnest(added);
END $$;
REVOKE ALL ON FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]) TO admin_service;

-- Takes somebody off the roll of an active election who cannot have a link, and announces it. Outcomes: removed | linked | unknown.
-- `linked`: the organiser had a link sent, even one that is replaced by now, because whoever was told that they may vote, may; or the
-- voter has a student number, with which they could have asked for a link themselves. The answer must not depend on whether they
-- did: it would tell who had not voted then, and somebody who asked and has voted can never be removed.
CREATE FUNCTION remove_unlinked_voter(voter bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_in record;
BEGIN
    SELECT v.election_id, v.student_id INTO found_in FROM voters v WHERE v.voter_id = voter AND NOT v.deleted FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    ELSIF found_in.student_id IS NOT NULL
       OR EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = found_in.election_id AND t.voter_id = voter) THEN
        RETURN 'linked';
    END IF;
    PERFORM FROM elections e WHERE e.election_id = found_in.election_id AND e.status = 'active';
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('nobody is taken off the roll of election %s now', found_in.election_id));
    END IF;
    DELETE FROM voters v WHERE v.voter_id = voter;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (found_in.election_id, 'voter_removed', 'Removed before a link was sent', '{"voters": 1}');
    RETURN 'removed';
END $$;
REVOKE ALL ON FUNCTION remove_unlinked_voter(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_unlinked_voter(bigint) TO admin_service;

-- Corrects an entry of the roll, whether its voter has voted or not: a refusal would tell the organiser who has. When the address
-- changes, every link that could have gone to the wrong one dies. Outcomes:
--   corrected     nobody is told anything: no link was sent, or the address is the same
--   told          no link was sent, but the voter had asked for one: only the old address is told
--   relink        a link had been sent: the right address needs one
--   recorded      a link had been sent, and a ballot is recorded: the right address is told that
--   keeps-number  nothing is changed: from the activation on a student number can be changed, and not be removed. With a number
--                 a voter can ask for a link; without one they could be taken off the roll, and the answer would tell who had asked
--   unknown
-- The organiser is shown no difference between the first two, nor between the next two.
-- Locks: the voter, then the links by number; a ballot under way is waited for, and then it was first.
CREATE FUNCTION correct_voter(voter bigint, new_email text, new_first_name text, new_last_name text, new_student_id text, new_cohort text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was   record;
    rules record;
    links record;
BEGIN
    SELECT v.election_id, v.email, v.student_id INTO was FROM voters v WHERE v.voter_id = voter AND NOT v.deleted FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT e.status INTO rules FROM elections e WHERE e.election_id = was.election_id AND (e.status IN ('draft', 'scheduled')
        OR e.status = 'active' AND coalesce(e.closes_at > clock_timestamp(), true));
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('the roll of election %s is closed', was.election_id));
    END IF;
    IF rules.status <> 'draft' AND was.student_id IS NOT NULL AND new_student_id IS NULL THEN
        RETURN 'keeps-number';
    END IF;
    PERFORM FROM voting_tokens t WHERE t.election_id = was.election_id AND t.voter_id = voter ORDER BY t.token_id FOR UPDATE;
    SELECT count(*) > 0 AS any_link, coalesce(bool_or(sent_by_organiser(t.origin)), false) AS was_sent,
           coalesce(bool_or(t.is_used), false) AS used INTO links
    FROM voting_tokens t WHERE t.election_id = was.election_id AND t.voter_id = voter;
    UPDATE voters v SET email = new_email, first_name = new_first_name, last_name = new_last_name,
        student_id = new_student_id, cohort = new_cohort WHERE v.voter_id = voter;
    IF lower(was.email) = lower(new_email) OR NOT links.any_link THEN
        RETURN 'corrected';
    END IF;
    UPDATE voting_tokens t SET revoked = true
    WHERE t.election_id = was.election_id AND t.voter_id = voter AND NOT t.revoked AND NOT t.is_used;
    -- The used link of somebody who was corrected afterwards must not stand out by the old address.
    UPDATE voting_tokens t SET email_hint = left(new_email, 1) || '***@' || split_part(new_email, '@', 2)
    WHERE t.election_id = was.election_id AND t.voter_id = voter AND t.is_used;
    RETURN CASE WHEN NOT links.was_sent THEN 'told' WHEN links.used THEN 'recorded' ELSE 'relink' END;
END $$;
REVOKE ALL ON FUNCTION correct_voter(bigint, text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION correct_voter(bigint, text, text, text, text, text) TO admin_service;

-- What became of the newest mail by which the organiser had each voter sent a link: none | queued | deferred | sent | refused. A link
-- without a mail is still in the outbox. Reminders do not count, because who gets one has not voted; nor do the mails
-- that voters asked for themselves. All voters when none are named. Once the election is closed it is 'forgotten' for everybody (ADR 0019).
CREATE INDEX email_messages_recipient ON email_messages (election_id, lower(recipient), message_id);
ALTER INDEX email_messages_recipient ALTER COLUMN 2 SET STATISTICS 0;
CREATE FUNCTION mail_states(election bigint, named bigint[]) RETURNS TABLE (voter_id bigint, status text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT v.voter_id,
           CASE WHEN c.closed_at IS NOT NULL THEN 'forgotten'
                WHEN NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = v.election_id AND t.voter_id = v.voter_id
                                     AND sent_by_organiser(t.origin))
                THEN 'none' ELSE coalesce(m.status, 'queued') END,
           CASE WHEN c.closed_at IS NULL AND m.status IN ('deferred', 'refused') THEN m.last_error END
    FROM voters v JOIN elections c ON c.election_id = v.election_id
    LEFT JOIN LATERAL (SELECT e.status, e.last_error FROM email_messages e
                       WHERE e.election_id = v.election_id AND lower(e.recipient) = lower(v.email)
                         AND e.kind IN ('voting_invitation', 'resend', 'correction')
                       ORDER BY e.message_id DESC LIMIT 1) m ON true
    WHERE v.election_id = election AND NOT v.deleted AND (named IS NULL OR v.voter_id = ANY (named))
$$;
REVOKE ALL ON FUNCTION mail_states(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_states(bigint, bigint[]) TO admin_service;

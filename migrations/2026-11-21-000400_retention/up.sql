-- Elections that were counted before there were notices: nobody is written to about them after months.
INSERT INTO used_notices (election_id) SELECT election_id FROM elections WHERE tally_state IN ('rewritten', 'opening', 'opened');

-- Forgets the people of an archived election, once, when it was put away `days` days ago by the clock that decides. How many
-- voters there were, or NULL when it is not due. What is needed to check and count again stays: ballots, chain, box
-- commitment, the codes of the spent list (random, and known only to their voters' mails), candidates and amendments; and the
-- audit log, whose references now lead nowhere. Audit events that are still on their way are not lost.
-- Lock order: election, voters, links. lock_timeout: it is never worth waiting for; the next run comes.
CREATE FUNCTION anonymise_election(election bigint, days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    voters_forgotten bigint;
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'archived' AND e.anonymised_at IS NULL
        AND e.archived_at <= clock_timestamp() - make_interval(days => days) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE voters v SET email = 'voter-' || v.voter_id || '@anonymised.invalid', first_name = NULL, last_name = NULL,
        student_id = NULL, cohort = NULL, reminders_stopped = false
    WHERE v.election_id = election;
    GET DIAGNOSTICS voters_forgotten = ROW_COUNT;
    DELETE FROM voting_tokens t WHERE t.election_id = election AND NOT t.is_used;
    -- Another hash: whoever still has the old mail could else say whose row this is.
    UPDATE voting_tokens t SET email_hint = '***', token_hash = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    WHERE t.election_id = election;
    DELETE FROM email_messages m WHERE m.election_id = election;
    DELETE FROM outbox o WHERE o.election_id = election AND (o.destination = 'email' OR o.delivered_at IS NOT NULL);
    DELETE FROM audit_subjects s WHERE s.election_id = election;
    UPDATE elections e SET anonymised_at = clock_timestamp() WHERE e.election_id = election;
    RETURN voters_forgotten;
END $$;
REVOKE ALL ON FUNCTION anonymise_election(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anonymise_election(bigint, integer) TO admin_service;

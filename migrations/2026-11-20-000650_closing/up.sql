-- Closing, step by step; each function is one step, does nothing twice, and answers the same when asked again. The service
-- drives them and writes the rest of tally_state. Lock order: election FOR NO KEY UPDATE, head, then links.

-- Step 1. No new stamp and no cast by link after this; if more stamps were given than ballots came, those ballots may still
-- arrive for `grace_seconds`. A halted election (chain_heads.halted_at) is closed like any other and keeps that mark. Outcomes: grace | already (closed before; the same numbers again) | not-active.
CREATE FUNCTION begin_close(election bigint, grace_seconds integer) RETURNS TABLE (outcome text, stamps bigint, ballots bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was record;
    used bigint;
    box  bigint;
    now_ timestamptz;
BEGIN
    SELECT e.status, e.stamps_given INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    -- SELECT ... FOR UPDATE *before* any update: it waits for stamps under way, which hold the head FOR KEY SHARE. A plain
    -- UPDATE would not, and a stamp would slip in after the count.
    SELECT h.last_position INTO box FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    IF was.status IN ('closed', 'archived') THEN
        RETURN QUERY SELECT 'already'::text, was.stamps_given, box;
        RETURN;
    ELSIF was.status IS DISTINCT FROM 'active' THEN
        RETURN QUERY SELECT 'not-active'::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;
    SELECT count(*) INTO used FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    now_ := clock_timestamp();
    UPDATE chain_heads h SET state = 'grace' WHERE h.election_id = election;
    UPDATE elections e SET status = 'closed', closed_at = now_, tally_state = 'grace', stamps_given = used,
        grace_ends_at = CASE WHEN used > box THEN now_ + make_interval(secs => greatest(grace_seconds, 0)) ELSE now_ END
    WHERE e.election_id = election;
    RETURN QUERY SELECT 'grace'::text, used, box;
END $$;
REVOKE ALL ON FUNCTION begin_close(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_close(bigint, integer) TO election_service;

-- The first position at which the chain of an election is broken, or NULL. A missing or surplus end counts as broken there.
CREATE FUNCTION first_broken_link(election bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH links AS (
        SELECT row_number() OVER arrival AS place, lag(v.chain_hash) OVER arrival AS before,
               v.position, v.previous_hash, v.chain_hash,
               chain_link(v.election_id, v.position, v.previous_hash, v.digest, v.prefix, v.stamp) AS expected
        FROM votes v WHERE v.election_id = election WINDOW arrival AS (ORDER BY v.position)
    ), ends AS (
        SELECT h.last_position, h.last_hash, e.manifest_hash,
               (SELECT count(*) FROM links) AS ballots,
               coalesce((SELECT l.chain_hash FROM links l ORDER BY l.position DESC LIMIT 1), e.manifest_hash) AS end_hash
        FROM chain_heads h JOIN elections e ON e.election_id = h.election_id WHERE h.election_id = election
    )
    SELECT coalesce(
        (SELECT min(l.place) FROM links l, ends
         WHERE (l.position = l.place AND l.previous_hash = coalesce(l.before, ends.manifest_hash) AND l.chain_hash = l.expected) IS NOT TRUE),
        (SELECT least(ends.ballots, ends.last_position) + (ends.ballots <> ends.last_position)::integer
         FROM ends WHERE (ends.ballots, ends.end_hash) IS DISTINCT FROM (ends.last_position, ends.last_hash)))
$$;
REVOKE ALL ON FUNCTION first_broken_link(bigint) FROM PUBLIC;

-- One line of the spent list: a voter knows their spend_id, and looks for this.
CREATE FUNCTION spent_entry(election bigint, spend_id bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('spent/v1'::bytea || int8send(election) || spend_id);
REVOKE ALL ON FUNCTION spent_entry(bigint, bytea) FROM PUBLIC;

-- The spent list, sorted; no service reads it yet. Empty until the box is sealed, so that nobody can watch it grow.
CREATE FUNCTION spent_list(election bigint) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id
    WHERE t.election_id = election AND t.is_used AND e.spent_hash IS NOT NULL ORDER BY entry
$$;
REVOKE ALL ON FUNCTION spent_list(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION spent_list(bigint) TO results_service;

-- What the roll and the links say now: how many rights were used, SHA-256 over the sorted spent list, how many voters are on
-- the roll. It is computed from the rows at every call: seal_box commits to it, and results compares it with the commitment.
-- It names nobody. No row until the box is sealed, so that nobody can watch the numbers grow.
CREATE FUNCTION participation(election bigint) RETURNS TABLE (spent_count bigint, spent_hash bytea, roll_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT spent.entries, spent.hash, (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted)
    FROM chain_heads h, (
        SELECT count(*) AS entries, sha256(coalesce(string_agg(s.entry, ''::bytea ORDER BY s.entry), ''::bytea)) AS hash
        FROM (SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
              WHERE t.election_id = election AND t.is_used) s) spent
    WHERE h.election_id = election AND h.state = 'sealed'
$$;
REVOKE ALL ON FUNCTION participation(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION participation(bigint) TO results_service;

-- Step 2. Nothing enters the box after this, and no stamp can be made: its key is gone. So the spent list and the roll are final
-- too. The caller signs all five numbers and writes box_signature in the same transaction. Outcomes:
--   sealed        with box_count, box_hash = SHA-256 over the digests in ascending order, and the numbers of participation()
--   waiting       ballots with a stamp may still arrive; ask again after grace_ends_at
--   chain-broken  at bad_position; nothing was changed
--   not-closed    step 1 comes first
CREATE FUNCTION seal_box(election bigint) RETURNS TABLE (outcome text, box_count bigint, box_hash bytea, spent_count bigint,
    spent_hash bytea, roll_count bigint, bad_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was       record;
    head      record;
    took_part record;
    bad       bigint;
    committed bytea;
BEGIN
    SELECT e.tally_state, e.grace_ends_at, e.stamps_given, e.box_count, e.box_hash, e.spent_count, e.spent_hash, e.roll_count INTO was
    FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    SELECT h.state, h.last_position INTO head FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    IF was.tally_state IS NULL OR head.state IS NULL THEN
        outcome := 'not-closed';
        RETURN NEXT;
        RETURN;
    ELSIF was.box_hash IS NOT NULL THEN
        RETURN QUERY SELECT 'sealed'::text, was.box_count, was.box_hash, was.spent_count, was.spent_hash, was.roll_count, NULL::bigint;
        RETURN;
    ELSIF was.grace_ends_at > clock_timestamp() AND head.last_position < was.stamps_given THEN
        outcome := 'waiting';
        box_count := head.last_position;
        RETURN NEXT;
        RETURN;
    END IF;
    bad := first_broken_link(election);
    IF bad IS NOT NULL THEN
        outcome := 'chain-broken';
        bad_position := bad;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT sha256(coalesce(string_agg(v.digest, ''::bytea ORDER BY v.digest), ''::bytea)) INTO committed
    FROM votes v WHERE v.election_id = election;
    UPDATE chain_heads h SET state = 'sealed' WHERE h.election_id = election;
    DELETE FROM election_keys k WHERE k.election_id = election AND k.purpose = 'stamp';
    SELECT p.spent_count, p.spent_hash, p.roll_count INTO took_part FROM participation(election) p;
    UPDATE elections e SET tally_state = 'sealed', tally_failed_in = NULL, tally_error = NULL,
        box_count = head.last_position, box_hash = committed, spent_count = took_part.spent_count,
        spent_hash = took_part.spent_hash, roll_count = took_part.roll_count, box_sealed_at = clock_timestamp()
    WHERE e.election_id = election;
    RETURN QUERY SELECT 'sealed'::text, head.last_position, committed, took_part.spent_count, took_part.spent_hash,
        took_part.roll_count, NULL::bigint;
END $$;
REVOKE ALL ON FUNCTION seal_box(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_box(bigint) TO election_service;

-- Replaced in 2026-11-21-000900_roll_written_anew; this is what that migration's down.sql goes back to.
-- Step 3. Forgets when people voted. votes.position is the order of arrival, so nothing that stays may keep that order:
-- * used links are deleted and inserted again in random order, under fresh ids and without their blinded hashes; replaced
--   links go. (One UPDATE ... FROM (... ORDER
--   BY random()) kept the order, measured.) The dead rows beside them go in a later step, which must be its own transaction.
-- * the audit log's references to voters made while voting went on are deleted; the log itself stays whole.
-- * reminders, resends, corrections and requested links tell whether their voter had voted by then. Their outbox rows go.
--   Their mail rows stay, to be counted, without address, content, exact kind or time; one not sent yet will not be: it
--   would bring a link into a closed election.
-- What seal_box committed to stays as it is; that this step is done is told by tally_state.
-- Outcomes: rewritten, with the number of used rights and SHA-256 over the sorted spent list, as committed | not-sealed.
CREATE FUNCTION finish_close(election bigint) RETURNS TABLE (outcome text, spent_count bigint, spent_hash bytea)
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
REVOKE ALL ON FUNCTION finish_close(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finish_close(bigint) TO election_service;

-- What was found in the box is written once, only when the box is sealed, and only about ballots that are in it.
CREATE FUNCTION opened_ballots_from_sealed_box() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    foreign_ballot record;
BEGIN
    SELECT n.election_id, n.digest INTO foreign_ballot FROM new_rows n
    WHERE NOT EXISTS (SELECT FROM votes v JOIN chain_heads h ON h.election_id = v.election_id
                      WHERE v.election_id = n.election_id AND v.digest = n.digest AND h.state = 'sealed')
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('not_in_the_box', format('ballot %s is in no sealed box of election %s',
            encode(foreign_ballot.digest, 'hex'), foreign_ballot.election_id));
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION opened_ballots_from_sealed_box() FROM PUBLIC;
CREATE TRIGGER opened_ballots_from_sealed_box AFTER INSERT ON opened_ballots REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION opened_ballots_from_sealed_box();
CREATE TRIGGER opened_ballots_never_changed BEFORE UPDATE OR DELETE ON opened_ballots FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE opened_ballots ENABLE ALWAYS TRIGGER opened_ballots_never_changed;
CREATE TRIGGER opened_ballots_never_emptied BEFORE TRUNCATE ON opened_ballots FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE opened_ballots ENABLE ALWAYS TRIGGER opened_ballots_never_emptied;

-- A mail about a link that was on its way from the outbox while step 3 ran would be kept, with its time and the number under which
-- the log knows it. It is not kept at all; nor is one of an election that was deleted as a draft meanwhile. FOR SHARE waits for step
-- 3 and for the deletion, which hold the election: the mail is either kept before and deleted there, or refused here.
CREATE FUNCTION forget_late_mail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    closed timestamptz;
BEGIN
    SELECT e.closed_at INTO closed FROM elections e WHERE e.election_id = NEW.election_id FOR SHARE;
    IF closed IS NOT NULL OR NOT FOUND AND NEW.election_id IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION forget_late_mail() FROM PUBLIC;
-- Replaced in 2026-11-21-000900_roll_written_anew; this is what that migration's down.sql goes back to.
CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON email_messages FOR EACH ROW
    WHEN (NEW.kind ~ '^(reminder|resend|correction|request)') EXECUTE FUNCTION forget_late_mail();

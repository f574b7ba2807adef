-- How ballots get into the box. Nobody has a right to write `votes`: these functions are the only way in.

-- The link of one ballot: fixed widths only, so that no two different inputs are the same bytes. The body is parsed now, not
-- when called, so no search_path can give its names another meaning; and it can be inlined.
CREATE FUNCTION chain_link(election bigint, pos bigint, previous bytea, digest bytea, prefix bytea, stamp bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('chain/v1'::bytea || int8send(election) || int8send(pos) || previous || digest || prefix || stamp);
REVOKE ALL ON FUNCTION chain_link(bigint, bigint, bytea, bytea, bytea, bytea) FROM PUBLIC;

-- When a link ends. The only place that knows it: whoever asks whether a link still works, or tells somebody its end, asks here.
-- A link that runs to the close ends with the voting, wherever that end is moved to; expires_at is the earliest that it can end.
CREATE FUNCTION link_ends_at(expires_at timestamptz, runs_to_close boolean, closes_at timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN runs_to_close THEN greatest(expires_at, closes_at) ELSE expires_at END;
REVOKE ALL ON FUNCTION link_ends_at(timestamptz, boolean, timestamptz) FROM PUBLIC;

-- Immutable for every role, superusers included unless they switch the trigger off: that is tampering, which `verify` finds.
CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = TG_TABLE_NAME || '_immutable',
        MESSAGE = format('%s cannot be changed: %s is refused for everybody', TG_TABLE_NAME, TG_OP);
END $$;
REVOKE ALL ON FUNCTION never() FROM PUBLIC;

CREATE TRIGGER votes_never_changed BEFORE UPDATE OR DELETE ON votes FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_never_changed;
-- TRUNCATE slips past row triggers.
CREATE TRIGGER votes_never_emptied BEFORE TRUNCATE ON votes FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_never_emptied;

-- Looks again at what was inserted, whoever inserted it: the rows must continue the chain from the head, without a gap. It
-- needs the head as it was, so the INSERT comes before the head's UPDATE. Per statement: per row it costs quadratic time.
CREATE FUNCTION votes_continue_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    misfit record;
BEGIN
    SELECT r.election_id, r.position INTO misfit
    FROM (SELECT n.*, row_number() OVER arrival AS place, lag(n.chain_hash) OVER arrival AS before
          FROM new_rows n WINDOW arrival AS (PARTITION BY n.election_id ORDER BY n.position)) r
    LEFT JOIN chain_heads h ON h.election_id = r.election_id
    WHERE (r.position = h.last_position + r.place
           AND r.previous_hash = coalesce(r.before, h.last_hash)
           AND r.chain_hash = chain_link(r.election_id, r.position, r.previous_hash, r.digest, r.prefix, r.stamp)) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('votes_chain', format('vote %s of election %s does not continue the chain', misfit.position, misfit.election_id));
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION votes_continue_chain() FROM PUBLIC;
CREATE TRIGGER votes_continue_chain AFTER INSERT ON votes REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION votes_continue_chain();
ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_continue_chain;

-- Records up to 256 ballots and answers one outcome each, in order:
--   known             this digest is in the box already, or was recorded earlier in this call; costs no right, in any state
--   wrong-profile     a link in an election for sealed ballots, or a stamped ballot in one for links
--   unknown-token     no such link in this election
--   already-used      the link is used, or another link of the same voter is
--   revoked           a newer link replaced it
--   not-open          the box does not take this kind of ballot now, by the database's clock
--   expired           the link is past its date
--   wrong-length      not exactly as long as every ballot of this election
--   recorded          in the box
--   locked            somebody else holds the link's row; nothing was decided about this ballot, and it may be sent again
--   unknown-election  (all of them) there is no box
--   rewound           (all of them) the box no longer holds what the caller saw committed; the election is halted from now on
--   halted            (all of them) another process has found that
-- token_hashes[i] is NULL for a ballot that carries a blind stamp, which the caller has verified.
--
-- Beside the outcomes it answers the end of the chain as this call leaves it, and the number of the newest amendment that
-- resumed recording (0: none). The caller keeps these three once it knows that the call was committed, and sends them with its
-- next call, as the seen_... arguments. So whoever deletes ballots and makes a fitting chain anew, as the owner of the database
-- can, is found by every process that saw those ballots committed (ADR 0014). A head further on is normal: there are other
-- processes. What was seen before a newer resumption no longer counts, and a resumption that was seen must still be there.
-- seen_halted says that the caller has seen this election halted since that resumption: then it stays halted for this caller,
-- also when somebody removed the mark.
--
-- A call without ballots only looks whether the box still holds what the caller saw committed: every recorder makes one every few
-- seconds. It answers with one outcome, 'rewound' or 'halted', if it does not, and with none otherwise.
--
-- Locks: head, then links by id. The election is read without a lock *after* the head is ours: closing holds the head too.
-- A link that somebody else holds is skipped, not waited for: one locked link must not hold up the ballots beside it.
-- Plans are made per call, because one made while the box was empty would scan the whole box for the connection's life.
CREATE FUNCTION record_ballots(election bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[],
                               seen_position bigint DEFAULT NULL, seen_hash bytea DEFAULT NULL, seen_resumption bigint DEFAULT NULL,
                               seen_halted boolean DEFAULT false)
RETURNS TABLE (outcomes text[], head_position bigint, head_hash bytea, resumption bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    ballots      integer := coalesce(cardinality(digests), 0);
    head         record;
    rules        record;
    ballot       record;
    checked_at   timestamptz;
    takes_links  boolean;
    takes_stamps boolean;
    outcome      text;
    link         bytea;
    added        integer := 0;
    rewound      boolean;
    alarm        uuid;
    held         bigint[];
    -- Everything below, and outcomes, is filled by subscript: appending with || would copy the whole array each time.
    has_digest   boolean[] := array_fill(false, ARRAY[ballots]);
    has_used     boolean[] := array_fill(false, ARRAY[ballots]);
    places       bigint[] := '{}';
    previous     bytea[] := '{}';
    links        bytea[] := '{}';
    spent        bigint[] := '{}';
BEGIN
    IF digests IS NULL OR ballots > 256 OR (ballots, ballots, ballots, ballots) IS DISTINCT FROM
           (cardinality(sealed), cardinality(prefixes), cardinality(stamps), cardinality(token_hashes))
       OR array_position(digests, NULL) IS NOT NULL OR array_position(sealed, NULL) IS NOT NULL
       OR array_position(prefixes, NULL) IS NOT NULL OR array_position(stamps, NULL) IS NOT NULL
       -- Ballots are read by subscript and by place below; in an array that begins elsewhere those are two ballots.
       OR 1 <> ANY (ARRAY[array_lower(digests, 1), array_lower(sealed, 1), array_lower(prefixes, 1), array_lower(stamps, 1)]) THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'record_ballots takes at most 256 ballots in arrays of one length';
    END IF;
    IF (seen_position IS NULL) <> (seen_hash IS NULL) OR seen_position IS NOT NULL AND seen_resumption IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'record_ballots needs seen_position, seen_hash and seen_resumption together';
    END IF;
    SELECT h.state, h.last_position, h.last_hash, h.halted_at INTO head
    FROM chain_heads h WHERE h.election_id = election FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcomes := array_fill('unknown-election'::text, ARRAY[ballots]);
        RETURN NEXT;
        RETURN;
    END IF;
    head_position := head.last_position;
    head_hash := head.last_hash;
    -- Whoever resumes holds the head too.
    SELECT coalesce(max(a.amendment_id), 0) INTO resumption
    FROM amendments a WHERE a.election_id = election AND a.kind = 'recording_resumed';
    rewound := coalesce(seen_resumption > resumption OR seen_resumption = resumption AND (seen_halted OR seen_position IS NOT NULL
        AND (seen_position > head.last_position OR NOT EXISTS (
            SELECT FROM votes v WHERE v.election_id = election AND v.position = seen_position AND v.chain_hash = seen_hash))), false);
    IF rewound OR head.halted_at IS NOT NULL THEN
        IF head.halted_at IS NULL THEN
            UPDATE chain_heads h SET halted_at = clock_timestamp() WHERE h.election_id = election;
            -- The alarm, in the form of `contract::events`. It says which election and when, and nothing of the ballot that met it.
            alarm := gen_random_uuid();
            INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
            VALUES (alarm, session_user, 'audit', 'event', election, convert_to(jsonb_build_object('event_id', alarm,
                'occurred_at', clock_timestamp(), 'election_id', election,
                'kind', jsonb_build_object('event_type', 'recording_halted', 'details', '{}'::jsonb))::text, 'UTF8'));
        END IF;
        outcomes := array_fill(CASE WHEN rewound THEN 'rewound' ELSE 'halted' END, ARRAY[greatest(ballots, 1)]);
        RETURN NEXT;
        RETURN;
    END IF;
    outcomes := array_fill(NULL::text, ARRAY[ballots]);
    SELECT e.status, e.profile, e.opens_at, e.closes_at, e.grace_ends_at, e.stamps_given, e.sealed_len INTO rules
    FROM elections e WHERE e.election_id = election;
    SELECT coalesce(array_agg(l.token_id), '{}') INTO held FROM (
        SELECT t.token_id FROM voting_tokens t WHERE t.election_id = election AND t.token_hash = ANY (token_hashes)
        ORDER BY t.token_id FOR UPDATE SKIP LOCKED) l;

    checked_at := clock_timestamp();
    takes_links := head.state = 'open' AND rules.status = 'active'
        AND coalesce(rules.opens_at <= checked_at, true) AND coalesce(rules.closes_at > checked_at, true);
    -- A stamp was given in time, or it would not be there: its ballot may come late, but not after the grace.
    takes_stamps := coalesce((head.state = 'open' AND rules.status = 'active')
        OR (head.state = 'grace' AND rules.grace_ends_at > checked_at), false);
    link := head.last_hash;

    FOR ballot IN
        SELECT b.i::integer AS i, b.token_hash IS NULL AS stamped, t.token_id, t.revoked,
               link_ends_at(t.expires_at, t.runs_to_close, rules.closes_at) AS ends_at,
               min(b.i) OVER (PARTITION BY b.digest) AS same_digest, min(b.i) OVER (PARTITION BY b.token_hash) AS same_link,
               EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = b.digest) AS known,
               t.is_used OR EXISTS (SELECT FROM voting_tokens o WHERE o.voter_id = t.voter_id AND o.is_used) AS is_used
        FROM unnest(digests, token_hashes) WITH ORDINALITY AS b (digest, token_hash, i)
        LEFT JOIN voting_tokens t ON t.election_id = election AND t.token_hash = b.token_hash
        ORDER BY b.i
    LOOP
        outcome := CASE
            WHEN ballot.known OR has_digest[ballot.same_digest] THEN 'known'
            WHEN rules.profile = CASE WHEN ballot.stamped THEN 'simple' ELSE 'verified' END THEN 'wrong-profile'
            WHEN NOT ballot.stamped AND ballot.token_id IS NULL THEN 'unknown-token'
            WHEN NOT ballot.stamped AND ballot.token_id <> ALL (held) THEN 'locked'
            WHEN NOT ballot.stamped AND (ballot.is_used OR has_used[ballot.same_link]) THEN 'already-used'
            WHEN NOT ballot.stamped AND ballot.revoked THEN 'revoked'
            WHEN NOT ballot.stamped AND NOT takes_links THEN 'not-open'
            WHEN ballot.stamped AND NOT (takes_stamps AND (head.state = 'open' OR head.last_position + added < rules.stamps_given))
                THEN 'not-open'
            WHEN NOT ballot.stamped AND ballot.ends_at <= checked_at THEN 'expired'
            WHEN (octet_length(sealed[ballot.i]), octet_length(digests[ballot.i]), octet_length(prefixes[ballot.i]),
                  octet_length(stamps[ballot.i])) IS DISTINCT FROM (rules.sealed_len, 32, 32, 384) THEN 'wrong-length'
            ELSE 'recorded' END;
        outcomes[ballot.i] := outcome;
        IF outcome = 'recorded' THEN
            added := added + 1;
            places[added] := ballot.i;
            previous[added] := link;
            link := chain_link(election, head.last_position + added, link, digests[ballot.i], prefixes[ballot.i], stamps[ballot.i]);
            links[added] := link;
            has_digest[ballot.same_digest] := true;
            IF NOT ballot.stamped THEN
                has_used[ballot.same_link] := true;
                spent[coalesce(cardinality(spent), 0) + 1] := ballot.token_id;
            END IF;
        END IF;
    END LOOP;
    IF added = 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;

    INSERT INTO votes (election_id, position, digest, sealed, prefix, stamp, previous_hash, chain_hash)
    SELECT election, head.last_position + n.place, b.digest, b.sealed, b.prefix, b.stamp, n.previous, n.link
    FROM unnest(places, previous, links) WITH ORDINALITY AS n (i, previous, link, place)
    JOIN unnest(digests, sealed, prefixes, stamps) WITH ORDINALITY AS b (digest, sealed, prefix, stamp, i) ON b.i = n.i
    ORDER BY n.place;
    UPDATE voting_tokens t SET is_used = true WHERE t.token_id = ANY (spent);
    UPDATE chain_heads h SET last_position = head.last_position + added, last_hash = link WHERE h.election_id = election;
    head_position := head.last_position + added;
    head_hash := link;
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[], bigint, bytea, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[], bigint, bytea, bigint, boolean) TO voting_service;

-- Whose box was found rewound: elections with the mark, and of `seen`, the caller's own, all, so that the caller can tell whether
-- they were resumed since. Active ones take no ballots now. A closed one keeps its mark, and is named until it is archived.
CREATE FUNCTION halted_elections(seen bigint[]) RETURNS TABLE (election_id bigint, marked boolean, resumption bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.election_id, h.halted_at IS NOT NULL,
           coalesce((SELECT max(a.amendment_id) FROM amendments a
                     WHERE a.election_id = h.election_id AND a.kind = 'recording_resumed'), 0)
    FROM chain_heads h JOIN elections e ON e.election_id = h.election_id
    WHERE (h.halted_at IS NOT NULL OR h.election_id = ANY (seen)) AND e.status IN ('active', 'closed')
$$;
REVOKE ALL ON FUNCTION halted_elections(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halted_elections(bigint[]) TO voting_service;

-- Lets a halted election take ballots again, and announces it with the reason: what processes saw before counts no longer, and
-- they take the head as it is. Outcomes: resumed | not-halted | not-active | unknown. Locks: election, head.
CREATE FUNCTION resume_recording(election bigint, why text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was  record;
    head record;
BEGIN
    SELECT e.status INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT h.halted_at INTO head FROM chain_heads h WHERE h.election_id = election FOR NO KEY UPDATE;
    IF was.status <> 'active' THEN
        RETURN 'not-active';
    ELSIF head.halted_at IS NULL THEN
        RETURN 'not-halted';
    END IF;
    UPDATE chain_heads h SET halted_at = NULL WHERE h.election_id = election;
    INSERT INTO amendments (election_id, kind, reason) VALUES (election, 'recording_resumed', why);
    RETURN 'resumed';
END $$;
REVOKE ALL ON FUNCTION resume_recording(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resume_recording(bigint, text) TO election_service;

-- Uses a link up for one blind stamp; the caller answers with the stamp only after this is committed. Outcomes as in
-- record_ballots, and:
--   spent  the link is used from now on
--   again  it was used for this very message: the same stamp may be given again, until the box is sealed
-- Locks: head FOR KEY SHARE, which closing's FOR UPDATE waits for and recording's FOR NO KEY UPDATE does not; then the link.
CREATE FUNCTION spend_token(election bigint, token_hash bytea, blinded_hash bytea) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    head       record;
    rules      record;
    right_held record;
    checked_at timestamptz;
BEGIN
    IF blinded_hash IS NULL OR octet_length(blinded_hash) <> 32 THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'spend_token needs the SHA-256 of the blinded message';
    END IF;
    SELECT h.state INTO head FROM chain_heads h WHERE h.election_id = election FOR KEY SHARE;
    SELECT e.status, e.profile, e.opens_at, e.closes_at INTO rules FROM elections e WHERE e.election_id = election;
    SELECT t.token_id, t.voter_id, t.revoked, t.is_used, t.blinded_hash,
           link_ends_at(t.expires_at, t.runs_to_close, rules.closes_at) AS ends_at INTO right_held
    FROM voting_tokens t WHERE t.election_id = election AND t.token_hash = spend_token.token_hash FOR UPDATE;
    checked_at := clock_timestamp();
    IF right_held.token_id IS NULL THEN
        RETURN 'unknown-token';
    ELSIF rules.profile = 'simple' THEN
        RETURN 'wrong-profile';
    ELSIF right_held.is_used THEN
        RETURN CASE WHEN right_held.blinded_hash = spend_token.blinded_hash AND head.state IN ('open', 'grace')
                    THEN 'again' ELSE 'already-used' END;
    ELSIF EXISTS (SELECT FROM voting_tokens o WHERE o.voter_id = right_held.voter_id AND o.is_used) THEN
        RETURN 'already-used';
    ELSIF right_held.revoked THEN
        RETURN 'revoked';
    ELSIF (head.state = 'open' AND rules.status = 'active' AND coalesce(rules.opens_at <= checked_at, true)
           AND coalesce(rules.closes_at > checked_at, true)) IS NOT TRUE THEN
        RETURN 'not-open';
    ELSIF right_held.ends_at <= checked_at THEN
        RETURN 'expired';
    END IF;
    UPDATE voting_tokens t SET is_used = true, blinded_hash = spend_token.blinded_hash WHERE t.token_id = right_held.token_id;
    RETURN 'spent';
END $$;
REVOKE ALL ON FUNCTION spend_token(bigint, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION spend_token(bigint, bytea, bytea) TO voting_service;

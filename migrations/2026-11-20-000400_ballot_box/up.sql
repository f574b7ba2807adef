-- The ballot box, and how ballots get into it. Nobody has a right to write votes: the functions here are the only way in.

CREATE TABLE chain_heads (
    election_id   bigint PRIMARY KEY CONSTRAINT chain_heads_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    state         text NOT NULL DEFAULT 'open' CONSTRAINT chain_heads_state_known CHECK (state IN ('open', 'grace', 'sealed')),
    last_position bigint NOT NULL DEFAULT 0,
    last_hash     bytea NOT NULL CONSTRAINT chain_heads_last_hash_width CHECK (octet_length(last_hash) = 32),
    halted_at     timestamptz,
    halts         bigint NOT NULL DEFAULT 0,
    halt_told_at  timestamptz
);
CREATE INDEX chain_heads_halted ON chain_heads (election_id) WHERE halted_at IS NOT NULL;
COMMENT ON TABLE chain_heads IS
'The end of the chain of ballots of an election: the one row that everybody who records or closes must lock.';
COMMENT ON COLUMN chain_heads.state IS 'open: ballots are taken. grace: only ballots that were stamped before the close. sealed: none.';
COMMENT ON COLUMN chain_heads.halted_at IS
'Since when no ballot is recorded, because ballots that a recorder saw committed were missing (rewound). record_ballots
sets it, resume_recording clears it. It stays when the election is closed without a resumption: the result says so.';
COMMENT ON COLUMN chain_heads.halts IS 'How often recording was halted.';
COMMENT ON COLUMN chain_heads.halt_told_at IS 'The halted_at that the admin of the election was told of, by mail.';
CREATE TRIGGER chain_heads_keep_halts BEFORE UPDATE ON chain_heads FOR EACH ROW
    WHEN (OLD.state = 'sealed' AND (NEW.halts < OLD.halts OR OLD.halted_at IS NOT NULL AND NEW.halted_at IS DISTINCT FROM OLD.halted_at))
    EXECUTE FUNCTION never();
ALTER TABLE chain_heads ENABLE ALWAYS TRIGGER chain_heads_keep_halts;
COMMENT ON TRIGGER chain_heads_keep_halts ON chain_heads IS
'What is signed about halts when the box is sealed (box_commitments) stays true. A recorder that finds only then that ballots are missing
adds a halt; the result says that it came after the signature.';
-- A box starts open and empty: state, position and the mark of a halt are not the service's to set.
GRANT SELECT, INSERT (election_id, last_hash), UPDATE (halt_told_at) ON chain_heads TO election_service;
GRANT SELECT ON chain_heads TO results_service;
-- The recorder looks at a box until it has seen it sealed (ADR 0014).
GRANT SELECT (election_id, state) ON chain_heads TO voting_service;

CREATE TABLE votes (
    election_id   bigint NOT NULL CONSTRAINT votes_election_fkey REFERENCES chain_heads (election_id),
    position      bigint NOT NULL CONSTRAINT votes_position_positive CHECK (position >= 1),
    digest        bytea NOT NULL CONSTRAINT votes_digest_width CHECK (octet_length(digest) = 32),
    sealed        bytea NOT NULL,
    prefix        bytea NOT NULL CONSTRAINT votes_prefix_width CHECK (octet_length(prefix) = 32),
    stamp         bytea NOT NULL CONSTRAINT votes_stamp_width CHECK (octet_length(stamp) = 384),
    previous_hash bytea NOT NULL CONSTRAINT votes_previous_hash_width CHECK (octet_length(previous_hash) = 32),
    chain_hash    bytea NOT NULL CONSTRAINT votes_chain_hash_width CHECK (octet_length(chain_hash) = 32),
    PRIMARY KEY (election_id, position),
    CONSTRAINT votes_digest_key UNIQUE (election_id, digest)
);
CREATE INDEX votes_receipt ON votes (substring(digest FROM 1 FOR 10));
COMMENT ON TABLE votes IS 'Sealed ballots. No voter, no time, no serial of its own. Nobody changes or removes a row.';
COMMENT ON COLUMN votes.position IS '1, 2, 3, ... within an election: the order of arrival.';
COMMENT ON COLUMN votes.prefix IS 'Random bytes in front of the digest when it was stamped (docs/protocol.md, section 7).';
COMMENT ON COLUMN votes.chain_hash IS 'chain_link of this row. previous_hash is that of the row before.';
COMMENT ON INDEX votes_receipt IS
'Over the first 10 bytes of all digests, so that looking for a receipt costs the same whatever the number of elections. A probe of
votes_digest_key for each election read 3,023 pages in 29 ms for a receipt that does not exist, with 1,000 elections, and anybody may
ask; this reads 3 in 0.3 ms. It holds 10 bytes and not 32, because every ballot that is cast writes an entry: a batch of 256 takes 35
to 50 ms with it as without. It shows nothing about the order of arrival that position does not say.';
GRANT SELECT ON votes TO election_service, results_service;

CREATE TRIGGER votes_never_changed BEFORE UPDATE OR DELETE ON votes FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_never_changed;
-- TRUNCATE slips past row triggers.
CREATE TRIGGER votes_never_emptied BEFORE TRUNCATE ON votes FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_never_emptied;

CREATE FUNCTION chain_link(election bigint, pos bigint, previous bytea, digest bytea, prefix bytea, stamp bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('chain/v1'::bytea || int8send(election) || int8send(pos) || previous || digest || prefix || stamp);
REVOKE ALL ON FUNCTION chain_link(bigint, bigint, bytea, bytea, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION chain_link(bigint, bigint, bytea, bytea, bytea, bytea) IS
'The link of one ballot (docs/protocol.md, section 9.1). Fixed widths only, so that no two different inputs are the same bytes. The
body is parsed now and not when it is called, so no search_path can give its names another meaning; and it can be inlined.';

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
COMMENT ON FUNCTION votes_continue_chain() IS
'Checks the inserted rows, whoever inserted them: they must continue the chain from the head, without a gap. It needs the head
before the change, so the INSERT comes before the UPDATE of the head. It runs once per statement: once per row would cost
quadratic time.';

-- Recording --------------------------------------------------------------------------------------------------------------

CREATE FUNCTION record_ballots(election bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[],
                               seen_position bigint DEFAULT NULL, seen_hash bytea DEFAULT NULL, seen_resumption bigint DEFAULT NULL,
                               seen_halted boolean DEFAULT false)
RETURNS TABLE (outcomes text[], head_position bigint, head_hash bytea, resumption bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    ballots integer := coalesce(cardinality(digests), 0);
    head    record;
    rewound boolean;
    places  integer[];
    spent   bigint[];
BEGIN
    PERFORM refuse_malformed_batch(digests, sealed, prefixes, stamps, token_hashes);
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
    -- resume_recording locks the head too, so this number cannot change now.
    resumption := last_resumption(election);
    rewound := coalesce(seen_resumption > resumption OR seen_resumption = resumption AND (seen_halted
        OR seen_position IS NOT NULL AND NOT box_holds(election, head_position, seen_position, seen_hash)), false);
    IF rewound OR head.halted_at IS NOT NULL THEN
        IF head.halted_at IS NULL THEN
            PERFORM halt_recording(election);
        END IF;
        outcomes := array_fill(CASE WHEN rewound THEN 'rewound' ELSE 'halted' END, ARRAY[greatest(ballots, 1)]);
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT coalesce(array_agg(j.outcome ORDER BY j.place), '{}'),
           coalesce(array_agg(j.place ORDER BY j.place) FILTER (WHERE j.outcome = 'recorded'), '{}'),
           coalesce(array_agg(j.token_id) FILTER (WHERE j.outcome = 'recorded' AND j.token_id IS NOT NULL), '{}')
    INTO outcomes, places, spent
    FROM judge_ballots(election, head.state, head_position, digests, sealed, prefixes, stamps, token_hashes) j;
    IF cardinality(places) > 0 THEN
        head_hash := append_ballots(election, head_position, head_hash, places, digests, sealed, prefixes, stamps);
        head_position := head_position + cardinality(places);
        UPDATE voting_tokens t SET is_used = true WHERE t.election_id = election AND t.token_id = ANY (spent);
    END IF;
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[], bigint, bytea, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[], bigint, bytea, bigint, boolean) TO voting_service;
COMMENT ON FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[], bigint, bytea, bigint, boolean) IS
'Records up to 256 ballots and answers one outcome each, in order:
  known             this digest is in the box already, or was recorded earlier in this call; costs no right, in any state
  wrong-profile     a link in an election for sealed ballots, or a stamped ballot in one for links
  unknown-token     no such link in this election
  already-used      the link is used, or another link of the same voter is
  revoked           a newer link replaced it
  not-open          the box does not take this kind of ballot now, by the clock of the database
  expired           the link is past its date
  wrong-length      not exactly as long as every ballot of this election
  recorded          in the box
  locked            somebody else holds the row of the link; nothing was decided about this ballot, and it may be sent again
  unknown-election  (all of them) there is no box
  rewound           (all of them) the box no longer holds what the caller saw committed; the election is halted from now on
  halted            (all of them) another process has found that
token_hashes[i] is NULL for a ballot that carries a blind stamp, which the caller has verified.

It also answers the end of the chain as this call leaves it, and the number of the newest amendment that resumed recording (0: none).
The caller keeps these three when it knows that the call was committed, and sends them with its next call, as the seen_... arguments.
So if the owner of the database deletes ballots and makes a fitting chain anew, every process that saw those ballots committed finds it
(ADR 0014). A head further on is normal: there are other processes. What was seen before a newer resumption no longer counts, and a
resumption that was seen must still be there. seen_halted says that the caller has seen this election halted since that resumption: then
it stays halted for this caller, also when somebody removed the mark.

A call without ballots only looks whether the box still holds what the caller saw committed: every recorder makes one every few seconds.
It answers one outcome, rewound or halted, if it does not, and none otherwise.

Locks: head, then links by number. Plans are made for each call: one made while the box was empty would scan the whole box as long as the
connection lives, and one without the number of the election would lock the leaves of all elections.';

CREATE FUNCTION refuse_malformed_batch(digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ballots integer := cardinality(digests);
BEGIN
    IF digests IS NULL OR ballots > 256 OR (ballots, ballots, ballots, ballots) IS DISTINCT FROM
           (cardinality(sealed), cardinality(prefixes), cardinality(stamps), cardinality(token_hashes))
       OR array_position(digests, NULL) IS NOT NULL OR array_position(sealed, NULL) IS NOT NULL
       OR array_position(prefixes, NULL) IS NOT NULL OR array_position(stamps, NULL) IS NOT NULL
       -- Ballots are read by subscript and by place; in an array that begins elsewhere those are two ballots.
       OR 1 <> ANY (ARRAY[array_lower(digests, 1), array_lower(sealed, 1), array_lower(prefixes, 1), array_lower(stamps, 1)]) THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'record_ballots takes at most 256 ballots in arrays of one length';
    END IF;
END $$;
REVOKE ALL ON FUNCTION refuse_malformed_batch(bytea[], bytea[], bytea[], bytea[], bytea[]) FROM PUBLIC;
COMMENT ON FUNCTION refuse_malformed_batch(bytea[], bytea[], bytea[], bytea[], bytea[]) IS
'A batch of another form is a fault of the caller (SQLSTATE 22023), and nothing of it is looked at.';

CREATE FUNCTION last_resumption(election bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(max(a.amendment_id), 0) FROM amendments a WHERE a.election_id = election AND a.kind = 'recording_resumed'
$$;
REVOKE ALL ON FUNCTION last_resumption(bigint) FROM PUBLIC;
COMMENT ON FUNCTION last_resumption(bigint) IS 'The number of the newest resumption of a halted election, 0 if there was none.';

CREATE FUNCTION box_holds(election bigint, head_position bigint, seen_position bigint, seen_hash bytea) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT seen_position <= head_position AND EXISTS (
        SELECT FROM votes v WHERE v.election_id = election AND v.position = seen_position AND v.chain_hash = seen_hash)
$$;
REVOKE ALL ON FUNCTION box_holds(bigint, bigint, bigint, bytea) FROM PUBLIC;
COMMENT ON FUNCTION box_holds(bigint, bigint, bigint, bytea) IS
'Whether the box still holds the ballot, and with it all before, that a recorder saw committed.';

CREATE FUNCTION halt_recording(election bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    alarm uuid := gen_random_uuid();
BEGIN
    UPDATE chain_heads h SET halted_at = clock_timestamp(), halts = h.halts + 1 WHERE h.election_id = election;
    INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
    VALUES (alarm, session_user, 'audit', 'event', election, convert_to(jsonb_build_object('event_id', alarm,
        'occurred_at', clock_timestamp(), 'election_id', election,
        'kind', jsonb_build_object('event_type', 'recording_halted', 'details', '{}'::jsonb))::text, 'UTF8'));
END $$;
REVOKE ALL ON FUNCTION halt_recording(bigint) FROM PUBLIC;
COMMENT ON FUNCTION halt_recording(bigint) IS
'Marks an election as halted and writes the audit event recording_halted, in the JSON form of contract::events. The event says which
election and when, and nothing about the ballot during whose recording it was found.';

CREATE FUNCTION box_rules(election bigint, state text)
RETURNS TABLE (profile text, closes_at timestamptz, sealed_len integer, stamps_given bigint, checked_at timestamptz, takes_links boolean,
               takes_stamps boolean) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    e record;
BEGIN
    checked_at := clock_timestamp();
    SELECT x.status, x.profile, x.opens_at, x.closes_at, m.sealed_len, y.grace_ends_at, y.stamps_given INTO e
    FROM elections x LEFT JOIN manifests m ON m.election_id = x.election_id LEFT JOIN tallies y ON y.election_id = x.election_id
    WHERE x.election_id = election;
    profile := e.profile;
    closes_at := e.closes_at;
    sealed_len := e.sealed_len;
    stamps_given := e.stamps_given;
    takes_links := state = 'open' AND e.status = 'active'
        AND coalesce(e.opens_at <= checked_at, true) AND coalesce(e.closes_at > checked_at, true);
    -- A stamp was given while voting was open: its ballot may come late, but not after the grace.
    takes_stamps := coalesce((state = 'open' AND e.status = 'active') OR (state = 'grace' AND e.grace_ends_at > checked_at), false);
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION box_rules(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION box_rules(bigint, text) IS
'What judge_ballots needs to know of an election whose head is in this state: its rules, the time by which they are read, and whether ballots
with a link, or with a stamp, are taken at that time. Called once the links are locked, so that no ballot waits behind the clock.';

CREATE FUNCTION judge_ballots(election bigint, state text, head_position bigint, digests bytea[], sealed bytea[], prefixes bytea[],
                              stamps bytea[], token_hashes bytea[])
RETURNS TABLE (place integer, outcome text, token_id bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    ballots      integer := cardinality(digests);
    rules        record;
    ballot       record;
    added        integer := 0;
    held         bigint[];
    -- Filled by subscript: appending with || would copy the whole array each time.
    has_digest   boolean[] := array_fill(false, ARRAY[ballots]);
    has_used     boolean[] := array_fill(false, ARRAY[ballots]);
BEGIN
    SELECT coalesce(array_agg(l.token_id), '{}') INTO held FROM (
        SELECT t.token_id FROM voting_tokens t WHERE t.election_id = election AND t.token_hash = ANY (token_hashes)
        ORDER BY t.token_id FOR UPDATE SKIP LOCKED) l;
    SELECT * INTO rules FROM box_rules(election, state);
    FOR ballot IN
        SELECT b.i::integer AS i, b.token_hash IS NULL AS stamped, t.token_id, t.revoked,
               link_ends_at(t.expires_at, t.runs_to_close, rules.closes_at) AS ends_at,
               min(b.i) OVER (PARTITION BY b.digest) AS same_digest, min(b.i) OVER (PARTITION BY b.token_hash) AS same_link,
               EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = b.digest) AS known,
               t.is_used OR EXISTS (SELECT FROM voting_tokens o WHERE o.election_id = election AND o.voter_id = t.voter_id AND o.is_used) AS is_used,
               (octet_length(b.sealed), octet_length(b.digest), octet_length(b.prefix), octet_length(b.stamp))
                   IS NOT DISTINCT FROM (rules.sealed_len, 32, 32, 384) AS has_lengths
        FROM unnest(digests, sealed, prefixes, stamps, token_hashes) WITH ORDINALITY AS b (digest, sealed, prefix, stamp, token_hash, i)
        LEFT JOIN voting_tokens t ON t.election_id = election AND t.token_hash = b.token_hash
        ORDER BY b.i
    LOOP
        place := ballot.i;
        token_id := ballot.token_id;
        outcome := CASE
            WHEN ballot.known OR has_digest[ballot.same_digest] THEN 'known'
            WHEN rules.profile = CASE WHEN ballot.stamped THEN 'simple' ELSE 'verified' END THEN 'wrong-profile'
            WHEN NOT ballot.stamped AND ballot.token_id IS NULL THEN 'unknown-token'
            WHEN NOT ballot.stamped AND ballot.token_id <> ALL (held) THEN 'locked'
            WHEN NOT ballot.stamped AND (ballot.is_used OR has_used[ballot.same_link]) THEN 'already-used'
            WHEN NOT ballot.stamped AND ballot.revoked THEN 'revoked'
            WHEN NOT ballot.stamped AND NOT rules.takes_links THEN 'not-open'
            WHEN ballot.stamped AND NOT (rules.takes_stamps AND (state = 'open' OR head_position + added < rules.stamps_given)) THEN 'not-open'
            WHEN NOT ballot.stamped AND ballot.ends_at <= rules.checked_at THEN 'expired'
            WHEN NOT ballot.has_lengths THEN 'wrong-length'
            ELSE 'recorded' END;
        IF outcome = 'recorded' THEN
            added := added + 1;
            has_digest[ballot.same_digest] := true;
            IF NOT ballot.stamped THEN
                has_used[ballot.same_link] := true;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION judge_ballots(bigint, text, bigint, bytea[], bytea[], bytea[], bytea[], bytea[]) FROM PUBLIC;
COMMENT ON FUNCTION judge_ballots(bigint, text, bigint, bytea[], bytea[], bytea[], bytea[], bytea[]) IS
'The outcome of each ballot of a batch, in order, in one pass, and the link it was cast with. It locks the links by number. A link that
somebody else holds is skipped and not waited for: one locked link must not hold up the ballots beside it. The head is locked by now, and
the election is read without a lock after that: closing holds the head too.';

CREATE FUNCTION append_ballots(election bigint, head_position bigint, head_hash bytea, places integer[], digests bytea[], sealed bytea[],
                               prefixes bytea[], stamps bytea[])
RETURNS bytea LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    added    integer := cardinality(places);
    link     bytea := head_hash;
    previous bytea[] := array_fill(NULL::bytea, ARRAY[added]);
    links    bytea[] := array_fill(NULL::bytea, ARRAY[added]);
BEGIN
    FOR n IN 1 .. added LOOP
        previous[n] := link;
        link := chain_link(election, head_position + n, link, digests[places[n]], prefixes[places[n]], stamps[places[n]]);
        links[n] := link;
    END LOOP;
    INSERT INTO votes (election_id, position, digest, sealed, prefix, stamp, previous_hash, chain_hash)
    SELECT election, head_position + n.place, b.digest, b.sealed, b.prefix, b.stamp, n.previous, n.link
    FROM unnest(places, previous, links) WITH ORDINALITY AS n (i, previous, link, place)
    JOIN unnest(digests, sealed, prefixes, stamps) WITH ORDINALITY AS b (digest, sealed, prefix, stamp, i) ON b.i = n.i
    ORDER BY n.place;
    UPDATE chain_heads h SET last_position = head_position + added, last_hash = link WHERE h.election_id = election;
    RETURN link;
END $$;
REVOKE ALL ON FUNCTION append_ballots(bigint, bigint, bytea, integer[], bytea[], bytea[], bytea[], bytea[]) FROM PUBLIC;
COMMENT ON FUNCTION append_ballots(bigint, bigint, bytea, integer[], bytea[], bytea[], bytea[], bytea[]) IS
'Chains the ballots at these places of a batch behind the head, which the caller has locked, and moves the head. Answers the new end.';

CREATE FUNCTION halted_elections(seen bigint[]) RETURNS TABLE (election_id bigint, marked boolean, resumption bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.election_id, h.halted_at IS NOT NULL, last_resumption(h.election_id)
    FROM chain_heads h JOIN elections e ON e.election_id = h.election_id
    WHERE (h.halted_at IS NOT NULL OR h.election_id = ANY (seen)) AND e.status IN ('active', 'closed')
$$;
REVOKE ALL ON FUNCTION halted_elections(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halted_elections(bigint[]) TO voting_service;
COMMENT ON FUNCTION halted_elections(bigint[]) IS
'Whose box was found rewound: elections with the mark; and all those in the argument, which the caller has seen halted, so that it can
tell whether they were resumed since. Active ones take no ballots now. A closed one keeps its mark, and is named until it is archived.';

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
COMMENT ON FUNCTION resume_recording(bigint, text) IS
'Lets a halted election take ballots again, and announces it with the reason. What processes saw before counts no longer, and they
take the head as it is. Outcomes: resumed | not-halted | not-active | unknown. Locks: election, head.';

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
    ELSIF EXISTS (SELECT FROM voting_tokens o WHERE o.election_id = election AND o.voter_id = right_held.voter_id AND o.is_used) THEN
        RETURN 'already-used';
    ELSIF right_held.revoked THEN
        RETURN 'revoked';
    ELSIF (head.state = 'open' AND rules.status = 'active' AND coalesce(rules.opens_at <= checked_at, true)
           AND coalesce(rules.closes_at > checked_at, true)) IS NOT TRUE THEN
        RETURN 'not-open';
    ELSIF right_held.ends_at <= checked_at THEN
        RETURN 'expired';
    END IF;
    UPDATE voting_tokens t SET is_used = true, blinded_hash = spend_token.blinded_hash
    WHERE t.election_id = election AND t.token_id = right_held.token_id;
    RETURN 'spent';
END $$;
REVOKE ALL ON FUNCTION spend_token(bigint, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION spend_token(bigint, bytea, bytea) TO voting_service;
COMMENT ON FUNCTION spend_token(bigint, bytea, bytea) IS
'Uses a link up for one blind stamp; the caller answers with the stamp only after this is committed. Outcomes as in record_ballots, and:
  spent  the link is used from now on
  again  it was used for this very message: the same stamp may be given again, until the box is sealed
Locks: head FOR KEY SHARE, which closing''s FOR UPDATE waits for and recording''s FOR NO KEY UPDATE does not; then the link.';

-- Finding a ballot -------------------------------------------------------------------------------------------------------

CREATE FUNCTION find_ballot(election bigint, digest bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = find_ballot.digest)
$$;
REVOKE ALL ON FUNCTION find_ballot(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_ballot(bigint, bytea) TO voting_service;
COMMENT ON FUNCTION find_ballot(bigint, bytea) IS 'Whether this ballot is in the box of this election.';

CREATE FUNCTION find_receipt(low bytea, high bytea) RETURNS TABLE (election_id bigint, digest bytea, sealed_box boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    -- MATERIALIZED: joined freely, and before the first ANALYZE, the planner goes through all elections again (seen).
    WITH found AS MATERIALIZED (
        SELECT v.election_id, v.digest FROM votes v
        WHERE substring(v.digest FROM 1 FOR 10) = substring(low FROM 1 FOR 10) AND v.digest BETWEEN low AND high
          AND octet_length(low) = 32 AND octet_length(high) = 32 AND substring(low FROM 1 FOR 10) = substring(high FROM 1 FOR 10))
    SELECT f.election_id, f.digest, (SELECT h.state = 'sealed' FROM chain_heads h WHERE h.election_id = f.election_id)
    FROM found f LIMIT 1
$$;
REVOKE ALL ON FUNCTION find_receipt(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_receipt(bytea, bytea) TO voting_service;
COMMENT ON FUNCTION find_receipt(bytea, bytea) IS
'The ballot of a receipt, in whatever election. A receipt code is the first 80 bits of the digest, so low and high must agree in 10
bytes: a wider range would let the caller walk through every box.';

-- What a service may learn about links, votes and the roll without a right on those tables. Nothing here changes a row.

-- Everything about one link but whose it is, and the spent code, which the voting page prints as the mail does. Voting gets a function instead of SELECT so that it can look at the link it was
-- shown, and at no list of who has voted. `now` is the database's clock: one clock decides.
CREATE FUNCTION look_up_token(token_hash bytea)
RETURNS TABLE (election_id bigint, title text, status text, profile text, opens_at timestamptz, closes_at timestamptz,
               expires_at timestamptz, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamptz, spend_id bytea,
               halted boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at,
           link_ends_at(t.expires_at, t.runs_to_close, e.closes_at), t.is_used, t.revoked, t.email_hint, e.manifest_hash,
           clock_timestamp(), t.spend_id,
           EXISTS (SELECT FROM chain_heads h WHERE h.election_id = e.election_id AND h.halted_at IS NOT NULL)
    FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id
    WHERE t.token_hash = look_up_token.token_hash
$$;
REVOKE ALL ON FUNCTION look_up_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_up_token(bytea) TO voting_service;

CREATE FUNCTION find_ballot(election bigint, digest bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = find_ballot.digest)
$$;
REVOKE ALL ON FUNCTION find_ballot(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_ballot(bigint, bytea) TO voting_service;

-- The ballot of a receipt, in whatever election: a receipt code is the first 80 bits of the digest, so `low` and `high` must
-- agree in 10 bytes (a wider range would let the caller walk through every box).
--
-- One index over the first 10 bytes of all digests, so that a look-up costs the same whatever the number of elections. A probe of
-- votes_digest_key for each election read 3,023 pages in 29 ms for a receipt that does not exist, with 1,000 elections, and anybody
-- may ask; this reads 3 in 0.3 ms. It holds 10 bytes and not 32, because every ballot that is cast writes an entry: a batch of 256
-- takes 35 to 50 ms with it as without. It shows nothing about the order of arrival that votes.position does not say.
-- MATERIALIZED: joined freely, and before the first ANALYZE, the planner goes through all elections again (seen).
CREATE INDEX votes_receipt ON votes (substring(digest FROM 1 FOR 10));
CREATE FUNCTION find_receipt(low bytea, high bytea) RETURNS TABLE (election_id bigint, digest bytea, sealed_box boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    WITH found AS MATERIALIZED (
        SELECT v.election_id, v.digest FROM votes v
        WHERE substring(v.digest FROM 1 FOR 10) = substring(low FROM 1 FOR 10) AND v.digest BETWEEN low AND high
          AND octet_length(low) = 32 AND octet_length(high) = 32 AND substring(low FROM 1 FOR 10) = substring(high FROM 1 FOR 10))
    SELECT f.election_id, f.digest, (SELECT h.state = 'sealed' FROM chain_heads h WHERE h.election_id = f.election_id)
    FROM found f LIMIT 1
$$;
REVOKE ALL ON FUNCTION find_receipt(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_receipt(bytea, bytea) TO voting_service;

-- Keeps `turnouts.roll`: counting 100,000 voters for each row of a list of elections took 0.16 s each. Once the election is closed
-- the roll no longer changes; what the close deletes and inserts again is not counted. An election that is being deleted, as a
-- draft, is gone already, and its row here goes with it.
-- Lock order: this row comes last, after the voters.
CREATE FUNCTION roll_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO turnouts AS t (election_id, roll)
        SELECT n.election_id, count(*) FROM new_rows n JOIN elections e ON e.election_id = n.election_id
        WHERE NOT n.deleted AND e.status IN ('draft', 'scheduled', 'active') GROUP BY n.election_id ORDER BY n.election_id
        ON CONFLICT (election_id) DO UPDATE SET roll = t.roll + excluded.roll;
    ELSE
        UPDATE turnouts t SET roll = t.roll - gone.voters
        FROM (SELECT o.election_id, count(*) AS voters FROM old_rows o JOIN elections e ON e.election_id = o.election_id
              WHERE NOT o.deleted AND e.status IN ('draft', 'scheduled', 'active') GROUP BY o.election_id) gone
        WHERE t.election_id = gone.election_id;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION roll_counted() FROM PUBLIC;
CREATE TRIGGER voters_counted_insert AFTER INSERT ON voters REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION roll_counted();
CREATE TRIGGER voters_counted_delete AFTER DELETE ON voters REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION roll_counted();

-- The turnout as every service shows it: one place decides what may be seen. Until the close it is the row of `turnouts`, so
-- every copy of every service shows the same number, and a list of elections reads one row for each. From the close on
-- it is exact, by the numbers that the closing has fixed.
CREATE FUNCTION turnout(election bigint) RETURNS TABLE (roll bigint, voted bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(e.roll_count, t.roll, 0),
           coalesce(CASE WHEN e.status IN ('closed', 'archived') THEN coalesce(e.spent_count, e.stamps_given) ELSE t.voted END, 0)
    FROM (VALUES (election)) AS asked (id)
    LEFT JOIN elections e ON e.election_id = asked.id
    LEFT JOIN turnouts t ON t.election_id = asked.id
$$;
REVOKE ALL ON FUNCTION turnout(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION turnout(bigint) TO results_service, election_service;

-- Counts one open election whose shown turnout is a minute old. False when there is none. The election service's worker calls
-- it; two workers never count the same election twice, and never wait for each other or for an import that holds the row.
-- `voted` is rounded down to five, and never all of those who were on the roll at the opening: "5 of 5" would say of each of them
-- that they have voted. Late voters do not raise this limit: an organiser could add one who never votes, and read "5 of 6".
-- What was shown once is not taken back.
CREATE FUNCTION refresh_turnout() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    due  record;
    used bigint;
    late bigint;
BEGIN
    SELECT t.election_id, t.roll INTO due
    FROM turnouts t JOIN elections e ON e.election_id = t.election_id
    WHERE e.status = 'active' AND t.counted_at <= clock_timestamp() - interval '1 minute'
    ORDER BY t.counted_at, t.election_id LIMIT 1 FOR UPDATE OF t SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT count(*) INTO used FROM voting_tokens t WHERE t.election_id = due.election_id AND t.is_used;
    SELECT coalesce(sum((a.details ->> 'voters')::bigint), 0) INTO late
    FROM amendments a WHERE a.election_id = due.election_id AND a.kind = 'voter_added';
    UPDATE turnouts t SET voted = greatest(t.voted, least(used, greatest(due.roll - late - 1, 0)) / 5 * 5), counted_at = clock_timestamp()
    WHERE t.election_id = due.election_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION refresh_turnout() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_turnout() TO election_service;

-- Whether the organiser had a link of this origin sent, to a voter of their choice. Everything that an organiser sees about a voter
-- (whether a link was sent, the state of the mail, how often it can be sent again) goes by these links alone. A link that the
-- voter asked for would show that they had not voted before, and a reminder goes only to who has not voted.
CREATE FUNCTION sent_by_organiser(origin text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN origin IN ('invitation', 'resend', 'correction');
REVOKE ALL ON FUNCTION sent_by_organiser(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sent_by_organiser(text) TO admin_service;

-- Whether nobody could vote: such an election does not open.
CREATE FUNCTION roll_is_empty(election bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM voters v WHERE v.election_id = election AND NOT v.deleted)
$$;
REVOKE ALL ON FUNCTION roll_is_empty(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_is_empty(bigint) TO election_service;

-- How many voters on the roll the organiser has sent no link: activation warns of them.
CREATE FUNCTION links_unsent(election bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = v.voter_id AND sent_by_organiser(t.origin))
$$;
REVOKE ALL ON FUNCTION links_unsent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_unsent(bigint) TO election_service;

-- What a service may learn about links, votes and the roll without a right on those tables. Nothing here changes a row.

-- Everything about one link but whose it is. Voting gets a function instead of SELECT so that it can look at the link it was
-- shown, and at no list of who has voted. `now` is the database's clock: one clock decides.
CREATE FUNCTION look_up_token(token_hash bytea)
RETURNS TABLE (election_id bigint, title text, status text, profile text, opens_at timestamptz, closes_at timestamptz,
               expires_at timestamptz, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at,
           link_ends_at(t.expires_at, t.runs_to_close, e.closes_at), t.is_used, t.revoked, t.email_hint, e.manifest_hash, clock_timestamp()
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

CREATE FUNCTION turnout(election bigint) RETURNS TABLE (roll bigint, voted bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted),
           (SELECT count(*) FROM voting_tokens t WHERE t.election_id = election AND t.is_used)
$$;
REVOKE ALL ON FUNCTION turnout(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION turnout(bigint) TO voting_service, results_service, election_service, admin_service;

-- How many voters on the roll hold no link: activation warns of them.
CREATE FUNCTION links_unsent(election bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.voter_id = v.voter_id AND NOT t.revoked)
$$;
REVOKE ALL ON FUNCTION links_unsent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_unsent(bigint) TO election_service;

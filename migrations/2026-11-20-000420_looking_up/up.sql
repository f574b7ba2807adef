-- What a service may learn about links, votes and the roll without a right on those tables. Nothing here changes a row.

-- Everything about one link but whose it is. Voting gets a function instead of SELECT so that it can look at the link it was
-- shown, and at no list of who has voted. `now` is the database's clock: one clock decides.
CREATE FUNCTION look_up_token(token_hash bytea)
RETURNS TABLE (election_id bigint, title text, status text, profile text, opens_at timestamptz, closes_at timestamptz,
               expires_at timestamptz, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at, t.expires_at, t.is_used, t.revoked,
           t.email_hint, e.manifest_hash, clock_timestamp()
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
-- agree in 10 bytes (a wider range would let the caller walk through every box). One index probe per election.
CREATE FUNCTION find_receipt(low bytea, high bytea) RETURNS TABLE (election_id bigint, digest bytea, sealed_box boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.election_id, v.digest, h.state = 'sealed'
    FROM chain_heads h
    CROSS JOIN LATERAL (SELECT b.digest FROM votes b WHERE b.election_id = h.election_id AND b.digest BETWEEN low AND high
                        ORDER BY b.digest LIMIT 1) v
    WHERE octet_length(low) = 32 AND octet_length(high) = 32 AND substring(low FROM 1 FOR 10) = substring(high FROM 1 FOR 10)
    LIMIT 1
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

-- Whether nobody could vote: such an election does not open.
CREATE FUNCTION roll_is_empty(election bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM voters v WHERE v.election_id = election AND NOT v.deleted)
$$;
REVOKE ALL ON FUNCTION roll_is_empty(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_is_empty(bigint) TO election_service;

-- How many voters on the roll hold no link: activation warns of them.
CREATE FUNCTION links_unsent(election bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.voter_id = v.voter_id AND NOT t.revoked)
$$;
REVOKE ALL ON FUNCTION links_unsent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_unsent(bigint) TO election_service;

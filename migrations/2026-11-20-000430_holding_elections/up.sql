-- Holds an election as it is until the end of the transaction, and says where it stands. The admin service has no right to
-- lock elections itself, and needs this *before* its first write: the triggers that freeze candidates and the roll take the
-- election after the statement, when rows are locked already, and the lock order is election, head, voter, links.
CREATE FUNCTION hold_election(election bigint) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.status FROM elections e WHERE e.election_id = election FOR SHARE
$$;
REVOKE ALL ON FUNCTION hold_election(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_election(bigint) TO admin_service;

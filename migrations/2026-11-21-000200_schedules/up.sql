-- Elections that open and close by the clock, and what is announced about them.

-- What the worker looks for every second.
CREATE INDEX elections_opening ON elections (opens_at) WHERE status = 'scheduled';
CREATE INDEX elections_closing ON elections (closes_at) WHERE status = 'active';

-- The amendments of an election as JSON, oldest first, as every service shows them. With the caller's rights: whoever may not
-- read the table gets nothing here.
CREATE FUNCTION amendments_of(election bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('amendment_id', a.amendment_id, 'kind', a.kind, 'reason', a.reason,
                                                 'created_at', a.created_at) || a.details ORDER BY a.amendment_id), '[]')::text
    FROM amendments a WHERE a.election_id = election
$$;
REVOKE ALL ON FUNCTION amendments_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amendments_of(bigint) TO election_service, voting_service, results_service;

-- Moves the end of voting to a later time, and says so. One row is touched: links that run to the close end when the election
-- says (link_ends_at). Neither the head nor a link is locked, so no ballot waits; one that is recorded at the same time is judged
-- by the old end or the new, and the later end only lets more in. The caller has asked the rule; the trigger on elections refuses
-- an earlier end all the same. False when the end has come meanwhile, by the clock that decides: a close may be under way, and
-- nobody is told a later end after the fact. Where voting has not begun there is nothing to close: a scheduled election whose end has
-- passed does not open, so its end can still be moved, to a time that is still to come.
CREATE FUNCTION move_closing(election bigint, later timestamptz, why text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was record;
BEGIN
    SELECT e.status, e.closes_at INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    IF coalesce(was.status NOT IN ('scheduled', 'active') OR later <= was.closes_at
                OR CASE was.status WHEN 'scheduled' THEN later ELSE was.closes_at END <= clock_timestamp(), true) THEN
        RETURN false;
    END IF;
    UPDATE elections e SET closes_at = later WHERE e.election_id = election;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (election, 'closes_at_moved', why, jsonb_build_object('previous_closes_at', was.closes_at, 'closes_at', later));
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION move_closing(bigint, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION move_closing(bigint, timestamptz, text) TO election_service;

-- What is found in the box, and what people are shown.

CREATE TABLE decrypted_ballots (
    election_id bigint NOT NULL CONSTRAINT decrypted_ballots_election_fkey REFERENCES elections (election_id),
    digest      bytea NOT NULL CONSTRAINT decrypted_ballots_digest_width CHECK (octet_length(digest) = 32),
    plaintext   bytea,
    reason      text,
    PRIMARY KEY (election_id, digest),
    CONSTRAINT decrypted_ballots_one_of_two CHECK ((plaintext IS NULL) <> (reason IS NULL))
);
COMMENT ON TABLE decrypted_ballots IS
'What was found in each ballot of a sealed box: exactly one of plaintext and reason. Written by the election service in the order of the
digests, so that nothing here repeats the order in which the ballots came.';
COMMENT ON COLUMN decrypted_ballots.reason IS 'Why the ballot does not open or cannot be read (docs/protocol.md, 5.2 and 6).';
GRANT SELECT, INSERT ON decrypted_ballots TO election_service;
GRANT SELECT ON decrypted_ballots TO results_service;

CREATE FUNCTION decrypted_ballots_from_sealed_box() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
REVOKE ALL ON FUNCTION decrypted_ballots_from_sealed_box() FROM PUBLIC;
CREATE TRIGGER decrypted_ballots_from_sealed_box AFTER INSERT ON decrypted_ballots REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION decrypted_ballots_from_sealed_box();
COMMENT ON FUNCTION decrypted_ballots_from_sealed_box() IS
'What was found is written only when the box is sealed, and only about ballots that are in it.';
CREATE TRIGGER decrypted_ballots_never_changed BEFORE UPDATE OR DELETE ON decrypted_ballots FOR EACH ROW EXECUTE FUNCTION never();
ALTER TABLE decrypted_ballots ENABLE ALWAYS TRIGGER decrypted_ballots_never_changed;
CREATE TRIGGER decrypted_ballots_never_emptied BEFORE TRUNCATE ON decrypted_ballots FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE decrypted_ballots ENABLE ALWAYS TRIGGER decrypted_ballots_never_emptied;

CREATE TABLE published_results (
    election_id bigint PRIMARY KEY CONSTRAINT published_results_election_fkey REFERENCES elections (election_id),
    body        bytea NOT NULL,
    mac         bytea NOT NULL CONSTRAINT published_results_mac_width CHECK (octet_length(mac) = 32),
    checked_at  timestamptz NOT NULL
);
CREATE INDEX published_results_checked ON published_results (checked_at);
COMMENT ON TABLE published_results IS
'What everybody is shown of a published election: counted and checked once, and then kept, so that a request does not read the whole box.
Written by the results service. Whoever loses the key file or doubts a row can delete the row: it is made again from the ballots.';
COMMENT ON COLUMN published_results.mac IS
'Made with a key file that is not in the database: a row that somebody else wrote, or moved here from another election, is counted again
and never shown.';
GRANT SELECT, INSERT, UPDATE ON published_results TO results_service;

CREATE TABLE result_views (
    election_id bigint NOT NULL CONSTRAINT result_views_election_fkey REFERENCES elections (election_id),
    admin_id    bigint NOT NULL CONSTRAINT result_views_admin_fkey REFERENCES admins (admin_id),
    logged_at   timestamptz NOT NULL,
    PRIMARY KEY (election_id, admin_id)
);
COMMENT ON TABLE result_views IS
'When a view of this result by this admin was last written to the audit log. One row for all copies of the service, so
that they do not log the same view twice.';
GRANT SELECT, INSERT, UPDATE (logged_at) ON result_views TO results_service;

-- The turnout ------------------------------------------------------------------------------------------------------------

CREATE TABLE turnouts (
    election_id bigint PRIMARY KEY CONSTRAINT turnouts_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    roll        bigint NOT NULL DEFAULT 0 CONSTRAINT turnouts_roll_not_negative CHECK (roll >= 0),
    voted       bigint NOT NULL DEFAULT 0 CONSTRAINT turnouts_voted_rounded CHECK (voted >= 0 AND voted % 5 = 0),
    counted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    roll_at_opening bigint
);
COMMENT ON TABLE turnouts IS
'The turnout that everybody is shown until the close (ADR 0020). No service may read or write this table; turnout shows it and
refresh_turnout counts.';
COMMENT ON COLUMN turnouts.roll IS 'Exact, kept by a trigger of voters.';
COMMENT ON COLUMN turnouts.roll_at_opening IS 'roll when voting opened: the number that is shown stays below it, and below roll.';
COMMENT ON COLUMN turnouts.voted IS
'Rounded down to five and counted again once a minute: with the exact number, an organiser who looks before and after one person votes
would know that this person has voted.';

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
COMMENT ON FUNCTION roll_counted() IS
'Keeps turnouts.roll: counting 100,000 voters for each row of a list of elections took 0.16 s each. Once the election is closed the roll no
longer changes; what the close writes anew is not counted. Lock order: this row comes last, after the voters.';

CREATE FUNCTION roll_at_opening_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE turnouts t SET roll_at_opening = t.roll WHERE t.election_id = NEW.election_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION roll_at_opening_kept() FROM PUBLIC;
CREATE TRIGGER elections_roll_at_opening_kept AFTER UPDATE OF status ON elections
    FOR EACH ROW WHEN (OLD.status <> 'active' AND NEW.status = 'active') EXECUTE FUNCTION roll_at_opening_kept();
COMMENT ON FUNCTION roll_at_opening_kept() IS
'Keeps turnouts.roll_at_opening. Nobody changes the roll meanwhile: whoever does holds the election FOR SHARE.';

CREATE FUNCTION turnout(election bigint) RETURNS TABLE (roll bigint, voted bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(c.roll_count, t.roll, 0),
           coalesce(CASE WHEN y.election_id IS NOT NULL THEN coalesce(c.spent_count, y.stamps_given) ELSE t.voted END, 0)
    FROM (VALUES (election)) AS asked (id)
    LEFT JOIN turnouts t ON t.election_id = asked.id
    LEFT JOIN tallies y ON y.election_id = asked.id
    LEFT JOIN box_commitments c ON c.election_id = asked.id
$$;
REVOKE ALL ON FUNCTION turnout(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION turnout(bigint) TO results_service, election_service;
COMMENT ON FUNCTION turnout(bigint) IS
'The turnout as every service shows it: one place decides what may be seen. Until the close it is the row of turnouts, so every copy of
every service shows the same number, and a list of elections reads one row for each. From the close on it is exact, by the numbers that
the closing has fixed.';

CREATE FUNCTION refresh_turnout() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    due    record;
    unsent bigint;
    used   bigint := 0;
BEGIN
    SELECT t.election_id, t.roll, t.roll_at_opening INTO due
    FROM turnouts t JOIN elections e ON e.election_id = t.election_id
    WHERE e.status = 'active' AND t.counted_at <= clock_timestamp() - interval '1 minute'
    ORDER BY t.counted_at, t.election_id LIMIT 1 FOR UPDATE OF t SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    unsent := links_unsent(due.election_id);
    IF unsent IN (0, due.roll) THEN
        SELECT count(*) INTO used FROM voting_tokens t WHERE t.election_id = due.election_id AND t.is_used;
    END IF;
    UPDATE turnouts t SET counted_at = clock_timestamp(),
        voted = greatest(t.voted, least(used, greatest(least(due.roll, due.roll_at_opening) - 1, 0)) / 5 * 5)
    WHERE t.election_id = due.election_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION refresh_turnout() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_turnout() TO election_service;
COMMENT ON FUNCTION refresh_turnout() IS
'Counts one open election whose shown turnout is a minute old. False when there is none. The worker of the election service calls it; two
workers never count the same election twice, and never wait for each other or for an import that holds the row. The number is rounded down
to five, and never all of those who were on the roll at the opening: "5 of 5" would say of each of them that they have voted. Late voters do
not raise this limit: an organiser could add one who never votes, and read "5 of 6". What was shown once is not taken back.

It stays as it is while the organiser has had links sent to a part of the roll only. Whoever chooses who can vote could choose four
addresses of their own and one other voter, and would read at "5" that this one has voted. When nobody was sent a link, all ask for their
own.';

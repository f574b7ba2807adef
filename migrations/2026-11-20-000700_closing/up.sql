-- Closing, step by step. Each function is one step and is idempotent: called again, it changes nothing and returns the same. The
-- election service calls them and writes the other columns of tallies.
-- Lock order: election FOR NO KEY UPDATE, head, then the leaves.

CREATE TABLE tallies (
    election_id   bigint PRIMARY KEY CONSTRAINT tallies_election_fkey REFERENCES elections (election_id),
    state         text NOT NULL DEFAULT 'grace'
        CONSTRAINT tallies_state_known CHECK (state IN ('grace', 'sealed', 'rewritten', 'opening', 'opened', 'failed')),
    failed_in     text,
    error         text,
    done          bigint NOT NULL DEFAULT 0,
    total         bigint NOT NULL DEFAULT 0,
    grace_ends_at timestamptz NOT NULL,
    stamps_given  bigint NOT NULL,
    lease_holder  uuid,
    lease_until   timestamptz
);
COMMENT ON TABLE tallies IS
'How far the closing of an election has come. begin_close inserts the row in the transaction that closes the election.';
COMMENT ON COLUMN tallies.state IS
'The values are those of the public API, where opening and opened mean that ballots are being decrypted, and are decrypted.';
COMMENT ON COLUMN tallies.failed_in IS 'The state in which it failed, and to which a retry goes back.';
COMMENT ON COLUMN tallies.done IS 'How many of total ballots are decrypted.';
COMMENT ON COLUMN tallies.grace_ends_at IS 'Until when ballots that were stamped before the close are taken.';
COMMENT ON COLUMN tallies.stamps_given IS 'How many rights were used before the close: so many ballots can come at the most.';
COMMENT ON COLUMN tallies.lease_holder IS 'Which process is driving the closing; until lease_until nobody else should.';
GRANT SELECT, UPDATE (state, failed_in, error, done, total, lease_holder, lease_until) ON tallies TO election_service;
GRANT SELECT ON tallies TO results_service;
GRANT SELECT (election_id, state, failed_in) ON tallies TO admin_service;

CREATE TRIGGER tallies_keep_what_was_counted BEFORE UPDATE ON tallies FOR EACH ROW
    WHEN ((OLD.election_id, OLD.grace_ends_at, OLD.stamps_given) IS DISTINCT FROM (NEW.election_id, NEW.grace_ends_at, NEW.stamps_given))
    EXECUTE FUNCTION never();
CREATE TRIGGER tallies_never_deleted BEFORE DELETE ON tallies FOR EACH ROW EXECUTE FUNCTION never();

CREATE FUNCTION closed_means_tally() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    is_closed boolean;
BEGIN
    SELECT e.status IN ('closed', 'archived') INTO is_closed FROM elections e WHERE e.election_id = NEW.election_id;
    IF is_closed <> EXISTS (SELECT FROM tallies t WHERE t.election_id = NEW.election_id) THEN
        PERFORM refuse('tally_once_closed', format('election %s must have a tally exactly when it is closed', NEW.election_id));
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION closed_means_tally() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER elections_closed_means_tally AFTER UPDATE OF status ON elections DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION closed_means_tally();
CREATE CONSTRAINT TRIGGER tallies_closed_means_tally AFTER INSERT ON tallies DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION closed_means_tally();
COMMENT ON FUNCTION closed_means_tally() IS
'At the commit an election has a tally if it is closed or archived, and none if it is not. A CHECK cannot span two tables.';

CREATE TABLE box_commitments (
    election_id bigint PRIMARY KEY CONSTRAINT box_commitments_election_fkey REFERENCES elections (election_id),
    box_count   bigint NOT NULL,
    box_hash    bytea NOT NULL CONSTRAINT box_commitments_box_hash_width CHECK (octet_length(box_hash) = 32),
    spent_count bigint NOT NULL,
    spent_hash  bytea NOT NULL CONSTRAINT box_commitments_spent_hash_width CHECK (octet_length(spent_hash) = 32),
    roll_count  bigint NOT NULL,
    withdrawn_hash bytea NOT NULL CONSTRAINT box_commitments_withdrawn_hash_width CHECK (octet_length(withdrawn_hash) = 32),
    halts       bigint NOT NULL,
    resumptions bigint NOT NULL,
    sealed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE box_commitments IS
'What seal_box found. All of it is signed in two statements and mailed to the organiser before the seal key is used (ADR 0016): ballots,
used rights, roll and withdrawals in one, halts of the recording in the other.
Inserted once and never replaced: a commitment that could be replaced after somebody decrypted the ballots would be worthless.';
COMMENT ON COLUMN box_commitments.box_count IS 'How many ballots.';
COMMENT ON COLUMN box_commitments.box_hash IS 'SHA-256 over their digests in ascending order.';
COMMENT ON COLUMN box_commitments.spent_count IS 'How many rights were used.';
COMMENT ON COLUMN box_commitments.spent_hash IS 'SHA-256 over the spent list in ascending order.';
COMMENT ON COLUMN box_commitments.roll_count IS 'How many voters are on the roll.';
COMMENT ON COLUMN box_commitments.withdrawn_hash IS 'SHA-256 over the ids of the withdrawn candidates in ascending order.';
COMMENT ON COLUMN box_commitments.halts IS 'How often recording was halted because recorded ballots were missing.';
COMMENT ON COLUMN box_commitments.resumptions IS 'How often it was resumed. If this is less, it was halted to the end.';
GRANT SELECT ON box_commitments TO election_service, results_service;

CREATE TABLE tally_signatures (
    election_id bigint NOT NULL CONSTRAINT tally_signatures_box_fkey REFERENCES box_commitments (election_id),
    statement   text NOT NULL CONSTRAINT tally_signatures_statement_known CHECK (statement IN ('box', 'recording', 'decryption')),
    signature   bytea NOT NULL CONSTRAINT tally_signatures_width CHECK (octet_length(signature) = 64),
    PRIMARY KEY (election_id, statement)
);
COMMENT ON TABLE tally_signatures IS
'What the installation signs while it counts, with its receipt key, which is a file and not in the database. Inserted once and never
replaced.';
COMMENT ON COLUMN tally_signatures.statement IS
'box and recording: over the row of box_commitments, in the transaction that seals the box. decryption: over what was found in the box. The results
service has no key to decrypt a ballot again; by this signature it notices that a plaintext was exchanged after the count.';
GRANT SELECT, INSERT ON tally_signatures TO election_service;
GRANT SELECT ON tally_signatures TO results_service;

CREATE TRIGGER box_commitments_never_changed BEFORE UPDATE OR DELETE ON box_commitments FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER box_commitments_never_emptied BEFORE TRUNCATE ON box_commitments FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER tally_signatures_never_changed BEFORE UPDATE OR DELETE ON tally_signatures FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER tally_signatures_never_emptied BEFORE TRUNCATE ON tally_signatures FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE box_commitments ENABLE ALWAYS TRIGGER box_commitments_never_changed;
ALTER TABLE box_commitments ENABLE ALWAYS TRIGGER box_commitments_never_emptied;
ALTER TABLE tally_signatures ENABLE ALWAYS TRIGGER tally_signatures_never_changed;
ALTER TABLE tally_signatures ENABLE ALWAYS TRIGGER tally_signatures_never_emptied;

-- Step 1 -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION begin_close(election bigint, grace_seconds integer) RETURNS TABLE (outcome text, stamps bigint, ballots bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    was  record;
    used bigint;
    box  bigint;
    now_ timestamptz;
BEGIN
    SELECT e.status INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    -- SELECT ... FOR UPDATE *before* any update: it waits for stamps under way, which hold the head FOR KEY SHARE. A plain
    -- UPDATE would not, and a stamp would slip in after the count.
    SELECT h.last_position INTO box FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    IF was.status IN ('closed', 'archived') THEN
        RETURN QUERY SELECT 'already'::text, t.stamps_given, box FROM tallies t WHERE t.election_id = election;
        RETURN;
    ELSIF was.status IS DISTINCT FROM 'active' THEN
        RETURN QUERY SELECT 'not-active'::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;
    SELECT count(*) INTO used FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    now_ := clock_timestamp();
    UPDATE chain_heads h SET state = 'grace' WHERE h.election_id = election;
    UPDATE elections e SET status = 'closed', closed_at = now_ WHERE e.election_id = election;
    INSERT INTO tallies (election_id, stamps_given, grace_ends_at)
    VALUES (election, used, CASE WHEN used > box THEN now_ + make_interval(secs => greatest(grace_seconds, 0)) ELSE now_ END);
    RETURN QUERY SELECT 'grace'::text, used, box;
END $$;
REVOKE ALL ON FUNCTION begin_close(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_close(bigint, integer) TO election_service;
COMMENT ON FUNCTION begin_close(bigint, integer) IS
'Step 1. No new stamp and no cast by link after this. If more stamps were given than ballots came, those ballots may still arrive for
grace_seconds. A halted election (chain_heads.halted_at) is closed like any other and keeps that mark. Outcomes: grace | already (closed
before; the same numbers again) | not-active.';

-- Step 2 -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION first_broken_link(election bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH links AS (
        SELECT row_number() OVER arrival AS place, lag(v.chain_hash) OVER arrival AS before,
               v.position, v.previous_hash, v.chain_hash,
               chain_link(v.election_id, v.position, v.previous_hash, v.digest, v.prefix, v.stamp) AS expected
        FROM votes v WHERE v.election_id = election WINDOW arrival AS (ORDER BY v.position)
    ), ends AS (
        SELECT h.last_position, h.last_hash, m.hash AS manifest_hash,
               (SELECT count(*) FROM links) AS ballots,
               coalesce((SELECT l.chain_hash FROM links l ORDER BY l.position DESC LIMIT 1), m.hash) AS end_hash
        FROM chain_heads h JOIN manifests m ON m.election_id = h.election_id WHERE h.election_id = election
    )
    SELECT coalesce(
        (SELECT min(l.place) FROM links l, ends
         WHERE (l.position = l.place AND l.previous_hash = coalesce(l.before, ends.manifest_hash) AND l.chain_hash = l.expected) IS NOT TRUE),
        (SELECT least(ends.ballots, ends.last_position) + (ends.ballots <> ends.last_position)::integer
         FROM ends WHERE (ends.ballots, ends.end_hash) IS DISTINCT FROM (ends.last_position, ends.last_hash)))
$$;
REVOKE ALL ON FUNCTION first_broken_link(bigint) FROM PUBLIC;
COMMENT ON FUNCTION first_broken_link(bigint) IS
'The first position at which the chain of an election is broken, or NULL. A missing or surplus end counts as broken there.';

CREATE FUNCTION spent_entry(election bigint, spend_id bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('spent/v1'::bytea || int8send(election) || spend_id);
REVOKE ALL ON FUNCTION spent_entry(bigint, bytea) FROM PUBLIC;
COMMENT ON FUNCTION spent_entry(bigint, bytea) IS 'One line of the spent list: a voter knows their spend_id, and looks for this.';

CREATE FUNCTION spent_list(election bigint) RETURNS SETOF bytea LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
    WHERE t.election_id = election AND t.is_used AND EXISTS (SELECT FROM box_commitments c WHERE c.election_id = election)
    ORDER BY entry;
END $$;
REVOKE ALL ON FUNCTION spent_list(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION spent_list(bigint) TO results_service;
COMMENT ON FUNCTION spent_list(bigint) IS
'The spent list, sorted; no service reads it yet. Empty until the box is sealed, so that nobody can watch it grow.';

CREATE FUNCTION show_participation(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT SELECT (deleted) ON public.voters_%s TO results_service;
                    GRANT SELECT (spend_id, is_used) ON public.voting_tokens_%1$s TO results_service', election);
END $$;
REVOKE ALL ON FUNCTION show_participation(bigint) FROM PUBLIC;
COMMENT ON FUNCTION show_participation(bigint) IS
'From the sealing on, and not before, the results service reads in the leaves of this election what the box commitment covers: which codes
are used, and how many rows the roll has. It computes everything itself, because a function belongs to the owner of the database, who could
let it answer what is stored beside the commitment. No column that it reads says whose a row is.';

CREATE FUNCTION participation(election bigint) RETURNS TABLE (spent_count bigint, spent_hash bytea, roll_count bigint)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT spent.entries, spent.hash, (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted)
    FROM chain_heads h, (
        SELECT count(*) AS entries, sha256(coalesce(string_agg(s.entry, ''::bytea ORDER BY s.entry), ''::bytea)) AS hash
        FROM (SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
              WHERE t.election_id = election AND t.is_used) s) spent
    WHERE h.election_id = election AND h.state = 'sealed';
END $$;
REVOKE ALL ON FUNCTION participation(bigint) FROM PUBLIC;
COMMENT ON FUNCTION participation(bigint) IS
'What the roll and the links say now: how many rights were used, SHA-256 over the sorted spent list, how many voters are on the roll. It
is computed from the rows at every call, and seal_box commits to it. No row until the box is sealed.';

CREATE FUNCTION seal_box(election bigint) RETURNS TABLE (outcome text, box_count bigint, box_hash bytea, spent_count bigint,
    spent_hash bytea, roll_count bigint, withdrawn_hash bytea, halts bigint, resumptions bigint, bad_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    was  record;
    head record;
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    SELECT h.state, h.last_position INTO head FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    SELECT t.grace_ends_at, t.stamps_given INTO was FROM tallies t WHERE t.election_id = election FOR NO KEY UPDATE;
    IF was.grace_ends_at IS NULL OR head.state IS NULL THEN
        outcome := 'not-closed';
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM box_commitments c WHERE c.election_id = election) THEN
        IF was.grace_ends_at > clock_timestamp() AND head.last_position < was.stamps_given THEN
            outcome := 'waiting';
            box_count := head.last_position;
            RETURN NEXT;
            RETURN;
        END IF;
        bad_position := first_broken_link(election);
        IF bad_position IS NOT NULL THEN
            outcome := 'chain-broken';
            RETURN NEXT;
            RETURN;
        END IF;
        PERFORM commit_box(election, head.last_position);
    END IF;
    RETURN QUERY SELECT 'sealed'::text, c.box_count, c.box_hash, c.spent_count, c.spent_hash, c.roll_count, c.withdrawn_hash, c.halts,
        c.resumptions, NULL::bigint
    FROM box_commitments c WHERE c.election_id = election;
END $$;
REVOKE ALL ON FUNCTION seal_box(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_box(bigint) TO election_service;
COMMENT ON FUNCTION seal_box(bigint) IS
'Step 2. Nothing enters the box after this, and no stamp can be made: its key is gone. So the spent list and the roll are final too. The
caller signs all of it and inserts the signatures in the same transaction. Outcomes:
  sealed        with the commitment
  waiting       ballots with a stamp may still arrive; ask again after grace_ends_at
  chain-broken  at bad_position; nothing was changed
  not-closed    step 1 comes first';

CREATE FUNCTION withdrawn_hash(election bigint) RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
RETURN (
    SELECT sha256(coalesce(string_agg(int8send(w.candidate_id), ''::bytea ORDER BY w.candidate_id), ''::bytea))
    FROM (SELECT DISTINCT (a.details ->> 'candidate_id')::bigint AS candidate_id FROM amendments a
          WHERE a.election_id = election AND a.kind = 'candidate_withdrawn') w);
REVOKE ALL ON FUNCTION withdrawn_hash(bigint) FROM PUBLIC;
COMMENT ON FUNCTION withdrawn_hash(bigint) IS
'SHA-256 over the ids of the candidates who have withdrawn, in ascending order: the count skips them.';

CREATE FUNCTION commit_box(election bigint, ballots bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE chain_heads h SET state = 'sealed' WHERE h.election_id = election;
    DELETE FROM election_keys k WHERE k.election_id = election AND k.purpose = 'stamp';
    INSERT INTO box_commitments (election_id, box_count, box_hash, spent_count, spent_hash, roll_count, withdrawn_hash, halts, resumptions)
    SELECT election, ballots,
           (SELECT sha256(coalesce(string_agg(v.digest, ''::bytea ORDER BY v.digest), ''::bytea)) FROM votes v WHERE v.election_id = election),
           p.spent_count, p.spent_hash, p.roll_count, withdrawn_hash(election), h.halts,
           (SELECT count(*) FROM amendments a WHERE a.election_id = election AND a.kind = 'recording_resumed')
    FROM participation(election) p JOIN chain_heads h ON h.election_id = election;
    PERFORM show_participation(election);
    UPDATE tallies t SET state = 'sealed', failed_in = NULL, error = NULL WHERE t.election_id = election;
END $$;
REVOKE ALL ON FUNCTION commit_box(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION commit_box(bigint, bigint) IS
'Seals the head, destroys the stamp key, and keeps what the box, the spent list and the roll say. Election and head are locked.';

-- Step 3 -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION anonymise_participation(election bigint) RETURNS TABLE (outcome text, spent_count bigint, spent_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    committed record;
    closed    timestamptz;
    reached   text;
    roll      voters[];
    links     voting_tokens[];
    mails     email_messages[];
BEGIN
    SELECT e.closed_at INTO closed FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    SELECT c.spent_count, c.spent_hash INTO committed FROM box_commitments c WHERE c.election_id = election;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'not-sealed'::text, NULL::bigint, NULL::bytea;
        RETURN;
    END IF;
    PERFORM FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    SELECT CASE t.state WHEN 'failed' THEN t.failed_in ELSE t.state END INTO reached FROM tallies t WHERE t.election_id = election FOR NO KEY UPDATE;
    IF reached = 'sealed' THEN
        PERFORM lock_leaves(election);
        -- Arrays, not temporary tables: nothing is written beside the leaves, and nothing is left of it in this session.
        SELECT coalesce(array_agg(v), '{}') INTO roll FROM voters v WHERE v.election_id = election;
        SELECT coalesce(array_agg(t), '{}') INTO links FROM voting_tokens t WHERE t.election_id = election AND NOT t.revoked
            AND (t.is_used OR NOT EXISTS (SELECT FROM voting_tokens u WHERE u.election_id = election AND u.voter_id = t.voter_id AND u.is_used));
        SELECT coalesce(array_agg(m), '{}') INTO mails FROM email_messages m WHERE m.election_id = election AND NOT m.about_link;
        PERFORM empty_leaves(election);
        PERFORM write_roll(election, closed, roll, links);
        PERFORM write_mails(election, closed, roll, mails);
        DELETE FROM outbox o WHERE o.election_id = election AND o.about_link;
        UPDATE tallies t SET state = 'rewritten', failed_in = NULL, error = NULL WHERE t.election_id = election;
    END IF;
    RETURN QUERY SELECT 'rewritten'::text, committed.spent_count, committed.spent_hash;
END $$;
REVOKE ALL ON FUNCTION anonymise_participation(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anonymise_participation(bigint) TO election_service;
COMMENT ON FUNCTION anonymise_participation(bigint) IS
'Step 3. Forgets when people voted. votes.position is the order of arrival, so nothing that stays may keep that order, and no voter may stand
out by what happened to them while voting was open (ADR 0013, 0019). The leaves of the election are emptied and filled again in this one
transaction, so its files are new and the old ones are gone at the commit (docs/adr/0022):
* the roll in random order, under fresh numbers; who stopped reminders is forgotten;
* one link for each voter, with one end and one origin for all;
* no reference by which the audit log meant a voter, whenever it was made, and no time at which a link was asked for;
* one mail for each voter, forgotten, and the mails that say nothing about a link as they were.
What seal_box committed to stays as it is; that this step is done is told by tallies.state. Outcomes: rewritten, with the number of used
rights and SHA-256 over the sorted spent list, as committed | not-sealed.';

CREATE FUNCTION write_roll(election bigint, closed timestamptz, roll voters[], links voting_tokens[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET work_mem = '512MB' SET jit = off AS $$
DECLARE
    numbers regclass := pg_get_serial_sequence('public.voters', 'voter_id');
    old_ids bigint[];
    new_ids bigint[];
BEGIN
    SELECT coalesce(array_agg(r.voter_id ORDER BY random()), '{}') INTO old_ids FROM unnest(roll) r;
    SELECT coalesce(array_agg(nextval(numbers)), '{}') INTO new_ids FROM unnest(old_ids);
    INSERT INTO voters (voter_id, election_id, email, first_name, last_name, student_id, cohort, deleted, spend_id, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT m.new_id, r.election_id, r.email, r.first_name, r.last_name, r.student_id, r.cohort, r.deleted, r.spend_id, closed
    FROM unnest(old_ids, new_ids) WITH ORDINALITY AS m (old_id, new_id, place)
    JOIN unnest(roll) r ON r.voter_id = m.old_id ORDER BY m.place;
    PERFORM untie_links(election);
    -- The used link; else the live one; else, for whoever was sent none, one that nobody can know. Fresh numbers in random order:
    -- numbers of resent links grow with time, and the audit log keeps when links were resent, so "used and resent" would say
    -- "voted after that".
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, revoked, is_used, blinded_hash, spend_id, email_hint)
    SELECT election, m.new_id, coalesce(u.token_hash, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))),
           'invitation', closed, false, coalesce(u.is_used, false), NULL, r.spend_id, masked(r.email)
    FROM unnest(old_ids, new_ids) AS m (old_id, new_id) JOIN unnest(roll) r ON r.voter_id = m.old_id
    LEFT JOIN unnest(links) u ON u.voter_id = m.old_id ORDER BY random();
    PERFORM tie_links(election);
END $$;
REVOKE ALL ON FUNCTION write_roll(bigint, timestamptz, voters[], voting_tokens[]) FROM PUBLIC;
COMMENT ON FUNCTION write_roll(bigint, timestamptz, voters[], voting_tokens[]) IS
'Fills the emptied leaves of an election with its roll, in random order and under fresh numbers, and with one link for each voter. The
foreign key is put back afterwards and then checked for all links at once: row by row it took a third of the whole time. work_mem, because a
sort that does not fit is written to a temporary file, with the addresses in it.';

CREATE FUNCTION write_mails(election bigint, closed timestamptz, roll voters[], mails email_messages[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET work_mem = '512MB' SET jit = off AS $$
BEGIN
    INSERT INTO email_messages (message_id, event_id, kind, about_link, election_id, recipient, payload, status, attempts, next_attempt_at,
                                last_error, created_at, sent_at, forget_at)
    OVERRIDING SYSTEM VALUE
    SELECT m.message_id, m.event_id, m.kind, m.about_link, m.election_id, m.recipient, m.payload, m.status, m.attempts, m.next_attempt_at,
           m.last_error, m.created_at, m.sent_at, m.forget_at
    FROM unnest(mails) m;
    INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, next_attempt_at, created_at)
    SELECT gen_random_uuid(), 'voting_invitation', true, election, r.email, 'forgotten', closed, closed
    FROM unnest(roll) r WHERE NOT r.deleted ORDER BY random();
END $$;
REVOKE ALL ON FUNCTION write_mails(bigint, timestamptz, voters[], email_messages[]) FROM PUBLIC;
COMMENT ON FUNCTION write_mails(bigint, timestamptz, voters[], email_messages[]) IS
'Fills the emptied leaf of the mails of an election with those that say nothing about a link, and with one row for each voter of the roll:
forgotten, with the present address and nothing else. A sender that is in the middle of sending one of the others finds its row.';

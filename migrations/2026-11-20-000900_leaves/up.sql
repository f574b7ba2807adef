-- One leaf (partition) for each election, of voters, voting_tokens, link_requests, audit_subjects and email_messages
-- (docs/adr/0022). After a close no old row of these may be left in a file, and no other election may wait for that. Each leaf has
-- files and locks of its own.
-- This folder comes last, because a leaf copies what its parent has by then.

-- ANALYZE keeps samples of values, and the new files of a close do not change them. They would say after it who had two links, so who was
-- reminded and had not voted by then; how many reminders there were; and what an address was before it was corrected. So nothing in
-- these tables is sampled; the indexes find rows without it.
DO $$
DECLARE
    line text;
BEGIN
    FOR line IN
        SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', a.attrelid::regclass, a.attname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', a.attrelid::regclass, a.attnum)
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace AND i.indkey[a.attnum - 1] = 0
    LOOP
        EXECUTE line;
    END LOOP;
END $$;

-- Making leaves ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION make_leaf(parent regclass, election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text := format('public.%I', (SELECT c.relname FROM pg_class c WHERE c.oid = parent) || '_' || election);
    line text;
BEGIN
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION)',
                   leaf, parent);
    -- What LIKE leaves out. Row triggers come with ATTACH PARTITION.
    FOR line IN
        SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', leaf, a.attname, a.attstattarget)
        FROM pg_attribute a WHERE a.attrelid = parent AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget >= 0
        UNION ALL
        SELECT replace(pg_get_triggerdef(t.oid), format(' ON public.%I ', c.relname), format(' ON %s ', leaf))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgrelid = parent AND NOT t.tgisinternal AND t.tgtype & 1 = 0
        UNION ALL
        SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', leaf, t.tgname)
        FROM pg_trigger t WHERE t.tgrelid = parent AND NOT t.tgisinternal AND t.tgtype & 1 = 0 AND t.tgenabled = 'A'
    LOOP
        EXECUTE line;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION make_leaf(regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION make_leaf(regclass, bigint) IS
'Makes a table like one of the partitioned ones, with the same constraints, indexes, statement triggers and statistics targets, and does not
attach it yet. CREATE TABLE ... PARTITION OF would lock the parent, and with it all elections.';

CREATE FUNCTION attach_leaf(parent regclass, election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text := format('public.%I', (SELECT c.relname FROM pg_class c WHERE c.oid = parent) || '_' || election);
    line text;
BEGIN
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', parent, leaf, election);
    -- Only now it is known which index of the leaf is which of the parent. Indexes of expressions have statistics too. And by the name
    -- of an index a service recognises why a row was refused.
    FOR line IN
        WITH pairs AS (
            SELECT c.relname AS name, i.inhrelid AS own, i.inhparent AS of_parent
            FROM pg_inherits i JOIN pg_index mine ON mine.indexrelid = i.inhrelid JOIN pg_class c ON c.oid = i.inhparent
            WHERE mine.indrelid = leaf::regclass)
        SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', p.own::regclass, a.attnum, a.attstattarget)
        FROM pairs p JOIN pg_attribute a ON a.attrelid = p.of_parent AND a.attstattarget >= 0
        UNION ALL
        SELECT format('ALTER INDEX %s RENAME TO %I', p.own::regclass, p.name || '_' || election) FROM pairs p
    LOOP
        EXECUTE line;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION attach_leaf(regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION attach_leaf(regclass, bigint) IS
'Makes a leaf a part of its parent. ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE on the parent, which no read and no write waits for.';

CREATE FUNCTION tie_links(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET work_mem = '512MB' AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.voting_tokens_%s ADD CONSTRAINT voting_tokens_voter_fkey FOREIGN KEY (election_id, voter_id, spend_id)
        REFERENCES public.voters_%1$s (election_id, voter_id, spend_id) ON DELETE CASCADE', election);
END $$;
REVOKE ALL ON FUNCTION tie_links(bigint) FROM PUBLIC;
COMMENT ON FUNCTION tie_links(bigint) IS
'Every link is of a voter of the same election, and carries the code of this voter. A link for a voter of another election, whose roll is still
open, would get around the frozen roll of this one.';

CREATE FUNCTION untie_links(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.voting_tokens_%s DROP CONSTRAINT voting_tokens_voter_fkey', election);
END $$;
REVOKE ALL ON FUNCTION untie_links(bigint) FROM PUBLIC;
COMMENT ON FUNCTION untie_links(bigint) IS
'Only for a transaction that holds the leaves against everybody and calls tie_links afterwards (write_roll).';

CREATE FUNCTION make_leaves(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parents regclass[] := '{public.voters,public.voting_tokens,public.link_requests,public.audit_subjects,public.email_messages}';
    parent  regclass;
BEGIN
    FOREACH parent IN ARRAY parents LOOP
        PERFORM make_leaf(parent, election);
    END LOOP;
    -- While nothing is attached these lock only the new tables. A foreign key between the parents, or to elections, would lock shared
    -- tables for every new leaf: creators would wait for imports, and two of them for each other.
    PERFORM tie_links(election);
    EXECUTE format('ALTER TABLE public.link_requests_%s ADD CONSTRAINT link_requests_voter_fkey FOREIGN KEY (election_id, voter_id)
        REFERENCES public.voters_%1$s (election_id, voter_id) ON DELETE CASCADE', election);
    EXECUTE format('ALTER TABLE public.audit_subjects_%s ADD CONSTRAINT audit_subjects_voter_fkey FOREIGN KEY (election_id, voter_id)
        REFERENCES public.voters_%1$s (election_id, voter_id) ON DELETE CASCADE', election);
    FOREACH parent IN ARRAY parents LOOP
        PERFORM attach_leaf(parent, election);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION make_leaves(bigint) FROM PUBLIC;
COMMENT ON FUNCTION make_leaves(bigint) IS
'The five leaves of an election, with the foreign keys between them: a link and a reference are of a voter of the same election. Everybody
attaches in the same order, so two creators can wait for each other, and cannot deadlock.';

CREATE FUNCTION elections_have_leaves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM elections e WHERE e.election_id = NEW.election_id) THEN
        PERFORM make_leaves(NEW.election_id);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION elections_have_leaves() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER elections_have_leaves AFTER INSERT ON elections DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION elections_have_leaves();
COMMENT ON FUNCTION elections_have_leaves() IS
'Makes the leaves of a new election. Deferred to the commit: the parents are locked against other creators for some milliseconds, and not
until the end of a transaction that may do other things before.';

SELECT make_leaf('public.email_messages', 0);
SELECT attach_leaf('public.email_messages', 0);
SELECT make_leaves(e.election_id) FROM elections e ORDER BY e.election_id;

-- Emptying leaves --------------------------------------------------------------------------------------------------------

CREATE FUNCTION lock_leaves(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    EXECUTE format('LOCK TABLE public.voters_%s, public.voting_tokens_%1$s, public.link_requests_%1$s, public.audit_subjects_%1$s,
        public.email_messages_%1$s IN ACCESS EXCLUSIVE MODE', election);
END $$;
REVOKE ALL ON FUNCTION lock_leaves(bigint) FROM PUBLIC;
COMMENT ON FUNCTION lock_leaves(bigint) IS
'Locks the leaves of one election against everybody, in the order in which services take them: voters, then links. Whoever reads one of
them for long, such as a dump of the database, is waited for only for three seconds; then the caller fails and tries again later. While
it waits, nobody else gets at this election. Three seconds, because an autovacuum worker gives way after one (deadlock_timeout).';

CREATE FUNCTION empty_leaves(election bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM lock_leaves(election);
    EXECUTE format('TRUNCATE public.voters_%s, public.voting_tokens_%1$s, public.link_requests_%1$s, public.audit_subjects_%1$s,
        public.email_messages_%1$s', election);
END $$;
REVOKE ALL ON FUNCTION empty_leaves(bigint) FROM PUBLIC;
COMMENT ON FUNCTION empty_leaves(bigint) IS
'Gives the leaves of one election new, empty files. The old files are emptied at the commit and removed at the next checkpoint. Nothing
else in the database is locked.';

CREATE FUNCTION forget_a_draft() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM outbox o WHERE o.election_id = OLD.election_id AND o.destination = 'email';
    IF to_regclass(format('public.voters_%s', OLD.election_id)) IS NOT NULL THEN
        PERFORM empty_leaves(OLD.election_id);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION forget_a_draft() FROM PUBLIC;
CREATE TRIGGER elections_forget_a_draft AFTER DELETE ON elections FOR EACH ROW EXECUTE FUNCTION forget_a_draft();
COMMENT ON FUNCTION forget_a_draft() IS
'When a draft is deleted, its roll and its mails go with it: nobody else would ever forget the addresses in them. The audit events in the
outbox stay: that a draft was deleted is one of them. The empty leaves are dropped later (drop_unused_leaf).';

CREATE FUNCTION drop_unused_leaf() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
    leaf text;
BEGIN
    -- Two at once would find the same leaf, and the slower one would look for a table that is gone.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('drop_unused_leaf', 0)) THEN
        RAISE EXCEPTION 'somebody else is dropping a leaf' USING ERRCODE = 'lock_not_available';
    END IF;
    -- Links and references before the voters that they point at.
    SELECT c.oid::regclass::text INTO leaf
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL substring(c.relname FROM '_(\d+)$') AS number
    WHERE i.inhparent IN ('public.voters'::regclass, 'public.voting_tokens'::regclass, 'public.link_requests'::regclass,
                          'public.audit_subjects'::regclass, 'public.email_messages'::regclass)
      AND number <> '0' AND NOT EXISTS (SELECT FROM elections e WHERE e.election_id = number::bigint)
    ORDER BY i.inhparent = 'public.voters'::regclass, c.oid LIMIT 1;
    IF leaf IS NOT NULL THEN
        EXECUTE 'DROP TABLE ' || leaf;
    END IF;
    RETURN leaf;
END $$;
REVOKE ALL ON FUNCTION drop_unused_leaf() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_unused_leaf() TO admin_service;
COMMENT ON FUNCTION drop_unused_leaf() IS
'Drops one leaf of an election that was deleted, and answers its name; NULL when there is none. To drop a leaf, PostgreSQL locks its parent
against everybody. So it is one leaf in a transaction of its own, and it waits for 50 milliseconds at the most: whoever comes meanwhile waits
no longer than that. It fails when somebody holds the parent or drops a leaf just now; retention tries again later.';

-- Forgetting people after months -----------------------------------------------------------------------------------------

CREATE FUNCTION anonymise_election(election bigint, days integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan SET lock_timeout = '2s' AS $$
DECLARE
    roll  voters[];
    links voting_tokens[];
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'archived' AND e.anonymised_at IS NULL
        AND e.archived_at <= clock_timestamp() - make_interval(days => days) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM lock_leaves(election);
    SELECT coalesce(array_agg(v), '{}') INTO roll FROM voters v WHERE v.election_id = election;
    SELECT coalesce(array_agg(t), '{}') INTO links FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    PERFORM empty_leaves(election);
    INSERT INTO voters (voter_id, election_id, email, deleted, spend_id, created_at) OVERRIDING SYSTEM VALUE
    SELECT r.voter_id, election, 'voter-' || r.voter_id || '@anonymised.invalid', r.deleted, r.spend_id, r.created_at FROM unnest(roll) r;
    -- Another hash: whoever still has the old mail could else say whose row this is.
    INSERT INTO voting_tokens (token_id, election_id, voter_id, token_hash, origin, expires_at, is_used, spend_id, email_hint)
    OVERRIDING SYSTEM VALUE
    SELECT u.token_id, election, u.voter_id, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), u.origin, u.expires_at,
           true, u.spend_id, '***'
    FROM unnest(links) u;
    DELETE FROM outbox o WHERE o.election_id = election AND (o.destination = 'email' OR o.delivered_at IS NOT NULL);
    UPDATE elections e SET anonymised_at = clock_timestamp() WHERE e.election_id = election;
    RETURN cardinality(roll);
END $$;
REVOKE ALL ON FUNCTION anonymise_election(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anonymise_election(bigint, integer) TO admin_service;
COMMENT ON FUNCTION anonymise_election(bigint, integer) IS
'Deletes the personal data of an archived election, once, when it was archived at least so many days ago. Answers how many voters
there were, or NULL when it is not due. What is needed to check and count again stays: ballots, chain, box commitment, the codes of the spent
list (random, and known only to the mails of their voters), candidates and amendments; and the audit log, whose references now lead nowhere.
Audit events that are still on their way are not lost. Lock order: election, leaves. It waits
for locks for a few seconds only, because the next run tries again.';

-- Generated from the migrations; `make snapshots` writes it, a test compares it. Rights: grants.snap.

CREATE FUNCTION public.add_late_voters(election bigint, why text, emails text[], first_names text[], last_names text[], student_ids text[], cohorts text[]) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    added bigint[];
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'active'
        AND coalesce(e.closes_at > clock_timestamp(), true) FOR SHARE;
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('election %s takes no late voters now', election));
    END IF;
    WITH new AS (
        INSERT INTO voters (election_id, email, first_name, last_name, student_id, cohort)
        SELECT election, n.email, n.first_name, n.last_name, n.student_id, n.cohort
        FROM unnest(emails, first_names, last_names, student_ids, cohorts)
            WITH ORDINALITY AS n (email, first_name, last_name, student_id, cohort, line)
        ORDER BY n.line ON CONFLICT (election_id, lower(email)) WHERE NOT deleted DO NOTHING RETURNING voter_id)
    SELECT coalesce(array_agg(new.voter_id ORDER BY new.voter_id), '{}') INTO added FROM new;
    IF cardinality(added) > 0 THEN
        INSERT INTO amendments (election_id, kind, reason, details)
        VALUES (election, 'voter_added', why, jsonb_build_object('voters', cardinality(added)));
    END IF;
    RETURN QUERY SELECT unnest(added);
END $$;

COMMENT ON FUNCTION public.add_late_voters(election bigint, why text, emails text[], first_names text[], last_names text[], student_ids text[], cohorts text[]) IS 'Adds voters who were forgotten, and announces it: how many and why, not who. An address that is on the roll is skipped. A student
number of somebody else is refused by its constraint, and then nobody is added. Answers the numbers of the new voters. The caller
holds the election and has asked the rule; it is asked again here, by the clock that decides.';

CREATE FUNCTION public.amendments_of(election bigint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('amendment_id', a.amendment_id, 'kind', a.kind, 'reason', a.reason,
                                                 'created_at', a.created_at) || a.details ORDER BY a.amendment_id), '[]')::text
    FROM amendments a WHERE a.election_id = election
$$;

COMMENT ON FUNCTION public.amendments_of(election bigint) IS 'The amendments of an election as JSON, oldest first, as every service shows them. It runs with the rights of the caller.';

CREATE FUNCTION public.anonymise_election(election bigint, days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    SET lock_timeout TO '2s'
    AS $$
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

COMMENT ON FUNCTION public.anonymise_election(election bigint, days integer) IS 'Deletes the personal data of an archived election, once, when it was archived at least so many days ago. Answers how many voters
there were, or NULL when it is not due. What is needed to check and count again stays: ballots, chain, box commitment, the codes of the spent
list (random, and known only to the mails of their voters), candidates and amendments; and the audit log, whose references now lead nowhere.
Audit events that are still on their way are not lost. Lock order: election, leaves. It waits
for locks for a few seconds only, because the next run tries again.';

CREATE FUNCTION public.anonymise_participation(election bigint) RETURNS TABLE(outcome text, spent_count bigint, spent_hash bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.anonymise_participation(election bigint) IS 'Step 3. Forgets when people voted. votes.position is the order of arrival, so nothing that stays may keep that order, and no voter may stand
out by what happened to them while voting was open (ADR 0013, 0019). The leaves of the election are emptied and filled again in this one
transaction, so its files are new and the old ones are gone at the commit (docs/adr/0022):
* the roll in random order, under fresh numbers; who stopped reminders is forgotten;
* one link for each voter, with one end and one origin for all;
* no reference by which the audit log meant a voter, whenever it was made, and no time at which a link was asked for;
* one mail for each voter, forgotten, and the mails that say nothing about a link as they were.
What seal_box committed to stays as it is; that this step is done is told by tallies.state. Outcomes: rewritten, with the number of used
rights and SHA-256 over the sorted spent list, as committed | not-sealed.';

CREATE FUNCTION public.append_ballots(election bigint, head_position bigint, head_hash bytea, places integer[], digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[]) RETURNS bytea
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.append_ballots(election bigint, head_position bigint, head_hash bytea, places integer[], digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[]) IS 'Chains the ballots at these places of a batch behind the head, which the caller has locked, and moves the head. Answers the new end.';

CREATE FUNCTION public.attach_leaf(parent regclass, election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.attach_leaf(parent regclass, election bigint) IS 'Makes a leaf a part of its parent. ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE on the parent, which no read and no write waits for.';

CREATE FUNCTION public.audit_head_is_last_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.last_id < OLD.last_id OR NOT EXISTS (
        SELECT FROM (SELECT l.log_id, l.current_hash FROM audit_logs l ORDER BY l.log_id DESC LIMIT 1) latest
        WHERE latest.log_id = NEW.last_id AND latest.current_hash = NEW.last_hash) THEN
        PERFORM refuse('audit_head_last', 'the head of the audit log is its last entry');
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.audit_head_is_last_entry() IS 'The head moves forward only, and only to the entry that is the last one.';

CREATE FUNCTION public.audit_logs_continue_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    misfit bigint;
BEGIN
    SELECT r.log_id INTO misfit
    FROM (SELECT n.log_id, n.previous_hash, row_number() OVER entry AS place, lag(n.current_hash) OVER entry AS before
          FROM new_rows n WINDOW entry AS (ORDER BY n.log_id)) r
    LEFT JOIN audit_head h ON h.only_row
    WHERE (r.log_id = h.last_id + r.place AND r.previous_hash = coalesce(r.before, h.last_hash)) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('audit_logs_chain', format('audit entry %s does not continue the log', misfit));
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.audit_logs_continue_chain() IS 'New entries must continue the log from its head, without a gap.';

CREATE FUNCTION public.begin_close(election bigint, grace_seconds integer) RETURNS TABLE(outcome text, stamps bigint, ballots bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.begin_close(election bigint, grace_seconds integer) IS 'Step 1. No new stamp and no cast by link after this. If more stamps were given than ballots came, those ballots may still arrive for
grace_seconds. A halted election (chain_heads.halted_at) is closed like any other and keeps that mark. Outcomes: grace | already (closed
before; the same numbers again) | not-active.';

CREATE FUNCTION public.box_holds(election bigint, head_position bigint, seen_position bigint, seen_hash bytea) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT seen_position <= head_position AND EXISTS (
        SELECT FROM votes v WHERE v.election_id = election AND v.position = seen_position AND v.chain_hash = seen_hash)
$$;

COMMENT ON FUNCTION public.box_holds(election bigint, head_position bigint, seen_position bigint, seen_hash bytea) IS 'Whether the box still holds the ballot, and with it all before, that a recorder saw committed.';

CREATE FUNCTION public.box_rules(election bigint, state text) RETURNS TABLE(profile text, closes_at timestamp with time zone, sealed_len integer, stamps_given bigint, checked_at timestamp with time zone, takes_links boolean, takes_stamps boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.box_rules(election bigint, state text) IS 'What judge_ballots needs to know of an election whose head is in this state: its rules, the time by which they are read, and whether ballots
with a link, or with a stamp, are taken at that time. Called once the links are locked, so that no ballot waits behind the clock.';

CREATE FUNCTION public.chain_link(election bigint, pos bigint, previous bytea, digest bytea, prefix bytea, stamp bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256((((((('\x636861696e2f7631'::bytea || int8send(election)) || int8send(pos)) || previous) || digest) || prefix) || stamp));

COMMENT ON FUNCTION public.chain_link(election bigint, pos bigint, previous bytea, digest bytea, prefix bytea, stamp bytea) IS 'The link of one ballot (docs/protocol.md, section 9.1). Fixed widths only, so that no two different inputs are the same bytes. The
body is parsed now and not when it is called, so no search_path can give its names another meaning; and it can be inlined.';

CREATE FUNCTION public.claim_mails(most bigint, behind bigint, seconds double precision) RETURNS TABLE(message_id bigint, event_id uuid, payload bytea, attempts integer, election bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    SET lock_timeout TO '100ms'
    AS $$
DECLARE
    turn    record;
    claimed bigint := 0;
    places  bigint := most;
BEGIN
    FOR turn IN
        SELECT t.election_id, greatest(most / count(*) OVER (), 1) AS share FROM mail_turns t WHERE t.due_at <= now()
        ORDER BY t.election_id <= behind, t.election_id
    LOOP
        EXIT WHEN places <= 0;
        BEGIN
            RETURN QUERY SELECT c.message_id, c.event_id, c.payload, c.attempts, turn.election_id
            FROM claim_mails_of(turn.election_id, least(turn.share, places), seconds) c;
            GET DIAGNOSTICS claimed = ROW_COUNT;
            places := places - claimed;
        EXCEPTION WHEN lock_not_available THEN
            -- The leaf of this election is being written anew. The others do not wait for it.
            NULL;
        END;
    END LOOP;
END $$;

COMMENT ON FUNCTION public.claim_mails(most bigint, behind bigint, seconds double precision) IS 'Claims mails that are due, at the most so many, for so many seconds: in equal parts from all elections that have some. The turns begin
behind the election that had the last turn: with fewer places than elections, all come in their turn. It is the mails that are limited and
not the turns: an election whose mails somebody has locked passes its turn on in the same call.';

CREATE FUNCTION public.claim_mails_of(election bigint, most bigint, seconds double precision) RETURNS TABLE(message_id bigint, event_id uuid, payload bytea, attempts integer)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    next_due timestamptz;
BEGIN
    -- Another sender is at it: it takes what is due.
    PERFORM FROM mail_turns t WHERE t.election_id = election FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- MATERIALIZED: the planner may else run a subquery once for each row, and claim more than asked for.
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT m.message_id FROM email_messages m
        WHERE m.election_id = election AND m.status IN ('queued', 'deferred') AND m.next_attempt_at <= now()
          AND (m.forget_at IS NULL OR m.forget_at > now())
        ORDER BY m.next_attempt_at LIMIT most FOR UPDATE SKIP LOCKED)
    UPDATE email_messages m SET next_attempt_at = now() + make_interval(secs => seconds), attempts = m.attempts + 1
    FROM due WHERE m.election_id = election AND m.message_id = due.message_id
    RETURNING m.message_id, m.event_id, m.payload, m.attempts;
    SELECT min(m.next_attempt_at) INTO next_due FROM email_messages m
    WHERE m.election_id = election AND m.status IN ('queued', 'deferred') AND (m.forget_at IS NULL OR m.forget_at > now());
    IF next_due IS NULL THEN
        DELETE FROM mail_turns t WHERE t.election_id = election;
    ELSE
        UPDATE mail_turns t SET due_at = next_due WHERE t.election_id = election;
    END IF;
END $$;

COMMENT ON FUNCTION public.claim_mails_of(election bigint, most bigint, seconds double precision) IS 'Claims mails of one election, the oldest first, and notes when its next one is due. The row of mail_turns is locked before the mails
are looked at: whoever adds a mail meanwhile waits for it and then sets an earlier time.';

CREATE FUNCTION public.closed_means_tally() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    is_closed boolean;
BEGIN
    SELECT e.status IN ('closed', 'archived') INTO is_closed FROM elections e WHERE e.election_id = NEW.election_id;
    IF is_closed <> EXISTS (SELECT FROM tallies t WHERE t.election_id = NEW.election_id) THEN
        PERFORM refuse('tally_once_closed', format('election %s must have a tally exactly when it is closed', NEW.election_id));
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.closed_means_tally() IS 'At the commit an election has a tally if it is closed or archived, and none if it is not. A CHECK cannot span two tables.';

CREATE FUNCTION public.commit_box(election bigint, ballots bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.commit_box(election bigint, ballots bigint) IS 'Seals the head, destroys the stamp key, and keeps what the box, the spent list and the roll say. Election and head are locked.';

CREATE FUNCTION public.correct_voter(election bigint, voter bigint, new_email text, new_first_name text, new_last_name text, new_student_id text, new_cohort text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    was   record;
    rules record;
    links record;
BEGIN
    SELECT v.email, v.student_id INTO was FROM voters v
    WHERE v.election_id = election AND v.voter_id = voter AND NOT v.deleted FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT e.status INTO rules FROM elections e WHERE e.election_id = election AND (e.status IN ('draft', 'scheduled')
        OR e.status = 'active' AND coalesce(e.closes_at > clock_timestamp(), true));
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('the roll of election %s is closed', election));
    END IF;
    IF rules.status <> 'draft' AND was.student_id IS NOT NULL AND new_student_id IS NULL THEN
        RETURN 'keeps-number';
    END IF;
    links := lock_links(election, voter);
    UPDATE voters v SET email = new_email, first_name = new_first_name, last_name = new_last_name,
        student_id = new_student_id, cohort = new_cohort WHERE v.election_id = election AND v.voter_id = voter;
    IF lower(was.email) = lower(new_email) OR NOT links.any_link THEN
        RETURN 'corrected';
    END IF;
    UPDATE voting_tokens t SET revoked = true
    WHERE t.election_id = election AND t.voter_id = voter AND NOT t.revoked AND NOT t.is_used;
    -- The used link of somebody who was corrected afterwards must not stand out by the old address.
    UPDATE voting_tokens t SET email_hint = masked(new_email) WHERE t.election_id = election AND t.voter_id = voter AND t.is_used;
    RETURN CASE WHEN NOT links.was_sent THEN 'told' WHEN links.used THEN 'recorded' ELSE 'relink' END;
END $$;

COMMENT ON FUNCTION public.correct_voter(election bigint, voter bigint, new_email text, new_first_name text, new_last_name text, new_student_id text, new_cohort text) IS 'Corrects an entry of the roll, whether its voter has voted or not: a refusal would tell the organiser who has. When the address
changes, every link that could have gone to the wrong one dies. Outcomes:
  corrected     nobody is told anything: no link was sent, or the address is the same
  told          no link was sent, but the voter had asked for one: only the old address is told
  relink        a link had been sent: the right address needs one
  recorded      a link had been sent, and a ballot is recorded: the right address is told that
  keeps-number  nothing is changed: from the activation on a student number can be changed, and not be removed. With a number a
                voter can ask for a link; without one they could be taken off the roll, and the answer would tell who had asked
  unknown
The organiser is shown no difference between the first two, nor between the next two. Locks: the voter, then the links by number. A
ballot under way is waited for, and then it was first.';

CREATE FUNCTION public.count_link_request(election bigint, voter bigint, request uuid, asked_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    DELETE FROM link_requests r
    WHERE r.election_id = election AND r.voter_id = voter AND r.requested_at <= asked_at - interval '24 hours';
    IF (SELECT count(*) FROM link_requests r WHERE r.election_id = election AND r.voter_id = voter) >= 3 THEN
        RETURN false;
    END IF;
    INSERT INTO link_requests (election_id, voter_id, requested_at, request_id) VALUES (election, voter, asked_at, request)
    ON CONFLICT (election_id, request_id) DO NOTHING;
    RETURN FOUND;
END $$;

COMMENT ON FUNCTION public.count_link_request(election bigint, voter bigint, request uuid, asked_at timestamp with time zone) IS 'Counts a request for a link. False for the fourth within 24 hours, and for one that is counted already. The voter is locked.';

CREATE FUNCTION public.decrypted_ballots_from_sealed_box() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.decrypted_ballots_from_sealed_box() IS 'What was found is written only when the box is sealed, and only about ballots that are in it.';

CREATE FUNCTION public.drop_unused_leaf() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.drop_unused_leaf() IS 'Drops one leaf of an election that was deleted, and answers its name; NULL when there is none. To drop a leaf, PostgreSQL locks its parent
against everybody. So it is one leaf in a transaction of its own, and it waits for 50 milliseconds at the most: whoever comes meanwhile waits
no longer than that. It fails when somebody holds the parent or drops a leaf just now; retention tries again later.';

CREATE FUNCTION public.elections_begin_as_drafts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM refuse('status_backwards', 'an election begins as a draft');
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.elections_begin_as_drafts() IS 'An election that is inserted in a later state would have no manifest and no tally.';

CREATE FUNCTION public.elections_deleted_as_drafts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.status NOT IN ('draft', 'scheduled') OR OLD.status = 'scheduled' AND links_were_sent(OLD.election_id) THEN
        PERFORM refuse('not_a_draft', format('election %s is no draft any more; archive it instead', OLD.election_id));
    END IF;
    RETURN OLD;
END $$;

COMMENT ON FUNCTION public.elections_deleted_as_drafts() IS 'Only a draft is deleted, or a scheduled election of which the organiser has had no link sent: nobody could vote in it. Whoever had
asked for a link themselves finds it unknown. Its head goes with it; a ballot would keep the head, and so the election.';

CREATE FUNCTION public.elections_have_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM elections e WHERE e.election_id = NEW.election_id) THEN
        PERFORM make_leaves(NEW.election_id);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.elections_have_leaves() IS 'Makes the leaves of a new election. Deferred to the commit: the parents are locked against other creators for some milliseconds, and not
until the end of a transaction that may do other things before.';

CREATE FUNCTION public.elections_keep_their_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (('draft', 'scheduled'), ('draft', 'active'), ('scheduled', 'active'),
                                        ('active', 'closed'), ('closed', 'archived'))
       AND OLD.status <> NEW.status THEN
        PERFORM refuse('status_backwards', format('an election cannot go from %s to %s', OLD.status, NEW.status));
    END IF;
    IF OLD.status = 'draft' AND NEW.status <> 'draft'
       AND NOT EXISTS (SELECT FROM manifests m WHERE m.election_id = NEW.election_id) THEN
        PERFORM refuse('manifest_missing', format('election %s is not activated without a manifest', NEW.election_id));
    END IF;
    IF OLD.status <> 'draft' AND
       (OLD.title, OLD.description, OLD.profile, OLD.publish, OLD.custody, OLD.locale, OLD.timezone)
       IS DISTINCT FROM (NEW.title, NEW.description, NEW.profile, NEW.publish, NEW.custody, NEW.locale, NEW.timezone)
       OR OLD.status NOT IN ('draft', 'scheduled') AND NEW.opens_at IS DISTINCT FROM OLD.opens_at
       OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        PERFORM refuse('settings_locked', format('the settings of election %s are locked since its activation', OLD.election_id));
    END IF;
    -- An earlier end would take the vote from people who were told a later one.
    IF OLD.status NOT IN ('draft', 'scheduled') AND NEW.closes_at IS DISTINCT FROM OLD.closes_at
       AND (OLD.status <> 'active' OR NEW.closes_at < OLD.closes_at) THEN
        PERFORM refuse('settings_locked', format('the end of election %s can only be moved later, while it is active', OLD.election_id));
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.elections_keep_their_rules() IS 'Refuses a step back in the life of an election (status_backwards), an activation without a manifest (manifest_missing), and a
change of what is fixed (settings_locked).';

CREATE FUNCTION public.empty_leaves(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
BEGIN
    PERFORM lock_leaves(election);
    EXECUTE format('TRUNCATE public.voters_%s, public.voting_tokens_%1$s, public.link_requests_%1$s, public.audit_subjects_%1$s,
        public.email_messages_%1$s', election);
END $_$;

COMMENT ON FUNCTION public.empty_leaves(election bigint) IS 'Gives the leaves of one election new, empty files. The old files are emptied at the commit and removed at the next checkpoint. Nothing
else in the database is locked.';

CREATE FUNCTION public.events_set_aside() RETURNS TABLE(event_id uuid, source text, election_id bigint, made_at timestamp with time zone, set_aside_at timestamp with time zone, attempts integer, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT o.event_id, o.source::text, o.election_id, o.created_at, o.set_aside_at, o.attempts, o.last_error
    FROM outbox o WHERE o.set_aside_at IS NOT NULL ORDER BY o.position LIMIT 1000
$$;

COMMENT ON FUNCTION public.events_set_aside() IS 'What is missing in the log because audit refuses it; for superadmins, and for whoever verifies the log.';

CREATE FUNCTION public.find_ballot(election bigint, digest bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = find_ballot.digest)
$$;

COMMENT ON FUNCTION public.find_ballot(election bigint, digest bytea) IS 'Whether this ballot is in the box of this election.';

CREATE FUNCTION public.find_receipt(low bytea, high bytea) RETURNS TABLE(election_id bigint, digest bytea, sealed_box boolean)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    -- MATERIALIZED: joined freely, and before the first ANALYZE, the planner goes through all elections again (seen).
    WITH found AS MATERIALIZED (
        SELECT v.election_id, v.digest FROM votes v
        WHERE substring(v.digest FROM 1 FOR 10) = substring(low FROM 1 FOR 10) AND v.digest BETWEEN low AND high
          AND octet_length(low) = 32 AND octet_length(high) = 32 AND substring(low FROM 1 FOR 10) = substring(high FROM 1 FOR 10))
    SELECT f.election_id, f.digest, (SELECT h.state = 'sealed' FROM chain_heads h WHERE h.election_id = f.election_id)
    FROM found f LIMIT 1
$$;

COMMENT ON FUNCTION public.find_receipt(low bytea, high bytea) IS 'The ballot of a receipt, in whatever election. A receipt code is the first 80 bits of the digest, so low and high must agree in 10
bytes: a wider range would let the caller walk through every box.';

CREATE FUNCTION public.first_broken_link(election bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.first_broken_link(election bigint) IS 'The first position at which the chain of an election is broken, or NULL. A missing or surplus end counts as broken there.';

CREATE FUNCTION public.forget_a_draft() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM outbox o WHERE o.election_id = OLD.election_id AND o.destination = 'email';
    IF to_regclass(format('public.voters_%s', OLD.election_id)) IS NOT NULL THEN
        PERFORM empty_leaves(OLD.election_id);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.forget_a_draft() IS 'When a draft is deleted, its roll and its mails go with it: nobody else would ever forget the addresses in them. The audit events in the
outbox stay: that a draft was deleted is one of them. The empty leaves are dropped later (drop_unused_leaf).';

CREATE FUNCTION public.forget_late_mail() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    closed timestamptz;
BEGIN
    SELECT e.closed_at INTO closed FROM elections e WHERE e.election_id = NEW.election_id FOR SHARE;
    IF NOT FOUND OR NEW.about_link AND closed IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.forget_late_mail() IS 'A mail about a link that was on its way from the outbox while its election was closed would be kept with its time, and with the number
under which the log knows it. It is not kept at all; nor is any mail of an election that was deleted as a draft. FOR SHARE waits for the
close and for the deletion, which hold the election: the mail is either kept before and deleted there, or refused here.';

CREATE FUNCTION public.forget_staged_voters() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$
BEGIN
    IF pg_relation_size('staged_voters') = 0 OR EXISTS (SELECT FROM staged_voters) THEN
        RETURN false;
    END IF;
    LOCK TABLE staged_voters IN ACCESS EXCLUSIVE MODE;
    -- Somebody may have written lines since; whoever waits for this lock writes them into the new file.
    IF EXISTS (SELECT FROM staged_voters) THEN
        RETURN false;
    END IF;
    TRUNCATE staged_voters;
    RETURN true;
END $$;

COMMENT ON FUNCTION public.forget_staged_voters() IS 'Gives the table of staged lines an empty file when no line waits: PostgreSQL leaves deleted rows in the file until others are written
over them. Waits for 50 ms at the most, because everybody who imports waits behind it; an error then, and the next minute tries again.';

CREATE FUNCTION public.goes_with_its_election() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM elections e WHERE e.election_id = OLD.election_id) THEN
        PERFORM refuse(TG_TABLE_NAME || '_immutable', format('a row of %s goes only together with its election', TG_TABLE_NAME));
    END IF;
    RETURN OLD;
END $$;

COMMENT ON FUNCTION public.goes_with_its_election() IS 'Trigger that lets a row be deleted only when its election was deleted in the same statement.';

CREATE FUNCTION public.halt_recording(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    alarm uuid := gen_random_uuid();
BEGIN
    UPDATE chain_heads h SET halted_at = clock_timestamp(), halts = h.halts + 1 WHERE h.election_id = election;
    INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
    VALUES (alarm, session_user, 'audit', 'event', election, convert_to(jsonb_build_object('event_id', alarm,
        'occurred_at', clock_timestamp(), 'election_id', election,
        'kind', jsonb_build_object('event_type', 'recording_halted', 'details', '{}'::jsonb))::text, 'UTF8'));
END $$;

COMMENT ON FUNCTION public.halt_recording(election bigint) IS 'Marks an election as halted and writes the audit event recording_halted, in the JSON form of contract::events. The event says which
election and when, and nothing about the ballot during whose recording it was found.';

CREATE FUNCTION public.halted_elections(seen bigint[]) RETURNS TABLE(election_id bigint, marked boolean, resumption bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT h.election_id, h.halted_at IS NOT NULL, last_resumption(h.election_id)
    FROM chain_heads h JOIN elections e ON e.election_id = h.election_id
    WHERE (h.halted_at IS NOT NULL OR h.election_id = ANY (seen)) AND e.status IN ('active', 'closed')
$$;

COMMENT ON FUNCTION public.halted_elections(seen bigint[]) IS 'Whose box was found rewound: elections with the mark; and all those in the argument, which the caller has seen halted, so that it can
tell whether they were resumed since. Active ones take no ballots now. A closed one keeps its mark, and is named until it is archived.';

CREATE FUNCTION public.hold_election(election bigint) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT e.status FROM elections e WHERE e.election_id = election FOR SHARE
$$;

COMMENT ON FUNCTION public.hold_election(election bigint) IS 'Holds an election as it is until the end of the transaction, and answers its status. The admin service has no right to lock
elections itself. It calls this before its first write, because the lock order is: election, head, voter, links. The triggers that
freeze candidates and the roll take the election only after the statement, when rows are locked already.';

CREATE FUNCTION public.hold_elections_of_mails(elections bigint[]) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT e.election_id FROM elections e WHERE e.election_id = ANY (hold_elections_of_mails.elections) ORDER BY e.election_id FOR SHARE
$$;

COMMENT ON FUNCTION public.hold_elections_of_mails(elections bigint[]) IS 'Holds the elections to which mails belong, until the end of the transaction, and answers which of them exist. Called before mails are
kept: the close takes the election first and the leaf of its mails afterwards, and so must everybody else. forget_late_mail takes the
election too, but at that moment the leaf is locked already.';

CREATE FUNCTION public.judge_ballots(election bigint, state text, head_position bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[]) RETURNS TABLE(place integer, outcome text, token_id bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.judge_ballots(election bigint, state text, head_position bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[]) IS 'The outcome of each ballot of a batch, in order, in one pass, and the link it was cast with. It locks the links by number. A link that
somebody else holds is skipped and not waited for: one locked link must not hold up the ballots beside it. The head is locked by now, and
the election is read without a lock after that: closing holds the head too.';

CREATE FUNCTION public.last_resumption(election bigint) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(max(a.amendment_id), 0) FROM amendments a WHERE a.election_id = election AND a.kind = 'recording_resumed'
$$;

COMMENT ON FUNCTION public.last_resumption(election bigint) IS 'The number of the newest resumption of a halted election, 0 if there was none.';

CREATE FUNCTION public.link_ends_at(expires_at timestamp with time zone, runs_to_close boolean, closes_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN runs_to_close THEN GREATEST(expires_at, closes_at) ELSE expires_at END;

COMMENT ON FUNCTION public.link_ends_at(expires_at timestamp with time zone, runs_to_close boolean, closes_at timestamp with time zone) IS 'When a link ends. The only place that knows it. A link that runs to the close ends with the voting, wherever that end is moved to.';

CREATE FUNCTION public.links_refused(election bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN (SELECT count(*) FROM mail_states(election, NULL) s WHERE s.status = 'refused');
END $$;

COMMENT ON FUNCTION public.links_refused(election bigint) IS 'To how many voters the newest mail with a link could not be sent for good: the check of an election warns of them.';

CREATE FUNCTION public.links_sent_noted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO links_sent (election_id)
    SELECT DISTINCT n.election_id FROM new_rows n WHERE sent_by_organiser(n.origin)
        AND NOT EXISTS (SELECT FROM links_sent l WHERE l.election_id = n.election_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.links_sent_noted() IS 'Keeps links_sent.';

CREATE FUNCTION public.links_unsent(election bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = v.voter_id AND sent_by_organiser(t.origin)));
END $$;

COMMENT ON FUNCTION public.links_unsent(election bigint) IS 'To how many voters on the roll the organiser has sent no link: activation warns of them.';

CREATE FUNCTION public.links_were_sent(election bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM links_sent l WHERE l.election_id = election)
$$;

COMMENT ON FUNCTION public.links_were_sent(election bigint) IS 'Whether the organiser ever had a link of this election sent: then people may wait for it, and it is not deleted any more. Links that voters
asked for do not count: the refusal would tell the organiser that somebody asked.';

CREATE FUNCTION public.lock_leaves(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET lock_timeout TO '3s'
    AS $_$
BEGIN
    EXECUTE format('LOCK TABLE public.voters_%s, public.voting_tokens_%1$s, public.link_requests_%1$s, public.audit_subjects_%1$s,
        public.email_messages_%1$s IN ACCESS EXCLUSIVE MODE', election);
END $_$;

COMMENT ON FUNCTION public.lock_leaves(election bigint) IS 'Locks the leaves of one election against everybody, in the order in which services take them: voters, then links. Whoever reads one of
them for long, such as a dump of the database, is waited for only for three seconds; then the caller fails and tries again later. While
it waits, nobody else gets at this election. Three seconds, because an autovacuum worker gives way after one (deadlock_timeout).';

CREATE FUNCTION public.lock_links(election bigint, voter bigint, OUT any_link boolean, OUT was_sent boolean, OUT used boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    PERFORM FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = voter ORDER BY t.token_id FOR UPDATE;
    SELECT count(*) > 0, coalesce(bool_or(sent_by_organiser(t.origin)), false), coalesce(bool_or(t.is_used), false)
    INTO any_link, was_sent, used
    FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = voter;
END $$;

COMMENT ON FUNCTION public.lock_links(election bigint, voter bigint, OUT any_link boolean, OUT was_sent boolean, OUT used boolean) IS 'Locks the links of one voter by their numbers, and answers afterwards: whether there is one, whether the organiser had one sent,
whether one is used.';

CREATE FUNCTION public.look_up_token(election bigint, token_hash bytea) RETURNS TABLE(election_id bigint, title text, status text, profile text, opens_at timestamp with time zone, closes_at timestamp with time zone, expires_at timestamp with time zone, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamp with time zone, spend_id bytea, halted boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN QUERY
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at,
           link_ends_at(t.expires_at, t.runs_to_close, e.closes_at), t.is_used, t.revoked, t.email_hint, m.hash,
           clock_timestamp(), t.spend_id,
           EXISTS (SELECT FROM chain_heads h WHERE h.election_id = e.election_id AND h.halted_at IS NOT NULL)
    FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id LEFT JOIN manifests m ON m.election_id = t.election_id
    WHERE t.election_id = election AND t.token_hash = look_up_token.token_hash;
END $$;

COMMENT ON FUNCTION public.look_up_token(election bigint, token_hash bytea) IS 'Everything about one link but whose it is, and the spent code, which the voting page prints as the mail does. Voting has this
function instead of SELECT: it can look at the link it was shown, and at no list of who has voted. The token names its election, so
the search goes into one leaf whatever the number of elections. Column now is the clock of the database: one clock decides.';

CREATE FUNCTION public.mail_states(election bigint, named bigint[]) RETURNS TABLE(voter_id bigint, status text, reason text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN QUERY
    SELECT v.voter_id,
           CASE WHEN c.closed_at IS NOT NULL THEN 'forgotten'
                WHEN NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = v.voter_id
                                     AND sent_by_organiser(t.origin))
                THEN 'none' ELSE coalesce(m.status, 'queued') END,
           CASE WHEN c.closed_at IS NULL AND m.status IN ('deferred', 'refused') THEN m.last_error END
    FROM voters v JOIN elections c ON c.election_id = v.election_id
    LEFT JOIN LATERAL (SELECT e.status, e.last_error FROM email_messages e
                       WHERE e.election_id = election AND lower(e.recipient) = lower(v.email)
                         AND e.kind IN ('voting_invitation', 'resend', 'correction')
                       ORDER BY e.message_id DESC LIMIT 1) m ON true
    WHERE v.election_id = election AND NOT v.deleted AND (named IS NULL OR v.voter_id = ANY (named));
END $$;

COMMENT ON FUNCTION public.mail_states(election bigint, named bigint[]) IS 'What became of the newest mail by which the organiser had each voter sent a link: none | queued | deferred | sent | refused. A link
without a mail is still in the outbox. Reminders do not count, because only who has not voted gets one; nor do the mails that voters
asked for themselves. All voters when none are named. Once the election is closed it is forgotten for everybody (ADR 0019).';

CREATE FUNCTION public.mails_wait() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO mail_turns AS t (election_id, due_at)
    SELECT n.election_id, min(n.next_attempt_at) FROM new_rows n WHERE n.status IN ('queued', 'deferred')
    GROUP BY n.election_id ORDER BY n.election_id
    ON CONFLICT (election_id) DO UPDATE SET due_at = least(t.due_at, excluded.due_at);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.mails_wait() IS 'Notes in mail_turns that an election has mails that wait, and from when on.';

CREATE FUNCTION public.make_leaf(parent regclass, election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.make_leaf(parent regclass, election bigint) IS 'Makes a table like one of the partitioned ones, with the same constraints, indexes, statement triggers and statistics targets, and does not
attach it yet. CREATE TABLE ... PARTITION OF would lock the parent, and with it all elections.';

CREATE FUNCTION public.make_leaves(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.make_leaves(election bigint) IS 'The five leaves of an election, with the foreign keys between them: a link and a reference are of a voter of the same election. Everybody
attaches in the same order, so two creators can wait for each other, and cannot deadlock.';

CREATE FUNCTION public.masked(address text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (("left"(address, 1) || '***@'::text) || split_part(address, '@'::text, 2));

COMMENT ON FUNCTION public.masked(address text) IS 'What a stranger who has a voting link may see of the address it was sent to. Email::masked in the domain crate does the same.';

CREATE FUNCTION public.may_be_mailed(organiser bigint, address text, only_verified boolean) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM admins a WHERE a.admin_id = organiser
        AND (NOT only_verified OR a.email_verified_at IS NOT NULL OR lower(a.email) = lower(address)))
$$;

COMMENT ON FUNCTION public.may_be_mailed(organiser bigint, address text, only_verified boolean) IS 'Outside local mode an organiser whose own address nobody has verified has mails sent to that address only. Without this, whoever
registers could have strangers mailed, by a roll and a title of their choice.';

CREATE FUNCTION public.move_closing(election bigint, later timestamp with time zone, why text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    was record;
BEGIN
    SELECT e.status, e.closes_at INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    IF coalesce(was.status NOT IN ('scheduled', 'active') OR later <= was.closes_at
                OR CASE was.status WHEN 'scheduled' THEN later ELSE was.closes_at END <= clock_timestamp(), true) THEN
        RETURN false;
    END IF;
    -- With the new end voting may fail to open for another reason, so the organiser gets a new mail then.
    UPDATE elections e SET closes_at = later, not_opened_told_at = NULL WHERE e.election_id = election;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (election, 'closes_at_moved', why, jsonb_build_object('previous_closes_at', was.closes_at, 'closes_at', later));
    RETURN true;
END $$;

COMMENT ON FUNCTION public.move_closing(election bigint, later timestamp with time zone, why text) IS 'Moves the end of voting to a later time, and announces it. It writes one row: links that run to the close end when the election
says (link_ends_at). Neither the head nor a link is locked, so no ballot waits. A ballot that is recorded at the same time is judged
by the old end or by the new one; the later end only lets more in. Returns false when the end has come meanwhile, by the clock of
the database: a close may have begun, and a later end must not be announced after it. A
scheduled election whose end has passed does not open, so its
end can still be moved, to a time that is still to come.';

CREATE FUNCTION public.never() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM refuse(TG_TABLE_NAME || '_immutable', format('%s cannot be changed: %s is refused for everybody', TG_TABLE_NAME, TG_OP));
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.never() IS 'Trigger that refuses the statement for every role. A superuser can switch the trigger off; the checks of the
result are made to find such tampering.';

CREATE FUNCTION public.only_while() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    allowed text[] := TG_ARGV[1:];
    touched bigint[];
    stopped text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT r.election_id ORDER BY r.election_id) INTO touched
        FROM (SELECT o.election_id FROM old_rows o UNION ALL SELECT n.election_id FROM new_rows n) r;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT n.election_id ORDER BY n.election_id) INTO touched FROM new_rows n;
    ELSE
        SELECT array_agg(DISTINCT o.election_id ORDER BY o.election_id) INTO touched FROM old_rows o;
    END IF;
    -- Without a lock first: whoever comes too late leaves at once, and does not wait while rows are locked.
    SELECT e.status INTO stopped FROM elections e WHERE e.election_id = ANY (touched) AND e.status <> ALL (allowed) LIMIT 1;
    -- FOR SHARE, so that activation and closing wait for a change under way, or it waits for them. Not for links: a resend holds
    -- a link, a cast holds the head and waits for that link, a close holds the election and waits for the head. A resend that
    -- waited for the election would make a deadlock (it happened in a test within a second). The links need
    -- no lock: a link that crosses a close can no
    -- longer be used, and a used one cannot be touched.
    IF NOT FOUND AND TG_ARGV[0] <> 'links_frozen' THEN
        PERFORM FROM elections e WHERE e.election_id = ANY (touched) ORDER BY e.election_id FOR SHARE;
        SELECT e.status INTO stopped FROM elections e WHERE e.election_id = ANY (touched) AND e.status <> ALL (allowed) LIMIT 1;
    END IF;
    IF stopped IS NOT NULL THEN
        PERFORM refuse(TG_ARGV[0], format('%s cannot be changed while the election is %s', TG_TABLE_NAME, stopped));
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.only_while() IS 'Trigger for tables whose rows may be written only in some states of their election. Argument 1 is the name of the refusal, the
others are the states. It runs after the statement, once for all its rows (an import has 20,000). An election that is gone is
being deleted, as a draft, in this very transaction: its rows may go with it.';

CREATE FUNCTION public.outbox_notify() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_notify('outbox', r.source::text) FROM (SELECT DISTINCT n.source FROM new_rows n) r;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.outbox_notify() IS 'Wakes the relay of the service whose message it is. The notification says which service, and nothing of the message.';

CREATE FUNCTION public.outbox_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('order of events/' || NEW.source, NEW.election_id));
    NEW.position := nextval(pg_get_serial_sequence('public.outbox', 'position'));
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.outbox_place() IS 'Positions of the events of one service about one election are in the order of the commits. A number is given at INSERT: of two changes
under way, the one with the lower number could be committed last. So the number of an event is drawn under a lock of its election,
which is held until the commit. The insert is the last thing that a change does, so the lock is held for a short time and nothing is
waited for behind it. Events about no election, and mails, need no order.';

CREATE FUNCTION public.participation(election bigint) RETURNS TABLE(spent_count bigint, spent_hash bytea, roll_count bigint)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN QUERY
    SELECT spent.entries, spent.hash, (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted)
    FROM chain_heads h, (
        SELECT count(*) AS entries, sha256(coalesce(string_agg(s.entry, ''::bytea ORDER BY s.entry), ''::bytea)) AS hash
        FROM (SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
              WHERE t.election_id = election AND t.is_used) s) spent
    WHERE h.election_id = election AND h.state = 'sealed';
END $$;

COMMENT ON FUNCTION public.participation(election bigint) IS 'What the roll and the links say now: how many rights were used, SHA-256 over the sorted spent list, how many voters are on the roll. It
is computed from the rows at every call, and seal_box commits to it. No row until the box is sealed.';

CREATE FUNCTION public.record_ballots(election bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[], seen_position bigint DEFAULT NULL::bigint, seen_hash bytea DEFAULT NULL::bytea, seen_resumption bigint DEFAULT NULL::bigint, seen_halted boolean DEFAULT false) RETURNS TABLE(outcomes text[], head_position bigint, head_hash bytea, resumption bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.record_ballots(election bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[], seen_position bigint, seen_hash bytea, seen_resumption bigint, seen_halted boolean) IS 'Records up to 256 ballots and answers one outcome each, in order:
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

CREATE FUNCTION public.refresh_turnout() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.refresh_turnout() IS 'Counts one open election whose shown turnout is a minute old. False when there is none. The worker of the election service calls it; two
workers never count the same election twice, and never wait for each other or for an import that holds the row. The number is rounded down
to five, and never all of those who were on the roll at the opening: "5 of 5" would say of each of them that they have voted. Late voters do
not raise this limit: an organiser could add one who never votes, and read "5 of 6". What was shown once is not taken back.

It stays as it is while the organiser has had links sent to a part of the roll only. Whoever chooses who can vote could choose four
addresses of their own and one other voter, and would read at "5" that this one has voted. When nobody was sent a link, all ask for their
own.';

CREATE FUNCTION public.refuse(name text, message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = name, MESSAGE = message;
END $$;

COMMENT ON FUNCTION public.refuse(name text, message text) IS 'Refuses with SQLSTATE UV001 and a constraint name. Services recognise the refusal by that name.';

CREATE FUNCTION public.refuse_malformed_batch(digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.refuse_malformed_batch(digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[]) IS 'A batch of another form is a fault of the caller (SQLSTATE 22023), and nothing of it is looked at.';

CREATE FUNCTION public.remove_unlinked_voter(election bigint, voter bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    on_roll record;
BEGIN
    SELECT v.student_id INTO on_roll FROM voters v WHERE v.election_id = election AND v.voter_id = voter AND NOT v.deleted FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    ELSIF on_roll.student_id IS NOT NULL
       OR EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = voter) THEN
        RETURN 'linked';
    END IF;
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'active';
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('nobody is taken off the roll of election %s now', election));
    END IF;
    DELETE FROM voters v WHERE v.election_id = election AND v.voter_id = voter;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (election, 'voter_removed', 'Removed before a link was sent', '{"voters": 1}');
    RETURN 'removed';
END $$;

COMMENT ON FUNCTION public.remove_unlinked_voter(election bigint, voter bigint) IS 'Takes somebody off the roll of an active election who cannot have a link, and announces it. Outcomes: removed | linked | unknown.
linked: the organiser had a link sent, even one that is replaced by now, because whoever was told that they may vote, may; or the
voter has a student number, with which they could have asked for a link themselves. The answer must not depend on whether they did:
it would tell who had not voted then. And somebody who asked and has voted can never be removed.';

CREATE FUNCTION public.replace_link(election bigint, voter bigint, code bytea, link_hash bytea, hint text, works_from timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    live record;
BEGIN
    UPDATE voting_tokens t SET revoked = true
    WHERE t.election_id = election AND t.voter_id = voter AND NOT t.revoked AND NOT t.is_used
    RETURNING t.expires_at, t.runs_to_close INTO live;
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, runs_to_close, spend_id, email_hint)
    VALUES (election, voter, link_hash, 'request', greatest(works_from + interval '30 minutes', live.expires_at),
            coalesce(live.runs_to_close, false), code, hint);
END $$;

COMMENT ON FUNCTION public.replace_link(election bigint, voter bigint, code bytea, link_hash bytea, hint text, works_from timestamp with time zone) IS 'Ends the live link of a voter who asked for another, and makes that one. It lives for 30 minutes, or as long as the one it
replaces, to the close if that one did: whoever asks must not lose days. Before the opening the 30 minutes begin with it, or the
link would be dead before it could be used. Voter and links are locked.';

CREATE FUNCTION public.request_link(election bigint, request uuid, student text, address text, link_hash bytea, link_mail bytea, recorded_mail bytea, only_verified boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    rules     record;
    asking    record;
    links     record;
    asked_at  timestamptz;
BEGIN
    SELECT e.opens_at, e.closes_at, e.admin_id INTO rules
    FROM elections e WHERE e.election_id = election AND e.status IN ('scheduled', 'active') FOR SHARE;
    IF NOT FOUND OR NOT may_be_mailed(rules.admin_id, address, only_verified) THEN
        RETURN;
    END IF;
    SELECT v.voter_id, v.spend_id, v.email INTO asking FROM voters v
    WHERE v.election_id = election AND lower(v.email) = lower(address) AND lower(v.student_id) = lower(student) AND NOT v.deleted
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    links := lock_links(election, asking.voter_id);
    asked_at := clock_timestamp();
    IF rules.closes_at <= asked_at OR NOT count_link_request(election, asking.voter_id, request, asked_at) THEN
        RETURN;
    END IF;
    IF NOT links.used THEN
        PERFORM replace_link(election, asking.voter_id, asking.spend_id, link_hash, masked(asking.email), greatest(asked_at, rules.opens_at));
    END IF;
    INSERT INTO outbox (event_id, source, destination, kind, about_link, election_id, payload)
    VALUES (request, session_user, 'email', 'request', true, election, CASE WHEN links.used THEN recorded_mail ELSE link_mail END);
END $$;

COMMENT ON FUNCTION public.request_link(election bigint, request uuid, student text, address text, link_hash bytea, link_mail bytea, recorded_mail bytea, only_verified boolean) IS 'For a voter of this election with this number and address, up to three times in 24 hours: a new link, which replaces the live one,
and its mail. Whoever has used their right gets the other mail and no link, and is counted alike. Anything else does nothing. The
answer is always empty, so neither the person who asks nor the voting service learns anything. The caller cannot know which mail it
will be, so it brings both, encrypted under the key of its outbox and the number of the request. Locks: election, voter, links by
number. A ballot that is being recorded with the old link is waited for, or waits.';

CREATE FUNCTION public.resume_recording(election bigint, why text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.resume_recording(election bigint, why text) IS 'Lets a halted election take ballots again, and announces it with the reason. What processes saw before counts no longer, and they
take the head as it is. Outcomes: resumed | not-halted | not-active | unknown. Locks: election, head.';

CREATE FUNCTION public.roll_at_opening_kept() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE turnouts t SET roll_at_opening = t.roll WHERE t.election_id = NEW.election_id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.roll_at_opening_kept() IS 'Keeps turnouts.roll_at_opening. Nobody changes the roll meanwhile: whoever does holds the election FOR SHARE.';

CREATE FUNCTION public.roll_counted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.roll_counted() IS 'Keeps turnouts.roll: counting 100,000 voters for each row of a list of elections took 0.16 s each. Once the election is closed the roll no
longer changes; what the close writes anew is not counted. Lock order: this row comes last, after the voters.';

CREATE FUNCTION public.roll_is_empty(election bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM voters v WHERE v.election_id = election AND NOT v.deleted);
END $$;

COMMENT ON FUNCTION public.roll_is_empty(election bigint) IS 'Whether nobody could vote: such an election does not open.';

CREATE FUNCTION public.schema_version() RETURNS TABLE(release integer, applied text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT 1, coalesce(array_agg(m.version::text ORDER BY m.version), '{}') FROM public.__diesel_schema_migrations m
$$;

COMMENT ON FUNCTION public.schema_version() IS 'The release of the schema and the applied migrations: what /ready of every program compares with what it was built for';

CREATE FUNCTION public.seal_box(election bigint) RETURNS TABLE(outcome text, box_count bigint, box_hash bytea, spent_count bigint, spent_hash bytea, roll_count bigint, withdrawn_hash bytea, halts bigint, resumptions bigint, bad_position bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.seal_box(election bigint) IS 'Step 2. Nothing enters the box after this, and no stamp can be made: its key is gone. So the spent list and the roll are final too. The
caller signs all of it and inserts the signatures in the same transaction. Outcomes:
  sealed        with the commitment
  waiting       ballots with a stamp may still arrive; ask again after grace_ends_at
  chain-broken  at bad_position; nothing was changed
  not-closed    step 1 comes first';

CREATE FUNCTION public.sent_by_organiser(origin text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (origin = ANY (ARRAY['invitation'::text, 'resend'::text, 'correction'::text]));

COMMENT ON FUNCTION public.sent_by_organiser(origin text) IS 'Whether the organiser had a link of this origin sent, to a voter of their choice. Everything that an organiser sees about a voter
goes by these links alone. A link that the voter asked for would show that they had not voted before, and a reminder goes only to
voters who have not voted.';

CREATE FUNCTION public.show_participation(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
BEGIN
    EXECUTE format('GRANT SELECT (deleted) ON public.voters_%s TO results_service;
                    GRANT SELECT (spend_id, is_used) ON public.voting_tokens_%1$s TO results_service', election);
END $_$;

COMMENT ON FUNCTION public.show_participation(election bigint) IS 'From the sealing on, and not before, the results service reads in the leaves of this election what the box commitment covers: which codes
are used, and how many rows the roll has. It computes everything itself, because a function belongs to the owner of the database, who could
let it answer what is stored beside the commitment. No column that it reads says whose a row is.';

CREATE FUNCTION public.spend_token(election bigint, token_hash bytea, blinded_hash bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION public.spend_token(election bigint, token_hash bytea, blinded_hash bytea) IS 'Uses a link up for one blind stamp; the caller answers with the stamp only after this is committed. Outcomes as in record_ballots, and:
  spent  the link is used from now on
  again  it was used for this very message: the same stamp may be given again, until the box is sealed
Locks: head FOR KEY SHARE, which closing''s FOR UPDATE waits for and recording''s FOR NO KEY UPDATE does not; then the link.';

CREATE FUNCTION public.spent_entry(election bigint, spend_id bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256((('\x7370656e742f7631'::bytea || int8send(election)) || spend_id));

COMMENT ON FUNCTION public.spent_entry(election bigint, spend_id bytea) IS 'One line of the spent list: a voter knows their spend_id, and looks for this.';

CREATE FUNCTION public.spent_list(election bigint) RETURNS SETOF bytea
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    RETURN QUERY
    SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
    WHERE t.election_id = election AND t.is_used AND EXISTS (SELECT FROM box_commitments c WHERE c.election_id = election)
    ORDER BY entry;
END $$;

COMMENT ON FUNCTION public.spent_list(election bigint) IS 'The spent list, sorted; no service reads it yet. Empty until the box is sealed, so that nobody can watch it grow.';

CREATE FUNCTION public.staged_with_import() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM staged_voters s WHERE s.import_id = OLD.import_id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.staged_with_import() IS 'The lines of a waiting import go with it, whoever deletes it: a confirmation, a newer file, the clock, or the deletion of the draft.';

CREATE FUNCTION public.stop_reminders(election bigint, code bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status IN ('draft', 'scheduled', 'active') FOR SHARE;
    IF FOUND THEN
        UPDATE voters v SET reminders_stopped = true
        WHERE v.election_id = election AND v.reminder_code = code AND NOT v.deleted AND NOT v.reminders_stopped;
    END IF;
END $$;

COMMENT ON FUNCTION public.stop_reminders(election bigint, code bytea) IS 'No more reminders for the voter with this code. Links still reach them, and the one they have stays as it is. Once the election is
closed there is nothing left to stop, and the roll stays as the close has written it.';

CREATE FUNCTION public.tie_links(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET work_mem TO '512MB'
    AS $_$
BEGIN
    EXECUTE format('ALTER TABLE public.voting_tokens_%s ADD CONSTRAINT voting_tokens_voter_fkey FOREIGN KEY (election_id, voter_id, spend_id)
        REFERENCES public.voters_%1$s (election_id, voter_id, spend_id) ON DELETE CASCADE', election);
END $_$;

COMMENT ON FUNCTION public.tie_links(election bigint) IS 'Every link is of a voter of the same election, and carries the code of this voter. A link for a voter of another election, whose roll is still
open, would get around the frozen roll of this one.';

CREATE FUNCTION public.turnout(election bigint) RETURNS TABLE(roll bigint, voted bigint)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(c.roll_count, t.roll, 0),
           coalesce(CASE WHEN y.election_id IS NOT NULL THEN coalesce(c.spent_count, y.stamps_given) ELSE t.voted END, 0)
    FROM (VALUES (election)) AS asked (id)
    LEFT JOIN turnouts t ON t.election_id = asked.id
    LEFT JOIN tallies y ON y.election_id = asked.id
    LEFT JOIN box_commitments c ON c.election_id = asked.id
$$;

COMMENT ON FUNCTION public.turnout(election bigint) IS 'The turnout as every service shows it: one place decides what may be seen. Until the close it is the row of turnouts, so every copy of
every service shows the same number, and a list of elections reads one row for each. From the close on it is exact, by the numbers that
the closing has fixed.';

CREATE FUNCTION public.untie_links(election bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.voting_tokens_%s DROP CONSTRAINT voting_tokens_voter_fkey', election);
END $$;

COMMENT ON FUNCTION public.untie_links(election bigint) IS 'Only for a transaction that holds the leaves against everybody and calls tie_links afterwards (write_roll).';

CREATE FUNCTION public.used_right_kept() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = 'used_right_kept', MESSAGE = 'a used link can neither be changed nor removed';
END $$;

COMMENT ON FUNCTION public.used_right_kept() IS 'A used right is half of "one voter, one ballot": without it the voter could be given another one, and the spent list would miss
one. Only the owner''s functions touch it.';

CREATE FUNCTION public.votes_continue_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.votes_continue_chain() IS 'Checks the inserted rows, whoever inserted them: they must continue the chain from the head, without a gap. It needs the head
before the change, so the INSERT comes before the UPDATE of the head. It runs once per statement: once per row would cost
quadratic time.';

CREATE FUNCTION public.withdrawals_come_before_the_end() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    -- The lock that a close takes, so that a withdrawal comes before the close or not at all.
    PERFORM FROM elections e WHERE e.election_id = NEW.election_id AND e.status IN ('scheduled', 'active') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('withdrawal_too_late', format('nobody withdraws from election %s before it is announced or after it has ended', NEW.election_id));
    END IF;
    IF NOT EXISTS (SELECT FROM candidates c WHERE c.election_id = NEW.election_id
                   AND c.candidate_id = (NEW.details ->> 'candidate_id')::bigint AND c.standing = 'stands') THEN
        PERFORM refuse('withdrawal_of_nobody', format('no candidate of election %s withdraws', NEW.election_id));
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.withdrawals_come_before_the_end() IS 'The count skips who withdrew. Whoever could withdraw a candidate after a look at the ballots would choose the winner.';

CREATE TABLE public.amendments (
    amendment_id bigint NOT NULL,
    election_id bigint NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT amendments_kind_known CHECK ((kind = ANY (ARRAY['voter_added'::text, 'voter_removed'::text, 'closes_at_moved'::text, 'candidate_withdrawn'::text, 'recording_resumed'::text]))),
    CONSTRAINT amendments_reason_length CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 1000)))
);

COMMENT ON TABLE public.amendments IS 'What was changed after the rules were fixed. Everybody reads it with the ballot and with the result. It names no voter.';

CREATE FUNCTION public.withdrawn_hash(election bigint) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (SELECT sha256(COALESCE(string_agg(int8send(w.candidate_id), '\x'::bytea ORDER BY w.candidate_id), '\x'::bytea)) AS sha256 FROM (SELECT DISTINCT ((a.details ->> 'candidate_id'::text))::bigint AS candidate_id FROM public.amendments a WHERE ((a.election_id = withdrawn_hash.election) AND (a.kind = 'candidate_withdrawn'::text))) w);

COMMENT ON FUNCTION public.withdrawn_hash(election bigint) IS 'SHA-256 over the ids of the candidates who have withdrawn, in ascending order: the count skips them.';

CREATE TABLE public.email_messages (
    message_id bigint NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    about_link boolean NOT NULL,
    election_id bigint DEFAULT 0 NOT NULL,
    recipient text NOT NULL,
    payload bytea,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    forget_at timestamp with time zone,
    CONSTRAINT email_messages_forgotten_one_by_one CHECK (((forget_at IS NULL) OR (election_id = 0))),
    CONSTRAINT email_messages_status_known CHECK ((status = ANY (ARRAY['queued'::text, 'deferred'::text, 'sent'::text, 'refused'::text, 'forgotten'::text])))
)
PARTITION BY LIST (election_id);
ALTER TABLE ONLY public.email_messages ALTER COLUMN message_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN event_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN about_link SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN recipient SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN attempts SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN next_attempt_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN last_error SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN forget_at SET STATISTICS 0;

COMMENT ON TABLE public.email_messages IS 'Mails to be sent and what became of them. Written by the email service; the close writes the leaf of its election anew. One leaf for
each election, and leaf 0 for mails that belong to none (docs/adr/0022).';

COMMENT ON COLUMN public.email_messages.about_link IS 'As in outbox. The close deletes these, sent or not, and none is kept after it.';

COMMENT ON COLUMN public.email_messages.election_id IS '0: of no election, such as a code for an organiser.';

COMMENT ON COLUMN public.email_messages.payload IS 'The mail, encrypted. Erased as soon as it is sent or refused for good.';

COMMENT ON COLUMN public.email_messages.status IS 'forgotten: its election is closed, and what became of the mails to this voter is no longer known.';

COMMENT ON COLUMN public.email_messages.forget_at IS 'When the row is deleted, sent or not: the end of the code or link in it. NULL for mails of an election, which are forgotten with it.';

CREATE TABLE public.voters (
    voter_id bigint NOT NULL,
    election_id bigint NOT NULL,
    email text NOT NULL,
    first_name text,
    last_name text,
    student_id text,
    cohort text,
    deleted boolean DEFAULT false NOT NULL,
    reminders_stopped boolean DEFAULT false NOT NULL,
    spend_id bytea DEFAULT uuid_send(gen_random_uuid()) NOT NULL,
    reminder_code bytea DEFAULT uuid_send(gen_random_uuid()) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT voters_cohort_length CHECK ((char_length(cohort) <= 64)),
    CONSTRAINT voters_email_length CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT voters_first_name_length CHECK ((char_length(first_name) <= 100)),
    CONSTRAINT voters_last_name_length CHECK ((char_length(last_name) <= 100)),
    CONSTRAINT voters_reminder_code_width CHECK ((octet_length(reminder_code) = 16)),
    CONSTRAINT voters_spend_id_width CHECK ((octet_length(spend_id) = 16)),
    CONSTRAINT voters_student_id_length CHECK (((char_length(student_id) >= 1) AND (char_length(student_id) <= 64)))
)
PARTITION BY LIST (election_id);
ALTER TABLE ONLY public.voters ALTER COLUMN voter_id SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN first_name SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN last_name SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN student_id SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN cohort SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN deleted SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN reminders_stopped SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN spend_id SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN reminder_code SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN created_at SET STATISTICS 0;

COMMENT ON TABLE public.voters IS 'Who may vote. Written by the admin service; the voting service never reads it. The close writes it anew, in random order and under
fresh numbers (anonymise_participation).';

COMMENT ON COLUMN public.voters.voter_id IS 'Good until the close; after it the same people have other numbers.';

COMMENT ON COLUMN public.voters.reminders_stopped IS 'Whether this voter wants no more reminders. Links still reach them.';

COMMENT ON COLUMN public.voters.spend_id IS 'Random, the same in all links of this voter. It is printed in the mails, and hashed into the spent list. By it somebody who did not
vote can find out that another person voted in their name (the list is not published yet).';

COMMENT ON COLUMN public.voters.reminder_code IS 'What the link "no more reminders" carries, and nothing else does: whoever sees that address in a log must not be able to find the
voter on the spent list. The close leaves this column out, so every row gets a fresh code that is in no mail.';

CREATE FUNCTION public.write_mails(election bigint, closed timestamp with time zone, roll public.voters[], mails public.email_messages[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET work_mem TO '512MB'
    SET jit TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.write_mails(election bigint, closed timestamp with time zone, roll public.voters[], mails public.email_messages[]) IS 'Fills the emptied leaf of the mails of an election with those that say nothing about a link, and with one row for each voter of the roll:
forgotten, with the present address and nothing else. A sender that is in the middle of sending one of the others finds its row.';

CREATE TABLE public.voting_tokens (
    token_id bigint NOT NULL,
    election_id bigint NOT NULL,
    voter_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    origin text DEFAULT 'invitation'::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    runs_to_close boolean DEFAULT false NOT NULL,
    revoked boolean DEFAULT false NOT NULL,
    is_used boolean DEFAULT false NOT NULL,
    blinded_hash bytea,
    spend_id bytea NOT NULL,
    email_hint text NOT NULL,
    CONSTRAINT voting_tokens_blinded_hash_width CHECK ((octet_length(blinded_hash) = 32)),
    CONSTRAINT voting_tokens_hash_width CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT voting_tokens_not_both CHECK ((NOT (revoked AND is_used))),
    CONSTRAINT voting_tokens_origin_known CHECK ((origin = ANY (ARRAY['invitation'::text, 'resend'::text, 'correction'::text, 'request'::text, 'reminder'::text]))),
    CONSTRAINT voting_tokens_spend_id_width CHECK ((octet_length(spend_id) = 16))
)
PARTITION BY LIST (election_id);
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN token_id SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN voter_id SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN token_hash SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN origin SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN expires_at SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN runs_to_close SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN revoked SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN is_used SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN blinded_hash SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN spend_id SET STATISTICS 0;
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN email_hint SET STATISTICS 0;

COMMENT ON TABLE public.voting_tokens IS 'One-time links. There is no time of use and no time of making: votes.position is the order of arrival, so anything here that grew
with the time of use would join ballots to voters.';

COMMENT ON COLUMN public.voting_tokens.token_hash IS 'SHA-256 over the 43 characters of the token. The token itself is in the mail alone; it carries the number of its election.';

COMMENT ON COLUMN public.voting_tokens.origin IS 'Why it was made. What an organiser sees goes by the origins that sent_by_organiser names.';

COMMENT ON COLUMN public.voting_tokens.expires_at IS 'The earliest that it can end; link_ends_at says when it really ends.';

COMMENT ON COLUMN public.voting_tokens.runs_to_close IS 'Whether the link works until voting ends, if that is later than expires_at. A fact and not a copy of the end: when the end is
moved, no link is touched.';

COMMENT ON COLUMN public.voting_tokens.revoked IS 'A newer link has replaced it.';

COMMENT ON COLUMN public.voting_tokens.blinded_hash IS 'For which blinded message it was used up (spend_token). The close forgets it.';

COMMENT ON COLUMN public.voting_tokens.spend_id IS 'The code of its voter, held by a foreign key: a link with another code would hide from a voter that it was used in their name.';

COMMENT ON COLUMN public.voting_tokens.email_hint IS 'The masked address, for whoever opens the link.';

CREATE FUNCTION public.write_roll(election bigint, closed timestamp with time zone, roll public.voters[], links public.voting_tokens[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET work_mem TO '512MB'
    SET jit TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.write_roll(election bigint, closed timestamp with time zone, roll public.voters[], links public.voting_tokens[]) IS 'Fills the emptied leaves of an election with its roll, in random order and under fresh numbers, and with one link for each voter. The
foreign key is put back afterwards and then checked for all links at once: row by row it took a third of the whole time. work_mem, because a
sort that does not fit is written to a temporary file, with the addresses in it.';

CREATE TABLE public.admin_codes (
    request_id uuid NOT NULL,
    admin_id bigint NOT NULL,
    purpose text NOT NULL,
    code_hash bytea NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT admin_codes_hash_width CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT admin_codes_purpose_known CHECK ((purpose = ANY (ARRAY['verify_address'::text, 'unlock'::text, 'reset_password'::text]))),
    CONSTRAINT admin_codes_token_hash_width CHECK ((octet_length(token_hash) = 32))
);
ALTER TABLE ONLY public.admin_codes ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.admin_codes ALTER COLUMN code_hash SET STATISTICS 0;
ALTER TABLE ONLY public.admin_codes ALTER COLUMN token_hash SET STATISTICS 0;

COMMENT ON TABLE public.admin_codes IS 'What was mailed to open an account: a short code, and a link that holds a token. One row for each request.';

COMMENT ON COLUMN public.admin_codes.code_hash IS 'Keyed by a secret that is not in the database: a code of eight characters could be found by trying, if the hash had no key.';

COMMENT ON COLUMN public.admin_codes.token_hash IS 'The token has 256 random bits, so its hash needs no key.';

COMMENT ON COLUMN public.admin_codes.attempts IS 'Wrong codes that named this request. A wrong code never counts against the token.';

CREATE TABLE public.admin_invitations (
    invitation_id bigint NOT NULL,
    email text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT admin_invitations_email_length CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT admin_invitations_hash_width CHECK ((octet_length(token_hash) = 32))
);
ALTER TABLE ONLY public.admin_invitations ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY public.admin_invitations ALTER COLUMN token_hash SET STATISTICS 0;

COMMENT ON TABLE public.admin_invitations IS 'Who may register where not everybody may. The secret is in the mail alone.';

ALTER TABLE public.admin_invitations ALTER COLUMN invitation_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admin_invitations_invitation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.admins (
    admin_id bigint NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    role text DEFAULT 'admin'::text NOT NULL,
    email_verified_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_login timestamp with time zone,
    sessions_ended integer DEFAULT 0 NOT NULL,
    CONSTRAINT admins_email_length CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT admins_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'superadmin'::text])))
);
ALTER TABLE ONLY public.admins ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY public.admins ALTER COLUMN password_hash SET STATISTICS 0;

COMMENT ON TABLE public.admins IS 'Who may organise elections. Written by the auth service only.';

COMMENT ON COLUMN public.admins.sessions_ended IS 'Counts how often all sessions of the account were ended. A token says in which of these periods it was made. A time
would not do: a token that must end and a new login can fall into the same second.';

ALTER TABLE public.admins ALTER COLUMN admin_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admins_admin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.amendments ALTER COLUMN amendment_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.amendments_amendment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_head (
    only_row boolean DEFAULT true NOT NULL,
    last_id bigint NOT NULL,
    last_hash bytea NOT NULL,
    CONSTRAINT audit_head_last_hash_width CHECK ((octet_length(last_hash) = 32)),
    CONSTRAINT audit_head_one_row CHECK (only_row)
);

COMMENT ON TABLE public.audit_head IS 'Where the log ends. Without it, cutting off the end would leave a chain that looks whole.';

CREATE TABLE public.audit_logs (
    log_id bigint NOT NULL,
    event_id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    source text NOT NULL,
    event_type text NOT NULL,
    user_id bigint,
    election_id bigint,
    subject_ref uuid,
    details text NOT NULL,
    ip_address text,
    previous_hash bytea NOT NULL,
    current_hash bytea NOT NULL,
    CONSTRAINT audit_logs_current_hash_width CHECK ((octet_length(current_hash) = 32)),
    CONSTRAINT audit_logs_position_positive CHECK ((log_id >= 1)),
    CONSTRAINT audit_logs_previous_hash_width CHECK ((octet_length(previous_hash) = 32))
);
ALTER TABLE ONLY public.audit_logs ALTER COLUMN event_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_logs ALTER COLUMN subject_ref SET STATISTICS 0;
ALTER TABLE ONLY public.audit_logs ALTER COLUMN details SET STATISTICS 0;
ALTER TABLE ONLY public.audit_logs ALTER COLUMN ip_address SET STATISTICS 0;

COMMENT ON TABLE public.audit_logs IS 'What was done, when and by whom. Written by the audit service only; nobody changes or removes a row.';

COMMENT ON COLUMN public.audit_logs.event_id IS 'The id that the sending service gave the event: an event that is sent twice is one entry.';

COMMENT ON COLUMN public.audit_logs.source IS 'Which service sent it.';

COMMENT ON COLUMN public.audit_logs.subject_ref IS 'About which voter: a random reference, whose meaning is in audit_subjects until the close.';

COMMENT ON COLUMN public.audit_logs.details IS 'Canonical JSON.';

CREATE TABLE public.audit_signatures (
    last_id bigint NOT NULL,
    last_hash bytea NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT audit_signatures_last_hash_width CHECK ((octet_length(last_hash) = 32)),
    CONSTRAINT audit_signatures_position_positive CHECK ((last_id >= 1)),
    CONSTRAINT audit_signatures_signature_width CHECK ((octet_length(signature) = 64))
);

COMMENT ON TABLE public.audit_signatures IS 'Heads of the log, signed by the audit service with a key that is in no database. Whoever rewrites the log cannot make them anew. One
for each transaction that writes entries, in that transaction. The newest one stands in the mail with the result.';

CREATE TABLE public.audit_subjects (
    subject_ref uuid NOT NULL,
    election_id bigint NOT NULL,
    voter_id bigint NOT NULL,
    made_while_active boolean NOT NULL
)
PARTITION BY LIST (election_id);
ALTER TABLE ONLY public.audit_subjects ALTER COLUMN subject_ref SET STATISTICS 0;
ALTER TABLE ONLY public.audit_subjects ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_subjects ALTER COLUMN voter_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_subjects ALTER COLUMN made_while_active SET STATISTICS 0;

COMMENT ON TABLE public.audit_subjects IS 'Which voter an entry of the log is about, kept apart so that it can be forgotten while the log stays whole. The close deletes all
references of an election. One leaf for each election (docs/adr/0022).';

COMMENT ON COLUMN public.audit_subjects.made_while_active IS 'False for the reference under which a voter was added before the voting: a removal is logged under it.';

CREATE TABLE public.box_commitments (
    election_id bigint NOT NULL,
    box_count bigint NOT NULL,
    box_hash bytea NOT NULL,
    spent_count bigint NOT NULL,
    spent_hash bytea NOT NULL,
    roll_count bigint NOT NULL,
    withdrawn_hash bytea NOT NULL,
    halts bigint NOT NULL,
    resumptions bigint NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT box_commitments_box_hash_width CHECK ((octet_length(box_hash) = 32)),
    CONSTRAINT box_commitments_spent_hash_width CHECK ((octet_length(spent_hash) = 32)),
    CONSTRAINT box_commitments_withdrawn_hash_width CHECK ((octet_length(withdrawn_hash) = 32))
);

COMMENT ON TABLE public.box_commitments IS 'What seal_box found. All of it is signed in two statements and mailed to the organiser before the seal key is used (ADR 0016): ballots,
used rights, roll and withdrawals in one, halts of the recording in the other.
Inserted once and never replaced: a commitment that could be replaced after somebody decrypted the ballots would be worthless.';

COMMENT ON COLUMN public.box_commitments.box_count IS 'How many ballots.';

COMMENT ON COLUMN public.box_commitments.box_hash IS 'SHA-256 over their digests in ascending order.';

COMMENT ON COLUMN public.box_commitments.spent_count IS 'How many rights were used.';

COMMENT ON COLUMN public.box_commitments.spent_hash IS 'SHA-256 over the spent list in ascending order.';

COMMENT ON COLUMN public.box_commitments.roll_count IS 'How many voters are on the roll.';

COMMENT ON COLUMN public.box_commitments.withdrawn_hash IS 'SHA-256 over the ids of the withdrawn candidates in ascending order.';

COMMENT ON COLUMN public.box_commitments.halts IS 'How often recording was halted because recorded ballots were missing.';

COMMENT ON COLUMN public.box_commitments.resumptions IS 'How often it was resumed. If this is less, it was halted to the end.';

CREATE TABLE public.candidates (
    candidate_id bigint NOT NULL,
    election_id bigint NOT NULL,
    contest_id bigint NOT NULL,
    name text NOT NULL,
    description text,
    photo_url text,
    display_order integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    standing text DEFAULT 'stands'::text NOT NULL,
    party text,
    vision text,
    programme text,
    link text,
    thumbnail_url text,
    programme_file_url text,
    CONSTRAINT candidates_description_length CHECK ((char_length(description) <= 10000)),
    CONSTRAINT candidates_link_form CHECK (((char_length(link) <= 2000) AND (link ~ '^https?://'::text))),
    CONSTRAINT candidates_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
    CONSTRAINT candidates_party_length CHECK (((char_length(party) >= 1) AND (char_length(party) <= 255))),
    CONSTRAINT candidates_photo_has_thumbnail CHECK (((photo_url IS NULL) = (thumbnail_url IS NULL))),
    CONSTRAINT candidates_programme_length CHECK (((char_length(programme) >= 1) AND (char_length(programme) <= 10000))),
    CONSTRAINT candidates_standing_known CHECK ((standing = ANY (ARRAY['stands'::text, 'option'::text, 'none_of_the_above'::text]))),
    CONSTRAINT candidates_vision_length CHECK (((char_length(vision) >= 1) AND (char_length(vision) <= 10000)))
);

COMMENT ON TABLE public.candidates IS 'Who stands in which contest. Written by the admin service; what a rule puts on the ballot itself, by the election service.';

COMMENT ON COLUMN public.candidates.description IS 'Their statement: what stands on the ballot below the name.';

COMMENT ON COLUMN public.candidates.standing IS 'stands for people. The options of a motion and "None of the above" are made and deleted together with the rule of their contest. Who
withdrew after the activation is an amendment, not a change of this row.';

COMMENT ON COLUMN public.candidates.link IS 'A page of their own; voters can open it.';

COMMENT ON COLUMN public.candidates.thumbnail_url IS 'The photo as a small square, for the ballot.';

COMMENT ON COLUMN public.candidates.programme_file_url IS 'The programme as a PDF.';

ALTER TABLE public.candidates ALTER COLUMN candidate_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.candidates_candidate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chain_heads (
    election_id bigint NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    last_position bigint DEFAULT 0 NOT NULL,
    last_hash bytea NOT NULL,
    halted_at timestamp with time zone,
    halts bigint DEFAULT 0 NOT NULL,
    halt_told_at timestamp with time zone,
    CONSTRAINT chain_heads_last_hash_width CHECK ((octet_length(last_hash) = 32)),
    CONSTRAINT chain_heads_state_known CHECK ((state = ANY (ARRAY['open'::text, 'grace'::text, 'sealed'::text])))
);

COMMENT ON TABLE public.chain_heads IS 'The end of the chain of ballots of an election: the one row that everybody who records or closes must lock.';

COMMENT ON COLUMN public.chain_heads.state IS 'open: ballots are taken. grace: only ballots that were stamped before the close. sealed: none.';

COMMENT ON COLUMN public.chain_heads.halted_at IS 'Since when no ballot is recorded, because ballots that a recorder saw committed were missing (rewound). record_ballots
sets it, resume_recording clears it. It stays when the election is closed without a resumption: the result says so.';

COMMENT ON COLUMN public.chain_heads.halts IS 'How often recording was halted.';

COMMENT ON COLUMN public.chain_heads.halt_told_at IS 'The halted_at that the admin of the election was told of, by mail.';

CREATE TABLE public.contests (
    contest_id bigint NOT NULL,
    election_id bigint NOT NULL,
    title text NOT NULL,
    text text,
    rule jsonb NOT NULL,
    ballot_order text DEFAULT 'fixed'::text NOT NULL,
    display_order integer DEFAULT 1 NOT NULL,
    CONSTRAINT contests_ballot_order_known CHECK ((ballot_order = ANY (ARRAY['fixed'::text, 'rotated'::text]))),
    CONSTRAINT contests_rule_named CHECK (((jsonb_typeof(rule) = 'object'::text) AND ((jsonb_typeof((rule -> 'method'::text)) = 'string'::text) IS TRUE))),
    CONSTRAINT contests_text_length CHECK (((char_length(text) >= 1) AND (char_length(text) <= 20000))),
    CONSTRAINT contests_text_of_motion CHECK ((((rule ->> 'method'::text) = 'motion'::text) = (text IS NOT NULL))),
    CONSTRAINT contests_title_length CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255)))
);

COMMENT ON TABLE public.contests IS 'The questions of an election, one or more. Written by the election service.';

COMMENT ON COLUMN public.contests.text IS 'The text of a motion; no other contest has one.';

COMMENT ON COLUMN public.contests.rule IS 'How it is counted: the method with the fields that it has. What they are, and whether they fit each other, says the crate counting.';

COMMENT ON COLUMN public.contests.ballot_order IS 'rotated: every link shows the candidates from another one on.';

ALTER TABLE public.contests ALTER COLUMN contest_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contests_contest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.decrypted_ballots (
    election_id bigint NOT NULL,
    digest bytea NOT NULL,
    plaintext bytea,
    reason text,
    CONSTRAINT decrypted_ballots_digest_width CHECK ((octet_length(digest) = 32)),
    CONSTRAINT decrypted_ballots_one_of_two CHECK (((plaintext IS NULL) <> (reason IS NULL)))
);

COMMENT ON TABLE public.decrypted_ballots IS 'What was found in each ballot of a sealed box: exactly one of plaintext and reason. Written by the election service in the order of the
digests, so that nothing here repeats the order in which the ballots came.';

COMMENT ON COLUMN public.decrypted_ballots.reason IS 'Why the ballot does not open or cannot be read (docs/protocol.md, 5.2 and 6).';

CREATE TABLE public.election_keys (
    election_id bigint NOT NULL,
    purpose text NOT NULL,
    public_key bytea NOT NULL,
    private_wrapped bytea NOT NULL,
    CONSTRAINT election_keys_purpose_known CHECK ((purpose = ANY (ARRAY['seal'::text, 'stamp'::text])))
);

COMMENT ON TABLE public.election_keys IS 'Seal and stamp key pairs of an election. seal_box deletes the stamp key. Voting needs the stamp key and must never see the seal
key, not even encrypted: row-level security shows it only the stamp key.';

COMMENT ON COLUMN public.election_keys.private_wrapped IS 'Encrypted under a key file that is not in the database.';

CREATE TABLE public.elections (
    election_id bigint NOT NULL,
    admin_id bigint NOT NULL,
    title text NOT NULL,
    description text,
    status text DEFAULT 'draft'::text NOT NULL,
    profile text DEFAULT 'simple'::text NOT NULL,
    publish text DEFAULT 'together'::text NOT NULL,
    custody text DEFAULT 'server'::text NOT NULL,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    locale text DEFAULT 'en'::text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_at timestamp with time zone,
    closed_at timestamp with time zone,
    archived_at timestamp with time zone,
    anonymised_at timestamp with time zone,
    not_opened_told_at timestamp with time zone,
    results_published_at timestamp with time zone,
    CONSTRAINT elections_custody_known CHECK ((custody = 'server'::text)),
    CONSTRAINT elections_description_length CHECK ((char_length(description) <= 10000)),
    CONSTRAINT elections_locale_length CHECK (((char_length(locale) >= 2) AND (char_length(locale) <= 35))),
    CONSTRAINT elections_profile_known CHECK ((profile = ANY (ARRAY['simple'::text, 'verified'::text, 'both'::text]))),
    CONSTRAINT elections_publish_known CHECK ((publish = ANY (ARRAY['together'::text, 'manual'::text]))),
    CONSTRAINT elections_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'active'::text, 'closed'::text, 'archived'::text]))),
    CONSTRAINT elections_times_in_order CHECK ((closes_at > opens_at)),
    CONSTRAINT elections_timezone_length CHECK (((char_length(timezone) >= 1) AND (char_length(timezone) <= 64))),
    CONSTRAINT elections_title_length CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255)))
);

COMMENT ON TABLE public.elections IS 'Settings and life of an election. Written by the election service. What activation fixes is in manifests, how far the closing
has come in tallies, what was committed to in box_commitments.';

COMMENT ON COLUMN public.elections.publish IS 'together: the result is public when it is counted. manual: when its admin publishes it.';

COMMENT ON COLUMN public.elections.custody IS 'Who keeps the private seal key. server: the installation.';

COMMENT ON COLUMN public.elections.locale IS 'BCP 47 tag of a language that the service has a catalogue for: in it the mails are written.';

COMMENT ON COLUMN public.elections.timezone IS 'Name in the IANA database: mails and pages show times in it, and UTC beside it.';

COMMENT ON COLUMN public.elections.activated_at IS 'When voting opened. The rules may have been fixed earlier: see status scheduled.';

COMMENT ON COLUMN public.elections.anonymised_at IS 'When the people of this archived election were forgotten (anonymise_election).';

COMMENT ON COLUMN public.elections.not_opened_told_at IS 'When its admin was last told that voting did not open: nobody was on the roll, or the end had passed.';

ALTER TABLE public.elections ALTER COLUMN election_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.elections_election_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.email_messages_0 (
    message_id bigint NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    about_link boolean NOT NULL,
    election_id bigint DEFAULT 0 NOT NULL,
    recipient text NOT NULL,
    payload bytea,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    forget_at timestamp with time zone,
    CONSTRAINT email_messages_forgotten_one_by_one CHECK (((forget_at IS NULL) OR (election_id = 0))),
    CONSTRAINT email_messages_status_known CHECK ((status = ANY (ARRAY['queued'::text, 'deferred'::text, 'sent'::text, 'refused'::text, 'forgotten'::text])))
);
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN message_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN event_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN about_link SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN recipient SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN attempts SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN next_attempt_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN last_error SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages_0 ALTER COLUMN forget_at SET STATISTICS 0;

ALTER TABLE public.email_messages ALTER COLUMN message_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.email_messages_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_mailings (
    mailing_id bigint NOT NULL,
    election_id bigint NOT NULL,
    kind text NOT NULL,
    admin_id bigint NOT NULL,
    ip_address text,
    after_voter bigint DEFAULT 0 NOT NULL,
    queued bigint DEFAULT 0 NOT NULL,
    already_sent bigint DEFAULT 0 NOT NULL,
    CONSTRAINT link_mailings_kind_known CHECK ((kind = ANY (ARRAY['invitation'::text, 'reminder'::text])))
);
ALTER TABLE ONLY public.link_mailings ALTER COLUMN ip_address SET STATISTICS 0;
ALTER TABLE ONLY public.link_mailings ALTER COLUMN after_voter SET STATISTICS 0;
ALTER TABLE ONLY public.link_mailings ALTER COLUMN queued SET STATISTICS 0;

COMMENT ON TABLE public.link_mailings IS 'Sendings to many voters that are under way: an invitation to everybody without a link, or a reminder to everybody who has one and
has not voted. The admin service does it in short transactions of about a thousand voters, in the order of their numbers. A process
that dies leaves the rest to the next one, and nobody is mailed twice. A row is there only while something is left to do; the audit
event comes with its end.';

COMMENT ON COLUMN public.link_mailings.admin_id IS 'Who asked for it; with ip_address it goes into the audit event.';

COMMENT ON COLUMN public.link_mailings.after_voter IS 'All voters up to this voter_id are done.';

ALTER TABLE public.link_mailings ALTER COLUMN mailing_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.link_mailings_mailing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_requests (
    election_id bigint NOT NULL,
    voter_id bigint NOT NULL,
    request_id uuid DEFAULT gen_random_uuid() NOT NULL,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
PARTITION BY LIST (election_id);
ALTER TABLE ONLY public.link_requests ALTER COLUMN election_id SET STATISTICS 0;
ALTER TABLE ONLY public.link_requests ALTER COLUMN voter_id SET STATISTICS 0;
ALTER TABLE ONLY public.link_requests ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.link_requests ALTER COLUMN requested_at SET STATISTICS 0;

COMMENT ON TABLE public.link_requests IS 'When voters asked for a link themselves: three times in a day at the most. No other table knows it, no role has a right on it
(request_link writes it), and the close empties it.';

COMMENT ON COLUMN public.link_requests.request_id IS 'A request whose COMMIT was lost on the way is made again under the same number, and is one request.';

CREATE TABLE public.links_sent (
    election_id bigint NOT NULL
);

COMMENT ON TABLE public.links_sent IS 'The elections whose organiser has had a link sent. The row comes with the first link and stays when the voters who got one are taken off the
roll again. A table of its own and no column of elections: whoever sends links holds the election FOR SHARE, and so do others.';

CREATE TABLE public.login_ceilings (
    email_key text NOT NULL,
    tried text NOT NULL,
    failures integer NOT NULL,
    ends_at timestamp with time zone DEFAULT (now() + '12:00:00'::interval) NOT NULL,
    CONSTRAINT login_ceilings_positive CHECK ((failures >= 0)),
    CONSTRAINT login_ceilings_tried_known CHECK ((tried = ANY (ARRAY['login'::text, 'code'::text, 'change'::text])))
);
ALTER TABLE ONLY public.login_ceilings ALTER COLUMN email_key SET STATISTICS 0;

COMMENT ON TABLE public.login_ceilings IS 'Wrong tries of all requesters together that the account does not know, in the twelve hours after the first one.';

CREATE TABLE public.login_failures (
    email_key text NOT NULL,
    tried text NOT NULL,
    requester bytea NOT NULL,
    failures integer NOT NULL,
    last_failed_at timestamp with time zone DEFAULT now() NOT NULL,
    locked_until timestamp with time zone,
    known_until timestamp with time zone,
    CONSTRAINT login_failures_positive CHECK ((failures >= 0)),
    CONSTRAINT login_failures_requester_width CHECK ((octet_length(requester) = 32)),
    CONSTRAINT login_failures_tried_known CHECK ((tried = ANY (ARRAY['login'::text, 'code'::text, 'change'::text])))
);
ALTER TABLE ONLY public.login_failures ALTER COLUMN email_key SET STATISTICS 0;
ALTER TABLE ONLY public.login_failures ALTER COLUMN requester SET STATISTICS 0;

COMMENT ON TABLE public.login_failures IS 'Wrong tries at an account, counted for each requester. Also kept for addresses without an account, so that an attacker cannot
tell which addresses exist.';

COMMENT ON COLUMN public.login_failures.requester IS 'Keyed hash of who tries: a device that has logged in before, else an address of the network, else a session.';

COMMENT ON COLUMN public.login_failures.known_until IS 'Until when the ceiling in login_ceilings does not count for this requester: a mailed code or link was used from here.';

CREATE TABLE public.mail_pace (
    only_row boolean DEFAULT true NOT NULL,
    used_until timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mail_pace_has_one_row CHECK (only_row),
    CONSTRAINT mail_pace_is_a_time CHECK (isfinite(used_until))
);

COMMENT ON TABLE public.mail_pace IS 'Up to when the allowance of mails is used, where the mail provider takes only so many a second: one row for all copies of the email
service. Each mail moves it on by one mail''s time.';

CREATE TABLE public.mail_turns (
    election_id bigint NOT NULL,
    due_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.mail_turns IS 'Which elections have mails that wait, so that a sender need not look into the leaves of all elections: it would then wait for one that
is being written anew. No role has a right here: a trigger of email_messages and claim_mails write it.';

COMMENT ON COLUMN public.mail_turns.due_at IS 'No mail of this election that waits is due earlier. A row that is too early does no harm.';

CREATE TABLE public.manifests (
    election_id bigint NOT NULL,
    bytes bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_len integer NOT NULL,
    plaintext_len integer NOT NULL,
    CONSTRAINT manifests_hash_width CHECK ((octet_length(hash) = 32))
);

COMMENT ON TABLE public.manifests IS 'What activation fixes. Inserted once, in the transaction in which the election stops to be a draft, and never changed. It goes
only together with its election.';

COMMENT ON COLUMN public.manifests.bytes IS 'The canonical bytes (docs/protocol.md, section 5.1).';

COMMENT ON COLUMN public.manifests.hash IS 'SHA-256 of bytes. Every ballot is bound to it.';

COMMENT ON COLUMN public.manifests.sealed_len IS 'The length that every sealed ballot has.';

COMMENT ON COLUMN public.manifests.plaintext_len IS 'The length that every ballot has before it is sealed.';

CREATE TABLE public.outbox (
    event_id uuid NOT NULL,
    source name DEFAULT CURRENT_USER NOT NULL,
    destination text NOT NULL,
    kind text NOT NULL,
    about_link boolean DEFAULT false NOT NULL,
    election_id bigint,
    payload bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    "position" bigint NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone,
    last_error text,
    set_aside_at timestamp with time zone,
    CONSTRAINT outbox_destination_known CHECK ((destination = ANY (ARRAY['audit'::text, 'email'::text]))),
    CONSTRAINT outbox_only_mails_are_about_links CHECK (((NOT about_link) OR (destination = 'email'::text))),
    CONSTRAINT outbox_payload_until_delivered CHECK (((payload IS NOT NULL) OR (delivered_at IS NOT NULL)))
);
ALTER TABLE ONLY public.outbox ALTER COLUMN event_id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN about_link SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN last_error SET STATISTICS 0;

COMMENT ON TABLE public.outbox IS 'Events for audit and mails for email, written in the transaction of the change; a relay delivers them. Each service sees its own
rows only (row-level security). FORCE is left out on purpose: the owner''s functions write rows with source = session_user, the service
that called them.';

COMMENT ON COLUMN public.outbox.about_link IS 'Whether it is a mail about a voting link. Such a mail tells when its voter can have voted, so the close deletes it (ADR 0019). The
contract crate decides it for each kind of mail (Mail::is_about_link).';

COMMENT ON COLUMN public.outbox.payload IS 'JSON for audit. For email the same, encrypted under the key file of the sender: it holds live links.';

COMMENT ON COLUMN public.outbox."position" IS 'The order of events: two events of one transaction have one created_at. outbox_place gives it.';

COMMENT ON COLUMN public.outbox.set_aside_at IS 'Since when this event is set aside, because audit refused it. Later events are delivered meanwhile. The row stays, and
the event is missing in the log until audit accepts it.';

ALTER TABLE public.outbox ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.published_results (
    election_id bigint NOT NULL,
    body bytea NOT NULL,
    mac bytea NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    CONSTRAINT published_results_mac_width CHECK ((octet_length(mac) = 32))
);

COMMENT ON TABLE public.published_results IS 'What everybody is shown of a published election: counted and checked once, and then kept, so that a request does not read the whole box.
Written by the results service. Whoever loses the key file or doubts a row can delete the row: it is made again from the ballots.';

COMMENT ON COLUMN public.published_results.mac IS 'Made with a key file that is not in the database: a row that somebody else wrote, or moved here from another election, is counted again
and never shown.';

CREATE TABLE public.result_views (
    election_id bigint NOT NULL,
    admin_id bigint NOT NULL,
    logged_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.result_views IS 'When a view of this result by this admin was last written to the audit log. One row for all copies of the service, so
that they do not log the same view twice.';

CREATE TABLE public.revoked_tokens (
    jti uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.revoked_tokens ALTER COLUMN jti SET STATISTICS 0;

COMMENT ON TABLE public.revoked_tokens IS 'Tokens of sessions that were logged out. A token stays dead until it would have expired by itself, whatever happens to Redis.';

CREATE TABLE public.sent_mailings (
    mailing_id bigint NOT NULL,
    election_id bigint NOT NULL,
    kind text NOT NULL,
    queued bigint,
    ended_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sent_mailings_kind_known CHECK ((kind = ANY (ARRAY['invitation'::text, 'reminder'::text]))),
    CONSTRAINT sent_mailings_reminders_have_no_number CHECK (((kind = 'invitation'::text) = (queued IS NOT NULL)))
);

COMMENT ON TABLE public.sent_mailings IS 'Sendings to many voters that have ended: what the organiser had sent, and when. The audit log has the same as events; organisers look at
this table, because a log is not searched. Written with the last batch of a row of link_mailings, whose number it keeps.';

COMMENT ON COLUMN public.sent_mailings.queued IS 'How many voters got a link. Of reminders it is NULL: it would say how many had not voted at that time (docs/adr/0020).';

CREATE UNLOGGED TABLE public.staged_voters (
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    kind text DEFAULT 'new'::text NOT NULL,
    email text NOT NULL,
    first_name text,
    last_name text,
    student_id text,
    cohort text,
    reasons jsonb,
    staged_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staged_voters_kind_known CHECK ((kind = ANY (ARRAY['new'::text, 'duplicate'::text, 'rejected'::text])))
);
ALTER TABLE ONLY public.staged_voters ALTER COLUMN import_id SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN first_name SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN last_name SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN student_id SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN cohort SET STATISTICS 0;
ALTER TABLE ONLY public.staged_voters ALTER COLUMN reasons SET STATISTICS 0;

COMMENT ON TABLE public.staged_voters IS 'The lines of a file that is being imported. They are written in short transactions that lock nothing of the election; then one
statement moves the new ones to the roll, all or none. Unlogged, because nothing here has to survive a crash, and so that no line reaches
the write-ahead log or a backup: an import counts its rows before it moves them, so one that finds too few moves none. Lines are deleted
after the import, and an hour after they were written at the latest; forget_staged_voters then empties the file of the table.';

COMMENT ON COLUMN public.staged_voters.kind IS 'new lines go to the roll. The others are there only for the preview of a waiting import (voter_imports), and are cut to 300 characters a cell.';

COMMENT ON COLUMN public.staged_voters.reasons IS 'Why a line is no new one: a list of field, message, code and params.';

CREATE TABLE public.tallies (
    election_id bigint NOT NULL,
    state text DEFAULT 'grace'::text NOT NULL,
    failed_in text,
    error text,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    grace_ends_at timestamp with time zone NOT NULL,
    stamps_given bigint NOT NULL,
    lease_holder uuid,
    lease_until timestamp with time zone,
    CONSTRAINT tallies_state_known CHECK ((state = ANY (ARRAY['grace'::text, 'sealed'::text, 'rewritten'::text, 'opening'::text, 'opened'::text, 'failed'::text])))
);

COMMENT ON TABLE public.tallies IS 'How far the closing of an election has come. begin_close inserts the row in the transaction that closes the election.';

COMMENT ON COLUMN public.tallies.state IS 'The values are those of the public API, where opening and opened mean that ballots are being decrypted, and are decrypted.';

COMMENT ON COLUMN public.tallies.failed_in IS 'The state in which it failed, and to which a retry goes back.';

COMMENT ON COLUMN public.tallies.done IS 'How many of total ballots are decrypted.';

COMMENT ON COLUMN public.tallies.grace_ends_at IS 'Until when ballots that were stamped before the close are taken.';

COMMENT ON COLUMN public.tallies.stamps_given IS 'How many rights were used before the close: so many ballots can come at the most.';

COMMENT ON COLUMN public.tallies.lease_holder IS 'Which process is driving the closing; until lease_until nobody else should.';

CREATE TABLE public.tally_signatures (
    election_id bigint NOT NULL,
    statement text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT tally_signatures_statement_known CHECK ((statement = ANY (ARRAY['box'::text, 'recording'::text, 'decryption'::text]))),
    CONSTRAINT tally_signatures_width CHECK ((octet_length(signature) = 64))
);

COMMENT ON TABLE public.tally_signatures IS 'What the installation signs while it counts, with its receipt key, which is a file and not in the database. Inserted once and never
replaced.';

COMMENT ON COLUMN public.tally_signatures.statement IS 'box and recording: over the row of box_commitments, in the transaction that seals the box. decryption: over what was found in the box. The results
service has no key to decrypt a ballot again; by this signature it notices that a plaintext was exchanged after the count.';

CREATE TABLE public.test_mails (
    election_id bigint NOT NULL,
    sent integer DEFAULT 1 NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.test_mails IS 'How many test mails an organiser had sent to themselves within an hour, so that nobody fills a mailbox or uses up the allowance of mails.';

COMMENT ON COLUMN public.test_mails.since IS 'When the hour began. The next mail after its end begins another.';

CREATE TABLE public.turnouts (
    election_id bigint NOT NULL,
    roll bigint DEFAULT 0 NOT NULL,
    voted bigint DEFAULT 0 NOT NULL,
    counted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    roll_at_opening bigint,
    CONSTRAINT turnouts_roll_not_negative CHECK ((roll >= 0)),
    CONSTRAINT turnouts_voted_rounded CHECK (((voted >= 0) AND ((voted % (5)::bigint) = 0)))
);

COMMENT ON TABLE public.turnouts IS 'The turnout that everybody is shown until the close (ADR 0020). No service may read or write this table; turnout shows it and
refresh_turnout counts.';

COMMENT ON COLUMN public.turnouts.roll IS 'Exact, kept by a trigger of voters.';

COMMENT ON COLUMN public.turnouts.voted IS 'Rounded down to five and counted again once a minute: with the exact number, an organiser who looks before and after one person votes
would know that this person has voted.';

COMMENT ON COLUMN public.turnouts.roll_at_opening IS 'roll when voting opened: the number that is shown stays below it, and below roll.';

CREATE TABLE public.uploads (
    path text NOT NULL,
    bytes bytea NOT NULL,
    uploaded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT uploads_bytes_length CHECK (((octet_length(bytes) >= 1) AND (octet_length(bytes) <= 5242880))),
    CONSTRAINT uploads_path_form CHECK ((path ~ '^/uploads/[0-9a-f]{64}\.(jpg|pdf)$'::text)),
    CONSTRAINT uploads_path_is_hash CHECK ((substr(path, 10, 64) = encode(sha256(bytes), 'hex'::text)))
);
ALTER TABLE ONLY public.uploads ALTER COLUMN bytes SET STORAGE EXTERNAL;

COMMENT ON TABLE public.uploads IS 'Pictures of candidates and their programmes as PDF, each under the SHA-256 of its bytes. The candidates name the paths, and the manifest
covers these. A row that no candidate names any more is deleted by a worker of the admin service.';

COMMENT ON COLUMN public.uploads.path IS 'Where the gateway serves it.';

CREATE TABLE public.used_notices (
    election_id bigint NOT NULL,
    queued_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.used_notices IS 'Elections whose voters were told, after the close, that their right was used. Written by the admin service.';

CREATE UNLOGGED TABLE public.voter_imports (
    import_id uuid NOT NULL,
    election_id bigint NOT NULL,
    new bigint NOT NULL,
    duplicates bigint NOT NULL,
    rejected bigint NOT NULL,
    sheet text,
    ignored_columns text[] NOT NULL,
    ignored_sheets text[] NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.voter_imports ALTER COLUMN import_id SET STATISTICS 0;
ALTER TABLE ONLY public.voter_imports ALTER COLUMN sheet SET STATISTICS 0;
ALTER TABLE ONLY public.voter_imports ALTER COLUMN ignored_columns SET STATISTICS 0;
ALTER TABLE ONLY public.voter_imports ALTER COLUMN ignored_sheets SET STATISTICS 0;

COMMENT ON TABLE public.voter_imports IS 'Files of voters that wait for their organiser to confirm them; the lines are in staged_voters. Unlogged like these, so both are empty
after a crash, and the file is sent again.';

COMMENT ON COLUMN public.voter_imports.expires_at IS 'An hour after the upload. From then on nobody can read or confirm it.';

ALTER TABLE public.voters ALTER COLUMN voter_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.voters_voter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.votes (
    election_id bigint NOT NULL,
    "position" bigint NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    prefix bytea NOT NULL,
    stamp bytea NOT NULL,
    previous_hash bytea NOT NULL,
    chain_hash bytea NOT NULL,
    CONSTRAINT votes_chain_hash_width CHECK ((octet_length(chain_hash) = 32)),
    CONSTRAINT votes_digest_width CHECK ((octet_length(digest) = 32)),
    CONSTRAINT votes_position_positive CHECK (("position" >= 1)),
    CONSTRAINT votes_prefix_width CHECK ((octet_length(prefix) = 32)),
    CONSTRAINT votes_previous_hash_width CHECK ((octet_length(previous_hash) = 32)),
    CONSTRAINT votes_stamp_width CHECK ((octet_length(stamp) = 384))
);

COMMENT ON TABLE public.votes IS 'Sealed ballots. No voter, no time, no serial of its own. Nobody changes or removes a row.';

COMMENT ON COLUMN public.votes."position" IS '1, 2, 3, ... within an election: the order of arrival.';

COMMENT ON COLUMN public.votes.prefix IS 'Random bytes in front of the digest when it was stamped (docs/protocol.md, section 7).';

COMMENT ON COLUMN public.votes.chain_hash IS 'chain_link of this row. previous_hash is that of the row before.';

ALTER TABLE public.voting_tokens ALTER COLUMN token_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.voting_tokens_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.email_messages ATTACH PARTITION public.email_messages_0 FOR VALUES IN ('0');

ALTER TABLE ONLY public.admin_codes
    ADD CONSTRAINT admin_codes_pkey PRIMARY KEY (request_id);

ALTER TABLE ONLY public.admin_invitations
    ADD CONSTRAINT admin_invitations_pkey PRIMARY KEY (invitation_id);

ALTER TABLE ONLY public.admins
    ADD CONSTRAINT admins_pkey PRIMARY KEY (admin_id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_pkey PRIMARY KEY (amendment_id);

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_event_key UNIQUE (event_id);

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_no_fork UNIQUE (previous_hash);

COMMENT ON CONSTRAINT audit_logs_no_fork ON public.audit_logs IS 'Two entries cannot follow the same one: the chain cannot fork, whoever forgets a lock.';

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (log_id);

ALTER TABLE ONLY public.audit_signatures
    ADD CONSTRAINT audit_signatures_pkey PRIMARY KEY (last_id);

ALTER TABLE ONLY public.audit_subjects
    ADD CONSTRAINT audit_subjects_pkey PRIMARY KEY (election_id, subject_ref);

ALTER TABLE ONLY public.box_commitments
    ADD CONSTRAINT box_commitments_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_pkey PRIMARY KEY (candidate_id);

ALTER TABLE ONLY public.chain_heads
    ADD CONSTRAINT chain_heads_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_election_contest_key UNIQUE (election_id, contest_id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_pkey PRIMARY KEY (contest_id);

ALTER TABLE ONLY public.decrypted_ballots
    ADD CONSTRAINT decrypted_ballots_pkey PRIMARY KEY (election_id, digest);

ALTER TABLE ONLY public.election_keys
    ADD CONSTRAINT election_keys_pkey PRIMARY KEY (election_id, purpose);

ALTER TABLE ONLY public.elections
    ADD CONSTRAINT elections_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.email_messages
    ADD CONSTRAINT email_messages_event_key UNIQUE (election_id, event_id);

ALTER TABLE ONLY public.email_messages_0
    ADD CONSTRAINT email_messages_event_key_0 UNIQUE (election_id, event_id);

ALTER TABLE ONLY public.email_messages
    ADD CONSTRAINT email_messages_pkey PRIMARY KEY (election_id, message_id);

ALTER TABLE ONLY public.email_messages_0
    ADD CONSTRAINT email_messages_pkey_0 PRIMARY KEY (election_id, message_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_one_of_a_kind UNIQUE (election_id, kind);

COMMENT ON CONSTRAINT link_mailings_one_of_a_kind ON public.link_mailings IS 'Two requests for the same kind of sending at the same time are one sending.';

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_pkey PRIMARY KEY (mailing_id);

ALTER TABLE ONLY public.link_requests
    ADD CONSTRAINT link_requests_pkey PRIMARY KEY (election_id, request_id);

ALTER TABLE ONLY public.links_sent
    ADD CONSTRAINT links_sent_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.login_ceilings
    ADD CONSTRAINT login_ceilings_pkey PRIMARY KEY (email_key, tried);

ALTER TABLE ONLY public.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (email_key, tried, requester);

ALTER TABLE ONLY public.mail_pace
    ADD CONSTRAINT mail_pace_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.mail_turns
    ADD CONSTRAINT mail_turns_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.manifests
    ADD CONSTRAINT manifests_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.published_results
    ADD CONSTRAINT published_results_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_pkey PRIMARY KEY (election_id, admin_id);

ALTER TABLE ONLY public.revoked_tokens
    ADD CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti);

ALTER TABLE ONLY public.sent_mailings
    ADD CONSTRAINT sent_mailings_pkey PRIMARY KEY (mailing_id);

ALTER TABLE ONLY public.staged_voters
    ADD CONSTRAINT staged_voters_pkey PRIMARY KEY (import_id, line);

ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.tally_signatures
    ADD CONSTRAINT tally_signatures_pkey PRIMARY KEY (election_id, statement);

ALTER TABLE ONLY public.test_mails
    ADD CONSTRAINT test_mails_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.turnouts
    ADD CONSTRAINT turnouts_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (path);

ALTER TABLE ONLY public.used_notices
    ADD CONSTRAINT used_notices_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.voter_imports
    ADD CONSTRAINT voter_imports_one_waiting UNIQUE (election_id);

COMMENT ON CONSTRAINT voter_imports_one_waiting ON public.voter_imports IS 'A newer file of an election takes the place of the older one.';

ALTER TABLE ONLY public.voter_imports
    ADD CONSTRAINT voter_imports_pkey PRIMARY KEY (import_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_pkey PRIMARY KEY (election_id, voter_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_spend_id_key UNIQUE (election_id, voter_id, spend_id);

COMMENT ON CONSTRAINT voters_spend_id_key ON public.voters IS 'What a link points at: a voter of this election, with this code.';

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_digest_key UNIQUE (election_id, digest);

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_pkey PRIMARY KEY (election_id, "position");

ALTER TABLE ONLY public.voting_tokens
    ADD CONSTRAINT voting_tokens_pkey PRIMARY KEY (election_id, token_id);

CREATE INDEX admin_codes_admin ON public.admin_codes USING btree (admin_id, purpose);

CREATE UNIQUE INDEX admin_codes_token_hash_key ON public.admin_codes USING btree (token_hash);

CREATE UNIQUE INDEX admin_invitations_email_key ON public.admin_invitations USING btree (lower(email));
ALTER INDEX public.admin_invitations_email_key ALTER COLUMN 1 SET STATISTICS 0;

CREATE UNIQUE INDEX admin_invitations_token_hash_key ON public.admin_invitations USING btree (token_hash);

CREATE UNIQUE INDEX admins_email_key ON public.admins USING btree (lower(email));
ALTER INDEX public.admins_email_key ALTER COLUMN 1 SET STATISTICS 0;

COMMENT ON INDEX public.admins_email_key IS 'Addresses compare without regard to case. If somebody registered as Ann@x, nobody can lock them out or copy them as ann@x.';

CREATE INDEX amendments_election ON public.amendments USING btree (election_id, amendment_id);

CREATE INDEX audit_logs_election ON public.audit_logs USING btree (election_id, log_id);

CREATE INDEX audit_logs_event ON public.audit_logs USING btree (event_type);

CREATE INDEX audit_logs_timestamp ON public.audit_logs USING btree ("timestamp");

CREATE INDEX audit_subjects_voter ON ONLY public.audit_subjects USING btree (election_id, voter_id);

CREATE INDEX candidates_election ON public.candidates USING btree (election_id, contest_id, display_order, candidate_id);

CREATE UNIQUE INDEX candidates_name_key ON public.candidates USING btree (contest_id, lower(name));

COMMENT ON INDEX public.candidates_name_key IS 'Two candidates of one name in one contest could not be told apart on the ballot.';

CREATE INDEX candidates_photo ON public.candidates USING btree (photo_url) WHERE (photo_url IS NOT NULL);

CREATE INDEX candidates_programme_file ON public.candidates USING btree (programme_file_url) WHERE (programme_file_url IS NOT NULL);

CREATE INDEX candidates_thumbnail ON public.candidates USING btree (thumbnail_url) WHERE (thumbnail_url IS NOT NULL);

CREATE INDEX chain_heads_halted ON public.chain_heads USING btree (election_id) WHERE (halted_at IS NOT NULL);

CREATE INDEX elections_admin ON public.elections USING btree (admin_id, election_id);

CREATE INDEX elections_closing ON public.elections USING btree (closes_at) WHERE (status = 'active'::text);

COMMENT ON INDEX public.elections_closing IS 'The worker that closes elections by the clock looks here every second.';

CREATE INDEX elections_opening ON public.elections USING btree (opens_at) WHERE (status = 'scheduled'::text);

COMMENT ON INDEX public.elections_opening IS 'The worker that opens elections by the clock looks here every second.';

CREATE INDEX elections_status ON public.elections USING btree (status);

CREATE INDEX email_messages_forget ON ONLY public.email_messages USING btree (forget_at) WHERE (forget_at IS NOT NULL);

CREATE INDEX email_messages_forget_0 ON public.email_messages_0 USING btree (forget_at) WHERE (forget_at IS NOT NULL);

CREATE INDEX email_messages_recipient ON ONLY public.email_messages USING btree (election_id, lower(recipient), message_id);
ALTER INDEX public.email_messages_recipient ALTER COLUMN 2 SET STATISTICS 0;

CREATE INDEX email_messages_recipient_0 ON public.email_messages_0 USING btree (election_id, lower(recipient), message_id);
ALTER INDEX public.email_messages_recipient_0 ALTER COLUMN 2 SET STATISTICS 0;

CREATE INDEX email_messages_waiting ON ONLY public.email_messages USING btree (election_id, next_attempt_at) WHERE (status = ANY (ARRAY['queued'::text, 'deferred'::text]));

CREATE INDEX email_messages_waiting_0 ON public.email_messages_0 USING btree (election_id, next_attempt_at) WHERE (status = ANY (ARRAY['queued'::text, 'deferred'::text]));

CREATE INDEX link_requests_voter ON ONLY public.link_requests USING btree (election_id, voter_id, requested_at);

CREATE INDEX mail_turns_due ON public.mail_turns USING btree (due_at);

CREATE INDEX outbox_election ON public.outbox USING btree (election_id);

CREATE INDEX outbox_events ON public.outbox USING btree (source, "position") WHERE ((destination = 'audit'::text) AND (delivered_at IS NULL) AND (set_aside_at IS NULL));

CREATE INDEX outbox_set_aside ON public.outbox USING btree (source) WHERE (set_aside_at IS NOT NULL);

CREATE INDEX outbox_waiting ON public.outbox USING btree (source, (
CASE
    WHEN (election_id IS NULL) THEN (0)::bigint
    ELSE election_id
END), next_attempt_at) WHERE ((delivered_at IS NULL) AND (destination = 'email'::text));

COMMENT ON INDEX public.outbox_waiting IS 'By election: a relay takes mails of each election in its turn, and finds the elections by this index alone. 0 is no election.';

CREATE INDEX published_results_checked ON public.published_results USING btree (checked_at);

CREATE INDEX revoked_tokens_expires_at ON public.revoked_tokens USING btree (expires_at);

CREATE INDEX sent_mailings_election ON public.sent_mailings USING btree (election_id, mailing_id);

CREATE UNIQUE INDEX voters_email_key ON ONLY public.voters USING btree (election_id, lower(email)) WHERE (NOT deleted);
ALTER INDEX public.voters_email_key ALTER COLUMN 2 SET STATISTICS 0;

CREATE INDEX voters_reminder_code ON ONLY public.voters USING btree (election_id, reminder_code);

CREATE UNIQUE INDEX voters_student_id_key ON ONLY public.voters USING btree (election_id, student_id) WHERE ((NOT deleted) AND (student_id IS NOT NULL));

CREATE INDEX votes_receipt ON public.votes USING btree (SUBSTRING(digest FROM 1 FOR 10));

COMMENT ON INDEX public.votes_receipt IS 'Over the first 10 bytes of all digests, so that looking for a receipt costs the same whatever the number of elections. A probe of
votes_digest_key for each election read 3,023 pages in 29 ms for a receipt that does not exist, with 1,000 elections, and anybody may
ask; this reads 3 in 0.3 ms. It holds 10 bytes and not 32, because every ballot that is cast writes an entry: a batch of 256 takes 35
to 50 ms with it as without. It shows nothing about the order of arrival that position does not say.';

CREATE UNIQUE INDEX voting_tokens_one_live ON ONLY public.voting_tokens USING btree (election_id, voter_id) WHERE ((NOT revoked) AND (NOT is_used));

CREATE UNIQUE INDEX voting_tokens_one_used ON ONLY public.voting_tokens USING btree (election_id, voter_id) WHERE is_used;

COMMENT ON INDEX public.voting_tokens_one_used IS 'One voter, one ballot: the index that decides.';

CREATE UNIQUE INDEX voting_tokens_token_hash_key ON ONLY public.voting_tokens USING btree (election_id, token_hash);

CREATE INDEX voting_tokens_voter ON ONLY public.voting_tokens USING btree (election_id, voter_id);

ALTER INDEX public.email_messages_event_key ATTACH PARTITION public.email_messages_event_key_0;

ALTER INDEX public.email_messages_forget ATTACH PARTITION public.email_messages_forget_0;

ALTER INDEX public.email_messages_pkey ATTACH PARTITION public.email_messages_pkey_0;

ALTER INDEX public.email_messages_recipient ATTACH PARTITION public.email_messages_recipient_0;

ALTER INDEX public.email_messages_waiting ATTACH PARTITION public.email_messages_waiting_0;

CREATE TRIGGER amendments_withdrawals_come_before_the_end BEFORE INSERT ON public.amendments FOR EACH ROW WHEN ((new.kind = 'candidate_withdrawn'::text)) EXECUTE FUNCTION public.withdrawals_come_before_the_end();

CREATE TRIGGER audit_head_is_last_entry BEFORE UPDATE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION public.audit_head_is_last_entry();

ALTER TABLE public.audit_head ENABLE ALWAYS TRIGGER audit_head_is_last_entry;

CREATE TRIGGER audit_head_never_deleted BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_head ENABLE ALWAYS TRIGGER audit_head_never_deleted;

CREATE TRIGGER audit_head_never_emptied BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_head ENABLE ALWAYS TRIGGER audit_head_never_emptied;

CREATE TRIGGER audit_logs_continue_chain AFTER INSERT ON public.audit_logs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_logs_continue_chain();

ALTER TABLE public.audit_logs ENABLE ALWAYS TRIGGER audit_logs_continue_chain;

CREATE TRIGGER audit_logs_never_changed BEFORE DELETE OR UPDATE ON public.audit_logs FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_changed;

CREATE TRIGGER audit_logs_never_emptied BEFORE TRUNCATE ON public.audit_logs FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_emptied;

CREATE TRIGGER audit_signatures_never_changed BEFORE DELETE OR UPDATE ON public.audit_signatures FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_changed;

CREATE TRIGGER audit_signatures_never_emptied BEFORE TRUNCATE ON public.audit_signatures FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.audit_signatures ENABLE ALWAYS TRIGGER audit_signatures_never_emptied;

CREATE TRIGGER box_commitments_never_changed BEFORE DELETE OR UPDATE ON public.box_commitments FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.box_commitments ENABLE ALWAYS TRIGGER box_commitments_never_changed;

CREATE TRIGGER box_commitments_never_emptied BEFORE TRUNCATE ON public.box_commitments FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.box_commitments ENABLE ALWAYS TRIGGER box_commitments_never_emptied;

CREATE TRIGGER candidates_frozen_delete AFTER DELETE ON public.candidates REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER candidates_frozen_insert AFTER INSERT ON public.candidates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER candidates_frozen_update AFTER UPDATE ON public.candidates REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER chain_heads_keep_halts BEFORE UPDATE ON public.chain_heads FOR EACH ROW WHEN (((old.state = 'sealed'::text) AND ((new.halts < old.halts) OR ((old.halted_at IS NOT NULL) AND (new.halted_at IS DISTINCT FROM old.halted_at))))) EXECUTE FUNCTION public.never();

ALTER TABLE public.chain_heads ENABLE ALWAYS TRIGGER chain_heads_keep_halts;

COMMENT ON TRIGGER chain_heads_keep_halts ON public.chain_heads IS 'What is signed about halts when the box is sealed (box_commitments) stays true. A recorder that finds only then that ballots are missing
adds a halt; the result says that it came after the signature.';

CREATE TRIGGER contests_frozen_delete AFTER DELETE ON public.contests REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER contests_frozen_insert AFTER INSERT ON public.contests REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER contests_frozen_update AFTER UPDATE ON public.contests REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER decrypted_ballots_from_sealed_box AFTER INSERT ON public.decrypted_ballots REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.decrypted_ballots_from_sealed_box();

CREATE TRIGGER decrypted_ballots_never_changed BEFORE DELETE OR UPDATE ON public.decrypted_ballots FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.decrypted_ballots ENABLE ALWAYS TRIGGER decrypted_ballots_never_changed;

CREATE TRIGGER decrypted_ballots_never_emptied BEFORE TRUNCATE ON public.decrypted_ballots FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.decrypted_ballots ENABLE ALWAYS TRIGGER decrypted_ballots_never_emptied;

CREATE TRIGGER elections_begin_as_drafts BEFORE INSERT ON public.elections FOR EACH ROW WHEN ((new.status <> 'draft'::text)) EXECUTE FUNCTION public.elections_begin_as_drafts();

CREATE CONSTRAINT TRIGGER elections_closed_means_tally AFTER UPDATE OF status ON public.elections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.closed_means_tally();

CREATE TRIGGER elections_deleted_as_drafts BEFORE DELETE ON public.elections FOR EACH ROW EXECUTE FUNCTION public.elections_deleted_as_drafts();

CREATE TRIGGER elections_forget_a_draft AFTER DELETE ON public.elections FOR EACH ROW EXECUTE FUNCTION public.forget_a_draft();

CREATE CONSTRAINT TRIGGER elections_have_leaves AFTER INSERT ON public.elections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.elections_have_leaves();

CREATE TRIGGER elections_keep_their_rules BEFORE UPDATE ON public.elections FOR EACH ROW EXECUTE FUNCTION public.elections_keep_their_rules();

CREATE TRIGGER elections_roll_at_opening_kept AFTER UPDATE OF status ON public.elections FOR EACH ROW WHEN (((old.status <> 'active'::text) AND (new.status = 'active'::text))) EXECUTE FUNCTION public.roll_at_opening_kept();

CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON public.email_messages FOR EACH ROW WHEN (((new.election_id <> 0) AND (new.status <> 'forgotten'::text))) EXECUTE FUNCTION public.forget_late_mail();

CREATE TRIGGER email_messages_wait_insert AFTER INSERT ON public.email_messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.mails_wait();

CREATE TRIGGER email_messages_wait_insert AFTER INSERT ON public.email_messages_0 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.mails_wait();

CREATE TRIGGER email_messages_wait_update AFTER UPDATE ON public.email_messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.mails_wait();

CREATE TRIGGER email_messages_wait_update AFTER UPDATE ON public.email_messages_0 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.mails_wait();

CREATE TRIGGER manifests_never_changed BEFORE UPDATE ON public.manifests FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.manifests ENABLE ALWAYS TRIGGER manifests_never_changed;

CREATE TRIGGER manifests_never_deleted BEFORE DELETE ON public.manifests FOR EACH ROW EXECUTE FUNCTION public.goes_with_its_election();

ALTER TABLE public.manifests ENABLE ALWAYS TRIGGER manifests_never_deleted;

CREATE TRIGGER manifests_never_emptied BEFORE TRUNCATE ON public.manifests FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.manifests ENABLE ALWAYS TRIGGER manifests_never_emptied;

CREATE TRIGGER outbox_notify AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.outbox_notify();

CREATE TRIGGER outbox_place BEFORE INSERT ON public.outbox FOR EACH ROW WHEN (((new.destination = 'audit'::text) AND (new.election_id IS NOT NULL))) EXECUTE FUNCTION public.outbox_place();

CREATE CONSTRAINT TRIGGER tallies_closed_means_tally AFTER INSERT ON public.tallies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.closed_means_tally();

CREATE TRIGGER tallies_keep_what_was_counted BEFORE UPDATE ON public.tallies FOR EACH ROW WHEN ((((old.election_id IS DISTINCT FROM new.election_id) OR (old.grace_ends_at IS DISTINCT FROM new.grace_ends_at)) OR (old.stamps_given IS DISTINCT FROM new.stamps_given))) EXECUTE FUNCTION public.never();

CREATE TRIGGER tallies_never_deleted BEFORE DELETE ON public.tallies FOR EACH ROW EXECUTE FUNCTION public.never();

CREATE TRIGGER tally_signatures_never_changed BEFORE DELETE OR UPDATE ON public.tally_signatures FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.tally_signatures ENABLE ALWAYS TRIGGER tally_signatures_never_changed;

CREATE TRIGGER tally_signatures_never_emptied BEFORE TRUNCATE ON public.tally_signatures FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.tally_signatures ENABLE ALWAYS TRIGGER tally_signatures_never_emptied;

CREATE TRIGGER uploads_never_changed BEFORE UPDATE ON public.uploads FOR EACH ROW EXECUTE FUNCTION public.never();

CREATE TRIGGER voter_imports_lines AFTER DELETE ON public.voter_imports FOR EACH ROW EXECUTE FUNCTION public.staged_with_import();

CREATE TRIGGER voters_counted_delete AFTER DELETE ON public.voters REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.roll_counted();

CREATE TRIGGER voters_counted_insert AFTER INSERT ON public.voters REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.roll_counted();

CREATE TRIGGER voters_frozen_delete AFTER DELETE ON public.voters REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('roll_frozen', 'draft', 'scheduled');

CREATE TRIGGER voters_frozen_insert AFTER INSERT ON public.voters REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('roll_frozen', 'draft', 'scheduled');

CREATE TRIGGER voters_frozen_update AFTER UPDATE ON public.voters REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('roll_frozen', 'draft', 'scheduled');

CREATE TRIGGER votes_continue_chain AFTER INSERT ON public.votes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.votes_continue_chain();

ALTER TABLE public.votes ENABLE ALWAYS TRIGGER votes_continue_chain;

CREATE TRIGGER votes_never_changed BEFORE DELETE OR UPDATE ON public.votes FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.votes ENABLE ALWAYS TRIGGER votes_never_changed;

CREATE TRIGGER votes_never_emptied BEFORE TRUNCATE ON public.votes FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.votes ENABLE ALWAYS TRIGGER votes_never_emptied;

CREATE TRIGGER voting_tokens_frozen_delete AFTER DELETE ON public.voting_tokens REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('links_frozen', 'draft', 'scheduled', 'active');

CREATE TRIGGER voting_tokens_frozen_insert AFTER INSERT ON public.voting_tokens REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('links_frozen', 'draft', 'scheduled', 'active');

CREATE TRIGGER voting_tokens_frozen_update AFTER UPDATE ON public.voting_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((CURRENT_USER <> 'uvote_owner'::name)) EXECUTE FUNCTION public.only_while('links_frozen', 'draft', 'scheduled', 'active');

CREATE TRIGGER voting_tokens_links_sent_noted AFTER INSERT ON public.voting_tokens REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.links_sent_noted();

CREATE TRIGGER voting_tokens_used_right_kept BEFORE DELETE OR UPDATE ON public.voting_tokens FOR EACH ROW WHEN ((old.is_used AND (CURRENT_USER <> 'uvote_owner'::name))) EXECUTE FUNCTION public.used_right_kept();

ALTER TABLE ONLY public.admin_codes
    ADD CONSTRAINT admin_codes_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.admin_invitations
    ADD CONSTRAINT admin_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.box_commitments
    ADD CONSTRAINT box_commitments_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_contest_fkey FOREIGN KEY (election_id, contest_id) REFERENCES public.contests(election_id, contest_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_photo_fkey FOREIGN KEY (photo_url) REFERENCES public.uploads(path);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_programme_file_fkey FOREIGN KEY (programme_file_url) REFERENCES public.uploads(path);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_thumbnail_fkey FOREIGN KEY (thumbnail_url) REFERENCES public.uploads(path);

ALTER TABLE ONLY public.chain_heads
    ADD CONSTRAINT chain_heads_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decrypted_ballots
    ADD CONSTRAINT decrypted_ballots_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.election_keys
    ADD CONSTRAINT election_keys_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.elections
    ADD CONSTRAINT elections_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.links_sent
    ADD CONSTRAINT links_sent_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.manifests
    ADD CONSTRAINT manifests_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.published_results
    ADD CONSTRAINT published_results_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.sent_mailings
    ADD CONSTRAINT sent_mailings_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.tally_signatures
    ADD CONSTRAINT tally_signatures_box_fkey FOREIGN KEY (election_id) REFERENCES public.box_commitments(election_id);

ALTER TABLE ONLY public.test_mails
    ADD CONSTRAINT test_mails_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.turnouts
    ADD CONSTRAINT turnouts_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.used_notices
    ADD CONSTRAINT used_notices_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.voter_imports
    ADD CONSTRAINT voter_imports_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_election_fkey FOREIGN KEY (election_id) REFERENCES public.chain_heads(election_id);

ALTER TABLE public.election_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY election_keys_all ON public.election_keys TO election_service USING (true) WITH CHECK (true);

CREATE POLICY election_keys_stamp ON public.election_keys FOR SELECT TO voting_service USING ((purpose = 'stamp'::text));

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbox_delete ON public.outbox FOR DELETE USING ((source = CURRENT_USER));

CREATE POLICY outbox_insert ON public.outbox FOR INSERT WITH CHECK ((source = CURRENT_USER));

CREATE POLICY outbox_select ON public.outbox FOR SELECT USING ((source = CURRENT_USER));

CREATE POLICY outbox_update ON public.outbox FOR UPDATE USING ((source = CURRENT_USER)) WITH CHECK ((source = CURRENT_USER));

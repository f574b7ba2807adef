-- Generated from the migrations; `make snapshots` writes it, a test compares it. Rights: grants.snap.

CREATE FUNCTION public.add_late_voters(election bigint, why text, emails text[], first_names text[], last_names text[], student_ids text[], cohorts text[]) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
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

CREATE FUNCTION public.amendments_of(election bigint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('amendment_id', a.amendment_id, 'kind', a.kind, 'reason', a.reason,
                                                 'created_at', a.created_at) || a.details ORDER BY a.amendment_id), '[]')::text
    FROM amendments a WHERE a.election_id = election
$$;

CREATE FUNCTION public.anonymise_election(election bigint, days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $$
DECLARE
    voters_forgotten bigint;
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status = 'archived' AND e.anonymised_at IS NULL
        AND e.archived_at <= clock_timestamp() - make_interval(days => days) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE voters v SET email = 'voter-' || v.voter_id || '@anonymised.invalid', first_name = NULL, last_name = NULL,
        student_id = NULL, cohort = NULL, reminders_stopped = false
    WHERE v.election_id = election;
    GET DIAGNOSTICS voters_forgotten = ROW_COUNT;
    DELETE FROM voting_tokens t WHERE t.election_id = election AND NOT t.is_used;
    -- Another hash: whoever still has the old mail could else say whose row this is.
    UPDATE voting_tokens t SET email_hint = '***', token_hash = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    WHERE t.election_id = election;
    DELETE FROM email_messages m WHERE m.election_id = election;
    DELETE FROM outbox o WHERE o.election_id = election AND (o.destination = 'email' OR o.delivered_at IS NOT NULL);
    DELETE FROM audit_subjects s WHERE s.election_id = election;
    UPDATE elections e SET anonymised_at = clock_timestamp() WHERE e.election_id = election;
    RETURN voters_forgotten;
END $$;

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

CREATE FUNCTION public.begin_close(election bigint, grace_seconds integer) RETURNS TABLE(outcome text, stamps bigint, ballots bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    was record;
    used bigint;
    box  bigint;
    now_ timestamptz;
BEGIN
    SELECT e.status, e.stamps_given INTO was FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    -- SELECT ... FOR UPDATE *before* any update: it waits for stamps under way, which hold the head FOR KEY SHARE. A plain
    -- UPDATE would not, and a stamp would slip in after the count.
    SELECT h.last_position INTO box FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    IF was.status IN ('closed', 'archived') THEN
        RETURN QUERY SELECT 'already'::text, was.stamps_given, box;
        RETURN;
    ELSIF was.status IS DISTINCT FROM 'active' THEN
        RETURN QUERY SELECT 'not-active'::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;
    SELECT count(*) INTO used FROM voting_tokens t WHERE t.election_id = election AND t.is_used;
    now_ := clock_timestamp();
    UPDATE chain_heads h SET state = 'grace' WHERE h.election_id = election;
    UPDATE elections e SET status = 'closed', closed_at = now_, tally_state = 'grace', stamps_given = used,
        grace_ends_at = CASE WHEN used > box THEN now_ + make_interval(secs => greatest(grace_seconds, 0)) ELSE now_ END
    WHERE e.election_id = election;
    RETURN QUERY SELECT 'grace'::text, used, box;
END $$;

CREATE FUNCTION public.chain_link(election bigint, pos bigint, previous bytea, digest bytea, prefix bytea, stamp bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256((((((('\x636861696e2f7631'::bytea || int8send(election)) || int8send(pos)) || previous) || digest) || prefix) || stamp));

CREATE FUNCTION public.correct_voter(voter bigint, new_email text, new_first_name text, new_last_name text, new_student_id text, new_cohort text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    was   record;
    rules record;
    links record;
BEGIN
    SELECT v.election_id, v.email, v.student_id INTO was FROM voters v WHERE v.voter_id = voter AND NOT v.deleted FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT e.status INTO rules FROM elections e WHERE e.election_id = was.election_id AND (e.status IN ('draft', 'scheduled')
        OR e.status = 'active' AND coalesce(e.closes_at > clock_timestamp(), true));
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('the roll of election %s is closed', was.election_id));
    END IF;
    IF rules.status <> 'draft' AND was.student_id IS NOT NULL AND new_student_id IS NULL THEN
        RETURN 'keeps-number';
    END IF;
    PERFORM FROM voting_tokens t WHERE t.election_id = was.election_id AND t.voter_id = voter ORDER BY t.token_id FOR UPDATE;
    SELECT count(*) > 0 AS any_link, coalesce(bool_or(sent_by_organiser(t.origin)), false) AS was_sent,
           coalesce(bool_or(t.is_used), false) AS used INTO links
    FROM voting_tokens t WHERE t.election_id = was.election_id AND t.voter_id = voter;
    UPDATE voters v SET email = new_email, first_name = new_first_name, last_name = new_last_name,
        student_id = new_student_id, cohort = new_cohort WHERE v.voter_id = voter;
    IF lower(was.email) = lower(new_email) OR NOT links.any_link THEN
        RETURN 'corrected';
    END IF;
    UPDATE voting_tokens t SET revoked = true
    WHERE t.election_id = was.election_id AND t.voter_id = voter AND NOT t.revoked AND NOT t.is_used;
    -- The used link of somebody who was corrected afterwards must not stand out by the old address.
    UPDATE voting_tokens t SET email_hint = left(new_email, 1) || '***@' || split_part(new_email, '@', 2)
    WHERE t.election_id = was.election_id AND t.voter_id = voter AND t.is_used;
    RETURN CASE WHEN NOT links.was_sent THEN 'told' WHEN links.used THEN 'recorded' ELSE 'relink' END;
END $$;

CREATE FUNCTION public.elections_keep_their_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- A scheduled one that nobody was sent a link for can be given up: nobody could vote in it, and nobody waits for it. Its
        -- head is deleted with it; a ballot would keep the head, and so the election.
        IF OLD.status NOT IN ('draft', 'scheduled') OR OLD.status = 'scheduled' AND links_were_made(OLD.election_id) THEN
            PERFORM refuse('not_a_draft', format('election %s is no draft any more; archive it instead', OLD.election_id));
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.status, NEW.status) NOT IN (('draft', 'scheduled'), ('draft', 'active'), ('scheduled', 'active'),
                                        ('active', 'closed'), ('closed', 'archived'))
       AND OLD.status <> NEW.status THEN
        PERFORM refuse('status_backwards', format('an election cannot go from %s to %s', OLD.status, NEW.status));
    END IF;
    IF OLD.status <> 'draft' AND
       (OLD.title, OLD.description, OLD.profile, OLD.publish, OLD.custody, OLD.manifest, OLD.manifest_hash, OLD.sealed_len, OLD.plaintext_len)
       IS DISTINCT FROM
       (NEW.title, NEW.description, NEW.profile, NEW.publish, NEW.custody, NEW.manifest, NEW.manifest_hash, NEW.sealed_len, NEW.plaintext_len)
       OR OLD.status NOT IN ('draft', 'scheduled') AND NEW.opens_at IS DISTINCT FROM OLD.opens_at THEN
        PERFORM refuse('settings_locked', format('the settings of election %s are locked since its activation', OLD.election_id));
    END IF;
    -- An earlier end would take the vote from people who were told a later one.
    IF OLD.status NOT IN ('draft', 'scheduled') AND NEW.closes_at IS DISTINCT FROM OLD.closes_at
       AND (OLD.status <> 'active' OR NEW.closes_at < OLD.closes_at) THEN
        PERFORM refuse('settings_locked', format('the end of election %s can only be moved later, while it is active', OLD.election_id));
    END IF;
    -- A commitment that could be replaced after a look into the box would commit to nothing.
    IF (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at)
       OR (OLD.stamps_given IS NOT NULL AND NEW.stamps_given IS DISTINCT FROM OLD.stamps_given)
       OR (OLD.box_hash IS NOT NULL
           AND (NEW.box_hash, NEW.box_count, NEW.spent_hash, NEW.spent_count, NEW.roll_count, NEW.box_sealed_at)
               IS DISTINCT FROM (OLD.box_hash, OLD.box_count, OLD.spent_hash, OLD.spent_count, OLD.roll_count, OLD.box_sealed_at))
       OR (OLD.box_signature IS NOT NULL AND NEW.box_signature IS DISTINCT FROM OLD.box_signature)
       OR (OLD.opened_signature IS NOT NULL AND NEW.opened_signature IS DISTINCT FROM OLD.opened_signature) THEN
        PERFORM refuse('commitment_locked', format('what election %s has committed to cannot be replaced', OLD.election_id));
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.events_set_aside() RETURNS TABLE(event_id uuid, source text, election_id bigint, made_at timestamp with time zone, set_aside_at timestamp with time zone, attempts integer, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT o.event_id, o.source::text, o.election_id, o.created_at, o.set_aside_at, o.attempts, o.last_error
    FROM outbox o WHERE o.set_aside_at IS NOT NULL ORDER BY o.position LIMIT 1000
$$;

CREATE FUNCTION public.find_ballot(election bigint, digest bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = find_ballot.digest)
$$;

CREATE FUNCTION public.find_receipt(low bytea, high bytea) RETURNS TABLE(election_id bigint, digest bytea, sealed_box boolean)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    WITH found AS MATERIALIZED (
        SELECT v.election_id, v.digest FROM votes v
        WHERE substring(v.digest FROM 1 FOR 10) = substring(low FROM 1 FOR 10) AND v.digest BETWEEN low AND high
          AND octet_length(low) = 32 AND octet_length(high) = 32 AND substring(low FROM 1 FOR 10) = substring(high FROM 1 FOR 10))
    SELECT f.election_id, f.digest, (SELECT h.state = 'sealed' FROM chain_heads h WHERE h.election_id = f.election_id)
    FROM found f LIMIT 1
$$;

CREATE FUNCTION public.finish_close(election bigint) RETURNS TABLE(outcome text, spent_count bigint, spent_hash bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    was      record;
    roll     voters[];
    links    voting_tokens[];
    old_ids  bigint[];
    new_ids  bigint[];
    of_links text := '^(voting_invitation|reminder|resend|correction|request)';
BEGIN
    SELECT e.box_hash, e.closed_at, e.spent_count, e.spent_hash, CASE e.tally_state WHEN 'failed' THEN e.tally_failed_in ELSE e.tally_state END
        AS reached INTO was
    FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    IF was.box_hash IS NULL THEN
        RETURN QUERY SELECT 'not-sealed'::text, NULL::bigint, NULL::bytea;
        RETURN;
    ELSIF was.reached <> 'sealed' THEN
        RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
        RETURN;
    END IF;
    PERFORM FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    -- Whoever is asking for a link in this moment holds the voter, and then the links.
    PERFORM FROM voters v WHERE v.election_id = election ORDER BY v.voter_id FOR UPDATE;
    PERFORM FROM voting_tokens t WHERE t.election_id = election ORDER BY t.token_id FOR UPDATE;

    -- Arrays, not temporary tables: nothing is written beside the tables, and nothing is left of it in this session.
    SELECT coalesce(array_agg(v), '{}'), coalesce(array_agg(v.voter_id ORDER BY random()), '{}') INTO roll, old_ids
    FROM voters v WHERE v.election_id = election;
    SELECT coalesce(array_agg(t), '{}') INTO links
    FROM voting_tokens t WHERE t.election_id = election AND NOT t.revoked
        AND (t.is_used OR NOT EXISTS (SELECT FROM voting_tokens u WHERE u.voter_id = t.voter_id AND u.is_used));
    SELECT coalesce(array_agg(nextval(pg_get_serial_sequence('public.voters', 'voter_id'))), '{}') INTO new_ids
    FROM unnest(old_ids);
    DELETE FROM link_requests r WHERE r.election_id = election;
    DELETE FROM audit_subjects s WHERE s.election_id = election;
    DELETE FROM voting_tokens t WHERE t.election_id = election;
    DELETE FROM voters v WHERE v.election_id = election;

    INSERT INTO voters (voter_id, election_id, email, first_name, last_name, student_id, cohort, deleted, spend_id, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT m.new_id, r.election_id, r.email, r.first_name, r.last_name, r.student_id, r.cohort, r.deleted, r.spend_id, was.closed_at
    FROM unnest(old_ids, new_ids) WITH ORDINALITY AS m (old_id, new_id, place)
    JOIN unnest(roll) r ON r.voter_id = m.old_id ORDER BY m.place;
    -- Fresh numbers in random order and one origin for all: numbers of resent links grow with time, and the audit log keeps
    -- when links were resent, so "used and resent" would say "voted after that".
    INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, revoked, is_used, blinded_hash, spend_id, email_hint)
    SELECT election, m.new_id, coalesce(u.token_hash, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))),
           'invitation', was.closed_at, false, coalesce(u.is_used, false), NULL, r.spend_id,
           left(r.email, 1) || '***@' || split_part(r.email, '@', 2)
    FROM unnest(old_ids, new_ids) AS m (old_id, new_id) JOIN unnest(roll) r ON r.voter_id = m.old_id
    LEFT JOIN unnest(links) u ON u.voter_id = m.old_id ORDER BY random();

    DELETE FROM outbox o WHERE o.election_id = election AND o.destination = 'email' AND o.kind ~ of_links;
    -- Waits for a sender that claims one of them in this moment. Whoever is sending one finds no row to note it in.
    DELETE FROM email_messages m WHERE m.election_id = election AND m.kind ~ of_links;
    INSERT INTO email_messages (event_id, kind, election_id, recipient, status, next_attempt_at, created_at)
    SELECT gen_random_uuid(), 'voting_invitation', election, r.email, 'forgotten', was.closed_at, was.closed_at
    FROM unnest(roll) r WHERE NOT r.deleted ORDER BY random();

    UPDATE elections e SET tally_state = 'rewritten', tally_failed_in = NULL, tally_error = NULL WHERE e.election_id = election;
    RETURN QUERY SELECT 'rewritten'::text, was.spent_count, was.spent_hash;
END $$;

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
        SELECT h.last_position, h.last_hash, e.manifest_hash,
               (SELECT count(*) FROM links) AS ballots,
               coalesce((SELECT l.chain_hash FROM links l ORDER BY l.position DESC LIMIT 1), e.manifest_hash) AS end_hash
        FROM chain_heads h JOIN elections e ON e.election_id = h.election_id WHERE h.election_id = election
    )
    SELECT coalesce(
        (SELECT min(l.place) FROM links l, ends
         WHERE (l.position = l.place AND l.previous_hash = coalesce(l.before, ends.manifest_hash) AND l.chain_hash = l.expected) IS NOT TRUE),
        (SELECT least(ends.ballots, ends.last_position) + (ends.ballots <> ends.last_position)::integer
         FROM ends WHERE (ends.ballots, ends.end_hash) IS DISTINCT FROM (ends.last_position, ends.last_hash)))
$$;

CREATE FUNCTION public.forget_late_mail() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    closed timestamptz;
BEGIN
    SELECT e.closed_at INTO closed FROM elections e WHERE e.election_id = NEW.election_id FOR SHARE;
    IF closed IS NOT NULL OR NOT FOUND AND NEW.election_id IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.forget_mails_of_a_draft() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM outbox o WHERE o.election_id = OLD.election_id AND o.destination = 'email';
    DELETE FROM email_messages m WHERE m.election_id = OLD.election_id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.halted_elections(seen bigint[]) RETURNS TABLE(election_id bigint, marked boolean, resumption bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT h.election_id, h.halted_at IS NOT NULL,
           coalesce((SELECT max(a.amendment_id) FROM amendments a
                     WHERE a.election_id = h.election_id AND a.kind = 'recording_resumed'), 0)
    FROM chain_heads h JOIN elections e ON e.election_id = h.election_id
    WHERE (h.halted_at IS NOT NULL OR h.election_id = ANY (seen)) AND e.status IN ('active', 'closed')
$$;

CREATE FUNCTION public.hold_election(election bigint) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT e.status FROM elections e WHERE e.election_id = election FOR SHARE
$$;

CREATE FUNCTION public.link_ends_at(expires_at timestamp with time zone, runs_to_close boolean, closes_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN runs_to_close THEN GREATEST(expires_at, closes_at) ELSE expires_at END;

CREATE FUNCTION public.links_unsent(election bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = v.voter_id AND sent_by_organiser(t.origin))
$$;

CREATE FUNCTION public.links_were_made(election bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election)
$$;

CREATE FUNCTION public.look_up_token(token_hash bytea) RETURNS TABLE(election_id bigint, title text, status text, profile text, opens_at timestamp with time zone, closes_at timestamp with time zone, expires_at timestamp with time zone, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamp with time zone, spend_id bytea, halted boolean)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at,
           link_ends_at(t.expires_at, t.runs_to_close, e.closes_at), t.is_used, t.revoked, t.email_hint, e.manifest_hash,
           clock_timestamp(), t.spend_id,
           EXISTS (SELECT FROM chain_heads h WHERE h.election_id = e.election_id AND h.halted_at IS NOT NULL)
    FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id
    WHERE t.token_hash = look_up_token.token_hash
$$;

CREATE FUNCTION public.mail_states(election bigint, named bigint[]) RETURNS TABLE(voter_id bigint, status text, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT v.voter_id,
           CASE WHEN c.closed_at IS NOT NULL THEN 'forgotten'
                WHEN NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = v.election_id AND t.voter_id = v.voter_id
                                     AND sent_by_organiser(t.origin))
                THEN 'none' ELSE coalesce(m.status, 'queued') END,
           CASE WHEN c.closed_at IS NULL AND m.status IN ('deferred', 'refused') THEN m.last_error END
    FROM voters v JOIN elections c ON c.election_id = v.election_id
    LEFT JOIN LATERAL (SELECT e.status, e.last_error FROM email_messages e
                       WHERE e.election_id = v.election_id AND lower(e.recipient) = lower(v.email)
                         AND e.kind IN ('voting_invitation', 'resend', 'correction')
                       ORDER BY e.message_id DESC LIMIT 1) m ON true
    WHERE v.election_id = election AND NOT v.deleted AND (named IS NULL OR v.voter_id = ANY (named))
$$;

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
    UPDATE elections e SET closes_at = later WHERE e.election_id = election;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (election, 'closes_at_moved', why, jsonb_build_object('previous_closes_at', was.closes_at, 'closes_at', later));
    RETURN true;
END $$;

CREATE FUNCTION public.never() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = TG_TABLE_NAME || '_immutable',
        MESSAGE = format('%s cannot be changed: %s is refused for everybody', TG_TABLE_NAME, TG_OP);
END $$;

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
    SELECT e.status INTO stopped FROM elections e WHERE e.election_id = ANY (touched) AND e.status <> ALL (allowed) LIMIT 1;
    IF NOT FOUND AND TG_TABLE_NAME <> 'voting_tokens' THEN
        PERFORM FROM elections e WHERE e.election_id = ANY (touched) ORDER BY e.election_id FOR SHARE;
        SELECT e.status INTO stopped FROM elections e WHERE e.election_id = ANY (touched) AND e.status <> ALL (allowed) LIMIT 1;
    END IF;
    IF stopped IS NOT NULL THEN
        PERFORM refuse(TG_ARGV[0], format('%s cannot be changed while the election is %s', TG_TABLE_NAME, stopped));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.opened_ballots_from_sealed_box() RETURNS trigger
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

CREATE FUNCTION public.outbox_notify() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_notify('outbox', r.source::text) FROM (SELECT DISTINCT n.source FROM new_rows n) r;
    RETURN NULL;
END $$;

CREATE FUNCTION public.outbox_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('order of events/' || NEW.source, NEW.election_id));
    NEW.position := nextval(pg_get_serial_sequence('public.outbox', 'position'));
    RETURN NEW;
END $$;

CREATE FUNCTION public.participation(election bigint) RETURNS TABLE(spent_count bigint, spent_hash bytea, roll_count bigint)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT spent.entries, spent.hash, (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted)
    FROM chain_heads h, (
        SELECT count(*) AS entries, sha256(coalesce(string_agg(s.entry, ''::bytea ORDER BY s.entry), ''::bytea)) AS hash
        FROM (SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t
              WHERE t.election_id = election AND t.is_used) s) spent
    WHERE h.election_id = election AND h.state = 'sealed'
$$;

CREATE FUNCTION public.record_ballots(election bigint, digests bytea[], sealed bytea[], prefixes bytea[], stamps bytea[], token_hashes bytea[], seen_position bigint DEFAULT NULL::bigint, seen_hash bytea DEFAULT NULL::bytea, seen_resumption bigint DEFAULT NULL::bigint, seen_halted boolean DEFAULT false) RETURNS TABLE(outcomes text[], head_position bigint, head_hash bytea, resumption bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    ballots      integer := coalesce(cardinality(digests), 0);
    head         record;
    rules        record;
    ballot       record;
    checked_at   timestamptz;
    takes_links  boolean;
    takes_stamps boolean;
    outcome      text;
    link         bytea;
    added        integer := 0;
    rewound      boolean;
    alarm        uuid;
    held         bigint[];
    -- Everything below, and outcomes, is filled by subscript: appending with || would copy the whole array each time.
    has_digest   boolean[] := array_fill(false, ARRAY[ballots]);
    has_used     boolean[] := array_fill(false, ARRAY[ballots]);
    places       bigint[] := '{}';
    previous     bytea[] := '{}';
    links        bytea[] := '{}';
    spent        bigint[] := '{}';
BEGIN
    IF digests IS NULL OR ballots > 256 OR (ballots, ballots, ballots, ballots) IS DISTINCT FROM
           (cardinality(sealed), cardinality(prefixes), cardinality(stamps), cardinality(token_hashes))
       OR array_position(digests, NULL) IS NOT NULL OR array_position(sealed, NULL) IS NOT NULL
       OR array_position(prefixes, NULL) IS NOT NULL OR array_position(stamps, NULL) IS NOT NULL
       -- Ballots are read by subscript and by place below; in an array that begins elsewhere those are two ballots.
       OR 1 <> ANY (ARRAY[array_lower(digests, 1), array_lower(sealed, 1), array_lower(prefixes, 1), array_lower(stamps, 1)]) THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'record_ballots takes at most 256 ballots in arrays of one length';
    END IF;
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
    -- Whoever resumes holds the head too.
    SELECT coalesce(max(a.amendment_id), 0) INTO resumption
    FROM amendments a WHERE a.election_id = election AND a.kind = 'recording_resumed';
    rewound := coalesce(seen_resumption > resumption OR seen_resumption = resumption AND (seen_halted OR seen_position IS NOT NULL
        AND (seen_position > head.last_position OR NOT EXISTS (
            SELECT FROM votes v WHERE v.election_id = election AND v.position = seen_position AND v.chain_hash = seen_hash))), false);
    IF rewound OR head.halted_at IS NOT NULL THEN
        IF head.halted_at IS NULL THEN
            UPDATE chain_heads h SET halted_at = clock_timestamp() WHERE h.election_id = election;
            -- The alarm, in the form of `contract::events`. It says which election and when, and nothing of the ballot that met it.
            alarm := gen_random_uuid();
            INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
            VALUES (alarm, session_user, 'audit', 'event', election, convert_to(jsonb_build_object('event_id', alarm,
                'occurred_at', clock_timestamp(), 'election_id', election,
                'kind', jsonb_build_object('event_type', 'recording_halted', 'details', '{}'::jsonb))::text, 'UTF8'));
        END IF;
        outcomes := array_fill(CASE WHEN rewound THEN 'rewound' ELSE 'halted' END, ARRAY[greatest(ballots, 1)]);
        RETURN NEXT;
        RETURN;
    END IF;
    outcomes := array_fill(NULL::text, ARRAY[ballots]);
    SELECT e.status, e.profile, e.opens_at, e.closes_at, e.grace_ends_at, e.stamps_given, e.sealed_len INTO rules
    FROM elections e WHERE e.election_id = election;
    SELECT coalesce(array_agg(l.token_id), '{}') INTO held FROM (
        SELECT t.token_id FROM voting_tokens t WHERE t.election_id = election AND t.token_hash = ANY (token_hashes)
        ORDER BY t.token_id FOR UPDATE SKIP LOCKED) l;

    checked_at := clock_timestamp();
    takes_links := head.state = 'open' AND rules.status = 'active'
        AND coalesce(rules.opens_at <= checked_at, true) AND coalesce(rules.closes_at > checked_at, true);
    -- A stamp was given in time, or it would not be there: its ballot may come late, but not after the grace.
    takes_stamps := coalesce((head.state = 'open' AND rules.status = 'active')
        OR (head.state = 'grace' AND rules.grace_ends_at > checked_at), false);
    link := head.last_hash;

    FOR ballot IN
        SELECT b.i::integer AS i, b.token_hash IS NULL AS stamped, t.token_id, t.revoked,
               link_ends_at(t.expires_at, t.runs_to_close, rules.closes_at) AS ends_at,
               min(b.i) OVER (PARTITION BY b.digest) AS same_digest, min(b.i) OVER (PARTITION BY b.token_hash) AS same_link,
               EXISTS (SELECT FROM votes v WHERE v.election_id = election AND v.digest = b.digest) AS known,
               t.is_used OR EXISTS (SELECT FROM voting_tokens o WHERE o.voter_id = t.voter_id AND o.is_used) AS is_used
        FROM unnest(digests, token_hashes) WITH ORDINALITY AS b (digest, token_hash, i)
        LEFT JOIN voting_tokens t ON t.election_id = election AND t.token_hash = b.token_hash
        ORDER BY b.i
    LOOP
        outcome := CASE
            WHEN ballot.known OR has_digest[ballot.same_digest] THEN 'known'
            WHEN rules.profile = CASE WHEN ballot.stamped THEN 'simple' ELSE 'verified' END THEN 'wrong-profile'
            WHEN NOT ballot.stamped AND ballot.token_id IS NULL THEN 'unknown-token'
            WHEN NOT ballot.stamped AND ballot.token_id <> ALL (held) THEN 'locked'
            WHEN NOT ballot.stamped AND (ballot.is_used OR has_used[ballot.same_link]) THEN 'already-used'
            WHEN NOT ballot.stamped AND ballot.revoked THEN 'revoked'
            WHEN NOT ballot.stamped AND NOT takes_links THEN 'not-open'
            WHEN ballot.stamped AND NOT (takes_stamps AND (head.state = 'open' OR head.last_position + added < rules.stamps_given))
                THEN 'not-open'
            WHEN NOT ballot.stamped AND ballot.ends_at <= checked_at THEN 'expired'
            WHEN (octet_length(sealed[ballot.i]), octet_length(digests[ballot.i]), octet_length(prefixes[ballot.i]),
                  octet_length(stamps[ballot.i])) IS DISTINCT FROM (rules.sealed_len, 32, 32, 384) THEN 'wrong-length'
            ELSE 'recorded' END;
        outcomes[ballot.i] := outcome;
        IF outcome = 'recorded' THEN
            added := added + 1;
            places[added] := ballot.i;
            previous[added] := link;
            link := chain_link(election, head.last_position + added, link, digests[ballot.i], prefixes[ballot.i], stamps[ballot.i]);
            links[added] := link;
            has_digest[ballot.same_digest] := true;
            IF NOT ballot.stamped THEN
                has_used[ballot.same_link] := true;
                spent[coalesce(cardinality(spent), 0) + 1] := ballot.token_id;
            END IF;
        END IF;
    END LOOP;
    IF added = 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;

    INSERT INTO votes (election_id, position, digest, sealed, prefix, stamp, previous_hash, chain_hash)
    SELECT election, head.last_position + n.place, b.digest, b.sealed, b.prefix, b.stamp, n.previous, n.link
    FROM unnest(places, previous, links) WITH ORDINALITY AS n (i, previous, link, place)
    JOIN unnest(digests, sealed, prefixes, stamps) WITH ORDINALITY AS b (digest, sealed, prefix, stamp, i) ON b.i = n.i
    ORDER BY n.place;
    UPDATE voting_tokens t SET is_used = true WHERE t.token_id = ANY (spent);
    UPDATE chain_heads h SET last_position = head.last_position + added, last_hash = link WHERE h.election_id = election;
    head_position := head.last_position + added;
    head_hash := link;
    RETURN NEXT;
END $$;

CREATE FUNCTION public.refresh_turnout() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.refuse(name text, message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = name, MESSAGE = message;
END $$;

CREATE FUNCTION public.remove_unlinked_voter(voter bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    found_in record;
BEGIN
    SELECT v.election_id, v.student_id INTO found_in FROM voters v WHERE v.voter_id = voter AND NOT v.deleted FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    ELSIF found_in.student_id IS NOT NULL
       OR EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = found_in.election_id AND t.voter_id = voter) THEN
        RETURN 'linked';
    END IF;
    PERFORM FROM elections e WHERE e.election_id = found_in.election_id AND e.status = 'active';
    IF NOT FOUND THEN
        PERFORM refuse('roll_frozen', format('nobody is taken off the roll of election %s now', found_in.election_id));
    END IF;
    DELETE FROM voters v WHERE v.voter_id = voter;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (found_in.election_id, 'voter_removed', 'Removed before a link was sent', '{"voters": 1}');
    RETURN 'removed';
END $$;

CREATE FUNCTION public.request_link(election bigint, request uuid, student text, address text, link_hash bytea, link_mail bytea, recorded_mail bytea, only_verified boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    rules     record;
    asking    record;
    asked_at  timestamptz;
    live_till timestamptz;
    runs_on   boolean;
    has_voted boolean;
BEGIN
    SELECT e.opens_at, e.closes_at, e.admin_id INTO rules
    FROM elections e WHERE e.election_id = election AND e.status IN ('scheduled', 'active') FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM admins a WHERE a.admin_id = rules.admin_id
        AND (NOT only_verified OR a.email_verified_at IS NOT NULL OR lower(a.email) = lower(address));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT v.voter_id, v.spend_id, v.email INTO asking FROM voters v
    WHERE v.election_id = election AND lower(v.email) = lower(address) AND lower(v.student_id) = lower(student) AND NOT v.deleted
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = asking.voter_id ORDER BY t.token_id FOR UPDATE;

    asked_at := clock_timestamp();
    IF rules.closes_at <= asked_at THEN
        RETURN;
    END IF;
    DELETE FROM link_requests r
    WHERE r.election_id = election AND r.voter_id = asking.voter_id AND r.requested_at <= asked_at - interval '24 hours';
    IF (SELECT count(*) FROM link_requests r WHERE r.election_id = election AND r.voter_id = asking.voter_id) >= 3 THEN
        RETURN;
    END IF;
    INSERT INTO link_requests (election_id, voter_id, requested_at, request_id) VALUES (election, asking.voter_id, asked_at, request)
    ON CONFLICT ON CONSTRAINT link_requests_request_key DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = asking.voter_id AND t.is_used)
    INTO has_voted;
    IF NOT has_voted THEN
        UPDATE voting_tokens t SET revoked = true
        WHERE t.election_id = election AND t.voter_id = asking.voter_id AND NOT t.revoked AND NOT t.is_used
        RETURNING t.expires_at, t.runs_to_close INTO live_till, runs_on;
        INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, runs_to_close, spend_id, email_hint)
        VALUES (election, asking.voter_id, link_hash, 'request',
                greatest(greatest(asked_at, rules.opens_at) + interval '30 minutes', live_till),
                coalesce(runs_on, false), asking.spend_id, left(asking.email, 1) || '***@' || split_part(asking.email, '@', 2));
    END IF;
    INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
    VALUES (request, session_user, 'email', 'request', election, CASE WHEN has_voted THEN recorded_mail ELSE link_mail END);
END $$;

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

CREATE FUNCTION public.roll_is_empty(election bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT NOT EXISTS (SELECT FROM voters v WHERE v.election_id = election AND NOT v.deleted)
$$;

CREATE FUNCTION public.seal_box(election bigint) RETURNS TABLE(outcome text, box_count bigint, box_hash bytea, spent_count bigint, spent_hash bytea, roll_count bigint, bad_position bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    was       record;
    head      record;
    took_part record;
    bad       bigint;
    committed bytea;
BEGIN
    SELECT e.tally_state, e.grace_ends_at, e.stamps_given, e.box_count, e.box_hash, e.spent_count, e.spent_hash, e.roll_count INTO was
    FROM elections e WHERE e.election_id = election FOR NO KEY UPDATE;
    SELECT h.state, h.last_position INTO head FROM chain_heads h WHERE h.election_id = election FOR UPDATE;
    IF was.tally_state IS NULL OR head.state IS NULL THEN
        outcome := 'not-closed';
        RETURN NEXT;
        RETURN;
    ELSIF was.box_hash IS NOT NULL THEN
        RETURN QUERY SELECT 'sealed'::text, was.box_count, was.box_hash, was.spent_count, was.spent_hash, was.roll_count, NULL::bigint;
        RETURN;
    ELSIF was.grace_ends_at > clock_timestamp() AND head.last_position < was.stamps_given THEN
        outcome := 'waiting';
        box_count := head.last_position;
        RETURN NEXT;
        RETURN;
    END IF;
    bad := first_broken_link(election);
    IF bad IS NOT NULL THEN
        outcome := 'chain-broken';
        bad_position := bad;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT sha256(coalesce(string_agg(v.digest, ''::bytea ORDER BY v.digest), ''::bytea)) INTO committed
    FROM votes v WHERE v.election_id = election;
    UPDATE chain_heads h SET state = 'sealed' WHERE h.election_id = election;
    DELETE FROM election_keys k WHERE k.election_id = election AND k.purpose = 'stamp';
    SELECT p.spent_count, p.spent_hash, p.roll_count INTO took_part FROM participation(election) p;
    UPDATE elections e SET tally_state = 'sealed', tally_failed_in = NULL, tally_error = NULL,
        box_count = head.last_position, box_hash = committed, spent_count = took_part.spent_count,
        spent_hash = took_part.spent_hash, roll_count = took_part.roll_count, box_sealed_at = clock_timestamp()
    WHERE e.election_id = election;
    RETURN QUERY SELECT 'sealed'::text, head.last_position, committed, took_part.spent_count, took_part.spent_hash,
        took_part.roll_count, NULL::bigint;
END $$;

CREATE FUNCTION public.sent_by_organiser(origin text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (origin = ANY (ARRAY['invitation'::text, 'resend'::text, 'correction'::text]));

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
    ELSIF EXISTS (SELECT FROM voting_tokens o WHERE o.voter_id = right_held.voter_id AND o.is_used) THEN
        RETURN 'already-used';
    ELSIF right_held.revoked THEN
        RETURN 'revoked';
    ELSIF (head.state = 'open' AND rules.status = 'active' AND coalesce(rules.opens_at <= checked_at, true)
           AND coalesce(rules.closes_at > checked_at, true)) IS NOT TRUE THEN
        RETURN 'not-open';
    ELSIF right_held.ends_at <= checked_at THEN
        RETURN 'expired';
    END IF;
    UPDATE voting_tokens t SET is_used = true, blinded_hash = spend_token.blinded_hash WHERE t.token_id = right_held.token_id;
    RETURN 'spent';
END $$;

CREATE FUNCTION public.spent_entry(election bigint, spend_id bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256((('\x7370656e742f7631'::bytea || int8send(election)) || spend_id));

CREATE FUNCTION public.spent_list(election bigint) RETURNS SETOF bytea
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT spent_entry(t.election_id, t.spend_id) AS entry FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id
    WHERE t.election_id = election AND t.is_used AND e.spent_hash IS NOT NULL ORDER BY entry
$$;

CREATE FUNCTION public.stop_reminders(election bigint, code bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status IN ('draft', 'scheduled', 'active') FOR SHARE;
    IF FOUND THEN
        UPDATE voters v SET reminders_stopped = true
        WHERE v.election_id = election AND v.reminder_code = code AND NOT v.deleted AND NOT v.reminders_stopped;
    END IF;
END $$;

CREATE FUNCTION public.turnout(election bigint) RETURNS TABLE(roll bigint, voted bigint)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(e.roll_count, t.roll, 0),
           coalesce(CASE WHEN e.status IN ('closed', 'archived') THEN coalesce(e.spent_count, e.stamps_given) ELSE t.voted END, 0)
    FROM (VALUES (election)) AS asked (id)
    LEFT JOIN elections e ON e.election_id = asked.id
    LEFT JOIN turnouts t ON t.election_id = asked.id
$$;

CREATE FUNCTION public.used_right_kept() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = 'used_right_kept', MESSAGE = 'a used link can neither be changed nor removed';
END $$;

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

CREATE TABLE public.admin_invitations (
    invitation_id bigint NOT NULL,
    email text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT admin_invitations_email_length CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT admin_invitations_hash_width CHECK ((octet_length(token_hash) = 32))
);

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

ALTER TABLE public.admins ALTER COLUMN admin_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admins_admin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.amendments (
    amendment_id bigint NOT NULL,
    election_id bigint NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT amendments_kind_known CHECK ((kind = ANY (ARRAY['voter_added'::text, 'voter_removed'::text, 'closes_at_moved'::text, 'recording_resumed'::text]))),
    CONSTRAINT amendments_reason_length CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 1000)))
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

CREATE TABLE public.audit_signatures (
    last_id bigint NOT NULL,
    last_hash bytea NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT audit_signatures_last_hash_width CHECK ((octet_length(last_hash) = 32)),
    CONSTRAINT audit_signatures_position_positive CHECK ((last_id >= 1)),
    CONSTRAINT audit_signatures_signature_width CHECK ((octet_length(signature) = 64))
);

CREATE TABLE public.audit_subjects (
    subject_ref uuid NOT NULL,
    election_id bigint NOT NULL,
    voter_id bigint NOT NULL,
    made_while_active boolean NOT NULL
);

CREATE TABLE public.candidates (
    candidate_id bigint NOT NULL,
    election_id bigint NOT NULL,
    contest_id bigint NOT NULL,
    name text NOT NULL,
    description text,
    photo_url text,
    display_order integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT candidates_description_length CHECK ((char_length(description) <= 10000)),
    CONSTRAINT candidates_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
    CONSTRAINT candidates_photo_url_length CHECK ((char_length(photo_url) <= 500))
);

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
    halt_told_at timestamp with time zone,
    CONSTRAINT chain_heads_last_hash_width CHECK ((octet_length(last_hash) = 32)),
    CONSTRAINT chain_heads_state_known CHECK ((state = ANY (ARRAY['open'::text, 'grace'::text, 'sealed'::text])))
);

CREATE TABLE public.contests (
    contest_id bigint NOT NULL,
    election_id bigint NOT NULL,
    title text NOT NULL,
    method text DEFAULT 'plurality'::text NOT NULL,
    seats integer DEFAULT 1 NOT NULL,
    min_marks integer DEFAULT 1 NOT NULL,
    max_marks integer DEFAULT 1,
    blank_allowed boolean DEFAULT true NOT NULL,
    tie_rule text DEFAULT 'declare'::text NOT NULL,
    display_order integer DEFAULT 1 NOT NULL,
    CONSTRAINT contests_marks_range CHECK (((0 <= min_marks) AND (min_marks <= max_marks) AND ((max_marks >= 1) AND (max_marks <= 1000)))),
    CONSTRAINT contests_max_marks_known CHECK (((max_marks IS NOT NULL) OR (method = 'approval'::text))),
    CONSTRAINT contests_method_known CHECK ((method = ANY (ARRAY['plurality'::text, 'approval'::text]))),
    CONSTRAINT contests_seats_range CHECK (((seats >= 1) AND (seats <= 1000))),
    CONSTRAINT contests_tie_rule_known CHECK ((tie_rule = ANY (ARRAY['declare'::text, 'lot'::text]))),
    CONSTRAINT contests_title_length CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255)))
);

ALTER TABLE public.contests ALTER COLUMN contest_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contests_contest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.election_keys (
    election_id bigint NOT NULL,
    purpose text NOT NULL,
    public_key bytea NOT NULL,
    private_wrapped bytea NOT NULL,
    CONSTRAINT election_keys_purpose_known CHECK ((purpose = ANY (ARRAY['seal'::text, 'stamp'::text])))
);

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
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_at timestamp with time zone,
    closed_at timestamp with time zone,
    archived_at timestamp with time zone,
    not_opened_told_at timestamp with time zone,
    results_published_at timestamp with time zone,
    manifest bytea,
    manifest_hash bytea,
    sealed_len integer,
    plaintext_len integer,
    tally_state text,
    tally_failed_in text,
    tally_error text,
    tally_done bigint DEFAULT 0 NOT NULL,
    tally_total bigint DEFAULT 0 NOT NULL,
    grace_ends_at timestamp with time zone,
    stamps_given bigint,
    box_count bigint,
    box_hash bytea,
    spent_count bigint,
    spent_hash bytea,
    roll_count bigint,
    box_signature bytea,
    box_sealed_at timestamp with time zone,
    opened_signature bytea,
    lease_holder uuid,
    lease_until timestamp with time zone,
    anonymised_at timestamp with time zone,
    CONSTRAINT elections_box_hash_width CHECK ((octet_length(box_hash) = 32)),
    CONSTRAINT elections_box_whole CHECK ((num_nulls(box_count, box_hash, spent_count, spent_hash, roll_count, box_sealed_at) = ANY (ARRAY[0, 6]))),
    CONSTRAINT elections_custody_known CHECK ((custody = 'server'::text)),
    CONSTRAINT elections_description_length CHECK ((char_length(description) <= 10000)),
    CONSTRAINT elections_manifest_hash_width CHECK ((octet_length(manifest_hash) = 32)),
    CONSTRAINT elections_manifest_once_active CHECK (((status = 'draft'::text) OR (manifest_hash IS NOT NULL))),
    CONSTRAINT elections_opened_signature_width CHECK ((octet_length(opened_signature) = 64)),
    CONSTRAINT elections_profile_known CHECK ((profile = ANY (ARRAY['simple'::text, 'verified'::text, 'both'::text]))),
    CONSTRAINT elections_publish_known CHECK ((publish = ANY (ARRAY['together'::text, 'manual'::text]))),
    CONSTRAINT elections_spent_hash_width CHECK ((octet_length(spent_hash) = 32)),
    CONSTRAINT elections_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'active'::text, 'closed'::text, 'archived'::text]))),
    CONSTRAINT elections_tally_once_closed CHECK (((status = ANY (ARRAY['closed'::text, 'archived'::text])) = (tally_state IS NOT NULL))),
    CONSTRAINT elections_tally_state_known CHECK ((tally_state = ANY (ARRAY['grace'::text, 'sealed'::text, 'rewritten'::text, 'opening'::text, 'opened'::text, 'failed'::text]))),
    CONSTRAINT elections_times_in_order CHECK ((closes_at > opens_at)),
    CONSTRAINT elections_title_length CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255)))
);

ALTER TABLE public.elections ALTER COLUMN election_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.elections_election_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.email_messages (
    message_id bigint NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    election_id bigint,
    recipient text NOT NULL,
    payload bytea,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    forget_at timestamp with time zone,
    CONSTRAINT email_messages_status_known CHECK ((status = ANY (ARRAY['queued'::text, 'deferred'::text, 'sent'::text, 'refused'::text, 'forgotten'::text])))
);
ALTER TABLE ONLY public.email_messages ALTER COLUMN recipient SET STATISTICS 0;
ALTER TABLE ONLY public.email_messages ALTER COLUMN last_error SET STATISTICS 0;

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
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    request_id uuid DEFAULT gen_random_uuid() NOT NULL
);

CREATE TABLE public.login_ceilings (
    email_key text NOT NULL,
    tried text NOT NULL,
    failures integer NOT NULL,
    ends_at timestamp with time zone DEFAULT (now() + '12:00:00'::interval) NOT NULL,
    CONSTRAINT login_ceilings_positive CHECK ((failures >= 0)),
    CONSTRAINT login_ceilings_tried_known CHECK ((tried = ANY (ARRAY['login'::text, 'code'::text, 'change'::text])))
);

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

CREATE TABLE public.opened_ballots (
    election_id bigint NOT NULL,
    digest bytea NOT NULL,
    plaintext bytea,
    reason text,
    CONSTRAINT opened_ballots_digest_width CHECK ((octet_length(digest) = 32)),
    CONSTRAINT opened_ballots_one_of_two CHECK (((plaintext IS NULL) <> (reason IS NULL)))
);

CREATE TABLE public.outbox (
    event_id uuid NOT NULL,
    source name DEFAULT CURRENT_USER NOT NULL,
    destination text NOT NULL,
    kind text NOT NULL,
    election_id bigint,
    payload bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone,
    last_error text,
    set_aside_at timestamp with time zone,
    "position" bigint NOT NULL,
    CONSTRAINT outbox_destination_known CHECK ((destination = ANY (ARRAY['audit'::text, 'email'::text]))),
    CONSTRAINT outbox_payload_until_delivered CHECK (((payload IS NOT NULL) OR (delivered_at IS NOT NULL)))
);

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

CREATE TABLE public.result_views (
    election_id bigint NOT NULL,
    admin_id bigint NOT NULL,
    logged_at timestamp with time zone NOT NULL
);

CREATE TABLE public.revoked_tokens (
    jti uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE UNLOGGED TABLE public.staged_voters (
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    email text NOT NULL,
    first_name text,
    last_name text,
    student_id text,
    cohort text,
    staged_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.turnouts (
    election_id bigint NOT NULL,
    roll bigint DEFAULT 0 NOT NULL,
    voted bigint DEFAULT 0 NOT NULL,
    counted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT turnouts_roll_not_negative CHECK ((roll >= 0)),
    CONSTRAINT turnouts_voted_rounded CHECK (((voted >= 0) AND ((voted % (5)::bigint) = 0)))
);

CREATE TABLE public.used_notices (
    election_id bigint NOT NULL,
    queued_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.voters (
    voter_id bigint NOT NULL,
    election_id bigint NOT NULL,
    email text NOT NULL,
    first_name text,
    last_name text,
    student_id text,
    cohort text,
    deleted boolean DEFAULT false NOT NULL,
    spend_id bytea DEFAULT uuid_send(gen_random_uuid()) NOT NULL,
    reminder_code bytea DEFAULT uuid_send(gen_random_uuid()) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    reminders_stopped boolean DEFAULT false NOT NULL,
    CONSTRAINT voters_cohort_length CHECK ((char_length(cohort) <= 64)),
    CONSTRAINT voters_email_length CHECK (((char_length(email) >= 3) AND (char_length(email) <= 254))),
    CONSTRAINT voters_first_name_length CHECK ((char_length(first_name) <= 100)),
    CONSTRAINT voters_last_name_length CHECK ((char_length(last_name) <= 100)),
    CONSTRAINT voters_reminder_code_width CHECK ((octet_length(reminder_code) = 16)),
    CONSTRAINT voters_spend_id_width CHECK ((octet_length(spend_id) = 16)),
    CONSTRAINT voters_student_id_length CHECK (((char_length(student_id) >= 1) AND (char_length(student_id) <= 64)))
);
ALTER TABLE ONLY public.voters ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN first_name SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN last_name SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN student_id SET STATISTICS 0;
ALTER TABLE ONLY public.voters ALTER COLUMN cohort SET STATISTICS 0;

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
);
ALTER TABLE ONLY public.voting_tokens ALTER COLUMN email_hint SET STATISTICS 0;

ALTER TABLE public.voting_tokens ALTER COLUMN token_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.voting_tokens_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

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

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (log_id);

ALTER TABLE ONLY public.audit_signatures
    ADD CONSTRAINT audit_signatures_pkey PRIMARY KEY (last_id);

ALTER TABLE ONLY public.audit_subjects
    ADD CONSTRAINT audit_subjects_pkey PRIMARY KEY (subject_ref);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_pkey PRIMARY KEY (candidate_id);

ALTER TABLE ONLY public.chain_heads
    ADD CONSTRAINT chain_heads_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_election_contest_key UNIQUE (election_id, contest_id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_pkey PRIMARY KEY (contest_id);

ALTER TABLE ONLY public.election_keys
    ADD CONSTRAINT election_keys_pkey PRIMARY KEY (election_id, purpose);

ALTER TABLE ONLY public.elections
    ADD CONSTRAINT elections_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.email_messages
    ADD CONSTRAINT email_messages_event_key UNIQUE (event_id);

ALTER TABLE ONLY public.email_messages
    ADD CONSTRAINT email_messages_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_one_of_a_kind UNIQUE (election_id, kind);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_pkey PRIMARY KEY (mailing_id);

ALTER TABLE ONLY public.link_requests
    ADD CONSTRAINT link_requests_request_key UNIQUE (request_id);

ALTER TABLE ONLY public.login_ceilings
    ADD CONSTRAINT login_ceilings_pkey PRIMARY KEY (email_key, tried);

ALTER TABLE ONLY public.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (email_key, tried, requester);

ALTER TABLE ONLY public.opened_ballots
    ADD CONSTRAINT opened_ballots_pkey PRIMARY KEY (election_id, digest);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.published_results
    ADD CONSTRAINT published_results_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_pkey PRIMARY KEY (election_id, admin_id);

ALTER TABLE ONLY public.revoked_tokens
    ADD CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti);

ALTER TABLE ONLY public.staged_voters
    ADD CONSTRAINT staged_voters_pkey PRIMARY KEY (import_id, line);

ALTER TABLE ONLY public.turnouts
    ADD CONSTRAINT turnouts_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.used_notices
    ADD CONSTRAINT used_notices_pkey PRIMARY KEY (election_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_election_voter_key UNIQUE (election_id, voter_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_pkey PRIMARY KEY (voter_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_spend_id_key UNIQUE (election_id, voter_id, spend_id);

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_digest_key UNIQUE (election_id, digest);

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_pkey PRIMARY KEY (election_id, "position");

ALTER TABLE ONLY public.voting_tokens
    ADD CONSTRAINT voting_tokens_pkey PRIMARY KEY (token_id);

CREATE INDEX admin_codes_admin ON public.admin_codes USING btree (admin_id, purpose);

CREATE UNIQUE INDEX admin_codes_token_hash_key ON public.admin_codes USING btree (token_hash);

CREATE UNIQUE INDEX admin_invitations_email_key ON public.admin_invitations USING btree (lower(email));

CREATE UNIQUE INDEX admin_invitations_token_hash_key ON public.admin_invitations USING btree (token_hash);

CREATE UNIQUE INDEX admins_email_key ON public.admins USING btree (lower(email));

CREATE INDEX amendments_election ON public.amendments USING btree (election_id, amendment_id);

CREATE INDEX audit_logs_election ON public.audit_logs USING btree (election_id, log_id);

CREATE INDEX audit_logs_event ON public.audit_logs USING btree (event_type);

CREATE INDEX audit_logs_timestamp ON public.audit_logs USING btree ("timestamp");

CREATE INDEX audit_subjects_election ON public.audit_subjects USING btree (election_id);

CREATE INDEX audit_subjects_voter ON public.audit_subjects USING btree (voter_id);

CREATE INDEX candidates_election ON public.candidates USING btree (election_id, contest_id, display_order, candidate_id);

CREATE UNIQUE INDEX candidates_name_key ON public.candidates USING btree (contest_id, lower(name));

CREATE INDEX chain_heads_halted ON public.chain_heads USING btree (election_id) WHERE (halted_at IS NOT NULL);

CREATE INDEX elections_admin ON public.elections USING btree (admin_id, election_id);

CREATE INDEX elections_closing ON public.elections USING btree (closes_at) WHERE (status = 'active'::text);

CREATE INDEX elections_opening ON public.elections USING btree (opens_at) WHERE (status = 'scheduled'::text);

CREATE INDEX elections_status ON public.elections USING btree (status);

CREATE INDEX email_messages_election ON public.email_messages USING btree (election_id, message_id);

CREATE INDEX email_messages_forget ON public.email_messages USING btree (forget_at) WHERE (forget_at IS NOT NULL);

CREATE INDEX email_messages_recipient ON public.email_messages USING btree (election_id, lower(recipient), message_id);
ALTER INDEX public.email_messages_recipient ALTER COLUMN 2 SET STATISTICS 0;

CREATE INDEX email_messages_waiting ON public.email_messages USING btree (COALESCE(election_id, (0)::bigint), next_attempt_at) WHERE (status = ANY (ARRAY['queued'::text, 'deferred'::text]));

CREATE INDEX link_requests_voter ON public.link_requests USING btree (election_id, voter_id, requested_at);

CREATE INDEX outbox_election ON public.outbox USING btree (election_id);

CREATE INDEX outbox_events ON public.outbox USING btree (source, "position") WHERE ((destination = 'audit'::text) AND (delivered_at IS NULL) AND (set_aside_at IS NULL));

CREATE INDEX outbox_set_aside ON public.outbox USING btree (source) WHERE (set_aside_at IS NOT NULL);

CREATE INDEX outbox_waiting ON public.outbox USING btree (source, (
CASE
    WHEN (election_id IS NULL) THEN (0)::bigint
    ELSE election_id
END), next_attempt_at) WHERE ((delivered_at IS NULL) AND (destination = 'email'::text));

CREATE INDEX published_results_checked ON public.published_results USING btree (checked_at);

CREATE INDEX revoked_tokens_expires_at ON public.revoked_tokens USING btree (expires_at);

CREATE UNIQUE INDEX voters_email_key ON public.voters USING btree (election_id, lower(email)) WHERE (NOT deleted);
ALTER INDEX public.voters_email_key ALTER COLUMN 2 SET STATISTICS 0;

CREATE INDEX voters_reminder_code ON public.voters USING btree (election_id, reminder_code);

CREATE UNIQUE INDEX voters_student_id_key ON public.voters USING btree (election_id, student_id) WHERE ((NOT deleted) AND (student_id IS NOT NULL));

CREATE INDEX votes_receipt ON public.votes USING btree (SUBSTRING(digest FROM 1 FOR 10));

CREATE INDEX voting_tokens_election ON public.voting_tokens USING btree (election_id, voter_id);

CREATE UNIQUE INDEX voting_tokens_one_live ON public.voting_tokens USING btree (voter_id) WHERE ((NOT revoked) AND (NOT is_used));

CREATE UNIQUE INDEX voting_tokens_one_used ON public.voting_tokens USING btree (voter_id) WHERE is_used;

CREATE UNIQUE INDEX voting_tokens_token_hash_key ON public.voting_tokens USING btree (token_hash);

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

CREATE TRIGGER candidates_frozen_delete AFTER DELETE ON public.candidates REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER candidates_frozen_insert AFTER INSERT ON public.candidates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER candidates_frozen_update AFTER UPDATE ON public.candidates REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER contests_frozen_delete AFTER DELETE ON public.contests REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER contests_frozen_insert AFTER INSERT ON public.contests REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER contests_frozen_update AFTER UPDATE ON public.contests REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.only_while('election_frozen', 'draft');

CREATE TRIGGER elections_forget_mails AFTER DELETE ON public.elections FOR EACH ROW EXECUTE FUNCTION public.forget_mails_of_a_draft();

CREATE TRIGGER elections_keep_their_rules BEFORE DELETE OR UPDATE ON public.elections FOR EACH ROW EXECUTE FUNCTION public.elections_keep_their_rules();

CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON public.email_messages FOR EACH ROW WHEN (((new.kind ~ '^(reminder|resend|correction|request|voting_invitation)'::text) AND (new.payload IS NOT NULL))) EXECUTE FUNCTION public.forget_late_mail();

CREATE TRIGGER opened_ballots_from_sealed_box AFTER INSERT ON public.opened_ballots REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.opened_ballots_from_sealed_box();

CREATE TRIGGER opened_ballots_never_changed BEFORE DELETE OR UPDATE ON public.opened_ballots FOR EACH ROW EXECUTE FUNCTION public.never();

ALTER TABLE public.opened_ballots ENABLE ALWAYS TRIGGER opened_ballots_never_changed;

CREATE TRIGGER opened_ballots_never_emptied BEFORE TRUNCATE ON public.opened_ballots FOR EACH STATEMENT EXECUTE FUNCTION public.never();

ALTER TABLE public.opened_ballots ENABLE ALWAYS TRIGGER opened_ballots_never_emptied;

CREATE TRIGGER outbox_notify AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.outbox_notify();

CREATE TRIGGER outbox_place BEFORE INSERT ON public.outbox FOR EACH ROW WHEN (((new.destination = 'audit'::text) AND (new.election_id IS NOT NULL))) EXECUTE FUNCTION public.outbox_place();

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

CREATE TRIGGER voting_tokens_used_right_kept BEFORE DELETE OR UPDATE ON public.voting_tokens FOR EACH ROW WHEN ((old.is_used AND (CURRENT_USER <> 'uvote_owner'::name))) EXECUTE FUNCTION public.used_right_kept();

ALTER TABLE ONLY public.admin_codes
    ADD CONSTRAINT admin_codes_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.admin_invitations
    ADD CONSTRAINT admin_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.audit_subjects
    ADD CONSTRAINT audit_subjects_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.audit_subjects
    ADD CONSTRAINT audit_subjects_voter_fkey FOREIGN KEY (election_id, voter_id) REFERENCES public.voters(election_id, voter_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_contest_fkey FOREIGN KEY (election_id, contest_id) REFERENCES public.contests(election_id, contest_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chain_heads
    ADD CONSTRAINT chain_heads_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.election_keys
    ADD CONSTRAINT election_keys_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.elections
    ADD CONSTRAINT elections_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.link_mailings
    ADD CONSTRAINT link_mailings_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_requests
    ADD CONSTRAINT link_requests_voter_fkey FOREIGN KEY (election_id, voter_id) REFERENCES public.voters(election_id, voter_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.opened_ballots
    ADD CONSTRAINT opened_ballots_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.published_results
    ADD CONSTRAINT published_results_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_admin_fkey FOREIGN KEY (admin_id) REFERENCES public.admins(admin_id);

ALTER TABLE ONLY public.result_views
    ADD CONSTRAINT result_views_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.turnouts
    ADD CONSTRAINT turnouts_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.used_notices
    ADD CONSTRAINT used_notices_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id);

ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_election_fkey FOREIGN KEY (election_id) REFERENCES public.chain_heads(election_id);

ALTER TABLE ONLY public.voting_tokens
    ADD CONSTRAINT voting_tokens_election_fkey FOREIGN KEY (election_id) REFERENCES public.elections(election_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.voting_tokens
    ADD CONSTRAINT voting_tokens_voter_fkey FOREIGN KEY (election_id, voter_id, spend_id) REFERENCES public.voters(election_id, voter_id, spend_id) ON DELETE CASCADE;

ALTER TABLE public.election_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY election_keys_all ON public.election_keys TO election_service USING (true) WITH CHECK (true);

CREATE POLICY election_keys_stamp ON public.election_keys FOR SELECT TO voting_service USING ((purpose = 'stamp'::text));

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbox_delete ON public.outbox FOR DELETE USING ((source = CURRENT_USER));

CREATE POLICY outbox_insert ON public.outbox FOR INSERT WITH CHECK ((source = CURRENT_USER));

CREATE POLICY outbox_select ON public.outbox FOR SELECT USING ((source = CURRENT_USER));

CREATE POLICY outbox_update ON public.outbox FOR UPDATE USING ((source = CURRENT_USER)) WITH CHECK ((source = CURRENT_USER));

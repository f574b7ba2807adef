-- The outbox (events and mails, written in the transaction of a change) and the mails of the email service.

CREATE TABLE outbox (
    event_id        uuid PRIMARY KEY,
    source          name NOT NULL DEFAULT current_user,
    destination     text NOT NULL CONSTRAINT outbox_destination_known CHECK (destination IN ('audit', 'email')),
    kind            text NOT NULL,
    about_link      boolean NOT NULL DEFAULT false,
    election_id     bigint,
    payload         bytea,
    created_at      timestamptz NOT NULL DEFAULT now(),
    position        bigint GENERATED ALWAYS AS IDENTITY,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at    timestamptz,
    last_error      text,
    set_aside_at    timestamptz,
    CONSTRAINT outbox_payload_until_delivered CHECK (payload IS NOT NULL OR delivered_at IS NOT NULL),
    CONSTRAINT outbox_only_mails_are_about_links CHECK (NOT about_link OR destination = 'email')
);
-- No statistics here: the number of reminders would show how many voters had not voted at that time.
ALTER TABLE outbox ALTER COLUMN event_id SET STATISTICS 0, ALTER COLUMN kind SET STATISTICS 0, ALTER COLUMN about_link SET STATISTICS 0,
    ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN created_at SET STATISTICS 0, ALTER COLUMN last_error SET STATISTICS 0;
-- CASE and not coalesce: beside the policy of this table only expressions that are known to be leakproof can use an index.
CREATE INDEX outbox_waiting ON outbox (source, (CASE WHEN election_id IS NULL THEN 0 ELSE election_id END), next_attempt_at)
    WHERE delivered_at IS NULL AND destination = 'email';
CREATE INDEX outbox_events ON outbox (source, position)
    WHERE destination = 'audit' AND delivered_at IS NULL AND set_aside_at IS NULL;
CREATE INDEX outbox_set_aside ON outbox (source) WHERE set_aside_at IS NOT NULL;
CREATE INDEX outbox_election ON outbox (election_id);
COMMENT ON TABLE outbox IS
'Events for audit and mails for email, written in the transaction of the change; a relay delivers them. Each service sees its own
rows only (row-level security). FORCE is left out on purpose: the owner''s functions write rows with source = session_user, the service
that called them.';
COMMENT ON COLUMN outbox.about_link IS
'Whether it is a mail about a voting link. Such a mail tells when its voter can have voted, so the close deletes it (ADR 0019). The
contract crate decides it for each kind of mail (Mail::is_about_link).';
COMMENT ON COLUMN outbox.payload IS 'JSON for audit. For email the same, encrypted under the key file of the sender: it holds live links.';
COMMENT ON COLUMN outbox.position IS
'The order of events: two events of one transaction have one created_at. outbox_place gives it.';
COMMENT ON COLUMN outbox.set_aside_at IS
'Since when this event is set aside, because audit refused it. Later events are delivered meanwhile. The row stays, and
the event is missing in the log until audit accepts it.';
COMMENT ON INDEX outbox_waiting IS
'By election: a relay takes mails of each election in its turn, and finds the elections by this index alone. 0 is no election.';
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
-- All four commands: with a policy for SELECT alone, FOR UPDATE SKIP LOCKED silently returns nothing.
CREATE POLICY outbox_select ON outbox FOR SELECT USING (source = current_user);
CREATE POLICY outbox_insert ON outbox FOR INSERT WITH CHECK (source = current_user);
CREATE POLICY outbox_update ON outbox FOR UPDATE USING (source = current_user) WITH CHECK (source = current_user);
CREATE POLICY outbox_delete ON outbox FOR DELETE USING (source = current_user);
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO auth_service, election_service, results_service, admin_service;
-- request_link and record_ballots write the rows of voting.
GRANT SELECT, UPDATE, DELETE ON outbox TO voting_service;

CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('outbox', r.source::text) FROM (SELECT DISTINCT n.source FROM new_rows n) r;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION outbox_notify() FROM PUBLIC;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
COMMENT ON FUNCTION outbox_notify() IS
'Wakes the relay of the service whose message it is. The notification says which service, and nothing of the message.';

CREATE FUNCTION outbox_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('order of events/' || NEW.source, NEW.election_id));
    NEW.position := nextval(pg_get_serial_sequence('public.outbox', 'position'));
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION outbox_place() FROM PUBLIC;
CREATE TRIGGER outbox_place BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.destination = 'audit' AND NEW.election_id IS NOT NULL) EXECUTE FUNCTION outbox_place();
COMMENT ON FUNCTION outbox_place() IS
'Positions of the events of one service about one election are in the order of the commits. A number is given at INSERT: of two changes
under way, the one with the lower number could be committed last. So the number of an event is drawn under a lock of its election,
which is held until the commit. The insert is the last thing that a change does, so the lock is held for a short time and nothing is
waited for behind it. Events about no election, and mails, need no order.';

CREATE FUNCTION events_set_aside()
RETURNS TABLE (event_id uuid, source text, election_id bigint, made_at timestamptz, set_aside_at timestamptz, attempts integer, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.event_id, o.source::text, o.election_id, o.created_at, o.set_aside_at, o.attempts, o.last_error
    FROM outbox o WHERE o.set_aside_at IS NOT NULL ORDER BY o.position LIMIT 1000
$$;
REVOKE ALL ON FUNCTION events_set_aside() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events_set_aside() TO audit_service;
COMMENT ON FUNCTION events_set_aside() IS
'What is missing in the log because audit refuses it; for superadmins, and for whoever verifies the log.';

-- Mails ------------------------------------------------------------------------------------------------------------------

CREATE TABLE email_messages (
    message_id      bigint GENERATED ALWAYS AS IDENTITY,
    event_id        uuid NOT NULL,
    kind            text NOT NULL,
    about_link      boolean NOT NULL,
    election_id     bigint NOT NULL DEFAULT 0,
    recipient       text NOT NULL,
    payload         bytea,
    status          text NOT NULL DEFAULT 'queued'
        CONSTRAINT email_messages_status_known CHECK (status IN ('queued', 'deferred', 'sent', 'refused', 'forgotten')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    sent_at         timestamptz,
    forget_at       timestamptz,
    CONSTRAINT email_messages_pkey PRIMARY KEY (election_id, message_id),
    CONSTRAINT email_messages_event_key UNIQUE (election_id, event_id),
    CONSTRAINT email_messages_forgotten_one_by_one CHECK (forget_at IS NULL OR election_id = 0)
) PARTITION BY LIST (election_id);
CREATE INDEX email_messages_forget ON email_messages (forget_at) WHERE forget_at IS NOT NULL;
CREATE INDEX email_messages_waiting ON email_messages (election_id, next_attempt_at) WHERE status IN ('queued', 'deferred');
CREATE INDEX email_messages_recipient ON email_messages (election_id, lower(recipient), message_id);
COMMENT ON TABLE email_messages IS
'Mails to be sent and what became of them. Written by the email service; the close writes the leaf of its election anew. One leaf for
each election, and leaf 0 for mails that belong to none (docs/adr/0022).';
COMMENT ON COLUMN email_messages.about_link IS 'As in outbox. The close deletes these, sent or not, and none is kept after it.';
COMMENT ON COLUMN email_messages.election_id IS '0: of no election, such as a code for an organiser.';
COMMENT ON COLUMN email_messages.payload IS 'The mail, encrypted. Erased as soon as it is sent or refused for good.';
COMMENT ON COLUMN email_messages.status IS
'forgotten: its election is closed, and what became of the mails to this voter is no longer known.';
COMMENT ON COLUMN email_messages.forget_at IS
'When the row is deleted, sent or not: the end of the code or link in it. NULL for mails of an election, which are forgotten with it.';
GRANT SELECT, INSERT, UPDATE, DELETE ON email_messages TO email_service;

CREATE TABLE mail_turns (
    election_id bigint PRIMARY KEY,
    due_at      timestamptz NOT NULL
);
CREATE INDEX mail_turns_due ON mail_turns (due_at);
COMMENT ON TABLE mail_turns IS
'Which elections have mails that wait, so that a sender need not look into the leaves of all elections: it would then wait for one that
is being written anew. No role has a right here: a trigger of email_messages and claim_mails write it.';
COMMENT ON COLUMN mail_turns.due_at IS 'No mail of this election that waits is due earlier. A row that is too early does no harm.';

CREATE FUNCTION mails_wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO mail_turns AS t (election_id, due_at)
    SELECT n.election_id, min(n.next_attempt_at) FROM new_rows n WHERE n.status IN ('queued', 'deferred')
    GROUP BY n.election_id ORDER BY n.election_id
    ON CONFLICT (election_id) DO UPDATE SET due_at = least(t.due_at, excluded.due_at);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION mails_wait() FROM PUBLIC;
CREATE TRIGGER email_messages_wait_insert AFTER INSERT ON email_messages REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mails_wait();
CREATE TRIGGER email_messages_wait_update AFTER UPDATE ON email_messages REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mails_wait();
COMMENT ON FUNCTION mails_wait() IS 'Notes in mail_turns that an election has mails that wait, and from when on.';

CREATE FUNCTION claim_mails(most bigint, behind bigint, seconds double precision)
RETURNS TABLE (message_id bigint, event_id uuid, payload bytea, attempts integer, election bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan SET lock_timeout = '100ms' AS $$
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
REVOKE ALL ON FUNCTION claim_mails(bigint, bigint, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_mails(bigint, bigint, double precision) TO email_service;
COMMENT ON FUNCTION claim_mails(bigint, bigint, double precision) IS
'Claims mails that are due, at the most so many, for so many seconds: in equal parts from all elections that have some. The turns begin
behind the election that had the last turn: with fewer places than elections, all come in their turn. It is the mails that are limited and
not the turns: an election whose mails somebody has locked passes its turn on in the same call.';

CREATE FUNCTION claim_mails_of(election bigint, most bigint, seconds double precision)
RETURNS TABLE (message_id bigint, event_id uuid, payload bytea, attempts integer) LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION claim_mails_of(bigint, bigint, double precision) FROM PUBLIC;
COMMENT ON FUNCTION claim_mails_of(bigint, bigint, double precision) IS
'Claims mails of one election, the oldest first, and notes when its next one is due. The row of mail_turns is locked before the mails
are looked at: whoever adds a mail meanwhile waits for it and then sets an earlier time.';

CREATE FUNCTION hold_elections_of_mails(elections bigint[]) RETURNS SETOF bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.election_id FROM elections e WHERE e.election_id = ANY (hold_elections_of_mails.elections) ORDER BY e.election_id FOR SHARE
$$;
REVOKE ALL ON FUNCTION hold_elections_of_mails(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_elections_of_mails(bigint[]) TO email_service;
COMMENT ON FUNCTION hold_elections_of_mails(bigint[]) IS
'Holds the elections to which mails belong, until the end of the transaction, and answers which of them exist. Called before mails are
kept: the close takes the election first and the leaf of its mails afterwards, and so must everybody else. forget_late_mail takes the
election too, but at that moment the leaf is locked already.';

CREATE FUNCTION forget_late_mail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    closed timestamptz;
BEGIN
    SELECT e.closed_at INTO closed FROM elections e WHERE e.election_id = NEW.election_id FOR SHARE;
    IF NOT FOUND OR NEW.about_link AND closed IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION forget_late_mail() FROM PUBLIC;
CREATE TRIGGER email_messages_forget_late BEFORE INSERT ON email_messages FOR EACH ROW
    WHEN (NEW.election_id <> 0 AND NEW.status <> 'forgotten') EXECUTE FUNCTION forget_late_mail();
COMMENT ON FUNCTION forget_late_mail() IS
'A mail about a link that was on its way from the outbox while its election was closed would be kept with its time, and with the number
under which the log knows it. It is not kept at all; nor is any mail of an election that was deleted as a draft. FOR SHARE waits for the
close and for the deletion, which hold the election: the mail is either kept before and deleted there, or refused here.';

CREATE FUNCTION mail_states(election bigint, named bigint[]) RETURNS TABLE (voter_id bigint, status text, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION mail_states(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_states(bigint, bigint[]) TO admin_service;
COMMENT ON FUNCTION mail_states(bigint, bigint[]) IS
'What became of the newest mail by which the organiser had each voter sent a link: none | queued | deferred | sent | refused. A link
without a mail is still in the outbox. Reminders do not count, because only who has not voted gets one; nor do the mails that voters
asked for themselves. All voters when none are named. Once the election is closed it is forgotten for everybody (ADR 0019).';

CREATE FUNCTION links_refused(election bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM mail_states(election, NULL) s WHERE s.status = 'refused');
END $$;
REVOKE ALL ON FUNCTION links_refused(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_refused(bigint) TO election_service;
COMMENT ON FUNCTION links_refused(bigint) IS
'To how many voters the newest mail with a link could not be sent for good: the check of an election warns of them.';

CREATE TABLE used_notices (
    election_id bigint PRIMARY KEY CONSTRAINT used_notices_election_fkey REFERENCES elections (election_id),
    queued_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE used_notices IS 'Elections whose voters were told, after the close, that their right was used. Written by the admin service.';
GRANT SELECT, INSERT (election_id) ON used_notices TO admin_service;

CREATE TABLE mail_pace (
    only_row   boolean PRIMARY KEY DEFAULT true CONSTRAINT mail_pace_has_one_row CHECK (only_row),
    used_until timestamptz NOT NULL DEFAULT now() CONSTRAINT mail_pace_is_a_time CHECK (isfinite(used_until))
);
INSERT INTO mail_pace DEFAULT VALUES;
COMMENT ON TABLE mail_pace IS
'Up to when the allowance of mails is used, where the mail provider takes only so many a second: one row for all copies of the email
service. Each mail moves it on by one mail''s time.';
GRANT SELECT, UPDATE (used_until) ON mail_pace TO email_service;

-- Door 2: a voter asks for a link. Whoever asks learns nothing, so neither does the service that asks for them: both functions
-- return void, and what they have to say is in a mail to the address on the roll.

-- A request whose COMMIT was lost on the way is made again under the same number, and is one request.
ALTER TABLE link_requests ADD COLUMN request_id uuid NOT NULL DEFAULT gen_random_uuid()
    CONSTRAINT link_requests_request_key UNIQUE;

-- The code in a mail is how a voter stops reminders without being asked who they are.
CREATE INDEX voters_reminder_code ON voters (election_id, reminder_code);

-- For a voter of this election with this number and address, up to three times in 24 hours: a new link, which replaces the live
-- one, and its mail; whoever has used their right gets the other mail and no link, and is counted alike. Anything else does
-- nothing. The caller cannot know which mail it will be, so it brings both, encrypted under the key of its outbox and the number
-- of the request.
--
-- `only_verified`: outside local mode an organiser whose own address nobody has verified has mails sent to that address only. Without
-- this, whoever registers could have strangers mailed, by a roll and a title of their choice.
--
-- The link lives for 30 minutes, or as long as the one it replaces, to the close if that one did: whoever asks must not lose days. Before the
-- opening the 30 minutes begin with it, or the link would be dead before it could be used.
-- Locks: election, voter, links by token_id. A ballot that is being recorded with the old link is waited for, or waits.
CREATE FUNCTION request_link(election bigint, request uuid, student text, address text, link_hash bytea, link_mail bytea, recorded_mail bytea,
                             only_verified boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean) TO voting_service;

-- No more reminders for the voter with this code. Links still reach them, and the one they have stays as it is. Once the election
-- is closed there is nothing left to stop, and the roll stays as the close has written it.
CREATE FUNCTION stop_reminders(election bigint, code bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status IN ('draft', 'scheduled', 'active') FOR SHARE;
    IF FOUND THEN
        UPDATE voters v SET reminders_stopped = true
        WHERE v.election_id = election AND v.reminder_code = code AND NOT v.deleted AND NOT v.reminders_stopped;
    END IF;
END $$;
REVOKE ALL ON FUNCTION stop_reminders(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stop_reminders(bigint, bytea) TO voting_service;

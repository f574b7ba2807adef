-- The roll: who may vote, with which link. Voters, links and requests for links have one leaf for each election (000900_leaves,
-- docs/adr/0022): a row for an election without a leaf is refused by PostgreSQL itself. Foreign keys stand on the leaves.

CREATE TABLE voters (
    voter_id          bigint GENERATED ALWAYS AS IDENTITY,
    election_id       bigint NOT NULL,
    email             text NOT NULL CONSTRAINT voters_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    first_name        text CONSTRAINT voters_first_name_length CHECK (char_length(first_name) <= 100),
    last_name         text CONSTRAINT voters_last_name_length CHECK (char_length(last_name) <= 100),
    student_id        text CONSTRAINT voters_student_id_length CHECK (char_length(student_id) BETWEEN 1 AND 64),
    cohort            text CONSTRAINT voters_cohort_length CHECK (char_length(cohort) <= 64),
    deleted           boolean NOT NULL DEFAULT false,
    reminders_stopped boolean NOT NULL DEFAULT false,
    spend_id          bytea NOT NULL DEFAULT uuid_send(gen_random_uuid())
        CONSTRAINT voters_spend_id_width CHECK (octet_length(spend_id) = 16),
    reminder_code     bytea NOT NULL DEFAULT uuid_send(gen_random_uuid())
        CONSTRAINT voters_reminder_code_width CHECK (octet_length(reminder_code) = 16),
    created_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT voters_pkey PRIMARY KEY (election_id, voter_id),
    CONSTRAINT voters_spend_id_key UNIQUE (election_id, voter_id, spend_id)
) PARTITION BY LIST (election_id);
CREATE UNIQUE INDEX voters_email_key ON voters (election_id, lower(email)) WHERE NOT deleted;
CREATE UNIQUE INDEX voters_student_id_key ON voters (election_id, student_id) WHERE NOT deleted AND student_id IS NOT NULL;
CREATE INDEX voters_reminder_code ON voters (election_id, reminder_code);
COMMENT ON TABLE voters IS
'Who may vote. Written by the admin service; the voting service never reads it. The close writes it anew, in random order and under
fresh numbers (anonymise_participation).';
COMMENT ON COLUMN voters.voter_id IS 'Good until the close; after it the same people have other numbers.';
COMMENT ON COLUMN voters.reminders_stopped IS 'Whether this voter wants no more reminders. Links still reach them.';
COMMENT ON COLUMN voters.spend_id IS
'Random, the same in all links of this voter. It is printed in the mails, and hashed into the spent list. By it somebody who did not
vote can find out that another person voted in their name (the list is not published yet).';
COMMENT ON COLUMN voters.reminder_code IS
'What the link "no more reminders" carries, and nothing else does: whoever sees that address in a log must not be able to find the
voter on the spent list. The close leaves this column out, so every row gets a fresh code that is in no mail.';
COMMENT ON CONSTRAINT voters_spend_id_key ON voters IS 'What a link points at: a voter of this election, with this code.';
-- Never whether a right is used, nor the code by which a voter is found on the spent list: only functions write these.
GRANT SELECT, DELETE, INSERT (election_id, email, first_name, last_name, student_id, cohort),
      UPDATE (email, first_name, last_name, student_id, cohort) ON voters TO admin_service;

CREATE TABLE voting_tokens (
    token_id      bigint GENERATED ALWAYS AS IDENTITY,
    election_id   bigint NOT NULL,
    voter_id      bigint NOT NULL,
    token_hash    bytea NOT NULL CONSTRAINT voting_tokens_hash_width CHECK (octet_length(token_hash) = 32),
    origin        text NOT NULL DEFAULT 'invitation'
        CONSTRAINT voting_tokens_origin_known CHECK (origin IN ('invitation', 'resend', 'correction', 'request', 'reminder')),
    expires_at    timestamptz NOT NULL,
    runs_to_close boolean NOT NULL DEFAULT false,
    revoked       boolean NOT NULL DEFAULT false,
    is_used       boolean NOT NULL DEFAULT false,
    blinded_hash  bytea CONSTRAINT voting_tokens_blinded_hash_width CHECK (octet_length(blinded_hash) = 32),
    spend_id      bytea NOT NULL CONSTRAINT voting_tokens_spend_id_width CHECK (octet_length(spend_id) = 16),
    email_hint    text NOT NULL,
    CONSTRAINT voting_tokens_pkey PRIMARY KEY (election_id, token_id),
    CONSTRAINT voting_tokens_not_both CHECK (NOT (revoked AND is_used))
) PARTITION BY LIST (election_id);
CREATE UNIQUE INDEX voting_tokens_token_hash_key ON voting_tokens (election_id, token_hash);
CREATE UNIQUE INDEX voting_tokens_one_live ON voting_tokens (election_id, voter_id) WHERE NOT revoked AND NOT is_used;
CREATE UNIQUE INDEX voting_tokens_one_used ON voting_tokens (election_id, voter_id) WHERE is_used;
CREATE INDEX voting_tokens_voter ON voting_tokens (election_id, voter_id);
COMMENT ON TABLE voting_tokens IS
'One-time links. There is no time of use and no time of making: votes.position is the order of arrival, so anything here that grew
with the time of use would join ballots to voters.';
COMMENT ON COLUMN voting_tokens.token_hash IS
'SHA-256 over the 43 characters of the token. The token itself is in the mail alone; it carries the number of its election.';
COMMENT ON COLUMN voting_tokens.origin IS
'Why it was made. What an organiser sees goes by the origins that sent_by_organiser names.';
COMMENT ON COLUMN voting_tokens.expires_at IS 'The earliest that it can end; link_ends_at says when it really ends.';
COMMENT ON COLUMN voting_tokens.runs_to_close IS
'Whether the link works until voting ends, if that is later than expires_at. A fact and not a copy of the end: when the end is
moved, no link is touched.';
COMMENT ON COLUMN voting_tokens.revoked IS 'A newer link has replaced it.';
COMMENT ON COLUMN voting_tokens.blinded_hash IS 'For which blinded message it was used up (spend_token). The close forgets it.';
COMMENT ON COLUMN voting_tokens.spend_id IS
'The code of its voter, held by a foreign key: a link with another code would hide from a voter that it was used in their name.';
COMMENT ON COLUMN voting_tokens.email_hint IS 'The masked address, for whoever opens the link.';
COMMENT ON INDEX voting_tokens_one_used IS 'One voter, one ballot: the index that decides.';
GRANT SELECT, DELETE, INSERT (election_id, voter_id, token_hash, origin, expires_at, runs_to_close, spend_id, email_hint),
      UPDATE (revoked) ON voting_tokens TO admin_service;

CREATE TABLE link_requests (
    election_id  bigint NOT NULL,
    voter_id     bigint NOT NULL,
    request_id   uuid NOT NULL DEFAULT gen_random_uuid(),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT link_requests_pkey PRIMARY KEY (election_id, request_id)
) PARTITION BY LIST (election_id);
CREATE INDEX link_requests_voter ON link_requests (election_id, voter_id, requested_at);
COMMENT ON TABLE link_requests IS
'When voters asked for a link themselves: three times in a day at the most. No other table knows it, no role has a right on it
(request_link writes it), and the close empties it.';
COMMENT ON COLUMN link_requests.request_id IS
'A request whose COMMIT was lost on the way is made again under the same number, and is one request.';

CREATE TABLE link_mailings (
    mailing_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL CONSTRAINT link_mailings_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    kind         text NOT NULL CONSTRAINT link_mailings_kind_known CHECK (kind IN ('invitation', 'reminder')),
    admin_id     bigint NOT NULL CONSTRAINT link_mailings_admin_fkey REFERENCES admins (admin_id),
    ip_address   text,
    after_voter  bigint NOT NULL DEFAULT 0,
    queued       bigint NOT NULL DEFAULT 0,
    already_sent bigint NOT NULL DEFAULT 0,
    CONSTRAINT link_mailings_one_of_a_kind UNIQUE (election_id, kind)
);
ALTER TABLE link_mailings ALTER COLUMN ip_address SET STATISTICS 0, ALTER COLUMN after_voter SET STATISTICS 0, ALTER COLUMN queued SET STATISTICS 0;
COMMENT ON TABLE link_mailings IS
'Sendings to many voters that are under way: an invitation to everybody without a link, or a reminder to everybody who has one and
has not voted. The admin service does it in short transactions of about a thousand voters, in the order of their numbers. A process
that dies leaves the rest to the next one, and nobody is mailed twice. A row is there only while something is left to do; the audit
event comes with its end.';
COMMENT ON COLUMN link_mailings.admin_id IS 'Who asked for it; with ip_address it goes into the audit event.';
COMMENT ON COLUMN link_mailings.after_voter IS 'All voters up to this voter_id are done.';
COMMENT ON CONSTRAINT link_mailings_one_of_a_kind ON link_mailings IS
'Two requests for the same kind of sending at the same time are one sending.';
GRANT SELECT, DELETE, INSERT (election_id, kind, admin_id, ip_address, already_sent), UPDATE (after_voter, queued)
    ON link_mailings TO admin_service;

CREATE TABLE sent_mailings (
    mailing_id  bigint PRIMARY KEY,
    election_id bigint NOT NULL CONSTRAINT sent_mailings_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    kind        text NOT NULL CONSTRAINT sent_mailings_kind_known CHECK (kind IN ('invitation', 'reminder')),
    queued      bigint CONSTRAINT sent_mailings_reminders_have_no_number CHECK ((kind = 'invitation') = (queued IS NOT NULL)),
    ended_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sent_mailings_election ON sent_mailings (election_id, mailing_id);
COMMENT ON TABLE sent_mailings IS
'Sendings to many voters that have ended: what the organiser had sent, and when. The audit log has the same as events; organisers look at
this table, because a log is not searched. Written with the last batch of a row of link_mailings, whose number it keeps.';
COMMENT ON COLUMN sent_mailings.queued IS
'How many voters got a link. Of reminders it is NULL: it would say how many had not voted at that time (docs/adr/0020).';
GRANT SELECT, INSERT (mailing_id, election_id, kind, queued) ON sent_mailings TO admin_service;

CREATE TABLE test_mails (
    election_id bigint PRIMARY KEY CONSTRAINT test_mails_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    sent        integer NOT NULL DEFAULT 1,
    since       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE test_mails IS
'How many test mails an organiser had sent to themselves within an hour, so that nobody fills a mailbox or uses up the allowance of mails.';
COMMENT ON COLUMN test_mails.since IS 'When the hour began. The next mail after its end begins another.';
GRANT SELECT, INSERT (election_id), UPDATE (sent, since) ON test_mails TO admin_service;

CREATE UNLOGGED TABLE staged_voters (
    import_id  uuid NOT NULL,
    line       bigint NOT NULL,
    kind       text NOT NULL DEFAULT 'new' CONSTRAINT staged_voters_kind_known CHECK (kind IN ('new', 'duplicate', 'rejected')),
    email      text NOT NULL,
    first_name text,
    last_name  text,
    student_id text,
    cohort     text,
    reasons    jsonb,
    staged_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT staged_voters_pkey PRIMARY KEY (import_id, line)
);
ALTER TABLE staged_voters ALTER COLUMN import_id SET STATISTICS 0, ALTER COLUMN kind SET STATISTICS 0, ALTER COLUMN email SET STATISTICS 0,
    ALTER COLUMN first_name SET STATISTICS 0, ALTER COLUMN last_name SET STATISTICS 0, ALTER COLUMN student_id SET STATISTICS 0,
    ALTER COLUMN cohort SET STATISTICS 0, ALTER COLUMN reasons SET STATISTICS 0;
COMMENT ON TABLE staged_voters IS
'The lines of a file that is being imported. They are written in short transactions that lock nothing of the election; then one
statement moves the new ones to the roll, all or none. Unlogged, because nothing here has to survive a crash, and so that no line reaches
the write-ahead log or a backup: an import counts its rows before it moves them, so one that finds too few moves none. Lines are deleted
after the import, and an hour after they were written at the latest; forget_staged_voters then empties the file of the table.';
COMMENT ON COLUMN staged_voters.kind IS
'new lines go to the roll. The others are there only for the preview of a waiting import (voter_imports), and are cut to 300 characters a cell.';
COMMENT ON COLUMN staged_voters.reasons IS
'Why a line is no new one: a list of field, message, code and params.';
GRANT SELECT, INSERT, DELETE, UPDATE (kind, reasons) ON staged_voters TO admin_service;

CREATE UNLOGGED TABLE voter_imports (
    import_id       uuid NOT NULL CONSTRAINT voter_imports_pkey PRIMARY KEY,
    election_id     bigint NOT NULL CONSTRAINT voter_imports_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    new             bigint NOT NULL,
    duplicates      bigint NOT NULL,
    rejected        bigint NOT NULL,
    sheet           text,
    ignored_columns text[] NOT NULL,
    ignored_sheets  text[] NOT NULL,
    uploaded_at     timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    CONSTRAINT voter_imports_one_waiting UNIQUE (election_id)
);
ALTER TABLE voter_imports ALTER COLUMN import_id SET STATISTICS 0, ALTER COLUMN sheet SET STATISTICS 0,
    ALTER COLUMN ignored_columns SET STATISTICS 0, ALTER COLUMN ignored_sheets SET STATISTICS 0;
COMMENT ON TABLE voter_imports IS
'Files of voters that wait for their organiser to confirm them; the lines are in staged_voters. Unlogged like these, so both are empty
after a crash, and the file is sent again.';
COMMENT ON COLUMN voter_imports.expires_at IS 'An hour after the upload. From then on nobody can read or confirm it.';
COMMENT ON CONSTRAINT voter_imports_one_waiting ON voter_imports IS 'A newer file of an election takes the place of the older one.';
GRANT SELECT, INSERT, DELETE, UPDATE (new, duplicates, rejected) ON voter_imports TO admin_service;

CREATE FUNCTION staged_with_import() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM staged_voters s WHERE s.import_id = OLD.import_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION staged_with_import() FROM PUBLIC;
COMMENT ON FUNCTION staged_with_import() IS
'The lines of a waiting import go with it, whoever deletes it: a confirmation, a newer file, the clock, or the deletion of the draft.';
CREATE TRIGGER voter_imports_lines AFTER DELETE ON voter_imports FOR EACH ROW EXECUTE FUNCTION staged_with_import();

CREATE FUNCTION forget_staged_voters() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '50ms' AS $$
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
REVOKE ALL ON FUNCTION forget_staged_voters() FROM PUBLIC;
COMMENT ON FUNCTION forget_staged_voters() IS
'Gives the table of staged lines an empty file when no line waits: PostgreSQL leaves deleted rows in the file until others are written
over them. Waits for 50 ms at the most, because everybody who imports waits behind it; an error then, and the next minute tries again.';
GRANT EXECUTE ON FUNCTION forget_staged_voters() TO admin_service;

-- Frozen roll, frozen links ----------------------------------------------------------------------------------------------
-- The owner's functions are let through: they change the roll while voting is open, and leave an amendment.

CREATE TRIGGER voters_frozen_insert AFTER INSERT ON voters REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');
CREATE TRIGGER voters_frozen_update AFTER UPDATE ON voters REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');
CREATE TRIGGER voters_frozen_delete AFTER DELETE ON voters REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');
CREATE TRIGGER voting_tokens_frozen_insert AFTER INSERT ON voting_tokens REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');
CREATE TRIGGER voting_tokens_frozen_update AFTER UPDATE ON voting_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');
CREATE TRIGGER voting_tokens_frozen_delete AFTER DELETE ON voting_tokens REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');

CREATE FUNCTION used_right_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = 'used_right_kept', MESSAGE = 'a used link can neither be changed nor removed';
END $$;
REVOKE ALL ON FUNCTION used_right_kept() FROM PUBLIC;
CREATE TRIGGER voting_tokens_used_right_kept BEFORE UPDATE OR DELETE ON voting_tokens
    FOR EACH ROW WHEN (OLD.is_used AND current_user <> 'uvote_owner') EXECUTE FUNCTION used_right_kept();
COMMENT ON FUNCTION used_right_kept() IS
'A used right is half of "one voter, one ballot": without it the voter could be given another one, and the spent list would miss
one. Only the owner''s functions touch it.';

-- Reading ----------------------------------------------------------------------------------------------------------------
-- Functions that read a leaf are plpgsql with plans made for each call. The body of an SQL function is planned without its
-- arguments, and such a plan locks the leaves of all elections. They are VOLATILE, although they change nothing: a STABLE function
-- looks with the snapshot of its caller. If it had to wait for a leaf that is being written anew, it would then find it empty.

CREATE FUNCTION link_ends_at(expires_at timestamptz, runs_to_close boolean, closes_at timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN runs_to_close THEN greatest(expires_at, closes_at) ELSE expires_at END;
REVOKE ALL ON FUNCTION link_ends_at(timestamptz, boolean, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION link_ends_at(timestamptz, boolean, timestamptz) IS
'When a link ends. The only place that knows it. A link that runs to the close ends with the voting, wherever that end is moved to.';

CREATE FUNCTION sent_by_organiser(origin text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN origin IN ('invitation', 'resend', 'correction');
REVOKE ALL ON FUNCTION sent_by_organiser(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sent_by_organiser(text) TO admin_service;
COMMENT ON FUNCTION sent_by_organiser(text) IS
'Whether the organiser had a link of this origin sent, to a voter of their choice. Everything that an organiser sees about a voter
goes by these links alone. A link that the voter asked for would show that they had not voted before, and a reminder goes only to
voters who have not voted.';

CREATE TABLE links_sent (
    election_id bigint PRIMARY KEY CONSTRAINT links_sent_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE
);
COMMENT ON TABLE links_sent IS
'The elections whose organiser has had a link sent. The row comes with the first link and stays when the voters who got one are taken off the
roll again. A table of its own and no column of elections: whoever sends links holds the election FOR SHARE, and so do others.';

CREATE FUNCTION links_sent_noted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO links_sent (election_id)
    SELECT DISTINCT n.election_id FROM new_rows n WHERE sent_by_organiser(n.origin)
        AND NOT EXISTS (SELECT FROM links_sent l WHERE l.election_id = n.election_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION links_sent_noted() FROM PUBLIC;
CREATE TRIGGER voting_tokens_links_sent_noted AFTER INSERT ON voting_tokens REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION links_sent_noted();
COMMENT ON FUNCTION links_sent_noted() IS 'Keeps links_sent.';

CREATE FUNCTION links_were_sent(election bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM links_sent l WHERE l.election_id = election)
$$;
REVOKE ALL ON FUNCTION links_were_sent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_were_sent(bigint) TO election_service;
COMMENT ON FUNCTION links_were_sent(bigint) IS
'Whether the organiser ever had a link of this election sent: then people may wait for it, and it is not deleted any more. Links that voters
asked for do not count: the refusal would tell the organiser that somebody asked.';

CREATE FUNCTION roll_is_empty(election bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM voters v WHERE v.election_id = election AND NOT v.deleted);
END $$;
REVOKE ALL ON FUNCTION roll_is_empty(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_is_empty(bigint) TO election_service;
COMMENT ON FUNCTION roll_is_empty(bigint) IS 'Whether nobody could vote: such an election does not open.';

CREATE FUNCTION links_unsent(election bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM voters v WHERE v.election_id = election AND NOT v.deleted
        AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = v.voter_id AND sent_by_organiser(t.origin)));
END $$;
REVOKE ALL ON FUNCTION links_unsent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_unsent(bigint) TO election_service;
COMMENT ON FUNCTION links_unsent(bigint) IS 'To how many voters on the roll the organiser has sent no link: activation warns of them.';

CREATE FUNCTION look_up_token(election bigint, token_hash bytea)
RETURNS TABLE (election_id bigint, title text, status text, profile text, opens_at timestamptz, closes_at timestamptz,
               expires_at timestamptz, is_used boolean, revoked boolean, email_hint text, manifest_hash bytea, now timestamptz, spend_id bytea,
               halted boolean)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT e.election_id, e.title, e.status, e.profile, e.opens_at, e.closes_at,
           link_ends_at(t.expires_at, t.runs_to_close, e.closes_at), t.is_used, t.revoked, t.email_hint, m.hash,
           clock_timestamp(), t.spend_id,
           EXISTS (SELECT FROM chain_heads h WHERE h.election_id = e.election_id AND h.halted_at IS NOT NULL)
    FROM voting_tokens t JOIN elections e ON e.election_id = t.election_id LEFT JOIN manifests m ON m.election_id = t.election_id
    WHERE t.election_id = election AND t.token_hash = look_up_token.token_hash;
END $$;
REVOKE ALL ON FUNCTION look_up_token(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_up_token(bigint, bytea) TO voting_service;
COMMENT ON FUNCTION look_up_token(bigint, bytea) IS
'Everything about one link but whose it is, and the spent code, which the voting page prints as the mail does. Voting has this
function instead of SELECT: it can look at the link it was shown, and at no list of who has voted. The token names its election, so
the search goes into one leaf whatever the number of elections. Column now is the clock of the database: one clock decides.';

-- The roll once voting has begun -----------------------------------------------------------------------------------------
-- No service may write the roll then. Only these functions change it, and each change leaves an amendment that everybody can read.

CREATE FUNCTION add_late_voters(election bigint, why text, emails text[], first_names text[], last_names text[], student_ids text[], cohorts text[])
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]) TO admin_service;
COMMENT ON FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]) IS
'Adds voters who were forgotten, and announces it: how many and why, not who. An address that is on the roll is skipped. A student
number of somebody else is refused by its constraint, and then nobody is added. Answers the numbers of the new voters. The caller
holds the election and has asked the rule; it is asked again here, by the clock that decides.';

CREATE FUNCTION remove_unlinked_voter(election bigint, voter bigint) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION remove_unlinked_voter(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_unlinked_voter(bigint, bigint) TO admin_service;
COMMENT ON FUNCTION remove_unlinked_voter(bigint, bigint) IS
'Takes somebody off the roll of an active election who cannot have a link, and announces it. Outcomes: removed | linked | unknown.
linked: the organiser had a link sent, even one that is replaced by now, because whoever was told that they may vote, may; or the
voter has a student number, with which they could have asked for a link themselves. The answer must not depend on whether they did:
it would tell who had not voted then. And somebody who asked and has voted can never be removed.';

CREATE FUNCTION correct_voter(election bigint, voter bigint, new_email text, new_first_name text, new_last_name text, new_student_id text,
                              new_cohort text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION correct_voter(bigint, bigint, text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION correct_voter(bigint, bigint, text, text, text, text, text) TO admin_service;
COMMENT ON FUNCTION correct_voter(bigint, bigint, text, text, text, text, text) IS
'Corrects an entry of the roll, whether its voter has voted or not: a refusal would tell the organiser who has. When the address
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

CREATE FUNCTION lock_links(election bigint, voter bigint, OUT any_link boolean, OUT was_sent boolean, OUT used boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = voter ORDER BY t.token_id FOR UPDATE;
    SELECT count(*) > 0, coalesce(bool_or(sent_by_organiser(t.origin)), false), coalesce(bool_or(t.is_used), false)
    INTO any_link, was_sent, used
    FROM voting_tokens t WHERE t.election_id = election AND t.voter_id = voter;
END $$;
REVOKE ALL ON FUNCTION lock_links(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION lock_links(bigint, bigint) IS
'Locks the links of one voter by their numbers, and answers afterwards: whether there is one, whether the organiser had one sent,
whether one is used.';

-- A voter asks for a link ------------------------------------------------------------------------------------------------

CREATE FUNCTION request_link(election bigint, request uuid, student text, address text, link_hash bytea, link_mail bytea, recorded_mail bytea,
                             only_verified boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean) TO voting_service;
COMMENT ON FUNCTION request_link(bigint, uuid, text, text, bytea, bytea, bytea, boolean) IS
'For a voter of this election with this number and address, up to three times in 24 hours: a new link, which replaces the live one,
and its mail. Whoever has used their right gets the other mail and no link, and is counted alike. Anything else does nothing. The
answer is always empty, so neither the person who asks nor the voting service learns anything. The caller cannot know which mail it
will be, so it brings both, encrypted under the key of its outbox and the number of the request. Locks: election, voter, links by
number. A ballot that is being recorded with the old link is waited for, or waits.';

CREATE FUNCTION may_be_mailed(organiser bigint, address text, only_verified boolean) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM admins a WHERE a.admin_id = organiser
        AND (NOT only_verified OR a.email_verified_at IS NOT NULL OR lower(a.email) = lower(address)))
$$;
REVOKE ALL ON FUNCTION may_be_mailed(bigint, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION may_be_mailed(bigint, text, boolean) IS
'Outside local mode an organiser whose own address nobody has verified has mails sent to that address only. Without this, whoever
registers could have strangers mailed, by a roll and a title of their choice.';

CREATE FUNCTION count_link_request(election bigint, voter bigint, request uuid, asked_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION count_link_request(bigint, bigint, uuid, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION count_link_request(bigint, bigint, uuid, timestamptz) IS
'Counts a request for a link. False for the fourth within 24 hours, and for one that is counted already. The voter is locked.';

CREATE FUNCTION replace_link(election bigint, voter bigint, code bytea, link_hash bytea, hint text, works_from timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
REVOKE ALL ON FUNCTION replace_link(bigint, bigint, bytea, bytea, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION replace_link(bigint, bigint, bytea, bytea, text, timestamptz) IS
'Ends the live link of a voter who asked for another, and makes that one. It lives for 30 minutes, or as long as the one it
replaces, to the close if that one did: whoever asks must not lose days. Before the opening the 30 minutes begin with it, or the
link would be dead before it could be used. Voter and links are locked.';

CREATE FUNCTION stop_reminders(election bigint, code bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM FROM elections e WHERE e.election_id = election AND e.status IN ('draft', 'scheduled', 'active') FOR SHARE;
    IF FOUND THEN
        UPDATE voters v SET reminders_stopped = true
        WHERE v.election_id = election AND v.reminder_code = code AND NOT v.deleted AND NOT v.reminders_stopped;
    END IF;
END $$;
REVOKE ALL ON FUNCTION stop_reminders(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stop_reminders(bigint, bytea) TO voting_service;
COMMENT ON FUNCTION stop_reminders(bigint, bytea) IS
'No more reminders for the voter with this code. Links still reach them, and the one they have stays as it is. Once the election is
closed there is nothing left to stop, and the roll stays as the close has written it.';

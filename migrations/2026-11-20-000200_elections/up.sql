-- An election: its settings, its life, the ballot paper, the keys, and what was announced about it.

CREATE TABLE elections (
    election_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    admin_id             bigint NOT NULL CONSTRAINT elections_admin_fkey REFERENCES admins (admin_id),
    title                text NOT NULL CONSTRAINT elections_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    description          text CONSTRAINT elections_description_length CHECK (char_length(description) <= 10000),
    status               text NOT NULL DEFAULT 'draft'
        CONSTRAINT elections_status_known CHECK (status IN ('draft', 'scheduled', 'active', 'closed', 'archived')),
    profile              text NOT NULL DEFAULT 'simple'
        CONSTRAINT elections_profile_known CHECK (profile IN ('simple', 'verified', 'both')),
    publish              text NOT NULL DEFAULT 'together'
        CONSTRAINT elections_publish_known CHECK (publish IN ('together', 'manual')),
    custody              text NOT NULL DEFAULT 'server' CONSTRAINT elections_custody_known CHECK (custody IN ('server')),
    opens_at             timestamptz,
    closes_at            timestamptz,
    locale               text NOT NULL DEFAULT 'en' CONSTRAINT elections_locale_length CHECK (char_length(locale) BETWEEN 2 AND 35),
    timezone             text NOT NULL DEFAULT 'UTC' CONSTRAINT elections_timezone_length CHECK (char_length(timezone) BETWEEN 1 AND 64),
    created_at           timestamptz NOT NULL DEFAULT now(),
    activated_at         timestamptz,
    closed_at            timestamptz,
    archived_at          timestamptz,
    anonymised_at        timestamptz,
    not_opened_told_at   timestamptz,
    results_published_at timestamptz,
    CONSTRAINT elections_times_in_order CHECK (closes_at > opens_at)
);
CREATE INDEX elections_admin ON elections (admin_id, election_id);
CREATE INDEX elections_status ON elections (status);
CREATE INDEX elections_opening ON elections (opens_at) WHERE status = 'scheduled';
CREATE INDEX elections_closing ON elections (closes_at) WHERE status = 'active';
COMMENT ON TABLE elections IS
'Settings and life of an election. Written by the election service. What activation fixes is in manifests, how far the closing
has come in tallies, what was committed to in box_commitments.';
COMMENT ON COLUMN elections.publish IS 'together: the result is public when it is counted. manual: when its admin publishes it.';
COMMENT ON COLUMN elections.custody IS 'Who keeps the private seal key. server: the installation.';
COMMENT ON COLUMN elections.locale IS 'BCP 47 tag of a language that the service has a catalogue for: in it the mails are written.';
COMMENT ON COLUMN elections.timezone IS 'Name in the IANA database: mails and pages show times in it, and UTC beside it.';
COMMENT ON COLUMN elections.activated_at IS 'When voting opened. The rules may have been fixed earlier: see status scheduled.';
COMMENT ON COLUMN elections.anonymised_at IS 'When the people of this archived election were forgotten (anonymise_election).';
COMMENT ON COLUMN elections.not_opened_told_at IS
'When its admin was last told that voting did not open: nobody was on the roll, or the end had passed.';
COMMENT ON INDEX elections_opening IS 'The worker that opens elections by the clock looks here every second.';
COMMENT ON INDEX elections_closing IS 'The worker that closes elections by the clock looks here every second.';
-- An election begins as a draft, and when it was closed is written by begin_close: neither is the service's to set.
GRANT SELECT, DELETE, INSERT (admin_id, title, description, profile, publish, custody, opens_at, closes_at, locale, timezone),
      UPDATE (title, description, status, profile, publish, custody, opens_at, closes_at, locale, timezone, activated_at, archived_at,
              not_opened_told_at, results_published_at) ON elections TO election_service;
GRANT SELECT (election_id, title, description, status, profile, opens_at, closes_at, locale, timezone, results_published_at) ON elections TO voting_service;
GRANT SELECT (election_id, admin_id, title, status, opens_at, closes_at, closed_at, archived_at, anonymised_at, results_published_at,
              publish, profile, locale, timezone) ON elections TO admin_service;
GRANT SELECT ON elections TO results_service;
GRANT SELECT (election_id, admin_id) ON elections TO audit_service;

CREATE TABLE manifests (
    election_id   bigint PRIMARY KEY CONSTRAINT manifests_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    bytes         bytea NOT NULL,
    hash          bytea NOT NULL CONSTRAINT manifests_hash_width CHECK (octet_length(hash) = 32),
    sealed_len    integer NOT NULL,
    plaintext_len integer NOT NULL
);
COMMENT ON TABLE manifests IS
'What activation fixes. Inserted once, in the transaction in which the election stops to be a draft, and never changed. It goes
only together with its election.';
COMMENT ON COLUMN manifests.bytes IS 'The canonical bytes (docs/protocol.md, section 5.1).';
COMMENT ON COLUMN manifests.hash IS 'SHA-256 of bytes. Every ballot is bound to it.';
COMMENT ON COLUMN manifests.sealed_len IS 'The length that every sealed ballot has.';
COMMENT ON COLUMN manifests.plaintext_len IS 'The length that every ballot has before it is sealed.';
GRANT SELECT, INSERT ON manifests TO election_service;
GRANT SELECT ON manifests TO voting_service, results_service;

CREATE TABLE contests (
    contest_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id   bigint NOT NULL CONSTRAINT contests_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    title         text NOT NULL CONSTRAINT contests_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    text          text CONSTRAINT contests_text_length CHECK (char_length(text) BETWEEN 1 AND 20000),
    rule          jsonb NOT NULL CONSTRAINT contests_rule_named
        CHECK (jsonb_typeof(rule) = 'object' AND jsonb_typeof(rule -> 'method') = 'string' IS TRUE),
    ballot_order  text NOT NULL DEFAULT 'fixed' CONSTRAINT contests_ballot_order_known CHECK (ballot_order IN ('fixed', 'rotated')),
    display_order integer NOT NULL DEFAULT 1,
    CONSTRAINT contests_text_of_motion CHECK ((rule ->> 'method' = 'motion') = (text IS NOT NULL)),
    CONSTRAINT contests_election_contest_key UNIQUE (election_id, contest_id)
);
COMMENT ON TABLE contests IS 'The questions of an election, one or more. Written by the election service.';
COMMENT ON COLUMN contests.text IS 'The text of a motion; no other contest has one.';
COMMENT ON COLUMN contests.rule IS
'How it is counted: the method with the fields that it has. What they are, and whether they fit each other, says the crate counting.';
COMMENT ON COLUMN contests.ballot_order IS 'rotated: every link shows the candidates from another one on.';
GRANT SELECT, INSERT, UPDATE, DELETE ON contests TO election_service;
GRANT SELECT ON contests TO voting_service, admin_service;

CREATE TABLE uploads (
    path        text PRIMARY KEY CONSTRAINT uploads_path_form CHECK (path ~ '^/uploads/[0-9a-f]{64}\.(jpg|pdf)$'),
    bytes       bytea NOT NULL CONSTRAINT uploads_bytes_length CHECK (octet_length(bytes) BETWEEN 1 AND 5242880),
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uploads_path_is_hash CHECK (substr(path, 10, 64) = encode(sha256(bytes), 'hex'))
);
-- Pictures and PDF files are compressed already.
ALTER TABLE uploads ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE uploads IS
'Pictures of candidates and their programmes as PDF, each under the SHA-256 of its bytes. The candidates name the paths, and the manifest
covers these. A row that no candidate names any more is deleted by a worker of the admin service.';
COMMENT ON COLUMN uploads.path IS 'Where the gateway serves it.';
CREATE TRIGGER uploads_never_changed BEFORE UPDATE ON uploads FOR EACH ROW EXECUTE FUNCTION never();
GRANT SELECT (path, bytes), INSERT (path, bytes), DELETE ON uploads TO admin_service;

CREATE TABLE candidates (
    candidate_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id   bigint NOT NULL CONSTRAINT candidates_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    contest_id    bigint NOT NULL,
    name          text NOT NULL CONSTRAINT candidates_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
    description   text CONSTRAINT candidates_description_length CHECK (char_length(description) <= 10000),
    photo_url     text CONSTRAINT candidates_photo_fkey REFERENCES uploads (path),
    display_order integer NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    standing      text NOT NULL DEFAULT 'stands' CONSTRAINT candidates_standing_known
        CHECK (standing IN ('stands', 'option', 'none_of_the_above')),
    party         text CONSTRAINT candidates_party_length CHECK (char_length(party) BETWEEN 1 AND 255),
    vision        text CONSTRAINT candidates_vision_length CHECK (char_length(vision) BETWEEN 1 AND 10000),
    programme     text CONSTRAINT candidates_programme_length CHECK (char_length(programme) BETWEEN 1 AND 10000),
    link          text CONSTRAINT candidates_link_form CHECK (char_length(link) <= 2000 AND link ~ '^https?://'),
    thumbnail_url text CONSTRAINT candidates_thumbnail_fkey REFERENCES uploads (path),
    programme_file_url text CONSTRAINT candidates_programme_file_fkey REFERENCES uploads (path),
    CONSTRAINT candidates_photo_has_thumbnail CHECK ((photo_url IS NULL) = (thumbnail_url IS NULL)),
    CONSTRAINT candidates_contest_fkey FOREIGN KEY (election_id, contest_id)
        REFERENCES contests (election_id, contest_id) ON DELETE CASCADE
);
CREATE INDEX candidates_election ON candidates (election_id, contest_id, display_order, candidate_id);
CREATE UNIQUE INDEX candidates_name_key ON candidates (contest_id, lower(name));
CREATE INDEX candidates_photo ON candidates (photo_url) WHERE photo_url IS NOT NULL;
CREATE INDEX candidates_thumbnail ON candidates (thumbnail_url) WHERE thumbnail_url IS NOT NULL;
CREATE INDEX candidates_programme_file ON candidates (programme_file_url) WHERE programme_file_url IS NOT NULL;
COMMENT ON TABLE candidates IS
'Who stands in which contest. Written by the admin service; what a rule puts on the ballot itself, by the election service.';
COMMENT ON COLUMN candidates.standing IS
'stands for people. The options of a motion and "None of the above" are made and deleted together with the rule of their contest. Who
withdrew after the activation is an amendment, not a change of this row.';
COMMENT ON COLUMN candidates.description IS 'Their statement: what stands on the ballot below the name.';
COMMENT ON COLUMN candidates.link IS 'A page of their own; voters can open it.';
COMMENT ON COLUMN candidates.thumbnail_url IS 'The photo as a small square, for the ballot.';
COMMENT ON COLUMN candidates.programme_file_url IS 'The programme as a PDF.';
COMMENT ON INDEX candidates_name_key IS 'Two candidates of one name in one contest could not be told apart on the ballot.';
GRANT SELECT, DELETE, INSERT (election_id, contest_id, name, description, display_order, party, vision, programme, link),
    UPDATE (name, description, display_order, party, vision, programme, link, photo_url, thumbnail_url, programme_file_url)
    ON candidates TO admin_service;
-- With what is said of them: a copy of an election can take its candidates along.
GRANT SELECT, DELETE, INSERT (election_id, contest_id, name, display_order, standing, description, party, vision, programme, link, photo_url,
    thumbnail_url, programme_file_url) ON candidates TO election_service;
GRANT SELECT ON candidates TO voting_service, results_service;

CREATE TABLE election_keys (
    election_id     bigint NOT NULL CONSTRAINT election_keys_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    purpose         text NOT NULL CONSTRAINT election_keys_purpose_known CHECK (purpose IN ('seal', 'stamp')),
    public_key      bytea NOT NULL,
    private_wrapped bytea NOT NULL,
    PRIMARY KEY (election_id, purpose)
);
COMMENT ON TABLE election_keys IS
'Seal and stamp key pairs of an election. seal_box deletes the stamp key. Voting needs the stamp key and must never see the seal
key, not even encrypted: row-level security shows it only the stamp key.';
COMMENT ON COLUMN election_keys.private_wrapped IS 'Encrypted under a key file that is not in the database.';
ALTER TABLE election_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY election_keys_all ON election_keys TO election_service USING (true) WITH CHECK (true);
CREATE POLICY election_keys_stamp ON election_keys FOR SELECT TO voting_service USING (purpose = 'stamp');
GRANT SELECT, INSERT ON election_keys TO election_service;
GRANT SELECT ON election_keys TO voting_service;

CREATE TABLE amendments (
    amendment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL CONSTRAINT amendments_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    kind         text NOT NULL CONSTRAINT amendments_kind_known
        CHECK (kind IN ('voter_added', 'voter_removed', 'closes_at_moved', 'candidate_withdrawn', 'recording_resumed')),
    reason       text NOT NULL CONSTRAINT amendments_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000),
    details      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX amendments_election ON amendments (election_id, amendment_id);
COMMENT ON TABLE amendments IS
'What was changed after the rules were fixed. Everybody reads it with the ballot and with the result. It names no voter.';
GRANT SELECT, INSERT (election_id, kind, reason, details) ON amendments TO election_service;
GRANT SELECT ON amendments TO voting_service, results_service;

CREATE FUNCTION withdrawals_come_before_the_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
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
CREATE TRIGGER amendments_withdrawals_come_before_the_end BEFORE INSERT ON amendments FOR EACH ROW
    WHEN (NEW.kind = 'candidate_withdrawn') EXECUTE FUNCTION withdrawals_come_before_the_end();
COMMENT ON FUNCTION withdrawals_come_before_the_end() IS
'The count skips who withdrew. Whoever could withdraw a candidate after a look at the ballots would choose the winner.';

-- What may no longer be changed, and from when on ------------------------------------------------------------------------
-- The services check the same rules first and explain a refusal. These triggers refuse when a service has a bug, or when two
-- requests run at the same time.

CREATE FUNCTION elections_keep_their_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION elections_keep_their_rules() FROM PUBLIC;
CREATE TRIGGER elections_keep_their_rules BEFORE UPDATE ON elections FOR EACH ROW EXECUTE FUNCTION elections_keep_their_rules();
COMMENT ON FUNCTION elections_keep_their_rules() IS
'Refuses a step back in the life of an election (status_backwards), an activation without a manifest (manifest_missing), and a
change of what is fixed (settings_locked).';

CREATE FUNCTION elections_begin_as_drafts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM refuse('status_backwards', 'an election begins as a draft');
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION elections_begin_as_drafts() FROM PUBLIC;
CREATE TRIGGER elections_begin_as_drafts BEFORE INSERT ON elections FOR EACH ROW WHEN (NEW.status <> 'draft')
    EXECUTE FUNCTION elections_begin_as_drafts();
COMMENT ON FUNCTION elections_begin_as_drafts() IS
'An election that is inserted in a later state would have no manifest and no tally.';

CREATE FUNCTION elections_deleted_as_drafts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.status NOT IN ('draft', 'scheduled') OR OLD.status = 'scheduled' AND links_were_sent(OLD.election_id) THEN
        PERFORM refuse('not_a_draft', format('election %s is no draft any more; archive it instead', OLD.election_id));
    END IF;
    RETURN OLD;
END $$;
REVOKE ALL ON FUNCTION elections_deleted_as_drafts() FROM PUBLIC;
CREATE TRIGGER elections_deleted_as_drafts BEFORE DELETE ON elections FOR EACH ROW EXECUTE FUNCTION elections_deleted_as_drafts();
COMMENT ON FUNCTION elections_deleted_as_drafts() IS
'Only a draft is deleted, or a scheduled election of which the organiser has had no link sent: nobody could vote in it. Whoever had
asked for a link themselves finds it unknown. Its head goes with it; a ballot would keep the head, and so the election.';

CREATE FUNCTION goes_with_its_election() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM elections e WHERE e.election_id = OLD.election_id) THEN
        PERFORM refuse(TG_TABLE_NAME || '_immutable', format('a row of %s goes only together with its election', TG_TABLE_NAME));
    END IF;
    RETURN OLD;
END $$;
REVOKE ALL ON FUNCTION goes_with_its_election() FROM PUBLIC;
COMMENT ON FUNCTION goes_with_its_election() IS 'Trigger that lets a row be deleted only when its election was deleted in the same statement.';
CREATE TRIGGER manifests_never_changed BEFORE UPDATE ON manifests FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER manifests_never_deleted BEFORE DELETE ON manifests FOR EACH ROW EXECUTE FUNCTION goes_with_its_election();
CREATE TRIGGER manifests_never_emptied BEFORE TRUNCATE ON manifests FOR EACH STATEMENT EXECUTE FUNCTION never();
ALTER TABLE manifests ENABLE ALWAYS TRIGGER manifests_never_changed;
ALTER TABLE manifests ENABLE ALWAYS TRIGGER manifests_never_deleted;
ALTER TABLE manifests ENABLE ALWAYS TRIGGER manifests_never_emptied;

CREATE FUNCTION only_while() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION only_while() FROM PUBLIC;
COMMENT ON FUNCTION only_while() IS
'Trigger for tables whose rows may be written only in some states of their election. Argument 1 is the name of the refusal, the
others are the states. It runs after the statement, once for all its rows (an import has 20,000). An election that is gone is
being deleted, as a draft, in this very transaction: its rows may go with it.';

CREATE TRIGGER contests_frozen_insert AFTER INSERT ON contests REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');
CREATE TRIGGER contests_frozen_update AFTER UPDATE ON contests REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');
CREATE TRIGGER contests_frozen_delete AFTER DELETE ON contests REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');
CREATE TRIGGER candidates_frozen_insert AFTER INSERT ON candidates REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');
CREATE TRIGGER candidates_frozen_update AFTER UPDATE ON candidates REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');
CREATE TRIGGER candidates_frozen_delete AFTER DELETE ON candidates REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION only_while('election_frozen', 'draft');

-- For the services -------------------------------------------------------------------------------------------------------

CREATE FUNCTION hold_election(election bigint) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.status FROM elections e WHERE e.election_id = election FOR SHARE
$$;
REVOKE ALL ON FUNCTION hold_election(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_election(bigint) TO admin_service;
COMMENT ON FUNCTION hold_election(bigint) IS
'Holds an election as it is until the end of the transaction, and answers its status. The admin service has no right to lock
elections itself. It calls this before its first write, because the lock order is: election, head, voter, links. The triggers that
freeze candidates and the roll take the election only after the statement, when rows are locked already.';

CREATE FUNCTION amendments_of(election bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('amendment_id', a.amendment_id, 'kind', a.kind, 'reason', a.reason,
                                                 'created_at', a.created_at) || a.details ORDER BY a.amendment_id), '[]')::text
    FROM amendments a WHERE a.election_id = election
$$;
REVOKE ALL ON FUNCTION amendments_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amendments_of(bigint) TO election_service, voting_service;
COMMENT ON FUNCTION amendments_of(bigint) IS
'The amendments of an election as JSON, oldest first, as every service shows them. It runs with the rights of the caller.';

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
    -- With the new end voting may fail to open for another reason, so the organiser gets a new mail then.
    UPDATE elections e SET closes_at = later, not_opened_told_at = NULL WHERE e.election_id = election;
    INSERT INTO amendments (election_id, kind, reason, details)
    VALUES (election, 'closes_at_moved', why, jsonb_build_object('previous_closes_at', was.closes_at, 'closes_at', later));
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION move_closing(bigint, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION move_closing(bigint, timestamptz, text) TO election_service;
COMMENT ON FUNCTION move_closing(bigint, timestamptz, text) IS
'Moves the end of voting to a later time, and announces it. It writes one row: links that run to the close end when the election
says (link_ends_at). Neither the head nor a link is locked, so no ballot waits. A ballot that is recorded at the same time is judged
by the old end or by the new one; the later end only lets more in. Returns false when the end has come meanwhile, by the clock of
the database: a close may have begun, and a later end must not be announced after it. A
scheduled election whose end has passed does not open, so its
end can still be moved, to a time that is still to come.';

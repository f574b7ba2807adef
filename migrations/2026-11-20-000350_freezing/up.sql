-- What may no longer be changed, and from when on. The services ask the same rules first and answer in words; these
-- triggers hold when a service is wrong, or when two requests cross. Every refusal has SQLSTATE UV001 and a constraint
-- name, by which it is matched: settings_locked, status_backwards, commitment_locked, not_a_draft, election_frozen,
-- roll_frozen, links_frozen, used_right_kept.

CREATE FUNCTION refuse(name text, message text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = name, MESSAGE = message;
END $$;
REVOKE ALL ON FUNCTION refuse(text, text) FROM PUBLIC;

-- Whether a link of this election was ever sent, whoever asked for it.
CREATE FUNCTION links_were_made(election bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = election)
$$;
REVOKE ALL ON FUNCTION links_were_made(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION links_were_made(bigint) TO election_service;

CREATE FUNCTION elections_keep_their_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION elections_keep_their_rules() FROM PUBLIC;
CREATE TRIGGER elections_keep_their_rules BEFORE UPDATE OR DELETE ON elections
    FOR EACH ROW EXECUTE FUNCTION elections_keep_their_rules();

-- One function for every table whose rows may be written only in some states of their election: argument 1 is the name of
-- the refusal, the others are the states. It runs after the statement and once for all its rows (an import has 20,000).
--
-- The election is taken FOR SHARE, so that activation and closing wait for a change under way, or it for them. But first it
-- is read without a lock: whoever finds it too late leaves at once instead of waiting with rows locked.
-- Not for links: a resend holds a link, a cast holds the head and waits for that link, a close holds the election and waits
-- for the head; a resend that now waited for the election would close the circle (seen within a second). It needs no lock: a
-- link that crosses a close can no longer be used, and a used one cannot be touched.
-- An election that is gone is being deleted, as a draft, in this very transaction: its rows may go with it.
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
REVOKE ALL ON FUNCTION only_while() FROM PUBLIC;

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

-- The roll: free until voting starts, then changed only by definer functions, which run as the owner and leave an amendment.
CREATE TRIGGER voters_frozen_insert AFTER INSERT ON voters REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');
CREATE TRIGGER voters_frozen_update AFTER UPDATE ON voters REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');
CREATE TRIGGER voters_frozen_delete AFTER DELETE ON voters REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner') EXECUTE FUNCTION only_while('roll_frozen', 'draft', 'scheduled');

-- Links may be made and revoked until the election closes.
CREATE TRIGGER voting_tokens_frozen_insert AFTER INSERT ON voting_tokens REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner')
    EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');
CREATE TRIGGER voting_tokens_frozen_update AFTER UPDATE ON voting_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner')
    EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');
CREATE TRIGGER voting_tokens_frozen_delete AFTER DELETE ON voting_tokens REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT WHEN (current_user <> 'uvote_owner')
    EXECUTE FUNCTION only_while('links_frozen', 'draft', 'scheduled', 'active');

-- A used right is half of "one voter, one ballot": without it the voter could be given another, and the spent list would
-- miss one. Only the owner's functions touch it.
CREATE FUNCTION used_right_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = 'used_right_kept', MESSAGE = 'a used link can neither be changed nor removed';
END $$;
REVOKE ALL ON FUNCTION used_right_kept() FROM PUBLIC;
CREATE TRIGGER voting_tokens_used_right_kept BEFORE UPDATE OR DELETE ON voting_tokens
    FOR EACH ROW WHEN (OLD.is_used AND current_user <> 'uvote_owner') EXECUTE FUNCTION used_right_kept();

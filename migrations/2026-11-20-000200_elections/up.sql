-- An election and what closing it has reached. Written by the election service.
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
    created_at           timestamptz NOT NULL DEFAULT now(),
    activated_at         timestamptz,
    closed_at            timestamptz,
    archived_at          timestamptz,
    -- When its admin was last told that voting did not open: nobody was on the roll, or the end had passed.
    not_opened_told_at   timestamptz,
    results_published_at timestamptz,
    -- Frozen at activation: the canonical bytes of the manifest, their SHA-256, and the two lengths every ballot has.
    manifest             bytea,
    manifest_hash        bytea CONSTRAINT elections_manifest_hash_width CHECK (octet_length(manifest_hash) = 32),
    sealed_len           integer,
    plaintext_len        integer,
    -- Closing: where it stands, what stopped it, and how far the slow step has come.
    tally_state          text CONSTRAINT elections_tally_state_known
        CHECK (tally_state IN ('grace', 'sealed', 'rewritten', 'opening', 'opened', 'failed')),
    tally_failed_in      text,
    tally_error          text,
    tally_done           bigint NOT NULL DEFAULT 0,
    tally_total          bigint NOT NULL DEFAULT 0,
    grace_ends_at        timestamptz,
    -- The box commitment: what seal_box found, all of it in one signed statement that is mailed to the organiser before the seal
    -- key is used. How many ballots, SHA-256 over their digests; how many rights were used, SHA-256 over the spent list; how
    -- many on the roll.
    stamps_given         bigint,
    box_count            bigint,
    box_hash             bytea CONSTRAINT elections_box_hash_width CHECK (octet_length(box_hash) = 32),
    spent_count          bigint,
    spent_hash           bytea CONSTRAINT elections_spent_hash_width CHECK (octet_length(spent_hash) = 32),
    roll_count           bigint,
    box_signature        bytea,
    box_sealed_at        timestamptz,
    -- The installation's signature over what was found in the box. The results service has no key to open a ballot again: this
    -- is how it notices that a plaintext was exchanged after the count.
    opened_signature     bytea CONSTRAINT elections_opened_signature_width CHECK (octet_length(opened_signature) = 64),
    -- Which process is driving the closing, and until when nobody else should.
    lease_holder         uuid,
    lease_until          timestamptz,
    CONSTRAINT elections_times_in_order CHECK (closes_at > opens_at),
    CONSTRAINT elections_manifest_once_active CHECK (status IN ('draft') OR manifest_hash IS NOT NULL),
    CONSTRAINT elections_box_whole CHECK
        (num_nulls(box_count, box_hash, spent_count, spent_hash, roll_count, box_sealed_at) IN (0, 6)),
    CONSTRAINT elections_tally_once_closed CHECK ((status IN ('closed', 'archived')) = (tally_state IS NOT NULL))
);
CREATE INDEX elections_admin ON elections (admin_id, election_id);
CREATE INDEX elections_status ON elections (status);

-- One or more questions. `method` decides which rule counts it.
CREATE TABLE contests (
    contest_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id   bigint NOT NULL CONSTRAINT contests_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    title         text NOT NULL CONSTRAINT contests_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    method        text NOT NULL DEFAULT 'plurality' CONSTRAINT contests_method_known CHECK (method IN ('plurality', 'approval')),
    seats         integer NOT NULL DEFAULT 1 CONSTRAINT contests_seats_range CHECK (seats BETWEEN 1 AND 1000),
    min_marks     integer NOT NULL DEFAULT 1,
    max_marks     integer NOT NULL DEFAULT 1,
    blank_allowed boolean NOT NULL DEFAULT true,
    tie_rule      text NOT NULL DEFAULT 'declare' CONSTRAINT contests_tie_rule_known CHECK (tie_rule IN ('declare', 'lot')),
    display_order integer NOT NULL DEFAULT 1,
    CONSTRAINT contests_marks_range CHECK (0 <= min_marks AND min_marks <= max_marks AND max_marks BETWEEN 1 AND 1000),
    CONSTRAINT contests_election_contest_key UNIQUE (election_id, contest_id)
);

-- Who stands. Written by the admin service.
CREATE TABLE candidates (
    candidate_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id   bigint NOT NULL CONSTRAINT candidates_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    contest_id    bigint NOT NULL,
    name          text NOT NULL CONSTRAINT candidates_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
    description   text CONSTRAINT candidates_description_length CHECK (char_length(description) <= 10000),
    photo_url     text CONSTRAINT candidates_photo_url_length CHECK (char_length(photo_url) <= 500),
    display_order integer NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT candidates_contest_fkey FOREIGN KEY (election_id, contest_id)
        REFERENCES contests (election_id, contest_id) ON DELETE CASCADE
);
CREATE INDEX candidates_election ON candidates (election_id, contest_id, display_order, candidate_id);
-- Two candidates of one name in one contest could not be told apart on the ballot.
CREATE UNIQUE INDEX candidates_name_key ON candidates (contest_id, lower(name));

-- Seal and stamp key pairs; private halves encrypted under key files that are not in the database.
CREATE TABLE election_keys (
    election_id     bigint NOT NULL CONSTRAINT election_keys_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    purpose         text NOT NULL CONSTRAINT election_keys_purpose_known CHECK (purpose IN ('seal', 'stamp')),
    public_key      bytea NOT NULL,
    private_wrapped bytea NOT NULL,
    PRIMARY KEY (election_id, purpose)
);

-- What was changed while an election was active; shown with the ballot and in the record.
CREATE TABLE amendments (
    amendment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL CONSTRAINT amendments_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    kind         text NOT NULL CONSTRAINT amendments_kind_known CHECK (kind IN ('voter_added', 'closes_at_moved')),
    reason       text NOT NULL CONSTRAINT amendments_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000),
    details      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX amendments_election ON amendments (election_id, amendment_id);

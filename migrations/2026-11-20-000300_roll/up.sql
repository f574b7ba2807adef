-- Who may vote. Written by the admin service; the voting service never reads it.
CREATE TABLE voters (
    voter_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id bigint NOT NULL CONSTRAINT voters_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    email       text NOT NULL CONSTRAINT voters_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    first_name  text CONSTRAINT voters_first_name_length CHECK (char_length(first_name) <= 100),
    last_name   text CONSTRAINT voters_last_name_length CHECK (char_length(last_name) <= 100),
    student_id  text CONSTRAINT voters_student_id_length CHECK (char_length(student_id) BETWEEN 1 AND 64),
    cohort      text CONSTRAINT voters_cohort_length CHECK (char_length(cohort) <= 64),
    deleted     boolean NOT NULL DEFAULT false,
    -- Random and stable over resends: printed in the mail, and hashed into the spent list, by which an abstainer can
    -- find out that somebody voted in their name (the list is not published yet).
    spend_id    bytea NOT NULL DEFAULT uuid_send(gen_random_uuid())
        CONSTRAINT voters_spend_id_width CHECK (octet_length(spend_id) = 16),
    -- What the link "no more reminders" in a mail carries, and nothing else: whoever sees that address in a log must not be able
    -- to find the voter on the spent list. The close writes the roll anew and leaves this column out, so every row gets a fresh
    -- code that is in no mail.
    reminder_code bytea NOT NULL DEFAULT uuid_send(gen_random_uuid())
        CONSTRAINT voters_reminder_code_width CHECK (octet_length(reminder_code) = 16),
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- What links and audit references point at: a voter of *this* election, a link with *this* voter's code.
    CONSTRAINT voters_election_voter_key UNIQUE (election_id, voter_id),
    CONSTRAINT voters_spend_id_key UNIQUE (election_id, voter_id, spend_id)
);
CREATE UNIQUE INDEX voters_email_key ON voters (election_id, lower(email)) WHERE NOT deleted;
CREATE UNIQUE INDEX voters_student_id_key ON voters (election_id, student_id) WHERE NOT deleted AND student_id IS NOT NULL;

-- One-time links. No date of use and no time of making: votes.position is the order of arrival, so anything here that
-- grew with time of use would join ballots to voters.
CREATE TABLE voting_tokens (
    token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL CONSTRAINT voting_tokens_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    voter_id     bigint NOT NULL,
    token_hash   bytea NOT NULL CONSTRAINT voting_tokens_hash_width CHECK (octet_length(token_hash) = 32),
    origin       text NOT NULL DEFAULT 'invitation'
        CONSTRAINT voting_tokens_origin_known CHECK (origin IN ('invitation', 'resend', 'correction', 'request')),
    expires_at   timestamptz NOT NULL,
    -- Whether the link works until voting ends, if that is later than expires_at. A fact and not a copy of the end: when the end
    -- is moved, no link is touched. link_ends_at says when a link really ends.
    runs_to_close boolean NOT NULL DEFAULT false,
    revoked      boolean NOT NULL DEFAULT false,
    is_used      boolean NOT NULL DEFAULT false,
    blinded_hash bytea CONSTRAINT voting_tokens_blinded_hash_width CHECK (octet_length(blinded_hash) = 32),
    spend_id     bytea NOT NULL CONSTRAINT voting_tokens_spend_id_width CHECK (octet_length(spend_id) = 16),
    email_hint   text NOT NULL,
    CONSTRAINT voting_tokens_not_both CHECK (NOT (revoked AND is_used)),
    -- Over all three: a link for a voter of another election, whose roll is still open, would get around the frozen roll of
    -- this one; and a link with another code would hide from the abstainer in whose name it was used.
    CONSTRAINT voting_tokens_voter_fkey FOREIGN KEY (election_id, voter_id, spend_id)
        REFERENCES voters (election_id, voter_id, spend_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX voting_tokens_token_hash_key ON voting_tokens (token_hash);
CREATE UNIQUE INDEX voting_tokens_one_live ON voting_tokens (voter_id) WHERE NOT revoked AND NOT is_used;
CREATE UNIQUE INDEX voting_tokens_one_used ON voting_tokens (voter_id) WHERE is_used;
CREATE INDEX voting_tokens_election ON voting_tokens (election_id, voter_id);

-- ANALYZE keeps samples of values, and would keep an address that was corrected, or a voter who was removed, beyond the close. The
-- indexes find these values without statistics.
ALTER TABLE voters ALTER COLUMN email SET STATISTICS 0, ALTER COLUMN first_name SET STATISTICS 0, ALTER COLUMN last_name SET STATISTICS 0,
    ALTER COLUMN student_id SET STATISTICS 0, ALTER COLUMN cohort SET STATISTICS 0;
ALTER TABLE voting_tokens ALTER COLUMN email_hint SET STATISTICS 0;
ALTER INDEX voters_email_key ALTER COLUMN 2 SET STATISTICS 0;

-- The turnout that everybody is shown until the close (ADR 0020). `roll` is exact and kept by a trigger. `voted` is rounded down to
-- five and counted again once a minute: with the exact number, an organiser who looks before and after one person votes would
-- know that this person has voted. No service may read or write this table; `turnout` shows it and `refresh_turnout` counts.
CREATE TABLE turnouts (
    election_id bigint PRIMARY KEY CONSTRAINT turnouts_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    roll        bigint NOT NULL DEFAULT 0 CONSTRAINT turnouts_roll_not_negative CHECK (roll >= 0),
    voted       bigint NOT NULL DEFAULT 0 CONSTRAINT turnouts_voted_rounded CHECK (voted >= 0 AND voted % 5 = 0),
    counted_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The head of an election's chain of ballots: the one row everybody who records or closes must lock.
CREATE TABLE chain_heads (
    election_id   bigint PRIMARY KEY CONSTRAINT chain_heads_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    state         text NOT NULL DEFAULT 'open' CONSTRAINT chain_heads_state_known CHECK (state IN ('open', 'grace', 'sealed')),
    last_position bigint NOT NULL DEFAULT 0,
    last_hash     bytea NOT NULL CONSTRAINT chain_heads_last_hash_width CHECK (octet_length(last_hash) = 32),
    -- Since when no ballot is taken because the box was found rewound; record_ballots sets it, resume_recording clears it.
    -- It stays when the election is closed without a resumption: the result says so.
    halted_at     timestamptz,
    -- The halted_at that the election's admin was told of, by mail.
    halt_told_at  timestamptz
);
CREATE INDEX chain_heads_halted ON chain_heads (election_id) WHERE halted_at IS NOT NULL;

-- Sealed ballots. No voter, no time, no serial of its own; `position` is 1, 2, 3, ... within an election.
CREATE TABLE votes (
    election_id   bigint NOT NULL CONSTRAINT votes_election_fkey REFERENCES chain_heads (election_id),
    position      bigint NOT NULL CONSTRAINT votes_position_positive CHECK (position >= 1),
    digest        bytea NOT NULL CONSTRAINT votes_digest_width CHECK (octet_length(digest) = 32),
    sealed        bytea NOT NULL,
    prefix        bytea NOT NULL CONSTRAINT votes_prefix_width CHECK (octet_length(prefix) = 32),
    stamp         bytea NOT NULL CONSTRAINT votes_stamp_width CHECK (octet_length(stamp) = 384),
    previous_hash bytea NOT NULL CONSTRAINT votes_previous_hash_width CHECK (octet_length(previous_hash) = 32),
    chain_hash    bytea NOT NULL CONSTRAINT votes_chain_hash_width CHECK (octet_length(chain_hash) = 32),
    PRIMARY KEY (election_id, position),
    CONSTRAINT votes_digest_key UNIQUE (election_id, digest)
);

-- What was found in each ballot when the box was opened: exactly one of plaintext and reason.
CREATE TABLE opened_ballots (
    election_id bigint NOT NULL CONSTRAINT opened_ballots_election_fkey REFERENCES elections (election_id),
    digest      bytea NOT NULL CONSTRAINT opened_ballots_digest_width CHECK (octet_length(digest) = 32),
    plaintext   bytea,
    reason      text,
    PRIMARY KEY (election_id, digest),
    CONSTRAINT opened_ballots_one_of_two CHECK ((plaintext IS NULL) <> (reason IS NULL))
);

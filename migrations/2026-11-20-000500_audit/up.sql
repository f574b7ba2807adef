-- The audit log: append-only, one chain over everything. Written by the audit service only.
CREATE TABLE audit_logs (
    log_id        bigint PRIMARY KEY CONSTRAINT audit_logs_position_positive CHECK (log_id >= 1),
    event_id      uuid NOT NULL CONSTRAINT audit_logs_event_key UNIQUE,
    "timestamp"   timestamptz NOT NULL,
    source        text NOT NULL,
    event_type    text NOT NULL,
    user_id       bigint,
    election_id   bigint,
    subject_ref   uuid,
    details       text NOT NULL,
    ip_address    text,
    previous_hash bytea NOT NULL CONSTRAINT audit_logs_previous_hash_width CHECK (octet_length(previous_hash) = 32),
    current_hash  bytea NOT NULL CONSTRAINT audit_logs_current_hash_width CHECK (octet_length(current_hash) = 32),
    -- Two entries cannot follow the same one: the chain cannot fork, whoever forgets a lock.
    CONSTRAINT audit_logs_no_fork UNIQUE (previous_hash)
);
CREATE INDEX audit_logs_timestamp ON audit_logs ("timestamp");
CREATE INDEX audit_logs_event ON audit_logs (event_type);
CREATE INDEX audit_logs_election ON audit_logs (election_id, log_id);

-- How long the chain should be: without it, cutting off its end would leave a chain that looks whole.
CREATE TABLE audit_head (
    only_row  boolean PRIMARY KEY DEFAULT true CONSTRAINT audit_head_one_row CHECK (only_row),
    last_id   bigint NOT NULL,
    last_hash bytea NOT NULL CONSTRAINT audit_head_last_hash_width CHECK (octet_length(last_hash) = 32)
);
INSERT INTO audit_head (last_id, last_hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Heads of the log, signed by the audit service with a key that is in no database. Whoever rewrites the log cannot make them
-- anew. One for each transaction that writes entries, in that transaction.
CREATE TABLE audit_signatures (
    last_id   bigint PRIMARY KEY CONSTRAINT audit_signatures_position_positive CHECK (last_id >= 1),
    last_hash bytea NOT NULL CONSTRAINT audit_signatures_last_hash_width CHECK (octet_length(last_hash) = 32),
    signed_at timestamptz NOT NULL,
    signature bytea NOT NULL CONSTRAINT audit_signatures_signature_width CHECK (octet_length(signature) = 64)
);

-- Which voter an entry is about, kept apart so that it can be forgotten while the log stays whole.
CREATE TABLE audit_subjects (
    subject_ref       uuid PRIMARY KEY,
    election_id       bigint NOT NULL CONSTRAINT audit_subjects_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    voter_id          bigint NOT NULL,
    made_while_active boolean NOT NULL,
    -- Closing forgets by election: a reference filed under another one would stay.
    CONSTRAINT audit_subjects_voter_fkey FOREIGN KEY (election_id, voter_id)
        REFERENCES voters (election_id, voter_id) ON DELETE CASCADE
);
CREATE INDEX audit_subjects_election ON audit_subjects (election_id);
CREATE INDEX audit_subjects_voter ON audit_subjects (voter_id);

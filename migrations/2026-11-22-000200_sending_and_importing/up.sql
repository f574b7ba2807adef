-- Work for many voters at once, so made that no ballot and no other election waits for it.

-- Links that are being sent to many voters: an invitation to everybody without a link, or a reminder to everybody who has one and
-- has not voted. The admin service works it off in short transactions of about a thousand voters each, in the order of their
-- numbers; each of them moves `after_voter` on, so a process that dies leaves the rest to the next one and nobody is mailed twice.
-- A row is there only while something is left to do; the audit event comes with its end.
CREATE TABLE link_mailings (
    mailing_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL CONSTRAINT link_mailings_election_fkey REFERENCES elections (election_id) ON DELETE CASCADE,
    kind         text NOT NULL CONSTRAINT link_mailings_kind_known CHECK (kind IN ('invitation', 'reminder')),
    -- Who asked, and from where: for the audit event.
    admin_id     bigint NOT NULL CONSTRAINT link_mailings_admin_fkey REFERENCES admins (admin_id),
    ip_address   text,
    after_voter  bigint NOT NULL DEFAULT 0,
    queued       bigint NOT NULL DEFAULT 0,
    already_sent bigint NOT NULL DEFAULT 0,
    -- Two that are asked for at once are one.
    CONSTRAINT link_mailings_one_of_a_kind UNIQUE (election_id, kind)
);
GRANT SELECT, DELETE, INSERT (election_id, kind, admin_id, ip_address, already_sent), UPDATE (after_voter, queued)
    ON link_mailings TO admin_service;

-- The lines of a file that is being imported. They are written in short transactions that lock nothing of the election; then one
-- statement moves them to the roll, all or none. Unlogged, because nothing here has to survive a crash: an import counts its rows
-- before it moves them, so one that finds too few moves none. Rows of an import that died are deleted after an hour.
CREATE UNLOGGED TABLE staged_voters (
    import_id  uuid NOT NULL,
    line       bigint NOT NULL,
    email      text NOT NULL,
    first_name text,
    last_name  text,
    student_id text,
    cohort     text,
    staged_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT staged_voters_pkey PRIMARY KEY (import_id, line)
);
GRANT SELECT, INSERT, DELETE ON staged_voters TO admin_service;

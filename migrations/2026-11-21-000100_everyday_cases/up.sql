-- What everyday elections need beside the foundation's tables.

-- No limit in an approval contest: as many marks as there are candidates, which is fixed at activation.
ALTER TABLE contests ALTER COLUMN max_marks DROP NOT NULL,
    ADD CONSTRAINT contests_max_marks_known CHECK (max_marks IS NOT NULL OR method = 'approval');

ALTER TABLE elections ADD COLUMN anonymised_at timestamptz;
GRANT SELECT (archived_at, closed_at, anonymised_at, tally_failed_in) ON elections TO admin_service;

-- Whether somebody wants no more reminders. Links still reach them.
ALTER TABLE voters ADD COLUMN reminders_stopped boolean NOT NULL DEFAULT false;

ALTER TABLE amendments DROP CONSTRAINT amendments_kind_known,
    ADD CONSTRAINT amendments_kind_known CHECK (kind IN ('voter_added', 'voter_removed', 'closes_at_moved'));

ALTER TABLE voting_tokens DROP CONSTRAINT voting_tokens_origin_known,
    ADD CONSTRAINT voting_tokens_origin_known CHECK (origin IN ('invitation', 'resend', 'correction', 'request', 'reminder'));

-- When voters asked for a link themselves: three times in a day at the most. It is the only place that knows, and closing
-- empties it. No role has a right on it; request_link writes it.
CREATE TABLE link_requests (
    election_id  bigint NOT NULL,
    voter_id     bigint NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT link_requests_voter_fkey FOREIGN KEY (election_id, voter_id)
        REFERENCES voters (election_id, voter_id) ON DELETE CASCADE
);
CREATE INDEX link_requests_voter ON link_requests (election_id, voter_id, requested_at);

-- Elections whose voters were told, after the close, that their right was used.
CREATE TABLE used_notices (
    election_id bigint PRIMARY KEY CONSTRAINT used_notices_election_fkey REFERENCES elections (election_id),
    queued_at   timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT (election_id) ON used_notices TO admin_service;

-- Voting asks for mails too, when a voter asks for a link; request_link writes its rows.
GRANT SELECT, UPDATE, DELETE ON outbox TO voting_service;

REVOKE SELECT, UPDATE, DELETE ON outbox FROM voting_service;
DROP TABLE used_notices;
DROP TABLE link_requests;
ALTER TABLE voting_tokens DROP CONSTRAINT voting_tokens_origin_known,
    ADD CONSTRAINT voting_tokens_origin_known CHECK (origin IN ('invitation', 'resend', 'correction', 'request'));
ALTER TABLE amendments DROP CONSTRAINT amendments_kind_known,
    ADD CONSTRAINT amendments_kind_known CHECK (kind IN ('voter_added', 'closes_at_moved'));
ALTER TABLE voters DROP COLUMN reminders_stopped;
REVOKE SELECT (archived_at, closed_at, anonymised_at, tally_failed_in) ON elections FROM admin_service;
ALTER TABLE elections DROP COLUMN anonymised_at;
ALTER TABLE contests DROP CONSTRAINT contests_max_marks_known, ALTER COLUMN max_marks SET NOT NULL;

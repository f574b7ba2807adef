-- Who may touch which table. Functions have their rights where they are made. What a role may not do is not here: grants.snap
-- lists the outcome. Columns are named where a role must not see, or must not set, the others.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public
    TO auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;

-- auth
GRANT SELECT, INSERT, UPDATE ON admins TO auth_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON revoked_tokens, login_failures, login_ceilings TO auth_service;

-- election: an election begins as a draft, and what closing commits to is written by begin_close, seal_box and finish_close,
-- not by the service.
GRANT SELECT, DELETE, INSERT (admin_id, title, description, profile, publish, custody, opens_at, closes_at) ON elections TO election_service;
GRANT UPDATE (title, description, status, profile, publish, custody, opens_at, closes_at, activated_at, archived_at, not_opened_told_at,
              results_published_at, manifest, manifest_hash, sealed_len, plaintext_len, tally_state, tally_failed_in, tally_error,
              tally_done, tally_total, box_signature, opened_signature, lease_holder, lease_until) ON elections TO election_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON contests TO election_service;
GRANT SELECT ON candidates, votes TO election_service;
GRANT SELECT, INSERT ON election_keys, opened_ballots, amendments TO election_service;
-- A box starts open and empty: state and position are not the service's to set.
-- Neither is the mark of a halt; only that its admin was told of it.
GRANT SELECT, INSERT (election_id, last_hash), UPDATE (halt_told_at) ON chain_heads TO election_service;
GRANT SELECT (admin_id, email, email_verified_at) ON admins TO election_service;

-- voting: no table of votes, of voters or of links.
GRANT SELECT (election_id, title, description, status, profile, opens_at, closes_at, manifest, manifest_hash, sealed_len,
              plaintext_len, grace_ends_at, results_published_at) ON elections TO voting_service;
GRANT SELECT ON contests, candidates, election_keys, amendments TO voting_service;

-- results: reads
GRANT SELECT ON elections, candidates, votes, opened_ballots, chain_heads, amendments TO results_service;

-- audit: never whom an entry is about. It writes the references it is told, and nobody has to read them back.
GRANT SELECT, INSERT ON audit_logs TO audit_service;
GRANT SELECT, INSERT ON audit_signatures TO audit_service;
-- The newest signed head stands in the mail with the result.
GRANT SELECT ON audit_signatures TO admin_service;
GRANT SELECT, UPDATE (last_id, last_hash) ON audit_head TO audit_service;
GRANT SELECT (election_id, admin_id) ON elections TO audit_service;

-- admin: never whether a right is used (only the functions write that), nor the code by which it is found on the spent list.
GRANT SELECT, DELETE, INSERT (election_id, email, first_name, last_name, student_id, cohort),
      UPDATE (email, first_name, last_name, student_id, cohort) ON voters TO admin_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON candidates TO admin_service;
GRANT SELECT, DELETE, INSERT (election_id, voter_id, token_hash, origin, expires_at, runs_to_close, spend_id, email_hint),
      UPDATE (revoked) ON voting_tokens TO admin_service;
GRANT SELECT (election_id, admin_id, title, status, tally_state, opens_at, closes_at, results_published_at, publish, profile)
    ON elections TO admin_service;
GRANT SELECT ON contests TO admin_service;
GRANT SELECT, INSERT ON audit_subjects TO admin_service;
GRANT SELECT (admin_id, email, email_verified_at) ON admins TO admin_service;

-- email
GRANT SELECT, INSERT, UPDATE, DELETE ON email_messages TO email_service;

-- Each sees its own rows only: row-level security.
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO auth_service, election_service, results_service, admin_service;

-- The accounts of organisers, and the small functions that all later folders use.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public
    TO auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;

-- Functions for all ------------------------------------------------------------------------------------------------------

CREATE FUNCTION refuse(name text, message text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'UV001', CONSTRAINT = name, MESSAGE = message;
END $$;
REVOKE ALL ON FUNCTION refuse(text, text) FROM PUBLIC;
COMMENT ON FUNCTION refuse(text, text) IS
'Refuses with SQLSTATE UV001 and a constraint name. Services recognise the refusal by that name.';

CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM refuse(TG_TABLE_NAME || '_immutable', format('%s cannot be changed: %s is refused for everybody', TG_TABLE_NAME, TG_OP));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION never() FROM PUBLIC;
COMMENT ON FUNCTION never() IS
'Trigger that refuses the statement for every role. A superuser can switch the trigger off; the checks of the
result are made to find such tampering.';

CREATE FUNCTION masked(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(address, 1) || '***@' || split_part(address, '@', 2);
REVOKE ALL ON FUNCTION masked(text) FROM PUBLIC;
COMMENT ON FUNCTION masked(text) IS
'What a stranger who has a voting link may see of the address it was sent to. Email::masked in the domain crate does the same.';

-- Accounts ---------------------------------------------------------------------------------------------------------------

CREATE TABLE admins (
    admin_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email             text NOT NULL CONSTRAINT admins_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash     text NOT NULL,
    role              text NOT NULL DEFAULT 'admin' CONSTRAINT admins_role_known CHECK (role IN ('admin', 'superadmin')),
    email_verified_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    last_login        timestamptz,
    sessions_ended    integer NOT NULL DEFAULT 0
);
-- ANALYZE keeps samples of values in pg_stats, and keeps them when the rows are gone. So no column of any table that holds, or leads to,
-- a person is sampled. The indexes find these values without it.
ALTER TABLE admins ALTER COLUMN email SET STATISTICS 0, ALTER COLUMN password_hash SET STATISTICS 0;
CREATE UNIQUE INDEX admins_email_key ON admins (lower(email));
ALTER INDEX admins_email_key ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE admins IS 'Who may organise elections. Written by the auth service only.';
COMMENT ON INDEX admins_email_key IS
'Addresses compare without regard to case. If somebody registered as Ann@x, nobody can lock them out or copy them as ann@x.';
COMMENT ON COLUMN admins.sessions_ended IS
'Counts how often all sessions of the account were ended. A token says in which of these periods it was made. A time
would not do: a token that must end and a new login can fall into the same second.';
GRANT SELECT, INSERT, UPDATE ON admins TO auth_service;
GRANT SELECT (admin_id, email, email_verified_at) ON admins TO election_service, admin_service;
-- The log names organisers by number; whoever reads it reads an address.
GRANT SELECT (admin_id, email) ON admins TO audit_service;

CREATE TABLE revoked_tokens (
    jti        uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
ALTER TABLE revoked_tokens ALTER COLUMN jti SET STATISTICS 0;
CREATE INDEX revoked_tokens_expires_at ON revoked_tokens (expires_at);
COMMENT ON TABLE revoked_tokens IS
'Tokens of sessions that were logged out. A token stays dead until it would have expired by itself, whatever happens to Redis.';
GRANT SELECT, INSERT, UPDATE, DELETE ON revoked_tokens TO auth_service;

CREATE TABLE login_failures (
    email_key      text NOT NULL,
    tried          text NOT NULL CONSTRAINT login_failures_tried_known CHECK (tried IN ('login', 'code', 'change')),
    requester      bytea NOT NULL CONSTRAINT login_failures_requester_width CHECK (octet_length(requester) = 32),
    failures       integer NOT NULL CONSTRAINT login_failures_positive CHECK (failures >= 0),
    last_failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until   timestamptz,
    known_until    timestamptz,
    CONSTRAINT login_failures_pkey PRIMARY KEY (email_key, tried, requester)
);
ALTER TABLE login_failures ALTER COLUMN email_key SET STATISTICS 0, ALTER COLUMN requester SET STATISTICS 0;
COMMENT ON TABLE login_failures IS
'Wrong tries at an account, counted for each requester. Also kept for addresses without an account, so that an attacker cannot
tell which addresses exist.';
COMMENT ON COLUMN login_failures.requester IS
'Keyed hash of who tries: a device that has logged in before, else an address of the network, else a session.';
COMMENT ON COLUMN login_failures.known_until IS
'Until when the ceiling in login_ceilings does not count for this requester: a mailed code or link was used from here.';
GRANT SELECT, INSERT, UPDATE, DELETE ON login_failures TO auth_service;

CREATE TABLE login_ceilings (
    email_key text NOT NULL,
    tried     text NOT NULL CONSTRAINT login_ceilings_tried_known CHECK (tried IN ('login', 'code', 'change')),
    failures  integer NOT NULL CONSTRAINT login_ceilings_positive CHECK (failures >= 0),
    ends_at   timestamptz NOT NULL DEFAULT now() + interval '12 hours',
    CONSTRAINT login_ceilings_pkey PRIMARY KEY (email_key, tried)
);
ALTER TABLE login_ceilings ALTER COLUMN email_key SET STATISTICS 0;
COMMENT ON TABLE login_ceilings IS
'Wrong tries of all requesters together that the account does not know, in the twelve hours after the first one.';
GRANT SELECT, INSERT, UPDATE, DELETE ON login_ceilings TO auth_service;

CREATE TABLE admin_codes (
    request_id uuid NOT NULL CONSTRAINT admin_codes_pkey PRIMARY KEY,
    admin_id   bigint NOT NULL CONSTRAINT admin_codes_admin_fkey REFERENCES admins (admin_id) ON DELETE CASCADE,
    purpose    text NOT NULL CONSTRAINT admin_codes_purpose_known CHECK (purpose IN ('verify_address', 'unlock', 'reset_password')),
    code_hash  bytea NOT NULL CONSTRAINT admin_codes_hash_width CHECK (octet_length(code_hash) = 32),
    token_hash bytea NOT NULL CONSTRAINT admin_codes_token_hash_width CHECK (octet_length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    sent_at    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE admin_codes ALTER COLUMN request_id SET STATISTICS 0, ALTER COLUMN code_hash SET STATISTICS 0, ALTER COLUMN token_hash SET STATISTICS 0;
CREATE INDEX admin_codes_admin ON admin_codes (admin_id, purpose);
CREATE UNIQUE INDEX admin_codes_token_hash_key ON admin_codes (token_hash);
COMMENT ON TABLE admin_codes IS
'What was mailed to open an account: a short code, and a link that holds a token. One row for each request.';
COMMENT ON COLUMN admin_codes.code_hash IS
'Keyed by a secret that is not in the database: a code of eight characters could be found by trying, if the hash had no key.';
COMMENT ON COLUMN admin_codes.token_hash IS 'The token has 256 random bits, so its hash needs no key.';
COMMENT ON COLUMN admin_codes.attempts IS 'Wrong codes that named this request. A wrong code never counts against the token.';
GRANT SELECT, INSERT, UPDATE, DELETE ON admin_codes TO auth_service;

CREATE TABLE admin_invitations (
    invitation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL CONSTRAINT admin_invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    token_hash    bytea NOT NULL CONSTRAINT admin_invitations_hash_width CHECK (octet_length(token_hash) = 32),
    invited_by    bigint NOT NULL CONSTRAINT admin_invitations_invited_by_fkey REFERENCES admins (admin_id),
    expires_at    timestamptz NOT NULL
);
ALTER TABLE admin_invitations ALTER COLUMN email SET STATISTICS 0, ALTER COLUMN token_hash SET STATISTICS 0;
CREATE UNIQUE INDEX admin_invitations_email_key ON admin_invitations (lower(email));
ALTER INDEX admin_invitations_email_key ALTER COLUMN 1 SET STATISTICS 0;
CREATE UNIQUE INDEX admin_invitations_token_hash_key ON admin_invitations (token_hash);
COMMENT ON TABLE admin_invitations IS 'Who may register where not everybody may. The secret is in the mail alone.';
GRANT SELECT, INSERT, UPDATE, DELETE ON admin_invitations TO auth_service;

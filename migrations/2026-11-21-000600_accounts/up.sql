-- Admins who are invited, who have lost a password or are locked out, and who change what they know.

-- Counts how often all sessions of an account were ended; a token says in which of these times it was made. By a clock two things
-- of one second could not be told apart, and one of them would be a token that had to die.
ALTER TABLE admins ADD COLUMN sessions_ended integer NOT NULL DEFAULT 0;

-- What was mailed to open an account, one row for each request: a short code, and a link that holds a token. The hash of the code
-- is keyed by a secret that is not in the database: eight characters are few for somebody who can try them at home. The token has
-- 256 random bits, so its hash needs no key. Wrong codes count against the request that they name, and never against the token.
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
CREATE INDEX admin_codes_admin ON admin_codes (admin_id, purpose);
CREATE UNIQUE INDEX admin_codes_token_hash_key ON admin_codes (token_hash);

-- Who may register where not everybody may. The secret is in the mail alone.
CREATE TABLE admin_invitations (
    invitation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL CONSTRAINT admin_invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    token_hash    bytea NOT NULL CONSTRAINT admin_invitations_hash_width CHECK (octet_length(token_hash) = 32),
    invited_by    bigint NOT NULL CONSTRAINT admin_invitations_invited_by_fkey REFERENCES admins (admin_id),
    expires_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX admin_invitations_email_key ON admin_invitations (lower(email));
CREATE UNIQUE INDEX admin_invitations_token_hash_key ON admin_invitations (token_hash);

GRANT SELECT, INSERT, UPDATE, DELETE ON admin_codes, admin_invitations TO auth_service;

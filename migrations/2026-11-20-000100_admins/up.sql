-- Who may organise elections. Written by the auth service only.
CREATE TABLE admins (
    admin_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email             text NOT NULL CONSTRAINT admins_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash     text NOT NULL,
    role              text NOT NULL DEFAULT 'admin' CONSTRAINT admins_role_known CHECK (role IN ('admin', 'superadmin')),
    email_verified_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    last_login        timestamptz
);
-- Addresses compare without regard to case: whoever registers as Ann@x cannot be locked out, or doubled, by ann@x.
CREATE UNIQUE INDEX admins_email_key ON admins (lower(email));

-- A logged-out token stays dead until it would have expired by itself, whatever happens to Redis.
CREATE TABLE revoked_tokens (
    jti        uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX revoked_tokens_expires_at ON revoked_tokens (expires_at);

-- Failed logins by address, known or not, so that an attacker cannot tell which addresses exist.
CREATE TABLE login_failures (
    email_key      text PRIMARY KEY,
    failures       integer NOT NULL CONSTRAINT login_failures_positive CHECK (failures >= 0),
    last_failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until   timestamptz
);

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

-- Wrong tries at an account, by who makes them: a device that has logged in before, else an address, else a session. `requester` is
-- a keyed hash of that. Kept for addresses without account too, so that an attacker cannot tell which addresses exist.
CREATE TABLE login_failures (
    email_key      text NOT NULL,
    tried          text NOT NULL CONSTRAINT login_failures_tried_known CHECK (tried IN ('login', 'code', 'change')),
    requester      bytea NOT NULL CONSTRAINT login_failures_requester_width CHECK (octet_length(requester) = 32),
    failures       integer NOT NULL CONSTRAINT login_failures_positive CHECK (failures >= 0),
    last_failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until   timestamptz,
    -- Somebody has used a mailed code or link from here: until then the ceiling below is not for them.
    known_until    timestamptz,
    CONSTRAINT login_failures_pkey PRIMARY KEY (email_key, tried, requester)
);

-- Wrong tries of all requesters together that the account does not know, within twelve hours from the first.
CREATE TABLE login_ceilings (
    email_key text NOT NULL,
    tried     text NOT NULL CONSTRAINT login_ceilings_tried_known CHECK (tried IN ('login', 'code', 'change')),
    failures  integer NOT NULL CONSTRAINT login_ceilings_positive CHECK (failures >= 0),
    ends_at   timestamptz NOT NULL DEFAULT now() + interval '12 hours',
    CONSTRAINT login_ceilings_pkey PRIMARY KEY (email_key, tried)
);

-- What a change has to tell audit or email, written in the change's own transaction; a relay delivers it.
CREATE TABLE outbox (
    event_id        uuid PRIMARY KEY,
    source          name NOT NULL DEFAULT current_user,
    destination     text NOT NULL CONSTRAINT outbox_destination_known CHECK (destination IN ('audit', 'email')),
    kind            text NOT NULL,
    election_id     bigint,
    -- JSON for audit; for email the same encrypted under the sender's key file, because it holds live links.
    payload         bytea,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at    timestamptz,
    last_error      text,
    -- Since when an event that audit refuses lets those behind it pass. It stays, and is missing in the log.
    set_aside_at    timestamptz,
    CONSTRAINT outbox_payload_until_delivered CHECK (payload IS NOT NULL OR delivered_at IS NOT NULL)
);
-- By election: a relay takes mails of each election in its turn, and finds the elections by this index alone. 0 is no election.
-- CASE and not coalesce: beside the policy of this table only expressions that are known to be leakproof can use an index.
CREATE INDEX outbox_waiting ON outbox (source, (CASE WHEN election_id IS NULL THEN 0 ELSE election_id END), next_attempt_at)
    WHERE delivered_at IS NULL AND destination = 'email';
CREATE INDEX outbox_set_aside ON outbox (source) WHERE set_aside_at IS NOT NULL;
CREATE INDEX outbox_election ON outbox (election_id);

-- Mail to be sent and what became of it. Written by the email service only.
CREATE TABLE email_messages (
    message_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id        uuid NOT NULL CONSTRAINT email_messages_event_key UNIQUE,
    kind            text NOT NULL,
    election_id     bigint,
    recipient       text NOT NULL,
    payload         bytea,
    status          text NOT NULL DEFAULT 'queued'
        -- forgotten: its election is closed, and what became of the mail is no longer known (finish_close).
        CONSTRAINT email_messages_status_known CHECK (status IN ('queued', 'deferred', 'sent', 'refused', 'forgotten')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    sent_at         timestamptz,
    -- When the row is deleted, sent or not: the end of the code or link in it. NULL for mails that belong to an election, which
    -- are forgotten with it.
    forget_at       timestamptz
);
CREATE INDEX email_messages_forget ON email_messages (forget_at) WHERE forget_at IS NOT NULL;
-- Samples of addresses that ANALYZE takes would outlive the rows that the close deletes.
ALTER TABLE email_messages ALTER COLUMN recipient SET STATISTICS 0, ALTER COLUMN last_error SET STATISTICS 0;
-- By election, as outbox_waiting.
CREATE INDEX email_messages_waiting ON email_messages (coalesce(election_id, 0), next_attempt_at) WHERE status IN ('queued', 'deferred');
CREATE INDEX email_messages_election ON email_messages (election_id, message_id);

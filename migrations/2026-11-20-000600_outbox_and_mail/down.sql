DROP TABLE email_messages;
DROP TABLE outbox;

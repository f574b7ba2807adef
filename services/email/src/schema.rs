//! Only what `email_service` may touch.

diesel::table! {
    email_messages (message_id) {
        message_id -> BigInt,
        event_id -> Uuid,
        kind -> Text,
        election_id -> Nullable<BigInt>,
        recipient -> Text,
        payload -> Nullable<Bytea>,
        status -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        forget_at -> Nullable<Timestamptz>,
    }
}

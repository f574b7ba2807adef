//! Only what `email_service` may touch.

diesel::table! {
    email_messages (election_id, message_id) {
        message_id -> BigInt,
        event_id -> Uuid,
        kind -> Text,
        about_link -> Bool,
        election_id -> BigInt,
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

diesel::table! {
    mail_pace (only_row) {
        only_row -> Bool,
        used_until -> Timestamptz,
    }
}

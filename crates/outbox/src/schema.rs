//! The one table of this crate. Row-level security shows a service only its own rows.

diesel::table! {
    outbox (event_id) {
        event_id -> Uuid,
        destination -> Text,
        kind -> Text,
        about_link -> Bool,
        election_id -> Nullable<BigInt>,
        payload -> Nullable<Bytea>,
        created_at -> Timestamptz,
        position -> BigInt,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        set_aside_at -> Nullable<Timestamptz>,
    }
}

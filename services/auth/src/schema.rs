//! The tables `auth_service` may touch, as far as it does by diesel's query builder. Its outbox belongs to `outbox`.

diesel::table! {
    admins (admin_id) {
        admin_id -> BigInt,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        email_verified_at -> Nullable<Timestamptz>,
        sessions_ended -> Integer,
        last_login -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    revoked_tokens (jti) {
        jti -> Uuid,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    admin_invitations (invitation_id) {
        invitation_id -> BigInt,
        email -> Text,
        token_hash -> Bytea,
        invited_by -> BigInt,
        expires_at -> Timestamptz,
    }
}

diesel::joinable!(admin_invitations -> admins (invited_by));
diesel::allow_tables_to_appear_in_same_query!(admin_invitations, admins, revoked_tokens);

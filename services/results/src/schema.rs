//! The tables and columns this service reads. It writes `published_results` and `result_views`, beside its outbox.

diesel::table! {
    elections (election_id) {
        election_id -> BigInt,
        admin_id -> BigInt,
        title -> Text,
        status -> Text,
        results_published_at -> Nullable<Timestamptz>,
        tally_failed_in -> Nullable<Text>,
        tally_error -> Nullable<Text>,
        manifest -> Nullable<Bytea>,
        manifest_hash -> Nullable<Bytea>,
        box_count -> Nullable<BigInt>,
        box_hash -> Nullable<Bytea>,
        spent_count -> Nullable<BigInt>,
        spent_hash -> Nullable<Bytea>,
        roll_count -> Nullable<BigInt>,
        box_signature -> Nullable<Bytea>,
        opened_signature -> Nullable<Bytea>,
    }
}

diesel::table! {
    candidates (candidate_id) {
        candidate_id -> BigInt,
        election_id -> BigInt,
        photo_url -> Nullable<Text>,
    }
}

diesel::table! {
    chain_heads (election_id) {
        election_id -> BigInt,
        last_position -> BigInt,
        last_hash -> Bytea,
        halted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    votes (election_id, position) {
        election_id -> BigInt,
        position -> BigInt,
        digest -> Bytea,
        sealed -> Bytea,
        prefix -> Bytea,
        stamp -> Bytea,
        previous_hash -> Bytea,
        chain_hash -> Bytea,
    }
}

diesel::table! {
    published_results (election_id) {
        election_id -> BigInt,
        body -> Bytea,
        mac -> Bytea,
        checked_at -> Timestamptz,
    }
}

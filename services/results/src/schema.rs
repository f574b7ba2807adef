//! The tables and columns this service reads. It writes `published_results` and `result_views`, beside its outbox.

diesel::table! {
    elections (election_id) {
        election_id -> BigInt,
        admin_id -> BigInt,
        title -> Text,
        timezone -> Text,
        status -> Text,
        results_published_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    manifests (election_id) {
        election_id -> BigInt,
        bytes -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    tallies (election_id) {
        election_id -> BigInt,
        failed_in -> Nullable<Text>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    box_commitments (election_id) {
        election_id -> BigInt,
        box_count -> BigInt,
        box_hash -> Bytea,
        spent_count -> BigInt,
        spent_hash -> Bytea,
        roll_count -> BigInt,
        withdrawn_hash -> Bytea,
        halts -> BigInt,
        resumptions -> BigInt,
    }
}

diesel::table! {
    tally_signatures (election_id, statement) {
        election_id -> BigInt,
        statement -> Text,
        signature -> Bytea,
    }
}

diesel::joinable!(manifests -> elections (election_id));
diesel::joinable!(tallies -> elections (election_id));
diesel::joinable!(box_commitments -> elections (election_id));
diesel::allow_tables_to_appear_in_same_query!(elections, manifests, tallies, box_commitments);

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
        halts -> BigInt,
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

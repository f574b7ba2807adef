//! The tables and columns this service touches, but for those that are used in SQL only: the lease of a closing.

diesel::table! {
    elections (election_id) {
        election_id -> BigInt,
        admin_id -> BigInt,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        profile -> Text,
        publish -> Text,
        custody -> Text,
        opens_at -> Nullable<Timestamptz>,
        closes_at -> Nullable<Timestamptz>,
        locale -> Text,
        timezone -> Text,
        created_at -> Timestamptz,
        activated_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        archived_at -> Nullable<Timestamptz>,
        not_opened_told_at -> Nullable<Timestamptz>,
        results_published_at -> Nullable<Timestamptz>,
        anonymised_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    manifests (election_id) {
        election_id -> BigInt,
        bytes -> Bytea,
        hash -> Bytea,
        sealed_len -> Integer,
        plaintext_len -> Integer,
    }
}

diesel::table! {
    tallies (election_id) {
        election_id -> BigInt,
        state -> Text,
        failed_in -> Nullable<Text>,
        error -> Nullable<Text>,
        done -> BigInt,
        total -> BigInt,
        grace_ends_at -> Timestamptz,
        stamps_given -> BigInt,
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
        sealed_at -> Timestamptz,
    }
}

diesel::table! {
    tally_signatures (election_id, statement) {
        election_id -> BigInt,
        statement -> Text,
        signature -> Bytea,
    }
}

diesel::table! {
    contests (contest_id) {
        contest_id -> BigInt,
        election_id -> BigInt,
        title -> Text,
        text -> Nullable<Text>,
        rule -> Jsonb,
        ballot_order -> Text,
        display_order -> Integer,
    }
}

diesel::table! {
    candidates (candidate_id) {
        candidate_id -> BigInt,
        election_id -> BigInt,
        contest_id -> BigInt,
        name -> Text,
        party -> Nullable<Text>,
        description -> Nullable<Text>,
        vision -> Nullable<Text>,
        programme -> Nullable<Text>,
        link -> Nullable<Text>,
        photo_url -> Nullable<Text>,
        thumbnail_url -> Nullable<Text>,
        programme_file_url -> Nullable<Text>,
        standing -> Text,
        display_order -> Integer,
    }
}

diesel::table! {
    amendments (amendment_id) {
        amendment_id -> BigInt,
        election_id -> BigInt,
        kind -> Text,
        reason -> Text,
        details -> Jsonb,
    }
}

diesel::table! {
    election_keys (election_id, purpose) {
        election_id -> BigInt,
        purpose -> Text,
        public_key -> Bytea,
        private_wrapped -> Bytea,
    }
}

diesel::table! {
    chain_heads (election_id) {
        election_id -> BigInt,
        last_position -> BigInt,
        last_hash -> Bytea,
        halted_at -> Nullable<Timestamptz>,
        halt_told_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    votes (election_id, position) {
        election_id -> BigInt,
        position -> BigInt,
        digest -> Bytea,
        sealed -> Bytea,
    }
}

diesel::table! {
    decrypted_ballots (election_id, digest) {
        election_id -> BigInt,
        digest -> Bytea,
        plaintext -> Nullable<Bytea>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    admins (admin_id) {
        admin_id -> BigInt,
        email -> Text,
        email_verified_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(manifests -> elections (election_id));
diesel::joinable!(tallies -> elections (election_id));
diesel::allow_tables_to_appear_in_same_query!(votes, decrypted_ballots);
diesel::allow_tables_to_appear_in_same_query!(elections, manifests, tallies, admins);
diesel::allow_tables_to_appear_in_same_query!(box_commitments, tally_signatures);

diesel::define_sql_function! {
    /// The database's clock, which decides about times.
    fn clock_timestamp() -> Timestamptz;
}

diesel::define_sql_function! {
    /// Whether nobody is on the roll of this election.
    fn roll_is_empty(election: diesel::sql_types::BigInt) -> Bool;
}

diesel::define_sql_function! {
    /// Whether the organiser has ever had a link of this election sent.
    fn links_were_sent(election: diesel::sql_types::BigInt) -> Bool;
}

//! The tables and columns this service touches, but for those that are used in SQL only: the lease of a closing, and what the
//! functions of closing write (diesel's tables have at most 32 columns).

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
        created_at -> Timestamptz,
        activated_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        archived_at -> Nullable<Timestamptz>,
        not_opened_told_at -> Nullable<Timestamptz>,
        results_published_at -> Nullable<Timestamptz>,
        manifest -> Nullable<Bytea>,
        manifest_hash -> Nullable<Bytea>,
        sealed_len -> Nullable<Integer>,
        plaintext_len -> Nullable<Integer>,
        tally_state -> Nullable<Text>,
        tally_failed_in -> Nullable<Text>,
        tally_error -> Nullable<Text>,
        tally_done -> BigInt,
        tally_total -> BigInt,
        box_count -> Nullable<BigInt>,
        box_signature -> Nullable<Bytea>,
        opened_signature -> Nullable<Bytea>,
        anonymised_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    contests (contest_id) {
        contest_id -> BigInt,
        election_id -> BigInt,
        title -> Text,
        method -> Text,
        seats -> Integer,
        min_marks -> Integer,
        max_marks -> Nullable<Integer>,
        blank_allowed -> Bool,
        tie_rule -> Text,
        display_order -> Integer,
    }
}

diesel::table! {
    candidates (candidate_id) {
        candidate_id -> BigInt,
        election_id -> BigInt,
        contest_id -> BigInt,
        name -> Text,
        display_order -> Integer,
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
    opened_ballots (election_id, digest) {
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
    }
}

diesel::allow_tables_to_appear_in_same_query!(votes, opened_ballots);
diesel::allow_tables_to_appear_in_same_query!(elections, admins);

diesel::define_sql_function! {
    /// The database's clock, which decides about times.
    fn clock_timestamp() -> Timestamptz;
}

diesel::define_sql_function! {
    /// Whether nobody is on the roll of this election.
    fn roll_is_empty(election: diesel::sql_types::BigInt) -> Bool;
}

diesel::define_sql_function! {
    /// Whether a link of this election was ever sent.
    fn links_were_made(election: diesel::sql_types::BigInt) -> Bool;
}

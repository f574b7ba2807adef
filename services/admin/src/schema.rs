//! The tables and columns of `admin_service`, and nothing else of the database.

diesel::table! {
    elections (election_id) {
        election_id -> BigInt,
        admin_id -> BigInt,
        title -> Text,
        status -> Text,
        tally_state -> Nullable<Text>,
        closes_at -> Nullable<Timestamptz>,
        results_published_at -> Nullable<Timestamptz>,
        tally_failed_in -> Nullable<Text>,
        anonymised_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    contests (contest_id) {
        contest_id -> BigInt,
        election_id -> BigInt,
        display_order -> Integer,
    }
}

diesel::table! {
    candidates (candidate_id) {
        candidate_id -> BigInt,
        election_id -> BigInt,
        contest_id -> BigInt,
        name -> Text,
        description -> Nullable<Text>,
        photo_url -> Nullable<Text>,
        display_order -> Integer,
    }
}

diesel::table! {
    voters (voter_id) {
        voter_id -> BigInt,
        election_id -> BigInt,
        email -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        student_id -> Nullable<Text>,
        cohort -> Nullable<Text>,
        deleted -> Bool,
        spend_id -> Bytea,
        reminders_stopped -> Bool,
    }
}

diesel::table! {
    voting_tokens (token_id) {
        token_id -> BigInt,
        election_id -> BigInt,
        voter_id -> BigInt,
        token_hash -> Bytea,
        origin -> Text,
        expires_at -> Timestamptz,
        revoked -> Bool,
        is_used -> Bool,
        spend_id -> Bytea,
        email_hint -> Text,
    }
}

diesel::table! {
    audit_subjects (subject_ref) {
        subject_ref -> Uuid,
        election_id -> BigInt,
        voter_id -> BigInt,
        made_while_active -> Bool,
    }
}

diesel::table! {
    used_notices (election_id) {
        election_id -> BigInt,
    }
}

diesel::table! {
    admins (admin_id) {
        admin_id -> BigInt,
        email -> Text,
        email_verified_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    elections,
    contests,
    candidates,
    voters,
    voting_tokens,
    audit_subjects,
    used_notices,
    admins
);

diesel::define_sql_function! {
    /// Holds an election as it is until the end of the transaction; its status, or NULL when there is none.
    fn hold_election(election: diesel::sql_types::BigInt) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

diesel::define_sql_function! {
    /// The database's clock, which decides.
    fn clock_timestamp() -> diesel::sql_types::Timestamptz;
}

diesel::define_sql_function! {
    /// Takes a voter without a link off the roll of an active election: removed, linked or unknown.
    fn remove_unlinked_voter(voter: diesel::sql_types::BigInt) -> diesel::sql_types::Text;
}

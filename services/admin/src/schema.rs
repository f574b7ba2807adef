//! The tables and columns of `admin_service`, and nothing else of the database.

diesel::table! {
    elections (election_id) {
        election_id -> BigInt,
        admin_id -> BigInt,
        title -> Text,
        status -> Text,
        closes_at -> Nullable<Timestamptz>,
        locale -> Text,
        timezone -> Text,
        results_published_at -> Nullable<Timestamptz>,
        anonymised_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tallies (election_id) {
        election_id -> BigInt,
        state -> Text,
        failed_in -> Nullable<Text>,
    }
}

diesel::table! {
    contests (contest_id) {
        contest_id -> BigInt,
        election_id -> BigInt,
        rule -> Jsonb,
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
        party -> Nullable<Text>,
        vision -> Nullable<Text>,
        programme -> Nullable<Text>,
        link -> Nullable<Text>,
        photo_url -> Nullable<Text>,
        thumbnail_url -> Nullable<Text>,
        programme_file_url -> Nullable<Text>,
        display_order -> Integer,
        standing -> Text,
    }
}

diesel::table! {
    uploads (path) {
        path -> Text,
        bytes -> Binary,
    }
}

diesel::table! {
    voters (election_id, voter_id) {
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
        reminder_code -> Bytea,
    }
}

diesel::table! {
    voting_tokens (election_id, token_id) {
        token_id -> BigInt,
        election_id -> BigInt,
        voter_id -> BigInt,
        token_hash -> Bytea,
        origin -> Text,
        expires_at -> Timestamptz,
        runs_to_close -> Bool,
        revoked -> Bool,
        is_used -> Bool,
        spend_id -> Bytea,
        email_hint -> Text,
    }
}

diesel::table! {
    link_mailings (mailing_id) {
        mailing_id -> BigInt,
        election_id -> BigInt,
        kind -> Text,
        admin_id -> BigInt,
        ip_address -> Nullable<Text>,
        after_voter -> BigInt,
        queued -> BigInt,
        already_sent -> BigInt,
    }
}

diesel::table! {
    sent_mailings (mailing_id) {
        mailing_id -> BigInt,
        election_id -> BigInt,
        kind -> Text,
        queued -> Nullable<BigInt>,
        ended_at -> Timestamptz,
    }
}

diesel::table! {
    staged_voters (import_id, line) {
        import_id -> Uuid,
        line -> BigInt,
        kind -> Text,
        email -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        student_id -> Nullable<Text>,
        cohort -> Nullable<Text>,
        reasons -> Nullable<Jsonb>,
        staged_at -> Timestamptz,
    }
}

diesel::table! {
    voter_imports (import_id) {
        import_id -> Uuid,
        election_id -> BigInt,
        #[sql_name = "new"]
        new_lines -> BigInt,
        duplicates -> BigInt,
        rejected -> BigInt,
        sheet -> Nullable<Text>,
        ignored_columns -> Array<Text>,
        ignored_sheets -> Array<Text>,
        uploaded_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    audit_subjects (election_id, subject_ref) {
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

diesel::table! {
    /// Signed heads of the audit log, to be copied into mails.
    audit_signatures (last_id) {
        last_id -> BigInt,
        last_hash -> Bytea,
        signed_at -> Timestamptz,
        signature -> Bytea,
    }
}

diesel::joinable!(tallies -> elections (election_id));
diesel::allow_tables_to_appear_in_same_query!(
    elections,
    tallies,
    contests,
    candidates,
    uploads,
    voters,
    voting_tokens,
    link_mailings,
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
    /// In lower case, as addresses are compared.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

diesel::define_sql_function! {
    /// Whether the organiser had a link of this origin sent. What an organiser sees goes by these alone.
    fn sent_by_organiser(origin: diesel::sql_types::Text) -> diesel::sql_types::Bool;
}

diesel::define_sql_function! {
    /// Takes a voter without a link off the roll of an active election: removed, linked or unknown.
    fn remove_unlinked_voter(election: diesel::sql_types::BigInt, voter: diesel::sql_types::BigInt) -> diesel::sql_types::Text;
}

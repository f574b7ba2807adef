//! Only what `audit_service` may touch.

diesel::table! {
    /// The log. SELECT and INSERT; nobody may do anything else to it.
    audit_logs (log_id) {
        /// Place in the log.
        log_id -> BigInt,
        /// The id of the event.
        event_id -> Uuid,
        /// When it was done.
        timestamp -> Timestamptz,
        /// The service that sent the event.
        source -> Text,
        /// What was done.
        event_type -> Text,
        /// Which admin did it.
        user_id -> Nullable<BigInt>,
        /// To which election.
        election_id -> Nullable<BigInt>,
        /// About whom.
        subject_ref -> Nullable<Uuid>,
        /// Canonical JSON.
        details -> Text,
        /// From where.
        ip_address -> Nullable<Text>,
        /// Hash of the entry before.
        previous_hash -> Bytea,
        /// Hash of this entry.
        current_hash -> Bytea,
    }
}

diesel::table! {
    /// Where the log ends.
    audit_head (only_row) {
        /// Always true.
        only_row -> Bool,
        /// The last entry.
        last_id -> BigInt,
        /// Its hash.
        last_hash -> Bytea,
    }
}

diesel::table! {
    /// Signed heads of the log. SELECT and INSERT; nobody may do anything else to it.
    audit_signatures (last_id) {
        /// The entry that was the last one.
        last_id -> BigInt,
        /// Its hash.
        last_hash -> Bytea,
        /// When it was signed.
        signed_at -> Timestamptz,
        /// Ed25519.
        signature -> Bytea,
    }
}

diesel::table! {
    /// Whose an election is.
    elections (election_id) {
        /// The election.
        election_id -> BigInt,
        /// Its admin.
        admin_id -> BigInt,
    }
}

diesel::table! {
    /// Whose number an entry has.
    admins (admin_id) {
        /// The number.
        admin_id -> BigInt,
        /// The present address of the account.
        email -> Text,
    }
}

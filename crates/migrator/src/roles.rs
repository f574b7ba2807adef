//! The seven roles of the services. Roles belong to the cluster, not to a database, so no migration can make them.

use crate::{MigrateError, OWNER, read_secret, sql};
use secrecy::ExposeSecret;
use std::fmt::Write;
use std::path::Path;
use tokio_postgres::Client;

/// Every role a service connects as.
pub const SERVICE_ROLES: [&str; 7] =
    ["auth_service", "election_service", "voting_service", "results_service", "audit_service", "admin_service", "email_service"];

/// Settings each role connects with. The functions rely on READ COMMITTED: they look again after waiting for a lock.
const EVERYBODY: [(&str, &str); 4] = [
    ("search_path", "public"),
    ("default_transaction_isolation", "'read committed'"),
    // A client that was reset in the middle leaves its transaction, and its locks, behind.
    ("idle_in_transaction_session_timeout", "'15s'"),
    // A plan that is made before the election is known locks the leaves of all elections, and would wait for each of them.
    ("plan_cache_mode", "'force_custom_plan'"),
];

/// How long one statement may take. Not for voting: a cancelled COMMIT has an unknown outcome. Not for election: opening a
/// large box takes as long as it takes.
const STATEMENT_TIMEOUTS: [(&str, &str); 5] = [
    ("auth_service", "'30s'"),
    ("results_service", "'60s'"),
    ("audit_service", "'60s'"),
    ("admin_service", "'120s'"),
    ("email_service", "'30s'"),
];

/// Makes missing roles and brings passwords and settings up to date.
pub(crate) async fn ensure(client: &Client, passwords: &Path) -> Result<(), MigrateError> {
    for role in SERVICE_ROLES {
        let password = read_secret(&passwords.join(format!("{role}.password")))?;
        let secret = password.expose_secret().replace('\'', "''");
        let mut text = format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF; END $$;\n\
             ALTER ROLE {role} LOGIN NOCREATEDB NOCREATEROLE INHERIT PASSWORD '{secret}';\nALTER ROLE {role} RESET ALL;\n"
        );
        let timeout = STATEMENT_TIMEOUTS.iter().filter(|(name, _)| *name == role).map(|(_, value)| ("statement_timeout", *value));
        for (setting, value) in EVERYBODY.into_iter().chain(timeout) {
            let _ = writeln!(text, "ALTER ROLE {role} SET {setting} = {value};");
        }
        client.batch_execute(&text).await.map_err(sql("making the roles of the services"))?;
    }
    Ok(())
}

/// Lets the services, and nobody else, connect to the current database. Repeated for each copy: `CREATE DATABASE ...
/// TEMPLATE` copies the rights on tables, not those on the database.
///
/// # Errors
/// The connected role does not own the database.
pub async fn grant_connect(client: &Client) -> Result<(), MigrateError> {
    let text = format!(
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); \
         EXECUTE format('GRANT CONNECT ON DATABASE %I TO {}', current_database()); END $$;",
        SERVICE_ROLES.join(", ")
    );
    client.batch_execute(&text).await.map_err(sql("setting who may connect"))?;
    debug_assert!(!SERVICE_ROLES.contains(&OWNER), "the owner has its rights by owning");
    Ok(())
}

//! `uvote-auth superadmin <address>` makes the first superadmin of an installation. It needs no login: somebody who can run it has
//! access to the keys anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::events::{AuditEvent, AuditEventKind};
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use launch::Mode;
use outbox::Audited;

use crate::Settings;

/// The address of the account is not verified, so a stranger may have registered it and would become superadmin.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is an account with this address, but its address is not verified: whoever registered it may be somebody else. Have it verified first"
)]
struct Unverified;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// The account is one now.
    Promoted,
    /// It was one before.
    Already,
    /// There was no account with this address; this is the password of the new one.
    Registered(String),
}

#[derive(QueryableByName)]
struct Account {
    #[diesel(sql_type = BigInt)]
    admin_id: i64,
    #[diesel(sql_type = Bool)]
    is_new: bool,
}

/// An account that is there stays as it is but for its role; a new one has a random password. The operator vouches for the address.
const MAKE: &str = "INSERT INTO admins AS a (email, password_hash, role, email_verified_at) VALUES ($1, $2, 'superadmin', now()) \
     ON CONFLICT (lower(email)) DO UPDATE SET role = 'superadmin' WHERE a.role <> 'superadmin' \
     RETURNING admin_id, xmax = 0 AS is_new";

/// Makes the account with this address a superadmin.
///
/// # Errors
/// Not an address, or a setting or a database that cannot be used.
pub async fn make_superadmin(settings: &Settings, email: &str) -> Result<Made, Box<dyn std::error::Error>> {
    let email = Email::parse(email).map_err(|refused| format!("'{email}' {refused}"))?;
    let cost = settings.bcrypt_cost()?;
    let outbox = settings.outbox.open(settings.database.for_a_command(settings.common.mode)?)?;
    let password = fresh_password();
    let hash = bcrypt::hash(&password, cost)?;
    let is_local = settings.common.mode == Mode::Local;
    let made: Result<Option<bool>, Failed<Unverified>> = outbox
        .audited("make a superadmin", async move |tx| {
            if !is_local && is_unverified(tx.connection(), &email.key()).await? {
                return Err(Failed::Refused(Unverified));
            }
            let Some(account) = make(tx.connection(), email.as_str(), &hash).await? else {
                return Ok(Audited::unchanged(None));
            };
            let event = AuditEvent { admin_id: Some(account.admin_id), ..AuditEvent::now(AuditEventKind::SuperadminMade {}) };
            Ok(Audited::new(Some(account.is_new), event))
        })
        .await;
    match made {
        Ok(Some(true)) => Ok(Made::Registered(password)),
        Ok(Some(false)) => Ok(Made::Promoted),
        Ok(None) => Ok(Made::Already),
        Err(Failed::Database(cause)) => Err(cause.into()),
        Err(Failed::Refused(unverified)) => Err(unverified.into()),
    }
}

async fn is_unverified(connection: &mut Connection, email_key: &str) -> QueryResult<bool> {
    let sql = "SELECT FROM admins WHERE lower(email) = $1 AND email_verified_at IS NULL FOR UPDATE";
    Ok(diesel::sql_query(sql).bind::<Text, _>(email_key).execute(connection).await? > 0)
}

async fn make(connection: &mut Connection, email: &str, hash: &str) -> QueryResult<Option<Account>> {
    diesel::sql_query(MAKE).bind::<Text, _>(email).bind::<Text, _>(hash).get_result(connection).await.optional()
}

fn fresh_password() -> String {
    let mut bytes = [0; 18];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

//! Codes that are mailed: they show that an address is its admin's, open a locked account, or set a new password.
//!
//! A code is eight characters, because people type it: 40 bits, five tries, half an hour. Its hash is keyed with a secret that is
//! not in the database, so a reader of the database cannot try all of them at home. Sending one is no change of an account, so
//! there is no event; using one is.

use aws_lc_rs::{hmac, rand};
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use contract::auth::Hidden;
use contract::email::{CodePurpose, LoginCode, Mail};
use contract::problems::{self, Kind};
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use outbox::Outbox;
use problem::{Problem, Refusal};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

/// Without I, L, O and U: nothing that is read as something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
/// An address is verified at leisure; what opens an account is for now.
const LEISURE: Duration = Duration::hours(24);
const NOW: Duration = Duration::minutes(30);

/// What a person is told about a code that opens nothing. The same for an unknown account: a code is no way to find accounts.
#[derive(Debug, thiserror::Error)]
#[error(
    "is not the code of the newest mail, or no longer good: it dies after five tries or when its time is over. Ask for a new one"
)]
pub(crate) struct CodeRefused;

impl From<CodeRefused> for Problem {
    fn from(refused: CodeRefused) -> Self {
        Self::field("code", refused.to_string())
    }
}

/// The last mail is hardly away.
#[derive(Debug, thiserror::Error)]
#[error("A code was sent less than two minutes ago. Look into your mailbox, also into the folder for unwanted mail")]
pub(crate) struct TooSoon;

impl Refusal for TooSoon {
    fn kind(&self) -> Kind {
        problems::TOO_MANY
    }

    fn retry_after(&self) -> Option<u32> {
        Some(120)
    }
}

/// Whose code was right. It is used up by [`consume`], in the transaction of what it opens.
#[derive(QueryableByName)]
pub(crate) struct Right {
    #[diesel(sql_type = BigInt)]
    pub(crate) admin_id: i64,
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct Account {
    #[diesel(sql_type = BigInt)]
    admin_id: i64,
    #[diesel(sql_type = Text)]
    email: String,
}

/// Makes codes and knows them again. No `Debug`: it holds a key.
#[derive(Clone)]
pub(crate) struct Codes {
    outbox: Outbox,
    key: hmac::Key,
}

/// An account that may be sent a code of this purpose: any, or for `unlock` one that is locked.
const ADDRESSEE: &str = "SELECT a.admin_id, a.email FROM admins a WHERE lower(a.email) = $1 AND ($2 <> 'unlock' OR EXISTS \
     (SELECT FROM login_failures f WHERE f.email_key = lower(a.email) AND f.locked_until > clock_timestamp()))";

const KEEP: &str = "INSERT INTO admin_codes AS c (admin_id, purpose, code_hash, expires_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (admin_id, purpose) DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at, \
         attempts = 0, sent_at = now() \
     WHERE c.sent_at <= now() - interval '2 minutes'";

const TELL: &str = "INSERT INTO outbox (event_id, destination, kind, payload) VALUES ($1, 'email', 'login_code', $2)";

/// A try is counted before it is looked at, by one statement: a thousand at once get five looks.
const TRY: &str = "UPDATE admin_codes c SET attempts = c.attempts + 1 FROM admins a \
     WHERE a.admin_id = c.admin_id AND lower(a.email) = $1 AND c.purpose = $2 AND c.attempts < 5 AND c.expires_at > clock_timestamp() \
     RETURNING c.admin_id, c.code_hash AS hash";

impl Codes {
    /// `secret` is the public token's; what is derived from it here is good for nothing else.
    pub(crate) fn new(outbox: Outbox, secret: &SecretString) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let own = hmac::sign(&key, b"uvote: codes by mail/v1");
        Self { outbox, key: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()) }
    }

    /// Sends a code to the account with this address, if there is one that it would be good for. An older one dies.
    pub(crate) async fn send(&self, email_key: &str, purpose: CodePurpose) -> Result<Result<(), TooSoon>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let found: Option<Account> = diesel::sql_query(ADDRESSEE)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(name(purpose))
            .get_result(&mut *connection)
            .await
            .optional()?;
        drop(connection);
        let Some(Account { admin_id, email }) = found else { return Ok(Ok(())) };
        let code = fresh();
        let expires_at = (Utc::now() + if purpose == CodePurpose::VerifyAddress { LEISURE } else { NOW }).trunc_subsecs(0);
        let hash = hmac::sign(&self.key, &message(admin_id, purpose, &code)).as_ref().to_vec();
        let event_id = Uuid::new_v4();
        let shown = format!("{}-{}", &code[..LENGTH / 2], &code[LENGTH / 2..]);
        let mail = Mail::LoginCode(LoginCode { event_id: None, admin_email: email, purpose, code: shown, expires_at });
        let sealed = self.outbox.encrypted(event_id, &mail);
        let stored = self
            .outbox
            .database()
            .transaction("send a code", async move |connection| {
                if keep(connection, admin_id, purpose, &hash, expires_at).await? == 0 {
                    return Err(Failed::Refused(TooSoon));
                }
                diesel::sql_query(TELL).bind::<SqlUuid, _>(event_id).bind::<Bytea, _>(&sealed).execute(connection).await?;
                Ok(())
            })
            .await;
        match stored {
            Ok(()) => Ok(Ok(())),
            Err(Failed::Refused(too_soon)) => Ok(Err(too_soon)),
            Err(Failed::Database(cause)) => Err(cause),
        }
    }

    /// Whether this is the code that was sent to this address. Counts a try.
    pub(crate) async fn is_right(
        &self,
        email_key: &str,
        purpose: CodePurpose,
        code: &Hidden,
    ) -> Result<Result<Right, CodeRefused>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let sent: Option<Right> = diesel::sql_query(TRY)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(name(purpose))
            .get_result(&mut *connection)
            .await
            .optional()?;
        let typed = read(code.expose());
        Ok(sent
            .filter(|sent| hmac::verify(&self.key, &message(sent.admin_id, purpose, &typed), &sent.hash).is_ok())
            .ok_or(CodeRefused))
    }
}

/// Uses the code up. Of two who have typed it in the same moment, one comes too late.
pub(crate) async fn consume(connection: &mut Connection, right: &Right, purpose: CodePurpose) -> Result<(), Failed<Problem>> {
    let text = "DELETE FROM admin_codes WHERE admin_id = $1 AND purpose = $2 AND code_hash = $3";
    let used = diesel::sql_query(text)
        .bind::<BigInt, _>(right.admin_id)
        .bind::<Text, _>(name(purpose))
        .bind::<Bytea, _>(&right.hash)
        .execute(connection)
        .await?;
    if used == 0 { Err(Failed::Refused(CodeRefused.into())) } else { Ok(()) }
}

/// Ends every code of an account.
pub(crate) async fn forget(connection: &mut Connection, admin_id: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM admin_codes WHERE admin_id = $1").bind::<BigInt, _>(admin_id).execute(connection).await?;
    Ok(())
}

async fn keep(
    connection: &mut Connection,
    admin_id: i64,
    purpose: CodePurpose,
    hash: &[u8],
    expires_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::sql_query(KEEP)
        .bind::<BigInt, _>(admin_id)
        .bind::<Text, _>(name(purpose))
        .bind::<Bytea, _>(hash)
        .bind::<Timestamptz, _>(expires_at)
        .execute(connection)
        .await
}

/// As the table has it.
fn name(purpose: CodePurpose) -> &'static str {
    match purpose {
        CodePurpose::VerifyAddress => "verify_address",
        CodePurpose::Unlock => "unlock",
        CodePurpose::ResetPassword => "reset_password",
    }
}

fn message(admin_id: i64, purpose: CodePurpose, code: &str) -> Vec<u8> {
    [&admin_id.to_be_bytes()[..], name(purpose).as_bytes(), b"/", code.as_bytes()].concat()
}

fn fresh() -> String {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// As people type it: in any case, with spaces and hyphens, with O for 0.
fn read(typed: &str) -> String {
    let kept = typed.chars().filter(|c| !matches!(c, '-' | ' ')).take(LENGTH + 1);
    kept.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(read(" 7qk2-m9xd "), "7QK2M9XD");
        assert_eq!(read("oil0 abcd"), "0110ABCD");
        assert_ne!(read("7QK2M9XDX"), "7QK2M9XD", "one too many is another code");
    }

    #[test]
    fn a_code_has_eight_characters_that_cannot_be_mistaken() {
        let codes: std::collections::HashSet<String> = (0..100).map(|_| fresh()).collect();
        assert_eq!(codes.len(), 100);
        assert!(codes.iter().all(|code| code.len() == 8 && read(code) == *code));
    }

    #[test]
    fn a_code_is_for_one_account_and_one_purpose() {
        let of = |admin_id, purpose| message(admin_id, purpose, "7QK2M9XD");
        assert_ne!(of(1, CodePurpose::Unlock), of(2, CodePurpose::Unlock));
        assert_ne!(of(1, CodePurpose::Unlock), of(1, CodePurpose::ResetPassword));
    }
}

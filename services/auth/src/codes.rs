//! What is mailed to open an account: a short code and a link, or for an address to be verified a code alone.
//!
//! A code is eight characters, because people type it: 40 bits, five tries, an hour, or a day when it verifies an address. Its hash
//! is keyed with a secret that is not in the database, so a reader of the database cannot try all of them at home. It answers one
//! request, and wrong tries count only against that request. The link holds 256 random bits, which nobody guesses, so wrong tries
//! do not block it.
//!
//! Strangers may ask too, so mails are few: three an hour for each account and purpose. A mail is refused only while all three are
//! younger than 55 minutes, and each is good for an hour: whoever is refused one has a link that works, or has used one within that
//! time and is known by it. Used ones are counted too: else a stranger could have three more sent after each use. A code that
//! verifies an address is sent three times an hour, and six times a day until the address is verified: else a stranger who
//! registered with somebody's address could fill that mailbox.
//!
//! Sending a mail is no change of an account, so there is no event; using one is.

use aws_lc_rs::{digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use contract::auth::Hidden;
use contract::email::{CodePurpose, LoginCode, Mail};
use contract::problems::{self, Kind};
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use messages::say;
use outbox::{Outbox, Unaudited, new_envelope};
use problem::{Problem, Refusal};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

/// Without I, L, O and U: nothing that is read as something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
/// An address may be verified a day later; what opens an account is good for an hour.
const VERIFY_LIFETIME: Duration = Duration::hours(24);
const OPEN_LIFETIME: Duration = Duration::hours(1);

/// The refusal of a wrong code. It is the same for an unknown account, so that nobody can use it to find accounts.
#[derive(Debug)]
pub(crate) struct CodeRefused;

messages::says!(CodeRefused, |CodeRefused| say!(account_code_refused));

impl From<CodeRefused> for Problem {
    fn from(refused: CodeRefused) -> Self {
        Self::field("code", refused)
    }
}

/// The refusal of a wrong or expired link.
#[derive(Debug)]
pub(crate) struct TokenRefused;

messages::says!(TokenRefused, |TokenRefused| say!(account_token_refused));

impl From<TokenRefused> for Problem {
    fn from(refused: TokenRefused) -> Self {
        Self::field("token", refused)
    }
}

/// Enough mails were sent. In how many seconds there may be another.
#[derive(Debug)]
pub(crate) struct TooSoon {
    seconds: u32,
}

messages::says!(TooSoon, |_| say!(account_codes_too_soon));

impl Refusal for TooSoon {
    fn kind(&self) -> Kind {
        problems::TOO_MANY
    }

    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}

/// The account that a correct code or link belongs to. [`consume`] uses it up, in the transaction of the change. No `Debug`: it
/// holds an address.
#[derive(QueryableByName)]
pub(crate) struct VerifiedCode {
    #[diesel(sql_type = BigInt)]
    pub(crate) admin_id: i64,
    /// The address of the account.
    #[diesel(sql_type = Text)]
    pub(crate) email: String,
    /// How often all sessions of the account were ended.
    #[diesel(sql_type = Integer)]
    pub(crate) sessions_ended: i32,
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
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

#[derive(QueryableByName)]
struct Wait {
    #[diesel(sql_type = Integer)]
    seconds: i32,
}

/// What is kept of one mail.
struct Sent {
    request_id: Uuid,
    admin_id: i64,
    code_hash: Vec<u8>,
    token_hash: Vec<u8>,
    expires_at: DateTime<Utc>,
}

/// Makes and verifies codes. No `Debug`: it holds a key.
#[derive(Clone)]
pub(crate) struct Codes {
    outbox: Outbox,
    key: hmac::Key,
    public_url: String,
}

/// An account that may be sent a mail of this purpose: any, or for `unlock` one that somebody is locked out of.
const ADDRESSEE: &str = "SELECT a.admin_id, a.email FROM admins a WHERE lower(a.email) = $1 AND ($2 <> 'unlock' OR EXISTS \
     (SELECT FROM login_failures f WHERE f.email_key = lower(a.email) AND f.tried = 'login' AND f.locked_until > clock_timestamp()) \
     OR EXISTS (SELECT FROM login_ceilings c WHERE c.email_key = lower(a.email) AND c.tried = 'login' AND c.failures >= 50 \
         AND c.ends_at > clock_timestamp()))";

/// Two who ask at once are counted one after the other.
const ONE_AT_A_TIME: &str = "SELECT admin_id FROM admins WHERE admin_id = $1 FOR NO KEY UPDATE";

/// Ends older codes that verify an address. Their rows stay for a day, because they are counted.
const END_OLDER: &str = "UPDATE admin_codes SET expires_at = clock_timestamp() \
     WHERE admin_id = $1 AND purpose = 'verify_address' AND expires_at > clock_timestamp()";

/// In how many seconds the next mail may be sent. A code that verifies an address ends the one before, so it has limits of its own,
/// and few a day while nobody has shown that the address is theirs: the account may be a stranger's.
const SECONDS_TO_WAIT: &str = "SELECT coalesce(ceil(extract(epoch FROM max(s.sent_at + l.pause) - now())), 0)::int AS seconds \
     FROM (SELECT c.sent_at, row_number() OVER (ORDER BY c.sent_at DESC) AS nth FROM admin_codes c \
           WHERE c.admin_id = $1 AND c.purpose = $2) s \
     JOIN (VALUES ('verify_address', 1, interval '2 minutes'), ('verify_address', 3, interval '1 hour'), \
                  ('verify_address', 6, interval '1 day'), ('unlock', 3, interval '55 minutes'), \
                  ('reset_password', 3, interval '55 minutes')) l (purpose, nth, pause) ON l.purpose = $2 AND l.nth = s.nth \
     WHERE l.nth < 6 OR (SELECT a.email_verified_at IS NULL FROM admins a WHERE a.admin_id = $1)";

const INSERT_CODE: &str = "INSERT INTO admin_codes (request_id, admin_id, purpose, code_hash, token_hash, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";

/// A mail that was used is ended and not deleted: it is counted for as long as one that nobody used.
const EXPIRE_ONE: &str =
    "UPDATE admin_codes SET expires_at = clock_timestamp() WHERE request_id = $1 AND expires_at > clock_timestamp()";

/// All mails of an account, in the same way.
const END_ALL: &str =
    "UPDATE admin_codes SET expires_at = clock_timestamp() WHERE admin_id = $1 AND expires_at > clock_timestamp()";

const INSERT_OUTBOX: &str = "INSERT INTO outbox (event_id, destination, kind, payload) VALUES ($1, 'email', 'login_code', $2)";

/// A try is counted before the code is compared, in one statement, so of a thousand codes sent at once only five are compared.
/// The request id may be missing only in a call with a session; such an account has just one valid code.
const COUNT_TRY: &str = "UPDATE admin_codes c SET attempts = c.attempts + 1 FROM admins a \
     WHERE a.admin_id = c.admin_id AND lower(a.email) = $1 AND c.purpose = $2 AND ($3 IS NULL OR c.request_id = $3) \
         AND c.attempts < 5 AND c.expires_at > clock_timestamp() \
     RETURNING a.admin_id, a.email, a.sessions_ended, c.request_id, c.code_hash AS hash";

/// Every mail that is still good. The caller counts the try.
const VALID_CODES: &str = "SELECT a.admin_id, a.email, a.sessions_ended, c.request_id, c.code_hash AS hash \
     FROM admin_codes c JOIN admins a USING (admin_id) \
     WHERE lower(a.email) = $1 AND c.purpose = $2 AND c.attempts < 5 AND c.expires_at > clock_timestamp()";

const BY_TOKEN: &str = "SELECT a.admin_id, a.email, a.sessions_ended, c.request_id, c.token_hash AS hash \
     FROM admin_codes c JOIN admins a USING (admin_id) \
     WHERE c.token_hash = $1 AND c.purpose = $2 AND c.expires_at > clock_timestamp()";

impl Codes {
    /// `secret` is the public token's; what is derived from it here is good for nothing else. Links begin with `public_url`.
    pub(crate) fn new(outbox: Outbox, secret: &SecretString, public_url: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let own = hmac::sign(&key, b"uvote: codes by mail/v1");
        Self { outbox, key: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()), public_url: public_url.to_owned() }
    }

    /// Sends a mail to the account with this address, if there is one that it would be good for. What was sent before stays good.
    pub(crate) async fn send(
        &self,
        email_key: &str,
        purpose: CodePurpose,
        request_id: Uuid,
    ) -> Result<Result<(), TooSoon>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let found: Option<Account> = diesel::sql_query(ADDRESSEE)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(<&str>::from(purpose))
            .get_result(&mut *connection)
            .await
            .optional()?;
        drop(connection);
        let Some(Account { admin_id, email }) = found else { return Ok(Ok(())) };
        let (code, token) = (random_code(), fresh_token());
        let expires_at =
            (Utc::now() + if purpose == CodePurpose::VerifyAddress { VERIFY_LIFETIME } else { OPEN_LIFETIME }).trunc_subsecs(0);
        let code_hash = hmac::sign(&self.key, &message(admin_id, purpose, &code)).as_ref().to_vec();
        let sent = Sent { request_id, admin_id, code_hash, token_hash: token_hash(&token), expires_at };
        let shown = format!("{}-{}", &code[..LENGTH / 2], &code[LENGTH / 2..]);
        let link = page(purpose).map(|page| format!("{}/{page}?token={token}", self.public_url));
        let mail = new_envelope(None, email, Mail::LoginCode(LoginCode { purpose, code: shown, link, expires_at }));
        let (event_id, sealed) = (mail.event_id, self.outbox.encrypted(&mail));
        let stored = self
            .outbox
            .unaudited(Unaudited::LoginFailures)
            .transaction("send a code", async move |connection| {
                keep(connection, purpose, &sent).await?;
                diesel::sql_query(INSERT_OUTBOX)
                    .bind::<SqlUuid, _>(event_id)
                    .bind::<Bytea, _>(&sealed)
                    .execute(connection)
                    .await?;
                Ok(())
            })
            .await;
        match stored {
            Ok(()) => Ok(Ok(())),
            Err(Failed::Refused(too_soon)) => Ok(Err(too_soon)),
            Err(Failed::Database(cause)) => Err(cause),
        }
    }

    /// Whether this is the code that answers this request. Counts a try against the request. Without one: against the one mail that
    /// verifies an address.
    pub(crate) async fn verify_for_request(
        &self,
        email_key: &str,
        purpose: CodePurpose,
        request_id: Option<Uuid>,
        code: &Hidden,
    ) -> Result<Result<VerifiedCode, CodeRefused>, DatabaseError> {
        let mut connection = self.outbox.unaudited(Unaudited::LoginFailures).connection().await?;
        let sent: Vec<VerifiedCode> = diesel::sql_query(COUNT_TRY)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(<&str>::from(purpose))
            .bind::<Nullable<SqlUuid>, _>(request_id)
            .get_results(&mut *connection)
            .await?;
        Ok(self.matching(sent, purpose, code))
    }

    /// Whether this is the code of any mail of this account that is still good. The caller has counted the try.
    pub(crate) async fn verify_any(
        &self,
        email_key: &str,
        purpose: CodePurpose,
        code: &Hidden,
    ) -> Result<Result<VerifiedCode, CodeRefused>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let sent: Vec<VerifiedCode> = diesel::sql_query(VALID_CODES)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(<&str>::from(purpose))
            .get_results(&mut *connection)
            .await?;
        Ok(self.matching(sent, purpose, code))
    }

    /// Whose link this is.
    pub(crate) async fn by_token(
        &self,
        purpose: CodePurpose,
        token: &Hidden,
    ) -> Result<Result<VerifiedCode, TokenRefused>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let sent: Option<VerifiedCode> = diesel::sql_query(BY_TOKEN)
            .bind::<Bytea, _>(token_hash(token.expose()))
            .bind::<Text, _>(<&str>::from(purpose))
            .get_result(&mut *connection)
            .await
            .optional()?;
        Ok(sent.ok_or(TokenRefused))
    }

    fn matching(&self, sent: Vec<VerifiedCode>, purpose: CodePurpose, code: &Hidden) -> Result<VerifiedCode, CodeRefused> {
        let typed = read(code.expose());
        let fits = |sent: &VerifiedCode| hmac::verify(&self.key, &message(sent.admin_id, purpose, &typed), &sent.hash).is_ok();
        sent.into_iter().find(fits).ok_or(CodeRefused)
    }
}

/// Uses the mail up, its code and its link. Of two who use it in the same moment, one comes too late.
pub(crate) async fn consume(connection: &mut Connection, verified: &VerifiedCode) -> Result<(), Failed<Problem>> {
    let ended = diesel::sql_query(EXPIRE_ONE).bind::<SqlUuid, _>(verified.request_id).execute(connection).await?;
    if ended == 0 { Err(Failed::Refused(CodeRefused.into())) } else { Ok(()) }
}

/// Ends every code and link of an account.
pub(crate) async fn end_all(connection: &mut Connection, admin_id: i64) -> QueryResult<()> {
    diesel::sql_query(END_ALL).bind::<BigInt, _>(admin_id).execute(connection).await?;
    Ok(())
}

async fn keep(connection: &mut Connection, purpose: CodePurpose, sent: &Sent) -> Result<(), Failed<TooSoon>> {
    diesel::sql_query(ONE_AT_A_TIME).bind::<BigInt, _>(sent.admin_id).execute(connection).await?;
    let asked = diesel::sql_query(SECONDS_TO_WAIT).bind::<BigInt, _>(sent.admin_id).bind::<Text, _>(<&str>::from(purpose));
    let Wait { seconds } = asked.get_result(connection).await?;
    if let Some(seconds) = u32::try_from(seconds).ok().filter(|seconds| *seconds > 0) {
        return Err(Failed::Refused(TooSoon { seconds }));
    }
    if purpose == CodePurpose::VerifyAddress {
        diesel::sql_query(END_OLDER).bind::<BigInt, _>(sent.admin_id).execute(connection).await?;
    }
    diesel::sql_query(INSERT_CODE)
        .bind::<SqlUuid, _>(sent.request_id)
        .bind::<BigInt, _>(sent.admin_id)
        .bind::<Text, _>(<&str>::from(purpose))
        .bind::<Bytea, _>(&sent.code_hash)
        .bind::<Bytea, _>(&sent.token_hash)
        .bind::<Timestamptz, _>(sent.expires_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// The page that the link of a mail leads to. Whoever verifies an address is logged in and types the code: a link would let a
/// stranger who registered with somebody's address have it confirmed by one careless click of its owner.
fn page(purpose: CodePurpose) -> Option<&'static str> {
    match purpose {
        CodePurpose::VerifyAddress => None,
        CodePurpose::Unlock => Some("unlock"),
        CodePurpose::ResetPassword => Some("reset-password"),
    }
}

fn message(admin_id: i64, purpose: CodePurpose, code: &str) -> Vec<u8> {
    [&admin_id.to_be_bytes()[..], <&str>::from(purpose).as_bytes(), b"/", code.as_bytes()].concat()
}

fn random_code() -> String {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// For a link that is mailed.
pub(crate) fn fresh_token() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// 32 random bytes need no key: nobody tries them all.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
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
        let codes: std::collections::HashSet<String> = (0..100).map(|_| random_code()).collect();
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

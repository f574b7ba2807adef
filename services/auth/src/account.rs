//! What admins do about their own accounts: showing that an address is theirs, opening a locked account, changing or resetting a
//! password. A new password ends every session of the account, the one it was set in as well.
//!
//! The two calls that ask for a code with only an address give every address the same answer, before the account is looked up. The
//! login whose failure locks the account does the same.

use actix_web::{HttpRequest, HttpResponse, rt, web};
use contract::auth::{ChangePassword, CodeRequest, CodeRequested, Hidden, ResetPassword, Unlock, VerifyAddress};
use contract::email::CodePurpose;
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use identity::client_address;
use messages::say;
use outbox::{Audited, Unaudited};
use problem::{Json, Problem};
use uuid::Uuid;

use crate::Auth;
use crate::codes::{VerifiedCode, consume, end_all};
use crate::lockout::{self, CountedTry, Tried};
use crate::login::find;
use crate::password::{self, LONGEST_FIELD, Lane, PasswordRefused};
use crate::requester::RequestOrigin;
use crate::session::Session;

/// Sends a code to the address of the account, by which it is shown to be yours.
#[utoipa::path(
    post,
    path = "/api/auth/send-verification",
    tag = "accounts",
    security(("bearer" = ["admin"])),
    responses(
        (status = 202, description = "A mail with a code is on its way", body = CodeRequested),
        (status = 429, description = "`too-many-requests`: a code was sent less than two minutes ago, or three within an hour, or six within a day to an address that is not verified; `Retry-After` says how long to wait"),
    )
)]
pub(crate) async fn send_verification(auth: web::Data<Auth>, session: Session) -> Result<HttpResponse, Problem> {
    let request_id = Uuid::new_v4();
    auth.codes.send(&session.email_key(), CodePurpose::VerifyAddress, request_id).await??;
    Ok(HttpResponse::Accepted().json(CodeRequested::new(say!(account_code_sent), request_id)))
}

/// Shows by the mailed code that the address of the account is yours. Until then mails to voters may be refused.
#[utoipa::path(
    post,
    path = "/api/auth/verify-address",
    tag = "accounts",
    security(("bearer" = ["admin"])),
    request_body = VerifyAddress,
    responses(
        (status = 204, description = "The address is verified"),
        (status = 422, description = "`invalid-input`: not the code of the newest mail, or no longer good"),
    )
)]
pub(crate) async fn verify_address(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    body: Json<VerifyAddress>,
) -> Result<HttpResponse, Problem> {
    // Only somebody who is logged in to the account can use up the tries of this code, so no further limit is needed.
    let VerifyAddress { code, request_id } = body.into_inner();
    let verified = auth.codes.verify_for_request(&session.email_key(), CodePurpose::VerifyAddress, request_id, &code).await??;
    let event = AuditEvent::now(AuditEventKind::AddressVerified {}).by(verified.admin_id, client_address(&request));
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("verify an address", async move |tx| {
            consume(tx.connection(), &verified).await?;
            verify(tx.connection(), verified.admin_id).await?;
            Ok(Audited::new((), event.clone()))
        })
        .await;
    done?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks for the code that opens a locked account. One is mailed at the lock already. The answer is the same for every address.
#[utoipa::path(
    post,
    path = "/api/auth/request-unlock",
    tag = "public",
    security(()),
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If there is such an account and it is locked, a mail is on its way", body = CodeRequested),
        (status = 422, description = "`invalid-input`: not an address"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer"),
    )
)]
pub(crate) async fn request_unlock(auth: web::Data<Auth>, body: Json<CodeRequest>) -> Result<HttpResponse, Problem> {
    auth.code_requested(&body.email, CodePurpose::Unlock).await
}

/// Opens a locked account with the mailed code. The password stays what it is.
#[utoipa::path(
    post,
    path = "/api/auth/unlock",
    tag = "public",
    security(()),
    request_body = Unlock,
    responses(
        (status = 204, description = "The account is open; log in"),
        (status = 422, description = "`invalid-input`: not the code of the newest mail, or no longer good; the same for an unknown account"),
    )
)]
pub(crate) async fn unlock(auth: web::Data<Auth>, request: HttpRequest, body: Json<Unlock>) -> Result<HttpResponse, Problem> {
    let Unlock { email, code, request_id, token } = body.into_inner();
    let proof = Proof::parse(email, code, request_id, token)?;
    let shown = RequestOrigin::of(&request);
    let verified = auth.check_proof(&proof, CodePurpose::Unlock, &shown).await?;
    let (key, sessions_ended) = (verified.email.to_lowercase(), verified.sessions_ended);
    let event = AuditEvent::now(AuditEventKind::AccountUnlocked {}).by(verified.admin_id, shown.address());
    let (opened, requester) = (key.clone(), auth.requesters.identify(&shown, &key, sessions_ended));
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("unlock an account", async move |tx| {
            consume(tx.connection(), &verified).await?;
            lockout::open(tx.connection(), &opened, requester).await?;
            Ok(Audited::new((), event.clone()))
        })
        .await;
    done?;
    auth.refusals.unlock(&key).await;
    Ok(HttpResponse::NoContent().insert_header(auth.requesters.cookie(&key, sessions_ended)).finish())
}

/// Changes the password and ends every session of the account, this one too. Five wrong current passwords are the limit of a session.
#[utoipa::path(
    post,
    path = "/api/auth/change-password",
    tag = "accounts",
    security(("bearer" = ["admin"])),
    request_body = ChangePassword,
    responses(
        (status = 204, description = "The new password is good, and every token of the account is dead: log in again"),
        (status = 401, description = "`not-logged-in`, or `wrong-credentials`: the current password is wrong"),
        (status = 422, description = "`invalid-input`: the new password cannot be taken"),
        (status = 429, description = "`too-many-requests`: five wrong passwords with this session; log in again"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer"),
    )
)]
pub(crate) async fn change_password(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    body: Json<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    let ChangePassword { current_password, new_password } = body.into_inner();
    if current_password.expose().len() > LONGEST_FIELD {
        return Err(Problem::field("current_password", say!(text_longer_than_bytes, most = LONGEST_FIELD)));
    }
    let email = Email::parse(&session.claims.email).ok();
    password::check(new_password.expose(), email.as_ref()).map_err(|refused| Problem::field("new_password", refused))?;
    let address = client_address(&request);
    let key = session.email_key();
    let changed = key.clone();
    // In a task of its own: it must finish even if the client disconnects, as in `login`.
    let changing = rt::spawn(async move {
        let place = auth.check_current_password(&session, current_password).await?;
        let hash = auth.passwords.hash(Lane::Known(&key), new_password).await?;
        let event = AuditEvent::now(AuditEventKind::PasswordChanged {}).by(session.admin_id, address);
        let done: Result<i32, Failed<Problem>> = auth
            .outbox
            .audited("change a password", async move |tx| {
                let sessions_ended = set_password(tx.connection(), session.admin_id, &hash).await?;
                lockout::clear(tx.connection(), &changed, &place).await?;
                Ok(Audited::new(sessions_ended, event.clone()))
            })
            .await;
        let sessions_ended = done.map_err(Problem::from)?;
        Ok::<_, Problem>(auth.requesters.cookie(&key, sessions_ended))
    });
    let cookie = changing.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))?;
    Ok(HttpResponse::NoContent().insert_header(cookie).finish())
}

/// Asks for the code that sets a new password. The answer is the same for every address.
#[utoipa::path(
    post,
    path = "/api/auth/request-password-reset",
    tag = "public",
    security(()),
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If there is such an account, a mail is on its way", body = CodeRequested),
        (status = 422, description = "`invalid-input`: not an address"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer"),
    )
)]
pub(crate) async fn request_password_reset(auth: web::Data<Auth>, body: Json<CodeRequest>) -> Result<HttpResponse, Problem> {
    auth.code_requested(&body.email, CodePurpose::ResetPassword).await
}

/// Sets a new password with the mailed code. Ends every session, opens the account if it is locked, and shows that the address is yours.
#[utoipa::path(
    post,
    path = "/api/auth/reset-password",
    tag = "public",
    security(()),
    request_body = ResetPassword,
    responses(
        (status = 204, description = "The new password is good; log in"),
        (status = 422, description = "`invalid-input`: the password cannot be taken, or the code is not the one of the newest mail or no longer good; the same for an unknown account"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer"),
    )
)]
pub(crate) async fn reset_password(
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: Json<ResetPassword>,
) -> Result<HttpResponse, Problem> {
    let ResetPassword { email, code, request_id, token, password } = body.into_inner();
    let proof = Proof::parse(email, code, request_id, token)?;
    // Before the code is checked, so that a weak password does not cost a try of the code.
    let parsed = if let Proof::Code { email_key, .. } = &proof { Email::parse(email_key).ok() } else { None };
    let weak = |refused: PasswordRefused| Problem::field("password", refused);
    password::check(password.expose(), parsed.as_ref()).map_err(weak)?;
    let shown = RequestOrigin::of(&request);
    let verified = auth.check_proof(&proof, CodePurpose::ResetPassword, &shown).await?;
    // With a link the account is known only now. Checking the link does not use it up.
    password::check(password.expose(), Email::parse(&verified.email).ok().as_ref()).map_err(weak)?;
    let key = verified.email.to_lowercase();
    let hash = auth.passwords.hash(Lane::Known(&key), password).await?;
    let event = AuditEvent::now(AuditEventKind::PasswordReset {}).by(verified.admin_id, shown.address());
    let (opened, requester) = (key.clone(), auth.requesters.identify(&shown, &key, verified.sessions_ended));
    let done: Result<i32, Failed<Problem>> = auth
        .outbox
        .audited("reset a password", async move |tx| {
            let admin_id = verified.admin_id;
            consume(tx.connection(), &verified).await?;
            let sessions_ended = set_password(tx.connection(), admin_id, &hash).await?;
            verify(tx.connection(), admin_id).await?;
            lockout::open(tx.connection(), &opened, requester).await?;
            Ok(Audited::new(sessions_ended, event.clone()))
        })
        .await;
    let sessions_ended = done?;
    auth.refusals.unlock(&key).await;
    Ok(HttpResponse::NoContent().insert_header(auth.requesters.cookie(&key, sessions_ended)).finish())
}

/// The token or code from a mail, as the user sends it back. No `Debug`: it gives access to an account.
enum Proof {
    Token(Hidden),
    Code { email_key: String, code: Hidden, request_id: Option<Uuid> },
}

impl Proof {
    fn parse(
        email: Option<String>,
        code: Option<Hidden>,
        request_id: Option<Uuid>,
        token: Option<Hidden>,
    ) -> Result<Self, Problem> {
        match (email, code, token) {
            (None, None, Some(token)) if request_id.is_none() => Ok(Self::Token(token)),
            (Some(email), Some(code), None) => Ok(Self::Code { email_key: email_key(&email)?, code, request_id }),
            (_, _, Some(_)) => Err(Problem::field("token", say!(account_token_is_enough))),
            (None, _, None) => Err(Problem::field("email", say!(account_proof_missing))),
            (Some(_), None, None) => Err(Problem::field("code", say!(account_proof_missing))),
        }
    }
}

fn email_key(email: &str) -> Result<String, Problem> {
    Ok(Email::parse(email).map_err(|refused| Problem::field("email", refused))?.key())
}

/// Sets a new password and ends all sessions and codes of the account, in case somebody else has one. Returns the new
/// `sessions_ended`.
async fn set_password(connection: &mut Connection, admin_id: i64, hash: &str) -> QueryResult<i32> {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = Integer)]
        sessions_ended: i32,
    }
    let text =
        "UPDATE admins SET password_hash = $2, sessions_ended = sessions_ended + 1 WHERE admin_id = $1 RETURNING sessions_ended";
    let ended: Ended = diesel::sql_query(text).bind::<BigInt, _>(admin_id).bind::<Text, _>(hash).get_result(connection).await?;
    end_all(connection, admin_id).await?;
    Ok(ended.sessions_ended)
}

async fn verify(connection: &mut Connection, admin_id: i64) -> QueryResult<()> {
    let text = "UPDATE admins SET email_verified_at = coalesce(email_verified_at, now()) WHERE admin_id = $1";
    diesel::sql_query(text).bind::<BigInt, _>(admin_id).execute(connection).await?;
    Ok(())
}

impl Auth {
    /// The same answer for every address, before the account is looked up. Every answer has a new `request_id`.
    async fn code_requested(&self, email: &str, purpose: CodePurpose) -> Result<HttpResponse, Problem> {
        let key = email_key(email)?;
        self.database.answers().await?;
        let request_id = Uuid::new_v4();
        if !self.send_afterwards(key, purpose, request_id) {
            return Err(Problem::new(problems::UNAVAILABLE, say!(account_codes_waiting)));
        }
        let message = match purpose {
            CodePurpose::Unlock => say!(account_unlock_requested),
            _ => say!(account_reset_requested),
        };
        Ok(HttpResponse::Accepted().json(CodeRequested::new(message, request_id)))
    }

    /// Sends a code in a task of its own; false when too many codes are being sent.
    pub(crate) fn send_afterwards(&self, email_key: String, purpose: CodePurpose, request_id: Uuid) -> bool {
        let Ok(place) = self.sending.clone().try_acquire_owned() else { return false };
        let codes = self.codes.clone();
        rt::spawn(async move {
            match codes.send(&email_key, purpose, request_id).await {
                Ok(Ok(()) | Err(_)) => {}
                Err(cause) => tracing::warn!(%cause, "a code was not sent; its admin has to ask again"),
            }
            drop(place);
        });
        true
    }

    /// Checks the code or token and returns its account. A wrong code counts against the `request_id` that was sent with it.
    /// Without a `request_id` it counts against the requester: otherwise a stranger could use up the tries of other people's codes.
    /// A wrong token is not counted, because 256 bits cannot be guessed.
    async fn check_proof(&self, proof: &Proof, purpose: CodePurpose, shown: &RequestOrigin) -> Result<VerifiedCode, Problem> {
        let (key, code) = match proof {
            Proof::Token(token) => return Ok(self.codes.by_token(purpose, token).await??),
            Proof::Code { email_key, code, request_id: Some(request_id) } => {
                return Ok(self.codes.verify_for_request(email_key, purpose, Some(*request_id), code).await??);
            }
            Proof::Code { email_key, code, request_id: None } => (email_key, code),
        };
        let account = find(&self.database, key).await?;
        let requester = self.requesters.identify(shown, key, account.map_or(0, |account| account.sessions_ended));
        let place = lockout::take_place(self.outbox.unaudited(Unaudited::LoginFailures), key, Tried::Code, requester)
            .await?
            .map_err(|locked| Problem::new(problems::TOO_MANY, say!(account_too_many_wrong_codes)).retry_after(locked.seconds))?;
        let verified = self.codes.verify_any(key, purpose, code).await??;
        lockout::give_back(self.outbox.unaudited(Unaudited::LoginFailures), key, &place).await?;
        Ok(verified)
    }

    /// Whether this is the password of the session's account. Five wrong ones in a session, and it changes no password any more; what
    /// strangers try at the login does not count here.
    async fn check_current_password(&self, session: &Session, password: Hidden) -> Result<CountedTry, Problem> {
        let key = session.email_key();
        let requester = self.requesters.of_session(session.claims.jti);
        let place =
            lockout::take_place(self.outbox.unaudited(Unaudited::LoginFailures), &key, Tried::Change, requester).await?.map_err(
                |locked| Problem::new(problems::TOO_MANY, say!(account_too_many_wrong_passwords)).retry_after(locked.seconds),
            )?;
        let account = find(&self.database, &key).await?;
        if self.is_right(&key, password, account.as_ref(), &place).await? {
            return Ok(place);
        }
        metrics::counter!("auth_wrong_credentials_total").increment(1);
        Err(Problem::new(problems::WRONG_CREDENTIALS, say!(account_current_password_wrong)))
    }
}

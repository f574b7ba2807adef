//! What admins do about their own accounts: showing that an address is theirs, opening a locked account, changing or resetting a
//! password. A new password ends every session of the account, the one it was set in as well.
//!
//! The two calls that ask for a code by an address alone answer the same for every address, before anybody looks whether it has
//! an account; so does the login whose failure locks.

use actix_web::{HttpRequest, HttpResponse, rt, web};
use contract::auth::{ChangePassword, CodeRequest, CodeRequested, Hidden, ResetPassword, Unlock, VerifyAddress};
use contract::email::CodePurpose;
use contract::events::{AuditEvent, Happening};
use contract::problems::{self, Body};
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use identity::client_address;
use outbox::Audited;
use problem::Problem;

use crate::Auth;
use crate::codes::{Right, consume, forget};
use crate::lockout;
use crate::password::{self, LONGEST_FIELD};
use crate::session::Session;

/// Sends a code to the address of the account, by which it is shown to be yours.
#[utoipa::path(
    post,
    path = "/api/auth/send-verification",
    tag = "accounts",
    security(("bearer" = [])),
    responses(
        (status = 202, description = "A mail with a code is on its way", body = CodeRequested),
        (status = 401, description = "`not-logged-in`", body = Body, content_type = "application/problem+json"),
        (status = 429, description = "`too-many-requests`: a code was sent less than two minutes ago", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send_verification(auth: web::Data<Auth>, session: Session) -> Result<HttpResponse, Problem> {
    auth.codes.send(&session.email_key(), CodePurpose::VerifyAddress).await??;
    let message = "A mail with a code is on its way to you. Send the code to POST /api/auth/verify-address within 24 hours";
    Ok(HttpResponse::Accepted().json(CodeRequested { message: message.to_owned() }))
}

/// Shows by the mailed code that the address of the account is yours. Until then mails to voters may be refused.
#[utoipa::path(
    post,
    path = "/api/auth/verify-address",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = VerifyAddress,
    responses(
        (status = 204, description = "The address is verified"),
        (status = 401, description = "`not-logged-in`", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-input`: not the code of the newest mail, or no longer good", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify_address(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    body: web::Json<VerifyAddress>,
) -> Result<HttpResponse, Problem> {
    let right = auth.codes.is_right(&session.email_key(), CodePurpose::VerifyAddress, &body.code).await??;
    let event = AuditEvent::now(Happening::AddressVerified {}).by(right.admin_id, client_address(&request));
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("verify an address", async move |tx| {
            consume(tx.connection(), &right, CodePurpose::VerifyAddress).await?;
            verify(tx.connection(), right.admin_id).await?;
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
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If there is such an account and it is locked, a mail is on its way", body = CodeRequested),
        (status = 422, description = "`invalid-input`: not an address", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn request_unlock(auth: web::Data<Auth>, body: web::Json<CodeRequest>) -> Result<HttpResponse, Problem> {
    auth.code_requested(&body.email, CodePurpose::Unlock).await
}

/// Opens a locked account with the mailed code. The password stays what it is.
#[utoipa::path(
    post,
    path = "/api/auth/unlock",
    tag = "public",
    request_body = Unlock,
    responses(
        (status = 204, description = "The account is open; log in"),
        (status = 422, description = "`invalid-input`: not the code of the newest mail, or no longer good; the same for an unknown account", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn unlock(
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: web::Json<Unlock>,
) -> Result<HttpResponse, Problem> {
    let Unlock { email, code } = body.into_inner();
    let key = email_key(&email)?;
    let right = auth.codes.is_right(&key, CodePurpose::Unlock, &code).await??;
    let event = AuditEvent::now(Happening::AccountUnlocked {}).by(right.admin_id, client_address(&request));
    let opened = key.clone();
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("unlock an account", async move |tx| {
            consume(tx.connection(), &right, CodePurpose::Unlock).await?;
            lockout::clear(tx.connection(), &opened).await?;
            Ok(Audited::new((), event.clone()))
        })
        .await;
    done?;
    auth.refusals.unlock(&key).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes the password and ends every session of the account, this one too. A wrong current password counts as a failed login.
#[utoipa::path(
    post,
    path = "/api/auth/change-password",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = ChangePassword,
    responses(
        (status = 204, description = "The new password is good, and every token of the account is dead: log in again"),
        (status = 401, description = "`not-logged-in`, or `wrong-credentials`: the current password is wrong", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-input`: the new password cannot be taken", body = Body, content_type = "application/problem+json"),
        (status = 423, description = "`account-locked`: five failures in a row", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_password(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    body: web::Json<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    let ChangePassword { current_password, new_password } = body.into_inner();
    if current_password.expose().len() > LONGEST_FIELD {
        return Err(Problem::field("current_password", format!("is longer than {LONGEST_FIELD} bytes")));
    }
    let email = Email::parse(&session.claims.email).ok();
    password::check(new_password.expose(), email.as_ref())
        .map_err(|refused| Problem::field("new_password", refused.to_string()))?;
    let address = client_address(&request);
    // To its end even when the client hangs up, as a login.
    let changing = rt::spawn(async move {
        let key = session.email_key();
        auth.prove(&key, current_password, address.clone()).await?;
        let hash = auth.passwords.hash(new_password).await?;
        let event = AuditEvent::now(Happening::PasswordChanged {}).by(session.admin_id, address);
        let done: Result<(), Failed<Problem>> = auth
            .outbox
            .audited("change a password", async move |tx| {
                set_password(tx.connection(), session.admin_id, &hash).await?;
                lockout::clear(tx.connection(), &key).await?;
                Ok(Audited::new((), event.clone()))
            })
            .await;
        done.map_err(Problem::from)
    });
    changing.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks for the code that sets a new password. The answer is the same for every address.
#[utoipa::path(
    post,
    path = "/api/auth/request-password-reset",
    tag = "public",
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If there is such an account, a mail is on its way", body = CodeRequested),
        (status = 422, description = "`invalid-input`: not an address", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn request_password_reset(auth: web::Data<Auth>, body: web::Json<CodeRequest>) -> Result<HttpResponse, Problem> {
    auth.code_requested(&body.email, CodePurpose::ResetPassword).await
}

/// Sets a new password with the mailed code. Ends every session, opens the account if it is locked, and shows that the address is yours.
#[utoipa::path(
    post,
    path = "/api/auth/reset-password",
    tag = "public",
    request_body = ResetPassword,
    responses(
        (status = 204, description = "The new password is good; log in"),
        (status = 422, description = "`invalid-input`: the password cannot be taken, or the code is not the one of the newest mail or no longer good; the same for an unknown account", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer", body = Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_password(
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: web::Json<ResetPassword>,
) -> Result<HttpResponse, Problem> {
    let ResetPassword { email, code, password } = body.into_inner();
    let parsed = Email::parse(&email).map_err(|refused| Problem::field("email", refused.to_string()))?;
    // Before the code is looked at: whoever has chosen a weak password keeps their tries.
    password::check(password.expose(), Some(&parsed)).map_err(|refused| Problem::field("password", refused.to_string()))?;
    let key = parsed.key();
    let right = auth.codes.is_right(&key, CodePurpose::ResetPassword, &code).await??;
    let hash = auth.passwords.hash(password).await?;
    let event = AuditEvent::now(Happening::PasswordReset {}).by(right.admin_id, client_address(&request));
    let opened = key.clone();
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("reset a password", async move |tx| {
            let Right { admin_id, .. } = right;
            consume(tx.connection(), &right, CodePurpose::ResetPassword).await?;
            set_password(tx.connection(), admin_id, &hash).await?;
            verify(tx.connection(), admin_id).await?;
            lockout::clear(tx.connection(), &opened).await?;
            Ok(Audited::new((), event.clone()))
        })
        .await;
    done?;
    auth.refusals.unlock(&key).await;
    Ok(HttpResponse::NoContent().finish())
}

fn email_key(email: &str) -> Result<String, Problem> {
    Ok(Email::parse(email).map_err(|refused| Problem::field("email", refused.to_string()))?.key())
}

/// A new password: the old tokens die with the old one, and so do codes that somebody may have caught.
async fn set_password(connection: &mut Connection, admin_id: i64, hash: &str) -> QueryResult<()> {
    let text = "UPDATE admins SET password_hash = $2, sessions_ended = sessions_ended + 1 WHERE admin_id = $1";
    diesel::sql_query(text).bind::<BigInt, _>(admin_id).bind::<Text, _>(hash).execute(connection).await?;
    forget(connection, admin_id).await
}

async fn verify(connection: &mut Connection, admin_id: i64) -> QueryResult<()> {
    let text = "UPDATE admins SET email_verified_at = coalesce(email_verified_at, now()) WHERE admin_id = $1";
    diesel::sql_query(text).bind::<BigInt, _>(admin_id).execute(connection).await?;
    Ok(())
}

impl Auth {
    /// The same answer for every address, before anybody looks.
    async fn code_requested(&self, email: &str, purpose: CodePurpose) -> Result<HttpResponse, Problem> {
        let key = email_key(email)?;
        self.database.ready().await?;
        if !self.send_afterwards(key, purpose) {
            return Err(Problem::new(
                problems::UNAVAILABLE,
                "Too many codes are being sent. Nothing was done; try again in a few seconds",
            ));
        }
        let message = match purpose {
            CodePurpose::Unlock => "If there is an account with this address and it is locked, a mail with a code is on its way",
            _ => "If there is an account with this address, a mail with a code is on its way",
        };
        Ok(HttpResponse::Accepted().json(CodeRequested { message: message.to_owned() }))
    }

    /// Sends a code in a task of its own; false when too many are at it.
    pub(crate) fn send_afterwards(&self, email_key: String, purpose: CodePurpose) -> bool {
        let Ok(place) = self.sending.clone().try_acquire_owned() else { return false };
        let codes = self.codes.clone();
        rt::spawn(async move {
            match codes.send(&email_key, purpose).await {
                Ok(Ok(()) | Err(_)) => {}
                Err(cause) => tracing::warn!(%cause, "a code was not sent; its admin has to ask again"),
            }
            drop(place);
        });
        true
    }

    /// Whether this is the password of the account with this address, by the rules of a login: five failures lock it.
    async fn prove(&self, key: &str, password: Hidden, address: Option<String>) -> Result<(), Problem> {
        let (place, account) = self.take_place(key).await?;
        if self.is_right(key, password, account.as_ref()).await? {
            return Ok(());
        }
        let refused = self.turn_away(key.to_owned(), place, account.map(|account| account.admin_id), address).await;
        Err(refused)
    }
}

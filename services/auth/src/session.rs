//! The session of a valid token: recognising it, showing its claims, logging out. A logout revokes the token at once and for ever:
//! the row in PostgreSQL decides, Redis only caches refusals.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use contract::auth::Verified;
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use database::{DatabaseError, Failed, TextColumn};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{Role, client_address};
use messages::{Message, say};
use outbox::Audited;
use problem::{Json, Problem};
use uuid::Uuid;

use crate::Auth;
use crate::schema::{admins, revoked_tokens};
use crate::token::Claims;

/// A caller with a token that is ours, alive and not revoked, with the address and the role that the account has now. As an argument of a handler it refuses everybody else with 401.
pub(crate) struct Session {
    pub(crate) admin_id: i64,
    pub(crate) email_verified: bool,
    pub(crate) claims: Claims,
}

impl FromRequest for Session {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let auth = request.app_data::<web::Data<Auth>>().cloned();
        let token = bearer(request).map(str::to_owned);
        Box::pin(async move {
            let auth = auth.ok_or_else(|| Problem::internal("recognise the caller", &"no state is registered"))?;
            auth.authenticate(token.as_deref()).await
        })
    }
}

/// The token of the request. Two `Authorization` headers are refused: the gateway and this service could read different ones.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let (scheme, token) = headers.next()?.to_str().ok()?.split_once(' ')?;
    (headers.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

impl Session {
    /// What the account's address is compared by.
    pub(crate) fn email_key(&self) -> String {
        self.claims.email.to_lowercase()
    }
}

fn unauthenticated(detail: Message) -> Problem {
    Problem::new(problems::UNAUTHENTICATED, detail)
}

impl Auth {
    async fn authenticate(&self, token: Option<&str>) -> Result<Session, Problem> {
        let token = token.ok_or_else(|| unauthenticated(say!(log_in_first)))?;
        let claims = self.tokens.read(token).ok_or_else(|| unauthenticated(say!(token_invalid)))?;
        let admin_id = claims.admin_id().ok_or_else(|| unauthenticated(say!(token_names_no_account)))?;
        if self.refusals.is_revoked(claims.jti).await {
            return Err(unauthenticated(say!(token_logged_out)));
        }
        self.load_session(admin_id, claims).await
    }

    /// One query for what only PostgreSQL decides: whether the token was logged out, whether all sessions of the account were ended
    /// since, and which role the account has now. A "revoked" from Redis saves this query; no entry in Redis proves nothing.
    async fn load_session(&self, admin_id: i64, claims: Claims) -> Result<Session, Problem> {
        let mut connection = self.database.connection().await?;
        let revoked = exists(revoked_tokens::table.find(claims.jti));
        let account = admins::table.find(admin_id).select((
            admins::email,
            admins::email_verified_at.is_not_null(),
            admins::role,
            admins::sessions_ended,
            revoked,
        ));
        let found: Option<(String, bool, TextColumn<Role>, i32, bool)> =
            account.get_result(&mut *connection).await.optional().map_err(DatabaseError::from)?;
        let (email, email_verified, role_now, sessions_ended, is_revoked) =
            found.ok_or_else(|| unauthenticated(say!(token_account_gone)))?;
        if is_revoked {
            self.refusals.revoke(claims.jti, claims.exp - Utc::now().timestamp()).await;
            return Err(unauthenticated(say!(token_logged_out)));
        }
        if sessions_ended != claims.sessions {
            return Err(unauthenticated(say!(token_password_changed)));
        }
        Ok(Session { admin_id, email_verified, claims: Claims { email, role: *role_now, ..claims } })
    }
}

/// Who the token belongs to and how long it lives.
#[utoipa::path(
    get,
    path = "/api/auth/verify",
    tag = "sessions",
    security(("bearer" = ["admin"])),
    responses(
        (status = 200, description = "The claims of the token", body = Verified),
    )
)]
pub(crate) async fn verify(session: Session) -> Json<Verified> {
    let Session { email_verified, claims, .. } = session;
    let Claims { sub, email, role, iat, exp, jti, .. } = claims;
    Json(Verified { sub, email, email_verified, role: <&str>::from(role).to_owned(), iat, exp, jti })
}

/// Kills the token at once, everywhere and for good.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "sessions",
    security(("bearer" = ["admin"])),
    responses(
        (status = 204, description = "The token is dead"),
    )
)]
pub(crate) async fn logout(auth: web::Data<Auth>, session: Session, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Claims { jti, exp, .. } = session.claims;
    let expires_at = DateTime::<Utc>::from_timestamp(exp, 0).ok_or_else(|| unauthenticated(say!(token_without_end)))?;
    let event = AuditEvent::now(AuditEventKind::AdminLoggedOut {}).by(session.admin_id, client_address(&request));
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("log out", async move |tx| {
            let new = revoke(tx.connection(), jti, expires_at).await?;
            Ok(if new { Audited::new((), event.clone()) } else { Audited::unchanged(()) })
        })
        .await;
    done?;
    auth.refusals.revoke(jti, exp - Utc::now().timestamp()).await;
    Ok(HttpResponse::NoContent().finish())
}

async fn revoke(connection: &mut database::Connection, jti: Uuid, expires_at: DateTime<Utc>) -> QueryResult<bool> {
    let row = (revoked_tokens::jti.eq(jti), revoked_tokens::expires_at.eq(expires_at));
    let inserted = diesel::insert_into(revoked_tokens::table).values(row).on_conflict_do_nothing().execute(connection).await?;
    Ok(inserted > 0)
}

//! `GET /internal/assert`: the gateway asks who the caller is and gets a signed assertion for one service.
//!
//! The role is the one that the account has now, read from one row. No event and no bcrypt, because every request waits for this.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use contract::problems;
use identity::ASSERTION_HEADER;
use messages::say;
use problem::Problem;

use crate::Auth;
use crate::session::Session;

/// The services that an admin can call. An assertion is valid for one of them only.
const AUDIENCES: [&str; 4] = ["election", "results", "admin", "audit"];

pub(crate) async fn assert(auth: web::Data<Auth>, session: Session, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let named = request.headers().get("X-Uvote-Audience").and_then(|header| header.to_str().ok());
    let audience = AUDIENCES
        .into_iter()
        .find(|audience| Some(*audience) == named)
        .ok_or_else(|| Problem::new(problems::MALFORMED, say!(audience_missing)))?;
    let assertion = auth
        .signer
        .sign(session.admin_id, &session.claims.email, session.claims.role, audience, Utc::now().timestamp())
        .map_err(|cause| Problem::internal("sign the assertion", &cause))?;
    Ok(HttpResponse::NoContent().insert_header((ASSERTION_HEADER, assertion)).finish())
}

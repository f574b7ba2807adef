//! Invitations: how organisers get an account where not everybody may register. Superadmins send them. The token is only in the
//! mail, so registering with it proves that the address is the registrant's.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use contract::auth::{Hidden, Invitation, Invitations, NewInvitation};
use contract::email::{AdminInvitation, Mail};
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems::{self, Kind};
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use identity::{Role, client_address};
use messages::say;
use outbox::{Audited, new_envelope};
use problem::{Json, Missing, Problem, Refusal};

use crate::Auth;
use crate::codes::{fresh_token, token_hash};
use crate::schema::{admin_invitations, admins};
use crate::session::Session;
use crate::settings::Registration;

/// For how long an invitation is good.
const LIFETIME: Duration = Duration::days(7);

/// Why nobody was invited.
#[derive(Debug)]
enum InvitingRefused {
    NoSuperadmin,
    Closed,
    Known,
}

messages::says!(InvitingRefused, |refused| match refused {
    InvitingRefused::NoSuperadmin => say!(inviting_not_superadmin),
    InvitingRefused::Closed => say!(inviting_closed),
    InvitingRefused::Known => say!(inviting_address_known),
});

impl Refusal for InvitingRefused {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuperadmin => problems::FORBIDDEN,
            Self::Closed => problems::REGISTRATION_CLOSED,
            Self::Known => problems::EXISTS,
        }
    }
}

fn superadmin(session: &Session) -> Result<(), InvitingRefused> {
    if session.claims.role == Role::Superadmin { Ok(()) } else { Err(InvitingRefused::NoSuperadmin) }
}

/// Invites somebody to register. The mail's link is good for seven days; a new invitation replaces an older one to the same address.
#[utoipa::path(
    post,
    path = "/api/auth/invitations",
    tag = "accounts",
    security(("bearer" = ["superadmin"])),
    request_body = NewInvitation,
    responses(
        (status = 201, description = "The mail is on its way", body = Invitation),
        (status = 403, description = "`not-allowed`: you are no superadmin; `registration-closed`: nobody can register here"),
        (status = 409, description = "`already-exists`: there is an account with this address"),
        (status = 422, description = "`invalid-input`: not an address"),
    )
)]
pub(crate) async fn invite(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    body: Json<NewInvitation>,
) -> Result<HttpResponse, Problem> {
    superadmin(&session)?;
    if auth.registration == Registration::Closed {
        return Err(InvitingRefused::Closed.into());
    }
    let email = Email::parse(&body.email).map_err(|refused| Problem::field("email", refused))?;
    let token = fresh_token();
    let mail = AdminInvitation {
        invited_by: session.claims.email.clone(),
        registration_url: format!("{}/register?invitation={token}", auth.public_url),
        expires_at: (Utc::now() + LIFETIME).trunc_subsecs(0),
    };
    let event = AuditEvent::now(AuditEventKind::AdminInvited {}).by(session.admin_id, client_address(&request));
    let (hash, invited_by) = (token_hash(&token), session.admin_id);
    let made: Result<Invitation, Failed<InvitingRefused>> = auth
        .outbox
        .audited("invite an admin", async move |tx| {
            let connection = tx.connection();
            let known = admins::table.filter(lower(admins::email).eq(email.key())).count().get_result::<i64>(connection).await?;
            if known > 0 {
                return Err(Failed::Refused(InvitingRefused::Known));
            }
            let invitation_id = store(connection, (email.as_str(), &hash), invited_by, mail.expires_at).await?;
            let AdminInvitation { invited_by, expires_at, .. } = mail.clone();
            tx.queue_mail(&new_envelope(None, email.as_str().to_owned(), Mail::AdminInvitation(mail.clone())));
            let invitation = Invitation { invitation_id, email: email.as_str().to_owned(), invited_by, expires_at };
            Ok(Audited::new(invitation, event.clone()))
        })
        .await;
    Ok(HttpResponse::Created().json(made?))
}

/// Every invitation that can still be used.
#[utoipa::path(
    get,
    path = "/api/auth/invitations",
    tag = "accounts",
    security(("bearer" = ["superadmin"])),
    responses(
        (status = 200, description = "The newest first", body = Invitations),
    )
)]
pub(crate) async fn list(auth: web::Data<Auth>, session: Session) -> Result<Json<Invitations>, Problem> {
    superadmin(&session)?;
    let mut connection = auth.database.connection().await?;
    let rows = admin_invitations::table
        .inner_join(admins::table)
        .filter(admin_invitations::expires_at.gt(Utc::now()))
        .order(admin_invitations::invitation_id.desc())
        .select((admin_invitations::invitation_id, admin_invitations::email, admins::email, admin_invitations::expires_at))
        .load::<(i64, String, String, DateTime<Utc>)>(&mut *connection)
        .await
        .map_err(DatabaseError::from)?;
    let shown = |(invitation_id, email, invited_by, expires_at)| Invitation { invitation_id, email, invited_by, expires_at };
    Ok(Json(Invitations { invitations: rows.into_iter().map(shown).collect() }))
}

/// Takes an invitation back.
#[utoipa::path(
    delete,
    path = "/api/auth/invitations/{id}",
    tag = "accounts",
    security(("bearer" = ["superadmin"])),
    params(("id" = i64, Path, description = "The invitation")),
    responses(
        (status = 204, description = "Its link is dead"),
        (status = 404, description = "`not-found`: there is no such invitation; it may have been used"),
    )
)]
pub(crate) async fn revoke(
    auth: web::Data<Auth>,
    session: Session,
    request: HttpRequest,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    superadmin(&session)?;
    let id = id.into_inner();
    let event = AuditEvent::now(AuditEventKind::InvitationRevoked {}).by(session.admin_id, client_address(&request));
    let done: Result<(), Failed<Problem>> = auth
        .outbox
        .audited("revoke an invitation", async move |tx| {
            let gone = diesel::delete(admin_invitations::table.find(id)).execute(tx.connection()).await?;
            if gone == 0 {
                return Err(Failed::Refused(Problem::not_found(Missing::Invitation)));
            }
            Ok(Audited::new((), event.clone()))
        })
        .await;
    done?;
    Ok(HttpResponse::NoContent().finish())
}

diesel::define_sql_function! {
    /// What the unique indexes on addresses compare by.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

async fn store(
    connection: &mut Connection,
    (email, hash): (&str, &[u8]),
    invited_by: i64,
    expires_at: DateTime<Utc>,
) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        invitation_id: i64,
    }
    // An older one to the same address goes, and its number with it: its link and its number are dead.
    let sql = "DELETE FROM admin_invitations WHERE lower(email) = lower($1)";
    diesel::sql_query(sql).bind::<Text, _>(email).execute(connection).await?;
    let sql = "INSERT INTO admin_invitations (email, token_hash, invited_by, expires_at) VALUES ($1, $2, $3, $4) RETURNING invitation_id";
    let made: Made = diesel::sql_query(sql)
        .bind::<Text, _>(email)
        .bind::<Bytea, _>(hash)
        .bind::<BigInt, _>(invited_by)
        .bind::<Timestamptz, _>(expires_at)
        .get_result(connection)
        .await?;
    Ok(made.invitation_id)
}

/// The hash of an invitation that is good for this address, or none: looked at before a password is hashed for it.
pub(crate) async fn good_for(connection: &mut Connection, invitation: &Hidden, email_key: &str) -> QueryResult<Option<Vec<u8>>> {
    let hash = token_hash(invitation.expose());
    let good = admin_invitations::table
        .filter(admin_invitations::token_hash.eq(&hash))
        .filter(lower(admin_invitations::email).eq(email_key))
        .filter(admin_invitations::expires_at.gt(Utc::now()));
    let found: i64 = good.count().get_result(connection).await?;
    Ok((found > 0).then_some(hash))
}

/// Uses it up; false when somebody was faster, or it was taken back meanwhile.
pub(crate) async fn consume(connection: &mut Connection, hash: &[u8]) -> QueryResult<bool> {
    let used =
        diesel::delete(admin_invitations::table.filter(admin_invitations::token_hash.eq(hash))).execute(connection).await?;
    Ok(used > 0)
}

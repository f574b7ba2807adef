//! Making an account. Whether an address is known is decided by the unique index: two registrations at once cannot both pass.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use contract::auth::{Hidden, RegisterRequest, Registered};
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems::{self, FieldError, Kind};
use database::{DatabaseError, Failed, violated_constraint};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::email::Email;
use identity::client_address;
use messages::say;
use outbox::{Audited, Outbox};
use problem::{Json, Problem, Refusal};

use crate::schema::admins;
use crate::settings::Registration;
use crate::{Auth, invitations, password};

#[derive(Debug)]
enum RegisterRefused {
    Closed,
    NotInvited,
    NoInvitation,
    Known,
}

messages::says!(RegisterRefused, |refused| match refused {
    RegisterRefused::Closed => say!(registration_closed),
    RegisterRefused::NotInvited => say!(registration_not_invited),
    RegisterRefused::NoInvitation => say!(registration_invitation_unusable),
    RegisterRefused::Known => say!(registration_address_known),
});

impl Refusal for RegisterRefused {
    fn kind(&self) -> Kind {
        match self {
            Self::Closed | Self::NotInvited | Self::NoInvitation => problems::REGISTRATION_CLOSED,
            Self::Known => problems::EXISTS,
        }
    }
}

/// Makes an account for an organiser. With an invitation the address counts as verified.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "public",
    security(()),
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The account", body = Registered),
        (status = 403, description = "`registration-closed`: strangers cannot register here, or the invitation is not good for this address"),
        (status = 409, description = "`already-exists`: the address is known, in whatever case"),
        (status = 422, description = "`invalid-input`: the address or the password cannot be taken"),
        (status = 503, description = "`unavailable`: too much is waiting, or the database does not answer"),
    )
)]
pub(crate) async fn register(
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: Json<RegisterRequest>,
) -> Result<HttpResponse, Problem> {
    let RegisterRequest { email, password, invitation } = body.into_inner();
    match (auth.registration, &invitation) {
        (Registration::Open, _) | (Registration::Invite, Some(_)) => {}
        (Registration::Invite, None) => return Err(RegisterRefused::NotInvited.into()),
        (Registration::Closed, _) => return Err(RegisterRefused::Closed.into()),
    }
    let email = check(&email, password.expose())?;
    let invitation = match invitation {
        Some(invitation) => Some(good_invitation(&auth, &invitation, &email).await?),
        None => None,
    };
    let hash = auth.passwords.hash(password::Lane::Common, password).await?;
    let admin_id = store(&auth.outbox, email.as_str().to_owned(), hash, invitation, client_address(&request)).await?;
    Ok(HttpResponse::Created().json(Registered { admin_id, email: email.as_str().to_owned(), role: "admin".to_owned() }))
}

/// Both fields, so that both errors are said at once.
fn check(email: &str, password: &str) -> Result<Email, Problem> {
    let parsed = Email::parse(email);
    let mut errors = Vec::new();
    if let Err(refused) = &parsed {
        errors.push(FieldError::new("email", *refused));
    }
    if let Err(refused) = password::check(password, parsed.as_ref().ok()) {
        errors.push(FieldError::new("password", refused));
    }
    match parsed {
        Ok(email) if errors.is_empty() => Ok(email),
        _ => Err(Problem::invalid(errors)),
    }
}

/// Checks the invitation before bcrypt runs, so that invented invitations cost no work. It is used up later, with the new account.
async fn good_invitation(auth: &Auth, invitation: &Hidden, email: &Email) -> Result<Vec<u8>, Problem> {
    let mut connection = auth.database.connection().await?;
    let good = invitations::good_for(&mut connection, invitation, &email.key()).await.map_err(DatabaseError::from)?;
    Ok(good.ok_or(RegisterRefused::NoInvitation)?)
}

async fn store(
    outbox: &Outbox,
    email: String,
    hash: String,
    invitation: Option<Vec<u8>>,
    address: Option<String>,
) -> Result<i64, Problem> {
    let stored: Result<i64, Failed<RegisterRefused>> = outbox
        .audited("register", async move |tx| {
            if let Some(invitation) = &invitation
                && !invitations::consume(tx.connection(), invitation).await?
            {
                return Err(Failed::Refused(RegisterRefused::NoInvitation));
            }
            let verified_at = invitation.as_ref().map(|_| Utc::now());
            let row = (admins::email.eq(&email), admins::password_hash.eq(&hash), admins::email_verified_at.eq(verified_at));
            let inserted: QueryResult<i64> =
                diesel::insert_into(admins::table).values(row).returning(admins::admin_id).get_result(tx.connection()).await;
            let admin_id = inserted.map_err(|error| match violated_constraint(&error) {
                Some("admins_email_key") => Failed::Refused(RegisterRefused::Known),
                _ => error.into(),
            })?;
            Ok(Audited::new(admin_id, AuditEvent::now(AuditEventKind::AdminRegistered {}).by(admin_id, address.clone())))
        })
        .await;
    stored.map_err(Problem::from)
}

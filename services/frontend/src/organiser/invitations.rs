//! Superadmins invite organisers.

use actix_web::web;
use contract::auth::{Invitation, Invitations, NewInvitation};
use messages::{Zone, say};
use minijinja::context;
use minijinja::value::Value;

use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The invitations that can still be used, and the form for one more.
pub(crate) async fn list(organiser: Organiser) -> Answer {
    page(&organiser, &Form::default()).await
}

async fn page(organiser: &Organiser, form: &Form) -> Answer {
    let Invitations { invitations } = organiser.get("/api/auth/invitations", &[]).await?;
    let shown = |Invitation { invitation_id, email, invited_by, expires_at }| {
        context! { invitation_id, email, invited_by, expires => organiser.time(expires_at, Zone::UTC) }
    };
    let invitations: Vec<Value> = invitations.into_iter().map(shown).collect();
    organiser.page(form.status(), "admin_invitations.html", context! { form => form.shown(organiser.language), invitations })
}

/// Sends an invitation.
pub(crate) async fn invite(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        let body = NewInvitation { email: form.text("email").to_owned() };
        match organiser.post::<Invitation>("/api/auth/invitations", &body).await? {
            Ok(_) => return organiser.go_to("/admin/invitations"),
            Err(refused) => form.refused(&refused, &[("email", "email", say!(site_email))]),
        }
    }
    page(&organiser, &form).await
}

/// Takes one back. One that is gone already is what was wanted.
pub(crate) async fn withdraw(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, form } = sent;
    if form.is_good()
        && let Err(refused) = organiser.delete(&format!("/api/auth/invitations/{id}")).await?
        && refused.body.status != 404
    {
        return organiser.refused(&refused);
    }
    organiser.go_to("/admin/invitations")
}

//! Voting links for everybody without one, and reminders.

use actix_web::web;
use contract::admin::{LinksQueued, MailingKind, RemindersTaken};
use messages::say;
use minijinja::context;
use serde_json::json;

use super::{Frame, Step, fact, voters};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The question before the links are sent: to how many.
pub(crate) async fn ask(organiser: Organiser, id: web::Path<i64>) -> Answer {
    page(&organiser, *id, &Form::default()).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let mails = voters::mails(organiser, &frame).await?;
    let (roll, now) = (mails.voters.roll(), mails.voters.none);
    let number = |number: u64| organiser.say(say!(dashboard_roll, roll = number));
    let lines = [(say!(send_roll), roll), (say!(send_earlier), roll.saturating_sub(now)), (say!(send_now), now)];
    let lines = lines.into_iter().filter(|(_, voters)| *voters > 0);
    let rows: Vec<_> = lines.map(|(name, voters)| fact(organiser, name, number(voters))).collect();
    let values = context! {
        form => form.shown(organiser.language),
        rows, roll, now,
        is_open => voters::is_open_or_before(&frame),
        is_sending => mails.under_way.contains(&MailingKind::Invitation),
    };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_send.html", values)
}

/// Sends a link to everybody who was sent none.
pub(crate) async fn send(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<LinksQueued>(&format!("/api/admin/elections/{id}/send-voting-links"), &json!({})).await? {
            Ok(LinksQueued { queued, .. }) => return organiser.go_to(&format!("/admin/elections/{id}/voters?sent={queued}")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form).await
}

/// The question before reminders are sent. It names no number.
pub(crate) async fn ask_remind(organiser: Organiser, id: web::Path<i64>) -> Answer {
    remind_page(&organiser, *id, &Form::default()).await
}

async fn remind_page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let values = context! { form => form.shown(organiser.language), is_open => frame.election.status == "active" };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_remind.html", values)
}

/// Reminds whoever has not voted.
pub(crate) async fn remind(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        let body = json!({ "only": "not_voted" });
        match organiser.post::<RemindersTaken>(&format!("/api/admin/elections/{id}/send-voting-links"), &body).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/voters?reminded=1")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    remind_page(&organiser, *id, &form).await
}

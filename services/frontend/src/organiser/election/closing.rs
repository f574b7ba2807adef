//! Closing by hand, and how far the counting is.

use actix_web::web;
use contract::elections::{Election, Tally};
use messages::{Message, say};
use minijinja::context;
use serde_json::json;

use super::{Frame, Step, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// Before the close the question whether to close now; afterwards how far it is.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    page(&organiser, *id, &Form::default()).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let turnout = frame.election.turnout;
    let mut rows = vec![fact(
        organiser,
        say!(dashboard_turnout),
        organiser.say(say!(dashboard_voted, voted = turnout.voted, roll = turnout.roll)),
    )];
    let status = frame.election.status.as_str();
    let (is_open, is_over) = (status == "active", matches!(status, "closed" | "archived"));
    if is_over {
        let tally: Tally = organiser.get(&format!("/api/elections/{id}/tally"), &[]).await?;
        rows.push(fact(
            organiser,
            say!(closing_opened),
            organiser.say(say!(closing_opened_of, done = tally.done, total = tally.total)),
        ));
    }
    let stopped = frame.election.count_stopped.as_ref();
    let stopped = stopped.map(|stopped| organiser.say(Message::received(&stopped.code, &stopped.params, &stopped.reason)));
    let values = context! { form => form.shown(organiser.language), rows, is_open, is_over, stopped };
    frame.page(organiser, form.status(), Some(Step::Close), "admin_close.html", values)
}

/// Ends voting now, or tries again to count.
pub(crate) async fn close(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<Election>(&format!("/api/elections/{id}/close"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/close")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form).await
}

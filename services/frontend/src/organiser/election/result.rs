//! The result: where it is, and publishing it.

use actix_web::web;
use contract::elections::Election;
use minijinja::context;
use serde_json::json;

use super::{Frame, Step};
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The link to the page of the result, or the button that publishes it.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let is_published = frame.election.results_published_at.is_some();
    let values = context! { is_counted => frame.is_counted(), is_published };
    frame.page(&organiser, 200, Some(Step::Result), "admin_result.html", values)
}

/// Publishes the result.
pub(crate) async fn publish(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, form } = sent;
    if form.is_good()
        && let Err(refused) = organiser.post::<Election>(&format!("/api/elections/{id}/publish-results"), &json!({})).await?
    {
        return organiser.refused(&refused);
    }
    organiser.go_to(&format!("/admin/elections/{id}/result"))
}

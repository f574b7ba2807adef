//! What should be mended before the election opens.

use actix_web::web;
use messages::Message;
use minijinja::context;

use super::{Frame, Step};
use crate::organiser::visit::{Answer, Organiser};

/// What the election service warns of.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let notices = frame.election.notices.iter();
    let notices: Vec<String> =
        notices.map(|notice| organiser.say(Message::received(&notice.code, &notice.params, &notice.message))).collect();
    frame.page(&organiser, 200, Some(Step::Check), "admin_step.html", context! { notices, next => frame.path("open") })
}

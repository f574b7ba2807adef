//! While voting is open: how many have voted.

use actix_web::web;
use messages::say;
use minijinja::context;

use super::{Frame, Step, fact, from_now};
use crate::organiser::visit::{Answer, Organiser};

/// Turnout as the API rounds it, and the time that is left.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let turnout = frame.election.turnout;
    let mut rows = vec![fact(
        &organiser,
        say!(dashboard_turnout),
        organiser.say(say!(dashboard_voted, voted = turnout.voted, roll = turnout.roll)),
    )];
    if let Some(at) = frame.election.closes_at {
        rows.push(fact(&organiser, say!(opening_closes), organiser.time(at, frame.zone())));
        rows.push(fact(&organiser, say!(watch_left), organiser.say(from_now(at))));
    }
    frame.page(&organiser, 200, Some(Step::Watch), "admin_step.html", context! { rows })
}

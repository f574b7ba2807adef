//! Who may vote.

use actix_web::web;
use messages::say;
use minijinja::context;

use super::{Frame, Step, fact};
use crate::organiser::visit::{Answer, Organiser};

/// How many voters are on the roll.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let roll = organiser.say(say!(dashboard_roll, roll = frame.election.turnout.roll));
    let rows = vec![fact(&organiser, say!(step_voters), roll)];
    frame.page(&organiser, 200, Some(Step::Voters), "admin_step.html", context! { rows })
}

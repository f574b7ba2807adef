//! Opening: one page that says what will be fixed, and one button.

use actix_web::web;
use contract::elections::{Election, FindingLevel};
use messages::say;
use minijinja::context;
use serde_json::json;

use super::{Frame, Step, check, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The question before the step.
pub(crate) async fn ask(organiser: Organiser, id: web::Path<i64>) -> Answer {
    page(&organiser, *id, &Form::default()).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let time = |at: Option<_>| at.map_or_else(|| organiser.say(say!(step_by_hand)), |at| organiser.time(at, frame.zone()));
    let election = &frame.election;
    let rows = vec![
        fact(organiser, say!(opening_opens), time(election.activated_at.or(election.opens_at))),
        fact(organiser, say!(opening_closes), time(election.closes_at)),
        fact(organiser, say!(step_voters), organiser.say(say!(dashboard_roll, roll = election.turnout.roll))),
    ];
    let found = if frame.is_draft() { check::findings(organiser, &frame).await? } else { Vec::new() };
    let stops = found.iter().filter(|finding| finding.level == FindingLevel::Stops);
    let stops: Vec<_> = stops.map(|finding| check::shown(organiser, &frame, finding)).collect();
    let fixed = [say!(opening_fixed_questions), say!(opening_fixed_times), say!(opening_fixed_roll), say!(opening_fixed_ballots)];
    let fixed: Vec<String> = fixed.map(|line| organiser.say(line)).into();
    let is_by_time = election.opens_at.is_some_and(|at| at > chrono::Utc::now());
    let values = context! { form => form.shown(organiser.language), rows, is_by_time, stops, fixed };
    frame.page(organiser, form.status(), Some(Step::Open), "admin_open.html", values)
}

/// Opens the election now, or at the time that is set.
pub(crate) async fn open(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<Election>(&format!("/api/elections/{id}/activate"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/next")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form).await
}

//! Who stands in which question.

use actix_web::web;
use contract::admin::Candidate;
use messages::say;
use minijinja::context;

use super::{Frame, Step, fact};
use crate::organiser::visit::{Answer, Organiser};

/// The candidates of each question.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let names = |contest_id: i64| {
        let of = frame.candidates.iter().flatten().filter(|candidate: &&Candidate| candidate.contest_id == contest_id);
        of.map(|candidate| candidate.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<_> = frame
        .election
        .contests
        .iter()
        .map(|contest| context! { name => &contest.title, value => names(contest.contest_id) })
        .collect();
    let rows = if frame.candidates.is_none() {
        vec![fact(&organiser, say!(step_candidates), organiser.say(say!(step_unknown)))]
    } else {
        rows
    };
    frame.page(&organiser, 200, Some(Step::Candidates), "admin_step.html", context! { rows })
}

//! The questions of an election, and how each is counted.

use actix_web::web;
use contract::elections::Contest;
use counting::Family;
use messages::say;
use minijinja::context;
use minijinja::value::Value;

use super::{Frame, Step, fact};
use crate::organiser::visit::{Answer, Organiser};

/// Every question with its rule.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let time = |at: Option<_>| at.map_or_else(|| organiser.say(say!(step_by_hand)), |at| organiser.time(at, frame.zone()));
    let rows = vec![
        fact(&organiser, say!(details_opens), time(frame.election.opens_at)),
        fact(&organiser, say!(details_closes), time(frame.election.closes_at)),
    ];
    let questions: Vec<Value> = frame.election.contests.iter().map(|contest| question(&organiser, contest)).collect();
    let values = context! { rows, questions };
    frame.page(&organiser, 200, Some(Step::Questions), "admin_questions.html", values)
}

fn question(organiser: &Organiser, contest: &Contest) -> Value {
    let seats = (contest.family != Family::Motion).then(|| organiser.say(say!(question_seats, seats = contest.seats)));
    context! { id => contest.contest_id, title => &contest.title, text => &contest.text, sentence => &contest.sentence, seats }
}

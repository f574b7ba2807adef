//! Closing by hand, and its five steps: what is done, what is under way, and what stopped.

use actix_web::web;
use contract::elections::{CountStopped, Election, Tally};
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
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
    let election = &frame.election;
    let turnout = election.turnout;
    let mut rows = vec![fact(
        organiser,
        say!(dashboard_turnout),
        organiser.say(say!(dashboard_voted, voted = turnout.voted, roll = turnout.roll)),
    )];
    let status = election.status.as_str();
    let (is_open, is_over) = (status == "active", matches!(status, "closed" | "archived"));
    let mut steps = Vec::new();
    if is_over {
        let tally: Tally = organiser.get(&format!("/api/elections/{id}/tally"), &[]).await?;
        if let Some(sealed) = &tally.sealed_box {
            rows.push(fact(organiser, say!(closing_commitment), &sealed.hash));
        }
        steps = self::steps(organiser, &frame, &tally);
    }
    let notices = election.notices.iter().map(|notice| Message::received(&notice.code, &notice.params, &notice.message));
    // Why the count has stopped is told above the steps.
    let notices = notices
        .filter(|notice| notice.code() == say!(voting_halted).code() || notice.code() == say!(recording_was_halted).code());
    let early = election.closes_at.filter(|at| is_open && *at > chrono::Utc::now());
    let stopped = election.count_stopped.as_ref().map(|CountStopped { code, params, reason, .. }| {
        context! {
            reason => organiser.say(say!(closing_reason, reason = Message::received(code, params, reason))),
            next => organiser.say(say!(closing_next, next = CountStopped::next())),
        }
    });
    let values = context! {
        form => form.shown(organiser.language),
        rows,
        is_open,
        is_over,
        is_counted => frame.is_counted(),
        closing => steps,
        stopped,
        notices => notices.map(|notice| organiser.say(notice)).collect::<Vec<_>>(),
        early => early.map(|at| organiser.say(say!(closing_early, time = messages::local(at, frame.zone())))),
    };
    frame.page(organiser, form.status(), Some(Step::Close), "admin_close.html", values)
}

/// The five steps, in order. `tally_state` names the last thing that was done; what follows is under way, or stopped.
fn steps(organiser: &Organiser, frame: &Frame, tally: &Tally) -> Vec<Value> {
    let has_stopped = tally.tally_state.as_deref() == Some("failed");
    let reached = if has_stopped { tally.failed_in.as_deref() } else { tally.tally_state.as_deref() };
    let grace = tally.grace_ends_at.filter(|at| *at > chrono::Utc::now() && !has_stopped);
    // How many steps are done.
    let done = match reached {
        Some("grace") if grace.is_some() => 0,
        Some("grace") => 1,
        Some("sealed") => 2,
        Some("rewritten" | "opening") => 3,
        Some("opened") if frame.election.results_published_at.is_none() => 4,
        Some("opened") => 5,
        _ => 0,
    };
    let closed = frame.election.closed_at.map(|at| messages::local(at, frame.zone()));
    let ends = grace.map(|at| say!(closing_step_ends_line, time = messages::local(at, frame.zone()))).or(closed);
    let sealed = tally.sealed_box.as_ref().map(|sealed| say!(closing_step_seal_line, ballots = sealed.count));
    let opened = (done == 3 || done == 4 || done == 5).then(|| say!(closing_opened_of, done = tally.done, total = tally.total));
    let result = match (frame.election.results_published_at, frame.election.publish.as_str()) {
        (Some(_), _) => say!(closing_step_result_published),
        (None, "manual") => say!(closing_step_result_manual),
        (None, _) => say!(closing_step_result_together),
    };
    let all = [
        (say!(closing_step_ends), ends),
        (say!(closing_step_seal), sealed),
        (say!(closing_step_roll), Some(say!(closing_step_roll_line))),
        (say!(closing_step_ballots), opened),
        (say!(closing_step_result), Some(result)),
    ];
    let shown = |(place, (name, line)): (usize, (Message, Option<Message>))| {
        let (state, said) = match place.cmp(&done) {
            std::cmp::Ordering::Less => ("done", Some(say!(step_is_done))),
            std::cmp::Ordering::Equal if has_stopped => ("mend", Some(say!(closing_step_stopped))),
            std::cmp::Ordering::Equal => ("now", None),
            std::cmp::Ordering::Greater => ("later", Some(say!(step_is_later))),
        };
        context! {
            state,
            state_name => said.map(|said| organiser.say(said)),
            name => organiser.say(name),
            line => line.map(|line| organiser.say(line)),
            href => (),
            is_current => place == done,
        }
    };
    all.into_iter().enumerate().map(shown).collect()
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

//! Changes after the opening that every voter reads: a later end, and that a candidate withdraws. Late voters are added in the step of the
//! voters.

use actix_web::web;
use contract::elections::{Amendment, NewAmendment};
use counting::Family;
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;

use super::{Frame, Step, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The form that moves the end.
pub(crate) async fn ask_end(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let now = frame.election.closes_at.map(|at| frame.zone().typed(at)).unwrap_or_default();
    end_page(&organiser, &frame, &Form::default().with("closes_at", now))
}

fn end_page(organiser: &Organiser, frame: &Frame, form: &Form) -> Answer {
    let end = frame.election.closes_at;
    let rows: Vec<Value> = end.iter().map(|at| fact(organiser, say!(end_now), organiser.time(*at, frame.zone()))).collect();
    let can = end.is_some() && matches!(frame.election.status.as_str(), "active" | "scheduled");
    let values = context! { form => form.shown(organiser.language), rows, can, zone => frame.zone().name() };
    frame.page(organiser, form.status(), Some(Step::Watch), "admin_end.html", values)
}

/// Moves the end of voting.
pub(crate) async fn move_end(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let frame = Frame::load(&organiser, *id).await?;
    let typed = form.text("closes_at").to_owned();
    let meant = frame.zone().meant(&typed);
    match (meant, frame.election.closes_at) {
        (None, _) => form.wrong("closes_at", say!(details_time_unreadable)),
        (Some(new), Some(now)) if new <= now => {
            form.wrong("closes_at", say!(end_needed, time = messages::local(now, frame.zone())));
        }
        _ => {}
    }
    let reason = reason(&mut form);
    if form.is_good() {
        let change = NewAmendment { closes_at: meant, candidate_id: None, reason: Some(reason) };
        match announce(&organiser, *id, &change).await? {
            Ok(_) => return organiser.go_to(&frame.path("watch?done=moved")),
            Err(refused) if refused.body.errors.is_empty() => form.refused_at("closes_at", &refused),
            Err(refused) => {
                form.refused(&refused, &[("closes_at", "closes_at", say!(end_new)), ("reason", "reason", say!(end_reason))]);
            }
        }
    }
    end_page(&organiser, &frame, &form)
}

/// The reason that was typed; every change has one here, also where the service would take a usual one.
fn reason(form: &mut Form) -> String {
    let reason = form.text("reason").to_owned();
    if reason.is_empty() {
        form.wrong("reason", say!(end_reason_needed));
    }
    reason
}

async fn announce(
    organiser: &Organiser,
    election_id: i64,
    change: &NewAmendment,
) -> Result<Result<Amendment, crate::upstream::Refused>, actix_web::Error> {
    organiser.post::<Amendment>(&format!("/api/elections/{election_id}/amendments"), change).await
}

/// The form that announces who withdraws.
pub(crate) async fn ask_withdrawal(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    withdrawal_page(&organiser, &frame, &Form::default())
}

fn withdrawal_page(organiser: &Organiser, frame: &Frame, form: &Form) -> Answer {
    let people = standing(frame).map(|(id, name)| context! { value => id.to_string(), text => organiser.say(name) });
    let people: Vec<Value> =
        std::iter::once(context! { value => "", text => organiser.say(say!(withdraw_choose)) }).chain(people).collect();
    let can = people.len() > 1 && matches!(frame.election.status.as_str(), "active" | "scheduled");
    let values = context! { form => form.shown(organiser.language), people, can };
    frame.page(organiser, form.status(), Some(Step::Watch), "admin_withdrawal.html", values)
}

/// Everybody who stands and has not withdrawn, with the question they stand in.
fn standing(frame: &Frame) -> impl Iterator<Item = (i64, Message)> {
    let gone: Vec<i64> = frame.election.amendments.iter().filter_map(|amendment| amendment.candidate_id).collect();
    let stands = frame
        .candidates
        .iter()
        .flatten()
        .filter(move |candidate| candidate.standing == "stands" && !gone.contains(&candidate.candidate_id));
    stands.filter_map(|candidate| {
        let contest = frame.election.contests.iter().find(|contest| contest.contest_id == candidate.contest_id)?;
        let name = say!(candidate_in_question, candidate = &candidate.name, question = &contest.title);
        (contest.family != Family::Motion).then_some((candidate.candidate_id, name))
    })
}

/// Announces that a candidate withdraws.
pub(crate) async fn withdraw(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let frame = Frame::load(&organiser, *id).await?;
    let candidate_id: Option<i64> = form.text("candidate").parse().ok();
    if candidate_id.is_none() {
        form.wrong("candidate", say!(withdraw_needed));
    }
    let reason = reason(&mut form);
    if form.is_good() {
        let change = NewAmendment { closes_at: None, candidate_id, reason: Some(reason) };
        match announce(&organiser, *id, &change).await? {
            Ok(_) => return organiser.go_to(&frame.path("watch?done=withdrawn")),
            Err(refused) => form
                .refused(&refused, &[("candidate_id", "candidate", say!(withdraw_who)), ("reason", "reason", say!(end_reason))]),
        }
    }
    withdrawal_page(&organiser, &frame, &form)
}

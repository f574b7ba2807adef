//! While voting is open: how many have voted, how long it goes on, and what needs the organiser. Nothing here tells who has
//! voted, or when.

use actix_web::http::Method;
use actix_web::web;
use contract::admin::{ElectionMails, MailCounts};
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;

use super::live::Now;
use super::{Frame, Step, fact, from_now};
use crate::amendments::announced;
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser};
use crate::page::shown;

/// What was just done, behind the question mark.
#[derive(Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    pub(crate) done: String,
}

/// Turnout as the API rounds it, the time that is left, and all that can be done while voting is open.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>, done: Option<web::Query<Done>>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let done = done.map(|done| done.into_inner().done).unwrap_or_default();
    page(&organiser, &frame, &Form::default(), &done).await
}

async fn page(organiser: &Organiser, frame: &Frame, form: &Form, done: &str) -> Answer {
    let election = &frame.election;
    let status = election.status.as_str();
    let mut rows = Vec::new();
    if let Some(at) = election.opens_at.filter(|_| status == "scheduled") {
        rows.push(fact(organiser, say!(watch_opens), organiser.time(at, frame.zone())));
        rows.push(fact(organiser, say!(watch_left), organiser.say(from_now(at))));
    }
    if let Some(at) = election.closed_at.or(election.closes_at) {
        rows.push(fact(organiser, say!(opening_closes), organiser.time(at, frame.zone())));
    }
    let notices = election.notices.iter().map(|notice| Message::received(&notice.code, &notice.params, &notice.message));
    // How many have no link stands beside the mails.
    let notices: Vec<String> = notices
        .filter(|notice| notice.code() != say!(links_unsent, voters = 0).code())
        .map(|notice| organiser.say(notice))
        .collect();
    let is_activated = !matches!(status, "draft" | "scheduled");
    let mails = if status == "active" { Some(mails(organiser, frame).await?) } else { None };
    let done = match done {
        "moved" => Some(say!(end_moved)),
        "withdrawn" => Some(say!(withdraw_done)),
        _ => None,
    };
    let values = context! {
        form => form.shown(organiser.language),
        rows,
        notices,
        mails,
        now => shown(Now::of(election, organiser.language)),
        voted => election.turnout.voted,
        roll => election.turnout.roll,
        is_open => status == "active",
        is_over => matches!(status, "closed" | "archived"),
        has_people => election.contests.iter().any(|contest| contest.family != counting::Family::Motion),
        is_activated,
        amendments => lines(organiser, frame),
        done => done.map(|done| organiser.say(done)),
    };
    frame.page(organiser, form.status(), Some(Step::Watch), "admin_watch.html", values)
}

/// What was changed since the opening.
pub(super) fn lines(organiser: &Organiser, frame: &Frame) -> Vec<String> {
    let contest_of = |id| {
        let candidate = frame.candidates.iter().flatten().find(|candidate| candidate.candidate_id == id)?;
        let contest = frame.election.contests.iter().find(|contest| contest.contest_id == candidate.contest_id)?;
        (frame.election.contests.len() > 1).then_some(contest.title.as_str())
    };
    announced(&frame.election.amendments, |at| messages::local(at, frame.zone()), contest_of)
        .into_iter()
        .map(|line| organiser.say(line))
        .collect()
}

/// What became of the mails, worst first: the mark beside it, the sentence, what to do, and whether it leads to those voters.
async fn mails(organiser: &Organiser, frame: &Frame) -> Result<Vec<Value>, actix_web::Error> {
    let path = format!("/api/admin/elections/{}/mails", frame.election.election_id);
    let Ok(ElectionMails { voters: counts, .. }) =
        organiser.answer::<ElectionMails>(organiser.request(Method::GET, &path)).await?
    else {
        let text = organiser.say(say!(watch_mails_unknown));
        return Ok(vec![context! { mark => "warn", text, advice => (), status => () }]);
    };
    let MailCounts { none, queued, deferred, sent, refused, .. } = counts;
    let line = |mark: &str, count: u64, text: Message, advice: Option<Message>, status: Option<&str>| {
        (count > 0).then(|| {
            context! { mark, text => organiser.say(text), advice => advice.map(|advice| organiser.say(advice)), status }
        })
    };
    let lines = [
        line("bad", refused, say!(watch_mails_refused, mails = refused), Some(say!(watch_mails_refused_advice)), Some("refused")),
        line("warn", none, say!(watch_mails_none, voters = none), None, Some("none")),
        line("warn", deferred, say!(watch_mails_deferred, mails = deferred), None, Some("deferred")),
        line("warn", queued, say!(watch_mails_queued, mails = queued), None, None),
        line("good", sent, say!(watch_mails_sent, mails = sent), None, None),
    ];
    Ok(lines.into_iter().flatten().collect())
}

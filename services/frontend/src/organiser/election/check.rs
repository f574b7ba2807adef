//! What should be mended before the election opens, and what voters will get to see: the mail, and a ballot for trying out.

use actix_web::http::Method;
use actix_web::web;
use contract::admin::{MailPreview, TestMailQueued};
use contract::elections::{Check, Finding, FindingLevel};
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;
use serde_json::json;

use super::{Frame, Step};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    /// A test mail was just sent.
    #[serde(default)]
    sent: String,
}

/// What the election service has found.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>, asked: Option<web::Query<Asked>>) -> Answer {
    let is_sent = asked.is_some_and(|asked| !asked.sent.is_empty());
    page(&organiser, *id, &Form::default(), is_sent).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form, is_sent: bool) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let found = findings(organiser, &frame).await?;
    let is_before = matches!(frame.election.status.as_str(), "draft" | "scheduled");
    // The page works without the mail: it is made by another service.
    let path = format!("/api/admin/elections/{id}/mail-preview");
    let mail: Option<MailPreview> = organiser.answer(organiser.request(Method::GET, &path)).await?.ok();
    let stops = found.iter().filter(|finding| finding.level == FindingLevel::Stops).count();
    let values = context! {
        form => form.shown(organiser.language),
        findings => found.iter().map(|finding| shown(organiser, &frame, finding)).collect::<Vec<_>>(),
        stops, is_before, is_sent, mail => mail.map(|mail| context! { subject => mail.subject, text => mail.text }),
        can_send => super::voters::is_open_or_before(&frame),
        email => organiser.email(),
        next => frame.path("open"),
    };
    frame.page(organiser, form.status(), Some(Step::Check), "admin_check.html", values)
}

/// What was found; once voting is open, what the election itself warns of.
pub(crate) async fn findings(organiser: &Organiser, frame: &Frame) -> Result<Vec<Finding>, actix_web::Error> {
    if matches!(frame.election.status.as_str(), "draft" | "scheduled") {
        let path = format!("/api/elections/{}/check", frame.election.election_id);
        return Ok(organiser.get::<Check>(&path, &[]).await?.findings);
    }
    let notices = frame.election.notices.iter().cloned();
    Ok(notices.map(|notice| Finding::new(FindingLevel::Warns, notice)).collect())
}

/// A finding, with a link to where it is mended.
pub(crate) fn shown(organiser: &Organiser, frame: &Frame, finding: &Finding) -> Value {
    let place = place(frame, &finding.code);
    context! {
        stops => finding.level == FindingLevel::Stops,
        text => organiser.say(Message::received(&finding.code, &finding.params, &finding.message)),
        href => place.as_ref().map(|(href, _)| href.clone()),
        go => place.map(|(_, name)| organiser.say(name)),
    }
}

fn place(frame: &Frame, code: &str) -> Option<(String, Message)> {
    let (page, name) = match code {
        "links-unsent" | "check-links-late" => ("voters/send", say!(check_to_send)),
        "election-roll-empty" | "opening-needs-roll" | "check-few-voters" => ("voters", say!(check_to_voters)),
        "check-mails-refused" => ("voters?mail=refused", say!(check_to_refused)),
        "election-needs-candidates" | "election-too-few-for-marks" | "contest-everybody-elected" => {
            ("candidates", say!(check_to_candidates))
        }
        "election-needs-contest" | "ballot-too-large" | "ranking-warning" | "orders-exceed-voters" => {
            ("questions", say!(check_to_questions))
        }
        "election-closes-in-the-past"
        | "election-end-passed"
        | "opening-missed-end"
        | "check-closes-at-night"
        | "check-opens-in-the-past"
        | "check-no-end" => ("details", say!(check_to_details)),
        "check-address-unverified" => return Some(("/admin/account".to_owned(), say!(check_to_account))),
        _ => return None,
    };
    Some((frame.path(page), name))
}

/// Sends the mail with the link to the organiser.
pub(crate) async fn test_mail(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<TestMailQueued>(&format!("/api/admin/elections/{id}/test-mail"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/check?sent=1")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form, false).await
}

//! Who may vote: the roll with what became of each mail, and one voter after the other.

use actix_web::web;
use contract::Page;
use contract::admin::{ElectionMails, LinkResent, MailState, MailStatus, MailingKind, NewVoter, Voter, VoterChange, VoterImport};
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;
use serde_json::json;

use super::{Frame, Step};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent, percent_encoded};

/// Voters on one page.
const ROWS: usize = 100;

/// Which part of the roll, and what was just done.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    /// Words to search for.
    #[serde(default)]
    q: String,
    /// A state of the mail.
    #[serde(default)]
    mail: String,
    /// The last voter of the page before.
    #[serde(default)]
    after: Option<i64>,
    #[serde(default)]
    added: String,
    #[serde(default)]
    imported: Option<u64>,
    #[serde(default)]
    discarded: String,
    #[serde(default)]
    removed: String,
    #[serde(default)]
    sent: Option<u64>,
    #[serde(default)]
    reminded: String,
}

impl Asked {
    /// What was just done, in words.
    fn done(&self) -> Option<Message> {
        let is = |flag: &str| !flag.is_empty();
        match self {
            Self { imported: Some(voters), .. } => Some(say!(voters_are_imported, voters = *voters)),
            Self { sent: Some(voters), .. } => Some(say!(voters_links_sent, voters = *voters)),
            Self { added, .. } if is(added) => Some(say!(voters_are_added)),
            Self { discarded, .. } if is(discarded) => Some(say!(voters_are_discarded)),
            Self { removed, .. } if is(removed) => Some(say!(voters_is_removed)),
            Self { reminded, .. } if is(reminded) => Some(say!(voters_reminders_sent)),
            _ => None,
        }
    }
}

/// What an election's state allows with its roll.
pub(crate) fn is_open_or_before(frame: &Frame) -> bool {
    matches!(frame.election.status.as_str(), "draft" | "scheduled" | "active")
}

/// What was sent, and what became of it.
pub(crate) async fn mails(organiser: &Organiser, frame: &Frame) -> Result<ElectionMails, actix_web::Error> {
    organiser.get(&format!("/api/admin/elections/{}/mails", frame.election.election_id), &[]).await
}

/// The import that waits, if there is one.
pub(crate) async fn waiting(organiser: &Organiser, frame: &Frame) -> Result<Option<VoterImport>, actix_web::Error> {
    let path = format!("/api/admin/elections/{}/voter-imports", frame.election.election_id);
    let Page { items, .. } = organiser.get::<Page<VoterImport>>(&path, &[]).await?;
    Ok(items.into_iter().next())
}

/// The roll, page by page, with what is to be known first: mails that came back, and a file that waits.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>, asked: Option<web::Query<Asked>>) -> Answer {
    let asked = asked.map(web::Query::into_inner).unwrap_or_default();
    let frame = Frame::load(&organiser, *id).await?;
    let (election_id, limit) = (id.to_string(), ROWS.to_string());
    let after = asked.after.map(|after| after.to_string());
    let state: Option<MailStatus> = asked.mail.parse().ok();
    let mut query = vec![("election_id", election_id.as_str()), ("limit", limit.as_str())];
    query.extend(after.as_deref().map(|after| ("after", after)));
    query.extend(state.map(|state| ("mail", <&str>::from(state))));
    let search = asked.q.trim();
    if !search.is_empty() {
        query.push(("search", search));
    }
    let Page { items, next } = organiser.get::<Page<Voter>>("/api/admin/voters", &query).await?;
    let sent = mails(&organiser, &frame).await?;
    let waiting = waiting(&organiser, &frame).await?;
    let can_change = is_open_or_before(&frame);
    let form = Form::default().with("q", search).with("mail", state.map_or("", <&str>::from));
    let rows: Vec<Value> = items.iter().map(|voter| row(&organiser, voter)).collect();
    let kept = format!("q={}&mail={}", percent_encoded(search), state.map_or("", <&str>::from));
    let values = context! {
        form => form.shown(organiser.language),
        done => asked.done().map(|done| organiser.say(done)),
        rows,
        roll => sent.voters.roll(),
        is_searched => !search.is_empty() || state.is_some(),
        states => states(&organiser),
        next => next.map(|next| format!("?{kept}&after={next}")),
        first => after.is_some().then(|| format!("?{kept}")),
        bounced => sent.voters.refused,
        unsent => sent.voters.none,
        on_the_way => sent.voters.queued.saturating_add(sent.voters.deferred),
        is_sending => sent.under_way.contains(&MailingKind::Invitation),
        waiting => waiting.map(|import| waiting_line(&organiser, &frame, &import)),
        can_change,
        can_remind => frame.election.status == "active",
        sent => sent_lines(&organiser, &frame, &sent),
    };
    frame.page(&organiser, 200, Some(Step::Voters), "admin_voters.html", values)
}

fn waiting_line(organiser: &Organiser, frame: &Frame, import: &VoterImport) -> Value {
    let time = organiser.time(import.expires_at, frame.zone());
    context! {
        text => organiser.say(say!(voters_waiting, voters = import.counts.new, time = time)),
        href => frame.path(&format!("voters/imports/{}", import.import_id)),
    }
}

fn sent_lines(organiser: &Organiser, frame: &Frame, sent: &ElectionMails) -> Vec<Value> {
    let line = |mailing: &contract::admin::SentMailing| {
        let what = match mailing.kind {
            MailingKind::Invitation => say!(sent_links, voters = mailing.voters.unwrap_or(0)),
            MailingKind::Reminder => say!(sent_reminders),
        };
        context! { when => organiser.time(mailing.ended_at, frame.zone()), what => organiser.say(what) }
    };
    sent.sent.iter().map(line).collect()
}

/// The states of a mail, to choose from.
fn states(organiser: &Organiser) -> Vec<Value> {
    let states = [MailStatus::Refused, MailStatus::None, MailStatus::Queued, MailStatus::Deferred, MailStatus::Sent];
    let all = context! { value => "", text => organiser.say(say!(voters_filter_all)) };
    let state = |state: MailStatus| context! { value => <&str>::from(state), text => organiser.say(state_name(state)) };
    std::iter::once(all).chain(states.map(state)).collect()
}

fn state_name(state: MailStatus) -> Message {
    match state {
        MailStatus::None => say!(voter_mail_none),
        MailStatus::Queued => say!(voter_mail_queued),
        MailStatus::Deferred => say!(voter_mail_deferred),
        MailStatus::Sent => say!(voter_mail_sent),
        MailStatus::Refused => say!(voter_mail_refused),
        MailStatus::Forgotten => say!(voter_mail_forgotten),
    }
}

/// The state of a mail as a tag, with its reason in words.
fn mail(organiser: &Organiser, mail: &MailState) -> Value {
    let kind = match mail.status {
        MailStatus::Refused => "bad",
        MailStatus::Deferred => "warn",
        MailStatus::Sent => "good",
        MailStatus::Queued => "quiet",
        MailStatus::None | MailStatus::Forgotten => "none",
    };
    let reason = mail.reason.as_ref().map(|reason| {
        let params = mail.params.clone().unwrap_or_default();
        organiser.say(Message::received(mail.code.as_deref().unwrap_or_default(), &params, reason))
    });
    context! { kind, name => organiser.say(state_name(mail.status)), reason }
}

fn row(organiser: &Organiser, voter: &Voter) -> Value {
    context! {
        id => voter.voter_id,
        name => full_name(voter),
        email => &voter.email,
        student_id => &voter.student_id,
        cohort => &voter.cohort,
        mail => mail(organiser, &voter.mail),
    }
}

fn full_name(voter: &Voter) -> Option<String> {
    let names: Vec<&str> = [&voter.first_name, &voter.last_name].into_iter().flatten().map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The whole roll as a file.
pub(crate) async fn download(organiser: Organiser, id: web::Path<i64>) -> Answer {
    organiser.download(&format!("/api/admin/elections/{id}/voters.csv"), "voters.csv").await
}

/// The members of the API with their fields and labels here.
pub(crate) fn fields() -> [(&'static str, &'static str, Message); 6] {
    [
        ("email", "email", say!(site_email)),
        ("first_name", "first_name", say!(voters_first_name)),
        ("last_name", "last_name", say!(voters_last_name)),
        ("student_id", "student_id", say!(voters_student_id)),
        ("cohort", "cohort", say!(voters_cohort)),
        ("reason", "reason", say!(voter_reason)),
    ]
}

/// The form for one more voter.
pub(crate) async fn new(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    if !is_open_or_before(&frame) {
        return organiser.go_to(&frame.path("voters"));
    }
    new_page(&organiser, &frame, &Form::default())
}

fn new_page(organiser: &Organiser, frame: &Frame, form: &Form) -> Answer {
    let values = context! { form => form.shown(organiser.language), is_late => frame.election.status == "active" };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_voter_new.html", values)
}

/// Adds one voter.
pub(crate) async fn add(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let frame = Frame::load(&organiser, *id).await?;
    need_email_and_reason(&mut form, &frame);
    if form.is_good() {
        let text = |name: &str| Some(form.text(name).to_owned()).filter(|text| !text.is_empty());
        let voter = NewVoter {
            election_id: *id,
            email: form.text("email").to_owned(),
            first_name: text("first_name"),
            last_name: text("last_name"),
            student_id: text("student_id"),
            cohort: text("cohort"),
            reason: text("reason"),
        };
        match organiser.post::<Voter>("/api/admin/voters", &voter).await? {
            Ok(_) => return organiser.go_to(&frame.path("voters?added=1")),
            Err(refused) => form.refused(&refused, &fields()),
        }
    }
    new_page(&organiser, &frame, &form)
}

fn need_email_and_reason(form: &mut Form, frame: &Frame) {
    if form.is_good() && form.text("email").is_empty() {
        form.wrong("email", say!(voter_email_needed));
    }
    if form.is_good() && frame.election.status == "active" && form.text("reason").is_empty() {
        form.wrong("reason", say!(voter_reason_needed));
    }
}

/// What was just done to one voter.
#[derive(Default, Deserialize)]
pub(crate) struct AskedOfOne {
    #[serde(default)]
    corrected: String,
    /// How often the link can be sent again after this time.
    #[serde(default)]
    resent: Option<u64>,
}

/// The election with one of its voters. A voter of another election ends the handler with the page for what is not there.
async fn load(organiser: &Organiser, (id, voter_id): (i64, i64)) -> Result<(Frame, Voter), actix_web::Error> {
    let frame = Frame::load(organiser, id).await?;
    let voter: Voter = organiser.get(&format!("/api/admin/voters/{voter_id}"), &[]).await?;
    if voter.election_id != id {
        return Err(organiser.ends_with(organiser.go_to(&frame.path("voters"))));
    }
    Ok((frame, voter))
}

fn filled_in(voter: &Voter) -> Form {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Form::default()
        .with("email", &voter.email)
        .with("first_name", text(&voter.first_name))
        .with("last_name", text(&voter.last_name))
        .with("student_id", text(&voter.student_id))
        .with("cohort", text(&voter.cohort))
}

/// One voter: the mail, the entry, and what can be done.
pub(crate) async fn one(organiser: Organiser, ids: web::Path<(i64, i64)>, asked: Option<web::Query<AskedOfOne>>) -> Answer {
    let (frame, voter) = load(&organiser, *ids).await?;
    let asked = asked.map(web::Query::into_inner).unwrap_or_default();
    let done = match asked {
        AskedOfOne { resent: Some(left), .. } => Some(say!(voter_is_resent, left = left)),
        AskedOfOne { corrected, .. } if !corrected.is_empty() => Some(say!(voter_is_corrected)),
        _ => None,
    };
    one_page(&organiser, &frame, &voter, &filled_in(&voter), done)
}

fn one_page(organiser: &Organiser, frame: &Frame, voter: &Voter, form: &Form, done: Option<Message>) -> Answer {
    let values = context! {
        form => form.shown(organiser.language),
        done => done.map(|done| organiser.say(done)),
        voter => row(organiser, voter),
        heading => full_name(voter).unwrap_or_else(|| voter.email.clone()),
        has_link => voter.link_sent == Some(true),
        can_change => is_open_or_before(frame),
    };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_voter.html", values)
}

/// Corrects the entry.
pub(crate) async fn correct(sent: Sent<Organiser>, ids: web::Path<(i64, i64)>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let (frame, voter) = load(&organiser, *ids).await?;
    if form.is_good() && form.text("email").is_empty() {
        form.wrong("email", say!(voter_email_needed));
    }
    if form.is_good() {
        // A field that the form does not have stays as it is.
        let text = |name: &str| form.has(name).then(|| form.text(name).to_owned());
        let change = VoterChange {
            email: text("email"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            student_id: text("student_id"),
            cohort: text("cohort"),
        };
        match organiser.put::<Voter>(&format!("/api/admin/voters/{}", voter.voter_id), &change).await? {
            Ok(_) => return organiser.go_to(&frame.path(&format!("voters/{}?corrected=1", voter.voter_id))),
            Err(refused) => form.refused(&refused, &fields()),
        }
    }
    one_page(&organiser, &frame, &voter, &form, None)
}

/// Sends the link again, or for the first time.
pub(crate) async fn resend(sent: Sent<Organiser>, ids: web::Path<(i64, i64)>) -> Answer {
    let Sent { by: organiser, form } = sent;
    let (frame, voter) = load(&organiser, *ids).await?;
    let path = format!("/api/admin/voters/{}/resend-token", voter.voter_id);
    if !form.is_good() {
        return one_page(&organiser, &frame, &voter, &expired(&voter), None);
    }
    match organiser.post::<LinkResent>(&path, &json!({})).await? {
        Ok(LinkResent { resends_left, .. }) => {
            organiser.go_to(&frame.path(&format!("voters/{}?resent={resends_left}", voter.voter_id)))
        }
        Err(refused) => {
            let mut form = filled_in(&voter);
            form.refused(&refused, &[]);
            one_page(&organiser, &frame, &voter, &form, None)
        }
    }
}

/// The page of the voter, when the button was pressed too late.
fn expired(voter: &Voter) -> Form {
    let mut form = filled_in(voter);
    form.wrong("", say!(site_form_expired));
    form
}

/// The question before a voter is taken off the roll.
pub(crate) async fn ask_remove(organiser: Organiser, ids: web::Path<(i64, i64)>) -> Answer {
    let (frame, voter) = load(&organiser, *ids).await?;
    if !is_open_or_before(&frame) {
        return organiser.go_to(&frame.path("voters"));
    }
    remove_page(&organiser, &frame, &voter, &Form::default())
}

fn remove_page(organiser: &Organiser, frame: &Frame, voter: &Voter, form: &Form) -> Answer {
    let values = context! {
        form => form.shown(organiser.language),
        voter => row(organiser, voter),
        heading => full_name(voter).unwrap_or_else(|| voter.email.clone()),
        is_late => frame.election.status == "active",
    };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_voter_remove.html", values)
}

/// Takes a voter off the roll.
pub(crate) async fn remove(sent: Sent<Organiser>, ids: web::Path<(i64, i64)>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let (frame, voter) = load(&organiser, *ids).await?;
    if form.is_good() {
        match organiser.delete(&format!("/api/admin/voters/{}", voter.voter_id)).await? {
            Ok(()) => return organiser.go_to(&frame.path("voters?removed=1")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    remove_page(&organiser, &frame, &voter, &form)
}

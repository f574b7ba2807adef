//! The page behind a voting link, for profile `simple` (docs/protocol.md). Looking changes nothing, however often and by whom;
//! only the form that a person sends is a ballot.
//!
//! The token is in the address, so these pages are kept by nobody, name no referrer and load nothing from elsewhere: only our style, and the
//! pictures of candidates from this site.

use actix_web::{HttpResponse, web};
use contract::problems::{self, FieldError};
use contract::voting::{Ballot, BallotAnswer, LinkState, RefusedLink, ValidLink, VoteRecorded};
use futures_util::future::try_join;
use messages::say;
use minijinja::context;
use problem::Problem;
use serde::Deserialize;

use crate::Frontend;
use crate::amendments::announced;
use crate::ballot_form::{Form, Mistake, explained, questions};
use crate::page::{shown, time, zone};
use crate::upstream::Refused;

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// What a link leads to.
enum LinkTarget {
    BallotForm(Box<(ValidLink, Ballot)>),
    Nothing(RefusedLink),
}

impl Frontend {
    async fn link_target(&self, token: &str) -> Result<LinkTarget, Refused> {
        let query = [("token", token)];
        let link = self.upstream.get("/api/voting/validate-token", &query);
        let ballot = self.upstream.get("/api/voting/ballot", &query);
        Ok(match try_join(link, ballot).await? {
            (LinkState::Valid(link), BallotAnswer::Ballot(ballot)) => LinkTarget::BallotForm(Box::new((link, ballot))),
            (LinkState::Refused(refused), _) | (_, BallotAnswer::Refused(refused)) => LinkTarget::Nothing(refused),
        })
    }

    /// The page of a link; with a form, as it was filled in and with what is wrong with it.
    async fn ballot_form(&self, token: &str, form: Option<&Form>, mistakes: &[Mistake]) -> Result<HttpResponse, Problem> {
        match self.link_target(token).await {
            Ok(LinkTarget::BallotForm(form_and_link)) => {
                let (link, ballot) = *form_and_link;
                match link.voting_open && ballot.voting_open {
                    true if ballot.profile == "simple" => self.ballot_page(token, &link, ballot, form, mistakes),
                    is_open => self.closed_page(&link, &ballot, is_open),
                }
            }
            Ok(LinkTarget::Nothing(refused)) => {
                let has_voted = refused.has_voted.unwrap_or(false);
                let (error, election_id, spent_code) = (refused.error, refused.election_id, refused.spent_code);
                self.renderer.page(200, "link.html", context! { reason => "refused", error, has_voted, election_id, spent_code })
            }
            Err(refused) => self.renderer.refused(&refused),
        }
    }

    fn ballot_page(
        &self,
        token: &str,
        link: &ValidLink,
        ballot: Ballot,
        form: Option<&Form>,
        mistakes: &[Mistake],
    ) -> Result<HttpResponse, Problem> {
        // A form whose key was lost or bent on the way could never be cast; it was not, so a new one does no harm.
        let key = form.filter(|form| is_key(&form.key)).map_or_else(fresh_key, |form| form.key.clone());
        let zone = zone(&ballot.timezone);
        let (title, description, closes_at) =
            (ballot.election_title.clone(), ballot.description.clone(), time(ballot.closes_at, zone));
        let mistakes = explained(&ballot, form, mistakes);
        let is_of = |contest: &&contract::voting::BallotContest, id| contest.candidates.iter().any(|of| of.candidate_id == id);
        let contest_of = |id| ballot.contests.iter().find(|contest| is_of(contest, id)).map(|contest| contest.title.as_str());
        let amendments: Vec<String> =
            announced(&ballot.amendments, |at| messages::short(at, zone), contest_of).iter().map(ToString::to_string).collect();
        let values = context! {
            title, description, closes_at, token, key, amendments,
            action => "/vote",
            voter => &link.voter_email,
            spent_code => &link.spent_code,
            mistakes => shown(&mistakes),
            questions => shown(questions(ballot, token, form, &mistakes)),
        };
        self.renderer.page(if mistakes.is_empty() { 200 } else { 422 }, "vote.html", values)
    }

    fn closed_page(&self, link: &ValidLink, ballot: &Ballot, is_open: bool) -> Result<HttpResponse, Problem> {
        let reason = if is_open { "profile" } else { "not-open" };
        let zone = zone(&ballot.timezone);
        let error = link.error.as_ref().or(ballot.error.as_ref());
        let values = context! { reason, error, title => &ballot.election_title, opens_at => time(link.opens_at, zone), closes_at => time(ballot.closes_at, zone) };
        self.renderer.page(200, "link.html", values)
    }
}

/// 64 hex digits that make a ballot the same ballot when it is sent again.
fn fresh_key() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    hex::encode(bytes)
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The page of a voting link: the ballot, or why there is none. Changes nothing.
pub(crate) async fn show(
    frontend: web::Data<Frontend>,
    link: Result<web::Query<Link>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(link) = link else {
        return frontend.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_address_unreadable)));
    };
    frontend.ballot_form(&link.token, None, &[]).await
}

/// Casts the ballot. The same form sent again shows the same receipt.
pub(crate) async fn cast(
    frontend: web::Data<Frontend>,
    fields: Result<web::Form<Vec<(String, String)>>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(fields) = fields else {
        return frontend.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_form_unreadable_open_link)));
    };
    let form = Form::read(fields.into_inner());
    let ballot = match form.ballot() {
        Ok(ballot) => ballot,
        Err(mistakes) => return frontend.ballot_form(&form.token, Some(&form), &mistakes).await,
    };
    match frontend.upstream.post::<VoteRecorded>("/api/voting/cast-vote", &form.key, &ballot).await {
        Ok(recorded) => frontend.renderer.page(200, "recorded.html", context! { recorded => shown(&recorded) }),
        Err(refused) if refused.body.status == 422 => frontend.ballot_form(&form.token, Some(&form), &mistakes(&refused)).await,
        // The ballot was not recorded, or the outcome is unknown. Sending the same form again is safe and gives the answer.
        Err(refused) if matches!(refused.body.status, 429 | 503) => {
            frontend.renderer.refused_with(&refused, shown(form.fields()))
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// What the voting service found wrong, for the head of the page and, where it names one, for the contest.
fn mistakes(refused: &Refused) -> Vec<Mistake> {
    match refused.body.errors.as_slice() {
        [] => vec![Mistake::new(None, refused.body.detail.clone())],
        errors => errors.iter().map(mistake).collect(),
    }
}

fn mistake(error: &FieldError) -> Mistake {
    let contest_id = error.field.strip_prefix("choices.").and_then(|id| id.parse().ok());
    // "choices.7" is no word for a voter; the sentence goes on after it.
    let message = match contest_id {
        Some(_) => say!(page_choice_refused, why = &error.message).to_string(),
        None => error.message.clone(),
    };
    Mistake::new(contest_id, message)
}

//! One election: the frame around its steps. The stub says which election it is, what is done and what is missing; the sheet holds one
//! step. Each step has a file of its own here.

mod candidates;
mod changes;
mod check;
mod closing;
mod details;
mod history;
mod imports;
mod live;
mod minutes;
mod opening;
mod questions;
mod result;
mod sending;
mod test_ballot;
mod voters;
mod watch;

pub(crate) use live::{ASK_INTERVAL as LIVE_INTERVAL, Live, run as run_live};

use actix_web::web::{self, ServiceConfig, get, head, post, resource};
use chrono::{DateTime, Utc};
use contract::Page;
use contract::admin::Candidate;
use contract::elections::{Contest, Election};
use counting::Family;
use messages::{Message, Zone, say, span};
use minijinja::context;
use minijinja::value::Value;

use crate::organiser::dashboard::{status_name, when};
use crate::organiser::page;
use crate::organiser::visit::{Answer, Organiser};
use crate::page::zone;

/// The pages of one election.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(page!(["/admin/elections/{id}", "/admin/elections/{id}/next"], lead_on))
        .service(page!("/admin/elections/{id}/details", details::show, details::change))
        .service(page!("/admin/elections/{id}/questions", questions::show))
        .service(page!("/admin/elections/{id}/questions/{question}", questions::edit, questions::save))
        .service(page!("/admin/elections/{id}/questions/{question}/remove", questions::ask_remove, questions::remove))
        .service(page!("/admin/elections/{id}/candidates", candidates::show))
        .service(page!("/admin/elections/{id}/candidates/preview", candidates::preview))
        .service(resource("/admin/elections/{id}/candidates/move").route(post().to(candidates::move_to)))
        .service(page!("/admin/elections/{id}/candidates/draw/{question}", candidates::ask_draw, candidates::draw))
        .service(page!("/admin/elections/{id}/candidates/{candidate}", candidates::edit, candidates::save))
        .service(page!("/admin/elections/{id}/candidates/{candidate}/remove", candidates::ask_remove, candidates::remove))
        .configure(voters_routes)
        .service(page!("/admin/elections/{id}/check", check::show))
        .service(resource("/admin/elections/{id}/check/test-mail").route(post().to(check::test_mail)))
        .service(page!("/admin/elections/{id}/preview", test_ballot::show, test_ballot::mark))
        .service(page!("/admin/elections/{id}/open", opening::ask, opening::open))
        .service(page!("/admin/elections/{id}/watch", watch::show))
        .service(resource("/admin/elections/{id}/turnout").route(get().to(live::now)))
        .service(resource("/admin/elections/{id}/turnout/stream").route(get().to(live::stream)))
        .service(page!("/admin/elections/{id}/end", changes::ask_end, changes::move_end))
        .service(page!("/admin/elections/{id}/withdrawal", changes::ask_withdrawal, changes::withdraw))
        .service(page!("/admin/elections/{id}/close", closing::show, closing::close))
        .service(page!("/admin/elections/{id}/result", result::show))
        .service(resource("/admin/elections/{id}/publish").route(post().to(result::publish)))
        .service(resource("/admin/elections/{id}/tell").route(post().to(result::tell)))
        .service(page!("/admin/elections/{id}/archive", result::ask_archive, result::archive))
        .service(page!("/admin/elections/{id}/minutes", minutes::show))
        .service(page!("/admin/elections/{id}/history", history::show))
        .service(page!("/admin/elections/{id}/history.csv", history::table))
        .service(page!("/admin/elections/{id}/history.json", history::entries));
}

/// The pages of the step "voters". Words come before numbers: `new` is no voter.
fn voters_routes(config: &mut ServiceConfig) {
    config
        .service(page!("/admin/elections/{id}/voters", voters::show))
        .service(page!("/admin/elections/{id}/voters/new", voters::new, voters::add))
        .service(page!("/admin/elections/{id}/voters/roll.csv", voters::download))
        .service(page!("/admin/elections/{id}/voters/send", sending::ask, sending::send))
        .service(page!("/admin/elections/{id}/voters/remind", sending::ask_remind, sending::remind))
        .service(page!("/admin/elections/{id}/voters/import", imports::show, imports::upload))
        .service(page!("/admin/elections/{id}/voters/paste", imports::show, imports::paste))
        .service(page!("/admin/elections/{id}/voters/template.csv", imports::template))
        .service(page!("/admin/elections/{id}/voters/imports/{import}", imports::show_preview))
        .service(page!("/admin/elections/{id}/voters/imports/{import}/rejected.csv", imports::rejected))
        .service(page!("/admin/elections/{id}/voters/imports/{import}/confirm", imports::show_preview, imports::confirm))
        .service(resource("/admin/elections/{id}/voters/imports/{import}/discard").route(post().to(imports::discard)))
        .service(page!("/admin/elections/{id}/voters/{voter}", voters::one, voters::correct))
        .service(page!("/admin/elections/{id}/voters/{voter}/resend", voters::one, voters::resend))
        .service(page!("/admin/elections/{id}/voters/{voter}/remove", voters::ask_remove, voters::remove));
}

/// A step of an election, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// `/questions`, and `/details` with the title and the times.
    Questions,
    /// `/candidates`
    Candidates,
    /// `/voters`
    Voters,
    /// `/check`
    Check,
    /// `/open`
    Open,
    /// `/watch`
    Watch,
    /// `/close`
    Close,
    /// `/result`
    Result,
}

impl Step {
    pub(crate) const ALL: [Self; 8] =
        [Self::Questions, Self::Candidates, Self::Voters, Self::Check, Self::Open, Self::Watch, Self::Close, Self::Result];

    const fn path(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Candidates => "candidates",
            Self::Voters => "voters",
            Self::Check => "check",
            Self::Open => "open",
            Self::Watch => "watch",
            Self::Close => "close",
            Self::Result => "result",
        }
    }

    fn name(self) -> Message {
        match self {
            Self::Questions => say!(step_questions),
            Self::Candidates => say!(step_candidates),
            Self::Voters => say!(step_voters),
            Self::Check => say!(step_check),
            Self::Open => say!(step_open),
            Self::Watch => say!(step_watch),
            Self::Close => say!(step_close),
            Self::Result => say!(step_result),
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    /// Something stops the election.
    Mend,
    /// Can be done now.
    Now,
    /// Its time has not come.
    Later,
}

/// An election, with what the frame shows of it.
pub(crate) struct Frame {
    pub(crate) election: Election,
    /// Who stands, with the options of motions; none when the admin service does not answer: the frame works without.
    pub(crate) candidates: Option<Vec<Candidate>>,
}

impl Frame {
    /// Loads the election. One that is not there, or somebody else's, ends the handler with its page.
    pub(crate) async fn load(organiser: &Organiser, election_id: i64) -> Result<Self, actix_web::Error> {
        let (path, id) = (format!("/api/elections/{election_id}"), election_id.to_string());
        let election = organiser.get::<Election>(&path, &[]);
        let candidates = organiser.request(actix_web::http::Method::GET, "/api/admin/candidates").query(&[("election_id", id)]);
        let (election, candidates) = futures_util::future::join(election, organiser.answer::<Page<Candidate>>(candidates)).await;
        Ok(Self { election: election?, candidates: candidates?.ok().map(|page| page.items) })
    }

    /// The time zone of the election.
    pub(crate) fn zone(&self) -> Zone {
        zone(&self.election.timezone)
    }

    /// The address of one of its pages.
    pub(crate) fn path(&self, page: &str) -> String {
        format!("/admin/elections/{}/{page}", self.election.election_id)
    }

    /// Whether everything about it can still be changed.
    pub(crate) fn is_draft(&self) -> bool {
        self.election.status == "draft"
    }

    /// Whether the ballots are opened and counted.
    pub(crate) fn is_counted(&self) -> bool {
        self.election.tally_state.as_deref() == Some("opened")
    }

    /// People who stand in a contest; not the options that its rule brings along.
    pub(crate) fn standing_in(&self, contest: &Contest) -> Option<usize> {
        let stands = |candidate: &&Candidate| candidate.contest_id == contest.contest_id && candidate.standing == "stands";
        Some(self.candidates.as_ref()?.iter().filter(stands).count())
    }

    /// The page of a step. `values` is what its template shows; the template extends `admin_election.html`.
    pub(crate) fn page(&self, organiser: &Organiser, status: u16, step: Option<Step>, template: &str, values: Value) -> Answer {
        organiser.page(status, template, context! { frame => self.shown(organiser, step), ..values })
    }

    /// The step to go on with.
    pub(crate) fn next_step(&self) -> Step {
        match self.election.status.as_str() {
            "draft" => {
                let is_open = |step: &&Step| matches!(self.standing(**step).0, Standing::Mend | Standing::Now);
                Step::ALL.iter().find(is_open).copied().unwrap_or(Step::Check)
            }
            "scheduled" => Step::Check,
            "active" => Step::Watch,
            "closed" if !self.is_counted() => Step::Close,
            _ => Step::Result,
        }
    }

    fn shown(&self, organiser: &Organiser, current: Option<Step>) -> Value {
        let steps: Vec<Value> = Step::ALL.iter().map(|step| self.shown_step(organiser, *step, current)).collect();
        let number = current.and_then(|current| Step::ALL.iter().position(|step| *step == current)).map(|place| place + 1);
        let election = &self.election;
        context! {
            id => election.election_id,
            title => &election.title,
            status => &election.status,
            status_name => organiser.say(status_name(&election.status)),
            when => when(election, Utc::now()).map(|when| organiser.say(when)),
            steps,
            number,
            of => Step::ALL.len(),
            step_name => current.map(|step| organiser.say(step.name())),
            base => format!("/admin/elections/{}", election.election_id),
            is_draft => self.is_draft(),
        }
    }

    fn shown_step(&self, organiser: &Organiser, step: Step, current: Option<Step>) -> Value {
        let (standing, line) = self.standing(step);
        let (state, name) = match standing {
            Standing::Done => ("done", Some(say!(step_is_done))),
            Standing::Mend => ("mend", Some(say!(step_to_mend))),
            Standing::Now => ("now", None),
            Standing::Later => ("later", Some(say!(step_is_later))),
        };
        context! {
            state,
            state_name => name.map(|name| organiser.say(name)),
            name => organiser.say(step.name()),
            line => line.map(|line| organiser.say(line)),
            href => (standing != Standing::Later).then(|| self.path(step.path())),
            is_current => current == Some(step),
        }
    }

    /// How a step stands, and in one line what is there or missing.
    fn standing(&self, step: Step) -> (Standing, Option<Message>) {
        let status = self.election.status.as_str();
        let is_prepared = !matches!(status, "draft" | "scheduled");
        match step {
            Step::Questions => {
                let questions = self.election.contests.len();
                let seats: u32 = self
                    .election
                    .contests
                    .iter()
                    .filter(|contest| contest.family != Family::Motion)
                    .map(|contest| contest.seats)
                    .sum();
                (
                    Standing::Done,
                    Some(if seats == 0 {
                        say!(step_motions, questions = questions)
                    } else {
                        say!(step_questions_seats, questions = say!(step_motions, questions = questions), seats = seats)
                    }),
                )
            }
            Step::Candidates => self.candidates_standing(),
            Step::Voters => {
                let roll = self.election.turnout.roll;
                let standing = if roll > 0 || is_prepared { Standing::Done } else { Standing::Now };
                (standing, Some(say!(dashboard_roll, roll = roll)))
            }
            Step::Check if is_prepared => (Standing::Done, None),
            Step::Check => (Standing::Now, None),
            Step::Open => {
                let at = self.election.activated_at.or(self.election.opens_at);
                let standing = if is_prepared { Standing::Done } else { Standing::Now };
                (standing, Some(self.planned(at, is_prepared)))
            }
            Step::Watch => (after(status, "active"), None),
            Step::Close if self.election.count_stopped.is_some() => (Standing::Mend, Some(say!(step_count_stopped))),
            Step::Close if status == "closed" && !self.is_counted() => (Standing::Now, Some(say!(step_counting))),
            Step::Close => {
                let is_closed = matches!(status, "closed" | "archived");
                (after(status, "active"), Some(self.planned(self.election.closed_at.or(self.election.closes_at), is_closed)))
            }
            Step::Result if self.election.results_published_at.is_some() => (Standing::Done, Some(say!(step_published))),
            Step::Result if self.is_counted() => (Standing::Now, Some(say!(step_to_publish))),
            Step::Result => (Standing::Later, None),
        }
    }

    fn candidates_standing(&self) -> (Standing, Option<Message>) {
        let people = self.election.contests.iter().filter(|contest| contest.family != Family::Motion);
        let counted: Option<Vec<(&Contest, usize)>> = people.map(|contest| Some((contest, self.standing_in(contest)?))).collect();
        let Some(counted) = counted else { return (Standing::Now, Some(say!(step_unknown))) };
        let total: usize = counted.iter().map(|(_, count)| count).sum();
        let missing = counted.iter().find(|(contest, count)| *count < least(contest));
        match missing {
            None if counted.is_empty() => (Standing::Done, Some(say!(step_no_candidates_needed))),
            None => (Standing::Done, Some(say!(step_candidates_count, candidates = total))),
            Some(_) if total == 0 => (Standing::Now, Some(say!(step_no_candidates))),
            Some((contest, count)) => (
                Standing::Mend,
                Some(say!(step_candidates_missing, contest = &contest.title, candidates = *count, needed = least(contest))),
            ),
        }
    }

    fn planned(&self, at: Option<DateTime<Utc>>, is_past: bool) -> Message {
        match at {
            Some(at) if is_past => say!(step_was_at, time = messages::local(at, self.zone())),
            Some(at) => say!(step_planned, time = messages::local(at, self.zone())),
            None => say!(step_by_hand),
        }
    }
}

/// With fewer candidates the election cannot open, or a seat stays vacant.
fn least(contest: &Contest) -> usize {
    usize::try_from(contest.seats).unwrap_or(usize::MAX).max(2)
}

/// A step that begins with this state of the election, and is done when the election is past it.
fn after(status: &str, state: &str) -> Standing {
    const ORDER: [&str; 5] = ["draft", "scheduled", "active", "closed", "archived"];
    let place = |status: &str| ORDER.iter().position(|known| *known == status);
    match place(status).cmp(&place(state)) {
        std::cmp::Ordering::Less => Standing::Later,
        std::cmp::Ordering::Equal => Standing::Now,
        std::cmp::Ordering::Greater => Standing::Done,
    }
}

/// To the step to go on with.
async fn lead_on(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let has_missed_its_end = frame.election.status == "scheduled" && frame.election.closes_at.is_some_and(|at| at <= Utc::now());
    organiser.go_to(&frame.path(if has_missed_its_end { "end" } else { frame.next_step().path() }))
}

/// A row for the part `facts`.
pub(crate) fn fact(organiser: &Organiser, name: Message, value: impl Into<String>) -> Value {
    context! { name => organiser.say(name), value => value.into() }
}

/// How long until then, or since then: "in 2 days", for a page that also shows the time.
pub(crate) fn from_now(at: DateTime<Utc>) -> Message {
    let seconds = (at - Utc::now()).num_seconds();
    if seconds >= 0 { say!(time_in, span = span(seconds)) } else { say!(time_ago, span = span(-seconds)) }
}

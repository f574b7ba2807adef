//! The ballot as voters see it, from their own template, to be tried out by the organiser. It is made from the election as it is now, and
//! is sent to no voting service: what is marked is shown, and forgotten.

use actix_web::web;
use contract::voting::{Ballot, BallotCandidate, BallotContest, Chosen};
use counting::Family;
use domain::contest::say_invalid;
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;

use super::{Frame, Step};
use crate::amendments::announced;
use crate::ballot_form::{self, Mistake, explained, questions};
use crate::organiser::visit::{Answer, Organiser, Sent};
use crate::page::{shown, time};

/// Stands for the secret of a link: it decides where a rotated list begins.
const SAMPLE: &str = "sample";

/// The ballot, empty.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    page(&organiser, &frame, None, &[])
}

/// What was marked, and that it was recorded nowhere.
pub(crate) async fn mark(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, form: sent } = sent;
    let frame = Frame::load(&organiser, *id).await?;
    let form = ballot_form::Form::read(sent.pairs());
    if !sent.is_good() {
        return page(&organiser, &frame, Some(&form), &[Mistake::new(None, organiser.say(say!(site_form_expired)))]);
    }
    let contests = ballot(&frame).contests;
    let cast = match form.ballot() {
        Ok(cast) => cast.choices.unwrap_or_default(),
        Err(mistakes) => return page(&organiser, &frame, Some(&form), &mistakes),
    };
    let (mut marks, mut mistakes) = (Vec::new(), Vec::new());
    for contest in &contests {
        match cast.get(&contest.contest_id.to_string()) {
            Some(chosen) => match judged(contest, chosen) {
                Ok(numbers) => marks.push(in_words(&organiser, contest, &numbers)),
                Err(why) => {
                    let why = say!(page_choice_refused, why = why).to_string();
                    mistakes.push(Mistake::new(Some(contest.contest_id), why));
                }
            },
            None => mistakes.push(Mistake::new(Some(contest.contest_id), say!(page_nothing_chosen).to_string())),
        }
    }
    if !mistakes.is_empty() {
        return page(&organiser, &frame, Some(&form), &mistakes);
    }
    frame.page(&organiser, 200, Some(Step::Check), "admin_test_ballot.html", context! { marks })
}

fn page(organiser: &Organiser, frame: &Frame, form: Option<&ballot_form::Form>, mistakes: &[Mistake]) -> Answer {
    let ballot = ballot(frame);
    let can_vote = |contest: &BallotContest| contest.candidates.iter().any(|candidate| candidate.standing != "none_of_the_above");
    if ballot.contests.is_empty() || !ballot.contests.iter().all(can_vote) {
        return frame.page(organiser, 200, Some(Step::Check), "admin_test_ballot.html", context! {});
    }
    let zone = frame.zone();
    let mistakes = explained(&ballot, form, mistakes);
    let values = context! {
        test => context! { back => frame.path("check") },
        action => frame.path("preview"),
        title => &ballot.election_title,
        description => &ballot.description,
        closes_at => time(ballot.closes_at, zone),
        amendments => announced(&ballot.amendments, |at| messages::local(at, zone), |_| None).iter().map(ToString::to_string).collect::<Vec<_>>(),
        voter => "v***@example.org",
        spent_code => hex::encode([0; 16]),
        mistakes => shown(&mistakes),
        questions => shown(questions(ballot, SAMPLE, form, &mistakes)),
    };
    organiser.page(if mistakes.is_empty() { 200 } else { 422 }, "vote.html", values)
}

/// The ballot of this election as the voting service would give it for a link.
fn ballot(frame: &Frame) -> Ballot {
    let election = &frame.election;
    let candidate = |candidate: &contract::admin::Candidate| BallotCandidate {
        candidate_id: candidate.candidate_id,
        name: candidate.name.clone(),
        description: candidate.description.clone(),
        party: candidate.party.clone(),
        vision: candidate.vision.clone(),
        programme: candidate.programme.clone(),
        link: candidate.link.clone(),
        photo_url: candidate.photo_url.clone(),
        thumbnail_url: candidate.thumbnail_url.clone(),
        programme_file_url: candidate.programme_file_url.clone(),
        standing: candidate.standing.clone(),
    };
    let contest = |contest: &contract::elections::Contest| BallotContest {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        text: contest.text.clone(),
        family: contest.family,
        sentence: contest.sentence.clone(),
        seats: contest.seats,
        ballot_order: contest.ballot_order.clone(),
        blank: contest.rule.terms().blank,
        candidates: frame.candidates.iter().flatten().filter(|of| of.contest_id == contest.contest_id).map(candidate).collect(),
        rule: contest.rule.clone(),
    };
    Ballot {
        election_id: election.election_id,
        election_title: election.title.clone(),
        description: election.description.clone(),
        candidates: Vec::new(),
        contests: election.contests.iter().map(contest).collect(),
        manifest_hash: election.manifest_hash.clone().unwrap_or_default(),
        profile: election.profile.clone(),
        closes_at: election.closes_at,
        timezone: election.timezone.clone(),
        voting_open: true,
        error: None,
        error_code: None,
        amendments: election.amendments.clone(),
    }
}

/// The choice as one number for each candidate, judged by the rule as the voting service does before it records a ballot.
fn judged(contest: &BallotContest, chosen: &Chosen) -> Result<Vec<u16>, Message> {
    let number_of = |id: &str| -> u16 {
        match chosen {
            Chosen::Candidates(marked) => {
                let place = marked.iter().position(|marked| marked.to_string() == id);
                let rank = place.and_then(|place| u16::try_from(place + 1).ok()).unwrap_or(0);
                if contest.family == Family::Ranking { rank } else { rank.min(1) }
            }
            Chosen::Numbers(given) => match given.get(id) {
                Some(number) if contest.family == Family::Scores => number.saturating_add(1),
                number => number.copied().unwrap_or(0),
            },
        }
    };
    let numbers: Vec<u16> = contest.candidates.iter().map(|candidate| number_of(&candidate.candidate_id.to_string())).collect();
    match contest.rule.judge(&numbers) {
        Ok(()) => Ok(numbers),
        Err(reason) => Err(say_invalid(reason, &contest.rule, contest.candidates.len())),
    }
}

/// What is marked in one question.
fn in_words(organiser: &Organiser, contest: &BallotContest, numbers: &[u16]) -> Value {
    let mut marked: Vec<(u16, &str)> = contest
        .candidates
        .iter()
        .zip(numbers)
        .filter(|(_, number)| **number > 0)
        .map(|(of, number)| (*number, of.name.as_str()))
        .collect();
    if contest.family == Family::Ranking {
        marked.sort_by_key(|(rank, _)| *rank);
    }
    let line = |(number, name): (u16, &str)| match contest.family {
        Family::Marks | Family::Motion => name.to_owned(),
        Family::Ranking => format!("{number}. {name}"),
        Family::Scores => format!("{name}: {}", number - 1),
        Family::Votes => format!("{name}: {number}"),
    };
    let mut lines: Vec<String> = marked.into_iter().map(line).collect();
    if lines.is_empty() {
        lines.push(organiser.say(say!(test_ballot_blank)));
    }
    context! { title => &contest.title, lines }
}

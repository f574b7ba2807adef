//! The result: counts with bars, winners, ties, turnout, and whether what is stored is what was voted. What the public page shows, the
//! organiser's page and the minutes show from the same templates.

use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};
use contract::audit::NewestHead;
use contract::results::{ContestResult, Results};
use counting::StepKind;
use launch::or_not_modified;
use messages::{Language, say};
use minijinja::context;
use minijinja::value::Value;
use problem::Problem;

use crate::amendments::announced;
use crate::contest_result::{contest_page, heading, percent};
use crate::page::{html, shown, zone};
use crate::texts::language_of;
use crate::{Frontend, csv, page};

/// The public page.
pub(crate) async fn results(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    election_id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let Ok(election_id) = election_id.parse::<u64>() else {
        return page::not_found(&frontend, &request, say!(no_such_election));
    };
    let language = language_of(&request);
    match frontend.upstream.get::<Results>(&format!("/api/results/{election_id}"), &[]).await {
        Ok(results) => {
            let values = context! { ..values(&frontend, &results, language).await };
            let text =
                frontend.renderer.text_for("results.html", values, page::site(language, &format!("/results/{election_id}")))?;
            let hash = hex::encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
            // Many look again and again until something changes.
            Ok(or_not_modified(&request, hash, "no-cache", || html(200, text)))
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// What the templates show of a result.
pub(crate) async fn values(frontend: &Frontend, results: &Results, language: Language) -> Value {
    // A copy of the audit log's head on a page that many people open. The page does not wait for it for long, and does without it when
    // audit does not answer.
    let audit = newest_head(frontend).await;
    let signing_stopped = audit.as_ref().is_some_and(|newest| newest.signing_stopped);
    let zone = zone(&results.timezone);
    let time = |at| messages::short(at, zone).text(language);
    let is_of = |contest: &&ContestResult, id| contest.results.iter().any(|line| line.candidate_id == id);
    let contest_of = |id| results.contests.iter().find(|contest| is_of(contest, id)).map(|contest| contest.title.as_str());
    let amendments = announced(&results.amendments, |at| messages::short(at, zone), contest_of);
    context! {
        amendments => amendments.iter().map(|line| line.text(language)).collect::<Vec<_>>(),
        share => share(results.turnout.voted, results.turnout.roll, language),
        counted => time(results.counted_at),
        checked => time(results.integrity.checked_at),
        last_ok => results.integrity.last_ok_at.map(time),
        results => shown(results),
        contests => shown(results.contests.iter().map(|contest| contest_page(contest, language)).collect::<Vec<_>>()),
        audit_head => audit.as_ref().and_then(|newest| newest.head.as_ref()).map(shown),
        audit_verified => audit.as_ref().and_then(|newest| newest.verified_at).map(time),
        audit_bad => audit.as_ref().and_then(|newest| newest.first_bad.as_ref()).map(shown),
        signing_stopped,
    }
}

/// The newest signed head of the audit log, if audit says it soon.
pub(crate) async fn newest_head(frontend: &Frontend) -> Option<NewestHead> {
    let (_, text) = frontend.upstream.text_of("/api/audit/head").await.ok().filter(|(status, _)| *status == 200)?;
    serde_json::from_str(&text).ok()
}

/// In percent with one decimal; nobody of nobody is none.
pub(crate) fn share(part: i64, whole: i64, language: Language) -> String {
    let tenths = if whole > 0 { i128::from(part) * 1000 / i128::from(whole) } else { 0 };
    let point = if language == Language::German { ',' } else { '.' };
    format!("{}{point}{}", tenths / 10, tenths % 10)
}

/// A table of the result as a file: what the page shows, line by line.
pub(crate) async fn table(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    election_id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    file(&frontend, &request, &election_id, "result", lines).await
}

/// A table of all rounds as a file. It has every round, also of a count whose page leaves some out.
pub(crate) async fn rounds(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    election_id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    file(&frontend, &request, &election_id, "rounds", all_rounds).await
}

async fn file(
    frontend: &Frontend,
    request: &HttpRequest,
    election_id: &str,
    name: &str,
    rows: fn(&Results, Language) -> String,
) -> Result<HttpResponse, Problem> {
    let Ok(election_id) = election_id.parse::<u64>() else {
        return page::not_found(frontend, request, say!(no_such_election));
    };
    match frontend.upstream.get::<Results>(&format!("/api/results/{election_id}"), &[]).await {
        Ok(results) => {
            let text = format!("{}{}", csv::UTF_8, rows(&results, language_of(request)));
            Ok(csv::download(&format!("election-{election_id}-{name}.csv"), "text/csv; charset=utf-8").body(text))
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

fn lines(results: &Results, language: Language) -> String {
    let heads = [
        say!(result_column_question),
        say!(result_candidate),
        say!(story_votes_column),
        say!(result_column_percent),
        say!(result_outcome),
    ];
    let mut text = csv::row(heads.map(|head| head.text(language)).iter().map(String::as_str));
    for contest in &results.contests {
        for line in contest_page(contest, language).lines {
            // A number of a file is read by programs: its point is a point in every language.
            let percent = percent(u64::from(line.hundredths), Language::English);
            text += &csv::row([&contest.title, &line.name, &line.votes.to_string(), &percent, &line.outcome].map(String::as_str));
        }
    }
    text
}

fn all_rounds(results: &Results, language: Language) -> String {
    let heads = [say!(result_column_question), say!(result_column_round), say!(result_candidate), say!(story_votes_column)];
    let mut text = csv::row(heads.map(|head| head.text(language)).iter().map(String::as_str));
    for contest in &results.contests {
        let name = |id| contest.results.iter().find(|line| line.candidate_id == id).map_or("?", |line| line.name.as_str());
        for (number, step) in (1..).zip(&contest.report.steps).filter(|(_, step)| step.kind != StepKind::Order) {
            let round = heading(step, number).text(language);
            for tally in &step.tallies {
                text += &csv::row([contest.title.as_str(), &round, name(tally.candidate), &tally.votes]);
            }
            let others = [
                (say!(story_exhausted), &step.exhausted),
                (say!(story_lost_by_rounding), &step.lost),
                (say!(story_needed), &step.quota),
            ];
            for (what, votes) in others {
                if let Some(votes) = votes {
                    text += &csv::row([contest.title.as_str(), &round, &what.text(language), votes]);
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use messages::Language::{English, German};

    #[test]
    fn a_share_of_nobody_is_none() {
        assert_eq!(
            [super::share(0, 0, English), super::share(1, 3, German), super::share(250, 250, English)],
            ["0.0", "33,3", "100.0"]
        );
    }
}

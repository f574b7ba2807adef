//! The page of a result: counts with bars, winners, ties, turnout, and whether what is stored is what was voted.

use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};
use contract::audit::NewestHead;
use contract::results::Results;
use launch::or_not_modified;
use messages::{Language, say};
use minijinja::context;
use problem::Problem;

use crate::ballot_form::announced;
use crate::contest_result::contest_page;
use crate::page::{html, shown, time, zone};
use crate::{Frontend, page};

pub(crate) async fn results(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    election_id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let Ok(election_id) = election_id.parse::<u64>() else {
        return page::not_found(&frontend, &request, say!(no_such_election));
    };
    match frontend.upstream.get::<Results>(&format!("/api/results/{election_id}"), &[]).await {
        Ok(results) => {
            // A copy of the audit log's head on a page that many people open. The page does not wait for it for long, and does
            // without it when audit does not answer.
            let audit = frontend.upstream.text_of("/api/audit/head").await.ok().filter(|(status, _)| *status == 200);
            let audit = audit.and_then(|(_, text)| serde_json::from_str::<NewestHead>(&text).ok());
            let signing_stopped = audit.as_ref().is_some_and(|newest| newest.signing_stopped);
            let zone = zone(&results.timezone);
            let audit_verified = audit.as_ref().map(|newest| time(newest.verified_at, zone));
            let audit_bad = audit.as_ref().and_then(|newest| newest.first_bad.as_ref()).map(shown);
            let audit_head = audit.as_ref().and_then(|newest| newest.head.as_ref()).map(shown);
            let is_of =
                |contest: &&contract::results::ContestResult, id| contest.results.iter().any(|line| line.candidate_id == id);
            let contest_of =
                |id| results.contests.iter().find(|contest| is_of(contest, id)).map(|contest| contest.title.as_str());
            let values = context! {
                amendments => announced(&results.amendments, zone, contest_of),
                turnout => share(results.turnout.voted, results.turnout.roll),
                counted => time(Some(results.counted_at), zone),
                checked => time(Some(results.integrity.checked_at), zone),
                last_ok => time(results.integrity.last_ok_at, zone),
                results => shown(&results),
                contests => shown(results.contests.iter().map(|contest| contest_page(contest, Language::English)).collect::<Vec<_>>()),
                audit_head,
                audit_verified,
                audit_bad,
                signing_stopped,
            };
            let text = frontend.renderer.text("results.html", values)?;
            let hash = hex::encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
            // Many look again and again until something changes.
            Ok(or_not_modified(&request, hash, "no-cache", || html(200, text)))
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// In percent with one decimal; nobody of nobody is none.
fn share(part: i64, whole: i64) -> String {
    let tenths = if whole > 0 { i128::from(part) * 1000 / i128::from(whole) } else { 0 };
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_share_of_nobody_is_none() {
        assert_eq!([super::share(0, 0), super::share(1, 3), super::share(250, 250)], ["0.0", "33.3", "100.0"]);
    }
}

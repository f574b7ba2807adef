//! The page of a result: counts with bars, winners, ties, turnout, and whether what is stored is what was voted.

use actix_web::{HttpRequest, HttpResponse, web};
use contract::audit::NewestHead;
use contract::results::Results;
use minijinja::context;
use problem::Problem;

use crate::page::shown;
use crate::paper::announced;
use crate::{Frontend, page};

pub(crate) async fn results(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    election_id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let Ok(election_id) = election_id.parse::<u64>() else {
        return page::not_found(&frontend, &request, "There is no election with this number");
    };
    match frontend.upstream.get::<Results>(&format!("/api/results/{election_id}"), &[]).await {
        Ok(results) => {
            // A copy of the audit log's head on a page that many people open. The page does not wait for it for long, and does
            // without it when audit does not answer.
            let audit = frontend.upstream.glance("/api/audit/head").await.ok().filter(|(status, _)| *status == 200);
            let audit_head =
                audit.and_then(|(_, text)| serde_json::from_str::<NewestHead>(&text).ok()).and_then(|newest| newest.head);
            let turnout = share(results.turnout.voted, results.turnout.roll);
            frontend.renderer.page(
                200,
                "results.html",
                context! { amendments => announced(&results.amendments), results => shown(&results), turnout, audit_head => audit_head.as_ref().map(shown) },
            )
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

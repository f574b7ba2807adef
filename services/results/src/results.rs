//! The result of an election, with the verdict on its integrity. Nobody sees a count before it is published (promise 4 of
//! ARCHITECTURE.md); what is stored is checked at every request.

use actix_web::web;
use contract::events::{AuditEvent, Happening};
use contract::problems;
use contract::results::Results;
use crypto::receipt::ReceiptPublicKey;
use domain::election::{Deed, Standing};
use identity::{MaybeCaller, Role};
use problem::{Json, Problem};

use crate::State;
use crate::stored::{Election, Stored, find, turnout};
use crate::{integrity, tally};

/// The result. Before publication nobody gets it; the election's admin is told the turnout.
#[utoipa::path(
    get, path = "/api/results/{election_id}", tag = "public",
    params(("election_id" = i64, Path, description = "The election")),
    responses(
        (status = 200, description = "The result, and whether what is stored is what was voted", body = Results),
        (status = 404, description = "No such election", body = contract::problems::Body, content_type = "application/problem+json"),
        (status = 409, description = "Not published yet; for its admin with `turnout`", body = contract::problems::Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    state: web::Data<State>,
    caller: MaybeCaller,
    election_id: web::Path<i64>,
) -> Result<Json<Results>, Problem> {
    let mut connection = state.database.connection().await?;
    let election = find(&mut connection, *election_id).await?.ok_or_else(|| Problem::not_found("election"))?;
    let MaybeCaller(caller) = caller;
    let mine = caller.as_ref().is_some_and(|caller| caller.admin_id == election.admin_id || caller.role == Role::Superadmin);
    if let Err(rule) = standing(&election)?.allows(Deed::ReadResult) {
        let hidden = Problem::new(problems::RESULTS_NOT_PUBLISHED, rule.to_string());
        return Err(if mine { with_turnout(hidden, turnout(&mut connection, *election_id).await?) } else { hidden });
    }
    drop(connection);
    let stored = Stored::load(&state, election).await?;
    let receipt = state.receipt.clone();
    let counted = state.slow.run(move || count(&stored, &receipt)).await?;
    let results = counted.map_err(|cause| Problem::internal("count the ballots", &cause))?;
    if !results.integrity.ok {
        tracing::error!(election_id = *election_id, reasons = ?results.integrity.reasons, "the stored election was tampered with");
        metrics::counter!("results_integrity_failures_total").increment(1);
    }
    // The public's views are a counter and no more: who looks at a result is nobody's business.
    metrics::counter!("results_views_total").increment(1);
    if let Some(caller) = caller {
        state
            .outbox
            .witness(AuditEvent::now(Happening::ResultsViewed {}).by(caller.admin_id, caller.ip_address).to(*election_id))
            .await?;
    }
    Ok(Json(results))
}

fn standing(election: &Election) -> Result<Standing, Problem> {
    let status = election.status.parse().map_err(|cause| Problem::internal("read the state of an election", &cause))?;
    Ok(Standing { status, tally: None, published: election.results_published_at.is_some() })
}

fn with_turnout(hidden: Problem, turnout: contract::elections::Turnout) -> Problem {
    hidden.with("turnout", serde_json::json!({ "roll": turnout.roll, "voted": turnout.voted }))
}

/// Counting and checking, off the async threads.
fn count(stored: &Stored, receipt: &ReceiptPublicKey) -> Result<Results, String> {
    let (contests, verdict) = match integrity::manifest(stored) {
        Ok((manifest, manifest_hash)) => {
            let counted = tally::count(stored, &manifest)?;
            let verdict = integrity::check(stored, &manifest, &manifest_hash, receipt, counted.unreadable);
            (counted.contests, verdict)
        }
        // Without the manifest nothing says what a ballot means: there is a verdict and no count.
        Err(why) => (Vec::new(), integrity::without_manifest(stored, receipt, why)),
    };
    Ok(Results {
        election_id: stored.election.election_id,
        election_title: stored.election.title.clone(),
        status: stored.election.status.clone(),
        total_votes: verdict.chain.length,
        results: contests.first().map(|contest| contest.results.clone()).unwrap_or_default(),
        contests,
        amendments: stored.amendments.clone(),
        turnout: stored.turnout,
        integrity: verdict,
    })
}

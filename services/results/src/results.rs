//! The result of an election, with the verdict on its integrity. Nobody sees a count before it is published (promise 4 of
//! ARCHITECTURE.md). A published result is counted once and kept; a request reads one row, however many ballots there are.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use contract::elections::CountStopped;
use contract::problems;
use contract::results::Results;
use crypto::Digest;
use database::Connection;
use domain::election::{Action, LifeCycleState, Status};
use identity::{MaybeCaller, Role};
use launch::or_not_modified;
use messages::{Message, say};
use problem::{Missing, Problem};
use serde::Deserialize;

use crate::State;
use crate::stored::{ElectionState, find, turnout};
use crate::stored_result::{self, StoredResult};
use crate::views;

/// The result. Before publication nobody gets it; the election's admin is told the turnout.
#[utoipa::path(
    get, path = "/api/results/{election_id}", tag = "public", security((), ("bearer" = ["owner"])),
    params(("election_id" = i64, Path, description = "The election")),
    responses(
        (status = 200, description = "The result, and whether what is stored is what was voted", body = Results),
        (status = 304, description = "As the ETag says: nothing has changed since, the last check included"),
        (status = 404, description = "No such election, or a draft of somebody else"),
        (status = 409, description = "Not published yet, for its admin with `turnout`; or `count-stopped`, for its admin with `reason` and `next`"),
        (status = 503, description = "Published a moment ago and still being counted; Retry-After says when to ask again"),
    )
)]
pub(crate) async fn show(
    state: web::Data<State>,
    caller: MaybeCaller,
    election_id: web::Path<i64>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut connection = state.database.connection().await?;
    let election = find(&mut connection, *election_id).await?.ok_or_else(|| Problem::not_found(Missing::Election))?;
    let MaybeCaller(caller) = caller;
    let insider = caller.filter(|caller| caller.admin_id == election.admin_id || caller.role == Role::Superadmin);
    // A stranger learns nothing of drafts: not activated looks like not there.
    if insider.is_none() && *election.status == Status::Draft {
        return Err(Problem::not_found(Missing::Election));
    }
    if let Err(rule) = life_cycle_state(&election).allows(Action::ReadResult) {
        let hidden = count_stopped(&election, insider.is_some());
        let hidden = hidden.unwrap_or_else(|| Problem::new(problems::RESULTS_NOT_PUBLISHED, rule));
        return Err(if insider.is_some() { with_turnout(hidden, turnout(&mut connection, *election_id).await?) } else { hidden });
    }
    let mut kept = newest(&state, &mut connection, *election_id).await?;
    drop(connection);
    if kept.is_none() {
        state.wanted.counted(*election_id).await;
        kept = newest(&state, &mut *state.database.connection().await?, *election_id).await?;
    }
    let kept = kept.ok_or_else(still_counting)?;
    // Views by the public are only counted, not logged.
    metrics::counter!("results_views_total").increment(1);
    if let Some(caller) = insider {
        views::log(&state.outbox, &caller, *election_id).await?;
    }
    let overdue = state.pace.is_overdue(kept.checked_at, Utc::now());
    Ok(answer(&request, body(kept, election.status.as_str(), overdue)?))
}

/// The kept result, or a later one that this process made and the database did not keep.
async fn newest(state: &State, connection: &mut Connection, election_id: i64) -> Result<Option<StoredResult>, Problem> {
    let kept = stored_result::read(connection, &state.kept_key, election_id).await?;
    let unkept = state.unkept.get(election_id);
    let later = unkept.filter(|unkept| kept.as_ref().is_none_or(|kept| kept.checked_at < unkept.integrity.checked_at));
    let Some(later) = later else { return Ok(kept) };
    let body = serde_json::to_vec(&later).map_err(|cause| Problem::internal("write a result", &cause))?;
    Ok(Some(StoredResult { body, checked_at: later.integrity.checked_at }))
}

/// The member of a kept result that changes whenever an organiser archives the election.
#[derive(Deserialize)]
struct Shown {
    status: String,
}

fn life_cycle_state(election: &ElectionState) -> LifeCycleState {
    LifeCycleState { status: *election.status, tally: None, published: election.results_published_at.is_some() }
}

/// Everybody is told that the count has stopped; why, which is about the insides of the installation, only those who can do
/// something about it.
fn count_stopped(election: &ElectionState, is_insider: bool) -> Option<Problem> {
    let (step, reason) = (election.tally_failed_in?, Message::stored(election.tally_error.as_deref()?));
    if is_insider {
        let detail = say!(result_count_stopped, reason = reason.clone(), next = CountStopped::next());
        let CountStopped { step, reason, next, .. } = CountStopped::new(step.as_str(), reason);
        let told = Problem::new(problems::COUNT_STOPPED, detail);
        return Some(told.with("step", step).with("reason", reason).with("next", next));
    }
    Some(Problem::new(problems::COUNT_STOPPED, say!(result_count_stopped_public)))
}

fn with_turnout(hidden: Problem, turnout: contract::elections::Turnout) -> Problem {
    hidden.with("turnout", serde_json::json!({ "roll": turnout.roll, "voted": turnout.voted }))
}

fn still_counting() -> Problem {
    Problem::new(problems::UNAVAILABLE, say!(result_still_counting)).retry_after(2)
}

/// What was kept. An election that was archived since the last check says so, and so does a check that is overdue.
fn body(kept: StoredResult, status: &str, overdue: bool) -> Result<Vec<u8>, Problem> {
    let unreadable = |cause: serde_json::Error| Problem::internal("read the kept result", &cause);
    let Shown { status: shown } = serde_json::from_slice(&kept.body).map_err(unreadable)?;
    if shown == status && !overdue {
        return Ok(kept.body);
    }
    let mut results: Results = serde_json::from_slice(&kept.body).map_err(unreadable)?;
    status.clone_into(&mut results.status);
    if overdue {
        let checked = kept.checked_at.format("%Y-%m-%d %H:%M UTC");
        results.integrity.overdue = true;
        results.integrity.reasons.push(format!(
            "last checked on {checked}; the next check is overdue, so it is not known whether anything was changed since"
        ));
    }
    serde_json::to_vec(&results).map_err(unreadable)
}

/// `no-cache` means: keep it, and ask whether it is still so. The verdict is to be that of the last check.
fn answer(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let hash = Digest::of(&[&body]).to_hex();
    or_not_modified(request, hash, "public, no-cache", || HttpResponse::Ok().content_type("application/json").body(body))
}

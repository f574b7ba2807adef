//! `GET /api/voting/ballot`: what can be marked with a link. It changes nothing.

use actix_web::web::Data;
use contract::elections::Amendment;
use contract::voting::{Ballot, BallotAnswer, BallotContest, LinkQuery};
use database::{DatabaseError, ReadOnly};
use diesel_async::RunQueryDsl as _;
use problem::{Json, Problem, Query};

use crate::Voting;
use crate::links::{LinkRefused, shown};
use crate::schema::amendments_of;

/// What can be marked with a voting link. It may be asked any number of times, by GET or HEAD: nothing is changed.
#[utoipa::path(
    get, path = "/api/voting/ballot", tag = "public", security(("link" = [])), params(LinkQuery),
    responses(
        (status = 200, description = "The ballot, or why there is none for this link", body = BallotAnswer),
    )
)]
pub(crate) async fn ballot(voting: Data<Voting>, query: Query<LinkQuery>) -> Result<Json<BallotAnswer>, Problem> {
    let link = match shown(&voting, &query.token).await? {
        Ok(link) => link,
        Err(refused) => return Ok(Json(BallotAnswer::Refused(refused))),
    };
    // A draft can still change, so it has no ballot to show.
    let Some(hash) = link.manifest_hash() else { return Ok(Json(BallotAnswer::Refused(LinkRefused::NotOpenYet.into()))) };
    let election = voting.elections.get(&voting.database, link.election_id, hash).await?;
    let amendments = announced(&voting.database, link.election_id).await?;
    let contests = with_withdrawals(election.contests.clone(), &amendments);
    Ok(Json(BallotAnswer::Ballot(Ballot {
        election_id: election.election_id,
        election_title: election.manifest.title.clone(),
        description: election.description.clone(),
        candidates: contests.as_slice().first().map(|contest| contest.candidates.clone()).unwrap_or_default(),
        contests,
        manifest_hash: hash.to_hex(),
        profile: election.manifest.profile.clone(),
        closes_at: link.closes_at,
        timezone: election.timezone.clone(),
        voting_open: link.takes_ballots(),
        error: link.trouble().map(|trouble| trouble.to_string()),
        error_code: link.trouble().map(|trouble| trouble.code().to_owned()),
        amendments,
    })))
}

/// Who withdrew stays on the ballot, because it is frozen, and is shown as withdrawn.
fn with_withdrawals(mut contests: Vec<BallotContest>, amendments: &[Amendment]) -> Vec<BallotContest> {
    for candidate in contests.iter_mut().flat_map(|contest| &mut contest.candidates) {
        if amendments.iter().any(|amendment| amendment.candidate_id == Some(candidate.candidate_id)) {
            "withdrawn".clone_into(&mut candidate.standing);
        }
    }
    contests
}

/// What was changed after the rules were fixed. Read each time: it is the one part of a ballot that may still grow.
async fn announced(database: &ReadOnly, election_id: i64) -> Result<Vec<Amendment>, DatabaseError> {
    let mut connection = database.connection().await?;
    let amendments: String = diesel::select(amendments_of(election_id)).get_result(&mut *connection).await?;
    serde_json::from_str(&amendments).map_err(|cause| diesel::result::Error::DeserializationError(cause.into()).into())
}

//! `POST /api/voting/cast-vote`, profile `simple`: the choice is sealed on arrival, stamped, and recorded together with the use of
//! its link. Carries promises 1 to 3 of ARCHITECTURE.md; steps 4 and 5 in the handler are those of docs/protocol.md, section 8.
//!
//! Nothing is logged here, not even that somebody voted: a line with a time for each ballot would be an order of arrival.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use contract::problems::{self, Kind};
use contract::voting::{CastVote, VoteRecorded};
use crypto::seal::{self, RANDOMNESS_LEN, SealRandomness};
use crypto::stamp;
use crypto::{Digest, ballot_digest};
use database::DatabaseError;
use diesel_async::RunQueryDsl as _;
use domain::election::Profile;
use domain::link::VotingToken;
use messages::say;
use problem::{Json, Problem, Refusal};
use zeroize::Zeroizing;

use crate::elections::Election;
use crate::links::{Link, LinkRefused, look_up};
use crate::recorder::{NotRecorded, Outcome, Unrecorded};
use crate::{Voting, choices, receipts, schema};

/// Why nothing was cast, beside what is wrong with the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CastRefused {
    ReceiptGone,
    SealedBallotsOnly,
}

messages::says!(CastRefused, |refused| match refused {
    CastRefused::ReceiptGone => say!(receipt_gone),
    CastRefused::SealedBallotsOnly => say!(ballot_sealed_only),
});

impl Refusal for CastRefused {
    fn kind(&self) -> Kind {
        match self {
            Self::ReceiptGone => problems::ALREADY_USED,
            Self::SealedBallotsOnly => problems::CONFLICT,
        }
    }
}

/// 32 random bytes from the client. A request that is repeated with the same key gives the same ballot. Never stored.
struct IdempotencyKey(Zeroizing<[u8; 32]>);

/// A choice sealed to its election.
struct SealedBallot {
    sealed: Vec<u8>,
    digest: Digest,
}

/// Casts a vote. Send `Idempotency-Key` to be able to repeat the request: the same key, token and choices give the same
/// `vote_hash` and receipt code, whenever they are sent, and record nothing twice.
#[utoipa::path(
    post, path = "/api/voting/cast-vote", tag = "public", security(("link" = [])), request_body = CastVote,
    params(("Idempotency-Key" = Option<String>, Header, description = "32 random bytes as 64 hex digits")),
    responses(
        (status = 200, description = "The ballot is in the box", body = VoteRecorded),
        (status = 404, description = "No such link"),
        (status = 409, description = "The link is used, voting is not open, or the election takes sealed ballots only"),
        (status = 410, description = "The link has expired or was replaced"),
        (status = 422, description = "Choices that are not on this ballot, or a malformed key; nothing is spent"),
        (status = 429, description = "This link was tried too often"),
        (status = 503, description = "Not recorded: try again later, or (`recording-halted`) when voting is resumed; or (`outcome-unknown`) not known to be: send the same request again"),
    )
)]
pub(crate) async fn cast_vote(
    voting: Data<Voting>,
    request: HttpRequest,
    body: Json<CastVote>,
) -> Result<Json<VoteRecorded>, Problem> {
    let key = idempotency_key(&request)?;
    let token = VotingToken::parse(&body.token).map_err(LinkRefused::from)?;
    voting.limits.admit(&token.hash())?;

    // Step 4: look at the token,
    let link = look_up(&voting.database, &token).await?.ok_or(LinkRefused::Unknown)?;
    let refused = refusal(&link);
    if let (Some(refused), None) = (&refused, &key) {
        return Err(refused.clone());
    }
    // write the plaintext (wrong choices are refused here, before anything is spent),
    let Some(hash) = link.manifest_hash() else { return Err(LinkRefused::NotOpenYet.into()) };
    let election = voting.elections.get(&voting.database, link.election_id, hash).await?;
    let numbers = choices::numbers(&body, &election.manifest).map_err(Problem::invalid)?;
    let plaintext = election.ballot_style.write(&numbers).map(Zeroizing::new);
    let plaintext = plaintext.ok_or_else(|| Problem::internal("write a ballot", &"checked choices do not fit the ballot"))?;
    let randomness = randomness(key.as_ref(), &token, &plaintext)?;
    // seal. A repeat of what was recorded gets its receipt, also when its link is used or voting has ended.
    let ballot = sealed(&voting, election.clone(), plaintext, randomness).await?;
    if let Some(refused) = refused {
        return if recorded(&voting, link.election_id, &ballot.digest).await? {
            receipts::recorded(&voting.receipt_key, link.election_id, &ballot.digest).map(Json)
        } else {
            Err(refused)
        };
    }
    // Stamp; step 5: record, and answer after COMMIT, not before.
    let digest = ballot.digest;
    let outcome = stamped_and_recorded(&voting, &election, ballot, &token).await?;
    answer(&voting, link.election_id, &digest, outcome).map(Json)
}

/// Why nothing can be cast with this link now.
fn refusal(link: &Link) -> Option<Problem> {
    match link.refused() {
        Some(LinkRefused::AlreadyUsed) => Some(CastRefused::ReceiptGone.into()),
        // `stamp` and `ballots` will serve this profile, on the same tables.
        None | Some(LinkRefused::NotOpenYet) if *link.profile == Profile::Verified => Some(CastRefused::SealedBallotsOnly.into()),
        refused => refused.map(Problem::from),
    }
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let mut sent = request.headers().get_all("idempotency-key");
    let Some(value) = sent.next() else { return Ok(None) };
    let mut key = Zeroizing::new([0; 32]);
    match hex::decode_to_slice(value.as_bytes(), key.as_mut_slice()) {
        Ok(()) if sent.next().is_none() => Ok(Some(IdempotencyKey(key))),
        _ => Err(Problem::field("Idempotency-Key", say!(idempotency_key_malformed))),
    }
}

fn randomness(key: Option<&IdempotencyKey>, token: &VotingToken, plaintext: &[u8]) -> Result<SealRandomness, Problem> {
    match key {
        Some(IdempotencyKey(key)) => Ok(SealRandomness::derive(key, token.expose().as_bytes(), plaintext)),
        None => random::<RANDOMNESS_LEN>().map(SealRandomness::fresh),
    }
}

fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|cause| Problem::internal("draw random bytes", &cause))?;
    Ok(bytes)
}

async fn sealed(
    voting: &Voting,
    election: Arc<Election>,
    plaintext: Zeroizing<Vec<u8>>,
    randomness: SealRandomness,
) -> Result<SealedBallot, Problem> {
    let work = move || {
        let sealed = seal::seal(&election.seal_key, &election.manifest_hash, &plaintext, randomness)?;
        Ok(SealedBallot { digest: ballot_digest(&election.manifest_hash, &sealed), sealed })
    };
    voting.slow.run(work).await?.map_err(|cause: seal::NotSealed| Problem::internal("seal a ballot", &cause))
}

async fn recorded(voting: &Voting, election_id: i64, digest: &Digest) -> Result<bool, DatabaseError> {
    let mut connection = voting.database.connection().await?;
    let question = diesel::select(schema::find_ballot(election_id, digest.as_bytes().to_vec()));
    Ok(question.get_result(&mut *connection).await?)
}

async fn stamped_and_recorded(
    voting: &Voting,
    election: &Election,
    ballot: SealedBallot,
    token: &VotingToken,
) -> Result<Outcome, Problem> {
    let Some(key) = voting.keys.get(&voting.database, election.election_id).await? else { return Ok(Outcome::NotOpen) };
    // Not derived from an idempotency key: the digest does not depend on it, and a repeat is found by its digest.
    let prefix = random::<32>()?;
    let digest = ballot.digest;
    let stamp = voting.slow.run(move || stamp::sign_simple(&key, &digest, &prefix)).await?;
    let stamp = stamp.map_err(|cause| Problem::internal("stamp a ballot", &cause))?;
    let ballot =
        Unrecorded { election_id: election.election_id, digest, sealed: ballot.sealed, prefix, stamp, link: Some(token.hash()) };
    voting.recorder.record(ballot).await.map_err(|why| match why {
        NotRecorded::Failed => Problem::internal("record a ballot", &why),
        why => why.into(),
    })
}

fn answer(voting: &Voting, election_id: i64, digest: &Digest, outcome: Outcome) -> Result<VoteRecorded, Problem> {
    metrics::counter!("voting_casts_total", "outcome" => outcome.name()).increment(1);
    match outcome {
        Outcome::Recorded | Outcome::Known => receipts::recorded(&voting.receipt_key, election_id, digest),
        Outcome::NotOpen => {
            voting.keys.forget(election_id);
            Err(LinkRefused::Ended.into())
        }
        Outcome::AlreadyUsed => Err(CastRefused::ReceiptGone.into()),
        Outcome::Revoked => Err(LinkRefused::Revoked.into()),
        Outcome::Expired => Err(LinkRefused::Expired.into()),
        Outcome::UnknownToken => Err(LinkRefused::Unknown.into()),
        Outcome::WrongProfile => Err(CastRefused::SealedBallotsOnly.into()),
        // The recorder keeps `Locked` to itself.
        Outcome::WrongLength | Outcome::UnknownElection | Outcome::Locked => {
            Err(Problem::internal("record a ballot", &outcome.name()))
        }
    }
}

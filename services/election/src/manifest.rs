//! The manifest: what every ballot is bound to (promise 7 of ARCHITECTURE.md). Made once, at activation; public from then on.

use actix_web::{HttpRequest, HttpResponse, web};
use contract::problems;
use crypto::manifest::{Candidate, Contest, Information, Manifest, PROTOCOL, information_hash};
use crypto::{Digest, manifest, seal};
use database::{DatabaseError, TextColumn};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ballot::BallotStyle;
use domain::contest::{BallotOrder, Standing};
use launch::or_not_modified;
use messages::say;
use problem::Problem;

use crate::State;
use crate::elections::{ContestRow, Row};
use crate::schema::{candidates, manifests};

/// Somebody who stands, as activation reads them: in ballot order.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = candidates)]
pub(crate) struct ManifestCandidate {
    pub(crate) candidate_id: i64,
    pub(crate) contest_id: i64,
    pub(crate) name: String,
    party: Option<String>,
    description: Option<String>,
    vision: Option<String>,
    programme: Option<String>,
    link: Option<String>,
    photo_url: Option<String>,
    thumbnail_url: Option<String>,
    programme_file_url: Option<String>,
    pub(crate) standing: TextColumn<Standing>,
}

impl ManifestCandidate {
    fn information(&self) -> Information<'_> {
        Information {
            party: self.party.as_deref(),
            description: self.description.as_deref(),
            vision: self.vision.as_deref(),
            programme: self.programme.as_deref(),
            link: self.link.as_deref(),
            photo_url: self.photo_url.as_deref(),
            thumbnail_url: self.thumbnail_url.as_deref(),
            programme_file_url: self.programme_file_url.as_deref(),
        }
    }
}

#[derive(Queryable)]
struct Published {
    bytes: Vec<u8>,
    hash: Vec<u8>,
}

/// What activation fixes.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: Digest,
    pub(crate) sealed_len: u32,
    pub(crate) plaintext_len: u32,
}

/// The canonical bytes of the manifest, exactly those that are hashed into every ballot.
#[utoipa::path(
    get, path = "/api/elections/{id}/manifest", tag = "public", security(()),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The manifest, as docs/protocol.md describes it", content_type = "application/json"),
        (status = 304, description = "As the ETag says: it never changes"),
        (status = 404, description = "No such election, or not activated yet"),
    )
)]
pub(crate) async fn show(state: web::Data<State>, id: web::Path<i64>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut connection = state.database.connection().await?;
    let found: Option<Published> = manifests::table
        .find(*id)
        .select((manifests::bytes, manifests::hash))
        .first(&mut connection)
        .await
        .optional()
        .map_err(DatabaseError::from)?;
    // A stranger learns nothing of drafts: not activated looks like not there.
    let Some(Published { bytes, hash }) = found else {
        return Err(Problem::new(problems::NOT_FOUND, say!(manifest_missing)));
    };
    let content = || HttpResponse::Ok().content_type("application/json").body(bytes);
    Ok(or_not_modified(&request, hex::encode(hash), "public, max-age=31536000, immutable", content))
}

/// Fixes an election with its public keys.
pub(crate) fn freeze(
    row: &Row,
    contests: &[ContestRow],
    candidates: &[ManifestCandidate],
    seal_key: &[u8],
    stamp_key: &[u8],
) -> Result<Frozen, Problem> {
    let too_long = |_| Problem::internal("make the manifest", &"a ballot is longer than 4 GiB");
    let contests: Vec<Contest> = contests.iter().map(|contest| frozen_contest(contest, candidates)).collect();
    let plaintext_len = BallotStyle::new(contests.iter().map(|contest| contest.candidates.len()).collect()).plaintext_len();
    let (sealed_len, plaintext_len) =
        (u32::try_from(seal::sealed_len(plaintext_len)).map_err(too_long)?, u32::try_from(plaintext_len).map_err(too_long)?);
    let manifest = Manifest {
        protocol: PROTOCOL.to_owned(),
        election_id: row.election_id,
        title: row.title.clone(),
        profile: row.profile.to_string(),
        custody: row.custody.clone(),
        sealed_len,
        plaintext_len,
        contests,
        seal_key: seal_key.to_vec(),
        stamp_key: stamp_key.to_vec(),
    };
    let unusable = |cause: &dyn std::fmt::Display| Problem::internal("make the manifest", cause);
    let bytes = manifest.to_canonical_bytes().map_err(|cause| unusable(&cause))?;
    // What nobody could read is not fixed for ever.
    Manifest::parse(&bytes).map_err(|cause| unusable(&cause))?;
    let hash = manifest::hash(&bytes);
    Ok(Frozen { bytes, hash, sealed_len, plaintext_len })
}

fn frozen_contest(contest: &ContestRow, candidates: &[ManifestCandidate]) -> Contest {
    let frozen = |candidate: &ManifestCandidate| Candidate {
        candidate_id: candidate.candidate_id,
        name: candidate.name.clone(),
        standing: (*candidate.standing == Standing::NoneOfTheAbove).then_some(manifest::Standing::NoneOfTheAbove),
        information_hash: information_hash(&candidate.information()),
    };
    Contest {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        text: contest.text.clone(),
        rule: contest.rule.0.clone(),
        ballot_order: match *contest.ballot_order {
            BallotOrder::Fixed => manifest::BallotOrder::Fixed,
            BallotOrder::Rotated => manifest::BallotOrder::Rotated,
        },
        candidates: candidates.iter().filter(|candidate| candidate.contest_id == contest.contest_id).map(frozen).collect(),
    }
}

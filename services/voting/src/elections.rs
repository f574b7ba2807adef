//! A cache of what is fixed at activation: manifest, keys and candidates. It never changes afterwards, so it is read once, checked
//! against the manifest hash and cached under it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use contract::problems::{self, Kind};
use contract::voting::{BallotCandidate, BallotContest};
use counting::Family;
use crypto::Digest;
use crypto::manifest::{self, BallotOrder, Information, Manifest, information_hash};
use crypto::seal::SealPublicKey;
use database::ReadOnly;
use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use domain::ballot::BallotStyle;
use domain::contest::Standing;
use messages::say;
use problem::{Problem, Refusal};

use crate::schema::{candidates, elections, manifests};

/// The most cached elections, more than an installation has open at a time. If there are more, the cache is emptied.
const MOST_KEPT: usize = 1000;

/// What is fixed about an election.
pub(crate) struct Election {
    pub(crate) election_id: i64,
    pub(crate) manifest_hash: Digest,
    pub(crate) manifest: Manifest,
    pub(crate) seal_key: SealPublicKey,
    pub(crate) ballot_style: BallotStyle,
    pub(crate) description: Option<String>,
    pub(crate) timezone: String,
    /// As shown: the manifest's, with what else is known about each candidate.
    pub(crate) contests: Vec<BallotContest>,
}

/// The stored manifest is not the one that was fixed at activation. Voters get this refusal, and nothing is recorded. The log says
/// what exactly is wrong.
#[derive(Debug)]
struct PaperChanged;

messages::says!(PaperChanged, |PaperChanged| say!(ballot_changed));

impl Refusal for PaperChanged {
    fn kind(&self) -> Kind {
        problems::UNAVAILABLE
    }

    fn retry_after(&self) -> Option<u32> {
        Some(60)
    }
}

/// Attack: whoever owns the database changes the manifest or its hash, so that nobody can vote.
fn raise_an_alarm(damaged: &Damaged) {
    tracing::error!(%damaged, "the ballot of an election was changed; nobody can vote in it");
    metrics::counter!("voting_manifest_damaged_total").increment(1);
}

/// Why an election's ballot cannot be had: a manifest that is not what it says it is.
#[derive(Debug, thiserror::Error)]
enum Damaged {
    #[error("election {0} has another manifest than its hash says, or none")]
    WrongHash(i64),
    #[error("election {0} shows other information about candidate {1} than was fixed")]
    OtherInformation(i64, i64),
    #[error("the manifest of election {0}: {1}")]
    Unreadable(i64, manifest::ManifestRefused),
}

/// The elections that were asked for.
#[derive(Default)]
pub(crate) struct Elections(RwLock<HashMap<Digest, Arc<Election>>>);

/// What is known of a candidate beside the name.
#[derive(Clone, Default, Queryable, Selectable)]
#[diesel(table_name = candidates)]
struct Extra {
    party: Option<String>,
    description: Option<String>,
    vision: Option<String>,
    programme: Option<String>,
    link: Option<String>,
    photo_url: Option<String>,
    thumbnail_url: Option<String>,
    programme_file_url: Option<String>,
}

impl Extra {
    fn as_information(&self) -> Information<'_> {
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

type Extras = HashMap<i64, Extra>;

impl Elections {
    /// The election with this number and manifest.
    pub(crate) async fn get(&self, database: &ReadOnly, election_id: i64, hash: Digest) -> Result<Arc<Election>, Problem> {
        let kept = self.0.read().ok().and_then(|kept| kept.get(&hash).cloned());
        if let Some(election) = kept {
            return Ok(election);
        }
        let (description, timezone, bytes, extras) = read(database, election_id).await?;
        let election = understand(election_id, hash, (description, timezone), &bytes.unwrap_or_default(), &extras);
        let election = Arc::new(election.map_err(|damaged| {
            raise_an_alarm(&damaged);
            PaperChanged
        })?);
        if let Ok(mut kept) = self.0.write() {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(hash, election.clone());
        }
        Ok(election)
    }
}

async fn read(
    database: &ReadOnly,
    election_id: i64,
) -> Result<(Option<String>, String, Option<Vec<u8>>, Extras), database::DatabaseError> {
    let mut connection = database.connection().await?;
    let (description, timezone, bytes) = elections::table
        .left_join(manifests::table)
        .filter(elections::election_id.eq(election_id))
        .select((elections::description, elections::timezone, manifests::bytes.nullable()))
        .get_result::<(Option<String>, String, Option<Vec<u8>>)>(&mut *connection)
        .await?;
    let extras = candidates::table
        .filter(candidates::election_id.eq(election_id))
        .select((candidates::candidate_id, Extra::as_select()))
        .load::<(i64, Extra)>(&mut *connection)
        .await?;
    Ok((description, timezone, bytes, extras.into_iter().collect()))
}

fn understand(
    election_id: i64,
    hash: Digest,
    (description, timezone): (Option<String>, String),
    bytes: &[u8],
    extras: &Extras,
) -> Result<Election, Damaged> {
    if manifest::hash(bytes) != hash {
        return Err(Damaged::WrongHash(election_id));
    }
    let manifest = Manifest::parse(bytes).map_err(|why| Damaged::Unreadable(election_id, why))?;
    if manifest.election_id != election_id {
        return Err(Damaged::WrongHash(election_id));
    }
    let ballot_style = BallotStyle::new(manifest.contests.iter().map(|contest| contest.candidates.len()).collect());
    let seal_key = manifest.seal_key().map_err(|why| Damaged::Unreadable(election_id, why.into()))?;
    let contests = manifest.contests.iter().map(|contest| shown(election_id, contest, extras)).collect::<Result<_, _>>()?;
    Ok(Election { election_id, manifest_hash: hash, manifest, seal_key, ballot_style, description, timezone, contests })
}

/// Attack: whoever owns the database exchanges the statements or the pictures of two candidates. The manifest has their hash.
fn shown(election_id: i64, contest: &manifest::Contest, extras: &Extras) -> Result<BallotContest, Damaged> {
    let candidate = |candidate: &manifest::Candidate| {
        let extra = extras.get(&candidate.candidate_id).cloned().unwrap_or_default();
        if information_hash(&extra.as_information()) != candidate.information_hash {
            return Err(Damaged::OtherInformation(election_id, candidate.candidate_id));
        }
        let standing = match candidate.standing {
            Some(manifest::Standing::NoneOfTheAbove) => Standing::NoneOfTheAbove,
            None if contest.rule.family() == Family::Motion => Standing::Option,
            None => Standing::Stands,
        };
        let (candidate_id, name, standing) = (candidate.candidate_id, candidate.name.clone(), standing.to_string());
        let Extra { party, description, vision, programme, link, photo_url, thumbnail_url, programme_file_url } = extra;
        Ok(BallotCandidate {
            candidate_id,
            name,
            description,
            party,
            vision,
            programme,
            link,
            photo_url,
            thumbnail_url,
            programme_file_url,
            standing,
        })
    };
    Ok(BallotContest {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        text: contest.text.clone(),
        rule: contest.rule.clone(),
        family: contest.rule.family(),
        sentence: domain::method_texts::sentence(&contest.rule),
        seats: contest.rule.seats(),
        ballot_order: match contest.ballot_order {
            BallotOrder::Fixed => domain::contest::BallotOrder::Fixed,
            BallotOrder::Rotated => domain::contest::BallotOrder::Rotated,
        }
        .to_string(),
        blank: contest.rule.terms().blank,
        candidates: contest.candidates.iter().map(candidate).collect::<Result<_, _>>()?,
    })
}

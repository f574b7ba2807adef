//! Voting links: looking up a token, and `GET /api/voting/validate-token`. Reading changes nothing, so a mail scanner that opens
//! every link cannot use one up (ARCHITECTURE.md, promise 8).

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use contract::problems::{self, Kind, Notice};
use contract::voting::{LinkQuery, LinkState, RefusedLink, ValidLink};
use crypto::Digest;
use database::{DatabaseError, ReadOnly, TextColumn};
use diesel::{OptionalExtension as _, Queryable};
use diesel_async::RunQueryDsl as _;
use domain::election::{Profile, Status};
use domain::link::{MalformedToken, VotingToken};
use messages::{Message, Says as _, say};
use problem::{Json, Problem, Query, Refusal};

use crate::Voting;
use crate::schema::LookUpToken;

/// A link as the database knows it: everything but whose it is.
#[derive(Queryable)]
pub(crate) struct Link {
    pub(crate) election_id: i64,
    pub(crate) title: String,
    status: TextColumn<Status>,
    pub(crate) profile: TextColumn<Profile>,
    pub(crate) opens_at: Option<DateTime<Utc>>,
    pub(crate) closes_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    is_used: bool,
    revoked: bool,
    email_hint: String,
    manifest_hash: Option<Vec<u8>>,
    /// By the database's clock, the one that decides.
    now: DateTime<Utc>,
    spend_id: Vec<u8>,
    /// Recorded ballots are missing from the box, so none are taken (ADR 0014).
    halted: bool,
}

/// What a voter of a halted election reads before they choose.
/// Why a link cannot be voted with. The same words for the page, the API and the recorder's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkRefused {
    Malformed(MalformedToken),
    Unknown,
    AlreadyUsed,
    Revoked,
    Ended,
    NotOpenYet,
    Expired,
}

messages::says!(LinkRefused, |refused| match refused {
    LinkRefused::Malformed(malformed) => malformed.message(),
    LinkRefused::Unknown => say!(link_unknown),
    LinkRefused::AlreadyUsed => say!(link_used),
    LinkRefused::Revoked => say!(link_replaced),
    LinkRefused::Ended => say!(election_voting_ended),
    LinkRefused::NotOpenYet => say!(election_not_open_yet),
    LinkRefused::Expired => say!(link_expired),
});

impl From<MalformedToken> for LinkRefused {
    fn from(malformed: MalformedToken) -> Self {
        Self::Malformed(malformed)
    }
}

impl Refusal for LinkRefused {
    fn kind(&self) -> Kind {
        match self {
            Self::Malformed(_) | Self::Unknown => problems::UNKNOWN_LINK,
            Self::AlreadyUsed => problems::ALREADY_USED,
            Self::Revoked => problems::LINK_REVOKED,
            Self::Ended | Self::NotOpenYet => problems::NOT_OPEN,
            Self::Expired => problems::LINK_EXPIRED,
        }
    }
}

impl From<LinkRefused> for RefusedLink {
    fn from(refused: LinkRefused) -> Self {
        let has_voted = (refused == LinkRefused::AlreadyUsed).then_some(true);
        let Notice { message: error, code, params } = refused.message().into();
        Self { valid: false, error, code, params, has_voted, election_id: None, spent_code: None }
    }
}

impl Link {
    /// Why nothing can be cast with this link now. The order is that of `record_ballots`, which decides in the end.
    pub(crate) fn refused(&self) -> Option<LinkRefused> {
        match self.unusable_reason() {
            None if !self.open() => Some(LinkRefused::NotOpenYet),
            unusable_reason => unusable_reason,
        }
    }

    /// Why nothing can be cast with this link any more. That voting has not opened yet does not spoil a link.
    pub(crate) fn unusable_reason(&self) -> Option<LinkRefused> {
        [
            (self.is_used, LinkRefused::AlreadyUsed),
            (self.revoked, LinkRefused::Revoked),
            (self.ended(), LinkRefused::Ended),
            (self.expires_at <= self.now, LinkRefused::Expired),
        ]
        .into_iter()
        .find_map(|(is_so, refused)| is_so.then_some(refused))
    }

    /// The voter's code on the spent list, as the mail has it. Whoever has the link could have read it there.
    fn spent_code(&self) -> String {
        hex::encode(&self.spend_id)
    }

    fn ended(&self) -> bool {
        matches!(*self.status, Status::Closed | Status::Archived) || self.closes_at.is_some_and(|closes| closes <= self.now)
    }

    /// Whether a ballot is taken now.
    pub(crate) fn takes_ballots(&self) -> bool {
        self.open() && !self.halted
    }

    /// Why none is taken now although voting is open.
    pub(crate) fn trouble(&self) -> Option<Message> {
        (self.open() && self.halted).then(|| say!(link_voting_halted))
    }

    fn open(&self) -> bool {
        *self.status == Status::Active && self.opens_at.is_none_or(|opens| opens <= self.now)
    }

    /// Absent in a draft: nothing is fixed yet.
    pub(crate) fn manifest_hash(&self) -> Option<Digest> {
        Digest::from_slice(self.manifest_hash.as_deref()?).ok()
    }
}

/// Looks a link up; `None` when there is no link with this token.
pub(crate) async fn look_up(database: &ReadOnly, token: &VotingToken) -> Result<Option<Link>, DatabaseError> {
    let mut connection = database.connection().await?;
    let asked = LookUpToken { election_id: token.election_id().get(), hash: token.hash().as_bytes().to_vec() };
    Ok(asked.get_result(&mut *connection).await.optional()?)
}

/// The link of a token for reading calls, or why it cannot be used.
pub(crate) async fn shown(voting: &Voting, token: &str) -> Result<Result<Link, RefusedLink>, Problem> {
    let Ok(token) = VotingToken::parse(token) else { return Ok(Err(LinkRefused::from(MalformedToken).into())) };
    let Some(link) = look_up(&voting.database, &token).await? else { return Ok(Err(LinkRefused::Unknown.into())) };
    Ok(match link.unusable_reason() {
        None => Ok(link),
        // With the election id the page can offer to ask for a new link, as long as voting has not ended.
        Some(why @ (LinkRefused::Expired | LinkRefused::Revoked)) if !link.ended() => {
            Err(RefusedLink { election_id: Some(link.election_id), ..why.into() })
        }
        // The voter can name it to the organiser when it was somebody else who voted.
        Some(why @ LinkRefused::AlreadyUsed) => Err(RefusedLink { spent_code: Some(link.spent_code()), ..why.into() }),
        Some(why) => Err(why.into()),
    })
}

/// What a voting link is good for. It may be asked any number of times, by GET or HEAD: nothing is changed.
#[utoipa::path(
    get, path = "/api/voting/validate-token", tag = "public", security(("link" = [])), params(LinkQuery),
    responses(
        (status = 200, description = "Whether the link can be voted with, and if not, why", body = LinkState),
    )
)]
pub(crate) async fn validate_token(voting: Data<Voting>, query: Query<LinkQuery>) -> Result<Json<LinkState>, Problem> {
    Ok(Json(match shown(&voting, &query.token).await? {
        Err(refused) => LinkState::Refused(refused),
        Ok(link) => LinkState::Valid(ValidLink {
            valid: true,
            election_id: link.election_id,
            voting_open: link.takes_ballots(),
            error: link.trouble().map(|trouble| trouble.to_string()),
            error_code: link.trouble().map(|trouble| trouble.code().to_owned()),
            spent_code: link.spent_code(),
            election_title: link.title,
            voter_email: link.email_hint,
            expires_at: link.expires_at,
            has_voted: false,
            opens_at: link.opens_at,
            closes_at: link.closes_at,
        }),
    }))
}

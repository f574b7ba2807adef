//! Voting links for everybody who has none. Only a link's SHA-256 is stored; the link itself is in the mail alone.
//!
//! Two calls at once send one link to each voter: both lock the voters in order, and whoever comes second reads again.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinksQueued, Nothing};
use contract::email::{Mail, VotingInvitation};
use contract::events::{AuditEvent, Happening};
use contract::problems::Body;
use database::{Connection, Failed};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::election::Deed;
use domain::email::Email;
use domain::link::{VotingToken, expires_at};
use identity::Caller;
use outbox::{Audited, AuditedTx};
use problem::Problem;

use crate::election::Election;
use crate::mailing::{fresh_token, greeting, may_mail, optional_body};
use crate::schema::{voters, voting_tokens};
use crate::{State, election};

/// Links of one INSERT.
const ROWS: usize = 5000;

/// A voter as a mail needs them.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = voters)]
pub(crate) struct Recipient {
    pub(crate) voter_id: i64,
    pub(crate) email: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) spend_id: Vec<u8>,
}

impl Recipient {
    /// What a stranger with the link may see of the address.
    pub(crate) fn hint(&self) -> String {
        Email::parse(&self.email).map_or_else(|_| "***".to_owned(), |email| email.masked())
    }

    /// The mail with the voter's link.
    pub(crate) fn invitation(
        self,
        state: &State,
        election: &Election,
        token: &VotingToken,
        expires_at: DateTime<Utc>,
    ) -> VotingInvitation {
        VotingInvitation {
            event_id: None,
            election_id: Some(election.election_id),
            voter_email: self.email,
            voter_name: greeting(self.first_name, self.last_name),
            election_title: election.title.clone(),
            voting_url: state.voting_url(token),
            expires_at: Some(expires_at),
            closes_at: election.closes_at,
            spent_code: Some(hex::encode(self.spend_id)),
            resent: false,
        }
    }
}

/// Send a voting link to every voter who was sent none. Repeating it does no harm.
#[utoipa::path(post, path = "/api/admin/elections/{id}/send-voting-links", tag = "links", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<Nothing>,
    responses(
        (status = 202, description = "The mails are on their way", body = LinksQueued),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Your own address is not verified", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "Voting has ended", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The body has an unknown member", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let Nothing {} = optional_body(&body)?;
    let shared = state.clone();
    let answer: LinksQueued = state
        .outbox
        .audited("send voting links", async move |tx| {
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await?;
            election.must_allow(Deed::SendLinks, now).map_err(Failed::Refused)?;
            let (without, already_sent) = voters_without_link(tx.connection(), election_id).await?;
            may_mail(tx.connection(), shared.mode, &caller, without.iter().map(|voter| voter.email.as_str())).await?;
            let answer = LinksQueued { queued: without.len() as u64, already_sent };
            if without.is_empty() {
                return Ok(Audited::unchanged(answer));
            }
            make_links(tx, &shared, &election, without, now).await?;
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            let event = Happening::VotingLinksSent { queued: number(answer.queued), already_sent: number(already_sent) };
            Ok(Audited::new(answer, AuditEvent::now(event).by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await?;
    metrics::counter!("admin_links_queued_total").increment(answer.queued);
    Ok(HttpResponse::Accepted().json(answer))
}

/// Locks the roll, then reads who has no link: a call that waited here for another one sees the links that one made.
async fn voters_without_link(connection: &mut Connection, election_id: i64) -> QueryResult<(Vec<Recipient>, u64)> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    let locked: Vec<i64> = on_roll.select(voters::voter_id).order(voters::voter_id).for_no_key_update().load(connection).await?;
    let any_link =
        voting_tokens::table.filter(voting_tokens::voter_id.eq(voters::voter_id)).filter(voting_tokens::revoked.eq(false));
    let without: Vec<Recipient> =
        on_roll.filter(not(exists(any_link))).select(Recipient::as_select()).order(voters::voter_id).load(connection).await?;
    let already_sent = locked.len().saturating_sub(without.len()) as u64;
    Ok((without, already_sent))
}

async fn make_links(
    tx: &mut AuditedTx<'_>,
    state: &State,
    election: &Election,
    recipients: Vec<Recipient>,
    now: DateTime<Utc>,
) -> Result<(), Failed<Problem>> {
    const SQL: &str = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
         SELECT $1, n.voter_id, n.token_hash, 'invitation', $2, n.spend_id, n.email_hint \
         FROM unnest($3, $4, $5, $6) AS n (voter_id, token_hash, spend_id, email_hint)";
    let expires_at = expires_at(now, election.closes_at);
    let made: Vec<(Recipient, VotingToken)> = recipients.into_iter().map(|voter| (voter, fresh_token())).collect();
    for made in made.chunks(ROWS) {
        let hashes: Vec<Vec<u8>> = made.iter().map(|(_, token)| token.hash().as_bytes().to_vec()).collect();
        diesel::sql_query(SQL)
            .bind::<BigInt, _>(election.election_id)
            .bind::<Timestamptz, _>(expires_at)
            .bind::<Array<BigInt>, _>(made.iter().map(|(voter, _)| voter.voter_id).collect::<Vec<_>>())
            .bind::<Array<Binary>, _>(hashes)
            .bind::<Array<Binary>, _>(made.iter().map(|(voter, _)| voter.spend_id.as_slice()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(made.iter().map(|(voter, _)| voter.hint()).collect::<Vec<_>>())
            .execute(tx.connection())
            .await
            .map_err(refused)?;
    }
    for (voter, token) in made {
        tx.tell_email(Mail::VotingInvitation(voter.invitation(state, election, &token, expires_at)));
    }
    Ok(())
}

/// The triggers' backstop.
pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    match election::refused_by_trigger(&error) {
        Some(problem) => Failed::Refused(problem),
        None => error.into(),
    }
}

//! Voting links for everybody who has none, and reminders for who has not voted. Only a link's SHA-256 is stored; the link itself
//! is in the mail alone, so a reminder brings a fresh one and the older dies.
//!
//! Two calls at once send one link to each voter: both lock the voters in order, and whoever comes second reads again. A reminder
//! locks the links as well: it waits for the ballots under way and reminds nobody who has just voted; ballots wait for it for as
//! long as the links are made (10,000 in about a second).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinksQueued, Only, SendLinks};
use contract::email::{Mail, Occasion, VotingInvitation};
use contract::events::{AuditEvent, Happening};
use contract::problems::Body;
use database::{Connection, Failed};
use diesel::dsl::{count_star, exists, not};
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
use crate::schema::{clock_timestamp, voters, voting_tokens};
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
            occasion: Occasion::Invitation,
            stop_reminders_url: None,
        }
    }
}

/// Send a voting link to every voter who was sent none; repeating that does no harm. With `only: not_voted`, while voting is open:
/// remind those who were sent one and have not voted.
#[utoipa::path(post, path = "/api/admin/elections/{id}/send-voting-links", tag = "links", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<SendLinks>,
    responses(
        (status = 202, description = "The mails are on their way", body = LinksQueued),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Your own address is not verified", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "Voting has ended, or there is nobody to remind because it has not begun", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The body has an unknown member", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let SendLinks { only } = optional_body(&body)?;
    let answer = match only {
        None => send_first(&state, caller, election_id).await?,
        Some(Only::NotVoted) => remind(&state, caller, election_id).await?,
    };
    metrics::counter!("admin_links_queued_total").increment(answer.queued);
    Ok(HttpResponse::Accepted().json(answer))
}

async fn send_first(state: &Data<State>, caller: Caller, election_id: i64) -> Result<LinksQueued, Problem> {
    let shared = state.clone();
    state
        .outbox
        .audited("send voting links", async move |tx| {
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await?;
            election.must_allow(Deed::SendLinks, now).map_err(Failed::Refused)?;
            let (without, already_sent) = voters_without_link(tx.connection(), election_id).await?;
            may_mail(tx.connection(), shared.mode, &caller, without.iter().map(|voter| voter.email.as_str())).await?;
            let answer = LinksQueued { queued: without.len() as u64, already_sent, opted_out: None };
            if without.is_empty() {
                return Ok(Audited::unchanged(answer));
            }
            end_links(tx.connection(), &without).await?;
            make_links(tx, &shared, &election, without, now, Occasion::Invitation).await?;
            let event = Happening::VotingLinksSent { queued: number(answer.queued), already_sent: number(already_sent) };
            Ok(Audited::new(answer, AuditEvent::now(event).by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await
        .map_err(Problem::from)
}

/// Fresh links to who has one and has not voted, but for those who want no reminders.
async fn remind(state: &Data<State>, caller: Caller, election_id: i64) -> Result<LinksQueued, Problem> {
    let shared = state.clone();
    state
        .outbox
        .audited("send reminders", async move |tx| {
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await?;
            election.must_allow(Deed::Remind, now).map_err(Failed::Refused)?;
            let (waiting, opted_out) = not_voted(tx.connection(), election_id).await?;
            may_mail(tx.connection(), shared.mode, &caller, waiting.iter().map(|voter| voter.email.as_str())).await?;
            let answer = LinksQueued { queued: waiting.len() as u64, already_sent: 0, opted_out: Some(opted_out) };
            if waiting.is_empty() {
                return Ok(Audited::unchanged(answer));
            }
            end_links(tx.connection(), &waiting).await?;
            make_links(tx, &shared, &election, waiting, now, Occasion::Reminder).await?;
            let event = Happening::RemindersSent {};
            Ok(Audited::new(answer, AuditEvent::now(event).by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await
        .map_err(Problem::from)
}

/// Whoever gets a new link has no other that works.
async fn end_links(connection: &mut Connection, voters: &[Recipient]) -> Result<(), Failed<Problem>> {
    let numbers: Vec<i64> = voters.iter().map(|voter| voter.voter_id).collect();
    diesel::update(live_links().filter(voting_tokens::voter_id.eq_any(numbers)))
        .set(voting_tokens::revoked.eq(true))
        .execute(connection)
        .await
        .map_err(refused)?;
    Ok(())
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_links() -> _ {
    voting_tokens::table.filter(voting_tokens::revoked.eq(false)).filter(voting_tokens::is_used.eq(false))
}

/// Locks the roll and its live links in order, then reads who still has one: nobody of these votes before this is committed.
async fn not_voted(connection: &mut Connection, election_id: i64) -> QueryResult<(Vec<Recipient>, u64)> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    let _: Vec<i64> = on_roll.select(voters::voter_id).order(voters::voter_id).for_no_key_update().load(connection).await?;
    let of_election = voting_tokens::table.filter(voting_tokens::election_id.eq(election_id));
    let live = of_election.filter(voting_tokens::revoked.eq(false)).filter(voting_tokens::is_used.eq(false));
    let _: Vec<i64> = live.select(voting_tokens::token_id).order(voting_tokens::token_id).for_update().load(connection).await?;
    let has_live = exists(live_links().filter(voting_tokens::voter_id.eq(voters::voter_id)));
    let waiting = on_roll.filter(has_live);
    let opted_out: i64 = waiting.filter(voters::reminders_stopped.eq(true)).select(count_star()).first(connection).await?;
    let reminded = waiting.filter(voters::reminders_stopped.eq(false)).select(Recipient::as_select()).order(voters::voter_id);
    Ok((reminded.load(connection).await?, u64::try_from(opted_out).unwrap_or(0)))
}

/// Locks the roll, then reads who has no link: a call that waited here for another one sees the links that one made.
async fn voters_without_link(connection: &mut Connection, election_id: i64) -> QueryResult<(Vec<Recipient>, u64)> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    let locked: Vec<i64> = on_roll.select(voters::voter_id).order(voters::voter_id).for_no_key_update().load(connection).await?;
    // A link that a voter asked for themselves lives for half an hour; once it is dead it is no reason to send them none.
    let any_link = voting_tokens::table
        .filter(voting_tokens::voter_id.eq(voters::voter_id))
        .filter(voting_tokens::revoked.eq(false))
        .filter(
            voting_tokens::origin
                .ne("request")
                .or(voting_tokens::is_used.eq(true))
                .or(voting_tokens::expires_at.gt(clock_timestamp())),
        );
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
    occasion: Occasion,
) -> Result<(), Failed<Problem>> {
    const SQL: &str = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
         SELECT $1, n.voter_id, n.token_hash, $7, $2, n.spend_id, n.email_hint \
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
            .bind::<Text, _>(if occasion == Occasion::Reminder { "reminder" } else { "invitation" })
            .execute(tx.connection())
            .await
            .map_err(refused)?;
    }
    for (voter, token) in made {
        let stop = format!("{}/stop-reminders?election_id={}&code=", state.public_url, election.election_id);
        let stop_reminders_url = (occasion == Occasion::Reminder).then(|| stop + &hex::encode(&voter.spend_id));
        let mail = voter.invitation(state, election, &token, expires_at);
        tx.tell_email(Mail::VotingInvitation(VotingInvitation { occasion, stop_reminders_url, ..mail }));
    }
    Ok(())
}

/// One link for one voter.
pub(crate) async fn insert(
    connection: &mut Connection,
    election: &Election,
    voter: &Recipient,
    (token, origin): (&VotingToken, &str),
    expires_at: DateTime<Utc>,
) -> Result<(), Failed<Problem>> {
    diesel::insert_into(voting_tokens::table)
        .values((
            voting_tokens::election_id.eq(election.election_id),
            voting_tokens::voter_id.eq(voter.voter_id),
            voting_tokens::token_hash.eq(token.hash().as_bytes().to_vec()),
            voting_tokens::origin.eq(origin),
            voting_tokens::expires_at.eq(expires_at),
            voting_tokens::spend_id.eq(&voter.spend_id),
            voting_tokens::email_hint.eq(voter.hint()),
        ))
        .execute(connection)
        .await
        .map_err(refused)?;
    Ok(())
}

/// The triggers' backstop.
pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    match election::refused_by_trigger(&error) {
        Some(problem) => Failed::Refused(problem),
        None => error.into(),
    }
}

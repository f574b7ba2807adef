//! Voting links for everybody who has none, and reminders for who has not voted: what is asked for, and for whom it is. The links
//! are made afterwards, by `sending`. Only a link's SHA-256 is stored; the link itself is in the mail alone, so a reminder brings a
//! fresh one and the older dies.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinksQueued, Only, SendLinks};
use contract::email::{Occasion, VotingInvitation};
use contract::problems::Body;
use database::{Connection, Failed};
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::email::Email;
use domain::link::VotingToken;
use identity::Caller;
use problem::Problem;

use crate::election::Election;
use crate::mailing::{greeting, may_mail, may_mail_everybody, optional_body};
use crate::schema::{link_ends_at, voters, voting_tokens};
use crate::sending::Kind;
use crate::{State, election, sending};

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
        (status = 202, description = "Noted: the links are made and mailed from now on, also when this service is restarted meanwhile", body = LinksQueued),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Your own address is not verified", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "Voting has ended, or there is nobody to remind because it has not begun", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The body has an unknown member", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let SendLinks { only } = optional_body(&body)?;
    let kind = match only {
        None => Kind::Invitation,
        Some(Only::NotVoted) => Kind::Reminder,
    };
    let answer = ask(&state, caller, election_id, kind).await?;
    state.sending_wanted.notify_one();
    Ok(HttpResponse::Accepted().json(answer))
}

/// Notes what is to be sent; `sending` does it from here on. What is asked for again while it is under way is the same.
async fn ask(state: &Data<State>, caller: Caller, election_id: i64, kind: Kind) -> Result<LinksQueued, Problem> {
    let mode = state.mode;
    let asked = state.database().transaction("ask for links", async move |connection| {
        let (election, now) = election::to_change(connection, election_id, &caller).await?;
        election.must_allow(kind.deed(), now).map_err(Failed::Refused)?;
        if !may_mail_everybody(connection, mode, caller.admin_id).await? {
            let addresses: Vec<String> = match kind {
                Kind::Invitation => {
                    let linked = links_that_count(&election, now).select(voting_tokens::voter_id);
                    let without = on_roll(election_id).filter(voters::voter_id.ne_all(linked));
                    without.select(voters::email).load(connection).await?
                }
                Kind::Reminder => {
                    let linked = live_links(election_id).select(voting_tokens::voter_id);
                    let reminded = on_roll(election_id).filter(voters::voter_id.eq_any(linked));
                    reminded.filter(voters::reminders_stopped.eq(false)).select(voters::email).load(connection).await?
                }
            };
            may_mail(connection, mode, &caller, addresses.iter().map(String::as_str)).await?;
        }
        let answer = expected(connection, &election, kind, now).await?;
        sending::note(connection, &election, kind, &caller, number(answer.already_sent)).await?;
        Ok(answer)
    });
    asked.await.map_err(Problem::from)
}

/// How many this is for, as it is now. The links are a list to compare with, not a question for each voter: asked voter by voter,
/// PostgreSQL goes through a table that it has not analysed yet once for each of them.
async fn expected(connection: &mut Connection, election: &Election, kind: Kind, now: DateTime<Utc>) -> QueryResult<LinksQueued> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let linked = match kind {
        Kind::Invitation => links_that_count(election, now),
        Kind::Reminder => live_links(election.election_id),
    };
    let with_link = on_roll(election.election_id).filter(voters::voter_id.eq_any(linked.select(voting_tokens::voter_id)));
    let with_link: i64 = with_link.select(count_star()).first(connection).await?;
    match kind {
        Kind::Invitation => {
            let all: i64 = on_roll(election.election_id).select(count_star()).first(connection).await?;
            Ok(LinksQueued { queued: count(all.saturating_sub(with_link)), already_sent: count(with_link), opted_out: None })
        }
        Kind::Reminder => {
            let opted_out = opted_out(connection, election.election_id).await?;
            let queued = count(with_link.saturating_sub(opted_out));
            Ok(LinksQueued { queued, already_sent: 0, opted_out: Some(count(opted_out)) })
        }
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Voters who could be reminded and do not want to be.
pub(crate) async fn opted_out(connection: &mut Connection, election_id: i64) -> QueryResult<i64> {
    let has_live = voters::voter_id.eq_any(live_links(election_id).select(voting_tokens::voter_id));
    let opted_out = on_roll(election_id).filter(voters::reminders_stopped.eq(true)).filter(has_live);
    opted_out.select(count_star()).first(connection).await
}

#[diesel::dsl::auto_type(no_type_alias)]
fn on_roll(election_id: i64) -> _ {
    voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false))
}

/// The links that can be voted with, but for their end.
pub(crate) fn live_links(election_id: i64) -> voting_tokens::BoxedQuery<'static, Pg> {
    let of_election = voting_tokens::table.filter(voting_tokens::election_id.eq(election_id));
    of_election.filter(voting_tokens::revoked.eq(false)).filter(voting_tokens::is_used.eq(false)).into_boxed()
}

/// The links because of which a voter is sent no first one. One that a voter asked for themselves lives for half an hour; once it is
/// dead it is no reason to send them none.
pub(crate) fn links_that_count(election: &Election, now: DateTime<Utc>) -> voting_tokens::BoxedQuery<'static, Pg> {
    let ends_at = link_ends_at(voting_tokens::expires_at, voting_tokens::runs_to_close, election.closes_at);
    voting_tokens::table
        .filter(voting_tokens::election_id.eq(election.election_id))
        .filter(voting_tokens::revoked.eq(false))
        .filter(voting_tokens::origin.ne("request").or(voting_tokens::is_used.eq(true)).or(ends_at.gt(now)))
        .into_boxed()
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
            voting_tokens::runs_to_close.eq(true),
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

//! Voting links for everybody whom the organiser has sent none, and reminders for who has not voted. Only a link's SHA-256 is stored; the link itself
//! is in the mail alone, so a reminder brings a fresh one and the older dies.
//!
//! No answer depends on who has voted, nor on who asked for a link themselves (that would show who had not voted then): a voter who
//! did is sent one all the same, or the notice that a ballot is recorded; reminders are answered without a number.
//!
//! Two calls at once send one link to each voter: both lock the voters in order, and whoever comes second reads again. A reminder
//! locks the links as well: it waits for the ballots under way and reminds nobody who has just voted; ballots wait for it for as
//! long as the links are made (10,000 in about a second).

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinksQueued, LinksTaken, Only, RemindersTaken, SendLinks};
use contract::email::{AlreadyRecorded, Mail, Occasion, VotingInvitation};
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
use crate::schema::{lower, sent_by_organiser, voters, voting_tokens};
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
    reminder_code: Vec<u8>,
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

    /// What whoever has voted is sent in the place of a link.
    pub(crate) fn already_recorded(self, election: &Election, occasion: Occasion) -> Mail {
        Mail::AlreadyRecorded(AlreadyRecorded {
            event_id: None,
            election_id: Some(election.election_id),
            voter_email: self.email,
            voter_name: greeting(self.first_name, self.last_name),
            election_title: election.title.clone(),
            spent_code: Some(hex::encode(self.spend_id)),
            occasion,
        })
    }
}

/// Send a voting link to every voter whom you have sent none; repeating that does no harm. With `only: not_voted`, while voting is open:
/// remind those who have one and have not voted; that answer says no number, because it would tell who has voted.
#[utoipa::path(post, path = "/api/admin/elections/{id}/send-voting-links", tag = "links", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<SendLinks>,
    responses(
        (status = 202, description = "The mails are on their way", body = LinksTaken),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Your own address is not verified", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "Voting has ended, or there is nobody to remind because it has not begun", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The body has an unknown member", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let SendLinks { only } = optional_body(&body)?;
    let answer = match only {
        None => LinksTaken::Links(send_first(&state, caller, election_id).await?),
        Some(Only::NotVoted) => LinksTaken::Reminders(remind(&state, caller, election_id).await?),
    };
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
            let answer = LinksQueued { queued: without.len() as u64, already_sent };
            if without.is_empty() {
                return Ok(Audited::unchanged(answer));
            }
            let have_voted = have_voted(tx.connection(), &without).await?;
            let (recorded, waiting): (Vec<_>, Vec<_>) =
                without.into_iter().partition(|voter| have_voted.contains(&voter.voter_id));
            end_links(tx.connection(), &waiting).await?;
            make_links(tx, &shared, &election, waiting, now, Occasion::Invitation).await?;
            for voter in recorded {
                insert_dead(tx.connection(), &election, &voter, "invitation", expires_at(now, election.closes_at)).await?;
                tx.tell_email(voter.already_recorded(&election, Occasion::Invitation));
            }
            metrics::counter!("admin_links_queued_total").increment(answer.queued);
            let event = Happening::VotingLinksSent { queued: number(answer.queued), already_sent: number(already_sent) };
            Ok(Audited::new(answer, AuditEvent::now(event).by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await
        .map_err(Problem::from)
}

const REMINDED: &str = "Whoever has a link and has not voted is reminded, with a fresh link, but for those who asked for no more \
                        reminders. How many these are is not said: it would tell who has voted";

/// Fresh links to who has one and has not voted, but for those who want no reminders. Answer and audit event are the same whoever
/// that is, and even when it is nobody.
async fn remind(state: &Data<State>, caller: Caller, election_id: i64) -> Result<RemindersTaken, Problem> {
    let shared = state.clone();
    state
        .outbox
        .audited("send reminders", async move |tx| {
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await?;
            election.must_allow(Deed::Remind, now).map_err(Failed::Refused)?;
            // By the whole roll: by those who are still to vote, a refusal would tell whether there are any.
            let stranger = somebody_else(tx.connection(), election_id, &caller).await?;
            may_mail(tx.connection(), shared.mode, &caller, stranger.as_deref()).await?;
            let waiting = not_voted(tx.connection(), election_id).await?;
            metrics::counter!("admin_links_queued_total").increment(waiting.len() as u64);
            end_links(tx.connection(), &waiting).await?;
            make_links(tx, &shared, &election, waiting, now, Occasion::Reminder).await?;
            let event = AuditEvent::now(Happening::RemindersSent {}).by(caller.admin_id, caller.ip_address.clone());
            Ok(Audited::new(RemindersTaken { message: REMINDED.to_owned() }, event.to(election_id)))
        })
        .await
        .map_err(Problem::from)
}

/// An address on the roll that is not the organiser's own.
async fn somebody_else(connection: &mut Connection, election_id: i64, caller: &Caller) -> QueryResult<Option<String>> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    on_roll.filter(lower(voters::email).ne(caller.email.to_lowercase())).select(voters::email).first(connection).await.optional()
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

/// Locks the roll and its live links in order, then reads who still has one and wants to be reminded: nobody of these votes before this
/// is committed.
async fn not_voted(connection: &mut Connection, election_id: i64) -> QueryResult<Vec<Recipient>> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    let _: Vec<i64> = on_roll.select(voters::voter_id).order(voters::voter_id).for_no_key_update().load(connection).await?;
    let of_election = voting_tokens::table.filter(voting_tokens::election_id.eq(election_id));
    let live = of_election.filter(voting_tokens::revoked.eq(false)).filter(voting_tokens::is_used.eq(false));
    let _: Vec<i64> = live.select(voting_tokens::token_id).order(voting_tokens::token_id).for_update().load(connection).await?;
    let has_live = exists(live_links().filter(voting_tokens::voter_id.eq(voters::voter_id)));
    let reminded = on_roll.filter(has_live).filter(voters::reminders_stopped.eq(false));
    reminded.select(Recipient::as_select()).order(voters::voter_id).load(connection).await
}

/// Locks the roll, then reads whom the organiser has sent no link: a call that waited here for another one sees the links that one
/// made. A link that a voter asked for themselves, live, dead or used, makes no difference.
async fn voters_without_link(connection: &mut Connection, election_id: i64) -> QueryResult<(Vec<Recipient>, u64)> {
    let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
    let locked: Vec<i64> = on_roll.select(voters::voter_id).order(voters::voter_id).for_no_key_update().load(connection).await?;
    let any_link = voting_tokens::table
        .filter(voting_tokens::voter_id.eq(voters::voter_id))
        .filter(sent_by_organiser(voting_tokens::origin));
    let without: Vec<Recipient> =
        on_roll.filter(not(exists(any_link))).select(Recipient::as_select()).order(voters::voter_id).load(connection).await?;
    let already_sent = locked.len().saturating_sub(without.len()) as u64;
    Ok((without, already_sent))
}

/// Who of these has voted, with a link that they had asked for. Their links are locked in order: a ballot under way is waited for.
async fn have_voted(connection: &mut Connection, voters: &[Recipient]) -> QueryResult<HashSet<i64>> {
    let numbers: Vec<i64> = voters.iter().map(|voter| voter.voter_id).collect();
    let links: Vec<(i64, bool)> = voting_tokens::table
        .filter(voting_tokens::voter_id.eq_any(numbers))
        .order(voting_tokens::token_id)
        .select((voting_tokens::voter_id, voting_tokens::is_used))
        .for_update()
        .load(connection)
        .await?;
    Ok(links.into_iter().filter(|(_, is_used)| *is_used).map(|(voter_id, _)| voter_id).collect())
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
        let stop_reminders_url = (occasion == Occasion::Reminder).then(|| stop + &hex::encode(&voter.reminder_code));
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

/// A row in the place of a link, for somebody who has voted: dead from the start, and nobody is told its secret. It only counts, so
/// that neither the list of voters nor the limit of resends tells who has voted.
pub(crate) async fn insert_dead(
    connection: &mut Connection,
    election: &Election,
    voter: &Recipient,
    origin: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), Failed<Problem>> {
    insert(connection, election, voter, (&fresh_token(), origin), expires_at).await?;
    diesel::update(live_links().filter(voting_tokens::voter_id.eq(voter.voter_id)))
        .set(voting_tokens::revoked.eq(true))
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

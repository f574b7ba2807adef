//! The call that sends voting links to all voters to whom the organiser has sent none, and the one that reminds voters who have
//! not voted. This file checks and stores the request; `sending` makes the links afterwards. Only a link's SHA-256 is stored and
//! the link itself is only in the mail, so a reminder brings a new link and revokes the older one.
//!
//! No answer depends on who has voted, nor on who asked for a link themselves (that would show who had not voted at that time). A
//! voter who asked for a link still gets one, or the notice that a ballot is recorded. A reminder is answered without a number.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinksQueued, LinksTaken, Only, RemindersTaken, SendLinks};
use contract::email::{AlreadyRecorded, Envelope, Mail, Occasion, VotingInvitation};
use database::{Connection, Failed};
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::email::Email;
use domain::link::VotingToken;
use identity::Caller;
use messages::say;
use outbox::{Unaudited, new_envelope};
use problem::Problem;

use crate::election::Election;
use crate::mailing::{fresh_token, greeting, may_mail, may_mail_everybody, optional_body};
use crate::schema::{lower, sent_by_organiser, voters, voting_tokens};
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
    pub(crate) reminder_code: Vec<u8>,
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
        (token, expires_at): (&VotingToken, DateTime<Utc>),
        occasion: Occasion,
    ) -> Envelope {
        // Only reminders can be stopped.
        let stop = format!("{}/stop-reminders?election_id={}&code=", state.public_url, election.election_id);
        let stop_reminders_url = (occasion == Occasion::Reminder).then(|| stop + &hex::encode(&self.reminder_code));
        let invitation = VotingInvitation {
            voter_name: greeting(self.first_name, self.last_name),
            election_title: election.title.clone(),
            voting_url: state.voting_url(token),
            expires_at: Some(expires_at),
            closes_at: election.closes_at,
            spent_code: Some(hex::encode(self.spend_id)),
            occasion,
            stop_reminders_url,
        };
        new_envelope(Some(election.of_mails()), self.email, Mail::VotingInvitation(invitation))
    }

    /// What whoever has voted is sent in the place of a link.
    pub(crate) fn already_recorded(self, election: &Election, occasion: Occasion) -> Envelope {
        let recorded = AlreadyRecorded {
            voter_name: greeting(self.first_name, self.last_name),
            election_title: election.title.clone(),
            spent_code: Some(hex::encode(self.spend_id)),
            occasion,
        };
        new_envelope(Some(election.of_mails()), self.email, Mail::AlreadyRecorded(recorded))
    }
}

/// Send a voting link to every voter whom you have sent none; repeating that does no harm. With `only: not_voted`, while voting is open:
/// remind those who have one and have not voted; that answer says no number, because it would tell who has voted.
#[utoipa::path(post, path = "/api/admin/elections/{id}/send-voting-links", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<SendLinks>,
    responses(
        (status = 202, description = "Noted: the links are made and mailed from now on, also when this service is restarted meanwhile", body = LinksTaken),
        (status = 403, description = "Your own address is not verified"),
        (status = 409, description = "Voting has ended, or there is nobody to remind because it has not begun")))]
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
async fn ask(state: &Data<State>, caller: Caller, election_id: i64, kind: Kind) -> Result<LinksTaken, Problem> {
    let mode = state.mode;
    let _slot = state.acquire_slot(election_id, &caller, |_| kind.action()).await?;
    let asked = state.outbox.unaudited(Unaudited::Task).transaction("ask for links", async move |connection| {
        let (election, now) = election::to_change(connection, election_id, &caller).await?;
        election.must_allow(kind.action(), now).map_err(Failed::Refused)?;
        if !may_mail_everybody(connection, mode, caller.admin_id).await? {
            let stranger = somebody_else(connection, &caller, election_id, kind).await?;
            may_mail(connection, mode, &caller, stranger.as_deref()).await?;
        }
        let (answer, already_sent) = match kind {
            Kind::Invitation => {
                let links = expected(connection, election_id).await?;
                (LinksTaken::Links(links), number(links.already_sent))
            }
            Kind::Reminder => (LinksTaken::Reminders(RemindersTaken::from(say!(reminders_taken))), 0),
        };
        sending::note(connection, &election, kind, &caller, already_sent).await?;
        Ok(answer)
    });
    asked.await.map_err(Problem::from)
}

/// An address that is not the organiser's own, of those that would be mailed. For a reminder the whole roll is looked at: if only those
/// who are still to vote were, a refusal would tell whether there are any.
async fn somebody_else(
    connection: &mut Connection,
    caller: &Caller,
    election_id: i64,
    kind: Kind,
) -> QueryResult<Option<String>> {
    let mailed = match kind {
        Kind::Invitation => {
            let sent = sent_links(election_id).select(voting_tokens::voter_id);
            on_roll(election_id).filter(voters::voter_id.ne_all(sent)).into_boxed()
        }
        Kind::Reminder => on_roll(election_id).into_boxed(),
    };
    let strangers = mailed.filter(lower(voters::email).ne(caller.email.to_lowercase()));
    strangers.select(voters::email).first(connection).await.optional()
}

/// How many voters an invitation is for now. The subquery is a list (`IN`), not one query for each voter (`EXISTS`): as long as the
/// table is not analysed, PostgreSQL would scan it once for each voter.
async fn expected(connection: &mut Connection, election_id: i64) -> QueryResult<LinksQueued> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let sent = sent_links(election_id).select(voting_tokens::voter_id);
    let all: i64 = on_roll(election_id).select(count_star()).first(connection).await?;
    let already: i64 = on_roll(election_id).filter(voters::voter_id.eq_any(sent)).select(count_star()).first(connection).await?;
    Ok(LinksQueued { queued: count(all.saturating_sub(already)), already_sent: count(already) })
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn on_roll(election_id: i64) -> _ {
    voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false))
}

/// The links that the organiser had sent. A voter with such a link gets no first link again. Links that a voter asked for
/// themselves do not count, whatever their state.
pub(crate) fn sent_links(election_id: i64) -> voting_tokens::BoxedQuery<'static, Pg> {
    let of_election = voting_tokens::table.filter(voting_tokens::election_id.eq(election_id));
    of_election.filter(sent_by_organiser(voting_tokens::origin)).into_boxed()
}

/// All links of a voter, whatever their state.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn of_voter(election_id: i64, voter_id: i64) -> _ {
    voting_tokens::table.filter(voting_tokens::election_id.eq(election_id)).filter(voting_tokens::voter_id.eq(voter_id))
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

/// A revoked link for a voter who has voted; nobody gets its token. The row only makes the list of voters and the limit of resends
/// look the same as for a voter who has not voted.
pub(crate) async fn insert_dead(
    connection: &mut Connection,
    election: &Election,
    voter: &Recipient,
    origin: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), Failed<Problem>> {
    insert(connection, election, voter, (&fresh_token(election.election_id), origin), expires_at).await?;
    let live = of_voter(election.election_id, voter.voter_id);
    diesel::update(live.filter(voting_tokens::revoked.eq(false)).filter(voting_tokens::is_used.eq(false)))
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

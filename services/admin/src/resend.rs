//! Resends a link to one voter. The older link is revoked.
//!
//! The answer is the same whether the voter has voted or not (ADR 0020): a voter who has voted gets the mail "a ballot was already
//! recorded" and no link, and the admin does not learn it. So a resend must count towards the limit in both cases.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{LinkResent, Nothing};
use contract::email::Occasion;
use contract::events::AuditEventKind;
use contract::problems;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::Action;
use domain::link::{MAX_RESENDS, VotingToken, expires_at};
use identity::Caller;
use messages::say;
use outbox::Audited;
use problem::{Missing, Problem};

use crate::election::Election;
use crate::links::{self, Recipient, refused};
use crate::mailing::{fresh_token, may_mail, optional_body};
use crate::schema::{sent_by_organiser, voters, voting_tokens};
use crate::voters::{acquire_slot, as_missing_voter, election_of};
use crate::{State, election, subjects};

/// Send a voting link again; the older one dies. To a voter without any it is sent for the first time.
#[utoipa::path(post, path = "/api/admin/voters/{id}/resend-token", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The voter")), request_body = Option<Nothing>,
    responses(
        (status = 202, description = "A mail is on its way. Whether with a link, or with the notice that a ballot was recorded already, only the voter learns", body = LinkResent),
        (status = 403, description = "Your own address is not verified"),
        (status = 409, description = "Voting has ended, or the link was sent again three times")))]
pub(crate) async fn resend(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let voter_id = id.into_inner();
    let Nothing {} = optional_body(&body)?;
    let _slot = acquire_slot(&state, voter_id, &caller, |_| Action::SendLinks).await?;
    let shared = state.clone();
    let answer = state
        .outbox
        .audited("resend voting link", async move |tx| {
            let connection = tx.connection();
            let missing = || Failed::Refused(Problem::not_found(Missing::Voter));
            let election_id = election_of(connection, &caller, voter_id).await?.ok_or_else(missing)?;
            let (election, now) = election::to_change(connection, election_id, &caller).await.map_err(as_missing_voter)?;
            election.must_allow(Action::SendLinks, now).map_err(Failed::Refused)?;
            let voter = lock_voter(connection, election_id, voter_id).await?.ok_or_else(missing)?;
            may_mail(connection, shared.mode, &caller, [voter.email.as_str()]).await?;
            let links = Links::lock(connection, election_id, voter_id).await?;
            let resends_left = links.resends_left()?;
            let (token, expires_at) = (fresh_token(election_id), expires_at(now, election.closes_at));
            links.replace(connection, &election, &voter, &token, expires_at).await?;
            let subject = subjects::refer_to(connection, &election, voter_id).await?;
            let occasion = if links.any { Occasion::Resend } else { Occasion::Invitation };
            let mail = if links.used {
                voter.already_recorded(&election, occasion)
            } else {
                voter.invitation(&shared, &election, (&token, expires_at), occasion)
            };
            tx.queue_mail(&mail);
            let event = caller.did(AuditEventKind::VotingLinkResent {}).about(subject).to(election_id);
            Ok(Audited::new(LinkResent { voter_id, resends_left }, event))
        })
        .await?;
    Ok(HttpResponse::Accepted().json(answer))
}

async fn lock_voter(connection: &mut Connection, election_id: i64, voter_id: i64) -> QueryResult<Option<Recipient>> {
    let on_roll = voters::table.find((election_id, voter_id)).filter(voters::deleted.eq(false));
    on_roll.select(Recipient::as_select()).for_no_key_update().first(connection).await.optional()
}

/// The links a voter has had.
struct Links {
    /// Whether the organiser has sent one. Links that the voter asked for do not count here: otherwise the number of resends that
    /// are left would show that the voter asked.
    any: bool,
    /// Whether the voter has voted, with whatever link.
    used: bool,
    resent: i64,
}

impl Links {
    /// Locks them in the order of their ids. If a ballot is being recorded with one of them, this waits, so `used` is up to date.
    async fn lock(connection: &mut Connection, election_id: i64, voter_id: i64) -> QueryResult<Self> {
        let of_voter = links::of_voter(election_id, voter_id).order(voting_tokens::token_id);
        let columns = (voting_tokens::origin, sent_by_organiser(voting_tokens::origin), voting_tokens::is_used);
        let rows: Vec<(String, bool, bool)> = of_voter.select(columns).for_update().load(connection).await?;
        let resent = rows.iter().filter(|(origin, ..)| origin == "resend").count();
        Ok(Self {
            any: rows.iter().any(|(_, by_organiser, _)| *by_organiser),
            used: rows.iter().any(|(_, _, used)| *used),
            resent: i64::try_from(resent).unwrap_or(i64::MAX),
        })
    }

    /// How often a link may be sent again after this time.
    fn resends_left(&self) -> Result<u64, Failed<Problem>> {
        let after_this = MAX_RESENDS - self.resent - i64::from(self.any);
        u64::try_from(after_this)
            .map_err(|_| Failed::Refused(Problem::new(problems::RESEND_LIMIT, say!(resend_limit, most = MAX_RESENDS))))
    }

    /// Revokes the live link and makes the next one. For a voter who has voted the next one is revoked as well.
    async fn replace(
        &self,
        connection: &mut Connection,
        election: &Election,
        voter: &Recipient,
        token: &VotingToken,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Failed<Problem>> {
        let live = links::of_voter(election.election_id, voter.voter_id)
            .filter(voting_tokens::revoked.eq(false))
            .filter(voting_tokens::is_used.eq(false));
        diesel::update(live).set(voting_tokens::revoked.eq(true)).execute(connection).await.map_err(refused)?;
        let origin = if self.any { "resend" } else { "invitation" };
        if self.used {
            links::insert_dead(connection, election, voter, origin, expires_at).await
        } else {
            links::insert(connection, election, voter, (token, origin), expires_at).await
        }
    }
}

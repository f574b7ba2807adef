//! Links to many voters, made in short transactions: while a roll of 100,000 is reminded, no ballot waits.
//!
//! What was asked for is a row of `link_mailings`. Every process looks for such rows and takes one batch of each by turns, so a
//! small election is not behind a large one. A batch locks its voters, then their live links, makes the new links with their mails
//! and moves the row on, all in one transaction: a process that is killed leaves whole batches, and the next one goes on behind
//! them. With the last batch the row goes and the audit event comes.
//!
//! Locks: election, the row, voters, links by id. A reminder skips a link that somebody else has locked: it is being used, or
//! replaced by a resend or by its voter, so its voter needs no reminder. So a reminder never waits for a ballot, and a ballot waits
//! for one batch at the most. An invitation waits for a voter who is being corrected; not for long, then the batch is tried again.
//! When voting ends meanwhile, nothing more is sent, and the event says how many were.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use contract::email::Occasion;
use contract::events::{AuditEvent, AuditEventKind};
use database::{Connection, DatabaseError, Failed, LOCK_WAIT, TextColumn, limit_lock_wait};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text, Timestamptz};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain::election::Action;
use domain::link::{VotingToken, expires_at};
use identity::{Caller, Role};
use launch::{Backoff, Stopper};
use outbox::{Audited, AuditedTx};
use problem::Problem;
use strum::{EnumString, IntoStaticStr};

use crate::State;
use crate::election::{self, Election};
use crate::links::{self, Recipient, refused};
use crate::mailing::{fresh_token, may_mail};
use crate::schema::{admins, link_mailings, sent_mailings, voters, voting_tokens};

/// Voters in one transaction. Their links are locked for about a tenth of a second.
const BATCH: i64 = 1000;
/// A call wakes this worker at once. Polling finds requests that another process has stored and not finished.
const POLL: Duration = Duration::from_secs(1);

/// What is sent to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Kind {
    /// A first link.
    Invitation,
    /// A fresh link to who has not voted.
    Reminder,
}

impl Kind {
    /// The action that the election's state must allow.
    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Invitation => Action::SendLinks,
            Self::Reminder => Action::Remind,
        }
    }

    /// In `link_mailings.kind` and in `voting_tokens.origin`.
    fn as_str(self) -> &'static str {
        self.into()
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = link_mailings)]
struct Mailing {
    mailing_id: i64,
    election_id: i64,
    kind: TextColumn<Kind>,
    admin_id: i64,
    ip_address: Option<String>,
    after_voter: i64,
    queued: i64,
    already_sent: i64,
}

/// Notes that links are to be sent, in the caller's transaction. If one is under way no second is made; an invitation starts again
/// at the first voter, so that nobody added meanwhile is missed. Who has a link by then is passed over.
pub(crate) async fn note(
    connection: &mut Connection,
    election: &Election,
    kind: Kind,
    caller: &Caller,
    already_sent: i64,
) -> QueryResult<()> {
    let row = (
        link_mailings::election_id.eq(election.election_id),
        link_mailings::kind.eq(kind.as_str()),
        link_mailings::admin_id.eq(caller.admin_id),
        link_mailings::ip_address.eq(&caller.ip_address),
        link_mailings::already_sent.eq(already_sent),
    );
    let noted =
        diesel::insert_into(link_mailings::table).values(row).on_conflict((link_mailings::election_id, link_mailings::kind));
    match kind {
        Kind::Invitation => {
            noted.do_update().set(link_mailings::after_voter.eq(excluded(link_mailings::after_voter))).execute(connection).await?
        }
        Kind::Reminder => noted.do_nothing().execute(connection).await?,
    };
    Ok(())
}

/// One round after the other; a batch that is under way at the stop is finished.
pub(crate) async fn run(state: State, stop: Stopper) {
    let mut backoff = Backoff::default();
    while !stop.is_stopped() {
        match round(&state).await {
            Ok(further) => {
                backoff.reset();
                if !further {
                    tokio::select! {
                        () = state.sending_wanted.notified() => {}
                        _ = stop.pause(POLL) => {}
                    }
                }
            }
            Err(error) => {
                tracing::info!(%error, "links to many voters are tried again");
                stop.pause(backoff.pause()).await;
            }
        }
    }
}

/// One batch of everything that is to be sent. True if at least one made progress.
async fn round(state: &State) -> Result<bool, DatabaseError> {
    let mut connection = state.database().connection().await?;
    let noted: Vec<i64> =
        link_mailings::table.select(link_mailings::mailing_id).order(link_mailings::mailing_id).load(&mut connection).await?;
    drop(connection);
    let (mut further, mut trouble) = (false, None);
    for mailing_id in noted {
        match batch(state, mailing_id).await {
            Ok(moved) => further |= moved,
            Err(error) => trouble = Some(error),
        }
    }
    trouble.filter(|_| !further).map_or(Ok(further), Err)
}

/// The next batch, or the end. False when another process is at it.
async fn batch(state: &State, mailing_id: i64) -> Result<bool, DatabaseError> {
    let shared = state.clone();
    let done = state.outbox.audited("send a batch of links", async move |tx| {
        let connection = tx.connection();
        // Short: others wait for this batch's voters as long as it waits itself.
        limit_lock_wait(connection, LOCK_WAIT).await?;
        let unlocked = link_mailings::table.find(mailing_id);
        let election_id: Option<i64> = unlocked.select(link_mailings::election_id).first(connection).await.optional()?;
        let Some(election_id) = election_id else { return Ok(Audited::unchanged(false)) };
        let Some((election, now)) = election::to_work_on(connection, election_id).await? else {
            return Ok(Audited::unchanged(false));
        };
        let locked = unlocked.select(Mailing::as_select()).for_update().skip_locked();
        let Some(mailing) = locked.first(connection).await.optional()? else { return Ok(Audited::unchanged(false)) };
        let part =
            if election.must_allow(mailing.kind.action(), now).is_ok() { next_part(connection, &mailing).await? } else { None };
        let Some(Part { last, is_last, recipients }) = part else { return finish(connection, mailing).await };
        match may_mail_these(connection, &shared, &mailing, &recipients).await {
            Ok(()) => {}
            Err(Failed::Refused(_)) => {
                tracing::warn!(election_id, "links are not sent any more: the organiser may not mail these addresses");
                return finish(connection, mailing).await;
            }
            Err(failed) => return Err(failed),
        }
        let made = i64::try_from(recipients.len()).unwrap_or(i64::MAX);
        let have_voted = have_voted(tx.connection(), election_id, &recipients).await?;
        let (recorded, waiting): (Vec<_>, Vec<_>) =
            recipients.into_iter().partition(|voter| have_voted.contains(&voter.voter_id));
        make_links(tx, &shared, &election, waiting, now, *mailing.kind).await?;
        for voter in recorded {
            links::insert_dead(tx.connection(), &election, &voter, mailing.kind.as_str(), expires_at(now, election.closes_at))
                .await?;
            tx.queue_mail(&voter.already_recorded(&election, Occasion::Invitation));
        }
        metrics::counter!("admin_links_queued_total").increment(u64::try_from(made).unwrap_or(0));
        let queued = mailing.queued.saturating_add(made);
        if is_last {
            return finish(tx.connection(), Mailing { queued, ..mailing }).await;
        }
        diesel::update(unlocked)
            .set((link_mailings::after_voter.eq(last), link_mailings::queued.eq(queued)))
            .execute(tx.connection())
            .await?;
        Ok(Audited::step(true))
    });
    done.await.map_err(|failed: Failed<Problem>| match failed {
        Failed::Database(error) => error,
        // A trigger's words: voting ended in this moment. The next look finds it closed.
        Failed::Refused(problem) => DatabaseError::Unavailable(problem.to_string()),
    })
}

/// A part of the roll: its last number, whether it is the last part, and who of it gets a link.
struct Part {
    last: i64,
    is_last: bool,
    recipients: Vec<Recipient>,
}

/// Locks the next voters, then their live links, and reads afterwards who gets a link: nobody of these votes before this is
/// committed. Nothing when the roll is at its end.
async fn next_part(connection: &mut Connection, mailing: &Mailing) -> QueryResult<Option<Part>> {
    let numbers: Vec<i64> = voters::table
        .filter(voters::election_id.eq(mailing.election_id))
        .filter(voters::deleted.eq(false))
        .filter(voters::voter_id.gt(mailing.after_voter))
        .select(voters::voter_id)
        .order(voters::voter_id)
        .limit(BATCH)
        .for_no_key_update()
        .load(connection)
        .await?;
    let Some(last) = numbers.last().copied() else { return Ok(None) };
    let is_last = i64::try_from(numbers.len()).unwrap_or(i64::MAX) < BATCH;
    let live = voting_tokens::table
        .filter(voting_tokens::election_id.eq(mailing.election_id))
        .filter(voting_tokens::voter_id.eq_any(&numbers))
        .filter(voting_tokens::revoked.eq(false))
        .filter(voting_tokens::is_used.eq(false))
        .select(voting_tokens::voter_id)
        .order(voting_tokens::token_id)
        .for_update();
    // Sets, compared here: asked voter by voter, PostgreSQL would go through all links for each of them as long as it has not
    // analysed the table, which grows while this runs (10,000 voters took half a minute).
    let (chosen, reminders_stopped): (Vec<i64>, &[bool]) = match *mailing.kind {
        Kind::Invitation => {
            let _: Vec<i64> = live.load(connection).await?;
            let sent = links::sent_links(mailing.election_id).filter(voting_tokens::voter_id.eq_any(numbers.clone()));
            let sent: HashSet<i64> = sent.select(voting_tokens::voter_id).load(connection).await?.into_iter().collect();
            (numbers.into_iter().filter(|number| !sent.contains(number)).collect(), &[true, false])
        }
        Kind::Reminder => (live.skip_locked().load(connection).await?, &[false]),
    };
    let recipients = voters::table
        .filter(voters::election_id.eq(mailing.election_id))
        .filter(voters::voter_id.eq_any(chosen))
        .filter(voters::reminders_stopped.eq_any(reminders_stopped))
        .select(Recipient::as_select())
        .order(voters::voter_id)
        .load(connection)
        .await?;
    Ok(Some(Part { last, is_last, recipients }))
}

/// Who of these has voted, with a link that they had asked for: they are sent the notice of that and no link. Their live links are
/// locked by now, so a ballot under way is seen.
async fn have_voted(connection: &mut Connection, election_id: i64, recipients: &[Recipient]) -> QueryResult<HashSet<i64>> {
    let numbers: Vec<i64> = recipients.iter().map(|voter| voter.voter_id).collect();
    let used = voting_tokens::table
        .filter(voting_tokens::election_id.eq(election_id))
        .filter(voting_tokens::voter_id.eq_any(numbers))
        .filter(voting_tokens::is_used.eq(true));
    let voted: Vec<i64> = used.select(voting_tokens::voter_id).load(connection).await?;
    Ok(voted.into_iter().collect())
}

/// Asked again with every batch: an address can be corrected meanwhile.
async fn may_mail_these(
    connection: &mut Connection,
    state: &State,
    mailing: &Mailing,
    recipients: &[Recipient],
) -> Result<(), Failed<Problem>> {
    let email = admins::table.find(mailing.admin_id).select(admins::email).first(connection).await?;
    let caller = Caller { admin_id: mailing.admin_id, email, role: Role::Admin, ip_address: mailing.ip_address.clone() };
    may_mail(connection, state.mode, &caller, recipients.iter().map(|voter| voter.email.as_str())).await
}

/// Nothing is left to do. One event for all of it. The event of a reminder says no number, and comes also when nobody was mailed: how many
/// were reminded is how many had not voted (ADR 0020). Invitations that went to nobody changed nothing.
async fn finish(connection: &mut Connection, mailing: Mailing) -> Result<Audited<bool>, Failed<Problem>> {
    diesel::delete(link_mailings::table.find(mailing.mailing_id)).execute(connection).await?;
    let Mailing { mailing_id, election_id, kind, admin_id, ip_address, queued, already_sent, .. } = mailing;
    let (number, event) = match *kind {
        Kind::Invitation if queued == 0 => return Ok(Audited::step(true)),
        Kind::Invitation => (Some(queued), AuditEventKind::VotingLinksSent { queued, already_sent }),
        Kind::Reminder => (None, AuditEventKind::RemindersSent {}),
    };
    let row = (
        sent_mailings::mailing_id.eq(mailing_id),
        sent_mailings::election_id.eq(election_id),
        sent_mailings::kind.eq(kind.as_str()),
        sent_mailings::queued.eq(number),
    );
    diesel::insert_into(sent_mailings::table).values(row).execute(connection).await?;
    Ok(Audited::new(true, AuditEvent::now(event).by(admin_id, ip_address).to(election_id)))
}

/// Ends the links that these voters have, makes the next and mails them.
async fn make_links(
    tx: &mut AuditedTx<'_>,
    state: &State,
    election: &Election,
    recipients: Vec<Recipient>,
    now: DateTime<Utc>,
    kind: Kind,
) -> Result<(), Failed<Problem>> {
    const SQL: &str = "INSERT INTO voting_tokens \
             (election_id, voter_id, token_hash, origin, expires_at, runs_to_close, spend_id, email_hint) \
         SELECT $1, n.voter_id, n.token_hash, $7, $2, true, n.spend_id, n.email_hint \
         FROM unnest($3, $4, $5, $6) AS n (voter_id, token_hash, spend_id, email_hint)";
    let numbers: Vec<i64> = recipients.iter().map(|voter| voter.voter_id).collect();
    diesel::update(voting_tokens::table)
        .filter(voting_tokens::election_id.eq(election.election_id))
        .filter(voting_tokens::voter_id.eq_any(&numbers))
        .filter(voting_tokens::revoked.eq(false))
        .filter(voting_tokens::is_used.eq(false))
        .set(voting_tokens::revoked.eq(true))
        .execute(tx.connection())
        .await
        .map_err(refused)?;
    let expires_at = expires_at(now, election.closes_at);
    let made: Vec<(Recipient, VotingToken)> =
        recipients.into_iter().map(|voter| (voter, fresh_token(election.election_id))).collect();
    diesel::sql_query(SQL)
        .bind::<BigInt, _>(election.election_id)
        .bind::<Timestamptz, _>(expires_at)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<Binary>, _>(made.iter().map(|(_, token)| token.hash().as_bytes().to_vec()).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(made.iter().map(|(voter, _)| voter.spend_id.as_slice()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(made.iter().map(|(voter, _)| voter.hint()).collect::<Vec<_>>())
        .bind::<Text, _>(kind.as_str())
        .execute(tx.connection())
        .await
        .map_err(refused)?;
    let occasion = if kind == Kind::Reminder { Occasion::Reminder } else { Occasion::Invitation };
    for (voter, token) in made {
        tx.queue_mail(&voter.invitation(state, election, (&token, expires_at), occasion));
    }
    Ok(())
}

//! Elections that open and close by the clock: PostgreSQL's, the only one that decides.
//!
//! Every process looks once a second for elections to open or close. The process that locks the election's row first does it; the
//! others skip a locked row, so one election never keeps another waiting. Openings and closings that were missed while no process
//! ran are done at the next start, the opening before the closing.
//!
//! A scheduled election whose roll is empty at its opening time stays scheduled. Its admin gets one mail, and a second one if the
//! end was moved meanwhile. It opens within a second after the first voter is on the roll, so the whole roll should be imported in
//! one file.
//!
//! A scheduled election whose closing time has passed does not open: it would close at once, without a ballot. Its admin is told by
//! mail, once for each closing time, and moves the end or deletes the election.

use std::time::Duration;

use actix_web::web;
use chrono::{DateTime, Utc};
use contract::elections::Election;
use contract::email::{ActionCause, Mail, OpeningNotice};
use contract::events::{AuditEvent, AuditEventKind, NotOpened};
use database::{Connection, DatabaseError, Failed, limit_lock_wait};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::{Action, Status, may_open};
use identity::Caller;
use outbox::Audited;
use problem::{Json, Problem};

use crate::State;
use crate::closing::{Closing, begin};
use crate::elections::{Row, conflict, links_unsent, reread, row_of};
use crate::notices::{action_needed, mail_admin};
use crate::schema::{clock_timestamp, elections, roll_is_empty};

/// Elections of one look; more than that are found at the next.
const AT_ONCE: i64 = 100;
/// How long a lock of one election is waited for, such as the head of its chain. The other elections wait meanwhile.
const LOCK_PATIENCE: Duration = Duration::from_millis(200);

/// Opens the voting of a scheduled election before its time.
#[utoipa::path(
    post, path = "/api/elections/{id}/open", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The active election; `warnings` says who has no link yet", body = Election),
        (status = 409, description = "Not scheduled, nobody is on the roll, or the closing time has passed"),
    )
)]
pub(crate) async fn open_now(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let election_id = *id;
    let own = (caller.admin_id, election_id);
    let opened = state.change_own(
        "open election",
        own,
        |row| row.allows(Action::Open),
        async move |tx, row| {
            let connection = tx.connection();
            let empty = crate::elections::roll_is_empty(connection, election_id).await?;
            let now = diesel::select(clock_timestamp()).get_result(connection).await?;
            may_open(row.life_cycle_state(), empty, row.closes_at, now).map_err(|refused| Failed::Refused(conflict(refused)))?;
            // Ballots are refused before `opens_at`, and `opens_at` is public: set it to the time of this opening.
            diesel::update(elections::table.find(election_id).filter(elections::opens_at.gt(clock_timestamp().nullable())))
                .set(elections::opens_at.eq(clock_timestamp().nullable()))
                .execute(connection)
                .await?;
            let links_unsent = open(connection, election_id).await?;
            let event = caller.did(AuditEventKind::ElectionOpened { links_unsent }).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
        },
    );
    Ok(Json(opened.await?))
}

/// Voting is open from here on. How many voters hold no link.
async fn open(connection: &mut Connection, election_id: i64) -> Result<i64, diesel::result::Error> {
    diesel::update(elections::table.find(election_id))
        .set((elections::status.eq(Status::Active.as_str()), elections::activated_at.eq(clock_timestamp().nullable())))
        .execute(connection)
        .await?;
    links_unsent(connection, election_id).await
}

impl Closing {
    /// Opens and closes what is due. Whether there was anything.
    ///
    /// # Errors
    /// The database does not answer. Each election was opened or closed as a whole, or not at all.
    pub async fn by_the_clock(&self) -> Result<bool, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let postponed = self.not_opened_or_closed.now();
        let due = |status: Status| {
            let of_status = elections::table.filter(elections::status.eq(status.as_str()));
            of_status.filter(elections::election_id.ne_all(&postponed)).select(elections::election_id)
        };
        // An empty roll is told of once, and so is an end that has passed. After that the election is only looked at again when it
        // can open, so that a hundred that cannot do not keep the others from opening.
        let end_passed = elections::closes_at.le(clock_timestamp().nullable());
        let can_open = not(roll_is_empty(elections::election_id)).and(elections::closes_at.is_null().or(not(end_passed)));
        let to_open: Vec<i64> = due(Status::Scheduled)
            .filter(elections::opens_at.le(clock_timestamp().nullable()))
            .filter(
                elections::not_opened_told_at
                    .is_null()
                    .or(can_open)
                    .or(end_passed.and(elections::not_opened_told_at.lt(elections::closes_at))),
            )
            .order(elections::opens_at)
            .limit(AT_ONCE)
            .load(&mut connection)
            .await?;
        let to_close: Vec<i64> = due(Status::Active)
            .filter(elections::closes_at.le(clock_timestamp().nullable()))
            .order(elections::closes_at)
            .limit(AT_ONCE)
            .load(&mut connection)
            .await?;
        drop(connection);
        let mut done = false;
        for election_id in to_open {
            let opened = self.open_by_the_clock(election_id).await;
            done |= self.unless_trouble(election_id, opened)?;
        }
        for election_id in to_close {
            let closed = self.close_by_the_clock(election_id).await;
            done |= self.unless_trouble(election_id, closed)?;
        }
        Ok(done)
    }

    /// One election that cannot be opened or closed keeps no other one waiting.
    fn unless_trouble(&self, election_id: i64, done: Result<bool, Failed<Problem>>) -> Result<bool, DatabaseError> {
        match done {
            Ok(done) => {
                self.not_opened_or_closed.no_longer(election_id);
                Ok(done)
            }
            // Somebody holds its head, or another row of it: not now, and looked at again in a second.
            Err(Failed::Database(DatabaseError::Locked)) => Ok(false),
            Err(Failed::Database(error @ (DatabaseError::Unavailable(_) | DatabaseError::ReadOnly))) => Err(error),
            Err(Failed::Database(error)) => {
                self.not_opened_or_closed.trouble(election_id, &error);
                tracing::error!(election_id, %error, "the schedule of an election cannot be kept");
                metrics::counter!("election_schedule_failures_total").increment(1);
                Ok(false)
            }
            Err(Failed::Refused(problem)) => {
                tracing::error!(election_id, %problem, "the schedule of an election cannot be kept");
                metrics::counter!("election_schedule_failures_total").increment(1);
                Ok(false)
            }
        }
    }

    async fn open_by_the_clock(&self, election_id: i64) -> Result<bool, Failed<Problem>> {
        let opened = self.outbox.audited("open by the clock", async move |tx| {
            let connection = tx.connection();
            limit_lock_wait(connection, LOCK_PATIENCE).await?;
            let due: Option<i64> = elections::table
                .find(election_id)
                .filter(elections::status.eq(Status::Scheduled.as_str()))
                .filter(elections::opens_at.le(clock_timestamp().nullable()))
                .select(elections::election_id)
                .for_no_key_update()
                .skip_locked()
                .first(connection)
                .await
                .optional()?;
            // Another process was faster; or something else holds the election, such as an import, and no other one waits for
            // that: it is looked at again in a second.
            let Some(election_id) = due else { return Ok(Audited::unchanged(false)) };
            let Row { closes_at, not_opened_told_at, .. } = row_of(connection, election_id).await?;
            // Voting without voters would end without a ballot, and whoever was added while it went on would need a public
            // reason. The lock on the election keeps the roll as it is: an import waits for it, or this for the import.
            let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(connection).await?;
            let passed = closes_at.filter(|end| *end <= now);
            if passed.is_some() || crate::elections::roll_is_empty(connection, election_id).await? {
                // Told before the end came, of an empty roll: the end is something else.
                if not_opened_told_at.is_some_and(|told| passed.is_none_or(|end| told >= end)) {
                    return Ok(Audited::unchanged(false));
                }
                diesel::update(elections::table.find(election_id))
                    .set(elections::not_opened_told_at.eq(clock_timestamp().nullable()))
                    .execute(connection)
                    .await?;
                let (cause, logged) = match passed {
                    Some(_) => (ActionCause::EndPassed, NotOpened::EndPassed),
                    None => (ActionCause::EmptyRoll, NotOpened::EmptyRoll),
                };
                action_needed(tx, election_id, cause).await?;
                let event = AuditEvent::now(AuditEventKind::OpeningPostponed { cause: logged });
                return Ok(Audited::new(true, event.to(election_id)));
            }
            let links_unsent = open(connection, election_id).await?;
            // Nobody reads the answer of an opening by the clock, so the warning goes out by mail.
            if links_unsent > 0 {
                let notice = |election_title| Mail::OpeningNotice(OpeningNotice { election_title, links_unsent });
                mail_admin(tx, election_id, notice).await?;
            }
            let event = AuditEvent::now(AuditEventKind::ElectionOpened { links_unsent }).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new(true, event))
        });
        opened.await
    }

    async fn close_by_the_clock(&self, election_id: i64) -> Result<bool, Failed<Problem>> {
        let grace_seconds = self.grace_seconds;
        let closed = self.outbox.audited("close by the clock", async move |tx| {
            limit_lock_wait(tx.connection(), LOCK_PATIENCE).await?;
            let due: Option<i64> = elections::table
                .find(election_id)
                .filter(elections::status.eq(Status::Active.as_str()))
                .filter(elections::closes_at.le(clock_timestamp().nullable()))
                .select(elections::election_id)
                .for_no_key_update()
                .skip_locked()
                .first(tx.connection())
                .await
                .optional()?;
            // Another process, or the admin, was faster, or the end was moved; or something holds it, as above.
            let Some(election_id) = due else { return Ok(Audited::unchanged(false)) };
            let row = row_of(tx.connection(), election_id).await?;
            let kind = begin(tx.connection(), &row, grace_seconds).await?;
            Ok(Audited::new(true, AuditEvent::now(kind).to(election_id)))
        });
        closed.await
    }
}

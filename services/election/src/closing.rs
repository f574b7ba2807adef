//! What happens when an election closes, step by step, and who does it.
//!
//! ```text
//! POST /close ─▶ 1 grace ─▶ 2 sealed ─▶ 3 rewritten ─▶ 4 opening ─▶ 5 opened
//!                   └───────────┴────────────┴─────────────┴─▶ failed ─ POST /close ─▶ where it failed
//! ```
//! Each step is one transaction that looks at `tallies.state` under the election's lock, so a step that is repeated, by this
//! process after a crash or by another one, does nothing twice. Step 4 decrypts ballots in many small transactions (`decryption`).
//!
//! A worker in every process takes the next step of each unfinished election, and opens and closes elections by the clock
//! (`schedule`). A lease keeps two processes from doing the same work at once. The lease only saves work: correctness comes from
//! the check of `tallies.state` under the lock.
//!
//! An error of the database does not make the tally fail: the step is tried again, with growing pauses (`postponed`). The tally
//! becomes `failed` if a repetition cannot help: a broken chain, a key that cannot be decrypted, missing ballots, or a query that
//! the database has refused for a minute.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::elections::Election;
use contract::email::{ActionCause, BoxCommitment, Mail};
use contract::events::{AuditEvent, AuditEventKind};
use crypto::Digest;
use crypto::envelope::Kek;
use crypto::receipt::{self, BoxStatement, ReceiptKey, RecordingStatement};
use database::{Connection, DatabaseError, Failed, TextColumn, violated_constraint};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::election::{Action, TallyState};
use identity::Caller;
use launch::{Backoff, SlowWork, Stopper, repeat};
use messages::{Message, say};
use outbox::{Audited, Outbox};
use problem::{Json, Problem};
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

use crate::elections::{Row, reread};
use crate::notices::{action_needed, mail_admin};
use crate::postponed::Postponed;
use crate::schema::{elections, tallies, tally_signatures};
use crate::{Settings, State};

/// `POST /close` in this process wakes the worker. Polling finds elections that another process did not finish.
const POLL: Duration = Duration::from_secs(1);
/// Elections that one process closes at the same time: each may hold a connection for seconds, and the API needs some too.
const MAX_CLOSING: usize = 4;
/// Pieces of decryption that may wait for a core.
const WAITING_PIECES: usize = 256;

/// Ends the voting. Answers at once; `GET /tally` shows how far the closing is. On an election whose tally failed it tries
/// again where it stopped.
#[utoipa::path(
    post, path = "/api/elections/{id}/close", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The closed election, being counted", body = Election),
        (status = 409, description = "Never activated, or closed already"),
    )
)]
pub(crate) async fn close(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let (election_id, grace_seconds) = (*id, state.grace_seconds);
    let may_close = |row: &Row| if failed_in(row).is_some() { Ok(()) } else { row.allows(Action::Close) };
    let closed = state.change_own("close election", (caller.admin_id, election_id), may_close, async move |tx, row| {
        let connection = tx.connection();
        let kind = match failed_in(&row) {
            Some(step) => retry(connection, election_id, step).await?,
            None => begin(connection, &row, grace_seconds).await?,
        };
        let event = caller.did(kind).to(election_id);
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
    });
    let election = closed.await?;
    state.closing_wanted.notify_one();
    Ok(Json(election))
}

/// The step in which its tally failed, if it did.
fn failed_in(row: &Row) -> Option<TallyState> {
    row.tally_failed_in.filter(|_| row.tally_state == Some(TextColumn(TallyState::Failed))).map(|step| *step)
}

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    stamps: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    ballots: Option<i64>,
}

/// Step 1: no new stamp and no cast by link from here on.
pub(crate) async fn begin(connection: &mut Connection, row: &Row, grace_seconds: i32) -> Result<AuditEventKind, Failed<Problem>> {
    row.allows(Action::Close).map_err(Failed::Refused)?;
    let begun: Begun = diesel::sql_query("SELECT outcome, stamps, ballots FROM begin_close($1, $2)")
        .bind::<BigInt, _>(row.election_id)
        .bind::<Integer, _>(grace_seconds)
        .get_result(connection)
        .await?;
    match begun {
        Begun { outcome, stamps: Some(stamps), ballots: Some(ballots) } if outcome == "grace" => {
            Ok(AuditEventKind::ElectionClosed { stamps, ballots })
        }
        Begun { outcome, .. } => {
            Err(Failed::Refused(Problem::internal("close the election", &format!("begin_close says {outcome}"))))
        }
    }
}

/// Back to the state in which the tally failed.
async fn retry(connection: &mut Connection, election_id: i64, step: TallyState) -> Result<AuditEventKind, Failed<Problem>> {
    let nothing = None::<String>;
    let step = step.as_str();
    diesel::update(tallies::table.find(election_id))
        .set((tallies::state.eq(step), tallies::failed_in.eq(&nothing), tallies::error.eq(&nothing)))
        .execute(connection)
        .await?;
    Ok(AuditEventKind::TallyRetried { step: step.to_owned() })
}

/// What closes elections.
#[derive(Clone)]
pub struct Closing {
    pub(crate) outbox: Outbox,
    pub(crate) kek_seal: Arc<Kek>,
    pub(crate) receipt: Arc<ReceiptKey>,
    pub(crate) slow: SlowWork,
    pub(crate) process: Uuid,
    pub(crate) grace_seconds: i32,
    /// Elections that the clock could not open or close; and those whose next step of the closing could not be taken.
    pub(crate) not_opened_or_closed: Postponed,
    postponed_closings: Postponed,
    gives_up_after: Duration,
    wanted: Arc<Notify>,
}

/// Logs a panic in the closing of one election. The other elections go on, and this one is tried again.
fn note_fault(ended: Result<(), JoinError>) {
    if let Err(fault) = ended {
        tracing::error!(%fault, "the closing of an election broke; it is tried again");
    }
}

/// The elections that this process is closing now.
#[derive(Clone, Default)]
struct BeingClosed(Arc<Mutex<HashSet<i64>>>);

/// One of them, for as long as this lives.
struct ClosingGuard {
    being_closed: BeingClosed,
    election_id: i64,
}

impl BeingClosed {
    /// Nothing when it is being closed already.
    fn mark(&self, election_id: i64) -> Option<ClosingGuard> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(election_id);
        is_new.then(|| ClosingGuard { being_closed: self.clone(), election_id })
    }
}

impl Drop for ClosingGuard {
    fn drop(&mut self) {
        self.being_closed.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.election_id);
    }
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The step was done; the next can be taken.
    Advanced,
    /// Nothing to do now: ballots may still arrive, another process has the lease, or the closing is finished.
    Nothing,
    /// The tally failed; the reason is kept with the election.
    Failed,
}

/// Why a step was not taken.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It will be just as wrong next time.
    Fault(Message),
    /// The database; tried again.
    Trouble(DatabaseError),
}

impl From<DatabaseError> for Stopped {
    fn from(error: DatabaseError) -> Self {
        match &error {
            // A rule of the database says no, and will say so again.
            DatabaseError::Query(cause) if violated_constraint(cause).is_some() => Self::Fault(refused(&error)),
            _ => Self::Trouble(error),
        }
    }
}

/// The reason of a failed tally, for people.
fn refused(error: &DatabaseError) -> Message {
    say!(count_database_refuses, cause = error.to_string())
}

impl From<diesel::result::Error> for Stopped {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseError::from(error).into()
    }
}

impl From<Failed<Message>> for Stopped {
    fn from(failed: Failed<Message>) -> Self {
        match failed {
            Failed::Refused(fault) => Self::Fault(fault),
            Failed::Database(error) => error.into(),
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    election_id: i64,
}

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    box_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    box_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    spent_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    spent_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    roll_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    withdrawn_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    halts: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    resumptions: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bad_position: Option<i64>,
}

impl Sealed {
    /// What is signed, in two statements; nothing while a part of it is missing.
    fn statements(&self) -> Result<(BoxStatement, RecordingStatement), Failed<Message>> {
        let missing = || fault("seal_box says sealed, and leaves out a number or a hash");
        let number = |number: Option<i64>| u64::try_from(number.ok_or_else(missing)?).map_err(fault);
        let hash = |hash: &Option<Vec<u8>>| Digest::from_slice(hash.as_deref().ok_or_else(missing)?).map_err(fault);
        let of_box = BoxStatement {
            count: number(self.box_count)?,
            box_hash: hash(&self.box_hash)?,
            spent_count: number(self.spent_count)?,
            spent_hash: hash(&self.spent_hash)?,
            roll: number(self.roll_count)?,
            withdrawn_hash: hash(&self.withdrawn_hash)?,
        };
        let (halts, resumptions) = (number(self.halts)?, number(self.resumptions)?);
        Ok((of_box, RecordingStatement { box_hash: of_box.box_hash, halts, resumptions }))
    }
}

#[derive(QueryableByName)]
struct Rewritten {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    spent_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    spent_hash: Option<Vec<u8>>,
}

impl Closing {
    pub(crate) fn new(outbox: Outbox, kek_seal: Kek, receipt: ReceiptKey, settings: &Settings) -> Self {
        Self {
            outbox,
            kek_seal: Arc::new(kek_seal),
            receipt: Arc::new(receipt),
            slow: SlowWork::new(WAITING_PIECES),
            process: Uuid::new_v4(),
            grace_seconds: settings.grace_seconds,
            not_opened_or_closed: Postponed::default(),
            postponed_closings: Postponed::default(),
            gives_up_after: settings.gives_up_after,
            wanted: Arc::new(Notify::new()),
        }
    }

    pub(crate) fn kek_seal(&self) -> Arc<Kek> {
        self.kek_seal.clone()
    }

    pub(crate) fn wanted(&self) -> Arc<Notify> {
        self.wanted.clone()
    }

    /// Works until the service stops; steps in progress are finished. The schedule, the turnouts, the mails about halts and the
    /// closing of each election run independently, so none of them waits for another: neither for a large election, whose roll
    /// takes seconds to rewrite, nor for an election that is locked.
    pub async fn run(self, stop: Stopper) {
        futures_util::join!(
            repeat(&stop, POLL, "the clock of elections", async || self.by_the_clock().await.map(drop)),
            repeat(&stop, POLL, "the counting of turnouts", async || self.count_turnouts().await),
            repeat(&stop, POLL, "telling of halted elections", async || self.mail_halts().await),
            self.drive_the_unfinished(&stop),
        );
    }

    async fn drive_the_unfinished(&self, stop: &Stopper) {
        let being_closed = BeingClosed::default();
        let (mut under_way, mut backoff) = (JoinSet::new(), Backoff::default());
        while !stop.is_stopped() {
            let pause = match self.start_closing(&mut under_way, &being_closed, stop).await {
                Ok(()) => {
                    backoff.reset();
                    POLL
                }
                Err(error) => {
                    tracing::warn!(%error, "closing waits for the database");
                    backoff.pause()
                }
            };
            tokio::select! {
                () = self.wanted.notified() => {}
                _ = stop.pause(pause) => {}
            }
            while let Some(ended) = under_way.try_join_next() {
                note_fault(ended);
            }
        }
        while let Some(ended) = under_way.join_next().await {
            note_fault(ended);
        }
    }

    /// Starts closing elections whose next step can be taken now, the oldest first, at most [`MAX_CLOSING`] at the same time. An
    /// election counts only while this process has its lease and there is a step to take.
    async fn start_closing(
        &self,
        under_way: &mut JoinSet<()>,
        being_closed: &BeingClosed,
        stop: &Stopper,
    ) -> Result<(), DatabaseError> {
        for election_id in self.elections_with_next_step().await? {
            let Some(mark) = being_closed.mark(election_id) else { continue };
            // All turns are at work, and none of them waits for anything but its own step.
            if under_way.len() >= MAX_CLOSING {
                break;
            }
            let Some(state) = self.claim(election_id).await? else { continue };
            let (closing, stop) = (self.clone(), stop.clone());
            under_way.spawn_local(async move {
                closing.close_step_by_step(election_id, state, &stop).await;
                drop(mark);
            });
        }
        Ok(())
    }

    /// The unfinished elections that another process is not at, that were not postponed, and that wait for no ballot.
    async fn elections_with_next_step(&self) -> Result<Vec<i64>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let unfinished: Vec<Found> = diesel::sql_query(
            "SELECT e.election_id FROM elections e JOIN tallies t ON t.election_id = e.election_id \
             JOIN chain_heads h ON h.election_id = e.election_id \
             WHERE e.status = 'closed' AND t.state IN ('grace', 'sealed', 'rewritten', 'opening') AND e.election_id <> ALL ($1) \
               AND (t.lease_holder = $2 OR t.lease_until IS NULL OR t.lease_until < clock_timestamp()) \
               AND (t.state <> 'grace' OR t.grace_ends_at <= clock_timestamp() OR h.last_position >= t.stamps_given) \
             ORDER BY e.closed_at, e.election_id",
        )
        .bind::<Array<BigInt>, _>(self.postponed_closings.now())
        .bind::<SqlUuid, _>(self.process)
        .load(&mut connection)
        .await?;
        Ok(unfinished.into_iter().map(|found| found.election_id).collect())
    }

    /// Takes one step after the other, until there is none to take now. It does not wait here: after an error of the database it
    /// returns, and the election is tried again later.
    async fn close_step_by_step(&self, election_id: i64, mut state: TallyState, stop: &Stopper) {
        while !stop.is_stopped() {
            let next = match self.do_step(election_id, state).await {
                Ok(Progress::Advanced) => {
                    self.postponed_closings.no_longer(election_id);
                    self.claim(election_id).await
                }
                Ok(Progress::Nothing | Progress::Failed) => return self.postponed_closings.no_longer(election_id),
                Err(error) => Err(error),
            };
            match next {
                Ok(Some(next)) => state = next,
                Ok(None) => return,
                Err(error) => return self.retry_or_fail(election_id, state, &error).await,
            }
        }
    }

    /// A query that the database has refused for a while will be refused again: the tally counts as failed then.
    async fn retry_or_fail(&self, election_id: i64, state: TallyState, error: &DatabaseError) {
        let refused_for = self.postponed_closings.trouble(election_id, error);
        tracing::warn!(election_id, %state, %error, ?refused_for, "closing an election waits for the database");
        if refused_for < self.gives_up_after {
            return;
        }
        let failed = self.fail(election_id, state, refused(error)).await;
        if let Err(error) = failed.and(self.release(election_id).await) {
            return tracing::warn!(election_id, %error, "that a tally failed is noted later");
        }
        self.postponed_closings.no_longer(election_id);
    }

    /// Takes the next step of one election, unless another process is at it.
    ///
    /// # Errors
    /// The database; nothing was done, or done as a whole.
    pub async fn step(&self, election_id: i64) -> Result<Progress, DatabaseError> {
        match self.claim(election_id).await? {
            Some(state) => self.do_step(election_id, state).await,
            None => Ok(Progress::Nothing),
        }
    }

    /// Takes the step of this state, whose lease is ours.
    async fn do_step(&self, election_id: i64, state: TallyState) -> Result<Progress, DatabaseError> {
        let taken = match state {
            TallyState::Grace => self.seal(election_id).await,
            TallyState::Sealed => self.rewrite(election_id).await,
            TallyState::Rewritten => self.begin_decryption(election_id).await,
            TallyState::Opening => self.decrypt(election_id).await,
            TallyState::Opened | TallyState::Failed => Ok(Progress::Nothing),
        };
        let progress = match taken {
            Ok(progress) => progress,
            Err(Stopped::Fault(reason)) => self.fail(election_id, state, reason).await?,
            Err(Stopped::Trouble(error)) => return Err(error),
        };
        if progress != Progress::Advanced {
            self.release(election_id).await?;
        }
        Ok(progress)
    }

    /// Step 2: when no ballot can come any more, the box is sealed. Two statements are signed in the same transaction and mailed to
    /// the admin: over the box, the spent list and the size of the roll, and over halts of the recording. The stamp key is gone with it.
    async fn seal(&self, election_id: i64) -> Result<Progress, Stopped> {
        let receipt = self.receipt.clone();
        let sealed = self.outbox.audited("seal the box", async move |tx| {
            if !is_in(tx.connection(), election_id, TallyState::Grace).await? {
                return Ok(Audited::unchanged(Progress::Nothing));
            }
            let asked = diesel::sql_query(
                "SELECT outcome, box_count, box_hash, spent_count, spent_hash, roll_count, withdrawn_hash, halts, resumptions, \
                 bad_position FROM seal_box($1)",
            );
            let sealed: Sealed = asked.bind::<BigInt, _>(election_id).get_result(tx.connection()).await?;
            let (statement, recording) = match (sealed.outcome.as_str(), sealed.bad_position) {
                ("sealed", _) => sealed.statements()?,
                ("waiting", _) => return Ok(Audited::unchanged(Progress::Nothing)),
                ("chain-broken", Some(position)) => {
                    return Err(Failed::Refused(say!(count_chain_broken, position = position)));
                }
                (other, _) => return Err(Failed::Refused(say!(count_step_unexpected, step = "seal_box", outcome = other))),
            };
            let signature = receipt::sign_box(&receipt, election_id, &statement).map_err(fault)?;
            keep_signature(tx.connection(), election_id, Statement::Box, &signature).await?;
            let recording_signature = receipt::sign_recording(&receipt, election_id, &recording).map_err(fault)?;
            keep_signature(tx.connection(), election_id, Statement::Recording, &recording_signature).await?;
            let commitment = |election_title| {
                Mail::BoxCommitment(BoxCommitment {
                    election_title,
                    box_count: statement.count,
                    box_hash: statement.box_hash.to_hex(),
                    spent_count: statement.spent_count,
                    spent_hash: statement.spent_hash.to_hex(),
                    roll_count: statement.roll,
                    withdrawn_hash: statement.withdrawn_hash.to_hex(),
                    box_signature: STANDARD.encode(&signature),
                    halts: recording.halts,
                    resumptions: recording.resumptions,
                    recording_signature: STANDARD.encode(&recording_signature),
                })
            };
            mail_admin(tx, election_id, commitment).await?;
            let kind = AuditEventKind::BoxSealed {
                ballots: statement.count,
                box_hash: statement.box_hash.to_hex(),
                used_rights: statement.spent_count,
                spent_hash: statement.spent_hash.to_hex(),
                roll: statement.roll,
                withdrawn_hash: statement.withdrawn_hash.to_hex(),
                halts: recording.halts,
                resumptions: recording.resumptions,
            };
            Ok(Audited::new(Progress::Advanced, AuditEvent::now(kind).to(election_id)))
        });
        Ok(sealed.await?)
    }

    /// Step 3: the list of who took part is rewritten in random order. The spent list stays the one that step 2 committed to.
    async fn rewrite(&self, election_id: i64) -> Result<Progress, Stopped> {
        let rewritten = self.outbox.audited("rewrite participation", async move |tx| {
            if !is_in(tx.connection(), election_id, TallyState::Sealed).await? {
                return Ok(Audited::unchanged(Progress::Nothing));
            }
            let asked = diesel::sql_query("SELECT outcome, spent_count, spent_hash FROM anonymise_participation($1)");
            let done: Rewritten = asked.bind::<BigInt, _>(election_id).get_result(tx.connection()).await?;
            let kind = match (done.outcome.as_str(), done.spent_count, done.spent_hash) {
                ("rewritten", Some(used_rights), Some(hash)) => {
                    AuditEventKind::ParticipationRewritten { used_rights, spent_hash: hex::encode(hash) }
                }
                (other, ..) => {
                    return Err(Failed::Refused(say!(count_step_unexpected, step = "anonymise_participation", outcome = other)));
                }
            };
            Ok(Audited::new(Progress::Advanced, AuditEvent::now(kind).to(election_id)))
        });
        Ok(rewritten.await?)
    }

    /// Keeps why the tally cannot go on, and tells the audit log and, by mail, the admin. A retry that fails again is told again.
    async fn fail(&self, election_id: i64, state: TallyState, reason: Message) -> Result<Progress, DatabaseError> {
        tracing::error!(election_id, %state, %reason, "the tally failed");
        metrics::counter!("election_tally_failures_total").increment(1);
        let failed = self.outbox.audited("fail the tally", async move |tx| {
            if !is_in(tx.connection(), election_id, state).await? {
                return Ok(Audited::unchanged(Progress::Nothing));
            }
            diesel::update(tallies::table.find(election_id))
                .set((
                    tallies::state.eq(TallyState::Failed.as_str()),
                    tallies::failed_in.eq(state.as_str()),
                    tallies::error.eq(reason.to_store()),
                ))
                .execute(tx.connection())
                .await?;
            let cause = ActionCause::CountStopped { reason: reason.to_string(), message: Some(reason.clone()) };
            action_needed(tx, election_id, cause).await?;
            let kind = AuditEventKind::TallyFailed { step: state.to_string(), reason: reason.to_string() };
            Ok(Audited::new(Progress::Failed, AuditEvent::now(kind).to(election_id)))
        });
        failed.await.map_err(|failed: Failed<Infallible>| failed.into())
    }
}

/// Whether the election still is where this step begins; it stays there until the transaction ends.
pub(crate) async fn is_in(
    connection: &mut Connection,
    election_id: i64,
    state: TallyState,
) -> Result<bool, diesel::result::Error> {
    let _: i64 = elections::table.find(election_id).select(elections::election_id).for_no_key_update().first(connection).await?;
    let found: Option<String> =
        tallies::table.find(election_id).select(tallies::state).for_no_key_update().first(connection).await.optional()?;
    Ok(found.as_deref() == Some(state.as_str()))
}

/// What the installation signs while it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Statement {
    /// The box commitment.
    Box,
    /// How often recording was halted and resumed.
    Recording,
    /// What was found in the box.
    Decryption,
}

impl Statement {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::Recording => "recording",
            Self::Decryption => "decryption",
        }
    }
}

/// Keeps a signature for good: nothing replaces it.
pub(crate) async fn keep_signature(
    connection: &mut Connection,
    election_id: i64,
    statement: Statement,
    signature: &[u8],
) -> QueryResult<()> {
    diesel::insert_into(tally_signatures::table)
        .values((
            tally_signatures::election_id.eq(election_id),
            tally_signatures::statement.eq(statement.as_str()),
            tally_signatures::signature.eq(signature),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What stays wrong when it is tried again.
pub(crate) fn fault(cause: impl std::fmt::Display) -> Failed<Message> {
    Failed::Refused(say!(count_fault, cause = cause.to_string()))
}

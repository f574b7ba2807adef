//! The election a call is about: whose it is, and what its state allows. Another admin's election does not exist.

use chrono::{DateTime, Utc};
use contract::email::Local;
use contract::problems;
use database::{Connection, DatabaseError, Failed, Slot, TextColumn, lock_election, violated_constraint};
use diesel::dsl::Nullable;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::{Action, LifeCycleState, NotAllowed, Status, TallyState};
use identity::{Caller, Role};
use problem::{Missing, Problem};

use crate::State;
use crate::schema::{clock_timestamp, elections, hold_election, tallies};

/// An election as this service may see it.
#[derive(Debug, Clone, Queryable, Selectable)]
pub(crate) struct Election {
    pub(crate) election_id: i64,
    admin_id: i64,
    pub(crate) title: String,
    status: TextColumn<Status>,
    #[diesel(select_expression = tallies::state.nullable(), select_expression_type = Nullable<tallies::state>)]
    tally_state: Option<TextColumn<TallyState>>,
    pub(crate) closes_at: Option<DateTime<Utc>>,
    locale: String,
    timezone: String,
    pub(crate) results_published_at: Option<DateTime<Utc>>,
    pub(crate) anonymised_at: Option<DateTime<Utc>>,
}

impl Election {
    /// What its mails need to know of it: which it is, and in which language and local time they speak.
    pub(crate) fn of_mails(&self) -> (i64, Local) {
        (self.election_id, Local { locale: self.locale.clone(), timezone: self.timezone.clone() })
    }

    /// Whether voting is open, as far as the election's state says.
    pub(crate) fn is_active(&self) -> bool {
        *self.status == Status::Active
    }

    /// Asks the rule whether this may be done now.
    pub(crate) fn must_allow(&self, action: Action, now: DateTime<Utc>) -> Result<(), Problem> {
        let life_cycle_state = LifeCycleState {
            status: *self.status,
            tally: self.tally_state.map(|state| *state),
            published: self.results_published_at.is_some(),
        };
        life_cycle_state.allows(action).map_err(not_allowed)?;
        // After `closes_at` no ballot is taken, even if the close has not run yet: a link would be useless.
        let needs_time = matches!(action, Action::SendLinks | Action::Remind | Action::AmendRoll | Action::CorrectRoll);
        if needs_time && self.is_active() && self.closes_at.is_some_and(|at| at <= now) {
            return Err(not_allowed(NotAllowed::VotingEnded));
        }
        Ok(())
    }
}

/// The refusal of a rule, as an answer.
pub(crate) fn not_allowed(why: NotAllowed) -> Problem {
    let kind = if why == NotAllowed::NotPublished { problems::RESULTS_NOT_PUBLISHED } else { problems::CONFLICT };
    Problem::new(kind, why)
}

/// Another admin's election is refused with the words of one that does not exist.
fn only_own(found: Option<Election>, caller: &Caller) -> Result<Election, Problem> {
    found.filter(|election| election.admin_id == caller.admin_id).ok_or_else(|| Problem::not_found(Missing::Election))
}

/// An election to look at: the caller's own, or any for a superadmin.
pub(crate) async fn to_read(connection: &mut Connection, election_id: i64, caller: &Caller) -> Result<Election, Failed<Problem>> {
    let found = read(connection, election_id).await?;
    match (found, caller.role) {
        (Some(election), Role::Superadmin) => Ok(election),
        (found, _) => only_own(found, caller).map_err(Failed::Refused),
    }
}

/// An election of the caller's own as it is now, without holding it: for a first look, which is repeated under [`to_change`].
pub(crate) async fn of_caller(
    connection: &mut Connection,
    election_id: i64,
    caller: &Caller,
) -> Result<(Election, DateTime<Utc>), Problem> {
    let own = only_own(read(connection, election_id).await.map_err(DatabaseError::from)?, caller)?;
    let now = diesel::select(clock_timestamp()).get_result(connection).await.map_err(DatabaseError::from)?;
    Ok((own, now))
}

/// An election whose roll is to be looked at: the caller's own. A superadmin sees the state of every election, and of no other's
/// election the names and addresses of the people in it.
pub(crate) async fn to_read_roll(connection: &mut Connection, election_id: i64, caller: &Caller) -> Result<(), Failed<Problem>> {
    only_own(read(connection, election_id).await?, caller).map(|_| ()).map_err(Failed::Refused)
}

impl State {
    /// Every change of the caller's own election calls this before its transaction. It checks the rule without a lock, so that a
    /// refusal waits for nobody, and then waits for a slot without holding a connection. [`to_change`] checks again under the
    /// lock.
    pub(crate) async fn acquire_slot(
        &self,
        election_id: i64,
        caller: &Caller,
        action: impl FnOnce(&Election) -> Action,
    ) -> Result<Slot, Problem> {
        let mut connection = self.database().connection().await?;
        let (election, now) = of_caller(&mut connection, election_id, caller).await?;
        drop(connection);
        election.must_allow(action(&election), now)?;
        Ok(self.election_limits.acquire(election_id).await?)
    }
}

/// The action that adding or removing a voter is: `AmendRoll` while voting is open, otherwise `ChangeRoll`.
pub(crate) fn roll_change(election: &Election) -> Action {
    if election.is_active() { Action::AmendRoll } else { Action::ChangeRoll }
}

/// An election to change: the caller's own, locked until the end of the transaction. What is read afterwards stays true until
/// then, because activation and closing wait. The owner is checked before the lock, so that a stranger cannot make anybody wait.
pub(crate) async fn to_change(
    connection: &mut Connection,
    election_id: i64,
    caller: &Caller,
) -> Result<(Election, DateTime<Utc>), Failed<Problem>> {
    only_own(read(connection, election_id).await?, caller).map_err(Failed::Refused)?;
    let hold = diesel::select(hold_election(election_id));
    lock_election(connection, async |connection| hold.get_result::<Option<String>>(connection).await).await?;
    // Read again: it may have been deleted or changed while this waited for the lock.
    let held = only_own(read(connection, election_id).await?, caller).map_err(Failed::Refused)?;
    let now = diesel::select(clock_timestamp()).get_result(connection).await?;
    Ok((held, now))
}

/// An election that a job of this service works on, held as by [`to_change`]; nothing when it is gone.
pub(crate) async fn to_work_on(connection: &mut Connection, election_id: i64) -> QueryResult<Option<(Election, DateTime<Utc>)>> {
    diesel::select(hold_election(election_id)).get_result::<Option<String>>(connection).await?;
    let Some(held) = read(connection, election_id).await? else { return Ok(None) };
    let now = diesel::select(clock_timestamp()).get_result(connection).await?;
    Ok(Some((held, now)))
}

async fn read(connection: &mut Connection, election_id: i64) -> QueryResult<Option<Election>> {
    let found = elections::table.left_join(tallies::table).filter(elections::election_id.eq(election_id));
    found.select(Election::as_select()).first(connection).await.optional()
}

/// The triggers' refusals. They say the same as the rule that was asked before; they hold when that rule is wrong.
pub(crate) fn refused_by_trigger(error: &diesel::result::Error) -> Option<Problem> {
    let why = match violated_constraint(error)? {
        "election_frozen" => NotAllowed::Frozen,
        "roll_frozen" => NotAllowed::RollClosed,
        "links_frozen" => NotAllowed::VotingEnded,
        _ => return None,
    };
    Some(not_allowed(why))
}

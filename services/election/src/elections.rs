//! The election as its admin sees it: one, or a list of them. Everything else in this service finds its election here.
//!
//! Another admin's election does not exist (404); a superadmin sees the state of every election and changes none.

use std::collections::HashMap;

use actix_web::web;
use chrono::{DateTime, Utc};
use contract::elections::{Amendment, Contest, CountStopped, Election, Turnout};
use contract::problems::{self, Notice};
use contract::{Page, Paging};
use counting::{Family, Rule};
use database::{Connection, DatabaseError, Document, Failed, TextColumn, lock_election};
use diesel::dsl::{Nullable, count_star, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use domain::contest::{BallotOrder, Standing};
use domain::election::{Action, LifeCycleState, Profile, Publish, Status, TallyState};
use identity::{Caller, Role};
use messages::{Language, Message, Zone, say};
use outbox::{Audited, AuditedTx};
use problem::{Json, Missing, Problem, Query};

use crate::State;
use crate::schema::{self, candidates, clock_timestamp, contests, elections, manifests, tallies};
use crate::tally::count_stopped;

/// An election as it is stored, with the hash of its manifest and where its tally stands.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct Row {
    pub(crate) election_id: i64,
    pub(crate) admin_id: i64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) status: TextColumn<Status>,
    pub(crate) profile: TextColumn<Profile>,
    pub(crate) publish: TextColumn<Publish>,
    pub(crate) custody: String,
    pub(crate) opens_at: Option<DateTime<Utc>>,
    pub(crate) closes_at: Option<DateTime<Utc>>,
    pub(crate) locale: TextColumn<Language>,
    pub(crate) timezone: TextColumn<Zone>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) activated_at: Option<DateTime<Utc>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) archived_at: Option<DateTime<Utc>>,
    pub(crate) not_opened_told_at: Option<DateTime<Utc>>,
    pub(crate) results_published_at: Option<DateTime<Utc>>,
    pub(crate) anonymised_at: Option<DateTime<Utc>>,
    #[diesel(select_expression = manifests::hash.nullable(), select_expression_type = Nullable<manifests::hash>)]
    pub(crate) manifest_hash: Option<Vec<u8>>,
    #[diesel(select_expression = tallies::state.nullable(), select_expression_type = Nullable<tallies::state>)]
    pub(crate) tally_state: Option<TextColumn<TallyState>>,
    #[diesel(select_expression = tallies::failed_in.nullable(), select_expression_type = Nullable<tallies::failed_in>)]
    pub(crate) tally_failed_in: Option<TextColumn<TallyState>>,
    #[diesel(select_expression = tallies::error.nullable(), select_expression_type = Nullable<tallies::error>)]
    pub(crate) tally_error: Option<String>,
}

/// A contest as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contests, check_for_backend(Pg))]
pub(crate) struct ContestRow {
    pub(crate) contest_id: i64,
    pub(crate) election_id: i64,
    pub(crate) title: String,
    pub(crate) text: Option<String>,
    pub(crate) rule: Document<Rule>,
    pub(crate) ballot_order: TextColumn<BallotOrder>,
}

#[derive(QueryableByName)]
struct TurnoutRow {
    #[diesel(sql_type = BigInt)]
    election_id: i64,
    #[diesel(sql_type = BigInt)]
    roll: i64,
    #[diesel(sql_type = BigInt)]
    voted: i64,
    #[diesel(sql_type = Text)]
    amendments: String,
}

#[derive(QueryableByName)]
struct Unsent {
    #[diesel(sql_type = BigInt)]
    unsent: i64,
}

impl Row {
    /// The state that the rules of `domain` check.
    pub(crate) fn life_cycle_state(&self) -> LifeCycleState {
        LifeCycleState {
            status: *self.status,
            tally: self.tally_state.map(|state| *state),
            published: self.results_published_at.is_some(),
        }
    }

    /// Asks the life cycle; the refusal names the rule.
    pub(crate) fn allows(&self, action: Action) -> Result<(), Problem> {
        self.life_cycle_state().allows(action).map_err(conflict)
    }
}

impl From<ContestRow> for Contest {
    fn from(row: ContestRow) -> Self {
        let rule = row.rule.0;
        Self {
            contest_id: row.contest_id,
            title: row.title,
            text: row.text,
            family: rule.family(),
            sentence: domain::method_texts::sentence(&rule),
            seats: rule.seats(),
            rule,
            ballot_order: row.ballot_order.to_string(),
        }
    }
}

/// A rule of the life cycle says no.
pub(crate) fn conflict(rule: impl Into<Message>) -> Problem {
    Problem::new(problems::CONFLICT, rule)
}

/// One election.
#[utoipa::path(
    get, path = "/api/elections/{id}", tag = "elections", security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The election", body = Election),
    )
)]
pub(crate) async fn show(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let mut connection = state.database.connection().await?;
    let row = visible(&mut connection, &caller, *id).await?;
    Ok(Json(describe(&mut connection, row).await?))
}

/// The caller's elections in the order of their ids; for a superadmin everybody's.
#[utoipa::path(
    get, path = "/api/elections", tag = "elections", security(("bearer" = ["admin"])), params(Paging),
    responses(
        (status = 200, description = "A page of elections", body = Page<Election>),
    )
)]
pub(crate) async fn list(
    state: web::Data<State>,
    caller: Caller,
    paging: Query<Paging>,
) -> Result<Json<Page<Election>>, Problem> {
    let mut connection = state.database.connection().await?;
    let limit = paging.limit();
    let mut query = rows().select(Row::as_select()).order(elections::election_id).limit(limit + 1).into_boxed();
    if caller.role != Role::Superadmin {
        query = query.filter(elections::admin_id.eq(caller.admin_id));
    }
    if let Some(after) = paging.after {
        query = query.filter(elections::election_id.gt(after));
    }
    let rows: Vec<Row> = query.load(&mut connection).await.map_err(DatabaseError::from)?;
    let Page { items, next } = Page::cut(rows, limit, |row| row.election_id);
    Ok(Json(Page { items: describe_all(&mut connection, items).await?, next }))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn rows() -> _ {
    elections::table.left_join(manifests::table).left_join(tallies::table)
}

/// Reads one election. To read it under a lock, lock its row in `elections` first and call this afterwards: PostgreSQL does not
/// lock the outer side of a LEFT JOIN, and the joined rows would be as they were before the wait for the lock.
pub(crate) async fn row_of(connection: &mut Connection, election_id: i64) -> QueryResult<Row> {
    rows().filter(elections::election_id.eq(election_id)).select(Row::as_select()).first(connection).await
}

/// The election, if the caller may read it.
pub(crate) async fn visible(connection: &mut Connection, caller: &Caller, election_id: i64) -> Result<Row, Problem> {
    let row = row_of(connection, election_id).await.optional().map_err(DatabaseError::from)?;
    row.filter(|row| row.admin_id == caller.admin_id || caller.role == Role::Superadmin)
        .ok_or_else(|| Problem::not_found(Missing::Election))
}

impl State {
    /// Changes the caller's own election. `first` checks the rule without a lock, so that a refusal waits for nobody. `work` gets
    /// the election as it is under the lock, and must check the rule again.
    pub(crate) async fn change_own<T, F>(
        &self,
        name: &'static str,
        (admin_id, election_id): (i64, i64),
        first: impl FnOnce(&Row) -> Result<(), Problem>,
        work: F,
    ) -> Result<T, Problem>
    where
        T: 'static,
        F: AsyncFn(&mut AuditedTx<'_>, Row) -> Result<Audited<T>, Failed<Problem>> + 'static,
    {
        let mut connection = self.database.connection().await?;
        let row = row_of(&mut connection, election_id).await.optional().map_err(DatabaseError::from)?;
        drop(connection);
        first(&row.filter(|row| row.admin_id == admin_id).ok_or_else(|| Problem::not_found(Missing::Election))?)?;
        let _slot = self.election_limits.acquire(election_id).await?;
        let changed = self.outbox.audited(name, async move |tx| {
            let row = lock_own(tx.connection(), admin_id, election_id).await?;
            work(tx, row).await
        });
        Ok(changed.await?)
    }
}

/// The admin's own election, locked until the transaction ends. FOR NO KEY UPDATE: foreign-key checks of voters and
/// candidates pass it, and deadlocks with them cannot arise.
async fn lock_own(connection: &mut Connection, admin_id: i64, election_id: i64) -> Result<Row, Failed<Problem>> {
    let hold = elections::table
        .find(election_id)
        .filter(elections::admin_id.eq(admin_id))
        .select(elections::election_id)
        .for_no_key_update();
    let own: Option<i64> = lock_election(connection, async |connection| hold.first(connection).await.optional()).await?;
    let own = own.ok_or_else(|| Failed::Refused(Problem::not_found(Missing::Election)))?;
    Ok(row_of(connection, own).await?)
}

/// Reads the election again after a change in this transaction, as the answer shows it.
pub(crate) async fn reread(connection: &mut Connection, election_id: i64) -> Result<Election, DatabaseError> {
    let row = row_of(connection, election_id).await?;
    describe(connection, row).await
}

/// The contests of an election in ballot order.
pub(crate) async fn contests_of(connection: &mut Connection, election_ids: &[i64]) -> Result<Vec<ContestRow>, DatabaseError> {
    let order = (contests::election_id, contests::display_order, contests::contest_id);
    let found = contests::table.filter(contests::election_id.eq_any(election_ids)).order(order).select(ContestRow::as_select());
    Ok(found.load(connection).await?)
}

/// The object of one election, with what its admin should be warned of.
pub(crate) async fn describe(connection: &mut Connection, row: Row) -> Result<Election, DatabaseError> {
    let mut described = describe_all(connection, vec![row]).await?;
    let mut election = described.pop().ok_or(DatabaseError::Query(diesel::NotFound))?;
    let warnings = warnings(connection, &election).await?;
    election.warnings = warnings.iter().map(ToString::to_string).collect();
    election.notices = warnings.into_iter().map(Notice::from).collect();
    Ok(election)
}

/// What its admin should know at any time. Before the opening `check` says more.
async fn warnings(connection: &mut Connection, election: &Election) -> Result<Vec<Message>, DatabaseError> {
    let mut warnings = Vec::new();
    let is = |status: &[&str]| status.contains(&election.status.as_str());
    if let Some(CountStopped { reason, code, params, .. }) = &election.count_stopped {
        let reason = Message::received(code, params, reason);
        warnings.push(say!(count_stopped_warning, reason = reason, next = CountStopped::next()));
    }
    if is(&["active", "closed", "archived"]) && crate::halted::is_halted(connection, election.election_id).await? {
        warnings.push(crate::halted::warning(&election.status));
    }
    let end_passed = elections::table
        .find(election.election_id)
        .filter(elections::status.eq(Status::Scheduled.as_str()))
        .filter(elections::closes_at.le(clock_timestamp().nullable()));
    if diesel::select(exists(end_passed)).get_result(connection).await? {
        warnings.push(say!(opening_missed_end));
    } else if election.status == Status::Scheduled.as_str() && roll_is_empty(connection, election.election_id).await? {
        warnings.push(say!(opening_needs_roll));
    }
    if is(&["scheduled", "active"]) {
        match links_unsent(connection, election.election_id).await? {
            0 => {}
            voters => warnings.push(say!(links_unsent, voters = voters)),
        }
    }
    if is(&["draft", "scheduled"]) {
        let candidate_counts: Vec<(i64, i64)> = candidates::table
            .filter(candidates::election_id.eq(election.election_id))
            .filter(candidates::standing.ne(Standing::NoneOfTheAbove.as_str()))
            .group_by(candidates::contest_id)
            .select((candidates::contest_id, count_star()))
            .load(connection)
            .await?;
        for contest in &election.contests {
            let found =
                candidate_counts.iter().find(|(contest_id, _)| *contest_id == contest.contest_id).map_or(0, |(_, count)| *count);
            if contest.family != Family::Motion && found > 1 && found <= i64::from(contest.seats) {
                let Contest { title, seats, .. } = contest;
                warnings.push(say!(contest_everybody_elected, contest = title, candidates = found, seats = *seats));
            }
            warnings.extend(ranking_warning(election, contest, found));
        }
    }
    if election.publish == Publish::Manual.as_str()
        && election.tally_state.as_deref() == Some(TallyState::Opened.as_str())
        && election.results_published_at.is_none()
    {
        warnings.push(say!(result_kept_back));
    }
    Ok(warnings)
}

/// What a dictated ranking gives away; it says how many voters there are once there are candidates and a roll to compare.
fn ranking_warning(election: &Election, contest: &Contest, candidates: i64) -> Option<Message> {
    let (title, roll) = (&contest.title, u64::try_from(election.turnout.roll).unwrap_or(0));
    let candidates = usize::try_from(candidates).unwrap_or(0);
    if roll > 0 && contest.rule.orders_recognise_voters(candidates, roll) {
        return Some(say!(orders_exceed_voters, contest = title, why = say!(ranking_recognised)));
    }
    let is_ranked = contest.family == Family::Ranking;
    is_ranked.then(|| say!(ranking_warning, contest = title, why = say!(ranking_recognised)))
}

/// Parses the JSON of `amendments_of`. A parse error is a 500, not a panic.
pub(crate) fn announced(amendments: &str) -> QueryResult<Vec<Amendment>> {
    serde_json::from_str(amendments).map_err(|cause| diesel::result::Error::DeserializationError(cause.into()))
}

/// Whether there is no voter on the roll.
pub(crate) async fn roll_is_empty(connection: &mut Connection, election_id: i64) -> Result<bool, diesel::result::Error> {
    diesel::select(schema::roll_is_empty(election_id)).get_result(connection).await
}

/// To how many voters on the roll the organiser has sent no link.
pub(crate) async fn links_unsent(connection: &mut Connection, election_id: i64) -> Result<i64, diesel::result::Error> {
    let asked = diesel::sql_query("SELECT links_unsent($1) AS unsent").bind::<BigInt, _>(election_id);
    let Unsent { unsent } = asked.get_result(connection).await?;
    Ok(unsent)
}

/// The turnout of one election as it may be shown.
pub(crate) async fn turnout(connection: &mut Connection, election_id: i64) -> Result<Turnout, DatabaseError> {
    let asked = diesel::sql_query("SELECT $1 AS election_id, roll, voted, '' AS amendments FROM turnout($1)");
    let TurnoutRow { roll, voted, .. } = asked.bind::<BigInt, _>(election_id).get_result(connection).await?;
    Ok(Turnout { roll, voted })
}

async fn describe_all(connection: &mut Connection, rows: Vec<Row>) -> Result<Vec<Election>, DatabaseError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.election_id).collect();
    let mut questions: HashMap<i64, Vec<Contest>> = HashMap::new();
    for contest in contests_of(connection, &ids).await? {
        questions.entry(contest.election_id).or_default().push(contest.into());
    }
    let found: Vec<TurnoutRow> = diesel::sql_query(
        "SELECT e AS election_id, t.roll, t.voted, amendments_of(e) AS amendments \
         FROM unnest($1) AS e CROSS JOIN LATERAL turnout(e) t",
    )
    .bind::<Array<BigInt>, _>(&ids)
    .load(connection)
    .await?;
    let mut turnouts = HashMap::new();
    let mut amended = HashMap::new();
    for TurnoutRow { election_id, roll, voted, amendments } in found {
        turnouts.insert(election_id, Turnout { roll, voted });
        amended.insert(election_id, announced(&amendments)?);
    }
    let describe = |row: Row| Election {
        contests: questions.remove(&row.election_id).unwrap_or_default(),
        amendments: amended.remove(&row.election_id).unwrap_or_default(),
        anonymised_at: row.anonymised_at,
        turnout: turnouts.get(&row.election_id).copied().unwrap_or_default(),
        election_id: row.election_id,
        title: row.title,
        description: row.description,
        status: row.status.to_string(),
        profile: row.profile.to_string(),
        publish: row.publish.to_string(),
        custody: row.custody,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        locale: row.locale.tag().to_owned(),
        timezone: row.timezone.name().to_owned(),
        created_at: row.created_at,
        activated_at: row.activated_at,
        closed_at: row.closed_at,
        archived_at: row.archived_at,
        results_published_at: row.results_published_at,
        count_stopped: count_stopped(row.tally_failed_in, row.tally_error.as_deref()),
        tally_state: row.tally_state.map(|state| state.to_string()),
        manifest_hash: row.manifest_hash.map(hex::encode),
        warnings: Vec::new(),
        notices: Vec::new(),
    };
    Ok(rows.into_iter().map(describe).collect())
}

//! The lines of a file on their way to the roll. They are written in short transactions of their own, which lock nothing of the
//! election, and moved by one statement. The lines of an import that waits for its organiser (`previews`) lie here too.

use std::time::Duration;

use contract::admin::LineKind;
use database::{Connection, Database, DatabaseError};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::roll::Entry;
use launch::{Stopper, repeat};
use uuid::Uuid;

use crate::roll_file::{self, OtherLine};
use crate::schema::{staged_voters, voter_imports};

/// Rows of one INSERT; each is a hundred bytes or so, and the statement goes over in one message.
const ROWS: usize = 5000;
/// An import is done within seconds, and one that waits for its organiser is deleted after an hour. Older lines belong to an
/// import whose process was killed.
const DEAD_AFTER_HOURS: i32 = 1;
const PAUSE: Duration = Duration::from_secs(60);

/// What one import has staged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    import_id: Uuid,
    /// How many lines are new ones.
    new: i64,
}

/// A line to be staged.
pub(crate) struct Row<'l> {
    line: u64,
    kind: LineKind,
    cells: [&'l str; 5],
    reasons: Option<String>,
}

impl<'l> Row<'l> {
    /// A line that goes to the roll.
    pub(crate) fn new(line: u64, entry: &'l Entry) -> Self {
        Self { line, kind: LineKind::New, cells: roll_file::cells_of(entry), reasons: None }
    }

    /// A line that is only shown.
    pub(crate) fn other(other: &'l OtherLine) -> Self {
        let kind = if other.is_duplicate { LineKind::Duplicate } else { LineKind::Rejected };
        let reasons = serde_json::to_string(&other.reasons).ok();
        Self { line: other.line, kind, cells: other.cells.each_ref().map(String::as_str), reasons }
    }

    fn cell(&self, at: usize) -> Option<&'l str> {
        self.cells.get(at).copied().filter(|cell| !cell.is_empty())
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Emptied {
    #[diesel(sql_type = Bool)]
    emptied: bool,
}

impl Staged {
    /// The lines of an import that waits, of which so many are new ones.
    pub(crate) fn waiting(import_id: Uuid, new: i64) -> Self {
        Self { import_id, new }
    }

    /// The number under which the lines are stored.
    pub(crate) fn import_id(self) -> Uuid {
        self.import_id
    }

    /// Writes the lines with their numbers. Each chunk is committed by itself.
    pub(crate) async fn write(database: &Database, rows: &[Row<'_>]) -> Result<Self, DatabaseError> {
        const SQL: &str = "INSERT INTO staged_voters (import_id, line, kind, email, first_name, last_name, student_id, cohort, reasons) \
             SELECT $1, n.line, n.kind, coalesce(n.email, ''), n.first_name, n.last_name, n.student_id, n.cohort, n.reasons::jsonb \
             FROM unnest($2, $3, $4, $5, $6, $7, $8, $9) \
                 AS n (line, kind, email, first_name, last_name, student_id, cohort, reasons)";
        let new = rows.iter().filter(|row| row.kind == LineKind::New).count();
        let staged = Self { import_id: Uuid::new_v4(), new: i64::try_from(new).unwrap_or(i64::MAX) };
        let mut connection = database.connection().await?;
        for rows in rows.chunks(ROWS) {
            let column = |at: usize| rows.iter().map(|row| row.cell(at)).collect::<Vec<_>>();
            let lines: Vec<i64> = rows.iter().map(|row| i64::try_from(row.line).unwrap_or(i64::MAX)).collect();
            let kinds: Vec<&str> = rows.iter().map(|row| row.kind.into()).collect();
            let reasons: Vec<Option<&str>> = rows.iter().map(|row| row.reasons.as_deref()).collect();
            diesel::sql_query(SQL)
                .bind::<diesel::sql_types::Uuid, _>(staged.import_id)
                .bind::<Array<BigInt>, _>(lines)
                .bind::<Array<Text>, _>(kinds)
                .bind::<Array<Nullable<Text>>, _>(column(0))
                .bind::<Array<Nullable<Text>>, _>(column(1))
                .bind::<Array<Nullable<Text>>, _>(column(2))
                .bind::<Array<Nullable<Text>>, _>(column(3))
                .bind::<Array<Nullable<Text>>, _>(column(4))
                .bind::<Array<Nullable<Text>>, _>(reasons)
                .execute(&mut connection)
                .await?;
        }
        Ok(staged)
    }

    /// Moves all new lines to the roll in the order of the file, while voting is open with a reason (`late`). Answers how many
    /// were not on it yet.
    pub(crate) async fn move_to_roll(
        self,
        connection: &mut Connection,
        election_id: i64,
        reason: Option<&Reason>,
    ) -> QueryResult<u64> {
        self.must_be_whole(connection).await?;
        match reason {
            Some(reason) => self.add_late(connection, election_id, reason).await,
            None => self.add(connection, election_id).await,
        }
    }

    async fn add(self, connection: &mut Connection, election_id: i64) -> QueryResult<u64> {
        const SQL: &str = "INSERT INTO voters (election_id, email, first_name, last_name, student_id, cohort) \
             SELECT $1, s.email, s.first_name, s.last_name, s.student_id, s.cohort \
             FROM staged_voters s WHERE s.import_id = $2 AND s.kind = 'new' ORDER BY s.line \
             ON CONFLICT (election_id, lower(email)) WHERE NOT deleted DO NOTHING";
        let added = diesel::sql_query(SQL)
            .bind::<BigInt, _>(election_id)
            .bind::<diesel::sql_types::Uuid, _>(self.import_id)
            .execute(connection)
            .await?;
        Ok(added as u64)
    }

    /// The same while voting is open, with an announcement of how many and why (`late`).
    async fn add_late(self, connection: &mut Connection, election_id: i64, reason: &Reason) -> QueryResult<u64> {
        const SQL: &str = "WITH file AS ( \
                 SELECT array_agg(s.email ORDER BY s.line) AS emails, array_agg(s.first_name ORDER BY s.line) AS first_names, \
                        array_agg(s.last_name ORDER BY s.line) AS last_names, \
                        array_agg(s.student_id ORDER BY s.line) AS student_ids, array_agg(s.cohort ORDER BY s.line) AS cohorts \
                 FROM staged_voters s WHERE s.import_id = $3 AND s.kind = 'new') \
             SELECT count(*) AS number FROM file f, \
                 add_late_voters($1, $2, f.emails, f.first_names, f.last_names, f.student_ids, f.cohorts)";
        let Number { number } = diesel::sql_query(SQL)
            .bind::<BigInt, _>(election_id)
            .bind::<Text, _>(reason.as_str())
            .bind::<diesel::sql_types::Uuid, _>(self.import_id)
            .get_result(connection)
            .await?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// Checks that all staged lines are still there: a crash of PostgreSQL empties an unlogged table, and the clean-up
    /// deletes lines that have waited for too long.
    async fn must_be_whole(self, connection: &mut Connection) -> QueryResult<()> {
        let of_import = staged_voters::table.filter(staged_voters::import_id.eq(self.import_id));
        let rows: i64 = of_import.filter(staged_voters::kind.eq("new")).count().get_result(connection).await?;
        if rows == self.new { Ok(()) } else { Err(diesel::NotFound) }
    }

    /// Deletes the staged lines. If that fails, the clean-up deletes them.
    pub(crate) async fn delete(self, database: &Database) {
        let deleted = async {
            let mut connection = database.connection().await?;
            let of_import = staged_voters::table.filter(staged_voters::import_id.eq(self.import_id));
            diesel::delete(of_import).execute(&mut connection).await.map_err(DatabaseError::from)
        };
        if let Err(error) = deleted.await {
            tracing::warn!(%error, "the staged lines of an import are deleted later");
        }
    }
}

/// Deletes what nobody waits for any more, at the start and every minute: imports that were not confirmed within their hour, and
/// lines of imports whose process was killed. Then the table gets an empty file, because deleted rows stay in the old one.
pub(crate) async fn run(database: Database, stop: Stopper) {
    repeat(&stop, PAUSE, "deleting staged lines", async || {
        let (imports, rows) = delete_abandoned(&database).await?;
        if imports + rows > 0 {
            tracing::info!(imports, rows, "waiting imports and lines of dead imports were deleted");
        }
        empty(&database).await;
        Ok::<_, DatabaseError>(())
    })
    .await;
}

async fn delete_abandoned(database: &Database) -> Result<(usize, usize), DatabaseError> {
    let mut connection = database.connection().await?;
    let expired = voter_imports::table.filter(voter_imports::expires_at.le(now.into_sql::<Timestamptz>()));
    let imports = diesel::delete(expired).execute(&mut connection).await?;
    let dead = staged_voters::staged_at.lt(now.into_sql::<Timestamptz>() - DEAD_AFTER_HOURS.hours());
    Ok((imports, diesel::delete(staged_voters::table.filter(dead)).execute(&mut connection).await?))
}

/// Gives the table an empty file when no line waits. When somebody holds the table, the next minute tries again.
pub(crate) async fn empty(database: &Database) {
    let emptied = async {
        let mut connection = database.connection().await?;
        let emptied = diesel::sql_query("SELECT forget_staged_voters() AS emptied").get_result(&mut connection).await;
        emptied.map_err(DatabaseError::from)
    };
    match emptied.await {
        Ok(Emptied { emptied: true }) => tracing::info!("the file of staged lines was emptied"),
        Ok(Emptied { emptied: false }) => {}
        Err(error) => tracing::info!(%error, "the file of staged lines is emptied later"),
    }
}

//! The lines of a file on their way to the roll. They are written in short transactions of their own, which lock nothing of the
//! election, and moved by one statement.

use std::time::Duration;

use database::{Connection, Database, DatabaseError};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::roll::Entry;
use launch::{Stopper, repeat};
use uuid::Uuid;

use crate::schema::staged_voters;

/// Rows of one INSERT; each is a hundred bytes or so, and the statement goes over in one message.
const ROWS: usize = 5000;
/// An import is done within seconds. Older lines belong to an import whose process was killed.
const DEAD_AFTER_HOURS: i32 = 1;
const PAUSE: Duration = Duration::from_secs(3600);

/// What one import has staged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    import_id: Uuid,
    rows: i64,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Staged {
    /// Writes the lines with their numbers. Each chunk is committed by itself.
    pub(crate) async fn write(database: &Database, entries: &[(u64, &Entry)]) -> Result<Self, DatabaseError> {
        const SQL: &str = "INSERT INTO staged_voters (import_id, line, email, first_name, last_name, student_id, cohort) \
             SELECT $1, n.* FROM unnest($2, $3, $4, $5, $6, $7) AS n (line, email, first_name, last_name, student_id, cohort)";
        let staged = Self { import_id: Uuid::new_v4(), rows: i64::try_from(entries.len()).unwrap_or(i64::MAX) };
        let mut connection = database.connection().await?;
        for entries in entries.chunks(ROWS) {
            let column = |field: fn(&Entry) -> Option<&str>| entries.iter().map(|(_, entry)| field(entry)).collect::<Vec<_>>();
            let lines: Vec<i64> = entries.iter().map(|(line, _)| i64::try_from(*line).unwrap_or(i64::MAX)).collect();
            diesel::sql_query(SQL)
                .bind::<diesel::sql_types::Uuid, _>(staged.import_id)
                .bind::<Array<BigInt>, _>(lines)
                .bind::<Array<Nullable<Text>>, _>(column(|entry| Some(entry.email.as_str())))
                .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.first_name.as_deref()))
                .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.last_name.as_deref()))
                .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.student_id.as_deref()))
                .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.cohort.as_deref()))
                .execute(&mut connection)
                .await?;
        }
        Ok(staged)
    }

    /// Moves all of them to the roll, in the order of the file. Answers how many were new.
    pub(crate) async fn add(self, connection: &mut Connection, election_id: i64) -> QueryResult<u64> {
        const SQL: &str = "INSERT INTO voters (election_id, email, first_name, last_name, student_id, cohort) \
             SELECT $1, s.email, s.first_name, s.last_name, s.student_id, s.cohort \
             FROM staged_voters s WHERE s.import_id = $2 ORDER BY s.line \
             ON CONFLICT (election_id, lower(email)) WHERE NOT deleted DO NOTHING";
        self.must_be_whole(connection).await?;
        let added = diesel::sql_query(SQL)
            .bind::<BigInt, _>(election_id)
            .bind::<diesel::sql_types::Uuid, _>(self.import_id)
            .execute(connection)
            .await?;
        Ok(added as u64)
    }

    /// The same while voting is open, with an announcement of how many and why (`late`).
    pub(crate) async fn add_late(self, connection: &mut Connection, election_id: i64, reason: &Reason) -> QueryResult<u64> {
        const SQL: &str = "WITH file AS ( \
                 SELECT array_agg(s.email ORDER BY s.line) AS emails, array_agg(s.first_name ORDER BY s.line) AS first_names, \
                        array_agg(s.last_name ORDER BY s.line) AS last_names, \
                        array_agg(s.student_id ORDER BY s.line) AS student_ids, array_agg(s.cohort ORDER BY s.line) AS cohorts \
                 FROM staged_voters s WHERE s.import_id = $3) \
             SELECT count(*) AS number FROM file f, \
                 add_late_voters($1, $2, f.emails, f.first_names, f.last_names, f.student_ids, f.cohorts)";
        self.must_be_whole(connection).await?;
        let Number { number } = diesel::sql_query(SQL)
            .bind::<BigInt, _>(election_id)
            .bind::<Text, _>(reason.as_str())
            .bind::<diesel::sql_types::Uuid, _>(self.import_id)
            .get_result(connection)
            .await?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// Checks that all staged lines are still there: a crash of PostgreSQL empties an unlogged table, and the hourly clean-up
    /// deletes lines that have waited for too long.
    async fn must_be_whole(self, connection: &mut Connection) -> QueryResult<()> {
        let of_import = staged_voters::table.filter(staged_voters::import_id.eq(self.import_id));
        let rows: i64 = of_import.count().get_result(connection).await?;
        if rows == self.rows { Ok(()) } else { Err(diesel::NotFound) }
    }

    /// Deletes the staged lines. If that fails, the hourly clean-up deletes them.
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

/// Deletes the staged lines of imports that never finished, at the start and every hour.
pub(crate) async fn run(database: Database, stop: Stopper) {
    repeat(&stop, PAUSE, "deleting staged lines of dead imports", async || {
        let rows = delete_abandoned(&database).await?;
        if rows > 0 {
            tracing::info!(rows, "staged lines of dead imports were deleted");
        }
        Ok::<_, DatabaseError>(())
    })
    .await;
}

async fn delete_abandoned(database: &Database) -> Result<usize, DatabaseError> {
    let mut connection = database.connection().await?;
    let dead = staged_voters::staged_at.lt(now.into_sql::<Timestamptz>() - DEAD_AFTER_HOURS.hours());
    Ok(diesel::delete(staged_voters::table.filter(dead)).execute(&mut connection).await?)
}

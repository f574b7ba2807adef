//! Retention: anonymises the voters of elections that were archived long enough ago. What is needed to verify and count again stays
//! (see `anonymise_election` in the migrations). A worker in every process, and the command `uvote-admin retention`.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Data, Path};
use contract::admin::Retention;
use contract::events::{AuditEvent, AuditEventKind};
use database::{Database, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use identity::Caller;
use launch::{Stopper, repeat};
use outbox::{Audited, Outbox, Unaudited};
use problem::{Json, Problem};

use crate::schema::elections;
use crate::{State, election};

/// Retention is counted in days, so an hour between two runs is enough.
const PAUSE: Duration = Duration::from_secs(3600);

/// An election that was anonymised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anonymised {
    /// The election.
    pub election_id: i64,
    /// Its title, which stays.
    pub title: String,
    /// How many voters were on its roll.
    pub voters: i64,
}

#[derive(QueryableByName)]
struct Dropped {
    #[diesel(sql_type = Nullable<Text>)]
    leaf: Option<String>,
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Nullable<BigInt>)]
    voters: Option<i64>,
}

/// How many days after its archiving the voters of an election are anonymised.
#[utoipa::path(get, path = "/api/admin/elections/{id}/retention", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses((status = 200, body = Retention)))]
pub(crate) async fn show(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<Retention>, Problem> {
    election::of_caller(&mut *state.database().connection().await?, *id, &caller).await?;
    Ok(Json(Retention { days: state.retention_days }))
}

/// Hourly.
pub(crate) async fn run(outbox: Outbox, days: u16, stop: Stopper) {
    repeat(&stop, PAUSE, "retention", async || {
        for Anonymised { election_id, voters, .. } in anonymise_due(&outbox, days).await? {
            tracing::info!(election_id, voters, "an archived election was anonymised");
        }
        if let Err(error) = drop_unused_leaves(outbox.unaudited(Unaudited::Cleanup)).await {
            tracing::info!(%error, "the empty tables of deleted elections are dropped later");
        }
        Ok::<_, DatabaseError>(())
    })
    .await;
}

/// How often, and after which pause, the empty tables of deleted elections are tried again when somebody holds what they hang on.
const DROP_TRIES: u32 = 60;
const DROP_PAUSE: Duration = Duration::from_secs(1);

/// Drops the empty tables of elections that were deleted as drafts, one by one: each drop locks the roll, the links or the mails of
/// everybody for a moment, and gives up when it would have to wait.
pub(crate) async fn drop_unused_leaves(database: &Database) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    let mut tries = 0;
    loop {
        let dropped = diesel::sql_query("SELECT drop_unused_leaf() AS leaf").get_result(&mut connection).await;
        match dropped.map_err(DatabaseError::from) {
            Ok(Dropped { leaf: None }) => return Ok(()),
            Ok(Dropped { leaf: Some(leaf) }) => tracing::info!(leaf, "an empty table of a deleted election was dropped"),
            // Somebody holds the parent for a moment.
            Err(DatabaseError::Locked) if tries < DROP_TRIES => {
                tries += 1;
                tokio::time::sleep(DROP_PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Anonymises every election that was archived at least `days` days ago. Two at once do each of them once.
pub(crate) async fn anonymise_due(outbox: &Outbox, days: u16) -> Result<Vec<Anonymised>, DatabaseError> {
    let mut connection = outbox.database().connection().await?;
    // The function asks for the days, by the database's clock.
    let archived: Vec<(i64, String)> = elections::table
        .filter(elections::status.eq("archived"))
        .filter(elections::anonymised_at.is_null())
        .order(elections::election_id)
        .select((elections::election_id, elections::title))
        .load(&mut connection)
        .await?;
    drop(connection);
    let mut anonymised = Vec::new();
    for (election_id, title) in archived {
        if let Some(voters) = anonymise(outbox, election_id, days).await? {
            anonymised.push(Anonymised { election_id, title, voters });
        }
    }
    Ok(anonymised)
}

async fn anonymise(outbox: &Outbox, election_id: i64, days: u16) -> Result<Option<i64>, DatabaseError> {
    let done = outbox.audited("anonymise election", async move |tx| {
        let Done { voters } = diesel::sql_query("SELECT anonymise_election($1, $2) AS voters")
            .bind::<BigInt, _>(election_id)
            .bind::<Integer, _>(i32::from(days))
            .get_result(tx.connection())
            .await?;
        let Some(voters) = voters else { return Ok(Audited::unchanged(None)) };
        metrics::counter!("admin_elections_anonymised_total").increment(1);
        let event = AuditEvent::now(AuditEventKind::ElectionAnonymised { voters }).to(election_id);
        Ok(Audited::new(Some(voters), event))
    });
    done.await.map_err(|failed: Failed<Infallible>| failed.into())
}

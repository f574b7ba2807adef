//! What an organiser had sent to the voters of an election: what became of the mails, what is under way, and what was sent when.

use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{ElectionMails, MailCounts, MailStatus, MailingKind, SentMailing};
use database::{Connection, DatabaseError, TextColumn};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use identity::Caller;
use problem::{Json, Problem};

use crate::schema::{link_mailings, sent_mailings};
use crate::{State, election};

/// Sendings in one answer.
const MOST: i64 = 100;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    status: TextColumn<MailStatus>,
    #[diesel(sql_type = BigInt)]
    voters: i64,
}

/// What you had sent to voters, and what became of it. Reminders, and links that voters asked for, are in no number here: it would tell who
/// has voted.
#[utoipa::path(get, path = "/api/admin/elections/{id}/mails", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses((status = 200, body = ElectionMails)))]
pub(crate) async fn show(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<ElectionMails>, Problem> {
    let election_id = id.into_inner();
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, election_id, &caller).await?;
    drop(connection);
    // While a close rewrites the roll, a reader waits, so the number of waiting readers is limited.
    let _slot = state.election_limits.acquire(election_id).await?;
    let mut connection = state.database().connection().await?;
    let voters = counts(&mut connection, election_id).await.map_err(DatabaseError::from)?;
    let under_way = link_mailings::table.filter(link_mailings::election_id.eq(election_id)).order(link_mailings::kind);
    let under_way: Vec<TextColumn<MailingKind>> =
        under_way.select(link_mailings::kind).load(&mut connection).await.map_err(DatabaseError::from)?;
    let sent = sent(&mut connection, election_id).await.map_err(DatabaseError::from)?;
    Ok(Json(ElectionMails { voters, under_way: under_way.into_iter().map(|kind| *kind).collect(), sent }))
}

async fn counts(connection: &mut Connection, election_id: i64) -> QueryResult<MailCounts> {
    let counted = diesel::sql_query("SELECT status, count(*) AS voters FROM mail_states($1, NULL) GROUP BY status");
    let counted: Vec<Counted> = counted.bind::<BigInt, _>(election_id).load(connection).await?;
    let mut counts = MailCounts::default();
    for Counted { status, voters } in counted {
        let place = match *status {
            MailStatus::None => &mut counts.none,
            MailStatus::Queued => &mut counts.queued,
            MailStatus::Deferred => &mut counts.deferred,
            MailStatus::Sent => &mut counts.sent,
            MailStatus::Refused => &mut counts.refused,
            MailStatus::Forgotten => &mut counts.forgotten,
        };
        *place = u64::try_from(voters).unwrap_or(0);
    }
    Ok(counts)
}

async fn sent(connection: &mut Connection, election_id: i64) -> QueryResult<Vec<SentMailing>> {
    let rows: Vec<(TextColumn<MailingKind>, Option<i64>, DateTime<Utc>)> = sent_mailings::table
        .filter(sent_mailings::election_id.eq(election_id))
        .order(sent_mailings::mailing_id.desc())
        .limit(MOST)
        .select((sent_mailings::kind, sent_mailings::queued, sent_mailings::ended_at))
        .load(connection)
        .await?;
    let mailing = |(kind, queued, ended_at): (TextColumn<MailingKind>, Option<i64>, DateTime<Utc>)| SentMailing {
        kind: *kind,
        voters: queued.and_then(|queued| u64::try_from(queued).ok()),
        ended_at,
    };
    Ok(rows.into_iter().map(mailing).collect())
}

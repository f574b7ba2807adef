//! A copy of an election as a new draft: what is the same every year, and if asked who stands. Never voters, times, or anything that was voted.

use actix_web::{HttpResponse, web};
use contract::elections::{CopyElection, Election};
use contract::events::AuditEventKind;
use contract::problems;
use database::{Connection, Failed, violated_constraint};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use identity::Caller;
use messages::say;
use outbox::Audited;
use problem::{Json, Missing, Problem};

use crate::State;
use crate::drafts::{may_have_another, title};
use crate::elections::{ContestRow, Row, contests_of, reread, visible};
use crate::schema::{contests, elections};

/// Copies an election into a new draft: title, description, language, zone, the rule of publication and all questions. With `candidates` also who
/// stands, with everything that is said of them and their files; whoever has withdrawn is left out. No voters and no times.
#[utoipa::path(
    post, path = "/api/elections/{id}/copy", tag = "elections", security(("bearer" = ["owner"])), request_body = CopyElection,
    params(("id" = i64, Path, description = "election_id of the election that is copied, in any state")),
    responses(
        (status = 201, description = "The new draft", body = Election),
        (status = 409, description = "This account has 500 drafts already; delete some"),
    )
)]
pub(crate) async fn copy(
    state: web::Data<State>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<CopyElection>,
) -> Result<HttpResponse, Problem> {
    let (copied_from, CopyElection { title: wanted, candidates }) = (*id, body.into_inner());
    let mut errors = Vec::new();
    let wanted = wanted.map(|text| title("title", &text, &mut errors));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let copied = state.outbox.audited("copy election", async move |tx| {
        let connection = tx.connection();
        let row = visible(connection, &caller, copied_from).await.map_err(Failed::Refused)?;
        if row.admin_id != caller.admin_id {
            return Err(Failed::Refused(Problem::not_found(Missing::Election)));
        }
        may_have_another(connection, caller.admin_id).await?;
        let title = wanted.clone().unwrap_or_else(|| row.title.clone());
        let election_id = copy_settings(connection, &row, &title).await?;
        let mut copied = 0_u32;
        for (contest, place) in contests_of(connection, &[copied_from]).await?.iter().zip(1..) {
            let contest_id = copy_question(connection, election_id, contest, place).await?;
            let people = copy_candidates(connection, (contest.contest_id, contest_id, election_id), candidates).await;
            copied = copied.saturating_add(u32::try_from(people.map_err(refused_if_replaced)?).unwrap_or(u32::MAX));
        }
        let kind = AuditEventKind::ElectionCopied { title, copied_from, candidates: copied };
        let event = caller.did(kind).to(election_id);
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
    });
    Ok(HttpResponse::Created().json(copied.await?))
}

async fn copy_settings(connection: &mut Connection, row: &Row, title: &str) -> QueryResult<i64> {
    diesel::insert_into(elections::table)
        .values((
            elections::admin_id.eq(row.admin_id),
            elections::title.eq(title),
            elections::description.eq(&row.description),
            elections::locale.eq(row.locale.tag()),
            elections::timezone.eq(row.timezone.name()),
            elections::profile.eq(row.profile.as_str()),
            elections::publish.eq(row.publish.as_str()),
        ))
        .returning(elections::election_id)
        .get_result(connection)
        .await
}

async fn copy_question(
    connection: &mut Connection,
    election_id: i64,
    contest: &ContestRow,
    place: i32,
) -> Result<i64, Failed<Problem>> {
    let unwritable = |cause| Failed::Refused(Problem::internal("store a rule", &cause));
    let rule = serde_json::to_value(&contest.rule.0).map_err(unwritable)?;
    let row = (
        contests::election_id.eq(election_id),
        contests::title.eq(&contest.title),
        contests::text.eq(&contest.text),
        contests::rule.eq(rule),
        contests::ballot_order.eq(contest.ballot_order.as_str()),
        contests::display_order.eq(place),
    );
    let inserted = diesel::insert_into(contests::table).values(row).returning(contests::contest_id);
    Ok(inserted.get_result(connection).await?)
}

#[derive(QueryableByName)]
struct Copied {
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// What the rule puts on the ballot comes along in any case, and the people only when they are asked for. Files are named, not copied: each
/// lies there once. Answers how many people came along.
async fn copy_candidates(
    connection: &mut Connection,
    (from, to, election_id): (i64, i64, i64),
    people: bool,
) -> QueryResult<i64> {
    const SQL: &str = "WITH copied AS ( \
             INSERT INTO candidates (election_id, contest_id, name, display_order, standing, description, party, vision, programme, link, \
                                     photo_url, thumbnail_url, programme_file_url) \
             SELECT $1, $2, c.name, c.display_order, c.standing, c.description, c.party, c.vision, c.programme, c.link, \
                    c.photo_url, c.thumbnail_url, c.programme_file_url \
             FROM candidates c \
             WHERE c.contest_id = $3 AND (c.standing <> 'stands' OR $4 AND NOT EXISTS ( \
                 SELECT FROM amendments a WHERE a.election_id = c.election_id AND a.kind = 'candidate_withdrawn' \
                     AND (a.details ->> 'candidate_id')::bigint = c.candidate_id)) \
             ORDER BY c.display_order, c.candidate_id \
             RETURNING standing) \
         SELECT count(*) AS people FROM copied WHERE standing = 'stands'";
    let copied: Copied = diesel::sql_query(SQL)
        .bind::<BigInt, _>(election_id)
        .bind::<BigInt, _>(to)
        .bind::<BigInt, _>(from)
        .bind::<Bool, _>(people)
        .get_result(connection)
        .await?;
    Ok(copied.people)
}

/// A photo of a draft was replaced at this very moment, and the old file deleted: a second try copies the new file.
fn refused_if_replaced(error: diesel::result::Error) -> Failed<Problem> {
    let is_foreign_key = violated_constraint(&error).is_some_and(|name| name.ends_with("_fkey"));
    if is_foreign_key { Failed::Refused(Problem::new(problems::UNAVAILABLE, say!(copy_again))) } else { error.into() }
}

//! The roll, voter by voter. Free until voting opens, closed from then on. An address is one voter, whatever its case.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use contract::Page;
use contract::admin::{NewVoter, Voter, VotersOf};
use contract::events::{AuditEvent, Happening};
use contract::problems::{self, Body, FieldError};
use database::{DatabaseError, Failed, violated_constraint};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::Deed;
use domain::roll::{Entry, RawEntry};
use identity::Caller;
use outbox::Audited;
use problem::Problem;
use uuid::Uuid;

use crate::schema::{voters, voting_tokens};
use crate::{State, election, subjects};

/// Add one voter to the roll.
#[utoipa::path(post, path = "/api/admin/voters", tag = "voters", request_body = NewVoter, security(("bearer" = [])),
    responses(
        (status = 201, body = Voter),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "The roll is closed, or has this address or student number", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be taken", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn add(state: Data<State>, caller: Caller, body: Json<NewVoter>) -> Result<HttpResponse, Problem> {
    let NewVoter { election_id, email, first_name, last_name, student_id, cohort } = body.into_inner();
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let (first_name, last_name, student_id, cohort) = (text(&first_name), text(&last_name), text(&student_id), text(&cohort));
    let raw =
        RawEntry { email: &email, first_name: &first_name, last_name: &last_name, student_id: &student_id, cohort: &cohort };
    let entry = Entry::parse(raw).map_err(|refused| {
        Problem::invalid(
            refused.into_iter().map(|one| FieldError { field: one.field.to_owned(), message: one.message }).collect(),
        )
    })?;
    let added = state
        .outbox
        .audited("add voter", async move |tx| {
            let connection = tx.connection();
            let (election, now) = election::to_change(connection, election_id, &caller).await?;
            election.must_allow(Deed::ChangeRoll, now).map_err(Failed::Refused)?;
            let voter_id: i64 = diesel::insert_into(voters::table)
                .values((
                    voters::election_id.eq(election_id),
                    voters::email.eq(entry.email.as_str()),
                    voters::first_name.eq(&entry.first_name),
                    voters::last_name.eq(&entry.last_name),
                    voters::student_id.eq(&entry.student_id),
                    voters::cohort.eq(&entry.cohort),
                ))
                .returning(voters::voter_id)
                .get_result(connection)
                .await
                .map_err(refused)?;
            let subject = subjects::refer_to(connection, &election, voter_id).await?;
            let event = AuditEvent::now(Happening::VoterAdded {}).about(subject);
            let Entry { email, first_name, last_name, student_id, cohort } = entry.clone();
            let email = email.as_str().to_owned();
            let voter = Voter { voter_id, election_id, email, first_name, last_name, student_id, cohort, link_sent: false };
            Ok(Audited::new(voter, event.by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await?;
    Ok(HttpResponse::Created().json(added))
}

/// The roll, page by page. That it was looked at is logged: these are people's names and addresses.
#[utoipa::path(get, path = "/api/admin/voters", tag = "voters", params(VotersOf), security(("bearer" = [])),
    responses(
        (status = 200, body = Page<Voter>),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No election of yours", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn list(state: Data<State>, caller: Caller, of: Query<VotersOf>) -> Result<Json<Page<Voter>>, Problem> {
    let (election_id, paging) = (of.election_id, of.paging());
    let mut connection = state.database().connection().await?;
    election::to_read(&mut connection, election_id, &caller).await?;
    // Any link, used ones too: only whether one was sent may be seen here.
    let link_sent = exists(voting_tokens::table.filter(voting_tokens::voter_id.eq(voters::voter_id)));
    let columns = (
        voters::voter_id,
        voters::election_id,
        voters::email,
        voters::first_name,
        voters::last_name,
        voters::student_id,
        voters::cohort,
        link_sent,
    );
    let rows: Vec<Columns> = voters::table
        .filter(voters::election_id.eq(election_id))
        .filter(voters::deleted.eq(false))
        .filter(voters::voter_id.gt(paging.after.unwrap_or(0)))
        .order(voters::voter_id)
        .limit(paging.limit().saturating_add(1))
        .select(columns)
        .load(&mut connection)
        .await
        .map_err(DatabaseError::from)?;
    drop(connection);
    let event = AuditEvent::now(Happening::VotersViewed {}).by(caller.admin_id, caller.ip_address).to(election_id);
    state.outbox.witness(event).await?;
    Ok(Json(Page::cut(rows.into_iter().map(voter).collect(), paging.limit(), |voter| voter.voter_id)))
}

/// Take one voter off the roll. Their link dies with them.
#[utoipa::path(delete, path = "/api/admin/voters/{id}", tag = "voters", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The voter")),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, description = "Nobody is logged in", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No voter of yours", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "The roll is closed", body = Body, content_type = "application/problem+json")))]
pub(crate) async fn remove(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    let voter_id = id.into_inner();
    state
        .outbox
        .audited("remove voter", async move |tx| {
            let connection = tx.connection();
            let missing = || Failed::Refused(Problem::not_found("voter"));
            let election_id = election_of(connection, voter_id).await?.ok_or_else(missing)?;
            let (election, now) = election::to_change(connection, election_id, &caller).await.map_err(as_missing_voter)?;
            election.must_allow(Deed::ChangeRoll, now).map_err(Failed::Refused)?;
            let subject = subjects::known_as(connection, voter_id).await?.unwrap_or_else(Uuid::new_v4);
            let gone = diesel::delete(voters::table.find(voter_id)).execute(connection).await.map_err(refused)?;
            if gone == 0 {
                return Err(missing());
            }
            let event = AuditEvent::now(Happening::VoterRemoved {}).about(subject);
            Ok(Audited::new((), event.by(caller.admin_id, caller.ip_address.clone()).to(election_id)))
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

type Columns = (i64, i64, String, Option<String>, Option<String>, Option<String>, Option<String>, bool);

fn voter((voter_id, election_id, email, first_name, last_name, student_id, cohort, link_sent): Columns) -> Voter {
    Voter { voter_id, election_id, email, first_name, last_name, student_id, cohort, link_sent }
}

/// The election whose roll a voter is on.
pub(crate) async fn election_of(connection: &mut database::Connection, voter_id: i64) -> QueryResult<Option<i64>> {
    let on_a_roll = voters::table.find(voter_id).filter(voters::deleted.eq(false));
    on_a_roll.select(voters::election_id).first(connection).await.optional()
}

/// A voter of another admin's election is refused with the words of one who does not exist.
pub(crate) fn as_missing_voter(failed: Failed<Problem>) -> Failed<Problem> {
    match failed {
        Failed::Refused(_) => Failed::Refused(Problem::not_found("voter")),
        other => other,
    }
}

/// What a constraint or trigger of the roll says, as an answer.
pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    let exists = |detail: &str| Failed::Refused(Problem::new(problems::EXISTS, detail));
    match violated_constraint(&error) {
        Some("voters_email_key") => exists("This address is on the roll already. Upper and lower case are the same"),
        Some("voters_student_id_key") => exists("This student_id is that of another voter on the roll"),
        _ => match election::refused_by_trigger(&error) {
            Some(problem) => Failed::Refused(problem),
            None => error.into(),
        },
    }
}

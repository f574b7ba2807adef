//! What an organiser should look at before the election opens: what stops it, and what could go wrong all the same. `activate` refuses
//! by the same list, and the answers about an election warn by a part of it.

use actix_web::web;
use chrono::{DateTime, Duration, Utc};
use contract::elections::{Check, Election, Finding, FindingLevel};
use contract::problems::Notice;
use database::{Connection, DatabaseError};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::election::Status;
use identity::Caller;
use launch::Mode;
use messages::{Message, Zone, say, span};
use problem::{Json, Problem};

use crate::State;
use crate::activation::Ballot;
use crate::elections::{Row, describe, links_unsent, visible};
use crate::schema::{admins, clock_timestamp};

/// With fewer voters a result can tell how somebody voted: a few friends who tell each other know the vote of the last one.
const FEW_VOTERS: i64 = 10;
/// From how long before the opening on an organiser is reminded that links are missing.
const SOON_HOURS: i64 = 24;

#[derive(QueryableByName)]
struct Refused {
    #[diesel(sql_type = BigInt)]
    refused: i64,
}

/// What should be looked at before the election opens. Nothing once it is open: then `notices` of the election has what is to be known.
#[utoipa::path(
    get, path = "/api/elections/{id}/check", tag = "elections", security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "What was found; an empty list says that nothing was", body = Check),
    )
)]
pub(crate) async fn check(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Check>, Problem> {
    let mut connection = state.database.connection().await?;
    let row = visible(&mut connection, &caller, *id).await?;
    let findings = findings(&mut connection, row, state.mode).await?;
    Ok(Json(Check { findings }))
}

async fn findings(connection: &mut Connection, row: Row, mode: Mode) -> Result<Vec<Finding>, DatabaseError> {
    let is_draft = *row.status == Status::Draft;
    if !is_draft && *row.status != Status::Scheduled {
        return Ok(Vec::new());
    }
    let stops = if is_draft {
        Ballot::load(connection, row.election_id).await?.may_activate(connection, &row).await?.err().unwrap_or_default()
    } else {
        Vec::new()
    };
    let admin_id = row.admin_id;
    let mut election = describe(connection, row).await?;
    let mut warns = std::mem::take(&mut election.notices);
    let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(connection).await?;
    let unsent = links_unsent(connection, election.election_id).await?;
    if let Some(late) = links_late(&election, unsent, now) {
        warns.retain(|warning| warning.code != "links-unsent");
        warns.push(late.into());
    } else if is_draft && unsent > 0 {
        warns.push(say!(links_unsent, voters = unsent).into());
    }
    let further = about_times(&election, now).into_iter().chain(about_few_voters(election.turnout.roll));
    warns.extend(further.map(Notice::from));
    match links_refused(connection, election.election_id).await? {
        0 => {}
        mails => warns.push(say!(check_mails_refused, mails = mails).into()),
    }
    if mode != Mode::Local && !is_verified(connection, admin_id).await? {
        warns.push(say!(check_address_unverified).into());
    }
    let stops = stops.into_iter().map(|stop| Finding::new(FindingLevel::Stops, stop));
    Ok(stops.chain(warns.into_iter().map(|warning| Finding::new(FindingLevel::Warns, warning))).collect())
}

/// Voting opens soon, and voters are without a link.
fn links_late(election: &Election, unsent: i64, now: DateTime<Utc>) -> Option<Message> {
    let left = election.opens_at? - now;
    let is_soon = unsent > 0 && left > Duration::zero() && left <= Duration::hours(SOON_HOURS);
    is_soon.then(|| say!(check_links_late, span = span(left.num_seconds()), unsent = say!(links_unsent, voters = unsent)))
}

/// Times that can be meant otherwise. What makes an opening impossible is refused elsewhere.
fn about_times(election: &Election, now: DateTime<Utc>) -> Vec<Message> {
    let zone: Zone = election.timezone.parse().unwrap_or_default();
    let mut found = Vec::new();
    if election.opens_at.is_some_and(|at| at <= now) && election.status == Status::Draft.as_str() {
        found.push(say!(check_opens_in_the_past));
    }
    match election.closes_at {
        Some(at) => found.extend(at_night(at, zone).map(|clock| say!(check_closes_at_night, clock = clock))),
        None => found.push(say!(check_no_end)),
    }
    found
}

/// What a clock in that zone shows, between ten at night and six in the morning.
fn at_night(at: DateTime<Utc>, zone: Zone) -> Option<String> {
    let typed = zone.typed(at);
    let (_, clock) = typed.split_once('T')?;
    let hour: u32 = clock.split(':').next()?.parse().ok()?;
    (!(6..22).contains(&hour)).then(|| clock.to_owned())
}

fn about_few_voters(roll: i64) -> Option<Message> {
    (1..FEW_VOTERS).contains(&roll).then(|| say!(check_few_voters, voters = roll))
}

async fn links_refused(connection: &mut Connection, election_id: i64) -> QueryResult<i64> {
    let asked = diesel::sql_query("SELECT links_refused($1) AS refused").bind::<BigInt, _>(election_id);
    let Refused { refused } = asked.get_result(connection).await?;
    Ok(refused)
}

async fn is_verified(connection: &mut Connection, admin_id: i64) -> QueryResult<bool> {
    let verified: Option<DateTime<Utc>> =
        admins::table.find(admin_id).select(admins::email_verified_at).first(connection).await?;
    Ok(verified.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn night_is_night_in_the_zone_of_the_election() {
        let at = DateTime::from_timestamp(1_795_734_000, 0).unwrap();
        let berlin = "Europe/Berlin".parse().unwrap();
        assert_eq!((at_night(at, Zone::UTC), at_night(at, berlin)), (Some("23:00".to_owned()), Some("00:00".to_owned())));
        assert_eq!(at_night(at - Duration::hours(3), Zone::UTC), None);
        assert_eq!(at_night(at - Duration::hours(2), berlin).as_deref(), Some("22:00"));
        assert_eq!(at_night(at + Duration::hours(6), berlin), None);
    }

    #[test]
    fn few_voters_are_a_warning_and_an_empty_roll_is_another_one() {
        assert_eq!([0, 1, 9, 10].map(|roll| about_few_voters(roll).is_some()), [false, true, true, false]);
    }
}

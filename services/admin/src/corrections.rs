//! Correcting an entry of the roll, until voting has ended. When the address was wrong, the link that was sent there is revoked,
//! both addresses get a mail, and the new address gets a link if one had been sent before.
//!
//! The answer is the same whether the voter has voted or not (ADR 0020): the entry changes either way. A voter who has voted gets
//! the mail "a ballot was already recorded" at the new address, and no link.

use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{Voter, VoterChange};
use contract::email::{AddressCorrected, Mail, Occasion};
use contract::events::AuditEventKind;
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::election::Action;
use domain::link::expires_at;
use domain::roll::Entry;
use identity::Caller;
use messages::say;
use outbox::{Audited, AuditedTx, new_envelope};
use problem::{Json, Missing, Problem};

use crate::election::Election;
use crate::links::{self, Recipient};
use crate::mailing::{fresh_token, may_mail};
use crate::refusals::refused;
use crate::schema::voters;
use crate::voters::{Row, acquire_slot, as_missing_voter, election_of, load_voter, parse};
use crate::{State, election, subjects};

#[derive(QueryableByName)]
struct Corrected {
    #[diesel(sql_type = Text)]
    outcome: String,
}

/// Correct an entry of the roll. Possible until voting has ended, and with the same answer for whoever has voted and whoever has not.
#[utoipa::path(put, path = "/api/admin/voters/{id}", tag = "voters", request_body = VoterChange, security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The voter")),
    responses(
        (status = 200, body = Voter),
        (status = 403, description = "Your own address is not verified"),
        (status = 409, description = "Voting has ended, or the roll has this address or student number")))]
pub(crate) async fn correct(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    body: Json<VoterChange>,
) -> Result<Json<Voter>, Problem> {
    let (voter_id, change) = (id.into_inner(), body.into_inner());
    let _slot = acquire_slot(&state, voter_id, &caller, |_| Action::CorrectRoll).await?;
    let shared = state.clone();
    let corrected = state
        .outbox
        .audited("correct voter", async move |tx| {
            let missing = || Failed::Refused(Problem::not_found(Missing::Voter));
            let election_id = election_of(tx.connection(), &caller, voter_id).await?.ok_or_else(missing)?;
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await.map_err(as_missing_voter)?;
            election.must_allow(Action::CorrectRoll, now).map_err(Failed::Refused)?;
            let was = lock(tx.connection(), election_id, voter_id).await?.ok_or_else(missing)?;
            let entry = apply_change(&was, &change).map_err(Failed::Refused)?;
            if is_same(&was, &entry) {
                return Ok(Audited::unchanged(load_voter(tx.connection(), election_id, voter_id).await?));
            }
            let address = !was.email.eq_ignore_ascii_case(entry.email.as_str());
            match store(tx.connection(), election_id, voter_id, &entry).await?.as_str() {
                "corrected" => {}
                // No `may_mail` here: a refusal would tell the organiser that this voter has asked for a link. The mail is
                // harmless, because the link that the voter asked for was sent to the same address.
                "told" => mail_old_address(tx, &election, &caller, (&was, &entry)),
                sent @ ("relink" | "recorded") => {
                    may_mail(tx.connection(), shared.mode, &caller, [was.email.as_str(), entry.email.as_str()]).await?;
                    mail_new_address(tx, &shared, &election, was.voter_id, now, sent == "recorded").await?;
                    mail_old_address(tx, &election, &caller, (&was, &entry));
                }
                "keeps-number" => return Err(Failed::Refused(Problem::field("student_id", say!(student_id_kept)))),
                _ => return Err(missing()),
            }
            let subject = subjects::refer_to(tx.connection(), &election, voter_id).await?;
            let event = caller.did(AuditEventKind::VoterCorrected { address }).about(subject);
            let voter = load_voter(tx.connection(), election_id, voter_id).await?;
            Ok(Audited::new(voter, event.to(election_id)))
        })
        .await?;
    Ok(Json(corrected))
}

async fn lock(connection: &mut Connection, election_id: i64, voter_id: i64) -> QueryResult<Option<Row>> {
    let on_roll = voters::table.find((election_id, voter_id)).filter(voters::deleted.eq(false));
    on_roll.select(Row::as_select()).for_no_key_update().first(connection).await.optional()
}

/// The entry with the change applied. An empty text removes the value.
fn apply_change(was: &Row, change: &VoterChange) -> Result<Entry, Problem> {
    let text = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    parse(
        change.email.as_deref().unwrap_or(&was.email),
        [
            text(&change.first_name, &was.first_name),
            text(&change.last_name, &was.last_name),
            text(&change.student_id, &was.student_id),
            text(&change.cohort, &was.cohort),
        ],
    )
}

fn is_same(was: &Row, entry: &Entry) -> bool {
    (&*was.email, &was.first_name, &was.last_name, &was.student_id, &was.cohort)
        == (entry.email.as_str(), &entry.first_name, &entry.last_name, &entry.student_id, &entry.cohort)
}

async fn store(connection: &mut Connection, election_id: i64, voter_id: i64, entry: &Entry) -> Result<String, Failed<Problem>> {
    let Corrected { outcome } = diesel::sql_query("SELECT correct_voter($1, $2, $3, $4, $5, $6, $7) AS outcome")
        .bind::<BigInt, _>(election_id)
        .bind::<BigInt, _>(voter_id)
        .bind::<Text, _>(entry.email.as_str())
        .bind::<Nullable<Text>, _>(&entry.first_name)
        .bind::<Nullable<Text>, _>(&entry.last_name)
        .bind::<Nullable<Text>, _>(&entry.student_id)
        .bind::<Nullable<Text>, _>(&entry.cohort)
        .get_result(connection)
        .await
        .map_err(refused)?;
    Ok(outcome)
}

/// To the right address: a fresh link, or that a ballot is recorded. No row is made in the place of that link: the voter has had one, and a
/// correction does not count as a resend.
async fn mail_new_address(
    tx: &mut AuditedTx<'_>,
    state: &State,
    election: &Election,
    voter_id: i64,
    now: DateTime<Utc>,
    is_recorded: bool,
) -> Result<(), Failed<Problem>> {
    let on_roll = voters::table.find((election.election_id, voter_id)).select(Recipient::as_select());
    let voter: Recipient = on_roll.first(tx.connection()).await.map_err(DatabaseError::from)?;
    if is_recorded {
        tx.queue_mail(&voter.already_recorded(election, Occasion::Correction));
        return Ok(());
    }
    let (token, expires_at) = (fresh_token(election.election_id), expires_at(now, election.closes_at));
    links::insert(tx.connection(), election, &voter, (&token, "correction"), expires_at).await?;
    tx.queue_mail(&voter.invitation(state, election, (&token, expires_at), Occasion::Correction));
    Ok(())
}

/// To the wrong address, that it was wrong. If it was right after all, its owner learns that somebody took their link away, and
/// whom to ask.
fn mail_old_address(tx: &mut AuditedTx<'_>, election: &Election, caller: &Caller, (was, entry): (&Row, &Entry)) {
    let corrected = AddressCorrected {
        election_title: election.title.clone(),
        new_address: entry.email.masked(),
        organiser: caller.email.clone(),
    };
    tx.queue_mail(&new_envelope(Some(election.of_mails()), was.email.clone(), Mail::AddressCorrected(corrected)));
}

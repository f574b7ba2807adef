//! What the mail with the link looks like, before any voter gets it: to be read on a page, and as a mail to the organiser themselves. Its
//! link leads to the ballot for trying out, which counts nowhere; no voting token is made.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::admin::{MailPreview, Nothing, TestMailQueued};
use contract::email::{Local, Mail, Occasion, VotingInvitation};
use contract::events::AuditEventKind;
use contract::problems;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use diesel_async::RunQueryDsl;
use domain::election::Action;
use domain::link::expires_at;
use identity::Caller;
use mails::{RenderedMail, render};
use messages::say;
use outbox::{Audited, new_envelope};
use problem::{Json, Problem};

use crate::election::Election;
use crate::mailing::{may_mail_everybody, optional_body};
use crate::{State, election};

/// Test mails about one election within an hour.
const MAX_TEST_MAILS_AN_HOUR: i32 = 10;
/// The name in a sample. It is nobody's.
const SAMPLE_NAME: &str = "Ada Example";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    sent: i32,
}

/// Send the mail with the link to yourself, as voters will get it but marked as a test. Its link leads to a ballot that counts nowhere. It
/// goes to the address of your own account only, at most ten times within an hour.
#[utoipa::path(post, path = "/api/admin/elections/{id}/test-mail", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<Nothing>,
    responses(
        (status = 202, description = "It is on its way", body = TestMailQueued),
        (status = 403, description = "Your own address is not verified"),
        (status = 409, description = "Voting has ended"),
        (status = 429, description = "Ten were sent within an hour")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let Nothing {} = optional_body(&body)?;
    let _slot = state.acquire_slot(election_id, &caller, |_| Action::SendLinks).await?;
    let shared = state.clone();
    let queued = state.outbox.audited("send a test mail", async move |tx| {
        let connection = tx.connection();
        let (election, now) = election::to_change(connection, election_id, &caller).await?;
        election.must_allow(Action::SendLinks, now).map_err(Failed::Refused)?;
        if !may_mail_everybody(connection, shared.mode, caller.admin_id).await? {
            return Err(Failed::Refused(Problem::new(problems::FORBIDDEN, say!(test_mail_unverified))));
        }
        let refused = || Failed::Refused(Problem::new(problems::TOO_MANY, say!(test_mail_limit, most = MAX_TEST_MAILS_AN_HOUR)));
        let sent = count(connection, election_id).await?.ok_or_else(refused)?;
        let mail = sample(&shared, &election, now, Occasion::Test);
        tx.queue_mail(&new_envelope(Some(election.of_mails()), caller.email.clone(), mail));
        let left = u64::try_from(MAX_TEST_MAILS_AN_HOUR.saturating_sub(sent)).unwrap_or(0);
        let event = caller.did(AuditEventKind::TestMailSent {}).to(election_id);
        Ok(Audited::new(TestMailQueued { recipient: caller.email.clone(), left }, event))
    });
    Ok(HttpResponse::Accepted().json(queued.await?))
}

/// Counts one more; `None` when there are enough within this hour.
async fn count(connection: &mut Connection, election_id: i64) -> QueryResult<Option<i32>> {
    const SQL: &str = "INSERT INTO test_mails AS t (election_id) VALUES ($1) ON CONFLICT (election_id) DO UPDATE \
         SET sent = CASE WHEN t.since <= now() - interval '1 hour' THEN 1 ELSE t.sent + 1 END, \
             since = CASE WHEN t.since <= now() - interval '1 hour' THEN now() ELSE t.since END \
         WHERE t.since <= now() - interval '1 hour' OR t.sent < $2 RETURNING sent";
    let counted = diesel::sql_query(SQL).bind::<BigInt, _>(election_id).bind::<Integer, _>(MAX_TEST_MAILS_AN_HOUR);
    Ok(counted.get_result(connection).await.optional()?.map(|counted: Counted| counted.sent))
}

/// Read the mail with the link as voters get it, with a name and a link that nobody has.
#[utoipa::path(get, path = "/api/admin/elections/{id}/mail-preview", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses((status = 200, body = MailPreview)))]
pub(crate) async fn preview(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<MailPreview>, Problem> {
    let mut connection = state.database().connection().await?;
    let (election, now) = election::of_caller(&mut connection, id.into_inner(), &caller).await?;
    drop(connection);
    let (_, local): (i64, Local) = election.of_mails();
    let RenderedMail { subject, text, .. } = render(&sample(&state, &election, now, Occasion::Invitation), &local);
    Ok(Json(MailPreview { subject, text }))
}

/// The mail with the link, as for a voter, with a link to the ballot for trying out.
fn sample(state: &State, election: &Election, now: DateTime<Utc>, occasion: Occasion) -> Mail {
    Mail::VotingInvitation(VotingInvitation {
        voter_name: Some(SAMPLE_NAME.to_owned()),
        election_title: election.title.clone(),
        voting_url: format!("{}/admin/elections/{}/preview", state.public_url, election.election_id),
        expires_at: Some(expires_at(now, election.closes_at)),
        closes_at: election.closes_at,
        spent_code: Some(hex::encode([0; 16])),
        occasion,
        stop_reminders_url: None,
    })
}

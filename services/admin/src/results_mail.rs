//! The result to everybody on the roll, once it is published.
//!
//! Each mail's id is computed from the publication and the voter, and the email service sends a mail of one id once. So a call
//! that is repeated, by a double click or by a client that lost the answer, mails nobody twice, and needs no state here.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use contract::admin::{Nothing, ResultsQueued};
use contract::audit::SignedHead;
use contract::email::{Envelope, Mail, ResultsNotification};
use contract::events::AuditEventKind;
use contract::problems;
use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadPublicKey};
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::Action;
use identity::Caller;
use messages::say;
use outbox::{Audited, new_envelope};
use problem::Problem;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::election::Election;
use crate::links::Recipient;
use crate::mailing::{greeting, may_mail, optional_body};
use crate::schema::{audit_signatures, voters};
use crate::{State, election};

/// Mail the address of the result to the whole roll. Each voter gets it once, however often this is called.
#[utoipa::path(post, path = "/api/admin/elections/{id}/send-results-links", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")), request_body = Option<Nothing>,
    responses(
        (status = 202, description = "The mails are on their way", body = ResultsQueued),
        (status = 403, description = "Your own address is not verified"),
        (status = 409, description = "The result is not published yet, or the voters are anonymised")))]
pub(crate) async fn send(state: Data<State>, caller: Caller, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let Nothing {} = optional_body(&body)?;
    let _slot = state.acquire_slot(election_id, &caller, |_| Action::SendResults).await?;
    let shared = state.clone();
    let answer = state
        .outbox
        .audited("send results links", async move |tx| {
            let (election, now) = election::to_change(tx.connection(), election_id, &caller).await?;
            election.must_allow(Action::SendResults, now).map_err(Failed::Refused)?;
            if election.anonymised_at.is_some() {
                return Err(Failed::Refused(Problem::new(problems::CONFLICT, say!(voters_anonymised))));
            }
            let on_roll = voters::table.filter(voters::election_id.eq(election_id)).filter(voters::deleted.eq(false));
            let roll: Vec<Recipient> =
                on_roll.select(Recipient::as_select()).order(voters::voter_id).load(tx.connection()).await?;
            may_mail(tx.connection(), shared.mode, &caller, roll.iter().map(|voter| voter.email.as_str())).await?;
            let answer = ResultsQueued { queued: roll.len() as u64 };
            if roll.is_empty() {
                return Ok(Audited::unchanged(answer));
            }
            let head = newest_head(tx.connection(), &shared.audit_head_key).await?;
            for voter in roll {
                tx.queue_mail(&notification(&shared, &election, voter, head.as_ref()));
            }
            let event = AuditEventKind::ResultsLinksSent { queued: i64::try_from(answer.queued).unwrap_or(i64::MAX) };
            Ok(Audited::new(answer, caller.did(event).to(election_id)))
        })
        .await?;
    Ok(HttpResponse::Accepted().json(answer))
}

/// The newest signed head of the audit log. Copies of it in the voters' mailboxes show later whether the log was rewritten. It is
/// read from the table, so that no mail waits for the audit service; it may be a little behind what was done last. Whoever owns the
/// database can write into that table too, so a head that the audit service has not signed is not mailed, and neither is an older
/// one in its place.
async fn newest_head(connection: &mut Connection, key: &AuditHeadPublicKey) -> QueryResult<Option<SignedHead>> {
    let newest = audit_signatures::table.order(audit_signatures::last_id.desc()).select(StoredHead::as_select());
    let stored: Option<StoredHead> = newest.first(connection).await.optional()?;
    let Some(head) = stored else {
        tracing::error!("mails with the result carry no head of the audit log: none is signed");
        return Ok(None);
    };
    if !head.is_genuine(key) {
        tracing::error!(
            last_id = head.last_id,
            "mails with the result carry no head of the audit log: the newest signature is not the audit service's"
        );
        return Ok(None);
    }
    Ok(Some(SignedHead {
        last_id: head.last_id,
        last_hash: hex::encode(head.last_hash),
        signed_at: head.signed_at,
        signature: STANDARD.encode(head.signature),
    }))
}

/// A signed head as the audit service has stored it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_signatures, check_for_backend(diesel::pg::Pg))]
struct StoredHead {
    last_id: i64,
    last_hash: Vec<u8>,
    signed_at: DateTime<Utc>,
    signature: Vec<u8>,
}

impl StoredHead {
    fn is_genuine(&self, key: &AuditHeadPublicKey) -> bool {
        let Ok(last_hash) = Digest::from_slice(&self.last_hash) else { return false };
        let head = AuditHead { last_id: self.last_id, last_hash, signed_at_micros: self.signed_at.timestamp_micros() };
        key.verify(&head, &self.signature)
    }
}

fn notification(state: &State, election: &Election, voter: Recipient, head: Option<&SignedHead>) -> Envelope {
    let mail = ResultsNotification {
        voter_name: greeting(voter.first_name, voter.last_name),
        election_title: election.title.clone(),
        results_url: state.results_url(election.election_id),
        audit_head: head.cloned(),
        audit_head_url: head.map(|head| state.audit_head_url(head)),
    };
    let event_id = mail_id(election, voter.voter_id);
    Envelope { event_id, ..new_envelope(Some(election.of_mails()), voter.email, Mail::ResultsNotification(mail)) }
}

/// One id for one publication and one voter.
fn mail_id(election: &Election, voter_id: i64) -> Uuid {
    let published = election.results_published_at.map_or(0, |at| at.timestamp_micros());
    let mut hash = Sha256::new_with_prefix("results-mail/v1");
    for part in [election.election_id, published, voter_id] {
        hash.update(part.to_be_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

//! Delivers outbox rows to audit and email, at least once each; the receiver drops repeats by event id. Events, which have an
//! order, are in `events.rs`.
//!
//! A mail is claimed by moving its next attempt into the future, which is committed before anything is sent: no transaction is
//! open while the network is waited for, and a relay that dies leaves mails that the next one takes up after a while.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use contract::email::Envelope;
use crypto::envelope;
use database::{DatabaseError, FairClaims};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use futures_util::StreamExt as _;
use identity::{SERVICE_HEADER, ServiceKey};
use serde::Serialize;
use uuid::Uuid;
use workers::{Backoff, Stopper};

use crate::events::{Pause, take_turn};
use crate::schema::outbox as rows;
use crate::{Outbox, purpose};

/// Mails taken at a time, in one call: the email service commits them together. Events come first in every round, so they wait
/// for one round of mails and never for a whole roll's.
const MAILS: usize = 100;
/// How long an answer is waited for: the receiver answers after a commit.
const PATIENCE: Duration = Duration::from_secs(7);
/// How long a claim of mails holds. Longer than their delivery may take: it gives up after the first 7 seconds without an answer.
const CLAIM_SECONDS: f64 = 45.0;
/// NOTIFY wakes the relay; this is for retries, and for a notification that was lost with its connection.
const POLL: Duration = Duration::from_secs(2);

/// Delivers what an outbox holds.
pub struct Relay {
    pub(crate) outbox: Outbox,
    pub(crate) pause: Pause,
    key: ServiceKey,
    internal_url: String,
    http: reqwest::Client,
    claims: FairClaims,
}

/// Claims $1 mails at the most, for $3 seconds. `waiting` has one line for each election with mails that wait: it jumps over the
/// index `outbox_waiting` from one election to the next, so it costs nothing more when a large election has many. 0 stands for mails of no
/// election. `turns` begins behind $2, the election that had the last turn: with fewer places than elections, all come in their
/// turn. MATERIALIZED: the planner may else run a subquery once for each row, and claim more than asked for.
/// CASE and not coalesce: beside a policy for rows PostgreSQL uses an index only for expressions that it knows to be leakproof.
const CLAIM: &str = "
    WITH RECURSIVE waiting (election, due_at) AS (
        (SELECT CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END, o.next_attempt_at FROM outbox o
         WHERE o.delivered_at IS NULL AND o.destination = 'email'
         ORDER BY CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END, o.next_attempt_at LIMIT 1)
        UNION ALL
        SELECT next.election, next.due_at FROM waiting w CROSS JOIN LATERAL (
            SELECT CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END AS election, o.next_attempt_at AS due_at FROM outbox o
            WHERE o.delivered_at IS NULL AND o.destination = 'email' AND CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END > w.election
            ORDER BY CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END, o.next_attempt_at LIMIT 1) next
    ), turns AS MATERIALIZED (
        SELECT w.election, greatest($1 / count(*) OVER (), 1) AS share FROM waiting w WHERE w.due_at <= now()
        ORDER BY w.election <= $2, w.election
    ), due AS MATERIALIZED (
        SELECT mail.event_id, t.election FROM turns t CROSS JOIN LATERAL (
            SELECT o.event_id FROM outbox o
            WHERE o.delivered_at IS NULL AND o.destination = 'email' AND CASE WHEN o.election_id IS NULL THEN 0 ELSE o.election_id END = t.election
                AND o.next_attempt_at <= now()
            ORDER BY o.next_attempt_at LIMIT t.share FOR UPDATE SKIP LOCKED) mail
        LIMIT $1
    )
    UPDATE outbox o SET next_attempt_at = now() + make_interval(secs => $3), attempts = o.attempts + 1
    FROM due WHERE o.event_id = due.event_id RETURNING o.event_id, o.payload, o.attempts, due.election";

/// Why a delivery did not happen.
pub(crate) enum Undelivered {
    /// The receiver has read it and does not take it. Others it may take.
    Refused(String),
    /// Nothing can be delivered there now.
    Unreachable(String),
    /// Some of it is about an election that is locked now. The rest would be taken.
    Locked(String),
}

impl Undelivered {
    fn into_text(self) -> String {
        match self {
            Self::Refused(text) | Self::Unreachable(text) | Self::Locked(text) => text,
        }
    }
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    event_id: Uuid,
    #[diesel(sql_type = Nullable<Binary>)]
    payload: Option<Vec<u8>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    /// 0 when it belongs to no election.
    #[diesel(sql_type = BigInt)]
    election: i64,
}

impl database::Claimed for Claimed {
    fn election(&self) -> i64 {
        self.election
    }
}

impl Relay {
    /// A relay that calls the gateway's internal listener as this service.
    #[must_use]
    pub fn new(outbox: Outbox, key: ServiceKey, internal_url: &str) -> Self {
        // reqwest is built without a provider of its own and panics when the process has none. An error says it has one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build()
            .expect("a client without TLS files has nothing to fail on");
        let internal_url = internal_url.trim_end_matches('/').to_owned();
        Self { outbox, pause: Pause::default(), key, internal_url, http, claims: FairClaims::new(CLAIM, CLAIM_SECONDS) }
    }

    /// Works until it is told to stop; a round that is under way is finished.
    pub async fn run(self, stop: Stopper) {
        let mut backoff = Backoff::default();
        while !stop.is_stopped() {
            if let Err(error) = self.listen_and_deliver(&stop, &mut backoff).await {
                tracing::warn!(%error, "the outbox relay lost its database; trying again");
                stop.pause(backoff.pause()).await;
            }
        }
    }

    async fn listen_and_deliver(&self, stop: &Stopper, backoff: &mut Backoff) -> Result<(), DatabaseError> {
        let mut session = self.outbox.database.address().connect().await?;
        session.batch_execute("LISTEN outbox").await?;
        let mut has_turn = false;
        loop {
            loop {
                has_turn = has_turn || take_turn(&mut session).await?;
                let delivered = self.deliver_round(has_turn).await?;
                backoff.reset();
                if stop.is_stopped() {
                    return Ok(());
                }
                if delivered == 0 {
                    break;
                }
            }
            // Woken by a notification or by the clock; a closed stream means that the connection is gone, and the turn with it.
            let mut notices = std::pin::pin!(session.notifications_stream());
            let woken = tokio::select! {
                woken = tokio::time::timeout(POLL, notices.next()) => woken,
                () = stop.stopped() => return Ok(()),
            };
            if let Ok(None | Some(Err(_))) = woken {
                return Err(DatabaseError::Unavailable("the listening connection ended".to_owned()));
            }
        }
    }

    /// Delivers what is due, as the only relay. Answers how many rows were delivered; failures wait for their next attempt.
    pub async fn deliver_batch(&self) -> Result<usize, DatabaseError> {
        self.deliver_round(true).await
    }

    async fn deliver_round(&self, has_turn: bool) -> Result<usize, DatabaseError> {
        let events = self.deliver_events(has_turn).await?;
        let mails = self.claims.claim(&self.outbox.database, MAILS).await?;
        Ok(events + self.deliver_mails(mails).await?)
    }

    async fn deliver_mails(&self, claimed: Vec<Claimed>) -> Result<usize, DatabaseError> {
        let mut readable = Vec::with_capacity(claimed.len());
        for row in claimed {
            match self.read_mail(&row) {
                Ok(mail) => readable.push((row, mail)),
                Err(cause) => {
                    let cause = format!("the mail cannot be read: {cause}");
                    self.postpone(&row, &cause).await?;
                }
            }
        }
        self.deliver(readable).await
    }

    /// All in one call. A call that is refused is halved until the one that is at fault stands alone: put off together, its
    /// neighbours would come due together again, and one of a version that the receiver does not know would hold them back for
    /// ever. A call that meets a locked election is made again for each election alone: only the mails of that election are put
    /// off.
    async fn deliver(&self, readable: Vec<(Claimed, Envelope)>) -> Result<usize, DatabaseError> {
        let (mut parts, mut delivered, mut unreachable) = (vec![readable], 0, None);
        while let Some(mut part) = parts.pop().filter(|part| !part.is_empty()) {
            let body: Vec<&Envelope> = part.iter().map(|(_, mail)| mail).collect();
            let outcome = match &unreachable {
                Some(error) => Err(Undelivered::Unreachable(String::clone(error))),
                None => self.post("email", "/api/email/send-many", &body).await,
            };
            match outcome {
                Ok(()) => {
                    delivered += part.len();
                    self.delete_delivered(part.into_iter().map(|(row, _)| row.event_id).collect()).await?;
                }
                Err(Undelivered::Refused(_)) if part.len() > 1 => {
                    let later = part.split_off(part.len() / 2);
                    parts.extend([later, part]);
                }
                Err(Undelivered::Locked(_)) if !is_of_one_election(&part) => {
                    let mut of_elections: BTreeMap<i64, Vec<(Claimed, Envelope)>> = BTreeMap::new();
                    for mail in part {
                        of_elections.entry(mail.0.election).or_default().push(mail);
                    }
                    parts.extend(of_elections.into_values());
                }
                Err(error) => {
                    let is_unreachable = matches!(error, Undelivered::Unreachable(_));
                    let error = error.into_text();
                    for (row, _) in &part {
                        self.postpone(row, &error).await?;
                    }
                    unreachable = is_unreachable.then_some(error);
                }
            }
        }
        Ok(delivered)
    }

    fn read_mail(&self, row: &Claimed) -> Result<Envelope, String> {
        let wrapped = row.payload.as_deref().unwrap_or_default();
        let plain =
            envelope::unwrap(&self.outbox.kek, purpose(row.event_id).as_bytes(), wrapped).map_err(|cause| cause.to_string())?;
        serde_json::from_slice(&plain).map_err(|cause| cause.to_string())
    }

    pub(crate) async fn post(&self, receiver: &str, path: &str, body: &(impl Serialize + ?Sized)) -> Result<(), Undelivered> {
        let unreachable =
            |cause: &dyn std::fmt::Display| Undelivered::Unreachable(format!("{receiver} does not answer: {cause}"));
        let token = self.key.sign(receiver, Utc::now().timestamp()).map_err(|cause| unreachable(&cause))?;
        let request = self.http.post(format!("{}{path}", self.internal_url)).header(SERVICE_HEADER, token).json(body);
        // The error's URL is an internal path without a query; nothing of the mail is in it.
        let answer = request.send().await.map_err(|cause| unreachable(&cause))?;
        let status = answer.status();
        let said = format!("{receiver} answered {status}");
        match status.as_u16() {
            200..=299 => Ok(()),
            423 => Err(Undelivered::Locked(said)),
            // The call itself was refused, or the receiver has a temporary fault: every other event would get the same answer.
            401 | 404 | 408 | 429 | 500.. => Err(Undelivered::Unreachable(said)),
            _ => Err(Undelivered::Refused(said)),
        }
    }

    pub(crate) async fn delete_delivered(&self, done: Vec<Uuid>) -> Result<(), DatabaseError> {
        if done.is_empty() {
            return Ok(());
        }
        metrics::counter!("outbox_delivered_total").increment(u64::try_from(done.len()).unwrap_or(u64::MAX));
        let mut connection = self.outbox.database.connection().await?;
        diesel::delete(rows::table.filter(rows::event_id.eq_any(done))).execute(&mut connection).await?;
        Ok(())
    }

    async fn postpone(&self, mail: &Claimed, error: &str) -> Result<(), DatabaseError> {
        metrics::counter!("outbox_failed_total", "destination" => "email").increment(1);
        tracing::warn!(event_id = %mail.event_id, destination = "email", attempts = mail.attempts, error, "delivery put off");
        let mut connection = self.outbox.database.connection().await?;
        diesel::update(rows::table.find(mail.event_id))
            .set((
                rows::next_attempt_at.eq(now.into_sql::<Timestamptz>() + pause_seconds(mail.attempts).seconds()),
                rows::last_error.eq(error),
            ))
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}

fn is_of_one_election(part: &[(Claimed, Envelope)]) -> bool {
    part.iter().zip(part.iter().skip(1)).all(|((one, _), (next, _))| one.election == next.election)
}

/// 1, 2, 4, ... up to 300 seconds: quick over a restart, gentle over an outage.
fn pause_seconds(attempts: i32) -> i32 {
    2_i32.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0).min(9)).min(300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stop_growing() {
        let pauses: Vec<_> = [1, 2, 3, 9, 10, 1000].map(pause_seconds).into();
        assert_eq!(pauses, [1, 2, 4, 256, 300, 300]);
    }
}

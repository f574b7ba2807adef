//! Requests for a link or for no more reminders: done after the voter got the answer. For these calls it keeps promise 3 of
//! ARCHITECTURE.md.
//!
//! Why no response time shows whether somebody is on the roll or has voted:
//! * the answer is sent before the roll is read, so its time cannot depend on what is found;
//! * the next request of the same client does not wait for that work either: it is done by one task beside the handlers, with a
//!   small pool of its own, and without locks that the lookup of a link, or another voter's ballot, would wait for;
//! * one request is done at a time, in a time slot of [`SLOT`] that starts at a random moment and does not depend on the result: so
//!   how fast the list gets shorter, and when it is full, says nothing about the requests on it;
//! * the list is full for everybody alike, and so is the part of it that one election may take. A voter's limit of three in a day is
//!   the database's, and shows nowhere.
//!
//! If the rows of an election are locked, for example by an import, a request waits for [`LOCK_WAIT`]. Then the requests of this
//! election are set aside, and those of all others go on (`locked_elections.rs`).
//!
//! The remaining leak is the load of the machine: writing a mail takes about a millisecond more than writing none, at a moment that
//! the client does not know. The mail itself is seen by everybody who can read that mailbox.
//!
//! The list is in memory: a process that is killed forgets what it had not done, and the voter asks again. One that is told to
//! end does it first.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contract::email::{AlreadyRecorded, Envelope, Local, Mail, Occasion, VotingInvitation};
use contract::problems::{self, Kind};
use database::{DatabaseError, Failed, TextColumn, limit_lock_wait};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::election::Status;
use domain::email::Email;
use domain::ids::ElectionId;
use domain::link::{RANDOM_BYTES, VotingToken};
use launch::{Backoff, Mode, Stopper};
use messages::say;
use outbox::{Outbox, Unaudited};
use problem::Refusal;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use crate::locked_elections::{LockedElections, QueueLimits, QueuePlace};
use crate::schema::elections;

/// The longest wait for rows that somebody else holds. Nothing was done then, and the election is set aside for a while.
const LOCK_WAIT: Duration = Duration::from_millis(100);
/// Fifty requests a second in each process; a lecture hall that asks at once has its mails within half a minute. Longer than the
/// work takes, a few milliseconds and a COMMIT.
const SLOT: Duration = Duration::from_millis(20);
/// How long the link lives when it replaces none that lives longer. `request_link` decides; this is for the mail's words.
const MINUTES: i64 = 30;
/// The pauses while the database is in trouble, or an election is locked, grow from here ...
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// ... to here.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long the end of the process waits for what is on the list.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// What a voter has asked for. No `Debug`: who asks is not for the log.
pub(crate) enum Request {
    /// A link, for whoever has this number and this address.
    Link { election_id: i64, student_id: String, email: Email },
    /// No more reminders, for whoever has this code.
    StopReminders { election_id: i64, code: [u8; 16] },
}

impl Request {
    pub(crate) fn election_id(&self) -> i64 {
        match self {
            Self::Link { election_id, .. } | Self::StopReminders { election_id, .. } => *election_id,
        }
    }
}

/// A request on the list. Its number and its token stay the same however often it is tried: it is one request.
pub(crate) struct Pending {
    pub(crate) request: Request,
    id: Uuid,
    token: VotingToken,
    /// Given back when the request is done.
    _place: QueuePlace,
}

/// Too much is waiting.
#[derive(Debug)]
pub(crate) struct Full;

messages::says!(Full, |Full| say!(requests_waiting));

impl Refusal for Full {
    fn kind(&self) -> Kind {
        problems::UNAVAILABLE
    }

    fn retry_after(&self) -> Option<u32> {
        Some(30)
    }
}

/// The list of what is to be done.
#[derive(Clone)]
pub(crate) struct LinkRequests {
    /// Not bounded by itself: whoever sends has a place.
    list: mpsc::UnboundedSender<Pending>,
    places: QueueLimits,
}

impl LinkRequests {
    /// Puts a request on the list.
    pub(crate) fn enqueue(&self, request: Request) -> Result<(), Full> {
        let place = self.places.take(request.election_id()).ok_or(Full)?;
        let token = fresh_token(request.election_id());
        let pending = Pending { request, id: Uuid::new_v4(), token, _place: place };
        self.list.send(pending).map_err(|_| Full)
    }
}

/// The list, and what does the work on it. `outbox` brings a small pool of its own, so that casting never waits for these requests.
pub(crate) fn list(outbox: Outbox, public_url: &str, mode: Mode) -> (LinkRequests, LinkRequestTask) {
    let (list, waiting) = mpsc::unbounded_channel();
    let work = Work { outbox, public_url: public_url.to_owned(), mode };
    (LinkRequests { list, places: QueueLimits::default() }, LinkRequestTask { work, waiting })
}

/// What became of a request.
enum Settled {
    /// Nothing is left to do.
    Done,
    /// Nothing was done, because somebody else holds rows of its election.
    Locked,
}

/// The next request that can be tried: one that was set aside and is due, or one from the list. `select!` chooses between them at
/// random, so that many requests that were set aside do not delay the others. `None` when the list is closed and empty.
async fn next(waiting: &mut mpsc::UnboundedReceiver<Pending>, locked: &mut LockedElections<Pending>) -> Option<Pending> {
    loop {
        tokio::select! {
            pending = locked.due(), if !locked.is_empty() => return Some(pending),
            arrived = waiting.recv() => match arrived {
                Some(pending) => {
                    if let Some(pending) = locked.unless_locked(pending) {
                        return Some(pending);
                    }
                }
                None if locked.is_empty() => return None,
                None => return Some(locked.due().await),
            },
        }
    }
}

pub(crate) struct LinkRequestTask {
    work: Work,
    waiting: mpsc::UnboundedReceiver<Pending>,
}

struct Work {
    outbox: Outbox,
    public_url: String,
    /// Outside local mode an organiser whose address nobody has verified has no strangers mailed.
    mode: Mode,
}

/// What a mail about an election says.
#[derive(Queryable)]
struct Election {
    title: String,
    status: TextColumn<Status>,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    locale: String,
    timezone: String,
}

/// A call of the database, the same however often it is made.
#[derive(Clone)]
enum Call {
    RequestLink {
        election_id: i64,
        request: Uuid,
        student_id: String,
        email: String,
        hash: Vec<u8>,
        link: Vec<u8>,
        recorded: Vec<u8>,
        only_verified: bool,
    },
    StopReminders {
        election_id: i64,
        code: [u8; 16],
    },
}

impl LinkRequestTask {
    /// Works until it is told to stop, and then does what is still on the list, without pauses: nobody can ask any more, so nobody
    /// can watch.
    pub(crate) async fn run(self, stop: Stopper) {
        let Self { work, mut waiting } = self;
        let mut locked = LockedElections::default();
        loop {
            let pending = tokio::select! {
                biased;
                () = stop.stopped() => break,
                pending = next(&mut waiting, &mut locked) => pending,
            };
            let Some(pending) = pending else { return stop.stopped().await };
            let slot_ends = Instant::now() + SLOT;
            sleep(some_of(SLOT / 2)).await;
            work.settle_or_set_aside(pending, &mut locked).await;
            sleep_until(slot_ends).await;
        }
        waiting.close();
        let rest = async {
            while let Some(pending) = next(&mut waiting, &mut locked).await {
                work.settle_or_set_aside(pending, &mut locked).await;
            }
        };
        if timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
            tracing::error!("the process ends before everything that voters had asked for was done; they have to ask again");
        }
    }
}

impl Work {
    async fn settle_or_set_aside(&self, pending: Pending, locked: &mut LockedElections<Pending>) {
        match self.settle(&pending).await {
            Settled::Done => locked.release(pending.request.election_id()),
            Settled::Locked => locked.set_aside(pending),
        }
    }

    /// Tries until the database has done it, has said that it never will, or that somebody else holds the election.
    async fn settle(&self, pending: &Pending) -> Settled {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            match self.attempt(&pending.request, pending.id, &pending.token).await {
                Ok(()) => return Settled::Done,
                Err(DatabaseError::Locked) => {
                    metrics::counter!("voting_requests_locked_total").increment(1);
                    return Settled::Locked;
                }
                // Nothing of the request is in these texts: statements are sent with parameters, and PostgreSQL is told to be terse.
                Err(DatabaseError::Query(cause)) => {
                    metrics::counter!("voting_requests_failed_total").increment(1);
                    tracing::error!(%cause, "what a voter has asked for could not be done");
                    return Settled::Done;
                }
                Err(cause) => tracing::warn!(%cause, "what voters have asked for waits for the database"),
            }
            sleep(backoff.pause()).await;
        }
    }

    async fn attempt(&self, request: &Request, id: Uuid, token: &VotingToken) -> Result<(), DatabaseError> {
        let call = match request {
            Request::StopReminders { election_id, code } => Call::StopReminders { election_id: *election_id, code: *code },
            Request::Link { election_id, student_id, email } => {
                let Some(election) = self.election(*election_id).await? else { return Ok(()) };
                let [link, recorded] = self.mails(id, *election_id, &election, email, token);
                Call::RequestLink {
                    election_id: *election_id,
                    request: id,
                    student_id: student_id.clone(),
                    email: email.as_str().to_owned(),
                    hash: token.hash().as_bytes().to_vec(),
                    link: self.outbox.encrypted(&link),
                    recorded: self.outbox.encrypted(&recorded),
                    only_verified: self.mode != Mode::Local,
                }
            }
        };
        let done = self.outbox.unaudited(Unaudited::Voters).transaction::<(), std::convert::Infallible, _>(
            "do what a voter has asked for",
            async move |connection| {
                limit_lock_wait(connection, LOCK_WAIT).await?;
                call.clone().make(connection).await.map_err(Failed::from)
            },
        );
        match done.await {
            Ok(()) => Ok(()),
            Err(Failed::Database(cause)) => Err(cause),
            Err(Failed::Refused(never)) => match never {},
        }
    }

    /// The election, if it could be voted in; whoever asks knows that as well.
    async fn election(&self, election_id: i64) -> Result<Option<Election>, DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let found = elections::table
            .find(election_id)
            .select((
                elections::title,
                elections::status,
                elections::opens_at,
                elections::closes_at,
                elections::locale,
                elections::timezone,
            ))
            .get_result::<Election>(&mut *connection)
            .await
            .optional()?;
        Ok(found.filter(|election| matches!(*election.status, Status::Scheduled | Status::Active)))
    }

    /// Both mails there could be: which of them it is, `request_link` decides. They go to the address that was typed, which is the
    /// one on the roll but for the case of its letters. What is on the roll beside it, name and code, is not known here; nor is
    /// the end of the link that is replaced, so the mail names the earliest end there can be.
    fn mails(&self, id: Uuid, election_id: i64, election: &Election, email: &Email, token: &VotingToken) -> [Envelope; 2] {
        let now = Utc::now();
        let local = Local { locale: election.locale.clone(), timezone: election.timezone.clone() };
        let usable_from = election.opens_at.map_or(now, |opens| opens.max(now));
        let link = VotingInvitation {
            voter_name: None,
            election_title: election.title.clone(),
            voting_url: format!("{}/vote?token={}", self.public_url, token.expose()),
            expires_at: usable_from.checked_add_signed(chrono::Duration::minutes(MINUTES)),
            closes_at: election.closes_at,
            spent_code: None,
            occasion: Occasion::Request,
            stop_reminders_url: None,
        };
        let recorded = AlreadyRecorded {
            voter_name: None,
            election_title: election.title.clone(),
            spent_code: None,
            occasion: Occasion::Request,
        };
        [Mail::VotingInvitation(link), Mail::AlreadyRecorded(recorded)].map(|mail| Envelope {
            event_id: id,
            election_id: Some(election_id),
            recipient: email.as_str().to_owned(),
            local: local.clone(),
            mail,
        })
    }
}

impl Call {
    async fn make(self, connection: &mut database::Connection) -> QueryResult<()> {
        match self {
            Self::RequestLink { election_id, request, student_id, email, hash, link, recorded, only_verified } => {
                diesel::sql_query("SELECT request_link($1, $2, $3, $4, $5, $6, $7, $8)")
                    .bind::<BigInt, _>(election_id)
                    .bind::<SqlUuid, _>(request)
                    .bind::<Text, _>(student_id)
                    .bind::<Text, _>(email)
                    .bind::<Binary, _>(hash)
                    .bind::<Binary, _>(link)
                    .bind::<Binary, _>(recorded)
                    .bind::<Bool, _>(only_verified)
                    .execute(connection)
                    .await?
            }
            Self::StopReminders { election_id, code } => {
                diesel::sql_query("SELECT stop_reminders($1, $2)")
                    .bind::<BigInt, _>(election_id)
                    .bind::<Binary, _>(code.to_vec())
                    .execute(connection)
                    .await?
            }
        };
        Ok(())
    }
}

/// A random part of this time.
fn some_of(time: Duration) -> Duration {
    let mut byte = [0; 1];
    aws_lc_rs::rand::fill(&mut byte).expect("the operating system gives random bytes");
    time * u32::from(byte[0]) / 256
}

fn fresh_token(election_id: i64) -> VotingToken {
    let mut bytes = [0; RANDOM_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    VotingToken::new(ElectionId::new(election_id), &bytes)
}

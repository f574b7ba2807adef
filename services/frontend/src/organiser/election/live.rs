//! The turnout of open elections as it goes, without reloading the page: server-sent events.
//!
//! However many people watch an election, the election service is asked about it once in [`ASK_INTERVAL`]. It is asked in turn with the session of
//! each who watches, so that a session that has ended is noticed: its streams end. A stream whose session was not confirmed for
//! [`SESSION_CONFIRMED_FOR`] ends as well; the browser then connects anew, and is asked again who it is.
//!
//! Attack: somebody opens connections until nobody else gets any. A stream needs a session that may see the election; of one session the
//! newest [`MAX_STREAMS_OF_SESSION`] stay, and there are [`MAX_STREAMS`] of them in this process. Whoever gets none asks now and then instead.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::{Method, header};
use actix_web::{HttpResponse, web};
use chrono::Utc;
use contract::auth::Hidden;
use contract::elections::Election;
use contract::problems;
use futures_util::StreamExt as _;
use launch::Stopper;
use messages::{Language, Message, say, span};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::Frontend;
use crate::organiser::visit::{Answer, Organiser};
use crate::upstream::{OnBehalf, Refused, Upstream};

/// How often the election service is asked about an election that is watched.
pub(crate) const ASK_INTERVAL: Duration = Duration::from_secs(5);
/// Without news a stream says this often that it is there, so that nothing on the way takes it for dead, and so that a browser that has
/// gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// For how long a session counts as good without being asked about.
const SESSION_CONFIRMED_FOR: Duration = Duration::from_secs(60);
/// Streams of one session. A newer one ends the oldest: a page that is loaded again and again leaves some behind.
const MAX_STREAMS_OF_SESSION: usize = 4;
/// Streams of this process.
const MAX_STREAMS: usize = 256;
/// Events that may wait for a slow browser.
const WAITING: usize = 8;

/// What a page shows of an open election, in words of its reader.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Now {
    /// How many have voted, in a sentence.
    text: String,
    /// The time that is left.
    left: String,
    /// The width of the bar, of 1000.
    permille: i64,
    /// Whether voting is open.
    is_open: bool,
}

impl Now {
    pub(crate) fn of(election: &Election, language: Language) -> Self {
        let turnout = election.turnout;
        Self {
            text: say!(dashboard_voted, voted = turnout.voted, roll = turnout.roll).on_page(language),
            left: left(election).on_page(language),
            permille: if turnout.roll > 0 { turnout.voted.saturating_mul(1000) / turnout.roll } else { 0 },
            is_open: election.status == "active",
        }
    }
}

/// How long voting stays open.
fn left(election: &Election) -> Message {
    if matches!(election.status.as_str(), "closed" | "archived") {
        return say!(watch_ends_now);
    }
    match election.closes_at.map(|at| (at - Utc::now()).num_seconds()) {
        None => say!(watch_by_hand),
        Some(..=0) => say!(watch_ends_now),
        Some(seconds) => say!(election_open_for, span = span(seconds)),
    }
}

/// The streams of this process, by election.
#[derive(Default)]
pub(crate) struct Live {
    streams: Mutex<HashMap<i64, Vec<Stream>>>,
    is_stopping: std::sync::atomic::AtomicBool,
}

/// One browser that watches.
struct Stream {
    sender: mpsc::Sender<web::Bytes>,
    /// Which session it is of.
    session: String,
    token: Hidden,
    address: Option<String>,
    /// When the token ends by itself, in seconds since 1970.
    ends_at: i64,
    language: Language,
    confirmed: Instant,
    wrote: Instant,
    last: String,
}

impl Stream {
    fn is_good(&self) -> bool {
        !self.sender.is_closed() && self.confirmed.elapsed() < SESSION_CONFIRMED_FOR && self.ends_at > Utc::now().timestamp()
    }

    /// Sends what is new, or a sign of life. A browser that does not read what it is sent loses its stream.
    fn tell(&mut self, election: Option<&Election>) -> bool {
        let event = election.map(|election| event(election, self.language)).filter(|event| *event != self.last);
        let text = match event {
            Some(event) => event,
            None if self.wrote.elapsed() >= HEARTBEAT => ":\n\n".to_owned(),
            None => return true,
        };
        if text.starts_with("event") {
            self.last.clone_from(&text);
        }
        self.wrote = Instant::now();
        self.sender.try_send(text.into()).is_ok()
    }
}

/// An event as the browser reads it.
fn event(election: &Election, language: Language) -> String {
    let now = Now::of(election, language);
    let data = serde_json::to_string(&now).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", if now.is_open { "turnout" } else { "over" })
}

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Vec<Stream>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a stream; `false` when there are too many, or the process ends.
    fn add(&self, election_id: i64, stream: Stream) -> bool {
        let mut streams = self.lock();
        streams.values_mut().for_each(|of_election| of_election.retain(Stream::is_good));
        let session = stream.session.clone();
        let of_session =
            |streams: &HashMap<i64, Vec<Stream>>| streams.values().flatten().filter(|other| other.session == session).count();
        while of_session(&streams) >= MAX_STREAMS_OF_SESSION {
            // The oldest of an election stands first.
            let Some(full) = streams.values_mut().find(|all| all.iter().any(|other| other.session == session)) else { break };
            if let Some(oldest) = full.iter().position(|other| other.session == session) {
                full.remove(oldest);
            }
        }
        let in_all: usize = streams.values().map(Vec::len).sum();
        if in_all >= MAX_STREAMS || self.is_stopping.load(std::sync::atomic::Ordering::Acquire) {
            return false;
        }
        streams.entry(election_id).or_default().push(stream);
        true
    }

    /// With whose session the service is asked about this election: the one that was confirmed longest ago.
    fn turn(&self, election_id: i64) -> Option<(String, Hidden, Option<String>)> {
        let streams = self.lock();
        let next = streams.get(&election_id)?.iter().min_by_key(|stream| stream.confirmed)?;
        Some((next.session.clone(), next.token.clone(), next.address.clone()))
    }

    async fn ask(&self, upstream: &Upstream, election_id: i64) {
        let Some((session, token, address)) = self.turn(election_id) else { return };
        let by = OnBehalf { token: Some(token.expose()), address: address.as_deref(), cookies: None };
        let request = upstream.request(Method::GET, &format!("/api/elections/{election_id}"), &by).timeout(ASK_INTERVAL);
        let answer = upstream.answer::<Election>(request).await.map(|(election, _)| election);
        let mut streams = self.lock();
        let Some(of_election) = streams.get_mut(&election_id) else { return };
        let is_theirs = |stream: &Stream| stream.session == session;
        match &answer {
            Ok(election) => {
                of_election.iter_mut().filter(|stream| is_theirs(stream)).for_each(|stream| stream.confirmed = Instant::now());
                let is_open = election.status == "active";
                of_election.retain_mut(|stream| stream.tell(Some(election)) && is_open);
            }
            // The session has ended, or may not see the election any more.
            Err(refused) if ends_a_session(refused) => of_election.retain(|stream| !is_theirs(stream)),
            // Nobody knows anything new.
            Err(_) => of_election.retain_mut(|stream| stream.tell(None)),
        }
    }

    async fn ask_about_all(&self, upstream: &Upstream) {
        let watched: Vec<i64> = {
            let mut streams = self.lock();
            streams.values_mut().for_each(|of_election| of_election.retain(Stream::is_good));
            streams.retain(|_, of_election| !of_election.is_empty());
            streams.keys().copied().collect()
        };
        futures_util::future::join_all(watched.into_iter().map(|election_id| self.ask(upstream, election_id))).await;
    }

    /// Ends all streams, and takes no new ones.
    fn end(&self) {
        self.is_stopping.store(true, std::sync::atomic::Ordering::Release);
        self.lock().clear();
    }
}

fn ends_a_session(refused: &Refused) -> bool {
    [problems::UNAUTHENTICATED, problems::FORBIDDEN, problems::NOT_FOUND].into_iter().any(|kind| refused.is(kind))
}

/// Tells those who watch, until the service stops. A server that stops waits for its answers to end, and streams never do: so the signal
/// to stop is heard here as well.
pub(crate) async fn run(frontend: web::Data<Frontend>, every: Duration, stop: Stopper) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        tracing::error!("signals cannot be heard");
        return;
    };
    loop {
        let pause = tokio::select! {
            is_over = stop.pause(every) => is_over,
            _ = terminate.recv() => true,
        };
        if pause {
            break;
        }
        frontend.live.ask_about_all(&frontend.upstream).await;
    }
    frontend.live.end();
    stop.stopped().await;
}

/// The turnout now, for a page that asks now and then.
pub(crate) async fn now(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let election = organiser.get::<Election>(&format!("/api/elections/{id}"), &[]).await?;
    let no_store = (header::CACHE_CONTROL, "no-store");
    Ok(HttpResponse::Ok().insert_header(no_store).json(Now::of(&election, organiser.language)))
}

/// The turnout as it goes.
pub(crate) async fn stream(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let election = organiser.get::<Election>(&format!("/api/elections/{id}"), &[]).await?;
    let Some(session) = organiser.session() else { return organiser.logged_out() };
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let first = event(&election, organiser.language);
    let stream = Stream {
        sender: sender.clone(),
        session: session.form_id.clone(),
        token: session.token.clone(),
        address: organiser.address().map(ToOwned::to_owned),
        ends_at: session.ends_at,
        language: organiser.language,
        confirmed: Instant::now(),
        wrote: Instant::now(),
        last: first.clone(),
    };
    // The channel is empty: this cannot fail. An election that is not open has nothing more to tell.
    let _ = sender.try_send(format!("retry: {}\n\n{first}", ASK_INTERVAL.as_millis()).into());
    drop(sender);
    if election.status == "active" && !organiser.frontend.live.add(*id, stream) {
        return organiser.refused(&Refused::of(problems::UNAVAILABLE, say!(watch_too_many)));
    }
    let events = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context)).map(Ok::<_, Infallible>);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .streaming(events))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(session: &str) -> (Stream, mpsc::Receiver<web::Bytes>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let stream = Stream {
            sender,
            session: session.to_owned(),
            token: Hidden::new("t".to_owned()),
            address: None,
            ends_at: i64::MAX,
            language: Language::English,
            confirmed: Instant::now(),
            wrote: Instant::now(),
            last: String::new(),
        };
        (stream, receiver)
    }

    #[test]
    fn of_one_session_the_newest_streams_stay_and_all_of_them_are_bounded() {
        let live = Live::default();
        let mut receivers = Vec::new();
        for number in 0..MAX_STREAMS_OF_SESSION + 2 {
            let (stream, receiver) = stream("ann");
            assert!(live.add(i64::from(number % 2 == 0), stream));
            receivers.push(receiver);
        }
        let ended = receivers.iter_mut().map(|receiver| receiver.try_recv() == Err(mpsc::error::TryRecvError::Disconnected));
        assert_eq!(ended.filter(|ended| *ended).count(), 2);
        for number in MAX_STREAMS_OF_SESSION..MAX_STREAMS {
            let (stream, receiver) = stream(&number.to_string());
            assert!(live.add(7, stream), "{number}");
            receivers.push(receiver);
        }
        let (one_more, _receiver) = stream("bob");
        assert!(!live.add(7, one_more), "there is no room for one more");
        receivers.clear();
        let (after, _receiver) = stream("bob");
        assert!(live.add(7, after), "those that have gone leave room");
    }

    #[test]
    fn the_session_that_was_confirmed_longest_ago_has_the_turn() {
        let live = Live::default();
        let ((ann, _a), (bob, _b)) = (stream("ann"), stream("bob"));
        assert!(live.add(7, ann) && live.add(7, bob));
        assert_eq!(live.turn(7).unwrap().0, "ann");
        live.lock().get_mut(&7).unwrap()[0].confirmed = Instant::now();
        assert_eq!(live.turn(7).unwrap().0, "bob");
    }

    #[test]
    fn a_browser_that_does_not_read_loses_its_stream_and_an_ended_session_is_no_good() {
        let (mut slow, _receiver) = stream("ann");
        slow.wrote -= HEARTBEAT;
        assert!((0..WAITING).all(|_| {
            slow.wrote -= HEARTBEAT;
            slow.tell(None)
        }));
        slow.wrote -= HEARTBEAT;
        assert!(!slow.tell(None));
        let (mut over, _receiver) = stream("ann");
        assert!(over.is_good());
        over.ends_at = 1;
        assert!(!over.is_good());
        let (mut unconfirmed, _receiver) = stream("ann");
        unconfirmed.confirmed -= SESSION_CONFIRMED_FOR;
        assert!(!unconfirmed.is_good());
    }
}

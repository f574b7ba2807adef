//! Sends what is due, several mails at a time, so that one slow mailbox does not hold up the others.
//!
//! At least once: a process that dies after the mail server took a mail, and before that is committed, leaves a mail that is
//! sent again. Both copies carry the same Message-ID, by which many mailboxes show only one.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::email::{Envelope, Mail};
use database::DatabaseError;
use launch::{Backoff, Stopper};
use messages::{Says as _, say};
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};

use crate::pace::Pace;
use crate::queue::{Claimed, Queue};
use crate::rendering::MailTemplates;
use crate::smtp::{NotAccepted, Smtp};

/// New mail wakes the sender at once when this process took it; this is for retries and for what other processes took.
const POLL: Duration = Duration::from_secs(1);
/// How long SMTP conversations may continue after the service was asked to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(25);
/// How long the service tries to store the outcome of a mail. The claim of the mail (90 seconds) ends soon after.
const STORE_OUTCOME_FOR: Duration = Duration::from_secs(30);
/// How long a reason is kept.
const REASON_CHARS: usize = 500;

pub(crate) struct Sender {
    queue: Queue,
    smtp: Smtp,
    templates: MailTemplates,
    connections: usize,
    pace: Pace,
}

impl Sender {
    pub(crate) fn new(queue: Queue, smtp: Smtp, templates: MailTemplates, connections: usize, pace: Pace) -> Self {
        Self { queue, smtp, templates, connections, pace }
    }

    /// Works until it is told to stop, then ends the conversations under way.
    pub(crate) async fn run(self, wake: Arc<Notify>, stop: Stopper) {
        let this = Rc::new(self);
        // Tasks of their own: they go on, and give their database connections back, while a claim waits for one.
        let mut under_way = JoinSet::new();
        loop {
            let free = this.connections - under_way.len();
            let pause = match this.claim(free).await {
                Ok((claimed, pause)) => {
                    for mail in claimed {
                        let this = this.clone();
                        under_way.spawn_local(async move { this.deliver(mail).await });
                    }
                    pause
                }
                Err(error) => {
                    tracing::warn!(%error, "the mail queue cannot be read; trying again");
                    POLL
                }
            };
            tokio::select! {
                Some(ended) = under_way.join_next() => note_fault(ended),
                // With all conversations taken there is nothing to wake for; the permit is kept.
                () = wake.notified(), if under_way.len() < this.connections => {}
                () = tokio::time::sleep(pause) => this.smtp.close_idle().await,
                () = stop.stopped() => break,
            }
        }
        let last_words = async {
            while let Some(ended) = under_way.join_next().await {
                note_fault(ended);
            }
        };
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, last_words).await.is_err() {
            tracing::warn!("stopped in the middle of conversations; these mails are tried again");
        }
    }

    /// Up to `free` mails that are due and that the pace allows, and how long to wait for more.
    async fn claim(&self, free: usize) -> Result<(Vec<Claimed>, Duration), DatabaseError> {
        if free == 0 {
            return Ok((Vec::new(), POLL));
        }
        let allowed = self.pace.take(free).await?;
        if allowed.mails == 0 {
            return Ok((Vec::new(), allowed.pause.unwrap_or(POLL).min(POLL)));
        }
        let claimed = self.queue.claim(allowed.mails).await;
        let unused = allowed.mails - claimed.as_ref().map_or(0, Vec::len);
        if let Err(error) = self.pace.give_back(unused).await {
            tracing::warn!(%error, "mails that were allowed and not due count as sent");
        }
        let pause = allowed.pause.filter(|_| unused == 0).unwrap_or(POLL).min(POLL);
        Ok((claimed?, pause))
    }

    async fn deliver(&self, claimed: Claimed) {
        let (outcome, link) = match self.queue.open(&claimed) {
            Ok(envelope) => (self.send(&envelope).await, live_link(&envelope.mail)),
            // The key file may come back; nothing is lost by waiting for it.
            Err(unreadable) => (Err(NotAccepted::Temporary(unreadable.message())), None),
        };
        let (kind, attempts, message_id) = (label(&outcome), claimed.attempts, claimed.message_id);
        // Never the reason: mail servers quote addresses in it.
        tracing::info!(message_id, attempts, outcome = kind, "mail");
        metrics::counter!("email_attempts_total", "outcome" => kind).increment(1);
        let outcome = outcome.map_err(|not_taken| not_taken.without(link.as_deref()));
        // What is not noted is sent again when the claim ends, so noting is tried again.
        let (mut backoff, until) = (Backoff::default(), Instant::now() + STORE_OUTCOME_FOR);
        while let Err(error) = self.note(&claimed, &outcome).await {
            tracing::warn!(%error, message_id, "what became of a mail cannot be noted");
            let pause = backoff.pause();
            if Instant::now() + pause > until {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn send(&self, envelope: &Envelope) -> Result<(), NotAccepted> {
        let message = self
            .templates
            .message(envelope)
            .map_err(|cause| NotAccepted::Permanent(say!(mail_unwritable, cause = cause.to_string())))?;
        self.smtp.send(message.envelope(), &message.formatted()).await
    }

    async fn note(&self, claimed: &Claimed, outcome: &Result<(), NotAccepted>) -> Result<(), DatabaseError> {
        match outcome {
            Ok(()) => self.queue.sent(claimed).await,
            Err(NotAccepted::Permanent(reason)) => self.queue.refused(claimed, reason).await,
            Err(NotAccepted::Temporary(reason)) => self.queue.deferred(claimed, reason, pause_seconds(claimed.attempts)).await,
        }
    }
}

/// A delivery that broke is tried again when its claim ends.
fn note_fault(ended: Result<(), JoinError>) {
    if let Err(fault) = ended {
        tracing::error!(%fault, "a delivery broke");
    }
}

fn label(outcome: &Result<(), NotAccepted>) -> &'static str {
    match outcome {
        Ok(()) => "sent",
        Err(NotAccepted::Temporary(_)) => "deferred",
        Err(NotAccepted::Permanent(_)) => "refused",
    }
}

/// 5, 10, 20, ... up to 1800 seconds: quick over a greylisting, gentle over an outage.
fn pause_seconds(attempts: i32) -> i32 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(9);
    5_i32.saturating_mul(2_i32.saturating_pow(doublings)).min(1800)
}

/// The secret of a mail: its link or its code.
fn live_link(mail: &Mail) -> Option<String> {
    match mail {
        Mail::VotingInvitation(mail) => Some(mail.voting_url.clone()),
        Mail::AdminInvitation(mail) => Some(mail.registration_url.clone()),
        Mail::LoginCode(mail) => Some(mail.code.clone()),
        Mail::ResultsNotification(_)
        | Mail::BoxCommitment(_)
        | Mail::AlreadyRecorded(_)
        | Mail::AddressCorrected(_)
        | Mail::UsedNotice(_)
        | Mail::OpeningNotice(_)
        | Mail::ActionNeeded(_) => None,
    }
}

impl NotAccepted {
    /// The same, fit to be kept: on one line, of bounded length, and without the link, which some content filters quote.
    fn without(self, link: Option<&str>) -> Self {
        let fit = |text: &str| {
            let text = mails::one_line(text);
            let text = link.map_or_else(|| text.clone(), |link| without_link(&text, link));
            text.chars().take(REASON_CHARS).collect()
        };
        match self {
            Self::Temporary(reason) => Self::Temporary(reason.with_texts(&fit)),
            Self::Permanent(reason) => Self::Permanent(reason.with_texts(&fit)),
        }
    }
}

/// Leaves out every word that is a piece of the link, also one that the server cut short or spelled in other letters: 12
/// characters of a token of 43 leave an attacker 186 bits to guess. A code is shorter, and left out where it stands whole.
fn without_link(reason: &str, link: &str) -> String {
    let piece = link.len().clamp(1, 12);
    let link = link.to_ascii_lowercase();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut kept = String::with_capacity(reason.len());
    let mut rest = reason;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let of_link = word.len() >= piece && word.as_bytes().windows(piece).any(|part| contains(&link, part));
        kept.push_str(if of_link { "[link]" } else { word });
        let next = after.find(is_word).unwrap_or(after.len());
        kept.push_str(&after[..next]);
        rest = &after[next..];
    }
    kept
}

fn contains(link: &str, piece: &[u8]) -> bool {
    link.as_bytes().windows(piece.len()).any(|part| part.eq_ignore_ascii_case(piece))
}

#[cfg(test)]
mod tests {
    use messages::Message;

    use super::*;

    #[test]
    fn pauses_grow_and_stop_growing() {
        let pauses: Vec<_> = [1, 2, 3, 8, 9, 10, 1000].map(pause_seconds).into();
        assert_eq!(pauses, [5, 10, 20, 640, 1280, 1800, 1800]);
    }

    #[test]
    fn a_reason_that_quotes_the_link_is_kept_without_it() {
        let link = "https://vote.example/vote?token=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA";
        let not_taken =
            NotAccepted::Permanent(Message::verbatim(format!("554 5.7.1 spam:\r\n <{link}> and X8K3MP9QL2WN7VR4 are bad, é")));
        let NotAccepted::Permanent(reason) = not_taken.without(Some(link)) else { panic!("it stays a refusal") };
        assert_eq!(reason.to_string(), "554 5.7.1 spam: <https://vote.example/vote?token=[link]> and [link] are bad, é");
    }

    #[test]
    fn a_reason_that_quotes_a_code_is_kept_without_it() {
        let NotAccepted::Temporary(reason) =
            NotAccepted::Temporary(Message::verbatim("450 'K7QM-4XPD' looks odd")).without(Some("k7qm-4xpd"))
        else {
            panic!("it stays temporary")
        };
        assert_eq!(reason.to_string(), "450 '[link]' looks odd");
    }

    #[test]
    fn a_reason_is_kept_short() {
        let NotAccepted::Temporary(reason) = NotAccepted::Temporary(Message::verbatim("é".repeat(2000))).without(None) else {
            panic!("it stays temporary")
        };
        assert_eq!(reason.to_string().chars().count(), REASON_CHARS);
    }
}

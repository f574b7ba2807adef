//! An SMTP server that keeps what it is sent, for people and tests to read.
//!
//! It delivers nothing. For the local stack and for tests only: whoever reaches its web page reads every voting link.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod mail;
mod pages;
mod session;
mod store;
mod web;

pub use mail::Mail;
pub use store::{Attempt, Verdict};

use actix_web::dev::ServerHandle;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Where to listen and what to keep.
#[derive(Debug, Clone)]
pub struct Settings {
    /// SMTP; port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The web page with the API; none for a test that reads the mails in its own process.
    pub web: Option<SocketAddr>,
    /// How many mails to keep; older ones are dropped.
    pub keep: usize,
    /// Keeps the mails over a restart.
    pub file: Option<PathBuf>,
}

impl Settings {
    /// Free ports of loopback, nothing on disk.
    #[must_use]
    pub fn for_a_test() -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { smtp: anywhere, web: Some(anywhere), keep: 100_000, file: None }
    }
}

/// A running mail catcher; it stops when this is dropped.
#[derive(Debug)]
pub struct MailCatcher {
    store: Arc<Store>,
    smtp: SocketAddr,
    web: Option<SocketAddr>,
    accepting: JoinHandle<()>,
    serving: Option<ServerHandle>,
}

impl MailCatcher {
    /// Starts listening; when this returns, both ports take connections.
    ///
    /// # Errors
    /// A port is taken, or the file cannot be read.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let store = Arc::new(Store::open(settings.keep, settings.file)?);
        let listener = TcpListener::bind(settings.smtp).await?;
        let smtp = listener.local_addr()?;
        let (web, serving) = match settings.web {
            Some(address) => {
                let (address, server) = web::server(address, store.clone())?;
                let handle = server.handle();
                tokio::spawn(server);
                (Some(address), Some(handle))
            }
            None => (None, None),
        };
        let accepting = tokio::spawn(accept(listener, store.clone()));
        Ok(Self { store, smtp, web, accepting, serving })
    }

    /// Where it takes mail.
    #[must_use]
    pub fn smtp_address(&self) -> SocketAddr {
        self.smtp
    }

    /// Where its page is.
    #[must_use]
    pub fn web_address(&self) -> Option<SocketAddr> {
        self.web
    }

    /// All mails, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.store.all()
    }

    /// Waits until `look` finds what it wants in the mails; none when the time is over.
    pub async fn wait_for<T>(&self, patience: Duration, look: impl Fn(&[Arc<Mail>]) -> Option<T>) -> Option<T> {
        let mut arrivals = self.store.arrivals();
        let found = async {
            loop {
                arrivals.borrow_and_update();
                if let Some(found) = look(&self.mails()) {
                    return Some(found);
                }
                arrivals.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, found).await.ok().flatten()
    }

    /// Decides from now on what each RCPT is answered, in place of the rule that refuses addresses beginning with
    /// `refuse-temporary` and `refuse-permanent`.
    pub fn answer_recipients(&self, script: impl Fn(&Attempt<'_>) -> Verdict + Send + Sync + 'static) {
        self.store.set_script(Box::new(script));
    }

    /// Forgets all mails and all attempts.
    ///
    /// # Errors
    /// The file cannot be emptied.
    pub fn clear(&self) -> io::Result<()> {
        self.store.clear()
    }
}

impl Drop for MailCatcher {
    fn drop(&mut self) {
        self.accepting.abort();
        if let Some(server) = &self.serving {
            // The command is sent by the call; what it returns is only the wait for the end.
            drop(server.stop(false));
        }
    }
}

async fn accept(listener: TcpListener, store: Arc<Store>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // A client that goes away in the middle is its own affair.
                tokio::spawn(session::converse(stream, store.clone()));
            }
            // Out of files: leave the ones in use time to end instead of spinning.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

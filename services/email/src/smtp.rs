//! Conversations with the mail server, kept open between mails.
//!
//! lettre's own pool is not used, for two reasons. It gives a connection back when the send is abandoned in the middle, and
//! the answer to one mail would then be read as the answer to the next. And it does not tell a refusal of our login from a
//! refusal of the mail: a wrong password would refuse every mail for good.

use std::error::Error as _;
use std::time::{Duration, Instant};

use launch::Mode;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Code};
use messages::{Message, say};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;

use crate::settings::{Settings, SmtpTls};

/// For one whole conversation, connecting included. RFC 5321 allows minutes for each step; a server that needs them is tried
/// again, and meanwhile does not keep others waiting.
const CONVERSATION: Duration = Duration::from_secs(60);
/// For connecting alone.
const CONNECT: Duration = Duration::from_secs(15);
/// After so long without a mail a connection is closed: servers close it themselves after some minutes.
const IDLE: Duration = Duration::from_secs(30);
/// After so long without a mail the server is asked whether it is still there.
const DOUBTFUL: Duration = Duration::from_secs(2);
/// Many servers allow about a hundred mails on a connection.
const MAILS: u32 = 50;

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotAccepted {
    /// The server may take it later: 4xx, no connection, no answer in time, or a login that does not work.
    Temporary(Message),
    /// The server will never take this mail: 5xx.
    Permanent(Message),
}

/// The settings of the mail server cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SmtpRefused {
    #[error("EMAIL_SMTP_TLS=none is for local mode only: mails hold live links")]
    Unprotected,
    #[error("EMAIL_SMTP_USERNAME and EMAIL_SMTP_PASSWORD_FILE go together")]
    HalfALogin,
    #[error("EMAIL_SMTP_PASSWORD_FILE holds a placeholder; put the password in it that the mail provider gave you")]
    Placeholder,
    #[error("EMAIL_SMTP_CA_FILE: {0}")]
    Authority(String),
    #[error("TLS for EMAIL_SMTP_HOST: {0}")]
    Tls(#[from] Error),
    #[error(transparent)]
    Password(#[from] launch::SettingsRefused),
}

/// The mail server, and the connections to it that are free.
pub(crate) struct Smtp {
    host: String,
    port: u16,
    tls: Option<(SmtpTls, TlsParameters)>,
    login: Option<Credentials>,
    us: ClientId,
    most: usize,
    free: Mutex<Vec<Kept>>,
}

struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
    mails: u32,
}

impl Smtp {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SmtpRefused> {
        let tls = match settings.smtp_tls {
            SmtpTls::None if settings.common.mode == Mode::Local => None,
            SmtpTls::None => return Err(SmtpRefused::Unprotected),
            protected => Some((protected, trust(settings)?)),
        };
        let login = match (&settings.smtp_username, &settings.smtp_password_file) {
            (Some(name), Some(file)) => {
                // Its length is the provider's affair; a placeholder of the documents is not a password anywhere.
                let password = launch::secret(file, Mode::Local)?;
                let placeholder = ["CHANGE_ME", "<from-secret>"].iter().any(|text| password.expose_secret().contains(text));
                if settings.common.mode == Mode::Production && placeholder {
                    return Err(SmtpRefused::Placeholder);
                }
                Some(Credentials::new(name.clone(), password.expose_secret().to_owned()))
            }
            (None, None) => None,
            _ => return Err(SmtpRefused::HalfALogin),
        };
        Ok(Self {
            host: settings.smtp_host.clone(),
            port: settings.smtp_port,
            tls,
            login,
            us: ClientId::default(),
            most: settings.connections,
            free: Mutex::new(Vec::new()),
        })
    }

    /// Hands one mail over. `Ok` means that the server has said that it has it.
    pub(crate) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotAccepted> {
        // A conversation that takes too long is dropped where it stands, and its connection with it.
        tokio::time::timeout(CONVERSATION, self.converse(envelope, message))
            .await
            .unwrap_or_else(|_| Err(NotAccepted::Temporary(say!(mail_server_silent, seconds = CONVERSATION.as_secs()))))
    }

    async fn converse(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotAccepted> {
        let mut kept = match self.take_free().await {
            Some(kept) => kept,
            // Before our mail is spoken of, every refusal is about us or the server: it can be set right.
            None => self.connect().await.map_err(|error| NotAccepted::Temporary(words(&error)))?,
        };
        kept.connection.send(envelope, message).await.map_err(|error| not_taken(&error))?;
        kept.mails += 1;
        self.give_back(kept).await;
        Ok(())
    }

    async fn connect(&self) -> Result<Kept, Error> {
        let at_once = self.tls.as_ref().filter(|(kind, _)| *kind == SmtpTls::Tls).map(|(_, tls)| tls.clone());
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &self.us, at_once, None).await?;
        if let Some((SmtpTls::Starttls, tls)) = &self.tls {
            // Fails when the server does not offer it: somebody on the way may have taken the offer out.
            connection.starttls(tls.clone(), &self.us).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(Kept { connection, since: Instant::now(), mails: 0 })
    }

    async fn take_free(&self) -> Option<Kept> {
        loop {
            let mut kept = self.free.lock().await.pop()?;
            let idle = kept.since.elapsed();
            if idle < DOUBTFUL || (idle < IDLE && kept.connection.test_connected().await) {
                return Some(kept);
            }
            kept.connection.abort().await;
        }
    }

    async fn give_back(&self, mut kept: Kept) {
        let mut free = self.free.lock().await;
        if kept.mails < MAILS && !kept.connection.has_broken() && free.len() < self.most {
            kept.since = Instant::now();
            free.push(kept);
        } else {
            drop(free);
            kept.connection.abort().await;
        }
    }

    /// Closes connections that were not used for a while.
    pub(crate) async fn close_idle(&self) {
        let idle: Vec<Kept> = self.free.lock().await.extract_if(.., |kept| kept.since.elapsed() >= IDLE).collect();
        for mut kept in idle {
            // Bounded: this runs between the sender's claims, and the server may have gone silently.
            let _ = tokio::time::timeout(Duration::from_secs(1), kept.connection.abort()).await;
        }
    }
}

fn trust(settings: &Settings) -> Result<TlsParameters, SmtpRefused> {
    let mut trust = TlsParameters::builder(settings.smtp_host.clone()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(file) = &settings.smtp_ca_file {
        let refused = |cause: &dyn std::fmt::Display| SmtpRefused::Authority(format!("{}: {cause}", file.display()));
        let pem = std::fs::read(file).map_err(|cause| refused(&cause))?;
        let authority = Certificate::from_pem(&pem).map_err(|cause| refused(&cause))?;
        trust = trust.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    Ok(trust.build()?)
}

fn not_taken(error: &Error) -> NotAccepted {
    if error.is_permanent() && !error.status().is_some_and(is_about_us) {
        NotAccepted::Permanent(words(error))
    } else {
        NotAccepted::Temporary(words(error))
    }
}

/// 530, 534, 535, 538: the server wants another login or TLS (RFC 4954, RFC 3207). That is our settings, not the mail.
fn is_about_us(code: Code) -> bool {
    [530, 534, 535, 538].contains(&u16::from(code))
}

/// What the server said, or what came between us.
fn words(error: &Error) -> Message {
    match (error.status(), error.source()) {
        (Some(code), Some(said)) => say!(mail_server_said, code = code.to_string(), said = said.to_string()),
        _ => say!(mail_server_trouble, cause = error.to_string()),
    }
}

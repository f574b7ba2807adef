//! Whether and how the transport to PostgreSQL is encrypted: `sslmode` as libpq names it, and the file of a CA.
//!
//! tokio-postgres knows three modes and leaves TLS to others. So it is told that each connection is "direct TLS", and asks us; we
//! then ask PostgreSQL (`SSLRequest`) and answer with a TLS stream or a plain one, as the mode says.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_postgres::Socket;
use tokio_postgres::config::{SslMode as DriverMode, SslNegotiation};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;

use crate::wire::{Transport, Wire};

/// Asks PostgreSQL whether it speaks TLS: length 8, and a number that is no version of the protocol.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// `sslmode`, with libpq's names and meanings. `allow` is missing: it is `disable` for every server that permits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// Never encrypted.
    Disable,
    /// Encrypted if the server can. Protects against nobody who can change what is on the transport.
    #[default]
    Prefer,
    /// Encrypted or not at all; whoever answers is believed, unless there is a CA file: then as `verify-ca`.
    Require,
    /// Encrypted, and the server's certificate is one of this CA.
    VerifyCa,
    /// Encrypted, and the server's certificate is one of this CA for the name that was connected to.
    VerifyFull,
}

/// Settings of TLS that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsRefused {
    /// It was asked to verify without being told by what.
    #[error("sslmode verify-ca and verify-full need the file of the CA's certificate")]
    NoCa,
    /// The file cannot be read, or holds no certificate.
    #[error("the CA file {path}: {cause}")]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
}

/// How connections are encrypted. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    mode: SslMode,
    ca_file: Option<PathBuf>,
    client: Arc<ClientConfig>,
    /// Whether messages of errors begin with their SQLSTATE.
    labelled: bool,
}

impl Tls {
    /// By `sslmode` and the CA's certificate (PEM; several may stand in one file).
    ///
    /// # Errors
    /// A mode that verifies has no CA file, or the file cannot be used.
    pub fn new(mode: SslMode, ca_file: Option<&Path>) -> Result<Self, TlsRefused> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifies = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
        let authority = match ca_file {
            Some(path) => Some(authority(path, &provider)?),
            None if verifies => return Err(TlsRefused::NoCa),
            None => None,
        };
        let verifier = Verifier {
            authority: authority.filter(|_| verifies || mode == SslMode::Require),
            name_matters: mode == SslMode::VerifyFull,
            provider: provider.clone(),
        };
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { mode, ca_file: ca_file.map(Path::to_owned), client: Arc::new(client), labelled: false })
    }

    /// Makes messages of errors begin with their SQLSTATE.
    pub(crate) fn labelled(mut self) -> Self {
        self.labelled = true;
        self
    }

    /// The same for PostgreSQL's own programs: variables of their environment.
    #[must_use]
    pub fn libpq(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        let mode = match self.mode {
            SslMode::Disable => "disable",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        };
        let file = self.ca_file.as_ref().map(|file| ("PGSSLROOTCERT", file.as_os_str().to_owned()));
        [("PGSSLMODE", mode.into())].into_iter().chain(file).collect()
    }

    /// Tells tokio-postgres to leave the choice to us. For every configuration that is connected with this.
    pub fn prepare(&self, config: &mut tokio_postgres::Config) {
        config.ssl_mode(DriverMode::Require).ssl_negotiation(SslNegotiation::Direct);
    }
}

fn authority(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, TlsRefused> {
    let refused = |cause: &dyn std::fmt::Display| TlsRefused::CaFile { path: path.to_owned(), cause: cause.to_string() };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|cause| refused(&cause))? {
        roots.add(certificate.map_err(|cause| refused(&cause))?).map_err(|cause| refused(&cause))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().map_err(|cause| refused(&cause))
}

/// Believes the CA's certificates; without a CA everybody. That the other side holds its certificate's key is checked always.
#[derive(Debug)]
struct Verifier {
    authority: Option<Arc<WebPkiServerVerifier>>,
    name_matters: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        // The name is looked at last, when the chain is found good.
        match authority.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name_matters => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// One connection to one host, about to be made.
pub struct Handshake {
    tls: Tls,
    host: String,
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Wire;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        Ok(Handshake { tls: self.clone(), host: host.to_owned() })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Wire;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let labelled = self.tls.labelled;
            Ok(Wire::new(self.perform(socket).await?, labelled))
        })
    }
}

impl Handshake {
    async fn perform(self, mut socket: Socket) -> io::Result<Transport> {
        if self.tls.mode == SslMode::Disable {
            return Ok(Transport::Plain(socket));
        }
        socket.write_all(&SSL_REQUEST).await?;
        // One byte and no more: what came behind it would have been written by somebody who sits on the transport (CVE-2021-23222).
        match socket.read_u8().await? {
            b'S' => {}
            b'N' if self.tls.mode == SslMode::Prefer => return Ok(Transport::Plain(socket)),
            b'N' => return Err(io::Error::other("the server does not speak TLS, and sslmode asks for it")),
            _ => return Err(io::Error::other("the server did not say whether it speaks TLS")),
        }
        let name = ServerName::try_from(self.host).map_err(io::Error::other)?;
        let stream = TlsConnector::from(self.tls.client).connect(name, socket).await?;
        Ok(Transport::Tls(Box::new(stream)))
    }
}

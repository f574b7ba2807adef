//! TLS to PostgreSQL, mode by mode, with certificates made here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::{Path, PathBuf};

use daemons::{Durability, Postgres, Unprivileged, free_port};
use database::{Address, SslMode, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

const PASSWORD: &str = "only-for-this-test";

/// A CA with its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }
}

/// A server that takes connections under TLS only, as `localhost`.
struct Server {
    user: Unprivileged,
    postgres: Postgres,
    authority: Authority,
    other: Authority,
    _folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let user = Unprivileged::detect().unwrap();
        let folder = tempfile::Builder::new().prefix("uvote-tls-").tempdir_in("/tmp").unwrap();
        user.chown(folder.path()).unwrap();
        let (authority, other) = (Authority::new(folder.path(), "ca.pem"), Authority::new(folder.path(), "other.pem"));
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority.issuer).unwrap();
        let file = |name: &str, text: String| {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            user.chown(&path).unwrap();
            path
        };
        let (cert, key) = (file("server.pem", certificate.pem()), file("server.key", key.serialize_pem()));
        let hba = file("hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n".to_owned());
        let settings = format!(
            "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\nhba_file = '{}'",
            cert.display(),
            key.display(),
            hba.display()
        );
        let port = free_port().unwrap();
        let postgres = Postgres::new(&folder.path().join("postgres"), port, Durability::Throwaway);
        let postgres = postgres.with(&settings).tied_to(std::process::id());
        postgres.start(&user, PASSWORD).unwrap();
        Self { user, postgres, authority, other, _folder: folder }
    }

    /// Connects, and says whether the connection is encrypted; `Err` says why there is none.
    async fn connect(&self, host: &str, mode: SslMode, ca_file: Option<&Path>) -> Result<bool, String> {
        encrypted(&format!("{host}:{}", self.postgres.port()), PASSWORD, mode, ca_file).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.postgres.stop(&self.user).unwrap();
    }
}

async fn encrypted(address: &str, password: &str, mode: SslMode, ca_file: Option<&Path>) -> Result<bool, String> {
    let tls = Tls::new(mode, ca_file).unwrap();
    let address = Address::new(&format!("postgres://postgres@{address}/postgres"), &password.to_owned().into(), tls).unwrap();
    let (client, connection) = address.open().await.map_err(|cause| cause.to_string())?;
    tokio::spawn(connection);
    let row = client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await.unwrap();
    Ok(row.get(0))
}

#[track_caller]
fn refused(connected: Result<bool, String>, because: &str) {
    let cause = connected.expect_err(because);
    assert!(cause.contains(because), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sslmode_does_what_libpq_means_by_it() {
    let server = Server::start();
    let (ours, other) = (Some(&*server.authority.file), Some(&*server.other.file));
    // By this name the certificate is good, by the address it is not.
    let (name, address) = ("localhost", "127.0.0.1");

    assert_eq!(server.connect(name, SslMode::VerifyFull, ours).await, Ok(true));
    refused(server.connect(address, SslMode::VerifyFull, ours).await, "not valid for name");
    refused(server.connect(name, SslMode::VerifyFull, other).await, "invalid peer certificate");

    assert_eq!(server.connect(address, SslMode::VerifyCa, ours).await, Ok(true));
    refused(server.connect(address, SslMode::VerifyCa, other).await, "invalid peer certificate");

    assert_eq!(server.connect(address, SslMode::Require, None).await, Ok(true));
    refused(server.connect(address, SslMode::Require, other).await, "invalid peer certificate");
    assert_eq!(server.connect(address, SslMode::Require, ours).await, Ok(true));

    assert_eq!(server.connect(address, SslMode::Prefer, None).await, Ok(true));
    refused(server.connect(address, SslMode::Disable, None).await, "no encryption");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_by_whoever_asks_for_it() {
    let address = std::env::var(testkit::env::POSTGRES).unwrap();
    let password = std::fs::read_to_string(std::env::var(testkit::env::SUPERUSER_PASSWORD_FILE).unwrap()).unwrap();
    let connect = async |mode| encrypted(&address, password.trim(), mode, None).await;
    refused(connect(SslMode::Require).await, "does not speak TLS");
    assert_eq!(connect(SslMode::Prefer).await, Ok(false));
    assert_eq!(connect(SslMode::Disable).await, Ok(false));
}

#[test]
fn a_mode_that_verifies_needs_to_be_told_by_what() {
    for mode in [SslMode::VerifyCa, SslMode::VerifyFull] {
        assert!(Tls::new(mode, None).is_err());
        let nowhere = Tls::new(mode, Some(Path::new("/nowhere.pem"))).err().unwrap().to_string();
        assert!(nowhere.contains("/nowhere.pem"), "{nowhere}");
    }
}

#[test]
fn nothing_about_tls_stands_in_the_url() {
    let tls = || Tls::new(SslMode::Disable, None).unwrap();
    let refused = |url: &str| Address::new(url, &PASSWORD.to_owned().into(), tls()).err().unwrap().to_string();
    assert!(refused("postgres://me@host/db?sslmode=require").contains("DATABASE_SSLMODE"));
    assert!(refused("postgres:///db?host=/run/postgresql&user=me").contains("Unix socket"));
    assert!(refused("postgres://me:secret@host/db").contains("a file of its own"));
    assert!(refused("postgres://me@host/db?password=secret").contains("a file of its own"));
}

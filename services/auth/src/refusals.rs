//! Redis as a cache of refusals, and of nothing else (`docs/adr/0004-redis-caches-refusals-only.md`).
//!
//! Whoever empties, stops, restores or rewrites Redis can make this service slower or refuse somebody for a while. They can
//! never let anybody in: no call here answers "yes, go on".

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::Utc;
use deadpool_redis::redis::{Client, Cmd, FromRedisValue, IntoConnectionInfo as _, TlsCertificates, cmd};
use deadpool_redis::{Manager, Pool, Runtime};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use uuid::Uuid;

use crate::requester::Requester;

/// The timeout of a call to Redis; after it PostgreSQL is asked.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long Redis is not used after a failure, so that a hanging Redis does not add 100 ms to every request.
const QUIET_MS: i64 = 5_000;
/// One line a minute says that Redis is down.
const LOG_EVERY_MS: i64 = 60_000;

/// The address of Redis cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("AUTH_REDIS_URL: {0}")]
pub(crate) struct AddressRefused(String);

/// The cache.
pub(crate) struct Refusals {
    pool: Pool,
    quiet_until_ms: AtomicI64,
    logged_ms: AtomicI64,
}

impl Refusals {
    /// A cache at `url`. Nothing is connected yet: Redis may come later, or never.
    /// `rediss://` is TLS; `ca_file` is then the only CA that may vouch for the server.
    pub(crate) fn new(url: &str, password: &SecretString, ca_file: Option<&Path>) -> Result<Self, AddressRefused> {
        let refused = |cause: &dyn std::fmt::Display| AddressRefused(cause.to_string());
        let mut url = Url::parse(url).map_err(|cause| refused(&cause))?;
        url.set_password(Some(password.expose_secret())).map_err(|()| refused(&"takes no password"))?;
        let address = match ca_file {
            Some(_) if url.scheme() != "rediss" => return Err(refused(&"has a CA file and no TLS: begin it with rediss://")),
            Some(file) => {
                let root_cert = std::fs::read(file).map_err(|cause| refused(&format_args!("{}: {cause}", file.display())))?;
                let certificates = TlsCertificates { client_tls: None, root_cert: Some(root_cert) };
                let client = Client::build_with_tls(url.as_str(), certificates).map_err(|cause| refused(&cause))?;
                client.get_connection_info().clone()
            }
            None => url.as_str().into_connection_info().map_err(|cause| refused(&cause))?,
        };
        let manager = Manager::new(address).map_err(|cause| refused(&cause))?;
        let pool = Pool::builder(manager)
            .max_size(8)
            .create_timeout(Some(PATIENCE))
            .wait_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|cause| refused(&cause))?;
        Ok(Self { pool, quiet_until_ms: AtomicI64::new(0), logged_ms: AtomicI64::new(0) })
    }

    /// Whether it is known that this token was logged out.
    pub(crate) async fn is_revoked(&self, jti: Uuid) -> bool {
        self.ask::<i64>(cmd("EXISTS").arg(revoked_key(jti))).await.is_some_and(|found| found > 0)
    }

    /// Remembers that this token was logged out, for the seconds it would have lived.
    pub(crate) async fn revoke(&self, jti: Uuid, seconds: i64) {
        self.remember(&revoked_key(jti), seconds).await;
    }

    /// For how many seconds this requester is known to be locked out of this account.
    pub(crate) async fn locked_for(&self, email_key: &str, requester: &Requester) -> Option<u32> {
        let until: Option<i64> = self.ask(cmd("HGET").arg(locked_key(email_key)).arg(&requester.hash[..])).await?;
        let seconds = until?.saturating_sub(Utc::now().timestamp());
        u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    }

    /// Remembers that this requester is locked out of this account.
    pub(crate) async fn lock(&self, email_key: &str, requester: &Requester, seconds: u32) {
        let (key, until) = (locked_key(email_key), Utc::now().timestamp().saturating_add(seconds.into()));
        if self.ask::<i64>(cmd("HSET").arg(&key).arg(&requester.hash[..]).arg(until)).await.is_some() {
            self.ask::<i64>(cmd("EXPIRE").arg(&key).arg(seconds)).await;
        }
    }

    /// Forgets that anybody was locked out of this account.
    pub(crate) async fn unlock(&self, email_key: &str) {
        self.ask::<i64>(cmd("DEL").arg(locked_key(email_key))).await;
    }

    async fn remember(&self, key: &str, seconds: i64) {
        if seconds > 0 {
            self.ask::<()>(cmd("SET").arg(key).arg(1).arg("EX").arg(seconds)).await;
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if Utc::now().timestamp_millis() < self.quiet_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let answer = tokio::time::timeout(PATIENCE, async {
            let mut connection = self.pool.get().await.map_err(|cause| cause.to_string())?;
            command.query_async(&mut connection).await.map_err(|cause| cause.to_string())
        });
        match answer.await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(cause)) => self.failed(&cause),
            Err(_) => self.failed("no answer within 100 ms"),
        }
    }

    fn failed<T>(&self, cause: &str) -> Option<T> {
        metrics::counter!("auth_redis_failures_total").increment(1);
        let now = Utc::now().timestamp_millis();
        self.quiet_until_ms.store(now.saturating_add(QUIET_MS), Ordering::Relaxed);
        let logged = self.logged_ms.load(Ordering::Relaxed);
        let due = now.saturating_sub(logged) >= LOG_EVERY_MS;
        if due && self.logged_ms.compare_exchange(logged, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!(cause, "Redis does not answer; PostgreSQL decides alone");
        }
        None
    }
}

fn revoked_key(jti: Uuid) -> String {
    format!("auth:revoked:{jti}")
}

/// The address is hashed: Redis has no need to know who has an account.
fn locked_key(email_key: &str) -> String {
    format!("auth:locked:{}", hex::encode(digest(&SHA256, email_key.as_bytes())))
}

#[cfg(test)]
mod tests {
    use daemons::{Redis, Unprivileged, free_port};
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    /// A Redis that speaks TLS, with certificates made here. Nothing else in it: what it remembers shows that it was reached.
    #[tokio::test]
    async fn redis_is_reached_under_tls_when_its_certificate_is_of_this_ca() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let user = Unprivileged::detect().unwrap();
        let folder = tempfile::Builder::new().prefix("uvote-redis-").tempdir_in("/tmp").unwrap();
        user.chown(folder.path()).unwrap();
        let (ours, other, key) = (authority(), authority(), KeyPair::generate().unwrap());
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            user.chown(&path).unwrap();
            path
        };
        let (ca, other) = (file("ca.pem", ours.pem()), file("other.pem", other.pem()));
        let (cert, key) = (file("redis.pem", certificate.pem()), file("redis.key", key.serialize_pem()));
        let port = free_port().unwrap();
        let tls = format!(
            "tls-port {port}\ntls-auth-clients no\ntls-ca-cert-file \"{}\"\ntls-cert-file \"{}\"\ntls-key-file \"{}\"",
            ca.display(),
            cert.display(),
            key.display()
        );
        let redis = Redis::new(&folder.path().join("redis"), free_port().unwrap()).unwrap();
        let redis = redis.with(&tls).tied_to(std::process::id());
        redis.start(&user, "only-for-this-test").unwrap();
        let cache = |url: String, ca: Option<&Path>| Refusals::new(&url, &"only-for-this-test".to_owned().into(), ca);
        let token = Uuid::new_v4();

        // A handshake may take longer than an answer is waited for here, on a machine that is busy; then it is tried again.
        testkit::wait_until("Redis remembers it, under TLS", Duration::from_secs(20), async || {
            let trusting = cache(format!("rediss://localhost:{port}/"), Some(&ca)).unwrap();
            trusting.revoke(token, 60).await;
            trusting.is_revoked(token).await
        })
        .await;
        let misled = cache(format!("rediss://localhost:{port}/"), Some(&other)).unwrap();
        assert!(!misled.is_revoked(token).await, "a server of another CA is not believed");
        let plain = cache(format!("redis://localhost:{port}/"), None).unwrap();
        assert!(!plain.is_revoked(token).await, "its port speaks TLS only");
        assert!(cache(format!("redis://localhost:{port}/"), Some(&ca)).is_err(), "a CA file without TLS is a mistake");
        redis.stop(&user).unwrap();
    }
}

//! Makes an installation's secret files: keys, passwords and certificate, each once.
//!
//! [`Installation::ensure`] writes what is missing and never changes what is there: a key that has signed a receipt,
//! or a password the database knows, must outlive every restart. Each file appears whole (written beside, synced, then
//! linked into place), so a kill at any point, or two calls at once, leave no half key behind.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod generate;
mod secret_file;

use std::path::{Path, PathBuf};

/// Who signs calls on the internal listener, each with a key of its own.
pub const SIGNERS: [&str; 9] = ["auth", "election", "voting", "results", "audit", "admin", "email", "frontend", "gateway"];
/// The database's roles, the owner of the schema first.
pub const ROLES: [&str; 8] = [
    "uvote_owner",
    "auth_service",
    "election_service",
    "voting_service",
    "results_service",
    "audit_service",
    "admin_service",
    "email_service",
];

/// Why the secret files could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// A file could not be read, written or linked into place.
    #[error("{path}: {source}")]
    File {
        /// The file in question.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is there but is no key of the kind its name says. It is left as it is: only its owner knows what it was.
    #[error(
        "{0} is not a private key this installation can use; restore it, or remove it and its public half to make a new pair"
    )]
    NotAKey(PathBuf),
    /// The system gave no randomness, or key generation failed.
    #[error("the system's randomness failed")]
    Randomness,
    /// The certificate could not be made from its key.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// The secret files of one installation, all present. Holds paths only: secrets stay in their files (mode 0600).
#[derive(Debug, Clone)]
pub struct Installation {
    dir: PathBuf,
}

impl Installation {
    /// Makes whatever is missing below `dir` (which is made too, mode 0700) and changes nothing that is there.
    ///
    /// # Errors
    /// A file that cannot be written, or one that is there and is no key.
    pub fn ensure(dir: impl AsRef<Path>) -> Result<Self, InstallationError> {
        let dir = dir.as_ref().to_path_buf();
        let here = Self { dir };
        for folder in ["", "services", "service-keys", "outbox", "db", "tls"] {
            secret_file::private_folder(&here.dir.join(folder))?;
        }
        for secret in [
            here.jwt_secret(),
            here.email_store_key(),
            here.kek_seal(),
            here.kek_stamp(),
            here.kept_results_key(),
            here.session_key(),
            here.redis_password(),
            here.superuser_password(),
        ] {
            generate::hex_secret(&secret)?;
        }
        for service in SIGNERS {
            generate::hex_secret(&here.outbox_key(service))?;
        }
        for role in ROLES {
            generate::hex_secret(&here.role_password(role))?;
        }
        generate::ed25519_pair(&here.assertion_key(), &here.assertion_public_key())?;
        for service in SIGNERS {
            generate::ed25519_pair(&here.service_key(service), &here.service_public_key(service))?;
        }
        generate::ed25519_pair(&here.audit_head_key(), &here.audit_head_public_key())?;
        generate::p256_pair(&here.receipt_key(), &here.receipt_public_key())?;
        generate::certificate(&here.tls_key(), &here.tls_certificate())?;
        Ok(here)
    }

    /// The folder all of it lies in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// HS256 secret of the public JWT: 64 hex characters.
    #[must_use]
    pub fn jwt_secret(&self) -> PathBuf {
        self.dir.join("jwt_secret")
    }

    /// Ed25519 private key of the internal assertion, PKCS#8 PEM; only auth reads it.
    #[must_use]
    pub fn assertion_key(&self) -> PathBuf {
        self.dir.join("assertion.key.pem")
    }

    /// Its public half, SPKI PEM.
    #[must_use]
    pub fn assertion_public_key(&self) -> PathBuf {
        self.dir.join("assertion.pub.pem")
    }

    /// Ed25519 private key a service signs its calls with, PKCS#8 PEM.
    #[must_use]
    pub fn service_key(&self, service: &str) -> PathBuf {
        self.dir.join("services").join(format!("{service}.key.pem"))
    }

    /// The folder of all services' public keys, `<service>.pub.pem`, SPKI PEM.
    #[must_use]
    pub fn service_keys_dir(&self) -> PathBuf {
        self.dir.join("service-keys")
    }

    /// One service's public key.
    #[must_use]
    pub fn service_public_key(&self, service: &str) -> PathBuf {
        self.service_keys_dir().join(format!("{service}.pub.pem"))
    }

    /// Key of a service's outbox rows at rest: 64 hex characters.
    #[must_use]
    pub fn outbox_key(&self, service: &str) -> PathBuf {
        self.dir.join("outbox").join(format!("{service}.key"))
    }

    /// Key of queued mails at rest: 64 hex characters.
    #[must_use]
    pub fn email_store_key(&self) -> PathBuf {
        self.dir.join("email_store.key")
    }

    /// Key that wraps the elections' seal keys: 64 hex characters; only election reads it.
    #[must_use]
    pub fn kek_seal(&self) -> PathBuf {
        self.dir.join("kek_seal.key")
    }

    /// Key that wraps the elections' stamp keys: 64 hex characters; election and voting read it.
    #[must_use]
    pub fn kek_stamp(&self) -> PathBuf {
        self.dir.join("kek_stamp.key")
    }

    /// Key of the tags on kept results: 64 hex characters; only results reads it.
    #[must_use]
    pub fn kept_results_key(&self) -> PathBuf {
        self.dir.join("kept_results.key")
    }

    /// Key that sessions of organisers are sealed with: 64 hex characters; every copy of frontend reads the same one.
    #[must_use]
    pub fn session_key(&self) -> PathBuf {
        self.dir.join("session.key")
    }

    /// ECDSA P-256 private key of receipts and of the record's signature, PKCS#8 PEM.
    #[must_use]
    pub fn receipt_key(&self) -> PathBuf {
        self.dir.join("receipt.key.pem")
    }

    /// Its public half, SPKI PEM.
    #[must_use]
    pub fn receipt_public_key(&self) -> PathBuf {
        self.dir.join("receipt.pub.pem")
    }

    /// Ed25519 private key that heads of the audit log are signed with, PKCS#8 PEM; only audit reads it.
    #[must_use]
    pub fn audit_head_key(&self) -> PathBuf {
        self.dir.join("audit-head.key.pem")
    }

    /// Its public half, SPKI PEM; for everybody.
    #[must_use]
    pub fn audit_head_public_key(&self) -> PathBuf {
        self.dir.join("audit-head.pub.pem")
    }

    /// The folder of the database roles' passwords, `<role>.password`.
    #[must_use]
    pub fn role_passwords_dir(&self) -> PathBuf {
        self.dir.join("db")
    }

    /// One role's password file.
    #[must_use]
    pub fn role_password(&self, role: &str) -> PathBuf {
        self.role_passwords_dir().join(format!("{role}.password"))
    }

    /// The password of the local cluster's superuser, which makes the owner and nothing else.
    #[must_use]
    pub fn superuser_password(&self) -> PathBuf {
        self.dir.join("superuser.password")
    }

    /// Redis' password file.
    #[must_use]
    pub fn redis_password(&self) -> PathBuf {
        self.dir.join("redis.password")
    }

    /// The gateway's certificate, self-signed for localhost, 127.0.0.1 and ::1, PEM.
    #[must_use]
    pub fn tls_certificate(&self) -> PathBuf {
        self.dir.join("tls").join("cert.pem")
    }

    /// Its private key, PEM.
    #[must_use]
    pub fn tls_key(&self) -> PathBuf {
        self.dir.join("tls").join("key.pem")
    }
}

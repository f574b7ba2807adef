//! The eight services as data: program, role, settings.

use crate::layout::Layout;
use installation::Installation;

/// One service.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name: in settings (capitals), routes, logs.
    pub(crate) name: &'static str,
    /// What it needs, besides an address to listen on.
    needs: &'static [Need],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Database,
    /// Verifies what the gateway says about admins.
    Assertion,
    /// Verifies what services say about themselves.
    ServiceKeys,
    /// Calls others on the internal listener, and keeps an outbox.
    Outbox,
    PublicUrl,
}

use Need::{Assertion, Database, Outbox, PublicUrl, ServiceKeys};

/// All of them, in the order of their ports.
pub(crate) const SERVICES: [Service; 8] = [
    Service { name: "frontend", needs: &[PublicUrl] },
    Service { name: "auth", needs: &[Database, ServiceKeys, Outbox, PublicUrl] },
    Service { name: "election", needs: &[Database, Assertion, ServiceKeys, Outbox] },
    Service { name: "voting", needs: &[Database, Outbox, PublicUrl] },
    Service { name: "results", needs: &[Database, Assertion, ServiceKeys, Outbox] },
    Service { name: "audit", needs: &[Database, Assertion, ServiceKeys] },
    Service { name: "admin", needs: &[Database, Assertion, ServiceKeys, Outbox, PublicUrl] },
    Service { name: "email", needs: &[Database, ServiceKeys] },
];

impl Service {
    /// Its file.
    pub(crate) fn binary(&self) -> String {
        format!("uvote-{}", self.name)
    }

    /// How many processes: voting may have several, behind one upstream.
    pub(crate) fn processes(&self) -> u16 {
        let asked = std::env::var("UVOTE_VOTING_PROCESSES").ok().and_then(|text| text.parse().ok());
        if self.name == "voting" { asked.unwrap_or(1).clamp(1, 2) } else { 1 }
    }

    /// Its environment in the local stack.
    pub(crate) fn settings(&self, layout: &Layout, secrets: &Installation, port: u16) -> Vec<(String, String)> {
        let mut set = Settings { prefix: self.name.to_uppercase(), pairs: Vec::new() };
        let internal = format!("http://127.0.0.1:{}", layout.ports.internal);
        set.text("LISTEN_ADDR", format!("127.0.0.1:{port}"));
        set.text("MODE", "local");
        if let Ok(filter) = std::env::var("UVOTE_LOG") {
            set.text("LOG", filter);
        }
        for need in self.needs {
            match need {
                Need::Database => {
                    let role = format!("{}_service", self.name);
                    set.text("DATABASE_URL", format!("postgres://{role}@127.0.0.1:{}/uvote", layout.ports.postgres));
                    set.file("DATABASE_PASSWORD_FILE", secrets.role_password(&role));
                }
                Need::Assertion => set.file("ASSERTION_PUBLIC_KEY_FILE", secrets.assertion_public_key()),
                Need::ServiceKeys => set.file("SERVICE_KEYS_DIR", secrets.service_keys_dir()),
                Need::Outbox => {
                    set.file("SERVICE_KEY_FILE", secrets.service_key(self.name));
                    set.file("OUTBOX_KEY_FILE", secrets.outbox_key(self.name));
                    set.text("INTERNAL_URL", internal.clone());
                }
                Need::PublicUrl => set.text("PUBLIC_URL", layout.public_url()),
            }
        }
        set.own_of(self.name, layout, secrets, internal);
        set.pairs
    }
}

struct Settings {
    prefix: String,
    pairs: Vec<(String, String)>,
}

impl Settings {
    fn text(&mut self, name: &str, value: impl Into<String>) {
        self.pairs.push((format!("{}_{name}", self.prefix), value.into()));
    }

    fn file(&mut self, name: &str, path: std::path::PathBuf) {
        self.text(name, path.to_string_lossy().into_owned());
    }

    /// What one service alone has.
    fn own_of(&mut self, service: &str, layout: &Layout, secrets: &Installation, internal: String) {
        match service {
            "auth" => {
                self.file("JWT_SECRET_FILE", secrets.jwt_secret());
                self.file("ASSERTION_KEY_FILE", secrets.assertion_key());
                self.text("REDIS_URL", format!("redis://127.0.0.1:{}/", layout.ports.redis));
                self.file("REDIS_PASSWORD_FILE", secrets.redis_password());
                self.text("REGISTRATION", "open");
            }
            "election" => {
                self.file("KEK_SEAL_FILE", secrets.kek_seal());
                self.file("KEK_STAMP_FILE", secrets.kek_stamp());
                self.file("RECEIPT_KEY_FILE", secrets.receipt_key());
            }
            "voting" => {
                self.file("KEK_STAMP_FILE", secrets.kek_stamp());
                self.file("RECEIPT_KEY_FILE", secrets.receipt_key());
            }
            "audit" => {
                self.file("HEAD_KEY_FILE", secrets.audit_head_key());
                self.file("STATE_DIR", layout.state.join("audit"));
            }
            "admin" => self.file("AUDIT_HEAD_PUBLIC_KEY_FILE", secrets.audit_head_public_key()),
            "results" => {
                self.file("RECEIPT_PUBLIC_KEY_FILE", secrets.receipt_public_key());
                self.file("KEPT_KEY_FILE", secrets.kept_results_key());
            }
            "email" => {
                self.text("SMTP_HOST", "127.0.0.1");
                self.text("SMTP_PORT", layout.ports.smtp.to_string());
                self.text("SMTP_TLS", "none");
                self.text("FROM", "U-Vote <noreply@uvote.local>");
                self.file("STORE_KEY_FILE", secrets.email_store_key());
            }
            "frontend" => {
                self.text("INTERNAL_URL", internal);
                self.file("SERVICE_KEY_FILE", secrets.service_key(service));
                self.file("SESSION_KEY_FILE", secrets.session_key());
                self.text("MAIL_URL", layout.mail_url());
            }
            _ => {}
        }
    }
}

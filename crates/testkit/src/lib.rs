//! What tests stand on: one private PostgreSQL and Redis per run (`with-servers` starts them), a database of its own for each
//! test, and rows arranged in the user's words.
//!
//! A dev-dependency only. Nothing here is a mock: tests connect as the services' own roles.
mod answer;
pub mod booth;
mod database;
pub mod given;
pub mod outbox;
mod servers;
pub mod service;
pub mod traces;
mod wait;

pub use answer::Answer;
pub use database::{OWNER, SUPERUSER, TestDatabase};
pub use outbox::opened_mail;
pub use servers::{Servers, ServersError, with_servers};
pub use service::Running;
pub use wait::wait_until;

/// Names of the environment between `with-servers` and the tests.
pub mod env {
    /// `host:port` of the run's PostgreSQL.
    pub const POSTGRES: &str = "UVOTE_TEST_PG";
    /// The file with its superuser's password.
    pub const SUPERUSER_PASSWORD_FILE: &str = "UVOTE_TEST_PG_SUPERUSER_PASSWORD_FILE";
    /// `redis://host:port/` of the run's Redis, without its password.
    pub const REDIS: &str = "UVOTE_TEST_REDIS";
    /// The folder of an installation's secret files, made for this run.
    pub const SECRETS: &str = "UVOTE_TEST_SECRETS";
}

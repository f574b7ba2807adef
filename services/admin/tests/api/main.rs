//! The admin service through HTTP, under its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod candidates;
mod document;
mod forbidden_sql;
mod import;
mod links;
mod resend;
mod results_mail;
mod strangers;
mod voters;

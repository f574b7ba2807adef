//! The promises of the results service, through HTTP, as its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod counting;
mod document;
mod figures;
mod hidden;
mod rights;
mod stored_result;
mod tampering;

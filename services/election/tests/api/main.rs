//! The promises of the election service, through HTTP, as its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod activation;
mod amendments;
mod app;
mod check;
mod closing;
mod copying;
mod document;
mod drafts;
mod halted;
mod locked;
mod publishing;
mod resuming;
mod rights;
mod schedules;
mod turnout;

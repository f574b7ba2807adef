//! What the email service promises, through HTTP and real SMTP conversations, under its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod document;
mod protected;
mod refusals;
mod requests;
mod rights;
mod sending;
mod server;

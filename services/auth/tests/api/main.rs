//! The auth service through HTTP, under its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod callers;
mod document;
mod input;
mod inviting;
mod lockout;
mod logging_in;
mod recovering;
mod redis;
mod registering;
mod strangers;

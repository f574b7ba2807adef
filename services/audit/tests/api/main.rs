//! What the audit service promises, through HTTP, under its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod document;
mod never_a_choice;
mod order;
mod reading;
mod receiving;
mod rights;
mod signing;
mod verifying;
mod walking;

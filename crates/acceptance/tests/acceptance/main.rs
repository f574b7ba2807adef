//! The whole stack, from outside.
#![allow(clippy::unwrap_used, reason = "a test")]

mod callers;
mod election;
mod operations;
mod outages;
mod secrecy;
mod stack;

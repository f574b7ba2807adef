//! The whole stack, from outside.
#![allow(clippy::unwrap_used, reason = "a test")]

mod accounts;
mod afterwards;
mod answers;
mod callers;
mod declared;
mod documents;
mod election;
mod operations;
mod outages;
mod roll;
mod schedules;
mod secrecy;
mod stack;
mod standing_out;
mod story;

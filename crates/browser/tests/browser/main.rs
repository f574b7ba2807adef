//! The pages in a real Chromium, on a running stack: a whole election with and without scripts, and what shuts people out.
#![allow(clippy::unwrap_used, reason = "tests")]

mod first_election;
mod pages;

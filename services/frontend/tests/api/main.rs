//! The pages, rendered from the answers of a stand-in for the gateway's internal listener.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod information;
mod results;
mod upstream;
mod voting;

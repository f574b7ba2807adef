//! The pages, rendered from the answers of a stand-in for the gateway's internal listener.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod browser;
mod candidate_pages;
mod check_pages;
mod election_pages;
mod history;
mod information;
mod link_request;
mod results;
mod sessions;
mod upstream;
mod voters_pages;
mod voting;
mod watching;

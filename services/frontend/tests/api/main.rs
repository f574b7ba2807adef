//! The pages, rendered from the answers of a stand-in for the gateway's internal listener.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod browser;
mod election_pages;
mod history;
mod information;
mod link_request;
mod results;
mod sessions;
mod upstream;
mod voting;
mod watching;

//! The pages, rendered from the answers of a stand-in for the gateway's internal listener.
#![allow(clippy::unwrap_used, reason = "a test")]

mod app;
mod information;
mod link_request;
mod recovering;
mod registering;
mod results;
mod upstream;
mod voting;

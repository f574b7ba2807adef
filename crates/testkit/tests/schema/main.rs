//! The database keeps its promises by itself: as the services' own roles, and when the services are wrong.
#![allow(clippy::unwrap_used, reason = "a test")]

mod ballots;
mod closing;
mod crowds;
mod freezing;
mod leaves;
mod links;
mod migrations;
mod recording;
mod rights;
mod standing_out;
mod turnout;

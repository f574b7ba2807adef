//! Every method against a second implementation, written from the rule's text in the plainest way: ballot by ballot, without groups or piles.
//! Thousands of small elections each, with ties, blanks, gaps, equal ranks, duplicates and candidates who withdrew.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test")]

mod elections;
mod meek;
mod orders;
mod scores;
mod theorems;
mod transfers;

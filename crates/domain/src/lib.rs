//! What an election is and what it may do: life cycle, contests, ballots, links and the roll.
//!
//! Values in, values out. There is no I/O here, no async, no clock and no randomness: time and bytes are arguments, and
//! a refusal is a named value that the caller turns into an answer.
#![deny(clippy::arithmetic_side_effects)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod amendment;
pub mod ballot;
pub mod contest;
pub mod count_sentences;
pub mod election;
pub mod email;
pub mod ids;
pub mod legible;
pub mod link;
pub mod method_texts;
pub mod roll;

//! The command-line program of U-Vote: `uvote count` counts a file of ballots by any method, without any server.

pub mod blt;
pub mod count;
pub mod lines;
mod options;
mod show;
pub mod table;

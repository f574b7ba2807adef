//! What the voting service promises, asked through HTTP, on a database of its own as `voting_service`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod a_link;
mod a_vote_posted_again;
mod answered_before_the_work;
mod app;
mod arranged;
mod asking_for_a_link;
mod demoted;
mod document;
mod link_requests;
mod listener;
mod locked;
mod many_votes;
mod one_link_one_vote;
mod proxy;
mod receipts;
mod rewound;
mod rights;
mod trouble;

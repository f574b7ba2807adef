//! The admin service through HTTP, under its own role.
#![allow(clippy::unwrap_used, reason = "a test")]

mod after_the_close;
mod app;
mod candidate_files;
mod candidates;
mod corrections;
mod document;
mod import;
mod late;
mod links;
mod locked;
mod previews;
mod reminders;
mod resend;
mod results_mail;
mod rights;
mod sending;
mod sent;
mod strangers;
mod test_mail;
mod voters;
mod who_has_voted;

//! Drives a real Chromium through the pages of a running stack, as a person would: by what a page shows, not by its addresses.
//!
//! Debian's packages `chromium` and `chromium-driver` must be installed; without them every test fails. Nothing is ever skipped.
//! What fails stops the test with a sentence that says which page was open and what was looked for.

mod accessibility;
pub mod people;
mod session;
mod stack;
mod webdriver;

pub use accessibility::Checker;
pub use session::{Browser, Look};
pub use stack::Stack;
pub use webdriver::Element;

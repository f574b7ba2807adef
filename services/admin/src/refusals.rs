//! Turns violations of the roll's constraints and triggers into problem documents.

use contract::problems;
use database::{Failed, violated_constraint};
use messages::say;
use problem::Problem;

use crate::election;

/// One address is one voter.
pub(crate) fn on_roll_already() -> Failed<Problem> {
    Failed::Refused(Problem::new(problems::EXISTS, say!(on_roll_already)))
}

/// What a constraint or trigger of the roll says.
pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    match violated_constraint(&error) {
        Some("voters_email_key") => on_roll_already(),
        Some("voters_student_id_key") => Failed::Refused(Problem::new(problems::EXISTS, say!(student_id_taken))),
        _ => match election::refused_by_trigger(&error) {
            Some(problem) => Failed::Refused(problem),
            None => error.into(),
        },
    }
}

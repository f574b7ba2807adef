//! What the roll's constraints and triggers say, as answers.

use contract::problems;
use database::{Failed, violated_constraint};
use problem::Problem;

use crate::election;

/// One address is one voter.
pub(crate) fn on_roll_already() -> Failed<Problem> {
    let detail = "This address is on the roll already. Upper and lower case are the same";
    Failed::Refused(Problem::new(problems::EXISTS, detail))
}

/// What a constraint or trigger of the roll says.
pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    let exists = |detail: &str| Failed::Refused(Problem::new(problems::EXISTS, detail));
    match violated_constraint(&error) {
        Some("voters_email_key") => on_roll_already(),
        Some("voters_student_id_key") => exists("This student_id is that of another voter on the roll"),
        _ => match election::refused_by_trigger(&error) {
            Some(problem) => Failed::Refused(problem),
            None => error.into(),
        },
    }
}

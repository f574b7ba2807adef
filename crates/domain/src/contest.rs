//! The questions of an election and the rules they are counted by.

/// How marks become seats. Ranked and scored families follow, each as one more arm with a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every voter marks up to `max` candidates; those with the most marks win.
    Plurality,
}

/// What happens when candidates with equally many votes compete for the last seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieRule {
    /// The tie is the result; the statutes of the club decide.
    Declare,
}

macro_rules! word {
    ($name:ident { $($arm:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// The word used in the API, the database and the manifest.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$arm => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$arm),)+
                    _ => Err(format!("must be one of: {}", [$($text),+].join(", "))),
                }
            }
        }
    };
}
pub(crate) use word;

word!(Method { Plurality = "plurality" });
word!(TieRule { Declare = "declare" });

/// The rules of one contest, checked against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How marks become seats.
    pub method: Method,
    /// How many are elected, at least 1.
    pub seats: u32,
    /// The fewest marks of a ballot that is not blank.
    pub min: u32,
    /// The most marks of a ballot.
    pub max: u32,
    /// Whether a ballot without a mark is accepted, and counted as blank.
    pub blank: bool,
    /// What happens at a tie.
    pub tie_rule: TieRule,
}

/// The most seats or marks of one contest: a ballot has a fixed size, and this keeps it under 8 kB.
pub const MAX_MARKS: u32 = 1000;

/// A rule that cannot be: the field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRefused {
    /// The field of the contest.
    pub field: &'static str,
    /// What is wrong, to be read after the field's name.
    pub message: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self { method: Method::Plurality, seats: 1, min: 1, max: 1, blank: true, tie_rule: TieRule::Declare }
    }
}

impl Rules {
    /// Checks that the numbers fit each other.
    pub fn check(self) -> Result<Self, RuleRefused> {
        let refuse = |field, message: String| Err(RuleRefused { field, message });
        if self.seats == 0 || self.seats > MAX_MARKS {
            return refuse("seats", format!("must be between 1 and {MAX_MARKS}"));
        }
        if self.max == 0 || self.max > self.seats {
            return refuse("max", format!("must be between 1 and the number of seats, {}", self.seats));
        }
        if self.min > self.max {
            return refuse("min", format!("must not be more than max, {}", self.max));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_for_one_seat_is_the_default() {
        assert!(Rules::default().check().is_ok());
    }

    #[test]
    fn rules_that_contradict_each_other_are_refused_by_field() {
        let field = |rules: Rules| rules.check().unwrap_err().field;
        assert_eq!(field(Rules { seats: 0, ..Rules::default() }), "seats");
        assert_eq!(field(Rules { max: 2, ..Rules::default() }), "max");
        assert_eq!(field(Rules { seats: 3, max: 2, min: 3, ..Rules::default() }), "min");
    }
}

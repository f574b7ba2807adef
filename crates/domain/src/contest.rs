//! The questions of an election and the rules they are counted by.

use messages::{Message, Says as _, say};

/// How marks become seats: each method with the rule that only it has. Ranked and scored families follow, each as one more arm
/// with a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every voter has as many marks as there are seats, or fewer; those with the most marks win.
    Plurality(Plurality),
    /// Every voter marks all they approve of; those with the most marks win.
    Approval(Approval),
}

/// The rule of a plurality contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plurality {
    /// The fewest marks of a ballot that is not blank.
    pub min: u32,
    /// The most marks of a ballot: never more than there are seats.
    pub max: u32,
}

/// The rule of an approval contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// The fewest marks of a ballot that is not blank.
    pub min: u32,
    /// The most marks of a ballot; as many as there are candidates when absent, which is fixed at activation.
    pub max: Option<u32>,
}

impl Method {
    /// The word used in the API, the database and the manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plurality(_) => "plurality",
            Self::Approval(_) => "approval",
        }
    }
}

/// What happens when candidates with equally many votes compete for the last seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieRule {
    /// The tie is the result; the statutes of the club decide.
    Declare,
    /// A lot that nobody can choose, drawn from the sealed box.
    Lot,
}

/// The text is none of the words that are known; to be read after the member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOneOf(pub(crate) &'static [&'static str]);

messages::says!(NotOneOf, |NotOneOf(known)| say!(value_one_of, offered = known.join(", ")));

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
            type Err = $crate::contest::NotOneOf;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$arm),)+
                    _ => Err($crate::contest::NotOneOf(&[$($text),+])),
                }
            }
        }
    };
}
pub(crate) use word;

word!(TieRule { Declare = "declare", Lot = "lot" });

/// The rules of one contest, checked against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How marks become seats.
    pub method: Method,
    /// How many are elected, at least 1.
    pub seats: u32,
    /// Whether a ballot without a mark is accepted, and counted as blank.
    pub blank: bool,
    /// What happens at a tie.
    pub tie_rule: TieRule,
}

/// The rules of one contest as a request names them; what is absent is as usual.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawRules<'a> {
    /// Default: `plurality`.
    pub method: Option<&'a str>,
    /// Default: 1.
    pub seats: Option<u32>,
    /// Default: 1.
    pub min: Option<u32>,
    /// Default: as many as there are seats (`plurality`) or candidates (`approval`).
    pub max: Option<u32>,
    /// Default: true.
    pub blank: Option<bool>,
    /// Default: `declare`.
    pub tie_rule: Option<&'a str>,
}

/// The most seats or marks of one contest: a ballot has a fixed size, and this keeps it under 8 kB.
pub const MAX_MARKS: u32 = 1000;

/// A rule that cannot be: the field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRefused {
    /// The field of the contest.
    pub field: &'static str,
    /// What is wrong, to be read after the field's name.
    pub message: Message,
}

impl Rules {
    /// Checks every field, and that the numbers fit each other; names all that is wrong.
    pub fn parse(raw: RawRules<'_>) -> Result<Self, Vec<RuleRefused>> {
        let mut refused = Vec::new();
        let mut refuse = |field, message: Message| refused.push(RuleRefused { field, message });
        let tie_rule = raw.tie_rule.map_or(Ok(TieRule::Declare), str::parse);
        let tie_rule = tie_rule.unwrap_or_else(|unknown: NotOneOf| {
            refuse("tie_rule", unknown.message());
            TieRule::Declare
        });
        let seats = raw.seats.unwrap_or(1);
        if seats == 0 || seats > MAX_MARKS {
            refuse("seats", say!(value_between, least = 1, most = MAX_MARKS));
        }
        let (most, refused_max) = match raw.method {
            Some("approval") => (MAX_MARKS, say!(value_between, least = 1, most = MAX_MARKS)),
            _ => {
                let most = seats.min(MAX_MARKS);
                (most, say!(contest_max_above_seats, most = most))
            }
        };
        if raw.max.is_some_and(|max| max == 0 || max > most) {
            refuse("max", refused_max);
        }
        let min = raw.min.unwrap_or(1);
        let least_max = raw.max.unwrap_or(most);
        if min > least_max {
            refuse("min", say!(contest_min_above_max, most = least_max));
        }
        let method = match raw.method {
            None | Some("plurality") => Method::Plurality(Plurality { min, max: least_max }),
            Some("approval") => Method::Approval(Approval { min, max: raw.max }),
            Some(_) => {
                refuse("method", NotOneOf(&["plurality", "approval"]).message());
                Method::Plurality(Plurality { min, max: least_max })
            }
        };
        if refused.is_empty() { Ok(Self { method, seats, blank: raw.blank.unwrap_or(true), tie_rule }) } else { Err(refused) }
    }

    /// The fewest marks of a ballot that is not blank.
    #[must_use]
    pub const fn min(self) -> u32 {
        match self.method {
            Method::Plurality(Plurality { min, .. }) | Method::Approval(Approval { min, .. }) => min,
        }
    }

    /// The most marks of a ballot; `None` until the number of candidates is fixed.
    #[must_use]
    pub const fn max(self) -> Option<u32> {
        match self.method {
            Method::Plurality(Plurality { max, .. }) => Some(max),
            Method::Approval(Approval { max, .. }) => max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(raw: RawRules<'_>) -> Vec<&'static str> {
        Rules::parse(raw).unwrap_err().into_iter().map(|refused| refused.field).collect()
    }

    #[test]
    fn one_mark_for_one_seat_is_the_default() {
        let rules = Rules::parse(RawRules::default()).unwrap();
        assert_eq!(rules.method, Method::Plurality(Plurality { min: 1, max: 1 }));
        assert_eq!((rules.seats, rules.blank, rules.tie_rule), (1, true, TieRule::Declare));
    }

    #[test]
    fn three_seats_are_three_marks_and_approval_has_no_limit_unless_told() {
        let max = |method, max| {
            let raw = RawRules { method: Some(method), seats: Some(3), max, tie_rule: Some("lot"), ..RawRules::default() };
            Rules::parse(raw).unwrap().max()
        };
        assert_eq!([max("plurality", None), max("plurality", Some(2))], [Some(3), Some(2)]);
        assert_eq!([max("approval", None), max("approval", Some(7))], [None, Some(7)]);
    }

    #[test]
    fn rules_that_contradict_each_other_are_refused_by_field() {
        let usual = RawRules::default();
        assert_eq!(fields(RawRules { seats: Some(0), ..usual }), ["seats", "min"]);
        assert_eq!(fields(RawRules { seats: Some(1001), ..usual }), ["seats"]);
        assert_eq!(fields(RawRules { max: Some(2), ..usual }), ["max"]);
        assert_eq!(fields(RawRules { seats: Some(3), max: Some(2), min: Some(3), ..usual }), ["min"]);
        assert_eq!(fields(RawRules { method: Some("approval"), max: Some(1001), ..usual }), ["max"]);
        assert_eq!(fields(RawRules { method: Some("approval"), max: Some(0), ..usual }), ["max", "min"]);
        assert_eq!(fields(RawRules { method: Some("borda"), tie_rule: Some("coin"), ..usual }), ["tie_rule", "method"]);
    }
}

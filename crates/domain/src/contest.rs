//! The contests of an election: reads the rule of a request, and puts its faults into words. The rule itself is
//! `counting::Rule`.

use counting::{FieldValues, InvalidReason, Limits, METHODS, Motion, Rule, RuleFault};
use messages::{Message, say};
use serde_json::{Map, Value};

/// The name of the candidate that stands for nobody, where a rule has one.
pub const NONE_OF_THE_ABOVE: &str = "None of the above";

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

/// In which order a ballot shows its candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BallotOrder {
    /// In the order of the manifest.
    Fixed,
    /// For each link the list begins with another candidate, so nobody has the first place on every ballot.
    Rotated,
}
word!(BallotOrder { Fixed = "fixed", Rotated = "rotated" });

/// What a candidate is on a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Can be elected.
    Stands,
    /// An option of a motion: yes, no or abstain.
    Option,
    /// "None of the above"; the rule says what it does.
    NoneOfTheAbove,
}
word!(Standing { Stands = "stands", Option = "option", NoneOfTheAbove = "none_of_the_above" });

/// What is wrong with a rule: the field (empty for the whole) and the sentence, to be read after the field's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRefused {
    /// The field of the rule.
    pub field: String,
    /// What is wrong.
    pub message: Message,
}

impl RuleRefused {
    fn new(field: impl Into<String>, message: Message) -> Self {
        Self { field: field.into(), message }
    }
}

/// Reads a rule as a request names it. What is absent is as usual; a rule that is absent is a plurality for one seat.
///
/// # Errors
/// All fields that are unknown or unreadable; if there are none, all that contradict each other.
pub fn read_rule(asked: Option<&Value>) -> Result<Rule, Vec<RuleRefused>> {
    let nothing = Map::new();
    let fields = match asked {
        None => &nothing,
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(vec![RuleRefused::new("", say!(rule_not_an_object))]),
    };
    let usual = match fields.get("method") {
        None if fields.is_empty() => Rule::usual("plurality"),
        method => method.and_then(Value::as_str).and_then(Rule::usual),
    };
    let offered = || METHODS.iter().map(|description| description.method).collect::<Vec<_>>().join(", ");
    let usual = usual.ok_or_else(|| vec![RuleRefused::new("method", say!(value_one_of, offered = offered()))])?;
    let known = usual.fields();
    let mut refused = Vec::new();
    let mut kept = Map::new();
    kept.insert("method".to_owned(), Value::String(usual.method().to_owned()));
    for (name, value) in fields.iter().filter(|(name, _)| *name != "method") {
        let Some(field) = known.iter().find(|field| field.name == name) else {
            let offered = known.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
            refused.push(RuleRefused::new(name, say!(rule_field_unknown, method = usual.method(), offered = offered)));
            continue;
        };
        let mut alone = Map::new();
        alone.insert("method".to_owned(), Value::String(usual.method().to_owned()));
        alone.insert(name.clone(), value.clone());
        match serde_json::from_value::<Rule>(Value::Object(alone)) {
            Ok(_) if is_written_as(field.values, value) => {
                kept.insert(name.clone(), value.clone());
            }
            _ => refused.push(RuleRefused::new(name, say_values(field.values))),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let whole = || vec![RuleRefused::new("", say!(rule_not_an_object))];
    let rule: Rule = serde_json::from_value(Value::Object(kept)).map_err(|_| whole())?;
    let faults: Vec<RuleRefused> = rule.faults().iter().map(|fault| RuleRefused::new(fault.field(), say_fault(fault))).collect();
    if faults.is_empty() { Ok(rule) } else { Err(faults) }
}

/// Whether a value has the one form that documents tell. The reader of JSON would also take `{"lot": null}` for the word `"lot"`.
fn is_written_as(values: FieldValues, value: &Value) -> bool {
    match (values, value) {
        (FieldValues::Words(_), value) => !value.is_object(),
        (FieldValues::Passes(_), Value::Object(form)) => form.values().all(Value::is_object),
        _ => true,
    }
}

/// What a field can be, for whoever wrote something else; to be read after the name of the field.
fn say_values(values: FieldValues) -> Message {
    match values {
        FieldValues::Words(words) => say!(value_one_of, offered = words.join(", ")),
        FieldValues::WholeNumber { most } => say!(value_between, least = 0, most = most),
        FieldValues::YesOrNo => say!(value_one_of, offered = "true, false"),
        FieldValues::RequiredShare => say!(rule_field_required_share),
        FieldValues::SkippedRanks => say!(rule_field_skipped_ranks),
        FieldValues::Passes(words) => say!(rule_field_passes, offered = words.join(", ")),
    }
}

/// The sentence for a fault of a rule; to be read after the name of the field.
#[must_use]
pub fn say_fault(fault: &RuleFault) -> Message {
    match fault {
        RuleFault::SeatsOutOfRange => say!(seats_out_of_range, most = counting::MOST_SEATS),
        RuleFault::MarksCannotBeMet => say!(marks_cannot_be_met),
        RuleFault::VotesCannotBeMet => say!(votes_cannot_be_met, most = counting::MOST_VOTES),
        RuleFault::TopNotOffered => say!(top_not_offered),
        RuleFault::DecimalsOutOfRange => say!(decimals_out_of_range, most = u32::from(counting::MOST_DECIMALS)),
        RuleFault::FieldOfRctab(_) => say!(field_of_rctab),
        RuleFault::MajorityNeedsOneSeat => say!(majority_needs_one_seat),
        RuleFault::NoneOfTheAboveCannotBeShownOnly => say!(none_of_the_above_cannot_be_shown_only),
        RuleFault::ShareOutOfReach(_) => say!(share_out_of_reach),
        RuleFault::MajorityBelowHalf(share) => say!(majority_below_half, share = share.to_string()),
    }
}

/// What a voter is told whose ballot the count would set aside; to be read after the name of the contest.
#[must_use]
pub fn say_invalid(reason: InvalidReason, rule: &Rule, candidates: usize) -> Message {
    let (least, most, for_one) = match rule.limits(candidates) {
        Limits::Marks { min, max } => (min, max, 1),
        Limits::Votes { budget, most } => (1, budget, most),
        Limits::Scores { top } => (0, u32::from(top), u32::from(top)),
        Limits::Ranks { .. } => (1, u32::try_from(candidates).unwrap_or(u32::MAX), 1),
    };
    match reason {
        InvalidReason::Unreadable => say!(ballot_unreadable),
        InvalidReason::BlankNotAllowed => say!(blank_not_allowed),
        InvalidReason::NotAMark => say!(not_a_mark),
        InvalidReason::TooManyMarks => say!(too_many_marks, most = most),
        InvalidReason::TooFewMarks => say!(too_few_marks, least = least),
        InvalidReason::TooManyVotes => say!(too_many_votes, most = most),
        InvalidReason::TooManyVotesForOne => say!(too_many_votes_for_one, most = for_one),
        InvalidReason::ScoreBeyondTop => say!(score_beyond_top, most = most),
        InvalidReason::EqualRanks => say!(equal_ranks),
        InvalidReason::Gap => say!(gap),
    }
}

/// What the rule itself puts on the ballot: the options of a motion, and "None of the above". Nobody adds or removes it by hand.
#[must_use]
pub fn fixed_candidates(rule: &Rule) -> Vec<(&'static str, Standing)> {
    if let Rule::Motion(_) = rule {
        return Motion::OPTIONS.into_iter().map(|option| (option, Standing::Option)).collect();
    }
    let none = rule.terms().none_of_the_above.map(|_| (NONE_OF_THE_ABOVE, Standing::NoneOfTheAbove));
    none.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(rule: Value) -> Vec<(String, String)> {
        let told = read_rule(Some(&rule)).unwrap_err();
        told.into_iter().map(|refused| (refused.field, refused.message.code().to_owned())).collect()
    }

    #[test]
    fn a_rule_that_is_absent_is_a_plurality_for_one_seat() {
        assert_eq!(read_rule(None).unwrap(), Rule::usual("plurality").unwrap());
        assert_eq!(read_rule(Some(&json!({}))).unwrap(), Rule::usual("plurality").unwrap());
    }

    #[test]
    fn every_method_is_read_with_its_usual_values() {
        for description in METHODS {
            let rule = read_rule(Some(&json!({ "method": description.method }))).unwrap();
            assert_eq!(rule.method(), description.method);
            let again = serde_json::to_value(&rule).unwrap();
            assert_eq!(read_rule(Some(&again)).unwrap(), rule);
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        let of = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
        };
        assert_eq!(refused(json!("irv")), of(&[("", "rule-not-an-object")]));
        assert_eq!(refused(json!({ "method": "dictator" })), of(&[("method", "value-one-of")]));
        assert_eq!(refused(json!({ "seats": 3 })), of(&[("method", "value-one-of")]));
        assert_eq!(
            refused(json!({ "method": "irv", "seats": 2, "ties": "coin" })),
            of(&[("seats", "rule-field-unknown"), ("ties", "value-one-of")])
        );
        let unreadable = json!({ "method": "wigm", "seats": -1, "decimals": 300, "blank": "yes", "ties": { "lot": null },
            "quorum": "1/2", "max_skipped": "many" });
        assert_eq!(
            refused(unreadable),
            of(&[
                ("blank", "value-one-of"),
                ("decimals", "value-between"),
                ("max_skipped", "rule-field-skipped-ranks"),
                ("quorum", "rule-field-required-share"),
                ("seats", "value-between"),
                ("ties", "value-one-of"),
            ])
        );
        for passes in [json!({ "simple": null }), json!({ "at_least": { "share": "2/3", "of": "votes", "or": "more" } })] {
            assert_eq!(refused(json!({ "method": "motion", "passes": passes })), of(&[("passes", "rule-field-passes")]));
        }
        for (method, field) in [("irv", "quorum"), ("irv", "required_majority"), ("motion", "quorum")] {
            assert_eq!(refused(json!({ "method": method, field: { "more_than": "2/2" } })), of(&[(field, "share-out-of-reach")]));
        }
        assert_eq!(
            refused(json!({ "method": "motion", "passes": { "more_than": { "share": "1/1", "of": "roll" } } })),
            of(&[("passes", "share-out-of-reach")])
        );
        assert_eq!(refused(json!({ "method": "cumulative", "votes": 65_536 })), of(&[("votes", "votes-cannot-be-met")]));
        assert_eq!(refused(json!({ "method": "score", "top": 7 })), of(&[("top", "top-not-offered")]));
        assert_eq!(refused(json!({ "method": "schulze", "seats": 0 })), of(&[("seats", "seats-out-of-range")]));
        assert_eq!(
            refused(json!({ "method": "motion", "passes": { "more_than": { "share": "1/3", "of": "votes" } } })),
            of(&[("passes", "majority-below-half")])
        );
    }

    #[test]
    fn a_motion_brings_its_options_and_a_rule_its_none_of_the_above() {
        let fixed = |rule: Value| {
            fixed_candidates(&read_rule(Some(&rule)).unwrap()).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(fixed(json!({ "method": "motion" })), ["Yes", "No", "Abstain"]);
        assert_eq!(fixed(json!({ "method": "irv", "none_of_the_above": "vacant_seat" })), [NONE_OF_THE_ABOVE]);
        assert!(fixed(json!({ "method": "irv" })).is_empty());
    }
}

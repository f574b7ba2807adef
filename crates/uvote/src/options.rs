//! From the words of the command line to a rule and its lots. `tie`, `lot` and the other
//! words below are those of published counts. Every other field of a rule is given under its own name.

use counting::{CandidateId, Family, Lots, METHODS, MethodDescription, NoneOfTheAbove, Rule, Seed, Ties};
use serde_json::{Map, Value, json};

/// What `--option` says, apart from the file.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) rule: Rule,
    pub(crate) lots: Lots,
    /// The number of the candidate who stands for undeclared write-ins.
    pub(crate) write_in: Option<CandidateId>,
    /// The number of the candidate "none of the above".
    pub(crate) none: Option<CandidateId>,
}

/// The entry of a method by its word.
pub(crate) fn description(method: &str) -> Result<&'static MethodDescription, String> {
    let known = || METHODS.iter().map(|description| description.method).collect::<Vec<_>>().join(", ");
    METHODS
        .iter()
        .find(|description| description.method == method)
        .ok_or_else(|| format!("there is no method {method}; there are {}", known()))
}

/// What the command line and the first line of the file say, as a rule.
pub(crate) fn read(method: &str, seats: u32, options: &[String]) -> Result<Wanted, String> {
    let description = description(method)?;
    if !description.several_seats && seats != 1 {
        return Err(format!("{method} fills one seat, not {seats}; say --seats 1"));
    }
    let mut fields = defaults_for_files(description, seats);
    let (mut tie, mut lots, mut write_in, mut none) = (None, Lots::None, None, None);
    for option in options {
        let (key, value) = option.split_once('=').ok_or_else(|| format!("--option {option}: write key=value"))?;
        let refused = |what: &str| format!("--option {option}: {what}");
        match key {
            "tie" => tie = Some(value),
            "lot" => {
                lots = Lots::Order(numbers(value).ok_or_else(|| refused("a lot is the candidates' numbers, such as 3,1,2"))?)
            }
            "lot_seed" => lots = Lots::Seed(seed(value).ok_or_else(|| refused("a seed is 64 hex digits"))?),
            "write_in" => write_in = Some(value.parse().map_err(|_| refused("write_in is a candidate's number"))?),
            "none" => none = Some(value.parse().map_err(|_| refused("none is a candidate's number"))?),
            "method" | "seats" => return Err(refused("this is an option of its own: --method, --seats")),
            _ => drop(fields.insert(key.to_owned(), scalar(key, value))),
        }
    }
    if none.is_some() && !fields.contains_key("none_of_the_above") {
        fields.insert("none_of_the_above".to_owned(), json!(NoneOfTheAbove::VacantSeat));
    }
    set_ties(&mut fields, method, tie, &lots)?;
    let rule: Rule = serde_json::from_value(Value::Object(fields)).map_err(|cause| format!("{method}: {cause}"))?;
    if let Some(fault) = rule.faults().first() {
        return Err(format!("{method}: {fault}"));
    }
    Ok(Wanted { rule, lots, write_in, none })
}

/// The usual values for files: everything may stand on a ballot that a file can hold, nothing is drawn for, and rankings fill every seat,
/// as the rules of published counts do.
fn defaults_for_files(description: &MethodDescription, seats: u32) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("method".to_owned(), json!(description.method));
    if description.several_seats {
        fields.insert("seats".to_owned(), json!(seats));
    }
    if description.family == Family::Ranking {
        fields.insert("equal_ranks".to_owned(), json!("allow"));
        fields.insert("gaps".to_owned(), json!("allow"));
        fields.insert("unsupported".to_owned(), json!("as_counted"));
    }
    match description.method {
        // A ranking has one first choice; two of them count for nobody.
        "plurality" => drop(fields.insert("max_marks".to_owned(), json!(1))),
        "score" => drop(fields.insert("top".to_owned(), json!(100))),
        _ => {}
    }
    fields
}

fn set_ties(fields: &mut Map<String, Value>, method: &str, tie: Option<&str>, lots: &Lots) -> Result<(), String> {
    let looks_back = matches!((method, fields.get("rule").and_then(Value::as_str)), ("irv", _) | ("wigm", Some("rctab")));
    let (ties, earlier_rounds) = match tie.unwrap_or("declare") {
        "declare" => (Ties::Declare, false),
        "lot" if *lots == Lots::None => return Err("--option tie=lot: needs --option lot=3,1,2 (or lot_seed=...)".to_owned()),
        "lot" => (Ties::Lot, false),
        "previous_rounds" if !looks_back => {
            return Err("--option tie=previous_rounds: is for irv, and for wigm with rule=rctab".to_owned());
        }
        "previous_rounds" => (if *lots == Lots::None { Ties::Declare } else { Ties::Lot }, true),
        other => return Err(format!("--option tie={other}: must be declare, lot or previous_rounds")),
    };
    if method != "motion" {
        fields.insert("ties".to_owned(), json!(ties));
    }
    if looks_back {
        fields.insert("earlier_rounds".to_owned(), json!(earlier_rounds));
    }
    Ok(())
}

fn numbers(text: &str) -> Option<Vec<CandidateId>> {
    text.split(',').map(|number| number.trim().parse().ok()).collect()
}

fn seed(text: &str) -> Option<Seed> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(Seed(bytes))
}

/// A value as JSON: `4`, `true`, `droop`, and shares as `at_least:2/3` or, for what passes a motion, `at_least:2/3:votes`.
fn scalar(key: &str, value: &str) -> Value {
    let parts: Vec<&str> = value.split(':').collect();
    match (key, parts.as_slice()) {
        ("passes", [how, share, of]) => json!({ *how: { "share": share, "of": of } }),
        ("passes", [how, share]) => json!({ *how: { "share": share, "of": "votes" } }),
        (_, [how, share]) => json!({ *how: share }),
        _ => match value {
            "true" => json!(true),
            "false" => json!(false),
            _ => value.parse::<u32>().map_or_else(|_| json!(value), |number| json!(number)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &str, seats: u32, options: &[&str]) -> String {
        read(method, seats, &options.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_err()
    }

    #[test]
    fn what_a_method_does_not_have_is_refused_by_name() {
        assert!(refused("dice", 1, &[]).starts_with("there is no method dice; there are plurality, approval"));
        assert!(refused("scottish_stv", 3, &["batch=true"]).contains("unknown field `batch`"));
        assert!(refused("irv", 1, &["overvote=guess"]).contains("unknown variant `guess`"));
        assert_eq!(refused("irv", 3, &[]), "irv fills one seat, not 3; say --seats 1");
        assert_eq!(refused("wigm", 3, &["rule=prf", "mode=all"]), "wigm: mode belongs to rule=rctab");
        assert_eq!(refused("wigm", 3, &["decimals=21"]), "wigm: decimals must be between 1 and 20");
        assert!(refused("plurality", 1, &["tie=lot"]).contains("needs --option lot=3,1,2"));
        assert!(refused("scottish_stv", 1, &["tie=previous_rounds"]).contains("is for irv"));
        assert_eq!(refused("plurality", 1, &["lot"]), "--option lot: write key=value");
    }

    #[test]
    fn shares_are_written_with_a_colon() {
        let options = ["passes=at_least:3/4:roll".to_owned(), "quorum=more_than:1/2".to_owned()];
        let rule = serde_json::to_string(&read("motion", 1, &options).unwrap().rule).unwrap();
        let expected =
            r#"{"method":"motion","passes":{"at_least":{"share":"3/4","of":"roll"}},"blank":true,"quorum":{"more_than":"1/2"}}"#;
        assert_eq!(rule, expected);
    }
}

//! Canonical JSON (RFC 8785): one value, one sequence of bytes, in every language.

use serde::Serialize;
use serde_json::Value;

/// Largest integer that every JSON reader keeps exactly: 2^53 - 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Why a value has no canonical form here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// An integer beyond ±(2^53 - 1): RFC 8785 writes numbers as doubles and would silently round it.
    #[error("an integer is too large for JSON in every language")]
    UnsafeInteger,
    /// The value cannot be written as JSON.
    #[error("the value cannot be written as JSON")]
    NotJson,
}

/// The canonical bytes of `value`.
///
/// # Errors
/// [`NotCanonical`].
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value).map_err(|_| NotCanonical::NotJson)?;
    if !integers_are_safe(&value) {
        return Err(NotCanonical::UnsafeInteger);
    }
    serde_json_canonicalizer::to_vec(&value).map_err(|_| NotCanonical::NotJson)
}

fn integers_are_safe(value: &Value) -> bool {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => integer.unsigned_abs() <= MAX_SAFE_INTEGER,
            (None, Some(_)) => false,
            (None, None) => true,
        },
        Value::Array(items) => items.iter().all(integers_are_safe),
        Value::Object(fields) => fields.values().all(integers_are_safe),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 8785, section 3.2.2 (numbers, literals, strings) and 3.2.3 (keys by UTF-16 code units).
    #[test]
    fn the_examples_of_the_rfc() {
        let input: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                        \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(String::from_utf8(to_bytes(&input).unwrap()).unwrap(), expected);

        let keys = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let expected = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(String::from_utf8(to_bytes(&keys).unwrap()).unwrap(), expected);
    }

    #[test]
    fn integers_that_would_be_rounded_are_refused() {
        assert_eq!(to_bytes(&json!({"id": 9_007_199_254_740_991_i64})).unwrap(), br#"{"id":9007199254740991}"#);
        assert_eq!(to_bytes(&json!({"id": 9_007_199_254_740_992_i64})), Err(NotCanonical::UnsafeInteger));
        assert_eq!(to_bytes(&json!([[u64::MAX]])), Err(NotCanonical::UnsafeInteger));
        assert_eq!(to_bytes(&json!([i64::MIN])), Err(NotCanonical::UnsafeInteger));
    }
}

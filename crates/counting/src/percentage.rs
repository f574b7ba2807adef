//! Percentages with two decimals, computed with integers.

use std::fmt;

use serde::{Serialize, Serializer};

/// Hundredths of a percent: 3333 is 33.33 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(u32);

impl Hundredths {
    /// The number of hundredths.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// `votes` of `valid` in percent, rounded half up to two decimals; 0 when `valid` is 0.
///
/// This is at most 100 if `valid` is the most that a candidate can get. A share that is too large for a `u32` of hundredths
/// becomes its largest value.
#[must_use]
pub fn percentage(votes: u64, valid: u64) -> Hundredths {
    // 2^64 * 20,000 and twice 2^64 are far below 2^128; round half up is floor((2a + b) / 2b).
    let (votes, valid) = (u128::from(votes), u128::from(valid));
    let doubled = valid.saturating_mul(2);
    let rounded = votes.saturating_mul(20_000).saturating_add(valid).checked_div(doubled).unwrap_or(0);
    Hundredths(u32::try_from(rounded).unwrap_or(u32::MAX))
}

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.checked_div(100).unwrap_or(0), self.0.checked_rem(100).unwrap_or(0));
        write!(f, "{whole}.{part:02}")
    }
}

impl Serialize for Hundredths {
    /// A JSON number such as `33.33` or `60.0`: the double nearest to the exact value, which prints as that value.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(votes: u64, valid: u64) -> String {
        serde_json::to_string(&percentage(votes, valid)).unwrap()
    }

    #[test]
    fn two_decimals_rounded_half_up() {
        assert_eq!(json(1, 3), "33.33");
        assert_eq!(json(2, 3), "66.67");
        assert_eq!(json(3, 5), "60.0");
        assert_eq!(json(1, 1), "100.0");
        assert_eq!(json(1, 20_000), "0.01", "exactly half a hundredth goes up");
        assert_eq!(json(1, 20_001), "0.0");
        assert_eq!(json(0, 0), "0.0");
        assert_eq!(json(5, 0), "0.0");
        assert_eq!(percentage(1, 3).to_string(), "33.33");
        assert_eq!(percentage(1, 20).to_string(), "5.00");
        assert_eq!(percentage(u64::MAX, u64::MAX).get(), 10_000);
        assert_eq!(percentage(u64::MAX, 1).get(), u32::MAX);
    }

    #[test]
    fn every_hundredth_prints_as_itself() {
        for hundredths in 0..=10_000_u64 {
            let text = serde_json::to_string(&percentage(hundredths, 10_000)).unwrap();
            let exact = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            assert_eq!(text, exact.strip_suffix('0').unwrap_or(&exact));
        }
    }
}

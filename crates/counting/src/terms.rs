//! Terms that the rules of several methods share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::VariantNames;

/// What happens when the method itself leaves a tie open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ties {
    /// The tie is the result: those tied are named, and the count ends there. If every way to break it elects the same people,
    /// the count goes on instead.
    Declare,
    /// A lot decides. Each candidate has one lot for the whole count, so if two tie again, the same one is favoured.
    Lot,
}

/// Whether ballots may have something, such as equal ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Permission {
    /// A ballot that has it is invalid.
    Refuse,
    /// A ballot may have it; the method says what it means.
    Allow,
}

/// What a rank that several candidates share means, if a ballot counts for one candidate at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Overvote {
    /// On reaching it the ballot ends.
    Exhaust,
    /// It is passed over.
    Skip,
    /// If two or more of them are still in the count, the ballot ends. If one is, the ballot counts for that one. If none is, the
    /// rank is passed over.
    ExhaustIfMultipleContinuing,
}

/// What happens if a ballot names a candidate a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Duplicate {
    /// Passed over.
    Skip,
    /// On reaching it the ballot ends.
    Exhaust,
}

/// How many ranks in a row may be skipped before a ballot ends. Written as a number or `"unlimited"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkippedRanks {
    /// So many at the most.
    Most(u16),
    /// Any number.
    Unlimited,
}

impl fmt::Display for SkippedRanks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Most(number) => write!(f, "{number}"),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl Serialize for SkippedRanks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Most(number) => serializer.serialize_u16(*number),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for SkippedRanks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(u16),
            Word(String),
        }
        let refused = || serde::de::Error::custom("max_skipped is a number of ranks or \"unlimited\"");
        match Raw::deserialize(deserializer).map_err(|_| refused())? {
            Raw::Number(number) => Ok(Self::Most(number)),
            Raw::Word(word) if word == "unlimited" => Ok(Self::Unlimited),
            Raw::Word(_) => Err(refused()),
        }
    }
}

/// A share between none and all, as an exact fraction. Written as `"2/3"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    parts: u32,
    of: u32,
}

impl Share {
    /// `parts` of `of`, if that is a share: more than none, and not more than all.
    #[must_use]
    pub const fn new(parts: u32, of: u32) -> Option<Self> {
        if parts >= 1 && parts <= of { Some(Self { parts, of }) } else { None }
    }

    pub(crate) fn is_all(self) -> bool {
        self.parts == self.of
    }

    pub(crate) fn is_at_least_half(self) -> bool {
        u64::from(self.parts).saturating_mul(2) >= u64::from(self.of)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.parts, self.of)
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(parts, of)| Self::new(parts.parse().ok()?, of.parse().ok()?));
        parsed.ok_or("a share is written as m/n, with m from 1 to n")
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How large a share must be. Written as `{"more_than": "1/2"}` or `{"at_least": "2/3"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequiredShare {
    /// Exactly the share is not enough.
    MoreThan(Share),
    /// Exactly the share is enough.
    AtLeast(Share),
}

impl RequiredShare {
    /// Whether not even all are enough.
    pub(crate) fn is_out_of_reach(self) -> bool {
        matches!(self, Self::MoreThan(share) if share.is_all())
    }

    /// The fewest that reach it, of `all`. Two 64-bit numbers multiplied by 32-bit ones stay far below 2^128.
    #[must_use]
    pub fn fewest(self, all: u64) -> u128 {
        let (Self::MoreThan(share) | Self::AtLeast(share)) = self;
        let product = u128::from(all).saturating_mul(u128::from(share.parts));
        let of = u128::from(share.of);
        match self {
            Self::MoreThan(_) => product.checked_div(of).unwrap_or(0).saturating_add(1),
            Self::AtLeast(_) => product.div_ceil(of),
        }
    }
}

impl fmt::Display for RequiredShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoreThan(share) => write!(f, "more than {share}"),
            Self::AtLeast(share) => write!(f, "at least {share}"),
        }
    }
}

/// What the candidate "none of the above" does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoneOfTheAbove {
    /// It competes as a candidate. Methods that put all candidates in one order elect only those above it. In other methods it
    /// can win a seat, which then stays vacant.
    VacantSeat,
    /// Its votes are shown, and it can win nothing.
    ShownOnly,
}

/// What happens to a seat for which only candidates are left whom no ballot supports. A ballot supports whom it ranks, at whatever
/// rank, or marks, or gives a vote or a score above 0, as the method reads it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unsupported {
    /// It stays vacant. Transfers pass over such candidates from the beginning; in an order they stay at their place.
    #[default]
    VacantSeat,
    /// The method alone decides, as where a law fills every seat.
    AsCounted,
}

impl Unsupported {
    /// Whether it is the usual value, which a rule does not write.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What the rules of all methods have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How many are elected; 1 for a motion.
    pub seats: u32,
    /// What a tie means that the method leaves open.
    pub ties: Ties,
    /// Whether a blank ballot is allowed; if not, it is invalid.
    pub blank: bool,
    /// The ballots that are needed, as a share of the roll.
    pub quorum: Option<RequiredShare>,
    /// What the candidate "none of the above" does, where there is one.
    pub none_of_the_above: Option<NoneOfTheAbove>,
    /// What share of the valid ballots the only winner needs.
    pub required_majority: Option<RequiredShare>,
    /// Whether somebody whom no ballot supports can have a seat.
    pub unsupported: Unsupported,
}

/// Declares the rule of a method: its own fields with their usual values, and those that every contest has. A field that is
/// absent in JSON has its usual value; a field that the method does not have is refused.
macro_rules! rule_of {
    (
        $(#[$meta:meta])*
        $name:ident, ties = $ties:expr, {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $usual:expr,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// What a tie means that the method leaves open.
            pub ties: $crate::Ties,
            /// Whether a blank ballot is allowed; if not, it is invalid.
            pub blank: bool,
            /// The ballots that are needed for anybody to be elected, as a share of the roll.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub quorum: Option<$crate::RequiredShare>,
            /// What the candidate "none of the above" does, where there is one.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub none_of_the_above: Option<$crate::NoneOfTheAbove>,
            /// Whether somebody whom no ballot supports can have a seat.
            #[serde(skip_serializing_if = "crate::terms::Unsupported::is_usual")]
            pub unsupported: $crate::Unsupported,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $usual,)* ties: $ties, blank: true, quorum: None, none_of_the_above: None, unsupported: $crate::Unsupported::VacantSeat }
            }
        }

        impl $name {
            /// The fields, but for those that every method has.
            pub(crate) const OWN_FIELDS: &'static [$crate::RuleField] = &[$($crate::RuleField {
                name: stringify!($field),
                values: <$type as $crate::rule_field::FieldType>::VALUES,
            }),*];

            /// The terms that all methods have; the seats are the method's own.
            fn common(&self, seats: u32) -> $crate::terms::Terms {
                let Self { ties, blank, quorum, none_of_the_above, unsupported, .. } = *self;
                $crate::terms::Terms { seats, ties, blank, quorum, none_of_the_above, required_majority: None, unsupported }
            }
        }
    };
}
pub(crate) use rule_of;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_a_share_is_at_least_but_not_more() {
        let half: Share = "1/2".parse().unwrap();
        assert_eq!(RequiredShare::MoreThan(half).fewest(10), 6);
        assert_eq!(RequiredShare::AtLeast(half).fewest(10), 5);
        assert_eq!(RequiredShare::MoreThan(half).fewest(9), 5);
        assert_eq!(RequiredShare::AtLeast("2/3".parse().unwrap()).fewest(10), 7);
        assert_eq!(RequiredShare::AtLeast("1/1".parse().unwrap()).fewest(u64::MAX), u128::from(u64::MAX));
    }

    #[test]
    fn a_share_is_more_than_none_and_not_more_than_all() {
        assert!(["0/3", "4/3", "1/0", "1", "-1/2", "1/2/3", "one/two"].iter().all(|text| text.parse::<Share>().is_err()));
        assert_eq!(serde_json::to_string(&RequiredShare::AtLeast("2/3".parse().unwrap())).unwrap(), r#"{"at_least":"2/3"}"#);
        assert!(serde_json::from_str::<RequiredShare>(r#"{"at_least":"3/2"}"#).is_err());
    }

    #[test]
    fn skipped_ranks_are_a_number_or_unlimited() {
        for text in ["0", "3", "\"unlimited\""] {
            assert_eq!(serde_json::to_string(&serde_json::from_str::<SkippedRanks>(text).unwrap()).unwrap(), text);
        }
        assert!(serde_json::from_str::<SkippedRanks>("\"many\"").is_err());
    }
}

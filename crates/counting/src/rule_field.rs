//! The fields of a rule and the values that each can have, for whoever reads, describes or asks for one.

use crate::terms::{RequiredShare, SkippedRanks};

/// A field of a method's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleField {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it can be.
    pub values: FieldValues,
}

/// What a field of a rule can be in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValues {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number from 0 to `most`. A rule may narrow it further; see [`crate::RuleFault`].
    WholeNumber {
        /// The largest.
        most: u32,
    },
    /// `true` or `false`.
    YesOrNo,
    /// `{"more_than": "1/2"}` or `{"at_least": "2/3"}`, with any share.
    RequiredShare,
    /// A number of ranks, or `"unlimited"`.
    SkippedRanks,
    /// What passes a motion: one of these words, or `{"more_than": {"share": "1/2", "of": "votes"}}`, also with `at_least`.
    Passes(&'static [&'static str]),
}

/// A type that a field of a rule can have.
pub(crate) trait FieldType {
    const VALUES: FieldValues;
}

impl FieldType for bool {
    const VALUES: FieldValues = FieldValues::YesOrNo;
}

impl FieldType for u8 {
    const VALUES: FieldValues = FieldValues::WholeNumber { most: 255 };
}

impl FieldType for u16 {
    const VALUES: FieldValues = FieldValues::WholeNumber { most: 65_535 };
}

impl FieldType for u32 {
    const VALUES: FieldValues = FieldValues::WholeNumber { most: u32::MAX };
}

impl FieldType for RequiredShare {
    const VALUES: FieldValues = FieldValues::RequiredShare;
}

impl FieldType for SkippedRanks {
    const VALUES: FieldValues = FieldValues::SkippedRanks;
}

/// A field that may be absent.
impl<T: FieldType> FieldType for Option<T> {
    const VALUES: FieldValues = T::VALUES;
}

/// Types that are one word of several.
macro_rules! words {
    ($($name:ty),+ $(,)?) => {
        $(impl FieldType for $name {
            const VALUES: FieldValues = FieldValues::Words(<$name as strum::VariantNames>::VARIANTS);
        })+
    };
}

words!(
    crate::Ties,
    crate::Permission,
    crate::Overvote,
    crate::Duplicate,
    crate::NoneOfTheAbove,
    crate::Unsupported,
    crate::MajorityOf,
    crate::WigmRule,
    crate::Quota,
    crate::WinnersPerRound,
);

/// The fields that every method has but the motion, which declares its own.
pub(crate) const COMMON_FIELDS: [RuleField; 5] = [
    RuleField { name: "ties", values: crate::Ties::VALUES },
    RuleField { name: "blank", values: bool::VALUES },
    RuleField { name: "quorum", values: RequiredShare::VALUES },
    RuleField { name: "none_of_the_above", values: crate::NoneOfTheAbove::VALUES },
    RuleField { name: "unsupported", values: crate::Unsupported::VALUES },
];

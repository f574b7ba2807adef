//! The one place that says which methods there are, with the name, the ballots and the fields of each. To add a
//! method: its file in `methods`, its module in `methods/mod.rs`, one line in `methods!` below, its type in `lib.rs`, and its
//! words for people in the catalogue of messages (`domain::method_texts`).

use serde::{Deserialize, Serialize};

use crate::ballots::{InvalidReason, Limits, Ranking};
use crate::contest::{CountRefused, Standing};
use crate::methods;
use crate::ranking::RankingRule;
use crate::report::{MotionOutcome, PairLine, Step, TieOver};
use crate::rule_field::{COMMON_FIELDS, RuleField};
use crate::tabulation::CountInput;
use crate::terms::{NoneOfTheAbove, RequiredShare, Share, Terms};

/// What a voter does on a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Marks candidates.
    Marks,
    /// Gives several votes, also to one candidate.
    Votes,
    /// Scores candidates.
    Scores,
    /// Puts candidates in order.
    Ranking,
    /// Says yes or no to a text.
    Motion,
}

/// What is known of a method before a rule is made with it. Its words for people stand in the catalogue of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MethodDescription {
    /// The word by which rules name it.
    pub method: &'static str,
    /// What its ballots look like.
    pub family: Family,
    /// Whether it can fill several seats.
    pub several_seats: bool,
}

/// What is wrong with a rule: a value is out of range, or two values contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// No seat, or more than [`MOST_SEATS`].
    #[error("seats must be between 1 and {MOST_SEATS}")]
    SeatsOutOfRange,
    /// No ballot with marks could be valid.
    #[error("max_marks must be at least 1 and not less than min_marks")]
    MarksCannotBeMet,
    /// No ballot with votes could be valid, or a ballot cannot hold so many.
    #[error("votes must be between 1 and {MOST_VOTES}, and most_for_one between 1 and votes")]
    VotesCannotBeMet,
    /// A highest score that is not offered.
    #[error("top must be 5, 9, 10, 20 or 100")]
    TopNotOffered,
    /// More decimals than are counted with.
    #[error("decimals must be between 1 and {}", crate::MOST_DECIMALS)]
    DecimalsOutOfRange,
    /// A field that only the other variant of the method has.
    #[error("{0} belongs to rule=rctab")]
    FieldOfRctab(&'static str),
    /// A majority of several winners makes no sense.
    #[error("required_majority needs exactly one seat")]
    MajorityNeedsOneSeat,
    /// What "none of the above" shall do is not possible with this method.
    #[error("with this method none_of_the_above can only be vacant_seat")]
    NoneOfTheAboveCannotBeShownOnly,
    /// More than all can never be reached.
    #[error("{0} can never be reached: more than all")]
    ShareOutOfReach(&'static str),
    /// A majority below a half would pass a motion and its opposite.
    #[error("a motion needs at least a half: {0} is less")]
    MajorityBelowHalf(Share),
}

/// The most seats of a contest.
pub const MOST_SEATS: u32 = 1000;

/// The most votes of a cumulative ballot: the largest number that a ballot can have for a candidate.
pub const MOST_VOTES: u32 = 65_535;

impl RuleFault {
    /// The word by which programs know the fault.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SeatsOutOfRange => "seats_out_of_range",
            Self::MarksCannotBeMet => "marks_cannot_be_met",
            Self::VotesCannotBeMet => "votes_cannot_be_met",
            Self::TopNotOffered => "top_not_offered",
            Self::DecimalsOutOfRange => "decimals_out_of_range",
            Self::FieldOfRctab(_) => "field_of_rctab",
            Self::MajorityNeedsOneSeat => "majority_needs_one_seat",
            Self::NoneOfTheAboveCannotBeShownOnly => "none_of_the_above_cannot_be_shown_only",
            Self::ShareOutOfReach(_) => "share_out_of_reach",
            Self::MajorityBelowHalf(_) => "majority_below_half",
        }
    }

    /// The field of the rule that is at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::SeatsOutOfRange => "seats",
            Self::MarksCannotBeMet => "max_marks",
            Self::VotesCannotBeMet => "votes",
            Self::TopNotOffered => "top",
            Self::DecimalsOutOfRange => "decimals",
            Self::FieldOfRctab(field) | Self::ShareOutOfReach(field) => field,
            Self::MajorityNeedsOneSeat => "required_majority",
            Self::NoneOfTheAboveCannotBeShownOnly => "none_of_the_above",
            Self::MajorityBelowHalf(_) => "passes",
        }
    }
}

/// What a method tells of its count; the rest of a report is the same for all.
#[derive(Debug, Default)]
pub(crate) struct MethodReport {
    pub(crate) steps: Vec<Step>,
    /// In the order of election; "none of the above" among them where it wins a seat.
    pub(crate) elected: Vec<usize>,
    /// An open tie, about all seats that are not filled.
    pub(crate) tied: Option<(Vec<usize>, TieOver)>,
    pub(crate) ranking: Option<Vec<Vec<usize>>>,
    pub(crate) pairs: Vec<PairLine>,
    pub(crate) motion: Option<MotionOutcome>,
    /// The votes of whoever is ahead for the only seat, elected or tied, where votes can be a majority.
    pub(crate) leader_votes: Option<u128>,
    /// "None of the above" leaves seats vacant, without being among the elected.
    pub(crate) stopped_by_none: bool,
}

/// What every method can be asked.
pub(crate) trait Counted {
    /// What is known of it before.
    const DESCRIPTION: MethodDescription;

    fn terms(&self) -> Terms;

    /// What a ballot may look like, with so many candidates.
    fn limits(&self, candidates: usize) -> Limits;

    /// What is wrong with the method's own fields.
    fn faults(&self) -> Vec<RuleFault> {
        Vec::new()
    }

    /// Whether "none of the above" can be shown without any effect.
    fn can_show_only(&self) -> bool {
        true
    }

    /// How rankings are read before the count; `None` where every rank counts.
    fn reading(&self) -> Option<RankingRule> {
        None
    }

    /// Whether a candidate can stand for all undeclared write-ins.
    fn takes_write_ins(&self) -> bool {
        false
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused>;
}

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident($module:ident),)+) => {
        /// How a contest is counted: a method with just the fields that it has.
        ///
        /// As JSON `{"method": "scottish_stv", "seats": 3, ...}`. A field that is absent has its usual value.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "method", rename_all = "snake_case")]
        pub enum Rule {
            $($(#[$doc])* $variant(methods::$module::$variant),)+
        }

        /// All methods, in the order in which they are offered.
        pub const METHODS: &[MethodDescription] = &[$(<methods::$module::$variant as Counted>::DESCRIPTION),+];

        impl Rule {
            /// What is known of its method.
            #[must_use]
            pub const fn description(&self) -> &'static MethodDescription {
                match self { $(Self::$variant(_) => &<methods::$module::$variant as Counted>::DESCRIPTION,)+ }
            }

            /// The rule of a method with its usual values, by the method's word.
            #[must_use]
            pub fn usual(method: &str) -> Option<Self> {
                $(if method == <methods::$module::$variant as Counted>::DESCRIPTION.method {
                    return Some(Self::$variant(Default::default()));
                })+
                None
            }

            /// The terms that every rule has, such as seats, ties and quorum.
            #[must_use]
            pub fn terms(&self) -> Terms {
                match self { $(Self::$variant(rule) => rule.terms(),)+ }
            }

            /// What a ballot between so many candidates may look like.
            #[must_use]
            pub fn limits(&self, candidates: usize) -> Limits {
                match self { $(Self::$variant(rule) => rule.limits(candidates),)+ }
            }

            /// All fields that its method has.
            #[must_use]
            pub fn fields(&self) -> Vec<RuleField> {
                let own = match self { $(Self::$variant(_) => methods::$module::$variant::OWN_FIELDS,)+ };
                let common: &[RuleField] = if self.family() == Family::Motion { &[] } else { &COMMON_FIELDS };
                own.iter().chain(common).copied().collect()
            }

            fn own_faults(&self) -> Vec<RuleFault> {
                match self { $(Self::$variant(rule) => rule.faults(),)+ }
            }

            fn can_show_only(&self) -> bool {
                match self { $(Self::$variant(rule) => rule.can_show_only(),)+ }
            }

            fn takes_write_ins(&self) -> bool {
                match self { $(Self::$variant(rule) => rule.takes_write_ins(),)+ }
            }

            pub(crate) fn reading(&self) -> Option<RankingRule> {
                match self { $(Self::$variant(rule) => rule.reading(),)+ }
            }

            pub(crate) fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
                match self { $(Self::$variant(rule) => rule.count(input),)+ }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for Rule {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let methods = utoipa::openapi::schema::OneOfBuilder::new();
                $(let methods = methods.item(crate::openapi::tagged::<methods::$module::$variant>());)+
                methods.into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for Rule {
            fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
                $(<methods::$module::$variant as utoipa::ToSchema>::schemas(schemas);)+
            }
        }

        $(impl From<methods::$module::$variant> for Rule {
            fn from(rule: methods::$module::$variant) -> Self {
                Self::$variant(rule)
            }
        })+
    };
}

methods! {
    /// Every mark is one vote; most votes win.
    Plurality(plurality),
    /// Every mark is one approval; most approvals win.
    Approval(approval),
    /// Several votes a ballot, also for one candidate; most votes win.
    Cumulative(cumulative),
    /// The highest sum of scores wins.
    Score(score),
    /// The two with the highest scores; of these, whom more prefer.
    Star(star),
    /// Points by rank; most points win.
    Borda(borda),
    /// The last is eliminated until one has a majority.
    Irv(irv),
    /// Transferable votes with weighted inclusive Gregory transfers.
    Wigm(wigm),
    /// Transferable votes as Scotland's councils are elected.
    ScottishStv(scottish_stv),
    /// Transferable votes by Meek's method.
    MeekStv(meek_stv),
    /// Pairs compared along strongest paths.
    Schulze(schulze),
    /// Pairs locked from the strongest on.
    RankedPairs(ranked_pairs),
    /// Yes, no or abstain on a text.
    Motion(motion),
}

impl Rule {
    /// The word that names its method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        self.description().method
    }

    /// What its ballots look like.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.description().family
    }

    /// How many are elected; a motion passes or fails, which is one.
    #[must_use]
    pub fn seats(&self) -> u32 {
        self.terms().seats
    }

    /// All that is wrong with it; nothing for a rule that can be counted by.
    #[must_use]
    pub fn faults(&self) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        let terms = self.terms();
        if terms.seats == 0 || terms.seats > MOST_SEATS {
            faults.push(RuleFault::SeatsOutOfRange);
        }
        if terms.required_majority.is_some() && terms.seats != 1 {
            faults.push(RuleFault::MajorityNeedsOneSeat);
        }
        if terms.none_of_the_above == Some(NoneOfTheAbove::ShownOnly) && !self.can_show_only() {
            faults.push(RuleFault::NoneOfTheAboveCannotBeShownOnly);
        }
        for (field, required) in [("quorum", terms.quorum), ("required_majority", terms.required_majority)] {
            if required.is_some_and(RequiredShare::is_out_of_reach) {
                faults.push(RuleFault::ShareOutOfReach(field));
            }
        }
        faults.extend(self.own_faults());
        faults
    }

    /// Looks at one ballot in the form of an election, one number per candidate, as the count will: what a voter is told before they
    /// cast it.
    ///
    /// # Errors
    /// The reason for which the count would set it aside.
    pub fn judge(&self, numbers: &[u16]) -> Result<(), InvalidReason> {
        if numbers.iter().all(|number| *number == 0) {
            return if self.terms().blank { Ok(()) } else { Err(InvalidReason::BlankNotAllowed) };
        }
        let limits = self.limits(numbers.len());
        if !matches!(limits, Limits::Ranks { .. }) {
            return limits.judge(numbers);
        }
        let mut ranking = Ranking::new();
        ranking.fill_from_ranks(numbers, &mut Vec::new());
        limits.judge(ranking.tokens())
    }

    /// Whether a ranking of so many candidates can identify a ballot: there are more than a hundred full orders for each voter.
    /// Every ballot becomes public, so whoever told a voter how to rank can find that voter's ballot.
    #[must_use]
    pub fn orders_recognise_voters(&self, candidates: usize, roll: u64) -> bool {
        let orders = (1_u64..).take(candidates).fold(1, u64::saturating_mul);
        self.family() == Family::Ranking && orders > roll.saturating_mul(100)
    }

    /// Whether a candidate of this standing can be in the count.
    pub(crate) fn takes(&self, standing: Standing) -> Result<(), CountRefused> {
        match standing {
            Standing::NoneOfTheAbove if self.terms().none_of_the_above.is_none() => {
                Err(CountRefused::StandingNotCounted("candidate \"none of the above\""))
            }
            Standing::WriteIns if !self.takes_write_ins() => Err(CountRefused::StandingNotCounted("undeclared write-ins")),
            _ => Ok(()),
        }
    }
}

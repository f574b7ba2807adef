//! The life of an election: which actions are allowed in which state, and what they lead to.
//!
//! ```text
//! draft ──activate──▶ active ──close──▶ closed ──archive──▶ archived
//!   │ └──activate──▶ scheduled ──open──▲ │
//!   └──delete  └──delete                 │
//!                    grace ▶ sealed ▶ rewritten ▶ opening ▶ opened
//!                      └────────┴─────────┴──── failed (retried) ──┘
//! ```
//! `docs/state-machines.md` has the same as a table, which a test of this module prints.

use chrono::{DateTime, Utc};
use messages::say;

use crate::contest::word;

/// Where an election stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Being prepared; everything may be changed.
    Draft,
    /// Frozen, and waiting for its opening time.
    Scheduled,
    /// Voting is open.
    Active,
    /// Voting has ended; [`TallyState`] says how far the count is.
    Closed,
    /// Put away; still readable.
    Archived,
}
word!(Status { Draft = "draft", Scheduled = "scheduled", Active = "active", Closed = "closed", Archived = "archived" });

/// How far closing has come. Each step is repeated safely after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TallyState {
    /// No new stamp; finished ballots may still arrive for a short while.
    Grace,
    /// The box is sealed, its commitment signed and mailed to the organiser, the stamp key destroyed.
    Sealed,
    /// Who took part is kept in random order only.
    Rewritten,
    /// The seal key is in use; ballots are being opened.
    Opening,
    /// Every ballot is opened, the result stands.
    Opened,
    /// A step failed; the reason is kept and the step can be tried again.
    Failed,
}
word!(TallyState {
    Grace = "grace", Sealed = "sealed", Rewritten = "rewritten", Opening = "opening", Opened = "opened", Failed = "failed",
});

/// When the result appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// Together with the end of the count.
    Together,
    /// When an admin says so.
    Manual,
}
word!(Publish { Together = "together", Manual = "manual" });

/// Who seals and stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The voting service seals on arrival; the operator is trusted for secrecy in that moment.
    Simple,
    /// Voters seal on their own devices. The database is ready for it; no election can be made with it yet.
    Verified,
}
word!(Profile { Simple = "simple", Verified = "verified" });

/// What can be done to an election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Change title, description, times or contests.
    Edit,
    /// Add, change or remove a candidate.
    ChangeCandidates,
    /// Add or remove a voter.
    ChangeRoll,
    /// Add a voter who was forgotten, for all to see; take off one who was sent nothing yet.
    AmendRoll,
    /// Correct an entry of the roll.
    CorrectRoll,
    /// Fix the rules: voting opens now, or at the time that is set.
    Activate,
    /// Open the voting of a scheduled election before its time.
    Open,
    /// Move the end of voting to a later time.
    MoveEnd,
    /// Announce that a candidate withdrew or died: the count skips them.
    WithdrawCandidate,
    /// Send voting links, or one again.
    SendLinks,
    /// Remind who has not voted.
    Remind,
    /// Cast a ballot.
    Cast,
    /// End the voting.
    Close,
    /// Make the result public.
    PublishResults,
    /// Show the result.
    ReadResult,
    /// Mail the result to the roll.
    SendResults,
    /// Put the election away.
    Archive,
    /// Delete it with all its data. For a scheduled election [`may_delete`] has one more condition.
    Delete,
}

/// All actions, for the table of the documentation.
pub const ACTIONS: [Action; 18] = [
    Action::Edit,
    Action::ChangeCandidates,
    Action::ChangeRoll,
    Action::AmendRoll,
    Action::CorrectRoll,
    Action::Activate,
    Action::Open,
    Action::MoveEnd,
    Action::WithdrawCandidate,
    Action::SendLinks,
    Action::Remind,
    Action::Cast,
    Action::Close,
    Action::PublishResults,
    Action::ReadResult,
    Action::SendResults,
    Action::Archive,
    Action::Delete,
];

/// Why an action is not allowed now. Where something can be done instead, the text says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAllowed {
    /// Settings, contests and candidates freeze at the activation: every ballot is bound to them.
    Frozen,
    /// The roll is changed only by amendments once voting is open.
    RollClosed,
    /// Activated already.
    AlreadyActivated,
    /// Never activated.
    NeverActivated,
    /// Voting has not begun.
    NotOpenYet,
    /// Voting is over.
    VotingEnded,
    /// It can have votes.
    HasHistory,
    /// Somebody waits for it.
    LinksSent,
    /// Voting is still open.
    StillActive,
    /// It opened already.
    AlreadyOpen,
    /// Published already.
    AlreadyPublished,
    /// Not yet closed, counted and published.
    NotPublished,
    /// The count is under way.
    StillCounting,
    /// Put away.
    Archived,
}

messages::says!(NotAllowed, |refused| match refused {
    NotAllowed::Frozen => say!(election_frozen),
    NotAllowed::RollClosed => say!(election_roll_closed),
    NotAllowed::AlreadyActivated => say!(election_already_activated),
    NotAllowed::NeverActivated => say!(election_never_activated),
    NotAllowed::NotOpenYet => say!(election_not_open_yet),
    NotAllowed::VotingEnded => say!(election_voting_ended),
    NotAllowed::HasHistory => say!(election_has_history),
    NotAllowed::LinksSent => say!(election_links_sent),
    NotAllowed::StillActive => say!(election_still_active),
    NotAllowed::AlreadyOpen => say!(election_already_open),
    NotAllowed::AlreadyPublished => say!(election_already_published),
    NotAllowed::NotPublished => say!(election_not_published),
    NotAllowed::StillCounting => say!(election_still_counting),
    NotAllowed::Archived => say!(election_archived),
});

/// What the life-cycle rules must know of an election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifeCycleState {
    /// Its state.
    pub status: Status,
    /// How far closing has come, once closed.
    pub tally: Option<TallyState>,
    /// Whether the result is public.
    pub published: bool,
}

impl LifeCycleState {
    /// May this be done now?
    pub fn allows(self, action: Action) -> Result<(), NotAllowed> {
        use Action as A;
        use NotAllowed as N;
        use Status as S;
        match (action, self.status) {
            (A::Edit | A::ChangeCandidates, S::Draft) | (A::Activate, S::Draft) => Ok(()),
            (A::ChangeRoll | A::Delete, S::Draft | S::Scheduled) => Ok(()),
            (A::CorrectRoll | A::SendLinks, S::Draft | S::Scheduled | S::Active) => Ok(()),
            (A::AmendRoll | A::Remind | A::Cast | A::Close, S::Active) => Ok(()),
            (A::Open, S::Scheduled) | (A::MoveEnd | A::WithdrawCandidate, S::Scheduled | S::Active) => Ok(()),
            (A::Edit | A::ChangeCandidates, _) => Err(N::Frozen),
            (A::ChangeRoll, _) => Err(N::RollClosed),
            (A::Activate, _) => Err(N::AlreadyActivated),
            (A::Open, S::Active) => Err(N::AlreadyOpen),
            (A::Close | A::Open | A::MoveEnd | A::WithdrawCandidate, S::Draft) => Err(N::NeverActivated),
            (A::Close, S::Scheduled) | (A::AmendRoll | A::Remind | A::Cast, S::Draft | S::Scheduled) => Err(N::NotOpenYet),
            (A::AmendRoll | A::CorrectRoll | A::Open | A::MoveEnd | A::SendLinks, _) => Err(N::VotingEnded),
            (A::Remind | A::Cast | A::Close | A::WithdrawCandidate, _) => Err(N::VotingEnded),
            (A::PublishResults, S::Draft | S::Scheduled) => Err(N::NeverActivated),
            (A::PublishResults, S::Active) => Err(N::StillActive),
            (A::PublishResults, _) if self.published => Err(N::AlreadyPublished),
            // An archived election was counted, or it would not be archived.
            (A::PublishResults, S::Archived) => Ok(()),
            (A::PublishResults, S::Closed) if self.tally == Some(TallyState::Opened) => Ok(()),
            (A::PublishResults, S::Closed) => Err(N::StillCounting),
            (A::Delete, _) => Err(N::HasHistory),
            (A::ReadResult | A::SendResults, S::Closed | S::Archived) if self.published => Ok(()),
            (A::ReadResult | A::SendResults, _) => Err(N::NotPublished),
            (A::Archive, S::Closed) if self.tally == Some(TallyState::Opened) => Ok(()),
            (A::Archive, S::Closed) => Err(N::StillCounting),
            (A::Archive, S::Active) => Err(N::StillActive),
            (A::Archive, S::Archived) => Err(N::Archived),
            (A::Archive, S::Draft | S::Scheduled) => Err(N::NeverActivated),
        }
    }
}

/// A contest as activation looks at it.
#[derive(Debug, Clone, Copy)]
pub struct ContestCheck<'a> {
    /// The question.
    pub title: &'a str,
    /// How many stand.
    pub candidates: u64,
    /// The fewest marks of a ballot that is not blank.
    pub min: u32,
}

/// When voting begins after an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// At once.
    Now,
    /// By itself at this time.
    At(DateTime<Utc>),
}

/// Why voting cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivateRefused {
    /// Not in this state.
    NotAllowed(NotAllowed),
    /// Nothing to vote on.
    NoContest,
    /// A vote with one candidate is no choice.
    TooFewCandidates(String),
    /// No ballot with marks could be valid.
    TooFewForMarks {
        /// The question.
        title: String,
        /// The fewest marks.
        min: u32,
        /// How many stand.
        candidates: u64,
    },
    /// Nobody could vote, and whoever is added later needs a public reason.
    EmptyRoll,
    /// Everybody would be too late.
    ClosesInThePast,
    /// Voting would be over at once, and the settings are frozen.
    EndPassed,
}

messages::says!(ActivateRefused, |refused| match refused {
    ActivateRefused::NotAllowed(rule) => rule.message(),
    ActivateRefused::NoContest => say!(election_needs_contest),
    ActivateRefused::TooFewCandidates(title) => say!(election_needs_candidates, contest = title),
    ActivateRefused::TooFewForMarks { title, min, candidates } => {
        say!(election_too_few_for_marks, contest = title, least = *min, candidates = *candidates)
    }
    ActivateRefused::EmptyRoll => say!(election_roll_empty),
    ActivateRefused::ClosesInThePast => say!(election_closes_in_the_past),
    ActivateRefused::EndPassed => say!(election_end_passed),
});

impl From<NotAllowed> for ActivateRefused {
    fn from(rule: NotAllowed) -> Self {
        Self::NotAllowed(rule)
    }
}

/// Checks all that voting needs before the rules are fixed, and says when it begins. Refused with everything that stops it, in the order
/// in which it is mended. An empty roll stops it only where voting would begin at once: until a later opening there is time to import it,
/// and [`may_open`] asks again.
pub fn may_activate(
    life_cycle_state: LifeCycleState,
    contests: &[ContestCheck<'_>],
    roll_is_empty: bool,
    (opens_at, closes_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<Opening, Vec<ActivateRefused>> {
    if let Err(rule) = life_cycle_state.allows(Action::Activate) {
        return Err(vec![rule.into()]);
    }
    let begins = opens_at.filter(|at| *at > now).map_or(Opening::Now, Opening::At);
    let mut stops = Vec::new();
    if contests.is_empty() {
        stops.push(ActivateRefused::NoContest);
    }
    for ContestCheck { title, candidates, min } in contests.iter().copied() {
        if candidates < 2 {
            stops.push(ActivateRefused::TooFewCandidates(title.to_owned()));
        } else if candidates < u64::from(min) {
            stops.push(ActivateRefused::TooFewForMarks { title: title.to_owned(), min, candidates });
        }
    }
    if closes_at.is_some_and(|at| at <= now) {
        stops.push(ActivateRefused::ClosesInThePast);
    }
    if roll_is_empty && begins == Opening::Now {
        stops.push(ActivateRefused::EmptyRoll);
    }
    if stops.is_empty() { Ok(begins) } else { Err(stops) }
}

/// May the voting of a scheduled election be opened? Not when its end has passed: it would close at once, without a ballot.
pub fn may_open(
    life_cycle_state: LifeCycleState,
    roll_is_empty: bool,
    closes_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), ActivateRefused> {
    life_cycle_state.allows(Action::Open)?;
    if closes_at.is_some_and(|at| at <= now) {
        return Err(ActivateRefused::EndPassed);
    }
    if roll_is_empty { Err(ActivateRefused::EmptyRoll) } else { Ok(()) }
}

/// May the election be deleted? A draft always; a scheduled one while nobody was sent a link.
pub fn may_delete(life_cycle_state: LifeCycleState, links_sent: bool) -> Result<(), NotAllowed> {
    life_cycle_state.allows(Action::Delete)?;
    if life_cycle_state.status == Status::Scheduled && links_sent { Err(NotAllowed::LinksSent) } else { Ok(()) }
}

/// Why the end of voting cannot be moved there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveEndRefused {
    /// Not in this state.
    NotAllowed(NotAllowed),
    /// Any end is earlier than none.
    NoEnd,
    /// An earlier end would take the vote from people who were told a later one.
    NotLater,
    /// It is over.
    InThePast,
}

messages::says!(MoveEndRefused, |refused| match refused {
    MoveEndRefused::NotAllowed(rule) => rule.message(),
    MoveEndRefused::NoEnd => say!(end_not_set),
    MoveEndRefused::NotLater => say!(end_not_later),
    MoveEndRefused::InThePast => say!(end_in_the_past),
});

impl From<NotAllowed> for MoveEndRefused {
    fn from(rule: NotAllowed) -> Self {
        Self::NotAllowed(rule)
    }
}

/// May the end of voting be moved to `to`? Later only, and not once voting has ended. Of an election that is still scheduled the end
/// may have passed: it did not open, so nothing has ended.
pub fn may_move_end(
    life_cycle_state: LifeCycleState,
    closes_at: Option<DateTime<Utc>>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), MoveEndRefused> {
    life_cycle_state.allows(Action::MoveEnd)?;
    let closes_at = closes_at.ok_or(MoveEndRefused::NoEnd)?;
    if closes_at <= now && life_cycle_state.status != Status::Scheduled {
        return Err(NotAllowed::VotingEnded.into());
    }
    if to <= now {
        return Err(MoveEndRefused::InThePast);
    }
    if to <= closes_at { Err(MoveEndRefused::NotLater) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn life_cycle_state(status: Status) -> LifeCycleState {
        LifeCycleState { status, tally: None, published: false }
    }

    /// Every state with every action. `docs/state-machines.md` includes this table.
    #[test]
    fn the_table_of_states_and_actions() {
        let states = [
            ("draft", life_cycle_state(Status::Draft)),
            ("scheduled", life_cycle_state(Status::Scheduled)),
            ("active", life_cycle_state(Status::Active)),
            ("closed, counting", LifeCycleState { tally: Some(TallyState::Opening), ..life_cycle_state(Status::Closed) }),
            ("closed, failed", LifeCycleState { tally: Some(TallyState::Failed), ..life_cycle_state(Status::Closed) }),
            ("closed, opened", LifeCycleState { tally: Some(TallyState::Opened), ..life_cycle_state(Status::Closed) }),
            (
                "closed, published",
                LifeCycleState { tally: Some(TallyState::Opened), published: true, ..life_cycle_state(Status::Closed) },
            ),
            (
                "archived",
                LifeCycleState { tally: Some(TallyState::Opened), published: true, ..life_cycle_state(Status::Archived) },
            ),
        ];
        let mut table = String::from("| action |");
        states.iter().for_each(|(name, _)| table += &format!(" {name} |"));
        table += "\n| --- |";
        states.iter().for_each(|_| table += " --- |");
        for action in ACTIONS {
            table += &format!("\n| {action:?} |");
            for (_, state) in &states {
                table += &match state.allows(action) {
                    Ok(()) => " yes |".to_owned(),
                    Err(why) => format!(" {why:?} |"),
                };
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn activation_names_the_rule_that_is_broken() {
        let draft = life_cycle_state(Status::Draft);
        let now = DateTime::UNIX_EPOCH;
        let president = ContestCheck { title: "President", candidates: 2, min: 1 };
        let first = |stops: Vec<ActivateRefused>| stops.into_iter().next().unwrap();
        let check = |contests: &[ContestCheck<'_>], closes: Option<i64>| {
            may_activate(draft, contests, false, (None, closes.map(|hours| now + Duration::hours(hours))), now).map_err(first)
        };
        assert_eq!(check(&[president], Some(1)), Ok(Opening::Now));
        assert_eq!(check(&[], None), Err(ActivateRefused::NoContest));
        let lonely = ContestCheck { candidates: 1, ..president };
        let refused = check(&[president, lonely], None).unwrap_err();
        assert_eq!(refused.to_string(), "The election needs at least 2 candidates in 'President'");
        let board = ContestCheck { title: "Board", candidates: 2, min: 3 };
        let refused = check(&[president, board], None).unwrap_err();
        assert_eq!(refused.to_string(), "'Board' asks for at least 3 marks and has only 2 candidates");
        assert_eq!(check(&[president], Some(0)), Err(ActivateRefused::ClosesInThePast));
        let all = may_activate(draft, &[lonely, board], true, (None, Some(now)), now).unwrap_err();
        assert_eq!(all.len(), 4, "everything at once: {all:?}");
        let at = now + Duration::hours(1);
        let begins = |empty, opens_at| may_activate(draft, &[president], empty, (Some(opens_at), None), now).map_err(first);
        assert_eq!((begins(false, at), begins(false, now)), (Ok(Opening::At(at)), Ok(Opening::Now)));
        assert_eq!((begins(true, at), begins(true, now)), (Ok(Opening::At(at)), Err(ActivateRefused::EmptyRoll)));
        let open =
            |status, empty, closes: i64| may_open(life_cycle_state(status), empty, Some(now + Duration::hours(closes)), now);
        assert_eq!(open(Status::Scheduled, false, 1), Ok(()));
        assert_eq!(open(Status::Scheduled, true, 1), Err(ActivateRefused::EmptyRoll));
        assert_eq!(open(Status::Scheduled, false, 0), Err(ActivateRefused::EndPassed));
        assert_eq!(may_open(life_cycle_state(Status::Scheduled), false, None, now), Ok(()));
        assert_eq!(open(Status::Draft, true, 1), Err(ActivateRefused::NotAllowed(NotAllowed::NeverActivated)));
        let again = may_activate(life_cycle_state(Status::Active), &[president], false, (None, None), now).map_err(first);
        assert_eq!(again, Err(ActivateRefused::NotAllowed(NotAllowed::AlreadyActivated)));
    }

    #[test]
    fn the_end_moves_later_only_and_not_once_it_has_come() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + Duration::hours(hour);
        let moved = |closes: Option<i64>, to: i64| may_move_end(life_cycle_state(Status::Active), closes.map(at), at(to), at(5));
        assert_eq!(moved(Some(8), 9), Ok(()));
        assert_eq!(moved(Some(8), 8), Err(MoveEndRefused::NotLater));
        assert_eq!(moved(Some(8), 7), Err(MoveEndRefused::NotLater));
        assert_eq!(moved(Some(8), 5), Err(MoveEndRefused::InThePast));
        assert_eq!(moved(Some(5), 9), Err(NotAllowed::VotingEnded.into()));
        assert_eq!(moved(None, 9), Err(MoveEndRefused::NoEnd));
        let scheduled = |to: i64| may_move_end(life_cycle_state(Status::Scheduled), Some(at(3)), at(to), at(5));
        assert_eq!((scheduled(9), scheduled(5)), (Ok(()), Err(MoveEndRefused::InThePast)));
        assert_eq!(may_move_end(life_cycle_state(Status::Draft), None, at(9), at(5)), Err(NotAllowed::NeverActivated.into()));
    }

    #[test]
    fn a_scheduled_election_is_deleted_only_while_nobody_was_sent_a_link() {
        let delete = |status, links| may_delete(life_cycle_state(status), links);
        assert_eq!((delete(Status::Draft, true), delete(Status::Scheduled, false)), (Ok(()), Ok(())));
        assert_eq!(delete(Status::Scheduled, true), Err(NotAllowed::LinksSent));
        assert_eq!(delete(Status::Active, false), Err(NotAllowed::HasHistory));
    }
}

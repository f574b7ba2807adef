//! What a count is told by, as sentences of the catalogue: who is elected and why, and what each round decided. The page of a result
//! and the terminal of `uvote count` say the same.

use counting::{
    CandidateId, LockLine, Motion, MotionOutcome, QuorumOutcome, Report, RequiredShare, Rule, ShareOf, Step, TieBroken, TieOver,
    TieReport, VacantBecause, Verdict, WonPair,
};
use messages::{Message, say};

/// The names of a contest's candidates, as they are shown.
pub trait Names {
    /// Lists of more are shortened, where a list may be ([`Names::some`]).
    const MOST: usize = usize::MAX;

    /// The name of a candidate; `?` for a number that is none.
    fn of(&self, id: CandidateId) -> &str;

    /// All names, with commas between them.
    fn list(&self, ids: &[CandidateId]) -> String {
        ids.iter().map(|id| self.of(*id)).collect::<Vec<_>>().join(", ")
    }

    /// At the most [`Names::MOST`] of them, and how many more there are.
    fn some(&self, ids: &[CandidateId]) -> Message {
        match ids.split_at_checked(Self::MOST) {
            Some((first, rest @ [_, _, ..])) => say!(story_and_others, names = self.list(first), more = rest.len()),
            _ => say!(story_names, names = self.list(ids)),
        }
    }
}

/// What came out of a contest. `drawn` is said where lots decided.
pub fn outcome(rule: &Rule, report: &Report, names: &impl Names, drawn: Option<Message>) -> Vec<Message> {
    let mut said = Vec::new();
    if let Some(QuorumOutcome { met, ballots, roll, needed }) = report.quorum {
        said.push(match met {
            true => say!(story_quorum_met, ballots = ballots, roll = roll, needed = needed),
            false => say!(story_quorum_not_met, ballots = ballots, roll = roll, needed = needed),
        });
    }
    if let Rule::Motion(motion) = rule {
        said.extend(motion_outcome(motion, report));
        return said;
    }
    match report.verdict {
        Verdict::Complete | Verdict::Tied => {}
        Verdict::NotQuorate => said.push(say!(story_not_quorate)),
        Verdict::MajorityNotReached => {
            let required = rule.terms().required_majority.map(needed_share);
            said.extend(required.map(|required| say!(story_majority_not_reached, required = required)));
        }
        Verdict::NoValidBallots => said.push(say!(story_no_valid_ballots)),
    }
    if !report.elected.is_empty() {
        said.push(say!(story_elected, names = names.list(&report.elected)));
    } else if report.verdict == Verdict::Complete {
        said.push(say!(story_nobody_elected));
    }
    if let Some(tied) = &report.tied {
        said.push(say!(story_tied, names = names.some(&tied.candidates), seats = tied.seats));
    }
    if !report.lots.is_empty() && report.verdict != Verdict::MajorityNotReached {
        said.extend(drawn);
    }
    if report.vacant > 0 {
        said.push(say!(story_vacant, vacant = report.vacant, seats = rule.seats()));
    }
    said.extend(report.vacant_because.iter().map(|reason| match reason {
        VacantBecause::TooFewCandidates => say!(story_vacant_too_few),
        VacantBecause::NoneOfTheAbove => say!(story_vacant_none_of_the_above),
        VacantBecause::NoSupport => say!(story_vacant_no_support, names = names.some(&report.unsupported)),
    }));
    if report.without_effect > 0 {
        said.push(say!(story_without_effect, ballots = report.without_effect));
    }
    said
}

/// A share that is needed, in words: "at least 2/3".
#[must_use]
pub fn needed_share(share: RequiredShare) -> Message {
    match share {
        RequiredShare::MoreThan(share) => say!(share_more_than, share = share.to_string()),
        RequiredShare::AtLeast(share) => say!(share_at_least, share = share.to_string()),
    }
}

/// Whether a motion is passed, and what it needs.
fn motion_outcome(motion: &Motion, report: &Report) -> Vec<Message> {
    let Some(MotionOutcome { passed, yes, no, abstain, needed, of }) = report.motion else {
        return vec![say!(story_motion_not_quorate)];
    };
    let decided = match passed {
        true => say!(story_motion_passed, yes = yes, no = no, abstain = abstain, needed = needed),
        false => say!(story_motion_not_passed, yes = yes, no = no, abstain = abstain, needed = needed),
    };
    let needs = motion.passes.threshold().map(|(share, base)| {
        let share = needed_share(share);
        match base {
            ShareOf::Votes => say!(story_motion_share_of_votes, share = share, needed = needed, of = of),
            ShareOf::Ballots => say!(story_motion_share_of_ballots, share = share, needed = needed, of = of),
            ShareOf::Roll => say!(story_motion_share_of_roll, share = share, needed = needed, of = of),
        }
    });
    std::iter::once(decided).chain(needs).collect()
}

/// What a round decided: who keeps a part of each vote (Meek), who is elected and eliminated, and which votes move.
pub fn decisions(step: &Step, names: &impl Names) -> Vec<Message> {
    let mut said = Vec::new();
    // Of those who do not keep all of a vote any more.
    let parts =
        step.keep_factors.iter().filter(|line| line.factor.starts_with("0.") && line.factor.bytes().any(|digit| digit > b'0'));
    let kept: Vec<String> = parts.map(|line| format!("{} {}", names.of(line.candidate), line.factor)).collect();
    if !kept.is_empty() {
        said.push(say!(story_kept, factors = kept.join(", ")));
    }
    let mut add = |ids: &[CandidateId], sentence: fn(String) -> Message| {
        if !ids.is_empty() {
            said.push(sentence(names.list(ids)));
        }
    };
    add(&step.elected, |names| say!(story_elected, names = names));
    add(&step.eliminated, |names| say!(story_eliminated, names = names));
    add(&step.surplus_of, |names| say!(story_surplus_moves, names = names));
    said.extend(step.transfers.iter().map(|moved| {
        let (votes, from) = (moved.votes.clone(), names.of(moved.from));
        match moved.to {
            Some(to) => say!(story_transfer, votes = votes, from = from, to = names.of(to)),
            None => say!(story_transfer_to_nobody, votes = votes, from = from),
        }
    }));
    said
}

/// Whether a comparison of two candidates counts (ranked pairs).
pub fn lock(lock: &LockLine, names: &impl Names) -> Message {
    let (winner, loser, votes, against) = (names.of(lock.winner), names.of(lock.loser), lock.votes, lock.against);
    match lock.locked {
        true => say!(story_locked, winner = winner, loser = loser, votes = votes, against = against),
        false => say!(story_passed_over, winner = winner, loser = loser, votes = votes, against = against),
    }
}

/// The tied in the order of their lots, if lots decided.
pub fn lots(report: &Report, tie: &TieReport) -> impl Iterator<Item = CandidateId> {
    let decided = tie.by == TieBroken::Lot;
    report.lots.iter().map(|drawn| drawn.candidate).filter(move |id| decided && tie.between.contains(id))
}

/// A tie: over what, between whom, and what decided it.
pub fn tie<N: Names>(tie: &TieReport, report: &Report, names: &N) -> Message {
    let over = match tie.over {
        TieOver::Seat => say!(tie_over_seat),
        TieOver::Elimination => say!(tie_over_elimination),
        TieOver::Surplus => say!(tie_over_surplus),
        TieOver::RunOffPlace => say!(tie_over_run_off_place),
        TieOver::Pair => say!(tie_over_pair),
    };
    let by = match tie.by {
        TieBroken::EarlierRound { round } => say!(tie_broken_by_round, round = round),
        TieBroken::HeadToHead => say!(tie_broken_head_to_head),
        TieBroken::HigherTotal => say!(tie_broken_by_total),
        TieBroken::MostTopScores => say!(tie_broken_by_top_scores),
        TieBroken::Lot => say!(tie_broken_by_lot, order = names.some(&lots(report, tie).collect::<Vec<_>>())),
        TieBroken::NoneOfTheAbove => say!(tie_broken_by_none_of_the_above),
        TieBroken::SameEitherWay => say!(tie_makes_no_difference),
        TieBroken::Declared => say!(tie_not_broken),
    };
    let won = |pair: &WonPair| say!(story_comparison, winner = names.of(pair.winner), loser = names.of(pair.loser)).to_string();
    let between = match tie.pairs.as_slice() {
        pairs if pairs.is_empty() || pairs.len() > N::MOST => names.some(&tie.between),
        pairs => say!(story_names, names = pairs.iter().map(won).collect::<Vec<_>>().join(", ")),
    };
    match tie.chosen.as_slice() {
        [] => say!(story_tie, over = over, between = between, by = by),
        chosen => say!(story_tie_decided, over = over, between = between, by = by, chosen = names.list(chosen)),
    }
}

//! From ballots to the report: equal ballots are grouped, faulty ones set aside with their reason, and the method counts the rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ballots::{Ballot, InvalidBallots, InvalidReason, Limits, Ranking};
use crate::contest::{Contest, CountRefused, Field, Lots, Standing};
use crate::ranking::{MOST_IN_A_RANKING, ranks};
use crate::report::{
    CandidateLine, Drawn, OpenTie, QuorumOutcome, Report, Status, Step, TallyLine, TieBroken, VacantBecause, Verdict,
};
use crate::rule::{Family, MethodReport, Rule};
use crate::terms::{RequiredShare, Terms, Ties, Unsupported};

/// Equal ballots.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) content: Box<[u16]>,
    pub(crate) times: u64,
}

/// What a method counts: valid ballots that say something.
#[derive(Debug)]
pub(crate) struct CountInput {
    pub(crate) field: Field,
    pub(crate) groups: Vec<Group>,
    /// All ballots: valid, blank and invalid.
    pub(crate) ballots: u64,
    /// The valid ones.
    pub(crate) valid: u64,
    pub(crate) roll: Option<u64>,
    pub(crate) is_motion: bool,
}

/// A count to which ballots are added. Its memory follows the number of different ballots, not of ballots.
#[derive(Debug, Clone)]
pub struct Tabulation {
    rule: Rule,
    terms: Terms,
    limits: Limits,
    field: Field,
    roll: Option<u64>,
    groups: HashMap<Box<[u16]>, u64>,
    blank: u64,
    unreadable: u64,
    ranking: Ranking,
    order: Vec<(u16, u16)>,
    numbers: Vec<u16>,
}

impl Tabulation {
    /// Begins a count without ballots.
    ///
    /// # Errors
    /// [`CountRefused`]: the contest itself is faulty.
    pub fn begin(contest: Contest) -> Result<Self, CountRefused> {
        let Contest { rule, candidates, lots, roll } = contest;
        if let Some(fault) = rule.faults().first() {
            return Err(CountRefused::Rule(*fault));
        }
        if candidates.len() >= MOST_IN_A_RANKING {
            return Err(CountRefused::TooManyCandidates);
        }
        let once = [(Standing::WriteIns, "undeclared write-ins"), (Standing::NoneOfTheAbove, "\"none of the above\"")];
        for (standing, words) in once {
            if candidates.iter().filter(|candidate| candidate.standing == standing).count() > 1 {
                return Err(CountRefused::StandingTwice(words));
            }
        }
        candidates.iter().try_for_each(|candidate| rule.takes(candidate.standing))?;
        if rule.family() == Family::Motion && candidates.len() != 3 {
            return Err(CountRefused::NotThreeOptions);
        }
        let terms = rule.terms();
        if terms.ties == Ties::Lot && lots == Lots::None {
            return Err(CountRefused::NoLots);
        }
        if terms.quorum.is_some() && roll.is_none() {
            return Err(CountRefused::RollUnknown);
        }
        let (field, limits) = (Field::new(&candidates, &lots)?, rule.limits(candidates.len()));
        let (groups, ranking, order, numbers) = (HashMap::new(), Ranking::new(), Vec::new(), Vec::new());
        Ok(Self { rule, terms, limits, field, roll, groups, blank: 0, unreadable: 0, ranking, order, numbers })
    }

    /// Adds equal ballots, `times` of them. A faulty ballot is no error: it is counted as invalid, with its reason.
    ///
    /// # Errors
    /// [`CountRefused::WrongBallot`] for a ballot of another family or length.
    pub fn add(&mut self, ballot: Ballot<'_>, times: u64) -> Result<(), CountRefused> {
        let is_ranked = matches!(self.limits, Limits::Ranks { .. });
        let content: &[u16] = match ballot {
            Ballot::Numbers(numbers) if numbers.len() != self.field.len() => return Err(CountRefused::WrongBallot),
            Ballot::Numbers(numbers) if is_ranked => {
                self.ranking.fill_from_ranks(numbers, &mut self.order);
                self.ranking.tokens()
            }
            Ballot::Numbers(numbers) => numbers,
            Ballot::Ranking(ranking) if ranks(ranking.tokens()).any(|rank| rank.candidates().any(|c| c >= self.field.len())) => {
                return Err(CountRefused::WrongBallot);
            }
            Ballot::Ranking(ranking) if is_ranked => ranking.tokens(),
            Ballot::Ranking(ranking) => {
                first_choice(&mut self.numbers, ranking, &self.field, self.limits)?;
                // A ballot that names only withdrawn candidates is not blank, though it counts for nobody.
                if !ranking.tokens().is_empty() && self.numbers.iter().all(|number| *number == 0) {
                    self.numbers.fill(0);
                    mark_withdrawn(&mut self.numbers, ranking);
                }
                &self.numbers
            }
        };
        let nothing = if is_ranked { content.is_empty() } else { content.iter().all(|number| *number == 0) };
        let number = if nothing {
            &mut self.blank
        } else if let Some(number) = self.groups.get_mut(content) {
            number
        } else {
            self.groups.entry(content.into()).or_insert(0)
        };
        *number = number.checked_add(times).ok_or(CountRefused::NumberTooLarge)?;
        Ok(())
    }

    /// Adds ballots that could not be opened or read. They are invalid, and they count for the quorum.
    ///
    /// # Errors
    /// [`CountRefused::NumberTooLarge`].
    pub fn add_unreadable(&mut self, times: u64) -> Result<(), CountRefused> {
        self.unreadable = self.unreadable.checked_add(times).ok_or(CountRefused::NumberTooLarge)?;
        Ok(())
    }

    /// Ends the count and gives its report.
    ///
    /// # Errors
    /// [`CountRefused`]: a number left its range, or the roll is not known.
    pub fn finish(self) -> Result<Report, CountRefused> {
        let Self { rule, terms, limits, mut field, roll, groups, blank, unreadable, .. } = self;
        let mut invalid: BTreeMap<InvalidReason, u64> = BTreeMap::new();
        let mut set_aside = |reason, times: u64| {
            let number = invalid.entry(reason).or_insert(0);
            *number = number.checked_add(times).ok_or(CountRefused::NumberTooLarge)?;
            Ok::<_, CountRefused>(())
        };
        if unreadable > 0 {
            set_aside(InvalidReason::Unreadable, unreadable)?;
        }
        if blank > 0 && !terms.blank {
            set_aside(InvalidReason::BlankNotAllowed, blank)?;
        }
        let (mut valid, mut kept) = (0_u64, Vec::with_capacity(groups.len()));
        for (content, times) in groups.into_iter().filter(|(_, times)| *times > 0) {
            match limits.judge(&content) {
                Ok(()) => {
                    valid = valid.checked_add(times).ok_or(CountRefused::NumberTooLarge)?;
                    kept.push(Group { content, times });
                }
                Err(reason) => set_aside(reason, times)?,
            }
        }
        let blank = if terms.blank { blank } else { 0 };
        let total = |sum: u64, times: &u64| sum.checked_add(*times).ok_or(CountRefused::NumberTooLarge);
        let all_invalid = invalid.values().try_fold(0, total)?;
        let ballots = [valid, blank].iter().try_fold(all_invalid, total)?;
        let invalid_ballots = invalid.into_iter().map(|(reason, ballots)| InvalidBallots { reason, ballots }).collect();
        let without_effect = without_effect(limits, &field, &kept);
        let sorted = Sorted { valid, blank, invalid: all_invalid, invalid_ballots, without_effect };
        let quorum = terms.quorum.map(|quorum| quorum_outcome(quorum, roll, ballots)).transpose()?;
        let is_motion = rule.family() == Family::Motion;
        if terms.unsupported == Unsupported::VacantSeat && valid > 0 {
            field.only_supported(&supported(&rule, limits, &field, &kept));
        }
        let input = CountInput { field, groups: kept, ballots, valid, roll, is_motion };
        let verdict = match quorum {
            Some(QuorumOutcome { met: false, .. }) => Verdict::NotQuorate,
            _ if valid == 0 && !is_motion => Verdict::NoValidBallots,
            _ => Verdict::Complete,
        };
        let counted = if verdict == Verdict::Complete { rule.count(&input)? } else { MethodReport::default() };
        Ok(assemble(&terms, &input, sorted, quorum, verdict, counted))
    }
}

/// The first choice of a ranking as marks: two candidates at the first rank are two marks. Whoever withdrew is passed over.
fn first_choice(numbers: &mut Vec<u16>, ranking: &Ranking, field: &Field, limits: Limits) -> Result<(), CountRefused> {
    if !matches!(limits, Limits::Marks { .. }) {
        return Err(CountRefused::WrongBallot);
    }
    numbers.clear();
    numbers.resize(field.len(), 0);
    let stands = |candidate: &usize| field.standing(*candidate) != Standing::Withdrawn;
    let first = ranks(ranking.tokens()).find(|rank| rank.candidates().any(|candidate| stands(&candidate)));
    for candidate in first.into_iter().flat_map(crate::ranking::Rank::candidates) {
        if let Some(number) = numbers.get_mut(candidate) {
            *number = 1;
        }
    }
    Ok(())
}

fn mark_withdrawn(numbers: &mut [u16], ranking: &Ranking) {
    if let Some(candidate) = ranks(ranking.tokens()).next().and_then(|rank| rank.candidates().next())
        && let Some(number) = numbers.get_mut(candidate)
    {
        *number = 1;
    }
}

fn quorum_outcome(quorum: RequiredShare, roll: Option<u64>, ballots: u64) -> Result<QuorumOutcome, CountRefused> {
    let roll = roll.ok_or(CountRefused::RollUnknown)?;
    let needed = u64::try_from(quorum.fewest(roll)).map_err(|_| CountRefused::NumberTooLarge)?;
    Ok(QuorumOutcome { roll, needed, ballots, met: ballots >= needed })
}

struct Sorted {
    valid: u64,
    blank: u64,
    invalid: u64,
    invalid_ballots: Vec<InvalidBallots>,
    without_effect: u64,
}

fn assemble(
    terms: &Terms,
    input: &CountInput,
    sorted: Sorted,
    quorum: Option<QuorumOutcome>,
    verdict: Verdict,
    counted: MethodReport,
) -> Report {
    let field = &input.field;
    let Sorted { valid, blank, invalid, invalid_ballots, without_effect } = sorted;
    let taken = u32::try_from(counted.elected.len()).unwrap_or(u32::MAX);
    let open = terms.seats.saturating_sub(taken);
    let needed = terms.required_majority.map(|majority| majority.fewest(valid));
    let none_has_won = counted.elected.iter().any(|index| field.standing(*index) == Standing::NoneOfTheAbove);
    let reached = none_has_won || needed.is_none_or(|needed| counted.leader_votes.is_none_or(|votes| votes >= needed));
    let verdict = match verdict {
        Verdict::Complete if !reached => Verdict::MajorityNotReached,
        Verdict::Complete if counted.tied.is_some() => Verdict::Tied,
        verdict => verdict,
    };
    let seated = |index: &&usize| field.standing(**index) != Standing::NoneOfTheAbove && reached;
    let elected: Vec<usize> = counted.elected.iter().filter(seated).copied().collect();
    let tied = counted.tied.filter(|_| reached).map(|(mut candidates, over)| {
        candidates.sort_unstable();
        OpenTie { candidates: field.ids(&candidates), over, seats: open }
    });
    let steps = told(counted.steps, reached);
    let filled = u32::try_from(elected.len()).unwrap_or(u32::MAX);
    let candidates = lines(input, &steps, &elected, tied.as_ref());
    let tied_seats = tied.as_ref().map_or(0, |tied| tied.seats);
    let vacant = if input.is_motion { 0 } else { terms.seats.saturating_sub(filled).saturating_sub(tied_seats) };
    let unsupported: Vec<usize> = (0..field.len()).filter(|index| field.is_unsupported(*index)).collect();
    let able = (0..field.len()).filter(|index| field.standing(*index) == Standing::Stands).count();
    let reasons = [
        (u32::try_from(able).is_ok_and(|able| able < terms.seats), VacantBecause::TooFewCandidates),
        (none_has_won || counted.stopped_by_none, VacantBecause::NoneOfTheAbove),
        (!unsupported.is_empty(), VacantBecause::NoSupport),
    ];
    let is_told = vacant > 0 && matches!(verdict, Verdict::Complete | Verdict::Tied);
    Report {
        valid,
        blank,
        invalid,
        invalid_ballots,
        quorum,
        verdict,
        elected: field.ids(&elected),
        vacant,
        vacant_because: reasons.into_iter().filter(|(holds, _)| *holds && is_told).map(|(_, reason)| reason).collect(),
        unsupported: field.ids(&unsupported),
        without_effect,
        tied,
        candidates,
        ranking: counted.ranking.map(|levels| levels.iter().map(|level| field.ids(level)).collect()),
        pairs: counted.pairs,
        motion: counted.motion,
        lots: drawn(field, &steps),
        steps,
    }
}

/// The steps as the report has them: nobody is told to be elected who misses the required majority, and after the first step only those
/// with votes are listed.
fn told(mut steps: Vec<Step>, reached: bool) -> Vec<Step> {
    let has_votes = |line: &TallyLine| line.votes.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    for step in steps.iter_mut().skip(1) {
        step.tallies.retain(has_votes);
    }
    if !reached {
        steps.iter_mut().for_each(|step| step.elected.clear());
    }
    steps
}

/// The lots of all who were in a tie that lots decided.
fn drawn(field: &Field, steps: &[Step]) -> Vec<Drawn> {
    let ties = steps.iter().flat_map(|step| &step.ties).filter(|tie| tie.by == TieBroken::Lot);
    let tied: BTreeSet<i64> = ties.flat_map(|tie| &tie.between).copied().collect();
    let tied: Vec<usize> = (0..field.len()).filter(|index| tied.contains(&field.id(*index))).collect();
    field.by_lot(&tied).into_iter().map(|index| Drawn { candidate: field.id(index), lot: field.lot(index) }).collect()
}

/// Whom the ballots support, as the rule reads them. Most often the first ballots support everybody, so few are read.
fn supported(rule: &Rule, limits: Limits, field: &Field, groups: &[Group]) -> Vec<bool> {
    let (stands, mut is_supported) = (field.stands(), vec![false; field.len()]);
    let (mut settled, mut seen) = (Vec::new(), vec![0_usize; field.len()]);
    let mut missing = field.len();
    for (number, group) in (1..).zip(groups) {
        let mut support = |index: usize| {
            if let Some(before) = is_supported.get_mut(index)
                && !std::mem::replace(before, true)
            {
                missing = missing.saturating_sub(1);
            }
        };
        match (limits, rule.reading()) {
            (Limits::Ranks { .. }, None) => ranks(&group.content).flat_map(crate::ranking::Rank::candidates).for_each(support),
            (Limits::Ranks { .. }, Some(reading)) => {
                settled.clear();
                reading.settle(&group.content, &stands, &mut settled, (&mut seen, number));
                ranks(&settled).flat_map(crate::ranking::Rank::candidates).for_each(support);
            }
            (limits, _) => {
                // A score s is s + 1: only a score above 0 is support.
                let nothing = if matches!(limits, Limits::Scores { .. }) { 1 } else { 0 };
                let given = group.content.iter().enumerate().filter(|(_, votes)| **votes > nothing);
                given.for_each(|(index, _)| support(index));
            }
        }
        if missing == 0 {
            break;
        }
    }
    is_supported
}

/// The valid ballots that name nobody but candidates who withdrew.
fn without_effect(limits: Limits, field: &Field, groups: &[Group]) -> u64 {
    let is_withdrawn = |index: usize| field.standing(index) == Standing::Withdrawn;
    if !(0..field.len()).any(is_withdrawn) {
        return 0;
    }
    let only_withdrawn = |group: &&Group| match limits {
        Limits::Ranks { .. } => ranks(&group.content).flat_map(crate::ranking::Rank::candidates).all(is_withdrawn),
        _ => group.content.iter().enumerate().filter(|(_, number)| **number > 0).all(|(index, _)| is_withdrawn(index)),
    };
    groups.iter().filter(only_withdrawn).fold(0, |sum, group| sum.saturating_add(group.times))
}

fn lines(input: &CountInput, steps: &[Step], elected: &[usize], tied: Option<&OpenTie>) -> Vec<CandidateLine> {
    let mut first: BTreeMap<i64, String> = BTreeMap::new();
    let mut last: BTreeMap<i64, String> = BTreeMap::new();
    for line in steps.iter().flat_map(|step| &step.tallies) {
        first.entry(line.candidate).or_insert_with(|| line.votes.clone());
        last.insert(line.candidate, line.votes.clone());
    }
    let line = |index: usize| {
        let candidate = input.field.id(index);
        let status = if input.field.standing(index) == Standing::Withdrawn {
            Status::Withdrawn
        } else if elected.contains(&index) {
            Status::Elected
        } else if tied.is_some_and(|tied| tied.candidates.contains(&candidate)) {
            Status::Tied
        } else {
            Status::NotElected
        };
        CandidateLine { candidate, status, first: first.remove(&candidate), last: last.remove(&candidate) }
    };
    (0..input.field.len()).map(line).collect()
}

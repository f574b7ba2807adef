//! What a voter chose, as bytes of one length per election.
//!
//! ```text
//! plaintext = 0x01
//!          || number of contests        u16, big endian
//!          || for each contest, in the order of the manifest:
//!                 contest_id            i64, big endian
//!              || number of marks       u16, big endian
//!              || candidate ids         i64 each, big endian, ascending, none twice
//!          || zeros up to plaintext_len
//! ```
//! Every ballot of an election has the same length, so that its size says nothing. The reader is total, and writing what
//! it read gives the same bytes: there is no second way to write the same choice, hence no room for a hidden mark.

use crate::ids::{CandidateId, ContestId};

/// What was marked in one contest. Empty is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selections {
    /// The contest.
    pub contest: ContestId,
    /// The candidates marked, in ascending order.
    pub candidates: Vec<CandidateId>,
}

/// What a ballot may hold: the contests of the manifest with the most marks of each, in ballot order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BallotStyle {
    contests: Vec<(ContestId, u32)>,
}

/// Why bytes are not a ballot of this election. The names appear in the public record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not the length every ballot of this election has.
    #[error("wrong-length")]
    WrongLength,
    /// The first byte names a version this election does not use.
    #[error("wrong-version")]
    WrongVersion,
    /// Not the contests of this election in their order.
    #[error("wrong-contests")]
    WrongContests,
    /// More marks than the ballot style has room for.
    #[error("too-many-marks")]
    TooManyMarks,
    /// Marks out of order, or one twice.
    #[error("marks-not-ascending")]
    MarksNotAscending,
    /// Something after the last mark.
    #[error("padding-not-zero")]
    PaddingNotZero,
}

const VERSION: u8 = 1;

/// So many bytes of a request that casts are read, by nginx and by the voting service.
const LARGEST_REQUEST: usize = 16 * 1024;
/// Digits of a candidate's or a contest's number at the most: ten thousand million of them.
const DIGITS: usize = 10;

impl BallotStyle {
    /// The paper with these contests, in ballot order, each with the most marks it allows.
    #[must_use]
    pub fn new(contests: Vec<(ContestId, u32)>) -> Self {
        Self { contests }
    }

    /// How many bytes every ballot of the election has: 3, and 10 + 8 per possible mark for each contest.
    #[must_use]
    pub fn plaintext_len(&self) -> usize {
        self.contests.iter().fold(3_usize, |sum, (_, max)| {
            let marks = usize::try_from(*max).unwrap_or(usize::MAX);
            sum.saturating_add(10).saturating_add(marks.saturating_mul(8))
        })
    }

    /// Whether the largest request that casts a ballot of this election is read: with every mark that it allows.
    ///
    /// The largest is the form of the voting page. A mark is `contest-<10 digits>=<10 digits>&`, 30 bytes; a contest has
    /// `contest=<10 digits>&`, 19 bytes; link and key are `token=<43>&key=<64>`, 118 bytes. So 16 kB hold one contest of 541 marks.
    /// The same choice as JSON takes 11 bytes a mark. A sealed ballot has 8 bytes a mark and some 450 around them, which in base64
    /// are 4 bytes for each 3: of 541 marks 6.4 kB.
    #[must_use]
    pub fn fits_a_request(&self) -> bool {
        const MARK: usize = "contest-=&".len() + 2 * DIGITS;
        const CONTEST: usize = "contest=&".len() + DIGITS;
        const AROUND: usize = "token=&key=".len() + 43 + 64;
        let size = self.contests.iter().fold(AROUND, |sum, (_, max)| {
            let marks = usize::try_from(*max).unwrap_or(usize::MAX);
            sum.saturating_add(CONTEST).saturating_add(marks.saturating_mul(MARK))
        });
        size <= LARGEST_REQUEST
    }

    /// Writes choices. `None` when they do not fit the ballot style: other contests, too many marks, marks not ascending.
    #[must_use]
    pub fn write(&self, choices: &[Selections]) -> Option<Vec<u8>> {
        if choices.len() != self.contests.len() {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.plaintext_len());
        bytes.push(VERSION);
        bytes.extend(u16::try_from(choices.len()).ok()?.to_be_bytes());
        for (marks, (contest, max)) in choices.iter().zip(&self.contests) {
            let count = u16::try_from(marks.candidates.len()).ok()?;
            if marks.contest != *contest || u32::from(count) > *max || !ascending(&marks.candidates) {
                return None;
            }
            bytes.extend(contest.get().to_be_bytes());
            bytes.extend(count.to_be_bytes());
            marks.candidates.iter().for_each(|candidate| bytes.extend(candidate.get().to_be_bytes()));
        }
        bytes.resize(self.plaintext_len(), 0);
        Some(bytes)
    }

    /// Reads what [`BallotStyle::write`] writes, and nothing else.
    pub fn read(&self, plaintext: &[u8]) -> Result<Vec<Selections>, Unreadable> {
        if plaintext.len() != self.plaintext_len() {
            return Err(Unreadable::WrongLength);
        }
        let mut rest = Rest(plaintext);
        if rest.take::<1>()? != [VERSION] {
            return Err(Unreadable::WrongVersion);
        }
        if usize::from(u16::from_be_bytes(rest.take()?)) != self.contests.len() {
            return Err(Unreadable::WrongContests);
        }
        let mut choices = Vec::with_capacity(self.contests.len());
        for (contest, max) in &self.contests {
            if i64::from_be_bytes(rest.take()?) != contest.get() {
                return Err(Unreadable::WrongContests);
            }
            let count = u16::from_be_bytes(rest.take()?);
            if u32::from(count) > *max {
                return Err(Unreadable::TooManyMarks);
            }
            let candidates = (0..count)
                .map(|_| rest.take().map(|id| CandidateId::new(i64::from_be_bytes(id))))
                .collect::<Result<Vec<_>, _>>()?;
            if !ascending(&candidates) {
                return Err(Unreadable::MarksNotAscending);
            }
            choices.push(Selections { contest: *contest, candidates });
        }
        if rest.0.iter().any(|byte| *byte != 0) {
            return Err(Unreadable::PaddingNotZero);
        }
        Ok(choices)
    }
}

struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Unreadable::WrongLength)?;
        self.0 = tail;
        Ok(*head)
    }
}

fn ascending(candidates: &[CandidateId]) -> bool {
    candidates.is_sorted_by(|a, b| a < b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ballot_style() -> BallotStyle {
        BallotStyle::new(vec![(ContestId::new(7), 1), (ContestId::new(9), 3)])
    }

    #[test]
    fn a_request_of_16_kb_holds_541_marks_of_one_contest() {
        let ballot_style = |max: &[u32]| BallotStyle::new(max.iter().map(|max| (ContestId::new(1), *max)).collect());
        assert!(ballot_style(&[541]).fits_a_request() && !ballot_style(&[542]).fits_a_request());
        assert!(ballot_style(&[10; 50]).fits_a_request() && !ballot_style(&[11; 50]).fits_a_request());
        assert!(!ballot_style(&[u32::MAX; 3]).fits_a_request(), "no sum runs over");
    }

    #[test]
    fn the_bytes_are_those_of_the_protocol() {
        let ballot_style = BallotStyle::new(vec![(ContestId::new(1), 1)]);
        let choices = [Selections { contest: ContestId::new(1), candidates: vec![CandidateId::new(2)] }];
        let bytes = ballot_style.write(&choices).unwrap();
        assert_eq!(bytes, [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn each_fault_has_its_name() {
        let ballot_style = BallotStyle::new(vec![(ContestId::new(1), 2)]);
        let marks = |ids: &[i64]| Selections {
            contest: ContestId::new(1),
            candidates: ids.iter().copied().map(CandidateId::new).collect(),
        };
        let good = ballot_style.write(&[marks(&[2])]).unwrap();
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            ballot_style.read(&bytes)
        };
        assert_eq!(ballot_style.read(&good[1..]), Err(Unreadable::WrongLength));
        assert_eq!(with(0, 2), Err(Unreadable::WrongVersion));
        assert_eq!(with(2, 2), Err(Unreadable::WrongContests));
        assert_eq!(with(10, 5), Err(Unreadable::WrongContests));
        assert_eq!(with(12, 3), Err(Unreadable::TooManyMarks));
        assert_eq!(with(12, 2), Err(Unreadable::MarksNotAscending));
        assert_eq!(with(28, 1), Err(Unreadable::PaddingNotZero));
        assert_eq!(ballot_style.write(&[marks(&[3, 2])]), None);
        assert_eq!(ballot_style.write(&[marks(&[1, 2, 3])]), None);
        assert_eq!(ballot_style.write(&[]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_has_one_length(one in proptest::option::of(any::<i64>()), three in proptest::collection::btree_set(any::<i64>(), 0..=3)) {
            let choices = vec![
                Selections { contest: ContestId::new(7), candidates: one.into_iter().map(CandidateId::new).collect() },
                Selections { contest: ContestId::new(9), candidates: three.into_iter().map(CandidateId::new).collect() },
            ];
            let bytes = ballot_style().write(&choices).unwrap();
            prop_assert_eq!(bytes.len(), ballot_style().plaintext_len());
            prop_assert_eq!(ballot_style().read(&bytes), Ok(choices));
        }

        #[test]
        fn whatever_is_read_has_just_one_form(noise in proptest::collection::vec(any::<u8>(), 55), at in proptest::collection::vec((0_usize..55, any::<u8>()), 0..4)) {
            let mut almost = ballot_style().write(&[
                Selections { contest: ContestId::new(7), candidates: vec![] },
                Selections { contest: ContestId::new(9), candidates: vec![CandidateId::new(1)] },
            ]).unwrap();
            for (index, byte) in at {
                if let Some(place) = almost.get_mut(index) { *place = byte; }
            }
            for bytes in [noise, almost] {
                if let Ok(choices) = ballot_style().read(&bytes) {
                    prop_assert_eq!(ballot_style().write(&choices), Some(bytes));
                }
            }
        }
    }
}

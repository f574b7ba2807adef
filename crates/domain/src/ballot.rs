//! What a voter chose, as bytes of one length per election.
//!
//! ```text
//! plaintext = 0x02
//!          || for each contest, in the order of the manifest:
//!                 for each candidate, in the order of the manifest:
//!                     u16, big endian
//! ```
//! 0 is nothing said; a mark is 1; a rank is 1 for first; a score s is s + 1; votes are their number. Every ballot of an election has
//! the same length, so that its size says nothing, and every string of that length that begins with 0x02 is exactly one ballot: there is
//! no second way to write the same choice, hence no room for a hidden mark. What the rule forbids is found by the count (ADR 0025).

use counting::{Limits, Rule};

/// What a ballot holds: how many candidates each contest has, in ballot order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BallotStyle {
    candidates: Vec<usize>,
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
}

const VERSION: u8 = 2;

/// The most candidates over all contests of an election.
pub const MOST_CANDIDATES: usize = 2000;
/// The largest request to cast a ballot that nginx and the voting service read, in bytes.
const LARGEST_REQUEST: usize = 16 * 1024;
/// The most digits of a candidate's or a contest's number.
const DIGITS: usize = 10;

impl BallotStyle {
    /// The paper with so many candidates in each contest, in ballot order.
    #[must_use]
    pub const fn new(candidates: Vec<usize>) -> Self {
        Self { candidates }
    }

    /// How many bytes every ballot of the election has: 1, and 2 for each candidate.
    #[must_use]
    pub fn plaintext_len(&self) -> usize {
        let all = self.candidates.iter().fold(0_usize, |sum, candidates| sum.saturating_add(*candidates));
        all.saturating_mul(2).saturating_add(1)
    }

    /// Writes choices. `None` when they are not one number for each candidate.
    #[must_use]
    pub fn write(&self, choices: &[Vec<u16>]) -> Option<Vec<u8>> {
        if !choices.iter().map(Vec::len).eq(self.candidates.iter().copied()) {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.plaintext_len());
        bytes.push(VERSION);
        choices.iter().flatten().for_each(|number| bytes.extend(number.to_be_bytes()));
        Some(bytes)
    }

    /// Reads what [`BallotStyle::write`] writes, and nothing else.
    pub fn read(&self, plaintext: &[u8]) -> Result<Vec<Vec<u16>>, Unreadable> {
        if plaintext.len() != self.plaintext_len() {
            return Err(Unreadable::WrongLength);
        }
        let (version, mut rest) = plaintext.split_first().ok_or(Unreadable::WrongLength)?;
        if *version != VERSION {
            return Err(Unreadable::WrongVersion);
        }
        let mut choices = Vec::with_capacity(self.candidates.len());
        for candidates in &self.candidates {
            let mut numbers = Vec::with_capacity(*candidates);
            for _ in 0..*candidates {
                let (number, after) = rest.split_first_chunk::<2>().ok_or(Unreadable::WrongLength)?;
                numbers.push(u16::from_be_bytes(*number));
                rest = after;
            }
            choices.push(numbers);
        }
        Ok(choices)
    }
}

/// Whether the largest request that casts a ballot of these contests is read. `contests` has each rule with the number of candidates.
///
/// The largest is the form of the voting page. A mark is `contest-<10 digits>=<10 digits>&`, 30 bytes; where every candidate has a number
/// it is `contest-<10 digits>-<10 digits>=<number>&`, 31 bytes and the number; a contest has `contest=<10 digits>&`, 19 bytes, and a
/// box for a blank vote; link and key are `token=<43>&key=<64>`, 118 bytes. So 16 kB hold about 540 marks,
/// or 470 ranked candidates. The
/// same choice as JSON is shorter. A sealed ballot has 2 bytes a candidate and some 420 around them, which in base64 are 4 bytes for each
/// 3: of 2,000 candidates 5.9 kB.
#[must_use]
pub fn fits_a_request<'r>(contests: impl IntoIterator<Item = (&'r Rule, usize)>) -> bool {
    const MARK: usize = "contest-=&".len() + 2 * DIGITS;
    const NUMBER: usize = "contest--=&".len() + 2 * DIGITS;
    const CONTEST: usize = "contest=&contest-=blank&".len() + 2 * DIGITS;
    const AROUND: usize = "token=&key=".len() + 43 + 64;
    let (mut size, mut all) = (AROUND, 0_usize);
    for (rule, candidates) in contests {
        let digits =
            |number: usize| number.checked_ilog10().and_then(|log| usize::try_from(log).ok()).unwrap_or(0).saturating_add(1);
        let (fields, each) = match rule.limits(candidates) {
            Limits::Marks { max, .. } => (usize::try_from(max).unwrap_or(usize::MAX).min(candidates), MARK),
            Limits::Votes { most, .. } => {
                (candidates, NUMBER.saturating_add(digits(usize::try_from(most).unwrap_or(usize::MAX))))
            }
            Limits::Scores { top } => (candidates, NUMBER.saturating_add(digits(usize::from(top)))),
            Limits::Ranks { .. } => (candidates, NUMBER.saturating_add(digits(candidates))),
        };
        all = all.saturating_add(candidates);
        size = size.saturating_add(CONTEST).saturating_add(fields.saturating_mul(each));
    }
    all <= MOST_CANDIDATES && size <= LARGEST_REQUEST
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_request_of_16_kb_holds_so_many_marks_and_ranks() {
        let one = |method: &str, candidates| fits_a_request([(&rule(method), candidates)]);
        let approval = r#"{"method":"approval"}"#;
        assert!(one(approval, 540) && !one(approval, 541));
        let irv = r#"{"method":"irv"}"#;
        assert!(one(irv, 477) && !one(irv, 478));
        let plurality = r#"{"method":"plurality"}"#;
        assert!(one(plurality, MOST_CANDIDATES) && !one(plurality, MOST_CANDIDATES + 1));
        assert!(!one(r#"{"method":"irv"}"#, usize::MAX), "no sum runs over");
        let two = rule(irv);
        assert!(!fits_a_request([(&two, 300), (&two, 300)]), "all contests stand in one request");
    }

    #[test]
    fn the_bytes_are_those_of_the_protocol() {
        let bytes = BallotStyle::new(vec![3, 2]).write(&[vec![0, 1, 0], vec![2, 300]]).unwrap();
        assert_eq!(bytes, [2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 44]);
    }

    #[test]
    fn each_fault_has_its_name() {
        let style = BallotStyle::new(vec![2]);
        assert_eq!(style.read(&[2, 0, 0, 0]), Err(Unreadable::WrongLength));
        assert_eq!(style.read(&[2, 0, 0, 0, 0, 0]), Err(Unreadable::WrongLength));
        assert_eq!(style.read(&[1, 0, 0, 0, 0]), Err(Unreadable::WrongVersion));
        assert_eq!(style.write(&[vec![1]]), None);
        assert_eq!(style.write(&[]), None);
    }

    proptest! {
        #[test]
        fn every_string_of_the_length_is_one_ballot(noise in proptest::collection::vec(any::<u8>(), 10)) {
            let style = BallotStyle::new(vec![1, 4]);
            let bytes: Vec<u8> = std::iter::once(2).chain(noise).collect();
            let read = style.read(&bytes).unwrap();
            prop_assert_eq!(style.write(&read), Some(bytes));
        }

        #[test]
        fn what_is_written_is_read(numbers in proptest::collection::vec(any::<u16>(), 5)) {
            let style = BallotStyle::new(vec![2, 3]);
            let choices = vec![numbers[..2].to_vec(), numbers[2..].to_vec()];
            let bytes = style.write(&choices).unwrap();
            prop_assert_eq!(bytes.len(), style.plaintext_len());
            prop_assert_eq!(style.read(&bytes), Ok(choices));
        }
    }
}

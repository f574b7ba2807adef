//! The ballot paper: two contests, and what each voter marks in them.

use super::api::Api;
use crate::StackError;
use serde_json::{Map, Value, json};

/// One question with its candidates, in ballot order.
struct Question {
    title: &'static str,
    method: &'static str,
    seats: u32,
    candidates: &'static [(&'static str, &'static str)],
}

const PRESIDENT: Question = Question {
    title: "President",
    method: "plurality",
    seats: 1,
    candidates: &[
        ("Alice Johnson", "Experienced leader focused on student welfare"),
        ("Bob Smith", "Passionate about campus sustainability"),
        ("Carol White", "Advocate for improved facilities"),
    ],
};
const BOARD: Question = Question {
    title: "Board",
    method: "approval",
    seats: 3,
    candidates: &[
        ("Dana Brown", "Longer library hours"),
        ("Emil Green", "A fair canteen"),
        ("Fatima Noor", "More rooms for societies"),
        ("Georg Lang", "Bicycles, and where to put them"),
        ("Hana Sato", "A council that answers mail"),
    ],
};
/// How many of a hundred voters approve of each candidate for the board.
const APPROVAL: [usize; 5] = [64, 38, 57, 45, 29];

/// The two contests of one election.
pub(crate) struct DemoElection {
    pub(crate) election: i64,
    president: (i64, Vec<i64>),
    board: (i64, Vec<i64>),
}

/// What `POST /api/elections` is told of the contests.
pub(crate) fn contests() -> Value {
    let told = |question: &Question| json!({"title": question.title, "method": question.method, "seats": question.seats});
    json!([told(&PRESIDENT), told(&BOARD)])
}

impl DemoElection {
    /// Adds the candidates to the contests of a new election.
    pub(crate) async fn fill(api: &Api, created: &Value) -> Result<Self, StackError> {
        let election = super::id(created, "election_id")?;
        let mut filled = Vec::new();
        for (place, question) in [PRESIDENT, BOARD].iter().enumerate() {
            let contest = super::id(&created["contests"][place], "contest_id")?;
            let mut candidates = Vec::new();
            for (name, description) in question.candidates {
                let candidate = json!({"election_id": election, "contest_id": contest, "name": name, "description": description});
                candidates.push(super::id(&api.post("/api/admin/candidates", &candidate).await?, "candidate_id")?);
            }
            filled.push((contest, candidates));
        }
        let (board, president) = (filled.pop().unwrap_or_default(), filled.pop().unwrap_or_default());
        Ok(Self { election, president, board })
    }

    /// What makes one election's votes differ from another's.
    pub(crate) fn seed(&self) -> usize {
        usize::try_from(self.election).unwrap_or(0)
    }

    /// What the voter at this place marks. Every fortieth leaves the first question blank.
    pub(crate) fn marked(&self, place: usize) -> Value {
        let seed = self.seed();
        let president = match (place * 7 + place / 3 + seed * 5) % 20 {
            _ if place % 40 == 13 => None,
            0..=8 => Some(0),
            9..=14 => Some(1),
            _ => Some(2),
        };
        let approves = |candidate: usize| (place * 37 + candidate * 61 + seed * 13) % 100 < APPROVAL[candidate];
        let mut choices = Map::new();
        let (contest, candidates) = &self.president;
        choices.insert(contest.to_string(), president.map_or_else(|| json!([]), |place| json!([candidates[place]])));
        let (contest, candidates) = &self.board;
        let marks: Vec<i64> = (0..candidates.len()).filter(|place| approves(*place)).map(|place| candidates[place]).collect();
        choices.insert(contest.to_string(), json!(marks));
        Value::Object(choices)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(election: i64) -> Self {
        Self { election, president: (1, vec![11, 12, 13]), board: (2, vec![21, 22, 23, 24, 25]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_gets_votes_and_some_ballots_are_blank() {
        for election in 1..20 {
            let demo = DemoElection::for_tests(election);
            let marked: Vec<Value> = (0..251).map(|place| demo.marked(place)).collect();
            let count = |contest: &str, candidate: i64| {
                marked.iter().filter(|choices| choices[contest].as_array().unwrap().contains(&json!(candidate))).count()
            };
            assert!((11..=13).all(|candidate| count("1", candidate) > 30), "election {election}");
            assert!((21..=25).all(|candidate| count("2", candidate) > 30), "election {election}");
            assert!(marked.iter().filter(|choices| choices["1"] == json!([])).count() > 3, "election {election}");
        }
    }
}

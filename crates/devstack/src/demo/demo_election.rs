//! The ballot paper: a president by instant run-off, a board by transferable votes, and a motion; and how each voter votes.

use super::api::Api;
use crate::StackError;
use serde_json::{Map, Value, json};

/// One question with its candidates, in ballot order.
struct Question {
    title: &'static str,
    /// The rule as `POST /api/elections` takes it.
    rule: &'static str,
    candidates: &'static [(&'static str, &'static str)],
}

const PRESIDENT: Question = Question {
    title: "President",
    rule: r#"{"method": "irv"}"#,
    candidates: &[
        ("Alice Johnson", "Experienced leader focused on student welfare"),
        ("Bob Smith", "Passionate about campus sustainability"),
        ("Carol White", "Advocate for improved facilities"),
    ],
};
const BOARD: Question = Question {
    title: "Board",
    rule: r#"{"method": "scottish_stv", "seats": 3}"#,
    candidates: &[
        ("Dana Brown", "Longer library hours"),
        ("Emil Green", "A fair canteen"),
        ("Fatima Noor", "More rooms for societies"),
        ("Georg Lang", "Bicycles, and where to put them"),
        ("Hana Sato", "A council that answers mail"),
    ],
};
/// What is voted on beside.
const MOTION: (&str, &str) = ("Membership fee", "The membership fee is 12 a year from January on.");

/// The contests of one election.
pub(crate) struct DemoElection {
    pub(crate) election: i64,
    president: (i64, Vec<i64>),
    board: (i64, Vec<i64>),
    /// Its options are yes, no and abstain.
    motion: (i64, Vec<i64>),
}

/// What `POST /api/elections` is told of the contests.
pub(crate) fn contests() -> Value {
    let told = |question: &Question| {
        let rule: Value = serde_json::from_str(question.rule).unwrap_or_default();
        json!({"title": question.title, "rule": rule, "ballot_order": "rotated"})
    };
    let (title, text) = MOTION;
    json!([told(&PRESIDENT), told(&BOARD), {"title": title, "text": text, "rule": {"method": "motion"}}])
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
        let motion = super::id(&created["contests"][2], "contest_id")?;
        let all = api.get(&format!("/api/admin/candidates?election_id={election}")).await?;
        let options = all["items"].as_array().into_iter().flatten().filter(|option| option["contest_id"] == motion);
        let options = options.map(|option| super::id(option, "candidate_id")).collect::<Result<_, _>>()?;
        Ok(Self { election, president, board, motion: (motion, options) })
    }

    /// What makes one election's votes differ from another's.
    pub(crate) fn seed(&self) -> usize {
        usize::try_from(self.election).unwrap_or(0)
    }

    /// What the voter at this place chooses. Every fortieth leaves the first question blank.
    pub(crate) fn marked(&self, place: usize) -> Value {
        let seed = self.seed();
        let mixed = |factor: usize, of: usize| (place * factor + place / 3 + seed * 5) % of;
        let mut choices = Map::new();
        let (contest, candidates) = &self.president;
        let first = match mixed(7, 20) {
            0..=7 => 0,
            8..=13 => 1,
            _ => 2,
        };
        // Most have a second choice, some a third.
        let president = if place % 40 == 13 { vec![] } else { ranking(candidates, first, mixed(11, 2) == 1, 1 + mixed(13, 3)) };
        choices.insert(contest.to_string(), json!(president));
        let (contest, candidates) = &self.board;
        let first = match mixed(17, 20) {
            0..=6 => 0,
            7..=10 => 2,
            11..=14 => 3,
            15..=17 => 1,
            _ => 4,
        };
        choices.insert(contest.to_string(), json!(ranking(candidates, first, mixed(19, 2) == 1, 1 + mixed(23, 5))));
        let (contest, options) = &self.motion;
        let option = match mixed(29, 10) {
            0..=5 => 0,
            6..=8 => 1,
            _ => 2,
        };
        choices.insert(contest.to_string(), json!([options[option]]));
        Value::Object(choices)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(election: i64) -> Self {
        let (president, board, motion) = ((1, vec![11, 12, 13]), (2, vec![21, 22, 23, 24, 25]), (3, vec![31, 32, 33]));
        Self { election, president, board, motion }
    }
}

/// So many candidates from one on, round the list in one direction or the other.
fn ranking(candidates: &[i64], first: usize, backwards: bool, ranks: usize) -> Vec<i64> {
    let all = candidates.len();
    let at = |step: usize| if backwards { (first + all - step) % all } else { (first + step) % all };
    (0..ranks.min(all)).map(|step| candidates[at(step)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_gets_votes_and_some_ballots_are_blank() {
        for election in 1..20 {
            let demo = DemoElection::for_tests(election);
            let marked: Vec<Value> = (0..251).map(|place| demo.marked(place)).collect();
            let count =
                |contest: &str, candidate: i64| marked.iter().filter(|choices| choices[contest][0] == json!(candidate)).count();
            assert!((11..=13).all(|candidate| count("1", candidate) > 30), "election {election}");
            assert!((21..=25).all(|candidate| count("2", candidate) > 10), "election {election}");
            assert!((31..=33).all(|candidate| count("3", candidate) > 10), "election {election}");
            assert!(marked.iter().filter(|choices| choices["1"] == json!([])).count() > 3, "election {election}");
        }
    }
}

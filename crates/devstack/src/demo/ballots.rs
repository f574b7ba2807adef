//! Who votes what, who tries what they should not, and how it went.

use super::account::random_hex;
use super::api::Api;
use super::demo_election::DemoElection;
use super::{roll, show};
use crate::StackError;
use crate::layout::Layout;
use futures_util::{StreamExt, TryStreamExt, stream};
use installation::ROLES;
use serde_json::Value;
use std::collections::BTreeMap;

/// Voters at once.
const AT_ONCE: usize = 16;

/// One voter who votes.
struct Ballot {
    token: String,
    /// What is marked, contest by contest.
    choices: Value,
    /// Tries to vote a second time with the same link, for somebody else.
    twice: bool,
    /// Sends the same request again, as a browser does whose answer was lost.
    lost_answer: bool,
}

/// What will happen.
pub(crate) struct Plan {
    ballots: Vec<Ballot>,
    away: usize,
    expired: (String, String),
    dead_link: String,
    /// What those mark who should be refused.
    refused_choices: Value,
}

/// What did happen.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    pub(crate) recorded: u64,
    pub(crate) away: usize,
    pub(crate) same_receipt: u64,
    /// By what was tried: how often, and the status and title of the refusal.
    pub(crate) refused: BTreeMap<&'static str, (u64, String)>,
    /// What should have been refused and was not.
    pub(crate) wrongly_accepted: u64,
    /// One receipt, to look at.
    pub(crate) receipt: Option<String>,
}

impl Plan {
    /// Different for each election, the same whenever it is made for one.
    pub(crate) fn new(demo: &DemoElection, roll::ChangedRoll { voters, links, dead_link }: &roll::ChangedRoll) -> Self {
        let seed = demo.seed();
        let token = |voter: &String| links.get(voter).cloned().unwrap_or_default();
        let (expired, refused_choices) = (Default::default(), demo.marked(0));
        let mut plan = Self { ballots: Vec::new(), away: 0, expired, dead_link: dead_link.clone(), refused_choices };
        for (place, voter) in voters.iter().enumerate() {
            // Whose address was corrected and who came late are to be seen voting.
            let certain = place == roll::WRONG || place + 1 == voters.len();
            if place == 1 {
                plan.expired = (voter.clone(), token(voter));
            } else if (place + seed).is_multiple_of(9) && !certain {
                plan.away += 1;
            } else {
                let (twice, lost_answer) = (place % 20 == 2, place % 25 == 5);
                plan.ballots.push(Ballot { token: token(voter), choices: demo.marked(place), twice, lost_answer });
            }
        }
        plan
    }

    pub(crate) fn expired_voter(&self) -> &str {
        &self.expired.0
    }
}

/// Moves one link's expiry into the past, which only the owner of the database can.
pub(crate) async fn expire(layout: &Layout, election: i64, voter: &str) -> Result<(), StackError> {
    let owner = ROLES[0];
    let password = std::fs::read_to_string(layout.secrets().join(format!("db/{owner}.password")))?;
    let mut database = tokio_postgres::Config::new();
    database.host("127.0.0.1").port(layout.ports.postgres).user(owner).password(password.trim()).dbname("uvote");
    let failed = |error: tokio_postgres::Error| StackError::Refused(format!("expiring a link by SQL: {error}"));
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.map_err(failed)?;
    let driver = tokio::spawn(connection);
    let expire = "UPDATE voting_tokens t SET expires_at = now() - interval '1 minute', runs_to_close = false FROM voters v \
                  WHERE v.voter_id = t.voter_id AND t.election_id = $1 AND lower(v.email) = $2 AND NOT t.revoked";
    let changed = client.execute(expire, &[&election, &voter]).await.map_err(failed)?;
    drop(client);
    let _ = driver.await;
    if changed == 1 { Ok(()) } else { StackError::refused(format!("expiring a link by SQL changed {changed} rows")) }
}

/// Votes through the gateway.
pub(crate) async fn vote(api: &Api, plan: &Plan) -> Result<Cast, StackError> {
    let bar = show::bar("voters vote", plan.ballots.len());
    let each = stream::iter(&plan.ballots).map(|ballot| async {
        let cast = one(api, ballot, &plan.refused_choices).await;
        bar.inc(1);
        cast
    });
    let mut all = Cast { away: plan.away, ..Cast::default() };
    for cast in each.buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await? {
        all.add(cast);
    }
    let forged: String = random_hex(22)?.chars().take(43).collect();
    let dead = [
        ("an expired link", plan.expired.1.as_str()),
        ("the link sent to the wrong address", plan.dead_link.as_str()),
        ("a forged link", forged.as_str()),
    ];
    for (what, token) in dead {
        all.expect_refusal(what, api.cast(token, &plan.refused_choices, None).await)?;
    }
    bar.finish_and_clear();
    show::step(&format!("{} voters voted, {} stayed away", all.recorded, all.away));
    Ok(all)
}

async fn one(api: &Api, ballot: &Ballot, refused_choices: &Value) -> Result<Cast, StackError> {
    let mut cast = Cast::default();
    let key = if ballot.lost_answer { Some(random_hex(32)?) } else { None };
    let answer = api.cast(&ballot.token, &ballot.choices, key.as_deref()).await?;
    cast.recorded = 1;
    cast.receipt = answer["receipt_code"].as_str().map(str::to_owned);
    if key.is_some() {
        let again = api.cast(&ballot.token, &ballot.choices, key.as_deref()).await?;
        cast.same_receipt = u64::from(again["vote_hash"] == answer["vote_hash"]);
    }
    if ballot.twice {
        cast.expect_refusal("a second ballot with the same link", api.cast(&ballot.token, refused_choices, None).await)?;
    }
    Ok(cast)
}

impl Cast {
    /// Counts a refusal; no answer at all is an error of the stack and not one.
    fn expect_refusal(&mut self, what: &'static str, answer: Result<Value, super::api::Refused>) -> Result<(), StackError> {
        match answer {
            Ok(_) => self.wrongly_accepted += 1,
            Err(refused) => {
                let Some(status) = refused.status.filter(|status| (400..500).contains(status)) else {
                    return Err(refused.into());
                };
                let why = format!("{status} {}", refused.title);
                self.refused.entry(what).or_insert((0, why)).0 += 1;
            }
        }
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.recorded += other.recorded;
        self.same_receipt += other.same_receipt;
        self.wrongly_accepted += other.wrongly_accepted;
        for (what, (count, why)) in other.refused {
            self.refused.entry(what).or_insert((0, why)).0 += count;
        }
        self.receipt = self.receipt.take().or(other.receipt);
    }
}

#[cfg(test)]
mod tests {
    use super::super::mails::Links;
    use super::*;

    #[test]
    fn a_plan_has_everybody_once_and_somebody_for_each_misfortune() {
        let voters: Vec<String> = (0..251).map(|n| format!("v{n}@example.com")).collect();
        let links: Links = voters.iter().map(|voter| (voter.clone(), format!("token of {voter}"))).collect();
        let changed = roll::ChangedRoll { voters, links, dead_link: "dead".to_owned() };
        for election in 1..20 {
            let plan = Plan::new(&DemoElection::for_tests(election), &changed);
            assert_eq!(plan.ballots.len() + plan.away + 1, 251);
            assert!(plan.away > 20 && plan.ballots.iter().filter(|ballot| ballot.twice).count() > 5);
            assert!(plan.ballots.iter().filter(|ballot| ballot.lost_answer).count() > 5);
            for certain in [roll::WRONG, 250] {
                let token = format!("token of v{certain}@example.com");
                assert!(plan.ballots.iter().any(|ballot| ballot.token == token), "{token} stays away in election {election}");
            }
        }
    }
}

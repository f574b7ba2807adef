//! What happens to a roll once it stands: an address that was wrong, and a voter who comes late.

use super::api::Api;
use super::mails::{self, Links};
use super::show;
use crate::StackError;
use serde_json::{Value, json};

/// Place in the file of the voter whose address is wrong there.
pub(crate) const WRONG: usize = 7;
const RIGHT_ADDRESS: &str = "right.address@example.com";
const LATE_ADDRESS: &str = "late.voter@example.com";
/// Every voter of the election can read it, so it names nobody.
const REASON: &str = "Enrolled after the roll was made";

/// What came of it.
pub(crate) struct ChangedRoll {
    /// The roll as it is now.
    pub(crate) voters: Vec<String>,
    /// The links as they are now.
    pub(crate) links: Links,
    /// The link that went to the wrong address.
    pub(crate) dead_link: String,
}

/// Corrects the address and adds the late voter while voting is open, and reads both links from their mails.
pub(crate) async fn change(api: &Api, election: i64, voters: &[String], links: Links) -> Result<ChangedRoll, StackError> {
    let before = mails::newest(api).await?;
    let mut changed = ChangedRoll { voters: voters.to_vec(), links, dead_link: String::new() };
    let wrong = &voters[WRONG];
    let voter = number_of(api, election, wrong).await?;
    api.put(&format!("/api/admin/voters/{voter}"), &json!({"email": RIGHT_ADDRESS})).await?;
    changed.dead_link = changed.links.remove(wrong).unwrap_or_default();
    changed.voters[WRONG] = RIGHT_ADDRESS.to_owned();
    let late =
        json!({"election_id": election, "email": LATE_ADDRESS, "first_name": "Lara", "last_name": "Late", "reason": REASON});
    api.post("/api/admin/voters", &late).await?;
    changed.voters.push(LATE_ADDRESS.to_owned());
    // Only to who has none yet: that is the late voter.
    api.post(&format!("/api/admin/elections/{election}/send-voting-links"), &Value::Null).await?;
    let bar = show::bar("two more links arrive", 2);
    changed.links.extend(mails::links(api, before, &[RIGHT_ADDRESS.to_owned(), LATE_ADDRESS.to_owned()], &bar).await?);
    bar.finish_and_clear();
    show::step(&format!("corrected {wrong} to {RIGHT_ADDRESS}: the old link is dead, a new one was mailed"));
    show::step(&format!("added {LATE_ADDRESS} while voting is open; the reason, \"{REASON}\", stands with every ballot"));
    Ok(changed)
}

async fn number_of(api: &Api, election: i64, address: &str) -> Result<i64, StackError> {
    let roll = api.get(&format!("/api/admin/voters?election_id={election}&limit=1000")).await?;
    let voter = roll["items"].as_array().into_iter().flatten().find(|voter| voter["email"] == address);
    voter
        .and_then(|voter| voter["voter_id"].as_i64())
        .ok_or_else(|| StackError::Refused(format!("{address} is not on the roll of election {election}")))
}

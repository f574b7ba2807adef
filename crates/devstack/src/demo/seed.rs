//! Data to begin with: a draft with candidates and voters, as an organiser would have made it through the API.

use super::account;
use super::api::Api;
use super::{id, show};
use crate::StackError;
use crate::layout::Layout;
use serde_json::{Value, json};

/// How much there shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    /// One question, three candidates, three voters.
    Usual,
    /// 200 candidates with names of 100 characters and 10,000 voters, to look at pages that are full.
    Large,
}

struct Seed {
    title: String,
    candidates: Vec<(String, String)>,
    voters: Vec<(String, String, String)>,
}

impl Seed {
    fn usual() -> Self {
        let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        let candidates = [
            ("Alice Johnson", "Experienced leader focused on student welfare"),
            ("Bob Smith", "Passionate about campus sustainability"),
            ("Carol White", "Advocate for improved facilities"),
        ];
        let voter = |(first, last): &(&str, &str)| {
            (format!("{}@example.com", first.to_lowercase()), (*first).to_owned(), (*last).to_owned())
        };
        let voters = [("Alice", "Johnson"), ("Bob", "Smith"), ("Carol", "White")];
        Self {
            title: super::TITLE.to_owned(),
            candidates: candidates.iter().map(owned).collect(),
            voters: voters.iter().map(voter).collect(),
        }
    }

    fn large() -> Self {
        let long =
            |kind: &str, number: u32| format!("{kind} {number} {}", "Longname-".repeat(11)).chars().take(100).collect::<String>();
        let candidate = |number| (long("Candidate", number), "A statement of a few words. ".repeat(10).trim_end().to_owned());
        let voter = |number| (format!("member.{number:05}@example.com"), long("Member", number), "Surname".to_owned());
        Self {
            title: "Everything that fits on a page, and then some more, so that what does not fit is seen".to_owned(),
            candidates: (1..=200).map(candidate).collect(),
            voters: (1..=10_000).map(voter).collect(),
        }
    }
}

/// Makes the data, unless an election of that title is there.
pub(crate) fn run(layout: &Layout, amount: Amount) -> Result<(), StackError> {
    super::in_runtime(make(layout, if amount == Amount::Large { Seed::large() } else { Seed::usual() }))
}

async fn make(layout: &Layout, seed: Seed) -> Result<(), StackError> {
    let mut api = Api::new(layout)?;
    // A page that is there only in local mode.
    if !api.is_there("/styleguide").await {
        return StackError::refused("the stack does not run in local mode: nothing was added");
    }
    let login = account::log_in(layout, &mut api).await?;
    let Seed { title, candidates, voters } = seed;
    let elections = api.get("/api/elections?limit=100").await?;
    let is_there =
        elections["items"].as_array().into_iter().flatten().any(|one| one["title"] == title && one["status"] == "draft");
    if is_there {
        show::step(&format!("\"{title}\" is there already, as a draft"));
    } else {
        let created =
            api.post("/api/elections", &json!({"title": title, "description": "Annual student council election"})).await?;
        let election = id(&created, "election_id")?;
        for (name, description) in &candidates {
            let candidate = json!({"election_id": election, "name": name, "description": description});
            api.post("/api/admin/candidates", &candidate).await?;
        }
        let lines = voters.iter().map(|(email, first, last)| format!("{email},{first},{last}\n"));
        let file = std::iter::once("email,first_name,last_name\n".to_owned()).chain(lines).collect::<String>();
        let imported: Value = api.import(election, file.into_bytes()).await?;
        let (candidates, voters) = (candidates.len(), &imported["imported"]);
        show::step(&format!("made the draft \"{title}\" with {candidates} candidates and {voters} voters"));
    }
    println!("    organisers  {}/admin/login   with {} and the password {}", layout.public_url(), login.email, login.password);
    Ok(())
}
